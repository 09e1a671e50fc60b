/* The public suite toml-test, its files for TOML 1.0. tools/setup fetches it for `make test`, which fails without it. */
#include "format/toml.h"

#include <fcntl.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/isotime.h"
#include "base/number.h"
#include "base/str.h"
#include "harness/test.h"

#define SUITE WEIR_DEPS_DIR "/tests/toml"

/* One kind of files of the suite, and what came of them. */
typedef struct suite {
    weir_ctx cx;
    wr_arena arena;
    int dir;
    weir_str files; /* names, one a line */
    int ran;
    int failed;
} suite;

static bool open_suite(suite *s)
{
    *s = (suite){ .dir = -1 };
    wr_ctx_init(&s->cx, NULL);
    bool found;
    if (wr_open_at(&s->cx, AT_FDCWD, SUITE, O_RDONLY | O_DIRECTORY, &s->dir) == WEIR_OK &&
        wr_file_read(&s->cx, &s->arena, s->dir, "files-toml-1.0.0", &s->files, &found) == WEIR_OK &&
        found)
        return true;
    if (getenv("WEIR_ALL_SUITES"))
        test_fail(TEST_HERE, "the suite toml-test is not in " SUITE);
    else
        test_skip("the suite toml-test is not in " SUITE "; tools/setup test fetches it");
    return false;
}

static void wr_cleanup_suite(suite *s)
{
    wr_arena_done(&s->arena);
    wr_ctx_done(&s->cx);
    wr_cleanup_close(&s->dir);
}

static void count(suite *s, weir_str file, bool passed, const char *what)
{
    s->ran++;
    s->failed += !passed;
    if (!passed)
        test_note("%.*s: %s", WR_STR(file), what);
}

/* Name of the next file in folder `kind`, empty when there is none. */
static weir_str next_file(suite *s, const char *kind)
{
    weir_str name;
    while (wr_str_split(&s->files, '\n', &name)) {
        if (wr_str_starts(name, weir_str_of(kind)) && wr_str_ends(name, wr_lit(".toml")))
            return name;
    }
    return (weir_str){ 0 };
}

/* ---- what a file should give: JSON, in which each value is { "type": …, "value": text } ---- */

static bool same_float(weir_str text, double actual)
{
    if (wr_str_eq(text, wr_lit("nan")))
        return actual != actual;
    char repr[WR_NUMBER_TEXT];
    double expected = 0;
    return wr_str_eq(text, (weir_str){ repr, wr_double_repr(repr, actual) }) ||
           (wr_double_parse(text, &expected) && expected == actual);
}

static bool same_time(weir_str text, const wr_toml *actual)
{
    const wr_iso iso = wr_iso_parse(text);
    return iso.kind != WR_ISO_NONE && iso.us == actual->as.us &&
           iso.has_zone == (actual->kind == WR_TOML_TIMESTAMP) &&
           iso.zone_seconds == actual->zone_minutes * 60;
}

static bool same_scalar(weir_str text, const wr_toml *actual)
{
    int64_t integer;
    switch (actual->kind) {
    case WR_TOML_TEXT: return wr_str_eq(text, actual->text);
    case WR_TOML_INT: return wr_int_parse(text, &integer) && integer == actual->as.i;
    case WR_TOML_FLOAT: return same_float(text, actual->as.f);
    case WR_TOML_BOOL: return wr_str_eq(text, actual->as.b ? wr_lit("true") : wr_lit("false"));
    case WR_TOML_TIMESTAMP:
    case WR_TOML_LOCAL_TIMESTAMP:
    case WR_TOML_DATE:
    case WR_TOML_CLOCK: return same_time(text, actual);
    case WR_TOML_ARRAY:
    case WR_TOML_TABLE: break;
    }
    return false;
}

static bool same_type(weir_str type, wr_toml_kind actual)
{
    static const char *const types[] = {
        [WR_TOML_TEXT] = "string",        [WR_TOML_INT] = "integer",
        [WR_TOML_FLOAT] = "float",        [WR_TOML_BOOL] = "bool",
        [WR_TOML_TIMESTAMP] = "datetime", [WR_TOML_LOCAL_TIMESTAMP] = "datetime-local",
        [WR_TOML_DATE] = "date-local",    [WR_TOML_CLOCK] = "time-local",
    };
    return actual < WR_TOML_ARRAY && wr_str_eq(type, weir_str_of(types[actual]));
}

static bool is_same(const wr_node *expected, const wr_toml *actual)
{
    const weir_str type = wr_node_get_text(expected, "type");
    if (type.len > 0)
        return same_type(type, actual->kind) &&
               same_scalar(wr_node_get_text(expected, "value"), actual);

    const bool table = expected->kind == WR_NODE_OBJECT;
    if (actual->kind != (table ? WR_TOML_TABLE : WR_TOML_ARRAY) || actual->count != expected->count)
        return false;
    const wr_toml *element = actual->first;
    for (const wr_node *child = expected->first; child; child = child->next) {
        const wr_toml *member = table ? wr_toml_get(actual, child->key) : element;
        if (!member || !is_same(child, member))
            return false;
        element = element->next;
    }
    return true;
}

static weir_status read_expected(suite *s, weir_str toml, wr_node **ret)
{
    const weir_str stem = { toml.ptr, toml.len - strlen("toml") };
    const weir_str path = wr_arena_printf(&s->arena, "%.*sjson", WR_STR(stem));
    weir_str text;
    bool found;
    WEIR_TRY(wr_file_read(&s->cx, &s->arena, s->dir, path.ptr, &text, &found));
    return wr_node_parse(&s->cx, &s->arena, text, ret);
}

/* Every value can be written as JSON, too. */
static bool writes_json(suite *s, const wr_toml *root)
{
    wr_auto(buf) wr_buf out = wr_buf_max((size_t)1 << 20);
    wr_node *back;
    wr_node_write(&out, wr_toml_to_node(&s->arena, root), WR_JSON_COMPACT);
    return wr_node_parse(&s->cx, &s->arena, wr_buf_view(&out), &back) == WEIR_OK;
}

/* ---- the tests ---- */

static weir_status read_toml(suite *s, weir_str file, const wr_toml **ret)
{
    weir_error_clear(&s->cx);
    return wr_toml_read(&s->cx, &s->arena, s->dir, wr_arena_str(&s->arena, file).ptr, ret);
}

TEST(golden_toml_test_valid_files_give_what_they_should)
{
    wr_auto(suite) suite s;
    if (!open_suite(&s))
        return;

    for (weir_str file; (file = next_file(&s, "valid/")).len > 0;) {
        const wr_toml *root = NULL;
        wr_node *expected = NULL;
        const bool read = read_toml(&s, file, &root) == WEIR_OK && root &&
                          read_expected(&s, file, &expected) == WEIR_OK;
        count(&s, file, read && is_same(expected, root) && writes_json(&s, root),
              read ? "other values" : weir_error_message(&s.cx));
    }
    test_cases("toml-test valid", s.ran, s.failed);
}

TEST(golden_toml_test_invalid_files_are_refused_at_a_place)
{
    wr_auto(suite) suite s;
    if (!open_suite(&s))
        return;

    for (weir_str file; (file = next_file(&s, "invalid/")).len > 0;) {
        const wr_toml *root = NULL;
        const weir_status status = read_toml(&s, file, &root);
        const weir_str place = wr_arena_printf(&s.arena, "%.*s:", WR_STR(file));
        const weir_str message = weir_str_of(weir_error_message(&s.cx));
        count(&s, file, status == WEIR_PARSE && !root && wr_str_starts(message, place),
              root ? "was read" : message.ptr);
    }
    test_cases("toml-test invalid", s.ran, s.failed);
}
