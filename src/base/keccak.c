/* Keccak-f[1600] and the two FIPS 202 functions built on it: SHA3-256 and SHAKE128.
 *
 * A nested row id costs one permutation, so this is on the path of every nested row. The 25 lanes stay in local
 * variables, which compilers keep in registers as far as there are any; two rounds stand in the loop, so that the
 * lanes go from one set of names to the other and back without a copy. */
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

static inline uint64_t rotate(uint64_t lane, unsigned by)
{
    return lane << by | lane >> (64 - by);
}

/* Lanes are named by row (b g k m s of the standard's reference code) and column (a e i o u). */
#define LANES(set)                                                                                 \
    uint64_t set##ba, set##be, set##bi, set##bo, set##bu, set##ga, set##ge, set##gi, set##go,      \
        set##gu, set##ka, set##ke, set##ki, set##ko, set##ku, set##ma, set##me, set##mi, set##mo,  \
        set##mu, set##sa, set##se, set##si, set##so, set##su

/* One row after theta, rho and pi: the non-linear step chi. */
#define CHI(to, row, lane0, lane1, lane2, lane3, lane4)                                            \
    do {                                                                                           \
        const uint64_t va = (lane0), ve = (lane1), vi = (lane2), vo = (lane3), vu = (lane4);       \
        to##row##a = va ^ (~ve & vi);                                                              \
        to##row##e = ve ^ (~vi & vo);                                                              \
        to##row##i = vi ^ (~vo & vu);                                                              \
        to##row##o = vo ^ (~vu & va);                                                              \
        to##row##u = vu ^ (~va & ve);                                                              \
    } while (0)

#define ROUND(from, to, constant)                                                                  \
    do {                                                                                           \
        const uint64_t ca = from##ba ^ from##ga ^ from##ka ^ from##ma ^ from##sa;                  \
        const uint64_t ce = from##be ^ from##ge ^ from##ke ^ from##me ^ from##se;                  \
        const uint64_t ci = from##bi ^ from##gi ^ from##ki ^ from##mi ^ from##si;                  \
        const uint64_t co = from##bo ^ from##go ^ from##ko ^ from##mo ^ from##so;                  \
        const uint64_t cu = from##bu ^ from##gu ^ from##ku ^ from##mu ^ from##su;                  \
        const uint64_t pa = cu ^ rotate(ce, 1);                                                    \
        const uint64_t pe = ca ^ rotate(ci, 1);                                                    \
        const uint64_t pi = ce ^ rotate(co, 1);                                                    \
        const uint64_t po = ci ^ rotate(cu, 1);                                                    \
        const uint64_t pu = co ^ rotate(ca, 1);                                                    \
        CHI(to, b, from##ba ^ pa, rotate(from##ge ^ pe, 44), rotate(from##ki ^ pi, 43),            \
            rotate(from##mo ^ po, 21), rotate(from##su ^ pu, 14));                                 \
        to##ba ^= (constant);                                                                      \
        CHI(to, g, rotate(from##bo ^ po, 28), rotate(from##gu ^ pu, 20), rotate(from##ka ^ pa, 3), \
            rotate(from##me ^ pe, 45), rotate(from##si ^ pi, 61));                                 \
        CHI(to, k, rotate(from##be ^ pe, 1), rotate(from##gi ^ pi, 6), rotate(from##ko ^ po, 25),  \
            rotate(from##mu ^ pu, 8), rotate(from##sa ^ pa, 18));                                  \
        CHI(to, m, rotate(from##bu ^ pu, 27), rotate(from##ga ^ pa, 36),                           \
            rotate(from##ke ^ pe, 10), rotate(from##mi ^ pi, 15), rotate(from##so ^ po, 56));      \
        CHI(to, s, rotate(from##bi ^ pi, 62), rotate(from##go ^ po, 55),                           \
            rotate(from##ku ^ pu, 39), rotate(from##ma ^ pa, 41), rotate(from##se ^ pe, 2));       \
    } while (0)

/* clang-format off */
static void permute(uint64_t s[25])
{
    LANES(x);
    LANES(y);
    xba = s[0];  xbe = s[1];  xbi = s[2];  xbo = s[3];  xbu = s[4];
    xga = s[5];  xge = s[6];  xgi = s[7];  xgo = s[8];  xgu = s[9];
    xka = s[10]; xke = s[11]; xki = s[12]; xko = s[13]; xku = s[14];
    xma = s[15]; xme = s[16]; xmi = s[17]; xmo = s[18]; xmu = s[19];
    xsa = s[20]; xse = s[21]; xsi = s[22]; xso = s[23]; xsu = s[24];

    for (size_t i = 0; i < 24; i += 2) {
        ROUND(x, y, round_constants[i]);
        ROUND(y, x, round_constants[i + 1]);
    }

    s[0] = xba;  s[1] = xbe;  s[2] = xbi;  s[3] = xbo;  s[4] = xbu;
    s[5] = xga;  s[6] = xge;  s[7] = xgi;  s[8] = xgo;  s[9] = xgu;
    s[10] = xka; s[11] = xke; s[12] = xki; s[13] = xko; s[14] = xku;
    s[15] = xma; s[16] = xme; s[17] = xmi; s[18] = xmo; s[19] = xmu;
    s[20] = xsa; s[21] = xse; s[22] = xsi; s[23] = xso; s[24] = xsu;
}
/* clang-format on */

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
