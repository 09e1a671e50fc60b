/* Loading: a sealed package becomes one transaction. Everything here is a function of the log, the manifest and the
 * schema that the destination has.
 *
 *   log ──feed thread: unpack, normalize──▶ queue of batches ──this thread: INSERT … SELECT──▶ destination
 *
 * A statement for one table pulls its batches live from the queue; batches of other tables wait meanwhile. When those
 * that wait have filled their share of the budget, the statement ends and theirs follow.
 */
#ifndef WR_LOAD_H
#define WR_LOAD_H

#include <weir/destination.h>

#include "pipeline/exchange.h"
#include "pipeline/frames.h"
#include "pipeline/quarantine.h"
#include "schema/schema.h"

/* What a load takes beside the destination's library: half of it are rows between normaliser and destination. */
#define WR_LOAD_MEMORY ((size_t)64 << 20)

typedef struct wr_load_args {
    const weir_destination *destination;
    void *self;
    wr_frames frames;
    wr_quarantine *quarantine; /* for lines that are no JSON */
    size_t memory;             /* 0: WR_LOAD_MEMORY */
    size_t workers;            /* that normalise; 0: as many as fit the machine */
    int max_table_nesting;     /* as that of a resource, where neither table nor schema says it */
    weir_str load_id;
    const wr_node *manifest; /* announced tables, whether the state changed */
    const wr_schema *base;   /* newest stored schema; NULL: none yet */
    weir_str schema_name;
    const wr_exchange *exchange; /* NULL: no schema files */
    void (*progress)(void *self, const char *stage, int64_t rows, int64_t bytes); /* or NULL */
    void *progress_self;
    /* Sees each batch on its way to the destination, on the thread that pulls it; or NULL. */
    void (*look)(void *self, weir_str table, const struct ArrowSchema *schema,
                 const struct ArrowArray *batch);
    void *look_self;
} wr_load_args;

typedef struct wr_loaded_table {
    weir_str name;
    int64_t rows;
} wr_loaded_table;

/* What the schema contract left out of a table: rows, without what was below them, and values of other rows. */
typedef struct wr_loaded_drop {
    weir_str table;
    int64_t rows;
    int64_t values;
} wr_loaded_drop;

typedef struct wr_loaded {
    wr_schema
        *schema; /* as committed; NULL: there was nothing to load, and nothing was committed */
    wr_vec(wr_loaded_table)
        tables;   /* that received rows, in order of their first; names are the schema's */
    int64_t rows; /* of data tables */
    int64_t data_tables;
    int64_t columns_added; /* complete columns of data tables that the schema did not have before */
    int64_t bad_rows;      /* in the quarantine */
    wr_vec(wr_loaded_drop) drops;
    weir_str begun_import; /* for wr_exchange_finish() */
    wr_arena arena;        /* of names that the schema may not have */
} wr_loaded;

/* Load and commit. On failure the destination is as before. */
weir_status wr_load(weir_ctx *cx, const wr_load_args *args, wr_loaded *ret) WEIR_MUST_USE;
void wr_loaded_done(wr_loaded *loaded);

#endif
