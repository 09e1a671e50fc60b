/* Turns failures into problems. */
#include "project/problem.h"

#include "base/ctx.h"

weir_status wr_problem_note(weir_ctx *cx, wr_arena *arena, wr_problems *problems,
                            weir_status status)
{
    if (status == WEIR_OK || weir_status_class(status) != WEIR_CLASS_TERMINAL)
        return status;
    *wr_vec_push(problems) = (wr_problem){
        .message = wr_arena_str(arena, weir_str_of(weir_error_message(cx))),
        .hint = wr_arena_str(arena, weir_str_of(weir_error_hint(cx))),
    };
    weir_error_clear(cx);
    return WEIR_OK;
}
