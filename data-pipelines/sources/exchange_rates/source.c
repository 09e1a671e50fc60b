/* Exchange rates of Open Exchange Rates, one row per day; from replies that were recorded, one file each. A run reads those
 * that came since the last one. */
#include <weir.h>
#include <weir/input.h>

static const weir_files replies = { .pattern = "replies/historical/*.json", .may_be_none = true };

static const weir_source exchange_rates = {
    .name = "exchange_rates",
    .resources = WEIR_RESOURCES({
        "exchange_rates",
        .input = &weir_input_files,
        .input_spec = &replies,
        .item_incremental = "{\"cursor_path\": \"modification_date\"}",
        .write = WEIR_MERGE,
        .primary_key = "timestamp",
    }),
};

WEIR_REGISTER(exchange_rates);
