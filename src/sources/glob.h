/* Which files a pattern names. */
#ifndef WR_GLOB_H
#define WR_GLOB_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/vec.h"

typedef struct wr_found_file {
    weir_str path; /* with a NUL behind */
    int64_t size;
    weir_time modified;
    bool seekable; /* a regular file; otherwise a pipe or a device, which has no size */
} wr_found_file;

typedef wr_vec(wr_found_file) wr_found_files;

/* Append to `files`, an empty one, the files below `dir` that `pattern` names, sorted by bytes; the paths are in `arena`. The
 * vector is the caller's to release, also after a failure. A pattern that is the path of a file means that
 * file, whatever is in its name. Otherwise: `*` any characters of a name, `?` one of them, `[a-z]` one of these, `[!a-z]`
 * one of the others, a part `**` any number of folders; hidden names only where the pattern has the dot, too; folders are
 * passed over, and links to folders are not followed by `**`. WEIR_CONFIG with a hint when there is no such file, or when
 * it is a folder. */
weir_status wr_glob(weir_ctx *cx, wr_arena *arena, int dir, const char *pattern,
                    wr_found_files *files) WEIR_MUST_USE;

/* Does the part of a pattern between two slashes match the name? */
bool wr_glob_matches(weir_str pattern, weir_str name);

#endif
