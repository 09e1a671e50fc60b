/* Stored documents of older engines, brought to the present one, in dlt's steps. A document from outside may have any
 * shape: what is not as expected is left for the checks of the reader. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/str.h"

typedef struct migration {
    weir_ctx *cx;
    wr_arena *arena;
    wr_node *doc;
} migration;

#define SEPARATOR "__"

/* ---- helpers ---- */

/* Of an object: its first member. NULL for anything else. */
static wr_node *members(const wr_node *object)
{
    return object && object->kind == WR_NODE_OBJECT ? object->first : NULL;
}

static bool is_object(const wr_node *node)
{
    return node && node->kind == WR_NODE_OBJECT;
}

static wr_node *tables_of(const migration *m)
{
    return wr_node_get(m->doc, "tables");
}

static void set_copy(migration *m, wr_node *object, const char *key, const wr_node *value,
                     bool otherwise)
{
    wr_node *copy = value ? wr_node_copy(m->arena, value) : wr_node_bool(m->arena, otherwise);
    wr_node_set(m->arena, object, weir_str_of(key), copy);
}

/* "re:" in front, as simple regexes have it. */
static weir_str as_regex(migration *m, weir_str text)
{
    return wr_arena_printf(m->arena, "re:%.*s", WR_STR(text));
}

/* Cut the last part off a path; false when there is only one. */
static bool cut_last_part(weir_str *path)
{
    static const size_t len = sizeof(SEPARATOR) - 1;
    for (size_t i = path->len < len ? 0 : path->len - len + 1; i-- > 1;) {
        if (memcmp(path->ptr + i, SEPARATOR, len) != 0)
            continue;
        path->len = i;
        return true;
    }
    return false;
}

/* ---- to 2: filters ---- */

static weir_status add_filters(migration *m)
{
    wr_node_set(m->arena, m->doc, wr_lit("includes"), wr_node_new(m->arena, WR_NODE_ARRAY));
    wr_node_set(m->arena, m->doc, wr_lit("excludes"), wr_node_new(m->arena, WR_NODE_ARRAY));
    return WEIR_OK;
}

/* ---- to 3: normalisers, settings, tables with properties ---- */

static void add_normalizers(migration *m)
{
    wr_node *normalizers = wr_dlt_normalizers(m->arena);
    wr_node *json = wr_node_child(m->arena, normalizers, wr_lit("json"));
    wr_node *config = wr_node_child(m->arena, json, wr_lit("config"));
    wr_node *propagation = wr_node_child(m->arena, config, wr_lit("propagation"));
    wr_node *root = wr_node_child(m->arena, propagation, wr_lit("root"));
    wr_node_set(m->arena, root, wr_lit("_dlt_id"), wr_node_text(m->arena, wr_lit("_dlt_root_id")));
    wr_node_set(m->arena, m->doc, wr_lit("normalizers"), normalizers);
}

static wr_node *regex_hints(migration *m, const wr_node *old)
{
    wr_node *hints = wr_node_new(m->arena, WR_NODE_OBJECT);
    for (const wr_node *hint = members(old); hint; hint = hint->next) {
        wr_node *list = wr_node_new(m->arena, WR_NODE_ARRAY);
        for (const wr_node *name = hint->first; name; name = name->next)
            wr_node_append(list, wr_node_text(m->arena, as_regex(m, name->text)));
        wr_node_set(m->arena, hints, hint->key, list);
    }
    return hints;
}

static wr_node *regex_types(migration *m, const wr_node *old)
{
    wr_node *types = wr_node_new(m->arena, WR_NODE_OBJECT);
    for (const wr_node *type = members(old); type; type = type->next)
        wr_node_set(m->arena, types, as_regex(m, type->key), wr_node_copy(m->arena, type));
    return types;
}

static void move_settings(migration *m)
{
    wr_node *settings = wr_node_new(m->arena, WR_NODE_OBJECT);
    wr_node_set(m->arena, settings, wr_lit("default_hints"),
                regex_hints(m, wr_node_get(m->doc, "hints")));
    wr_node_set(m->arena, settings, wr_lit("preferred_types"),
                regex_types(m, wr_node_get(m->doc, "preferred_types")));
    wr_node_remove(m->doc, wr_lit("hints"));
    wr_node_remove(m->doc, wr_lit("preferred_types"));
    wr_node_set(m->arena, m->doc, wr_lit("settings"), settings);
}

static wr_node *new_table(migration *m, weir_str name, weir_str parent)
{
    wr_node *table = wr_node_new(m->arena, WR_NODE_OBJECT);
    wr_node_set(m->arena, table, wr_lit("name"), wr_node_text(m->arena, name));
    wr_node_set(m->arena, table, wr_lit("columns"), wr_node_new(m->arena, WR_NODE_OBJECT));
    if (parent.len > 0) {
        wr_node_set(m->arena, table, wr_lit("parent"), wr_node_text(m->arena, parent));
        return table;
    }
    wr_node_set(m->arena, table, wr_lit("write_disposition"),
                wr_node_text(m->arena, wr_lit("append")));
    wr_node_set(m->arena, table, wr_lit("resource"), wr_node_text(m->arena, name));
    return table;
}

/* The table that a nested one belongs to is in its name; levels between them may have no table. */
static weir_str find_parent(const wr_node *tables, weir_str name)
{
    weir_str parent = name;
    while (cut_last_part(&parent))
        if (wr_node_get_str(tables, parent))
            return parent;
    return (weir_str){ 0 };
}

static void wrap_tables(migration *m)
{
    const wr_node *old = tables_of(m);
    wr_node *tables = wr_node_new(m->arena, WR_NODE_OBJECT);
    for (const wr_node *columns = members(old); columns; columns = columns->next) {
        wr_node *table = new_table(m, columns->key, find_parent(old, columns->key));
        wr_node_set(m->arena, table, wr_lit("columns"), wr_node_copy(m->arena, columns));
        wr_node_set(m->arena, tables, columns->key, table);
    }
    wr_node_remove(m->doc, wr_lit("tables"));
    wr_node_set(m->arena, m->doc, wr_lit("tables"), tables);
}

/* "^table__path" becomes "re:^path" of the root table, which is made when it is not there. */
static void move_filter(migration *m, const char *group, weir_str filter)
{
    const char *separator = memmem(filter.ptr, filter.len, SEPARATOR, sizeof(SEPARATOR) - 1);
    if (filter.len < 1 || !separator)
        return;
    const weir_str root = { filter.ptr + 1, (size_t)(separator - filter.ptr) - 1 };
    const weir_str path = { separator + 2, filter.len - root.len - 3 };
    wr_node *tables = tables_of(m);
    if (!is_object(wr_node_get_str(tables, root)))
        wr_node_set(m->arena, tables, root, new_table(m, root, (weir_str){ 0 }));
    wr_node *filters = wr_node_child(m->arena, wr_node_get_str(tables, root), wr_lit("filters"));
    if (!wr_node_get(filters, group))
        wr_node_set(m->arena, filters, weir_str_of(group), wr_node_new(m->arena, WR_NODE_ARRAY));
    const weir_str regex = wr_arena_printf(m->arena, "re:^%.*s", WR_STR(path));
    wr_node_append(wr_node_get(filters, group), wr_node_text(m->arena, regex));
}

static void move_filters(migration *m, const char *group)
{
    const wr_node *filters = wr_node_get(m->doc, group);
    for (const wr_node *filter = filters ? filters->first : NULL; filter; filter = filter->next)
        move_filter(m, group, filter->text);
    wr_node_remove(m->doc, weir_str_of(group));
}

static weir_status restructure(migration *m)
{
    add_normalizers(m);
    move_settings(m);
    wrap_tables(m);
    move_filters(m, "excludes");
    move_filters(m, "includes");
    return WEIR_OK;
}

/* ---- to 4 … 8: hash, dlt's tables, contracts, history ---- */

static weir_status add_hash(migration *m)
{
    if (!wr_node_get(m->doc, "version_hash"))
        wr_node_set(m->arena, m->doc, wr_lit("version_hash"), wr_node_text(m->arena, wr_lit("")));
    return WEIR_OK;
}

static weir_status renew_loads(migration *m)
{
    wr_node *tables = wr_node_child(m->arena, m->doc, wr_lit("tables"));
    wr_node_set(m->arena, tables, wr_lit(WR_DLT_LOADS_TABLE), wr_dlt_loads_table(m->arena));
    return WEIR_OK;
}

static weir_status renew_dlt_tables(migration *m)
{
    wr_node *tables = wr_node_child(m->arena, m->doc, wr_lit("tables"));
    wr_node_set(m->arena, tables, wr_lit(WR_DLT_VERSION_TABLE), wr_dlt_version_table(m->arena));
    return renew_loads(m);
}

static weir_status drop_seals(migration *m)
{
    wr_node *settings = wr_node_get(m->doc, "settings");
    if (is_object(settings))
        wr_node_remove(settings, wr_lit("schema_sealed"));
    for (wr_node *table = members(tables_of(m)); table; table = table->next)
        if (is_object(table))
            wr_node_remove(table, wr_lit("table_sealed"));
    return WEIR_OK;
}

static weir_status add_history(migration *m)
{
    wr_node_set(m->arena, m->doc, wr_lit("previous_hashes"), wr_node_new(m->arena, WR_NODE_ARRAY));
    return WEIR_OK;
}

/* ---- to 9: which tables had rows ---- */

static weir_status mark_seen(migration *m)
{
    for (wr_node *table = members(tables_of(m)); table; table = table->next) {
        if (!wr_node_get(wr_node_get(table, "columns"), "_dlt_id"))
            continue;
        wr_node *hints = wr_node_child(m->arena, table, wr_lit("x-normalizer"));
        wr_node_set(m->arena, hints, wr_lit("seen-data"), wr_node_bool(m->arena, true));
    }
    return WEIR_OK;
}

/* ---- to 10: keys, and json for complex ---- */

static void rename_type(migration *m, wr_node *object, weir_str key)
{
    const wr_node *type = wr_node_get_str(object, key);
    if (type && wr_str_eq(type->text, wr_lit("complex")))
        wr_node_set(m->arena, object, key, wr_node_text(m->arena, wr_lit("json")));
}

static void migrate_columns(migration *m, const wr_node *columns, weir_str row_id,
                            weir_str parent_id)
{
    for (wr_node *column = members(columns); column; column = column->next)
        rename_type(m, column, wr_lit("data_type"));
    wr_node *id = wr_node_get_str(columns, row_id);
    if (is_object(id))
        set_copy(m, id, "row_key", wr_node_get(id, "unique"), false);
    wr_node *parent = wr_node_get_str(columns, parent_id);
    if (is_object(parent))
        set_copy(m, parent, "parent_key", wr_node_get(parent, "foreign_key"), false);
    for (wr_node *column = members(columns); column; column = column->next)
        if (is_object(column))
            wr_node_remove(column, wr_lit("foreign_key"));
}

static void set_default_hint(migration *m, wr_node *hints, const char *hint, weir_str column)
{
    wr_node *list = wr_node_new(m->arena, WR_NODE_ARRAY);
    wr_node_append(list, wr_node_text(m->arena, column));
    wr_node_set(m->arena, hints, weir_str_of(hint), list);
}

static void migrate_settings(migration *m, weir_str row_id, weir_str parent_id)
{
    wr_node *settings = wr_node_get(m->doc, "settings");
    wr_node *types = wr_node_get(settings, "preferred_types");
    for (wr_node *type = members(types); type; type = type->next)
        if (wr_str_eq(type->text, wr_lit("complex")))
            wr_node_replace(type, wr_node_text(m->arena, wr_lit("json")));
    wr_node *hints = wr_node_get(settings, "default_hints");
    if (!members(hints))
        return;
    wr_node_remove(hints, wr_lit("foreign_key"));
    set_default_hint(m, hints, "row_key", row_id);
    set_default_hint(m, hints, "parent_key", parent_id);
}

static weir_status name_column(migration *m, weir_str raw, weir_str *ret)
{
    const weir_str given = wr_node_get_text(wr_node_get(m->doc, "normalizers"), "names");
    wr_naming naming;
    WEIR_TRY(wr_naming_find(m->cx, given.len ? given : wr_lit("snake_case"), 0, &naming));
    return wr_name_identifier(m->cx, &naming, m->arena, raw, ret);
}

static weir_status migrate_keys(migration *m)
{
    weir_str row_id;
    weir_str parent_id;
    WEIR_TRY(name_column(m, wr_lit("_dlt_id"), &row_id));
    WEIR_TRY(name_column(m, wr_lit("_dlt_parent_id"), &parent_id));
    for (const wr_node *table = members(tables_of(m)); table; table = table->next)
        migrate_columns(m, wr_node_get(table, "columns"), row_id, parent_id);
    migrate_settings(m, row_id, parent_id);

    const wr_node *json = wr_node_get(wr_node_get(m->doc, "normalizers"), "json");
    wr_node *config = wr_node_get(json, "config");
    if (is_object(config))
        wr_node_remove(config, wr_lit("generate_dlt_id"));
    return WEIR_OK;
}

/* ---- to 11 ---- */

static weir_status keep_paths_whole(migration *m)
{
    wr_node *normalizers = wr_node_child(m->arena, m->doc, wr_lit("normalizers"));
    wr_node_set(m->arena, normalizers, wr_lit("use_break_path_on_normalize"),
                wr_node_bool(m->arena, false));
    return WEIR_OK;
}

/* ---- in any case ---- */

/* Columns of which only nulls were seen: 1.26 noted them, incomplete. */
static void forget_null_column(wr_node *columns, wr_node *column)
{
    wr_node *hints = wr_node_get(column, "x-normalizer");
    if (!wr_node_get_bool(hints, "seen-null-first", false))
        return;
    if (!wr_node_get(column, "data_type")) {
        wr_node_remove(columns, column->key);
        return;
    }
    wr_node_remove(hints, wr_lit("seen-null-first"));
    if (!hints->first)
        wr_node_remove(column, wr_lit("x-normalizer"));
}

static void forget_null_columns(const migration *m)
{
    for (const wr_node *table = members(tables_of(m)); table; table = table->next) {
        wr_node *columns = wr_node_get(table, "columns");
        wr_node *next = NULL;
        for (wr_node *column = members(columns); column; column = next) {
            next = column->next;
            forget_null_column(columns, column);
        }
    }
}

/* STEPS[n] leads from engine n to n + 1. */
static weir_status (*const STEPS[])(migration *m) = {
    [1] = add_filters,  [2] = restructure,       [3] = add_hash,    [4] = renew_dlt_tables,
    [5] = renew_loads,  [6] = drop_seals,        [7] = add_history, [8] = mark_seen,
    [9] = migrate_keys, [10] = keep_paths_whole,
};

static weir_status check_engine(weir_ctx *cx, int64_t engine)
{
    if (engine > WR_SCHEMA_ENGINE)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "schema engine %lld, the latest one known is %d\n"
                         "hint: a newer dlt has stored the schema: use a newer weir",
                         (long long)engine, WR_SCHEMA_ENGINE);
    if (engine < 1)
        return weir_fail(cx, WEIR_CORRUPT, "there is no 'engine_version', a number from 1 to %d",
                         WR_SCHEMA_ENGINE);
    return WEIR_OK;
}

weir_status wr_schema_migrate(weir_ctx *cx, wr_arena *arena, wr_node *doc)
{
    migration m = { .cx = cx, .arena = arena, .doc = doc };
    int64_t engine = wr_node_get_int(doc, "engine_version", 0);
    WEIR_TRY(check_engine(cx, engine));
    for (; engine < WR_SCHEMA_ENGINE; engine++)
        WEIR_TRY(STEPS[engine](&m));
    wr_node_set(arena, doc, wr_lit("engine_version"), wr_node_int(arena, engine));
    forget_null_columns(&m);
    return WEIR_OK;
}

/* ---- defaults ---- */

static void set_missing(wr_arena *arena, wr_node *object, const char *key, weir_str text)
{
    const wr_node *value = wr_node_get(object, key);
    if (!value || value->kind == WR_NODE_NULL)
        wr_node_set(arena, object, weir_str_of(key), wr_node_text(arena, text));
}

void wr_schema_fill(wr_arena *arena, wr_node *doc)
{
    for (wr_node *table = members(wr_node_get(doc, "tables")); table; table = table->next) {
        if (!is_object(table))
            continue;
        wr_node_set(arena, table, wr_lit("name"), wr_node_text(arena, table->key));
        for (wr_node *c = members(wr_node_get(table, "columns")); c; c = c->next)
            if (is_object(c))
                wr_node_set(arena, c, wr_lit("name"), wr_node_text(arena, c->key));
        if (wr_node_get_text(table, "parent").len > 0)
            continue;
        set_missing(arena, table, "write_disposition", wr_lit("append"));
        set_missing(arena, table, "resource", table->key);
    }
}
