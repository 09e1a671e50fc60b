/* Names: announced tables under those of a naming convention, and that of a schema. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/str.h"
#include "base/utf8.h"

#define SCHEMA_NAME_MAX 64

typedef weir_status (*name_function)(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                     weir_str raw, weir_str *ret);

/* Name the text of a member, if it has one. */
static weir_status name_member(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                               wr_node *member, name_function name)
{
    if (!member || member->text.len == 0)
        return WEIR_OK;
    return name(cx, naming, arena, member->text, &member->text);
}

static weir_status name_elements(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                 wr_node *array)
{
    for (wr_node *element = array ? array->first : NULL; element; element = element->next)
        WEIR_TRY(name_member(cx, naming, arena, element, wr_name_path));
    return WEIR_OK;
}

/* A second column of the same name: what it says beyond defaults wins. */
static void merge_named(wr_arena *arena, wr_node *column, const wr_node *other)
{
    for (const wr_node *property = other->first; property; property = property->next)
        if (!wr_column_is_default(property->key, property))
            wr_node_set(arena, column, property->key, wr_node_copy(arena, property));
}

static weir_status name_columns(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                wr_node *doc)
{
    wr_node *named = wr_node_new(arena, WR_NODE_OBJECT);
    const wr_node *columns = wr_node_get(doc, "columns");
    for (wr_node *column = columns ? columns->first : NULL, *next; column; column = next) {
        next = column->next;
        const weir_str raw = column->key;
        WEIR_TRY(name_member(cx, naming, arena, wr_node_get(column, "name"), wr_name_path));
        const weir_str name = wr_node_get_text(column, "name");
        wr_node *earlier = wr_node_get_str(named, name);
        if (!earlier) {
            wr_node_set(arena, named, name, column);
            continue;
        }
        merge_named(arena, earlier, column);
        weir_warn(cx, "table '%.*s': column '%.*s' is merged into another one that is named '%.*s'",
                  WR_STR(wr_node_get_text(doc, "name")), WR_STR(raw), WR_STR(name));
    }
    wr_node_set(arena, doc, wr_lit("columns"), named);
    return WEIR_OK;
}

/* Of several references to one table the last stays, at the place of the first. */
static wr_node *last_references(wr_arena *arena, const wr_node *references)
{
    wr_node *by_table = wr_node_new(arena, WR_NODE_OBJECT);
    for (wr_node *reference = references->first, *next; reference; reference = next) {
        next = reference->next;
        wr_node_set(arena, by_table, wr_node_get_text(reference, "referenced_table"), reference);
    }
    by_table->kind = WR_NODE_ARRAY;
    return by_table;
}

static weir_status name_references(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                   wr_node *doc)
{
    const wr_node *references = wr_node_get(doc, "references");
    if (!references || references->count == 0)
        return WEIR_OK;
    for (wr_node *r = references->first; r; r = r->next) {
        WEIR_TRY(
            name_member(cx, naming, arena, wr_node_get(r, "referenced_table"), wr_name_table_path));
        WEIR_TRY(name_elements(cx, naming, arena, wr_node_get(r, "columns")));
        WEIR_TRY(name_elements(cx, naming, arena, wr_node_get(r, "referenced_columns")));
    }
    wr_node_set(arena, doc, wr_lit("references"), last_references(arena, references));
    return WEIR_OK;
}

weir_status wr_table_doc_named(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                               const wr_node *table, wr_node **ret)
{
    WEIR_TRY(wr_table_check(cx, WEIR_SCHEMA, wr_node_get_text(table, "name"), table));
    wr_node *doc = wr_node_copy(arena, table);
    WEIR_TRY(name_member(cx, naming, arena, wr_node_get(doc, "name"), wr_name_table_path));
    WEIR_TRY(name_member(cx, naming, arena, wr_node_get(doc, "parent"), wr_name_table_path));
    WEIR_TRY(name_columns(cx, naming, arena, doc));
    WEIR_TRY(name_references(cx, naming, arena, doc));
    *ret = doc;
    return WEIR_OK;
}

/* Letters and digits of other scripts than Latin are taken on trust: Python's list of them is long. */
static bool is_name_char(uint32_t c, bool first)
{
    if (c < 0x80)
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (!first && c >= '0' && c <= '9');
    return !wr_is_space(c) && !(first && wr_is_digit(c));
}

bool wr_schema_name_is_valid(weir_str name)
{
    for (size_t at = 0; at < name.len;) {
        const bool first = at == 0;
        if (!is_name_char(wr_utf8_next(name, &at), first))
            return false;
    }
    return name.len > 0 && wr_utf8_len(name) <= SCHEMA_NAME_MAX;
}
