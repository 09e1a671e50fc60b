/* The C compiler of the machine, run for the user's files. */
#ifndef WR_COMPILER_H
#define WR_COMPILER_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct wr_compiler {
    wr_arena *arena;
    const char *cc;      /* $CC, or NULL: the first of cc, gcc and clang that is there */
    const char *ldlibs;  /* $LDLIBS, or "": added when a module is linked */
    const char *include; /* folder of weir's headers */
    weir_str project;    /* headers are found from here, too */
    const char *folder;  /* it runs in this one; NULL: in the working folder */
} wr_compiler;

/* Read the environment, and find weir's headers: WEIR_CONFIG when there are none. Whether there is a compiler shows when it
 * is needed. */
weir_status wr_compiler_find(weir_ctx *cx, wr_arena *arena, const char *folder, wr_compiler *ret)
    WEIR_MUST_USE;

/* Append what decides, beside the files, how objects and modules come out: other words, other products. The compiler that
 * is found without $CC counts as "cc", so that a machine that has the products needs none. */
void wr_compiler_put_object_key(wr_buf *out, const wr_compiler *compiler);
void wr_compiler_put_module_key(wr_buf *out, const wr_compiler *compiler);

/* One C file becomes an object. `main`: what its weir_main is called there, or NULL. `rules` gets the files that were read, as
 * a rule of make. Messages of the compiler go to stderr. WEIR_INVALID: it does not compile. WEIR_CONFIG: no compiler. */
typedef struct wr_object_job {
    const char *file;
    const char *main;
    const char *object;
    const char *rules;
} wr_object_job;
weir_status wr_compiler_object(weir_ctx *cx, const wr_compiler *compiler, const wr_object_job *job)
    WEIR_MUST_USE;

/* Objects become a module; `name` is what messages call it. */
typedef struct wr_module_job {
    const char *name;
    const char *const *objects;
    size_t count;
    const char *module;
} wr_module_job;
weir_status wr_compiler_module(weir_ctx *cx, const wr_compiler *compiler, const wr_module_job *job)
    WEIR_MUST_USE;

#endif
