/* Secrets from a scripted Secrets Manager. */
#include "net/secrets_manager.h"

#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/time.h"
#include "harness/aws.h"
#include "harness/served.h"

static const char one_secret[] =
    "{\"Name\": \"dlt/db\", \"SecretString\": \"{\\\"host\\\": \\\"db.test\\\", \\\"port\\\": 5432, "
    "\\\"password\\\": \\\"s3cret-pass\\\", \\\"ssl\\\": true, \\\"opts\\\": {\\\"a\\\": [1]}, "
    "\\\"none\\\": null}\"}";

#define REFUSED(code, message) "{\"__type\": \"" code "\", \"Message\": \"" message "\"}"

/* Keys in the environment, the service at `s`. */
static void open_service(aws_fixture *f, const served *s)
{
    aws_open(f);
    wr_secrets_forget();
    setenv("AWS_ACCESS_KEY_ID", "AKIA1", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "aws-secret", 1);
    setenv("AWS_MAX_ATTEMPTS", "2", 1);
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", served_url(s), 1);
}

static const char *field_of(aws_fixture *f, const char *secret, const char *field)
{
    weir_value value;
    const weir_status status = weir_aws_secret(&f->cx, secret, field, "eu-west-2", &value);
    if (status != WEIR_OK)
        return weir_status_name(status);
    switch (value.kind) {
    case WEIR_ABSENT: return "absent";
    case WEIR_NULL: return "null";
    case WEIR_BOOL: return value.as.b ? "true" : "false";
    case WEIR_INT: return wr_arena_printf(&f->arena, "%lld", (long long)value.as.i).ptr;
    case WEIR_TEXT:
    case WEIR_JSON: return wr_arena_str(&f->arena, value.as.s).ptr;
    default: return "something else";
    }
}

TEST(the_members_of_a_json_secret_are_its_fields)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, one_secret });
    open_service(&f, s);
    aws_stop_clock(&f);

    CHECK_STR(field_of(&f, "dlt/db", "host"), "db.test");
    CHECK_STR(field_of(&f, "dlt/db", "port"), "5432");
    CHECK_STR(field_of(&f, "dlt/db", "password"), "s3cret-pass");
    CHECK_STR(field_of(&f, "dlt/db", "ssl"), "true");
    CHECK_STR(field_of(&f, "dlt/db", "opts"), "{\"a\":[1]}");
    CHECK_STR(field_of(&f, "dlt/db", "none"), "null");
    CHECK_STR(field_of(&f, "dlt/db", "value"), "absent");

    CHECK_INT(served_count(s), 1);
    const char *asked = served_request(s, 0);
    CHECK(strstr(asked, "POST / HTTP/1.1\r\n"));
    CHECK(strstr(asked, "\r\nX-Amz-Target: secretsmanager.GetSecretValue\r\n"));
    CHECK(strstr(asked, "\r\nContent-Type: application/x-amz-json-1.1\r\n"));
    CHECK(strstr(asked, "Credential=AKIA1/20260102/eu-west-2/secretsmanager/aws4_request, "
                        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "));
    CHECK(strstr(asked, "\r\n\r\n{\"SecretId\":\"dlt/db\"}"));
}

TEST(without_a_field_it_is_the_whole_secret)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 200, one_secret }, { 200, "{\"SecretString\": \"k\"}" });
    open_service(&f, s);
    weir_value value;

    CHECK_OK(weir_aws_secret(&f.cx, "dlt/db", NULL, "eu-west-2", &value));
    CHECK_INT(value.kind, WEIR_JSON);
    CHECK(wr_str_starts(value.as.s, wr_lit("{\"host\": \"db.test\", ")));

    CHECK_OK(weir_aws_secret(&f.cx, "dlt/key", NULL, "eu-west-2", &value));
    CHECK_INT(value.kind, WEIR_TEXT);
    CHECK_TEXT(value.as.s, "k");
}

TEST(any_other_secret_is_one_field)
{
    static const struct {
        const char *answer;
        const char *value;
    } cases[] = {
        { "{\"SecretString\": \"pat-123\"}", "pat-123" },
        { "{\"SecretString\": \"{broken\"}", "{broken" },
        { "{\"SecretString\": \"[1]\"}", "[1]" },
        { "{\"SecretBinary\": \"cGF0LTEyMw==\"}", "pat-123" },
        { "{\"Name\": \"x\"}", "parse" },
        { "<html>", "parse" },
    };
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200 });
    open_service(&f, s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        wr_secrets_forget();
        served_script(s, { 200, cases[i].answer });
        CHECK_STR(field_of(&f, "dlt/key", "value"), cases[i].value);
        CHECK(!strstr(weir_error_message(&f.cx), "html"));
    }
}

typedef struct crowd {
    aws_fixture *f;
    wr_thread threads[64];
} crowd;

static weir_status ask_for_password(weir_ctx *cx, void *self)
{
    (void)self;
    weir_value value;
    WEIR_TRY(weir_aws_secret(cx, "dlt/db", "password", "eu-west-2", &value));
    return wr_str_eq(value.as.s, wr_lit("s3cret-pass")) ? WEIR_OK
                                                        : weir_fail(cx, WEIR_INTERNAL, "no value");
}

TEST(sixty_four_threads_make_one_request)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, one_secret });
    open_service(&f, s);
    crowd *c = calloc(1, sizeof(*c));

    weir_status status = WEIR_OK;
    for (int i = 0; i < 64 && status == WEIR_OK; i++)
        status = wr_thread_start(&f.cx, &c->threads[i], "asker", ask_for_password, NULL);
    for (int i = 0; i < 64; i++) {
        const weir_status joined = wr_thread_join(&f.cx, &c->threads[i]);
        status = status != WEIR_OK ? status : joined;
    }
    free(c);

    CHECK_OK(status);
    CHECK_INT(served_count(s), 1);
}

TEST(a_secret_that_is_not_there_is_asked_for_once)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 400, REFUSED("com.amazonaws#ResourceNotFoundException:x", "none") });
    open_service(&f, s);

    CHECK_STR(field_of(&f, "dlt/none", "value"), "absent");
    CHECK_STR(field_of(&f, "dlt/none", "other"), "absent");

    CHECK_INT(served_count(s), 1);
    CHECK_STR(weir_error_message(&f.cx), "");
}

TEST(a_refusal_is_remembered_and_explained)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 400, REFUSED("AccessDeniedException", "User: me is not authorized") });
    open_service(&f, s);
    for (int i = 0; i < 2; i++) {
        CHECK_STR(field_of(&f, "dlt/db", "host"), "authentication");
        CHECK_STR(weir_error_message(&f.cx),
                  "secret 'dlt/db': GetSecretValue in 'eu-west-2': AccessDeniedException: User: me "
                  "is not authorized");
        CHECK_STR(weir_error_hint(&f.cx),
                  "the policy of this user or role does not allow it, or not in this region");
    }
    CHECK_INT(served_count(s), 1);
}

TEST(throttling_and_failures_of_the_service_are_tried_again)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 400, REFUSED("ThrottlingException", "Rate exceeded") }, { 200, one_secret });
    open_service(&f, s);
    CHECK_STR(field_of(&f, "dlt/db", "host"), "db.test");

    wr_secrets_forget();
    served_script(s, { 500 }, { 503 }, { 200, one_secret });
    CHECK_STR(field_of(&f, "dlt/db", "host"), "network");
    CHECK_STR(field_of(&f, "dlt/db", "host"), "network");
    CHECK_INT(served_count(s), 4);
}

TEST(a_clock_that_is_wrong_is_corrected_once)
{
    static const char refused[] = REFUSED("InvalidSignatureException", "Signature expired");
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new(
        { 403, refused, "Date: Fri, 02 Jan 2026 05:04:05 GMT\r\n" }, { 200, one_secret });
    open_service(&f, s);
    aws_stop_clock(&f);

    CHECK_STR(field_of(&f, "dlt/db", "host"), "db.test");
    CHECK(strstr(served_request(s, 0), "X-Amz-Date: 20260102T030405Z"));
    CHECK(strstr(served_request(s, 1), "X-Amz-Date: 20260102T050405Z"));

    /* the clock was put right meanwhile; and then the key is wrong, not the clock */
    wr_secrets_forget();
    served_script(s, { 403, refused, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n" },
                  { 403, refused, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n" });
    CHECK_STR(field_of(&f, "dlt/db", "host"), "authentication");
    CHECK_INT(served_count(s), 4);
    CHECK(strstr(weir_error_hint(&f.cx), "the clock of this machine"));
}

TEST(keys_that_expire_in_mid_run_are_renewed_once)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 400, REFUSED("ExpiredTokenException", "The security token has expired") },
                   { 200, one_secret });
    wr_auto(served) served *container = served_new(
        { 200,
          "{\"AccessKeyId\": \"OLD\", \"SecretAccessKey\": \"old-secret\", \"Token\": \"t1\"}" },
        { 200,
          "{\"AccessKeyId\": \"NEW\", \"SecretAccessKey\": \"new-secret\", \"Token\": \"t2\"}" });
    open_service(&f, s);
    unsetenv("AWS_ACCESS_KEY_ID");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", served_url(container), 1);

    CHECK_STR(field_of(&f, "dlt/db", "host"), "db.test");

    CHECK(strstr(served_request(s, 0), "Credential=OLD/"));
    CHECK(strstr(served_request(s, 0), "X-Amz-Security-Token: t1\r\n"));
    CHECK(strstr(served_request(s, 1), "Credential=NEW/"));
    CHECK_INT(served_count(container), 2);
}

TEST(without_credentials_the_service_is_not_asked)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, one_secret });
    open_service(&f, s);
    unsetenv("AWS_ACCESS_KEY_ID");

    CHECK_STR(field_of(&f, "dlt/db", "host"), "authentication");
    CHECK_STR(field_of(&f, "dlt/other", "host"), "authentication");

    CHECK(strstr(weir_error_message(&f.cx), "no AWS credentials were found"));
    CHECK_INT(served_count(s), 0);
}

TEST(a_host_that_is_not_there_brings_a_hint_about_the_region)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200 });
    open_service(&f, s);
    char gone[64];
    snprintf(gone, sizeof(gone), "%s", served_url(s));
    served_free(s);
    s = NULL;
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", gone, 1);

    CHECK_STR(field_of(&f, "dlt/db", "host"), "network");

    CHECK(strstr(weir_error_hint(&f.cx), "is the region 'eu-west-2' right"));
}

TEST(fetched_secrets_are_masked_in_the_log)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, one_secret });
    wr_auto(buf) wr_buf masked = wr_buf_max(1024);
    open_service(&f, s);
    field_of(&f, "dlt/db", "port");

    wr_mask(&masked, wr_lit("s3cret-pass at db.test with aws-secret"));

    CHECK_TEXT(wr_buf_view(&masked), "**** at db.test with ****");
}

TEST(names_that_cannot_be_are_refused)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    weir_value value;
    char name[2050];
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';

    CHECK_INT(weir_aws_secret(&f.cx, "", "value", NULL, &value), WEIR_INVALID);
    CHECK_INT(weir_aws_secret(&f.cx, name, "value", NULL, &value), WEIR_INVALID);
    CHECK_INT(weir_aws_secret(&f.cx, NULL, "value", NULL, &value), WEIR_INVALID);
}
