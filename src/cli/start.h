/* Starting what the words and options of `weir run` and `weir copy` say: to load, or to plan it. */
#ifndef WR_START_H
#define WR_START_H

#include "cli/tree.h"
#include "pipeline/planner.h"

/* With a planner nothing is written, and nothing printed but what the user's own code prints. NULL: run, and print what it
 * came to. */
weir_status wr_start_run(weir_ctx *cx, const wr_call *call, const wr_planner *planner)
    WEIR_MUST_USE;
weir_status wr_start_copy(weir_ctx *cx, const wr_call *call, const wr_planner *planner)
    WEIR_MUST_USE;

#endif
