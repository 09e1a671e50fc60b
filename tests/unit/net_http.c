/* HTTP against a scripted server. */
#include "net/http.h"

#include <sched.h>

#include "base/str.h"
#include "base/thread.h"
#include "base/time.h"
#include "harness/fixture.h"
#include "harness/served.h"
#include "harness/test.h"

static const wr_retry quick = { .attempts = 3, .base_us = 1000, .max_us = 1000 };

static weir_str at(fixture *f, const served *s, const char *path)
{
    return wr_arena_printf(&f->arena, "%s%s", served_url(s), path);
}

static weir_status get(fixture *f, const served *s, wr_http_response *ret)
{
    const wr_http_request request = { .url = at(f, s, "/things"), .timeout_ms = 5000 };
    return wr_http_call(&f->cx, &f->arena, &request, quick, ret);
}

static bool shows(const weir_ctx *cx, const char *text)
{
    return strstr(weir_error_message(cx), text) != NULL;
}

TEST(a_request_brings_status_headers_and_body)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 201, "{\"id\": 1}", "X-Request-Id:  a b \r\n" });
    const wr_http_request request = {
        .method = "POST",
        .url = at(&f, s, "/things?a=b"),
        .body = wr_lit("{}"),
        WR_HTTP_HEADERS({ wr_lit("X-One"), wr_lit("1") }, { wr_lit("X-Empty"), { 0 } }),
    };
    wr_http_response response;

    CHECK_OK(wr_http_send(&f.cx, &f.arena, &request, &response));

    CHECK_INT(response.status, 201);
    CHECK_TEXT(response.body, "{\"id\": 1}");
    CHECK_TEXT(wr_http_header_of(&response, "x-request-ID"), "a b");
    CHECK_INT(wr_http_header_of(&response, "x-none").len, 0);
    const char *asked = served_request(s, 0);
    CHECK(strncmp(asked, "POST /things?a=b HTTP/1.1\r\n", 27) == 0);
    CHECK(strstr(asked, "\r\nX-One: 1\r\n") && strstr(asked, "\r\nX-Empty:\r\n"));
    CHECK(strstr(asked, "\r\n\r\n{}") && !strstr(asked, "Expect"));
}

TEST(methods_go_out_as_they_are_named)
{
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE" };
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 204 });
    wr_http_response response;
    for (int i = 0; i < 4; i++) {
        const wr_http_request request = { .method = methods[i], .url = at(&f, s, "/") };
        CHECK_OK(wr_http_send(&f.cx, &f.arena, &request, &response));
        CHECK(strncmp(served_request(s, i), methods[i], strlen(methods[i])) == 0);
    }
}

TEST(a_connection_is_used_again)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 200 });
    wr_http_response response;
    for (int i = 0; i < 5; i++)
        CHECK_OK(get(&f, s, &response));

    CHECK_INT(served_count(s), 5);
    CHECK_INT(served_connections(s), 1);
}

TEST(passing_failures_are_tried_again)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 503 }, { SERVED_CLOSE }, { 200, "now" });
    wr_http_response response;

    CHECK_OK(get(&f, s, &response));

    CHECK_TEXT(response.body, "now");
    CHECK_INT(served_count(s), 3);
}

TEST(a_failure_that_stays_tells_how_often_it_was_tried)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 503, "out of\norder" });
    wr_http_response response;

    CHECK_INT(get(&f, s, &response), WEIR_NETWORK);

    CHECK_INT(served_count(s), 3);
    CHECK_INT(f.cx.error.native, 503);
    CHECK_STR(weir_error_message(&f.cx),
              wr_arena_printf(&f.arena,
                              "tried 3 times: GET %s/things: 503 the server failed: out of order",
                              served_url(s))
                  .ptr);
}

TEST(what_cannot_be_helped_is_not_tried_again)
{
    static const struct {
        int status;
        weir_status expected;
    } cases[] = { { 400, WEIR_REJECTED }, { 401, WEIR_AUTH },     { 403, WEIR_AUTH },
                  { 404, WEIR_REJECTED }, { 501, WEIR_REJECTED }, { 302, WEIR_REJECTED } };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        wr_auto(served) served *s = served_new({ cases[i].status });
        wr_http_response response;
        CHECK_INT(get(&f, s, &response), cases[i].expected);
        CHECK_INT(served_count(s), 1);
    }
}

TEST(retry_after_is_waited_for)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 429, "", "Retry-After: 1\r\n" }, { 200 });
    wr_http_response response;
    const int64_t before = wr_ticks_ns(&f.cx);

    CHECK_OK(get(&f, s, &response));

    CHECK(wr_ticks_ns(&f.cx) - before >= INT64_C(1000000000));
}

TEST(a_wait_beyond_the_deadline_is_not_begun)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 429, "", "Retry-After: 3600\r\n" });
    wr_http_response response;

    CHECK_INT(get(&f, s, &response), WEIR_THROTTLED);

    CHECK_INT(served_count(s), 1);
    CHECK_INT(f.cx.error.wait_us, 3600 * WR_US_PER_SECOND);
}

TEST(an_answer_that_does_not_come_times_out)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ SERVED_HANG });
    const wr_http_request request = { .url = at(&f, s, "/"), .timeout_ms = 60 };
    wr_http_response response;

    CHECK_INT(wr_http_send(&f.cx, &f.arena, &request, &response), WEIR_TIMEOUT);
}

static weir_status stop_when_asked(weir_ctx *cx, void *self)
{
    while (served_count(self) == 0)
        sched_yield();
    wr_cancel_raise(cx->cancel, 1);
    return WEIR_OK;
}

TEST(a_stopped_run_does_not_wait_for_an_answer)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ SERVED_HANG });
    wr_cancel cancel = { 0 };
    wr_thread stopper = { 0 };
    f.cx.cancel = &cancel;
    wr_http_response response;

    CHECK_OK(wr_thread_start(&f.cx, &stopper, "stopper", stop_when_asked, s));
    const weir_status status = get(&f, s, &response);
    CHECK_OK(wr_thread_join(&f.cx, &stopper));

    CHECK_INT(status, WEIR_CANCELLED);
}

TEST(a_body_beyond_its_maximum_is_refused)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 200, "12345" });
    wr_http_request request = { .url = at(&f, s, "/"), .body_max = 4 };
    wr_http_response response;

    CHECK_INT(wr_http_send(&f.cx, &f.arena, &request, &response), WEIR_LIMIT);
    request.body_max = 5;
    CHECK_OK(wr_http_send(&f.cx, &f.arena, &request, &response));
}

TEST(redirects_are_followed_when_asked_for)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s =
        served_new({ 302, "old", "Location: /new\r\nX-Old: 1\r\n" }, { 200, "new" });
    const wr_http_request request = { .url = at(&f, s, "/old"), .redirects = 1 };
    wr_http_response response;

    CHECK_OK(wr_http_send(&f.cx, &f.arena, &request, &response));

    CHECK_TEXT(response.body, "new");
    CHECK_INT(wr_http_header_of(&response, "X-Old").len, 0);
}

TEST(messages_show_urls_without_what_is_secret)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_http_request request = {
        .url = wr_lit("https://me:pass@api.test:8443/v1/things?app_id=key1&limit&x=@#part"),
    };

    CHECK_TEXT(wr_http_shown_url(&f.arena, &request),
               "https://api.test:8443/v1/things?app_id=…&limit&x=…");
    request.secret_url = true;
    CHECK_TEXT(wr_http_shown_url(&f.arena, &request), "https://api.test:8443");
    CHECK_TEXT(wr_http_host(&f.arena, wr_lit("api.test/v1")), "");
}

TEST(messages_quote_no_body_that_holds_secrets)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 400, "the-password" });
    const wr_http_request request = { .url = at(&f, s, "/"), .secret_body = true };
    wr_http_response response;

    CHECK_OK(wr_http_send(&f.cx, &f.arena, &request, &response));
    CHECK_INT(wr_http_check(&f.cx, &request, &response), WEIR_REJECTED);

    CHECK(!shows(&f.cx, "the-password"));
}

TEST(a_header_with_a_line_end_is_not_sent)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(served) served *s = served_new({ 200 });
    const wr_http_request request = {
        .url = at(&f, s, "/"),
        WR_HTTP_HEADERS({ wr_lit("Authorization"), wr_lit("token\r\nX-Evil: 1") }),
    };
    wr_http_response response;

    CHECK_INT(wr_http_send(&f.cx, &f.arena, &request, &response), WEIR_INVALID);

    CHECK(shows(&f.cx, "'Authorization'") && !shows(&f.cx, "token"));
    CHECK_INT(served_count(s), 0);
}

TEST(urls_that_are_none_are_an_error_of_configuration)
{
    static const char *const urls[] = { "", "file:///etc/passwd", "ftp://host/", "http://" };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        const wr_http_request request = { .url = weir_str_of(urls[i]) };
        wr_http_response response;
        CHECK_INT(wr_http_send(&f.cx, &f.arena, &request, &response), WEIR_CONFIG);
    }
}

TEST(dates_of_headers_are_read)
{
    weir_time time;

    CHECK(wr_http_date(wr_lit("Sun, 06 Nov 1994 08:49:37 GMT"), &time));
    CHECK_INT(time, INT64_C(784111777) * WR_US_PER_SECOND);
    CHECK(!wr_http_date(wr_lit("Sun, 06 Foo 1994 08:49:37 GMT"), &time));
    CHECK(!wr_http_date(wr_lit("Sun, 31 Feb 1994 08:49:37 GMT"), &time));
    CHECK(!wr_http_date(wr_lit("3600"), &time));
    CHECK(!wr_http_date((weir_str){ 0 }, &time));
}
