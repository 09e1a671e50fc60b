/* Sends the requests of an API: URL, query, body, headers and auth put together, tried again as dlt does, looked at by the
 * response actions; what is refused is said with all that helps (spec/dlt-sources.md 2.1, 2.7, 2.8). */
#ifndef WR_REST_CLIENT_H
#define WR_REST_CLIENT_H

#include "sources/rest_config.h"

/* `[runtime]` of dlt; zero stands for what is said in brackets. */
typedef struct wr_rest_settings {
    int attempts;       /* in all (5) */
    double factor;      /* of the delays: factor, twice, four times … (1 s) */
    double max_delay_s; /* no delay is longer (300) */
    double timeout_s;   /* of one attempt (60) */
    size_t body_max;    /* of an answer (64 MiB) */
} wr_rest_settings;

/* What a request goes with. */
typedef struct wr_rest_route {
    const wr_rest_settings *settings;
    weir_str base_url;        /* credentials go to its host only */
    const wr_node *headers;   /* of the client */
    const wr_rest_auth *auth; /* NULL: none */
    const wr_rest_action *actions;
} wr_rest_route;

/* Send until there is an answer that counts. *ret_ignored: an action says to pass it over. */
weir_status wr_rest_send(weir_ctx *cx, wr_arena *arena, const wr_rest_route *route,
                         const wr_rest_request *request, wr_http_response *ret, bool *ret_ignored)
    WEIR_MUST_USE;
/* A request for messages: "GET https://…". */
weir_str wr_rest_request_shown(wr_arena *arena, const wr_rest_request *request);

/* JSON as dlt's client sends it: ASCII, with ", " and ": ". */
void wr_rest_put_json(wr_buf *out, const wr_node *value);

#endif
