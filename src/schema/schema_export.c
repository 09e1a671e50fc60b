/* Schemas as files for people, in dlt's form: YAML or JSON, with or without what goes without saying; and back. */
#include "schema/schema_parts.h"

#include "base/ctx.h"
#include "base/str.h"
#include "format/yaml.h"

/* Members to leave out; the lists end with NULL. */
typedef struct omission {
    const char *const *of_tables;
    const char *const *of_columns;
} omission;

/* What normaliser, loader and extractor note for themselves. */
static const omission HINTS = {
    .of_tables = (const char *const[]){ "x-normalizer", "x-loader", "x-extractor", NULL },
    .of_columns = (const char *const[]){ "x-normalizer", NULL },
};

/* The keys say it. */
static const omission NAMES = {
    .of_tables = (const char *const[]){ "name", NULL },
    .of_columns = (const char *const[]){ "name", NULL },
};

static void remove_members(wr_node *object, const char *const *names)
{
    for (; *names; names++)
        wr_node_remove(object, weir_str_of(*names));
}

static void omit(const wr_node *doc, const omission *what)
{
    for (wr_node *table = wr_node_get(doc, "tables")->first; table; table = table->next) {
        remove_members(table, what->of_tables);
        const wr_node *columns = wr_node_get(table, "columns");
        for (wr_node *column = columns->first; column; column = column->next)
            remove_members(column, what->of_columns);
    }
}

/* The version of a document that was changed, or never stored: as wr_schema_bump() does it. */
static void bump(wr_arena *arena, wr_node *doc)
{
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_doc_hash(doc, hash);
    const weir_str old = wr_node_get_text(doc, "version_hash");
    int64_t version = wr_node_get_int(doc, "version", 1);
    if (wr_str_eq(old, weir_str_of(hash)))
        return;
    if (old.len > 0) {
        version++;
        wr_doc_link(arena, wr_node_get(doc, "previous_hashes"), old);
    }
    wr_node_set(arena, doc, wr_lit("version"), wr_node_int(arena, version));
    wr_node_set(arena, doc, wr_lit("version_hash"), wr_node_text(arena, weir_str_of(hash)));
}

void wr_schema_export(wr_buf *out, const wr_schema *schema, wr_schema_form form,
                      char ret_hash[WR_SCHEMA_HASH_TEXT])
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = wr_node_copy(&arena, wr_schema_doc(&arena, schema));
    if (form.remove_hints)
        omit(doc, &HINTS);
    bump(&arena, doc);
    const weir_str hash = wr_node_get_text(doc, "version_hash");
    memcpy(ret_hash, hash.ptr, hash.len + 1);
    if (form.remove_defaults) {
        omit(doc, &NAMES);
        wr_node_remove(doc, wr_lit(WR_IMPORTED_HASH));
    }
    if (form.json)
        wr_node_write(out, doc, WR_JSON_PRETTY);
    else
        wr_yaml_write(out, doc);
}

static weir_status read_file(weir_ctx *cx, wr_arena *arena, const wr_schema_file *file,
                             wr_node **ret)
{
    if (!file->json)
        return wr_yaml_read(cx, arena, file->path, file->text, ret);
    return wr_context(cx, wr_node_parse(cx, arena, file->text, ret), "%s", file->path);
}

weir_status wr_schema_import(weir_ctx *cx, const wr_schema_file *file, wr_schema **ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = NULL;
    WEIR_TRY(read_file(cx, &arena, file, &doc));
    wr_schema *schema = NULL;
    const weir_status status = wr_schema_read_changed(cx, doc, &schema);
    if (status != WEIR_OK)
        return wr_context(cx, status, "importing the schema of '%s'", file->path);
    wr_schema_bump(schema);
    *ret = schema;
    return WEIR_OK;
}

weir_str wr_schema_imported_hash(const wr_schema *schema)
{
    return wr_node_get_text(schema->rest, WR_IMPORTED_HASH);
}

/* In front of the other members: there it stands in the stored document. */
void wr_schema_set_imported_hash(wr_schema *schema, const char *hash)
{
    wr_node *rest = wr_node_new(&schema->arena, WR_NODE_OBJECT);
    if (schema->rest)
        *rest = *wr_node_copy(&schema->arena, schema->rest);
    wr_node_remove(rest, wr_lit(WR_IMPORTED_HASH));
    if (hash) {
        wr_node *value = wr_node_text(&schema->arena, weir_str_of(hash));
        value->key = wr_lit(WR_IMPORTED_HASH);
        wr_node_prepend(rest, value);
    }
    schema->rest = rest;
}
