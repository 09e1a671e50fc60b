/* A list of idle buffers. It is never longer than the number of buffers that were out at the same time. */
#include "sources/pool.h"

#include "base/mem.h"

void wr_pool_init(wr_pool *pool, size_t size)
{
    *pool = (wr_pool){ .size = size };
    pthread_mutex_init(&pool->lock, NULL);
}

static void free_buffer(wr_buffer *buffer)
{
    wr_free(buffer->chunk.text);
    wr_free(buffer);
}

void wr_pool_done(wr_pool *pool)
{
    while (pool->idle) {
        wr_buffer *buffer = pool->idle;
        pool->idle = buffer->next;
        free_buffer(buffer);
    }
    pthread_mutex_destroy(&pool->lock);
}

static wr_buffer *take_idle(wr_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    wr_buffer *buffer = pool->idle;
    if (buffer)
        pool->idle = buffer->next;
    pthread_mutex_unlock(&pool->lock);
    return buffer;
}

wr_buffer *wr_pool_take(wr_pool *pool)
{
    wr_buffer *buffer = take_idle(pool);
    if (!buffer) {
        buffer = wr_new(wr_buffer);
        buffer->pool = pool;
        wr_buffer_grow(buffer, pool->size);
    }
    buffer->chunk = (weir_chunk){ .text = buffer->chunk.text, .owner = buffer };
    buffer->next = NULL;
    return buffer;
}

void wr_pool_return(wr_buffer *buffer)
{
    if (!buffer)
        return;
    wr_pool *pool = buffer->pool;
    if (buffer->cap > pool->size) {
        free_buffer(buffer);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    buffer->next = pool->idle;
    pool->idle = buffer;
    pthread_mutex_unlock(&pool->lock);
}

void wr_buffer_grow(wr_buffer *buffer, size_t cap)
{
    buffer->chunk.text = wr_realloc(buffer->chunk.text, cap + WEIR_CHUNK_PADDING);
    buffer->cap = cap;
}
