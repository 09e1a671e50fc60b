/* Digests as texts, hashes of bytes, and base64. The only file that includes xxhash. */
#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/ctx.h"
#include "base/number.h"

#define SHAKE128_MAX 168

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes to four letters; of a shorter rest (`len` 1 or 2) the letters that carry bits are right. */
static void encode_group(char ret[4], const uint8_t *bytes, size_t len)
{
    const unsigned group = (unsigned)bytes[0] << 16 | (len > 1 ? (unsigned)bytes[1] << 8 : 0u) |
                           (len > 2 ? (unsigned)bytes[2] : 0u);
    ret[0] = base64_letters[group >> 18];
    ret[1] = base64_letters[group >> 12 & 63];
    ret[2] = base64_letters[group >> 6 & 63];
    ret[3] = base64_letters[group & 63];
}

/* Without padding; returns the number of characters. */
static size_t encode_unpadded(char *ret, const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    char *out = ret;
    for (; len - i >= 3; i += 3, out += 4)
        encode_group(out, bytes + i, 3);
    if (len > i) {
        char last[4];
        encode_group(last, bytes + i, len - i);
        memcpy(out, last, len - i + 1);
        out += len - i + 1;
    }
    return (size_t)(out - ret);
}

size_t wr_base64_encode(char *ret, const uint8_t *bytes, size_t len)
{
    size_t at = encode_unpadded(ret, bytes, len);
    while (at % 4 != 0)
        ret[at++] = '=';
    return at;
}

/* The six bits of a letter, or 64 for what is none. */
static unsigned letter_bits(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return (unsigned)(letter - 'A');
    if (letter >= 'a' && letter <= 'z')
        return (unsigned)(letter - 'a') + 26;
    if (letter >= '0' && letter <= '9')
        return (unsigned)(letter - '0') + 52;
    if (letter == '+')
        return 62;
    return letter == '/' ? 63 : 64;
}

static size_t padding_len(weir_str text)
{
    if (text.len == 0 || text.ptr[text.len - 1] != '=')
        return 0;
    return text.ptr[text.len - 2] == '=' ? 2 : 1;
}

/* `letters` letters (2 to 4) to one byte less. Bits that no byte takes must be zero, so that a value has one form. */
static bool decode_group(uint8_t *ret, const char *text, size_t letters)
{
    unsigned group = 0;
    for (size_t i = 0; i < 4; i++) {
        const unsigned bits = i < letters ? letter_bits(text[i]) : 0;
        if (bits > 63)
            return false;
        group = group << 6 | bits;
    }
    for (size_t i = 0; i + 1 < letters; i++)
        ret[i] = (uint8_t)(group >> (16 - 8 * i));
    return letters == 4 || (group & (0xFFFFFFu >> (8 * (letters - 1)))) == 0;
}

bool wr_base64_decode(uint8_t *ret, size_t *ret_len, weir_str text)
{
    if (text.len % 4 != 0)
        return false;
    const size_t letters = text.len - padding_len(text);
    uint8_t *out = ret;
    for (size_t i = 0; i < letters; i += 4) {
        const size_t here = letters - i < 4 ? letters - i : 4;
        if (!decode_group(out, text.ptr + i, here))
            return false;
        out += here - 1;
    }
    *ret_len = (size_t)(out - ret);
    return true;
}

static void shake_text(char *ret, size_t digest_len, wr_sha3 *sha)
{
    uint8_t digest[SHAKE128_MAX];
    wr_shake128_final(sha, digest, digest_len);
    encode_unpadded(ret, digest, digest_len);
}

void wr_digest128(char *ret, size_t digest_len, weir_str bytes)
{
    wr_sha3 sha;
    wr_shake128_init(&sha);
    wr_sha3_update(&sha, bytes.ptr, bytes.len);
    shake_text(ret, digest_len, &sha);
}

void wr_digest256_of(char ret[WR_DIGEST256_TEXT], wr_sha3 *sha)
{
    uint8_t digest[WR_SHA3_256_LEN];
    wr_sha3_256_final(sha, digest);
    ret[wr_base64_encode(ret, digest, sizeof(digest))] = '\0';
}

void wr_digest256(char ret[WR_DIGEST256_TEXT], weir_str bytes)
{
    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, bytes.ptr, bytes.len);
    wr_digest256_of(ret, &sha);
}

void wr_nested_row_id(char *ret, weir_str parent_id, weir_str table, int64_t idx)
{
    char digits[WR_NUMBER_TEXT];
    const size_t digits_len = wr_int_text(digits, idx);

    wr_sha3 sha;
    wr_shake128_init(&sha);
    wr_sha3_update(&sha, parent_id.ptr, parent_id.len);
    wr_sha3_update(&sha, "_", 1);
    wr_sha3_update(&sha, table.ptr, table.len);
    wr_sha3_update(&sha, "_", 1);
    wr_sha3_update(&sha, digits, digits_len);
    shake_text(ret, WR_ROW_ID_BYTES, &sha);
}

static char *put_text(char *to, weir_str text)
{
    memcpy(to, text.ptr, text.len);
    return to + text.len;
}

/* What the id of a nested row is the digest of; false when that is longer than one block. */
static bool spell_nested_row(char text[WR_SHAKE_FOUR_MAX], weir_str table, const wr_nested_row *row,
                             weir_str *ret)
{
    const size_t room = WR_SHAKE_FOUR_MAX - WR_NUMBER_TEXT - 2;
    if (table.len > room || row->parent_id.len > room - table.len)
        return false;
    char *to = put_text(text, row->parent_id);
    *to++ = '_';
    to = put_text(to, table);
    *to++ = '_';
    to += wr_int_text(to, row->idx);
    *ret = (weir_str){ text, (size_t)(to - text) };
    return true;
}

void wr_nested_row_ids(char ret[4][WR_ROW_ID_LEN], weir_str table, const wr_nested_row rows[4])
{
    char texts[4][WR_SHAKE_FOUR_MAX];
    weir_str messages[4] = { { 0 } };
    bool fits = true;
    for (size_t i = 0; i < 4; i++)
        fits &= spell_nested_row(texts[i], table, &rows[i], &messages[i]);
    if (!fits) {
        for (size_t i = 0; i < 4; i++)
            wr_nested_row_id(ret[i], rows[i].parent_id, table, rows[i].idx);
        return;
    }
    uint8_t digests[4][WR_SHAKE_FOUR_BYTES];
    wr_shake128_four(messages, digests);
    for (size_t i = 0; i < 4; i++)
        encode_unpadded(ret[i], digests[i], WR_ROW_ID_BYTES);
}

uint64_t wr_hash64(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

void wr_hash128(uint8_t ret[16], const void *bytes, size_t len, uint64_t seed)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes, len, seed));
    memcpy(ret, canonical.digest, sizeof(canonical.digest));
}
