/* Keccak-f[1600] and the two FIPS 202 functions built on it: SHA3-256 and SHAKE128.
 *
 * A nested row id costs one permutation, so this is on the path of every nested row. Hence the ids of four rows are made at
 * once, in wide registers where the processor has them. */
#include "base/hash.h"

#include <endian.h>

#include "base/ctx.h"

_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "lanes are read and written as they lie in memory");

#define SHA3_256_RATE 136
#define SHAKE128_RATE 168
#define SHA3_SUFFIX 0x06
#define SHAKE_SUFFIX 0x1F
#define LAST_BIT 0x80

static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
    0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

#define LANE uint64_t
#define PERMUTE permute
#include "base/keccak_permute.h"

static void sha3_init(wr_sha3 *sha, size_t rate)
{
    memset(sha, 0, sizeof(*sha));
    sha->rate = rate;
}

void wr_sha3_256_init(wr_sha3 *sha)
{
    sha3_init(sha, SHA3_256_RATE);
}

void wr_shake128_init(wr_sha3 *sha)
{
    sha3_init(sha, SHAKE128_RATE);
}

/* Add bytes to the state without leaving the block. */
static void absorb(wr_sha3 *sha, const uint8_t *bytes, size_t len)
{
    uint8_t *state = (uint8_t *)sha->state + sha->at;
    size_t i = 0;
    for (; len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t lane;
        uint64_t more;
        memcpy(&lane, state + i, sizeof(lane));
        memcpy(&more, bytes + i, sizeof(more));
        lane ^= more;
        memcpy(state + i, &lane, sizeof(lane));
    }
    for (; i < len; i++)
        state[i] ^= bytes[i];
    sha->at += len;
}

void wr_sha3_update(wr_sha3 *sha, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        const size_t room = sha->rate - sha->at;
        const size_t part = len < room ? len : room;
        absorb(sha, from, part);
        if (sha->at == sha->rate) {
            permute(sha->state);
            sha->at = 0;
        }
        from += part;
        len -= part;
    }
}

/* Close the message; the first `rate` bytes of the state are the output. */
static void finish(wr_sha3 *sha, uint8_t suffix)
{
    uint8_t *state = (uint8_t *)sha->state;
    state[sha->at] ^= suffix;
    state[sha->rate - 1] ^= LAST_BIT;
    permute(sha->state);
}

void wr_sha3_256_final(wr_sha3 *sha, uint8_t ret[WR_SHA3_256_LEN])
{
    finish(sha, SHA3_SUFFIX);
    memcpy(ret, sha->state, WR_SHA3_256_LEN);
}

void wr_shake128_final(wr_sha3 *sha, uint8_t *ret, size_t len)
{
    wr_assert(len <= SHAKE128_RATE);
    finish(sha, SHAKE_SUFFIX);
    memcpy(ret, sha->state, len);
}

/* ---- four messages at once ---- */

void wr_keccak_each(wr_keccak_four states)
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t one[25];
        for (size_t lane = 0; lane < 25; lane++)
            one[lane] = states[lane][i];
        permute(one);
        for (size_t lane = 0; lane < 25; lane++)
            states[lane][i] = one[lane];
    }
}

#ifdef __x86_64__

typedef uint64_t four_lanes __attribute__((vector_size(32)));

#define LANE four_lanes
#define PERMUTE __attribute__((target("avx2"))) permute_vectors
#include "base/keccak_permute.h"

__attribute__((target("avx2"))) static void permute_four(wr_keccak_four states)
{
    four_lanes vectors[25];
    memcpy(vectors, states, sizeof(vectors));
    permute_vectors(vectors);
    memcpy(states, vectors, sizeof(vectors));
}

void wr_keccak_at_once(wr_keccak_four states)
{
    if (__builtin_cpu_supports("avx2"))
        permute_four(states);
    else
        wr_keccak_each(states);
}

#else

void wr_keccak_at_once(wr_keccak_four states)
{
    wr_keccak_each(states);
}

#endif

/* The only block of a message. */
static void absorb_block(wr_keccak_four states, size_t number, weir_str message)
{
    uint8_t block[SHAKE128_RATE] = { 0 };
    memcpy(block, message.ptr, message.len);
    block[message.len] = SHAKE_SUFFIX;
    block[sizeof(block) - 1] |= LAST_BIT;
    for (size_t lane = 0; lane < sizeof(block) / sizeof(uint64_t); lane++)
        memcpy(&states[lane][number], block + lane * sizeof(uint64_t), sizeof(uint64_t));
}

void wr_shake128_four(const weir_str messages[4], uint8_t ret[4][WR_SHAKE_FOUR_BYTES])
{
    wr_keccak_four states = { 0 };
    for (size_t i = 0; i < 4; i++) {
        wr_assert(messages[i].len <= WR_SHAKE_FOUR_MAX);
        absorb_block(states, i, messages[i]);
    }
    wr_keccak_at_once(states);
    for (size_t i = 0; i < 4; i++)
        for (size_t lane = 0; lane < WR_SHAKE_FOUR_BYTES / sizeof(uint64_t); lane++)
            memcpy(ret[i] + lane * sizeof(uint64_t), &states[lane][i], sizeof(uint64_t));
}
