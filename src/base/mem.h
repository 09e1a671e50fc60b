/* Memory: the only place that calls malloc. Small allocations do not fail: when memory is out, the handler ends
 * the process, which the log makes safe. Every byte handed out is counted by capacity. */
#ifndef WR_MEM_H
#define WR_MEM_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory; never NULL. Free with wr_free(). */
void *wr_alloc(size_t size);
/* `count` elements of `size` bytes, zeroed; an overflow of the product ends the process. */
void *wr_alloc_array(size_t count, size_t size);
/* As wr_alloc(), but NULL when memory is out: for the caller that can say so. */
void *wr_alloc_or_null(size_t size);
/* Grow or shrink; the new part is not zeroed. `ptr` may be NULL. */
void *wr_realloc(void *ptr, size_t size);
void *wr_realloc_array(void *ptr, size_t count, size_t size);
/* Accepts NULL. */
void wr_free(void *ptr);
/* A copy of `len` bytes with a NUL behind. */
char *wr_copy(const char *ptr, size_t len);

#define wr_new(type) ((type *)wr_alloc(sizeof(type)))
#define wr_new_array(count, type) ((type *)wr_alloc_array((count), sizeof(type)))

/* Bytes that are handed out now, and the most that ever were: by capacity, all threads. */
size_t wr_mem_now(void);
size_t wr_mem_peak(void);

/* Replace what happens when memory is out (default, and NULL: one line on stderr, then abort). Must not return. */
void wr_mem_on_exhausted(void (*handler)(size_t size));

/* Release a resource at the end of the block: `wr_auto(close) int fd = -1;` calls wr_cleanup_close(&fd). */
#define wr_auto(what) __attribute__((cleanup(wr_cleanup_##what)))

void wr_cleanup_free(void *ptr_to_ptr);

#endif
