/* Rows of one table while a frame is walked: local columns, the batch that is being filled, links to the parents. */
#ifndef WR_ROWSET_H
#define WR_ROWSET_H

#include <pthread.h>

#include "schema/batch.h"
#include "schema/coerce.h"
#include "schema/schema.h"

/* A column as the walk sees it; its number is the same in the batch. */
typedef struct wr_local_column {
    weir_column pub;
    int32_t variants[WEIR_TYPE_JSON +
                     1]; /* number + 1 of the variant column for a type; 0: not known yet */
} wr_local_column;

/* Where a nested row hangs. */
typedef struct wr_link {
    struct wr_rowset *parent;
    int64_t parent_row;
    int64_t index; /* in the list */
} wr_link;

/* dlt's own columns of a table; numbers of local columns, -1: the table has it not. */
typedef struct wr_own_columns {
    bool ready;
    int32_t load_id;
    int32_t parent_id;
    int32_t list_idx;
    int32_t id;
} wr_own_columns;

/* Finished batches come back here, from any thread. */
typedef struct wr_batch_pool {
    pthread_mutex_t lock; /* guards `free` */
    wr_batch *free;
} wr_batch_pool;

typedef struct wr_rowset {
    weir_str name;
    weir_str parent;       /* empty: a root table */
    weir_str path;         /* the name before shortening: nested names are made of it */
    int level;             /* how many levels below may still become tables */
    const wr_table *known; /* the snapshot's table; NULL: a new one */
    wr_vec(wr_local_column) columns;
    wr_map by_name; /* number + 1 */
    wr_own_columns own;

    wr_batch *batch; /* of the present frame; NULL: no row yet */
    int64_t row;     /* the present row in it */
    uint64_t
        first_row; /* when its first row of the frame came: rowsets are handed out in this order */
    wr_vec(wr_new_column) added;
    wr_vec(wr_link) links;
    enum { WR_IDS_OPEN, WR_IDS_BUSY, WR_IDS_DONE } ids;
    wr_batch_pool pool;
} wr_rowset;

/* Names are borrowed and outlive the rowset. */
wr_rowset *wr_rowset_new(weir_str name, weir_str parent, weir_str path, int level);
void wr_rowset_free(wr_rowset *rows);

/* Take over the snapshot's table. False: local columns contradict it, what was learnt of the table must be forgotten. */
bool wr_rowset_sync(wr_rowset *rows, const wr_table *known);
void wr_rowset_forget(wr_rowset *rows);

/* A new row; `parent` NULL for a root row. */
void wr_rowset_begin_row(wr_rowset *rows, wr_rowset *parent, int64_t index);
/* The number of a column by its name: a local one, or one of the snapshot that becomes local; -1 when there is none. */
int32_t wr_rowset_find(wr_rowset *rows, weir_str name);
/* A new column; `name` outlives the rowset. */
int32_t wr_rowset_add(wr_rowset *rows, weir_str name, weir_type type, bool variant);
/* The row's data are in: dlt's own columns come behind them. */
void wr_rowset_end_row(wr_rowset *rows);

/* All rows of the frame are in, of all tables: fill dlt's own columns. `key`: 16 bytes that root row ids are derived
 * from. */
void wr_rowset_finish(wr_rowset *rows, weir_str load_id, const uint8_t key[16]);
/* Hand the batch out, once all rowsets of the frame are finished; NULL when there are no rows. */
wr_batch *wr_rowset_take(wr_rowset *rows);
/* Start the next frame; rows that were not taken are forgotten. */
void wr_rowset_next_frame(wr_rowset *rows);

static inline void wr_rowset_set(wr_rowset *rows, int32_t column, weir_value value)
{
    wr_builder_set(&rows->batch->builders.ptr[column], rows->row, value);
}

#endif
