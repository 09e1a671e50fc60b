/* TOML 1.0, read into a tree in which every key and every value knows its place, so that a message can point at the
 * setting that it is about: "config.toml:3:7: …". */
#ifndef WR_TOML_H
#define WR_TOML_H

#include <weir/base.h>

#include "base/arena.h"
#include "format/json.h"

/* Most bytes of a file, values of a file, and levels of tables and arrays; more is WEIR_LIMIT. */
#define WR_TOML_BYTES_MAX ((size_t)16 << 20)
#define WR_TOML_VALUES_MAX ((size_t)1 << 18)
#define WR_TOML_DEPTH 100

typedef struct wr_toml_place {
    const char *file;
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in characters */
} wr_toml_place;

typedef enum wr_toml_kind {
    WR_TOML_TEXT,
    WR_TOML_INT,
    WR_TOML_FLOAT,
    WR_TOML_BOOL,
    WR_TOML_TIMESTAMP,       /* an instant: date and time with an offset */
    WR_TOML_LOCAL_TIMESTAMP, /* date and time without one */
    WR_TOML_DATE,
    WR_TOML_CLOCK, /* a time of day */
    WR_TOML_ARRAY,
    WR_TOML_TABLE,
} wr_toml_kind;

/* How a table or an array is written. */
typedef enum wr_toml_form {
    WR_TOML_INLINE,  /* as a value: {…} or […] */
    WR_TOML_HEADER,  /* below headers of its own: [name]; the array of all [[name]] */
    WR_TOML_IMPLIED, /* nowhere: [name.below] implies it, and so does the empty document its root */
    WR_TOML_DOTTED,  /* by keys with dots: name.key = … */
} wr_toml_form;

typedef struct wr_toml {
    wr_toml_kind kind;
    wr_toml_form form;
    weir_str key;            /* in a table; elements of arrays have none */
    wr_toml_place key_place; /* of an element: that of the array's key */
    wr_toml_place place;     /* where the value begins; of tables that are not inline, their name */
    weir_str text;           /* TEXT: the content; numbers and times: as written */
    union {
        bool b;
        int64_t i;
        double f;
        /* TIMESTAMP: in UTC; LOCAL_TIMESTAMP: the wall clock as if it were UTC; DATE: its midnight; CLOCK: since midnight.
         * Digits behind the sixth of a fraction are dropped. */
        weir_time us;
    } as;
    int zone_minutes; /* TIMESTAMP: east of UTC, as written */
    int depth;        /* levels above this one */
    struct wr_toml *first;
    struct wr_toml *last;
    struct wr_toml *next; /* in the order of the text */
    size_t count;
} wr_toml;

/* Read a document; `file` is its name for messages. The tree is in `arena`, and needs `text` as long as it lives.
 * WEIR_PARSE says where, what was expected and what was found; integers beyond 64 bits and floats beyond the range of
 * doubles are refused, too. *ret is the root table. An arena that is wiped holds secrets: messages do not quote the
 * text then. */
weir_status wr_toml_parse(weir_ctx *cx, wr_arena *arena, const char *file, weir_str text,
                          const wr_toml **ret) WEIR_MUST_USE;
/* Read the file `path` below the folder `dir` (or AT_FDCWD); NULL when there is none. */
weir_status wr_toml_read(weir_ctx *cx, wr_arena *arena, int dir, const char *path,
                         const wr_toml **ret) WEIR_MUST_USE;
/* As above, but inline tables may go over lines, have comments, and a comma behind their last member: TOML 1.1. */
weir_status wr_toml_read_1_1(weir_ctx *cx, wr_arena *arena, int dir, const char *path,
                             const wr_toml **ret) WEIR_MUST_USE;

/* A member of a table; NULL when it is missing, and for a NULL or anything else than a table. */
const wr_toml *wr_toml_get(const wr_toml *table, weir_str key);
/* As above, down a path of keys without dots: `wr_toml_find(root, "source.filesystem.bucket_url")`. */
const wr_toml *wr_toml_find(const wr_toml *table, const char *path);

/* With its article, for messages: "an integer", "a table". */
const char *wr_toml_kind_name(wr_toml_kind kind);
/* As weir_fail(), with the place in front of the message. */
weir_status wr_toml_fail(weir_ctx *cx, weir_status status, wr_toml_place place, const char *format,
                         ...) WEIR_PRINTF(4, 5);

/* WEIR_CONFIG, with the nearest known name, for a key that is none of `known`, a list that ends with NULL. `what` is what the
 * table is: "a resource". */
weir_status wr_toml_check_keys(weir_ctx *cx, const wr_toml *table, const char *what,
                               const char *const *known) WEIR_MUST_USE;
/* A member of the kind; NULL when it is missing. WEIR_CONFIG when it is of another kind. */
weir_status wr_toml_member(weir_ctx *cx, const wr_toml *table, const char *key, wr_toml_kind kind,
                           const wr_toml **ret) WEIR_MUST_USE;

/* The same as a JSON tree in `arena`. Dates and times become texts with "T" and "Z"; inf and nan, which JSON does not
 * have, the texts "inf", "-inf" and "nan". */
wr_node *wr_toml_to_node(wr_arena *arena, const wr_toml *value);

#endif
