/* Pipelines by name: the files in `pipelines/` of the project. */
#ifndef WR_FIND_H
#define WR_FIND_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/file.h"

/* The file that a word of the command line means, in `arena`: a path as it is, a name as `pipelines/NAME.toml` or `NAME.c`
 * of the project; NULL when there is no such file. WEIR_INVALID with a hint when there are both. */
weir_status wr_find_pipeline(weir_ctx *cx, wr_arena *arena, const char *word, const char **ret)
    WEIR_MUST_USE;
/* The files with an ending in `pipelines/` of the project, and that folder; none when there is no such folder. */
weir_status wr_find_files(weir_ctx *cx, wr_arena *arena, weir_str ending, weir_str *ret_folder,
                          wr_names *ret) WEIR_MUST_USE;
/* WEIR_INVALID: there is no pipeline of this name; with the nearest one, of the files and of `registered`, which ends with
 * NULL. */
weir_status wr_find_fail(weir_ctx *cx, wr_arena *arena, const char *word,
                         const char *const *registered) WEIR_MUST_USE;

#endif
