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
    int integer_bits; /**< of the narrowest integer type; the next ones have twice as many; 0: 64 */
    unsigned merges;  /**< merge strategies: bits `1 << WEIR_MERGE_UPSERT`; 0: it cannot merge */
} weir_caps;

/** What a statement of a load is for. */
typedef enum weir_step {
    WEIR_STEP_SHAPE, /**< makes a dataset or a table, adds a column, drops a table */
    WEIR_STEP_ROWS,  /**< writes, merges, replaces or removes rows */
} weir_step;

/** Is told what a load would do, instead of it being done. */
typedef struct weir_recorder {
    /** A statement, in order; borrowed. Those of the bookkeeping are left out. */
    void (*statement)(void *self, weir_step step, weir_str sql);
    void *self;
} weir_recorder;

/** Where a destination is to look, resolved from the configuration before it is opened. Borrowed texts. */
typedef struct weir_target {
    weir_str pipeline;
    weir_str dataset;
    weir_str name;      /**< the name that the destination was given: `duckdb` */
    weir_str local_dir; /**< folder for local files: the working folder by default */
    const weir_option_values *options;
    /** How files are written: the options of `[normalize]`, of which files read those of `data_writer`; NULL: by default. */
    const weir_option_values *writing;
    bool read_only; /**< nothing will be written: what is not there is not made */
    /**
     * For a plan, together with `read_only`: a load goes its way up to `commit`, reads all rows, and knows what it would
     * have made, but changes nothing. A database that is not there is an empty one. `open` fails where a load might not
     * write. NULL: no plan.
     */
    const weir_recorder *recorder;
} weir_target;

/** What the destination knows of the pipeline. Texts live until the destination is closed; empty when there is none. */
typedef struct weir_restored {
    bool has_dataset;       /**< the dataset exists */
    weir_str state;         /**< newest committed state: JSON text */
    weir_str state_load_id; /**< of the load that brought it */
    weir_str schema;        /**< newest stored schema of the name: JSON text */
    weir_str last_load_id;  /**< greatest load id of the dataset, compared as text */
} weir_restored;

/** How a table takes the rows of this load. */
typedef enum weir_disposition {
    WEIR_INTO_APPEND,
    WEIR_INTO_REPLACE, /**< the rows of earlier loads go away with the commit */
    WEIR_INTO_MERGE,   /**< rows wait beside the dataset until `settle` merges them */
} weir_disposition;

/** How rows are merged into those of earlier loads; names and meaning are dlt's. */
#define WEIR_MERGE_STRATEGIES(X)                                                                   \
    X(DELETE_INSERT, "delete-insert")                                                              \
    X(UPSERT, "upsert")                                                                            \
    X(INSERT_ONLY, "insert-only")                                                                  \
    X(SCD2, "scd2")                                                                                \
    X(CDC, "cdc")

typedef enum weir_merge {
#define X(name, text) WEIR_MERGE_##name,
    WEIR_MERGE_STRATEGIES(X)
#undef X
} weir_merge;

/** A root table and the tables nested in it, which are replaced or merged together. */
typedef struct weir_chain {
    const weir_table *const *tables; /**< root first, parents before their children */
    size_t count;
    weir_disposition disposition; /**< WEIR_INTO_REPLACE or WEIR_INTO_MERGE */
    weir_merge merge;
    bool deduplicated;          /**< no two waiting rows have the same key */
    bool skip_unchanged;        /**< a row that is as it was keeps the load id of its last change */
    weir_str source_filter;     /**< SQL: only waiting root rows for which it holds; empty: all */
    weir_str destination_scope; /**< SQL: rows of earlier loads that may go; empty: keys say so */
    weir_time boundary;         /**< scd2: when versions that are new begin, and others end */
    bool ends;                  /**< scd2: versions that hold have an end, `end`; else none */
    weir_time end;
} weir_chain;

/** A version of the schema, as the destination stores it. */
typedef struct weir_stored_schema {
    int64_t version;
    weir_str hash;
    weir_str json; /**< compact */
} weir_stored_schema;

/** One load on its way. What is only known at the end is filled in before `commit`. */
typedef struct weir_load_job {
    weir_str load_id;
    weir_str schema_name;
    weir_time started;
    int64_t engine_version;
    weir_stored_schema schema; /**< after the last row */
    weir_stored_schema staged; /**< its tables that are staged; without a hash: none is */
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
    const char *locator; /**< the option that `location` gives; NULL: `credentials` */
    weir_caps caps;
    size_t self_size;

    weir_status (*open)(weir_ctx *cx, void *self, const weir_target *target);
    /** `schema_name`: whose schema to look for. */
    weir_status (*restore)(weir_ctx *cx, void *self, weir_str schema_name, weir_restored *ret);
    /** Is this load id committed? */
    weir_status (*knows)(weir_ctx *cx, void *self, weir_str load_id, bool *ret);
    weir_status (*begin)(weir_ctx *cx, void *self, const weir_load_job *load);
    /**
     * Before the first row: drop tables, those in which rows wait to be merged too, and forget all stored versions of the
     * load's schema. Tables that are not there are gone already.
     */
    weir_status (*drop)(weir_ctx *cx, void *self, const weir_load_job *load, const weir_str *tables,
                        size_t count);
    /** Before the first row: make the table fit, and take out the rows of earlier loads. */
    weir_status (*empty)(weir_ctx *cx, void *self, const weir_table *table);
    /**
     * Make the table fit (create it, add columns) and write `rows`: one struct array per batch with a child per
     * column, in order of the table's complete columns. `rows` is borrowed, and called on one thread at a time, which
     * need not be the caller's; NULL: none. Rows that are staged wait for `settle`, those that replace come after the
     * table was emptied, once in a load. When `rows` fails, its words are the message; ECANCELED gives WEIR_CANCELLED.
     */
    weir_status (*write)(weir_ctx *cx, void *self, const weir_table *table,
                         weir_disposition disposition, struct ArrowArrayStream *rows);
    /** Do rows of this disposition wait in a dataset of their own until `settle`? */
    bool (*stages)(const void *self, weir_disposition disposition);
    /**
     * After the last row: merge or replace the tables of a chain by what was written to them in this load. Those that
     * got nothing are part of it. WEIR_SCHEMA when the strategy needs a key that a table does not have.
     */
    weir_status (*settle)(weir_ctx *cx, void *self, const weir_chain *chain);
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
