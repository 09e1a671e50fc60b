/** What a place to load into has to offer. */
#ifndef WEIR_DESTINATION_H
#define WEIR_DESTINATION_H

#include <weir/arrow.h>
#include <weir/base.h>
#include <weir/option.h>
#include <weir/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Digits of a number: of all, and behind the point. Zero: no limit. */
typedef struct weir_digits {
    int precision;
    int scale;
} weir_digits;

/** What a destination can do, and its limits. */
typedef struct weir_caps {
    size_t identifier_max; /**< longest name of a table or column, in code points */
    bool strips_nul;       /**< NUL characters are taken out of text before it is written */
    bool refuses_nulls;    /**< columns that must not be null refuse rows without a value */
    weir_digits decimal;   /**< what columns of this type hold that say nothing */
    weir_digits wei;       /**< likewise */
} weir_caps;

/** Where a destination is to look, resolved from the configuration before it is opened. Borrowed texts. */
typedef struct weir_target {
    weir_str pipeline;
    weir_str dataset;
    weir_str name;      /**< the name that the destination was given: `duckdb` */
    weir_str local_dir; /**< folder for local files: the working folder by default */
    const weir_option_values *options;
    bool read_only; /**< nothing will be written: what is not there is not made */
} weir_target;

/** What the destination knows of the pipeline. Texts live until the destination is closed; empty when there is none. */
typedef struct weir_restored {
    bool has_dataset;      /**< the dataset exists */
    weir_str state;        /**< newest committed state: JSON text */
    weir_str schema;       /**< newest stored schema of the name: JSON text */
    weir_str last_load_id; /**< greatest load id of the dataset, compared as text */
} weir_restored;

/** How a table takes the rows of this load. */
typedef enum weir_disposition {
    WEIR_INTO_APPEND,
    WEIR_INTO_REPLACE, /**< the rows of earlier loads go away with the commit */
} weir_disposition;

/** One load on its way. What is only known at the end is filled in before `commit`. */
typedef struct weir_load_job {
    weir_str load_id;
    weir_str schema_name;
    weir_time started;
    int64_t schema_version;
    int64_t engine_version;
    weir_str schema_hash; /**< of the schema after the last row */
    weir_str schema_json; /**< compact JSON of that schema */
} weir_load_job;

/**
 * A destination: a table of functions over `self`, a zeroed block of `self_size` bytes that the engine owns. Called
 * on one thread, but for `cancel`. `open` comes first, `close` last and exactly once, also after a failed `open`.
 * Between `begin` and `commit` or `rollback` nothing may be visible to readers.
 */
typedef struct weir_destination {
    const char *name; /**< `duckdb` */
    const char *type; /**< as states name it: `dlt.destinations.duckdb` */
    const weir_option *options;
    weir_caps caps;
    size_t self_size;

    weir_status (*open)(weir_ctx *cx, void *self, const weir_target *target);
    /** `schema_name`: whose schema to look for. */
    weir_status (*restore)(weir_ctx *cx, void *self, weir_str schema_name, weir_restored *ret);
    /** Is this load id committed? */
    weir_status (*knows)(weir_ctx *cx, void *self, weir_str load_id, bool *ret);
    weir_status (*begin)(weir_ctx *cx, void *self, const weir_load_job *load);
    /**
     * Make the table fit (create it, add columns) and write `rows`: one struct array per batch with a child per
     * column, in order of the table's complete columns. `rows` is borrowed, and called on one thread at a time, which
     * need not be the caller's; NULL: none. WEIR_INTO_REPLACE empties the table once in a load, also without rows. When
     * `rows` fails, its words are the message; ECANCELED gives WEIR_CANCELLED.
     */
    weir_status (*write)(weir_ctx *cx, void *self, const weir_table *table,
                         weir_disposition disposition, struct ArrowArrayStream *rows);
    /** Bookkeeping (`_dlt_version`, `_dlt_loads`) and commit: all or nothing. */
    weir_status (*commit)(weir_ctx *cx, void *self, const weir_load_job *load);
    void (*rollback)(void *self);
    /** Interrupt what is running; may be called from another thread. */
    void (*cancel)(void *self);
    void (*close)(void *self);

    /** Where the data is, without secrets: `duckdb:////home/u/test.duckdb`. Lives until closed. */
    weir_str (*location)(void *self);
    /**
     * Rows of a query, for `weir sql` and `weir show`; the caller releases the stream before the next call. Columns are
     * booleans, integers, floats, texts, bytes, decimals, dates, times or time stamps; nested values are JSON text.
     */
    weir_status (*query)(weir_ctx *cx, void *self, weir_str sql, struct ArrowArrayStream *ret);
} weir_destination;

#ifdef __cplusplus
}
#endif

#endif
