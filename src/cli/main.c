/* The command: parses, calls, reports what went wrong once, and says with its exit status what it came to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/signals.h"
#include "cli/tree.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_CONFIG = 3, EXIT_SIGNAL = 128 };

/* Once, for every failure. What was printed before stands before it, also where both go to one file. */
static void report(weir_ctx *cx)
{
    fflush(stdout);
    wr_log_error(cx);
}

/* `own`: the status that a command has chosen; 0: none. */
static int exit_status(const weir_ctx *cx, weir_status status, int own)
{
    if (status != WEIR_OK && wr_signals_seen() != 0)
        return EXIT_SIGNAL + wr_signals_seen();
    if (status == WEIR_OK || own != 0)
        return own;
    if (status == WEIR_INVALID && cx->error.native == WR_USAGE)
        return EXIT_USAGE;
    return status == WEIR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}

/* Results that never arrived are no success. */
static weir_status check_output(weir_ctx *cx)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return WEIR_OK;
    return wr_fail_errno(cx, errno, "the results could not be written to the standard output");
}

static int call_command(weir_ctx *cx, wr_call *call)
{
    int own = EXIT_DONE;
    call->ret_exit = &own;
    weir_status status = WEIR_OK;
    if (getenv("WEIR_LOG"))
        status = wr_log_setup(cx, getenv("WEIR_LOG"), false);
    if (status == WEIR_OK)
        status = wr_path_end(&call->path)->run(cx, call);
    if (status == WEIR_OK)
        status = check_output(cx);
    if (status != WEIR_OK)
        report(cx);
    return exit_status(cx, status, own);
}

int main(int argc, char **argv)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_process_forbid_cores();

    wr_call call;
    if (argc < 2) {
        wr_help_print(stderr, &(const wr_path){ { &wr_command_root }, 1 });
        return EXIT_USAGE;
    }
    if (wr_call_parse(&cx, argc, argv, &call) != WEIR_OK) {
        report(&cx);
        return EXIT_USAGE;
    }
    if (call.help) {
        wr_help_print(stdout, &call.path);
        return exit_status(&cx, check_output(&cx), EXIT_DONE);
    }
    return call_command(&cx, &call);
}
