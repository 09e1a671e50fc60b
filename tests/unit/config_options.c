/* Options: kinds, defaults, and what is missing. */
#include <math.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/values.h"
#include "harness/test.h"

#define BAD "refused"

static const char *parsed(weir_option_kind kind, const char *text)
{
    static char out[64];
    wr_option_value value;
    const weir_option option = { .name = "o", .kind = kind };
    if (!wr_option_parse(&option, weir_str_of(text), &value))
        return BAD;
    if (kind == WEIR_OPTION_BOOL)
        return value.yes ? "true" : "false";
    if (kind == WEIR_OPTION_INT)
        snprintf(out, sizeof(out), "%lld", (long long)value.number);
    else
        snprintf(out, sizeof(out), "%g", value.seconds);
    return out;
}

TEST(texts_become_values_by_the_rules_of_the_specification)
{
    static const struct {
        weir_option_kind kind;
        const char *text;
        const char *expected;
    } vectors[] = {
        { WEIR_OPTION_BOOL, "true", "true" },
        { WEIR_OPTION_BOOL, "YES", "true" },
        { WEIR_OPTION_BOOL, "t", "true" },
        { WEIR_OPTION_BOOL, "y", "true" },
        { WEIR_OPTION_BOOL, "1", "true" },
        { WEIR_OPTION_BOOL, "False", "false" },
        { WEIR_OPTION_BOOL, "no", "false" },
        { WEIR_OPTION_BOOL, "f", "false" },
        { WEIR_OPTION_BOOL, "n", "false" },
        { WEIR_OPTION_BOOL, "0", "false" },
        { WEIR_OPTION_BOOL, "on", BAD },
        { WEIR_OPTION_BOOL, "off", BAD },
        { WEIR_OPTION_BOOL, "", BAD },
        { WEIR_OPTION_BOOL, " true ", BAD },
        { WEIR_OPTION_BOOL, "2", BAD },
        { WEIR_OPTION_INT, "10", "10" },
        { WEIR_OPTION_INT, " 10 ", "10" },
        { WEIR_OPTION_INT, "-5", "-5" },
        { WEIR_OPTION_INT, "+5", "5" },
        { WEIR_OPTION_INT, "0x10", "16" },
        { WEIR_OPTION_INT, "1_000", "1000" },
        { WEIR_OPTION_INT, "1__0", BAD },
        { WEIR_OPTION_INT, "_1", BAD },
        { WEIR_OPTION_INT, "1_", BAD },
        { WEIR_OPTION_INT, "10.0", BAD },
        { WEIR_OPTION_INT, "1e3", BAD },
        { WEIR_OPTION_INT, "", BAD },
        { WEIR_OPTION_INT, "1,000", BAD },
        { WEIR_OPTION_INT, "0x", BAD },
        { WEIR_OPTION_INT, "--1", BAD },
        { WEIR_OPTION_SECONDS, "10", "10" },
        { WEIR_OPTION_SECONDS, "1e3", "1000" },
        { WEIR_OPTION_SECONDS, " 1.5 ", "1.5" },
        { WEIR_OPTION_SECONDS, "inf", "inf" },
        { WEIR_OPTION_SECONDS, "", BAD },
        { WEIR_OPTION_SECONDS, "abc", BAD },
        { WEIR_OPTION_SECONDS, "+-1", BAD },
        { WEIR_OPTION_SECONDS, "-0.5", "-0.5" },
        { WEIR_OPTION_INT, "9223372036854775807", "9223372036854775807" },
        { WEIR_OPTION_INT, "-9223372036854775808", "-9223372036854775808" },
        { WEIR_OPTION_INT, "9223372036854775808", BAD },
    };
    const int count = (int)(sizeof(vectors) / sizeof(vectors[0]));
    int failed = 0;
    for (int i = 0; i < count; i++) {
        const char *got = parsed(vectors[i].kind, vectors[i].text);
        if (strcmp(got, vectors[i].expected) == 0)
            continue;
        failed++;
        test_note("'%s': got %s, expected %s", vectors[i].text, got, vectors[i].expected);
    }
    test_cases("coercion", count, failed);
}

struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_config *config;
    const weir_option_values *values;
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){ .config = wr_config_new() };
    wr_ctx_init(&f->cx, NULL);
}

static void done(struct fixture *f)
{
    wr_config_free(f->config);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f)

static weir_status resolve(struct fixture *f, const char *pipeline, const weir_option *options)
{
    const wr_scope scope = { f->config, weir_str_of(pipeline), WR_SECTION("destination", "x") };
    return wr_config_resolve(&f->cx, &scope, options, &f->arena, &f->values);
}

TEST(an_option_that_nobody_answers_has_its_default)
{
    static const weir_option options[] = { { "wait_s", WEIR_OPTION_SECONDS, "2.5" },
                                           { "folder", WEIR_OPTION_TEXT },
                                           { "loud", WEIR_OPTION_BOOL },
                                           { 0 } };
    FIXTURE(f);

    CHECK_OK(resolve(&f, NULL, options));

    CHECK(weir_option_seconds(f.values, "wait_s") == 2.5);
    CHECK(!weir_option_given(f.values, "wait_s"));
    CHECK_TEXT(weir_option_text(f.values, "folder"), "");
    CHECK(!weir_option_bool(f.values, "loud"));
}

TEST(an_option_that_is_set_is_given)
{
    static const weir_option options[] = { { "workers", WEIR_OPTION_INT, "1" }, { 0 } };
    FIXTURE(f);
    wr_config_set(f.config, "destination.x.workers", wr_lit("0x10"));

    CHECK_OK(resolve(&f, NULL, options));

    CHECK_INT(weir_option_int(f.values, "workers"), 16);
    CHECK(weir_option_given(f.values, "workers"));
}

TEST(a_value_that_is_not_of_its_kind_is_refused_with_its_place)
{
    FIXTURE(f);
    wr_config_set(f.config, "destination.x.workers", wr_lit("many"));

    CHECK_INT(resolve(&f, NULL, WEIR_OPTIONS({ "workers", WEIR_OPTION_INT })), WEIR_CONFIG);

    CHECK_STR(weir_error_message(&f.cx),
              "configured value for field `workers` cannot be coerced into "
              "an integer: 'many' (value given in code "
              "destination.x.workers)");
}

TEST(a_secret_that_is_refused_is_not_shown)
{
    FIXTURE(f);
    wr_config_set(f.config, "destination.x.pin", wr_lit("hunter2"));

    CHECK_INT(resolve(&f, NULL, WEIR_OPTIONS({ "pin", WEIR_OPTION_INT, .secret = true })),
              WEIR_CONFIG);

    CHECK(!strstr(weir_error_message(&f.cx), "hunter2"));
}

TEST(all_that_is_missing_is_reported_together_with_the_places_that_were_asked)
{
    FIXTURE(f);

    CHECK_INT(
        resolve(&f, "p",
                WEIR_OPTIONS({ "user", .required = true }, { "host", .standard = "localhost" },
                             { "credentials.password", .secret = true, .required = true })),
        WEIR_CONFIG);

    CHECK_STR(
        weir_error_message(&f.cx),
        "missing 2 field(s) in configuration `destination.x`: `user`, `credentials.password`\n"
        "for field `user` the following (config provider, key) were tried in order:\n"
        "  (Environment Variables, P__DESTINATION__X__USER)\n"
        "  (Environment Variables, P__DESTINATION__USER)\n"
        "  (Environment Variables, P__USER)\n"
        "  (Environment Variables, DESTINATION__X__USER)\n"
        "  (Environment Variables, DESTINATION__USER)\n"
        "  (Environment Variables, USER)\n"
        "for field `credentials.password` the following (config provider, key) were tried in "
        "order:\n"
        "  (Environment Variables, P__DESTINATION__X__CREDENTIALS__PASSWORD)\n"
        "  (Environment Variables, P__DESTINATION__CREDENTIALS__PASSWORD)\n"
        "  (Environment Variables, P__CREDENTIALS__PASSWORD)\n"
        "  (Environment Variables, DESTINATION__X__CREDENTIALS__PASSWORD)\n"
        "  (Environment Variables, DESTINATION__CREDENTIALS__PASSWORD)\n"
        "  (Environment Variables, CREDENTIALS__PASSWORD)");
    CHECK_STR(weir_error_hint(&f.cx),
              "set it in one of the places above, the first one that has it wins");
}
