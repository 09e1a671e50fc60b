/* The functions of a loaded module, so that a crash can be told by name. */
#ifndef WR_SYMBOLS_H
#define WR_SYMBOLS_H

#include <weir/base.h>

#include "base/arena.h"

typedef struct wr_function {
    uintptr_t begin;
    uintptr_t end;
    const char *name; /* as the user wrote it */
} wr_function;

typedef struct wr_functions {
    const wr_function *ptr;
    size_t len;
} wr_functions;

/* Read them, static ones too, from the file of a module that is loaded at `base`; texts are in `arena`. A file that is no
 * ELF file of this machine, or was stripped, has none: its crashes go without a name. */
weir_status wr_functions_read(weir_ctx *cx, wr_arena *arena, const char *path, uintptr_t base,
                              wr_functions *ret) WEIR_MUST_USE;
/* The function that an address is in; NULL: none of them. Can be called from a signal handler. */
const char *wr_functions_find(const wr_functions *functions, uintptr_t address);

#endif
