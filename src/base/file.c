/* Files and folders: system calls with fault points in front, and messages that name the file. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

#define TEMP_SUFFIX ".tmp"
/* A wait for a pipe ends at least this often, so that its caller can look around. */
#define WAIT_MS 100

/* The error number that a fault point asks for; only wr_write_all() can write half. */
static int fault_before(const char *point)
{
    const int error = wr_fault_io(point);
    return error == WR_FAULT_SHORT ? EIO : error;
}

/* Set `error` to 0 or to the error number of a system call that stands behind its fault point; repeated when a signal
 * interrupts it. */
#define system_call(error, point, call)                                                            \
    do {                                                                                           \
        (error) = fault_before(point);                                                             \
        if ((error) == 0 && (call) < 0)                                                            \
            (error) = errno;                                                                       \
    } while ((error) == EINTR)

/* A path for a message; cut to fit. */
typedef struct shown_path {
    char text[PATH_MAX];
} shown_path;

/* Where an open file or folder is; "(unknown file)" when the system does not tell. */
static const char *path_of(int fd, shown_path *path)
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t len = readlink(link, path->text, sizeof(path->text) - 1);
    if (len <= 0)
        return "(unknown file)";
    path->text[len] = '\0';
    return path->text;
}

/* `name` below the folder `dir`. */
static const char *path_below(int dir, const char *name, shown_path *path)
{
    if (dir == AT_FDCWD || name[0] == '/')
        return name;
    shown_path folder;
    const int len = snprintf(path->text, sizeof(path->text), "%s/%s", path_of(dir, &folder), name);
    return len > 0 ? path->text : name;
}

static weir_status failed(weir_ctx *cx, int error, const char *doing, int fd)
{
    shown_path path;
    return wr_fail_errno(cx, error, "cannot %s '%s'", doing, path_of(fd, &path));
}

static weir_status failed_at(weir_ctx *cx, int error, const char *doing, int dir, const char *name)
{
    shown_path path;
    return wr_fail_errno(cx, error, "cannot %s '%s'", doing, path_below(dir, name, &path));
}

void wr_cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int try_open(int dir, const char *path, int flags, int *ret_fd)
{
    int error;
    int fd = -1;
    system_call(error, "io.open", fd = openat(dir, path, flags | O_CLOEXEC, 0666));
    if (error == 0)
        *ret_fd = fd;
    return error;
}

weir_status wr_open_at(weir_ctx *cx, int dir, const char *path, int flags, int *ret_fd)
{
    const int error = try_open(dir, path, flags, ret_fd);
    if (error != 0)
        return failed_at(cx, error, flags & O_CREAT ? "create" : "open", dir, path);
    return WEIR_OK;
}

weir_status wr_open_nameless(weir_ctx *cx, int *ret_fd)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    int fd = -1;
    int error;
    system_call(error, "io.open", fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (error != 0)
        system_call(error, "io.open", fd = memfd_create("weir", MFD_CLOEXEC));
    if (error != 0)
        return wr_fail_errno(cx, error, "cannot make a temporary file in '%s'", folder);
    *ret_fd = fd;
    return WEIR_OK;
}

weir_status wr_private_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    const char *const places[] = { getenv("XDG_RUNTIME_DIR"), "/dev/shm", getenv("TMPDIR"),
                                   "/tmp" };
    int error = ENOENT;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (!places[i] || places[i][0] != '/')
            continue;
        const weir_str path = wr_arena_printf(arena, "%s/weir-XXXXXX", places[i]);
        char *made = NULL;
        system_call(error, "io.mkdir", (made = mkdtemp((char *)(uintptr_t)path.ptr)) ? 0 : -1);
        if (error == 0) {
            *ret = path;
            return WEIR_OK;
        }
    }
    return wr_fail_errno(cx, error, "cannot make a private folder in /dev/shm, $TMPDIR or /tmp");
}

weir_status wr_duplicate(weir_ctx *cx, int fd, int *ret_fd)
{
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return failed(cx, errno, "open again", fd);
    *ret_fd = copy;
    return WEIR_OK;
}

/* What cannot be synced at all, as folders on some network file systems, says EINVAL. */
static int try_fsync(int fd)
{
    int error;
    system_call(error, "io.fsync", fsync(fd));
    return error == EINVAL ? 0 : error;
}

/* Sync the folder that `path`, just made, lies in: otherwise a crash could take it away with all that was synced in
 * it. */
static weir_status sync_parent(weir_ctx *cx, int dir, char *path)
{
    char *slash = strrchr(path, '/');
    const char *parent = !slash ? "." : slash == path ? "/" : path;
    if (slash && slash != path)
        *slash = '\0';
    wr_auto(close) int fd = -1;
    const weir_status status = wr_open_at(cx, dir, parent, O_RDONLY | O_DIRECTORY, &fd);
    if (slash)
        *slash = '/';
    WEIR_TRY(status);
    return wr_fsync(cx, fd);
}

/* Make one folder; one that is there is fine. */
static weir_status make_dir(weir_ctx *cx, int dir, char *path)
{
    int error;
    system_call(error, "io.mkdir", mkdirat(dir, path, 0777));
    if (error == EEXIST)
        return WEIR_OK;
    if (error != 0)
        return failed_at(cx, error, "create folder", dir, path);
    return sync_parent(cx, dir, path);
}

static weir_status make_dirs(weir_ctx *cx, int dir, const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    wr_auto(free) char *copy = wr_copy(path, len);
    for (size_t i = 1; i < len; i++) {
        if (copy[i] != '/')
            continue;
        copy[i] = '\0';
        WEIR_TRY(make_dir(cx, dir, copy));
        copy[i] = '/';
    }
    return make_dir(cx, dir, copy);
}

weir_status wr_open_dir(weir_ctx *cx, int dir, const char *path, bool make, int *ret_fd)
{
    const int flags = O_RDONLY | O_DIRECTORY;
    int error = try_open(dir, path, flags, ret_fd);
    if (error == ENOENT && make) {
        WEIR_TRY(make_dirs(cx, dir, path));
        error = try_open(dir, path, flags, ret_fd);
    }
    if (error != 0)
        return failed_at(cx, error, "open folder", dir, path);
    return WEIR_OK;
}

/* One write, which may take less than `len`. */
static int try_write(int fd, const char *ptr, size_t len, size_t *ret_len)
{
    const int fault = wr_fault_io("io.write");
    if (fault != 0 && fault != WR_FAULT_SHORT)
        return fault;
    const ssize_t written = write(fd, ptr, fault == WR_FAULT_SHORT ? len / 2 : len);
    if (fault == WR_FAULT_SHORT)
        return ENOSPC;
    if (written < 0)
        return errno;
    *ret_len = (size_t)written;
    return 0;
}

weir_status wr_write_all(weir_ctx *cx, int fd, weir_str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        size_t written = 0;
        const int error = try_write(fd, bytes.ptr + at, bytes.len - at, &written);
        if (error != 0 && error != EINTR)
            return failed(cx, error, "write", fd);
        at += written;
    }
    return WEIR_OK;
}

weir_status wr_read_at(weir_ctx *cx, int fd, void *ret, size_t len, int64_t offset, size_t *ret_len)
{
    size_t at = 0;
    while (at < len) {
        int error;
        ssize_t got = 0;
        system_call(error, "io.read",
                    got = pread(fd, (char *)ret + at, len - at, offset + (int64_t)at));
        if (error != 0)
            return failed(cx, error, "read", fd);
        if (got == 0)
            break;
        at += (size_t)got;
    }
    *ret_len = at;
    return WEIR_OK;
}

weir_status wr_read_some(weir_ctx *cx, int fd, void *ret, size_t len, size_t *ret_len,
                         bool *ret_end)
{
    WEIR_TRY(wr_check_cancel(cx));
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    int error;
    int ready = 0;
    system_call(error, "io.poll", ready = poll(&wanted, 1, WAIT_MS));
    ssize_t got = 0;
    if (error == 0 && ready > 0)
        system_call(error, "io.read", got = read(fd, ret, len));
    if (error == EAGAIN) /* somebody else took it */
        ready = 0;
    else if (error != 0)
        return failed(cx, error, "read", fd);
    *ret_len = ready > 0 ? (size_t)got : 0;
    *ret_end = ready > 0 && got == 0;
    return WEIR_OK;
}

weir_status wr_size(weir_ctx *cx, int fd, int64_t *ret)
{
    int error;
    struct stat info;
    system_call(error, "io.stat", fstat(fd, &info));
    if (error != 0)
        return failed(cx, error, "examine", fd);
    *ret = info.st_size;
    return WEIR_OK;
}

weir_status wr_fsync(weir_ctx *cx, int fd)
{
    const int error = try_fsync(fd);
    return error != 0 ? failed(cx, error, "sync", fd) : WEIR_OK;
}

weir_status wr_truncate(weir_ctx *cx, int fd, int64_t size)
{
    int error;
    system_call(error, "io.truncate", ftruncate(fd, size));
    return error != 0 ? failed(cx, error, "truncate", fd) : WEIR_OK;
}

weir_status wr_rename_at(weir_ctx *cx, int dir, const char *from, const char *to)
{
    int error;
    system_call(error, "io.rename", renameat(dir, from, dir, to));
    if (error == 0)
        return WEIR_OK;
    shown_path path;
    return wr_fail_errno(cx, error, "cannot rename '%s' to '%s'", path_below(dir, from, &path), to);
}

static int try_unlink(int dir, const char *path, int flags)
{
    int error;
    system_call(error, "io.unlink", unlinkat(dir, path, flags));
    return error == ENOENT ? 0 : error;
}

weir_status wr_unlink_at(weir_ctx *cx, int dir, const char *path)
{
    const int error = try_unlink(dir, path, 0);
    return error != 0 ? failed_at(cx, error, "remove", dir, path) : WEIR_OK;
}

/* Everything in the open folder `dir`. Recursion is as deep as the folders are. */
static weir_status remove_content(weir_ctx *cx, int dir)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_names names;
    WEIR_TRY(wr_list_dir(cx, &arena, dir, &names));
    for (size_t i = 0; i < names.len; i++)
        WEIR_TRY(wr_remove_tree(cx, dir, names.ptr[i].ptr));
    return WEIR_OK;
}

weir_status wr_remove_tree(weir_ctx *cx, int dir, const char *path)
{
    int error = try_unlink(dir, path, 0);
    if (error == EISDIR) {
        wr_auto(close) int fd = -1;
        WEIR_TRY(wr_open_at(cx, dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &fd));
        WEIR_TRY(remove_content(cx, fd));
        error = try_unlink(dir, path, AT_REMOVEDIR);
    }
    return error != 0 ? failed_at(cx, error, "remove", dir, path) : WEIR_OK;
}

weir_status wr_exists_at(weir_ctx *cx, int dir, const char *path, bool *ret)
{
    int error;
    struct stat info;
    system_call(error, "io.stat", fstatat(dir, path, &info, 0));
    if (error != 0 && error != ENOENT && error != ENOTDIR)
        return failed_at(cx, error, "examine", dir, path);
    *ret = error == 0;
    return WEIR_OK;
}

static wr_file_kind kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return WR_FILE_REGULAR;
    case S_IFDIR: return WR_FILE_FOLDER;
    case S_IFLNK: return WR_FILE_LINK;
    default: return WR_FILE_STREAM;
    }
}

/* Python has a double of seconds, and rounds its fraction to microseconds, half to even. */
static weir_time round_time(const struct timespec *time)
{
    double seconds;
    const double both = (double)time->tv_sec + 1e-9 * (double)time->tv_nsec;
    const double fraction = modf(both, &seconds);
    return (weir_time)seconds * 1000000 + (weir_time)nearbyint(fraction * 1e6);
}

weir_status wr_file_look(weir_ctx *cx, int dir, const char *path, int flags, wr_file_info *ret)
{
    int error;
    struct stat info;
    system_call(error, "io.stat", fstatat(dir, path, &info, flags));
    if (error == ENOENT || error == ENOTDIR) {
        *ret = (wr_file_info){ .kind = WR_FILE_MISSING };
        return WEIR_OK;
    }
    if (error != 0)
        return failed_at(cx, error, "examine", dir, path);
    const wr_file_kind kind = kind_of(info.st_mode);
    *ret = (wr_file_info){
        .kind = kind,
        .size = kind == WR_FILE_REGULAR ? info.st_size : 0,
        .modified = round_time(&info.st_mtim),
    };
    return WEIR_OK;
}

weir_status wr_real_path(weir_ctx *cx, wr_arena *arena, int dir, const char *path, weir_str *ret)
{
    shown_path real;
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, dir, path, O_PATH, &fd));
    *ret = wr_arena_str(arena, weir_str_of(path_of(fd, &real)));
    return WEIR_OK;
}

static weir_status write_and_sync(weir_ctx *cx, int dir, const char *name, weir_str bytes)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, dir, name, O_WRONLY | O_CREAT | O_TRUNC, &fd));
    WEIR_TRY(wr_write_all(cx, fd, bytes));
    return wr_fsync(cx, fd);
}

weir_status wr_file_publish(weir_ctx *cx, int dir, const char *name, weir_str bytes)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const char *temp = wr_arena_printf(&arena, "%s" TEMP_SUFFIX, name).ptr;

    weir_status status = write_and_sync(cx, dir, temp, bytes);
    if (status == WEIR_OK)
        status = wr_rename_at(cx, dir, temp, name);
    if (status != WEIR_OK) {
        (void)try_unlink(dir, temp, 0); /* the message is about the first failure */
        return status;
    }
    return wr_fsync(cx, dir);
}

static weir_status read_whole(weir_ctx *cx, wr_arena *arena, int fd, weir_str *ret)
{
    int64_t size;
    WEIR_TRY(wr_size(cx, fd, &size));
    if (size > (int64_t)WR_FILE_MAX) {
        shown_path path;
        return weir_fail(cx, WEIR_LIMIT, "'%s' has %lld bytes, at most %zu are read at once",
                         path_of(fd, &path), (long long)size, WR_FILE_MAX);
    }
    char *content = wr_arena_alloc(arena, (size_t)size + 1);
    size_t len;
    WEIR_TRY(wr_read_at(cx, fd, content, (size_t)size, 0, &len));
    *ret = (weir_str){ content, len };
    return WEIR_OK;
}

weir_status wr_file_read(weir_ctx *cx, wr_arena *arena, int dir, const char *path, weir_str *ret,
                         bool *ret_found)
{
    wr_auto(close) int fd = -1;
    const int error = try_open(dir, path, O_RDONLY, &fd);
    if (error != 0 && error != ENOENT)
        return failed_at(cx, error, "open", dir, path);
    if (error == 0)
        WEIR_TRY(read_whole(cx, arena, fd, ret));
    *ret_found = error == 0;
    return WEIR_OK;
}

typedef wr_vec(weir_str) name_list;

static bool is_self_or_parent(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Returns an error number. */
static int read_names(wr_arena *arena, DIR *stream, name_list *names)
{
    for (;;) {
        const int error = fault_before("io.list");
        if (error != 0 && error != EINTR)
            return error;
        errno = 0;
        const struct dirent *found = readdir(stream);
        if (!found)
            return errno;
        if (!is_self_or_parent(found->d_name))
            *wr_vec_push(names) = wr_arena_str(arena, weir_str_of(found->d_name));
    }
}

static int compare_names(const void *a, const void *b)
{
    return wr_str_cmp(*(const weir_str *)a, *(const weir_str *)b);
}

weir_status wr_list_dir(weir_ctx *cx, wr_arena *arena, int dir, wr_names *ret)
{
    /* Opened again, since a stream owns its descriptor and moves its position. */
    int fd;
    WEIR_TRY(wr_open_at(cx, dir, ".", O_RDONLY | O_DIRECTORY, &fd));
    DIR *stream = fdopendir(fd);
    if (!stream) {
        const int open_error = errno;
        close(fd);
        return failed(cx, open_error, "list", dir);
    }

    name_list names = { 0 };
    const int error = read_names(arena, stream, &names);
    closedir(stream);
    if (error == 0) {
        if (names.len > 0)
            qsort(names.ptr, names.len, sizeof(weir_str), compare_names);
        ret->ptr = wr_arena_new_array(arena, names.len, weir_str);
        ret->len = names.len;
        for (size_t i = 0; i < names.len; i++)
            ret->ptr[i] = names.ptr[i];
    }
    wr_vec_done(&names);
    return error != 0 ? failed(cx, error, "list", dir) : WEIR_OK;
}

weir_status wr_flock(weir_ctx *cx, int fd, bool *ret_taken)
{
    int error;
    system_call(error, "io.lock", flock(fd, LOCK_EX | LOCK_NB));
    if (error != 0 && error != EWOULDBLOCK)
        return failed(cx, error, "lock", fd);
    *ret_taken = error == 0;
    return WEIR_OK;
}
