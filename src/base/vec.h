/* Growable arrays: `wr_vec(int) v = {0}; *wr_vec_push(&v) = 1; v.ptr[0]; wr_vec_done(&v);` Zero is a valid, empty one. */
#ifndef WR_VEC_H
#define WR_VEC_H

#include <stddef.h>

#define wr_vec(type)                                                                               \
    struct {                                                                                       \
        type *ptr;                                                                                 \
        size_t len;                                                                                \
        size_t cap;                                                                                \
    }

/* The place of a new last element, not initialised. */
#define wr_vec_push(v)                                                                             \
    ((v)->len == (v)->cap                                                                          \
         ? (void)((v)->ptr = wr_vec_grow((v)->ptr, &(v)->cap, (v)->len + 1, sizeof *(v)->ptr))     \
         : (void)0,                                                                                \
     &(v)->ptr[(v)->len++])

/* Room for `count` elements in all. */
#define wr_vec_reserve(v, count)                                                                   \
    ((v)->cap < (count)                                                                            \
         ? (void)((v)->ptr = wr_vec_grow((v)->ptr, &(v)->cap, (count), sizeof *(v)->ptr))          \
         : (void)0)

#define wr_vec_done(v) (wr_vec_release((v)->ptr), (v)->ptr = NULL, (v)->len = (v)->cap = 0)

void *wr_vec_grow(void *ptr, size_t *cap, size_t need, size_t element);
void wr_vec_release(void *ptr);

#endif
