/* Modules: C files of the user, compiled and loaded into the process. A loaded one stays until the process ends. */
#ifndef WR_MODULE_H
#define WR_MODULE_H

#include <weir/pipeline.h>

/* What there is to run in a module: `main`, or else the one pipeline that it registers. */
typedef struct wr_module {
    const char *file; /* as it was named; borrowed */
    weir_status (*main)(weir_ctx *cx);
    const weir_pipeline *pipeline;
} wr_module;

/* Compile `file` if need be, and load it; `keep` false: no file of the module stays. WEIR_INVALID: no such file, not a C file, does not compile or load, nothing
 * to run in it, made for another interface of weir. WEIR_CONFIG: no compiler, no headers. */
weir_status wr_module_load(weir_ctx *cx, const char *file, bool keep, wr_module *ret) WEIR_MUST_USE;

#endif
