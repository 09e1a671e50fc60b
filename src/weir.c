/* What is built in: the only file that sees every module. */
#include "destinations/duckdb.h"
#include "pipeline/run.h"

const weir_destination *const wr_builtin_destinations[] = {
    &wr_destination_duckdb,
    NULL,
};
