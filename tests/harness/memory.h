/* A file in memory, for what reads through a function; see wr_cutter.read. */
#ifndef WR_TEST_MEMORY_H
#define WR_TEST_MEMORY_H

#include <weir/base.h>

typedef struct memory_file {
    weir_str content;
    size_t at;
} memory_file;

static inline weir_status memory_read(weir_ctx *cx, void *from, char *ret, size_t len,
                                      size_t *ret_len)
{
    (void)cx;
    memory_file *file = from;
    const size_t left = file->content.len - file->at;
    *ret_len = left < len ? left : len;
    if (*ret_len > 0)
        memcpy(ret, file->content.ptr + file->at, *ret_len);
    file->at += *ret_len;
    return WEIR_OK;
}

#endif
