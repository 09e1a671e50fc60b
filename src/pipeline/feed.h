/* The feed of a load: a thread that turns frames into batches, each with the schema it was made under.
 *
 *   frames ──▶ workers: speculate under the newest schema ──▶ accept in frame order ──▶ queue
 *                                     ▲                              │
 *                                     └── the schema grew: redo ─────┘
 *
 * With one worker the feed's own thread normalises. With several, a result counts if no table that it uses has changed
 * since its snapshot; else the frame is done again under the schema as it is now. So the result is always that of one
 * worker, byte for byte.
 */
#ifndef WR_FEED_H
#define WR_FEED_H

#include "base/queue.h"
#include "pipeline/losses.h"
#include "pipeline/quarantine.h"
#include "pipeline/workers.h"

/* One batch on its way to the destination. */
typedef struct wr_fed {
    wr_batch *batch;
    wr_schema *schema; /* counted: has all columns of the batch */
    size_t size;       /* what it counts in the budget */
    wr_queue *queue;
    struct wr_fed *next;
} wr_fed;

typedef struct wr_feed_args {
    wr_normalizer_args normalizer;
    wr_frames frames;
    wr_quarantine *quarantine; /* the feed's until it is finished */
    wr_schema *schema;         /* the snapshot to begin with, with all announced tables */
    size_t workers;
    size_t budget; /* bytes of batches between feed and destination */
} wr_feed_args;

typedef struct wr_feed {
    wr_queue *queue; /* of wr_fed */
    int64_t
        redone; /* frames that were done again; read it after wr_feed_finish(), as all up to here */
    wr_losses losses;
    /* private */
    wr_feed_args args;
    wr_thread thread;
    wr_normalizer *normalizer; /* the feed's own */
    wr_normalized result;
    wr_workers workers;
    wr_schema *schema;
} wr_feed;

weir_status wr_feed_start(weir_ctx *cx, wr_feed *feed, const wr_feed_args *args) WEIR_MUST_USE;
/* Wait for its end; the snapshot after the last frame goes to *ret, counted. */
weir_status wr_feed_finish(weir_ctx *cx, wr_feed *feed, wr_schema **ret) WEIR_MUST_USE;
/* End it in any state. All batches must have been released. */
void wr_feed_close(weir_ctx *cx, wr_feed *feed);

/* Done with a batch: back to its pool, its bytes back to the budget. Any thread. */
void wr_fed_release(void *fed);

#endif
