/* What the files of the normaliser share among themselves; nobody else includes it.
 *
 *   normalize.c  frames: parse, sync with the snapshot, hand batches and additions out
 *   walk.c       the hot path: objects along their shapes into cells
 *   careful.c    the same for rows with surprises, exactly as the reference does it: slower
 *   cell.c       one value into one cell; new columns, variants, contracts
 *   shape.c      learning: names, shapes of objects and lists
 *   rules.c      what the snapshot says of the rows of a table
 *   hand.c       values that rows hand down to the rows below
 *
 * Each row is walked in the fast way first. When something turns up that makes the order of its keys matter (two keys
 * with one name, a duplicate, a name of dlt's own), the row is taken back and walked again with care. Tables whose rules
 * look at whole rows (filters, ids from keys, rows that a contract discards) are always walked with care.
 */
#ifndef WR_NORMALIZER_H
#define WR_NORMALIZER_H

#include "base/buf.h"
#include "base/number.h"
#include "base/str.h"
#include "pipeline/line.h"
#include "pipeline/normalize.h"
#include "pipeline/shape.h"

/* An object whose keys still have to be walked. */
typedef struct wr_open_object {
    wr_shape *shape;
    const wr_jval *value;
} wr_open_object;

/* A list whose elements still have to become rows. */
typedef struct wr_open_list {
    wr_entry *entry;
    const wr_jval *value;
} wr_open_list;

/* A value of a row above that this row gets. */
typedef struct wr_handed {
    weir_str to;
    const wr_jval *value; /* NULL: the id of a row, or the load id */
    wr_rowset *id_of;     /* NULL: the load id */
    int64_t row;
} wr_handed;

/* A field of a row that is walked with care. */
typedef struct wr_field {
    wr_slot *slot;
    enum { WR_FIELD_DATA, WR_FIELD_HANDED, WR_FIELD_OWN, WR_FIELD_GONE } kind;
    const wr_jval *value; /* of the data */
    size_t handed;        /* number in `handed` */
    wr_own own;
} wr_field;

/* A member of an object, once its duplicates are seen. */
typedef struct wr_member {
    wr_entry *entry;
    const wr_jval *value;
} wr_member;

/* What turned up in the present row: bits. */
enum {
    WR_AGAIN = 1 << 0,   /* it has to be walked with care */
    WR_DISCARD = 1 << 1, /* the contract drops it */
    WR_FROZEN = 1 << 2,  /* the contract forbids it */
    WR_EMPTY = 1 << 3,   /* nothing of it is left */
};

struct wr_normalizer {
    wr_normalizer_args args;
    wr_arena names;  /* names and keys, each once: as long as the normaliser */
    wr_arena making; /* a name before it is known whether it is new */
    wr_map texts;    /* that are in `names` */
    weir_str own_names[WR_OWN_COUNT];
    weir_str value_name;
    weir_str dlt_prefix;
    wr_arena learnt; /* shapes; forgotten when the schema contradicts them */
    wr_map roots;    /* table → shape */
    wr_map tables;   /* table → rowset */
    wr_idle idle;    /* batches of all tables */
    wr_vec(wr_shape *) shapes;
    wr_vec(wr_open_object) objects;
    wr_vec(wr_open_list) lists;
    wr_vec(wr_rowset *) used; /* by the present frame */
    wr_vec(wr_handed) handed; /* stack; rows of the present level get those from `handed_from` on */
    size_t handed_from;
    wr_json_reader reader;
    wr_line_reader lines; /* of frames whose bad lines go to the quarantine */
    wr_buf scratch;       /* of wr_coerce */
    wr_buf json;          /* of a kept value */
    wr_buf typed;         /* of a decoded marked text */
    wr_buf clean;         /* of a text without NUL */
    char number[WR_NUMBER_TEXT];
    uint64_t visit;
    uint64_t frames;
    uint64_t rows_begun; /* of the present frame */
    size_t cells;        /* of the present part, with those that are null */
    /* of the present frame */
    const wr_schema *schema;
    const wr_node *propagation; /* what rows hand down; NULL: nothing */
    unsigned detections;
    bool has_preferred; /* types of columns by their names */
    bool whole_names;   /* keys are no paths */
    bool is_typed;
    bool has_nul;
    uint8_t key[16]; /* root row ids are derived from it */
    /* of the present row, until its lists are walked */
    unsigned trouble;
    bool is_root;      /* it is one of the frame's own */
    size_t lists_from; /* in `lists` */
    wr_slot *frozen;   /* the column that the contract forbids */
    bool frozen_variant;
    wr_row_mark mark;
    uint64_t careful_row;
    wr_vec(wr_field) fields;
    wr_vec(wr_member) members;
};

/* ---- normalize.c ---- */

/* The text, in `names`. */
weir_str wr_keep_text(wr_normalizer *n, weir_str text);
/* The rowset of a table, made when there is none. */
wr_rowset *wr_rowset_of(wr_normalizer *n, weir_str name, weir_str parent, weir_str path);

/* ---- shape.c ---- */

wr_shape *wr_shape_new(wr_normalizer *n, wr_rowset *rows, weir_str prefix, int level,
                       int row_level);
wr_entry *wr_shape_add(wr_normalizer *n, wr_shape *shape, weir_str key);
/* Give the entry its column's slot. WR_AGAIN when it is not the only key of this name. */
weir_status wr_shape_name(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
    WEIR_MUST_USE;
/* Do objects and lists in this place stay JSON? Sets `is_kept`. */
weir_status wr_shape_decide(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
    WEIR_MUST_USE;
/* Set `object` and `list`. */
weir_status wr_shape_object(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
    WEIR_MUST_USE;
weir_status wr_shape_list(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry)
    WEIR_MUST_USE;
/* Where an element goes that is no object: a column of its own. Lists in lists cost a level: another shape. */
wr_entry *wr_shape_element(wr_normalizer *n, wr_shape **shape, const wr_jval *value);
/* What the settings prefer as the type of a column of this name; WEIR_NO_TYPE: nothing. */
weir_type wr_slot_preferred(const wr_normalizer *n, wr_slot *slot);
/* Forget the columns behind the mark of the present row. */
void wr_shape_unlearn(wr_normalizer *n, wr_rowset *rows);

/* The entry of a key: most often the one that followed `last` before. */
static inline wr_entry *wr_shape_entry(wr_normalizer *n, wr_shape *shape, wr_entry *last,
                                       weir_str key)
{
    wr_entry **guess = last ? &last->next : &shape->first;
    const wr_entry *guessed = *guess;
    if (guessed && wr_str_eq(guessed->key, key))
        return *guess;
    wr_entry *found = wr_map_get(&shape->entries, key);
    *guess = found ? found : wr_shape_add(n, shape, key);
    return *guess;
}

/* ---- cell.c ---- */

/* A JSON value as a value of weir, its text in the normaliser until the next one. */
void wr_value_of(wr_normalizer *n, const wr_jval *value, weir_value *ret);
/* Put a value into the cell of the present row. */
weir_status wr_put_cell(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                        weir_value value) WEIR_MUST_USE;
/* Does the destination keep the integers of this column in less than 64 bits? */
bool wr_is_narrow(const wr_normalizer *n, const weir_column *column);
/* A null: an error where the column must not be null; else nothing. */
weir_status wr_put_null(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot)
    WEIR_MUST_USE;
/* Fail for the present row, or the table itself when `frozen` is NULL, with what identifies the row. */
weir_status wr_fail_frozen(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows) WEIR_MUST_USE;

/* ---- careful.c ---- */

/* Walk the present row with care. */
weir_status wr_walk_carefully(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value)
    WEIR_MUST_USE;
/* Remember a list of the present row; it takes the place of an earlier one of the same table. */
void wr_open_list_put(wr_normalizer *n, wr_entry *entry, const wr_jval *value);

/* ---- rules.c ---- */

void wr_learn_rules(wr_normalizer *n, wr_rowset *rows);
/* The present row is complete: WEIR_SCHEMA when it lacks what the destination would refuse it for. */
weir_status wr_check_required(weir_ctx *cx, const wr_normalizer *n, wr_rowset *rows) WEIR_MUST_USE;

/* ---- hand.c ---- */

/* Let the rows below the present one get what its table hands down. */
void wr_hand_down(wr_normalizer *n, wr_rowset *rows);
/* Put what was handed down into the present row. */
weir_status wr_put_handed(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows) WEIR_MUST_USE;
weir_status wr_put_one_handed(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                              const wr_handed *handed) WEIR_MUST_USE;

/* ---- walk.c ---- */

/* Walk a value of the frame as a root row. */
weir_status wr_walk_root(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value)
    WEIR_MUST_USE;

#endif
