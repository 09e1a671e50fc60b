/* How requests show who asks (spec/dlt-sources.md 2.6). What the configuration of the API does not say is an option of the
 * source: `credentials.token` and so on. */
#ifndef WR_REST_AUTH_H
#define WR_REST_AUTH_H

#include "base/buf.h"
#include "net/http.h"
#include "sources/rest_paginator.h"

typedef enum wr_rest_auth_kind {
    WR_REST_BEARER,
    WR_REST_API_KEY,
    WR_REST_BASIC,
    WR_REST_OAUTH2,
} wr_rest_auth_kind;

typedef enum wr_rest_key_place {
    WR_REST_IN_HEADER,
    WR_REST_IN_QUERY,
    WR_REST_IN_COOKIE
} wr_rest_key_place;

/* One value that auth needs: what was written, or the option that has it. */
typedef struct wr_rest_secret {
    const char *field; /* "token" */
    const char *
        option; /* "credentials.token" when nothing was written, or as `{ option = … }` says; else NULL */
    weir_str text;
} wr_rest_secret;

/* A token that was fetched. Zero is none. */
#define WR_REST_TOKEN_MAX ((size_t)16 << 10)
typedef struct wr_rest_token {
    char text[WR_REST_TOKEN_MAX];
    size_t len;
    weir_time until;
} wr_rest_token;

typedef struct wr_rest_auth {
    wr_rest_auth_kind kind;
    wr_rest_secret first;  /* token, api_key, username, client_id */
    wr_rest_secret second; /* password, client_secret */
    wr_rest_secret url;    /* access_token_url */
    weir_str name;         /* of the header or the parameter */
    wr_rest_key_place place;
    const wr_node *request_data; /* further members of the form that asks for a token; or NULL */
    int64_t expires_in_s;        /* when the answer does not say it */
    wr_rest_token *token; /* OAUTH2: of the run; resources are extracted one after the other */
} wr_rest_auth;

/* Read a name or a table; NULL and null give NULL. */
weir_status wr_rest_auth_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                              const wr_rest_auth **ret) WEIR_MUST_USE;

/* What auth adds to a request. In the arena of the request. */
typedef struct wr_rest_shown {
    wr_http_header header; /* without a name: none */
    weir_str param;        /* "app_id=…", or empty */
    weir_str param_name;
} wr_rest_shown;
/* The value of a secret, wherever it comes from. */
weir_str wr_rest_secret_text(weir_ctx *cx, const wr_rest_secret *secret);
/* `send` asks for a token, over and over as requests do. */
typedef weir_status (*wr_rest_send_form)(weir_ctx *cx, void *self, wr_arena *arena,
                                         const wr_http_request *request, wr_http_response *ret);
weir_status wr_rest_auth_show(weir_ctx *cx, wr_arena *arena, const wr_rest_auth *auth,
                              wr_rest_send_form send, void *self, wr_rest_shown *ret) WEIR_MUST_USE;
/* "the bearer token from environment variable X": for a refusal. */
void wr_rest_auth_explain(weir_ctx *cx, wr_buf *out, const wr_rest_auth *auth);

#endif
