/* What differs between two schemas, as a flat list: for `weir schema diff`, and for plans of what a load would change.
 * Order: the schema's own settings, then the tables of `after` in their order, each with its properties and then its
 * columns, then the tables that are gone. What says the same in another way (a missing property and its default; another
 * order of columns) is no change. */
#ifndef WR_SCHEMA_DIFF_H
#define WR_SCHEMA_DIFF_H

#include "schema/schema.h"

typedef enum wr_change_kind {
    WR_CHANGE_ADDED,
    WR_CHANGE_REMOVED,
    WR_CHANGE_CHANGED, /* of one property */
} wr_change_kind;

/* One change. A whole table that comes or goes is followed by its columns, each a change of its own. Nodes belong to the
 * schemas, texts too, or to the diff. */
typedef struct wr_schema_change {
    wr_change_kind kind;
    weir_str table;    /* empty: the schema itself */
    weir_str column;   /* empty: the table itself */
    weir_str property; /* of WR_CHANGE_CHANGED: "data_type", "x-normalizer.seen-data"; empty else */
    /* The table, the column, or the value of the property; NULL: there is none. */
    const wr_node *before;
    const wr_node *after;
} wr_schema_change;

/* Valid as long as both schemas are held. */
typedef struct wr_schema_diff {
    wr_vec(wr_schema_change) changes;
    wr_arena arena;
} wr_schema_diff;

/* `before` NULL: nothing is there yet, all of `after` is added. */
void wr_schema_diff_init(wr_schema_diff *ret, const wr_schema *before, const wr_schema *after);
void wr_schema_diff_done(wr_schema_diff *diff);
void wr_cleanup_schema_diff(wr_schema_diff *diff);

/* "added", "removed", "changed" */
const char *wr_change_kind_name(wr_change_kind kind);

#endif
