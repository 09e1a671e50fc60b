/* The file of a DuckDB database: where it is, and why it cannot be opened. */
#ifndef WR_DUCKDB_FILE_H
#define WR_DUCKDB_FILE_H

#include <weir/destination.h>

#include "base/arena.h"

/* The absolute path that the credentials name: a path, or `duckdb:///relative`, `duckdb:////absolute`; without them
 * `<local_dir>/<pipeline>.duckdb`. In `arena`. WEIR_CONFIG for `:memory:`, which would be gone at the end. */
weir_status wr_duckdb_path(weir_ctx *cx, wr_arena *arena, const weir_target *target,
                           weir_str credentials, weir_str *ret) WEIR_MUST_USE;

/* DuckDB gives only a sentence (`message`) when it cannot open a file. Look at the file and say why: WEIR_LOCKED by another
 * process, WEIR_INVALID for a file that is no database, else what the system says of it. Only for a file that this
 * process does not have open: closing it here would give up its lock. */
weir_status wr_duckdb_refused(weir_ctx *cx, const char *path, const char *message);

/* For a plan: may the file be written, or made when there is none? Nothing is. */
weir_status wr_duckdb_probe(weir_ctx *cx, const char *path, bool *ret_absent) WEIR_MUST_USE;

#endif
