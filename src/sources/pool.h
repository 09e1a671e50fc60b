/* Buffers of chunks, used again and again. Any thread. */
#ifndef WR_POOL_H
#define WR_POOL_H

#include <pthread.h>

#include <weir/input.h>

/* A chunk with the memory of its text. `chunk.owner` is the buffer itself. */
typedef struct wr_buffer {
    weir_chunk chunk;
    size_t cap; /* of the text; WEIR_CHUNK_PADDING bytes follow it */
    struct wr_pool *pool;
    struct wr_buffer *next; /* in the list of idle ones */
} wr_buffer;

typedef struct wr_pool {
    size_t size;          /* of the text of a buffer, as long as nobody makes it larger */
    pthread_mutex_t lock; /* protects `idle` */
    wr_buffer *idle;
} wr_pool;

void wr_pool_init(wr_pool *pool, size_t size);
/* All buffers have been given back. */
void wr_pool_done(wr_pool *pool);

/* A buffer with an empty text. */
wr_buffer *wr_pool_take(wr_pool *pool);
/* Back to its pool; accepts NULL. One that was made larger is freed: a long line must not hold its memory for ever. */
void wr_pool_return(wr_buffer *buffer);

/* Make it larger; the text moves. */
void wr_buffer_grow(wr_buffer *buffer, size_t cap);

#endif
