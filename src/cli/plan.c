/* weir plan: what a run or a copy would do, told by the code that would do it. */
#include "cli/plan.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "cli/cell.h"
#include "cli/schema_text.h"
#include "cli/start.h"
#include "cli/table.h"
#include "config/lookup.h"
#include "config/values.h"
#include "pipeline/options.h"
#include "schema/contract.h"

/* Code points of a value in a sample; the rest is cut off. */
#define SHOWN_MAX 200
#define CELL_MAX ((size_t)256 << 20)

typedef struct plan {
    wr_arena arena; /* wiped */
    wr_node *doc;
    wr_node *run;     /* the present one */
    wr_node *samples; /* table → rows, of the present load */
    wr_node *ddl;
    wr_node *sql;
    int64_t sample_rows;
    bool restored;
    bool changes;
} plan;

static void set_int(plan *p, wr_node *node, const char *key, int64_t value)
{
    wr_node_set(&p->arena, node, weir_str_of(key), wr_node_int(&p->arena, value));
}

static wr_node *add_list(plan *p, wr_node *node, const char *key)
{
    wr_node *list = wr_node_new(&p->arena, WR_NODE_ARRAY);
    wr_node_set(&p->arena, node, weir_str_of(key), list);
    return list;
}

static void begin_load(plan *p)
{
    p->samples = wr_node_new(&p->arena, WR_NODE_OBJECT);
    p->ddl = wr_node_new(&p->arena, WR_NODE_ARRAY);
    p->sql = wr_node_new(&p->arena, WR_NODE_ARRAY);
}

/* ---- settings ---- */

/* What is missing is shown here, and complained about where it is used. */
static const weir_option *none_required(plan *p, const weir_option *options)
{
    size_t count = 0;
    while (options[count].name)
        count++;
    weir_option *ret = wr_arena_new_array(&p->arena, count + 1, weir_option);
    for (size_t i = 0; i < count; i++) {
        ret[i] = options[i];
        ret[i].required = false;
    }
    return ret;
}

static wr_node *setting(plan *p, const wr_section *section, const weir_option *option,
                        const wr_option_value *value)
{
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    const wr_key key = { section->parts, section->len, weir_str_of(option->name),
                         wr_option_is_secret(option) };
    wr_node_set_text(&p->arena, node, "key", wr_key_dotted(NULL, &key, &p->arena));
    wr_node_set_text(&p->arena, node, "state", value->given ? wr_lit("given") : wr_lit("missing"));
    if (!value->given)
        return node;
    wr_node_set_text(&p->arena, node, "value", key.secret ? wr_lit("****") : value->answer.text);
    wr_node_set_text(&p->arena, node, "from", value->answer.where);
    return node;
}

/* Those that are given, and those that are needed. A value of the wrong kind fails where it is used. */
static weir_status add_settings(weir_ctx *cx, plan *p, const wr_scope *scope,
                                const weir_option *options)
{
    const weir_option_values *values = NULL;
    if (!options)
        return WEIR_OK;
    WEIR_TRY(wr_config_resolve(cx, scope, none_required(p, options), &p->arena, &values));
    wr_node *list = wr_node_get(p->run, "settings");
    for (size_t i = 0; options[i].name; i++)
        if (values->values[i].given || options[i].required)
            wr_node_append(list, setting(p, &scope->section, &options[i], &values->values[i]));
    return WEIR_OK;
}

static weir_status take_run(weir_ctx *cx, void *self, const wr_planned_run *run)
{
    plan *p = self;
    p->run = wr_node_new(&p->arena, WR_NODE_OBJECT);
    wr_node_append(wr_node_get(p->doc, "runs"), p->run);
    wr_node_set_text(&p->arena, p->run, "pipeline", run->pipeline);
    wr_node_set_text(&p->arena, p->run, "destination", weir_str_of(run->destination->name));
    wr_node_set_text(&p->arena, p->run, "dataset", run->dataset);
    (void)add_list(p, p->run, "settings");
    (void)add_list(p, p->run, "loads");
    begin_load(p);
    p->restored = false;

    wr_scope scope = { .config = run->config, .pipeline = run->pipeline };
    scope.section = WR_SECTION("destination", wr_arena_str(&p->arena, run->destination_name).ptr);
    WEIR_TRY(add_settings(cx, p, &scope, run->destination->options));
    if (!run->source || !run->source->config)
        return WEIR_OK;
    scope.section = wr_source_section(run->source);
    return add_settings(cx, p, &scope, run->source->config);
}

static void take_restored(void *self)
{
    plan *p = self;
    p->restored = true;
    wr_node_set_text(&p->arena, p->run, "rights",
                     wr_lit("read and write")); /* opening it has probed them */
}

/* ---- statements and rows ---- */

static void take_statement(void *self, weir_step step, weir_str sql)
{
    plan *p = self;
    wr_node_append(step == WEIR_STEP_SHAPE ? p->ddl : p->sql, wr_node_text(&p->arena, sql));
}

/* One cell as JSON; a long text is cut. */
static void put_cell(wr_buf *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                     int64_t row)
{
    const size_t begin = out->len;
    wr_cell_json(out, schema, array, row);
    if (out->len - begin <= SHOWN_MAX)
        return;
    wr_auto(buf) wr_buf text = wr_buf_max(CELL_MAX);
    wr_cell_text(&text, schema, array, row);
    text.len = wr_utf8_prefix(wr_buf_view(&text), SHOWN_MAX);
    wr_buf_cstr(&text, "…");
    out->len = begin;
    wr_json_quote(out, wr_buf_view(&text));
}

/* A row without dlt's own columns, whose values come with the load. */
static wr_node *sample_row(plan *p, const wr_planned_rows *rows, int64_t row)
{
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    for (int64_t i = 0; i < rows->schema->n_children; i++) {
        const struct ArrowSchema *column = rows->schema->children[i];
        const struct ArrowArray *cells = rows->batch->children[i];
        const weir_str name = weir_str_of(column->name);
        const int64_t at = row + rows->batch->offset;
        if (wr_is_dlt_name(name) || wr_cell_null(column, cells, at))
            continue;
        wr_auto(buf) wr_buf text = wr_buf_max(CELL_MAX);
        put_cell(&text, column, cells, at);
        wr_node *cell = wr_node_new(&p->arena, WR_NODE_NUMBER); /* written as it is */
        cell->text = wr_arena_str(&p->arena, wr_buf_view(&text));
        wr_node_set(&p->arena, node, name, cell);
    }
    return node;
}

static void take_rows(void *self, const wr_planned_rows *rows)
{
    plan *p = self;
    if (wr_is_dlt_name(rows->table))
        return;
    wr_node *list = wr_node_get_str(p->samples, rows->table);
    if (!list) {
        list = wr_node_new(&p->arena, WR_NODE_ARRAY);
        wr_node_set(&p->arena, p->samples, wr_arena_str(&p->arena, rows->table), list);
    }
    for (int64_t i = 0; i < rows->batch->length && (int64_t)list->count < p->sample_rows; i++)
        wr_node_append(list, sample_row(p, rows, i));
}

/* ---- a load ---- */

static wr_node *columns_of(plan *p, const wr_table *table)
{
    wr_node *list = wr_node_new(&p->arena, WR_NODE_ARRAY);
    const wr_node *columns = wr_node_get(table->doc, "columns");
    for (const wr_node *column = columns ? columns->first : NULL; column; column = column->next) {
        wr_auto(buf) wr_buf type = wr_buf_max(1024);
        wr_put_column_type(&type, column);
        wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
        wr_node_set_text(&p->arena, node, "column", column->key);
        wr_node_set_text(&p->arena, node, "type", wr_buf_view(&type));
        wr_node_set(&p->arena, node, wr_lit("nullable"),
                    wr_node_bool(&p->arena, wr_column_is_nullable(column)));
        wr_node_append(list, node);
    }
    return list;
}

static wr_node *contract_of(plan *p, const wr_schema *schema, const wr_table *table)
{
    const wr_contract contract = wr_contract_of(schema, table->pub.name, table->pub.parent);
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    wr_node_set_text(&p->arena, node, "tables",
                     weir_str_of(wr_contract_mode_name(contract.tables)));
    wr_node_set_text(&p->arena, node, "columns",
                     weir_str_of(wr_contract_mode_name(contract.columns)));
    wr_node_set_text(&p->arena, node, "data_type",
                     weir_str_of(wr_contract_mode_name(contract.data_type)));
    return node;
}

static wr_loaded_drop dropped(const wr_loaded *loaded, weir_str table)
{
    for (size_t i = 0; i < loaded->drops.len; i++)
        if (wr_str_eq(loaded->drops.ptr[i].table, table))
            return loaded->drops.ptr[i];
    return (wr_loaded_drop){ 0 };
}

/* -1: it got none. */
static int64_t rows_of(const wr_loaded *loaded, weir_str table)
{
    for (size_t i = 0; i < loaded->tables.len; i++)
        if (wr_str_eq(loaded->tables.ptr[i].name, table))
            return loaded->tables.ptr[i].rows;
    return -1;
}

static wr_node *table_node(plan *p, const wr_planned_load *load, const wr_table *table)
{
    const weir_str name = table->pub.name;
    const int64_t rows = rows_of(load->loaded, name);
    const wr_loaded_drop drop = dropped(load->loaded, name);
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    wr_node_set_text(&p->arena, node, "table", name);
    set_int(p, node, "rows", rows > 0 ? rows : 0);
    set_int(p, node, "dropped_rows", drop.rows);
    set_int(p, node, "dropped_values", drop.values);
    wr_node_set_text(&p->arena, node, "write", wr_schema_root(load->loaded->schema, table)->write);
    wr_node_set(&p->arena, node, wr_lit("contract"), contract_of(p, load->loaded->schema, table));
    wr_node_set(&p->arena, node, wr_lit("columns"), columns_of(p, table));
    const wr_node *sample = wr_node_get_str(p->samples, name);
    wr_node_set(&p->arena, node, wr_lit("sample"),
                sample ? wr_node_copy(&p->arena, sample) : wr_node_new(&p->arena, WR_NODE_ARRAY));
    return node;
}

/* A table that the contract forbids is not in the schema: what it lost is told all the same. */
static void add_lost_tables(plan *p, const wr_loaded *loaded, wr_node *list)
{
    for (size_t i = 0; i < loaded->drops.len; i++) {
        const wr_loaded_drop *drop = &loaded->drops.ptr[i];
        if (wr_schema_table(loaded->schema, drop->table))
            continue;
        wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
        wr_node_set_text(&p->arena, node, "table", drop->table);
        set_int(p, node, "rows", 0);
        set_int(p, node, "dropped_rows", drop->rows);
        set_int(p, node, "dropped_values", drop->values);
        wr_node_append(list, node);
    }
}

static size_t add_changes(plan *p, const wr_planned_load *load, wr_node *list)
{
    wr_auto(schema_diff) wr_schema_diff diff;
    wr_schema_diff_init(&diff, load->base, load->loaded->schema);
    for (size_t i = 0; i < diff.changes.len; i++)
        wr_node_append(list, wr_change_node(&p->arena, &diff.changes.ptr[i]));
    return diff.changes.len;
}

static void add_load(plan *p, const wr_planned_load *load)
{
    const wr_schema *schema = load->loaded->schema;
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    wr_node_append(wr_node_get(p->run, "loads"), node);
    wr_node_set_text(&p->arena, p->run, "location", load->location);
    wr_node_set(&p->arena, node, wr_lit("waiting"), wr_node_bool(&p->arena, load->waiting));
    set_int(p, node, "bad_rows", load->loaded->bad_rows);
    wr_node *tables = add_list(p, node, "tables");
    for (size_t i = 0; i < schema->tables.len; i++)
        if (!wr_is_dlt_name(schema->tables.ptr[i]->pub.name))
            wr_node_append(tables, table_node(p, load, schema->tables.ptr[i]));
    add_lost_tables(p, load->loaded, tables);
    const size_t changes = add_changes(p, load, add_list(p, node, "changes"));
    wr_node_set(&p->arena, node, wr_lit("ddl"), p->ddl);
    wr_node_set(&p->arena, node, wr_lit("sql"), p->sql);
    p->changes |= changes > 0 || p->ddl->count > 0;
}

static weir_status take_load(weir_ctx *cx, void *self, const wr_planned_load *load)
{
    (void)cx;
    plan *p = self;
    if (load)
        add_load(p, load);
    begin_load(p);
    return WEIR_OK;
}

/* ---- the command ---- */

/* What the user's own code prints is no part of the plan: it goes to stderr. */
static weir_status start(weir_ctx *cx, const wr_call *call, const wr_planner *planner)
{
    fflush(stdout);
    const int out = dup(STDOUT_FILENO);
    if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return wr_fail_errno(cx, errno, "the standard output cannot be set aside");
    const weir_status status =
        call->words[1] ? wr_start_copy(cx, call, planner) : wr_start_run(cx, call, planner);
    fflush(stdout);
    (void)dup2(out, STDOUT_FILENO);
    close(out);
    return status;
}

static weir_status fail_usage(weir_ctx *cx, const char *flag, const char *with)
{
    (void)weir_fail(cx, WEIR_INVALID, "--%s goes with %s", flag, with);
    cx->error.native = WR_USAGE;
    return WEIR_INVALID;
}

static weir_status check_words(weir_ctx *cx, const wr_call *call)
{
    const wr_flag *flags = wr_path_end(&call->path)->flags;
    for (size_t i = 0; flags[i].name; i++) {
        const bool of_run =
            strcmp(flags[i].name, "destination") == 0 || strcmp(flags[i].name, "refresh") == 0;
        const bool of_both =
            strcmp(flags[i].name, "json") == 0 || strcmp(flags[i].name, "sample") == 0;
        if (!call->values[i] || of_both || of_run == !call->words[1])
            continue;
        return fail_usage(cx, flags[i].name,
                          of_run ? "the name of a pipeline" : "two words: FROM TO");
    }
    return WEIR_OK;
}

static weir_status read_sample(weir_ctx *cx, const wr_call *call, plan *p)
{
    const char *text = wr_call_flag(call, "sample");
    p->sample_rows = 3;
    if (!text || (wr_int_parse(weir_str_of(text), &p->sample_rows) && p->sample_rows >= 0 &&
                  p->sample_rows <= 1000))
        return WEIR_OK;
    (void)weir_fail(cx, WEIR_INVALID, "--sample '%s' is no number from 0 to 1000", text);
    cx->error.native = WR_USAGE;
    return WEIR_INVALID;
}

/* Is it the load that would fail, and not the look at it? */
static bool is_refusal(const plan *p, weir_status status)
{
    return p->restored && status != WEIR_CONFIG && weir_status_class(status) == WEIR_CLASS_TERMINAL;
}

static void add_error(weir_ctx *cx, plan *p)
{
    wr_auto(buf) wr_buf text = wr_buf_max(64 << 10);
    wr_node *node = wr_node_new(&p->arena, WR_NODE_OBJECT);
    wr_node_set(&p->arena, p->doc, wr_lit("error"), node);
    wr_mask(&text, weir_str_of(weir_error_message(cx)));
    wr_node_set_text(&p->arena, node, "message", wr_buf_view(&text));
    wr_buf_clear(&text);
    wr_mask(&text, weir_str_of(weir_error_hint(cx)));
    wr_node_set_text(&p->arena, node, "hint", wr_buf_view(&text));
}

static const char *finish(weir_ctx *cx, plan *p, weir_status status, int *ret_exit)
{
    if (status != WEIR_OK)
        add_error(cx, p);
    if (status != WEIR_OK && !is_refusal(p, status))
        return "failed";
    *ret_exit = status != WEIR_OK ? WR_PLAN_REFUSED
                : p->changes      ? WR_PLAN_CHANGE
                                  : WR_PLAN_NO_CHANGE;
    return status != WEIR_OK ? "refused" : p->changes ? "change" : "no change";
}

/* What failed before a pipeline was found is told by its error alone. */
static weir_status print_plan(weir_ctx *cx, const wr_call *call, const plan *p)
{
    if (wr_call_flag(call, "json"))
        return wr_print_json(cx, p->doc);
    if (wr_node_get(p->doc, "runs")->count > 0)
        wr_plan_print(p->doc);
    return WEIR_OK;
}

static weir_status run_plan(weir_ctx *cx, const wr_call *call, plan *p)
{
    WEIR_TRY(check_words(cx, call));
    WEIR_TRY(read_sample(cx, call, p));
    const wr_planner planner = {
        .run = take_run,
        .restored = take_restored,
        .rows = take_rows,
        .load = take_load,
        .self = p,
        .recorder = { .statement = take_statement, .self = p },
    };
    const weir_status status = start(cx, call, &planner);
    wr_node_set_text(&p->arena, p->doc, "result",
                     weir_str_of(finish(cx, p, status, call->ret_exit)));
    const wr_error error = cx->error;
    WEIR_TRY(print_plan(cx, call, p));
    cx->error = error;
    return status;
}

weir_status wr_command_plan(weir_ctx *cx, const wr_call *call)
{
    /* what the user's own code prints comes in order with the messages */
    setvbuf(stdout, NULL, _IOLBF, 0);
    plan p = { .arena.wipe = true };
    p.doc = wr_node_new(&p.arena, WR_NODE_OBJECT);
    wr_node_set_text(&p.arena, p.doc, "result", (weir_str){ 0 });
    (void)add_list(&p, p.doc, "runs");
    begin_load(&p);
    const weir_status status = run_plan(cx, call, &p);
    wr_arena_done(&p.arena);
    return status;
}
