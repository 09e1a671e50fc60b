/* SHA-256 against the examples of FIPS 180-4, HMAC against those of RFC 4231. */
#include "base/sha256.h"

#include "base/str.h"
#include "harness/test.h"

TEST(sha256_gives_the_published_digests)
{
    static const struct {
        const char *text;
        const char *digest;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char hex[WR_SHA256_TEXT];
        wr_sha256_hex(hex, weir_str_of(cases[i].text));
        CHECK_STR(hex, cases[i].digest);
    }
}

TEST(sha256_of_a_million_letters_does_not_depend_on_the_pieces)
{
    char piece[999];
    memset(piece, 'a', sizeof(piece));
    wr_sha256 sha;
    wr_sha256_init(&sha);
    for (size_t done = 0, step = 1; done < 1000000; done += step, step = step * 7 % 997 + 1) {
        if (step > 1000000 - done)
            step = 1000000 - done;
        wr_sha256_update(&sha, piece, step);
    }

    uint8_t digest[WR_SHA256_LEN];
    char hex[WR_SHA256_TEXT];
    wr_sha256_final(&sha, digest);
    wr_sha256_text(hex, digest);

    CHECK_STR(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(hmac_sha256_gives_the_published_digests)
{
    char long_key[131];
    char short_key[20];
    memset(long_key, 0xaa, sizeof(long_key));
    memset(short_key, 0x0b, sizeof(short_key));
    const struct {
        weir_str key;
        const char *message;
        const char *digest;
    } cases[] = {
        { { short_key, sizeof(short_key) },
          "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { wr_lit("Jefe"), "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { { long_key, sizeof(long_key) },
          "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t digest[WR_SHA256_LEN];
        char hex[WR_SHA256_TEXT];
        wr_hmac_sha256(digest, cases[i].key, weir_str_of(cases[i].message));
        wr_sha256_text(hex, digest);
        CHECK_STR(hex, cases[i].digest);
    }
}
