/* Where values are looked for, and in which order. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "harness/test.h"

/* A provider that writes down what it is asked, and has at most one key. */
struct recorder {
    wr_buf asked;
    const char *key;
    const char *value;
};

static weir_str spell(void *self, const wr_key *key, wr_arena *arena)
{
    (void)self;
    weir_str path = wr_lit("");
    for (size_t i = 0; i < key->len; i++)
        path = wr_arena_printf(arena, "%.*s%.*s.", WR_STR(path), WR_STR(key->parts[i]));
    return wr_arena_printf(arena, "%.*s%.*s", WR_STR(path), WR_STR(key->name));
}

static weir_status record(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena,
                          wr_found *ret)
{
    (void)cx;
    struct recorder *recorder = self;
    const weir_str name = spell(NULL, key, arena);
    wr_buf_printf(&recorder->asked, "%s%.*s", recorder->asked.len > 0 ? " " : "", WR_STR(name));
    if (recorder->key && wr_str_eq(name, weir_str_of(recorder->key)))
        *ret = (wr_found){ .value = weir_cstr(recorder->value) };
    return WEIR_OK;
}

struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_config *config;
    struct recorder recorder;
    wr_provider provider;
    wr_answer answer;
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){ .recorder.asked = wr_buf_max(65536), .config = wr_config_new() };
    wr_ctx_init(&f->cx, NULL);
    f->provider = (wr_provider){ .name = "secrets.toml",
                                 .kind = "key in secrets.toml",
                                 .holds_secrets = true,
                                 .get = record,
                                 .spell = spell,
                                 .self = &f->recorder };
}

static void done(struct fixture *f)
{
    wr_buf_done(&f->recorder.asked);
    wr_config_free(f->config);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f)

static weir_status get(struct fixture *f, const char *pipeline, wr_section section,
                       const char *name)
{
    const wr_scope scope = { f->config, weir_str_of(pipeline), section };
    const weir_option option = { .name = name };
    return wr_config_get(&f->cx, &scope, &option, &f->arena, &f->answer);
}

TEST(paths_are_asked_in_the_order_of_the_specification)
{
    static const struct {
        const char *parts[WR_SECTION_MAX + 1];
        size_t embedded;
        const char *name;
        const char *expected;
    } vectors[] = {
        { { "sources", "mod", "name" },
          0,
          "k",
          "sources.mod.name.k sources.mod.k sources.name.k sources.k k" },
        { { "sources", "mod", "name" },
          0,
          "credentials.k",
          "sources.mod.name.credentials.k sources.mod.credentials.k sources.name.credentials.k "
          "sources.credentials.k credentials.k" },
        { { "sources", "mod", "name", "x" },
          1,
          "credentials.k",
          "sources.mod.name.x.credentials.k sources.mod.name.credentials.k "
          "sources.name.x.credentials.k sources.mod.credentials.k sources.credentials.k "
          "credentials.k" },
        { { "destination", "snowflake" },
          0,
          "credentials.k",
          "destination.snowflake.credentials.k destination.credentials.k credentials.k" },
        { { "sources", "n", "n" }, 0, "k", "sources.n.n.k sources.n.k sources.k k" },
        { { NULL }, 0, "runtime.k", "runtime.k" },
        { { "load" }, 0, "k", "load.k k" },
        { { "sources", "name", "x" }, 1, "k", "sources.name.x.k sources.name.k sources.k k" },
    };
    int failed = 0;
    const int count = (int)(sizeof(vectors) / sizeof(vectors[0]));
    for (int i = 0; i < count; i++) {
        FIXTURE(f);
        wr_config_add(f.config, &f.provider);
        wr_section section = wr_section_of(vectors[i].parts);
        section.embedded = vectors[i].embedded;

        CHECK_OK(get(&f, NULL, section, vectors[i].name));

        if (strcmp(wr_buf_text(&f.recorder.asked), vectors[i].expected) != 0) {
            test_note("%s: got %s", vectors[i].expected, wr_buf_text(&f.recorder.asked));
            failed++;
        }
    }
    test_cases("paths", count, failed);
}

TEST(a_value_with_the_pipeline_in_front_beats_the_environment_without_it)
{
    FIXTURE(f);
    wr_config_add(f.config, &f.provider);
    f.recorder.key = "currencies.destination.duckdb.threads";
    f.recorder.value = "7";
    setenv("DESTINATION__DUCKDB__THREADS", "3", 1);

    CHECK_OK(get(&f, "currencies", WR_SECTION("destination", "duckdb"), "threads"));
    unsetenv("DESTINATION__DUCKDB__THREADS");

    CHECK_TEXT(f.answer.text, "7");
    CHECK_TEXT(f.answer.where, "key in secrets.toml currencies.destination.duckdb.threads");
}

TEST(a_general_variable_beats_a_special_key_of_the_next_provider)
{
    FIXTURE(f);
    wr_config_add(f.config, &f.provider);
    f.recorder.key = "destination.duckdb.threads";
    f.recorder.value = "7";
    setenv("THREADS", "3", 1);

    CHECK_OK(get(&f, "currencies", WR_SECTION("destination", "duckdb"), "threads"));
    unsetenv("THREADS");

    CHECK_TEXT(f.answer.text, "3");
    CHECK_TEXT(f.answer.where, "environment variable THREADS");
}

TEST(an_empty_variable_is_an_answer)
{
    FIXTURE(f);
    setenv("DESTINATION__NAME", "", 1);

    CHECK_OK(get(&f, NULL, WR_SECTION("destination"), "name"));
    unsetenv("DESTINATION__NAME");

    CHECK(f.answer.found);
    CHECK_TEXT(f.answer.text, "");
}

TEST(only_the_case_of_a_name_changes_in_the_environment)
{
    FIXTURE(f);
    setenv("MY-PIPE__DESTINATION__NAME", "duckdb", 1);
    setenv("destination__name", "lower", 1);

    CHECK_OK(get(&f, "my-pipe", WR_SECTION("destination"), "name"));
    CHECK_TEXT(f.answer.text, "duckdb");
    CHECK_OK(get(&f, NULL, WR_SECTION("destination"), "name"));
    unsetenv("MY-PIPE__DESTINATION__NAME");
    unsetenv("destination__name");

    CHECK(!f.answer.found);
}

TEST(nothing_beats_a_value_given_in_code)
{
    FIXTURE(f);
    wr_config_set(f.config, "destination.duckdb.threads", wr_lit("1"));
    setenv("CURRENCIES__DESTINATION__DUCKDB__THREADS", "3", 1);

    CHECK_OK(get(&f, "currencies", WR_SECTION("destination", "duckdb"), "threads"));
    unsetenv("CURRENCIES__DESTINATION__DUCKDB__THREADS");

    CHECK_TEXT(f.answer.text, "1");
}

TEST(a_secret_may_not_stand_where_none_belongs)
{
    FIXTURE(f);
    f.provider.name = "config.toml";
    f.provider.holds_secrets = false;
    wr_config_add(f.config, &f.provider);
    f.recorder.key = "destination.postgres.credentials.password";
    f.recorder.value = "hunter2";
    const wr_scope scope = { f.config, { 0 }, WR_SECTION("destination", "postgres") };
    const weir_option option = { .name = "credentials.password", .secret = true };

    CHECK_INT(wr_config_get(&f.cx, &scope, &option, &f.arena, &f.answer), WEIR_CONFIG);

    CHECK_STR(weir_error_message(&f.cx),
              "provider `config.toml` cannot hold secret values but key "
              "`destination.postgres.credentials.password` with secret value is present");
}
