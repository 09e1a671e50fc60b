/* Schemas: the tables of a dataset and everything that dlt stores about them. A schema is built and changed by one owner;
 * once shared it is immutable, counted, and read by all threads. Tables are copied only when they change.
 *
 * The document is the truth: every table keeps its JSON object with all properties in their order, also those that weir
 * does not know; typed columns are read from it. So a schema that dlt stored goes back unchanged, with the same hash. */
#ifndef WR_SCHEMA_H
#define WR_SCHEMA_H

#include <stdatomic.h>
#include <weir/table.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "format/json.h"
#include "schema/naming.h"

#define WR_SCHEMA_ENGINE 11
#define WR_SCHEMA_HASH_TEXT 45 /* base64 of SHA3-256 and a NUL */

/* What becomes of a change that data would bring, see schema/contract.h. */
typedef enum wr_contract_mode {
    WR_EVOLVE, /* it is made */
    WR_FREEZE, /* the load fails */
    WR_DISCARD_ROW,
    WR_DISCARD_VALUE,
} wr_contract_mode;

/* A column that a contract refused: for the rest of the load its values go, or the rows that have one. */
typedef struct wr_discard {
    weir_str column;
    wr_contract_mode mode;
} wr_discard;

typedef struct wr_table {
    weir_table pub;    /* name, parent, columns: read from `doc` */
    weir_str resource; /* empty for nested tables */
    weir_str write;    /* "append", "replace", "merge", "skip"; empty: inherited */
    bool seen_data;
    const wr_node *doc;         /* the stored table */
    const wr_discard *discards; /* of this load; not stored */
    size_t discard_count;
    /* private */
    wr_map by_name; /* of columns, in their order */
    wr_arena arena;
    atomic_int refs;
} wr_table;

typedef struct wr_schema {
    weir_str name;
    int64_t version;                /* 0: never stored */
    char hash[WR_SCHEMA_HASH_TEXT]; /* stored hash; "" when never stored */
    wr_vec(weir_str) previous;      /* previous hashes, newest first, at most 10 */
    wr_vec(wr_table *) tables;      /* in order of appearance */
    const wr_node *settings;
    const wr_node *normalizers;
    const wr_node *rest; /* other members of the document: description, x-…; NULL: none */
    bool no_merge;       /* not stored, set by the owner: the destination cannot merge */
    /* private */
    wr_map by_name; /* of tables, in their order */
    wr_arena arena;
    atomic_int refs;
} wr_schema;

/* A fresh schema as dlt 1.31 makes it: its own two tables, default settings. */
wr_schema *wr_schema_new(weir_str name);
/* A stored schema from its JSON, unchanged unless an older engine stored it. WEIR_CORRUPT when its hash is not that of the
 * content, WEIR_UNSUPPORTED for a later engine and for regular expressions that weir does not know. */
weir_status wr_schema_read(weir_ctx *cx, weir_str json, wr_schema **ret) WEIR_MUST_USE;
/* A copy to change; shares tables until they are changed. */
wr_schema *wr_schema_clone(const wr_schema *schema);
wr_schema *wr_schema_hold(wr_schema *schema);
/* Accepts NULL. */
void wr_schema_drop(wr_schema *schema);
void wr_cleanup_schema(wr_schema **schema);

/* NULL when there is none. The table lives as long as no change of the schema touches it. */
const wr_table *wr_schema_table(const wr_schema *schema, weir_str name);
/* As wr_schema_table(), counted: it lives until it is dropped. */
wr_table *wr_schema_table_hold(const wr_schema *schema, weir_str name);
/* Accepts NULL. */
void wr_table_drop(wr_table *table);
/* Number of a column, or -1. */
ptrdiff_t wr_table_column(const wr_table *table, weir_str name);
/* Does the value of a column's property, or of a setting, say the same as if it were missing? */
bool wr_column_is_default(weir_str property, const wr_node *value);
/* Does the name begin with dlt's prefix "_dlt"? */
bool wr_is_dlt_name(weir_str name);
/* What the settings say of a column's name: bits of WEIR_HINT_*. */
unsigned wr_schema_default_hints(const wr_schema *schema, weir_str column);
/* The type that the settings prefer for a new column of this name; WEIR_NO_TYPE: none. */
weir_type wr_schema_preferred_type(const wr_schema *schema, weir_str column);
/* Bits of WR_DETECT_* in settings.detections. */
unsigned wr_schema_detections(const wr_schema *schema);
/* Is one of the simple regexes in `list` true for the name? A name, or "re:" and an expression that is found in it. */
bool wr_regexes_match(const wr_node *list, weir_str name);
/* WEIR_UNSUPPORTED for one that wr_regexes_match() does not know. */
weir_status wr_regexes_check(weir_ctx *cx, const wr_node *list) WEIR_MUST_USE;
/* A simple regex of the settings under the names of a convention: plain names change, expressions do not. */
weir_status wr_regex_named(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str regex,
                           weir_str *ret) WEIR_MUST_USE;
/* Its full form: "re:^name$" for a plain name. Two that say the same are equal in it. */
weir_str wr_regex_canonical(wr_arena *arena, weir_str regex);
/* Has no column of the table a data type? Accepts NULL. */
bool wr_table_is_new(const wr_table *table);

/* ---- what the tables say of their rows ---- */

/* How the rows of a root table get their ids. */
typedef enum wr_row_ids {
    WR_ROW_IDS_RANDOM,
    WR_ROW_IDS_OF_KEY, /* digest of the primary key */
    WR_ROW_IDS_OF_ROW, /* digest of the source's object */
} wr_row_ids;
/* `id`: the name of the row id column. */
wr_row_ids wr_schema_row_ids(const wr_schema *schema, const wr_table *table, weir_str id);
/* The table at the end of the chain of parents. */
const wr_table *wr_schema_root(const wr_schema *schema, const wr_table *table);
/* The strategy by which the table's rows are merged: its own hint, or that of a table above; empty when there is none. */
weir_str wr_schema_merge_strategy(const wr_schema *schema, const wr_table *table);
/* Do the filters of the table, or of one above it by its name, take columns away? Spec 3.7. */
bool wr_schema_filters(const wr_schema *schema, const wr_naming *naming, weir_str table);
/* Is it one of these? */
bool wr_schema_excludes(const wr_schema *schema, const wr_naming *naming, weir_str table,
                        weir_str column);
/* Has the table, which got rows, the columns that it must have? WEIR_SCHEMA for one that must not be null and got no
 * type; others are warned of, and so are `nulls`: names that came with nulls only. */
weir_status wr_schema_check_bound(weir_ctx *cx, const wr_schema *schema, weir_str table,
                                  const weir_str *nulls, size_t count) WEIR_MUST_USE;
/* May a schema have this name? A Python identifier of at most 64 characters. */
bool wr_schema_name_is_valid(weir_str name);

/* ---- changes: only by the owner of an unshared schema ---- */

/* Settings of dlt's JSON normaliser, as a source gives them: `max_nesting`, `root_key_propagation`, `propagation` (its
 * columns under the names that the convention gives them). They are merged into what is there. */
weir_status wr_schema_set_json_config(weir_ctx *cx, wr_schema *schema, const wr_naming *naming,
                                      const wr_node *config) WEIR_MUST_USE;
/* What was set is gone; root keys that known tables need stay, also of those that a run does not touch. */
void wr_schema_clear_json_config(wr_schema *schema);
/* The contract for all tables, checked by wr_contract_check(); null: none. */
void wr_schema_set_contract(wr_schema *schema, const wr_node *contract);
/* A table as a resource announces it (JSON object with "name" and "columns"; a table object of the stored form) under the
 * names that the convention gives to the table, its parent, columns and references. Columns that get the same name become
 * one, with a warning. The result is in `arena`. */
weir_status wr_table_doc_named(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                               const wr_node *table, wr_node **ret) WEIR_MUST_USE;
/* Merge such a table: columns property by property, keys (compound properties) as a whole; a column that becomes complete
 * moves to the end. WEIR_SCHEMA for an unknown or another parent. Rules: spec 6.4, as dlt's extract applies them. */
weir_status wr_schema_merge_table(weir_ctx *cx, wr_schema *schema, const wr_node *table)
    WEIR_MUST_USE;
/* The same, but keys come on top of those that are there: as dlt's normalise applies them. */
weir_status wr_schema_extend_table(weir_ctx *cx, wr_schema *schema, const wr_node *table)
    WEIR_MUST_USE;

/* A column that data brought. Its properties are derived: default hints of the settings, `variant` with dlt's
 * description; properties of an incomplete column of that name win and it moves to the end. One that is complete stays as
 * it is. */
typedef struct wr_new_column {
    weir_str name;
    weir_type type;
    bool variant;
} wr_new_column;
/* Adds the table when it is not there: nested in `parent`, or a root table when that is empty. */
weir_status wr_schema_add_columns(weir_ctx *cx, wr_schema *schema, weir_str table, weir_str parent,
                                  const wr_new_column *columns, size_t count) WEIR_MUST_USE;
/* The contract refused these; they stand until the end of the load. */
void wr_schema_add_discards(wr_schema *schema, weir_str table, const wr_discard *discards,
                            size_t count);
/* The table received rows: x-normalizer.seen-data, and evolve-columns-once goes. */
void wr_schema_set_seen_data(wr_schema *schema, weir_str table);

/* Take all other tables away. */
void wr_schema_keep_tables(wr_schema *schema,
                           bool (*keeps)(const void *self, const wr_table *table),
                           const void *self);

/* What a table that was taken away handed down to those nested in it is not handed down any more. */
void wr_schema_forget_root_key(wr_schema *schema, weir_str table);

/* dlt's table of pipeline states, as a resource announces it; in `arena`. */
wr_node *wr_state_table_doc(wr_arena *arena);

/* ---- versions ---- */

/* Hash of the content as it is now. */
void wr_schema_hash(const wr_schema *schema, char ret[WR_SCHEMA_HASH_TEXT]);
/* Put a hash in front of `previous` unless it is there; at most 10 stay. dlt links, once, the hash of a fresh schema with
 * the tables of the resources, before it adds that of the states. */
void wr_schema_link(wr_schema *schema, const char *hash);
/* dlt's bump: a first hash is set, version 1; another hash than the stored one links the old one, version + 1. */
void wr_schema_bump(wr_schema *schema);

/* The stored document; compact as the destination keeps it, or pretty. */
void wr_schema_write(wr_buf *out, const wr_schema *schema, wr_json_form form);
/* The bytes that the hash is taken of first: for the vectors. */
void wr_schema_write_hashed(wr_buf *out, const wr_schema *schema);

/* ---- documents of older engines: parts of wr_schema_read() ---- */

/* Bring a stored document to the present engine, in place. WEIR_UNSUPPORTED for one of a later engine. */
weir_status wr_schema_migrate(weir_ctx *cx, wr_arena *arena, wr_node *doc) WEIR_MUST_USE;
/* Give tables and columns the names of their keys, and root tables "append" and a resource of their name where these are
 * missing. */
void wr_schema_fill(wr_arena *arena, wr_node *doc);

/* ---- files for people ---- */

/* How a schema is written into a file; zero: YAML, whole. */
typedef struct wr_schema_form {
    bool json; /* pretty JSON */
    bool
        remove_defaults; /* without the names inside of tables and columns, and the hash of the import */
    bool
        remove_hints; /* without what weir notes of the rows that came, x-normalizer: for a file to import */
} wr_schema_form;

/* As dlt exports it. A schema that is changed by that, or was never stored, gets the version and the hash of what is
 * written: `ret_hash`. */
void wr_schema_export(wr_buf *out, const wr_schema *schema, wr_schema_form form,
                      char ret_hash[WR_SCHEMA_HASH_TEXT]);

typedef struct wr_schema_file {
    const char *path; /* for messages */
    bool json;        /* else YAML */
    weir_str text;
} wr_schema_file;

/* A schema that people may have written or changed: its version and its hash are those of the content. */
weir_status wr_schema_import(weir_ctx *cx, const wr_schema_file *file, wr_schema **ret)
    WEIR_MUST_USE;
/* The hash of the file that the stored schema was imported from, or was written to as the first file to import; empty when
 * there was none. It is stored with the schema and no part of its content. */
weir_str wr_schema_imported_hash(const wr_schema *schema);
/* NULL: forget it. */
void wr_schema_set_imported_hash(wr_schema *schema, const char *hash);

#endif
