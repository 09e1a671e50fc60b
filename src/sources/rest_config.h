/* The configuration of a rest_api source, dlt's RESTAPIConfig, read and checked (spec/dlt-sources.md 1.2 to 1.13). Nothing is
 * asked of the network here. All is in the arena of the caller. */
#ifndef WR_REST_CONFIG_H
#define WR_REST_CONFIG_H

#include "sources/rest_auth.h"
#include "sources/rest_paginator.h"
#include "sources/rest_steps.h"

/* A value of the parent's row that a request of the child needs. */
typedef struct wr_rest_binding {
    weir_str name;  /* of the placeholder: `resources.posts.id`, or `id` of a resolved parameter */
    weir_str field; /* a path in the row */
    const wr_jsonpath *path; /* the same */
    struct wr_rest_binding *next;
} wr_rest_binding;

/* What makes one answer be passed over. */
typedef struct wr_rest_action {
    bool ignore; /* other words do nothing, as in dlt */
    bool has_status;
    int64_t status;
    weir_str content; /* a part of the body; empty: any */
    struct wr_rest_action *next;
} wr_rest_action;

typedef struct wr_rest_resource {
    const struct wr_rest_api *api;
    weir_str name;
    const wr_node *config; /* merged with the defaults */
    weir_str method;
    weir_str path; /* a template */
    /* Templates, or NULL. */
    const wr_node *params;
    const wr_node *json;
    const wr_node *data;
    const wr_node *headers;
    const wr_rest_paginator *paginator; /* NULL: detected */
    const wr_rest_auth *auth;           /* NULL: none */
    weir_str selector_text;
    const wr_jsonpath *selector; /* NULL: detected */
    wr_rest_action *actions;
    bool has_actions;
    const wr_node *incremental; /* NULL: none */
    weir_str start_param;
    weir_str end_param;
    weir_str convert;           /* of the incremental's values; empty: they are sent as they are */
    const wr_rest_steps *steps; /* NULL: rows stay as they are */
    const wr_rest_days *days;   /* instead of an endpoint, or NULL */
    weir_str parent;            /* name; empty: none */
    wr_rest_binding *bindings;
    const weir_str *include; /* include_from_parent */
    size_t include_count;
    bool selected;
} wr_rest_resource;

typedef struct wr_rest_api {
    weir_str base_url;
    const wr_node *headers;
    wr_rest_resource *resources; /* in dlt's order: parents before their children */
    size_t resource_count;
} wr_rest_api;

/* Read {client, resources, resource_defaults}. WEIR_CONFIG says what is wrong and where: "resources[2].endpoint: …". */
weir_status wr_rest_config_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                                wr_rest_api **ret) WEIR_MUST_USE;
/* Does a path name one thing by a placeholder in its last segment? */
bool wr_rest_is_single_entity(weir_str path);

/* Keys of the tables, for other readers: lists that end with NULL. */
extern const char *const wr_rest_resource_keys[]; /* without hints */

#endif
