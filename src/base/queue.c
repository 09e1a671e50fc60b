/* Bounded queues: a ring of items under one lock.
 *
 *      sender                               receiver
 *        │ send: waits for budget             │ receive: waits for an item or the end
 *        ▼                                    ▼
 *     ┌─────────────────────────────────────────┐
 *     │ used = sizes in the ring + sizes that    │ return: gives size back,
 *     │        were received and not returned    │ wakes the sender
 *     └─────────────────────────────────────────┘
 *
 * Lock order: the lock of a queue is a leaf. While it is held no other lock is taken, no context is written, and no code
 * of others runs; so it may be taken under any lock. */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/ctx.h"
#include "base/mem.h"

#define RING_START 16
/* A wait ends at least this often, to look at the cancel token: nobody signals a queue when a run is stopped. */
#define WAIT_NS 100000000L
#define NS_PER_SECOND 1000000000L

typedef struct entry {
    void *item;
    size_t size;
} entry;

struct wr_queue {
    pthread_mutex_t lock; /* protects all that follows, except `budget`, which does not change */
    pthread_cond_t room;  /* budget came back, or the queue was closed */
    pthread_cond_t ready; /* an item came, or the queue was ended */
    size_t budget;
    size_t used;
    entry *ring;
    size_t ring_cap; /* a power of two, or 0 */
    size_t first;
    size_t count;
    bool sender_waits;
    bool receiver_waits;
    bool ended;
    bool closed;
    wr_error error; /* of the sender; status WEIR_OK: none */
};

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

wr_queue *wr_queue_new(size_t budget)
{
    wr_queue *queue = wr_new(wr_queue);
    pthread_mutex_init(&queue->lock, NULL);
    init_condition(&queue->room);
    init_condition(&queue->ready);
    queue->budget = budget;
    return queue;
}

static entry take_first(wr_queue *queue)
{
    const entry taken = queue->ring[queue->first];
    queue->first = (queue->first + 1) & (queue->ring_cap - 1);
    queue->count--;
    return taken;
}

void wr_queue_free(wr_queue *queue, void (*release)(void *item))
{
    if (!queue)
        return;
    while (queue->count > 0) {
        const entry left = take_first(queue);
        if (release)
            release(left.item);
    }
    pthread_cond_destroy(&queue->ready);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->lock);
    wr_free(queue->ring);
    wr_free(queue);
}

static void grow_ring(wr_queue *queue)
{
    const size_t cap = queue->ring_cap ? queue->ring_cap * 2 : RING_START;
    entry *ring = wr_new_array(cap, entry);
    for (size_t i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->first + i) & (queue->ring_cap - 1)];
    wr_free(queue->ring);
    queue->ring = ring;
    queue->ring_cap = cap;
    queue->first = 0;
}

static void append(wr_queue *queue, void *item, size_t size)
{
    if (queue->count == queue->ring_cap)
        grow_ring(queue);
    queue->ring[(queue->first + queue->count) & (queue->ring_cap - 1)] = (entry){ item, size };
    queue->count++;
    queue->used += size;
}

/* An item that is larger than the budget fits when nothing else counts against it. So does any item for a receiver that
 * waits before an empty queue: it may need the item to be able to return what it has. */
static bool fits(const wr_queue *queue, size_t size)
{
    return queue->used == 0 || (queue->receiver_waits && queue->count == 0) ||
           (queue->used <= queue->budget && size <= queue->budget - queue->used);
}

static void wait_a_little(wr_queue *queue, pthread_cond_t *condition)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= NS_PER_SECOND) {
        until.tv_nsec -= NS_PER_SECOND;
        until.tv_sec++;
    }
    const int error = pthread_cond_timedwait(condition, &queue->lock, &until);
    wr_assert(error == 0 || error == ETIMEDOUT);
}

typedef enum attempt { DONE, CLOSED, WAITING } attempt;

/* Send, or wait once for budget. */
static attempt try_send(wr_queue *queue, void *item, size_t size)
{
    attempt ret = WAITING;
    pthread_mutex_lock(&queue->lock);
    wr_assert(!queue->ended);
    if (!queue->closed && !fits(queue, size)) {
        queue->sender_waits = true;
        wait_a_little(queue, &queue->room);
        queue->sender_waits = false;
    }
    if (queue->closed) {
        ret = CLOSED;
    } else if (fits(queue, size)) {
        append(queue, item, size);
        pthread_cond_signal(&queue->ready);
        ret = DONE;
    }
    pthread_mutex_unlock(&queue->lock);
    return ret;
}

weir_status wr_queue_send(weir_ctx *cx, wr_queue *queue, void *item, size_t size)
{
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        switch (try_send(queue, item, size)) {
        case DONE: return WEIR_OK;
        case CLOSED: return weir_fail(cx, WEIR_CANCELLED, "the receiver wants no more");
        case WAITING: break;
        }
    }
}

/* Take an item, find the end (`taken->item` NULL, the error in `*ret_error`), or, when `wait`, wait once for either. */
static attempt try_receive(wr_queue *queue, bool wait, entry *taken, wr_error *ret_error)
{
    attempt ret = WAITING;
    pthread_mutex_lock(&queue->lock);
    if (wait && queue->count == 0 && !queue->ended && !queue->closed) {
        queue->receiver_waits = true;
        pthread_cond_signal(&queue->room);
        wait_a_little(queue, &queue->ready);
        queue->receiver_waits = false;
    }
    if (queue->count > 0) {
        *taken = take_first(queue);
        ret = DONE;
    } else if (queue->ended || queue->closed) {
        *taken = (entry){ 0 };
        if (queue->error.status != WEIR_OK)
            *ret_error = queue->error;
        ret = CLOSED;
    }
    pthread_mutex_unlock(&queue->lock);
    return ret;
}

/* What a receiver gets that took `taken` out, or nothing and `error`. */
static weir_status hand_over(weir_ctx *cx, const entry *taken, const wr_error *error, void **ret,
                             size_t *ret_size)
{
    if (!taken->item && error->status != WEIR_OK)
        return wr_error_adopt(cx, error);
    *ret = taken->item;
    *ret_size = taken->size;
    return WEIR_OK;
}

weir_status wr_queue_receive(weir_ctx *cx, wr_queue *queue, void **ret, size_t *ret_size)
{
    entry taken = { 0 };
    wr_error error;
    error.status = WEIR_OK;
    do
        WEIR_TRY(wr_check_cancel(cx));
    while (try_receive(queue, true, &taken, &error) == WAITING);
    return hand_over(cx, &taken, &error, ret, ret_size);
}

weir_status wr_queue_poll(weir_ctx *cx, wr_queue *queue, void **ret, size_t *ret_size,
                          bool *ret_waiting)
{
    entry taken = { 0 };
    wr_error error;
    error.status = WEIR_OK;
    const bool waiting = try_receive(queue, false, &taken, &error) == WAITING;
    WEIR_TRY(hand_over(cx, &taken, &error, ret, ret_size));
    *ret_waiting = waiting;
    return WEIR_OK;
}

void wr_queue_return(wr_queue *queue, size_t size)
{
    pthread_mutex_lock(&queue->lock);
    wr_assert(size <= queue->used);
    queue->used -= size;
    pthread_cond_signal(&queue->room);
    pthread_mutex_unlock(&queue->lock);
}

bool wr_queue_blocked(wr_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    const bool blocked = queue->sender_waits;
    pthread_mutex_unlock(&queue->lock);
    return blocked;
}

void wr_queue_end(wr_queue *queue, const wr_error *error)
{
    pthread_mutex_lock(&queue->lock);
    queue->ended = true;
    if (error) {
        queue->error = *error;
        if (error->status == WEIR_OK) /* taken for the end, it would lose data */
            queue->error.status = WEIR_INTERNAL;
    }
    pthread_cond_broadcast(&queue->ready);
    pthread_mutex_unlock(&queue->lock);
}

void wr_queue_close(wr_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->room);
    pthread_cond_broadcast(&queue->ready);
    pthread_mutex_unlock(&queue->lock);
}
