/** Status, errors, log lines, text: what every other header builds on. */
#ifndef WEIR_BASE_H
#define WEIR_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_API __attribute__((visibility("default")))
#define WEIR_MUST_USE __attribute__((warn_unused_result))
#define WEIR_PRINTF(text, first) __attribute__((format(printf, text, first)))

/** The number of the interface between libweir and the modules that it loads. */
#define WEIR_INTERFACE 1

/** Borrowed text: may hold NUL, need not end in one. `{0}` is the empty text. */
typedef struct weir_str {
    const char *ptr;
    size_t len;
} weir_str;

/** The text of a C string, borrowed; NULL gives the empty text. */
static inline weir_str weir_str_of(const char *s)
{
    weir_str ret = { s, s ? strlen(s) : 0 };
    return ret;
}

/** Time as microseconds since 1970-01-01 in UTC. */
typedef int64_t weir_time;

/**
 * What a call came to. The class tells what to do: transient ones are retried, terminal ones need a change of
 * input or settings, stop means that the run was asked to end, fatal ones end it at once.
 */
#define WEIR_STATUSES(X)                                                                           \
    X(OK, "ok", NONE)                                                                              \
    X(CANCELLED, "cancelled", STOP)                                                                \
    X(NETWORK, "network", TRANSIENT)                                                               \
    X(TIMEOUT, "timeout", TRANSIENT)                                                               \
    X(THROTTLED, "throttled", TRANSIENT)                                                           \
    X(LOCKED, "locked", TRANSIENT)                                                                 \
    X(INVALID, "invalid", TERMINAL)                                                                \
    X(CONFIG, "configuration", TERMINAL)                                                           \
    X(AUTH, "authentication", TERMINAL)                                                            \
    X(PARSE, "parse", TERMINAL)                                                                    \
    X(SCHEMA, "schema", TERMINAL)                                                                  \
    X(REJECTED, "rejected", TERMINAL)                                                              \
    X(UNSUPPORTED, "unsupported", TERMINAL)                                                        \
    X(LIMIT, "limit", TERMINAL)                                                                    \
    X(CORRUPT, "corrupt", FATAL)                                                                   \
    X(IO, "i/o", FATAL)                                                                            \
    X(NOMEM, "out of memory", FATAL)                                                               \
    X(INTERNAL, "internal", FATAL)

typedef enum weir_status {
#define X(name, text, class_) WEIR_##name,
    WEIR_STATUSES(X)
#undef X
} weir_status;

typedef enum weir_class {
    WEIR_CLASS_NONE,
    WEIR_CLASS_STOP,
    WEIR_CLASS_TRANSIENT,
    WEIR_CLASS_TERMINAL,
    WEIR_CLASS_FATAL,
} weir_class;

/** The name of a status, as messages and JSON show it. */
WEIR_API const char *weir_status_name(weir_status status);
WEIR_API weir_class weir_status_class(weir_status status);

/**
 * One activity: its error, its cancel token, its configuration, its scratch memory. It belongs to one thread.
 * weir hands one to each function of yours that it calls; a program that embeds the library opens its own.
 */
typedef struct weir_ctx weir_ctx;

/** A context for a program of its own; close it on the same thread. NULL when memory is out. */
WEIR_API weir_ctx *weir_open(void);
/** Accepts NULL. */
WEIR_API void weir_close(weir_ctx *cx);

/** Hand a failure up: `WEIR_TRY(weir_emit(rows, …));` returns from the caller unless the call gave WEIR_OK. */
#define WEIR_TRY(expr)                                                                             \
    do {                                                                                           \
        const weir_status weir_try_status_ = (expr);                                               \
        if (weir_try_status_ != WEIR_OK)                                                           \
            return weir_try_status_;                                                               \
    } while (0)

/**
 * Report a failure: sets the context's message and returns `status`. Messages are lower case, without a final
 * full stop, with outside values in single quotes. A second line that begins "hint: " says what to do:
 * `return weir_fail(cx, WEIR_CONFIG, "no key '%s'\nhint: set it in .dlt/secrets.toml", key);`
 */
WEIR_API weir_status weir_fail(weir_ctx *cx, weir_status status, const char *format, ...)
    WEIR_PRINTF(3, 4);

/** The message of the last failure with its chain of contexts, without the hint; "" when there is none. */
WEIR_API const char *weir_error_message(const weir_ctx *cx);
/** What the user can do about it; "" when nothing is known. */
WEIR_API const char *weir_error_hint(const weir_ctx *cx);
WEIR_API void weir_error_clear(weir_ctx *cx);

/** Log lines; where they go and which are shown is the program's choice (WEIR_LOG, `[runtime] log_level`). */
WEIR_API void weir_warn(weir_ctx *cx, const char *format, ...) WEIR_PRINTF(2, 3);
WEIR_API void weir_info(weir_ctx *cx, const char *format, ...) WEIR_PRINTF(2, 3);
WEIR_API void weir_debug(weir_ctx *cx, const char *format, ...) WEIR_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif

#endif
