/* Tests of base/signals.h; each in a process of its own, since signals are caught once in one. */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"

static wr_cancel token;

/* What `run` returns, in a child; 100 and more for a signal that ended it. */
static int in_child(int (*run)(void))
{
    const pid_t child = fork();
    if (child == 0)
        _exit(run());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int level(void)
{
    return atomic_load(&token.level);
}

static int raise_twice(void)
{
    wr_signals_install(&token);
    if (level() != 0 || wr_signals_seen() != 0)
        return 1;
    raise(SIGTERM);
    if (level() != 1 || wr_signals_seen() != SIGTERM)
        return 2;
    raise(SIGINT);
    return level() == 2 && wr_signals_seen() == SIGINT ? 0 : 3;
}

TEST(the_first_signal_finishes_and_the_second_stops)
{
    CHECK_INT(in_child(raise_twice), 0);
}

static int write_to_closed_pipe(void)
{
    wr_signals_install(&token);
    int ends[2];
    if (pipe(ends) != 0)
        return 1;
    close(ends[0]);
    return write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 2;
}

TEST(a_closed_pipe_does_not_end_the_process)
{
    CHECK_INT(in_child(write_to_closed_pipe), 0);
}

static void tell(void *arg)
{
    const int *ends = arg;
    if (write(ends[1], "x", 1) != 1)
        abort();
}

static bool told(const int *ends)
{
    char byte;
    return read(ends[0], &byte, 1) == 1;
}

static int interrupt_at_the_second(void)
{
    wr_signals_install(&token);
    int ends[2];
    if (pipe(ends) != 0)
        return 1;
    wr_signals_on_interrupt(tell, ends);
    raise(SIGINT);
    raise(SIGINT);
    if (!told(ends))
        return 2;
    wr_signals_on_interrupt(NULL, NULL);
    return 0;
}

TEST(the_second_signal_interrupts_what_is_running)
{
    CHECK_INT(in_child(interrupt_at_the_second), 0);
}

static int interrupt_late(void)
{
    wr_signals_install(&token);
    int ends[2];
    if (pipe(ends) != 0)
        return 1;
    raise(SIGINT);
    raise(SIGINT);
    wr_signals_on_interrupt(tell, ends);
    const bool interrupted = told(ends);
    wr_signals_on_interrupt(NULL, NULL);
    return interrupted ? 0 : 2;
}

TEST(what_starts_after_the_second_signal_is_interrupted_too)
{
    CHECK_INT(in_child(interrupt_late), 0);
}

/* Tells that it is there, and then waits to be let go. */
typedef struct visit {
    int there[2];
    int go[2];
    atomic_bool left;
} visit;

static void stay(void *arg)
{
    visit *v = arg;
    tell(v->there);
    (void)told(v->go);
    atomic_store(&v->left, true);
}

static int take_back_while_running(void)
{
    wr_signals_install(&token);
    visit v = { 0 };
    if (pipe(v.there) != 0 || pipe(v.go) != 0)
        return 1;
    wr_signals_on_interrupt(stay, &v);
    raise(SIGINT);
    raise(SIGINT);
    if (!told(v.there))
        return 2;
    tell(v.go);
    close(v.go[1]); /* it may be called more than once: the next call is not held */
    wr_signals_on_interrupt(NULL, NULL);
    return atomic_load(&v.left) ? 0 : 3;
}

TEST(taking_the_function_back_waits_for_its_end)
{
    CHECK_INT(in_child(take_back_while_running), 0);
}

static int library_without_signals(void)
{
    wr_signals_on_interrupt(tell, NULL);
    wr_signals_on_interrupt(NULL, NULL);
    return wr_signals_seen();
}

TEST(without_signals_nothing_is_interrupted)
{
    CHECK_INT(in_child(library_without_signals), 0);
}
