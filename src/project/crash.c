/* A crash of user code ends the process; this says first what was running, and in which function. The handler only writes
 * texts that were made before, on a stack of its own, since the crash may be a stack that ran over. */
#include "project/crash.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/ctx.h"
#include "project/symbols.h"

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

/* Frames to look at: the function of the user is near the end also when the C library crashed that it called. */
enum { FRAMES = 64 };

/* Written before the handler is in place, and when a module is loaded; one thread loads modules. */
static struct {
    char begin[1024];
    char hint[1024];
    wr_functions functions; /* of the module that was loaded last */
    wr_arena arena;
    struct sigaction earlier[CRASHES];
    char stack[64 * 1024];
} watch;

/* The instruction that failed; 0: unknown. */
static uintptr_t failed_at(const void *context)
{
    const ucontext_t *at = context;
#if defined(__x86_64__)
    return (uintptr_t)at->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)at->uc_mcontext.pc;
#else
    (void)at;
    return 0;
#endif
}

/* The innermost function of the module; NULL: none. A caller's address is behind its call, which may be its last word. */
static const char *find_function(const void *context)
{
    void *frames[FRAMES];
    const char *found = wr_functions_find(&watch.functions, failed_at(context));
    const int count = found ? 0 : backtrace(frames, FRAMES);
    for (int i = 0; i < count && !found; i++)
        found = wr_functions_find(&watch.functions, (uintptr_t)frames[i] - 1);
    return found;
}

static void say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    for (size_t i = 0; i < CRASHES; i++) {
        if (crashes[i].number != number)
            continue;
        sigaction(number, &watch.earlier[i], NULL);
        const char *function = find_function(context);
        say(watch.begin);
        if (function) {
            say(" in function '");
            say(function);
            say("'");
        }
        say(": ");
        say(crashes[i].text);
        say(watch.hint);
    }
    /* An instruction that failed fails again on return, at its own place; what was sent must be sent again. */
    if (info->si_code <= 0)
        raise(number);
}

void wr_crash_watch(const char *command, const char *word)
{
    const stack_t alternate = { .ss_sp = watch.stack, .ss_size = sizeof(watch.stack) };
    sigaltstack(&alternate, NULL);
    void *frame[1];
    (void)backtrace(frame, 1); /* the first call loads a library, which a handler must not */

    const char *quote = word ? "'" : "";
    const char *argument = word ? word : "";
    snprintf(watch.begin, sizeof(watch.begin), "weir: error: '%s%.512s' crashed",
             word ? "" : "weir ", word ? word : command);
    snprintf(watch.hint, sizeof(watch.hint),
             "\n  hint: find the line with: gdb -ex run --args weir %s%s%s%.512s%s\n", command,
             word ? " " : "", quote, argument, quote);
    struct sigaction act = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i].number, &act, &watch.earlier[i]);
}

weir_status wr_crash_learn(weir_ctx *cx, void *module, const char *path)
{
    struct link_map *map = NULL;
    wr_functions functions;
    if (watch.begin[0] == '\0' || dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
        return WEIR_OK;
    WEIR_TRY(wr_functions_read(cx, &watch.arena, path, map->l_addr, &functions));
    watch.functions = functions;
    return WEIR_OK;
}
