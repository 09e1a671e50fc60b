/* What is built in: the only file that sees every module. */
#include "destinations/duckdb.h"
#include "destinations/duckdb_api.h"
#include "destinations/filesystem.h"
#include "pipeline/options.h"
#include "pipeline/run.h"
#include "project/component.h"
#include "providers/aws_secrets.h"
#include "providers/aws_secrets_manager.h"

const weir_destination *const wr_builtin_destinations[] = {
    &wr_destination_duckdb,
    &wr_destination_filesystem,
    NULL,
};

const wr_config_builtin *const wr_builtin_providers[] = {
    &wr_provider_aws_secrets,
    &wr_provider_aws_secrets_manager,
    NULL,
};

/* What `weir add` knows; without a library it is always there. */
const wr_component wr_builtin_components[] = {
    { "duckdb", wr_duckdb_library },
    { "filesystem", NULL },
    { "command", NULL },
    { "rest_api", NULL },
    { 0 },
};
