/* Errors: the table of statuses, and the message, hint and native code that a failure leaves in its context. All of it
 * works without memory, and any text may be made from the message that it replaces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* Longer than a message and a hint together, so that a long message does not push the hint out. */
#define TEXT_MAX (2 * WR_MESSAGE_MAX)
/* A long context must not push out the cause. */
#define CONTEXT_MAX 512

static const struct {
    const char *name;
    weir_class class_;
} statuses[] = {
#define X(name_, text, class_name) [WEIR_##name_] = { text, WEIR_CLASS_##class_name },
    WEIR_STATUSES(X)
#undef X
};

static const struct {
    int number;
    const char *hint;
} errno_hints[] = {
    { ENOSPC, "the disk is full: make room, or put the data elsewhere with WEIR_DATA_DIR" },
    { EDQUOT, "the quota is used up: make room, or put the data elsewhere with WEIR_DATA_DIR" },
    { EACCES, "check the owner and the permissions of the file and of the folders above it" },
    { EROFS, "the file system is read-only: put the data elsewhere with WEIR_DATA_DIR" },
    { EMFILE, "too many files are open: raise the limit with 'ulimit -n'" },
    { ENFILE, "too many files are open on this machine" },
};

const char *weir_status_name(weir_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof(statuses) / sizeof(*statuses) ? statuses[i].name : "unknown";
}

weir_class weir_status_class(weir_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof(statuses) / sizeof(*statuses) ? statuses[i].class_ : WEIR_CLASS_FATAL;
}

/* Cut the hint off a text and return it, "" when there is none. The last one counts: an outside value in the message
 * may hold lines of its own. */
static char *split_hint(char *text)
{
    static const char mark[] = "\nhint: ";
    char *last = NULL;
    for (char *at = text; (at = strstr(at, mark)); at++)
        last = at;
    if (!last)
        return text + strlen(text);
    *last = '\0';
    return last + sizeof(mark) - 1;
}

static void set_hint(weir_ctx *cx, const char *hint)
{
    wr_str_fit(cx->error.hint, sizeof(cx->error.hint), weir_str_of(hint));
}

static void set_message(weir_ctx *cx, const char *message)
{
    wr_str_fit(cx->error.message, sizeof(cx->error.message), weir_str_of(message));
}

weir_status weir_fail(weir_ctx *cx, weir_status status, const char *format, ...)
{
    if (status == WEIR_OK)
        status = WEIR_INTERNAL; /* a failure that claims success would lose data */
    if (!cx)
        return status;

    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    const char *hint = split_hint(text);
    cx->error.status = status;
    cx->error.native = 0;
    cx->error.wait_us = 0;
    set_message(cx, text);
    set_hint(cx, hint);
    return status;
}

static const char *errno_hint(int error_number)
{
    for (size_t i = 0; i < sizeof(errno_hints) / sizeof(*errno_hints); i++)
        if (errno_hints[i].number == error_number)
            return errno_hints[i].hint;
    return "";
}

weir_status wr_fail_errno(weir_ctx *cx, int error_number, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *hint = split_hint(text);

    char reason_space[128];
    const char *reason = strerror_r(error_number, reason_space, sizeof(reason_space));
    const weir_status status = error_number == ENOMEM ? WEIR_NOMEM : WEIR_IO;
    weir_fail(cx, status, "%s: %s", text, reason);
    cx->error.native = error_number;
    set_hint(cx, *hint ? hint : errno_hint(error_number));
    return status;
}

weir_status wr_context(weir_ctx *cx, weir_status status, const char *format, ...)
{
    if (status == WEIR_OK)
        return WEIR_OK;

    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    char doing[CONTEXT_MAX];
    wr_str_fit(doing, sizeof(doing), weir_str_of(text));
    const bool has_cause = cx->error.message[0] != '\0';
    snprintf(text, sizeof(text), "%s%s%s", doing, has_cause ? ": " : "", cx->error.message);
    set_message(cx, text);
    cx->error.status = status;
    return status;
}

void wr_hint(weir_ctx *cx, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    set_hint(cx, text);
}

weir_status wr_suggest(weir_ctx *cx, weir_status status, weir_str name, const char *const *known)
{
    wr_auto(free) char *given = wr_copy(name.ptr, name.len);
    const char *nearest = wr_str_nearest(given, known);
    if (nearest)
        wr_hint(cx, "did you mean '%s'?", nearest);
    return status;
}

weir_status wr_error_adopt(weir_ctx *cx, const wr_error *error)
{
    if (error != &cx->error)
        cx->error = *error;
    return error->status;
}

const char *weir_error_message(const weir_ctx *cx)
{
    return cx ? cx->error.message : "";
}

const char *weir_error_hint(const weir_ctx *cx)
{
    return cx ? cx->error.hint : "";
}

void weir_error_clear(weir_ctx *cx)
{
    if (cx)
        cx->error = (wr_error){ 0 };
}

void wr_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "weir: error: internal: '%s' does not hold at %s:%d\n", condition, file, line);
    abort();
}
