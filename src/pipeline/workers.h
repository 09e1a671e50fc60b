/* Several normalisers at work on frames that follow each other, each under the newest schema that it finds: results are
 * handed out in the order of the frames. Whoever accepts them finds out which were made too early. */
#ifndef WR_WORKERS_H
#define WR_WORKERS_H

#include <pthread.h>

#include "base/thread.h"
#include "pipeline/frames.h"
#include "pipeline/normalize.h"

/* More would wait for the destination. */
#define WR_WORKERS_MAX 16

/* One frame on its way. */
typedef struct wr_task {
    wr_frame *frame;
    wr_schema *schema;    /* counted: what it is normalised under */
    wr_frame_mark mark;   /* how far it is normalised */
    wr_normalized result; /* additions are in `arena`: they outlive the worker's next frame */
    wr_arena arena;
    weir_status status;
    wr_error error;
    bool done;
} wr_task;

typedef struct wr_worker {
    struct wr_workers *workers;
    wr_normalizer *normalizer;
    char *copy; /* of the present frame's content */
    size_t copy_cap;
    wr_thread thread;
} wr_worker;

/* Tasks stand in a ring: accepted < taken <= issued. */
typedef struct wr_workers {
    size_t count;
    wr_worker *workers;
    wr_task tasks[2 * WR_WORKERS_MAX];
    size_t room;          /* tasks that may be under way at once */
    pthread_mutex_t lock; /* guards all below, and `done` of tasks */
    pthread_cond_t changed;
    uint64_t issued;
    uint64_t taken;
    uint64_t accepted;
    bool closed;
} wr_workers;

weir_status wr_workers_start(weir_ctx *cx, wr_workers *workers, size_t count,
                             const wr_normalizer_args *args) WEIR_MUST_USE;
/* Is there room for another task? */
bool wr_workers_has_room(wr_workers *workers);
/* Hand a frame over, under a snapshot that is held meanwhile. */
void wr_workers_issue(wr_workers *workers, wr_frame *frame, wr_schema *schema);
/* The oldest task, once it is done; NULL when none is under way. It is the caller's until wr_workers_accepted(). */
wr_task *wr_workers_oldest(wr_workers *workers);
void wr_workers_accepted(wr_workers *workers);
/* Stop; what is under way is finished and thrown away. `frames` gets its frames back. */
void wr_workers_stop(weir_ctx *cx, wr_workers *workers, const wr_frames *frames);
/* Free the normalisers, when all batches are released. */
void wr_workers_free(wr_workers *workers);

/* Give the batches of a result back. */
void wr_task_release_batches(wr_task *task);

#endif
