/* One table: its typed columns, read from its document. */
#include "schema/schema_parts.h"

#include <limits.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- properties ---- */

/* A boolean property that is a hint when it has the value `when`. */
static const struct {
    const char *name;
    unsigned hint;
    bool when;
} HINTS[] = {
    { "nullable", WEIR_HINT_NOT_NULL, false },
    { "primary_key", WEIR_HINT_PRIMARY_KEY, true },
    { "merge_key", WEIR_HINT_MERGE_KEY, true },
    { "unique", WEIR_HINT_UNIQUE, true },
    { "row_key", WEIR_HINT_ROW_KEY, true },
    { "parent_key", WEIR_HINT_PARENT_KEY, true },
    { "root_key", WEIR_HINT_ROOT_KEY, true },
    { "variant", WEIR_HINT_VARIANT, true },
    { "timezone", WEIR_HINT_NO_TIMEZONE, false },
    { "hard_delete", WEIR_HINT_HARD_DELETE, true },
    { "x-valid-from", WEIR_HINT_VALID_FROM, true },
    { "x-valid-to", WEIR_HINT_VALID_TO, true },
    { "x-row-version", WEIR_HINT_ROW_VERSION, true },
};

/* Properties whose default is not false. */
static const struct {
    const char *name;
    wr_node_kind standard; /* WR_NODE_NULL: only null itself */
} DEFAULTS[] = {
    { "name", WR_NODE_NULL },  { "data_type", WR_NODE_NULL }, { "precision", WR_NODE_NULL },
    { "scale", WR_NODE_NULL }, { "nullable", WR_NODE_TRUE },  { "timezone", WR_NODE_TRUE },
};

const char *weir_type_name(weir_type type)
{
    static const char *const NAMES[] = {
#define X(name, text) [WEIR_##name] = text,
        WEIR_TYPES(X)
#undef X
    };
    return (size_t)type < sizeof(NAMES) / sizeof(*NAMES) ? NAMES[type] : "";
}

weir_type wr_type_find(weir_str name)
{
    for (weir_type type = WEIR_NO_TYPE + 1; type <= WEIR_TYPE_JSON; type++)
        if (wr_str_eq(name, weir_str_of(weir_type_name(type))))
            return type;
    return WEIR_NO_TYPE;
}

bool wr_column_is_complete(const wr_node *column)
{
    return wr_node_get_text(column, "name").len > 0 &&
           wr_node_get_text(column, "data_type").len > 0;
}

bool wr_column_is_default(weir_str property, const wr_node *value)
{
    if (wr_str_eq(property, wr_lit("x-active-record-timestamp")))
        return false; /* null is a choice here: active records have no end */
    if (value->kind == WR_NODE_NULL)
        return true;
    for (size_t i = 0; i < sizeof(DEFAULTS) / sizeof(*DEFAULTS); i++)
        if (wr_str_eq(property, weir_str_of(DEFAULTS[i].name)))
            return value->kind == DEFAULTS[i].standard;
    return value->kind == WR_NODE_FALSE;
}

/* ---- columns ---- */

static weir_status check_column(weir_ctx *cx, weir_status status, weir_str table,
                                const wr_node *doc)
{
    if (doc->kind != WR_NODE_OBJECT)
        return weir_fail(cx, status, "column '%.*s' of table '%.*s' is no JSON object",
                         WR_STR(doc->key), WR_STR(table));

    const wr_node *type = wr_node_get(doc, "data_type");
    if (!type || type->kind == WR_NODE_NULL || wr_type_find(type->text) != WEIR_NO_TYPE)
        return WEIR_OK;
    return weir_fail(cx, status, "column '%.*s' of table '%.*s' has the unknown data type '%.*s'",
                     WR_STR(doc->key), WR_STR(table), WR_STR(type->text));
}

weir_status wr_table_check(weir_ctx *cx, weir_status status, weir_str name, const wr_node *doc)
{
    if (name.len == 0)
        return weir_fail(cx, status, "a table has no name");
    const wr_node *columns = wr_node_get(doc, "columns");
    if (!columns || columns->kind != WR_NODE_OBJECT)
        return weir_fail(cx, status, "table '%.*s' has no object 'columns'", WR_STR(name));

    for (const wr_node *column = columns->first; column; column = column->next)
        WEIR_TRY(check_column(cx, status, name, column));
    const wr_node *filters = wr_node_get(doc, "filters");
    WEIR_TRY(wr_regexes_check(cx, wr_node_get(filters, "excludes")));
    return wr_regexes_check(cx, wr_node_get(filters, "includes"));
}

static unsigned read_hints(const wr_node *doc)
{
    unsigned hints = 0;
    for (size_t i = 0; i < sizeof(HINTS) / sizeof(*HINTS); i++)
        if (wr_node_get_bool(doc, HINTS[i].name, !HINTS[i].when) == HINTS[i].when)
            hints |= HINTS[i].hint;
    const weir_str sort = wr_node_get_text(doc, "dedup_sort");
    if (sort.len > 0)
        hints |= wr_str_eq(sort, wr_lit("desc")) ? WEIR_HINT_DEDUP_DESC : WEIR_HINT_DEDUP_ASC;
    return hints;
}

static int read_size(const wr_node *doc, const char *property)
{
    const int64_t size = wr_node_get_int(doc, property, 0);
    return size > 0 && size <= INT_MAX ? (int)size : 0;
}

static void read_columns(wr_table *table, const wr_node *docs)
{
    weir_column *columns = wr_arena_new_array(&table->arena, docs->count, weir_column);
    size_t count = 0;
    for (const wr_node *doc = docs->first; doc; doc = doc->next) {
        columns[count++] = (weir_column){
            .name = doc->key,
            .type = wr_type_find(wr_node_get_text(doc, "data_type")),
            .precision = read_size(doc, "precision"),
            .scale = read_size(doc, "scale"),
            .hints = read_hints(doc),
        };
        wr_map_put(&table->by_name, doc->key, NULL);
    }
    table->pub.columns = columns;
    table->pub.column_count = count;
}

/* ---- the table ---- */

/* A property that root tables have always: dlt fills it in when it reads a schema without. */
static weir_str root_text(const wr_table *table, const char *property, weir_str standard)
{
    const weir_str text = wr_node_get_text(table->doc, property);
    return text.len == 0 && table->pub.parent.len == 0 ? standard : text;
}

wr_table *wr_table_new(wr_arena *arena, weir_str name, const wr_node *doc)
{
    wr_table *table = wr_new(wr_table);
    table->arena = *arena;
    *arena = (wr_arena){ 0 };
    atomic_init(&table->refs, 1);

    table->doc = doc;
    table->pub.name = wr_arena_str(&table->arena, name);
    table->pub.parent = wr_node_get_text(doc, "parent");
    table->resource = root_text(table, "resource", table->pub.name);
    table->pub.file_format = wr_node_get_text(doc, "file_format");
    table->write = root_text(table, "write_disposition", wr_lit("append"));
    table->seen_data = wr_node_get_bool(wr_node_get(doc, "x-normalizer"), "seen-data", false);
    read_columns(table, wr_node_get(doc, "columns"));
    return table;
}

wr_table *wr_table_hold(wr_table *table)
{
    atomic_fetch_add(&table->refs, 1);
    return table;
}

void wr_table_drop(wr_table *table)
{
    if (!table || atomic_fetch_sub(&table->refs, 1) > 1)
        return;
    wr_map_done(&table->by_name);
    wr_arena_done(&table->arena);
    wr_free(table);
}

bool wr_table_is_new(const wr_table *table)
{
    for (size_t i = 0; table && i < table->pub.column_count; i++)
        if (table->pub.columns[i].type != WEIR_NO_TYPE)
            return false;
    return true;
}

ptrdiff_t wr_table_column(const wr_table *table, weir_str name)
{
    return wr_map_find(&table->by_name, name);
}
