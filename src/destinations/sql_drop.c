/* What a load takes away before its rows come: tables, rows of earlier loads, stored schemas. */
#include "base/ctx.h"
#include "base/fault.h"
#include "base/str.h"
#include "destinations/sql_parts.h"

static weir_status drop_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset, weir_str name)
{
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_find_table(cx, sql, dataset, name, &known));
    if (!known->exists)
        return WEIR_OK;
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    const weir_str table = wr_sql_path(dataset, &path, name);
    wr_buf_printf(&statement, "DROP TABLE IF EXISTS %.*s", WR_STR(table));
    WEIR_TRY(wr_sql_execute(cx, sql, WEIR_STEP_SHAPE, &statement));
    wr_map_clear(&known->columns);
    known->exists = false;
    return WEIR_OK;
}

static weir_status forget_schemas(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset,
                                  weir_str schema)
{
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_find_table(cx, sql, dataset, wr_lit("_dlt_version"), &known));
    if (!known->exists)
        return WEIR_OK;
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_buf_printf(&statement, "DELETE FROM %.*s.\"_dlt_version\" WHERE \"schema_name\" = ",
                  WR_STR(dataset->path));
    wr_sql_text(&statement, schema);
    return wr_sql_execute(cx, sql, WEIR_STEP_ROWS, &statement);
}

weir_status wr_sql_drop(weir_ctx *cx, void *self, const weir_load_job *load, const weir_str *tables,
                        size_t count)
{
    wr_sql *sql = self;
    wr_sql_dataset *const datasets[] = { &sql->dataset, &sql->staging };
    for (size_t i = 0; i < sizeof(datasets) / sizeof(*datasets); i++) {
        for (size_t k = 0; k < count; k++)
            WEIR_TRY(wr_context(cx, drop_table(cx, sql, datasets[i], tables[k]),
                                "dropping table '%.*s'", WR_STR(tables[k])));
        WEIR_TRY(wr_fault(cx, "load.drop"));
        WEIR_TRY(forget_schemas(cx, sql, datasets[i], load->schema_name));
    }
    return WEIR_OK;
}

weir_status wr_sql_clear_table(weir_ctx *cx, wr_sql *sql, const wr_sql_dataset *dataset,
                               weir_str table, wr_sql_table *known)
{
    if (known->settled)
        return WEIR_OK;
    wr_auto(buf) wr_buf path = wr_buf_max(WR_SQL_MAX);
    wr_auto(buf) wr_buf statement = wr_buf_max(WR_SQL_MAX);
    wr_sql_empty_table(sql, &statement, wr_sql_path(dataset, &path, table));
    WEIR_TRY(wr_sql_execute(cx, sql, WEIR_STEP_ROWS, &statement));
    known->settled = true;
    return WEIR_OK;
}

static weir_status empty(weir_ctx *cx, wr_sql *sql, const weir_table *table)
{
    wr_sql_table *known = NULL;
    WEIR_TRY(wr_sql_fit_table(cx, sql, &sql->dataset, table, &known));
    WEIR_TRY(wr_sql_clear_table(cx, sql, &sql->dataset, table->name, known));
    return wr_fault(cx, "load.empty");
}

weir_status wr_sql_empty(weir_ctx *cx, void *self, const weir_table *table)
{
    return wr_context(cx, empty(cx, self, table), "emptying table '%.*s'", WR_STR(table->name));
}
