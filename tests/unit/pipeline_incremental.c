/* Tests of pipeline/incremental.h: what dlt's vectors do not show. */
#include "pipeline/incremental.h"

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define MOMENT "\uf027"
#define PASSED_MAX ((size_t)1 << 24)

/* Runs that follow each other: rows are numbered from 0, those that went on are listed. */
typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_incremental_settings settings;
    wr_node *state;
    wr_incremental *inc;
    wr_json_reader reader;
    wr_buf passed;
    wr_buf out;
    int rows;
    int warnings;
} fixture;

static void count_warning(void *self, wr_log_level level, weir_str line)
{
    (void)level;
    (void)line;
    ((fixture *)self)->warnings++;
}

static void fixture_begin(fixture *f, const char *cursor_path)
{
    *f = (fixture){
        .settings.cursor_path = weir_str_of(cursor_path),
        .passed = wr_buf_max(PASSED_MAX),
        .out = wr_buf_max(PASSED_MAX),
    };
    wr_ctx_init(&f->cx, NULL);
    f->state = wr_node_new(&f->arena, WR_NODE_OBJECT);
    wr_log_sink(count_warning, f);
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_log_sink(NULL, NULL);
    wr_incremental_close(f->inc);
    wr_json_reader_done(&f->reader);
    wr_buf_done(&f->passed);
    wr_buf_done(&f->out);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

static const wr_node *node(fixture *f, const char *json)
{
    wr_node *ret = NULL;
    const weir_status status = wr_node_parse(&f->cx, &f->arena, weir_str_of(json), &ret);
    wr_assert(status == WEIR_OK);
    return ret;
}

static weir_status open_run(fixture *f)
{
    const wr_incremental_home home = { wr_lit("events"), &f->arena, f->state };
    wr_incremental_close(f->inc);
    f->inc = NULL;
    f->rows = 0;
    wr_buf_clear(&f->passed);
    return wr_incremental_open(&f->cx, &f->settings, &home, &f->inc);
}

/* The text of the row is gone after the call. */
static weir_status give(fixture *f, const char *json)
{
    const size_t len = strlen(json);
    const wr_jval *row;
    size_t used;
    bool keep;
    wr_auto(buf) wr_buf text = wr_buf_max(PASSED_MAX);
    wr_buf_cstr(&text, json);
    wr_buf_append(&text, (const char[WR_JSON_PADDING]){ 0 }, WR_JSON_PADDING);
    WEIR_TRY(wr_json_read(&f->cx, &f->reader, text.ptr, len, &row, &used));
    WEIR_TRY(wr_incremental_row(&f->cx, f->inc, row, &keep));
    if (keep)
        wr_buf_printf(&f->passed, "%d ", f->rows);
    f->rows++;
    return WEIR_OK;
}

static weir_status give_page(fixture *f, const char *const *rows, bool *ret_stop)
{
    for (; *rows; rows++)
        WEIR_TRY(give(f, *rows));
    return wr_incremental_end_page(&f->cx, f->inc, ret_stop);
}

/* A run of one page. */
static weir_status run_rows(fixture *f, const char *const *rows)
{
    bool stop;
    WEIR_TRY(open_run(f));
    WEIR_TRY(give_page(f, rows, &stop));
    return wr_incremental_save(&f->cx, f->inc);
}

#define run(f, ...) run_rows((f), (const char *const[]){ __VA_ARGS__, NULL })

static const char *stored(fixture *f, const char *key)
{
    const wr_node *all = wr_node_get(f->state, "incremental");
    const wr_node *one = wr_node_get_str(all, f->settings.cursor_path);
    wr_buf_clear(&f->out);
    if (wr_node_get(one, key))
        wr_node_write(&f->out, wr_node_get(one, key), WR_JSON_COMPACT);
    return wr_buf_text(&f->out);
}

TEST(a_row_is_known_again_with_its_keys_in_another_order)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(run(&f, "{\"t\":1,\"b\":{\"y\":[1.50,null],\"x\":\"é\"},\"a\":\"\\u0001\"}"));
    CHECK_OK(run(&f, "{\"a\":\"\\u0001\",\"b\":{\"x\":\"\\u00e9\",\"y\":[1.5,null]},\"t\":1}",
                 "{\"a\":\"\\u0001\",\"b\":{\"x\":\"e\",\"y\":[1.5,null]},\"t\":1}"));
    CHECK_TEXT(f.passed, "1 ");
}

TEST(of_duplicate_keys_the_last_is_cursor_and_hash)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(run(&f, "{\"t\":9,\"id\":0,\"t\":1,\"id\":7}"));
    CHECK_STR(stored(&f, "last_value"), "1");
    CHECK_OK(run(&f, "{\"id\":7,\"t\":1}"));
    CHECK_TEXT(f.passed, "");
}

TEST(names_may_be_any_text)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "'größe.日本'");
    CHECK_OK(run(&f, "{\"größe.日本\":3}", "{\"gr\\u00f6\\u00dfe.日本\":5}"));
    CHECK_TEXT(f.passed, "0 1 ");
    CHECK_STR(stored(&f, "last_value"), "5");
}

TEST(large_integers_are_compared_exactly)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(run(&f, "{\"t\":9007199254740992}", "{\"t\":9007199254740993}",
                 "{\"t\":9007199254740992.0}"));
    CHECK_STR(stored(&f, "last_value"), "9007199254740993");
    CHECK_OK(run(&f, "{\"t\":9007199254740992}", "{\"t\":18446744073709551615}"));
    CHECK_TEXT(f.passed, "1 ");
    CHECK_STR(stored(&f, "last_value"), "18446744073709551615");
}

TEST(a_nested_cursor_is_taken_from_where_the_path_leads)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "$.meta..at");
    f.settings.on_cursor_value_missing = WR_MISSING_EXCLUDE;
    CHECK_OK(run(&f, "{\"at\":9,\"meta\":{\"x\":[{\"at\":2}]}}", "{\"at\":9}", "{\"meta\":null}",
                 "{\"meta\":{\"at\":3}}", "[]", "null"));
    CHECK_TEXT(f.passed, "0 3 ");
    CHECK_STR(stored(&f, "last_value"), "3");
}

TEST(rows_of_earlier_pages_at_the_last_value_stay_known)
{
    bool stop;
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(open_run(&f));
    CHECK_OK(
        give_page(&f, (const char *const[]){ "{\"t\":1}", "{\"t\":2,\"id\":1}", NULL }, &stop));
    CHECK_OK(
        give_page(&f, (const char *const[]){ "{\"t\":2,\"id\":2}", "{\"t\":1}", NULL }, &stop));
    CHECK_OK(give_page(&f, (const char *const[]){ NULL }, &stop));
    CHECK_OK(wr_incremental_save(&f.cx, f.inc));
    CHECK_TEXT(f.passed, "0 1 2 3 ");

    CHECK_OK(run(&f, "{\"t\":2,\"id\":2}", "{\"t\":2,\"id\":1}", "{\"t\":2,\"id\":3}"));
    CHECK_TEXT(f.passed, "2 ");
}

TEST(many_rows_at_one_value_are_hashed_before_the_page_ends)
{
    static char row[64 << 10];
    bool stop;
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(open_run(&f));
    for (int i = 0; i < 100; i++) {
        (void)snprintf(row, sizeof(row), "{\"t\":1,\"id\":%d,\"text\":\"%*s\"}", i, 32 << 10, "x");
        CHECK_OK(give(&f, row));
    }
    CHECK_OK(wr_incremental_end_page(&f.cx, f.inc, &stop));
    CHECK_OK(wr_incremental_save(&f.cx, f.inc));

    (void)snprintf(row, sizeof(row), "{\"t\":1,\"id\":0,\"text\":\"%*s\"}", 32 << 10, "x");
    CHECK_OK(run(&f, row, "{\"t\":1}"));
    CHECK_TEXT(f.passed, "1 ");
}

TEST(more_than_two_hundred_rows_at_one_value_are_told_once)
{
    char row[64];
    bool stop;
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(open_run(&f));
    for (int i = 0; i < 300; i++) {
        (void)snprintf(row, sizeof(row), "{\"t\":1,\"id\":%d}", i);
        CHECK_OK(give(&f, row));
        if (i % 50 == 49)
            CHECK_OK(wr_incremental_end_page(&f.cx, f.inc, &stop));
    }
    CHECK_INT(f.warnings, 1);
}

TEST(an_empty_page_changes_nothing)
{
    bool stop;
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    f.settings.lag = 1;
    wr_node_set(&f.arena, wr_node_child(&f.arena, f.state, wr_lit("incremental")), wr_lit("t"),
                wr_node_copy(&f.arena, node(&f, "{\"initial_value\":0,\"last_value\":5,"
                                                "\"unique_hashes\":[\"x\"],\"start_value\":2}")));
    CHECK_OK(open_run(&f));
    CHECK_OK(wr_incremental_end_page(&f.cx, f.inc, &stop));
    CHECK_OK(wr_incremental_save(&f.cx, f.inc));
    CHECK_STR(stored(&f, "unique_hashes"), "[\"x\"]");
    CHECK_STR(stored(&f, "last_value"), "5");
    CHECK_INT(wr_incremental_start(f.inc)->as.i, 4);
}

TEST(a_text_as_last_value_outlives_its_row)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(run(&f, "{\"t\":\"a longer text than others\"}", "{\"t\":\"b\"}", "{\"t\":\"azz\"}"));
    CHECK_TEXT(wr_incremental_last(f.inc)->text, "b");
    CHECK_STR(stored(&f, "last_value"), "\"b\"");
}

TEST(a_key_counts_only_for_rows_at_the_last_value)
{
    static const weir_str NAMES[] = { { "id", 2 }, { "kind", 4 } };
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    f.settings.primary_key = (wr_dedup_key){ .names = NAMES, .count = 2, .is_list = true };
    CHECK_OK(run(&f, "{\"t\":1}", "{\"t\":2,\"kind\":null,\"id\":\"é\",\"x\":1}"));
    CHECK_OK(run(&f, "{\"t\":2,\"id\":\"é\",\"kind\":null,\"x\":2}"));
    CHECK_TEXT(f.passed, "");

    CHECK_INT(run(&f, "{\"t\":3,\"id\":1}"), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': a row has no primary key column 'kind'");
    CHECK(strstr(weir_error_hint(&f.cx), "named as in the source"));
}

TEST(failures_name_resource_path_and_row)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_INT(run(&f, "{\"id\":1}"), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': it is not found in row '{\"id\":1}'");
    CHECK(strstr(weir_error_hint(&f.cx), "on_cursor_value_missing"));

    CHECK_INT(run(&f, "{\"t\":null}"), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': it is null in row '{\"t\":null}'");

    CHECK_INT(run(&f, "{\"t\":5}", "{\"t\":\"x\"}"), WEIR_INVALID);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': the value 'x' (text) of row '{\"t\":\"x\"}' "
              "cannot be compared with the last value '5' (integer)");
    CHECK(strstr(weir_error_hint(&f.cx), "initial_value"));

    CHECK_INT(run(&f, "{\"t\":[1]}"), WEIR_INVALID);
    CHECK(strstr(weir_error_message(&f.cx), "have no order: row '{\"t\":[1]}'"));
}

TEST(settings_that_make_no_sense_are_refused)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "Updated At");
    CHECK_INT(open_run(&f), WEIR_CONFIG);
    CHECK(strstr(weir_error_message(&f.cx), "unexpected 'A' at byte 9"));

    f.settings.cursor_path = wr_lit("t");
    f.settings.end_value = node(&f, "5");
    CHECK_INT(open_run(&f), WEIR_CONFIG);
    f.settings.initial_value = node(&f, "6");
    CHECK_INT(open_run(&f), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': end value '5' (integer) must be higher than "
              "initial value '6' (integer)");
    f.settings.initial_value = node(&f, "\"a\"");
    CHECK_INT(open_run(&f), WEIR_CONFIG);
    CHECK(strstr(weir_error_message(&f.cx), "cannot be compared"));

    f.settings.initial_value = node(&f, "6");
    f.settings.last_value_func = WR_CURSOR_MIN;
    CHECK_OK(open_run(&f));
    CHECK_INT(f.state->count, 0); /* a given range keeps nothing */
}

TEST(only_the_first_row_settles_the_zone)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    f.settings.initial_value = node(&f, "\"" MOMENT "2024-01-01T00:00:00\"");
    CHECK_OK(run(&f, "{\"t\":\"" MOMENT "2024-01-01T01:30:00+02:00\"}",
                 "{\"t\":\"" MOMENT "2024-01-01T02:00:00+02:00\"}"));
    CHECK_TEXT(f.passed, "1 ");
    CHECK_INT(f.warnings, 1);
    CHECK_STR(stored(&f, "last_value"), "\"" MOMENT "2024-01-01T02:00:00+02:00\"");

    CHECK_INT(run(&f, "{\"t\":\"" MOMENT "2024-01-02T00:00:00+00:00\"}",
                  "{\"t\":\"" MOMENT "2024-01-03T00:00:00\"}"),
              WEIR_INVALID);
    CHECK(strstr(weir_error_message(&f.cx), "date-time without a zone"));
}

TEST(a_state_that_a_lag_cannot_move_is_refused_when_the_run_begins)
{
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    CHECK_OK(run(&f, "{\"t\":\"not a date\"}"));
    f.settings.lag = 60;
    CHECK_INT(open_run(&f), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&f.cx),
              "cursor path 't' of resource 'events': no lag can be applied to the last value "
              "'not a date' (text): it is no date or time in a known form");
    CHECK(strstr(weir_error_hint(&f.cx), "2024-01-02"));
}

/* ---- lag ---- */

typedef struct lag_case {
    double lag;
    const char *initial;
    const char *last;
    const char *expected; /* NULL: refused */
} lag_case;

static bool check_lag(fixture *f, wr_cursor_func func, const lag_case *c)
{
    wr_cursor last;
    wr_cursor lagged = { 0 };
    const wr_incremental_settings settings = { .initial_value = node(f, c->initial),
                                               .lag = c->lag,
                                               .last_value_func = func };
    weir_status status = wr_cursor_read(&f->cx, &f->arena, node(f, c->last), &last);
    if (status == WEIR_OK)
        status = wr_incremental_lag(&f->cx, &f->arena, &settings, &last, &lagged);
    wr_buf_clear(&f->out);
    wr_cursor_write(&f->out, &lagged);
    const bool right = c->expected
                           ? status == WEIR_OK && strcmp(wr_buf_text(&f->out), c->expected) == 0
                           : status == WEIR_CONFIG;
    if (!right)
        test_note("lag %g, initial %s, last %s gives %s", c->lag, c->initial, c->last,
                  status == WEIR_OK ? wr_buf_text(&f->out) : weir_error_message(&f->cx));
    return right;
}

TEST(a_lag_moves_values_by_the_unit_of_the_initial_value)
{
    static const lag_case CASES[] = {
        { 1, "\"2023-01-01\"", "\"2024-01-02T12:00:00Z\"", "\"2024-01-01T00:00:00Z\"" },
        { 1, "\"2023-01-01T00:00:00Z\"", "\"2024-01-05\"", "\"2024-01-04\"" },
        { 1.5, "null", "\"\uf0282024-01-05\"", "\"\uf0282024-01-03\"" },
        { 3600, "\"" MOMENT "2023-01-01T00:00:00\"", "\"\uf0282024-01-05\"",
          "\"" MOMENT "2024-01-04T23:00:00\"" },
        { 3600, "null", "\"" MOMENT "2024-03-31T03:00:00+02:00\"",
          "\"" MOMENT "2024-03-31T02:00:00+02:00\"" },
        { 86400, "null", "\"2021-01-01T12:00:00-05:30\"", "\"2020-12-31T12:00:00-05:30\"" },
        { 86400, "null", "\"2021-W01\"", "\"2020-W53\"" },
        { 86400, "null", "\"2021-W01-1\"", "\"2020-W53-7\"" },
        { 86400, "null", "\"2021-001\"", "\"2020-366\"" },
        { 1, "null", "\"202401\"", "\"202312\"" },
        { 0.25, "null", "\"2024-01-01T00:00:00.5Z\"", "\"2024-01-01T00:00:00.250000Z\"" },
        { 1, "null", "9007199254740993", "9007199254740992" },
        { 1, "null", "9223372036854775808", "9223372036854775807" },
        { 1, "null", "-9223372036854775808", "-9223372036854775808" },
        { 0.5, "null", "-3", "-3" },
        { 1, "null", "true", "0" },
    };
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        CHECK(check_lag(&f, WR_CURSOR_MAX, &CASES[i]));
}

TEST(a_lag_of_the_smallest_value_goes_up)
{
    static const lag_case CASES[] = {
        { 1, "\"2025-01-01\"", "\"2024-01-02T12:00:00+05:00\"", "\"2024-01-04T04:59:59+05:00\"" },
        { 1, "null", "18446744073709551615", "18446744073709551615" },
        { 10, "8", "5", "8" },
    };
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        CHECK(check_lag(&f, WR_CURSOR_MIN, &CASES[i]));
}

TEST(what_a_lag_cannot_move_is_refused)
{
    static const lag_case CASES[] = {
        { 1, "null", "\"0001-01-01\"", NULL },
        { 1e300, "null", "\"2024-01-01\"", NULL },
        { 1, "null", "\"20240230\"", NULL },
        { 1, "null", "\"2024-01-02 12:00:00\"", NULL },
        { 1, "null",
          "\"\uf026"
          "1.5\"",
          NULL },
        { 1, "null", "[1]", NULL },
        { 1, "5", "\"2024-01-01\"", NULL },
        { 1, "\"" MOMENT "2024-01-01T00:00:00+00:00\"", "\"" MOMENT "2024-01-05T00:00:00\"", NULL },
    };
    wr_auto(fixture) fixture f;
    fixture_begin(&f, "t");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        CHECK(check_lag(&f, WR_CURSOR_MAX, &CASES[i]));
}
