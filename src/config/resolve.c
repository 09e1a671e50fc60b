/* Options of a list, all at once: asked, checked against their kind; what is missing is reported together, with every
 * place that was asked, in dlt's words (spec/dlt-config-pipeline-cli.md, 1.11). */
#include "base/buf.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/connection.h"
#include "config/lookup.h"
#include "config/values.h"
#include "format/json.h"

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
    if (wr_option_is_secret(option))
        return weir_fail(cx, WEIR_CONFIG,
                         "configured value for field `%s` cannot be coerced into %s "
                         "(%.*s; the value is a secret and is not shown)",
                         option->name, kind, WR_STR(answer->where));
    if (!option->choices)
        return weir_fail(cx, WEIR_CONFIG,
                         "configured value for field `%s` cannot be coerced into %s: '%.*s' (%.*s)",
                         option->name, kind, WR_STR(answer->text), WR_STR(answer->where));
    wr_auto(buf) wr_buf list = wr_buf_max(MISSING_MAX);
    for (size_t i = 0; option->choices[i]; i++)
        wr_buf_printf(&list, "%s%s", i ? ", " : "", option->choices[i]);
    return weir_fail(cx, WEIR_CONFIG,
                     "configured value for field `%s` is '%.*s' (%.*s)\nhint: it is one of %s",
                     option->name, WR_STR(answer->text), WR_STR(answer->where), wr_buf_text(&list));
}

static weir_status take(weir_ctx *cx, const weir_option *option, const wr_answer *answer,
                        wr_arena *arena, wr_option_value *ret)
{
    if (option->secret)
        wr_log_add_secret(answer->text);
    if (!wr_option_read(option, answer->value, arena, ret))
        return refuse(cx, option, answer);
    ret->given = true;
    ret->answer = *answer;
    return WEIR_OK;
}

/* The part of `option`'s name below that of the connection string; NULL: it is none of its options. */
static const char *part_of(const weir_option *url, const weir_option *option)
{
    const size_t len = strlen(url->name);
    return strncmp(option->name, url->name, len) == 0 && option->name[len] == '.'
               ? option->name + len + 1
               : NULL;
}

/* Parts of a source's credentials have more places than others. */
wr_scope wr_option_scope(const wr_scope *scope, const weir_option *options,
                         const weir_option *option)
{
    wr_scope ret = *scope;
    const bool in_source =
        scope->section.len >= 2 && wr_str_eq(scope->section.parts[0], wr_lit("sources"));
    ret.flat = in_source && strncmp(option->name, "credentials.", 12) == 0;
    for (const weir_option *url = options; in_source && url->name; url++)
        if (wr_option_is_url(url) && part_of(url, option))
            ret.flat = true;
    return ret;
}

static weir_status resolve_option(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                                  wr_arena *arena, wr_option_value *ret)
{
    wr_answer answer = { 0 };
    WEIR_TRY(wr_config_get(cx, scope, option, arena, &answer));
    if (answer.found)
        return take(cx, option, &answer, arena, ret);
    if (option->standard)
        wr_assert(wr_option_parse(option, weir_str_of(option->standard), ret));
    return WEIR_OK;
}

/* ---- connection strings ---- */

static weir_str query_json(wr_arena *arena, const wr_connection *connection)
{
    wr_auto(buf) wr_buf out = wr_buf_max(MISSING_MAX);
    wr_node *query = wr_node_new(arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < connection->query_len; i++)
        wr_node_set(arena, query, connection->query[i].name,
                    wr_node_text(arena, connection->query[i].value));
    wr_node_write(&out, query, WR_JSON_COMPACT);
    return wr_arena_str(arena, wr_buf_view(&out));
}

/* What the connection string says of an option; without a `ptr`: nothing. */
static weir_str value_in(wr_arena *arena, const wr_connection *c, const weir_option *option,
                         const char *part)
{
    const struct {
        const char *name;
        weir_str value;
    } parts[] = {
        { "drivername", c->driver }, { "username", c->username }, { "password", c->password },
        { "host", c->host },         { "port", c->port },         { "database", c->database },
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (strcmp(parts[i].name, part) == 0)
            return parts[i].value;
    if (strcmp(part, "query") == 0 && c->query_len > 0)
        return query_json(arena, c);
    const weir_str *param = option->in_query ? wr_connection_get(c, weir_str_of(part)) : NULL;
    return param ? *param : (weir_str){ 0 };
}

static weir_status read_url(weir_ctx *cx, const weir_option *url, const wr_answer *answer,
                            wr_arena *arena, wr_connection *ret)
{
    const bool is_url = answer->value.kind == WEIR_TEXT &&
                        memmem(answer->text.ptr, answer->text.len, "://", 3) != NULL;
    if (!is_url && url->kind == WEIR_OPTION_URL_OR_PATH && answer->value.kind == WEIR_TEXT) {
        ret->database = answer->text;
        return WEIR_OK;
    }
    weir_status status = WEIR_CONFIG;
    if (answer->value.kind != WEIR_TEXT)
        status = weir_fail(cx, WEIR_CONFIG, "it is no text");
    else
        status = wr_connection_parse(cx, arena, answer->text, ret);
    if (status == WEIR_OK)
        return WEIR_OK;
    wr_log_add_secret(answer->text);
    return wr_context(cx, status,
                      "`%s` cannot be read as a connection string (%.*s; it may be a secret and is "
                      "not shown)",
                      url->name, WR_STR(answer->where));
}

/* What a connection string says about the options below its name. A default in it counts as not said. */
static weir_status spread_url(weir_ctx *cx, const weir_option_values *values, size_t url,
                              const wr_answer *answer, wr_arena *arena)
{
    wr_connection connection = { 0 };
    const weir_option *options = values->options;
    WEIR_TRY(read_url(cx, &options[url], answer, arena, &connection));
    wr_log_add_secret(connection.password);
    for (size_t i = 0; options[i].name; i++) {
        const char *part = part_of(&options[url], &options[i]);
        if (!part)
            continue;
        const weir_str text = value_in(arena, &connection, &options[i], part);
        const char *standard = options[i].standard;
        if (!text.ptr || (standard && wr_str_eq(text, weir_str_of(standard))))
            continue;
        wr_answer said = *answer;
        said.value = weir_text(text);
        said.text = text;
        WEIR_TRY(take(cx, &options[i], &said, arena, &values->values[i]));
    }
    return WEIR_OK;
}

static weir_status resolve_url(weir_ctx *cx, const wr_scope *scope,
                               const weir_option_values *values, size_t url, wr_arena *arena)
{
    wr_answer answer = { 0 };
    WEIR_TRY(wr_config_get(cx, scope, &values->options[url], arena, &answer));
    if (!answer.found)
        return WEIR_OK;
    WEIR_TRY(spread_url(cx, values, url, &answer, arena));
    values->values[url] = (wr_option_value){ .given = true, .answer = answer, .text = answer.text };
    return WEIR_OK;
}

/* Texts end in NUL, as weir_config() gives them. */
static void end_texts(const weir_option_values *values, wr_arena *arena)
{
    for (size_t i = 0; values->options && values->options[i].name; i++)
        if (values->values[i].text.ptr)
            values->values[i].text = wr_arena_str(arena, values->values[i].text);
}

/* A password often comes from a file that ends with a line end. */
static void trim_passwords(const weir_option_values *values, size_t url)
{
    for (size_t i = 0; values->options[i].name; i++) {
        const char *part = part_of(&values->options[url], &values->options[i]);
        if (part && strcmp(part, "password") == 0)
            values->values[i].text = wr_str_trim(values->values[i].text);
    }
}

/* ---- what is missing ---- */

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

/* Which files were read, and which were not there. */
static void append_locations(wr_buf *out, const wr_provider *provider)
{
    static const struct {
        bool present;
        const char *text;
    } kinds[] = {
        { true, "loaded values from locations" },
        { false, "probed but not found the following locations" },
    };
    for (size_t k = 0; k < 2; k++) {
        bool titled = false;
        for (size_t i = 0; i < WR_LOCATIONS_MAX; i++) {
            const wr_location *location = &provider->locations[i];
            if (!location->path || location->present != kinds[k].present)
                continue;
            if (!titled)
                wr_buf_printf(out, "\nprovider `%s` %s:", provider->name, kinds[k].text);
            titled = true;
            wr_buf_printf(out, "\n  - %s", location->path);
        }
    }
    if (provider->empty)
        wr_buf_printf(out, "\nprovider `%s` is empty", provider->name);
    if (provider->explain)
        provider->explain(provider->self, out);
}

static void append_providers(wr_buf *out, const wr_config *config)
{
    size_t count = 0;
    const wr_provider *providers = wr_config_providers(config, &count);
    for (size_t i = 0; i < count; i++)
        append_locations(out, &providers[i]);
}

static weir_status fail_missing(weir_ctx *cx, const wr_scope *scope, size_t missing, wr_buf *names,
                                wr_buf *places)
{
    wr_auto(buf) wr_buf section = wr_buf_max(MISSING_MAX);
    append_section(&section, &scope->section);
    append_providers(places, scope->config);
    const weir_status status =
        weir_fail(cx, WEIR_CONFIG, "missing %zu field(s) in configuration `%s`: %s%s", missing,
                  wr_buf_text(&section), wr_buf_text(names), wr_buf_text(places));
    wr_hint(cx, "set it in one of the places above, the first one that has it wins");
    return status;
}

static weir_status report_missing(weir_ctx *cx, const wr_scope *scope,
                                  const weir_option_values *values, wr_arena *arena)
{
    wr_auto(buf) wr_buf names = wr_buf_max(MISSING_MAX);
    wr_auto(buf) wr_buf places = wr_buf_max(MISSING_MAX);
    size_t missing = 0;
    for (const weir_option *option = values->options; option && option->name; option++) {
        if (!is_missing(option, &values->values[option - values->options]))
            continue;
        wr_buf_printf(&names, "%s`%s`", missing++ > 0 ? ", " : "", option->name);
        wr_buf_printf(&places,
                      "\nfor field `%s` the following (config provider, key) were tried in order:",
                      option->name);
        struct listing listing = { &places, arena };
        const wr_scope own = wr_option_scope(scope, values->options, option);
        WEIR_TRY(wr_config_visit(cx, &own, option, list_place, &listing));
    }
    return missing > 0 ? fail_missing(cx, scope, missing, &names, &places) : WEIR_OK;
}

static weir_status resolve_all(weir_ctx *cx, const wr_scope *scope,
                               const weir_option_values *values, wr_arena *arena)
{
    const size_t count = count_options(values->options);
    for (size_t i = 0; i < count; i++)
        if (wr_option_is_url(&values->options[i]))
            WEIR_TRY(resolve_url(cx, scope, values, i, arena));
    for (size_t i = 0; i < count; i++)
        if (!values->values[i].given && !wr_option_is_url(&values->options[i])) {
            const wr_scope own = wr_option_scope(scope, values->options, &values->options[i]);
            WEIR_TRY(resolve_option(cx, &own, &values->options[i], arena, &values->values[i]));
        }
    for (size_t i = 0; i < count; i++)
        if (wr_option_is_url(&values->options[i]))
            trim_passwords(values, i);
    end_texts(values, arena);
    return WEIR_OK;
}

weir_status wr_config_resolve(weir_ctx *cx, const wr_scope *scope, const weir_option *options,
                              wr_arena *arena, const weir_option_values **ret)
{
    weir_option_values *values = wr_arena_new(arena, weir_option_values);
    values->options = options;
    values->values = wr_arena_new_array(arena, count_options(options), wr_option_value);
    WEIR_TRY(resolve_all(cx, scope, values, arena));
    WEIR_TRY(report_missing(cx, scope, values, arena));
    *ret = values;
    return WEIR_OK;
}
