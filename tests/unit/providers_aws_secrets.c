/* [providers] enable_aws_secrets, against a scripted service: which secrets are asked for, in which order, and what comes of
 * the answers. That values and places are dlt's is tested in tests/parity/test_config_aws.py. */
#include "providers/aws_secrets.h"

#include "base/str.h"
#include "harness/aws.h"
#include "harness/served.h"
#include "net/secrets_manager.h"
#include "providers/aws_secrets_manager.h"

#define NONE                                                                                       \
    {                                                                                              \
        400, "{\"__type\": \"ResourceNotFoundException\", \"Message\": \"none\"}"                  \
    }
#define DENIED                                                                                     \
    {                                                                                              \
        400, "{\"__type\": \"AccessDeniedException\", \"Message\": \"no\"}"                        \
    }
#define SECRET(text)                                                                               \
    {                                                                                              \
        200, "{\"SecretString\": \"" text "\"}"                                                    \
    }

static const weir_option options[] = {
    { "pages", WEIR_OPTION_INT, .standard = "1" },
    { "api_key", .secret = true, .required = true },
    { 0 },
};

typedef struct setting {
    aws_fixture f;
    served *service;
    wr_config *config;
    const weir_option_values *values;
} setting;

#define open_setting(s, ...) open_setting_of((s), served_new(__VA_ARGS__))
static void open_setting_of(setting *s, served *service)
{
    aws_open(&s->f);
    wr_secrets_forget();
    s->service = service;
    s->config = wr_config_new();
    setenv("AWS_ACCESS_KEY_ID", "AKIA1", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "aws-secret", 1);
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", served_url(service), 1);
    wr_config_set(s->config, "providers.enable_aws_secrets", wr_lit("true"));
    wr_config_set(s->config, "providers.aws_secrets.credentials.region_name", wr_lit("eu-west-2"));
}

static void wr_cleanup_setting(setting *s)
{
    wr_config_free(s->config);
    served_free(s->service);
    wr_cleanup_aws_fixture(&s->f);
}

static void set(setting *s, const char *name, const char *value)
{
    const weir_str path = wr_arena_printf(&s->f.arena, "providers.aws_secrets.%s", name);
    wr_config_set(s->config, path.ptr, weir_str_of(value));
}

static weir_status resolve(setting *s, const char *pipeline)
{
    const wr_scope scope = { .config = s->config,
                             .pipeline = weir_str_of(pipeline),
                             .section = WR_SECTION("sources", "rates") };
    return wr_config_resolve(&s->f.cx, &scope, options, &s->f.arena, &s->values);
}

static weir_status add_and_resolve(setting *s, const char *pipeline)
{
    WEIR_TRY(wr_config_add_builtin(&s->f.cx, s->config, &wr_provider_aws_secrets));
    return resolve(s, pipeline);
}

/* The names that were asked for, a blank between them. */
static const char *asked(setting *s)
{
    weir_str all = { "", 0 };
    for (int i = 0; i < served_count(s->service); i++) {
        const char *id = strstr(served_request(s->service, i), "{\"SecretId\":\"");
        const char *name = id ? id + strlen("{\"SecretId\":\"") : "?";
        all = wr_arena_printf(&s->f.arena, "%.*s%s%.*s", WR_STR(all), i ? " " : "",
                              (int)strcspn(name, "\""), name);
    }
    return all.ptr;
}

TEST(pieces_are_asked_for_from_the_shortest_name_on_and_each_once)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NONE);

    CHECK_INT(add_and_resolve(&s, "p"), WEIR_CONFIG);
    CHECK_INT(resolve(&s, "p"), WEIR_CONFIG);

    CHECK_STR(asked(&s), "dlt/dlt_secrets_toml dlt/p/dlt_secrets_toml dlt/sources "
                         "dlt/sources/rates dlt/p/sources dlt/p/sources/rates "
                         "dlt/sources/api_key dlt/p/sources/api_key");
}

TEST(a_piece_of_a_settings_file_gives_all_values_in_it)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NONE, NONE, SECRET("[sources.rates]\\napi_key = \\\"k-1\\\"\\npages = 7"));

    CHECK_OK(add_and_resolve(&s, NULL));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-1");
    CHECK_INT(weir_option_int(s.values, "pages"), 1); /* was asked for first, and is no secret */
    CHECK_OK(resolve(&s, NULL));
    CHECK_INT(weir_option_int(s.values, "pages"), 7);
    CHECK_STR(asked(&s), "dlt/dlt_secrets_toml dlt/sources dlt/sources/rates");
}

TEST(what_may_not_be_read_does_not_hide_what_may)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, DENIED, DENIED, SECRET("{\\\"sources\\\": {\\\"api_key\\\": \\\"k-2\\\"}}"));

    CHECK_OK(add_and_resolve(&s, NULL));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-2");
}

TEST(why_a_value_is_not_there_is_told)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, DENIED);

    CHECK_INT(add_and_resolve(&s, NULL), WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&s.f.cx), "(AWS Secrets Manager, sources/rates/api_key)"));
    CHECK(strstr(weir_error_message(&s.f.cx),
                 "provider `AWS Secrets Manager` could not answer: secret 'dlt/sources/api_key': "
                 "GetSecretValue in 'eu-west-2': AccessDeniedException: no"));
}

TEST(single_values_are_asked_for_on_demand)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NONE, NONE, NONE, SECRET("k-3"));
    set(&s, "only_toml_fragments", "false");
    set(&s, "secret_name_prefix", "team-a.");

    CHECK_OK(add_and_resolve(&s, NULL));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-3");
    CHECK_STR(asked(&s), "team-a.dlt_secrets_toml team-a.sources team-a.sources/rates "
                         "team-a.sources/rates/api_key");
}

TEST(options_that_are_no_secrets_are_asked_for_on_demand)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, SECRET("[sources]\\napi_key = \\\"k-4\\\""), NONE,
                 SECRET("sources: {rates: {pages: 9}}"));
    set(&s, "only_secrets", "false");

    CHECK_OK(add_and_resolve(&s, NULL));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-4");
    CHECK_INT(weir_option_int(s.values, "pages"), 9);
}

TEST(of_listed_secrets_only_those_that_are_there_are_asked_for)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, { 200, "{\"SecretList\": [{\"Name\": \"dlt/x\"}], \"NextToken\": \"t\"}" },
                 { 200, "{\"SecretList\": [{\"Name\": \"dlt/sources\"}]}" },
                 SECRET("[sources]\\napi_key = \\\"k-5\\\""));
    set(&s, "list_secrets", "true");

    CHECK_OK(add_and_resolve(&s, "p"));

    CHECK_TEXT(weir_option_text(s.values, "api_key"), "k-5");
    CHECK_INT(served_count(s.service), 3);
    CHECK(strstr(served_request(s.service, 0), "secretsmanager.ListSecrets"));
    CHECK(strstr(served_request(s.service, 0),
                 "{\"Filters\":[{\"Key\":\"name\",\"Values\":[\"dlt/\"]}]}"));
    CHECK(strstr(served_request(s.service, 1), ",\"NextToken\":\"t\"}"));
    CHECK(strstr(served_request(s.service, 2), "{\"SecretId\":\"dlt/sources\"}"));
}

TEST(a_list_that_is_refused_is_asked_for_once_and_told)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, DENIED);
    set(&s, "list_secrets", "true");

    CHECK_INT(add_and_resolve(&s, "p"), WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&s.f.cx), "ListSecrets in 'eu-west-2': AccessDeniedException"));
    CHECK_INT(served_count(s.service), 1);
}

TEST(a_whole_document_that_is_none_is_told_and_not_quoted)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, SECRET("s3cret"), NONE);

    CHECK_INT(add_and_resolve(&s, NULL), WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&s.f.cx), "secret 'dlt/dlt_secrets_toml' is no TOML document; "
                                              "it holds what a secrets.toml would"));
    CHECK(!strstr(weir_error_message(&s.f.cx), "s3cret"));
}

TEST(keys_of_the_settings_sign_the_calls)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NONE);
    set(&s, "credentials.aws_access_key_id", "AKIAOWN");
    set(&s, "credentials.aws_secret_access_key", "own-secret");

    CHECK_INT(add_and_resolve(&s, NULL), WEIR_CONFIG);

    CHECK(strstr(served_request(s.service, 0), "Credential=AKIAOWN/"));
}

TEST(both_ways_to_secrets_manager_at_once_are_refused)
{
    wr_auto(setting) setting s = { 0 };
    open_setting(&s, NONE);
    wr_config_set(s.config, "providers.aws_secrets_manager.secrets", wr_lit("{\"a\": \"b\"}"));

    CHECK_OK(wr_config_add_builtin(&s.f.cx, s.config, &wr_provider_aws_secrets));
    CHECK_INT(wr_config_add_builtin(&s.f.cx, s.config, &wr_provider_aws_secrets_manager),
              WEIR_INVALID);

    CHECK_STR(weir_error_message(&s.f.cx),
              "a provider of the name 'AWS Secrets Manager' is already in the chain");
}
