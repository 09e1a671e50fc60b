/* Hints of resources become tables. */
#include "schema/hints.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/jsonpath.h"
#include "schema/contract.h"
#include "schema/disposition.h"
#include "schema/schema_parts.h"

/* An empty text, list or object. */
static bool is_empty(const wr_node *node)
{
    return node->text.len == 0 && node->count == 0 && node->kind != WR_NODE_TRUE;
}

static bool is_text(const wr_node *node)
{
    return node && node->kind == WR_NODE_TEXT && node->text.len > 0;
}

/* ---- columns ---- */

/* What a column may have, besides properties that begin with "x-". */
static const char *const COLUMN_PROPERTIES[] = {
    "name",        "description", "data_type",  "nullable", "precision",   "scale",
    "timezone",    "partition",   "cluster",    "unique",   "sort",        "primary_key",
    "merge_key",   "row_key",     "parent_key", "root_key", "hard_delete", "dedup_sort",
    "incremental", "variant",     NULL,
};

static weir_status check_property(weir_ctx *cx, const wr_hints *hints, const wr_node *column,
                                  const wr_node *property)
{
    if (wr_str_starts(property->key, wr_lit("x-")) ||
        wr_str_among(property->key, COLUMN_PROPERTIES))
        return WEIR_OK;
    const weir_status status =
        weir_fail(cx, WEIR_CONFIG, "resource '%.*s': column '%.*s' has the unknown property '%.*s'",
                  WR_STR(hints->resource), WR_STR(column->key), WR_STR(property->key));
    return wr_suggest(cx, status, property->key, COLUMN_PROPERTIES);
}

static weir_status check_type(weir_ctx *cx, const wr_hints *hints, const wr_node *column)
{
    const wr_node *type = wr_node_get(column, "data_type");
    if (!wr_node_is_given(type) || wr_type_find(type->text) != WEIR_NO_TYPE)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "resource '%.*s': column '%.*s' has the unknown data type '%.*s'\n"
                     "hint: it is one of text, double, bool, timestamp, bigint, binary, json, "
                     "decimal, wei, date, time",
                     WR_STR(hints->resource), WR_STR(column->key), WR_STR(type->text));
}

static weir_status add_column(weir_ctx *cx, wr_arena *arena, const wr_hints *hints, weir_str name,
                              const wr_node *given, wr_node *columns)
{
    if (given->kind != WR_NODE_OBJECT || !name.len)
        return weir_fail(cx, WEIR_CONFIG,
                         "resource '%.*s': the column '%.*s' has no name, or is no table of "
                         "properties",
                         WR_STR(hints->resource), WR_STR(name));
    wr_node *column = wr_node_copy(arena, given);
    wr_node_set(arena, column, wr_lit("name"), wr_node_text(arena, name));
    if (wr_str_eq(wr_node_get_text(column, "data_type"), wr_lit("complex")))
        wr_node_set(arena, column, wr_lit("data_type"), wr_node_text(arena, wr_lit("json")));
    wr_node_set(arena, columns, name, column);
    for (const wr_node *property = column->first; property; property = property->next)
        WEIR_TRY(check_property(cx, hints, column, property));
    return check_type(cx, hints, column);
}

static weir_status add_columns(weir_ctx *cx, wr_arena *arena, const wr_hints *hints,
                               wr_node *columns)
{
    const wr_node *given = wr_node_get(hints->doc, "columns");
    const bool listed = given && given->kind == WR_NODE_ARRAY;
    for (const wr_node *column = given ? given->first : NULL; column; column = column->next)
        WEIR_TRY(add_column(cx, arena, hints,
                            listed ? wr_node_get_text(column, "name") : column->key, column,
                            columns));
    return WEIR_OK;
}

/* ---- keys ---- */

static void add_key(wr_arena *arena, wr_node *columns, const char *key, weir_str name)
{
    wr_node *column = wr_node_get_str(columns, name);
    if (!column) {
        column = wr_node_child(arena, columns, name);
        wr_node_set(arena, column, wr_lit("name"), wr_node_text(arena, name));
    }
    if (!wr_node_get(column, "nullable"))
        wr_node_set(arena, column, wr_lit("nullable"), wr_node_bool(arena, false));
    wr_node_set(arena, column, weir_str_of(key), wr_node_bool(arena, true));
}

/* Who names a key, names all of it: the columns' own flags go. */
static weir_status set_key(weir_ctx *cx, wr_arena *arena, const wr_hints *hints, wr_node *columns,
                           const char *key)
{
    const wr_node *names = wr_node_get(hints->doc, key);
    if (!wr_node_is_given(names))
        return WEIR_OK;
    for (wr_node *column = columns->first; column; column = column->next)
        wr_node_remove(column, weir_str_of(key));
    if (is_text(names))
        add_key(arena, columns, key, names->text);
    for (const wr_node *name = names->first; name; name = name->next) {
        if (!is_text(name))
            return weir_fail(cx, WEIR_CONFIG, "resource '%.*s': '%s' lists what is no name",
                             WR_STR(hints->resource), key);
        add_key(arena, columns, key, name->text);
    }
    return WEIR_OK;
}

/* A cursor that is a plain column is marked. */
static weir_status mark_cursor(weir_ctx *cx, wr_arena *arena, const wr_hints *hints,
                               wr_node *columns)
{
    const weir_str text = wr_node_get_text(wr_node_get(hints->doc, "incremental"), "cursor_path");
    const wr_jsonpath *path = NULL;
    if (!text.len)
        return WEIR_OK;
    WEIR_TRY(wr_jsonpath_compile(cx, arena, text, &path));
    const weir_str *name = wr_jsonpath_name(path);
    if (!name)
        return WEIR_OK;
    wr_node *column = wr_node_child(arena, columns, *name);
    wr_node_set(arena, column, wr_lit("name"), wr_node_text(arena, *name));
    wr_node_set(arena, column, wr_lit("incremental"), wr_node_bool(arena, true));
    return WEIR_OK;
}

/* ---- tables ---- */

static void copy_given(wr_arena *arena, const wr_node *from, const char *name, wr_node *doc)
{
    const wr_node *value = wr_node_get(from, name);
    if (wr_node_is_given(value) && !is_empty(value))
        wr_node_set(arena, doc, weir_str_of(name), wr_node_copy(arena, value));
}

static void add_properties(wr_arena *arena, const wr_node *hints, wr_node *doc)
{
    static const char *const COPIED[] = { "schema_contract", "table_format", "file_format",
                                          "references" };
    for (size_t i = 0; i < sizeof(COPIED) / sizeof(*COPIED); i++)
        copy_given(arena, hints, COPIED[i], doc);

    const wr_node *nesting = wr_node_get(hints, "max_table_nesting");
    if (wr_node_is_given(nesting))
        wr_node_set(arena, wr_node_child(arena, doc, wr_lit("x-normalizer")), wr_lit("max_nesting"),
                    wr_node_copy(arena, nesting));
    const wr_node *others = wr_node_get(hints, "additional_table_hints");
    for (const wr_node *other = wr_node_is_given(others) ? others->first : NULL; other;
         other = other->next)
        wr_node_set(arena, doc, other->key, wr_node_copy(arena, other));
}

/* Columns and properties; what root tables and nested ones differ in is not in it. */
static weir_status table_of(weir_ctx *cx, wr_arena *arena, const wr_hints *hints, wr_node **ret)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *columns = wr_node_child(arena, doc, wr_lit("columns"));
    WEIR_TRY(add_columns(cx, arena, hints, columns));
    WEIR_TRY(set_key(cx, arena, hints, columns, "primary_key"));
    WEIR_TRY(set_key(cx, arena, hints, columns, "merge_key"));
    const weir_status status =
        wr_disposition_apply(cx, arena, wr_node_get(hints->doc, "write_disposition"), doc);
    if (status != WEIR_OK)
        return wr_context(cx, status, "resource '%.*s'", WR_STR(hints->resource));
    WEIR_TRY(mark_cursor(cx, arena, hints, columns));
    WEIR_TRY(wr_contract_check(cx, wr_node_get(hints->doc, "schema_contract")));
    add_properties(arena, hints->doc, doc);

    const wr_node *parent = wr_node_get(hints->doc, "parent_table_name");
    if (is_text(parent))
        wr_node_set(arena, doc, wr_lit("parent"), wr_node_text(arena, parent->text));
    *ret = doc;
    return WEIR_OK;
}

weir_status wr_hints_table(weir_ctx *cx, wr_arena *arena, const wr_hints *hints, wr_node **ret)
{
    wr_node *doc = NULL;
    WEIR_TRY(table_of(cx, arena, hints, &doc));
    const wr_node *name = wr_node_get(hints->doc, "table_name");
    wr_node_set_text(arena, doc, "name", is_text(name) ? name->text : hints->resource);
    if (!wr_node_get(doc, "parent")) {
        if (!wr_node_get(doc, "write_disposition"))
            wr_node_set_text(arena, doc, "write_disposition", wr_lit("append"));
        wr_node_set_text(arena, doc, "resource", hints->resource);
    }
    *ret = doc;
    return WEIR_OK;
}

/* ---- nested tables ---- */

/* Most parts of the path of a nested table. */
#define PATH_MAX_PARTS 32

/* One pair of `nested_hints`. */
typedef struct nested {
    const wr_node *path; /* a name or a list of names */
    const wr_node *hints;
} nested;

static size_t parts_of(const wr_node *path)
{
    return path->kind == WR_NODE_ARRAY ? path->count : 1;
}

static bool has_key(const wr_node *doc)
{
    static const char *const KEYS[] = { "primary_key", "merge_key" };
    const wr_node *columns = wr_node_get(doc, "columns");
    for (const wr_node *column = columns->first; column; column = column->next)
        for (size_t i = 0; i < 2; i++)
            if (wr_node_get_bool(column, KEYS[i], false))
                return true;
    return false;
}

/* The names of the nested table and of the one above it. */
static weir_status nested_names(weir_ctx *cx, wr_arena *arena, const wr_naming *naming,
                                const nested *item, weir_str table, weir_str ret[2])
{
    weir_str parts[PATH_MAX_PARTS];
    size_t count = 0;
    const size_t wanted = parts_of(item->path);
    if (wanted == 0 || wanted >= PATH_MAX_PARTS)
        return weir_fail(cx, WEIR_CONFIG, "nested hints of '%.*s' have a path of %zu parts",
                         WR_STR(table), wanted);
    WEIR_TRY(wr_name_table_identifier(cx, naming, arena, table, &parts[count++]));
    const wr_node *part = item->path->kind == WR_NODE_ARRAY ? item->path->first : item->path;
    for (; count <= wanted; part = part->next)
        WEIR_TRY(wr_name_table_identifier(cx, naming, arena, part->text, &parts[count++]));
    WEIR_TRY(wr_name_join(cx, naming, arena, parts, count, &ret[0]));
    return wr_name_join(cx, naming, arena, parts, count - 1, &ret[1]);
}

static weir_status add_nested(weir_ctx *cx, wr_arena *arena, const wr_naming *naming,
                              const wr_hints *root, const nested *item, weir_str table,
                              wr_node *ret)
{
    const wr_hints hints = { root->resource, item->hints };
    wr_node *doc = NULL;
    weir_str names[2];
    WEIR_TRY(nested_names(cx, arena, naming, item, table, names));
    WEIR_TRY(table_of(cx, arena, &hints, &doc));
    wr_node_set_text(arena, doc, "name", names[0]);
    if (!wr_node_get(doc, "parent") && !has_key(doc))
        wr_node_set_text(arena, doc, "parent", names[1]);
    if (!wr_node_get(doc, "parent"))
        wr_node_set_text(arena, doc, "resource", root->resource);
    wr_node_append(ret, doc);
    return WEIR_OK;
}

/* Pair number `i` of a list of pairs, or member of an object. */
static nested nested_at(const wr_node *item, bool listed, wr_arena *arena)
{
    if (listed)
        return (nested){ item->first, item->first ? item->first->next : NULL };
    return (nested){ wr_node_text(arena, item->key), item };
}

weir_status wr_hints_nested(weir_ctx *cx, wr_arena *arena, const wr_naming *naming,
                            const wr_hints *hints, weir_str table, wr_node **ret)
{
    const wr_node *all = wr_node_get(hints->doc, "nested_hints");
    const bool listed = all && all->kind == WR_NODE_ARRAY;
    wr_node *tables = wr_node_new(arena, WR_NODE_ARRAY);
    size_t longest = 0;
    for (size_t parts = 1; parts <= longest || parts == 1; parts++) {
        for (const wr_node *item = wr_node_is_given(all) ? all->first : NULL; item;
             item = item->next) {
            const nested pair = nested_at(item, listed, arena);
            if (!pair.path || !pair.hints)
                return weir_fail(cx, WEIR_CONFIG,
                                 "resource '%.*s': nested hints are pairs of path and hints",
                                 WR_STR(hints->resource));
            longest = parts_of(pair.path) > longest ? parts_of(pair.path) : longest;
            if (parts_of(pair.path) == parts)
                WEIR_TRY(add_nested(cx, arena, naming, hints, &pair, table, tables));
        }
    }
    *ret = tables;
    return WEIR_OK;
}

/* ---- changing hints ---- */

/* Columns in either form become those by name. */
static wr_node *columns_by_name(wr_arena *arena, const wr_node *columns)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_OBJECT);
    const bool listed = columns && columns->kind == WR_NODE_ARRAY;
    for (const wr_node *column = columns ? columns->first : NULL; column; column = column->next)
        wr_node_set(arena, ret, listed ? wr_node_get_text(column, "name") : column->key,
                    wr_node_copy(arena, column));
    return ret;
}

static void merge_members(wr_arena *arena, wr_node *into, const wr_node *from)
{
    for (const wr_node *member = from->first; member; member = member->next)
        wr_node_set(arena, into, member->key, wr_node_copy(arena, member));
}

static void apply_columns(wr_arena *arena, wr_node *hints, const wr_node *changes)
{
    wr_node *columns = columns_by_name(arena, wr_node_get(hints, "columns"));
    const wr_node *changed = columns_by_name(arena, changes);
    for (const wr_node *column = changed->first; column; column = column->next)
        merge_members(arena, wr_node_child(arena, columns, column->key), column);
    wr_node_set(arena, hints, wr_lit("columns"), columns);
}

static void apply_references(wr_arena *arena, wr_node *hints, const wr_node *changes)
{
    wr_node *by_table = wr_node_new(arena, WR_NODE_OBJECT);
    const wr_node *lists[] = { wr_node_get(hints, "references"), changes };
    for (size_t i = 0; i < 2; i++)
        for (const wr_node *r = lists[i] ? lists[i]->first : NULL; r; r = r->next)
            wr_node_set(arena, by_table, wr_node_get_text(r, "referenced_table"),
                        wr_node_copy(arena, r));
    by_table->kind = WR_NODE_ARRAY;
    wr_node_set(arena, hints, wr_lit("references"), by_table);
}

/* Keys that are kept when they are empty: it says that there is no key. */
static bool empty_counts(weir_str name)
{
    return wr_str_eq(name, wr_lit("primary_key")) || wr_str_eq(name, wr_lit("merge_key"));
}

static void apply_one(wr_arena *arena, wr_node *hints, const wr_node *change)
{
    const weir_str name = change->key;
    if (is_empty(change) && !empty_counts(name))
        wr_node_remove(hints, name);
    else if (wr_str_eq(name, wr_lit("columns")))
        apply_columns(arena, hints, change);
    else if (wr_str_eq(name, wr_lit("references")))
        apply_references(arena, hints, change);
    else if (wr_str_eq(name, wr_lit("additional_table_hints")))
        merge_members(arena, wr_node_child(arena, hints, name), change);
    else
        wr_node_set(arena, hints, name, wr_node_copy(arena, change));
}

void wr_hints_apply(wr_arena *arena, wr_node *hints, const wr_node *changes)
{
    for (const wr_node *change = changes->first; change; change = change->next)
        if (wr_node_is_given(change))
            apply_one(arena, hints, change);
}
