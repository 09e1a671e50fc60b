/* Commands written as one text, cut into words as a shell would. */
#ifndef WR_WORDS_H
#define WR_WORDS_H

#include <weir/base.h>

#include "base/arena.h"

/* Quotes and backslashes as in a shell; nothing else is special: no variables, no patterns, no pipes. *ret ends with NULL and
 * is in `arena`. WEIR_CONFIG when there is no word, or a quote is not closed. */
weir_status wr_words_split(weir_ctx *cx, wr_arena *arena, weir_str text, const char *const **ret)
    WEIR_MUST_USE;

#endif
