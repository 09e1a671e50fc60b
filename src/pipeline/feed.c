/* Replaying a log into batches, on a thread beside the destination's. */
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
    for (size_t i = 0; i < result->additions.len && status == WEIR_OK; i++) {
        const wr_addition *added = &result->additions.ptr[i];
        status = wr_schema_add_columns(cx, next, added->table, added->parent, added->columns,
                                       added->count);
    }
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

static weir_status replay(weir_ctx *cx, wr_feed *feed, wr_log_reader *log, wr_normalized *result)
{
    wr_frame frame;
    bool found = true;
    for (;;) {
        WEIR_TRY(wr_log_next(cx, log, &frame, &found));
        if (!found)
            break;
        WEIR_TRY(wr_normalize(cx, feed->normalizer, feed->schema, &frame, result));
        const weir_status status = evolve(cx, feed, result);
        WEIR_TRY(send_batches(cx, feed, result->batches, status));
    }
    if ((int64_t)log->next_number != feed->frames)
        return weir_fail(cx, WEIR_CORRUPT, "the log has %llu frames, the manifest promises %lld",
                         (unsigned long long)log->next_number, (long long)feed->frames);
    return WEIR_OK;
}

static weir_status run_feed(weir_ctx *cx, void *arg)
{
    wr_feed *feed = arg;
    wr_log_reader log;
    weir_status status = wr_log_open(cx, feed->package_dir, true, &log);
    if (status == WEIR_OK) {
        wr_normalized result = { 0 };
        status = replay(cx, feed, &log, &result);
        wr_normalized_done(&result);
        wr_log_reader_close(&log);
    }
    wr_queue_end(feed->queue, status == WEIR_OK ? NULL : &cx->error);
    return status;
}

weir_status wr_feed_start(weir_ctx *cx, wr_feed *feed, const wr_normalizer_args *args,
                          int package_dir, int64_t frames, wr_schema *schema, size_t budget)
{
    *feed = (wr_feed){
        .queue = wr_queue_new(budget),
        .normalizer = wr_normalizer_new(args),
        .package_dir = package_dir,
        .frames = frames,
        .schema = wr_schema_hold(schema),
    };
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
    wr_normalizer_free(feed->normalizer);
    wr_schema_drop(feed->schema);
}
