/* Tests of project/init.h. */
#include "project/init.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"
#include "project/templates.h"

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_init_files files;
    int dir;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_fault_set(NULL);
    wr_vec_done(&f->files);
    wr_arena_done(&f->arena);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f = { .dir = -1 };                                                    \
    wr_ctx_init(&(f).cx, NULL);                                                                    \
    CHECK_OK(wr_open_dir(&(f).cx, AT_FDCWD, test_tempdir(), false, &(f).dir))

static size_t count_in(fixture *f, const char *path)
{
    wr_auto(close) int dir = -1;
    wr_names names = { 0 };
    if (wr_open_dir(&f->cx, f->dir, path, false, &dir) != WEIR_OK ||
        wr_list_dir(&f->cx, &f->arena, dir, &names) != WEIR_OK)
        weir_error_clear(&f->cx);
    return names.len;
}

TEST(templates_are_in_order_and_hold_their_texts)
{
    size_t count = 0;
    for (const wr_template *each = wr_templates; each->path; each++, count++) {
        CHECK(each->len == strlen(each->text) && each->len > 0);
        CHECK(!strstr(each->path, "dot-"));
    }
    CHECK(count > 0);
}

TEST(words_of_the_templates_are_filled_in_in_paths_and_texts)
{
    FIXTURE(f);
    weir_str text;
    bool found = false;

    CHECK_OK(wr_init_pipeline(&f.cx, &f.arena, f.dir, "orders", "c", &f.files));

    CHECK_INT(f.files.len, 2);
    CHECK_OK(wr_file_read(&f.cx, &f.arena, f.dir, "sources/orders/source.c", &text, &found));
    CHECK(found && strstr(text.ptr, ".name = \"orders\"") && !strstr(text.ptr, "PIPELINE_NAME"));
}

TEST(a_file_that_is_there_is_kept_and_told)
{
    FIXTURE(f);
    CHECK_OK(wr_file_publish(&f.cx, f.dir, "weir.toml", wr_lit("mine")));
    weir_str text;
    bool found = false;

    CHECK_OK(wr_init_project(&f.cx, &f.arena, f.dir, "shop", &f.files));

    size_t kept = 0;
    for (size_t i = 0; i < f.files.len; i++)
        kept += !f.files.ptr[i].made;
    CHECK_INT(kept, 1);
    CHECK_OK(wr_file_read(&f.cx, &f.arena, f.dir, "weir.toml", &text, &found));
    CHECK_TEXT(text, "mine");
}

#ifdef WEIR_FAULTS
TEST(a_file_that_was_not_written_whole_is_taken_away_again)
{
    FIXTURE(f);
    wr_fault_set("io.write@1=short");

    CHECK_INT(wr_init_project(&f.cx, &f.arena, f.dir, "shop", &f.files), WEIR_IO);

    CHECK(strstr(weir_error_message(&f.cx), "README.md"));
    CHECK_INT(count_in(&f, "."), 0);
    CHECK_OK(wr_init_project(&f.cx, &f.arena, f.dir, "shop", &f.files));
    CHECK(count_in(&f, ".") > 0);
}
#endif

TEST(a_name_that_is_no_pipelines_makes_nothing)
{
    FIXTURE(f);
    static const char *const BAD[] = { "", "-x", "a.b", "a/b", "a b", "\xC3\xA4", "con" };

    for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++)
        CHECK_INT(wr_init_pipeline(&f.cx, &f.arena, f.dir, BAD[i], "c", &f.files), WEIR_INVALID);

    CHECK_INT(count_in(&f, "."), 0);
}
