/* Says in words what columns and tables are. */
#include "cli/schema_text.h"

#include "base/mem.h"
#include "base/str.h"
#include "schema/contract.h"

/* ---- columns ---- */

void wr_put_column_type(wr_buf *out, const wr_node *column)
{
    const weir_str type = wr_node_get_text(column, "data_type");
    const wr_node *precision = wr_node_get(column, "precision");
    const wr_node *scale = wr_node_get(column, "scale");
    wr_buf_printf(out, "%.*s", WR_STR(type.len ? type : wr_lit("(none yet)")));
    if (!precision || precision->kind != WR_NODE_NUMBER)
        return;
    wr_buf_printf(out, "(%.*s", WR_STR(precision->text));
    if (scale && scale->kind == WR_NODE_NUMBER)
        wr_buf_printf(out, ",%.*s", WR_STR(scale->text));
    wr_buf_char(out, ')');
}

bool wr_column_is_nullable(const wr_node *column)
{
    return wr_node_get_bool(column, "nullable", true);
}

static void put_hint(wr_buf *out, size_t start, const wr_node *property)
{
    if (wr_column_is_default(property->key, property))
        return;
    wr_buf_printf(out, "%s%.*s", out->len > start ? ", " : "", WR_STR(property->key));
    if (property->kind == WR_NODE_TRUE)
        return;
    wr_buf_char(out, '=');
    wr_node_write(out, property, WR_JSON_COMPACT);
}

void wr_put_column_hints(wr_buf *out, const wr_node *column)
{
    static const char *const keys[] = { "primary_key", "merge_key", "unique", "row_key",
                                        "parent_key",  "root_key",  NULL };
    static const char *const apart[] = { "name",     "data_type",   "precision", "scale",
                                         "nullable", "description", NULL };
    const size_t start = out->len;
    for (size_t i = 0; keys[i]; i++) {
        const wr_node *key = wr_node_get(column, keys[i]);
        if (key)
            put_hint(out, start, key);
    }
    for (const wr_node *property = column->first; property; property = property->next)
        if (!wr_str_among(property->key, apart) && !wr_str_among(property->key, keys))
            put_hint(out, start, property);
}

/* ---- tables ---- */

/* That of the table, or of the nearest one above that has one: as many steps as there are tables, should a stored
 * document go in a circle. */
static weir_str write_disposition(const wr_schema *schema, const wr_table *table)
{
    for (size_t i = 0; table && i <= schema->tables.len; i++) {
        if (table->write.len)
            return table->write;
        table = wr_schema_table(schema, table->pub.parent);
    }
    return wr_lit("append");
}

static void put_contract(wr_buf *out, wr_contract contract)
{
    const struct {
        const char *entity;
        wr_contract_mode mode;
    } parts[] = { { "tables", contract.tables },
                  { "columns", contract.columns },
                  { "data_type", contract.data_type } };
    const char *before = ", contract: ";
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (parts[i].mode == WR_EVOLVE)
            continue;
        wr_buf_printf(out, "%s%s %s", before, parts[i].entity,
                      wr_contract_mode_name(parts[i].mode));
        before = ", ";
    }
}

void wr_put_table_facts(wr_buf *out, const wr_schema *schema, const wr_table *table)
{
    if (table->pub.parent.len)
        wr_buf_printf(out, "nested in %.*s, ", WR_STR(table->pub.parent));
    wr_buf_printf(out, "%.*s", WR_STR(write_disposition(schema, table)));
    put_contract(out, wr_contract_of(schema, table->pub.name, table->pub.parent));
    if (!table->seen_data && !wr_is_dlt_name(table->pub.name))
        wr_buf_cstr(out, ", no rows yet");
}

static wr_node *side_node(wr_arena *arena, const wr_node *side)
{
    return side ? wr_node_copy(arena, side) : wr_node_new(arena, WR_NODE_NULL);
}

wr_node *wr_change_node(wr_arena *arena, const wr_schema_change *change)
{
    const struct {
        const char *key;
        weir_str text;
    } texts[] = { { "table", change->table },
                  { "column", change->column },
                  { "property", change->property } };
    const struct {
        const char *key;
        const wr_node *side;
    } sides[] = { { "before", change->before }, { "after", change->after } };

    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, node, wr_lit("change"),
                wr_node_text(arena, weir_str_of(wr_change_kind_name(change->kind))));
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        wr_node_set(arena, node, weir_str_of(texts[i].key),
                    texts[i].text.len ? wr_node_text(arena, texts[i].text)
                                      : wr_node_new(arena, WR_NODE_NULL));
    for (size_t i = 0; i < sizeof(sides) / sizeof(*sides); i++) {
        wr_node *side = side_node(arena, sides[i].side);
        if (!change->column.len && !change->property.len && side->kind == WR_NODE_OBJECT)
            wr_node_remove(side, wr_lit("columns"));
        wr_node_set(arena, node, weir_str_of(sides[i].key), side);
    }
    return node;
}
