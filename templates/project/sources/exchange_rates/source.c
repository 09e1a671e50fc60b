/* Exchange rates, one row per day and currency. They stand in this file, so that the example needs no network. */
#include <weir.h>

static const struct {
    const char *day;
    const char *code;
    const char *rate;
} rates[] = {
    { "2026-01-05", "GBP", "0.8671" },
    { "2026-01-05", "USD", "1.1702" },
    { "2026-01-06", "GBP", "0.8665" },
    { "2026-01-06", "USD", "1.1718" },
};

/* What a resource keeps with weir_state_set() is committed together with its rows: the next run goes on behind it. */
static weir_status exchange_rates(weir_ctx *cx, weir_rows *rows)
{
    const weir_value last = weir_state_get(rows, "last_day");
    const size_t count = sizeof(rates) / sizeof(*rates);

    for (size_t i = 0; i < count; i++) {
        if (last.kind == WEIR_TEXT && strncmp(rates[i].day, last.as.s.ptr, last.as.s.len) <= 0)
            continue;
        WEIR_TRY(weir_emit(rows, weir_kv("day", rates[i].day),
                           weir_kv("base", weir_config(cx, "base")), weir_kv("code", rates[i].code),
                           weir_kv("rate", weir_decimal(rates[i].rate))));
    }

    return weir_state_set(rows, "last_day", weir_cstr(rates[count - 1].day));
}

static const weir_source source = {
    .name = "exchange_rates",
    .config =
        WEIR_OPTIONS({ "base", .standard = "USD", .help = "currency that one unit of is bought" }),
    .resources = WEIR_RESOURCES({ "exchange_rates", exchange_rates }),
};

WEIR_REGISTER(source);
