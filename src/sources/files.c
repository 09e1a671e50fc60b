/* The input `files`: a list of files, a thread that reads, unpacks and cuts them, a queue of chunks.
 *
 *      reader thread                                     next() and done()
 *      file ─▶ stream ─▶ cutter ─▶ queue, 4 chunks ─▶ consumer ─┐
 *                          ▲                                    │
 *                          └─────────── pool of buffers ◀───────┘
 *
 * A chunk counts against the queue until it is received. The thread belongs to all files, not to one of them. */
#include <stdatomic.h>
#include <unistd.h>

#include <weir/input.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/str.h"
#include "base/thread.h"
#include "sources/file_item.h"
#include "sources/glob.h"
#include "sources/lines.h"
#include "sources/unpack.h"

#define CHUNK_SIZE ((size_t)1 << 20)
#define CHUNKS_AHEAD 4
#define BLOCK_SIZE ((size_t)256 << 10)
/* Of a file's item: its path stands in it three times. */
#define ITEM_MAX ((size_t)1 << 20)
#define LINE_MAX_DEFAULT ((size_t)64 << 20)

typedef struct reader {
    int dir; /* relative paths begin here */
    wr_arena arena;
    wr_found_files files;
    bool is_stdin; /* the only file */
    wr_pool pool;
    wr_queue *queue; /* NULL: opening did not get so far */
    wr_thread thread;
    atomic_bool stop;
    int64_t total;
    atomic_int_least64_t done;

    /* Of the thread. */
    wr_stream stream;
    wr_cutter cutter;
} reader;

static weir_status check_spec(weir_ctx *cx, const weir_files *spec)
{
    if (!spec || !spec->pattern || !spec->pattern[0])
        return weir_fail(cx, WEIR_INVALID, "no file is named");
    if (spec->line_max > SIZE_MAX / 4)
        return weir_fail(cx, WEIR_INVALID, "line_max is %zu, at most %zu", spec->line_max,
                         SIZE_MAX / 4);
    return WEIR_OK;
}

/* Not seekable: it is read from its position, also when it is a file. */
static weir_status add_stdin(weir_ctx *cx, reader *r)
{
    wr_file_info info;
    WEIR_TRY(wr_file_look(cx, STDIN_FILENO, "", AT_EMPTY_PATH, &info));
    *wr_vec_push(&r->files) = (wr_found_file){ .path = wr_lit("stdin"), .size = info.size };
    r->is_stdin = true;
    return WEIR_OK;
}

static weir_status find_files(weir_ctx *cx, reader *r, const weir_files *spec)
{
    if (strcmp(spec->pattern, "-") == 0)
        return add_stdin(cx, r);
    bool is_there = true;
    r->dir = AT_FDCWD;
    if (spec->folder && spec->may_be_none)
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, spec->folder, &is_there));
    if (!is_there)
        return WEIR_OK;
    if (spec->folder)
        WEIR_TRY(wr_open_dir(cx, AT_FDCWD, spec->folder, false, &r->dir));
    return wr_glob(cx, &r->arena, r->dir, spec->pattern, &r->files);
}

static weir_status find_some_files(weir_ctx *cx, reader *r, const weir_files *spec)
{
    const weir_status status = find_files(cx, r, spec);
    if (status != WEIR_CONFIG || !spec->may_be_none || !strpbrk(spec->pattern, "*?["))
        return status;
    weir_error_clear(cx); /* nothing fits the pattern */
    return WEIR_OK;
}

/* O_NONBLOCK: without it, opening a pipe waits until somebody writes, and does not look at the cancel token. */
static weir_status open_file(weir_ctx *cx, reader *r, const wr_found_file *file)
{
    int fd = STDIN_FILENO;
    if (!r->is_stdin)
        WEIR_TRY(wr_open_at(cx, r->dir, file->path.ptr, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd));
    wr_stream_begin(&r->stream, (wr_stream_file){ fd, file->seekable, file->path });
    wr_cutter_begin(&r->cutter, file->path);
    return WEIR_OK;
}

static weir_status read_file(weir_ctx *cx, reader *r, const wr_found_file *file)
{
    WEIR_TRY(open_file(cx, r, file));
    for (;;) {
        wr_buffer *buffer;
        WEIR_TRY(wr_cutter_next(cx, &r->cutter, &buffer));
        if (!buffer)
            break;
        const weir_status status = wr_queue_send(cx, r->queue, buffer, buffer->cap);
        if (status != WEIR_OK) {
            wr_pool_return(buffer);
            return status;
        }
    }
    wr_stream_end(&r->stream);
    return WEIR_OK;
}

static weir_status read_files(weir_ctx *cx, reader *r)
{
    for (size_t i = 0; i < r->files.len; i++) {
        WEIR_TRY(wr_check_cancel(cx));
        WEIR_TRY(read_file(cx, r, &r->files.ptr[i]));
    }
    return WEIR_OK;
}

static weir_status run_thread(weir_ctx *cx, void *arg)
{
    reader *r = arg;
    const weir_status status = read_files(cx, r);
    wr_queue_end(r->queue, status == WEIR_OK ? NULL : &cx->error);
    return status;
}

static void init_reader(reader *r, const weir_files *spec)
{
    const size_t line_max = spec->line_max > 0 ? spec->line_max : LINE_MAX_DEFAULT;
    r->queue = wr_queue_new(CHUNKS_AHEAD * CHUNK_SIZE);
    r->stream.block = BLOCK_SIZE;
    r->stream.window_max = line_max;
    r->stream.stop = &r->stop;
    r->stream.read = &r->done;
    r->cutter.pool = &r->pool;
    r->cutter.block = BLOCK_SIZE;
    r->cutter.value_max = line_max;
    r->cutter.read = wr_stream_read;
    r->cutter.from = &r->stream;
}

static weir_status files_open(weir_ctx *cx, void *self, const void *spec_)
{
    reader *r = self;
    const weir_files *spec = spec_;
    r->dir = -1;
    r->stream.fd = -1;
    wr_pool_init(&r->pool, CHUNK_SIZE);

    WEIR_TRY(check_spec(cx, spec));
    WEIR_TRY(find_some_files(cx, r, spec));
    init_reader(r, spec);
    return WEIR_OK;
}

static weir_status files_select(weir_ctx *cx, void *self, const weir_items *items)
{
    reader *r = self;
    size_t kept = 0;
    for (size_t i = 0; i < r->files.len; i++) {
        wr_auto(buf) wr_buf item = wr_buf_max(ITEM_MAX);
        bool keep = false;
        WEIR_TRY(wr_file_item(cx, r->dir, &r->files.ptr[i], &item));
        WEIR_TRY(items->keep(cx, items->self, wr_buf_view(&item), &keep));
        if (keep)
            r->files.ptr[kept++] = r->files.ptr[i];
    }
    r->files.len = kept;
    return WEIR_OK;
}

static weir_status start(weir_ctx *cx, reader *r)
{
    for (size_t i = 0; i < r->files.len; i++)
        r->total += r->files.ptr[i].size;
    return wr_thread_start(cx, &r->thread, "weir-files", run_thread, r);
}

static weir_status files_next(weir_ctx *cx, void *self, weir_chunk *ret, bool *ret_found)
{
    reader *r = self;
    void *item;
    size_t size;
    if (!r->thread.started)
        WEIR_TRY(start(cx, r));
    WEIR_TRY(wr_queue_receive(cx, r->queue, &item, &size));
    *ret_found = item != NULL;
    if (item) {
        wr_queue_return(r->queue, size);
        *ret = ((const wr_buffer *)item)->chunk;
    }
    return WEIR_OK;
}

static void files_done(void *self, weir_chunk *chunk)
{
    (void)self;
    wr_pool_return(chunk->owner);
    *chunk = (weir_chunk){ 0 };
}

static void release(void *item)
{
    wr_pool_return(item);
}

static void stop_thread(reader *r)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    atomic_store(&r->stop, true);
    wr_queue_close(r->queue);
    if (wr_thread_join(&cx, &r->thread) != WEIR_OK)
        weir_error_clear(&cx); /* next() told about it, or nobody wants to know */
    wr_queue_free(r->queue, release);
}

static void files_close(void *self)
{
    reader *r = self;
    if (r->queue)
        stop_thread(r);
    wr_cutter_done(&r->cutter);
    wr_stream_done(&r->stream);
    wr_pool_done(&r->pool);
    wr_vec_done(&r->files);
    wr_arena_done(&r->arena);
    wr_cleanup_close(&r->dir);
}

static bool files_is_empty(void *self)
{
    const reader *r = self;
    for (size_t i = 0; i < r->files.len; i++)
        if (r->files.ptr[i].size > 0 || !r->files.ptr[i].seekable)
            return false;
    return true;
}

static void files_progress(void *self, int64_t *ret_total, int64_t *ret_done)
{
    const reader *r = self;
    *ret_total = r->total;
    *ret_done = atomic_load(&r->done);
}

const weir_input weir_input_files = {
    .name = "filesystem",
    .self_size = sizeof(reader),
    .open = files_open,
    .select = files_select,
    .next = files_next,
    .done = files_done,
    .close = files_close,
    .is_empty = files_is_empty,
    .progress = files_progress,
};
