/* Folders of pipelines, as the commands look for them. */
#ifndef WR_CLI_PIPELINE_H
#define WR_CLI_PIPELINE_H

#include "pipeline/home.h"

/* Open the folder of a pipeline. WEIR_INVALID when there is none: names the nearest one, or all. */
weir_status wr_pipeline_home(weir_ctx *cx, wr_arena *arena, weir_str pipeline, wr_home *ret)
    WEIR_MUST_USE;
/* The name that was given; NULL: that of the only pipeline, WEIR_INVALID when there are more, or none. */
weir_status wr_pipeline_choose(weir_ctx *cx, wr_arena *arena, const char *word, weir_str *ret)
    WEIR_MUST_USE;

#endif
