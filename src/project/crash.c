/* A crash of user code ends the process; this says first which file was running. The handler only writes a text that was
 * made before, on a stack of its own, since the crash may be a stack that ran over. */
#include "project/crash.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int number;
    const char *text;
} crashes[] = {
    { SIGSEGV, "memory that is not there was used (segmentation fault)" },
    { SIGBUS, "memory that is not there was used (bus error)" },
    { SIGFPE, "an integer was divided by zero, or overflowed" },
    { SIGILL, "an instruction that the machine does not know was reached" },
    { SIGABRT, "it was aborted" },
};
enum { CRASHES = sizeof(crashes) / sizeof(*crashes) };

/* Written by wr_crash_watch() before the handler is in place. */
static char messages[CRASHES][2048];
static struct sigaction earlier[CRASHES];
static char stack[64 * 1024];

static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (size_t i = 0; i < CRASHES; i++) {
        if (crashes[i].number != number)
            continue;
        (void)!write(STDERR_FILENO, messages[i], strlen(messages[i]));
        sigaction(number, &earlier[i], NULL);
    }
    /* An instruction that failed fails again on return, at its own place; what was sent must be sent again. */
    if (info->si_code <= 0)
        raise(number);
}

void wr_crash_watch(const char *file)
{
    const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
    sigaltstack(&alternate, NULL);

    struct sigaction act = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < CRASHES; i++) {
        snprintf(messages[i], sizeof(messages[i]),
                 "weir: error: '%.512s' crashed: %s\n"
                 "  hint: find the line with: gdb -ex run --args weir run '%.512s'\n",
                 file, crashes[i].text, file);
        sigaction(crashes[i].number, &act, &earlier[i]);
    }
}
