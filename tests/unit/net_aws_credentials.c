/* The chain of credentials: each place, its order, renewal, and what is said when there are none. */
#include "net/aws_credentials.h"

#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"
#include "base/time.h"
#include "harness/aws.h"
#include "harness/served.h"

#define MINUTE_US (60 * WR_US_PER_SECOND)

static const char json_keys[] =
    "{\"Code\":\"Success\",\"AccessKeyId\":\"AKIAHOST\",\"SecretAccessKey\":\"secret-host\","
    "\"Token\":\"token-host\",\"Expiration\":\"2026-01-02T09:04:05Z\"}";
static const char sts_keys[] =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
    "<SecretAccessKey>secret-role</SecretAccessKey><SessionToken>token-role</SessionToken>"
    "<Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></AssumeRoleResult>"
    "</AssumeRoleResponse>";

/* "id/secret/token", or the status and message of the failure. */
static const char *keys_of(aws_fixture *f)
{
    wr_aws_keys keys;
    const weir_status status = wr_aws_keys_get(&f->cx, f->aws, &f->arena, &keys);
    if (status != WEIR_OK)
        return wr_arena_printf(&f->arena, "%s: %s", weir_status_name(status),
                               weir_error_message(&f->cx))
            .ptr;
    return wr_arena_printf(&f->arena, "%.*s/%.*s/%.*s", WR_STR(keys.id), WR_STR(keys.secret),
                           WR_STR(keys.token))
        .ptr;
}

static const char *region_of(aws_fixture *f)
{
    weir_str region;
    return wr_aws_region_get(&f->cx, f->aws, &f->arena, &region) == WEIR_OK
               ? region.ptr
               : weir_error_message(&f->cx);
}

static const char *endpoint_of(aws_fixture *f, const char *region)
{
    static const wr_aws_service service = { "secretsmanager", "SECRETS_MANAGER" };
    weir_str url;
    return wr_aws_endpoint_get(&f->cx, f->aws, &f->arena, &service, weir_str_of(region), &url) ==
                   WEIR_OK
               ? wr_arena_str(&f->arena, url).ptr
               : weir_error_message(&f->cx);
}

static void use(aws_fixture *f, wr_aws_settings settings)
{
    wr_aws_free(f->aws);
    f->aws = wr_aws_new(&settings);
}

TEST(the_environment_beats_the_files)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    aws_file(&f, "credentials", "[default]\naws_access_key_id=F\naws_secret_access_key=fs\n");
    setenv("AWS_ACCESS_KEY_ID", "E", 1);
    CHECK_STR(keys_of(&f), "F/fs/");
    setenv("AWS_SECRET_ACCESS_KEY", "es", 1);
    setenv("AWS_SECURITY_TOKEN", "old", 1);

    use(&f, (wr_aws_settings){ 0 });
    CHECK_STR(keys_of(&f), "E/es/old");

    setenv("AWS_SESSION_TOKEN", "et", 1);
    use(&f, (wr_aws_settings){ 0 });
    CHECK_STR(keys_of(&f), "E/es/et");
    use(&f, (wr_aws_settings){ .profile = wr_lit("default") });
    CHECK_STR(keys_of(&f), "F/fs/");
    use(&f, (wr_aws_settings){ .keys = { wr_lit("G"), wr_lit("gs"), { 0 } } });
    CHECK_STR(keys_of(&f), "G/gs/");
}

TEST(profiles_are_found_in_both_files)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    aws_file(&f, "credentials", "[work]\naws_access_key_id=C\naws_secret_access_key=cs\n");
    aws_file(&f, "config",
             "[profile work]\naws_access_key_id=X\naws_secret_access_key=xs\nregion=eu-west-2\n"
             "[profile home]\naws_access_key_id=H\naws_secret_access_key=hs\n"
             "aws_session_token=ht\n");

    setenv("AWS_PROFILE", "work", 1);
    CHECK_STR(keys_of(&f), "C/cs/");
    CHECK_STR(region_of(&f), "eu-west-2");
    use(&f, (wr_aws_settings){ .profile = wr_lit("home") });
    CHECK_STR(keys_of(&f), "H/hs/ht");
    use(&f, (wr_aws_settings){ .profile = wr_lit("hoem") });
    CHECK_STR(keys_of(&f), "configuration: there is no AWS profile 'hoem'");
}

TEST(no_credentials_are_told_with_all_places)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);

    CHECK_STR(keys_of(&f),
              "authentication: no AWS credentials were found: not in the environment "
              "(AWS_ACCESS_KEY_ID), not in profile 'default' of ~/.aws/credentials and "
              "~/.aws/config, not from a container, not from instance metadata");
    CHECK(*weir_error_hint(&f.cx));
}

TEST(instance_metadata_gives_the_keys_of_the_machine)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s =
        served_new({ 200, "session-1" }, { 200, "my-role\n" }, { 200, json_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", served_url(s), 1);

    CHECK_STR(keys_of(&f), "AKIAHOST/secret-host/token-host");

    CHECK_INT(served_count(s), 3);
    CHECK(strstr(served_request(s, 0), "PUT /latest/api/token "));
    CHECK(strstr(served_request(s, 0), "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
    CHECK(strstr(served_request(s, 1), "GET /latest/meta-data/iam/security-credentials/ "));
    CHECK(strstr(served_request(s, 2), "GET /latest/meta-data/iam/security-credentials/my-role "));
    CHECK(strstr(served_request(s, 2), "x-aws-ec2-metadata-token: session-1\r\n"));
}

TEST(instance_metadata_of_the_first_version_does_without_a_session)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 404 }, { 200, "my-role" }, { 200, json_keys });
    aws_open(&f);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", served_url(s), 1);
    aws_stop_clock(&f);

    CHECK_STR(keys_of(&f), "AKIAHOST/secret-host/token-host");
    CHECK(!strstr(served_request(s, 1), "x-aws-ec2-metadata-token"));

    served_script(s, { 404 });
    setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    use(&f, (wr_aws_settings){ 0 });
    CHECK(strncmp(keys_of(&f), "authentication: no AWS credentials", 34) == 0);
    CHECK_INT(served_count(s), 4);
}

TEST(a_machine_without_a_role_has_no_keys)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, "session" }, { 200, "role" },
                                           { 200, "{\"Code\": \"Failed\", \"Message\": \"x\"}" });
    aws_open(&f);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", served_url(s), 1);

    CHECK(strncmp(keys_of(&f), "authentication: no AWS credentials", 34) == 0);
}

TEST(where_nobody_answers_for_the_machine_one_second_is_waited_once)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ SERVED_HANG });
    aws_open(&f);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", served_url(s), 1);
    const int64_t before = wr_ticks_ns(&f.cx);

    for (int i = 0; i < 3; i++)
        CHECK(strncmp(keys_of(&f), "authentication: no AWS credentials", 34) == 0);

    CHECK_INT(served_count(s), 1);
    CHECK(wr_ticks_ns(&f.cx) - before < INT64_C(1900000000));
}

TEST(a_container_gives_keys_for_its_token)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 500 }, { 200, json_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    aws_file(&f, "token", "from-file");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI",
           wr_arena_printf(&f.arena, "%s/creds?secret=1", served_url(s)).ptr, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-environment", 1);

    CHECK_STR(keys_of(&f), "AKIAHOST/secret-host/token-host");
    CHECK_INT(served_count(s), 2);
    CHECK(strstr(served_request(s, 1), "Authorization: from-environment\r\n"));

    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
           wr_arena_printf(&f.arena, "%s/.aws/token", f.home).ptr, 1);
    use(&f, (wr_aws_settings){ 0 });
    CHECK_STR(keys_of(&f), "AKIAHOST/secret-host/token-host");
    CHECK(strstr(served_request(s, 2), "Authorization: from-file\r\n"));
}

TEST(a_container_that_refuses_is_an_error_without_its_address)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 403, "the-secret" });
    aws_open(&f);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI",
           wr_arena_printf(&f.arena, "%s/creds?secret=1", served_url(s)).ptr, 1);

    CHECK_STR(keys_of(&f),
              wr_arena_printf(&f.arena,
                              "authentication: AWS credentials of the container ('default'): GET "
                              "%s: 403 forbidden",
                              served_url(s))
                  .ptr);
}

TEST(containers_are_asked_by_plain_http_on_this_machine_only)
{
    static const char *const urls[] = {
        "http://evil.test/",  "http://127.0.0.1.evil.test/", "http://169.254.170.2@evil.test/",
        "http://1270.0.0.1/", "http://localhost.evil.test/", "ftp://localhost/"
    };
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", urls[i], 1);
        use(&f, (wr_aws_settings){ 0 });
        CHECK_STR(keys_of(&f), "configuration: AWS credentials of the container ('default'): "
                               "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address "
                               "of this machine");
    }
}

TEST(a_role_is_assumed_with_the_keys_of_another_profile)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, sts_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    setenv("AWS_ENDPOINT_URL_STS", served_url(s), 1);
    aws_file(
        &f, "config",
        "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nregion=eu-west-2\n"
        "external_id = e+1\nduration_seconds = 900\n"
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = bs\n");

    CHECK_STR(keys_of(&f), "ASIAROLE/secret-role/token-role");

    const char *asked = served_request(s, 0);
    CHECK(strstr(asked, "Credential=AKIABASE/20260102/eu-west-2/sts/aws4_request"));
    CHECK(strstr(asked, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
                        "role%2Fr&RoleSessionName=weir-1767323045&ExternalId=e%2B1&"
                        "DurationSeconds=900"));
}

TEST(a_role_may_be_assumed_with_keys_of_the_environment)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, sts_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    setenv("AWS_ENDPOINT_URL", served_url(s), 1);
    setenv("AWS_ACCESS_KEY_ID", "E", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "es", 1);
    aws_file(&f, "config",
             "[profile r]\nrole_arn = arn\ncredential_source = Environment\n"
             "[profile x]\nrole_arn = arn\ncredential_source = Nowhere\n");

    use(&f, (wr_aws_settings){ .profile = wr_lit("r") });
    CHECK_STR(keys_of(&f), "ASIAROLE/secret-role/token-role");
    CHECK(strstr(served_request(s, 0), "Credential=E/20260102/us-east-1/sts/"));
    use(&f, (wr_aws_settings){ .profile = wr_lit("x") });
    CHECK_STR(keys_of(&f), "configuration: AWS credentials of the role of the profile ('x'): "
                           "'credential_source' is 'Nowhere'");
}

TEST(profiles_that_name_each_other_are_refused)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    aws_file(&f, "config",
             "[default]\nrole_arn = a\nsource_profile = b\n"
             "[profile b]\nrole_arn = a\nsource_profile = default\n");

    CHECK(strstr(keys_of(&f), "name each other as 'source_profile' in a circle"));
}

TEST(a_web_identity_token_is_read_anew_each_time)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, sts_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    setenv("AWS_ENDPOINT_URL_STS", served_url(s), 1);
    setenv("AWS_ROLE_ARN", "arn:r", 1);
    setenv("AWS_ROLE_SESSION_NAME", "me", 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", wr_arena_printf(&f.arena, "%s/.aws/token", f.home).ptr,
           1);
    aws_file(&f, "token", "first\n");

    CHECK_STR(keys_of(&f), "ASIAROLE/secret-role/token-role");
    f.now += 60 * MINUTE_US;
    aws_file(&f, "token", "second");
    CHECK_STR(keys_of(&f), "ASIAROLE/secret-role/token-role");

    CHECK(strstr(served_request(s, 0),
                 "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&"
                 "RoleArn=arn%3Ar&RoleSessionName=me&WebIdentityToken=first"));
    CHECK(!strstr(served_request(s, 0), "Authorization"));
    CHECK(strstr(served_request(s, 1), "WebIdentityToken=second"));
}

TEST(a_process_gives_keys)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    aws_file(&f, "answer",
             "{\"Version\": 1, \"AccessKeyId\": \"AKIAPROC\", \"SecretAccessKey\": \"ps\"}");
    aws_file(&f, "config",
             wr_arena_printf(&f.arena,
                             "[default]\ncredential_process = \"/bin/cat\" '%s/.aws/answer'\n"
                             "[profile fails]\ncredential_process = /bin/sh -c \"echo oh no >&2; "
                             "exit 3\"\n[profile none]\ncredential_process = /no/such/program\n"
                             "[profile old]\ncredential_process = /bin/echo '{\"Version\": 2, "
                             "\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\"}'\n"
                             "[profile open]\ncredential_process = 'cat\n",
                             f.home)
                 .ptr);
    static const struct {
        const char *profile;
        const char *expected;
    } cases[] = {
        { "default", "AKIAPROC/ps/" },
        { "fails", "authentication: AWS credentials of credential_process of the profile "
                   "('fails'): '/bin/sh' failed: oh no" },
        { "none",
          "configuration: AWS credentials of credential_process of the profile ('none'): "
          "the program '/no/such/program' could not be started: No such file or directory" },
        { "old", "authentication: AWS credentials of credential_process of the profile ('old'): "
                 "the answer is not of version 1" },
        { "open", "configuration: AWS credentials of credential_process of the profile ('open'): "
                  "'credential_process': it is no command: a quote is not closed" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        use(&f, (wr_aws_settings){ .profile = weir_str_of(cases[i].profile) });
        CHECK_STR(keys_of(&f), cases[i].expected);
    }
}

TEST(keys_that_expire_are_renewed_in_time)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, json_keys });
    aws_open(&f);
    aws_stop_clock(&f);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", served_url(s), 1);

    keys_of(&f);
    f.now += 6 * 60 * MINUTE_US - 15 * MINUTE_US - 1;
    keys_of(&f);
    CHECK_INT(served_count(s), 1);

    f.now += 1;
    served_script(s, { 403 });
    CHECK_STR(keys_of(&f), "AKIAHOST/secret-host/token-host");
    CHECK_INT(served_count(s), 2);
    keys_of(&f);
    CHECK_INT(served_count(s), 2);

    f.now += 5 * MINUTE_US;
    CHECK(strncmp(keys_of(&f), "authentication: ", 16) == 0);
}

TEST(the_region_is_found_where_aws_looks)
{
    wr_auto(aws_fixture) aws_fixture f;
    wr_auto(served) served *s = served_new({ 200, "session" }, { 200, "eu-south-1" });
    aws_open(&f);
    CHECK(strncmp(region_of(&f), "no AWS region is set: not in AWS_REGION", 39) == 0);

    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", served_url(s), 1);
    CHECK_STR(region_of(&f), "eu-south-1");
    aws_file(&f, "config", "[default]\nregion = of-file\n");
    CHECK_STR(region_of(&f), "of-file");
    setenv("AWS_DEFAULT_REGION", "of-default", 1);
    CHECK_STR(region_of(&f), "of-default");
    setenv("AWS_REGION", "of-region", 1);
    CHECK_STR(region_of(&f), "of-region");
    use(&f, (wr_aws_settings){ .region = wr_lit("given") });
    CHECK_STR(region_of(&f), "given");
}

TEST(the_endpoint_is_found_where_aws_looks)
{
    wr_auto(aws_fixture) aws_fixture f;
    aws_open(&f);
    CHECK_STR(endpoint_of(&f, "eu-west-2"), "https://secretsmanager.eu-west-2.amazonaws.com");
    CHECK_STR(endpoint_of(&f, "cn-north-1"), "https://secretsmanager.cn-north-1.amazonaws.com.cn");
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    CHECK_STR(endpoint_of(&f, "us-east-1"), "https://secretsmanager-fips.us-east-1.amazonaws.com");

    aws_file(&f, "config",
             "[default]\nservices = mine\nendpoint_url = http://profile\n[services mine]\n"
             "sts =\n  endpoint_url = http://sts\n");
    CHECK_STR(endpoint_of(&f, "r"), "http://profile");
    aws_file(&f, "config",
             "[default]\nservices = mine\nendpoint_url = http://profile\n[services mine]\n"
             "secrets_manager =\n  endpoint_url = http://service\n");
    CHECK_STR(endpoint_of(&f, "r"), "http://service");
    setenv("AWS_ENDPOINT_URL", "http://all", 1);
    CHECK_STR(endpoint_of(&f, "r"), "http://all");
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://one", 1);
    CHECK_STR(endpoint_of(&f, "r"), "http://one");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    CHECK_STR(endpoint_of(&f, "r"), "https://secretsmanager-fips.r.amazonaws.com");
}
