/* Pages of an API, one after the other: asks, finds the rows, goes on until there are no more (spec/dlt-sources.md 2.2, 2.3).
 *
 *     wr_auto(rest_pages) wr_rest_pages pages = { .route = …, .request = …, … };
 *     while (wr_rest_pages_next(cx, &pages))
 *         … pages.rows …
 *     return pages.status;
 */
#ifndef WR_REST_PAGES_H
#define WR_REST_PAGES_H

#include "base/vec.h"
#include "sources/rest_client.h"

/* The rows of a page. */
typedef struct wr_rest_rows {
    const wr_jval *array; /* they are its elements; NULL: they are in the list */
    const wr_jval **list;
    size_t count;
    bool matched; /* the selector leads somewhere */
} wr_rest_rows;

typedef struct wr_rest_pages {
    /* Settings; what they point to stays. */
    wr_rest_route route;
    wr_rest_request request;            /* of the first page */
    const wr_rest_paginator *paginator; /* NULL: detected */
    const wr_jsonpath *selector;        /* NULL: detected */
    weir_str selector_text;
    weir_str name; /* of the resource, for messages; empty: none */

    /* The page at hand, until the next step. */
    const wr_jval *body;
    wr_rest_rows rows;
    int64_t number;     /* from 1 */
    weir_status status; /* of the step that ended it */

    /* private */
    bool started;
    bool warned;
    wr_rest_place place;
    wr_arena arena; /* of the read: what was detected, the place */
    wr_arena page;  /* of the page */
    wr_arena spare; /* of the next one */
    wr_json_reader reader;
    uint64_t hash; /* of the last answer */
} wr_rest_pages;

/* The next page; false at the end, and when it failed. */
bool wr_rest_pages_next(weir_ctx *cx, wr_rest_pages *pages);
void wr_cleanup_rest_pages(wr_rest_pages *pages);

/* The rows that a selector finds, NULL being "$". The list is in `arena`. */
wr_rest_rows wr_rest_select(wr_arena *arena, const wr_jsonpath *selector, const wr_jval *body);

#endif
