/* Currency names, one row per ISO code. They stand in this file, so that the example needs neither network nor key. */
#include <weir.h>

static const struct {
    const char *code;
    const char *name;
} names[] = {
    { "EUR", "Euro" },
    { "GBP", "British Pound Sterling" },
    { "JPY", "Japanese Yen" },
    { "USD", "United States Dollar" },
};

/* A resource is a function that emits rows; it becomes a table. */
static weir_status currencies(weir_ctx *cx, weir_rows *rows)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        WEIR_TRY(weir_emit(rows, weir_kv("code", names[i].code), weir_kv("name", names[i].name)));

    return WEIR_OK;
}

/* A source is a group of resources with the options that they need: weir_config(cx, "api_key") gives the value. With
 * `.required = true` a run without a key would end before anything is loaded, and list each place where it was sought. */
static const weir_source open_exchange_rates = {
    .name = "open_exchange_rates",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .help = "key of openexchangerates.org" }),
    .resources =
        WEIR_RESOURCES({ "currencies", currencies, .write = WEIR_REPLACE, .primary_key = "code" }),
};

WEIR_REGISTER(open_exchange_rates);
