/* Source, destination and dataset. The parts are named, and `weir build` checks the names. */
#include <weir.h>

#include "utils/vault_provider.h"

static const weir_pipeline currencies = {
    .name = "currencies",
    .destination = "duckdb",
    .dataset = "open_exchange_rates",
    .source = "open_exchange_rates",
    .setup = register_aws_secrets,
};

WEIR_REGISTER(currencies);
