/* Digests, row ids, the hash and the packed form of the state: hashes.json. */
#include "cases.h"

#include "base/compress.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "pipeline/dedup.h"
#include "pipeline/rowhash.h"

#define TEXT_MAX ((size_t)1 << 20)

static void check_out(golden *g, const wr_node *vector, weir_str actual)
{
    golden_check(g, vector, wr_str_eq(actual, wr_node_get_text(vector, "out")), actual);
}

static void check_digest(golden *g, const wr_node *vector, weir_str bytes, size_t digest_len)
{
    char digest[64];
    wr_digest128(digest, digest_len, bytes);
    check_out(g, vector, (weir_str){ digest, WR_DIGEST_TEXT(digest_len) });
}

static void check_digest128(golden *g, const wr_node *vector)
{
    check_digest(g, vector, wr_node_get_text(vector, "in"),
                 (size_t)wr_node_get_int(vector, "len_bytes", 0));
}

static void check_digest256(golden *g, const wr_node *vector)
{
    char digest[WR_DIGEST256_TEXT];
    wr_digest256(digest, wr_node_get_text(vector, "in"));
    check_out(g, vector, weir_str_of(digest));
}

static void check_nested_row_id(golden *g, const wr_node *vector)
{
    char id[WR_ROW_ID_LEN];
    wr_nested_row_id(id, wr_node_get_text(vector, "parent_id"), wr_node_get_text(vector, "table"),
                     wr_node_get_int(vector, "list_idx", -1));
    check_out(g, vector, (weir_str){ id, sizeof(id) });
}

/* Only the digest: how a row becomes JSON is the normaliser's. */
static void check_row_id(golden *g, const wr_node *vector)
{
    check_digest(g, vector, wr_node_get_text(vector, "serialized"), WR_ROW_ID_BYTES);
}

/* A row of a vector as it comes from the source; NULL when it cannot be read, which has failed. */
static const wr_jval *source_row(golden *g, const wr_node *vector, wr_json_reader *reader)
{
    const weir_str json = golden_marked(&g->arena, wr_node_get(vector, "in"));
    char *copy = wr_arena_alloc(&g->arena, json.len + WR_JSON_PADDING);
    memcpy(copy, json.ptr, json.len);
    const wr_jval *row = NULL;
    size_t used;
    if (wr_json_read(&g->cx, reader, copy, json.len, &row, &used) != WEIR_OK)
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
    return row;
}

static void check_direct_row_hash(golden *g, const wr_node *vector)
{
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    const wr_jval *row = source_row(g, vector, &reader);
    if (!row)
        return;
    wr_hash_json(&json, row, WR_HASH_PLAIN);
    if (wr_str_eq(wr_buf_view(&json), wr_node_get_text(vector, "serialized")))
        check_digest(g, vector, wr_buf_view(&json), WR_ROW_ID_BYTES);
    else
        golden_fail(g, vector, "serialized as %s", wr_buf_text(&json));
}

static wr_dedup_key key_of(golden *g, const wr_node *node)
{
    if (node->kind == WR_NODE_NULL)
        return (wr_dedup_key){ 0 };
    if (node->kind == WR_NODE_TEXT)
        return (wr_dedup_key){ .names = &node->text, .count = 1 };

    wr_dedup_key key = { .is_list = true };
    weir_str *names = wr_arena_new_array(&g->arena, node->count, weir_str);
    for (const wr_node *name = node->first; name; name = name->next)
        names[key.count++] = name->text;
    key.names = names;
    return key;
}

/* What a row at the last value adds to a set; one hash of the old form makes the set an old one. */
static void check_dedup_hash(golden *g, const wr_node *vector)
{
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    const wr_jval *row = source_row(g, vector, &reader);
    if (!row)
        return;
    const wr_dedup_key key = key_of(g, wr_node_get(vector, "primary_key"));
    wr_node *stored = wr_node_new(&g->arena, WR_NODE_ARRAY);
    if (wr_node_get_bool(vector, "legacy", false))
        wr_node_append(stored, wr_node_text(&g->arena, wr_lit("~~~~~~~~~~~~~~~~~~~~")));

    wr_dedup dedup;
    wr_dedup_init(&dedup, &key, stored);
    const bool added =
        wr_dedup_keep(&g->cx, &dedup, row) == WEIR_OK && wr_dedup_settle(&g->cx, &dedup) == WEIR_OK;
    const wr_node *hashes = wr_dedup_hashes(&g->arena, &dedup);
    wr_dedup_done(&dedup);
    if (added) /* ours is sorted before the other one */
        check_out(g, vector, hashes->first->text);
    else
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
}

static void check_legacy_set(golden *g, const wr_node *vector)
{
    const bool legacy = wr_dedup_is_legacy(wr_node_get(vector, "in"));
    golden_check(g, vector, legacy == wr_node_get_bool(vector, "out", false),
                 legacy ? wr_lit("old") : wr_lit("new"));
}

/* The state of a vector in the form in which it is stored: typed values are marked texts. */
static wr_node *stored_state(golden *g, const wr_node *vector)
{
    weir_value json;
    wr_node *state = NULL;
    if (!golden_value(&g->arena, wr_node_get(vector, "in"), &json))
        golden_fail(g, vector, "cannot be read");
    else if (wr_node_parse(&g->cx, &g->arena, json.as.s, &state) != WEIR_OK)
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
    return state;
}

static void check_state_hash(golden *g, const wr_node *vector)
{
    wr_node *state = stored_state(g, vector);
    if (!state)
        return;
    for (const wr_node *n = wr_node_get(vector, "excluded")->first; n; n = n->next)
        wr_node_remove(state, n->text);

    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    wr_node_write(&json, state, WR_JSON_SORTED);
    if (!wr_str_eq(wr_buf_view(&json), wr_node_get_text(vector, "serialized"))) {
        golden_fail(g, vector, "serialized as %s", wr_buf_text(&json));
        return;
    }
    char digest[WR_DIGEST256_TEXT];
    wr_digest256(digest, wr_buf_view(&json));
    check_out(g, vector, weir_str_of(digest));
}

static void check_packed_state(golden *g, const wr_node *vector)
{
    const wr_node *state = stored_state(g, vector);
    if (!state)
        return;

    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    wr_auto(buf) wr_buf packed = wr_buf_max(TEXT_MAX);
    wr_node_write(&json, state, WR_JSON_COMPACT);
    if (!wr_str_eq(wr_buf_view(&json), wr_node_get_text(vector, "json")))
        golden_fail(g, vector, "written as %s", wr_buf_text(&json));
    else if (wr_deflate_base64(&g->cx, &packed, wr_buf_view(&json)) != WEIR_OK)
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
    else
        check_out(g, vector, wr_buf_view(&packed));
}

static void run(const char *op, void (*check)(golden *g, const wr_node *vector))
{
    golden g;
    golden_open(&g, "hashes.json", NULL);
    for (const wr_node *vector = g.cases ? g.cases->first : NULL; vector; vector = vector->next)
        if (wr_str_eq(wr_node_get_text(vector, "op"), weir_str_of(op)))
            check(&g, vector);
    golden_close(&g);
}

TEST(digests_of_128_bits_are_those_of_dlt)
{
    run("digest128", check_digest128);
}

TEST(digests_of_256_bits_are_those_of_dlt)
{
    run("digest256", check_digest256);
}

TEST(nested_rows_have_the_ids_of_dlt)
{
    run("nested_row_id", check_nested_row_id);
}

TEST(a_row_hash_is_the_digest_of_the_row_as_json)
{
    run("row_hash", check_row_id);
}

TEST(a_key_hash_is_the_digest_of_the_key_as_json)
{
    run("key_hash", check_row_id);
}

TEST(states_have_the_hashes_of_dlt)
{
    run("state_version_hash", check_state_hash);
}

TEST(states_are_packed_byte_for_byte_as_by_dlt)
{
    run("compress_state", check_packed_state);
}

TEST(hashes_of_rows_without_marks_are_those_of_dlt)
{
    run("row_hash_direct", check_direct_row_hash);
}

TEST(rows_at_the_last_value_have_the_hashes_of_dlt)
{
    run("incremental_unique_hash", check_dedup_hash);
}

TEST(one_long_hash_makes_a_stored_set_an_old_one)
{
    run("unique_hashes_legacy_set", check_legacy_set);
}
