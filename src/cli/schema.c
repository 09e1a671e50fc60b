/* weir schema: the stored schema of a pipeline, and what changed between two versions of it. */
#include "schema/schema.h"

#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/schema_stored.h"
#include "cli/schema_text.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "schema/schema_diff.h"

#define TEXT_MAX ((size_t)16 << 20)

/* ---- weir schema show ---- */

/* A schema, and where it comes from. */
typedef struct shown_schema {
    const wr_schema *schema;
    weir_str place;
} shown_schema;

static void print_columns(const wr_table *table, wr_buf *text)
{
    static const char *const titles[] = { "column", "type", "null", "hints" };
    wr_auto(grid) wr_grid grid = { 0 };
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        wr_grid_column(&grid, weir_str_of(titles[i]), false);
    const wr_node *columns = wr_node_get(table->doc, "columns");
    for (const wr_node *column = columns ? columns->first : NULL; column; column = column->next) {
        wr_grid_cell(&grid, column->key);
        wr_buf_clear(text);
        wr_put_column_type(text, column);
        wr_grid_cell(&grid, wr_buf_view(text));
        wr_grid_cell(&grid, wr_column_is_nullable(column) ? wr_lit("yes") : wr_lit("no"));
        wr_buf_clear(text);
        wr_put_column_hints(text, column);
        wr_grid_cell(&grid, wr_buf_view(text));
    }
    wr_grid_end(&grid);
}

static void print_table(const wr_schema *schema, const wr_table *table)
{
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    wr_put_table_facts(&text, schema, table);
    printf("\n%.*s (%s)\n\n", WR_STR(table->pub.name), wr_buf_text(&text));
    print_columns(table, &text);
}

/* The user's tables first, then dlt's. */
static void print_tables(const wr_schema *schema, bool all)
{
    for (int own = 1; own >= (all ? 0 : 1); own--)
        for (size_t i = 0; i < schema->tables.len; i++) {
            const wr_table *table = schema->tables.ptr[i];
            if (wr_is_dlt_name(table->pub.name) == !own)
                print_table(schema, table);
        }
}

static weir_status find_table(weir_ctx *cx, const wr_schema *schema, weir_str name,
                              const wr_table **ret)
{
    *ret = wr_schema_table(schema, name);
    if (*ret)
        return WEIR_OK;
    wr_auto(arena) wr_arena arena = { 0 };
    const char **names = wr_arena_new_array(&arena, schema->tables.len + 1, const char *);
    for (size_t i = 0; i < schema->tables.len; i++)
        names[i] = wr_arena_str(&arena, schema->tables.ptr[i]->pub.name).ptr;
    const char *near = wr_str_nearest(wr_arena_str(&arena, name).ptr, names);
    return weir_fail(cx, WEIR_INVALID, "schema '%.*s' has no table '%.*s'%s%s",
                     WR_STR(schema->name), WR_STR(name), near ? "\nhint: did you mean: " : "",
                     near ? near : "");
}

static weir_status print_schema_json(weir_ctx *cx, const wr_schema *schema, const wr_table *table)
{
    if (table)
        return wr_print_json(cx, table->doc);
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_schema_write(&out, schema, WR_JSON_COMPACT);
    wr_buf_char(&out, '\n');
    WEIR_TRY(wr_buf_check(cx, &out, "the schema"));
    fwrite(out.ptr, 1, out.len, stdout);
    return WEIR_OK;
}

static weir_status print_schema(weir_ctx *cx, const wr_call *call, const wr_stored *stored,
                                const shown_schema *shown)
{
    const char *name = wr_call_flag(call, "table");
    const wr_table *table = NULL;
    if (name)
        WEIR_TRY(find_table(cx, shown->schema, weir_str_of(name), &table));
    if (wr_call_flag(call, "json"))
        return print_schema_json(cx, shown->schema, table);

    char version[32];
    snprintf(version, sizeof version, "%lld", (long long)shown->schema->version);
    wr_print_fact("pipeline", stored->pipeline);
    wr_print_fact("schema", shown->schema->name);
    wr_print_fact("version", weir_str_of(version));
    wr_print_fact("hash", weir_str_of(shown->schema->hash));
    wr_print_fact("dataset", wr_node_get_text(stored->last.trace, "dataset"));
    wr_print_fact("stored in", shown->place);
    if (table)
        print_table(shown->schema, table);
    else
        print_tables(shown->schema, wr_call_flag(call, "all") != NULL);
    return WEIR_OK;
}

weir_status wr_command_schema_show(weir_ctx *cx, const wr_call *call)
{
    wr_auto(stored) wr_stored stored = { 0 };
    wr_auto(schema) wr_schema *schema = NULL;
    weir_str place = { 0 };
    WEIR_TRY(wr_stored_read_newest(cx, call->words[0], &stored, &schema, &place));
    return print_schema(cx, call, &stored, &(shown_schema){ schema, place });
}

/* ---- weir schema diff ---- */

/* Two versions and their schemas. */
typedef struct comparison {
    const wr_stored_version *from; /* NULL: there was none before */
    const wr_stored_version *to;
    wr_schema *before;
    wr_schema *after;
    wr_schema_diff diff;
} comparison;

static void wr_cleanup_comparison(comparison *c)
{
    wr_schema_diff_done(&c->diff);
    wr_schema_drop(c->before);
    wr_schema_drop(c->after);
}

/* The versions that are meant: by themselves the last two; one that is named is compared with the newest. */
static weir_status choose_versions(weir_ctx *cx, const wr_call *call, const wr_stored *stored,
                                   comparison *c)
{
    c->to = &stored->versions.ptr[0];
    if (call->words[1])
        WEIR_TRY(wr_stored_find(cx, stored, weir_str_of(call->words[1]), &c->from));
    else if (stored->versions.len > 1)
        c->from = &stored->versions.ptr[1];
    if (call->words[2])
        WEIR_TRY(wr_stored_find(cx, stored, weir_str_of(call->words[2]), &c->to));
    return WEIR_OK;
}

static weir_status compare(weir_ctx *cx, wr_stored *stored, comparison *c)
{
    if (c->from)
        WEIR_TRY(wr_stored_read(cx, stored, c->from, &c->before));
    WEIR_TRY(wr_stored_read(cx, stored, c->to, &c->after));
    wr_schema_diff_init(&c->diff, c->before, c->after);
    return WEIR_OK;
}

static void print_version(const char *name, const wr_stored_version *version)
{
    char text[160];
    if (!version) {
        wr_print_fact(name, wr_lit("nothing: it is the first version"));
        return;
    }
    snprintf(text, sizeof text, "version %lld  %.*s  %.*s", (long long)version->number,
             WR_STR(version->hash), WR_STR(version->inserted_at));
    wr_print_fact(name, weir_str_of(text));
}

static void put_value(wr_buf *out, const wr_node *value)
{
    if (value)
        wr_node_write(out, value, WR_JSON_COMPACT);
    else
        wr_buf_cstr(out, "(none)");
}

/* A column that comes or goes: its type and what else it says. */
static void put_column(wr_buf *out, const wr_node *column)
{
    wr_put_column_type(out, column);
    if (!wr_column_is_nullable(column))
        wr_buf_cstr(out, ", not null");
    const size_t end = out->len;
    wr_buf_cstr(out, ", ");
    wr_put_column_hints(out, column);
    if (out->len == end + 2)
        out->len = end;
}

/* What is in the last column of a change's line. */
static void put_change(wr_buf *out, const comparison *c, const wr_schema_change *change)
{
    if (change->kind == WR_CHANGE_CHANGED) {
        wr_buf_printf(out, "%.*s: ", WR_STR(change->property));
        put_value(out, change->before);
        wr_buf_cstr(out, " -> ");
        put_value(out, change->after);
        return;
    }
    const bool gone = change->kind == WR_CHANGE_REMOVED;
    if (change->column.len) {
        put_column(out, gone ? change->before : change->after);
        return;
    }
    const wr_schema *schema = gone ? c->before : c->after;
    wr_put_table_facts(out, schema, wr_schema_table(schema, change->table));
}

static void print_changes(const comparison *c)
{
    static const char *const signs[] = {
        [WR_CHANGE_ADDED] = "+",
        [WR_CHANGE_REMOVED] = "-",
        [WR_CHANGE_CHANGED] = "~",
    };
    static const char *const titles[] = { " ", "table", "column", "change" };
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    wr_auto(grid) wr_grid grid = { 0 };
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        wr_grid_column(&grid, weir_str_of(titles[i]), false);
    for (size_t i = 0; i < c->diff.changes.len; i++) {
        const wr_schema_change *change = &c->diff.changes.ptr[i];
        wr_buf_clear(&text);
        put_change(&text, c, change);
        wr_grid_cell(&grid, weir_str_of(signs[change->kind]));
        wr_grid_cell(&grid, change->table.len ? change->table : wr_lit("(schema)"));
        wr_grid_cell(&grid, change->column);
        wr_grid_cell(&grid, wr_buf_view(&text));
    }
    wr_grid_end(&grid);
}

static void print_comparison(const wr_stored *stored, const comparison *c)
{
    wr_print_fact("pipeline", stored->pipeline);
    wr_print_fact("schema", stored->schema_name);
    print_version("from", c->from);
    print_version("to", c->to);
    putchar('\n');
    if (c->diff.changes.len > 0)
        print_changes(c);
    else
        puts("no changes");
}

static wr_node *version_node(wr_arena *arena, const wr_stored_version *version)
{
    if (!version)
        return wr_node_new(arena, WR_NODE_NULL);
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, node, wr_lit("version"), wr_node_int(arena, version->number));
    wr_node_set_text(arena, node, "hash", version->hash);
    wr_node_set_text(arena, node, "inserted_at", version->inserted_at);
    return node;
}

static weir_status print_comparison_json(weir_ctx *cx, const wr_stored *stored, const comparison *c)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *node = wr_node_new(&arena, WR_NODE_OBJECT);
    wr_node_set_text(&arena, node, "pipeline", stored->pipeline);
    wr_node_set_text(&arena, node, "schema", stored->schema_name);
    wr_node_set(&arena, node, wr_lit("from"), version_node(&arena, c->from));
    wr_node_set(&arena, node, wr_lit("to"), version_node(&arena, c->to));
    wr_node *changes = wr_node_new(&arena, WR_NODE_ARRAY);
    for (size_t i = 0; i < c->diff.changes.len; i++)
        wr_node_append(changes, wr_change_node(&arena, &c->diff.changes.ptr[i]));
    wr_node_set(&arena, node, wr_lit("changes"), changes);
    return wr_print_json(cx, node);
}

weir_status wr_command_schema_diff(weir_ctx *cx, const wr_call *call)
{
    wr_auto(stored) wr_stored stored = { 0 };
    WEIR_TRY(wr_stored_open(cx, call->words[0], &stored));
    wr_auto(comparison) comparison c = { 0 };
    WEIR_TRY(choose_versions(cx, call, &stored, &c));
    WEIR_TRY(compare(cx, &stored, &c));

    if (wr_call_flag(call, "json"))
        WEIR_TRY(print_comparison_json(cx, &stored, &c));
    else
        print_comparison(&stored, &c);
    if (!wr_call_flag(call, "check") || c.diff.changes.len == 0)
        return WEIR_OK;
    return weir_fail(cx, WEIR_SCHEMA, "schema '%.*s' has changed: %zu changes",
                     WR_STR(stored.schema_name), c.diff.changes.len);
}
