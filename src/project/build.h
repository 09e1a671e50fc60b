/* C files of the user become a module: compiled against libweir, linked, kept for as long as nothing they were made of
 * changes. */
#ifndef WR_BUILD_H
#define WR_BUILD_H

#include <weir/base.h>

#include "base/arena.h"
#include "project/files.h"

/* Texts in the arena. */
typedef struct wr_built {
    weir_str path;
    weir_str folder; /* to be removed when the module is loaded; empty: the module is kept */
    size_t compiled; /* files; the others had been compiled before, from the same content */
} wr_built;

/* The module of `files`. The compiler is $CC, or the first of cc, gcc and clang; $LDLIBS is added when it links. It writes its
 * messages to stderr. `keep` false: nothing is made in the project, what has to be made goes to a folder in $TMPDIR.
 * WEIR_CONFIG: no compiler, no headers. WEIR_INVALID: a file does not compile, or the module does not link. */
weir_status wr_build_module(weir_ctx *cx, wr_arena *arena, const wr_c_files *files, bool keep,
                            wr_built *ret) WEIR_MUST_USE;
/* Remove what is not kept. */
void wr_built_remove(weir_ctx *cx, const wr_built *built);

#endif
