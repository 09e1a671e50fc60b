/* Tests of base/compress.h. */
#include "base/compress.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static weir_str long_text(wr_buf *buf)
{
    for (int i = 0; i < 20000; i++)
        wr_buf_printf(buf, "{\"i\":%d,\"name\":\"row %d\"}\n", i, i * 7);
    return wr_buf_view(buf);
}

TEST(a_state_is_compressed_as_python_does)
{
    static const struct {
        weir_str text;
        const char *packed;
    } cases[] = {
        { { "", 0 }, "eNoDAAAAAAE=" },
        { wr_lit("{\"_state_version\":0,\"_state_engine_version\":4}"),
          "eNqrVoovLkksSY0vSy0qzszPU7Iy0IEJpealZ+YhyZjUAgCVGREk" },
    };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wr_auto(buf) wr_buf packed = wr_buf_max(1000);
        CHECK_OK(wr_deflate_base64(&cx, &packed, cases[i].text));
        CHECK_STR(wr_buf_text(&packed), cases[i].packed);

        weir_str back;
        CHECK_OK(wr_inflate_base64(&cx, &cx.scratch, wr_buf_view(&packed), 1000, &back));
        CHECK(wr_str_eq(back, cases[i].text));
    }
}

/* The digest was recorded with Python 3.11 and zlib 1.2.13. */
TEST(a_long_state_is_compressed_as_python_does)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    wr_auto(buf) wr_buf packed = wr_buf_max(1 << 20);
    long_text(&text);

    CHECK_OK(wr_deflate_base64(&cx, &packed, wr_buf_view(&text)));

    char digest[WR_DIGEST256_TEXT];
    wr_digest256(digest, wr_buf_view(&packed));
    CHECK_STR(digest, "UHnLsNFz7MstYAaKOPaHC51KrQmxAV8YTVHNC5qfr1w=");

    weir_str back;
    CHECK_OK(wr_inflate_base64(&cx, &cx.scratch, wr_buf_view(&packed), text.len, &back));
    CHECK(wr_str_eq(back, wr_buf_view(&text)));
    CHECK_INT(wr_inflate_base64(&cx, &cx.scratch, wr_buf_view(&packed), text.len - 1, &back),
              WEIR_LIMIT);
}

TEST(a_state_that_grows_past_its_buffer_is_refused)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf packed = wr_buf_max(8);

    CHECK_INT(wr_deflate_base64(&cx, &packed, wr_lit("some text")), WEIR_LIMIT);
}

TEST(what_is_no_compressed_state_does_not_parse)
{
    static const char *const cases[] = {
        "",
        "not base64!",
        "AAAA",
        "eNoDAAAAAAE",                                          /* without padding */
        "eNoDAAAAAAI=",                                         /* wrong checksum */
        "eNoDAAAA",                                             /* cut off */
        "eNoDAAAAAAEA",                                         /* something follows */
        "eNqrVoovLkksSY0vSy0qzszPU7Iy0IEJpealZ+YhyZjUAgCVGRE=", /* cut off */
    };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        weir_str back = { "untouched", 9 };
        CHECK_INT(wr_inflate_base64(&cx, &cx.scratch, weir_str_of(cases[i]), 1000, &back),
                  WEIR_PARSE);
        CHECK_TEXT(back, "untouched");
    }
}

TEST(frames_come_back_as_they_were)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(zstd) wr_zstd zstd = { 0 };
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    long_text(&text);
    wr_auto(free) char *back = wr_alloc(text.len + 1);

    for (size_t len = 0; len <= text.len; len = len * 9 + 1) {
        wr_auto(buf) wr_buf packed = wr_buf_max(1 << 20);
        wr_buf_cstr(&packed, "head");
        CHECK_OK(wr_zstd_pack(&cx, &zstd, &packed, (weir_str){ text.ptr, len }));
        CHECK_OK(
            wr_zstd_unpack(&cx, &zstd, back, len, (weir_str){ packed.ptr + 4, packed.len - 4 }));
        CHECK(memcmp(back, text.ptr, len) == 0);
    }
}

TEST(a_damaged_frame_is_corrupt)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(zstd) wr_zstd zstd = { 0 };
    wr_auto(buf) wr_buf packed = wr_buf_max(1000);
    char back[16];
    CHECK_OK(wr_zstd_pack(&cx, &zstd, &packed, wr_lit("0123456789")));

    CHECK_INT(wr_zstd_unpack(&cx, &zstd, back, 9, wr_buf_view(&packed)), WEIR_CORRUPT);
    CHECK_INT(wr_zstd_unpack(&cx, &zstd, back, 11, wr_buf_view(&packed)), WEIR_CORRUPT);
    CHECK_STR(weir_error_message(&cx), "10 bytes were compressed, expected 11");
    CHECK_INT(wr_zstd_unpack(&cx, &zstd, back, 10, (weir_str){ packed.ptr, packed.len - 1 }),
              WEIR_CORRUPT);
    packed.ptr[0] ^= 1;
    CHECK_INT(wr_zstd_unpack(&cx, &zstd, back, 10, wr_buf_view(&packed)), WEIR_CORRUPT);
}

TEST(a_frame_past_the_maximum_of_its_buffer_is_refused)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(zstd) wr_zstd zstd = { 0 };
    wr_auto(buf) wr_buf packed = wr_buf_max(10);

    CHECK_INT(wr_zstd_pack(&cx, &zstd, &packed, wr_lit("0123456789")), WEIR_LIMIT);
}
