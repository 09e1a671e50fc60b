/* New projects and pipelines: files made from templates, in place of none that is there. */
#ifndef WR_INIT_H
#define WR_INIT_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/vec.h"

typedef struct wr_init_file {
    weir_str path; /* from the project's folder on */
    bool made;     /* false: it was there, and stays as it is */
} wr_init_file;

typedef wr_vec(wr_init_file) wr_init_files;

/* Make the files of a project in the open folder `dir`. `name` names the project. WEIR_INVALID: a name that cannot stand in
 * files. `files` is the caller's to release, also after a failure; texts are in `arena`. */
weir_status wr_init_project(weir_ctx *cx, wr_arena *arena, int dir, const char *name,
                            wr_init_files *files) WEIR_MUST_USE;

/* Make a pipeline with a source of the kind; likewise. WEIR_INVALID: an unknown kind, a name that is none of a pipeline, or of
 * one that is there. */
weir_status wr_init_pipeline(weir_ctx *cx, wr_arena *arena, int dir, const char *name,
                             const char *source, wr_init_files *files) WEIR_MUST_USE;

#endif
