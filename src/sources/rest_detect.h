/* What an answer tells of an API that nobody described: where its rows are, and how its next page is asked for. dlt's rules,
 * spec/dlt-sources.md 2.3 and 2.5. */
#ifndef WR_REST_DETECT_H
#define WR_REST_DETECT_H

#include "format/json.h"

/* The data selector: a path of keys with dots, or "$". In `arena`. */
weir_str wr_rest_detect_selector(wr_arena *arena, const wr_jval *body);

/* The paginator, in the form of a configuration: {"type": "json_link", "next_url_path": "next"}. `link`: the answer's header
 * Link, or empty. */
wr_node *wr_rest_detect_paginator(wr_arena *arena, const wr_jval *body, weir_str link);

/* Is there, at any level of objects, a key that looks as if there were more pages? For a warning. */
bool wr_rest_looks_paged(const wr_jval *body);

#endif
