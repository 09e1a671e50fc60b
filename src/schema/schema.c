/* Schemas: making, sharing, looking up. */
#include "schema/schema.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/schema_parts.h"

wr_schema *wr_schema_alloc(void)
{
    wr_schema *schema = wr_new(wr_schema);
    atomic_init(&schema->refs, 1);
    return schema;
}

static void put_dlt_table(wr_schema *schema, wr_node *(*make)(wr_arena *arena))
{
    wr_arena arena = { 0 };
    const wr_node *doc = make(&arena);
    wr_schema_put_table(schema, wr_table_new(&arena, wr_node_get_text(doc, "name"), doc));
}

wr_schema *wr_schema_new(weir_str name)
{
    wr_schema *schema = wr_schema_alloc();
    schema->name = wr_arena_str(&schema->arena, name);
    schema->settings = wr_dlt_settings(&schema->arena);
    schema->normalizers = wr_dlt_normalizers(&schema->arena);
    put_dlt_table(schema, wr_dlt_version_table);
    put_dlt_table(schema, wr_dlt_loads_table);
    return schema;
}

wr_schema *wr_schema_clone(const wr_schema *schema)
{
    wr_schema *clone = wr_schema_alloc();
    wr_arena *arena = &clone->arena;
    clone->name = wr_arena_str(arena, schema->name);
    clone->version = schema->version;
    clone->no_merge = schema->no_merge;
    memcpy(clone->hash, schema->hash, sizeof(clone->hash));
    for (size_t i = 0; i < schema->previous.len; i++)
        *wr_vec_push(&clone->previous) = wr_arena_str(arena, schema->previous.ptr[i]);

    clone->settings = wr_node_copy(arena, schema->settings);
    clone->normalizers = wr_node_copy(arena, schema->normalizers);
    if (schema->rest)
        clone->rest = wr_node_copy(arena, schema->rest);
    for (size_t i = 0; i < schema->tables.len; i++)
        wr_schema_put_table(clone, wr_table_hold(schema->tables.ptr[i]));
    return clone;
}

wr_schema *wr_schema_hold(wr_schema *schema)
{
    atomic_fetch_add(&schema->refs, 1);
    return schema;
}

void wr_schema_drop(wr_schema *schema)
{
    if (!schema || atomic_fetch_sub(&schema->refs, 1) > 1)
        return;
    for (size_t i = 0; i < schema->tables.len; i++)
        wr_table_drop(schema->tables.ptr[i]);
    wr_vec_done(&schema->tables);
    wr_vec_done(&schema->previous);
    wr_map_done(&schema->by_name);
    wr_arena_done(&schema->arena);
    wr_free(schema);
}

void wr_cleanup_schema(wr_schema **schema)
{
    wr_schema_drop(*schema);
}

static void keep_discards(wr_table *table, const wr_table *old)
{
    if (table->discard_count || !old->discard_count)
        return;
    wr_discard *kept = wr_arena_new_array(&table->arena, old->discard_count, wr_discard);
    for (size_t i = 0; i < old->discard_count; i++) {
        kept[i] = old->discards[i];
        kept[i].column = wr_arena_str(&table->arena, kept[i].column);
    }
    table->discards = kept;
    table->discard_count = old->discard_count;
}

void wr_schema_put_table(wr_schema *schema, wr_table *table)
{
    const ptrdiff_t at = wr_map_find(&schema->by_name, table->pub.name);
    if (at >= 0) {
        keep_discards(table, schema->tables.ptr[at]);
        wr_table_drop(schema->tables.ptr[at]);
        schema->tables.ptr[at] = table;
        return;
    }
    /* The key is the schema's, as it must outlive this version of the table. */
    wr_map_put(&schema->by_name, wr_arena_str(&schema->arena, table->pub.name), NULL);
    *wr_vec_push(&schema->tables) = table;
}

void wr_schema_keep_tables(wr_schema *schema,
                           bool (*keeps)(const void *self, const wr_table *table), const void *self)
{
    const size_t count = schema->tables.len;
    wr_map_clear(&schema->by_name);
    schema->tables.len = 0;
    for (size_t i = 0; i < count; i++) {
        wr_table *table = schema->tables.ptr[i];
        if (keeps(self, table))
            wr_schema_put_table(schema, table);
        else
            wr_table_drop(table);
    }
}

const wr_table *wr_schema_table(const wr_schema *schema, weir_str name)
{
    const ptrdiff_t at = wr_map_find(&schema->by_name, name);
    return at < 0 ? NULL : schema->tables.ptr[at];
}

wr_table *wr_schema_table_hold(const wr_schema *schema, weir_str name)
{
    const ptrdiff_t at = wr_map_find(&schema->by_name, name);
    return at < 0 ? NULL : wr_table_hold(schema->tables.ptr[at]);
}

const wr_table *wr_schema_root(const wr_schema *schema, const wr_table *table)
{
    while (table->pub.parent.len > 0) {
        table = wr_schema_table(schema, table->pub.parent);
        wr_assert(table);
    }
    return table;
}

bool wr_is_dlt_name(weir_str name)
{
    return wr_str_starts(name, wr_lit("_dlt"));
}
