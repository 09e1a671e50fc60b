/* Tests of sources/rest_steps.h. */
#include "sources/rest_steps.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

static const wr_node *document(fixture *f, const char *json)
{
    wr_node *node = NULL;
    const weir_status status = wr_node_parse(&f->cx, &f->arena, weir_str_of(json), &node);
    wr_assert(status == WEIR_OK);
    return node;
}

static const wr_jval *record_of(fixture *f, const char *json)
{
    const wr_jval *value = NULL;
    const size_t len = strlen(json);
    size_t used;
    char *text = wr_arena_alloc(&f->arena, len + WR_JSON_PADDING);
    memcpy(text, json, len);
    const weir_status status = wr_json_read(&f->cx, &f->reader, text, len, &value, &used);
    wr_assert(status == WEIR_OK);
    return value;
}

/* What becomes of a record, or the message. */
static const char *applied(fixture *f, const char *given, const char *record)
{
    const wr_rest_steps *steps = NULL;
    int64_t count = 0;
    wr_buf_clear(&f->out);
    if (wr_rest_steps_read(&f->cx, &f->arena, document(f, given), &steps) != WEIR_OK ||
        wr_rest_steps_apply(&f->cx, steps, record_of(f, record), &f->out, &count) != WEIR_OK)
        return weir_error_message(&f->cx);
    wr_buf_printf(&f->out, "%d", (int)count);
    return wr_buf_text(&f->out);
}

TEST(a_yield_map_makes_a_record_of_each_member)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(applied(&f,
                      "[{\"yield_map\":{\"members\":\"$\",\"key\":\"code\",\"value\":\"name\"}}]",
                      "{\"EUR\":\"Euro\",\"USD\":\"US \\\"Dollar\\\"\"}"),
              "{\"code\":\"EUR\",\"name\":\"Euro\"}\n"
              "{\"code\":\"USD\",\"name\":\"US \\\"Dollar\\\"\"}\n2");
}

TEST(a_yield_map_keeps_fields_in_front_and_leaves_out_missing_ones)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(
        applied(&f,
                "[{\"yield_map\":{\"members\":\"rates\",\"key\":\"c\",\"value\":\"r\","
                "\"keep\":[\"day\",\"none\",\"base\"]}}]",
                "{\"base\":\"USD\",\"rates\":{\"EUR\":0.92,\"BTC\":1.2e-05,\"X\":{\"ask\":[1]}},"
                "\"day\":null}"),
        "{\"day\":null,\"base\":\"USD\",\"c\":\"EUR\",\"r\":0.92}\n"
        "{\"day\":null,\"base\":\"USD\",\"c\":\"BTC\",\"r\":0.000012}\n"
        "{\"day\":null,\"base\":\"USD\",\"c\":\"X\",\"r\":{\"ask\":[1]}}\n3");
}

TEST(an_empty_object_has_no_records)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(
        applied(&f, "[{\"yield_map\":{\"members\":\"$\",\"key\":\"k\",\"value\":\"v\"}}]", "{}"),
        "0");
}

TEST(what_is_wrong_with_a_step_is_said)
{
    static const struct {
        const char *steps;
        const char *said;
    } CASES[] = {
        { "[{\"filter\":1}]", "'map' and 'filter' of a processing step are functions of Python" },
        { "[{\"yield_map\":1}]", "a yield_map is no table" },
        { "[{\"yield_map\":{\"members\":\"$\"}}]",
          "a yield_map needs 'members', 'key' and 'value'" },
        { "[{\"yield_map\":{\"members\":\"$\",\"key\":\"k\",\"value\":\"v\",\"keep\":[1]}}]",
          "'keep' of a yield_map is no list of names" },
        { "[{\"yield_map\":{\"members\":\"x\",\"key\":\"k\",\"value\":\"v\"}}]",
          "a record has no object at 'x', for its yield_map" },
        { "[{},{}]", "'processing_steps' is a list of one step, { yield_map = { … } }" },
        { "[{}]", "a processing step has no yield_map" },
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        wr_auto(fixture) fixture f = fixture_new();
        CHECK_STR(applied(&f, CASES[i].steps, "{\"x\":[1]}"), CASES[i].said);
    }
}

static const char *converted(fixture *f, const char *how, weir_value value)
{
    weir_value ret = weir_null();
    if (wr_rest_convert_check(&f->cx, weir_str_of(how)) != WEIR_OK ||
        wr_rest_convert(&f->cx, &f->arena, weir_str_of(how), value, &ret) != WEIR_OK)
        return weir_error_message(&f->cx);
    return ret.kind == WEIR_TEXT ? wr_arena_str(&f->arena, ret.as.s).ptr : "no text";
}

TEST(cursors_are_converted_to_what_an_api_wants)
{
    static const struct {
        const char *how;
        const char *value;
        const char *expected;
    } CASES[] = {
        { "epoch_ms", "2024-02-26T10:00:00.123Z", "1708941600123" },
        { "epoch_ms", "2024-02-26T10:00:00+02:00", "1708934400000" },
        { "epoch_ms", "2024-02-26", "1708905600000" },
        { "epoch_ms", "1969-12-31T23:59:59.999Z", "-1" },
        { "epoch_s", "2024-02-26T10:00:00.6Z", "1708941601" },
        { "date", "2024-02-26T10:00:00Z", "2024-02-26" },
        { "date", "2024", "2024" },
        { "epoch_ms", "soon", "the cursor's value 'soon' is no time, for convert 'epoch_ms'" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++)
        CHECK_STR(converted(&f, CASES[i].how, weir_text(weir_str_of(CASES[i].value))),
                  CASES[i].expected);
    CHECK_STR(converted(&f, "epoch_ms", weir_int(7)), "no text");
}

TEST(an_unknown_conversion_is_refused_with_the_known_ones)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK(wr_rest_convert_check(&f.cx, wr_lit("epoch")) == WEIR_CONFIG);

    CHECK_STR(weir_error_message(&f.cx), "'convert' of an incremental is 'epoch'");
}

/* The days of a table, from a start that may be none, or the message. */
static const char *days_of(fixture *f, const char *given, weir_value start)
{
    wr_rest_days days;
    int64_t count = 0;
    wr_buf_clear(&f->out);
    if (wr_rest_days_read(&f->cx, document(f, given), &days) != WEIR_OK ||
        wr_rest_days_put(&f->cx, &days, start, &f->out, &count) != WEIR_OK)
        return weir_error_message(&f->cx);
    wr_buf_printf(&f->out, "%d", (int)count);
    return wr_buf_text(&f->out);
}

TEST(days_go_from_the_first_or_the_last_known_one_to_the_last)
{
    static const char GIVEN[] = "{\"from\":\"2024-02-28\",\"to\":\"2024-03-01\"}";
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(days_of(&f, GIVEN, weir_null()),
              "{\"date\":\"2024-02-28\"}\n{\"date\":\"2024-02-29\"}\n{\"date\":\"2024-03-01\"}\n3");
    CHECK_STR(days_of(&f, GIVEN, weir_text(wr_lit("2024-03-01"))), "{\"date\":\"2024-03-01\"}\n1");
    CHECK_STR(days_of(&f, GIVEN, weir_text(wr_lit("2023-01-01"))), days_of(&f, GIVEN, weir_null()));
    CHECK_STR(days_of(&f, GIVEN, weir_text(wr_lit("2024-03-02"))), "0");
}

static weir_time noon_of_march_2(void *self)
{
    (void)self;
    return INT64_C(1709380800000000);
}

TEST(without_an_end_days_go_on_until_yesterday)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_env env = *f.cx.env;
    env.now = noon_of_march_2;
    f.cx.env = &env;

    CHECK_STR(days_of(&f, "{\"from\":\"2024-03-01\"}", weir_null()),
              "{\"date\":\"2024-03-01\"}\n1");
}

TEST(days_that_are_none_are_refused)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(days_of(&f, "{\"to\":\"2024-03-01\"}", weir_null()),
              "'days' has no first day, or its last one is none");
    CHECK_STR(days_of(&f, "{\"from\":\"2024-03-01\",\"to\":\"x\"}", weir_null()),
              "'days' has no first day, or its last one is none");
    CHECK_STR(days_of(&f, "{\"from\":\"2024-03-01\",\"until\":1}", weir_null()),
              "'days' has the unknown key 'until'");
}
