/* Write dispositions of hints: the short form and that with options, as properties of a table. */
#ifndef WR_DISPOSITION_H
#define WR_DISPOSITION_H

#include "format/json.h"

/* Write what `hint` says into the table: a text, or an object with `disposition` and, for "merge", options. NULL: nothing.
 * WEIR_CONFIG for unknown dispositions and strategies, and for options that the strategy does not have. */
weir_status wr_disposition_apply(weir_ctx *cx, wr_arena *arena, const wr_node *hint, wr_node *table)
    WEIR_MUST_USE;

#endif
