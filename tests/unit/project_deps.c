/* Tests of project/deps.h. */
#include "project/deps.h"

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "base/time.h"
#include "harness/test.h"

typedef struct fixture {
    weir_ctx cx;
    const char *folder;
    wr_buf deps;
    int dir;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_buf_done(&f->deps);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture)                                                                               \
        fixture f = { .dir = -1, .folder = test_tempdir(), .deps = wr_buf_max(WR_DEPS_MAX) };      \
    wr_ctx_init(&(f).cx, NULL);                                                                    \
    CHECK_OK(wr_open_dir(&(f).cx, AT_FDCWD, (f).folder, false, &(f).dir));                         \
    CHECK_OK(wr_file_publish(&(f).cx, (f).dir, "a.c", wr_lit("one")));                             \
    CHECK_OK(wr_file_publish(&(f).cx, (f).dir, "the b#$.h", wr_lit("two")))

static bool make(fixture *f, const char *rules)
{
    wr_buf_clear(&f->deps);
    const weir_time later = wr_now(&f->cx) + WR_US_PER_SECOND;
    return wr_deps_make(&f->cx, weir_str_of(rules), f->folder, later, &f->deps);
}

static size_t count_lines(const fixture *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->deps.len; i++)
        count += f->deps.ptr[i] == '\n';
    return count;
}

TEST(a_list_holds_until_one_of_its_files_changes)
{
    FIXTURE(f);

    CHECK(make(&f, "module: a.c\n"));

    CHECK(wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "a.c", wr_lit("another")));
    CHECK(!wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "a.c", wr_lit("one")));
    CHECK(wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
    CHECK_OK(wr_unlink_at(&f.cx, f.dir, "a.c"));
    CHECK(!wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
}

TEST(rules_are_read_as_compilers_write_them_for_make)
{
    FIXTURE(f);

    CHECK(make(&f, "module: a.c \\\n  the\\ b\\#$$.h\n"));

    CHECK_INT(count_lines(&f), 3);
    CHECK(wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "the b#$.h", wr_lit("another")));
    CHECK(!wr_deps_hold(&f.cx, wr_buf_view(&f.deps)));
}

TEST(a_file_that_changed_behind_the_compilers_back_makes_no_list)
{
    FIXTURE(f);
    const weir_time before = wr_now(&f.cx) - WR_US_PER_SECOND;

    CHECK(!wr_deps_make(&f.cx, wr_lit("module: a.c\n"), f.folder, before, &f.deps));
    CHECK(!make(&f, "module: nowhere.c\n"));
    CHECK(!make(&f, ""));
}

TEST(a_text_that_is_no_list_does_not_hold)
{
    static const char *const texts[] = { "", "weir-deps 2\n", "weir-deps 1\nnonsense\n",
                                         "weir-deps 1\n0123456789abcdef /nowhere\n",
                                         "weir-deps 1\n0123456789abcdef \n" };
    FIXTURE(f);

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        CHECK(!wr_deps_hold(&f.cx, weir_str_of(texts[i])));
}
