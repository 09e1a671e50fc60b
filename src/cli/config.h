/* What the commands that look at the configuration share. */
#ifndef WR_CLI_CONFIG_H
#define WR_CLI_CONFIG_H

#include <weir/pipeline.h>

#include "base/arena.h"
#include "config/config.h"
#include "pipeline/options.h"

/* The chain of the project: environment and files. `[runtime] log_level` counts from here on, unless WEIR_LOG is set. */
weir_status wr_project_config(weir_ctx *cx, wr_config **ret) WEIR_MUST_USE;

/* A pipeline that a command names. */
typedef struct wr_named_pipeline {
    const weir_pipeline *pipeline; /* NULL: a C file that registers none */
    const weir_source *source;     /* NULL: none */
} wr_named_pipeline;

/* Load the pipeline that a word means, as `weir run` does, and call its setup, so that its sources and providers are known.
 * One in TOML lives in `arena`. */
weir_status wr_named_pipeline_load(weir_ctx *cx, wr_arena *arena, wr_config *config,
                                   const char *word, wr_named_pipeline *ret) WEIR_MUST_USE;

/* All options that there are: wr_option_groups_all(), and those of the kinds of sources in TOML. */
wr_option_groups wr_known_options(wr_arena *arena, weir_str pipeline);

#endif
