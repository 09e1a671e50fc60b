/* Tests of base/compress.h. */
#include "base/compress.h"

#include <stdio.h>

#define ZLIB_CONST
#include <zlib.h>

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

/* Append a gzip member to `ret`. */
static void pack_gzip(wr_buf *ret, weir_str bytes)
{
    z_stream stream = { .next_in = (const Bytef *)bytes.ptr, .avail_in = (uInt)bytes.len };
    CHECK_INT(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    const size_t bound = deflateBound(&stream, bytes.len);
    stream.next_out = (Bytef *)wr_buf_room(ret, bound);
    stream.avail_out = (uInt)bound;
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    wr_buf_used(ret, stream.total_out);
    deflateEnd(&stream);
}

static void pack_zstd(wr_buf *ret, weir_str bytes)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(zstd) wr_zstd zstd = { 0 };
    CHECK_OK(wr_zstd_pack(&cx, &zstd, ret, bytes));
}

/* Unpack to `ret`, fed and taken in pieces of these sizes. */
static weir_status unpack_all(weir_ctx *cx, wr_unpacker *unpacker, weir_str packed, size_t feed,
                              size_t take, wr_buf *ret)
{
    WEIR_TRY(wr_unpacker_begin(cx, unpacker, wr_packing_of(packed), 0));
    for (size_t at = 0; at < packed.len;) {
        const size_t piece = packed.len - at < feed ? packed.len - at : feed;
        wr_unpacker_feed(unpacker, (weir_str){ packed.ptr + at, piece });
        at += piece;
        size_t got = take;
        while (got == take) {
            char *room = wr_buf_room(ret, take);
            WEIR_TRY(wr_buf_check(cx, ret, "unpacked text"));
            WEIR_TRY(wr_unpacker_take(cx, unpacker, room, take, &got));
            wr_buf_used(ret, got);
        }
    }
    return wr_unpacker_end(cx, unpacker);
}

static const struct {
    const char *name;
    void (*pack)(wr_buf *ret, weir_str bytes);
    wr_packing packing;
} packings[] = {
    { "gzip", pack_gzip, WR_GZIP },
    { "zstd", pack_zstd, WR_ZSTD },
};
#define PACKING_COUNT (sizeof(packings) / sizeof(*packings))

TEST(packings_are_told_by_the_first_bytes)
{
    CHECK_INT(wr_packing_of(wr_lit("\x1F\x8B\x08\0")), WR_GZIP);
    CHECK_INT(wr_packing_of(wr_lit("\x28\xB5\x2F\xFD")), WR_ZSTD);
    CHECK_INT(wr_packing_of(wr_lit("\x5A\x2A\x4D\x18")), WR_ZSTD);
    CHECK_INT(wr_packing_of(wr_lit("\x28\xB5\x2F")), WR_PLAIN);
    CHECK_INT(wr_packing_of(wr_lit("{\"a\":1}")), WR_PLAIN);
    CHECK_INT(wr_packing_of(wr_lit("")), WR_PLAIN);
}

TEST(a_stream_of_several_parts_is_unpacked_in_pieces_of_any_size)
{
    static const size_t sizes[] = { 1, 3, 100, 4096, 1000000 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    const weir_str part = { long_text(&text).ptr, 100000 };
    wr_auto(buf) wr_buf expected = wr_buf_max(1 << 20);
    wr_buf_str(&expected, part);
    wr_buf_str(&expected, part);
    wr_buf_cstr(&expected, "end");

    for (size_t p = 0; p < PACKING_COUNT; p++) {
        wr_auto(buf) wr_buf packed = wr_buf_max(1 << 20);
        packings[p].pack(&packed, part);
        packings[p].pack(&packed, (weir_str){ 0 });
        packings[p].pack(&packed, part);
        packings[p].pack(&packed, wr_lit("end"));
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            for (size_t k = i > 1 ? 0 : 2; k < sizeof(sizes) / sizeof(*sizes); k++) {
                wr_auto(buf) wr_buf back = wr_buf_max(4 << 20);
                CHECK_OK(
                    unpack_all(&cx, &unpacker, wr_buf_view(&packed), sizes[i], sizes[k], &back));
                CHECK(wr_str_eq(wr_buf_view(&back), wr_buf_view(&expected)));
            }
        }
    }
}

TEST(zeros_behind_a_gzip_member_are_skipped)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf packed = wr_buf_max(1000);
    wr_auto(buf) wr_buf back = wr_buf_max(1000);
    pack_gzip(&packed, wr_lit("one "));
    wr_buf_append(&packed, "\0\0\0\0\0", 5);
    pack_gzip(&packed, wr_lit("two"));
    wr_buf_append(&packed, "\0\0\0", 3);

    CHECK_OK(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 4, 10, &back));

    CHECK_TEXT(back, "one two");
}

TEST(a_frame_to_be_skipped_is_skipped)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf packed = wr_buf_max(1000);
    wr_auto(buf) wr_buf back = wr_buf_max(1000);
    wr_buf_append(&packed, "\x51\x2A\x4D\x18\x03\0\0\0abc", 11);
    pack_zstd(&packed, wr_lit("text"));

    CHECK_OK(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 5, 10, &back));

    CHECK_TEXT(back, "text");
}

TEST(a_stream_that_is_cut_off_is_corrupt_wherever_it_was_cut)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    for (size_t p = 0; p < PACKING_COUNT; p++) {
        wr_auto(buf) wr_buf packed = wr_buf_max(1000);
        packings[p].pack(&packed, wr_lit("first"));
        const size_t whole = packed.len;
        packings[p].pack(&packed, wr_lit("second"));
        for (size_t len = WR_PACKING_HEAD; len < packed.len; len++) {
            wr_auto(buf) wr_buf back = wr_buf_max(1000);
            const weir_status status =
                unpack_all(&cx, &unpacker, (weir_str){ packed.ptr, len }, 1000, 100, &back);
            CHECK_INT(status, len == whole ? WEIR_OK : WEIR_CORRUPT);
            if (len == whole)
                continue;
            char expected[100];
            snprintf(expected, sizeof(expected), "the %s data ends early, at byte %zu",
                     packings[p].name, len);
            CHECK_STR(weir_error_message(&cx), expected);
        }
    }
}

TEST(damaged_streams_and_what_follows_them_are_corrupt)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf packed = wr_buf_max(1 << 20);
    wr_auto(buf) wr_buf back = wr_buf_max(4 << 20);
    pack_gzip(&packed, wr_lit("text"));
    const size_t whole = packed.len;
    wr_buf_cstr(&packed, "garbage, not a member");

    CHECK_INT(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 7, 10, &back), WEIR_CORRUPT);
    CHECK(wr_str_starts(weir_str_of(weir_error_message(&cx)),
                        wr_lit("the gzip data is damaged near byte ")));
    packed.len = whole;
    packed.ptr[whole - 6] ^= 1; /* in the checksum */
    CHECK_INT(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 100, 10, &back), WEIR_CORRUPT);
    CHECK_STR(weir_error_message(&cx),
              "the gzip data is damaged near byte 20: incorrect data check");

    wr_buf_clear(&packed);
    pack_zstd(&packed, wr_lit("text"));
    wr_buf_cstr(&packed, "garbage, not a frame");
    CHECK_INT(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 100, 10, &back), WEIR_CORRUPT);
    CHECK_STR(weir_error_message(&cx),
              "the zstd data is damaged near byte 13: Unknown frame descriptor");
}

/* A frame without content whose header asks for a window of 2 GiB. */
TEST(a_frame_that_needs_too_much_memory_is_refused)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf back = wr_buf_max(1000);

    CHECK_INT(unpack_all(&cx, &unpacker, wr_lit("\x28\xB5\x2F\xFD\0\xA8\x01\0\0"), 100, 10, &back),
              WEIR_LIMIT);

    CHECK_STR(weir_error_message(&cx), "unpacking the zstd data takes more memory than is allowed");
}

TEST(what_is_packed_piece_by_piece_is_unpacked_as_one_text)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(unpacker) wr_unpacker unpacker = { 0 };
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    wr_auto(buf) wr_buf packed = wr_buf_max(4 << 20);
    wr_auto(buf) wr_buf back = wr_buf_max(1 << 20);
    const weir_str whole = long_text(&text);
    wr_gzip gzip = { 0 };

    CHECK_OK(wr_gzip_add(&cx, &gzip, (weir_str){ whole.ptr, 1000 }, &packed));
    CHECK_OK(wr_gzip_add(&cx, &gzip, (weir_str){ whole.ptr + 1000, 200000 }, &packed));
    CHECK_OK(wr_gzip_end(&cx, &gzip, &packed));
    CHECK_OK(wr_gzip_end(&cx, &gzip, &packed)); /* a member without content */
    CHECK_OK(
        wr_gzip_add(&cx, &gzip, (weir_str){ whole.ptr + 201000, whole.len - 201000 }, &packed));
    CHECK_OK(wr_gzip_end(&cx, &gzip, &packed));

    CHECK(packed.len < whole.len / 2);
    CHECK_OK(unpack_all(&cx, &unpacker, wr_buf_view(&packed), 1000, 1000, &back));
    CHECK(wr_str_eq(wr_buf_view(&back), whole));
}
