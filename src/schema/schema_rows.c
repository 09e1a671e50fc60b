/* What the tables of a schema say of their rows: how ids are made, which columns are taken away. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- row ids ---- */

weir_str wr_schema_merge_strategy(const wr_schema *schema, const wr_table *table)
{
    weir_str strategy = { 0 };
    for (; table && !strategy.len; table = wr_schema_table(schema, table->pub.parent))
        strategy = wr_node_get_text(table->doc, "x-merge-strategy");
    return strategy;
}

/* The first column that holds the version of a row: it is what a row's digest is for. */
static weir_str row_version_column(const wr_table *table)
{
    const wr_node *columns = wr_node_get(table->doc, "columns");
    for (const wr_node *column = columns->first; column; column = column->next)
        if (wr_node_get_bool(column, "x-row-version", false))
            return column->key;
    return (weir_str){ 0 };
}

wr_row_ids wr_schema_row_ids(const wr_schema *schema, const wr_table *table, weir_str id)
{
    static const char *const BY_KEY[] = { "upsert", "insert-only", "cdc" };
    if (!table || schema->no_merge || !wr_str_eq(table->write, wr_lit("merge")))
        return WR_ROW_IDS_RANDOM;
    const weir_str strategy = wr_schema_merge_strategy(schema, table);
    for (size_t i = 0; i < sizeof(BY_KEY) / sizeof(*BY_KEY); i++)
        if (wr_str_eq(strategy, weir_str_of(BY_KEY[i])))
            return WR_ROW_IDS_OF_KEY;
    const bool versions = wr_str_eq(strategy, wr_lit("scd2"));
    return versions && wr_str_eq(row_version_column(table), id) ? WR_ROW_IDS_OF_ROW
                                                                : WR_ROW_IDS_RANDOM;
}

/* ---- filters ---- */

/* Most parts of a table's name that filters are looked for at. */
#define PARTS_MAX 64

/* A table's name in parts, for the filters of the tables that its beginnings name. */
typedef struct filter_path {
    weir_str parts[PARTS_MAX];
    size_t count;
} filter_path;

static void break_name(const wr_naming *naming, weir_str table, filter_path *ret)
{
    ret->count = wr_name_break(naming, table, ret->parts, PARTS_MAX);
}

/* The filters of the table that the first `count` parts name; NULL: none. */
static const wr_node *filters_at(const wr_schema *schema, const wr_naming *naming, wr_arena *arena,
                                 const filter_path *path, size_t count)
{
    const wr_table *table =
        wr_schema_table(schema, wr_name_make(naming, arena, path->parts, count));
    const wr_node *filters = table ? wr_node_get(table->doc, "filters") : NULL;
    const wr_node *excludes = wr_node_get(filters, "excludes");
    return excludes && excludes->count ? filters : NULL;
}

bool wr_schema_filters(const wr_schema *schema, const wr_naming *naming, weir_str table)
{
    wr_auto(arena) wr_arena arena = { 0 };
    filter_path path;
    break_name(naming, table, &path);
    for (size_t i = path.count; i > 0; i--)
        if (filters_at(schema, naming, &arena, &path, i))
            return true;
    return false;
}

/* Is the column, by its path below the table that has the filters, taken away and not let in again? */
static bool excludes(const wr_node *filters, weir_str path)
{
    const wr_node *includes = wr_node_get(filters, "includes");
    return wr_regexes_match(wr_node_get(filters, "excludes"), path) &&
           !(includes && wr_regexes_match(includes, path));
}

bool wr_schema_excludes(const wr_schema *schema, const wr_naming *naming, weir_str table,
                        weir_str column)
{
    wr_auto(arena) wr_arena arena = { 0 };
    filter_path path;
    break_name(naming, table, &path);
    for (size_t i = path.count; i > 0; i--) {
        const wr_node *filters = filters_at(schema, naming, &arena, &path, i);
        if (!filters)
            continue;
        const weir_str rest = wr_name_make(naming, &arena, path.parts + i, path.count - i);
        const weir_str ends[] = { rest, column };
        if (excludes(filters, wr_name_make(naming, &arena, ends, 2)))
            return true;
    }
    return false;
}

/* ---- columns without a type ---- */

/* What makes it impossible to do without the column; NULL: nothing. */
static const char *needed_as(const weir_column *column)
{
    if (!(column->hints & WEIR_HINT_NOT_NULL))
        return NULL;
    if (column->hints & WEIR_HINT_MERGE_KEY)
        return "merge key";
    return column->hints & WEIR_HINT_PRIMARY_KEY ? "primary key" : "column that must not be null";
}

static void list_name(wr_buf *list, weir_str name)
{
    wr_buf_printf(list, "%s'%.*s'", list->len ? ", " : "", WR_STR(name));
}

static bool is_listed(const weir_str *names, size_t count, weir_str name)
{
    for (size_t i = 0; i < count; i++)
        if (wr_str_eq(names[i], name))
            return true;
    return false;
}

static void warn_of(weir_ctx *cx, const wr_table *table, wr_buf *list, const char *what)
{
    if (list->len)
        weir_warn(cx, "table '%.*s': no values came for %s, which %s", WR_STR(table->pub.name),
                  wr_buf_text(list), what);
}

weir_status wr_schema_check_bound(weir_ctx *cx, const wr_schema *schema, weir_str name,
                                  const weir_str *nulls, size_t count)
{
    const wr_table *table = wr_schema_table(schema, name);
    wr_auto(buf) wr_buf declared = wr_buf_max(WR_DOC_TEXT_MAX);
    wr_auto(buf) wr_buf unknown = wr_buf_max(WR_DOC_TEXT_MAX);
    for (size_t i = 0; i < table->pub.column_count; i++) {
        const weir_column *column = &table->pub.columns[i];
        if (column->type != WEIR_NO_TYPE)
            continue;
        if (needed_as(column))
            return weir_fail(cx, WEIR_SCHEMA,
                             "table '%.*s': no values came for '%.*s', a %s\n"
                             "hint: is it called so in the data? `primary_key`, `merge_key` and "
                             "`columns` of the resource name it",
                             WR_STR(name), WR_STR(column->name), needed_as(column));
        if (!is_listed(nulls, count, column->name))
            list_name(&declared, column->name);
    }
    for (size_t i = 0; i < count; i++) {
        const ptrdiff_t at = wr_table_column(table, nulls[i]);
        if (at < 0 || table->pub.columns[at].type == WEIR_NO_TYPE)
            list_name(&unknown, nulls[i]);
    }
    warn_of(cx, table, &declared, "was declared without a type: it is not made");
    warn_of(cx, table, &unknown,
            "had nulls only: it has no type and is not made unless `columns` gives it one");
    return WEIR_OK;
}
