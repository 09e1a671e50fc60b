/* Hashes by which rows are known again. They are taken of JSON with sorted keys; typed values in it are plain, but for row
 * ids: see spec/dlt-extract-normalize-schema.md 1.6.8, 2.4.2 and 3.4.6. */
#ifndef WR_ROWHASH_H
#define WR_ROWHASH_H

#include "format/json.h"

/* How typed values, and of them date-times, are written. */
typedef enum wr_hash_form {
    WR_HASH_MARKED,   /* as they stand, with their marks: what row ids are taken of */
    WR_HASH_PLAIN,    /* as texts, UTC as "+00:00" */
    WR_HASH_INSTANTS, /* as microseconds since 1970, without a zone taken as UTC */
    WR_HASH_LEGACY,   /* as texts, UTC as "Z": what dlt wrote before 1.29 */
} wr_hash_form;

/* Of duplicate keys the last counts. */
void wr_hash_json(wr_buf *out, const wr_jval *value, wr_hash_form form);
/* A whole row, marked, without the members that are dlt's own. */
void wr_hash_row(wr_buf *out, const wr_jval *row);

/* Hashes of `unique_hashes`: of this length, or the longer one that dlt wrote before 1.29. */
#define WR_DEDUP_LEN 12
#define WR_DEDUP_LEGACY_LEN 20

/* Digest of what wr_hash_json() wrote, in the form INSTANTS or LEGACY. Returns the length. */
size_t wr_dedup_hash(char ret[WR_DEDUP_LEGACY_LEN], weir_str json, bool legacy);
/* Does a stored set (an array of texts; NULL: none) hold the old form? One of them is enough. */
bool wr_dedup_is_legacy(const wr_node *hashes);

#endif
