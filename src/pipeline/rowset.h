/* Rows of one table while a frame is walked: local columns, the batch that is being filled, links to the parents. */
#ifndef WR_ROWSET_H
#define WR_ROWSET_H

#include <pthread.h>
#include <stdatomic.h>

#include "schema/batch.h"
#include "schema/coerce.h"
#include "schema/contract.h"

/* dlt's own columns. A table has those of root rows or those of nested rows. */
typedef enum wr_own {
    WR_OWN_LOAD_ID,
    WR_OWN_PARENT_ID,
    WR_OWN_LIST_IDX,
    WR_OWN_ID,
    WR_OWN_COUNT,
} wr_own;

/* What an entry of a shape may be the first to name. */
struct wr_entry;

/* The name of a column, whether or not there is such a column yet. */
typedef struct wr_slot {
    weir_str name;
    int32_t column;        /* number of the local column; -1: none */
    wr_contract_mode mode; /* discarded: how; WR_EVOLVE: not */
    struct wr_entry
        *owner;          /* the key of the data that has this name; another one makes a collision */
    bool is_reserved;    /* dlt's own, or handed down: a key that has this name is a collision */
    bool has_preferred;  /* `preferred` was looked up */
    weir_type preferred; /* what the settings prefer; WEIR_NO_TYPE: nothing */
    enum { WR_UNASKED, WR_STAYS, WR_EXCLUDED } filtered;
    uint64_t asked;     /* rows->stamp when the snapshot was asked for the column, in vain */
    uint64_t null_seen; /* rows->stamp when a null was noted */
    uint64_t row;       /* of a careful walk: the last row with a field of this name */
    size_t field;       /* its number there */
    /* Of each type the column for values that do not fit; at WEIR_NO_TYPE that for wei beyond its range. NULL: none yet. */
    struct wr_slot **variants;
} wr_slot;

/* Where a row hangs; without a parent it is a root row. */
typedef struct wr_link {
    struct wr_rowset *parent;
    int64_t parent_row;
    int64_t index; /* in the list, or of a root row: in the frame */
} wr_link;

/* A cell that takes the id of a row above. */
typedef struct wr_id_cell {
    int32_t column;
    int64_t row;
    struct wr_rowset *of;
    int64_t of_row;
} wr_id_cell;

/* A value of each row that all rows below get. */
typedef struct wr_gift {
    wr_slot *from;
    weir_str to;
} wr_gift;

/* What the data brought into columns that the engine fills: usually nothing. */
typedef struct wr_given {
    wr_builder ids;
    wr_builder parents;
    wr_builder indexes;
} wr_given;

/* Memory of batches that nobody has, of all tables of a normaliser. */
typedef struct wr_idle {
    atomic_size_t bytes;
    size_t most; /* more of them are freed */
} wr_idle;

/* Finished batches come back here, from any thread. */
typedef struct wr_batch_pool {
    pthread_mutex_t lock; /* guards `free` */
    wr_batch *free;
    wr_idle *idle; /* borrowed */
} wr_batch_pool;

/* What the schema says of the rows; set by wr_learn_rules(). */
typedef struct wr_rules {
    wr_contract contract;
    bool evolves;      /* columns and variants may come as they like */
    bool evolves_once; /* columns may, in this load */
    bool refuses;      /* the contract forbids the table */
    bool has_filters;
    wr_row_ids ids;
    wr_vec(wr_slot *)
        required; /* columns that the destination will make without nulls, dlt's own left out */
    wr_vec(wr_slot *) keys; /* WR_ROW_IDS_OF_KEY: the columns, in order of names */
    wr_vec(wr_gift) gifts;
} wr_rules;

typedef struct wr_rowset {
    weir_str name;
    weir_str parent;           /* empty: a root table */
    weir_str path;             /* the name before shortening: nested names are made of it */
    const weir_str *own_names; /* borrowed */
    wr_arena *names;           /* borrowed: outlives the batches */
    wr_table *known;           /* the snapshot's table, counted; NULL: a new one */
    bool is_root;              /* rows have no parents: the snapshot's table has none */
    wr_rules rules;
    bool needs_links; /* the destination refuses nested rows without them */
    bool collides;    /* two keys have one name, or a key has a reserved one: walk with care */
    bool is_careful;  /* walk with care, for any reason */
    bool is_ruled;    /* `rules` are those of the snapshot */
    bool is_new;      /* no column has a type before this row */

    wr_arena arena; /* of slots */
    wr_map slots;
    wr_vec(weir_column) columns; /* numbers are the same in the batch */
    int32_t own[WR_OWN_COUNT];   /* numbers of dlt's own; -1: the table has it not */
    bool own_ready;              /* all of them are there that rows without surprises need */
    uint64_t stamp;              /* grows with each column and frame */

    wr_batch *batch; /* of the present frame; NULL: no row yet */
    int64_t row;     /* the present row in it */
    uint64_t
        first_row; /* when the first row of the frame came; 0: not yet. Rowsets are handed out in this order */
    wr_vec(wr_new_column) added;
    wr_vec(wr_discard) discards; /* that are new */
    wr_vec(wr_slot *) nulls;     /* that came with a null and have no column */
    int64_t dropped_rows;
    int64_t dropped_values;
    wr_vec(wr_link) links;       /* of each row */
    wr_vec(wr_id_cell) id_cells; /* in order of rows */
    wr_vec(int32_t) id_columns;  /* that they are in */
    wr_builder hidden_ids;       /* of rows whose id is filtered away */
    bool ids_begun;
    wr_given given; /* what the data brought into columns of ids, while those are filled */
    wr_batch_pool pool;
} wr_rowset;

/* Names are borrowed and outlive the rowset. The caller sets `own_names`, `names` and `pool.idle`. */
wr_rowset *wr_rowset_new(weir_str name, weir_str parent, weir_str path);
void wr_rowset_free(wr_rowset *rows);

/* Take over the snapshot's table, when a frame begins. False: what was learnt contradicts it and must be forgotten. */
bool wr_rowset_sync(wr_rowset *rows, const wr_schema *schema);
void wr_rowset_forget(wr_rowset *rows);

/* The slot of a name, made when there is none. */
wr_slot *wr_rowset_slot(wr_rowset *rows, weir_str name);
/* No key of the data may have this name without care. */
wr_slot *wr_rowset_reserve(wr_rowset *rows, weir_str name);
/* The number of a slot's column: a local one, or one of the snapshot that becomes local; -1 when there is none. */
int32_t wr_rowset_column(wr_rowset *rows, wr_slot *slot);
/* A new column. `hints`: what the settings say of its name. */
int32_t wr_rowset_add(wr_rowset *rows, wr_slot *slot, weir_type type, unsigned hints);

/* ---- rows ---- */

/* What a row may have brought, to take it back. */
typedef struct wr_row_mark {
    size_t columns;
    size_t added;
    size_t discards;
    size_t nulls;
    int64_t dropped_values;
} wr_row_mark;

/* A new row, and where it hangs. */
void wr_rowset_begin_row(wr_rowset *rows, wr_link link);
wr_row_mark wr_rowset_mark(const wr_rowset *rows);
/* dlt's own column, made when it is not there. WEIR_SCHEMA when the snapshot has it with another type. */
weir_status wr_rowset_own(weir_ctx *cx, wr_rowset *rows, wr_own own) WEIR_MUST_USE;
/* All of them that rows of this table have: the row's data are in, they come behind. */
weir_status wr_rowset_make_own(weir_ctx *cx, wr_rowset *rows) WEIR_MUST_USE;
/* Forget the cells of the present row. */
void wr_rowset_clear_row(wr_rowset *rows);
/* The row never was. */
void wr_rowset_drop_row(wr_rowset *rows);
/* Forget the columns behind `mark` and all else that the row brought. Entries that know them must forget them too. */
void wr_rowset_unlearn(wr_rowset *rows, wr_row_mark mark);
/* The present row gets the id of a row above in this column. */
void wr_rowset_put_id_of(wr_rowset *rows, int32_t column, wr_rowset *of, int64_t of_row);

static inline void wr_rowset_set(wr_rowset *rows, int32_t column, weir_value value)
{
    wr_builder_set(&rows->batch->builders.ptr[column], rows->row, value);
}

/* Columns that a row takes memory for. */
static inline size_t wr_rowset_width(const wr_rowset *rows)
{
    return (rows->known ? rows->known->pub.column_count : 0) + rows->added.len;
}

/* ---- frames ---- */

/* What row ids of a frame are made of. */
typedef struct wr_id_source {
    weir_str load_id;
    const uint8_t *key; /* 16 bytes: root row ids are derived from it */
} wr_id_source;

/* Row ids of the frame, once all its rows are in: see rowid.c. */
void wr_rowset_fill_ids(wr_rowset *rows, const wr_id_source *source);
/* The builder of the row ids: a column, or hidden. */
wr_builder *wr_rowset_ids(wr_rowset *rows);
/* All rowsets of the frame have their ids: fill the columns that refer to them, end the batch. */
void wr_rowset_finish(wr_rowset *rows, const wr_id_source *source);
/* Hand the batch out, once all rowsets of the frame are finished; NULL when there are no rows. */
wr_batch *wr_rowset_take(wr_rowset *rows);
/* Start the next frame; rows that were not taken are forgotten. */
void wr_rowset_next_frame(wr_rowset *rows);

#endif
