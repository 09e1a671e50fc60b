/* Running statements in DuckDB; results come as Arrow streams. */
#ifndef WR_DUCKDB_RESULT_H
#define WR_DUCKDB_RESULT_H

#include "destinations/duckdb_api.h"

/* Run statements whose result does not matter. */
weir_status wr_duckdb_exec(weir_ctx *cx, const wr_duckdb_api *api, wr_duckdb_connection *connection,
                           const char *sql) WEIR_MUST_USE;

/* Run one query. The stream owns the result and may outlive everything but the connection. */
weir_status wr_duckdb_query(weir_ctx *cx, const wr_duckdb_api *api,
                            wr_duckdb_connection *connection, const char *sql,
                            struct ArrowArrayStream *ret) WEIR_MUST_USE;

/* Run one query of a user. Columns come in a plain form: booleans, integers, floats, text, bytes, decimals, dates, times
 * and time stamps. HUGEINT becomes a decimal without fraction, nested values become JSON text, all else is text. */
weir_status wr_duckdb_query_plain(weir_ctx *cx, const wr_duckdb_api *api,
                                  wr_duckdb_connection *connection, weir_str sql,
                                  struct ArrowArrayStream *ret) WEIR_MUST_USE;

#endif
