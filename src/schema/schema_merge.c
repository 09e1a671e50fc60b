/* Changes of a schema: tables that resources announce, columns that data brings. A table is never changed in place: its
 * document is copied, changed, and becomes a new table under the old name. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* Put the table in; its root may need to hand down its key now. Takes over `arena`, where the document is. */
static void store(wr_schema *schema, wr_arena *arena, weir_str name, const wr_node *doc)
{
    wr_table *table = wr_table_new(arena, name, doc);
    wr_schema_put_table(schema, table);
    wr_schema_extend_root_key(schema, table);
}

static weir_status check_parent(weir_ctx *cx, const wr_schema *schema, weir_str table,
                                weir_str parent)
{
    if (parent.len == 0 || wr_schema_table(schema, parent))
        return WEIR_OK;
    return weir_fail(cx, WEIR_SCHEMA,
                     "in schema '%.*s': parent table '%.*s' for '%.*s' was not found\n"
                     "hint: a nested table with hints needs all tables above it, also those that "
                     "have no hints",
                     WR_STR(schema->name), WR_STR(parent), WR_STR(table));
}

/* ---- announced tables ---- */

static weir_status check_conflict(weir_ctx *cx, const wr_schema *schema, const wr_table *old,
                                  const wr_node *table)
{
    const weir_str parent = wr_node_get_text(table, "parent");
    const weir_str resource = wr_node_get_text(table, "resource");
    const bool other_parent = !wr_str_eq(parent, old->pub.parent);
    if (!other_parent && (parent.len == 0 || resource.len == 0))
        return WEIR_OK;
    return weir_fail(cx, WEIR_SCHEMA,
                     "in schema '%.*s': cannot merge into table '%.*s', property '%s' differs: has "
                     "'%.*s', announced is '%.*s'",
                     WR_STR(schema->name), WR_STR(old->pub.name),
                     other_parent ? "parent" : "resource",
                     WR_STR(other_parent ? old->pub.parent : old->resource),
                     WR_STR(other_parent ? parent : resource));
}

/* Several columns together are the key: who announces one, announces all of it. */
static void remove_replaced_keys(wr_node *columns, const wr_node *announced)
{
    static const char *const COMPOUND[] = {
        "partition", "cluster", "primary_key", "merge_key", "incremental",
    };
    for (size_t i = 0; i < sizeof(COMPOUND) / sizeof(*COMPOUND); i++) {
        const weir_str property = weir_str_of(COMPOUND[i]);
        bool replaced = false;
        for (const wr_node *column = announced->first; column; column = column->next) {
            const wr_node *value = wr_node_get_str(column, property);
            replaced = replaced || (value && !wr_column_is_default(property, value));
        }
        for (wr_node *column = columns->first; replaced && column; column = column->next)
            wr_node_remove(column, property);
    }
}

static void move_to_end(wr_node *columns, wr_node *column)
{
    wr_node_remove(columns, column->key);
    wr_node_append(columns, column);
}

static void merge_column(wr_arena *arena, wr_node *columns, const wr_node *announced)
{
    wr_node *column = wr_node_get_str(columns, announced->key);
    if (!column) {
        wr_node_set(arena, columns, announced->key, wr_node_copy(arena, announced));
        return;
    }
    if (wr_column_is_complete(announced) && !wr_column_is_complete(column))
        move_to_end(columns, column);
    for (const wr_node *property = announced->first; property; property = property->next)
        wr_node_set(arena, column, property->key, wr_node_copy(arena, property));
}

/* The column that `reference` ties to `column`, or NULL. */
static const wr_node *referenced_column(const wr_node *reference, weir_str column)
{
    const wr_node *from = wr_node_get(reference, "columns");
    const wr_node *to = wr_node_get(reference, "referenced_columns");
    if (!from || !to)
        return NULL;
    const wr_node *c = from->first;
    const wr_node *r = to->first;
    while (c && r && !wr_str_eq(c->text, column)) {
        c = c->next;
        r = r->next;
    }
    return c ? r : NULL;
}

/* Do two references tie the same columns together? */
static bool same_reference(const wr_node *a, const wr_node *b)
{
    const wr_node *columns = wr_node_get(a, "columns");
    const wr_node *others = wr_node_get(b, "columns");
    if (!columns || !others || columns->count != others->count)
        return false;
    for (const wr_node *column = columns->first; column; column = column->next) {
        const wr_node *left = referenced_column(a, column->text);
        const wr_node *right = referenced_column(b, column->text);
        if (!left || !right || !wr_str_eq(left->text, right->text))
            return false;
    }
    return true;
}

static wr_node *find_reference(const wr_node *references, weir_str table)
{
    wr_node *reference = references->first;
    while (reference && !wr_str_eq(wr_node_get_text(reference, "referenced_table"), table))
        reference = reference->next;
    return reference;
}

/* One reference per referenced table; one that ties the same columns stays as it is. */
static void merge_references(wr_arena *arena, wr_node *doc, const wr_node *announced)
{
    for (const wr_node *reference = announced->first; reference; reference = reference->next) {
        wr_node *references = wr_node_get(doc, "references");
        if (!references) {
            references = wr_node_new(arena, WR_NODE_ARRAY);
            wr_node_set(arena, doc, wr_lit("references"), references);
        }
        const weir_str table = wr_node_get_text(reference, "referenced_table");
        wr_node *old = find_reference(references, table);
        wr_node *copy = wr_node_copy(arena, reference);
        if (!old)
            wr_node_append(references, copy);
        else if (!same_reference(old, reference))
            wr_node_replace(old, copy);
    }
}

static void merge_doc(wr_arena *arena, wr_node *doc, const wr_node *announced, bool replaces_keys)
{
    wr_node *columns = wr_node_get(doc, "columns");
    const wr_node *announced_columns = wr_node_get(announced, "columns");
    if (replaces_keys)
        remove_replaced_keys(columns, announced_columns);
    for (const wr_node *column = announced_columns->first; column; column = column->next)
        merge_column(arena, columns, column);

    for (const wr_node *property = announced->first; property; property = property->next) {
        if (wr_str_eq(property->key, wr_lit("columns")))
            continue;
        const wr_node *old = wr_node_get_str(doc, property->key);
        if (wr_str_eq(property->key, wr_lit("references")))
            merge_references(arena, doc, property);
        else if (old || property->kind != WR_NODE_NULL)
            wr_node_set(arena, doc, property->key, wr_node_copy(arena, property));
    }
}

static weir_status merge_table(weir_ctx *cx, wr_schema *schema, const wr_node *table,
                               bool replaces_keys)
{
    const weir_str name = wr_node_get_text(table, "name");
    WEIR_TRY(wr_table_check(cx, WEIR_SCHEMA, name, table));
    WEIR_TRY(check_parent(cx, schema, name, wr_node_get_text(table, "parent")));

    const wr_table *old = wr_schema_table(schema, name);
    if (old)
        WEIR_TRY(check_conflict(cx, schema, old, table));
    wr_arena arena = { 0 };
    wr_node *doc = wr_node_copy(&arena, old ? old->doc : table);
    if (old)
        merge_doc(&arena, doc, table, replaces_keys);
    if (old && wr_node_equal(doc, old->doc)) {
        wr_schema_extend_root_key(schema, old);
        wr_arena_done(&arena);
        return WEIR_OK;
    }
    store(schema, &arena, name, doc);
    return WEIR_OK;
}

weir_status wr_schema_merge_table(weir_ctx *cx, wr_schema *schema, const wr_node *table)
{
    return merge_table(cx, schema, table, true);
}

weir_status wr_schema_extend_table(weir_ctx *cx, wr_schema *schema, const wr_node *table)
{
    return merge_table(cx, schema, table, false);
}

/* ---- columns that data brings ---- */

static wr_node *infer_column(wr_arena *arena, const wr_schema *schema, const wr_new_column *column)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    const bool nullable = !(wr_schema_default_hints(schema, column->name) & WEIR_HINT_NOT_NULL);
    const weir_str type = weir_str_of(weir_type_name(column->type));
    wr_node_set(arena, doc, wr_lit("name"), wr_node_text(arena, column->name));
    wr_node_set(arena, doc, wr_lit("data_type"), wr_node_text(arena, type));
    wr_node_set(arena, doc, wr_lit("nullable"), wr_node_bool(arena, nullable));

    const wr_node *hints = wr_node_get(schema->settings, "default_hints");
    for (const wr_node *hint = hints ? hints->first : NULL; hint; hint = hint->next)
        if (!wr_str_eq(hint->key, wr_lit("not_null")) && wr_regexes_match(hint, column->name))
            wr_node_set(arena, doc, hint->key, wr_node_bool(arena, true));

    if (column->variant) {
        wr_node_set(arena, doc, wr_lit("variant"), wr_node_bool(arena, true));
        const weir_str description =
            wr_arena_printf(arena, "Variant of column %.*s generated by dlt", WR_STR(column->name));
        wr_node_set(arena, doc, wr_lit("description"), wr_node_text(arena, description));
    }
    return doc;
}

/* What was declared wins over what is inferred, and comes first. */
static void complete_column(wr_arena *arena, wr_node *declared, wr_node *inferred)
{
    for (wr_node *property = inferred->first, *next; property; property = next) {
        next = property->next;
        const wr_node *old = wr_node_get_str(declared, property->key);
        if (!old || (old->kind == WR_NODE_NULL && wr_str_eq(property->key, wr_lit("data_type"))))
            wr_node_set(arena, declared, property->key, property);
    }
}

static void add_column(wr_arena *arena, wr_node *columns, const wr_schema *schema,
                       const wr_new_column *column)
{
    wr_node *old = wr_node_get_str(columns, column->name);
    if (old && wr_column_is_complete(old))
        return;
    wr_node *inferred = infer_column(arena, schema, column);
    if (!old) {
        wr_node_set(arena, columns, column->name, inferred);
        return;
    }
    complete_column(arena, old, inferred);
    move_to_end(columns, old);
}

/* A table that data brings, as dlt makes it. */
static wr_node *new_doc(wr_arena *arena, weir_str name, weir_str parent)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, doc, wr_lit("name"), wr_node_text(arena, name));
    wr_node_set(arena, doc, wr_lit("columns"), wr_node_new(arena, WR_NODE_OBJECT));
    if (parent.len) {
        wr_node_set(arena, doc, wr_lit("parent"), wr_node_text(arena, parent));
        return doc;
    }
    wr_node_set(arena, doc, wr_lit("write_disposition"), wr_node_text(arena, wr_lit("append")));
    wr_node_set(arena, doc, wr_lit("resource"), wr_node_text(arena, name));
    return doc;
}

weir_status wr_schema_add_columns(weir_ctx *cx, wr_schema *schema, weir_str table, weir_str parent,
                                  const wr_new_column *columns, size_t count)
{
    const wr_table *old = wr_schema_table(schema, table);
    if (!old)
        WEIR_TRY(check_parent(cx, schema, table, parent));

    wr_arena arena = { 0 };
    wr_node *doc = old ? wr_node_copy(&arena, old->doc) : new_doc(&arena, table, parent);
    wr_node *column_docs = wr_node_get(doc, "columns");
    for (size_t i = 0; i < count; i++)
        add_column(&arena, column_docs, schema, &columns[i]);
    store(schema, &arena, table, doc);
    return WEIR_OK;
}

void wr_schema_add_discards(wr_schema *schema, weir_str table, const wr_discard *discards,
                            size_t count)
{
    const wr_table *old = wr_schema_table(schema, table);
    wr_assert(old);
    wr_arena arena = { 0 };
    const wr_node *doc = wr_node_copy(&arena, old->doc);
    wr_table *changed = wr_table_new(&arena, table, doc);
    const size_t before = old->discard_count;
    wr_discard *all = wr_arena_new_array(&changed->arena, before + count, wr_discard);
    for (size_t i = 0; i < before + count; i++) {
        all[i] = i < before ? old->discards[i] : discards[i - before];
        all[i].column = wr_arena_str(&changed->arena, all[i].column);
    }
    changed->discards = all;
    changed->discard_count = before + count;
    wr_schema_put_table(schema, changed);
}

void wr_schema_set_seen_data(wr_schema *schema, weir_str table)
{
    const wr_table *old = wr_schema_table(schema, table);
    wr_assert(old);
    const wr_node *hints = wr_node_get(old->doc, "x-normalizer");
    if (wr_node_get(hints, "seen-data") && !wr_node_get(hints, "evolve-columns-once"))
        return;

    wr_arena arena = { 0 };
    wr_node *doc = wr_node_copy(&arena, old->doc);
    wr_node *changed = wr_node_child(&arena, doc, wr_lit("x-normalizer"));
    wr_node_remove(changed, wr_lit("evolve-columns-once"));
    if (!wr_node_get(changed, "seen-data"))
        wr_node_set(&arena, changed, wr_lit("seen-data"), wr_node_bool(&arena, true));
    wr_schema_put_table(schema, wr_table_new(&arena, table, doc));
}
