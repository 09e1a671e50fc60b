/* A question with two answers; the question goes to stderr, since it is no result. */
#include "cli/confirm.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/str.h"

static bool is_yes(const char *line)
{
    const weir_str answer = wr_str_trim(weir_str_of(line));
    return (answer.len == 1 || answer.len == 3) && strncasecmp(answer.ptr, "yes", answer.len) == 0;
}

weir_status wr_confirm(weir_ctx *cx, const wr_call *call, const char *question)
{
    if (wr_call_flag(call, "yes"))
        return WEIR_OK;
    if (!isatty(STDIN_FILENO))
        return weir_fail(cx, WEIR_INVALID,
                         "nothing is changed: there is no terminal to ask on\n"
                         "hint: --yes answers beforehand");
    char line[64] = "";
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
    const bool answered = fgets(line, sizeof line, stdin) != NULL;
    if (answered && is_yes(line))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CANCELLED, "nothing is changed");
}
