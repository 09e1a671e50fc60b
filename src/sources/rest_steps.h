/* What dlt's rest_api takes as functions of Python, declared: the `processing_steps` of a resource, the `convert` of an
 * incremental, and resources that give days instead of asking an API. */
#ifndef WR_REST_STEPS_H
#define WR_REST_STEPS_H

#include "format/json.h"

typedef struct wr_rest_steps wr_rest_steps;

/* Read `processing_steps`; *ret is NULL when there are none. Each step is
 *
 *     { yield_map = { members = PATH, key = NAME, value = NAME, keep = [NAME, …] } }
 *
 * one record for each member of the object at PATH: the fields in `keep` as they are in the record, as far as they are
 * there, and then the member's name and its value. */
weir_status wr_rest_steps_read(weir_ctx *cx, wr_arena *arena, const wr_node *given,
                               const wr_rest_steps **ret) WEIR_MUST_USE;
/* Append what becomes of a record, an object on each line, and add their number to *count. */
weir_status wr_rest_steps_apply(weir_ctx *cx, const wr_rest_steps *steps, const wr_jval *record,
                                wr_buf *lines, int64_t *count) WEIR_MUST_USE;

/* Is it the name of a conversion? `epoch_ms`, `epoch_s`: a time as a number since 1970; `date`: its first ten characters. */
weir_status wr_rest_convert_check(weir_ctx *cx, weir_str name) WEIR_MUST_USE;
/* Convert a value of a cursor to text. Values that are no texts stay as they are. */
weir_status wr_rest_convert(weir_ctx *cx, wr_arena *arena, weir_str name, weir_value value,
                            weir_value *ret) WEIR_MUST_USE;

/* Days from `first` to `last`, both in it. */
typedef struct wr_rest_days {
    int64_t first; /* days since 1970 */
    int64_t last;
    bool until_yesterday; /* in UTC, instead of `last` */
} wr_rest_days;

/* Read `days = { from = "2024-02-26", to = "2024-03-01" }`; without `to` until yesterday. */
weir_status wr_rest_days_read(weir_ctx *cx, const wr_node *given, wr_rest_days *ret) WEIR_MUST_USE;
/* Append {"date": …} for each day, on a line of its own, from `start` on when it is a later one, and add their number to
 * *count. */
weir_status wr_rest_days_put(weir_ctx *cx, const wr_rest_days *days, weir_value start,
                             wr_buf *lines, int64_t *count) WEIR_MUST_USE;

#endif
