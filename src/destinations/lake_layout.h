/* Where the files of a lake lie: dlt's layouts, `{table_name}/{load_id}.{file_id}.{ext}` (spec/dlt-load-destinations.md,
 * 4.4.3). Paths are relative to the dataset. */
#ifndef WR_LAKE_LAYOUT_H
#define WR_LAKE_LAYOUT_H

#include <weir/option.h>

#include "base/buf.h"
#include "format/json.h"

typedef struct wr_lake_layout {
    weir_str text; /* ends in `.{ext}` when it was given without */
    size_t
        prefix; /* how much of it tells the tables apart: up to the character behind {table_name} */
    const wr_node *extra; /* placeholders of the user's, an object; NULL: none */
    bool has_time;        /* dates are of `time`, else of the load */
    weir_time time;
} wr_lake_layout;

/* One file. */
typedef struct wr_lake_name {
    weir_str schema;
    weir_str table;
    weir_str load_id;
    weir_time load_time;
    weir_str file_id;
    weir_str ext;
} wr_lake_name;

/* Read `layout`, `extra_placeholders` and `current_datetime`; texts are put into `arena`. WEIR_CONFIG for one by which files
 * could not be told apart. Warns, as dlt does, of one by which a table takes the files of others for its own. */
weir_status wr_lake_layout_read(weir_ctx *cx, wr_arena *arena, const weir_option_values *options,
                                wr_lake_layout *ret) WEIR_MUST_USE;
/* Append the path of a file. WEIR_CONFIG when it would lie outside of the dataset. */
weir_status wr_lake_layout_path(weir_ctx *cx, const wr_lake_layout *layout,
                                const wr_lake_name *name, wr_buf *out) WEIR_MUST_USE;
/* Append what all files of a table begin with. dlt's own tables have a folder each, whatever the layout says. */
void wr_lake_layout_prefix(const wr_lake_layout *layout, weir_str schema, weir_str table,
                           wr_buf *out);

#endif
