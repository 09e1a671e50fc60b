/* Digests: SHA3-256 and SHAKE128 (FIPS 202) of dlt's identifiers, XXH3 for tables in memory and checksums on disk. */
#ifndef WR_HASH_H
#define WR_HASH_H

#include <weir/base.h>

#include "base/arena.h"

#define WR_SHA3_256_LEN 32

typedef struct wr_sha3 {
    uint64_t state[25];
    size_t rate;
    size_t at;
} wr_sha3;

void wr_sha3_256_init(wr_sha3 *sha);
void wr_shake128_init(wr_sha3 *sha);
void wr_sha3_update(wr_sha3 *sha, const void *bytes, size_t len);
void wr_sha3_256_final(wr_sha3 *sha, uint8_t ret[WR_SHA3_256_LEN]);
/* Any number of bytes, at most 168. */
void wr_shake128_final(wr_sha3 *sha, uint8_t *ret, size_t len);

/* The first bytes of SHAKE128 of four short messages, faster than one after the other. */
#define WR_SHAKE_FOUR_MAX 167
#define WR_SHAKE_FOUR_BYTES 16
void wr_shake128_four(const weir_str messages[4], uint8_t ret[4][WR_SHAKE_FOUR_BYTES]);

/* Keccak-f[1600] of four states, which lie lane by lane: with what the processor has, and with what each has. */
typedef uint64_t wr_keccak_four[25][4];
void wr_keccak_at_once(wr_keccak_four states);
void wr_keccak_each(wr_keccak_four states);

/* base64 (RFC 4648) of the first `digest_len` bytes of SHAKE128, without padding. `ret` has room for
 * WR_DIGEST_TEXT(digest_len) characters; no NUL. Row ids use 10 bytes: 14 characters. */
#define WR_DIGEST_TEXT(len) (((len)*4 + 2) / 3)
void wr_digest128(char *ret, size_t digest_len, weir_str bytes);
#define WR_ROW_ID_BYTES 10
#define WR_ROW_ID_LEN 14
/* base64 of SHA3-256 with padding: 44 characters and a NUL. */
#define WR_DIGEST256_TEXT 45
void wr_digest256(char ret[WR_DIGEST256_TEXT], weir_str bytes);
void wr_digest256_of(char ret[WR_DIGEST256_TEXT], wr_sha3 *sha);

/* Row id of a nested row: digest of "<parent id>_<table>_<idx>"; writes WR_ROW_ID_LEN characters. */
void wr_nested_row_id(char *ret, weir_str parent_id, weir_str table, int64_t idx);

/* Where a nested row hangs. */
typedef struct wr_nested_row {
    weir_str parent_id;
    int64_t idx;
} wr_nested_row;
/* The ids of four rows of a table. */
void wr_nested_row_ids(char ret[4][WR_ROW_ID_LEN], weir_str table, const wr_nested_row rows[4]);

uint64_t wr_hash64(const void *bytes, size_t len);
/* Seeded 128-bit hash of bytes: `ret` gets 16 bytes. */
void wr_hash128(uint8_t ret[16], const void *bytes, size_t len, uint64_t seed);

/* base64 with padding; returns the number of characters. `ret` has room for WR_BASE64_LEN(len). */
#define WR_BASE64_LEN(len) (((len) + 2) / 3 * 4)
size_t wr_base64_encode(char *ret, const uint8_t *bytes, size_t len);
/* Strict: alphabet and padding must be right. False when they are not. `ret` has room for len / 4 * 3 bytes. */
bool wr_base64_decode(uint8_t *ret, size_t *ret_len, weir_str text);

#endif
