/* Growth of arrays: they double, so that pushing one element costs constant time on average. */
#include "base/vec.h"

#include "base/mem.h"

#define CAP_MIN 8

void *wr_vec_grow(void *ptr, size_t *cap, size_t need, size_t element)
{
    size_t count = *cap < CAP_MIN / 2 ? CAP_MIN : *cap * 2;
    if (count < need)
        count = need;
    ptr = wr_realloc_array(ptr, count, element);
    *cap = count;
    return ptr;
}

void wr_vec_release(void *ptr)
{
    wr_free(ptr);
}
