/* Problems: what is wrong in a project, all of it at once. */
#ifndef WR_PROBLEM_H
#define WR_PROBLEM_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/vec.h"

typedef struct wr_problem {
    weir_str message;
    weir_str hint; /* empty: none */
} wr_problem;

typedef wr_vec(wr_problem) wr_problems;

/* A failure about what the user wrote down or installed becomes a problem, with texts in `arena`, and WEIR_OK; any other status
 * comes back as it is. */
weir_status wr_problem_note(weir_ctx *cx, wr_arena *arena, wr_problems *problems,
                            weir_status status) WEIR_MUST_USE;

#endif
