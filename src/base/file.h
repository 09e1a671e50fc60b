/* Files and folders. Every function fails with a message that names the file. Paths are relative to an open folder. */
#ifndef WR_FILE_H
#define WR_FILE_H

#include <fcntl.h>

#include <weir/base.h>

#include "base/arena.h"
#include "base/mem.h"

/* At most 64 MiB: a whole file that is read at once. */
#define WR_FILE_MAX ((size_t)64 << 20)

/* Open `path` below the folder `dir` (AT_FDCWD for the working folder); O_CLOEXEC is added. */
weir_status wr_open_at(weir_ctx *cx, int dir, const char *path, int flags, int *ret_fd)
    WEIR_MUST_USE;
/* A file without a name, for reading and writing: in $TMPDIR, or in memory where that is not possible. It is gone when it is
 * closed, or the process killed. */
weir_status wr_open_nameless(weir_ctx *cx, int *ret_fd) WEIR_MUST_USE;
/* A new folder that only this user may enter, in memory where that is possible: in $XDG_RUNTIME_DIR, /dev/shm, or else in
 * $TMPDIR or /tmp. The caller removes it. Its path is in `arena`. */
weir_status wr_private_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret) WEIR_MUST_USE;
/* A second descriptor of an open file. */
weir_status wr_duplicate(weir_ctx *cx, int fd, int *ret_fd) WEIR_MUST_USE;
/* Open a folder; made, with those above it, when `make`. */
weir_status wr_open_dir(weir_ctx *cx, int dir, const char *path, bool make, int *ret_fd)
    WEIR_MUST_USE;
weir_status wr_write_all(weir_ctx *cx, int fd, weir_str bytes) WEIR_MUST_USE;
/* Up to `len` bytes from `offset`; fewer only at the end of the file. */
weir_status wr_read_at(weir_ctx *cx, int fd, void *ret, size_t len, int64_t offset, size_t *ret_len)
    WEIR_MUST_USE;
/* What can be read now from the position of `fd`, a pipe, a terminal or a file: waits for a tenth of a second at most,
 * `*ret_len` is 0 when nothing came. `*ret_end`: nothing will come. Looks at the cancel token. */
weir_status wr_read_some(weir_ctx *cx, int fd, void *ret, size_t len, size_t *ret_len,
                         bool *ret_end) WEIR_MUST_USE;
weir_status wr_size(weir_ctx *cx, int fd, int64_t *ret) WEIR_MUST_USE;
weir_status wr_fsync(weir_ctx *cx, int fd) WEIR_MUST_USE;
weir_status wr_truncate(weir_ctx *cx, int fd, int64_t size) WEIR_MUST_USE;
weir_status wr_rename_at(weir_ctx *cx, int dir, const char *from, const char *to) WEIR_MUST_USE;
/* A file that is not there is fine. */
weir_status wr_unlink_at(weir_ctx *cx, int dir, const char *path) WEIR_MUST_USE;
/* A folder and all below it; one that is not there is fine. */
weir_status wr_remove_tree(weir_ctx *cx, int dir, const char *path) WEIR_MUST_USE;
weir_status wr_exists_at(weir_ctx *cx, int dir, const char *path, bool *ret) WEIR_MUST_USE;

typedef enum wr_file_kind {
    WR_FILE_MISSING,
    WR_FILE_REGULAR,
    WR_FILE_FOLDER,
    WR_FILE_LINK,   /* only with AT_SYMLINK_NOFOLLOW */
    WR_FILE_STREAM, /* a pipe, a device: it has no size and no places */
} wr_file_kind;
typedef struct wr_file_info {
    wr_file_kind kind;
    int64_t size;       /* of a regular file */
    weir_time modified; /* rounded as Python's st_mtime, which is a double */
} wr_file_info;
/* What `path` below `dir` is; `flags` as of fstatat(): an empty path and AT_EMPTY_PATH ask about `dir` itself. */
weir_status wr_file_look(weir_ctx *cx, int dir, const char *path, int flags, wr_file_info *ret)
    WEIR_MUST_USE;

/* The absolute path of what is there, without links, in `arena`. */
weir_status wr_real_path(weir_ctx *cx, wr_arena *arena, int dir, const char *path, weir_str *ret)
    WEIR_MUST_USE;

/* Give `name` in folder `dir` the content `bytes`: after a crash the old file or the new one is there, never a part. */
weir_status wr_file_publish(weir_ctx *cx, int dir, const char *name, weir_str bytes) WEIR_MUST_USE;
/* The content of a file, in `arena`; `*ret_found` false, and WEIR_OK, when there is none. */
weir_status wr_file_read(weir_ctx *cx, wr_arena *arena, int dir, const char *path, weir_str *ret,
                         bool *ret_found) WEIR_MUST_USE;

/* Names in a folder without "." and "..", sorted by bytes, in `arena`. */
typedef struct wr_names {
    weir_str *ptr;
    size_t len;
} wr_names;
weir_status wr_list_dir(weir_ctx *cx, wr_arena *arena, int dir, wr_names *ret) WEIR_MUST_USE;

/* Take the lock of an open file without waiting. *ret_taken false when another process has it. */
weir_status wr_flock(weir_ctx *cx, int fd, bool *ret_taken) WEIR_MUST_USE;

void wr_cleanup_close(int *fd);

#endif
