/* What is the same for all databases: what the destination knows of a pipeline, tables that fit, the bookkeeping of a
 * load. A destination that is a database begins its `self` with a wr_sql, fills in a driver (how its database is spoken
 * to) and a dialect (how its SQL differs, as data), and puts the functions of here into its table. */
#ifndef WR_SQL_H
#define WR_SQL_H

#include <weir/destination.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

/* The longest statement: a stored schema stands in one. */
#define WR_SQL_MAX ((size_t)128 << 20)

/* A type of columns in the database. The first row that fits a column is taken; a list ends with a zero element. */
typedef struct wr_sql_type {
    weir_type type;
    bool wall_clock;  /* a timestamp that keeps wall clock time */
    int up_to;        /* for a precision up to this; 0: for any */
    const char *text; /* `{p}` and `{s}` stand for precision and scale: "DECIMAL({p},{s})" */
} wr_sql_type;

/* What columns have that say nothing. */
typedef struct wr_sql_precision {
    int precision;
    int scale;
} wr_sql_precision;

typedef struct wr_dialect {
    const wr_sql_type *types;
    wr_sql_precision standard[WEIR_TYPE_JSON + 1];
    bool case_sensitive; /* names that differ in case only are different names */
    bool truncates;      /* has TRUNCATE TABLE, and it is part of the transaction */
    /* One staged row of each {key} out of {staged}, when any will do; NULL: they are numbered, which every database can. */
    const char *any_of_key;
    /* Statements that give the rows `d` of {table} the values {renewed} of the rows `s` of {rows}, where {same} and
     * {changed} hold; ends with NULL. NULL: MERGE does it. */
    const char *const *update;
    /* Statements that put a staged table in the place of another without copying its rows; ends with NULL. `{table}`,
     * `{staged}` and `{dataset}` stand for both tables and the schema of the first. NULL: there are none. */
    const char *const *swap;
} wr_dialect;

/* Where the rows of one statement go. */
typedef struct wr_sql_into {
    weir_str table;   /* quoted, with its schema */
    weir_str columns; /* quoted, separated by commas: those of the rows, in their order */
} wr_sql_into;

typedef struct wr_sql_columns {
    weir_str *ptr;
    size_t len;
} wr_sql_columns;

/* How one database is spoken to. `self` begins with the wr_sql. */
typedef struct wr_sql_driver {
    wr_dialect dialect;
    weir_status (*exec)(weir_ctx *cx, void *self, weir_str sql);
    weir_status (*query)(weir_ctx *cx, void *self, weir_str sql, struct ArrowArrayStream *ret);
    /* Names of the columns of a table, in `arena`; *ret_found false when there is no such table. */
    weir_status (*columns)(weir_ctx *cx, void *self, weir_str table, wr_arena *arena,
                           wr_sql_columns *ret, bool *ret_found);
    weir_status (*has_schema)(weir_ctx *cx, void *self, weir_str name, bool *ret);
    /* Begin a transaction. */
    weir_status (*begin)(weir_ctx *cx, void *self);
    weir_status (*bulk)(weir_ctx *cx, void *self, const wr_sql_into *into,
                        struct ArrowArrayStream *rows);
} wr_sql_driver;

/* A schema of the database. */
typedef struct wr_sql_dataset {
    weir_str name;
    weir_str path; /* as it stands in front of a table: quoted */
    bool known;    /* whether it exists was found out */
    bool exists;
    wr_map tables; /* name as the database compares it → its table, as it was looked up or made */
} wr_sql_dataset;

/* How all rows of a table are replaced; dlt's names. Readers see the rows before or those after in any case. */
typedef enum wr_sql_replace {
    WR_SQL_TRUNCATE,     /* the table is emptied, then written to */
    WR_SQL_FROM_STAGING, /* rows are written beside it, then copied */
    WR_SQL_SWAP,         /* … then the tables change places */
} wr_sql_replace;

typedef struct wr_sql {
    const wr_sql_driver *driver;
    const weir_recorder *recorder; /* of a plan, in which nothing is executed; NULL: a load */
    weir_str pipeline;
    wr_sql_dataset dataset;
    wr_sql_dataset
        staging; /* where rows wait that are merged, in dlt's words the staging dataset */
    wr_sql_replace replace;
    bool create_indexes; /* UNIQUE where the schema says so */
    bool in_transaction;
    bool swapped;     /* in this load tables have changed places */
    wr_arena catalog; /* of the tables that are known */
    wr_arena texts;   /* lives until closed */
} wr_sql;

/* clang-format off */
/* Options of every database, for its table. */
#define WR_SQL_OPTIONS                                                                             \
    { "replace_strategy", .standard = "truncate-and-insert",                                       \
      .help = "truncate-and-insert, insert-from-staging or staging-optimized" },                   \
    { "staging_dataset_name_layout", .standard = "%s_staging",                                     \
      .help = "the dataset where rows wait to be merged; %s is the dataset" }
/* clang-format on */

/* Every database can merge in these ways: for weir_caps. */
#define WR_SQL_MERGES                                                                              \
    (1U << WEIR_MERGE_DELETE_INSERT | 1U << WEIR_MERGE_UPSERT | 1U << WEIR_MERGE_INSERT_ONLY |     \
     1U << WEIR_MERGE_SCD2 | 1U << WEIR_MERGE_CDC)

/* Texts of `target` are copied. WEIR_CONFIG for WR_SQL_OPTIONS that are wrong. */
weir_status wr_sql_init(weir_ctx *cx, wr_sql *sql, const wr_sql_driver *driver,
                        const weir_target *target) WEIR_MUST_USE;
void wr_sql_done(wr_sql *sql);

/* For the table of a destination. */
weir_status wr_sql_restore(weir_ctx *cx, void *self, weir_str schema_name, weir_restored *ret);
weir_status wr_sql_knows(weir_ctx *cx, void *self, weir_str load_id, bool *ret);
weir_status wr_sql_begin(weir_ctx *cx, void *self, const weir_load_job *load);
weir_status wr_sql_drop(weir_ctx *cx, void *self, const weir_load_job *load, const weir_str *tables,
                        size_t count);
weir_status wr_sql_empty(weir_ctx *cx, void *self, const weir_table *table);
weir_status wr_sql_write(weir_ctx *cx, void *self, const weir_table *table,
                         weir_disposition disposition, struct ArrowArrayStream *rows);
bool wr_sql_stages(const void *self, weir_disposition disposition);
weir_status wr_sql_settle(weir_ctx *cx, void *self, const weir_chain *chain);
weir_status wr_sql_commit(weir_ctx *cx, void *self, const weir_load_job *load);
void wr_sql_rollback(void *self);

/* Append a name in double quotes, and a text in single ones. Nothing from outside enters SQL in another way. */
void wr_sql_ident(wr_buf *out, weir_str name);
void wr_sql_text(wr_buf *out, weir_str text);

/* The first text of a result with one column of texts; untouched when there is none. Lives until closed. */
weir_status wr_sql_first_text(weir_ctx *cx, wr_sql *sql, struct ArrowArrayStream *rows,
                              weir_str *ret) WEIR_MUST_USE;

/* Statements, by the dialect; `path` is the table, quoted, with its schema. WEIR_UNSUPPORTED when a column has no type there. */
weir_status wr_sql_create_table(weir_ctx *cx, const wr_sql *sql, wr_buf *out, weir_str path,
                                const weir_table *table) WEIR_MUST_USE;
weir_status wr_sql_add_column(weir_ctx *cx, const wr_sql *sql, wr_buf *out, weir_str path,
                              const weir_column *column) WEIR_MUST_USE;
void wr_sql_empty_table(const wr_sql *sql, wr_buf *out, weir_str path);

#endif
