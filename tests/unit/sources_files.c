/* Tests of the input `files`, weir/input.h. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <weir/input.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "harness/test.h"

/* A folder, and the input over it. */
typedef struct fixture {
    weir_ctx cx;
    const char *path;
    int dir;
    void *self;
    wr_buf chunks;
} fixture;

static void close_input(fixture *f)
{
    if (f->self)
        weir_input_files.close(f->self);
    wr_free(f->self);
    f->self = NULL;
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_fault_set(NULL);
    close_input(f);
    wr_buf_done(&f->chunks);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

static weir_status fixture_begin(fixture *f)
{
    *f = (fixture){ .dir = -1, .path = test_tempdir(), .chunks = wr_buf_max(1 << 20) };
    wr_ctx_init(&f->cx, NULL);
    return wr_open_dir(&f->cx, AT_FDCWD, f->path, false, &f->dir);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f;                                                                    \
    CHECK_OK(fixture_begin(&(f)))

static weir_status write_file(fixture *f, const char *name, weir_str bytes)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(&f->cx, f->dir, name, O_WRONLY | O_CREAT | O_TRUNC, &fd));
    return wr_write_all(&f->cx, fd, bytes);
}

static weir_status open_input(fixture *f, const char *pattern, size_t line_max)
{
    const weir_files spec = { .pattern = pattern, .folder = f->path, .line_max = line_max };
    close_input(f);
    f->self = wr_alloc(weir_input_files.self_size);
    return weir_input_files.open(&f->cx, f->self, &spec);
}

/* The chunks that are left, each as `name:rows@offset "text" `. */
static weir_status read_chunks(fixture *f)
{
    wr_buf_clear(&f->chunks);
    for (;;) {
        weir_chunk chunk;
        bool found;
        WEIR_TRY(weir_input_files.next(&f->cx, f->self, &chunk, &found));
        if (!found)
            return WEIR_OK;
        wr_buf_printf(&f->chunks, "%.*s:%lld@%lld \"%.*s\" ", WR_STR(chunk.name),
                      (long long)chunk.rows, (long long)chunk.offset, (int)chunk.len, chunk.text);
        weir_input_files.done(f->self, &chunk);
    }
}

TEST(files_are_read_in_the_order_of_their_names)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "b.jsonl", wr_lit("3\n4")));
    CHECK_OK(write_file(&f, "a.jsonl", wr_lit("1\n2\n")));
    CHECK_OK(write_file(&f, "c.json", wr_lit("[5,\n6]")));

    CHECK_OK(open_input(&f, "*", 0));
    CHECK_OK(read_chunks(&f));

    CHECK_STR(wr_buf_text(&f.chunks),
              "a.jsonl:2@0 \"1\n2\n\" b.jsonl:2@0 \"3\n4\" c.json:2@0 \" 5\n 6\n\" ");
}

TEST(empty_files_give_no_chunks)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "a", wr_lit("")));
    CHECK_OK(write_file(&f, "b", wr_lit("[]")));
    CHECK_OK(write_file(&f, "c", wr_lit("")));

    CHECK_OK(open_input(&f, "*", 0));
    CHECK_OK(read_chunks(&f));

    CHECK_STR(wr_buf_text(&f.chunks), "");
}

TEST(the_end_is_told_again)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "a", wr_lit("1\n")));
    CHECK_OK(open_input(&f, "a", 0));
    CHECK_OK(read_chunks(&f));

    CHECK_OK(read_chunks(&f));

    CHECK_STR(wr_buf_text(&f.chunks), "");
}

TEST(a_file_that_cannot_be_opened_comes_after_the_chunks_before_it)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "a", wr_lit("1\n")));
    CHECK_OK(write_file(&f, "b", wr_lit("2\n")));
    wr_fault_set("io.open@4=EACCES"); /* the folder, twice to list it, a, b */

    CHECK_OK(open_input(&f, "*", 0));
    CHECK_INT(read_chunks(&f), WEIR_IO);

    CHECK_TEXT(f.chunks, "");
    CHECK(strstr(weir_error_message(&f.cx), "Permission denied"));
}

TEST(errors_come_behind_the_chunks_before_them)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "a", wr_lit("1\n")));
    CHECK_OK(write_file(&f, "b", wr_lit("\xEF\xBB\xBF{}")));

    CHECK_OK(open_input(&f, "*", 0));
    CHECK_INT(read_chunks(&f), WEIR_PARSE);

    CHECK_STR(wr_buf_text(&f.chunks), "a:1@0 \"1\n\" ");
    CHECK_INT(read_chunks(&f), WEIR_PARSE);
}

TEST(what_names_no_file_fails_when_it_is_opened)
{
    FIXTURE(f);

    CHECK_INT(open_input(&f, "nothing", 0), WEIR_CONFIG);
    CHECK_INT(open_input(&f, ".", 0), WEIR_CONFIG);
    CHECK_INT(open_input(&f, "", 0), WEIR_INVALID);
    CHECK_INT(open_input(&f, NULL, 0), WEIR_INVALID);
    CHECK_INT(open_input(&f, "x", SIZE_MAX), WEIR_INVALID);
}

TEST(a_long_line_needs_a_higher_limit)
{
    FIXTURE(f);
    wr_auto(buf) wr_buf text = wr_buf_max(8 << 20);
    wr_buf_cstr(&text, "1\n");
    memset(wr_buf_room(&text, 5000000), 'a', 5000000);
    wr_buf_used(&text, 5000000);
    wr_buf_cstr(&text, "\n3\n");
    CHECK_OK(write_file(&f, "a", wr_buf_view(&text)));

    CHECK_OK(open_input(&f, "a", 4000000));
    CHECK_INT(read_chunks(&f), WEIR_LIMIT);
    CHECK_STR(
        weir_error_message(&f.cx),
        "line 2 of 'a', byte 2: the value is too long, 4000001 bytes so far, at most 4000000");

    CHECK_OK(open_input(&f, "a", 5000000));
    weir_chunk chunk;
    bool found;
    static const size_t expected[] = { 2, 5000001, 2 };
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(weir_input_files.next(&f.cx, f.self, &chunk, &found));
        CHECK(found);
        CHECK_INT(chunk.len, expected[i]);
        CHECK_INT(chunk.first_line, i + 1);
        weir_input_files.done(f.self, &chunk);
    }
}

/* Short lines, enough for 13 chunks. */
static weir_status write_large_file(fixture *f, const char *name, wr_buf *text)
{
    for (int i = 0; text->len < (size_t)12 << 20; i++)
        wr_buf_printf(text, "{\"number\":%d,\"padding\":\"...................................\"}\n",
                      i);
    return write_file(f, name, wr_buf_view(text));
}

TEST(memory_stays_the_same_however_large_the_file_is)
{
    FIXTURE(f);
    wr_auto(buf) wr_buf text = wr_buf_max(16 << 20);
    CHECK_OK(write_large_file(&f, "a", &text));
    const size_t before = wr_mem_now();
    size_t at = 0;
    size_t most = 0;

    CHECK_OK(open_input(&f, "a", 0));
    for (;;) {
        weir_chunk chunk;
        bool found;
        CHECK_OK(weir_input_files.next(&f.cx, f.self, &chunk, &found));
        if (!found)
            break;
        CHECK_INT(chunk.offset, at);
        CHECK(memcmp(chunk.text, text.ptr + at, chunk.len) == 0);
        at += chunk.len;
        most = wr_mem_now() > most ? wr_mem_now() : most;
        weir_input_files.done(f.self, &chunk);
    }

    CHECK_INT(at, text.len);
    /* Four in the queue, one being cut, one here, its tail; and what is small. */
    CHECK(most - before < (size_t)8 << 20);
}

TEST(chunks_may_be_kept_and_given_back_in_any_order)
{
    FIXTURE(f);
    wr_auto(buf) wr_buf text = wr_buf_max(16 << 20);
    CHECK_OK(write_large_file(&f, "a", &text));
    weir_chunk chunks[20];
    size_t count = 0;
    bool found = true;

    CHECK_OK(open_input(&f, "a", 0));
    for (;;) {
        CHECK_OK(weir_input_files.next(&f.cx, f.self, &chunks[count], &found));
        if (!found)
            break;
        count++;
    }

    CHECK_INT(count, 13);
    for (size_t i = count; i-- > 0;)
        weir_input_files.done(f.self, &chunks[i]);
}

TEST(an_input_can_be_closed_in_the_middle)
{
    FIXTURE(f);
    wr_auto(buf) wr_buf text = wr_buf_max(16 << 20);
    CHECK_OK(write_large_file(&f, "a", &text));
    weir_chunk chunk;
    bool found;

    CHECK_OK(open_input(&f, "a", 0));
    CHECK_OK(weir_input_files.next(&f.cx, f.self, &chunk, &found));
    weir_input_files.done(f.self, &chunk);
    close_input(&f);
}

TEST(a_cancelled_run_reads_no_more)
{
    wr_cancel cancel = { 0 };
    FIXTURE(f);
    f.cx.cancel = &cancel;
    CHECK_OK(write_file(&f, "a", wr_lit("1\n")));
    CHECK_OK(open_input(&f, "a", 0));

    wr_cancel_raise(&cancel, 1);

    CHECK_INT(read_chunks(&f), WEIR_CANCELLED);
}

TEST(a_pipe_that_nobody_writes_to_can_be_closed)
{
    FIXTURE(f);
    CHECK_INT(mkfifoat(f.dir, "pipe", 0600), 0);

    CHECK_OK(open_input(&f, "pipe", 0));
    close_input(&f);
}

/* Opening it waits for the reader. */
static weir_status write_pipe(weir_ctx *cx, void *dir)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, *(const int *)dir, "pipe", O_WRONLY, &fd));
    return wr_write_all(cx, fd, wr_lit("1\n2\n"));
}

TEST(a_pipe_is_read_until_its_writer_ends)
{
    FIXTURE(f);
    CHECK_INT(mkfifoat(f.dir, "pipe", 0600), 0);
    CHECK_OK(open_input(&f, "pipe", 0));
    wr_thread writer = { 0 };
    CHECK_OK(wr_thread_start(&f.cx, &writer, "writer", write_pipe, &f.dir));

    CHECK_OK(read_chunks(&f));
    CHECK_OK(wr_thread_join(&f.cx, &writer));
    CHECK_STR(wr_buf_text(&f.chunks), "pipe:2@0 \"1\n2\n\" ");
}

TEST(the_standard_input_is_read_from_its_position)
{
    FIXTURE(f);
    CHECK_OK(write_file(&f, "a", wr_lit("1\n2\n3\n")));
    wr_auto(close) int before = dup(STDIN_FILENO);
    wr_auto(close) int file = openat(f.dir, "a", O_RDONLY);
    CHECK(lseek(file, 2, SEEK_SET) == 2);
    dup2(file, STDIN_FILENO);

    CHECK_OK(open_input(&f, "-", 0));
    const weir_status status = read_chunks(&f);
    close_input(&f);
    dup2(before, STDIN_FILENO);

    CHECK_OK(status);
    CHECK_STR(wr_buf_text(&f.chunks), "stdin:2@0 \"2\n3\n\" ");
}

TEST(progress_counts_bytes_as_they_lie_in_the_files)
{
    FIXTURE(f);
    int64_t total;
    int64_t done;
    CHECK_OK(write_file(&f, "a", wr_lit("1\n")));
    CHECK_OK(write_file(&f, "b", wr_lit("2\n3\n")));
    CHECK_OK(open_input(&f, "*", 0));
    CHECK_OK(read_chunks(&f));

    weir_input_files.progress(f.self, &total, &done);

    CHECK_INT(total, 6);
    CHECK_INT(done, 6);
}

TEST(many_small_files_are_read)
{
    FIXTURE(f);
    char name[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "%04d", i);
        CHECK_OK(write_file(&f, name, wr_lit("{}\n{}\n")));
    }
    int64_t rows = 0;

    CHECK_OK(open_input(&f, "*", 0));
    for (int i = 0;; i++) {
        weir_chunk chunk;
        bool found;
        CHECK_OK(weir_input_files.next(&f.cx, f.self, &chunk, &found));
        if (!found)
            break;
        snprintf(name, sizeof(name), "%04d", i);
        CHECK_TEXT(chunk.name, name);
        rows += chunk.rows;
        weir_input_files.done(f.self, &chunk);
    }

    CHECK_INT(rows, 4000);
}
