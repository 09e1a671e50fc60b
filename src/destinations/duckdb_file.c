/* The file of a DuckDB database: where it is, and why it cannot be opened. */
#include "destinations/duckdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/* A database file has a checksum, and then this. */
#define MAGIC "DUCK"
#define MAGIC_OFFSET 8

/* The path in `duckdb://host/path?query`: what follows the first slash behind the host. */
static weir_str url_path(weir_str url)
{
    weir_str rest = { url.ptr + strlen("duckdb://"), url.len - strlen("duckdb://") };
    weir_str host = { 0 };
    weir_str path = { 0 };
    (void)wr_str_split(&rest, '/', &host);
    (void)wr_str_split(&rest, '?', &path);
    return path;
}

static weir_status absolute_path(weir_ctx *cx, wr_arena *arena, weir_str folder, weir_str path,
                                 weir_str *ret)
{
    weir_str absolute = path;
    if (!wr_str_starts(absolute, wr_lit("/")))
        absolute = wr_arena_printf(arena, "%.*s%s%.*s", WR_STR(folder), folder.len > 0 ? "/" : "",
                                   WR_STR(path));
    if (!wr_str_starts(absolute, wr_lit("/"))) {
        char here[4096];
        if (!getcwd(here, sizeof(here)))
            return wr_fail_errno(cx, errno, "finding the working folder");
        absolute = wr_arena_printf(arena, "%s/%.*s", here, WR_STR(absolute));
    }
    *ret = wr_arena_str(arena, absolute);
    return WEIR_OK;
}

weir_status wr_duckdb_path(weir_ctx *cx, wr_arena *arena, const weir_target *target,
                           weir_str credentials, weir_str *ret)
{
    weir_str path = credentials;
    if (wr_str_starts(path, wr_lit("duckdb://")))
        path = url_path(path);
    if (wr_str_eq(path, wr_lit(":memory:")))
        return weir_fail(cx, WEIR_CONFIG,
                         "a database in memory cannot be loaded into: it is gone at the end\n"
                         "hint: set destination.duckdb.credentials to the path of a file");
    if (wr_str_starts(path, wr_lit(":")))
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "the credentials '%.*s' are not known\n"
                         "hint: set destination.duckdb.credentials to the path of a file",
                         WR_STR(path));
    if (path.len == 0 && credentials.len > 0)
        weir_warn(cx,
                  "the credentials '%.*s' name no file, the default one is used; "
                  "a path follows three slashes: duckdb:///shop.duckdb",
                  WR_STR(credentials));
    /* a destination with a name of its own has a file of its own */
    const bool is_named = target->name.len > 0 && !wr_str_eq(target->name, wr_lit("duckdb"));
    if (path.len == 0)
        path = wr_arena_printf(arena, "%.*s.duckdb",
                               WR_STR(is_named ? target->name : target->pipeline));
    return absolute_path(cx, arena, target->local_dir, path, ret);
}

/* The process that holds a lock on the open file; 0: nobody. */
static pid_t lock_holder(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

static bool is_database(int fd)
{
    char magic[sizeof(MAGIC) - 1];
    return pread(fd, magic, sizeof(magic), MAGIC_OFFSET) == (ssize_t)sizeof(magic) &&
           memcmp(magic, MAGIC, sizeof(magic)) == 0;
}

weir_status wr_duckdb_refused(weir_ctx *cx, const char *path, const char *message)
{
    struct stat info;
    wr_auto(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return weir_fail(
            cx, WEIR_IO,
            "cannot make '%s': %s\nhint: does the folder exist, and may you write to it?", path,
            message);
    if (fd < 0 || fstat(fd, &info) != 0)
        return wr_fail_errno(cx, errno, "opening the database '%s'", path);

    const pid_t holder = lock_holder(fd);
    if (holder != 0)
        return weir_fail(cx, WEIR_LOCKED,
                         "the database '%s' is in use by process %ld: %s\n"
                         "hint: close the other program; a file can be open in one process only",
                         path, (long)holder, message);
    if (S_ISREG(info.st_mode) && !is_database(fd))
        return weir_fail(cx, WEIR_INVALID,
                         "'%s' is not a DuckDB database; it was left as it is\n"
                         "hint: move it away, or name another file in "
                         "destination.duckdb.credentials",
                         path);
    return weir_fail(cx, WEIR_IO, "opening the database '%s': %s", path, message);
}

weir_status wr_duckdb_probe(weir_ctx *cx, const char *path, bool *ret_absent)
{
    const bool absent = access(path, F_OK) != 0 && errno == ENOENT;
    wr_auto(arena) wr_arena arena = { 0 };
    const char *slash = strrchr(path, '/');
    const weir_str folder = { path, slash > path ? (size_t)(slash - path) : 1 };
    if (absent && access(wr_arena_str(&arena, folder).ptr, W_OK | X_OK) != 0)
        return wr_duckdb_refused(cx, path, strerror(errno));
    if (!absent && access(path, R_OK | W_OK) != 0)
        return wr_fail_errno(cx, errno, "opening the database '%s' for writing", path);
    *ret_absent = absent;
    return WEIR_OK;
}
