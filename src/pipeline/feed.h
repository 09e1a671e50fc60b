/* The feed of a load: a thread that replays the log and normalises it into batches, each with the schema it was made
 * under. */
#ifndef WR_FEED_H
#define WR_FEED_H

#include "base/queue.h"
#include "base/thread.h"
#include "pipeline/normalize.h"
#include "schema/schema.h"

/* One batch on its way to the destination. */
typedef struct wr_fed {
    wr_batch *batch;
    wr_schema *schema; /* counted: has all columns of the batch */
    size_t size;       /* what it counts in the budget */
    wr_queue *queue;
    struct wr_fed *next;
} wr_fed;

typedef struct wr_feed {
    wr_queue *queue; /* of wr_fed */
    /* private */
    wr_thread thread;
    wr_normalizer *normalizer;
    int package_dir;
    int64_t frames; /* that the manifest promises */
    wr_schema *schema;
} wr_feed;

/* Start replaying the log of a sealed package. `schema` is the snapshot to begin with, with all announced tables. */
weir_status wr_feed_start(weir_ctx *cx, wr_feed *feed, const wr_normalizer_args *args,
                          int package_dir, int64_t frames, wr_schema *schema, size_t budget)
    WEIR_MUST_USE;
/* Wait for its end; the snapshot after the last frame goes to *ret, counted. */
weir_status wr_feed_finish(weir_ctx *cx, wr_feed *feed, wr_schema **ret) WEIR_MUST_USE;
/* End it in any state. All batches must have been released. */
void wr_feed_close(weir_ctx *cx, wr_feed *feed);

/* Done with a batch: back to its pool, its bytes back to the budget. Any thread. */
void wr_fed_release(void *fed);

#endif
