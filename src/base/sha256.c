/* SHA-256 as FIPS 180-4 writes it down, one block at a time, and HMAC (RFC 2104) with it. */
#include "base/sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static uint32_t load_big(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store_big(uint8_t *ret, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        ret[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void expand(uint32_t words[64], const uint8_t *block)
{
    for (int i = 0; i < 16; i++)
        words[i] = load_big(block + (ptrdiff_t)4 * i);
    for (int i = 16; i < 64; i++) {
        const uint32_t a = words[i - 15];
        const uint32_t b = words[i - 2];
        const uint32_t low = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
        const uint32_t high = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
        words[i] = words[i - 16] + low + words[i - 7] + high;
    }
}

static void add_block(wr_sha256 *sha, const uint8_t *block)
{
    uint32_t words[64];
    uint32_t s[8];
    expand(words, block);
    memcpy(s, sha->state, sizeof(s));
    for (int i = 0; i < 64; i++) {
        const uint32_t e = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        const uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        const uint32_t first = s[7] + e + choice + constants[i] + words[i];
        const uint32_t a = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        const uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += first;
        s[0] = first + a + majority;
    }
    for (int i = 0; i < 8; i++)
        sha->state[i] += s[i];
    explicit_bzero(words, sizeof(words));
}

void wr_sha256_init(wr_sha256 *sha)
{
    *sha = (wr_sha256){
        .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                   0x1f83d9ab, 0x5be0cd19 },
    };
}

void wr_sha256_update(wr_sha256 *sha, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    size_t held = (size_t)(sha->total % WR_SHA256_BLOCK);
    sha->total += len;
    while (len > 0) {
        if (held == 0 && len >= WR_SHA256_BLOCK) {
            add_block(sha, at);
            at += WR_SHA256_BLOCK;
            len -= WR_SHA256_BLOCK;
            continue;
        }
        const size_t room = WR_SHA256_BLOCK - held;
        const size_t step = len < room ? len : room;
        memcpy(sha->block + held, at, step);
        at += step;
        len -= step;
        held += step;
        if (held == WR_SHA256_BLOCK) {
            add_block(sha, sha->block);
            held = 0;
        }
    }
}

void wr_sha256_final(wr_sha256 *sha, uint8_t ret[WR_SHA256_LEN])
{
    static const uint8_t padding[WR_SHA256_BLOCK] = { 0x80 };
    const uint64_t bits = sha->total * 8;
    const size_t held = (size_t)(sha->total % WR_SHA256_BLOCK);
    uint8_t length[8];
    store_big(length, (uint32_t)(bits >> 32));
    store_big(length + 4, (uint32_t)bits);
    wr_sha256_update(sha, padding, (held < 56 ? 56 : 120) - held);
    wr_sha256_update(sha, length, sizeof(length));
    for (int i = 0; i < 8; i++)
        store_big(ret + (ptrdiff_t)4 * i, sha->state[i]);
    explicit_bzero(sha, sizeof(*sha));
}

void wr_sha256_text(char ret[WR_SHA256_TEXT], const uint8_t digest[WR_SHA256_LEN])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < WR_SHA256_LEN; i++) {
        *ret++ = digits[digest[i] >> 4];
        *ret++ = digits[digest[i] & 15];
    }
    *ret = '\0';
}

void wr_sha256_hex(char ret[WR_SHA256_TEXT], weir_str bytes)
{
    uint8_t digest[WR_SHA256_LEN];
    wr_sha256 sha;
    wr_sha256_init(&sha);
    wr_sha256_update(&sha, bytes.ptr, bytes.len);
    wr_sha256_final(&sha, digest);
    wr_sha256_text(ret, digest);
}

/* One of the two passes of HMAC: the key, mixed with `pad`, and a message. */
static void keyed_digest(uint8_t ret[WR_SHA256_LEN], const uint8_t key[WR_SHA256_BLOCK],
                         uint8_t pad, weir_str message)
{
    uint8_t block[WR_SHA256_BLOCK];
    for (int i = 0; i < WR_SHA256_BLOCK; i++)
        block[i] = key[i] ^ pad;
    wr_sha256 sha;
    wr_sha256_init(&sha);
    wr_sha256_update(&sha, block, sizeof(block));
    wr_sha256_update(&sha, message.ptr, message.len);
    wr_sha256_final(&sha, ret);
    explicit_bzero(block, sizeof(block));
}

void wr_hmac_sha256(uint8_t ret[WR_SHA256_LEN], weir_str key, weir_str message)
{
    uint8_t block[WR_SHA256_BLOCK] = { 0 };
    uint8_t inner[WR_SHA256_LEN];
    if (key.len > sizeof(block)) {
        wr_sha256 sha;
        wr_sha256_init(&sha);
        wr_sha256_update(&sha, key.ptr, key.len);
        wr_sha256_final(&sha, block);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    keyed_digest(inner, block, 0x36, message);
    keyed_digest(ret, block, 0x5c, (weir_str){ (const char *)inner, sizeof(inner) });
    explicit_bzero(block, sizeof(block));
}
