/* Tests of base/log.h: lines are captured with a sink. */
#include "base/log.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define CAPTURE_MAX ((size_t)4 << 20)

/* A log that goes into `lines`, each with a '\n' behind, at a fixed time. */
typedef struct capture {
    weir_ctx cx;
    wr_env env;
    wr_buf lines;
} capture;

static weir_time fixed_now(void *self)
{
    (void)self;
    return INT64_C(1732443840118000); /* 2024-11-24T10:24:00.118 */
}

static void keep_line(void *self, wr_log_level level, weir_str line)
{
    (void)level;
    capture *c = self;
    wr_buf_str(&c->lines, line);
    wr_buf_char(&c->lines, '\n');
}

static void begin(capture *c, const char *levels, bool json)
{
    *c = (capture){ .lines = wr_buf_max(CAPTURE_MAX) };
    wr_ctx_init(&c->cx, NULL);
    c->env = *c->cx.env;
    c->env.now = fixed_now;
    c->cx.env = &c->env;
    CHECK_OK(wr_log_setup(&c->cx, levels, json));
    wr_log_sink(keep_line, c);
}

static void wr_cleanup_capture(capture *c)
{
    wr_log_sink(NULL, NULL);
    CHECK_OK(wr_log_setup(&c->cx, NULL, false));
    wr_buf_done(&c->lines);
    wr_ctx_done(&c->cx);
}

TEST(warnings_and_errors_are_shown_without_any_setting)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);

    wr_log(&c.cx, "engine", WR_LOG_ERROR, "it failed");
    weir_warn(&c.cx, "look at '%s'", "orders");
    weir_info(&c.cx, "not shown");
    weir_debug(&c.cx, "not shown");

    CHECK_STR(wr_buf_text(&c.lines), "weir: error: it failed\nweir: warning: look at 'orders'\n");
}

TEST(details_are_shown_with_time_and_area)
{
    wr_auto(capture) capture c;
    begin(&c, "debug", false);

    weir_info(&c.cx, "120 rows");
    wr_log(&c.cx, "duckdb", WR_LOG_DEBUG, "begin");

    CHECK_STR(wr_buf_text(&c.lines), "weir: 10:24:00.118 info: user: 120 rows\n"
                                     "weir: 10:24:00.118 debug: duckdb: begin\n");
}

TEST(an_area_can_have_a_level_of_its_own)
{
    wr_auto(capture) capture c;
    begin(&c, " info , duckdb=debug,log=ERROR", false);

    CHECK(wr_log_on("duckdb", WR_LOG_DEBUG));
    CHECK(!wr_log_on("engine", WR_LOG_DEBUG));
    CHECK(wr_log_on("engine", WR_LOG_INFO));
    CHECK(!wr_log_on("log", WR_LOG_WARN));
    CHECK(wr_log_on("log", WR_LOG_ERROR));
}

TEST(levels_have_the_names_of_dlt_too)
{
    wr_auto(capture) capture c;
    begin(&c, "WARNING", false);
    CHECK(wr_log_on("engine", WR_LOG_WARN));

    CHECK_OK(wr_log_setup(&c.cx, "CRITICAL", false));
    CHECK(!wr_log_on("engine", WR_LOG_WARN));
}

TEST(levels_that_cannot_be_read_change_nothing)
{
    static const char *const wrong[] = { "loud", "info,duckdb=loud", "duckdb=", "=info", "," };
    wr_auto(capture) capture c;
    begin(&c, "error", false);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        CHECK_INT(wr_log_setup(&c.cx, wrong[i], true), WEIR_CONFIG);

    CHECK(!wr_log_on("engine", WR_LOG_WARN));
    CHECK_INT(wr_log_setup(&c.cx, "loud", false), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&c.cx), "unknown log level 'loud'");
    CHECK(strstr(weir_error_hint(&c.cx), "error, warn, info and debug") != NULL);
}

TEST(an_error_is_logged_with_its_hint)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);
    (void)weir_fail(&c.cx, WEIR_CONFIG, "no key\nhint: set it");

    wr_log_error(&c.cx);

    CHECK_STR(wr_buf_text(&c.lines), "weir: error: no key\n  hint: set it\n");
}

TEST(json_lines_carry_what_the_line_is_about)
{
    wr_auto(capture) capture c;
    begin(&c, "info", true);
    c.cx.scope = (wr_log_scope){ .pipeline = wr_lit("shop"), .load_id = wr_lit("1.2") };

    weir_info(&c.cx, "said \"%s\"\n\x01", "é");

    CHECK_STR(wr_buf_text(&c.lines),
              "{\"time\":\"2024-11-24T10:24:00.118000+00:00\",\"level\":\"info\",\"area\":\"user\","
              "\"message\":\"said \\\"é\\\"\\n\\u0001\",\"pipeline\":\"shop\",\"load_id\":\"1.2\"}"
              "\n");
}

TEST(json_lines_of_errors_have_hint_and_status)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, true);
    (void)weir_fail(&c.cx, WEIR_CONFIG, "no key\nhint: set it");

    wr_log_error(&c.cx);

    CHECK(strstr(wr_buf_text(&c.lines), "\"message\":\"no key\",\"hint\":\"set it\","
                                        "\"status\":\"configuration\"}") != NULL);
}

TEST(malformed_text_cannot_break_a_json_line)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, true);

    weir_warn(&c.cx, "a\xFFz");

    CHECK(strstr(wr_buf_text(&c.lines), "\"message\":\"a\xEF\xBF\xBDz\"") != NULL);
}

TEST(a_line_cannot_steer_the_terminal)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);

    weir_warn(&c.cx, "a\033[2J\r\xC2\x9B\xFF\tb\nsecond\n");

    CHECK_STR(wr_buf_text(&c.lines), "weir: warning: a\\x1b[2J\\x0d\\x9b\\xff\tb\n  second\n");
}

TEST(secrets_are_masked_the_longest_first)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);
    wr_log_add_secret(wr_lit("hunter2hunter"));
    wr_log_add_secret(wr_lit("hunter2hunter2xyz"));
    wr_log_add_secret(wr_lit("hunter2hunter"));

    weir_warn(&c.cx, "a=hunter2hunter2xyz b=hunter2hunter, hunter2");

    CHECK_STR(wr_buf_text(&c.lines), "weir: warning: a=**** b=****, hunter2\n");
}

TEST(secrets_are_masked_before_json_escapes_them)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, true);
    wr_log_add_secret(wr_lit("quo\"ted\\secret"));
    (void)weir_fail(&c.cx, WEIR_AUTH, "with quo\"ted\\secret\nhint: not quo\"ted\\secret");

    wr_log_error(&c.cx);

    CHECK(strstr(wr_buf_text(&c.lines), "\"message\":\"with ****\",\"hint\":\"not ****\"") != NULL);
}

TEST(a_secret_in_a_cut_message_is_masked_as_far_as_it_is_there)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);
    wr_log_add_secret(wr_lit("correct horse battery staple"));
    char filler[sizeof(c.cx.error.message) - 10];
    memset(filler, '-', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    (void)weir_fail(&c.cx, WEIR_AUTH, "%scorrect horse battery staple", filler);
    CHECK(strstr(weir_error_message(&c.cx), "-correc") != NULL);

    wr_log_error(&c.cx);

    CHECK(strstr(wr_buf_text(&c.lines), "corr") == NULL);
    CHECK(strstr(wr_buf_text(&c.lines), "-****…\n") != NULL);
}

TEST(a_short_text_is_no_secret)
{
    wr_auto(buf) wr_buf out = wr_buf_max(100);
    wr_log_add_secret(wr_lit("abc"));

    wr_mask(&out, wr_lit("abcabc"));

    CHECK_STR(wr_buf_text(&out), "abcabc");
}

TEST(any_text_can_be_masked)
{
    wr_auto(buf) wr_buf out = wr_buf_max(100);
    wr_log_add_secret(wr_lit("pass-word"));

    wr_mask(&out, wr_lit("pass-wordpass-word at pass-wor"));
    wr_mask(&out, (weir_str){ 0 });

    CHECK_STR(wr_buf_text(&out), "******** at pass-wor");
}

TEST(a_message_that_is_too_long_is_told)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);

    weir_warn(&c.cx, "%2000000d", 1);

    CHECK_STR(wr_buf_text(&c.lines), "weir: warning: (a message of more than 1 MiB)\n");
}

static void *log_a_hundred_lines(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++)
        weir_warn(NULL, "line");
    return NULL;
}

TEST(lines_of_several_threads_do_not_mix)
{
    wr_auto(capture) capture c;
    begin(&c, NULL, false);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, log_a_hundred_lines, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);

    weir_str rest = wr_buf_view(&c.lines);
    int count = 0;
    for (weir_str line; wr_str_split(&rest, '\n', &line); count++)
        CHECK(wr_str_eq(line, wr_lit("weir: warning: line")));
    CHECK_INT(count, 400);
}
