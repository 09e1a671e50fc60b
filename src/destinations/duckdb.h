/* DuckDB: a database in one file. */
#ifndef WR_DUCKDB_H
#define WR_DUCKDB_H

#include <weir/destination.h>

extern const weir_destination wr_destination_duckdb;

#endif
