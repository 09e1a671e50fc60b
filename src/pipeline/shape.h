/* Shapes: what was learnt of the keys of an object at one path, and where their values go. */
#ifndef WR_SHAPE_H
#define WR_SHAPE_H

#include "pipeline/rowset.h"

/* One key of a shape. */
typedef struct wr_entry {
    weir_str key;          /* as in the data */
    struct wr_entry *next; /* the key that followed it last time */
    uint64_t
        visit; /* the last visit that saw this key: seen twice in one object, it is a duplicate */
    int32_t column;          /* of the shape's rowset; -1: not known yet */
    bool is_kept;            /* objects and lists stay JSON in this column */
    bool shares_list;        /* another key has the same list: the later one in a row wins */
    uint64_t kept_at;        /* the rowset's stamp when `is_kept` was decided */
    struct wr_shape *object; /* shape of an object in this place */
    struct wr_shape *list;   /* shape of the elements of a list in this place */
    wr_slot *slot;           /* of its column; NULL: not named yet */
    weir_str name;           /* in the destination's naming, alone; empty until it is needed */
    weir_str list_name;      /* as part of a table's name */
    size_t member;           /* of a careful walk: its number in the object */
} wr_entry;

typedef struct wr_shape {
    wr_rowset *rows;
    weir_str
        prefix; /* of its columns: names of the objects it lies in, joined; empty for a row itself */
    int level; /* levels below that may become columns and tables; 0: objects and lists stay JSON */
    int row_level; /* the same, of the row that it lies in */
    wr_map entries;
    wr_entry *first;        /* the key that came first last time */
    wr_entry *value;        /* of elements that are no objects */
    struct wr_shape *inner; /* of rows that are lists in lists */
} wr_shape;

#endif
