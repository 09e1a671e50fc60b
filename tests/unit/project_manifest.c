/* Tests of project/manifest.h and project/component.h. */
#include "project/manifest.h"

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"
#include "project/component.h"

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_manifest manifest;
    int dir;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_arena_done(&f->arena);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f = { .dir = -1 };                                                    \
    wr_ctx_init(&(f).cx, NULL);                                                                    \
    CHECK_OK(wr_open_dir(&(f).cx, AT_FDCWD, test_tempdir(), false, &(f).dir))

static weir_status read_text(fixture *f, const char *text)
{
    bool found = false;
    weir_error_clear(&f->cx);
    WEIR_TRY(wr_file_publish(&f->cx, f->dir, "weir.toml", weir_str_of(text)));
    return wr_manifest_read(&f->cx, &f->arena, f->dir, &f->manifest, &found);
}

/* The text with duckdb added; the message of the failure when it cannot be. */
static const char *with_duckdb(fixture *f, const char *text, bool dev)
{
    const wr_need need = { .name = wr_lit("duckdb"), .least = wr_lit("2.0"), .dev = dev };
    weir_str with;
    if (read_text(f, text) != WEIR_OK ||
        wr_manifest_with(&f->cx, &f->arena, &f->manifest, &need, &with) != WEIR_OK)
        return weir_error_message(&f->cx);
    return with.ptr;
}

TEST(needs_are_read_with_their_least_versions_and_places)
{
    FIXTURE(f);

    CHECK_OK(read_text(&f, "[dependencies]\nweir = \">=0.1.0\"\n"
                           "[dev-dependencies]\nduckdb = \">= 2.0\"\n"));

    CHECK_INT(f.manifest.count, 2);
    const wr_need *duckdb = wr_manifest_find(&f.manifest, wr_lit("duckdb"));
    CHECK_TEXT(duckdb->least, "2.0");
    CHECK(duckdb->dev && duckdb->place.line == 4);
    CHECK(!wr_manifest_find(&f.manifest, wr_lit("weir"))->dev);
    CHECK(!wr_manifest_find(&f.manifest, wr_lit("postgres")));
}

TEST(a_manifest_that_is_not_there_is_an_empty_one)
{
    FIXTURE(f);
    bool found = true;

    CHECK_OK(wr_manifest_read(&f.cx, &f.arena, f.dir, &f.manifest, &found));

    CHECK(!found && f.manifest.count == 0);
}

TEST(what_is_wrong_in_a_manifest_is_told_with_its_place)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        { "[dependencies\n", "weir.toml:1:" },
        { "[dependncies]\n", "weir.toml:1:2: weir.toml has no key 'dependncies'" },
        { "[project]\nnmae = 'x'\n", "weir.toml:2:1: 'project' has no key 'nmae'" },
        { "dependencies = 1\n", "weir.toml:1:16: " },
        { "[dependencies]\nweir = 1\n", "weir.toml:2:8: 'weir' has no least version" },
        { "[dependencies]\nweir = '0.1'\n", "weir.toml:2:8: 'weir' has no least version" },
        { "[dependencies]\nweir = '>='\n", "weir.toml:2:8: 'weir' has no least version" },
        { "[dependencies]\nweir = '>=1.x'\n", "weir.toml:2:8: 'weir' has no least version" },
        { "[dependencies]\na = '>=1'\n[dev-dependencies]\na = '>=1'\n",
          "weir.toml:4:5: 'a' is needed twice, see line 2" },
    };
    FIXTURE(f);

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK(read_text(&f, cases[i].text) != WEIR_OK);
        if (!wr_str_starts(weir_str_of(weir_error_message(&f.cx)), weir_str_of(cases[i].message)))
            FAIL("%s: %s", cases[i].message, weir_error_message(&f.cx));
    }
}

TEST(a_need_is_added_behind_the_others_of_its_table)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f,
                          "# mine\n[dependencies] # all of them\nweir = \">=0.1\" # engine\n\n"
                          "# more\n[project]\nname = 'x'\n",
                          false),
              "# mine\n[dependencies] # all of them\nweir = \">=0.1\" # engine\n"
              "duckdb = \">=2.0\"\n\n# more\n[project]\nname = 'x'\n");
}

TEST(a_table_that_is_not_there_comes_at_the_end)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f, "[dependencies]\nweir = \">=0.1\"\n", true),
              "[dependencies]\nweir = \">=0.1\"\n\n[dev-dependencies]\nduckdb = \">=2.0\"\n");
    CHECK_STR(with_duckdb(&f, "", true), "[dev-dependencies]\nduckdb = \">=2.0\"\n");
}

TEST(an_empty_table_gets_its_first_line)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f, "[dev-dependencies]\n# none yet\n\n[project]\n", true),
              "[dev-dependencies]\nduckdb = \">=2.0\"\n# none yet\n\n[project]\n");
}

TEST(ends_of_lines_are_as_they_were)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f, "[dependencies]\r\nweir = \">=0.1\"\r\n", false),
              "[dependencies]\r\nweir = \">=0.1\"\r\nduckdb = \">=2.0\"\r\n");
    CHECK_STR(with_duckdb(&f, "[dependencies]\nweir = \">=0.1\"", false),
              "[dependencies]\nweir = \">=0.1\"\nduckdb = \">=2.0\"\n");
    CHECK_STR(with_duckdb(&f, "# only a comment", true),
              "# only a comment\n\n[dev-dependencies]\nduckdb = \">=2.0\"\n");
}

TEST(tables_that_have_no_header_are_left_to_the_user)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f, "dependencies = { weir = \">=0.1\" }\n", false),
              "weir.toml:1:16: 'dependencies' has no header, and cannot be added to");
    CHECK_STR(with_duckdb(&f, "dependencies.weir = \">=0.1\"\n", false),
              "weir.toml:1:1: 'dependencies' has no header, and cannot be added to");
}

TEST(a_line_that_would_break_the_file_is_not_added)
{
    FIXTURE(f);

    CHECK_STR(with_duckdb(&f, "[dependencies]\nweir = '''\n>=0.1'''\n", false),
              "'duckdb' cannot be added to weir.toml as it is written");
}

TEST(versions_are_compared_number_by_number)
{
    static const char *const order[] = { "0.9", "1", "1.2", "1.9.9", "1.10", "2.0.0.1", "10" };
    const size_t count = sizeof(order) / sizeof(*order);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            CHECK_INT(wr_version_cmp(weir_str_of(order[i]), weir_str_of(order[k])),
                      (i > k) - (i < k));
    CHECK_INT(wr_version_cmp(wr_lit("1"), wr_lit("1.0.0")), 0);
}

TEST(versions_are_numbers_with_dots_between_them)
{
    static const char *const bad[] = { "",   ".",   "1.",  ".1", "1..2",
                                       "v1", "1.x", "1-2", "1 ", "1234567890" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(!wr_version_valid(weir_str_of(bad[i])));
    CHECK(wr_version_valid(wr_lit("0")) && wr_version_valid(wr_lit("2.0.0.1")));
}

TEST(an_unknown_component_is_told_with_the_nearest_one)
{
    FIXTURE(f);
    wr_installed installed;

    CHECK_INT(wr_component_find(&f.cx, &f.arena, wr_lit("duckbd"), &installed), WEIR_INVALID);

    CHECK_STR(weir_error_hint(&f.cx), "did you mean 'duckdb'?");
}

TEST(the_engine_is_a_component_with_a_file)
{
    FIXTURE(f);
    wr_installed installed;

    CHECK_OK(wr_component_find(&f.cx, &f.arena, wr_lit("weir"), &installed));

    CHECK_TEXT(installed.version, WEIR_VERSION);
    CHECK(installed.file.len > 0);
}
