/* The quarantine: what its file says of a bad line, and where it is before and after the commit. */
#include "pipeline/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define PLACE "{\"line\":5,\"offset\":100}"
#define HEAD "{\"resource\":\"r\",\"file\":\"a.jsonl\","

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_home home;
    wr_package package;
    wr_quarantine quarantine;
} fixture;

static void fixture_begin(fixture *f)
{
    wr_ctx_init(&f->cx, NULL);
    f->home = (wr_home){ .dir = -1, .lock = -1 };
    bool found = false;
    setenv("WEIR_DATA_DIR", test_tempdir(), 1);
    if (wr_home_open(&f->cx, &f->arena, wr_lit("orders"), true, &f->home, &found) != WEIR_OK)
        abort();
    unsetenv("WEIR_DATA_DIR");
    f->package = (wr_package){
        .load_id = wr_lit("1.000001"),
        .manifest = wr_node_new(&f->arena, WR_NODE_OBJECT),
    };
    wr_node_set(&f->arena, f->package.manifest, wr_lit("state"),
                wr_node_text(&f->arena, wr_lit("committing")));
    wr_quarantine_begin(&f->quarantine, &f->home, &f->package);
}

static void fixture_end(fixture *f)
{
    wr_quarantine_end(&f->quarantine);
    wr_home_close(&f->home);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define WITH_FIXTURE(f)                                                                            \
    __attribute__((cleanup(fixture_end))) fixture f = { 0 };                                       \
    fixture_begin(&f)

/* Keep `rows` of these lines. */
static weir_status add(fixture *f, weir_str lines, const char *place, const uint32_t *rows,
                       size_t count)
{
    char *content = wr_arena_alloc(&f->arena, lines.len);
    memcpy(content, lines.ptr, lines.len);
    const wr_frame frame = {
        .kind = WR_FRAME_LINES,
        .resource = wr_lit("r"),
        .input = wr_lit("a.jsonl"),
        .place = weir_str_of(place),
        .content = content,
        .len = lines.len,
    };
    return wr_quarantine_add(&f->cx, &f->quarantine, &frame, rows, count);
}

static const char *file_text(fixture *f, const char *path)
{
    weir_str text = { 0 };
    bool found = false;
    if (wr_file_read(&f->cx, &f->arena, f->home.dir, path, &text, &found) != WEIR_OK || !found)
        return "no file";
    return wr_arena_str(&f->arena, text).ptr;
}

TEST(a_bad_line_is_kept_with_its_place_and_its_reason)
{
    WITH_FIXTURE(f);
    const uint32_t rows[] = { 1, 3 };

    CHECK_OK(add(&f, wr_lit("{}\n{\"a\":\r\n{}\n\n"), PLACE, rows, 2));

    CHECK_INT(f.quarantine.rows, 2);
    CHECK_STR(file_text(&f, "packages/1.000001/bad.jsonl"), HEAD
              "\"line\":6,\"offset\":103,\"reason\":\"invalid JSON at byte 6: unexpected end of "
              "data\",\"text\":\"{\\\"a\\\":\\r\"}\n" HEAD
              "\"line\":8,\"offset\":113,\"reason\":\"the line is empty, one JSON value was "
              "expected\",\"text\":\"\"}\n");
}

TEST(bytes_that_are_not_utf8_are_kept_as_base64)
{
    WITH_FIXTURE(f);

    CHECK_OK(add(&f, wr_lit("\"\xff\"\n"), PLACE, (const uint32_t[]){ 0 }, 1));

    const char *text = file_text(&f, "packages/1.000001/bad.jsonl");
    CHECK(strstr(text, ",\"base64\":\"Iv8i\"}\n") != NULL);
    CHECK(strstr(text, "\"text\"") == NULL);
}

TEST(an_element_of_an_array_has_a_byte_and_no_line)
{
    WITH_FIXTURE(f);

    CHECK_OK(add(&f, wr_lit("1\nx\n"), "{\"line\":0,\"offset\":7}", (const uint32_t[]){ 1 }, 1));

    CHECK(strstr(file_text(&f, "packages/1.000001/bad.jsonl"), "\"line\":null,\"offset\":9,") !=
          NULL);
}

/* A line longer than what is written at a time comes back whole, as text and as bytes. */
static void check_long(char last)
{
    WITH_FIXTURE(f);
    const size_t len = 200001;
    char *line = wr_arena_alloc(&f.arena, len + 1);
    for (size_t i = 0; i < len; i++)
        line[i] = "x\x01\"\\y"[i % 5];
    line[len - 1] = last;
    CHECK_OK(add(&f, (weir_str){ line, len }, PLACE, (const uint32_t[]){ 0 }, 1));

    wr_node *entry = NULL;
    const char *text = file_text(&f, "packages/1.000001/bad.jsonl");
    CHECK_OK(wr_node_parse(&f.cx, &f.arena, weir_str_of(text), &entry));
    weir_str kept = wr_node_get_text(entry, "text");
    if (!kept.len) {
        const weir_str base64 = wr_node_get_text(entry, "base64");
        uint8_t *bytes = wr_arena_alloc(&f.arena, base64.len);
        CHECK(wr_base64_decode(bytes, &kept.len, base64));
        kept.ptr = (const char *)bytes;
    }
    CHECK_INT(kept.len, len);
    CHECK(kept.len == len && memcmp(kept.ptr, line, len) == 0);
}

TEST(a_long_line_is_kept_whole)
{
    check_long('z');
    check_long('\xff');
}

TEST(what_an_earlier_attempt_left_is_written_anew)
{
    WITH_FIXTURE(f);
    CHECK_OK(add(&f, wr_lit("x\ny\n"), PLACE, (const uint32_t[]){ 0, 1 }, 2));
    wr_quarantine_end(&f.quarantine);
    wr_quarantine_begin(&f.quarantine, &f.home, &f.package);

    CHECK_OK(add(&f, wr_lit("z\n"), PLACE, (const uint32_t[]){ 0 }, 1));

    const char *text = file_text(&f, "packages/1.000001/bad.jsonl");
    CHECK(strstr(text, "\"text\":\"z\"") != NULL);
    CHECK_INT(strchr(text, '\n') - text + 1, strlen(text));
}

TEST(a_quarantine_is_noted_before_the_commit_and_moves_beside_the_trace)
{
    WITH_FIXTURE(f);
    CHECK_OK(add(&f, wr_lit("x\n"), PLACE, (const uint32_t[]){ 0 }, 1));
    CHECK_OK(wr_quarantine_seal(&f.cx, &f.quarantine));

    wr_packages packages;
    CHECK_OK(wr_package_list(&f.cx, &f.arena, &f.home, false, &packages));
    CHECK_INT(packages.len, 1);
    CHECK_INT(packages.ptr[0].state, WR_PACKAGE_COMMITTING);
    const wr_node *noted = packages.ptr[0].manifest;
    CHECK_INT(wr_node_get_int(noted, "bad_rows", 0), 1);

    CHECK_OK(wr_package_finish(&f.cx, &f.home, f.package.load_id, noted, 2));
    CHECK_OK(wr_package_finish(&f.cx, &f.home, f.package.load_id, noted, 2)); /* again is fine */
    CHECK(strstr(file_text(&f, "loaded/1.000001.bad.jsonl"), "\"text\":\"x\"") != NULL);
    CHECK_STR(file_text(&f, "packages/1.000001/bad.jsonl"), "no file");
    CHECK_OK(wr_package_list(&f.cx, &f.arena, &f.home, true, &packages));
    CHECK_INT(packages.len, 1);

    CHECK_OK(wr_package_finish(&f.cx, &f.home, wr_lit("2.000002"), f.package.manifest, 2));
    CHECK(strcmp(file_text(&f, "loaded/1.000001.bad.jsonl"), "no file") != 0);
    CHECK_OK(wr_package_finish(&f.cx, &f.home, wr_lit("3.000003"), f.package.manifest, 2));
    CHECK_STR(file_text(&f, "loaded/1.000001.bad.jsonl"), "no file");
    CHECK_STR(file_text(&f, "loaded/1.000001.json"), "no file");
}

TEST(a_load_without_bad_lines_leaves_no_quarantine)
{
    WITH_FIXTURE(f);

    CHECK_OK(wr_quarantine_add(&f.cx, &f.quarantine, NULL, NULL, 0));
    CHECK_OK(wr_quarantine_seal(&f.cx, &f.quarantine));

    CHECK(!f.quarantine.sealed);
    wr_packages packages;
    CHECK_OK(wr_package_list(&f.cx, &f.arena, &f.home, false, &packages));
    CHECK_INT(packages.len, 0);
}
