/* Tests of sources/unpack.h. */
#include "sources/unpack.h"

#include <stdio.h>
#include <unistd.h>

#include <zlib.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "harness/test.h"

typedef struct fixture {
    weir_ctx cx;
    wr_stream stream;
    wr_buf content;
    const char *path;
    int dir;
} fixture;

static weir_status fixture_begin(fixture *f)
{
    *f = (fixture){ .dir = -1, .path = test_tempdir(), .content = wr_buf_max(8 << 20) };
    f->stream = (wr_stream){ .fd = -1, .block = 4096 };
    wr_ctx_init(&f->cx, NULL);
    return wr_open_dir(&f->cx, AT_FDCWD, f->path, false, &f->dir);
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_stream_done(&f->stream);
    wr_buf_done(&f->content);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f;                                                                    \
    CHECK_OK(fixture_begin(&(f)))

/* All of a stream, read in pieces of `len` bytes. */
static weir_status read_stream(fixture *f, wr_stream_file file, size_t len)
{
    wr_auto(free) char *piece = wr_alloc(len);
    wr_buf_clear(&f->content);
    wr_stream_begin(&f->stream, file);
    size_t got = len;
    while (got == len) {
        WEIR_TRY(wr_stream_read(&f->cx, &f->stream, piece, len, &got));
        wr_buf_append(&f->content, piece, got);
    }
    wr_stream_end(&f->stream);
    return WEIR_OK;
}

static weir_status write_file(fixture *f, const char *name, weir_str bytes)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(&f->cx, f->dir, name, O_WRONLY | O_CREAT | O_TRUNC, &fd));
    return wr_write_all(&f->cx, fd, bytes);
}

static weir_status read_file(fixture *f, const char *name, size_t len)
{
    int fd;
    WEIR_TRY(wr_open_at(&f->cx, f->dir, name, O_RDONLY, &fd));
    return read_stream(f, (wr_stream_file){ fd, true, weir_str_of(name) }, len);
}

static void long_text(wr_buf *ret)
{
    for (int i = 0; i < 10000; i++)
        wr_buf_printf(ret, "{\"i\":%d,\"square\":%d}\n", i, i * i);
}

static bool write_gzip(const fixture *f, const char *name, weir_str bytes, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", f->path, name);
    gzFile file = gzopen(path, mode);
    return file && gzwrite(file, bytes.ptr, (unsigned)bytes.len) == (int)bytes.len &&
           gzclose(file) == Z_OK;
}

TEST(plain_and_packed_files_give_the_same_in_pieces_of_any_size)
{
    static const size_t sizes[] = { 8, 9, 100, 4095, 4096, 4097, 1 << 20 };
    static const char *const names[] = { "plain", "x.gz", "x.zst" };
    FIXTURE(f);
    wr_auto(buf) wr_buf text = wr_buf_max(1 << 20);
    wr_auto(buf) wr_buf packed = wr_buf_max(1 << 20);
    wr_auto(zstd) wr_zstd zstd = { 0 };
    long_text(&text);
    const weir_str half = { text.ptr, text.len / 2 };
    const weir_str rest = { text.ptr + half.len, text.len - half.len };
    CHECK_OK(write_file(&f, "plain", wr_buf_view(&text)));
    CHECK(write_gzip(&f, "x.gz", half, "w"));
    CHECK(write_gzip(&f, "x.gz", rest, "a"));
    CHECK_OK(wr_zstd_pack(&f.cx, &zstd, &packed, half));
    CHECK_OK(wr_zstd_pack(&f.cx, &zstd, &packed, rest));
    CHECK_OK(write_file(&f, "x.zst", wr_buf_view(&packed)));

    for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            CHECK_OK(read_file(&f, names[n], sizes[i]));
            CHECK(wr_str_eq(wr_buf_view(&f.content), wr_buf_view(&text)));
        }
    }
}

TEST(files_that_are_shorter_than_a_magic_number_are_plain)
{
    static const weir_str contents[] = { wr_lit(""), wr_lit("1"), wr_lit("\x1F"),
                                         wr_lit("\x28\xB5\x2F") };
    FIXTURE(f);
    for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
        CHECK_OK(write_file(&f, "x", contents[i]));
        CHECK_OK(read_file(&f, "x", 8));
        CHECK(wr_str_eq(wr_buf_view(&f.content), contents[i]));
    }
}

TEST(a_packed_file_that_is_cut_off_is_named_with_the_byte)
{
    FIXTURE(f);
    CHECK(write_gzip(&f, "x.gz", wr_lit("some text"), "w"));
    char path[4096];
    snprintf(path, sizeof(path), "%s/x.gz", f.path);
    CHECK_INT(truncate(path, 20), 0);

    CHECK_INT(read_file(&f, "x.gz", 100), WEIR_CORRUPT);

    CHECK_STR(weir_error_message(&f.cx), "'x.gz': the gzip data ends early, at byte 20");
    CHECK_STR(weir_error_hint(&f.cx), "the file was cut off: copy it again");
}

TEST(other_ways_of_packing_are_refused_with_a_hint)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "x.bz2", wr_lit("BZh91AY&SY")));

    CHECK_INT(read_file(&f, "x.bz2", 100), WEIR_UNSUPPORTED);

    CHECK_STR(weir_error_message(&f.cx), "'x.bz2' is packed with bzip2");
    CHECK_STR(weir_error_hint(&f.cx), "unpack it on the way: bzcat FILE | weir copy - ...");
}

/* Writes one byte at a time. */
static weir_status drip(weir_ctx *cx, void *arg)
{
    wr_auto(close) int fd = *(int *)arg;
    for (const char *c = "[1,2,3]\n"; *c; c++)
        WEIR_TRY(wr_write_all(cx, fd, (weir_str){ c, 1 }));
    return WEIR_OK;
}

TEST(a_pipe_is_read_however_its_bytes_come)
{
    FIXTURE(f);
    int ends[2];
    wr_thread thread = { 0 };
    CHECK_INT(pipe(ends), 0);
    CHECK_OK(wr_thread_start(&f.cx, &thread, "drip", drip, &ends[1]));

    CHECK_OK(read_stream(&f, (wr_stream_file){ ends[0], false, wr_lit("pipe") }, 64));

    CHECK_OK(wr_thread_join(&f.cx, &thread));
    CHECK_TEXT(f.content, "[1,2,3]\n");
}

TEST(waiting_for_a_pipe_ends_when_it_is_told_to)
{
    wr_cancel cancel = { 0 };
    atomic_bool stop = true;
    FIXTURE(f);
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    wr_auto(close) int writer = ends[1];
    wr_auto(close) int reader = dup(ends[0]);

    f.stream.stop = &stop;
    CHECK_INT(read_stream(&f, (wr_stream_file){ ends[0], false, wr_lit("pipe") }, 64),
              WEIR_CANCELLED);
    wr_stream_end(&f.stream);

    f.stream.stop = NULL;
    f.cx.cancel = &cancel;
    wr_cancel_raise(&cancel, 1);
    CHECK_INT(read_stream(&f, (wr_stream_file){ dup(reader), false, wr_lit("pipe") }, 64),
              WEIR_CANCELLED);
    CHECK(writer >= 0);
}
