/* The files of AWS's tools. */
#include "net/aws_profile.h"

#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

static weir_status parse(fixture *f, const char *text, wr_ini *ret)
{
    return wr_ini_parse(&f->cx, &f->arena, "/h/.aws/config", weir_str_of(text), ret);
}

static weir_str get(const wr_ini *ini, const char *section, const char *key)
{
    return wr_ini_get(ini, weir_str_of(section), (weir_str){ 0 }, key);
}

TEST(settings_of_a_profile_are_read_as_aws_reads_them)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_ini ini;

    CHECK_OK(
        parse(&f,
              "\xEF\xBB\xBF# comment\n; another\n\n[default]\r\nRegion = eu-west-2 # no comment\r\n"
              "[profile  \"my own\"]\naws_access_key_id=AKIA=\n"
              "s3 =\n  max_queue = 10\n  # comment\n\tendpoint_url=http://x\nregion=\n",
              &ini));

    CHECK_TEXT(get(&ini, "default", "region"), "eu-west-2 # no comment");
    CHECK_TEXT(get(&ini, "profile my own", "aws_access_key_id"), "AKIA=");
    CHECK_TEXT(get(&ini, "profile my own", "endpoint_url"), "");
    CHECK_TEXT(wr_ini_get(&ini, wr_lit("profile my own"), wr_lit("s3"), "endpoint_url"),
               "http://x");
    CHECK(wr_ini_has(&ini, wr_lit("default")) && !wr_ini_has(&ini, wr_lit("profile default")));
}

TEST(the_last_setting_of_a_key_counts)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_ini ini;

    CHECK_OK(parse(&f, "[a]\nk = 1\n[b]\nk = 2\n[a]\nk = 3", &ini));

    CHECK_TEXT(get(&ini, "a", "k"), "3");
}

TEST(lines_that_are_nothing_are_named_and_not_quoted)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        { "[a]\nSECRET", "/h/.aws/config:2: a setting has no key, or no '='" },
        { "[a]\n = SECRET", "/h/.aws/config:2: a setting has no key, or no '='" },
        { "\n\n[SECRET", "/h/.aws/config:3: a section has no ']'" },
        { "key = SECRET", "/h/.aws/config:1: a setting stands before the first section" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        wr_ini ini;
        CHECK_INT(parse(&f, cases[i].text, &ini), WEIR_CONFIG);
        CHECK_STR(weir_error_message(&f.cx), cases[i].message);
        CHECK(*weir_error_hint(&f.cx));
    }
}

TEST(the_credentials_file_wins_over_the_config_file)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_aws_profiles profiles;
    CHECK_OK(parse(&f, "[work]\nregion = of-credentials\n", &profiles.credentials));
    CHECK_OK(parse(&f,
                   "[work]\nregion = of-no-profile\n[profile work]\nregion = of-config\n"
                   "output = json\n[profile default]\nregion = d\n",
                   &profiles.config));

    CHECK_TEXT(wr_aws_profile_get(&profiles, wr_lit("work"), "region"), "of-credentials");
    CHECK_TEXT(wr_aws_profile_config(&profiles, wr_lit("work"), "region"), "of-config");
    CHECK_TEXT(wr_aws_profile_get(&profiles, wr_lit("work"), "output"), "json");
    CHECK_TEXT(wr_aws_profile_get(&profiles, wr_lit("default"), "region"), "d");
    CHECK(wr_aws_profile_exists(&profiles, wr_lit("work")));
    CHECK(!wr_aws_profile_exists(&profiles, wr_lit("home")));
}
