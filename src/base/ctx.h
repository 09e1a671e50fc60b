/* The context of one activity, from the inside: error, cancel token, log scope, scratch memory, and the outside world
 * (clock, randomness, log sink) as it was injected. */
#ifndef WR_CTX_H
#define WR_CTX_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/cancel.h"

/* Room for all places that were asked for a few values that are missing. */
#define WR_MESSAGE_MAX 16384

/* Reporting an error needs no memory: texts are cut to fit. Copied as a struct when it crosses threads. */
typedef struct wr_error {
    weir_status status;
    int native;      /* errno, HTTP status, …; 0: none */
    int64_t wait_us; /* how long to wait before a retry makes sense; 0: unknown */
    char message[WR_MESSAGE_MAX];
    char hint[1024];
} wr_error;

/* The outside world. Functions may be called from any thread. */
typedef struct wr_env {
    weir_time (*now)(void *self);                      /* wall clock */
    int64_t (*ticks_ns)(void *self);                   /* monotonic clock */
    void (*random)(void *self, void *ret, size_t len); /* random bytes */
    void (*sleep)(void *self, int64_t us);             /* NULL: real waiting */
    void *self;
} wr_env;

/* The real one. */
const wr_env *wr_env_system(void);

/* What log lines are about; empty parts are left out. */
typedef struct wr_log_scope {
    weir_str pipeline;
    weir_str load_id;
    weir_str table;
} wr_log_scope;

/* What is to be ended with the context. In a struct of its owner. */
typedef struct wr_ctx_cleanup {
    void (*run)(void *self);
    void *self;
    struct wr_ctx_cleanup *next;
} wr_ctx_cleanup;

struct weir_ctx {
    const wr_env *env;
    wr_cancel *cancel; /* shared; NULL: never cancelled */
    wr_log_scope scope;
    wr_arena scratch;
    size_t scratch_max;
    wr_error error;
    const void *activity;                     /* what the engine attached: see pipeline/run.h */
    const struct weir_option_values *options; /* of the source that runs, or NULL */
    wr_ctx_cleanup *cleanups;
    struct wr_config *config; /* the chain, while providers may be added to it; else NULL */
};

/* Scratch memory of a scope is limited: a function that runs for hours must not grow. */
#define WR_SCRATCH_MAX ((size_t)64 << 20)

/* Owner of the struct is the caller. `parent` gives environment, cancel token and scope; NULL: the system's, none. */
void wr_ctx_init(weir_ctx *cx, const weir_ctx *parent);
void wr_ctx_done(weir_ctx *cx);
void wr_cleanup_ctx(weir_ctx *cx);

/* Run it at the end of the context, unless it is taken away before. */
void wr_ctx_add_cleanup(weir_ctx *cx, wr_ctx_cleanup *cleanup);
void wr_ctx_remove_cleanup(weir_ctx *cx, wr_ctx_cleanup *cleanup);

weir_time wr_now(const weir_ctx *cx);
int64_t wr_ticks_ns(const weir_ctx *cx);
void wr_random(const weir_ctx *cx, void *ret, size_t len);

/* WEIR_CANCELLED with a message when the token says stop. */
weir_status wr_check_cancel(weir_ctx *cx) WEIR_MUST_USE;

/* Scratch memory, zeroed; WEIR_LIMIT past the limit of the scope. */
weir_status wr_scratch(weir_ctx *cx, size_t size, void **ret) WEIR_MUST_USE;

/* Give back the scratch memory of a block at its end: `WR_SCRATCH_SCOPE(cx);` */
typedef struct wr_scratch_scope {
    weir_ctx *cx;
    wr_arena_mark mark;
} wr_scratch_scope;
wr_scratch_scope wr_scratch_begin(weir_ctx *cx);
void wr_cleanup_scratch_scope(const wr_scratch_scope *scope);
#define WR_SCRATCH_SCOPE(cx)                                                                       \
    __attribute__((cleanup(wr_cleanup_scratch_scope), unused))                                     \
    const wr_scratch_scope wr_scratch_scope_ = wr_scratch_begin(cx)

/* Put what was being done in front of the message: "loading package '1.2': COPY refused". Returns `status`; WEIR_OK
 * passes through untouched. */
weir_status wr_context(weir_ctx *cx, weir_status status, const char *format, ...) WEIR_PRINTF(3, 4);
/* As weir_fail(), for a failed system call: adds the text of `error_number` and keeps it as native code. The status is
 * WEIR_IO; ENOMEM gives WEIR_NOMEM. Common numbers (ENOSPC, EACCES, EROFS, EDQUOT, EMFILE) bring a hint. */
weir_status wr_fail_errno(weir_ctx *cx, int error_number, const char *format, ...)
    WEIR_PRINTF(3, 4);
/* Set or replace the hint of the present error. */
void wr_hint(weir_ctx *cx, const char *format, ...) WEIR_PRINTF(2, 3);
/* Of the present error, which is about a name that is none of `known` (ends with NULL): its hint is the nearest one, when one
 * is near. Returns `status`. */
weir_status wr_suggest(weir_ctx *cx, weir_status status, weir_str name, const char *const *known);
/* Copy an error that another thread left into this context; returns its status. */
weir_status wr_error_adopt(weir_ctx *cx, const wr_error *error);

/* A condition that the caller must guarantee; checked in every build, ends the process. */
#define wr_assert(condition)                                                                       \
    ((condition) ? (void)0 : wr_assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void wr_assert_failed(const char *condition, const char *file, int line);

#endif
