/** Inputs: sources of JSON text that is not emitted row by row, such as files. */
#ifndef WEIR_INPUT_H
#define WEIR_INPUT_H

#include <weir/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that can be written behind the text of a chunk: parsers work in place. */
#define WEIR_CHUNK_PADDING 8

/**
 * A piece of an input: whole JSON values, one per line, about a megabyte. Borders of chunks follow from the content
 * alone, so that reading again gives the same chunks.
 */
typedef struct weir_chunk {
    char *text; /**< may be changed by the reader; WEIR_CHUNK_PADDING bytes follow it */
    size_t len;
    int64_t rows;       /**< values in it; blank lines count */
    weir_str name;      /**< of the file, for messages and row ids; lives as long as the input */
    int64_t first_line; /**< in the file, from 1; 0: its lines are not those of the file */
    int64_t offset;     /**< of its first byte in the (unpacked) file */
    /** Where its rows go, from inputs that have rows of several tables; empty: to the resource's. Lives as long as the input. */
    weir_str table;
    weir_str
        hints; /**< of that table, as those of a resource, which they beat; empty: none. Lives likewise */
    bool bad;    /**< its lines are no JSON: there are no rows in it, only what to keep aside */
    void *owner; /**< private to the input */
} weir_chunk;

/** Which items of an input are read: `keep` looks at each, a JSON object with typed values, and says yes or no. */
typedef struct weir_items {
    weir_status (*keep)(weir_ctx *cx, void *self, weir_str item, bool *ret_keep);
    void *self;
} weir_items;

/**
 * A kind of input: a table of functions over `self`, a zeroed block of `self_size` bytes. `open` comes first; `close` last
 * and exactly once, also after a failed `open`, when all chunks have been given back. `next` is called on one thread, and
 * stays at its end or its error; `done` gives a chunk back, in any order, on any thread.
 */
typedef struct weir_input {
    const char *name; /**< `filesystem` */
    size_t self_size;
    weir_status (*open)(weir_ctx *cx, void *self, const void *spec);
    /** Show the items, such as files, in order, and leave out those that are not kept; before the first `next`. NULL: none. */
    weir_status (*select)(weir_ctx *cx, void *self, const weir_items *items);
    /**
     * Before the first `next`: where the last run that was committed stood, JSON that `position` gave; empty: there was none.
     * NULL: it begins anew each time.
     */
    weir_status (*resume)(weir_ctx *cx, void *self, weir_str position);
    /** The next chunk; `*ret_found` false at the end. */
    weir_status (*next)(weir_ctx *cx, void *self, weir_chunk *ret, bool *ret_found);
    void (*done)(void *self, weir_chunk *chunk);
    void (*close)(void *self);
    /** Behind the end: where the next run goes on, as JSON; empty: where this one did. Kept with the rows. NULL with `resume`. */
    weir_str (*position)(void *self);
    /** Is it known to have no rows? After `select`, before the first `next`. NULL: nothing is known. */
    bool (*is_empty)(void *self);
    /** Bytes that will be read in all and that have been read, as they lie in the files; 0: unknown. Any thread. */
    void (*progress)(void *self, int64_t *ret_total, int64_t *ret_done);
} weir_input;

/** What the input `files` is opened with. Texts are borrowed until it is closed. */
typedef struct weir_files {
    /** A path, or a pattern: `data/?.jsonl`, two stars for any folders. `-` is the standard input, named `stdin`. */
    const char *pattern;
    const char *folder; /**< relative patterns begin here; NULL: the working folder */
    size_t line_max;    /**< bytes of the longest line or value; 0: 64 MiB */
    bool may_be_none;   /**< no such file, or no such folder, is an input without rows */
} weir_files;

/**
 * The items are the files, in the form of dlt's: `file_name`, `relative_path`, `file_url`, `modification_date`,
 * `size_in_bytes`. Content: JSON lines, or one JSON array, from files in the order of their names; gzip and zstd are told by their first bytes. A
 * thread reads and unpacks at most four chunks ahead.
 */
WEIR_API extern const weir_input weir_input_files;

/** What a program prints. */
typedef enum weir_command_format {
    WEIR_COMMAND_JSON,   /**< JSON lines, or one JSON array: rows */
    WEIR_COMMAND_SINGER, /**< messages of a Singer tap: SCHEMA, RECORD, STATE */
} weir_command_format;

/** What the input `command` is opened with. Texts are borrowed until it is closed; zero means the default. */
typedef struct weir_command {
    /**
     * The program, looked for in $PATH unless it has a slash, and its arguments; ends with NULL. There is no shell. Arguments
     * `{config}`, `{catalog}`, `{state}`, also behind a `=`, are files with these texts, for a program in a shell $WEIR_CONFIG,
     * $WEIR_CATALOG, $WEIR_STATE. They have mode 0600, lie in memory where that can be, and go with the program.
     */
    const char *const *words;
    const char *folder;     /**< its working folder; NULL: ours */
    const char *const *env; /**< `NAME=value`, on top of our environment; ends with NULL; or NULL */
    weir_command_format format;
    const char *config;  /**< JSON */
    const char *catalog; /**< JSON */
    /** Singer: hints of a resource as JSON, which beat those that SCHEMA messages give; NULL: none. */
    const char *hints;
    /** Singer: a JSON object, hints by the name of a stream, which beat `hints`; NULL: none. */
    const char *streams;
    size_t line_max; /**< bytes of the longest line or value; 0: 64 MiB */
    bool may_be_bad; /**< Singer: lines that are no JSON are given as bad, and are no error */
} weir_command;

/**
 * A program that prints its rows. All of it counts, or nothing: another exit status than 0 and a signal are errors, with the
 * end of what it wrote to its standard error, which goes to the log. It ends with the input: it is asked to (SIGTERM), and
 * killed after five seconds, with all that it started.
 *
 * Singer: streams are tables. Those with `key_properties` are merged by them, the types of columns are those of the schema.
 * The last STATE is the position.
 */
WEIR_API extern const weir_input weir_input_command;

#ifdef __cplusplus
}
#endif

#endif
