/* The stored document of a schema: reading and writing. Members that weir does not know stay as they are. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- writing ---- */

wr_node *wr_doc_borrow(wr_arena *arena, const wr_node *node)
{
    wr_node *copy = wr_node_new(arena, node->kind);
    *copy = *node;
    return copy;
}

static wr_node *text_or_null(wr_arena *arena, weir_str text)
{
    return text.len > 0 ? wr_node_text(arena, text) : wr_node_new(arena, WR_NODE_NULL);
}

static wr_node *tables_doc(wr_arena *arena, const wr_schema *schema)
{
    wr_node *tables = wr_node_new(arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < schema->tables.len; i++) {
        wr_node *table = wr_doc_borrow(arena, schema->tables.ptr[i]->doc);
        table->key = schema->tables.ptr[i]->pub.name;
        wr_node_append(tables, table);
    }
    return tables;
}

static wr_node *previous_doc(wr_arena *arena, const wr_schema *schema)
{
    wr_node *hashes = wr_node_new(arena, WR_NODE_ARRAY);
    for (size_t i = 0; i < schema->previous.len; i++)
        wr_node_append(hashes, wr_node_text(arena, schema->previous.ptr[i]));
    return hashes;
}

wr_node *wr_schema_doc(wr_arena *arena, const wr_schema *schema)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *version =
        schema->version ? wr_node_int(arena, schema->version) : wr_node_new(arena, WR_NODE_NULL);
    wr_node_set(arena, doc, wr_lit("version"), version);
    wr_node_set(arena, doc, wr_lit("version_hash"), text_or_null(arena, weir_str_of(schema->hash)));
    wr_node_set(arena, doc, wr_lit("engine_version"), wr_node_int(arena, WR_SCHEMA_ENGINE));
    wr_node_set(arena, doc, wr_lit("name"), wr_node_text(arena, schema->name));
    wr_node_set(arena, doc, wr_lit("tables"), tables_doc(arena, schema));
    wr_node_set(arena, doc, wr_lit("settings"), wr_doc_borrow(arena, schema->settings));
    wr_node_set(arena, doc, wr_lit("normalizers"), wr_doc_borrow(arena, schema->normalizers));
    wr_node_set(arena, doc, wr_lit("previous_hashes"), previous_doc(arena, schema));

    for (const wr_node *other = schema->rest ? schema->rest->first : NULL; other;
         other = other->next)
        wr_node_append(doc, wr_doc_borrow(arena, other));
    return doc;
}

void wr_schema_write(wr_buf *out, const wr_schema *schema, wr_json_form form)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node_write(out, wr_schema_doc(&arena, schema), form);
}

/* ---- reading ---- */

static bool is_known(weir_str member)
{
    static const char *const KNOWN[] = {
        "version", "version_hash", "engine_version", "name",
        "tables",  "settings",     "normalizers",    "previous_hashes",
    };
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++)
        if (wr_str_eq(member, weir_str_of(KNOWN[i])))
            return true;
    return false;
}

/* The object of that name; an empty one when it is missing. */
static const wr_node *read_object(wr_arena *arena, const wr_node *doc, const char *name)
{
    const wr_node *object = wr_node_get(doc, name);
    const bool found = object && object->kind == WR_NODE_OBJECT;
    return found ? object : wr_node_new(arena, WR_NODE_OBJECT);
}

static const wr_node *read_rest(wr_arena *arena, const wr_node *doc)
{
    wr_node *rest = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *member = doc->first; member; member = member->next)
        if (!is_known(member->key))
            wr_node_append(rest, wr_doc_borrow(arena, member));
    return rest;
}

static weir_status read_head(weir_ctx *cx, wr_schema *schema, const wr_node *doc)
{
    schema->name = wr_node_get_text(doc, "name");
    if (schema->name.len == 0)
        return weir_fail(cx, WEIR_CORRUPT, "the schema has no name");

    schema->version = wr_node_get_int(doc, "version", 0);
    const weir_str hash = wr_node_get_text(doc, "version_hash");
    if (hash.len >= sizeof(schema->hash))
        return weir_fail(cx, WEIR_CORRUPT, "the version hash '%.*s' is too long", WR_STR(hash));
    if (hash.len > 0)
        memcpy(schema->hash, hash.ptr, hash.len);

    const wr_node *previous = wr_node_get(doc, "previous_hashes");
    for (const wr_node *p = previous ? previous->first : NULL; p; p = p->next)
        *wr_vec_push(&schema->previous) = p->text;
    schema->settings = read_object(&schema->arena, doc, "settings");
    schema->normalizers = read_object(&schema->arena, doc, "normalizers");
    schema->rest = read_rest(&schema->arena, doc);
    return wr_settings_check(cx, schema->settings);
}

static weir_status read_tables(weir_ctx *cx, wr_schema *schema, const wr_node *doc)
{
    const wr_node *tables = read_object(&schema->arena, doc, "tables");
    for (const wr_node *table = tables->first; table; table = table->next) {
        WEIR_TRY(wr_table_check(cx, WEIR_CORRUPT, table->key, table));
        wr_arena arena = { 0 };
        const wr_node *copy = wr_node_copy(&arena, table);
        wr_schema_put_table(schema, wr_table_new(&arena, table->key, copy));
    }
    return WEIR_OK;
}

/* Every chain of parents ends at a root table. */
static weir_status check_parents(weir_ctx *cx, const wr_schema *schema)
{
    for (size_t i = 0; i < schema->tables.len; i++) {
        const wr_table *table = schema->tables.ptr[i];
        for (size_t steps = 0; table->pub.parent.len > 0; steps++) {
            const wr_table *parent = wr_schema_table(schema, table->pub.parent);
            if (!parent || steps == schema->tables.len)
                return weir_fail(cx, WEIR_CORRUPT, "table '%.*s' has the parent '%.*s', which %s",
                                 WR_STR(table->pub.name), WR_STR(table->pub.parent),
                                 parent ? "is its own descendant" : "is not there");
            table = parent;
        }
    }
    return WEIR_OK;
}

static weir_status check_tables(weir_ctx *cx, const wr_schema *schema)
{
    static const char *const NEEDED[] = { WR_DLT_VERSION_TABLE, WR_DLT_LOADS_TABLE };
    for (size_t i = 0; i < sizeof(NEEDED) / sizeof(*NEEDED); i++)
        if (!wr_schema_table(schema, weir_str_of(NEEDED[i])))
            return weir_fail(cx, WEIR_CORRUPT, "the schema lacks dlt's table '%s'", NEEDED[i]);
    return check_parents(cx, schema);
}

/* Did nobody change what was stored? */
static weir_status check_hash(weir_ctx *cx, const wr_node *doc)
{
    const weir_str stored = wr_node_get_text(doc, "version_hash");
    if (stored.len == 0)
        return WEIR_OK;
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_doc_hash(doc, hash);
    if (wr_str_eq(weir_str_of(hash), stored))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CORRUPT, "the schema was changed: its hash is '%s', stored is '%.*s'",
                     hash, WR_STR(stored));
}

/* `doc` is in the arena of the schema. `complete`: it has what wr_schema_fill() gives. */
static weir_status read_doc(weir_ctx *cx, wr_schema *schema, wr_node *doc, bool complete)
{
    WEIR_TRY(wr_schema_migrate(cx, &schema->arena, doc));
    if (!complete)
        wr_schema_fill(&schema->arena, doc);
    WEIR_TRY(read_head(cx, schema, doc));
    WEIR_TRY(read_tables(cx, schema, doc));
    return check_tables(cx, schema);
}

static weir_status read_stored(weir_ctx *cx, wr_schema *schema, weir_str json)
{
    wr_node *doc;
    WEIR_TRY(wr_node_parse(cx, &schema->arena, json, &doc));
    schema->name = wr_node_get_text(doc, "name"); /* for the message */
    /* Older engines took the hash of another document. */
    const bool present = wr_node_get_int(doc, "engine_version", 0) == WR_SCHEMA_ENGINE;
    if (present)
        WEIR_TRY(check_hash(cx, doc));
    return read_doc(cx, schema, doc, present);
}

weir_status wr_schema_read(weir_ctx *cx, weir_str json, wr_schema **ret)
{
    wr_auto(schema) wr_schema *schema = wr_schema_alloc();
    const weir_status status = read_stored(cx, schema, json);
    if (status != WEIR_OK)
        return wr_context(cx, status, "reading the stored schema '%.*s'", WR_STR(schema->name));

    *ret = wr_schema_hold(schema);
    return WEIR_OK;
}

weir_status wr_schema_read_changed(weir_ctx *cx, const wr_node *doc, wr_schema **ret)
{
    wr_auto(schema) wr_schema *schema = wr_schema_alloc();
    WEIR_TRY(read_doc(cx, schema, wr_node_copy(&schema->arena, doc), false));
    *ret = wr_schema_hold(schema);
    return WEIR_OK;
}
