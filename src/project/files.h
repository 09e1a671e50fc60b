/* The C files that become one module: those of the project's folders, or a file by itself. */
#ifndef WR_PROJECT_FILES_H
#define WR_PROJECT_FILES_H

#include <weir/base.h>

#include "base/arena.h"

typedef struct wr_c_file {
    const char *path; /* seen from the folder in which the compiler runs */
    const char *main; /* what its weir_main is called in the module */
} wr_c_file;

typedef struct wr_c_files {
    const char *name;   /* for messages */
    const char *folder; /* in which the compiler runs; NULL: the working folder */
    wr_c_file *ptr;
    size_t len;
} wr_c_files;

/* What several files of one module may have, each its own. */
#define WR_MAIN "weir_main"

wr_c_files wr_c_files_one(wr_arena *arena, const char *file);
/* Those in sources/, pipelines/, flows/ and utils/ of the project, in order of their paths, which begin at the project. There
 * may be none. */
weir_status wr_c_files_project(weir_ctx *cx, wr_arena *arena, wr_c_files *ret) WEIR_MUST_USE;
/* The file of the project's that `path` is; NULL: none of them. */
weir_status wr_c_files_find(weir_ctx *cx, wr_arena *arena, const wr_c_files *files,
                            const char *path, const wr_c_file **ret) WEIR_MUST_USE;

#endif
