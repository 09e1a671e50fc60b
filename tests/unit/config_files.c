/* The settings files: what they hold, how it is read, and that secrets stay secrets. */
#include <stdlib.h>

#include <weir/provider.h>
#include <weir/source.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/files.h"
#include "config/lookup.h"
#include "config/values.h"
#include "harness/fixture.h"
#include "harness/test.h"

typedef struct settings {
    fixture f;
    const char *dir; /* the project */
    wr_config *config;
    const weir_option_values *values;
} settings;

static settings settings_new(void)
{
    settings s = { .f = fixture_new(), .dir = test_tempdir(), .config = wr_config_new() };
    s.f.arena.wipe = true;
    return s;
}

static void wr_cleanup_settings(settings *s)
{
    wr_config_free(s->config);
    wr_cleanup_fixture(&s->f);
}

/* `folder` below the project. */
static weir_status put(settings *s, const char *folder, const char *name, const char *text)
{
    wr_auto(close) int dir = -1;
    const char *path = wr_arena_printf(&s->f.arena, "%s/%s", s->dir, folder).ptr;
    WEIR_TRY(wr_open_dir(&s->f.cx, AT_FDCWD, path, true, &dir));
    return wr_file_publish(&s->f.cx, dir, name, weir_str_of(text));
}

static weir_status read_files(settings *s)
{
    return wr_config_read_files(&s->f.cx, s->config, weir_str_of(s->dir));
}

static weir_status resolve(settings *s, wr_section section, const weir_option *options)
{
    const wr_scope scope = { .config = s->config, .section = section };
    return wr_config_resolve(&s->f.cx, &scope, options, &s->f.arena, &s->values);
}

TEST(typed_values_become_options_by_the_rules_of_the_specification)
{
    static const struct {
        weir_option_kind kind;
        const char *toml;
        const char *expected; /* NULL: refused */
    } vectors[] = {
        { WEIR_OPTION_BOOL, "true", "true" },
        { WEIR_OPTION_BOOL, "2", "true" },
        { WEIR_OPTION_BOOL, "0", "false" },
        { WEIR_OPTION_BOOL, "0.0", "false" },
        { WEIR_OPTION_BOOL, "0.5", "true" },
        { WEIR_OPTION_BOOL, "'yes'", "true" },
        { WEIR_OPTION_BOOL, "'2'", NULL },
        { WEIR_OPTION_BOOL, "[]", NULL },
        { WEIR_OPTION_INT, "10", "10" },
        { WEIR_OPTION_INT, "0x10", "16" },
        { WEIR_OPTION_INT, "1_000", "1000" },
        { WEIR_OPTION_INT, "10.0", "10" },
        { WEIR_OPTION_INT, "10.5", NULL },
        { WEIR_OPTION_INT, "true", NULL },
        { WEIR_OPTION_INT, "' 10 '", "10" },
        { WEIR_OPTION_INT, "'0x10'", "16" },
        { WEIR_OPTION_INT, "'10.0'", NULL },
        { WEIR_OPTION_INT, "[1]", NULL },
        { WEIR_OPTION_SECONDS, "10", "10" },
        { WEIR_OPTION_SECONDS, "1.5", "1.5" },
        { WEIR_OPTION_SECONDS, "inf", "inf" },
        { WEIR_OPTION_SECONDS, "true", NULL },
        { WEIR_OPTION_TEXT, "'a'", "a" },
        { WEIR_OPTION_TEXT, "true", "True" },
        { WEIR_OPTION_TEXT, "false", "False" },
        { WEIR_OPTION_TEXT, "12", "12" },
        { WEIR_OPTION_TEXT, "1.0", "1.0" },
        { WEIR_OPTION_TEXT, "1e16", "1e+16" },
        { WEIR_OPTION_TEXT, "[1, 2]", "[1,2]" },
        { WEIR_OPTION_TEXT, "{ a = 1 }", "{\"a\":1}" },
        { WEIR_OPTION_TEXT, "1979-05-27T07:32:00Z", "1979-05-27T07:32:00+00:00" },
        { WEIR_OPTION_TEXT, "1979-05-27", "1979-05-27" },
        { WEIR_OPTION_LIST, "[1, 'a']", "[1,\"a\"]" },
        { WEIR_OPTION_LIST, "'[1]'", "[1]" },
        { WEIR_OPTION_LIST, "'a,b'", NULL },
        { WEIR_OPTION_LIST, "'(1,2)'", NULL },
        { WEIR_OPTION_LIST, "'null'", NULL },
        { WEIR_OPTION_LIST, "'{}'", NULL },
        { WEIR_OPTION_LIST, "{ a = 1 }", NULL },
        { WEIR_OPTION_MAP, "{ a = { b = 'c' } }", "{\"a\":{\"b\":\"c\"}}" },
        { WEIR_OPTION_MAP, "'{\"a\": 1}'", "{\"a\": 1}" },
        { WEIR_OPTION_MAP, "'[]'", NULL },
        { WEIR_OPTION_MAP, "'a,b'", NULL },
        { WEIR_OPTION_MAP, "'null'", NULL },
    };
    const int count = (int)(sizeof(vectors) / sizeof(*vectors));
    int failed = 0;
    for (int i = 0; i < count; i++) {
        wr_auto(settings) settings s = settings_new();
        CHECK_OK(put(&s, ".dlt", "config.toml",
                     wr_arena_printf(&s.f.arena, "x.o = %s", vectors[i].toml).ptr));
        CHECK_OK(read_files(&s));
        const weir_option options[] = { { "o", vectors[i].kind }, { 0 } };
        const bool taken = resolve(&s, WR_SECTION("x"), options) == WEIR_OK;
        if (taken && vectors[i].expected && vectors[i].kind == WEIR_OPTION_SECONDS) {
            char text[32];
            snprintf(text, sizeof text, "%g", weir_option_seconds(s.values, "o"));
            failed += strcmp(text, vectors[i].expected) != 0;
            continue;
        }
        const weir_str got =
            !taken ? weir_str_of(NULL)
            : vectors[i].kind == WEIR_OPTION_BOOL
                ? weir_str_of(weir_option_bool(s.values, "o") ? "true" : "false")
            : vectors[i].kind == WEIR_OPTION_INT
                ? wr_arena_printf(&s.f.arena, "%lld", (long long)weir_option_int(s.values, "o"))
                : weir_option_text(s.values, "o");
        if (taken == (vectors[i].expected != NULL) &&
            wr_str_eq(got, weir_str_of(vectors[i].expected)))
            continue;
        failed++;
        test_note("%s: got %.*s", vectors[i].toml, WR_STR(got));
    }
    test_cases("1.9 coercion of TOML", count, failed);
}

TEST(the_projects_file_wins_over_the_global_one_key_by_key)
{
    static const weir_option options[] = {
        { "a" }, { "b" }, { "c" }, { "m", WEIR_OPTION_MAP }, { 0 }
    };
    static const weir_option below[] = { { "d" }, { 0 } };
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, "home/.dlt", "config.toml",
                 "[x]\na = 'global'\nb = 'global'\nm = { one = 1, two = 2 }\n[x.c]\nd = 1\n"));
    CHECK_OK(put(&s, ".dlt", "config.toml", "[x]\na = 'project'\nc = 'project'\nm.two = 3\n"));
    /* root has its global folder elsewhere: take the project folder of another name for it */
    wr_files files = { .arena = &s.f.arena };
    const wr_toml *root = NULL;
    const char *path = wr_arena_printf(&s.f.arena, "%s/.dlt/config.toml", s.dir).ptr;
    CHECK_OK(wr_toml_read(&s.f.cx, &s.f.arena, AT_FDCWD, path, &root));
    files.roots[files.len++] = root;
    path = wr_arena_printf(&s.f.arena, "%s/home/.dlt/config.toml", s.dir).ptr;
    CHECK_OK(wr_toml_read(&s.f.cx, &s.f.arena, AT_FDCWD, path, &root));
    files.roots[files.len++] = root;
    wr_provider provider;
    wr_files_provider(&files, &provider);
    wr_config_add(s.config, &provider);

    CHECK_OK(resolve(&s, WR_SECTION("x"), options));

    CHECK_TEXT(weir_option_text(s.values, "a"), "project");
    CHECK_TEXT(weir_option_text(s.values, "b"), "global");
    CHECK_TEXT(weir_option_text(s.values, "c"), "project");
    CHECK_TEXT(weir_option_text(s.values, "m"), "{\"one\":1,\"two\":3}");
    /* what the project has as a text hides the table below it */
    CHECK_OK(resolve(&s, WR_SECTION("x", "c"), below));
    CHECK(!weir_option_given(s.values, "d"));
}

TEST(a_broken_secrets_file_is_refused_at_its_place_without_its_text)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "secrets.toml", "[x]\npassword = hunter2\n"));

    CHECK_INT(read_files(&s), WEIR_PARSE);

    CHECK(strstr(weir_error_message(&s.f.cx), "/.dlt/secrets.toml:2:12: "));
    CHECK(!strstr(weir_error_message(&s.f.cx), "hunter2"));
    CHECK(!strstr(weir_error_hint(&s.f.cx), "hunter2"));
}

TEST(no_message_about_a_broken_secrets_file_shows_a_secret)
{
    static const char *const broken[] = {
        "hunter2",
        "hunter2 = hunter2",
        "p = \"hunter2\" hunter2",
        "p = 'hunter2",
        "[hunter2",
        "p = 1\nhunter2.a = 1\nhunter2 = 2",
        "p = 12hunter2",
        "p = 2024-01-31Thunter2",
        "p = \"\\hunter2\"",
        "p = [hunter2]",
        "p = { a = 1 hunter2 }",
        "hunter2 : x",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        wr_auto(settings) settings s = settings_new();
        CHECK_OK(put(&s, ".dlt", "secrets.toml", broken[i]));

        CHECK_INT(read_files(&s), WEIR_PARSE);

        CHECK(!strstr(weir_error_message(&s.f.cx), "hunter"));
        CHECK(!strstr(weir_error_hint(&s.f.cx), "hunter"));
    }
}

TEST(a_broken_settings_file_is_refused_with_its_text)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "config.toml", "[load]\nworkers = many\n"));

    CHECK_INT(read_files(&s), WEIR_PARSE);

    CHECK(strstr(weir_error_message(&s.f.cx), "/.dlt/config.toml:2:11: "));
    CHECK(strstr(weir_error_message(&s.f.cx), "'many'"));
}

TEST(a_value_of_a_file_that_is_refused_is_named_with_its_line)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "config.toml", "[load]\n\nworkers = 'many'\n"));
    CHECK_OK(read_files(&s));

    CHECK_INT(resolve(&s, WR_SECTION("load"), WEIR_OPTIONS({ "workers", WEIR_OPTION_INT })),
              WEIR_CONFIG);

    CHECK(strstr(weir_error_message(&s.f.cx),
                 "configured value for field `workers` cannot be coerced into an integer: 'many' "
                 "(key in config.toml load.workers, "));
    CHECK(strstr(weir_error_message(&s.f.cx), "/.dlt/config.toml:3)"));
}

TEST(a_secret_in_the_settings_file_is_refused_with_the_place_to_move_it_to)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "config.toml", "[sources.hub]\napi_key = 'hunter2'\n"));
    CHECK_OK(read_files(&s));

    CHECK_INT(resolve(&s, WR_SECTION("sources", "hub"),
                      WEIR_OPTIONS({ "api_key", .secret = true, .required = true })),
              WEIR_CONFIG);

    CHECK_STR(weir_error_message(&s.f.cx),
              "provider `config.toml` cannot hold secret values but key `sources.hub.api_key` with "
              "secret value is present");
    CHECK(strstr(weir_error_hint(&s.f.cx), "to secrets.toml"));
}

TEST(what_is_missing_is_told_with_the_files_that_were_read)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "secrets.toml", "x = 1\n"));
    CHECK_OK(read_files(&s));

    CHECK_INT(
        resolve(&s, WR_SECTION("load"), WEIR_OPTIONS({ "pin", .secret = true, .required = true })),
        WEIR_CONFIG);

    const char *message = weir_error_message(&s.f.cx);
    CHECK(strstr(message, "\n  (Environment Variables, LOAD__PIN)\n  (Environment Variables, PIN)\n"
                          "  (secrets.toml, load.pin)\n  (secrets.toml, pin)\n"));
    CHECK(!strstr(message, "(config.toml"));
    CHECK(strstr(message, "provider `secrets.toml` loaded values from locations:\n  - "));
    CHECK(strstr(message, "/.dlt/secrets.toml"));
    CHECK(strstr(message,
                 "provider `config.toml` probed but not found the following locations:\n  - "));
    CHECK(strstr(message, "provider `config.toml` is empty"));
}

/* ---- mounted secrets ---- */

static weir_status get_mounted(settings *s, const char *folder, wr_answer *ret)
{
    static const weir_option option = { "api_key", .secret = true };
    wr_provider provider = wr_environment;
    provider.self = wr_copy(folder, strlen(folder));
    wr_config_add(s->config, &provider);
    const wr_scope scope = { .config = s->config, .section = WR_SECTION("sources") };
    const weir_status status = wr_config_get(&s->f.cx, &scope, &option, &s->f.arena, ret);
    wr_free(provider.self);
    return status;
}

TEST(a_mounted_file_is_a_secret_as_it_is)
{
    wr_auto(settings) settings s = settings_new();
    wr_answer answer;
    CHECK_OK(put(&s, "run", "sources--api-key", "hunter2\n"));

    CHECK_OK(get_mounted(&s, wr_arena_printf(&s.f.arena, "%s/run", s.dir).ptr, &answer));

    CHECK_TEXT(answer.text, "hunter2\n");
}

TEST(a_mounted_folder_has_the_secret_in_a_file_of_its_name)
{
    wr_auto(settings) settings s = settings_new();
    wr_answer answer;
    CHECK_OK(put(&s, "run/sources--api-key", "sources--api-key", "hunter2"));

    CHECK_OK(get_mounted(&s, wr_arena_printf(&s.f.arena, "%s/run", s.dir).ptr, &answer));

    CHECK_TEXT(answer.text, "hunter2");
}

/* ---- the credentials of a source ---- */

static const weir_option clever_cloud[] = {
    { "credentials", WEIR_OPTION_URL },
    { "credentials.host", .required = true },
    { "credentials.port", WEIR_OPTION_INT, "5432" },
    { "credentials.password", .secret = true },
    { 0 },
};

TEST(credentials_of_a_source_may_stand_flat_in_its_table)
{
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(put(&s, ".dlt", "secrets.toml",
                 "[sources.clever_cloud]\nhost = 'h'\nport = 5433\npassword = \" hunter2\\n\"\n"));
    CHECK_OK(read_files(&s));

    CHECK_OK(resolve(&s, WR_SECTION("sources", "sq", "clever_cloud"), clever_cloud));

    CHECK_TEXT(weir_option_text(s.values, "credentials.host"), "h");
    CHECK_INT(weir_option_int(s.values, "credentials.port"), 5433);
    CHECK_TEXT(weir_option_text(s.values, "credentials.password"), "hunter2");
}

TEST(a_variable_of_everybody_is_not_taken_for_that_of_a_source)
{
    wr_auto(settings) settings s = settings_new();
    setenv("HOST", "workstation", 1);

    CHECK_INT(resolve(&s, WR_SECTION("sources", "sq", "clever_cloud"), clever_cloud), WEIR_CONFIG);

    unsetenv("HOST");
    CHECK(strstr(weir_error_message(&s.f.cx), "SOURCES__CLEVER_CLOUD__HOST)"));
    CHECK(!strstr(weir_error_message(&s.f.cx), ", HOST)"));
}

TEST(a_connection_string_that_cannot_be_read_is_not_shown)
{
    wr_auto(settings) settings s = settings_new();
    wr_config_set(s.config, "sources.credentials", wr_lit("postgresql://u:hunter2@h:x/d"));

    CHECK_INT(resolve(&s, WR_SECTION("sources", "sq", "clever_cloud"), clever_cloud), WEIR_CONFIG);

    CHECK(!strstr(weir_error_message(&s.f.cx), "hunter2"));
    CHECK(strstr(weir_error_message(&s.f.cx), "its port is no number"));
}

TEST(an_option_with_choices_takes_no_other_text)
{
    static const char *const orders[] = { "parallel", "sequential", NULL };
    wr_auto(settings) settings s = settings_new();
    wr_config_set(s.config, "load.strategy", wr_lit("serial"));

    CHECK_INT(resolve(&s, WR_SECTION("load"), WEIR_OPTIONS({ "strategy", .choices = orders })),
              WEIR_CONFIG);

    CHECK_STR(weir_error_hint(&s.f.cx), "it is one of parallel, sequential");
}

/* ---- added providers ---- */

static weir_status answer_all(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    (void)cx;
    (void)key;
    *ret = weir_cstr(self);
    return WEIR_OK;
}

static weir_status answer_badly(weir_ctx *cx, const void *self, const weir_key *key,
                                weir_value *ret)
{
    (void)self;
    (void)ret;
    return weir_fail(cx, WEIR_AUTH, "access to '%s' denied", key->name);
}

static weir_status add(settings *s, const weir_provider *provider)
{
    s->f.cx.config = s->config;
    const weir_status status = weir_provider_add(&s->f.cx, provider);
    s->f.cx.config = NULL;
    return status;
}

TEST(a_provider_is_added_once)
{
    static const weir_provider vault = { .name = "vault", .get = answer_all, .self = "v" };
    static const weir_provider other = { .name = "vault", .get = answer_all, .self = "w" };
    wr_auto(settings) settings s = settings_new();

    CHECK_OK(add(&s, &vault));
    CHECK_OK(add(&s, &vault));

    CHECK_INT(add(&s, &other), WEIR_INVALID);
    CHECK_STR(weir_error_message(&s.f.cx),
              "a provider of the name 'vault' is already in the chain");
}

TEST(a_provider_comes_too_late_when_the_chain_is_frozen)
{
    static const weir_provider vault = { .name = "vault", .get = answer_all, .self = "v" };
    wr_auto(settings) settings s = settings_new();

    CHECK_INT(weir_provider_add(&s.f.cx, &vault), WEIR_INVALID);

    CHECK(strstr(weir_error_message(&s.f.cx), "comes too late"));
}

TEST(a_provider_that_fails_fails_the_look_up_with_its_own_words)
{
    static const weir_provider vault = { .name = "vault", .get = answer_badly };
    wr_auto(settings) settings s = settings_new();
    CHECK_OK(add(&s, &vault));

    CHECK_INT(resolve(&s, WR_SECTION("load"), WEIR_OPTIONS({ "workers" })), WEIR_AUTH);

    CHECK_STR(weir_error_message(&s.f.cx),
              "asking provider 'vault' for 'workers' in 'load': access to 'workers' denied");
}

TEST(a_provider_that_knows_pipelines_is_asked_with_their_name_in_front)
{
    static const weir_provider vault = {
        .name = "vault", .get = answer_all, .self = "v", .by_pipeline = true
    };
    wr_auto(settings) settings s = settings_new();
    wr_answer answer;
    CHECK_OK(add(&s, &vault));
    setenv("LOAD__WORKERS", "1", 1);
    const wr_scope scope = { .config = s.config,
                             .pipeline = wr_lit("p"),
                             .section = WR_SECTION("load") };

    CHECK_OK(wr_config_get(&s.f.cx, &scope, &(weir_option){ "workers" }, &s.f.arena, &answer));

    unsetenv("LOAD__WORKERS");
    CHECK_TEXT(answer.where, "key in vault p.load.workers");
}
