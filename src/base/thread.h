/* Threads: one function with a context of its own, joined with its error. */
#ifndef WR_THREAD_H
#define WR_THREAD_H

#include <pthread.h>

#include <weir/base.h>

#include "base/ctx.h"

typedef struct wr_thread {
    pthread_t handle;
    bool started;
    const char *name;
    weir_status (*run)(weir_ctx *cx, void *arg);
    void *arg;
    weir_ctx cx;
    weir_status status;
} wr_thread;

/* Start `run(cx, arg)` with a context derived from `cx`; signals are blocked in it. The struct stays where it is until
 * joined. `name`: at most 15 characters, for debuggers. */
weir_status wr_thread_start(weir_ctx *cx, wr_thread *thread, const char *name,
                            weir_status (*run)(weir_ctx *cx, void *arg), void *arg) WEIR_MUST_USE;
/* Wait for it; its error is adopted into `cx`. WEIR_OK for one that was never started; a second join does nothing. */
weir_status wr_thread_join(weir_ctx *cx, wr_thread *thread) WEIR_MUST_USE;

#endif
