/* Programs: what a word of the command line means. */
#ifndef WR_PROGRAM_H
#define WR_PROGRAM_H

#include <weir/pipeline.h>

#include "base/arena.h"
#include "config/config.h"
#include "project/module.h"

/* A pipeline in TOML or in C, or a C file with a weir_main. What is made of TOML is in the arena; what is C stays. */
typedef struct wr_program {
    const char *file; /* where it stands */
    wr_main main;     /* NULL: run the pipeline */
    const weir_pipeline *pipeline;
    const weir_source *source; /* NULL: the pipeline has resources of its own */
} wr_program;

/* What `word` means: a path, the name of a file in `pipelines/` of the project, or the name of a pipeline that one of the
 * project's C files registers. C files in the project's folders are compiled into one module; any other C file is a module
 * by itself. `keep` false: no file of a module stays. WEIR_INVALID: no such file, nothing to run in it, a source that is not
 * there; and what wr_module_load() says. */
weir_status wr_program_load(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                            const char *word, bool keep, wr_program *ret) WEIR_MUST_USE;

/* Called for each pipeline of the project; `status` says whether its source was found, and whether it could be read: without a
 * `pipeline` it could not. A failure ends the walk. */
typedef weir_status (*wr_program_take)(weir_ctx *cx, void *self, const wr_program *program,
                                       weir_status status);

/* Compile and load the project's module, and visit its pipelines and those in TOML. `ret` is the module, zero when the
 * project has none. */
weir_status wr_program_each(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                            wr_program_take take, void *self, wr_module *ret) WEIR_MUST_USE;

#endif
