/* DuckDB: a database in one file. */
#ifndef WR_DUCKDB_H
#define WR_DUCKDB_H

#include "destinations/sql.h"

extern const weir_destination wr_destination_duckdb;
extern const wr_sql_driver wr_duckdb_driver;

#endif
