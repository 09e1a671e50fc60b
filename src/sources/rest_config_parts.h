/* What the readers of a rest_api's configuration share: rest_config.c reads the whole, rest_endpoint.c an endpoint. */
#ifndef WR_REST_CONFIG_PARTS_H
#define WR_REST_CONFIG_PARTS_H

#include "sources/rest_config.h"

typedef struct wr_rest_reader {
    weir_ctx *cx;
    wr_arena *arena;
    wr_rest_api *api;
    const wr_rest_auth *auth; /* the client's */
    const wr_rest_paginator *paginator;
    wr_rest_resource *resource; /* at hand */
    wr_node *params;            /* of it, without those that its path takes */
} wr_rest_reader;

/* Are all keys of a table among `known`, or `more` (NULL: none)? Both end with NULL. A key of an endpoint is told to be one. */
weir_status wr_rest_check_keys(weir_ctx *cx, const wr_node *table, const char *what,
                               const char *const *known, const char *const *more) WEIR_MUST_USE;
/* Read `endpoint` of the resource at hand. */
weir_status wr_rest_endpoint_read(wr_rest_reader *r, const wr_node *endpoint) WEIR_MUST_USE;

#endif
