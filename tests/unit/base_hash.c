/* Tests of base/hash.h. */
#include "base/hash.h"

#include <stdio.h>

#include "base/str.h"
#include "harness/test.h"

static weir_str hex_of(char *ret, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
    return (weir_str){ ret, 2 * len };
}

/* FIPS 202 examples: the empty message and 1600 bits of 0xA3. */
TEST(sha3_256_gives_the_published_digests)
{
    uint8_t digest[WR_SHA3_256_LEN];
    char hex[2 * sizeof(digest) + 1];
    uint8_t message[200];
    memset(message, 0xA3, sizeof(message));
    wr_sha3 sha;

    wr_sha3_256_init(&sha);
    wr_sha3_256_final(&sha, digest);
    CHECK_TEXT(hex_of(hex, digest, sizeof(digest)),
               "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");

    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, message, sizeof(message));
    wr_sha3_256_final(&sha, digest);
    CHECK_TEXT(hex_of(hex, digest, sizeof(digest)),
               "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787");
}

TEST(shake128_gives_the_published_digests)
{
    uint8_t digest[32];
    char hex[2 * sizeof(digest) + 1];
    uint8_t message[200];
    memset(message, 0xA3, sizeof(message));
    wr_sha3 sha;

    wr_shake128_init(&sha);
    wr_shake128_final(&sha, digest, sizeof(digest));
    CHECK_TEXT(hex_of(hex, digest, sizeof(digest)),
               "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");

    wr_shake128_init(&sha);
    wr_sha3_update(&sha, message, sizeof(message));
    wr_shake128_final(&sha, digest, sizeof(digest));
    CHECK_TEXT(hex_of(hex, digest, sizeof(digest)),
               "131ab8d2b594946b9c81333f9bb6e0ce75c3b93104fa3469d3917457385da037");
}

TEST(a_digest_does_not_depend_on_how_the_message_comes)
{
    uint8_t message[1000];
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 7);
    uint8_t whole[WR_SHA3_256_LEN];
    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    wr_sha3_update(&sha, message, sizeof(message));
    wr_sha3_256_final(&sha, whole);

    for (size_t step = 1; step < 300; step += 13) {
        uint8_t pieces[WR_SHA3_256_LEN];
        wr_sha3_256_init(&sha);
        for (size_t at = 0; at < sizeof(message); at += step)
            wr_sha3_update(&sha, message + at,
                           sizeof(message) - at < step ? sizeof(message) - at : step);
        wr_sha3_256_final(&sha, pieces);
        CHECK(memcmp(whole, pieces, sizeof(whole)) == 0);
    }
}

TEST(digest128_is_unpadded_base64_of_shake128)
{
    static const struct {
        weir_str text;
        size_t bytes;
        const char *digest;
    } cases[] = {
        { { "", 0 }, 10, "f5wrpOiPgn1hYA" },
        { { "", 0 }, 15, "f5wrpOiPgn1hYEVQdgWF" },
        { wr_lit("abc"), 10, "WIEJLdgYv1z4ow" },
        { wr_lit("abc"), 15, "WIEJLdgYv1z4o923k/vL" },
        { wr_lit("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"), 10, "2nMEtnljLxq3Pg" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WR_DIGEST_TEXT(15)];
        wr_digest128(text, cases[i].bytes, cases[i].text);
        const weir_str digest = { text, WR_DIGEST_TEXT(cases[i].bytes) };
        CHECK_TEXT(digest, cases[i].digest);
    }
}

TEST(digest256_is_base64_of_sha3_256)
{
    char text[WR_DIGEST256_TEXT];

    wr_digest256(text, wr_lit(""));
    CHECK_STR(text, "p//G+L8e12ZRwUdWoGHWYvWA/03kO0n6gtgKS4D4Q0o=");
    wr_digest256(text, wr_lit("The quick brown fox"));
    CHECK_STR(text, "apgqH9KyszvyhHaL0OPfKmfuPUEq5vPfgkiyaHVXUdQ=");
}

TEST(nested_row_ids_are_those_of_dlt)
{
    char id[WR_ROW_ID_LEN];
    const weir_str text = { id, sizeof(id) };

    wr_nested_row_id(id, wr_lit("HpkrNNbz2WN1bw"), wr_lit("issues__labels"), 0);
    CHECK_TEXT(text, "blFhQhv381SkkQ");
    wr_nested_row_id(id, wr_lit("HpkrNNbz2WN1bw"), wr_lit("issues__labels"), 1);
    CHECK_TEXT(text, "phdHeqg8XM3rBQ");
    wr_nested_row_id(id, wr_lit("###"), wr_lit("table__lvl1"), 12);
    CHECK_TEXT(text, "xu4PbSRU1Xgo/Q");
}

TEST(base64_is_the_one_of_rfc_4648)
{
    static const struct {
        weir_str bytes;
        const char *text;
    } cases[] = {
        { { "", 0 }, "" },
        { wr_lit("f"), "Zg==" },
        { wr_lit("fo"), "Zm8=" },
        { wr_lit("foo"), "Zm9v" },
        { wr_lit("foob"), "Zm9vYg==" },
        { wr_lit("fooba"), "Zm9vYmE=" },
        { wr_lit("foobar"), "Zm9vYmFy" },
        { wr_lit("\xFB\xFF\xFE"), "+//+" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WR_BASE64_LEN(6) + 1];
        const size_t len =
            wr_base64_encode(text, (const uint8_t *)cases[i].bytes.ptr, cases[i].bytes.len);
        CHECK_TEXT(((weir_str){ text, len }), cases[i].text);

        uint8_t back[6];
        size_t back_len = 99;
        CHECK(wr_base64_decode(back, &back_len, weir_str_of(cases[i].text)));
        CHECK_INT(back_len, cases[i].bytes.len);
        CHECK(memcmp(back, cases[i].bytes.ptr, back_len) == 0);
    }
}

TEST(base64_with_a_flaw_is_refused)
{
    static const char *const cases[] = { "Z",    "Zg",   "Zg=",   "Zg===",  "=",
                                         "====", "Z===", "Zm9v=", "Zm9v\n", "Zm 9",
                                         "Zm-_", "Zh==", "Zm9=",  "Z=g=",   "Zg==Zm9v" };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t back[16];
        size_t len = 99;
        CHECK(!wr_base64_decode(back, &len, weir_str_of(cases[i])));
        CHECK_INT(len, 99);
    }
}

TEST(hashes_in_memory_and_on_disk_do_not_change)
{
    uint8_t bytes[16];
    char hex[2 * sizeof(bytes) + 1];

    CHECK(wr_hash64("", 0) == 0x2d06800538d394c2);
    CHECK(wr_hash64("abc", 3) == 0x78af5f94892f3950);
    wr_hash128(bytes, "abc", 3, 0);
    CHECK_TEXT(hex_of(hex, bytes, sizeof(bytes)), "06b05ab6733a618578af5f94892f3950");
}

TEST(four_states_are_permuted_as_each_alone)
{
    wr_keccak_four once;
    wr_keccak_four each;
    uint64_t random = 1;
    for (size_t lane = 0; lane < 25; lane++)
        for (size_t i = 0; i < 4; i++)
            once[lane][i] = each[lane][i] = random *= UINT64_C(0x9E3779B97F4A7C15);

    wr_keccak_at_once(once);
    wr_keccak_each(each);

    CHECK(memcmp(once, each, sizeof(once)) == 0);
}

TEST(ids_of_four_rows_are_those_of_each_alone)
{
    static const char parent[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    static char name[200];
    memset(name, 't', sizeof(name));
    for (size_t len = 0; len < sizeof(name); len++) {
        const weir_str table = { name, len };
        wr_nested_row rows[4];
        for (size_t i = 0; i < 4; i++)
            rows[i] = (wr_nested_row){ { parent + i, 14 + i }, (int64_t)(len * i * 1000003) };
        char all[4][WR_ROW_ID_LEN];
        wr_nested_row_ids(all, table, rows);

        for (size_t i = 0; i < 4; i++) {
            char alone[WR_ROW_ID_LEN];
            wr_nested_row_id(alone, rows[i].parent_id, table, rows[i].idx);
            CHECK(memcmp(all[i], alone, WR_ROW_ID_LEN) == 0);
        }
    }
}
