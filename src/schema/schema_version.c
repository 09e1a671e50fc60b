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

/* Only for reading. */
static wr_node *hashed_doc(wr_arena *arena, const wr_node *doc)
{
    wr_node *content = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *member = doc->first; member; member = member->next)
        wr_node_append(content, wr_doc_borrow(arena, member));
    for (size_t i = 0; i < sizeof(NOT_HASHED) / sizeof(*NOT_HASHED); i++)
        wr_node_remove(content, weir_str_of(NOT_HASHED[i]));
    return content;
}

void wr_schema_write_hashed(wr_buf *out, const wr_schema *schema)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node_write(out, hashed_doc(&arena, wr_schema_doc(&arena, schema)), WR_JSON_SORTED);
}

static int compare_keys(const void *a, const void *b)
{
    const wr_node *const *left = a;
    const wr_node *const *right = b;
    return wr_str_cmp((*left)->key, (*right)->key);
}

static void hash_key(wr_sha3 *sha, const wr_node *member)
{
    wr_sha3_update(sha, member->key.ptr, member->key.len);
}

/* The order of tables does not count, that of columns does: sorted JSON would hide it. */
static void hash_names(wr_sha3 *sha, const wr_node *tables)
{
    if (!tables || tables->kind != WR_NODE_OBJECT)
        return;
    wr_auto(free) const wr_node **sorted = wr_new_array(tables->count, const wr_node *);
    size_t count = 0;
    for (const wr_node *table = tables->first; table; table = table->next)
        sorted[count++] = table;
    qsort(sorted, count, sizeof(const wr_node *), compare_keys);

    for (size_t i = 0; i < count; i++) {
        hash_key(sha, sorted[i]);
        const wr_node *columns = wr_node_get(sorted[i], "columns");
        const bool named = columns && columns->kind == WR_NODE_OBJECT;
        for (const wr_node *column = named ? columns->first : NULL; column; column = column->next)
            hash_key(sha, column);
    }
}

void wr_doc_hash(const wr_node *doc, char ret[WR_SCHEMA_HASH_TEXT])
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(buf) wr_buf json = wr_buf_max(HASHED_MAX);
    wr_node_write(&json, hashed_doc(&arena, doc), WR_JSON_SORTED);
    wr_assert(!json.failed);

    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, json.ptr, json.len);
    hash_names(&sha, wr_node_get(doc, "tables"));
    wr_digest256_of(ret, &sha);
}

void wr_schema_hash(const wr_schema *schema, char ret[WR_SCHEMA_HASH_TEXT])
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_doc_hash(wr_schema_doc(&arena, schema), ret);
}

void wr_doc_link(wr_arena *arena, wr_node *previous, weir_str hash)
{
    for (const wr_node *p = previous->first; p; p = p->next)
        if (wr_str_eq(p->text, hash))
            return;
    wr_node_prepend(previous, wr_node_text(arena, hash));
    if (previous->count <= PREVIOUS_MAX)
        return;
    wr_node *last = previous->first;
    for (size_t i = 1; i < PREVIOUS_MAX; i++)
        last = last->next;
    last->next = NULL;
    previous->last = last;
    previous->count = PREVIOUS_MAX;
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
