/* The version hash of whole schemas, and the bytes that it is taken of: schema_version_hash.json. */
#include "cases.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/schema.h"

#define TEXT_MAX ((size_t)4 << 20)

/* The stored schema; several vectors carry the hash of a schema that they were made of, here it is the right one. */
static void write_stored(golden *g, const wr_node *vector, wr_buf *ret)
{
    wr_node *stored = wr_node_copy(&g->arena, wr_node_get(vector, "stored_schema"));
    const weir_str hash = wr_node_get_text(vector, "version_hash");
    wr_node_set(&g->arena, stored, wr_lit("version_hash"), wr_node_text(&g->arena, hash));
    wr_node_write(ret, stored, WR_JSON_COMPACT);
}

static bool same_hashed_json(const wr_schema *schema, const wr_node *vector)
{
    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    wr_schema_write_hashed(&json, schema);
    return wr_str_eq(wr_buf_view(&json), wr_node_get_text(vector, "hashed_json"));
}

/* The names follow the JSON: tables sorted, columns in order. */
static bool same_hashed_names(const char *hash, const wr_node *vector)
{
    const weir_str json = wr_node_get_text(vector, "hashed_json");
    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, json.ptr, json.len);
    for (const wr_node *n = wr_node_get(vector, "hashed_names")->first; n; n = n->next)
        wr_sha3_update(&sha, n->text.ptr, n->text.len);

    char expected[WR_SCHEMA_HASH_TEXT];
    wr_digest256_of(expected, &sha);
    return strcmp(hash, expected) == 0;
}

/* A schema that was read goes back as it came, down to the order of properties. */
static bool same_document(const wr_schema *schema, weir_str stored)
{
    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    wr_schema_write(&json, schema, WR_JSON_COMPACT);
    return wr_str_eq(wr_buf_view(&json), stored);
}

static void check_schema(golden *g, const wr_node *vector)
{
    wr_auto(buf) wr_buf stored = wr_buf_max(TEXT_MAX);
    wr_auto(schema) wr_schema *schema = NULL;
    write_stored(g, vector, &stored);
    if (wr_schema_read(&g->cx, wr_buf_view(&stored), &schema) != WEIR_OK) {
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
        return;
    }

    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(schema, hash);
    if (!same_hashed_json(schema, vector))
        golden_fail(g, vector, "other hashed_json");
    else if (!same_hashed_names(hash, vector))
        golden_fail(g, vector, "other hashed_names");
    else if (!same_document(schema, wr_buf_view(&stored)))
        golden_fail(g, vector, "another document");
    else
        golden_check(g, vector,
                     wr_str_eq(weir_str_of(hash), wr_node_get_text(vector, "version_hash")),
                     weir_str_of(hash));
}

TEST(stored_schemas_have_the_version_hashes_of_dlt)
{
    golden g;
    golden_open(&g, "schema_version_hash.json", NULL);
    for (const wr_node *vector = g.cases ? g.cases->first : NULL; vector; vector = vector->next)
        check_schema(&g, vector);
    golden_close(&g);
}
