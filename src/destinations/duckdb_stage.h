/* How rows enter DuckDB: as an Arrow stream that a view scans, or chunk by chunk through an appender. */
#ifndef WR_DUCKDB_STAGE_H
#define WR_DUCKDB_STAGE_H

#include "destinations/duckdb_api.h"
#include "destinations/sql.h"

/* Zero is a valid one, without a view. Stays where it is while it has one. */
typedef struct wr_duckdb_stage {
    char view[64];                  /* name of the view, with its database; "": none yet */
    struct ArrowArrayStream stream; /* what the view scans: whatever `rows` is */
    struct ArrowArrayStream *rows;  /* of the present statement; NULL between statements */
    struct ArrowSchema schema;      /* of `rows`; the copies that DuckDB gets own nothing */
    int error_number;               /* what get_next of `rows` failed with */
    char error[1024];               /* and what it said */
} wr_duckdb_stage;

/* Make the view, in a database in memory beside the file: a view in the file would stay there with addresses of ours.
 * Must not be called inside a transaction, which would be aborted by it. */
weir_status wr_duckdb_stage_open(weir_ctx *cx, const wr_duckdb_api *api,
                                 wr_duckdb_database *database, wr_duckdb_stage *stage)
    WEIR_MUST_USE;

/* Insert all rows of a stream; each column is cast to what the table has. `stage` with a view: through it, else through
 * an appender. A failure of `rows` gives WEIR_CANCELLED for ECANCELED and WEIR_IO otherwise, with what it said. */
weir_status wr_duckdb_insert(weir_ctx *cx, const wr_duckdb_api *api,
                             wr_duckdb_connection *connection, wr_duckdb_stage *stage,
                             const wr_sql_into *into, struct ArrowArrayStream *rows) WEIR_MUST_USE;

#endif
