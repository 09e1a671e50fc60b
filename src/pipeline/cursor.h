/* Values of a cursor: what rows have at the cursor path and the state keeps. They are never coerced: text has the order
 * of text, numbers that of numbers, and values of different kinds have none. Other than the values of weir, date-times
 * know whether they have a zone, and which: both is kept in the state. */
#ifndef WR_CURSOR_H
#define WR_CURSOR_H

#include "format/json.h"

/* A date-time as dlt writes it. */
typedef struct wr_moment {
    weir_time us; /* UTC; without a zone the wall clock taken as UTC */
    int zone_seconds;
    bool zoned;
} wr_moment;

/* From the text behind the mark of a date-time; a date alone is its midnight. */
bool wr_moment_parse(weir_str text, wr_moment *ret);
/* Longest text of the function below, with the NUL. */
#define WR_MOMENT_TEXT 48
/* "2024-01-02T03:04:05.000600+02:00", without a zone "2024-01-02T03:04:05". Returns the length. */
size_t wr_moment_iso(char *ret, const wr_moment *moment);

typedef enum wr_cursor_kind {
    WR_CURSOR_NONE, /* null, or not there */
    WR_CURSOR_BOOL, /* a number in comparisons, as in Python */
    WR_CURSOR_INT,
    WR_CURSOR_UINT, /* beyond the range of INT */
    WR_CURSOR_FLOAT,
    WR_CURSOR_DECIMAL,
    WR_CURSOR_TEXT,
    WR_CURSOR_BYTES,
    WR_CURSOR_MOMENT,
    WR_CURSOR_DATE,
    WR_CURSOR_TIME,
    WR_CURSOR_OTHER, /* lists, objects, numbers beyond doubles: they have no order */
} wr_cursor_kind;

typedef struct wr_cursor {
    wr_cursor_kind kind;
    union {
        int64_t i; /* BOOL, INT, DATE (days since 1970) */
        uint64_t u;
        double f;
        wr_moment moment; /* MOMENT; TIME: since midnight of UTC, or as written */
    } as;
    weir_str text; /* of texts and marked texts, with the mark, borrowed; else `ptr` is NULL */
} wr_cursor;

wr_cursor wr_cursor_of(const wr_jval *value);
/* From the state or from settings, where typed values are marked texts; NULL and null give NONE. */
weir_status wr_cursor_read(weir_ctx *cx, wr_arena *arena, const wr_node *node, wr_cursor *ret)
    WEIR_MUST_USE;
/* A date-time whose text is made in `arena`. */
wr_cursor wr_cursor_moment(wr_arena *arena, wr_moment moment);
/* As JSON, typed values as marked texts. Not OTHER. */
void wr_cursor_write(wr_buf *out, const wr_cursor *cursor);

/* True when the two have an order: *ret is -1, 0 or 1. */
bool wr_cursor_order(const wr_cursor *a, const wr_cursor *b, int *ret);

/* Longest text of the function below, with the NUL. */
#define WR_CURSOR_SHOWN 160
/* For messages: `'2024-01-02' (text)`. Returns `ret`. */
const char *wr_cursor_show(char *ret, const wr_cursor *cursor);

#endif
