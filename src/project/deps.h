/* What an object was made of: a list of files with the hashes of their content.
 *
 *     "weir-deps 1", then a line "<XXH3 of the file> <absolute path>" for each file that the compiler read, system headers
 *     apart */
#ifndef WR_DEPS_H
#define WR_DEPS_H

#include <weir/base.h>

#include "base/buf.h"

#define WR_DEPS_MAX ((size_t)4 << 20)

/* Is every file of the list as it was? False also when one cannot be read, whatever the reason. */
bool wr_deps_hold(weir_ctx *cx, weir_str deps);
/* Make the list from the rules that a compiler wrote, which ran in `folder` and was started at `started`. False when it
 * would not be the truth: a file has changed meanwhile. */
bool wr_deps_make(weir_ctx *cx, weir_str rules, const char *folder, weir_time started, wr_buf *ret);

#endif
