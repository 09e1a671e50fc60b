/* What the files of the destination `filesystem` share. */
#ifndef WR_FILESYSTEM_PARTS_H
#define WR_FILESYSTEM_PARTS_H

#include <weir/destination.h>

#include "base/map.h"
#include "destinations/lake_file.h"
#include "destinations/lake_layout.h"
#include "destinations/lake_ledger.h"

/* The longest document that is written: a schema, a state. */
#define WR_LAKE_DOCUMENT_MAX ((size_t)128 << 20)
/* A table of the load on its way. */
typedef struct wr_lake_table {
    weir_str name;
    bool replaced; /* files of earlier loads go */
    wr_lake_files files;
} wr_lake_table;

typedef struct wr_lake {
    wr_lake_store store;
    wr_lake_layout layout;
    wr_lake_writing writing;
    const weir_recorder *recorder; /* of a plan, in which nothing is written; NULL: a load */
    weir_str pipeline;
    weir_str location;
    int64_t max_state_files;
    wr_arena texts; /* lives until closed */
    /* of the load on its way */
    wr_lake_version version;
    wr_lake_writer writer;
    size_t last_number;
    wr_map tables; /* name → wr_lake_table */
    bool forgets;  /* stored versions of the schema go */
    bool has_state;
    wr_buf state; /* the document of the pipeline's new state */
    wr_arena arena;
} wr_lake;

/* Tell what a load does beside writing rows: a plan, and the log. */
void wr_lake_tell(weir_ctx *cx, const wr_lake *self, weir_step step, const char *format, ...)
    WEIR_PRINTF(4, 5);
/* All of the load appears, and what it replaces goes. */
weir_status wr_lake_commit_load(weir_ctx *cx, wr_lake *self, const weir_load_job *load)
    WEIR_MUST_USE;

#endif
