/* The input `command`: a program, a thread that reads and cuts what it prints, a queue of chunks.
 *
 *      program ─out─▶ reader thread: cutter ─▶ queue, 4 chunks ─▶ next(): as it is, or split by stream
 *         └────err──▶ log, last lines
 *
 * What is at the end of its output is given only when the program ended well: a line that it could not finish is not taken for
 * one. While nobody takes chunks, nothing is read, and the program waits. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include <weir/input.h>

#include "base/child.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/str.h"
#include "base/thread.h"
#include "sources/command_files.h"
#include "sources/command_said.h"
#include "sources/lines.h"
#include "sources/singer_split.h"

#define CHUNK_SIZE ((size_t)1 << 20)
#define CHUNKS_AHEAD 4
#define BLOCK_SIZE ((size_t)256 << 10)
#define LINE_MAX_DEFAULT ((size_t)64 << 20)
#define GRACE_MS 5000

typedef struct reader {
    const weir_command *spec;
    wr_arena arena; /* wiped: placeholders are secrets */
    weir_str name;  /* of the program, for messages */
    weir_str resumed;
    wr_command_files files;
    wr_cancel *cancel;
    wr_pool pool;
    wr_queue *queue; /* NULL: opening did not get so far */
    wr_thread thread;
    atomic_bool stop;
    atomic_int_least64_t done;
    wr_singer_split split;

    /* Of the thread, while it runs. */
    wr_child child;
    wr_said said;
    wr_cutter cutter;
} reader;

/* ---- the thread ---- */

static weir_status check_stop(weir_ctx *cx, const reader *r)
{
    if (atomic_load(&r->stop))
        return weir_fail(cx, WEIR_CANCELLED, "nobody reads any more");
    return wr_check_cancel(cx);
}

/* What can be read now; the side is closed at its end. */
static size_t take(int *fd, char *ret, size_t len)
{
    const ssize_t got = read(*fd, ret, len);
    if (got == 0 || (got < 0 && errno != EINTR)) {
        close(*fd);
        *fd = -1;
    }
    return got > 0 ? (size_t)got : 0;
}

static void take_said(weir_ctx *cx, reader *r)
{
    char bytes[4096];
    const size_t got = take(&r->child.err, bytes, sizeof(bytes));
    wr_said_add(cx, &r->said, (weir_str){ bytes, got });
}

static weir_status wait_for_end(weir_ctx *cx, reader *r)
{
    bool out;
    bool err;
    while (!wr_child_has_ended(&r->child)) {
        WEIR_TRY(check_stop(cx, r));
        wr_child_listen(&r->child, &out, &err);
        if (err)
            take_said(cx, r);
    }
    for (err = true; err && r->child.err >= 0;) { /* the rest of what it said */
        wr_child_listen(&r->child, &out, &err);
        if (err)
            take_said(cx, r);
    }
    wr_said_end(cx, &r->said);
    return WEIR_OK;
}

static weir_status finish(weir_ctx *cx, reader *r)
{
    char fate[WR_CHILD_FATE];
    WEIR_TRY(wait_for_end(cx, r));
    wr_child_fate(&r->child, fate);
    if (!fate[0])
        return WEIR_OK;
    const weir_str last = wr_said_last(&r->said);
    return weir_fail(cx, WEIR_INVALID, "the program '%.*s' ended with %s, and said %s%.*s",
                     WR_STR(r->name), fate, last.len > 0 ? "at last:" : "nothing", WR_STR(last));
}

static weir_status read_output(weir_ctx *cx, void *from, char *ret, size_t len, size_t *ret_len)
{
    reader *r = from;
    size_t got = 0;
    while (got < len && r->child.out >= 0) {
        bool out;
        bool err;
        WEIR_TRY(check_stop(cx, r));
        wr_child_listen(&r->child, &out, &err);
        if (err)
            take_said(cx, r);
        if (out)
            got += take(&r->child.out, ret + got, len - got);
    }
    atomic_fetch_add(&r->done, (int64_t)got);
    if (got < len)
        WEIR_TRY(finish(cx, r));
    *ret_len = got;
    return WEIR_OK;
}

static weir_status read_chunks(weir_ctx *cx, reader *r)
{
    wr_cutter_begin(&r->cutter, r->name);
    for (;;) {
        wr_buffer *buffer;
        WEIR_TRY(wr_cutter_next(cx, &r->cutter, &buffer));
        if (!buffer)
            return WEIR_OK;
        const weir_status status = wr_queue_send(cx, r->queue, buffer, buffer->cap);
        if (status != WEIR_OK) {
            wr_pool_return(buffer);
            return status;
        }
    }
}

static weir_status run_thread(weir_ctx *cx, void *arg)
{
    reader *r = arg;
    const weir_status status = read_chunks(cx, r);
    wr_queue_end(r->queue, status == WEIR_OK ? NULL : &cx->error);
    return status;
}

/* ---- opening ---- */

static weir_status read_hints(weir_ctx *cx, reader *r, const char *text, const wr_node **ret)
{
    wr_node *node = NULL;
    if (!text)
        return WEIR_OK;
    WEIR_TRY(wr_node_parse(cx, &r->arena, weir_str_of(text), &node));
    *ret = node;
    return WEIR_OK;
}

static weir_str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return weir_str_of(slash && slash[1] ? slash + 1 : path);
}

static weir_status command_open(weir_ctx *cx, void *self, const void *spec_)
{
    reader *r = self;
    const weir_command *spec = spec_;
    const wr_node *hints = NULL;
    const wr_node *streams = NULL;
    r->arena.wipe = true;
    r->child = (wr_child){ .out = -1, .err = -1, .leash = -1 };
    wr_pool_init(&r->pool, CHUNK_SIZE);
    r->split.pool = &r->pool;
    if (!spec || !spec->words || !spec->words[0] || !spec->words[0][0])
        return weir_fail(cx, WEIR_INVALID, "no program is named");
    r->spec = spec;
    r->name = base_name(spec->words[0]);
    r->said.name = r->name;
    r->cancel = cx->cancel;
    WEIR_TRY(read_hints(cx, r, spec->hints, &hints));
    WEIR_TRY(read_hints(cx, r, spec->streams, &streams));
    wr_singer_init(&r->split.singer, hints, streams);
    r->split.may_be_bad = spec->may_be_bad;
    r->cutter = (wr_cutter){
        .pool = &r->pool,
        .block = BLOCK_SIZE,
        .value_max = spec->line_max > 0 ? spec->line_max : LINE_MAX_DEFAULT,
        .read = read_output,
        .from = r,
    };
    r->queue = wr_queue_new(CHUNKS_AHEAD * CHUNK_SIZE);
    return WEIR_OK;
}

static weir_status command_resume(weir_ctx *cx, void *self, weir_str position)
{
    (void)cx;
    reader *r = self;
    r->resumed = wr_arena_str(&r->arena, position);
    return WEIR_OK;
}

static weir_status start(weir_ctx *cx, reader *r)
{
    WEIR_TRY(wr_command_files_begin(cx, &r->arena, r->spec, r->resumed, &r->files));
    const wr_child_args args = {
        .words = r->files.words,
        .env = r->files.env,
        .folder = r->spec->folder,
        .remove = r->files.folder,
    };
    WEIR_TRY(wr_child_start(cx, &args, &r->child));
    weir_debug(cx, "the program '%.*s' runs as process %ld", WR_STR(r->name), (long)r->child.pid);
    return wr_thread_start(cx, &r->thread, "weir-command", run_thread, r);
}

/* ---- reading ---- */

static weir_status receive(weir_ctx *cx, reader *r, wr_buffer **ret)
{
    void *item;
    size_t size;
    WEIR_TRY(wr_queue_receive(cx, r->queue, &item, &size));
    if (item)
        wr_queue_return(r->queue, size);
    *ret = item;
    return WEIR_OK;
}

static weir_status next_of_stream(weir_ctx *cx, reader *r, wr_buffer **ret)
{
    for (;;) {
        WEIR_TRY(wr_singer_split_next(cx, &r->split, ret));
        if (*ret)
            return WEIR_OK;
        wr_buffer *from;
        WEIR_TRY(receive(cx, r, &from));
        if (!from)
            return WEIR_OK;
        wr_singer_split_begin(&r->split, from);
    }
}

static weir_status command_next(weir_ctx *cx, void *self, weir_chunk *ret, bool *ret_found)
{
    reader *r = self;
    wr_buffer *buffer = NULL;
    if (!r->thread.started)
        WEIR_TRY(start(cx, r));
    if (r->spec->format == WEIR_COMMAND_SINGER)
        WEIR_TRY(next_of_stream(cx, r, &buffer));
    else
        WEIR_TRY(receive(cx, r, &buffer));
    *ret_found = buffer != NULL;
    if (buffer)
        *ret = buffer->chunk;
    return WEIR_OK;
}

static void command_done(void *self, weir_chunk *chunk)
{
    (void)self;
    wr_pool_return(chunk->owner);
    *chunk = (weir_chunk){ 0 };
}

static weir_str command_position(void *self)
{
    const reader *r = self;
    return wr_buf_view(&r->split.singer.state);
}

static void command_progress(void *self, int64_t *ret_total, int64_t *ret_done)
{
    const reader *r = self;
    *ret_total = 0; /* nobody knows */
    *ret_done = atomic_load(&r->done);
}

/* ---- closing ---- */

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

static void command_close(void *self)
{
    reader *r = self;
    if (r->queue)
        stop_thread(r);
    wr_child_end(&r->child, r->cancel, GRACE_MS);
    wr_command_files_end(&r->files);
    wr_cutter_done(&r->cutter);
    wr_singer_split_done(&r->split);
    wr_pool_done(&r->pool);
    wr_arena_done(&r->arena);
}

const weir_input weir_input_command = {
    .name = "command",
    .self_size = sizeof(reader),
    .open = command_open,
    .resume = command_resume,
    .next = command_next,
    .position = command_position,
    .done = command_done,
    .close = command_close,
    .progress = command_progress,
};
