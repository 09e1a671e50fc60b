/* CSV out of batches, as dlt's own. Null is an empty field, which is quoted like a text; booleans are True and False, a
 * timestamp has a blank between date and time, nested values are compact JSON, bytes must be UTF-8. */
#ifndef WR_CSV_WRITE_H
#define WR_CSV_WRITE_H

#include "base/buf.h"
#include "format/cells.h"

/* Which fields stand in quotes: dlt's option `quoting`. */
typedef enum wr_csv_quoting {
    WR_CSV_NEEDED,  /* all but numbers and booleans */
    WR_CSV_ALL,     /* all */
    WR_CSV_MINIMAL, /* those that could not be read otherwise */
    WR_CSV_NONE,    /* none: what needs them is refused */
} wr_csv_quoting;

/* Zero is dlt's default. */
typedef struct wr_csv_form {
    weir_str delimiter; /* one character; empty: a comma */
    weir_str line_end;  /* "\n", "\r\n" or "\r"; empty: "\n" */
    wr_csv_quoting quoting;
} wr_csv_form;

/* The quoting of this name, "quote_needed" and so on; WEIR_CONFIG for an unknown one. */
weir_status wr_csv_quoting_find(weir_ctx *cx, weir_str name, wr_csv_quoting *ret) WEIR_MUST_USE;
/* WEIR_CONFIG when nobody could read such a file. */
weir_status wr_csv_check(weir_ctx *cx, const wr_csv_form *form) WEIR_MUST_USE;

/* Append the line with the names of the table's complete columns. */
weir_status wr_csv_write_header(weir_ctx *cx, const wr_csv_form *form, const weir_table *table,
                                wr_buf *out) WEIR_MUST_USE;
/* Append lines until none is left or `out` grew by WR_CELLS_TEXT. WEIR_REJECTED names row and column of what the form
 * cannot hold; WEIR_LIMIT when `out` cannot hold the lines. */
weir_status wr_csv_write(weir_ctx *cx, const wr_csv_form *form, wr_cells *cells, wr_buf *out)
    WEIR_MUST_USE;

#endif
