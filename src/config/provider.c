/* Providers that the user adds to the chain: weir/provider.h. */
#include <weir/provider.h>

#include <pthread.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/str.h"
#include "config/config.h"
#include "config/lookup.h"
#include "format/json.h"

#define TROUBLE_MAX 2048
#define ANSWER_MAX ((size_t)16 << 20)

typedef struct user_provider {
    const weir_provider *def;
    pthread_mutex_t lock;      /* protects `trouble` */
    char trouble[TROUBLE_MAX]; /* of the last time that it was asked and could not answer */
} user_provider;

/* What the user's function returns is copied: it may be scratch memory. */
static weir_status copy_value(weir_ctx *cx, const weir_provider *def, weir_value value,
                              wr_arena *arena, wr_found *ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max(ANSWER_MAX);
    if (value.kind == WEIR_PARSED) {
        wr_json_write(&text, value.as.j.node);
        value = weir_json_text(wr_buf_view(&text));
    }
    switch (value.kind) {
    case WEIR_PARSED: /* it is text now */
    case WEIR_ABSENT:
    case WEIR_NULL: return WEIR_OK;
    case WEIR_TEXT:
    case WEIR_DECIMAL:
    case WEIR_JSON: value.as.s = wr_arena_str(arena, value.as.s); break;
    case WEIR_BOOL:
    case WEIR_INT:
    case WEIR_FLOAT: break;
    case WEIR_BYTES:
    case WEIR_TIMESTAMP:
    case WEIR_DATE:
    case WEIR_TIME:
        return weir_fail(cx, WEIR_INVALID,
                         "provider '%s' answers with bytes or a time\n"
                         "hint: a provider answers with a text, a number, a boolean or JSON",
                         def->name);
    }
    if (value.kind == WEIR_DECIMAL)
        value.kind = WEIR_TEXT;
    ret->value = value;
    return WEIR_OK;
}

/* Keep why it could not answer, and go on; said once in the log, however often it is asked. */
static void pass_over(weir_ctx *cx, user_provider *user)
{
    wr_auto(buf) wr_buf text = wr_buf_max(sizeof(cx->error));
    wr_buf_cstr(&text, weir_error_message(cx));
    if (*weir_error_hint(cx))
        wr_buf_printf(&text, "; %s", weir_error_hint(cx));
    const char *trouble = wr_buf_text(&text);
    pthread_mutex_lock(&user->lock);
    const bool news = strcmp(user->trouble, trouble) != 0;
    wr_str_fit(user->trouble, sizeof(user->trouble), weir_str_of(trouble));
    pthread_mutex_unlock(&user->lock);
    if (news)
        wr_log(cx, "config", WR_LOG_DEBUG, "provider '%s' could not answer: %s", user->def->name,
               trouble);
    weir_error_clear(cx);
}

static void explain_user(void *self, wr_buf *out)
{
    user_provider *user = self;
    pthread_mutex_lock(&user->lock);
    if (*user->trouble)
        wr_buf_printf(out, "\nprovider `%s` could not answer: %s", user->def->name, user->trouble);
    pthread_mutex_unlock(&user->lock);
}

static bool may_pass_over(const weir_provider *def, weir_status status)
{
    const weir_class class_ = weir_status_class(status);
    return def->optional && (class_ == WEIR_CLASS_TRANSIENT || class_ == WEIR_CLASS_TERMINAL);
}

static weir_status get_from_user(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena,
                                 wr_found *ret)
{
    user_provider *user = self;
    const weir_provider *def = user->def;
    wr_key section = { .parts = key->parts, .len = key->len > 0 ? key->len - 1 : 0 };
    if (key->len > 0)
        section.name = key->parts[key->len - 1];
    const weir_key asked = {
        .section = wr_key_dotted(NULL, &section, arena).ptr,
        .name = wr_arena_str(arena, key->name).ptr,
        .secret = key->secret,
        .pipeline = key->in_front ? wr_arena_str(arena, key->parts[0]).ptr : "",
    };
    WR_SCRATCH_SCOPE(cx);
    weir_value value = { .kind = WEIR_ABSENT };
    const weir_status status = def->get(cx, def->self, &asked, &value);
    if (may_pass_over(def, status)) {
        pass_over(cx, user);
        return WEIR_OK;
    }
    if (status != WEIR_OK)
        return wr_context(cx, status, "asking provider '%s' for '%s' in '%s'", def->name,
                          asked.name, asked.section);
    return copy_value(cx, def, value, arena, ret);
}

typedef weir_str (*spelling)(void *self, const wr_key *key, wr_arena *arena);

static weir_status add(weir_ctx *cx, wr_config *config, const weir_provider *provider,
                       spelling spell)
{
    size_t count = 0;
    const wr_provider *others = wr_config_providers(config, &count);
    for (size_t i = 0; i < count; i++) {
        const wr_provider *other = &others[i];
        if (strcmp(other->name, provider->name) != 0)
            continue;
        const user_provider *user = other->get == get_from_user ? other->self : NULL;
        if (user && user->def->get == provider->get && user->def->self == provider->self)
            return WEIR_OK;
        return weir_fail(cx, WEIR_INVALID,
                         "a provider of the name '%s' is already in the chain\n"
                         "hint: give each provider a name of its own",
                         provider->name);
    }
    user_provider *user = wr_arena_new(wr_config_arena(config), user_provider);
    user->def = provider;
    pthread_mutex_init(&user->lock, NULL);
    const wr_provider link = {
        .name = provider->name,
        .kind = wr_arena_printf(wr_config_arena(config), "key in %s", provider->name).ptr,
        .holds_secrets = !provider->no_secrets,
        .is_plain = !provider->by_pipeline,
        .get = get_from_user,
        .explain = explain_user,
        .spell = spell,
        .self = user,
    };
    wr_config_add(config, &link);
    return WEIR_OK;
}

weir_status wr_config_add_user(weir_ctx *cx, wr_config *config, const weir_provider *provider)
{
    return add(cx, config, provider, wr_key_dotted);
}

weir_status wr_config_add_builtin(weir_ctx *cx, wr_config *config, const wr_config_builtin *builtin)
{
    wr_arena *arena = wr_config_arena(config);
    const weir_option_values *values[WR_BUILTIN_LISTS] = { 0 };
    for (size_t i = 0; i < WR_BUILTIN_LISTS && builtin->lists[i].options; i++) {
        const wr_scope scope = { .config = config,
                                 .section = wr_section_of(builtin->lists[i].section),
                                 .exact = builtin->lists[i].exact };
        WEIR_TRY(wr_config_resolve(cx, &scope, builtin->lists[i].options, arena, &values[i]));
    }
    weir_provider *provider = wr_arena_new(arena, weir_provider);
    WEIR_TRY(builtin->open(cx, arena, values, provider));
    return provider->get
               ? add(cx, config, provider, builtin->spell ? builtin->spell : wr_key_dotted)
               : WEIR_OK;
}

weir_status weir_provider_add(weir_ctx *cx, const weir_provider *provider)
{
    if (!cx || !provider || !provider->name || !provider->get)
        return weir_fail(cx, WEIR_INVALID,
                         "a provider has no name, or no function\n"
                         "hint: set .name and .get, as in { .name = \"vault\", .get = get }");
    if (!cx->config)
        return weir_fail(cx, WEIR_INVALID,
                         "provider '%s' comes too late: the chain is frozen while a run lasts\n"
                         "hint: add it in the pipeline's .setup, or before the run",
                         provider->name);
    return wr_config_add_user(cx, cx->config, provider);
}
