/* `weir copy`: one load without a project, from files or the standard input into a database. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <weir/input.h>
#include <weir/pipeline.h>

#include "base/ctx.h"
#include "base/number.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/config.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "cli/start.h"
#include "cli/table.h"
#include "pipeline/run.h"

/* What the words and options came to. Texts are in `arena`. */
typedef struct copy {
    const wr_call *call;
    wr_arena arena;
    wr_config *config;
    wr_progress_line line;
    weir_str target; /* what is behind the scheme */
    size_t memory;
    weir_files files;
    weir_resource resources[2]; /* the second one is zero */
    weir_pipeline pipeline;
} copy;

/* ---- reading the command line ---- */

static const char *flag(const copy *c, const char *name, const char *otherwise)
{
    const char *value = wr_call_flag(c->call, name);
    return value ? value : otherwise;
}

/* The number of an option's word, by itself the first one; `words` ends with NULL. */
static weir_status read_word(weir_ctx *cx, const copy *c, const char *name,
                             const char *const *words, int *ret)
{
    const char *wanted = flag(c, name, words[0]);
    wr_auto(buf) wr_buf known = wr_buf_max(256);
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], wanted) == 0) {
            *ret = i;
            return WEIR_OK;
        }
        wr_buf_printf(&known, "%s%s", i ? ", " : "", words[i]);
    }
    return weir_fail(cx, WEIR_INVALID, "--%s '%s' is none of %s", name, wanted,
                     wr_buf_text(&known));
}

static weir_status read_keys(weir_ctx *cx, const copy *c, weir_resource *resource)
{
    const char *strategy = flag(c, "strategy", NULL);
    resource->primary_key = flag(c, "primary-key", NULL);
    resource->merge_key = flag(c, "merge-key", NULL);
    resource->merge_strategy = strategy;
    if (resource->write != WEIR_MERGE && (strategy || resource->merge_key))
        return weir_fail(cx, WEIR_INVALID, "--%s goes with --write merge",
                         strategy ? "strategy" : "merge-key");
    const bool keyless = !resource->primary_key && !resource->merge_key;
    if (resource->write == WEIR_MERGE && keyless && (!strategy || strcmp(strategy, "scd2") != 0))
        return weir_fail(cx, WEIR_INVALID,
                         "--write merge needs to know when two rows are the same\n"
                         "hint: as in --primary-key id, or --merge-key day");
    return WEIR_OK;
}

static weir_status read_words(weir_ctx *cx, copy *c)
{
    static const char *const writes[] = {
        [WEIR_APPEND] = "append", [WEIR_REPLACE] = "replace", [WEIR_MERGE] = "merge", NULL
    };
    static const char *const bad_rows[] = {
        [WEIR_BAD_ROW_FAIL] = "fail", [WEIR_BAD_ROW_QUARANTINE] = "quarantine", NULL
    };
    int write = 0;
    int on_bad_row = 0;
    WEIR_TRY(read_word(cx, c, "write", writes, &write));
    WEIR_TRY(read_word(cx, c, "on-bad-row", bad_rows, &on_bad_row));
    c->resources[0].write = (weir_write)write;
    c->resources[0].on_bad_row = (weir_bad_row)on_bad_row;
    return read_keys(cx, c, &c->resources[0]);
}

static weir_status read_nesting(weir_ctx *cx, copy *c)
{
    const char *text = flag(c, "max-nesting", NULL);
    int64_t levels = 0;
    if (!text)
        return WEIR_OK;
    if (!wr_int_parse(weir_str_of(text), &levels) || levels < 0 || levels > 1000)
        return weir_fail(cx, WEIR_INVALID, "--max-nesting '%s' is no number from 0 to 1000", text);
    c->resources[0].max_table_nesting = levels ? (int)levels : WEIR_NO_NESTING;
    return WEIR_OK;
}

/* "512MiB", "64MB", "1G", or bytes. */
static weir_status read_memory(weir_ctx *cx, copy *c)
{
    static const struct {
        const char *name;
        size_t bytes;
    } units[] = { { "", 1 },          { "k", 1000 },       { "kb", 1000 },
                  { "kib", 1 << 10 }, { "m", 1000000 },    { "mb", 1000000 },
                  { "mib", 1 << 20 }, { "g", 1000000000 }, { "gb", 1000000000 },
                  { "gib", 1 << 30 } };
    const char *text = flag(c, "memory", "64MiB");
    char *end = NULL;
    const double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        const double bytes = number * (double)units[i].bytes;
        if (strcasecmp(end, units[i].name) == 0 && bytes >= 1 << 20 && bytes < 1e15) {
            c->memory = (size_t)bytes;
            return WEIR_OK;
        }
    }
    return weir_fail(cx, WEIR_INVALID,
                     "--memory '%s' is no amount of memory of at least 1 MiB\n"
                     "hint: as in --memory 512MiB",
                     text);
}

/* The name of a file without folders and extensions, as a pipeline or table may be called. */
static const char *stem(copy *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    weir_str name = weir_str_of(slash ? slash + 1 : path);
    const char *dot = name.len > 1 ? memchr(name.ptr + 1, '.', name.len - 1) : NULL;
    if (dot)
        name.len = (size_t)(dot - name.ptr);
    char *text = wr_arena_alloc(&c->arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char byte = (unsigned char)name.ptr[i];
        text[i] = isalnum(byte) || byte >= 0x80 || byte == '-' ? (char)byte : '_';
    }
    return text;
}

/* How places are spelled, beside `destination://…`. */
static const struct {
    const char *scheme;
    const char *ending; /* of a path */
    const char *destination;
} PLACES[] = {
    { .scheme = "file", .destination = "filesystem" },
    { .scheme = "s3", .destination = "filesystem" },
    { .ending = "/", .destination = "filesystem" },
    { .ending = ".duckdb", .destination = "duckdb" },
    { .ending = ".db", .destination = "duckdb" },
};

static bool is_place(size_t i, weir_str to, const char *scheme)
{
    if (scheme)
        return PLACES[i].scheme && wr_str_eq((weir_str){ to.ptr, (size_t)(scheme - to.ptr) },
                                             weir_str_of(PLACES[i].scheme));
    return PLACES[i].ending && wr_str_ends(to, weir_str_of(PLACES[i].ending));
}

static weir_status find_destination(weir_ctx *cx, weir_str to, const weir_destination **ret)
{
    const char *scheme = strstr(to.ptr, "://");
    for (size_t i = 0; i < sizeof(PLACES) / sizeof(*PLACES); i++)
        if (is_place(i, to, scheme))
            return wr_destination_get(cx, weir_str_of(PLACES[i].destination), ret);
    if (scheme)
        return wr_destination_get(cx, (weir_str){ to.ptr, (size_t)(scheme - to.ptr) }, ret);
    return weir_fail(cx, WEIR_INVALID,
                     "'%.*s' says no destination\n"
                     "hint: as in duckdb:///events.duckdb, or lake/ for a folder of files",
                     WR_STR(to));
}

static weir_status read_target(weir_ctx *cx, copy *c)
{
    weir_str to = weir_str_of(c->call->words[1]);
    const weir_destination *destination = NULL;
    WEIR_TRY(find_destination(cx, to, &destination));
    c->pipeline.destination = destination->name;
    char key[128];
    snprintf(key, sizeof(key), "destination.%s.%s", destination->name,
             wr_destination_locator(destination));
    wr_config_set(c->config, key, to);
    while (to.len > 1 && to.ptr[to.len - 1] == '/')
        to.len--;
    c->pipeline.name = stem(c, wr_arena_str(&c->arena, to).ptr);
    c->pipeline.dataset = flag(c, "dataset", NULL);
    return WEIR_OK;
}

static weir_status read_source(weir_ctx *cx, copy *c)
{
    const char *from = c->call->words[0];
    static const weir_str file_scheme = { "file://", 7 };
    if (wr_str_starts(weir_str_of(from), file_scheme))
        from += file_scheme.len;
    else if (strstr(from, "://"))
        return weir_fail(
            cx, WEIR_UNSUPPORTED,
            "weir cannot copy from '%s' yet\n"
            "hint: give it a file, a pattern like 'data/*.jsonl', or - for the standard input",
            from);
    const bool is_stdin = strcmp(from, "-") == 0;
    c->files = (weir_files){ .pattern = from, .line_max = c->memory / 4 };
    weir_resource *resource = &c->resources[0];
    const bool is_pattern = strpbrk(from, "*?[") != NULL;
    const char *table = is_stdin || is_pattern ? c->pipeline.name : stem(c, from);
    resource->name = flag(c, "table", table);
    resource->input = &weir_input_files;
    resource->input_spec = &c->files;
    resource->replayable = !is_stdin;
    c->pipeline.resources = c->resources;
    return WEIR_OK;
}

static weir_status read_call(weir_ctx *cx, copy *c)
{
    WEIR_TRY(read_words(cx, c));
    WEIR_TRY(read_nesting(cx, c));
    WEIR_TRY(read_memory(cx, c));
    WEIR_TRY(read_target(cx, c));
    return read_source(cx, c);
}

/* What is wrong with the command line is wrong usage. */
static weir_status check_call(weir_ctx *cx, copy *c)
{
    const weir_status status = read_call(cx, c);
    if (status == WEIR_INVALID)
        cx->error.native = WR_USAGE;
    return status;
}

/* ---- the summary ---- */

/* What came, and is in no table. */
static void print_left_out(const wr_node *trace)
{
    const wr_node *dropped = wr_node_get(trace, "dropped");
    for (const wr_node *table = dropped ? dropped->first : NULL; table; table = table->next)
        printf("%lld rows and %lld values of %.*s dropped by its schema contract\n",
               (long long)wr_node_get_int(table, "rows", 0),
               (long long)wr_node_get_int(table, "values", 0), WR_STR(table->key));
    const int64_t bad_rows = wr_node_get_int(trace, "bad_rows", 0);
    if (bad_rows > 0)
        printf("%lld bad rows in quarantine: %.*s\n", (long long)bad_rows,
               WR_STR(wr_node_get_text(trace, "bad_rows_file")));
}

static weir_status print_summary(weir_ctx *cx, copy *c, const weir_load_info *info)
{
    if (info->load_count == 0) {
        puts(wr_call_flag(c->call, "json") ? "{\"loads\":[]}"
                                           : "nothing to load: there are no rows");
        return WEIR_OK;
    }
    wr_node *trace = NULL;
    WEIR_TRY(wr_last_trace(cx, weir_str_of(info->pipeline), &c->arena, &trace));
    if (wr_call_flag(c->call, "json"))
        return wr_print_json(cx, trace);

    const wr_node *tables = wr_node_get(trace, "tables");
    printf("%-40s %12s\n", "table", "rows");
    for (const wr_node *table = tables ? tables->first : NULL; table; table = table->next)
        if (!wr_str_starts(table->key, wr_lit("_dlt")))
            printf("%-40.*s %12.*s\n", WR_STR(table->key), WR_STR(table->text));
    const weir_load *load = &info->loads[0];
    printf("%lld rows in %lld tables, %lld columns added, %.2f seconds, into %s\n",
           (long long)load->rows, (long long)load->tables,
           (long long)wr_node_get_int(trace, "columns_added", 0), info->seconds, info->location);
    print_left_out(trace);
    return WEIR_OK;
}

static weir_status run_copy(weir_ctx *cx, copy *c, const wr_planner *planner)
{
    WEIR_TRY(check_call(cx, c));
    const wr_run_settings settings = {
        .config = c->config,
        .destination = c->pipeline.destination,
        .memory = c->memory,
        .planner = planner,
        .progress = wr_progress_possible() ? wr_progress_show : NULL,
        .progress_self = &c->line,
    };
    wr_run_set(cx, &settings);
    weir_load_info info = { 0 };
    const weir_status status = weir_pipeline_run(cx, &c->pipeline, .info = &info);
    wr_run_set(cx, NULL);
    wr_progress_clear(&c->line);
    WEIR_TRY(status);
    return planner ? WEIR_OK : print_summary(cx, c, &info);
}

weir_status wr_start_copy(weir_ctx *cx, const wr_call *call, const wr_planner *planner)
{
    static wr_cancel cancel;
    cx->cancel = &cancel;
    wr_signals_install(&cancel);
    copy c = { .call = call };
    weir_status status = wr_project_config(cx, &c.config);
    if (status == WEIR_OK)
        status = run_copy(cx, &c, planner);
    wr_config_free(c.config);
    wr_arena_done(&c.arena);
    cx->cancel = NULL;
    return status;
}

weir_status wr_command_copy(weir_ctx *cx, const wr_call *call)
{
    return wr_start_copy(cx, call, NULL);
}
