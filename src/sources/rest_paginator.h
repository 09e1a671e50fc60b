/* Paginators: how the next page is asked for, and when there is none (spec/dlt-sources.md 2.4).
 *
 *     read ──▶ begin ──▶ set ── request, answer ──▶ next ──▶ set ── request, answer ──▶ next …
 *
 * A place is all that a paginator remembers between two pages: a run that died goes on from it. */
#ifndef WR_REST_PAGINATOR_H
#define WR_REST_PAGINATOR_H

#include "format/jsonpath.h"
#include "net/http.h"

typedef enum wr_rest_paging {
    WR_REST_SINGLE_PAGE,
    WR_REST_JSON_LINK,
    WR_REST_HEADER_LINK,
    WR_REST_HEADER_CURSOR,
    WR_REST_CURSOR,
    WR_REST_OFFSET,
    WR_REST_PAGE_NUMBER,
} wr_rest_paging;

/* What is asked, as far as paginators change it. All is in the arena of the request. */
typedef struct wr_rest_request {
    weir_str method;
    weir_str url;    /* without `params` */
    wr_node *params; /* object, or NULL */
    wr_node *json;   /* body: an object; NULL: none */
    const wr_node *data;
    const wr_node *headers;
} wr_rest_request;

/* Settings, read and checked. */
typedef struct wr_rest_paginator {
    wr_rest_paging kind;
    const wr_node *config; /* as it was given */
    int64_t base;          /* PAGE_NUMBER: number of the first page; OFFSET: 0 */
    int64_t first;         /* where to begin */
    int64_t step;          /* PAGE_NUMBER: 1; OFFSET: the limit */
    weir_str param;        /* page, offset, cursor: name of the parameter; empty: none */
    weir_str body_path;    /* or a path into the JSON body */
    weir_str limit_param;
    weir_str limit_body_path;
    const wr_jsonpath
        *path; /* JSON_LINK, CURSOR: of link and cursor; else of the total; NULL: none */
    weir_str path_text;
    weir_str header; /* HEADER_LINK: relation; HEADER_CURSOR: name */
    bool has_maximum;
    int64_t maximum;
    bool stop_after_empty_page;
    const wr_jsonpath *has_more;
    weir_str has_more_text;
} wr_rest_paginator;

/* Read a name or a table; NULL, null and `auto` give NULL: it is to be detected. WEIR_CONFIG says what is wrong. */
weir_status wr_rest_paginator_read(weir_ctx *cx, wr_arena *arena, const wr_node *config,
                                   const wr_rest_paginator **ret) WEIR_MUST_USE;

/* Where a read stands. Texts live in the arena of the last `next`. */
typedef struct wr_rest_place {
    const wr_rest_paginator *paginator;
    bool has_next;
    int64_t number; /* OFFSET, PAGE_NUMBER */
    bool is_number; /* of a cursor: it is sent as a number in a body */
    weir_str text;  /* link or cursor; empty: none, or the first page */
} wr_rest_place;

/* In front of the first page. */
wr_rest_place wr_rest_place_first(const wr_rest_paginator *paginator);
/* Write the place into the request that begins as configured. */
void wr_rest_place_set(wr_arena *arena, const wr_rest_place *place, wr_rest_request *request);
/* Go on behind an answer; `count`: rows of its page. The texts are put into `arena`. WEIR_REJECTED when the answer does not
 * have what the paginator needs, WEIR_REJECTED too when it would ask for the same page again. */
weir_status wr_rest_place_next(weir_ctx *cx, wr_arena *arena, wr_rest_place *place,
                               const wr_rest_request *request, const wr_http_response *response,
                               const wr_jval *body, size_t count) WEIR_MUST_USE;

#endif
