/* The tables of section 1 of spec/dlt-config-pipeline-cli.md: which place answers (1.5, 1.7), and what comes of files,
 * environment and connection strings (1.9, 1.10, 1.16). */
#include <stdlib.h>

#include <weir/provider.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/connection.h"
#include "config/lookup.h"
#include "config/values.h"
#include "harness/fixture.h"
#include "harness/test.h"

/* ---- a project with files and environment ---- */

typedef struct project {
    fixture f;
    const char *dir;
    wr_config *config;
    const char *env; /* lines NAME=value, while the project lasts */
} project;

static void each_variable(const char *lines, bool set)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str rest = weir_str_of(lines);
    for (weir_str line; wr_str_split(&rest, '\n', &line);) {
        weir_str name;
        (void)wr_str_split(&line, '=', &name);
        const char *key = wr_arena_str(&arena, name).ptr;
        if (set)
            setenv(key, wr_arena_str(&arena, line).ptr, 1);
        else
            unsetenv(key);
    }
}

static weir_status write_settings(project *p, const char *name, const char *text)
{
    if (!text)
        return WEIR_OK;
    wr_auto(close) int dir = -1;
    const char *path = wr_arena_printf(&p->f.arena, "%s/.dlt", p->dir).ptr;
    WEIR_TRY(wr_open_dir(&p->f.cx, AT_FDCWD, path, true, &dir));
    return wr_file_publish(&p->f.cx, dir, name, weir_str_of(text));
}

static weir_status project_open(project *p, const char *secrets, const char *config,
                                const char *env)
{
    *p = (project){ .f = fixture_new(), .dir = test_tempdir(), .env = env };
    p->config = wr_config_new();
    each_variable(env, true);
    WEIR_TRY(write_settings(p, "secrets.toml", secrets));
    WEIR_TRY(write_settings(p, "config.toml", config));
    return wr_config_read_files(&p->f.cx, p->config, weir_str_of(p->dir));
}

static void project_close(project *p)
{
    each_variable(p->env, false);
    wr_config_free(p->config);
    wr_cleanup_fixture(&p->f);
}

/* ---- 1.7: which places, in which order ---- */

static weir_status list_name(weir_ctx *cx, void *self, const wr_provider *provider,
                             const wr_key *key, bool *ret_done)
{
    (void)cx;
    (void)ret_done;
    fixture *f = self;
    if (key->secret && !provider->holds_secrets)
        return WEIR_OK;
    const char *initial = provider->get == wr_environment.get           ? ""
                          : strcmp(provider->name, "secrets.toml") == 0 ? "S:"
                                                                        : "C:";
    const weir_str name = wr_key_dotted(NULL, key, &f->arena);
    wr_buf_printf(&f->out, "%s%s%.*s", f->out.len > 0 ? " " : "", initial, WR_STR(name));
    return WEIR_OK;
}

TEST(golden_config_places_are_asked_in_the_order_of_dlt)
{
    static const struct {
        const char *id;
        const char *pipeline;
        const char *sections[WR_SECTION_MAX + 1];
        weir_option option;
        const char *secrets; /* with a key: the provider is asked, too */
        const char *expected;
    } vectors[] = {
        { "1.7 a",
          "currencies",
          { "sources", "source", "open_exchange_rates" },
          { "api_key", .secret = true },
          "x = 1",
          "currencies.sources.source.open_exchange_rates.api_key currencies.sources.source.api_key "
          "currencies.sources.open_exchange_rates.api_key currencies.sources.api_key "
          "currencies.api_key S:currencies.sources.source.open_exchange_rates.api_key "
          "S:currencies.sources.source.api_key S:currencies.sources.open_exchange_rates.api_key "
          "S:currencies.sources.api_key S:currencies.api_key "
          "sources.source.open_exchange_rates.api_key sources.source.api_key "
          "sources.open_exchange_rates.api_key sources.api_key api_key "
          "S:sources.source.open_exchange_rates.api_key S:sources.source.api_key "
          "S:sources.open_exchange_rates.api_key S:sources.api_key S:api_key" },
        { "1.7 b",
          NULL,
          { "sources", "source", "rates" },
          { "limit" },
          NULL,
          "sources.source.rates.limit sources.source.limit sources.rates.limit sources.limit "
          "limit" },
        { "1.7 c",
          NULL,
          { "sources", "sq", "clever_cloud" },
          { "credentials", .secret = true },
          NULL,
          "sources.sq.clever_cloud.credentials sources.sq.credentials "
          "sources.clever_cloud.credentials sources.credentials credentials" },
        { "1.7 c host",
          NULL,
          { "sources", "sq", "clever_cloud" },
          { "credentials.host" },
          NULL,
          "sources.sq.clever_cloud.credentials.host sources.sq.credentials.host "
          "sources.clever_cloud.credentials.host sources.credentials.host credentials.host" },
        { "1.7 d",
          "currencies",
          { "destination", "snowflake" },
          { "credentials.password", .secret = true },
          NULL,
          "currencies.destination.snowflake.credentials.password "
          "currencies.destination.credentials.password currencies.credentials.password "
          "destination.snowflake.credentials.password destination.credentials.password "
          "credentials.password" },
        { "1.7 e",
          NULL,
          { "destination", "filesystem" },
          { "bucket_url" },
          NULL,
          "destination.filesystem.bucket_url destination.bucket_url bucket_url" },
        { "1.7 f",
          "p",
          { NULL },
          { "runtime.log_level" },
          NULL,
          "p.runtime.log_level runtime.log_level" },
        { "1.7 g",
          "currencies",
          { "pipelines", "currencies" },
          { "dataset_name" },
          NULL,
          "currencies.pipelines.currencies.dataset_name currencies.pipelines.dataset_name "
          "currencies.dataset_name pipelines.currencies.dataset_name pipelines.dataset_name "
          "dataset_name" },
        { "1.7 h",
          NULL,
          { "sources", "M", "N" },
          { "extract.workers" },
          NULL,
          "sources.M.N.extract.workers sources.M.extract.workers sources.N.extract.workers "
          "sources.extract.workers extract.workers" },
        { "1.7 i",
          "p",
          { "normalize" },
          { "workers" },
          NULL,
          "p.normalize.workers p.workers normalize.workers workers" },
        { "1.7 i embedded",
          NULL,
          { "normalize" },
          { "json_normalizer.add_dlt_id" },
          NULL,
          "normalize.json_normalizer.add_dlt_id json_normalizer.add_dlt_id" },
        { "1.7 j",
          NULL,
          { "load" },
          { "delete_completed_jobs" },
          NULL,
          "load.delete_completed_jobs delete_completed_jobs" },
        { "1.7 k",
          NULL,
          { "sources", "N" },
          { "schema.naming" },
          NULL,
          "sources.N.schema.naming sources.schema.naming schema.naming" },
    };
    const int count = (int)(sizeof(vectors) / sizeof(*vectors));
    int failed = 0;
    for (int i = 0; i < count; i++) {
        project p;
        CHECK_OK(project_open(&p, vectors[i].secrets, NULL, NULL));
        const wr_scope scope = { .config = p.config,
                                 .pipeline = weir_str_of(vectors[i].pipeline),
                                 .section = wr_section_of(vectors[i].sections) };
        CHECK_OK(wr_config_visit(&p.f.cx, &scope, &vectors[i].option, list_name, &p.f));
        if (strcmp(wr_buf_text(&p.f.out), vectors[i].expected) != 0) {
            failed++;
            test_note("%s: got %s", vectors[i].id, wr_buf_text(&p.f.out));
        }
        project_close(&p);
    }
    test_cases("1.7 places", count, failed);
}

TEST(golden_config_an_exact_key_has_one_place)
{
    project p;
    CHECK_OK(project_open(&p, NULL, NULL, NULL));
    const wr_scope scope = { .config = p.config,
                             .pipeline = wr_lit("sw"),
                             .section = WR_SECTION("destination", "my_dw"),
                             .exact = true };
    const weir_option option = { "destination_type" };

    CHECK_OK(wr_config_visit(&p.f.cx, &scope, &option, list_name, &p.f));

    CHECK_STR(wr_buf_text(&p.f.out), "destination.my_dw.destination_type"); /* 1.7 l */
    project_close(&p);
}

/* ---- 1.16: what comes of them ---- */

static const weir_option postgres[] = {
    { "credentials", WEIR_OPTION_URL },
    { "credentials.database", .required = true },
    { "credentials.username", .required = true },
    { "credentials.password", .secret = true, .required = true },
    { "credentials.host", .required = true },
    { "credentials.port", WEIR_OPTION_INT, "5432" },
    { "credentials.connect_timeout", WEIR_OPTION_INT, "15", .in_query = true },
    { "credentials.client_encoding", .in_query = true },
    { "credentials.query", WEIR_OPTION_MAP },
    { 0 },
};

static const weir_option snowflake[] = {
    { "credentials", WEIR_OPTION_URL },
    { "credentials.database", .required = true },
    { "credentials.username" },
    { "credentials.password", .secret = true },
    { "credentials.host", .required = true },
    { "credentials.warehouse", .in_query = true },
    { "credentials.role", .in_query = true },
    { "credentials.authenticator", .in_query = true },
    { "credentials.token", .secret = true, .in_query = true },
    { 0 },
};

static const weir_option duckdb[] = {
    { "credentials", WEIR_OPTION_URL_OR_PATH },
    { "credentials.database" },
    { "credentials.host" },
    { "credentials.read_only", WEIR_OPTION_BOOL, "false" },
    { "credentials.query", WEIR_OPTION_MAP },
    { 0 },
};

/* The values without names, a blank between them; what is not given and has no default is "-". */
static void show_values(fixture *f, const weir_option_values *values)
{
    const char *between = "";
    for (size_t i = 0; values->options[i].name; i++) {
        const wr_option_value *value = &values->values[i];
        if (wr_option_is_url(&values->options[i]))
            continue;
        wr_buf_printf(&f->out, "%s%.*s", between,
                      WR_STR(value->text.ptr ? value->text : wr_lit("-")));
        between = " ";
    }
}

/* Values, or "!" and the message. */
static const char *resolve(project *p, const char *pipeline, wr_section section,
                           const weir_option *options)
{
    const wr_scope scope = { .config = p->config,
                             .pipeline = weir_str_of(pipeline),
                             .section = section };
    const weir_option_values *values = NULL;
    wr_buf_clear(&p->f.out);
    if (wr_config_resolve(&p->f.cx, &scope, options, &p->f.arena, &values) == WEIR_OK)
        show_values(&p->f, values);
    else
        wr_buf_printf(&p->f.out, "!%s", weir_error_message(&p->f.cx));
    return wr_buf_text(&p->f.out);
}

/* The same text; behind "!" a part of it is enough. */
static bool is_expected(const char *got, const char *expected)
{
    return expected[0] == '!' ? got[0] == '!' && strstr(got, expected + 1)
                              : strcmp(got, expected) == 0;
}

#define T                                                                                          \
    "[destination.postgres.credentials]\ndatabase='tdb'\nusername='tu'\npassword='tp'\n"           \
    "host='th'\nport=1111\n"
#define TABLE(head) head "\ndatabase='tdb'\nusername='tu'\npassword='tp'\nhost='th'\nport=1111\n"
#define PG "DESTINATION__POSTGRES__CREDENTIALS"
#define NO_PASSWORD                                                                                \
    "[destination.postgres.credentials]\ndatabase='tdb'\nusername='tu'\nhost='th'\nport=1111\n"
#define NOT_SECRET(key)                                                                            \
    "!provider `config.toml` cannot hold secret values but key `" key                              \
    "` with secret value is present"

TEST(golden_config_resolves_as_in_dlt)
{
    static const struct {
        const char *id;
        const char *pipeline;
        const char *secrets;
        const char *config;
        const char *env;
        const char *expected; /* database username password host port; "!": a part of the message */
    } vectors[] = {
        { "CFG-01", NULL, T, NULL, NULL, "tdb tu tp th 1111" },
        { "CFG-02", NULL, "destination.postgres.credentials='postgresql://su:sp@sh:2222/sdb'", NULL,
          NULL, "sdb su sp sh 2222" },
        { "CFG-03", NULL, T, NULL, PG "__PASSWORD=ep", "tdb tu ep th 1111" },
        { "CFG-04", NULL, T, NULL, PG "=postgresql://eu:ep@eh:3333/edb", "edb eu ep eh 3333" },
        { "CFG-05", NULL, T, NULL, "DESTINATION__CREDENTIALS=postgresql://eu:ep@eh:3333/edb",
          "edb eu ep eh 3333" },
        { "CFG-06", NULL, T, NULL, "CREDENTIALS=postgresql://eu:ep@eh:3333/edb",
          "edb eu ep eh 3333" },
        { "CFG-07", NULL, T, NULL, "CREDENTIALS__PASSWORD=ep", "tdb tu ep th 1111" },
        { "CFG-08", NULL, "destination.postgres.credentials='postgresql://su:sp@sh:2222/sdb'", NULL,
          PG "__PASSWORD=ep", "sdb su sp sh 2222" },
        { "CFG-09", NULL, "destination.postgres.credentials='postgresql://su@sh:2222/sdb'", NULL,
          PG "__PASSWORD=ep", "sdb su ep sh 2222" },
        { "CFG-10", NULL, "destination.postgres.credentials='postgresql://su:sp@sh/sdb'", NULL,
          PG "__PORT=7777", "sdb su sp sh 7777" },
        { "CFG-11", NULL, "destination.postgres.credentials='postgresql://su:sp@sh:5432/sdb'", NULL,
          PG "__PORT=7777", "sdb su sp sh 7777" },
        { "CFG-12", "currencies",
          "[currencies.destination.postgres.credentials]\npassword='PIPE'\n" T, NULL,
          PG "__PASSWORD=ENV", "tdb tu PIPE th 1111" },
        { "CFG-13", "currencies", T, NULL, "CURRENCIES__CREDENTIALS__PASSWORD=X",
          "tdb tu X th 1111" },
        { "CFG-20", NULL, TABLE("[destination.credentials]"), NULL, NULL, "tdb tu tp th 1111" },
        { "CFG-20 root", NULL, TABLE("[credentials]"), NULL, NULL, "tdb tu tp th 1111" },
        { "CFG-21 a", NULL, TABLE("[postgres.credentials]"), NULL, NULL, "!missing 4 field(s)" },
        { "CFG-21 b", NULL, TABLE("[destination.postgres]"), NULL, NULL, "!missing 4 field(s)" },
        { "CFG-21 c", NULL, TABLE("[load.destination.postgres.credentials]"), NULL, NULL,
          "!missing 4 field(s)" },
        { "CFG-21 d", NULL, TABLE("[Destination.postgres.credentials]"), NULL, NULL,
          "!missing 4 field(s)" },
        { "CFG-22", NULL, NO_PASSWORD "password='tp'", NULL, PG "__PORT=1112",
          "tdb tu tp th 1112" },
        { "CFG-22 text", NULL,
          "destination.postgres.credentials={database='d',username='u',password='p',host='h',"
          "port='1111'}",
          NULL, NULL, "d u p h 1111" },
        { "CFG-22 bad", NULL,
          "destination.postgres.credentials={database='d',username='u',password='p',host='h',"
          "port='abc'}",
          NULL, NULL,
          "!configured value for field `credentials.port` cannot be coerced into an integer" },
        { "CFG-30", NULL, NULL, T, NULL, NOT_SECRET("destination.postgres.credentials.password") },
        { "CFG-31", NULL, NULL, "destination.postgres.credentials='postgresql://u:p@h/d'", NULL,
          NOT_SECRET("destination.postgres.credentials") },
        { "CFG-32", NULL, "[destination.postgres.credentials]\npassword='sp'", NO_PASSWORD, NULL,
          "tdb tu sp th 1111" },
        /* dlt refuses this, by accident: 1.8 */
        { "CFG-33", NULL, NULL, NO_PASSWORD, PG "__PASSWORD=ep", "tdb tu ep th 1111" },
        { "CFG-40", NULL, T, NULL,
          "destination__postgres__credentials=postgresql://eu:ep@eh:3333/edb",
          "tdb tu tp th 1111" },
        { "CFG-41", NULL, T, NULL, PG "=", "!`credentials` cannot be read as a connection string" },
        { "CFG-42", NULL, T, NULL, PG "__PASSWORD=", "tdb tu  th 1111" },
        { "CFG-43", NULL, T, NULL, PG "={\"database\":\"x\"}",
          "!`credentials` cannot be read as a connection string" },
    };
    const int count = (int)(sizeof(vectors) / sizeof(*vectors));
    int failed = 0;
    for (int i = 0; i < count; i++) {
        project p;
        CHECK_OK(project_open(&p, vectors[i].secrets, vectors[i].config, vectors[i].env));
        const char *got =
            resolve(&p, vectors[i].pipeline, WR_SECTION("destination", "postgres"), postgres);
        const weir_str expected = wr_arena_printf(
            &p.f.arena, vectors[i].expected[0] == '!' ? "%s" : "%s 15 - -", vectors[i].expected);
        if (!is_expected(got, expected.ptr)) {
            failed++;
            test_note("%s: got %s", vectors[i].id, got);
        }
        project_close(&p);
    }
    test_cases("1.16 CFG", count, failed);
}

static void keep_line(void *self, wr_log_level level, weir_str line)
{
    (void)level;
    wr_buf_str(self, line);
}

TEST(golden_config_a_placeholder_is_used_and_warned_of)
{
    project p;
    wr_auto(buf) wr_buf log = wr_buf_max(4096);
    CHECK_OK(project_open(&p, T, NULL, PG "__DATABASE=<configure me>"));
    wr_log_sink(keep_line, &log);

    const char *got = resolve(&p, NULL, WR_SECTION("destination", "postgres"), postgres);
    wr_log_sink(NULL, NULL);

    CHECK_STR(got, "<configure me> tu tp th 1111 15 - -"); /* CFG-23 */
    CHECK_STR(wr_buf_text(&log),
              "weir: warning: the value of environment variable "
              "DESTINATION__POSTGRES__CREDENTIALS__DATABASE is a placeholder, '<configure me>'\n"
              "  hint: put the real one there");
    project_close(&p);
}

TEST(golden_config_a_special_variable_beats_a_general_one)
{
    static const weir_option options[] = { { "limit", WEIR_OPTION_INT, "10" }, { 0 } };
    project p;
    CHECK_OK(project_open(&p, NULL, NULL, "SOURCES__CLEVER_CLOUD__LIMIT=33\nLIMIT=44"));

    CHECK_STR(resolve(&p, NULL, WR_SECTION("sources", "sq", "clever_cloud"), options), "33");
    wr_config_set(p.config, "sources.sq.clever_cloud.limit", wr_lit("5"));
    CHECK_STR(resolve(&p, NULL, WR_SECTION("sources", "sq", "clever_cloud"), options), "5");
    project_close(&p); /* CFG-50 */
}

/* ---- 1.15: added providers ---- */

static weir_status vault(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    (void)cx;
    const char *const *pairs = self;
    for (; *pairs; pairs += 2)
        if (strcmp(key->section, "destination.postgres.credentials") == 0 &&
            strcmp(key->name, pairs[0]) == 0)
            *ret = weir_cstr(pairs[1]);
    return WEIR_OK;
}

static const char *const aws[] = { "database", "AWS",  "username", "AWSU", "password",
                                   "AWSP",     "host", "aws",      NULL };
static const weir_provider aws_vault = { .name = "AWS Secrets Manager", .get = vault, .self = aws };

TEST(golden_config_an_added_provider_answers_what_nobody_else_has)
{
    project p;
    CHECK_OK(project_open(&p, NULL, NULL, NULL));
    CHECK_OK(wr_config_add_user(&p.f.cx, p.config, &aws_vault));

    CHECK_STR(resolve(&p, "currencies", WR_SECTION("destination", "postgres"), postgres),
              "AWS AWSU AWSP aws 5432 15 - -"); /* SEC-1 */
    project_close(&p);
}

TEST(golden_config_local_files_beat_an_added_provider_with_and_without_a_pipeline)
{
    static const char local[] = "[destination.postgres.credentials]\ndatabase='LOCAL'\n"
                                "username='LOCALU'\npassword='LOCALP'\nhost='localhost'";
    project p;
    CHECK_OK(project_open(&p, local, NULL, NULL));
    CHECK_OK(wr_config_add_user(&p.f.cx, p.config, &aws_vault));

    CHECK_STR(resolve(&p, NULL, WR_SECTION("destination", "postgres"), postgres),
              "LOCAL LOCALU LOCALP localhost 5432 15 - -"); /* SEC-2 */
    CHECK_STR(resolve(&p, "currencies", WR_SECTION("destination", "postgres"), postgres),
              "LOCAL LOCALU LOCALP localhost 5432 15 - -");
    project_close(&p);
}

/* ---- 1.10: connection strings ---- */

TEST(golden_config_connection_strings_are_read_as_in_dlt)
{
    static const struct {
        const char *id;
        const weir_option *options;
        const char *text;
        const char *expected;
        const char *shown; /* NULL: not looked at */
    } vectors[] = {
        { "DSN-1", postgres, "postgresql://loader:pa%40ss@localhost:5432/dlt_data",
          "dlt_data loader pa@ss localhost 5432 15 - -",
          "postgresql://loader:***@localhost:5432/dlt_data" },
        { "DSN-2", postgres, "postgres://u:p@h/db", "db u p h 5432 15 - -",
          "postgres://u:***@h/db" },
        { "DSN-3", postgres, "postgresql://u:p@h:5433/db?sslmode=require&connect_timeout=30",
          "db u p h 5433 30 - {\"sslmode\":\"require\",\"connect_timeout\":\"30\"}",
          "postgresql://u:***@h:5433/db" },
        { "DSN-4", postgres, "postgresql://u@h/db", "!missing 1 field(s)", NULL },
        { "DSN-5", postgres, "postgresql+psycopg2://u:p@h/db", "db u p h 5432 15 - -",
          "postgresql+psycopg2://u:***@h/db" },
        { "DSN-5 mysql", postgres, "mysql://u:p@h/db", "db u p h 5432 15 - -",
          "mysql://u:***@h/db" },
        { "DSN-6", postgres, "postgresql://u:p@[::1]:5432/db", "db u p ::1 5432 15 - -",
          "postgresql://u:***@[::1]:5432/db" },
        { "DSN-7", postgres, "postgresql:///db",
          "!missing 3 field(s) in configuration `destination.x`: `credentials.username`, "
          "`credentials.password`, `credentials.host`",
          NULL },
        { "DSN-8", postgres, "host=localhost dbname=x",
          "!`credentials` cannot be read as a connection string", NULL },
        { "DSN-8 empty", postgres, "", "!`credentials` cannot be read as a connection string",
          NULL },
        { "DSN-8 port", postgres, "postgresql://u:p@h:abc/db", "!its port is no number", NULL },
        { "DSN-9", postgres, "postgresql://u:p@h/", " u p h 5432 15 - -", "postgresql://u:***@h/" },
        { "DSN-10", snowflake,
          "snowflake://loader:pw@kgiotue-wn98412/dlt_data?warehouse=COMPUTE_WH&role=R",
          "dlt_data loader pw kgiotue-wn98412 COMPUTE_WH R - -",
          "snowflake://loader:***@kgiotue-wn98412/dlt_data" },
        { "DSN-12", snowflake, "snowflake://u@acct/db?authenticator=oauth&token=abc",
          "db u - acct - - oauth abc", "snowflake://u@acct/db" },
        { "DSN-13", snowflake, "snowflake://u:p@acct/db/schema", "db/schema u p acct - - - -",
          "snowflake://u:***@acct/db/schema" },
        { "DSN-14", duckdb, "duckdb:///test.duckdb", "test.duckdb - false -",
          "duckdb:///test.duckdb" },
        { "DSN-14 path", duckdb, "test.duckdb", "test.duckdb - false -", NULL },
        { "DSN-15", duckdb, "duckdb:////abs/x.duckdb", "/abs/x.duckdb - false -",
          "duckdb:////abs/x.duckdb" },
        { "DSN-15 path", duckdb, "/abs/x.duckdb", "/abs/x.duckdb - false -", NULL },
        { "DSN-18", duckdb, "duckdb://test.duckdb", "- test.duckdb false -",
          "duckdb://test.duckdb" },
        { "DSN-19", duckdb, "duckdb:///a.duckdb?read_only=true",
          "a.duckdb - false {\"read_only\":\"true\"}", "duckdb:///a.duckdb" },
    };
    const int count = (int)(sizeof(vectors) / sizeof(*vectors));
    int failed = 0;
    for (int i = 0; i < count; i++) {
        project p;
        wr_connection connection;
        CHECK_OK(project_open(&p, NULL, NULL, NULL));
        wr_config_set(p.config, "destination.x.credentials", weir_str_of(vectors[i].text));
        const char *got = resolve(&p, NULL, WR_SECTION("destination", "x"), vectors[i].options);
        bool passed = is_expected(got, vectors[i].expected);
        if (passed && vectors[i].shown)
            passed = wr_connection_parse(&p.f.cx, &p.f.arena, weir_str_of(vectors[i].text),
                                         &connection) == WEIR_OK &&
                     wr_str_eq(wr_connection_show(&p.f.arena, &connection),
                               weir_str_of(vectors[i].shown));
        if (!passed) {
            failed++;
            test_note("%s: got %s", vectors[i].id, got);
        }
        project_close(&p);
    }
    test_cases("1.10 DSN", count, failed);
}
