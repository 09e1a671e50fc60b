/* Where a pipeline keeps its things: `.weir/pipelines/<pipeline>/` of the project, or below WEIR_DATA_DIR. */
#ifndef WR_HOME_H
#define WR_HOME_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/file.h"

/* The project: the nearest folder upwards from the working folder that has `weir.toml` or `.dlt/`, else the working
 * folder. Absolute, in `arena`. */
weir_status wr_project_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret) WEIR_MUST_USE;
/* `<project>/.weir`, or WEIR_DATA_DIR. */
weir_status wr_data_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret) WEIR_MUST_USE;

/* A pipeline's name becomes a folder: at most 200 bytes, no character that some system refuses, no reserved name.
 * WEIR_INVALID says what is wrong. Rules: spec/dlt-config-pipeline-cli.md 4.1 and dlt-1.31.md surprise 13. */
weir_status wr_pipeline_check_name(weir_ctx *cx, weir_str name) WEIR_MUST_USE;

/* The folder of one pipeline, open. */
typedef struct wr_home {
    int dir;       /* the folder; -1: closed */
    int lock;      /* the lock file; -1: not locked */
    weir_str path; /* absolute, in the arena it was opened with */
} wr_home;

/* *ret_found false when there is no such folder and `make` is false. */
weir_status wr_home_open(weir_ctx *cx, wr_arena *arena, weir_str pipeline, bool make, wr_home *ret,
                         bool *ret_found) WEIR_MUST_USE;
/* Take the pipeline's lock, which the kernel holds until the process ends or the home is closed. WEIR_LOCKED names who
 * has it. */
weir_status wr_home_lock(weir_ctx *cx, wr_home *home) WEIR_MUST_USE;
void wr_home_close(wr_home *home);
void wr_cleanup_home(wr_home *home);

/* Names of all pipelines that have a folder. */
weir_status wr_home_list(weir_ctx *cx, wr_arena *arena, wr_names *ret) WEIR_MUST_USE;

#endif
