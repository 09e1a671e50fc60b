/* Memory that is counted by capacity: malloc_usable_size() knows it, so freeing needs no size from the caller. */
#include "base/mem.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void (*exhausted_handler)(size_t size);

static void report_and_abort(size_t size)
{
    char line[80];
    const int len = snprintf(line, sizeof(line),
                             "weir: error: out of memory (%zu bytes were asked for)\n", size);
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        abort(); /* nothing left to tell it to */
    abort();
}

/* Only counters and a setting: no order between them matters, so all accesses are relaxed. */
static atomic_size_t bytes_now;
static atomic_size_t bytes_peak;
static _Atomic(exhausted_handler) on_exhausted = report_and_abort;

static _Noreturn void exhausted(size_t size)
{
    atomic_load_explicit(&on_exhausted, memory_order_relaxed)(size);
    abort(); /* the handler broke its promise not to return */
}

static void count_added(size_t bytes)
{
    const size_t now = atomic_fetch_add_explicit(&bytes_now, bytes, memory_order_relaxed) + bytes;
    size_t peak = atomic_load_explicit(&bytes_peak, memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak_explicit(
                             &bytes_peak, &peak, now, memory_order_relaxed, memory_order_relaxed))
        continue;
}

static void count_removed(size_t bytes)
{
    atomic_fetch_sub_explicit(&bytes_now, bytes, memory_order_relaxed);
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        exhausted(SIZE_MAX);
    return bytes;
}

void *wr_alloc_or_null(size_t size)
{
    void *ptr = calloc(1, size ? size : 1);
    if (ptr)
        count_added(malloc_usable_size(ptr));
    return ptr;
}

void *wr_alloc(size_t size)
{
    void *ptr = wr_alloc_or_null(size);
    if (!ptr)
        exhausted(size);
    return ptr;
}

void *wr_alloc_array(size_t count, size_t size)
{
    return wr_alloc(product(count, size));
}

void *wr_realloc(void *ptr, size_t size)
{
    const size_t before = malloc_usable_size(ptr);
    void *moved = realloc(ptr, size ? size : 1);
    if (!moved)
        exhausted(size);
    count_removed(before);
    count_added(malloc_usable_size(moved));
    return moved;
}

void *wr_realloc_array(void *ptr, size_t count, size_t size)
{
    return wr_realloc(ptr, product(count, size));
}

void wr_free(void *ptr)
{
    count_removed(malloc_usable_size(ptr));
    free(ptr);
}

char *wr_copy(const char *ptr, size_t len)
{
    if (len == SIZE_MAX)
        exhausted(len);
    char *copy = wr_realloc(NULL, len + 1);
    if (len > 0)
        memcpy(copy, ptr, len);
    copy[len] = '\0';
    return copy;
}

size_t wr_mem_now(void)
{
    return atomic_load_explicit(&bytes_now, memory_order_relaxed);
}

size_t wr_mem_peak(void)
{
    return atomic_load_explicit(&bytes_peak, memory_order_relaxed);
}

void wr_mem_on_exhausted(void (*handler)(size_t size))
{
    atomic_store_explicit(&on_exhausted, handler ? handler : report_and_abort,
                          memory_order_relaxed);
}

void wr_cleanup_free(void *ptr_to_ptr)
{
    void **ptr = ptr_to_ptr;
    wr_free(*ptr);
    *ptr = NULL;
}
