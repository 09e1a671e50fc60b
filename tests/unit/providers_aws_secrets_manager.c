/* [providers.aws_secrets_manager], against a scripted service: which secret is asked for what, and what is told when it
 * does not answer. */
#include "providers/aws_secrets_manager.h"

#include "base/str.h"
#include "harness/aws.h"
#include "harness/served.h"
#include "net/secrets_manager.h"

#define REFUSED(code, message) "{\"__type\": \"" code "\", \"Message\": \"" message "\"}"

static const weir_option options[] = {
    { "api_key", .secret = true, .required = true },
    { "pages", WEIR_OPTION_INT, .standard = "1" },
    { 0 },
};

typedef struct setting {
    aws_fixture f;
    served *service;
    wr_config *config;
    const weir_option_values *values;
} setting;

static void open_setting(setting *s, const char *answer)
{
    aws_open(&s->f);
    wr_secrets_forget();
    s->service = served_new(
        { answer ? 200 : 400, answer ? answer : REFUSED("AccessDeniedException", "no") });
    s->config = wr_config_new();
    setenv("AWS_ACCESS_KEY_ID", "AKIA1", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "aws-secret", 1);
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", served_url(s->service), 1);
    wr_config_set(s->config, "providers.aws_secrets_manager.region", wr_lit("eu-west-2"));
}

static void wr_cleanup_setting(setting *s)
{
    wr_config_free(s->config);
    served_free(s->service);
    wr_cleanup_aws_fixture(&s->f);
}

static weir_status add(setting *s, const char *secrets)
{
    wr_config_set(s->config, "providers.aws_secrets_manager.secrets", weir_str_of(secrets));
    return wr_config_add_builtin(&s->f.cx, s->config, &wr_provider_aws_secrets_manager);
}

static weir_status resolve(setting *s, const char *source)
{
    const wr_scope scope = { .config = s->config,
                             .pipeline = wr_lit("p"),
                             .section = WR_SECTION("sources", source) };
    return wr_config_resolve(&s->f.cx, &scope, options, &s->f.arena, &s->values);
}

TEST(a_mapped_section_has_the_values_of_its_secret)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, "{\"SecretString\": \"{\\\"api_key\\\": \\\"k-123\\\", \\\"pages\\\": 7}\"}");

    CHECK_OK(add(&s, "{\"sources.rates\": \"dlt/rates\", \"sources\": {\"other\": \"dlt/o\"}}"));
    CHECK_OK(resolve(&s, "rates"));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-123");
    CHECK_INT(weir_option_int(s.values, "pages"), 7);
    CHECK_OK(resolve(&s, "other"));
    CHECK_INT(served_count(s.service), 2);
    CHECK(strstr(served_request(s.service, 0), "{\"SecretId\":\"dlt/rates\"}"));
    CHECK(strstr(served_request(s.service, 1), "{\"SecretId\":\"dlt/o\"}"));
}

TEST(the_service_is_not_asked_when_the_environment_answers)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, "{\"SecretString\": \"{}\"}");
    setenv("SOURCES__RATES__API_KEY", "local", 1);
    setenv("SOURCES__RATES__PAGES", "2", 1);

    CHECK_OK(add(&s, "{\"sources.rates\": \"dlt/rates\"}"));
    const weir_status status = resolve(&s, "rates");
    unsetenv("SOURCES__RATES__API_KEY");
    unsetenv("SOURCES__RATES__PAGES");

    CHECK_OK(status);
    CHECK_TEXT(weir_option_text(s.values, "api_key"), "local");
    CHECK_INT(served_count(s.service), 0);
}

TEST(a_section_that_is_not_mapped_asks_for_nothing)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, "{\"SecretString\": \"{}\"}");

    CHECK_OK(add(&s, "{\"sources.rates\": \"dlt/rates\"}"));
    CHECK_INT(resolve(&s, "hubspot"), WEIR_CONFIG);

    CHECK_INT(served_count(s.service), 0);
}

TEST(why_the_service_did_not_answer_is_told_with_what_is_missing)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NULL);

    CHECK_OK(add(&s, "{\"sources.rates\": \"dlt/rates\"}"));
    CHECK_INT(resolve(&s, "rates"), WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&s.f.cx), "(AWS Secrets Manager, sources.rates.api_key)"));
    CHECK(strstr(weir_error_message(&s.f.cx),
                 "provider `AWS Secrets Manager` could not answer: secret 'dlt/rates': "
                 "GetSecretValue in 'eu-west-2': AccessDeniedException: no"));
    CHECK_INT(served_count(s.service), 1);
}

TEST(without_a_map_there_is_no_such_provider)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NULL);

    CHECK_OK(wr_config_add_builtin(&s.f.cx, s.config, &wr_provider_aws_secrets_manager));
    CHECK_INT(resolve(&s, "rates"), WEIR_CONFIG);

    CHECK(!strstr(weir_error_message(&s.f.cx), "AWS"));
}

TEST(a_map_with_anything_but_names_is_refused)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NULL);

    CHECK_INT(add(&s, "{\"sources.rates\": 5}"), WEIR_CONFIG);

    CHECK_STR(weir_error_message(&s.f.cx),
              "providers.aws_secrets_manager.secrets has no name for 'sources.rates'");
}
