/* The chain of providers and the order in which it is asked: spec/dlt-config-pipeline-cli.md, 1.5, to the letter. */
#include "config/config.h"

#include "base/ctx.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "config/lookup.h"

struct wr_config {
    wr_arena arena;                /* of the values given in code */
    wr_map given;                  /* dotted path → weir_str */
    wr_vec(wr_provider) providers; /* in the order in which they are asked */
};

wr_section wr_section_of(const char *const *parts)
{
    wr_section section = { 0 };
    for (; *parts; parts++) {
        wr_assert(section.len < WR_SECTION_MAX);
        section.parts[section.len++] = weir_str_of(*parts);
    }
    return section;
}

static weir_str spell_dotted(void *self, const wr_key *key, wr_arena *arena)
{
    (void)self;
    weir_str path = { "", 0 };
    for (size_t i = 0; i < key->len; i++)
        path = wr_arena_printf(arena, "%.*s%.*s.", WR_STR(path), WR_STR(key->parts[i]));
    return wr_arena_printf(arena, "%.*s%.*s", WR_STR(path), WR_STR(key->name));
}

static weir_status get_given(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena,
                             weir_str *ret, bool *ret_found)
{
    (void)cx;
    const wr_map *given = self;
    const weir_str *value = wr_map_get(given, spell_dotted(NULL, key, arena));
    if (value) {
        *ret = *value;
        *ret_found = true;
    }
    return WEIR_OK;
}

void wr_config_set(wr_config *config, const char *path, weir_str value)
{
    weir_str *copy = wr_arena_new(&config->arena, weir_str);
    *copy = wr_arena_str(&config->arena, value);
    wr_map_put(&config->given, wr_arena_str(&config->arena, weir_str_of(path)), copy);
}

wr_config *wr_config_new(void)
{
    wr_config *config = wr_new(wr_config);
    const wr_provider given = {
        .name = "Explicit Values",
        .kind = "value given in code",
        .holds_secrets = true,
        .get = get_given,
        .spell = spell_dotted,
        .self = &config->given,
    };
    wr_config_add(config, &given);
    wr_config_add(config, &wr_environment);
    return config;
}

void wr_config_free(wr_config *config)
{
    if (!config)
        return;
    wr_vec_done(&config->providers);
    wr_map_done(&config->given);
    wr_arena_done(&config->arena);
    wr_free(config);
}

void wr_cleanup_config(wr_config **config)
{
    wr_config_free(*config);
    *config = NULL;
}

void wr_config_add(wr_config *config, const wr_provider *provider)
{
    *wr_vec_push(&config->providers) = *provider;
}

static void push_part(wr_path *path, weir_str part)
{
    wr_assert(path->len < WR_KEY_MAX);
    path->parts[path->len++] = part;
}

static wr_path prefix_path(const wr_section *section, size_t len)
{
    wr_path path = { 0 };
    for (size_t i = 0; i < len; i++)
        push_part(&path, section->parts[i]);
    if (section->own.len > 0)
        push_part(&path, section->own);
    return path;
}

/* Sources are also known without the module they are in: sources.<name> beside sources.<module>.<name>. */
static bool has_compact_path(const wr_section *section)
{
    return section->len >= section->embedded + 3 &&
           wr_str_eq(section->parts[0], wr_lit("sources")) &&
           !wr_str_eq(section->parts[1], section->parts[2]);
}

static wr_path compact_path(const wr_section *section)
{
    wr_path path = { 0 };
    push_part(&path, section->parts[0]);
    push_part(&path, section->parts[2]);
    for (size_t i = section->len - section->embedded; i < section->len; i++)
        push_part(&path, section->parts[i]);
    if (section->own.len > 0)
        push_part(&path, section->own);
    return path;
}

size_t wr_paths_build(const wr_section *section, wr_path ret[WR_PATHS_MAX])
{
    size_t count = 0;
    for (size_t len = section->len + 1; len-- > 0;) {
        if (count == 2 && has_compact_path(section))
            ret[count++] = compact_path(section);
        ret[count++] = prefix_path(section, len);
    }
    return count;
}

/* One walk through all places of one option. */
struct walk {
    wr_key option; /* without sections */
    wr_path paths[WR_PATHS_MAX];
    size_t path_count;
    wr_visit visit;
    void *self;
    bool done;
};

/* One provider, one pass: `front` is the pipeline, or empty. */
static weir_status visit_provider(weir_ctx *cx, struct walk *walk, const wr_provider *provider,
                                  weir_str front)
{
    for (size_t i = 0; i < walk->path_count && !walk->done; i++) {
        wr_path path = { 0 };
        if (front.len > 0)
            push_part(&path, front);
        for (size_t k = 0; k < walk->paths[i].len; k++)
            push_part(&path, walk->paths[i].parts[k]);

        wr_key key = walk->option;
        key.parts = path.parts;
        key.len = path.len;
        WEIR_TRY(walk->visit(cx, walk->self, provider, &key, &walk->done));
    }
    return WEIR_OK;
}

/* Both passes over providers `first` to `end`: the one with the pipeline in front visits all of them before the other
 * one begins. */
static weir_status visit_chain(weir_ctx *cx, struct walk *walk, const wr_scope *scope, size_t first,
                               size_t end)
{
    const weir_str fronts[] = { scope->pipeline, { 0 } };
    for (size_t pass = scope->pipeline.len > 0 ? 0 : 1; pass < 2; pass++) {
        for (size_t i = first; i < end && !walk->done; i++)
            WEIR_TRY(visit_provider(cx, walk, &scope->config->providers.ptr[i], fronts[pass]));
    }
    return WEIR_OK;
}

weir_status wr_config_visit(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                            wr_visit visit, void *self)
{
    wr_section section = scope->section;
    struct walk walk = { .visit = visit, .self = self };
    walk.option = (wr_key){ .name = weir_str_of(option->name), .secret = option->secret };
    const char *dot = strchr(option->name, '.');
    if (dot) {
        section.own = (weir_str){ option->name, (size_t)(dot - option->name) };
        walk.option.name = weir_str_of(dot + 1);
    }
    walk.path_count = wr_paths_build(&section, walk.paths);

    /* The first provider holds what was given in code. It is done with before the others begin: nothing beats it. */
    if (scope->config->given.len > 0)
        WEIR_TRY(visit_chain(cx, &walk, scope, 0, 1));
    return visit_chain(cx, &walk, scope, 1, scope->config->providers.len);
}

struct asking {
    wr_arena *arena;
    wr_answer answer;
};

static weir_status ask(weir_ctx *cx, void *self, const wr_provider *provider, const wr_key *key,
                       bool *ret_done)
{
    struct asking *asking = self;
    wr_answer *answer = &asking->answer;
    WEIR_TRY(provider->get(cx, provider->self, key, asking->arena, &answer->text, &answer->found));
    if (!answer->found)
        return WEIR_OK;

    const weir_str name = provider->spell(provider->self, key, asking->arena);
    if (key->secret && !provider->holds_secrets)
        return weir_fail(cx, WEIR_CONFIG,
                         "provider `%s` cannot hold secret values but key `%.*s` with secret "
                         "value is present",
                         provider->name, WR_STR(name));
    answer->where = wr_arena_printf(asking->arena, "%s %.*s", provider->kind, WR_STR(name));
    *ret_done = true;
    return WEIR_OK;
}

weir_status wr_config_get(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                          wr_arena *arena, wr_answer *ret)
{
    struct asking asking = { .arena = arena };
    WEIR_TRY(wr_config_visit(cx, scope, option, ask, &asking));
    *ret = asking.answer;
    return WEIR_OK;
}
