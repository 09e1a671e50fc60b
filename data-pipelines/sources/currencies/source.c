/* Currency names of Open Exchange Rates, one row per ISO code; from a reply that was recorded. */
#include <errno.h>
#include <stdio.h>
#include <weir.h>

#define REPLY "replies/currencies.json"

/* A resource is a function that emits rows; it becomes a table. The reply has one currency on each line. */
static weir_status emit_names(weir_rows *rows, FILE *reply)
{
    char code[4];
    char name[100];

    while (fscanf(reply, "%*[^\"]\"%3[A-Z]\": \"%99[^\"]\"", code, name) == 2)
        WEIR_TRY(weir_emit(rows, weir_kv("code", code), weir_kv("name", name)));

    return WEIR_OK;
}

static weir_status currencies(weir_ctx *cx, weir_rows *rows)
{
    FILE *reply = fopen(REPLY, "r");
    if (!reply)
        return weir_fail(cx, WEIR_IO, "'%s' cannot be read: %s\nhint: run in the project's folder", REPLY,
                         strerror(errno));
    const weir_status status = emit_names(rows, reply);
    fclose(reply);
    return status;
}

/* A source is a group of resources with the options that they need. The API wants a key: weir_config(cx, "api_key"), from
 * secrets.toml, the environment, or AWS Secrets Manager. A recorded reply does without, so it is not `.required`. */
static const weir_source open_exchange_rates = {
    .name = "open_exchange_rates",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .help = "key of openexchangerates.org" }),
    .resources = WEIR_RESOURCES({ "currencies", currencies, .write = WEIR_REPLACE, .primary_key = "code" }),
};

WEIR_REGISTER(open_exchange_rates);
