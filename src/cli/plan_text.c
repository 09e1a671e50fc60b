/* A plan for people: what changes first, then what comes. */
#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/plan.h"
#include "cli/table.h"

#define TEXT_MAX ((size_t)16 << 20)

/* Members of a list or an object; none for NULL. */
#define each(item, list)                                                                           \
    (const wr_node *item = (list) ? (list)->first : NULL; item; item = item->next)

static void print_settings(const wr_node *settings)
{
    for each (item, settings) {
        const weir_str from = wr_node_get_text(item, "from");
        if (from.len > 0)
            printf("  %.*s = %.*s, from %.*s\n", WR_STR(wr_node_get_text(item, "key")),
                   WR_STR(wr_node_get_text(item, "value")), WR_STR(from));
        else
            printf("  %.*s is missing\n", WR_STR(wr_node_get_text(item, "key")));
    }
}

static void put_contract(wr_buf *out, const wr_node *contract)
{
    wr_buf_clear(out);
    for each (mode, contract) {
        if (!wr_str_eq(mode->text, wr_lit("evolve")))
            wr_buf_printf(out, "%s%.*s %.*s", out->len ? ", " : "", WR_STR(mode->key),
                          WR_STR(mode->text));
    }
}

static void put_dropped(wr_buf *out, const wr_node *table)
{
    const int64_t rows = wr_node_get_int(table, "dropped_rows", 0);
    const int64_t values = wr_node_get_int(table, "dropped_values", 0);
    wr_buf_clear(out);
    if (rows > 0 || values > 0)
        wr_buf_printf(out, "%lld rows, %lld values", (long long)rows, (long long)values);
}

/* Without dlt's own, which each table has. */
static void put_columns(wr_buf *out, const wr_node *columns)
{
    wr_buf_clear(out);
    for each (column, columns) {
        const weir_str name = wr_node_get_text(column, "column");
        if (!wr_str_starts(name, wr_lit("_dlt_")))
            wr_buf_printf(out, "%s%.*s %.*s", out->len ? ", " : "", WR_STR(name),
                          WR_STR(wr_node_get_text(column, "type")));
    }
}

static void print_tables(const wr_node *tables)
{
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    wr_auto(grid) wr_grid grid = { 0 };
    wr_grid_column(&grid, wr_lit("table"), false);
    wr_grid_column(&grid, wr_lit("rows"), true);
    wr_grid_column(&grid, wr_lit("write"), false);
    wr_grid_column(&grid, wr_lit("contract"), false);
    wr_grid_column(&grid, wr_lit("dropped by it"), false);
    wr_grid_column(&grid, wr_lit("columns"), false);
    for each (table, tables) {
        wr_grid_cell(&grid, wr_node_get_text(table, "table"));
        wr_grid_int(&grid, wr_node_get_int(table, "rows", 0));
        wr_grid_cell(&grid, wr_node_get_text(table, "write"));
        put_contract(&text, wr_node_get(table, "contract"));
        wr_grid_cell(&grid, wr_buf_view(&text));
        put_dropped(&text, table);
        wr_grid_cell(&grid, wr_buf_view(&text));
        put_columns(&text, wr_node_get(table, "columns"));
        wr_grid_cell(&grid, wr_buf_view(&text));
    }
    wr_grid_end(&grid);
}

static void put_side(wr_buf *out, const wr_node *change, const char *side)
{
    const wr_node *value = wr_node_get(change, side);
    if (value && value->kind != WR_NODE_NULL)
        wr_node_write(out, value, WR_JSON_COMPACT);
    else
        wr_buf_cstr(out, "(none)");
}

/* Properties that get another value; tables and columns that come are in the statements. */
static void print_properties(const wr_node *changes)
{
    bool titled = false;
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    for each (change, changes) {
        const weir_str property = wr_node_get_text(change, "property");
        const weir_str table = wr_node_get_text(change, "table");
        const weir_str column = wr_node_get_text(change, "column");
        if (property.len == 0 || wr_str_starts(property, wr_lit("x-normalizer")))
            continue;
        if (!titled)
            puts("\nwhat would change in the schema:\n");
        titled = true;
        wr_buf_clear(&text);
        put_side(&text, change, "before");
        wr_buf_cstr(&text, " -> ");
        put_side(&text, change, "after");
        printf("~ %.*s%s%.*s %.*s: %s\n", WR_STR(table.len ? table : wr_lit("(schema)")),
               column.len ? "." : "", WR_STR(column), WR_STR(property), wr_buf_text(&text));
    }
}

static void print_statements(const char *title, const wr_node *statements)
{
    if (!statements || statements->count == 0)
        return;
    printf("\n%s:\n\n", title);
    for each (statement, statements)
        printf("%.*s;\n", WR_STR(statement->text));
}

static void print_samples(const wr_node *tables)
{
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    for each (table, tables) {
        const wr_node *sample = wr_node_get(table, "sample");
        if (!sample || sample->count == 0)
            continue;
        printf("\nsample of %.*s:\n\n", WR_STR(wr_node_get_text(table, "table")));
        for each (row, sample) {
            wr_buf_clear(&text);
            wr_node_write(&text, row, WR_JSON_COMPACT);
            printf("%s\n", wr_buf_text(&text));
        }
    }
}

static void print_load(const wr_node *load)
{
    const int64_t bad_rows = wr_node_get_int(load, "bad_rows", 0);
    if (wr_node_get_bool(load, "waiting", false))
        puts("\nfirst what an earlier run has extracted:");
    putchar('\n');
    print_tables(wr_node_get(load, "tables"));
    if (bad_rows > 0)
        printf("%lld bad rows would go to the quarantine\n", (long long)bad_rows);
    print_properties(wr_node_get(load, "changes"));
    print_statements("what would be made", wr_node_get(load, "ddl"));
    print_statements("what would become of rows, beside inserting them", wr_node_get(load, "sql"));
    print_samples(wr_node_get(load, "tables"));
}

static void print_run(const wr_node *run)
{
    static const char *const facts[] = { "pipeline", "destination", "dataset", "location",
                                         "rights" };
    for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
        if (wr_node_get(run, facts[i]))
            wr_print_fact(facts[i], wr_node_get_text(run, facts[i]));
    const wr_node *settings = wr_node_get(run, "settings");
    const wr_node *loads = wr_node_get(run, "loads");
    print_settings(settings);
    for each (load, loads)
        print_load(load);
    putchar('\n');
}

void wr_plan_print(const wr_node *doc)
{
    const wr_node *runs = wr_node_get(doc, "runs");
    for each (run, runs)
        print_run(run);
    printf("result: %.*s\n", WR_STR(wr_node_get_text(doc, "result")));
}
