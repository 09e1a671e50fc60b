/* weir show, weir sql: what the destination of a pipeline's last load holds. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/vec.h"
#include "cli/result.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "pipeline/run.h"

#define SQL_MAX ((size_t)4 << 20)
#define LOADS_SHOWN 5

/* ---- weir sql ---- */

static weir_status print_lines(weir_ctx *cx, wr_result *result)
{
    wr_auto(buf) wr_buf line = wr_buf_max(WR_CELL_MAX);
    for (;;) {
        bool found;
        WEIR_TRY(wr_result_next(cx, result, &found));
        if (!found)
            return WEIR_OK;
        wr_buf_clear(&line);
        WEIR_TRY(wr_result_json(cx, result, &line));
        wr_buf_char(&line, '\n');
        fwrite(line.ptr, 1, line.len, stdout);
    }
}

static weir_status add_cells(weir_ctx *cx, const wr_result *result, wr_buf *text, wr_grid *grid)
{
    for (size_t i = 0; i < wr_result_columns(result); i++) {
        WEIR_TRY(wr_result_text(cx, result, i, text));
        wr_grid_cell(grid, wr_result_null(result, i) ? wr_lit("NULL") : wr_buf_view(text));
    }
    return WEIR_OK;
}

static weir_status print_table(weir_ctx *cx, wr_result *result)
{
    wr_auto(grid) wr_grid grid = { 0 };
    for (size_t i = 0; i < wr_result_columns(result); i++)
        wr_grid_column(&grid, wr_result_name(result, i), wr_result_is_number(result, i));

    wr_auto(buf) wr_buf text = wr_buf_max(WR_CELL_MAX);
    for (;;) {
        bool found;
        WEIR_TRY(wr_result_next(cx, result, &found));
        if (!found)
            break;
        WEIR_TRY(add_cells(cx, result, &text, &grid));
    }
    wr_grid_end(&grid);
    return WEIR_OK;
}

weir_status wr_command_sql(weir_ctx *cx, const wr_call *call)
{
    wr_auto(last) wr_last last = { 0 };
    WEIR_TRY(wr_result_last(cx, weir_str_of(call->words[0]), &last));
    wr_auto(result) wr_result result = { 0 };
    WEIR_TRY(wr_result_open(cx, &last, weir_str_of(call->words[1]), &result));
    return wr_call_flag(call, "json") ? print_lines(cx, &result) : print_table(cx, &result);
}

/* ---- weir show ---- */

typedef struct shown_table {
    weir_str name;
    int64_t rows;
    wr_node *columns; /* [{"name", "type"}] */
} shown_table;

typedef struct overview {
    wr_arena *arena;
    const wr_last *last;
    wr_vec(shown_table) tables;
    wr_node *loads; /* [{"load_id", "status", "inserted_at", "schema_name"}], newest first */
} overview;

/* A row of table, column, type; tables come in one piece. */
static weir_status take_column(weir_ctx *cx, void *self, const wr_result *row)
{
    overview *o = self;
    weir_str text[3];
    for (size_t i = 0; i < 3; i++)
        WEIR_TRY(wr_result_str(cx, row, i, o->arena, &text[i]));

    const size_t count = o->tables.len;
    if (count == 0 || !wr_str_eq(o->tables.ptr[count - 1].name, text[0]))
        *wr_vec_push(&o->tables) =
            (shown_table){ .name = text[0], .columns = wr_node_new(o->arena, WR_NODE_ARRAY) };
    wr_node *column = wr_node_new(o->arena, WR_NODE_OBJECT);
    wr_node_set(o->arena, column, wr_lit("name"), wr_node_text(o->arena, text[1]));
    wr_node_set(o->arena, column, wr_lit("type"), wr_node_text(o->arena, text[2]));
    wr_node_append(o->tables.ptr[o->tables.len - 1].columns, column);
    return WEIR_OK;
}

/* The user's tables come before weir's own. */
static weir_status read_tables(weir_ctx *cx, overview *o)
{
    wr_auto(buf) wr_buf sql = wr_buf_max(SQL_MAX);
    wr_buf_cstr(&sql, "select table_name, column_name, data_type from information_schema.columns "
                      "where table_schema = ");
    wr_put_literal(&sql, o->last->dataset);
    wr_buf_cstr(&sql, " order by case when left(table_name, 5) = '_dlt_' then 1 else 0 end, "
                      "table_name, ordinal_position");
    return wr_result_each(cx, o->last, &sql, take_column, o);
}

/* A row of number of the table, count. */
static weir_status take_count(weir_ctx *cx, void *self, const wr_result *row)
{
    overview *o = self;
    int64_t numbers[2] = { 0 };
    for (size_t i = 0; i < 2; i++) {
        weir_str text;
        WEIR_TRY(wr_result_str(cx, row, i, o->arena, &text));
        if (!wr_int_parse(text, &numbers[i]))
            return weir_fail(cx, WEIR_INTERNAL, "a count of rows is no number: '%.*s'",
                             WR_STR(text));
    }
    wr_assert(numbers[0] >= 0 && (size_t)numbers[0] < o->tables.len);
    o->tables.ptr[numbers[0]].rows = numbers[1];
    return WEIR_OK;
}

static weir_status count_rows(weir_ctx *cx, overview *o)
{
    if (o->tables.len == 0)
        return WEIR_OK;
    wr_auto(buf) wr_buf sql = wr_buf_max(SQL_MAX);
    for (size_t i = 0; i < o->tables.len; i++) {
        wr_buf_printf(&sql, "%sselect %zu, count(*) from ", i ? " union all " : "", i);
        wr_put_table(&sql, o->last->dataset, o->tables.ptr[i].name);
    }
    return wr_result_each(cx, o->last, &sql, take_count, o);
}

static const char *const load_columns[] = { "load_id", "status", "inserted_at", "schema_name" };
enum { LOAD_COLUMNS = sizeof(load_columns) / sizeof(*load_columns) };

static weir_status take_load(weir_ctx *cx, void *self, const wr_result *row)
{
    overview *o = self;
    wr_node *load = wr_node_new(o->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < LOAD_COLUMNS; i++) {
        weir_str text;
        WEIR_TRY(wr_result_str(cx, row, i, o->arena, &text));
        int64_t number;
        const bool as_number = wr_result_is_number(row, i) && wr_int_parse(text, &number);
        wr_node_set(o->arena, load, weir_str_of(load_columns[i]),
                    as_number ? wr_node_int(o->arena, number) : wr_node_text(o->arena, text));
    }
    wr_node_append(o->loads, load);
    return WEIR_OK;
}

static bool has_table(const overview *o, weir_str name)
{
    for (size_t i = 0; i < o->tables.len; i++)
        if (wr_str_eq(o->tables.ptr[i].name, name))
            return true;
    return false;
}

static weir_status read_loads(weir_ctx *cx, overview *o)
{
    o->loads = wr_node_new(o->arena, WR_NODE_ARRAY);
    if (!has_table(o, wr_lit("_dlt_loads")))
        return WEIR_OK;
    wr_auto(buf) wr_buf sql = wr_buf_max(SQL_MAX);
    wr_buf_cstr(&sql, "select ");
    for (size_t i = 0; i < LOAD_COLUMNS; i++)
        wr_buf_printf(&sql, "%s%s", i ? ", " : "", load_columns[i]);
    wr_buf_cstr(&sql, " from ");
    wr_put_table(&sql, o->last->dataset, wr_lit("_dlt_loads"));
    wr_buf_printf(&sql, " order by load_id desc limit %d", LOADS_SHOWN);
    return wr_result_each(cx, o->last, &sql, take_load, o);
}

/* "id BIGINT, name VARCHAR" */
static weir_str column_list(wr_arena *arena, const wr_node *columns)
{
    wr_auto(buf) wr_buf text = wr_buf_max(SQL_MAX);
    for (const wr_node *column = columns->first; column; column = column->next)
        wr_buf_printf(&text, "%s%.*s %.*s", text.len ? ", " : "",
                      WR_STR(wr_node_get_text(column, "name")),
                      WR_STR(wr_node_get_text(column, "type")));
    return wr_arena_str(arena, wr_buf_view(&text));
}

static void print_tables(const overview *o)
{
    wr_auto(grid) wr_grid grid = { 0 };
    wr_grid_column(&grid, wr_lit("table"), false);
    wr_grid_column(&grid, wr_lit("rows"), true);
    wr_grid_column(&grid, wr_lit("columns"), false);
    for (size_t i = 0; i < o->tables.len; i++) {
        const shown_table *table = &o->tables.ptr[i];
        wr_grid_cell(&grid, table->name);
        wr_grid_int(&grid, table->rows);
        wr_grid_cell(&grid, column_list(o->arena, table->columns));
    }
    wr_grid_end(&grid);
}

static void print_loads(const overview *o)
{
    wr_auto(grid) wr_grid grid = { 0 };
    for (size_t i = 0; i < LOAD_COLUMNS; i++)
        wr_grid_column(&grid, weir_str_of(load_columns[i]), i == 1);
    for (const wr_node *load = o->loads->first; load; load = load->next)
        for (const wr_node *cell = load->first; cell; cell = cell->next)
            wr_grid_cell(&grid, cell->text);
    wr_grid_end(&grid);
}

static void print_text(const overview *o, weir_str pipeline, weir_str location)
{
    wr_print_fact("pipeline", pipeline);
    wr_print_fact("destination", weir_str_of(o->last->destination->name));
    wr_print_fact("dataset", o->last->dataset);
    wr_print_fact("location", location);
    putchar('\n');
    print_tables(o);
    if (o->loads->count == 0)
        return;
    putchar('\n');
    print_loads(o);
}

static weir_status print_json(weir_ctx *cx, const overview *o, weir_str pipeline, weir_str location)
{
    wr_node *node = wr_node_new(o->arena, WR_NODE_OBJECT);
    wr_node_set_text(o->arena, node, "pipeline", pipeline);
    wr_node_set_text(o->arena, node, "destination", weir_str_of(o->last->destination->name));
    wr_node_set_text(o->arena, node, "dataset", o->last->dataset);
    wr_node_set_text(o->arena, node, "location", location);

    wr_node *tables = wr_node_new(o->arena, WR_NODE_ARRAY);
    for (size_t i = 0; i < o->tables.len; i++) {
        wr_node *table = wr_node_new(o->arena, WR_NODE_OBJECT);
        wr_node_set_text(o->arena, table, "name", o->tables.ptr[i].name);
        wr_node_set(o->arena, table, wr_lit("rows"), wr_node_int(o->arena, o->tables.ptr[i].rows));
        wr_node_set(o->arena, table, wr_lit("columns"), o->tables.ptr[i].columns);
        wr_node_append(tables, table);
    }
    wr_node_set(o->arena, node, wr_lit("tables"), tables);
    wr_node_set(o->arena, node, wr_lit("loads"), o->loads);
    return wr_print_json(cx, node);
}

static weir_status print_overview(weir_ctx *cx, overview *o, weir_str pipeline, bool json)
{
    WEIR_TRY(read_tables(cx, o));
    WEIR_TRY(count_rows(cx, o));
    WEIR_TRY(read_loads(cx, o));

    const weir_destination *destination = o->last->destination;
    const weir_str location =
        destination->location ? destination->location(o->last->self) : wr_lit("");
    if (json)
        return print_json(cx, o, pipeline, location);
    print_text(o, pipeline, location);
    return WEIR_OK;
}

weir_status wr_command_show(weir_ctx *cx, const wr_call *call)
{
    const weir_str pipeline = weir_str_of(call->words[0]);
    wr_auto(last) wr_last last = { 0 };
    WEIR_TRY(wr_result_last(cx, pipeline, &last));

    wr_auto(arena) wr_arena arena = { 0 };
    overview o = { .arena = &arena, .last = &last };
    const weir_status status = print_overview(cx, &o, pipeline, wr_call_flag(call, "json") != NULL);
    wr_vec_done(&o.tables);
    return status;
}
