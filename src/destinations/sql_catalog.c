/* The tables that the database has: looked up once and then known, made and altered to fit. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql_parts.h"

/* Every value of a set. */
static char present;

static void forget_dataset(wr_sql_dataset *dataset)
{
    for (size_t i = 0; i < dataset->tables.len; i++) {
        wr_sql_table *table = dataset->tables.entries[i].value;
        wr_map_done(&table->columns);
    }
    wr_map_clear(&dataset->tables);
    dataset->known = false;
}

void wr_sql_forget(wr_sql *sql)
{
    forget_dataset(&sql->dataset);
    forget_dataset(&sql->staging);
    wr_arena_reset(&sql->catalog);
}

weir_str wr_sql_path(const wr_sql_dataset *dataset, wr_buf *out, weir_str table)
{
    wr_buf_printf(out, "%.*s.", WR_STR(dataset->path));
    wr_sql_ident(out, table);
    return wr_buf_view(out);
}

/* A name as the database compares it, in the catalog's memory. */
static weir_str compared(wr_sql *sql, weir_str name)
{
    if (sql->driver->dialect.case_sensitive)
        return wr_arena_str(&sql->catalog, name);
    char *text = wr_arena_alloc(&sql->catalog, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (weir_str){ text, name.len };
}

/* Each statement looks its names up, so a look-up must leave no memory behind. */
static void *find_name(wr_sql *sql, const wr_map *map, weir_str name)
{
    const wr_arena_mark mark = wr_arena_here(&sql->catalog);
    void *found = wr_map_get(map, compared(sql, name));
    wr_arena_back(&sql->catalog, mark);
    return found;
}

static void add_column(wr_sql *sql, wr_sql_table *table, weir_str column)
{
    wr_map_put(&table->columns, compared(sql, column), &present);
}

static weir_status look_up_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset, weir_str name,
                                 wr_sql_table **ret)
{
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_sql_columns columns = { 0 };
    bool exists = false;
    WEIR_TRY(sql->driver->columns(cx, sql, wr_sql_path(dataset, &path, name), &sql->catalog,
                                  &columns, &exists));
    wr_sql_table *table = wr_arena_new(&sql->catalog, wr_sql_table);
    table->exists = exists;
    for (size_t i = 0; i < columns.len; i++)
        add_column(sql, table, columns.ptr[i]);
    wr_map_put(&dataset->tables, compared(sql, name), table);
    *ret = table;
    return WEIR_OK;
}

weir_status wr_sql_find_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset, weir_str name,
                              wr_sql_table **ret)
{
    wr_sql_table *table = find_name(sql, &dataset->tables, name);
    if (!table)
        return look_up_table(cx, sql, dataset, name, ret);
    *ret = table;
    return WEIR_OK;
}

weir_status wr_sql_find_dataset(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset)
{
    if (dataset->known)
        return WEIR_OK;
    bool found = false;
    for (size_t i = 0; i < dataset->tables.len && !found; i++)
        found = ((const wr_sql_table *)dataset->tables.entries[i].value)->exists;
    if (!found)
        WEIR_TRY(sql->driver->has_schema(cx, sql, dataset->name, &found));
    dataset->exists = found;
    dataset->known = true;
    return WEIR_OK;
}

weir_status wr_sql_need_dataset(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset)
{
    WEIR_TRY(wr_sql_find_dataset(cx, sql, dataset));
    if (dataset->exists)
        return WEIR_OK;
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement, "CREATE SCHEMA %.*s", WR_STR(dataset->path));
    WEIR_TRY(wr_sql_execute(cx, sql, WEIR_STEP_SHAPE, &statement));
    dataset->exists = true;
    return WEIR_OK;
}

static void unsettle_dataset(wr_sql_dataset *dataset)
{
    for (size_t i = 0; i < dataset->tables.len; i++)
        ((wr_sql_table *)dataset->tables.entries[i].value)->settled = false;
}

void wr_sql_unsettle(wr_sql *sql)
{
    unsettle_dataset(&sql->dataset);
    unsettle_dataset(&sql->staging);
}

static weir_status create_table(weir_ctx *cx, wr_sql *sql, wr_sql_table *known, weir_str path,
                                const weir_table *table)
{
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    WEIR_TRY(wr_sql_create_table(cx, sql, &statement, path, table));
    WEIR_TRY(wr_sql_execute(cx, sql, WEIR_STEP_SHAPE, &statement));
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type != WEIR_NO_TYPE)
            add_column(sql, known, table->columns[i].name);
    }
    known->exists = true;
    known->settled = true;
    return WEIR_OK;
}

static weir_status alter_table(weir_ctx *cx, wr_sql *sql, wr_sql_table *known, weir_str path,
                               const weir_column *column)
{
    if (column->hints & WEIR_HINT_NOT_NULL)
        weir_warn(cx,
                  "column '%.*s' is added to %.*s as one that may be null: "
                  "the rows that are there have no value for it",
                  WR_STR(column->name), WR_STR(path));
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    WEIR_TRY(wr_sql_add_column(cx, sql, &statement, path, column));
    WEIR_TRY(wr_sql_execute(cx, sql, WEIR_STEP_SHAPE, &statement));
    add_column(sql, known, column->name);
    return WEIR_OK;
}

weir_status wr_sql_fit_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset,
                             const weir_table *table, wr_sql_table **ret)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(WR_SQL_MAX);
    const weir_str path = wr_sql_path(dataset, &buf, table->name);
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_find_table(cx, sql, dataset, table->name, &known));
    *ret = known;
    if (!known->exists)
        return create_table(cx, sql, known, path, table);
    for (size_t i = 0; i < table->column_count; i++) {
        const weir_column *column = &table->columns[i];
        if (column->type != WEIR_NO_TYPE && !find_name(sql, &known->columns, column->name))
            WEIR_TRY(alter_table(cx, sql, known, path, column));
    }
    return WEIR_OK;
}
