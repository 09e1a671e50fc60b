/* Tests of sources/glob.h. */
#include "sources/glob.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"

/* A folder with files; a name that ends in a slash is a folder. */
typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_buf found;
    int dir;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_fault_set(NULL);
    wr_buf_done(&f->found);
    wr_arena_done(&f->arena);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

static weir_status make_files(fixture *f, const char *const *names)
{
    *f = (fixture){ .dir = -1, .found = wr_buf_max(1 << 16) };
    wr_ctx_init(&f->cx, NULL);
    WEIR_TRY(wr_open_dir(&f->cx, AT_FDCWD, test_tempdir(), false, &f->dir));
    for (; *names; names++) {
        wr_auto(close) int fd = -1;
        if (wr_str_ends(weir_str_of(*names), wr_lit("/"))) {
            WEIR_TRY(wr_open_dir(&f->cx, f->dir, *names, true, &fd));
            continue;
        }
        WEIR_TRY(wr_open_at(&f->cx, f->dir, *names, O_WRONLY | O_CREAT, &fd));
        WEIR_TRY(wr_write_all(&f->cx, fd, wr_lit("{}\n")));
    }
    return WEIR_OK;
}

#define FIXTURE(f, ...)                                                                            \
    wr_auto(fixture) fixture f = { .dir = -1 };                                                    \
    CHECK_OK(make_files(&(f), (const char *const[]){ __VA_ARGS__, NULL }))

/* The paths, each followed by a blank. */
static weir_status find(fixture *f, const char *pattern)
{
    wr_found_files files = { 0 };
    wr_buf_clear(&f->found);
    const weir_status status = wr_glob(&f->cx, &f->arena, f->dir, pattern, &files);
    for (size_t i = 0; status == WEIR_OK && i < files.len; i++)
        wr_buf_printf(&f->found, "%.*s ", WR_STR(files.ptr[i].path));
    wr_vec_done(&files);
    return status;
}

TEST(the_parts_of_a_pattern_match_names)
{
    static const struct {
        const char *pattern;
        const char *name;
        bool matches;
    } cases[] = {
        { "*", "a", true },
        { "*", "", true },
        { "*.jsonl", "a.jsonl", true },
        { "*.jsonl", ".jsonl", false }, /* hidden */
        { "*.jsonl", "a.json", false },
        { ".*", ".a", true },
        { "a*b*c", "a1b2c3c", true },
        { "a*b*c", "acb", false },
        { "a**c", "abc", true },
        { "?", "a", true },
        { "?", "\xC3\xA4", true },
        { "?", "", false },
        { "?", "ab", false },
        { "a?c", "abc", true },
        { "[abc]", "b", true },
        { "[abc]", "d", false },
        { "[a-c]", "b", true },
        { "[!a-c]", "b", false },
        { "[^a-c]", "d", true },
        { "[]]", "]", true },
        { "[a-]", "-", true },
        { "[!]a]", "b", true },
        { "[\xC3\xA0-\xC3\xBF]", "\xC3\xA4", true },
        { "[a", "[a", true }, /* no set */
        { "[a", "a", false },
        { "*[0-9].gz", "x1.gz.10.gz", true },
        { "\xFF*", "\xFFx", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const bool matches =
            wr_glob_matches(weir_str_of(cases[i].pattern), weir_str_of(cases[i].name));
        if (matches != cases[i].matches)
            FAIL("'%s' and '%s'", cases[i].pattern, cases[i].name);
    }
}

TEST(files_come_sorted_by_bytes)
{
    FIXTURE(f, "b.jsonl", "B.jsonl", "a.jsonl", "a/", "a/x.jsonl", "a-.jsonl", "\xC3\xA4.jsonl",
            ".hidden.jsonl", "10.jsonl", "9.jsonl");

    CHECK_OK(find(&f, "*.jsonl"));
    CHECK_STR(wr_buf_text(&f.found),
              "10.jsonl 9.jsonl B.jsonl a-.jsonl a.jsonl b.jsonl \xC3\xA4.jsonl ");

    CHECK_OK(find(&f, "**/*.jsonl"));
    CHECK_STR(wr_buf_text(&f.found),
              "10.jsonl 9.jsonl B.jsonl a-.jsonl a.jsonl a/x.jsonl b.jsonl \xC3\xA4.jsonl ");
}

TEST(patterns_go_through_folders)
{
    FIXTURE(f, "x/y/z/", "x/1.gz", "x/y/2.gz", "x/y/3.txt", "x/y/z/4.gz", "w/5.gz/", ".h/",
            ".h/6.gz");
    static const struct {
        const char *pattern;
        const char *found;
    } cases[] = {
        { "**/*.gz", "x/1.gz x/y/2.gz x/y/z/4.gz " },
        { "**", "x/1.gz x/y/2.gz x/y/3.txt x/y/z/4.gz " },
        { "x/**", "x/1.gz x/y/2.gz x/y/3.txt x/y/z/4.gz " },
        { "x/**/**/z/**/*", "x/y/z/4.gz " },
        { "**/y/**/*.gz", "x/y/2.gz x/y/z/4.gz " },
        { "*/*/[0-2].gz", "x/y/2.gz " },
        { "*/y/2.gz", "x/y/2.gz " },
        { "x//y/./*", "x/y/./2.gz x/y/./3.txt " },
        { "x/y/3.txt", "x/y/3.txt " },
        { ".h/*", ".h/6.gz " },
        { ".*/*", ".h/6.gz " },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK_OK(find(&f, cases[i].pattern));
        CHECK_STR(wr_buf_text(&f.found), cases[i].found);
    }
}

TEST(a_file_whose_name_looks_like_a_pattern_is_found)
{
    FIXTURE(f, "data[1].jsonl", "data1.jsonl");

    CHECK_OK(find(&f, "data[1].jsonl"));
    CHECK_STR(wr_buf_text(&f.found), "data[1].jsonl ");
    CHECK_OK(find(&f, "data[1-9].jsonl"));
    CHECK_STR(wr_buf_text(&f.found), "data1.jsonl ");
}

TEST(links_are_followed_but_not_by_two_stars)
{
    FIXTURE(f, "x/", "x/1.gz");
    CHECK_INT(symlinkat("..", f.dir, "x/loop"), 0);
    CHECK_INT(symlinkat("1.gz", f.dir, "x/2.gz"), 0);
    CHECK_INT(symlinkat("nowhere", f.dir, "x/3.gz"), 0);

    CHECK_OK(find(&f, "**/*.gz"));
    CHECK_STR(wr_buf_text(&f.found), "x/1.gz x/2.gz ");
    CHECK_OK(find(&f, "x/loop/x/*.gz"));
    CHECK_STR(wr_buf_text(&f.found), "x/loop/x/1.gz x/loop/x/2.gz ");
}

TEST(a_pattern_that_matches_nothing_names_what_is_near)
{
    FIXTURE(f, "data/", "data/events.jsonl", "data/orders.jsonl", "data/p", "data/q", "none/",
            "none/.x");
    static const struct {
        const char *pattern;
        const char *message;
        const char *hint;
    } cases[] = {
        { "data/evnts.jsonl", "there is no file 'data/evnts.jsonl'",
          "did you mean 'data/events.jsonl'?" },
        { "dta/events.jsonl", "there is no file 'dta/events.jsonl'", "did you mean 'data'?" },
        { "data/*.csv.gz", "no file matches 'data/*.csv.gz'",
          "in 'data' are 'events.jsonl', 'orders.jsonl', 'p' and 1 more" },
        { "zzzz/*", "no file matches 'zzzz/*'", "in '.' are 'data', 'none'" },
        { "none/*", "no file matches 'none/*'", "the folder 'none' is empty" },
        { "data/events.jsonl/x", "there is no file 'data/events.jsonl/x'",
          "did you mean 'data/events.jsonl'?" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK_INT(find(&f, cases[i].pattern), WEIR_CONFIG);
        CHECK_STR(weir_error_message(&f.cx), cases[i].message);
        CHECK_STR(weir_error_hint(&f.cx), cases[i].hint);
    }
}

TEST(a_folder_is_no_file)
{
    FIXTURE(f, "data/", "data/x.jsonl");

    CHECK_INT(find(&f, "data"), WEIR_CONFIG);

    CHECK_STR(weir_error_message(&f.cx), "'data' is a folder, expected a file or a pattern");
    CHECK_STR(weir_error_hint(&f.cx),
              "'data/*' are the files in it, 'data/**' those in its folders, too");
}

TEST(a_folder_that_cannot_be_listed_is_an_error)
{
    FIXTURE(f, "data/", "data/x.jsonl");

    wr_fault_set("io.list@1=EACCES");

    CHECK_INT(find(&f, "data/*"), WEIR_IO);
    CHECK(strstr(weir_error_message(&f.cx), "data': Permission denied"));
}

TEST(sizes_and_kinds_of_files_are_told)
{
    FIXTURE(f, "x", "y/");
    CHECK_INT(mkfifoat(f.dir, "pipe", 0600), 0);
    wr_found_files files = { 0 };

    CHECK_OK(wr_glob(&f.cx, &f.arena, f.dir, "*", &files));

    CHECK_INT(files.len, 2);
    CHECK(!files.ptr[0].seekable && files.ptr[0].size == 0);
    CHECK(files.ptr[1].seekable && files.ptr[1].size == 3);
    wr_vec_done(&files);
}
