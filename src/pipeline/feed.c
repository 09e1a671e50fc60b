/* Frames into batches, in order, beside the destination's thread. */
#include "pipeline/feed.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

void wr_fed_release(void *item)
{
    wr_fed *fed = item;
    wr_batch_release(fed->batch);
    wr_schema_drop(fed->schema);
    wr_queue_return(fed->queue, fed->size);
    wr_free(fed);
}

/* The snapshot that has a frame's additions. */
static weir_status evolve(weir_ctx *cx, wr_feed *feed, const wr_normalized *result)
{
    if (!result->additions.len)
        return WEIR_OK;
    wr_schema *next = wr_schema_clone(feed->schema);
    weir_status status = WEIR_OK;
    for (size_t i = 0; i < result->additions.len && status == WEIR_OK; i++)
        status = wr_addition_apply(cx, next, &result->additions.ptr[i]);
    wr_schema_drop(status == WEIR_OK ? feed->schema : next);
    if (status == WEIR_OK)
        feed->schema = next;
    return status;
}

/* Send the batches of a frame; those that cannot be sent any more go back. */
static weir_status send_batches(weir_ctx *cx, wr_feed *feed, wr_batch *batches, weir_status status)
{
    while (batches) {
        wr_batch *batch = batches;
        batches = batch->next;
        wr_fed *fed = wr_new(wr_fed);
        *fed = (wr_fed){
            .batch = batch,
            .schema = wr_schema_hold(feed->schema),
            .size = batch->bytes,
            .queue = feed->queue,
        };
        if (status == WEIR_OK)
            status = wr_queue_send(cx, feed->queue, fed, fed->size);
        if (status != WEIR_OK) {
            fed->size = 0; /* it was never counted */
            wr_fed_release(fed);
        }
    }
    return status;
}

static weir_status accept(weir_ctx *cx, wr_feed *feed, const wr_frame *frame, wr_normalized *result)
{
    weir_status status = evolve(cx, feed, result);
    if (status == WEIR_OK)
        status =
            wr_quarantine_add(cx, feed->args.quarantine, frame, result->bad.ptr, result->bad.len);
    wr_losses_add(&feed->losses, result);
    wr_batch *batches = result->batches;
    result->batches = NULL;
    return send_batches(cx, feed, batches, status);
}

/* Normalise a frame on this thread, from `mark` on, each part under the schema as it is then. */
static weir_status normalize_here(weir_ctx *cx, wr_feed *feed, const wr_frame *frame,
                                  wr_frame_mark mark)
{
    do {
        WEIR_TRY(wr_normalize(cx, feed->normalizer, feed->schema, frame, &mark, &feed->result));
        WEIR_TRY(accept(cx, feed, frame, &feed->result));
    } while (!wr_frame_ends(frame, &mark));
    return WEIR_OK;
}

/* ---- one worker ---- */

static weir_status replay(weir_ctx *cx, wr_feed *feed)
{
    const wr_frames *frames = &feed->args.frames;
    for (;;) {
        wr_frame *frame = NULL;
        WEIR_TRY(frames->next(cx, frames->self, &frame));
        if (!frame)
            return WEIR_OK;
        const weir_status status = normalize_here(cx, feed, frame, (wr_frame_mark){ 0 });
        frames->done(frames->self, frame);
        WEIR_TRY(status);
    }
}

/* ---- several workers ---- */

static bool table_is_same(const wr_feed *feed, const wr_task *task, weir_str table)
{
    return wr_schema_table(task->schema, table) == wr_schema_table(feed->schema, table);
}

/* Was the result made under the schema as it is now, as far as it used it? */
static bool is_current(const wr_feed *feed, const wr_task *task)
{
    if (task->schema == feed->schema)
        return true;
    if (task->status != WEIR_OK)
        return false;
    for (const wr_batch *batch = task->result.batches; batch; batch = batch->next)
        if (!table_is_same(feed, task, batch->table))
            return false;
    for (size_t i = 0; i < task->result.additions.len; i++)
        if (!table_is_same(feed, task, task->result.additions.ptr[i].table))
            return false;
    for (size_t i = 0; i < task->result.dropped.len; i++)
        if (!table_is_same(feed, task, task->result.dropped.ptr[i].table))
            return false;
    return true;
}

static weir_status redo(weir_ctx *cx, wr_feed *feed, wr_task *task)
{
    feed->redone++;
    wr_task_release_batches(task);
    return normalize_here(cx, feed, task->frame, (wr_frame_mark){ 0 });
}

/* A worker normalises the first part of a frame; few have more. */
static weir_status accept_task(weir_ctx *cx, wr_feed *feed, wr_task *task)
{
    WEIR_TRY(accept(cx, feed, task->frame, &task->result));
    if (wr_frame_ends(task->frame, &task->mark))
        return WEIR_OK;
    return normalize_here(cx, feed, task->frame, task->mark);
}

static weir_status accept_oldest(weir_ctx *cx, wr_feed *feed, bool *ret_any)
{
    wr_task *task = wr_workers_oldest(&feed->workers);
    *ret_any = task != NULL;
    if (!task)
        return WEIR_OK;
    weir_status status = WEIR_OK;
    if (!is_current(feed, task))
        status = redo(cx, feed, task);
    else if (task->status != WEIR_OK)
        status = wr_error_adopt(cx, &task->error);
    else
        status = accept_task(cx, feed, task);
    feed->args.frames.done(feed->args.frames.self, task->frame);
    wr_workers_accepted(&feed->workers);
    return status;
}

static weir_status speculate(weir_ctx *cx, wr_feed *feed)
{
    const wr_frames *frames = &feed->args.frames;
    bool more = true;
    bool any = true;
    while (more || any) {
        while (more && wr_workers_has_room(&feed->workers)) {
            wr_frame *frame = NULL;
            WEIR_TRY(frames->next(cx, frames->self, &frame));
            more = frame != NULL;
            if (frame)
                wr_workers_issue(&feed->workers, frame, feed->schema);
        }
        WEIR_TRY(accept_oldest(cx, feed, &any));
    }
    return WEIR_OK;
}

/* ---- the thread ---- */

static weir_status run_feed(weir_ctx *cx, void *arg)
{
    wr_feed *feed = arg;
    weir_status status = WEIR_OK;
    if (feed->args.workers > 1) {
        status = wr_workers_start(cx, &feed->workers, feed->args.workers, &feed->args.normalizer);
        if (status == WEIR_OK)
            status = speculate(cx, feed);
        const wr_error own = cx->error;
        wr_workers_stop(cx, &feed->workers, &feed->args.frames);
        cx->error = own;
    } else {
        status = replay(cx, feed);
    }
    wr_queue_end(feed->queue, status == WEIR_OK ? NULL : &cx->error);
    return status;
}

weir_status wr_feed_start(weir_ctx *cx, wr_feed *feed, const wr_feed_args *args)
{
    *feed = (wr_feed){
        .args = *args,
        .queue = wr_queue_new(args->budget),
        .normalizer = wr_normalizer_new(&args->normalizer),
        .schema = wr_schema_hold(args->schema),
    };
    if (feed->args.workers > WR_WORKERS_MAX)
        feed->args.workers = WR_WORKERS_MAX;
    return wr_thread_start(cx, &feed->thread, "weir-normalize", run_feed, feed);
}

weir_status wr_feed_finish(weir_ctx *cx, wr_feed *feed, wr_schema **ret)
{
    WEIR_TRY(wr_thread_join(cx, &feed->thread));
    *ret = wr_schema_hold(feed->schema);
    return WEIR_OK;
}

void wr_feed_close(weir_ctx *cx, wr_feed *feed)
{
    if (!feed->queue)
        return;
    wr_queue_close(feed->queue);
    const wr_error kept = cx->error;
    if (wr_thread_join(cx, &feed->thread) != WEIR_OK)
        cx->error = kept; /* the feed's came through the queue, or nobody asks any more */
    wr_queue_free(feed->queue, wr_fed_release);
    feed->queue = NULL;
    wr_normalized_done(&feed->result);
    wr_losses_done(&feed->losses);
    wr_workers_free(&feed->workers);
    wr_normalizer_free(feed->normalizer);
    wr_schema_drop(feed->schema);
}
