/* One C file of the user becomes a module: compiled against libweir, kept for as long as nothing it was made of changes. */
#ifndef WR_BUILD_H
#define WR_BUILD_H

#include <weir/base.h>

#include "base/arena.h"

/* Texts in the arena. */
typedef struct wr_built {
    weir_str path;
    weir_str folder; /* to be removed when the module is loaded; empty: the module is kept */
} wr_built;

/* The module for `file`: compiled now, or by an earlier run from the same content. The compiler is $CC, or the first of cc,
 * gcc and clang; $LDLIBS is added to its command. It writes its messages to stderr. `keep` false: nothing is made in the
 * project, what has to be compiled goes to a folder in $TMPDIR. WEIR_CONFIG: no compiler, no headers. WEIR_INVALID: the
 * file does not compile. */
weir_status wr_build_module(weir_ctx *cx, wr_arena *arena, const char *file, bool keep,
                            wr_built *ret) WEIR_MUST_USE;
/* Remove what is not kept. */
void wr_built_remove(weir_ctx *cx, const wr_built *built);

#endif
