/* Signals: the handler only sets flags, raises the token and writes to an eventfd; a thread waits for that and
 * interrupts what is running. */
#include "base/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ctx.h"

#define LEVEL_FINISH 1
#define LEVEL_NOW 2

/* What the handler touches: lock-free, or written before the handler is in place. */
static wr_cancel *_Atomic token;
static atomic_int seen;
static atomic_int count;
static int wake_fd = -1;

/* `lock` protects `interrupt`, `arg`, `running` and `started`. It is not held during the call, so that what is
 * interrupted may use this file; taking the function back waits for `idle` instead. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t idle;
    void (*interrupt)(void *arg);
    void *arg;
    bool running;
    bool started;
} watch = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .idle = PTHREAD_COND_INITIALIZER,
};

static void wake(void)
{
    const uint64_t one = 1;
    (void)!write(wake_fd, &one, sizeof(one)); /* an eventfd takes it: the sum is far from its end */
}

static void on_signal(int number)
{
    const int saved = errno;
    atomic_store(&seen, number);
    const int level = atomic_fetch_add(&count, 1) == 0 ? LEVEL_FINISH : LEVEL_NOW;
    wr_cancel_raise(atomic_load(&token), level);
    wake();
    errno = saved;
}

void wr_signals_install(wr_cancel *cancel)
{
    wr_assert(wake_fd < 0);
    wake_fd = eventfd(0, EFD_CLOEXEC);
    wr_assert(wake_fd >= 0);
    atomic_store(&token, cancel);

    struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);

    act.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &act, NULL);
}

/* Call the function once, if the second signal has come. */
static void interrupt_if_due(void)
{
    pthread_mutex_lock(&watch.lock);
    void (*interrupt)(void *) = watch.interrupt;
    if (interrupt && atomic_load(&count) >= 2) {
        void *arg = watch.arg;
        watch.running = true;
        pthread_mutex_unlock(&watch.lock);
        interrupt(arg);
        pthread_mutex_lock(&watch.lock);
        watch.running = false;
        pthread_cond_broadcast(&watch.idle);
    }
    pthread_mutex_unlock(&watch.lock);
}

static void *wait_for_signals(void *unused)
{
    uint64_t wakes;
    while (read(wake_fd, &wakes, sizeof(wakes)) == sizeof(wakes) || errno == EINTR)
        interrupt_if_due();
    return unused;
}

/* Signals stay with the other threads. If no thread can be had, the second signal still raises the token. */
static bool start_thread(void)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    const bool started = pthread_create(&thread, NULL, wait_for_signals, NULL) == 0;
    if (started)
        pthread_detach(thread); /* it lives as long as the process */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void wr_signals_on_interrupt(void (*interrupt)(void *arg), void *arg)
{
    if (wake_fd < 0)
        return; /* no signals are caught: the library in a program of someone else */

    pthread_mutex_lock(&watch.lock);
    watch.interrupt = interrupt;
    watch.arg = arg;
    while (!interrupt && watch.running)
        pthread_cond_wait(&watch.idle, &watch.lock);
    if (interrupt && !watch.started)
        watch.started = start_thread();
    pthread_mutex_unlock(&watch.lock);

    if (interrupt)
        wake(); /* the second signal may have come before */
}

int wr_signals_seen(void)
{
    return atomic_load(&seen);
}
