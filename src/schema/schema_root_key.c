/* The key of a root table handed down to the tables nested in it: when a merge needs it, the configuration of dlt's JSON
 * normaliser in the schema says so. */
#include "schema/schema_parts.h"

#include "base/str.h"

static const char ROOT_KEY_COLUMN[] = "_dlt_root_id";

/* Merges by these strategies must find the nested rows of a root row. */
static bool strategy_needs_root_key(weir_str strategy)
{
    static const char *const NEED[] = { "delete-insert", "upsert", "insert-only", "cdc" };
    for (size_t i = 0; i < sizeof(NEED) / sizeof(*NEED); i++)
        if (wr_str_eq(strategy, weir_str_of(NEED[i])))
            return true;
    return strategy.len == 0; /* the default is delete-insert */
}

static bool has_root_key(const weir_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].hints & WEIR_HINT_ROOT_KEY)
            return true;
    return false;
}

static const wr_node *json_config(const wr_schema *schema)
{
    return wr_node_get(wr_node_get(schema->normalizers, "json"), "config");
}

static bool needs_root_key(const wr_schema *schema, const wr_table *root)
{
    const bool merges = !schema->no_merge && wr_str_eq(root->write, wr_lit("merge")) &&
                        strategy_needs_root_key(wr_node_get_text(root->doc, "x-merge-strategy"));
    if (!wr_is_dlt_name(root->pub.name) &&
        wr_node_get_bool(json_config(schema), "root_key_propagation", merges))
        return true;

    for (size_t i = 0; i < schema->tables.len; i++) {
        const wr_table *table = schema->tables.ptr[i];
        if (has_root_key(&table->pub) && wr_schema_root(schema, table) == root)
            return true;
    }
    return false;
}

static weir_str row_key_of(const weir_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].hints & WEIR_HINT_ROW_KEY)
            return table->columns[i].name;
    return wr_lit("_dlt_id");
}

void wr_schema_extend_root_key(wr_schema *schema, const wr_table *table)
{
    const wr_table *root = wr_schema_root(schema, table);
    const weir_str row_key = row_key_of(&root->pub);
    const wr_node *tables = wr_node_get(wr_node_get(json_config(schema), "propagation"), "tables");
    const wr_node *mapping = wr_node_get_str(tables, root->pub.name);
    const wr_node *target = wr_node_get_str(mapping, row_key);
    if (target && wr_str_eq(target->text, weir_str_of(ROOT_KEY_COLUMN)))
        return;
    if (!needs_root_key(schema, root))
        return;

    wr_arena *arena = &schema->arena;
    wr_node *changed = wr_node_copy(arena, schema->normalizers);
    wr_node *at = wr_node_child(arena, changed, wr_lit("json"));
    at = wr_node_child(arena, at, wr_lit("config"));
    at = wr_node_child(arena, at, wr_lit("propagation"));
    at = wr_node_child(arena, at, wr_lit("tables"));
    at = wr_node_child(arena, at, root->pub.name);
    wr_node_set(arena, at, row_key, wr_node_text(arena, weir_str_of(ROOT_KEY_COLUMN)));
    schema->normalizers = changed;
}

void wr_schema_forget_root_key(wr_schema *schema, weir_str table)
{
    const wr_node *tables = wr_node_get(wr_node_get(json_config(schema), "propagation"), "tables");
    if (!wr_node_get_str(tables, table))
        return;
    wr_node *changed = wr_node_copy(&schema->arena, schema->normalizers);
    wr_node *config = wr_node_get(wr_node_get(changed, "json"), "config");
    wr_node_remove(wr_node_get(wr_node_get(config, "propagation"), "tables"), table);
    schema->normalizers = changed;
}
