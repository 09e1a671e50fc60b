/* Incremental loading: of the rows of a resource only those go on that the runs before have not had. A cursor, the value
 * at a path in each row, says which: the state keeps the last one, and the next run begins there. Rules: dlt's, see
 * spec/dlt-extract-normalize-schema.md part 2.
 *
 *     open ──▶ row, row, …, end_page ──▶ row, …, end_page ──▶ save ──▶ close
 *
 * Rows are looked at as they are: no value is coerced. Belongs to one thread. */
#ifndef WR_INCREMENTAL_H
#define WR_INCREMENTAL_H

#include "pipeline/cursor.h"
#include "pipeline/dedup.h"

typedef enum wr_cursor_func { WR_CURSOR_MAX, WR_CURSOR_MIN } wr_cursor_func;
typedef enum wr_cursor_missing {
    WR_MISSING_RAISE,
    WR_MISSING_INCLUDE,
    WR_MISSING_EXCLUDE
} wr_cursor_missing;
typedef enum wr_row_order { WR_ROW_ORDER_NONE, WR_ROW_ORDER_ASC, WR_ROW_ORDER_DESC } wr_row_order;

/* dlt's arguments. All is borrowed and must outlive the incremental. */
typedef struct wr_incremental_settings {
    weir_str cursor_path;
    /* In the form of the state, typed values as marked texts; NULL and null: none. An end needs an initial value, is not
     * before it, and makes the run stateless. */
    const wr_node *initial_value;
    const wr_node *end_value;
    wr_cursor_func last_value_func;
    wr_cursor_missing on_cursor_value_missing;
    wr_row_order row_order;
    double lag;            /* 0: none; days for dates, seconds for date-times */
    bool range_start_open; /* drop rows equal to the start value */
    bool range_end_closed; /* keep rows equal to the end value */
    wr_dedup_key primary_key;
} wr_incremental_settings;

/* Whose incremental it is. */
typedef struct wr_incremental_home {
    weir_str resource;
    wr_arena *arena; /* of the state */
    wr_node *
        state; /* what the resource keeps, see wr_state_resource(); with an end value it is not used */
} wr_incremental_home;

typedef struct wr_incremental wr_incremental;

/* Begin a run. A state of its own is made for a cursor that has none yet. WEIR_CONFIG for settings that make no sense.
 * Close *ret in any case. */
weir_status wr_incremental_open(weir_ctx *cx, const wr_incremental_settings *settings,
                                const wr_incremental_home *home, wr_incremental **ret)
    WEIR_MUST_USE;
void wr_incremental_close(wr_incremental *inc);

/* Where this run begins, lag applied, and the last value so far: for sources that can ask for what is new. */
const wr_cursor *wr_incremental_start(const wr_incremental *inc);
const wr_cursor *wr_incremental_last(const wr_incremental *inc);

/* Does this row go on? Nothing of it is needed after the call. WEIR_INVALID: no cursor value, though it must have one, no
 * key, or a value that has no order with those before. */
weir_status wr_incremental_row(weir_ctx *cx, wr_incremental *inc, const wr_jval *row,
                               bool *ret_keep) WEIR_MUST_USE;
/* *ret_stop: rows are ordered, and no later page can have one that goes on. */
weir_status wr_incremental_end_page(weir_ctx *cx, wr_incremental *inc, bool *ret_stop)
    WEIR_MUST_USE;
/* Write to the state where the next run begins. After end_page; may be called again. */
weir_status wr_incremental_save(weir_ctx *cx, wr_incremental *inc) WEIR_MUST_USE;

/* `last` put back by the lag, but not beyond the initial value; what is made is in `arena`. WEIR_CONFIG when this kind of
 * value, or this form of text, cannot be put back. */
weir_status wr_incremental_lag(weir_ctx *cx, wr_arena *arena,
                               const wr_incremental_settings *settings, const wr_cursor *last,
                               wr_cursor *ret) WEIR_MUST_USE;

#endif
