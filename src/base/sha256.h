/* SHA-256 (FIPS 180-4) and HMAC with it: what signatures of web services are made of. */
#ifndef WR_SHA256_H
#define WR_SHA256_H

#include <weir/base.h>

#define WR_SHA256_LEN 32
#define WR_SHA256_BLOCK 64

typedef struct wr_sha256 {
    uint32_t state[8];
    uint64_t total; /* bytes so far */
    uint8_t block[WR_SHA256_BLOCK];
} wr_sha256;

void wr_sha256_init(wr_sha256 *sha);
void wr_sha256_update(wr_sha256 *sha, const void *bytes, size_t len);
/* The struct is cleared: it may have seen a key. */
void wr_sha256_final(wr_sha256 *sha, uint8_t ret[WR_SHA256_LEN]);

/* As lower-case hexadecimal digits, with a NUL. */
#define WR_SHA256_TEXT (2 * WR_SHA256_LEN + 1)
void wr_sha256_hex(char ret[WR_SHA256_TEXT], weir_str bytes);
void wr_sha256_text(char ret[WR_SHA256_TEXT], const uint8_t digest[WR_SHA256_LEN]);

void wr_hmac_sha256(uint8_t ret[WR_SHA256_LEN], weir_str key, weir_str message);

#endif
