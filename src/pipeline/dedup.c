/* Keeps, hashes and recognises the rows at the border of two runs. */
#include "pipeline/dedup.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/jsonpath.h"
#include "pipeline/rowhash.h"

/* Of what is kept of one page; more is hashed at once. */
#define KEPT_BYTES ((size_t)1 << 20)
/* Of the texts of one row, and of its JSON. */
#define ROW_MAX ((size_t)1 << 30)
/* Rows at the last value; their hashes are in each state. */
#define HASHES_MAX ((size_t)1 << 20)

static void add_hash(wr_map *map, wr_arena *texts, weir_str hash)
{
    if (wr_map_find(map, hash) < 0)
        wr_map_put(map, wr_arena_str(texts, hash), NULL);
}

void wr_dedup_init(wr_dedup *dedup, const wr_dedup_key *key, const wr_node *stored)
{
    const bool legacy = wr_dedup_is_legacy(stored);
    const size_t width = key->count > 0 ? key->count : 1;
    *dedup = (wr_dedup){
        .key = *key,
        .start_legacy = legacy,
        .last_legacy = legacy,
        .width = width,
        .places = wr_new_array(width, size_t),
        .parts = wr_new_array(width, const wr_jval *),
        .kept_texts = wr_buf_max(ROW_MAX),
        .json = wr_buf_max(ROW_MAX),
    };
    for (const wr_node *hash = stored ? stored->first : NULL; hash; hash = hash->next) {
        add_hash(&dedup->start, &dedup->start_texts, hash->text);
        add_hash(&dedup->last, &dedup->last_texts, hash->text);
    }
}

void wr_dedup_done(wr_dedup *dedup)
{
    wr_map_done(&dedup->start);
    wr_map_done(&dedup->last);
    wr_arena_done(&dedup->start_texts);
    wr_arena_done(&dedup->last_texts);
    wr_free(dedup->places);
    wr_free(dedup->parts);
    wr_vec_done(&dedup->kept);
    wr_buf_done(&dedup->kept_texts);
    wr_buf_done(&dedup->json);
    *dedup = (wr_dedup){ 0 };
}

/* ---- hashing ---- */

static void find_parts(wr_dedup *dedup, const wr_jval *row)
{
    const wr_dedup_key *key = &dedup->key;
    dedup->parts[0] = row;
    for (size_t i = 0; i < key->count; i++)
        dedup->parts[i] = wr_jval_member(row, key->names[i], &dedup->places[i]);
}

static weir_status check_parts(weir_ctx *cx, const wr_dedup *dedup)
{
    for (size_t i = 0; i < dedup->width; i++) {
        if (dedup->parts[i])
            continue;
        return weir_fail(cx, WEIR_INVALID,
                         "a row has no primary key column '%.*s'\n"
                         "hint: all rows must have it; keys are named as in the source, which can "
                         "be otherwise than in the database",
                         WR_STR(dedup->key.names[i]));
    }
    return WEIR_OK;
}

/* The hash of the parts; `ret` is made in `room`. */
static weir_status hash_parts(weir_ctx *cx, wr_dedup *dedup, bool legacy,
                              char room[WR_DEDUP_LEGACY_LEN], weir_str *ret)
{
    WEIR_TRY(check_parts(cx, dedup));
    wr_buf *json = &dedup->json;
    wr_buf_clear(json);
    if (dedup->key.is_list)
        wr_buf_char(json, '[');
    for (size_t i = 0; i < dedup->width; i++) {
        if (i > 0)
            wr_buf_char(json, ',');
        wr_hash_json(json, dedup->parts[i], legacy ? WR_HASH_LEGACY : WR_HASH_INSTANTS);
    }
    if (dedup->key.is_list)
        wr_buf_char(json, ']');
    WEIR_TRY(wr_buf_check(cx, json, "a row to be hashed"));
    *ret = (weir_str){ room, wr_dedup_hash(room, wr_buf_view(json), legacy) };
    return WEIR_OK;
}

weir_status wr_dedup_is_loaded(weir_ctx *cx, wr_dedup *dedup, const wr_jval *row, bool *ret)
{
    char room[WR_DEDUP_LEGACY_LEN];
    weir_str hash;
    find_parts(dedup, row);
    WEIR_TRY(hash_parts(cx, dedup, dedup->start_legacy, room, &hash));
    *ret = wr_map_find(&dedup->start, hash) >= 0;
    return WEIR_OK;
}

/* ---- keeping ---- */

static bool has_text(const wr_jval *value)
{
    return wr_jkind_of(value) == WR_JTEXT || wr_jkind_of(value) == WR_JRAW;
}

/* Copy the texts of values that were copied; they become offsets. In ascending data this is done for each row. */
static void keep_texts(wr_dedup *dedup, wr_jval *values, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += has_text(&values[i]) ? wr_jlen(&values[i]) : 0;
    char *room = wr_buf_room(&dedup->kept_texts, bytes);
    if (!room)
        return; /* seen at the end of the row */

    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!has_text(&values[i]))
            continue;
        const weir_str text = wr_jtext(&values[i]);
        values[i].as.ofs = dedup->kept_texts.len + used;
        memcpy(room + used, text.ptr, text.len);
        used += text.len;
    }
    wr_buf_used(&dedup->kept_texts, used);
}

/* What is missing is kept as nothing: it matters only if the row is still there at the end of the page. */
static void keep_part(wr_dedup *dedup, const wr_jval *part)
{
    static const wr_jval MISSING = { .tag = WR_JNONE };
    const wr_jval *from = part ? part : &MISSING;
    const size_t count = (size_t)(wr_jnext(from) - from);
    wr_vec_reserve(&dedup->kept, dedup->kept.len + count);
    wr_jval *to = dedup->kept.ptr + dedup->kept.len;
    memcpy(to, from, count * sizeof(wr_jval));
    dedup->kept.len += count;
    keep_texts(dedup, to, count);
}

static void forget_kept(wr_dedup *dedup)
{
    dedup->kept.len = 0;
    dedup->kept_rows = 0;
    wr_buf_clear(&dedup->kept_texts);
}

void wr_dedup_restart(wr_dedup *dedup)
{
    forget_kept(dedup);
    dedup->last_legacy = false;
    if (dedup->last.len == 0)
        return;
    wr_map_clear(&dedup->last);
    wr_arena_reset(&dedup->last_texts);
}

weir_status wr_dedup_keep(weir_ctx *cx, wr_dedup *dedup, const wr_jval *row)
{
    find_parts(dedup, row);
    for (size_t i = 0; i < dedup->width; i++)
        keep_part(dedup, dedup->parts[i]);
    dedup->kept_rows++;
    WEIR_TRY(wr_buf_check(cx, &dedup->kept_texts, "the texts of a row"));
    const size_t bytes = dedup->kept_texts.len + dedup->kept.len * sizeof(wr_jval);
    return bytes > KEPT_BYTES ? wr_dedup_settle(cx, dedup) : WEIR_OK;
}

static void restore_texts(wr_dedup *dedup)
{
    const weir_str texts = wr_buf_view(&dedup->kept_texts);
    for (size_t i = 0; i < dedup->kept.len; i++) {
        wr_jval *value = &dedup->kept.ptr[i];
        if (has_text(value))
            value->as.str = texts.ptr + value->as.ofs;
    }
}

static weir_status check_count(weir_ctx *cx, const wr_dedup *dedup)
{
    if (dedup->last.len <= HASHES_MAX)
        return WEIR_OK;
    return weir_fail(cx, WEIR_LIMIT,
                     "more than %zu rows have the same value\n"
                     "hint: take a cursor that tells rows apart, or do without deduplication: "
                     "primary_key = [], or range_start = \"open\"",
                     HASHES_MAX);
}

static weir_status hash_kept(weir_ctx *cx, wr_dedup *dedup)
{
    const wr_jval *part = dedup->kept.ptr;
    for (size_t row = 0; row < dedup->kept_rows; row++) {
        for (size_t i = 0; i < dedup->width; i++, part = wr_jnext(part))
            dedup->parts[i] = wr_jkind_of(part) == WR_JNONE ? NULL : part;
        char room[WR_DEDUP_LEGACY_LEN];
        weir_str hash;
        WEIR_TRY(hash_parts(cx, dedup, dedup->last_legacy, room, &hash));
        add_hash(&dedup->last, &dedup->last_texts, hash);
    }
    return check_count(cx, dedup);
}

weir_status wr_dedup_settle(weir_ctx *cx, wr_dedup *dedup)
{
    restore_texts(dedup);
    const weir_status status = hash_kept(cx, dedup);
    forget_kept(dedup);
    return status;
}

/* ---- storing ---- */

static int compare_hashes(const void *a, const void *b)
{
    const wr_map_entry *left = a;
    const wr_map_entry *right = b;
    return wr_str_cmp(left->key, right->key);
}

wr_node *wr_dedup_hashes(wr_arena *arena, const wr_dedup *dedup)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_ARRAY);
    const size_t count = dedup->last.len;
    wr_map_entry *sorted = wr_new_array(count, wr_map_entry);
    for (size_t i = 0; i < count; i++)
        sorted[i] = dedup->last.entries[i];
    qsort(sorted, count, sizeof(*sorted), compare_hashes);
    for (size_t i = 0; i < count; i++)
        wr_node_append(ret, wr_node_text(arena, sorted[i].key));
    wr_free(sorted);
    return ret;
}
