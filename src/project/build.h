/* One C file of the user becomes a module: compiled against libweir, kept for as long as nothing it was made of changes. */
#ifndef WR_BUILD_H
#define WR_BUILD_H

#include <weir/base.h>

#include "base/arena.h"

/* Path of the module for `file`, in `arena`: compiled now, or by an earlier run from the same content. The compiler is
 * $CC, or the first of cc, gcc and clang; $LDLIBS is added to its command. It writes its messages to stderr.
 * WEIR_CONFIG: no compiler, no headers. WEIR_INVALID: the file does not compile. */
weir_status wr_build_module(weir_ctx *cx, wr_arena *arena, const char *file, weir_str *ret)
    WEIR_MUST_USE;

#endif
