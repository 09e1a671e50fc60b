/** Options: declared in tables, resolved from the configuration, explained to the user. */
#ifndef WEIR_OPTION_H
#define WEIR_OPTION_H

#include <weir/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weir_option_kind {
    WEIR_OPTION_TEXT,
    WEIR_OPTION_INT,
    WEIR_OPTION_BOOL,
    WEIR_OPTION_SECONDS, /**< a number of seconds, with fraction */
    WEIR_OPTION_LIST,    /**< its text is a JSON list */
    WEIR_OPTION_MAP,     /**< its text is a JSON object */
    /**
     * A connection string, `driver://username:password@host:port/database?key=value`, always a secret. It gives values to
     * the options below its name: `credentials` to `credentials.host` and so on. Those that it does not give, or
     * gives their default, are looked for one by one.
     */
    WEIR_OPTION_URL,
    WEIR_OPTION_URL_OR_PATH, /**< likewise; without "://" it is the path of a file: `database` */
} weir_option_kind;

/**
 * One option. A list of them ends with a zero element; `WEIR_OPTIONS({ "api_key", .secret = true })`. A dot in a name
 * descends: `credentials.host` is the key `host` in the section `credentials`.
 */
typedef struct weir_option {
    const char *name;
    weir_option_kind kind;
    const char *standard; /**< default as text; NULL: none */
    bool secret;
    bool required;
    const char *help;           /**< one line */
    const char *const *choices; /**< the texts that it may have, ends with NULL; NULL: any */
    bool in_query;              /**< a parameter of the connection string's query gives it, too */
} weir_option;

#define WEIR_OPTIONS(...) ((const weir_option[]){ __VA_ARGS__, { 0 } })

/** Resolved options of one list. */
typedef struct weir_option_values weir_option_values;

/** The text of an option, empty when it has none. `name` must be in the list. Lives as long as the values. */
WEIR_API weir_str weir_option_text(const weir_option_values *values, const char *name);
WEIR_API bool weir_option_given(const weir_option_values *values, const char *name);
WEIR_API int64_t weir_option_int(const weir_option_values *values, const char *name);
WEIR_API bool weir_option_bool(const weir_option_values *values, const char *name);
WEIR_API double weir_option_seconds(const weir_option_values *values, const char *name);

#ifdef __cplusplus
}
#endif

#endif
