/* What a source sets in its schema: how the normaliser nests and hands down. */
#include "schema/schema_parts.h"

#include "base/str.h"

static weir_status name_mapping(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                const wr_node *mapping, wr_node *ret)
{
    for (const wr_node *from = mapping->first; from; from = from->next) {
        weir_str key = { 0 };
        weir_str to = { 0 };
        WEIR_TRY(wr_name_path(cx, naming, arena, from->key, &key));
        WEIR_TRY(wr_name_path(cx, naming, arena, from->text, &to));
        wr_node_set(arena, ret, key, wr_node_text(arena, to));
    }
    return WEIR_OK;
}

static weir_status name_propagation(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                    const wr_node *propagation, wr_node *ret)
{
    const wr_node *root = wr_node_get(propagation, "root");
    const wr_node *tables = wr_node_get(propagation, "tables");
    if (root)
        WEIR_TRY(name_mapping(cx, naming, arena, root, wr_node_child(arena, ret, wr_lit("root"))));
    wr_node *named = tables ? wr_node_child(arena, ret, wr_lit("tables")) : NULL;
    for (const wr_node *table = tables ? tables->first : NULL; table; table = table->next)
        WEIR_TRY(name_mapping(cx, naming, arena, table, wr_node_child(arena, named, table->key)));
    return WEIR_OK;
}

weir_status wr_schema_set_json_config(weir_ctx *cx, wr_schema *schema, const wr_naming *naming,
                                      const wr_node *config)
{
    wr_arena *arena = &schema->arena;
    wr_node *changed = wr_node_copy(arena, schema->normalizers);
    wr_node *at = wr_node_child(arena, changed, wr_lit("json"));
    at = wr_node_child(arena, at, wr_lit("config"));
    for (const wr_node *setting = config->first; setting; setting = setting->next) {
        if (wr_str_eq(setting->key, wr_lit("propagation")))
            WEIR_TRY(name_propagation(cx, naming, arena, setting,
                                      wr_node_child(arena, at, setting->key)));
        else
            wr_node_set(arena, at, setting->key, wr_node_copy(arena, setting));
    }
    schema->normalizers = changed;
    return WEIR_OK;
}

void wr_schema_clear_json_config(wr_schema *schema)
{
    wr_node *changed = wr_node_copy(&schema->arena, schema->normalizers);
    wr_node_remove(wr_node_child(&schema->arena, changed, wr_lit("json")), wr_lit("config"));
    schema->normalizers = changed;
    for (size_t i = 0; i < schema->tables.len; i++)
        wr_schema_extend_root_key(schema, schema->tables.ptr[i]);
}

void wr_schema_set_contract(wr_schema *schema, const wr_node *contract)
{
    wr_node *changed = wr_node_copy(&schema->arena, schema->settings);
    if (contract->kind == WR_NODE_NULL)
        wr_node_remove(changed, wr_lit("schema_contract"));
    else
        wr_node_set(&schema->arena, changed, wr_lit("schema_contract"),
                    wr_node_copy(&schema->arena, contract));
    schema->settings = changed;
}
