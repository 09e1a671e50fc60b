/* A project as a whole: built, with its names checked. */
#ifndef WR_CHECK_H
#define WR_CHECK_H

#include "base/vec.h"
#include "project/problem.h"
#include "project/program.h"

typedef struct wr_checked {
    wr_module module;            /* zero when the project has none */
    wr_vec(wr_program) programs; /* pipelines that can be run, as far as the names go */
    wr_problems problems;        /* all of them */
} wr_checked;

/* Compile, load, and check what names what: the source and the destination of each pipeline, in C and in TOML, and names
 * that are given twice. What is wrong in the project is a problem; what does not compile is a failure. `ret` is the caller's to
 * release, also after a failure. */
weir_status wr_project_check(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                             wr_checked *ret) WEIR_MUST_USE;
void wr_cleanup_checked(wr_checked *checked);

#endif
