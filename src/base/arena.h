/* Arenas: memory for things that die together. It is never freed piece by piece. */
#ifndef WR_ARENA_H
#define WR_ARENA_H

#include <weir/base.h>

#include "base/mem.h"

typedef struct wr_arena_chunk wr_arena_chunk;

/* Zero is a valid, empty arena. */
typedef struct wr_arena {
    wr_arena_chunk *chunk; /* newest first; `next` to `end` of the newest is free */
    char *next;
    char *end;
    wr_arena_chunk *large; /* requests that got a chunk of their own, newest first */
    size_t capacity;       /* of all chunks */
    bool wipe;             /* holds secrets: memory is cleared before it is given back */
} wr_arena;

/* A place in an arena to go back to. */
typedef struct wr_arena_mark {
    wr_arena_chunk *chunk;
    char *next;
    wr_arena_chunk *large;
} wr_arena_mark;

/* Zeroed memory, aligned for any type; never NULL. */
void *wr_arena_alloc(wr_arena *arena, size_t size);
/* An overflow of the product ends the process. */
void *wr_arena_alloc_array(wr_arena *arena, size_t count, size_t size);
/* A copy of `s` with a NUL behind. */
weir_str wr_arena_str(wr_arena *arena, weir_str s);
/* The same with the letters A to Z in lower case. */
weir_str wr_arena_lower(wr_arena *arena, weir_str s);
weir_str wr_arena_printf(wr_arena *arena, const char *format, ...) WEIR_PRINTF(2, 3);
weir_str wr_arena_vprintf(wr_arena *arena, const char *format, va_list args) WEIR_PRINTF(2, 0);

wr_arena_mark wr_arena_here(const wr_arena *arena);
/* Give back all that was taken since `mark`. */
void wr_arena_back(wr_arena *arena, wr_arena_mark mark);
/* Forget the content, keep one chunk for the next use. */
void wr_arena_reset(wr_arena *arena);
void wr_arena_done(wr_arena *arena);
void wr_cleanup_arena(wr_arena *arena);

#define wr_arena_new(arena, type) ((type *)wr_arena_alloc((arena), sizeof(type)))
#define wr_arena_new_array(arena, count, type)                                                     \
    ((type *)wr_arena_alloc_array((arena), (count), sizeof(type)))

#endif
