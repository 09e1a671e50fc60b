/* Versions of a schema: the hash of its content, and the chain of the hashes before. */
#include "schema/schema_parts.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

#define PREVIOUS_MAX 10
#define HASHED_MAX ((size_t)1 << 30)

/* What says which version it is does not count as content. */
static const char *const NOT_HASHED[] = {
    "version",
    "version_hash",
    "imported_version_hash",
    "previous_hashes",
};

void wr_schema_write_hashed(wr_buf *out, const wr_schema *schema)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = wr_schema_doc(&arena, schema);
    for (size_t i = 0; i < sizeof(NOT_HASHED) / sizeof(*NOT_HASHED); i++)
        wr_node_remove(doc, weir_str_of(NOT_HASHED[i]));
    wr_node_write(out, doc, WR_JSON_SORTED);
}

static int compare_tables(const void *a, const void *b)
{
    const wr_table *const *left = a;
    const wr_table *const *right = b;
    return wr_str_cmp((*left)->pub.name, (*right)->pub.name);
}

/* The order of tables does not count, that of columns does: sorted JSON would hide it. */
static void hash_names(wr_sha3 *sha, const wr_schema *schema)
{
    wr_auto(free) const wr_table **tables = wr_new_array(schema->tables.len, const wr_table *);
    for (size_t i = 0; i < schema->tables.len; i++)
        tables[i] = schema->tables.ptr[i];
    qsort(tables, schema->tables.len, sizeof(const wr_table *), compare_tables);

    for (size_t i = 0; i < schema->tables.len; i++) {
        const weir_table *table = &tables[i]->pub;
        wr_sha3_update(sha, table->name.ptr, table->name.len);
        for (size_t c = 0; c < table->column_count; c++)
            wr_sha3_update(sha, table->columns[c].name.ptr, table->columns[c].name.len);
    }
}

void wr_schema_hash(const wr_schema *schema, char ret[WR_SCHEMA_HASH_TEXT])
{
    wr_auto(buf) wr_buf json = wr_buf_max(HASHED_MAX);
    wr_schema_write_hashed(&json, schema);
    wr_assert(!json.failed);

    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, json.ptr, json.len);
    hash_names(&sha, schema);
    wr_digest256_of(ret, &sha);
}

void wr_schema_link(wr_schema *schema, const char *hash)
{
    const weir_str text = weir_str_of(hash);
    for (size_t i = 0; i < schema->previous.len; i++)
        if (wr_str_eq(schema->previous.ptr[i], text))
            return;

    (void)wr_vec_push(&schema->previous);
    weir_str *hashes = schema->previous.ptr;
    memmove(hashes + 1, hashes, (schema->previous.len - 1) * sizeof(*hashes));
    hashes[0] = wr_arena_str(&schema->arena, text);
    if (schema->previous.len > PREVIOUS_MAX)
        schema->previous.len = PREVIOUS_MAX;
}

void wr_schema_bump(wr_schema *schema)
{
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(schema, hash);
    if (strcmp(hash, schema->hash) == 0)
        return;

    if (schema->hash[0] != '\0') {
        wr_schema_link(schema, schema->hash);
        schema->version++;
    } else if (schema->version == 0) {
        schema->version = 1;
    }
    memcpy(schema->hash, hash, sizeof(hash));
}
