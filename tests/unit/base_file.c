/* Tests of base/file.h. */
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* A context and a new, empty folder. */
typedef struct fixture {
    weir_ctx cx;
    const char *path;
    int dir;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_fault_set(NULL);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

static bool fixture_open(fixture *f)
{
    *f = (fixture){ .path = test_tempdir(), .dir = -1 };
    wr_ctx_init(&f->cx, NULL);
    return wr_open_dir(&f->cx, AT_FDCWD, f->path, false, &f->dir) == WEIR_OK;
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f = { .dir = -1 };                                                    \
    CHECK(fixture_open(&(f)))

/* The content of a file, "(none)" when it is not there. */
static weir_str content(fixture *f, const char *name)
{
    weir_str text = wr_lit("(none)");
    bool found;
    if (wr_file_read(&f->cx, &f->cx.scratch, f->dir, name, &text, &found) != WEIR_OK)
        return wr_lit("(failed)");
    return text;
}

/* What the system says about the error number follows. */
static bool message_begins(const fixture *f, const char *format, ...)
{
    char expected[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(expected, sizeof(expected), format, args);
    va_end(args);
    if (wr_str_starts(weir_str_of(weir_error_message(&f->cx)), weir_str_of(expected)))
        return true;
    test_note("expected: %s", expected);
    test_note("found:    %s", weir_error_message(&f->cx));
    return false;
}

TEST(a_published_file_can_be_read)
{
    FIXTURE(f);

    CHECK_OK(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("{}")));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("{\"a\":1}")));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "empty", (weir_str){ 0 }));

    CHECK_TEXT(content(&f, "state.json"), "{\"a\":1}");
    CHECK_TEXT(content(&f, "empty"), "");
    CHECK_TEXT(content(&f, "other"), "(none)");
}

TEST(names_are_listed_in_order)
{
    FIXTURE(f);
    wr_names names;
    CHECK_OK(wr_list_dir(&f.cx, &f.cx.scratch, f.dir, &names));
    CHECK_INT(names.len, 0);
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "b", wr_lit("")));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, ".a", wr_lit("")));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "B", wr_lit("")));

    CHECK_OK(wr_list_dir(&f.cx, &f.cx.scratch, f.dir, &names));

    CHECK_INT(names.len, 3);
    CHECK_STR(names.ptr[0].ptr, ".a");
    CHECK_STR(names.ptr[1].ptr, "B");
    CHECK_STR(names.ptr[2].ptr, "b");
}

TEST(folders_are_made_with_those_above)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;

    CHECK_INT(wr_open_dir(&f.cx, f.dir, "a/b/c", false, &fd), WEIR_IO);
    CHECK_INT(f.cx.error.native, ENOENT);
    CHECK_INT(fd, -1);
    CHECK_OK(wr_open_dir(&f.cx, f.dir, "a/b/c//", true, &fd));
    wr_cleanup_close(&fd);
    CHECK_OK(wr_open_dir(&f.cx, f.dir, "a/b/c", true, &fd));
    CHECK_OK(wr_file_publish(&f.cx, fd, "x", wr_lit("1")));
    CHECK_TEXT(content(&f, "a/b/c/x"), "1");
}

TEST(a_folder_is_not_made_where_a_file_is)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "file", wr_lit("")));

    CHECK_INT(wr_open_dir(&f.cx, f.dir, "file/sub", true, &fd), WEIR_IO);
    CHECK_INT(f.cx.error.native, ENOTDIR);
}

TEST(existence_is_an_answer)
{
    FIXTURE(f);
    bool exists = true;
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "file", wr_lit("")));

    CHECK_OK(wr_exists_at(&f.cx, f.dir, "other", &exists));
    CHECK(!exists);
    CHECK_OK(wr_exists_at(&f.cx, f.dir, "file/below", &exists));
    CHECK(!exists);
    CHECK_OK(wr_exists_at(&f.cx, f.dir, "file", &exists));
    CHECK(exists);
}

TEST(a_tree_is_removed_and_links_in_it_are_not_followed)
{
    FIXTURE(f);
    wr_auto(close) int inner = -1;
    CHECK_OK(wr_open_dir(&f.cx, f.dir, "tree/a/b", true, &inner));
    CHECK_OK(wr_file_publish(&f.cx, inner, "x", wr_lit("1")));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "outside", wr_lit("1")));
    CHECK(symlinkat("../..", inner, "link") == 0);

    CHECK_OK(wr_remove_tree(&f.cx, f.dir, "tree"));

    bool exists = true;
    CHECK_OK(wr_exists_at(&f.cx, f.dir, "tree", &exists));
    CHECK(!exists);
    CHECK_TEXT(content(&f, "outside"), "1");
    CHECK_OK(wr_remove_tree(&f.cx, f.dir, "tree"));
    CHECK_OK(wr_remove_tree(&f.cx, f.dir, "outside"));
    CHECK_TEXT(content(&f, "outside"), "(none)");
}

TEST(a_file_that_is_not_there_is_removed)
{
    FIXTURE(f);

    CHECK_OK(wr_unlink_at(&f.cx, f.dir, "nothing"));
}

TEST(parts_of_a_file_are_read_and_cut)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    char part[8];
    size_t len;
    int64_t size;
    CHECK_OK(wr_open_at(&f.cx, f.dir, "log", O_RDWR | O_CREAT, &fd));
    CHECK_OK(wr_write_all(&f.cx, fd, wr_lit("0123456789")));

    CHECK_OK(wr_read_at(&f.cx, fd, part, 4, 3, &len));
    CHECK_TEXT(((weir_str){ part, len }), "3456");
    CHECK_OK(wr_truncate(&f.cx, fd, 5));
    CHECK_OK(wr_size(&f.cx, fd, &size));
    CHECK_INT(size, 5);
    CHECK_OK(wr_read_at(&f.cx, fd, part, 4, 3, &len));
    CHECK_TEXT(((weir_str){ part, len }), "34");
    CHECK_OK(wr_read_at(&f.cx, fd, part, 4, 99, &len));
    CHECK_INT(len, 0);
}

TEST(a_file_that_is_too_large_is_not_read_at_once)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    weir_str text;
    bool found;
    CHECK_OK(wr_open_at(&f.cx, f.dir, "big", O_RDWR | O_CREAT, &fd));
    CHECK_OK(wr_truncate(&f.cx, fd, (int64_t)WR_FILE_MAX + 1));

    CHECK_INT(wr_file_read(&f.cx, &f.cx.scratch, f.dir, "big", &text, &found), WEIR_LIMIT);
}

TEST(a_locked_file_is_taken_for_others)
{
    FIXTURE(f);
    wr_auto(close) int mine = -1;
    wr_auto(close) int theirs = -1;
    bool taken = false;
    CHECK_OK(wr_open_at(&f.cx, f.dir, "lock", O_RDWR | O_CREAT, &mine));
    CHECK_OK(wr_open_at(&f.cx, f.dir, "lock", O_RDWR | O_CREAT, &theirs));

    CHECK_OK(wr_flock(&f.cx, mine, &taken));
    CHECK(taken);
    CHECK_OK(wr_flock(&f.cx, theirs, &taken));
    CHECK(!taken);
    wr_cleanup_close(&mine);
    CHECK_OK(wr_flock(&f.cx, theirs, &taken));
    CHECK(taken);
}

TEST(a_failure_names_the_file)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    CHECK_OK(wr_open_dir(&f.cx, f.dir, "folder", true, &fd));

    CHECK_INT(wr_rename_at(&f.cx, f.dir, "a", "b"), WEIR_IO);
    CHECK_INT(f.cx.error.native, ENOENT);
    CHECK(message_begins(&f, "cannot rename '%s/a' to 'b': ", f.path));
    CHECK_INT(wr_unlink_at(&f.cx, f.dir, "folder"), WEIR_IO);
    CHECK(message_begins(&f, "cannot remove '%s/folder': ", f.path));
}

TEST(a_full_disk_is_told)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    CHECK_OK(wr_open_at(&f.cx, AT_FDCWD, "/dev/full", O_WRONLY, &fd));

    CHECK_INT(wr_write_all(&f.cx, fd, wr_lit("x")), WEIR_IO);

    CHECK_INT(f.cx.error.native, ENOSPC);
    CHECK(message_begins(&f, "cannot write '/dev/full': "));
}

TEST(files_that_are_opened_do_not_reach_children)
{
    FIXTURE(f);

    CHECK(fcntl(f.dir, F_GETFD) & FD_CLOEXEC);
}

#ifdef WEIR_FAULTS

TEST(a_failed_publish_leaves_the_old_file_and_no_other)
{
    static const char *const faults[] = {
        "io.open@1=EMFILE", "io.write@1=ENOSPC", "io.write@1=short",
        "io.fsync@1=EIO",   "io.rename@1=EIO",
    };
    FIXTURE(f);
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("old")));

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        wr_fault_set(faults[i]);
        CHECK_INT(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("new")), WEIR_IO);
        wr_fault_set(NULL);

        wr_names names;
        CHECK_OK(wr_list_dir(&f.cx, &f.cx.scratch, f.dir, &names));
        CHECK_INT(names.len, 1);
        CHECK_TEXT(content(&f, "state.json"), "old");
    }
}

TEST(a_publish_whose_folder_cannot_be_synced_fails_with_the_new_file)
{
    FIXTURE(f);
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("old")));

    wr_fault_set("io.fsync@2=EIO");
    CHECK_INT(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("new")), WEIR_IO);
    CHECK(message_begins(&f, "cannot sync '%s': ", f.path));

    CHECK_TEXT(content(&f, "state.json"), "new");
}

TEST(a_short_write_leaves_half_and_says_why)
{
    FIXTURE(f);
    wr_auto(close) int fd = -1;
    int64_t size;
    CHECK_OK(wr_open_at(&f.cx, f.dir, "log", O_WRONLY | O_CREAT, &fd));

    wr_fault_set("io.write@1=short");
    CHECK_INT(wr_write_all(&f.cx, fd, wr_lit("0123456789")), WEIR_IO);

    CHECK_INT(f.cx.error.native, ENOSPC);
    CHECK(message_begins(&f, "cannot write '%s/log': ", f.path));
    CHECK_OK(wr_size(&f.cx, fd, &size));
    CHECK_INT(size, 5);
}

TEST(interrupted_calls_are_repeated)
{
    FIXTURE(f);
    wr_fault_set(
        "io.open@1=EINTR,io.write@1=EINTR,io.fsync@1=EINTR,io.rename@1=EINTR,io.read@1=EINTR,"
        "io.stat@1=EINTR,io.list@1=EINTR,io.unlink@1=EINTR");
    wr_names names;

    CHECK_OK(wr_file_publish(&f.cx, f.dir, "state.json", wr_lit("new")));
    CHECK_TEXT(content(&f, "state.json"), "new");
    CHECK_OK(wr_list_dir(&f.cx, &f.cx.scratch, f.dir, &names));
    CHECK_INT(names.len, 1);
    CHECK_OK(wr_unlink_at(&f.cx, f.dir, "state.json"));
    CHECK_TEXT(content(&f, "state.json"), "(none)");
}

/* Each call once, on a file that is there. */
static weir_status use(fixture *f, const char *point)
{
    wr_auto(close) int fd = -1;
    wr_auto(close) int below = -1;
    wr_names names;
    char byte;
    size_t len;
    int64_t size;
    bool answer;
    WEIR_TRY(wr_open_at(&f->cx, f->dir, "file", O_RDWR | O_CREAT, &fd));
    WEIR_TRY(wr_write_all(&f->cx, fd, wr_lit("x")));
    char rule[64];
    snprintf(rule, sizeof(rule), "%s@1=EIO", point);
    wr_fault_set(rule);
    WEIR_TRY(wr_read_at(&f->cx, fd, &byte, 1, 0, &len));
    WEIR_TRY(wr_size(&f->cx, fd, &size));
    WEIR_TRY(wr_truncate(&f->cx, fd, 0));
    WEIR_TRY(wr_write_all(&f->cx, fd, wr_lit("x")));
    WEIR_TRY(wr_flock(&f->cx, fd, &answer));
    WEIR_TRY(wr_fsync(&f->cx, fd));
    WEIR_TRY(wr_rename_at(&f->cx, f->dir, "file", "renamed"));
    WEIR_TRY(wr_list_dir(&f->cx, &f->cx.scratch, f->dir, &names));
    WEIR_TRY(wr_open_dir(&f->cx, f->dir, "new/folder", true, &below));
    return wr_unlink_at(&f->cx, f->dir, "renamed");
}

TEST(each_system_call_has_a_fault_point_and_a_message)
{
    static const char *const points[] = {
        "io.open",   "io.mkdir",    "io.write", "io.read", "io.fsync", "io.rename",
        "io.unlink", "io.truncate", "io.stat",  "io.list", "io.lock",
    };
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        FIXTURE(f);
        CHECK_INT(use(&f, points[i]), WEIR_IO);
        CHECK_INT(f.cx.error.native, EIO);
        CHECK(strncmp(weir_error_message(&f.cx), "cannot ", 7) == 0);
        CHECK(strstr(weir_error_message(&f.cx), f.path) != NULL);
    }
    FIXTURE(f);
    CHECK_OK(use(&f, "io.none"));
}

#endif

TEST(what_a_path_is_can_be_told)
{
    FIXTURE(f);
    wr_file_info info;
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "file", wr_lit("content")));
    CHECK_INT(symlinkat("file", f.dir, "link"), 0);
    CHECK_INT(mkfifoat(f.dir, "pipe", 0600), 0);
    static const struct {
        const char *path;
        int flags;
        wr_file_kind kind;
        int64_t size;
    } cases[] = {
        { "file", 0, WR_FILE_REGULAR, 7 },
        { "link", 0, WR_FILE_REGULAR, 7 },
        { "link", AT_SYMLINK_NOFOLLOW, WR_FILE_LINK, 0 },
        { "pipe", 0, WR_FILE_STREAM, 0 },
        { ".", 0, WR_FILE_FOLDER, 0 },
        { "", AT_EMPTY_PATH, WR_FILE_FOLDER, 0 },
        { "nothing", 0, WR_FILE_MISSING, 0 },
        { "file/below", 0, WR_FILE_MISSING, 0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK_OK(wr_file_look(&f.cx, f.dir, cases[i].path, cases[i].flags, &info));
        CHECK_INT(info.kind, cases[i].kind);
        CHECK_INT(info.size, cases[i].size);
    }
    wr_fault_set("io.stat@1=EACCES");
    CHECK_INT(wr_file_look(&f.cx, f.dir, "file", 0, &info), WEIR_IO);
}

TEST(a_pipe_gives_what_is_there_and_then_its_end)
{
    FIXTURE(f);
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    wr_auto(close) int reader = ends[0];
    wr_auto(close) int writer = ends[1];
    char bytes[16];
    size_t len = 99;
    bool end = true;

    CHECK_OK(wr_read_some(&f.cx, reader, bytes, sizeof(bytes), &len, &end));
    CHECK(len == 0 && !end);

    CHECK_OK(wr_write_all(&f.cx, writer, wr_lit("abc")));
    CHECK_OK(wr_read_some(&f.cx, reader, bytes, sizeof(bytes), &len, &end));
    CHECK(len == 3 && !end && memcmp(bytes, "abc", 3) == 0);

    wr_cleanup_close(&writer);
    CHECK_OK(wr_read_some(&f.cx, reader, bytes, sizeof(bytes), &len, &end));
    CHECK(len == 0 && end);
}
