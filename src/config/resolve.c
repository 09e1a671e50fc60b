/* Options of a list, all at once: asked, checked against their kind; what is missing is reported together, with every
 * place that was asked, in dlt's words (spec/dlt-config-pipeline-cli.md, 1.11). */
#include "base/buf.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/lookup.h"
#include "config/values.h"

#define MISSING_MAX ((size_t)64 << 10)

static size_t count_options(const weir_option *options)
{
    size_t count = 0;
    while (options && options[count].name)
        count++;
    return count;
}

static weir_status refuse(weir_ctx *cx, const weir_option *option, const wr_answer *answer)
{
    const char *kind = wr_option_kind_name(option->kind);
    if (option->secret)
        return weir_fail(cx, WEIR_CONFIG,
                         "configured value for field `%s` cannot be coerced into %s "
                         "(%.*s; the value is a secret and is not shown)",
                         option->name, kind, WR_STR(answer->where));
    return weir_fail(cx, WEIR_CONFIG,
                     "configured value for field `%s` cannot be coerced into %s: '%.*s' (%.*s)",
                     option->name, kind, WR_STR(answer->text), WR_STR(answer->where));
}

static weir_status resolve_option(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                                  wr_arena *arena, wr_option_value *ret)
{
    wr_answer answer = { 0 };
    WEIR_TRY(wr_config_get(cx, scope, option, arena, &answer));
    if (!answer.found) {
        if (option->standard)
            wr_assert(wr_option_parse(option, weir_str_of(option->standard), ret));
        return WEIR_OK;
    }

    if (option->secret)
        wr_log_add_secret(answer.text);
    if (!wr_option_parse(option, answer.text, ret))
        return refuse(cx, option, &answer);
    ret->given = true;
    return WEIR_OK;
}

static bool is_missing(const weir_option *option, const wr_option_value *value)
{
    return option->required && !value->given && !option->standard;
}

struct listing {
    wr_buf *out;
    wr_arena *arena;
};

static weir_status list_place(weir_ctx *cx, void *self, const wr_provider *provider,
                              const wr_key *key, bool *ret_done)
{
    (void)cx;
    (void)ret_done;
    const struct listing *listing = self;
    /* Where no secret may stand, none was looked for. */
    if (key->secret && !provider->holds_secrets)
        return WEIR_OK;
    const weir_str name = provider->spell(provider->self, key, listing->arena);
    wr_buf_printf(listing->out, "\n  (%s, %.*s)", provider->name, WR_STR(name));
    return WEIR_OK;
}

static void append_section(wr_buf *out, const wr_section *section)
{
    for (size_t i = 0; i < section->len; i++)
        wr_buf_printf(out, "%s%.*s", i > 0 ? "." : "", WR_STR(section->parts[i]));
}

static weir_status report_missing(weir_ctx *cx, const wr_scope *scope, const weir_option *options,
                                  const wr_option_value *values, wr_arena *arena)
{
    const size_t count = count_options(options);
    wr_auto(buf) wr_buf names = wr_buf_max(MISSING_MAX);
    wr_auto(buf) wr_buf places = wr_buf_max(MISSING_MAX);
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_missing(&options[i], &values[i]))
            continue;
        wr_buf_printf(&names, "%s`%s`", missing++ > 0 ? ", " : "", options[i].name);
        wr_buf_printf(&places,
                      "\nfor field `%s` the following (config provider, key) were tried in order:",
                      options[i].name);
        struct listing listing = { &places, arena };
        WEIR_TRY(wr_config_visit(cx, scope, &options[i], list_place, &listing));
    }
    if (missing == 0)
        return WEIR_OK;

    wr_auto(buf) wr_buf section = wr_buf_max(MISSING_MAX);
    append_section(&section, &scope->section);
    const weir_status status =
        weir_fail(cx, WEIR_CONFIG, "missing %zu field(s) in configuration `%s`: %s%s", missing,
                  wr_buf_text(&section), wr_buf_text(&names), wr_buf_text(&places));
    wr_hint(cx, "set it in one of the places above, the first one that has it wins");
    return status;
}

weir_status wr_config_resolve(weir_ctx *cx, const wr_scope *scope, const weir_option *options,
                              wr_arena *arena, const weir_option_values **ret)
{
    const size_t count = count_options(options);
    weir_option_values *values = wr_arena_new(arena, weir_option_values);
    values->options = options;
    values->values = wr_arena_new_array(arena, count, wr_option_value);
    for (size_t i = 0; i < count; i++)
        WEIR_TRY(resolve_option(cx, scope, &options[i], arena, &values->values[i]));

    WEIR_TRY(report_missing(cx, scope, options, values->values, arena));
    *ret = values;
    return WEIR_OK;
}
