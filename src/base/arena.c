/* Arenas: chunks from 4 KiB that double up to 1 MiB, taken from front to back. A request past that gets a chunk of
 * its own on a second list, so that it does not waste what is left of the current chunk. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"

/* Memory that was given back is unreadable under the address sanitizer until it is handed out again. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WR_ARENA_POISON
#endif
#endif
#if defined(WR_ARENA_POISON) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
#endif

#define CHUNK_MIN ((size_t)4 << 10)
#define CHUNK_MAX ((size_t)1 << 20)

struct wr_arena_chunk {
    wr_arena_chunk *older;
    size_t size; /* of `bytes` */
    alignas(max_align_t) char bytes[];
};

static wr_arena_chunk *new_chunk(wr_arena *arena, size_t size, wr_arena_chunk *older)
{
    size_t whole;
    if (!wr_add_size(sizeof(wr_arena_chunk), size, &whole))
        whole = SIZE_MAX; /* lets wr_realloc() report it */
    wr_arena_chunk *chunk = wr_realloc(NULL, whole);
    chunk->older = older;
    chunk->size = size;
    arena->capacity += size;
    return chunk;
}

/* Free `list` down to `last`, which stays; returns it. */
static wr_arena_chunk *free_chunks(wr_arena *arena, wr_arena_chunk *list, wr_arena_chunk *last)
{
    while (list != last) {
        wr_assert(list); /* else the mark is none of this arena, or older than a reset */
        wr_arena_chunk *older = list->older;
        arena->capacity -= list->size;
        if (arena->wipe) {
            ASAN_UNPOISON_MEMORY_REGION(list->bytes, list->size);
            explicit_bzero(list->bytes, list->size);
        }
        wr_free(list);
        list = older;
    }
    return last;
}

/* Everything in the newest chunk from `next` on is free. */
static void free_from(wr_arena *arena, char *next)
{
    arena->next = next;
    arena->end = arena->chunk->bytes + arena->chunk->size;
    ASAN_POISON_MEMORY_REGION(next, (size_t)(arena->end - next));
}

/* Keep the newest chunk, so that a scope in a loop does not allocate at each step. */
static void start_over(wr_arena *arena)
{
    if (!arena->chunk)
        return;
    arena->chunk->older = free_chunks(arena, arena->chunk->older, NULL);
    free_from(arena, arena->chunk->bytes);
}

static void add_chunk(wr_arena *arena, size_t need)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : CHUNK_MIN;
    while (size < need)
        size *= 2;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    arena->chunk = new_chunk(arena, size, arena->chunk);
    free_from(arena, arena->chunk->bytes);
}

/* Memory that is not zeroed; `align` is a power of two. */
static void *take(wr_arena *arena, size_t size, size_t align)
{
    size_t gap = -(uintptr_t)arena->next & (align - 1);
    const size_t room = arena->chunk ? (size_t)(arena->end - arena->next) : 0;
    if (room < gap || room - gap < size) {
        if (size > CHUNK_MAX) {
            arena->large = new_chunk(arena, size, arena->large);
            return arena->large->bytes;
        }
        add_chunk(arena, size);
        gap = 0;
    }
    if (!arena->chunk)
        add_chunk(arena, size); /* a first request of no bytes has a place, too */

    char *ptr = arena->next + gap;
    arena->next = ptr + size;
    ASAN_UNPOISON_MEMORY_REGION(ptr, size);
    return ptr;
}

void *wr_arena_alloc(wr_arena *arena, size_t size)
{
    void *ptr = take(arena, size, alignof(max_align_t));
    memset(ptr, 0, size);
    return ptr;
}

void *wr_arena_alloc_array(wr_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!wr_mul_size(count, size, &bytes))
        bytes = SIZE_MAX; /* lets wr_realloc() report it */
    return wr_arena_alloc(arena, bytes);
}

weir_str wr_arena_str(wr_arena *arena, weir_str s)
{
    char *copy = take(arena, s.len + 1, 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return (weir_str){ copy, s.len };
}

weir_str wr_arena_lower(wr_arena *arena, weir_str s)
{
    char *ret = wr_arena_alloc(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        ret[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] | 0x20 : s.ptr[i]);
    return (weir_str){ ret, s.len };
}

weir_str wr_arena_printf(wr_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const weir_str text = wr_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

weir_str wr_arena_vprintf(wr_arena *arena, const char *format, va_list args)
{
    char space[256]; /* most texts are short: they are formatted once */
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(space, sizeof(space), format, again);
    va_end(again);
    wr_assert(len >= 0);
    if ((size_t)len < sizeof(space))
        return wr_arena_str(arena, (weir_str){ space, (size_t)len });

    char *text = take(arena, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return (weir_str){ text, (size_t)len };
}

wr_arena_mark wr_arena_here(const wr_arena *arena)
{
    return (wr_arena_mark){ .chunk = arena->chunk, .next = arena->next, .large = arena->large };
}

void wr_arena_back(wr_arena *arena, wr_arena_mark mark)
{
    arena->large = free_chunks(arena, arena->large, mark.large);
    if (mark.chunk) {
        arena->chunk = free_chunks(arena, arena->chunk, mark.chunk);
        free_from(arena, mark.next);
    } else {
        start_over(arena);
    }
}

void wr_arena_reset(wr_arena *arena)
{
    arena->large = free_chunks(arena, arena->large, NULL);
    start_over(arena);
}

void wr_arena_done(wr_arena *arena)
{
    free_chunks(arena, arena->large, NULL);
    free_chunks(arena, arena->chunk, NULL);
    *arena = (wr_arena){ 0 };
}

void wr_cleanup_arena(wr_arena *arena)
{
    wr_arena_done(arena);
}
