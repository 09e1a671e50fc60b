/* Modules: C files of the user, compiled and loaded into the process. A loaded one stays until the process ends. */
#ifndef WR_MODULE_H
#define WR_MODULE_H

#include <weir/pipeline.h>

#include "project/files.h"

typedef weir_status (*wr_main)(weir_ctx *cx);

typedef struct wr_module {
    const wr_c_files *files;
    const char *path; /* of the module; cut to nothing when it is not kept */
    size_t compiled;  /* files that were compiled for it now */
    void *handle;
    size_t first; /* of a file by itself: its parts are registered from here on */
} wr_module;

/* Compile and link what has changed, and load it; loading the same one again is cheap. `keep` false: no file of the module
 * stays. WEIR_INVALID: does not compile, link or load, or was made for another interface of weir. WEIR_CONFIG: no compiler,
 * no headers. */
weir_status wr_module_load(weir_ctx *cx, wr_arena *arena, const wr_c_files *files, bool keep,
                           wr_module *ret) WEIR_MUST_USE;

/* The weir_main of a file; NULL: it has none. */
wr_main wr_module_main(const wr_module *module, const wr_c_file *file);
/* The one pipeline that a file registers; NULL: none. WEIR_INVALID when there are more. */
weir_status wr_module_pipeline(weir_ctx *cx, const wr_module *module, const wr_c_file *file,
                               const weir_pipeline **ret) WEIR_MUST_USE;

#endif
