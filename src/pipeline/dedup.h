/* Deduplication at the border of two runs: the rows at the last value of a cursor are remembered by their hashes, so that
 * the next run passes over them. Rows are hashed only when it is known that they stand at the border: until the end of
 * their page they are kept as copies of what their hashes are taken of. */
#ifndef WR_DEDUP_H
#define WR_DEDUP_H

#include "base/map.h"
#include "base/vec.h"
#include "format/json.h"

/* What tells rows apart. */
typedef struct wr_dedup_key {
    const weir_str *names; /* in the source's spelling, borrowed */
    size_t count;          /* 0: the whole row, unless it is a list: then nothing does */
    bool is_list;          /* one name alone, and a list of one, give different hashes */
} wr_dedup_key;

typedef struct wr_dedup {
    wr_dedup_key key;
    wr_map start; /* hashes of the rows that are loaded already */
    bool start_legacy;
    wr_map last; /* hashes of the rows at the last value */
    bool last_legacy;
    /* private */
    wr_arena start_texts;
    wr_arena last_texts;
    size_t width;          /* values that a row's hash is taken of */
    size_t *places;        /* of the key's members in the row before */
    const wr_jval **parts; /* those of the row at hand, NULL for what is missing */
    wr_vec(wr_jval)
        kept; /* rows not hashed yet, `width` values each; texts as offsets into `kept_texts` */
    wr_buf kept_texts;
    size_t kept_rows;
    wr_buf json;
} wr_dedup;

/* `stored`: hashes of the run before, an array of texts, or NULL. They count as rows at the last value too. */
void wr_dedup_init(wr_dedup *dedup, const wr_dedup_key *key, const wr_node *stored);
void wr_dedup_done(wr_dedup *dedup);

/* Was this row loaded by the run before? WEIR_INVALID when it lacks a part of the key. */
weir_status wr_dedup_is_loaded(weir_ctx *cx, wr_dedup *dedup, const wr_jval *row, bool *ret)
    WEIR_MUST_USE;
/* The last value has moved: forget the rows that were there. */
void wr_dedup_restart(wr_dedup *dedup);
/* The row stands at the last value. It is copied as far as needed. */
weir_status wr_dedup_keep(weir_ctx *cx, wr_dedup *dedup, const wr_jval *row) WEIR_MUST_USE;
/* Hash the rows that are kept. WEIR_INVALID when one lacks a part of the key. */
weir_status wr_dedup_settle(weir_ctx *cx, wr_dedup *dedup) WEIR_MUST_USE;
/* The hashes of the rows at the last value, sorted, as the state keeps them. */
wr_node *wr_dedup_hashes(wr_arena *arena, const wr_dedup *dedup);

#endif
