/** What to extract: resources, the rows they emit, and the position they keep between runs. */
#ifndef WEIR_SOURCE_H
#define WEIR_SOURCE_H

#include <weir/base.h>
#include <weir/option.h>
#include <weir/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a load does to the rows that a table already has. */
typedef enum weir_write {
    WEIR_APPEND,
    WEIR_REPLACE,
    WEIR_MERGE, /**< rows take the place of those with the same key, or as `merge_strategy` says */
} weir_write;

/** What happens to a line of an input that is no JSON. */
typedef enum weir_bad_row {
    WEIR_BAD_ROW_FAIL,       /**< the run fails, and names file, line and byte */
    WEIR_BAD_ROW_QUARANTINE, /**< it is kept as it is beside the package, and counted */
} weir_bad_row;

/** For `max_table_nesting`: no nested tables, and no columns of nested objects. */
#define WEIR_NO_NESTING (-1)

/** Where a resource emits; lives as long as the call of the resource. */
typedef struct weir_rows weir_rows;

/**
 * One stream of rows; becomes the table of its name and the tables nested in it. Written down by the user:
 * `{ "currencies", currencies, .write = WEIR_REPLACE, .primary_key = "code" }`. Zero means the default.
 */
typedef struct weir_resource {
    const char *name;
    /** Emits rows until there are no more, then returns WEIR_OK. Called on one thread of weir's. */
    weir_status (*run)(weir_ctx *cx, weir_rows *rows);
    weir_write write;
    const char *primary_key; /**< names separated by commas, or NULL */
    const char *table;       /**< the table's name when it is not the resource's */
    /** How many levels of nested tables: WEIR_NO_NESTING keeps all lists and objects as JSON; 0: the default, all. */
    int max_table_nesting;
    /** Instead of `run`: the rows are those of an input, opened with `input_spec`. */
    const struct weir_input *input;
    const void *input_spec;
    /** The input can be read again and gives the same: its rows need no log, and go straight into the transaction. */
    bool replayable;
    /** The name of a field of each row that says which table it goes to; NULL: all go to one. */
    const char *table_field;
    /**
     * dlt's other arguments of a resource, as a JSON object: `columns`, `merge_key`, `schema_contract`, `incremental`,
     * `nested_hints` and so on: `.hints = "{\"incremental\": {\"cursor_path\": \"updated_at\"}}"`. NULL: none.
     */
    const char *hints;
    /** An incremental over the items of the input, such as files, in the form of that in `hints`. NULL: none. */
    const char *item_incremental;
    weir_bad_row on_bad_row; /**< of an input */
    const char
        *merge_key; /**< names separated by commas: all rows that have the key go for new ones */
    const char
        *merge_strategy; /**< delete-insert (the default), upsert, insert-only, scd2 or cdc */
    const void *self;    /**< what weir_self() gives `run` and `each` */
    /**
     * It depends on the resource of this name: instead of `run`, `each` is called for every row of that one that goes on, in
     * their order, a page of them at a time. `row` is a JSON object.
     */
    const char *parent;
    weir_status (*each)(weir_ctx *cx, weir_rows *rows, weir_str row);
    bool hidden; /**< its rows are not loaded: they are for those that depend on it */
} weir_resource;

/** A list of resources without a fixed size; the last element is zero. */
#define WEIR_RESOURCES(...) ((const weir_resource[]){ __VA_ARGS__, { 0 } })

/** A group of resources with common configuration. */
typedef struct weir_source {
    const char *name;
    /**
     * What it needs to know, ends with a zero element; NULL: nothing. Looked for in `sources.<name>`, before that in
     * `sources.<folder>.<name>` when the file is in `sources/<folder>/`. All of it is there before a resource is called.
     */
    const weir_option *config;
    const weir_resource *resources; /**< ends with a zero element */
    /** As that of a resource, for those that do not say it. With `schema_contract` it replaces what is stored in the schema. */
    int max_table_nesting;
    /** For all tables, as JSON: `"\"freeze\""`, `"{\"columns\": \"discard_row\"}"`; NULL: none. */
    const char *schema_contract;
    /**
     * Names the schema, which the state is kept under. NULL: a source that a pipeline finds by its name gives its own, as a
     * source of dlt does; else the pipeline names it.
     */
    const char *schema;
} weir_source;

/** The text of an option that the source declares in its `config`, "" when it has none; lives as long as the run. */
WEIR_API const char *weir_config(weir_ctx *cx, const char *name);

/**
 * Emit one row. Everything is copied before the call returns. Blocks while the queue is full; returns
 * WEIR_CANCELLED when the run is being stopped, WEIR_LIMIT when the row is larger than `extract.max_row_bytes`.
 */
WEIR_API weir_status weir_emit_fields(weir_rows *rows, const weir_field *fields, size_t count)
    WEIR_MUST_USE;

/** Emit one row from its cells: `weir_emit(rows, weir_kv("id", 1), weir_kv("name", "Ada"))`. */
#define weir_emit(rows, ...)                                                                       \
    weir_emit_fields((rows), (const weir_field[]){ __VA_ARGS__ },                                  \
                     sizeof((const weir_field[]){ __VA_ARGS__ }) / sizeof(weir_field))

/** Emit the text of one JSON value: an object is a row, a list gives a row for each of its elements. */
WEIR_API weir_status weir_emit_json(weir_rows *rows, weir_str text) WEIR_MUST_USE;

/**
 * Emit `count` rows at once: well-formed JSON objects, one per line, each line with its end. What is in them is not checked
 * here: it must come from weir's own reader of JSON.
 */
WEIR_API weir_status weir_emit_lines(weir_rows *rows, weir_str lines, int64_t count) WEIR_MUST_USE;

/**
 * What was emitted since the last call is a page. Rows of a page reach those that depend on them together, and with
 * `row_order` the incremental says at its end whether later pages can have rows that go on: then `*ret_stop` is true.
 */
WEIR_API weir_status weir_end_page(weir_rows *rows, bool *ret_stop) WEIR_MUST_USE;

/** The `self` of the resource. */
WEIR_API const void *weir_self(const weir_rows *rows);

/**
 * A value of the resource's incremental, as the run began: `start_value` (the lag is applied), `last_value`,
 * `initial_value` or `end_value`; null when there is none. Dates and times are texts. Lives until the resource returns.
 */
WEIR_API weir_value weir_incremental_get(weir_rows *rows, const char *name);

/**
 * The value that this resource kept under `key` in an earlier run that was committed, or an absent one. The content
 * lives until the resource returns. Stored in the pipeline's state as `sources.<schema>.resources.<resource>.<key>`.
 */
WEIR_API weir_value weir_state_get(weir_rows *rows, const char *key);

/** Keep a value for the next run; it counts when the load that it belongs to is committed, together with its rows. */
WEIR_API weir_status weir_state_set(weir_rows *rows, const char *key, weir_value value)
    WEIR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
