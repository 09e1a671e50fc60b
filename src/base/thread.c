/* Threads with a context of their own; signals stay with the main thread. */
#include "base/thread.h"

#include <signal.h>

/* Those that a fault of the thread itself raises: blocked, they would end the process without a report. */
static const int fault_signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP };

static void *thread_main(void *arg)
{
    wr_thread *thread = arg;
    char name[16] = { 0 };
    strncat(name, thread->name, sizeof(name) - 1);
    (void)pthread_setname_np(pthread_self(), name); /* only debuggers see it */
    thread->status = thread->run(&thread->cx, thread->arg);
    return NULL;
}

/* A new thread inherits the mask, so that no signal can reach it before it blocks them itself. */
static int create_with_signals_blocked(wr_thread *thread)
{
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(fault_signals) / sizeof(fault_signals[0]); i++)
        sigdelset(&blocked, fault_signals[i]);

    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    const int error = pthread_create(&thread->handle, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

weir_status wr_thread_start(weir_ctx *cx, wr_thread *thread, const char *name,
                            weir_status (*run)(weir_ctx *cx, void *arg), void *arg)
{
    *thread = (wr_thread){ .name = name, .run = run, .arg = arg };
    wr_ctx_init(&thread->cx, cx);
    const int error = create_with_signals_blocked(thread);
    if (error != 0) {
        wr_ctx_done(&thread->cx);
        return wr_fail_errno(cx, error, "cannot start thread '%s'", name);
    }
    thread->started = true;
    return WEIR_OK;
}

weir_status wr_thread_join(weir_ctx *cx, wr_thread *thread)
{
    if (!thread->started)
        return WEIR_OK;
    const int error = pthread_join(thread->handle, NULL);
    wr_assert(error == 0);
    thread->started = false;

    if (thread->status != WEIR_OK) {
        thread->cx.error.status = thread->status; /* counts also when no message was left */
        (void)wr_error_adopt(cx, &thread->cx.error);
    }
    wr_ctx_done(&thread->cx);
    return thread->status;
}
