/* Bounded queues between two threads: the sum of the sizes of what is in them stays below a budget of bytes. Sending
 * gives up ownership. One item larger than the budget passes alone, and a receiver that waits gets one item in any case. */
#ifndef WR_QUEUE_H
#define WR_QUEUE_H

#include <weir/base.h>

typedef struct wr_queue wr_queue;

wr_queue *wr_queue_new(size_t budget);
/* Items that are left are given to `release`. */
void wr_queue_free(wr_queue *queue, void (*release)(void *item));

/* Waits while the budget is used up. `item` is not NULL. WEIR_CANCELLED when the run is cancelled or the other side has
 * closed. On failure the item stays the caller's. */
weir_status wr_queue_send(weir_ctx *cx, wr_queue *queue, void *item, size_t size) WEIR_MUST_USE;
/* Waits for an item; *ret NULL when the sender has ended the queue and it is empty. The item's size still counts
 * against the budget until wr_queue_return(). When the sender failed: what it had sent before, then its status, its
 * error adopted. WEIR_CANCELLED when the run is cancelled. */
weir_status wr_queue_receive(weir_ctx *cx, wr_queue *queue, void **ret, size_t *ret_size)
    WEIR_MUST_USE;
/* As receive, without waiting or looking at the cancel token: *ret NULL and *ret_waiting true when nothing is there
 * yet. */
weir_status wr_queue_poll(weir_ctx *cx, wr_queue *queue, void **ret, size_t *ret_size,
                          bool *ret_waiting) WEIR_MUST_USE;
/* Give `size` bytes of received items back to the budget; any thread. */
void wr_queue_return(wr_queue *queue, size_t size);
/* Is the sender waiting for budget? */
bool wr_queue_blocked(wr_queue *queue);

/* The sender is done; `error` NULL: well. */
struct wr_error;
void wr_queue_end(wr_queue *queue, const struct wr_error *error);
/* The receiver wants no more: the sender's next call returns WEIR_CANCELLED. */
void wr_queue_close(wr_queue *queue);

#endif
