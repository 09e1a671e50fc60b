/* The chain of providers and the order in which it is asked: spec/dlt-config-pipeline-cli.md, 1.5, to the letter. */
#include "config/config.h"

#include "base/ctx.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "config/files.h"
#include "config/lookup.h"
#include "config/values.h"

struct wr_config {
    wr_arena arena;    /* of the values given in code, and of what added providers need */
    wr_arena secrets;  /* of secrets.toml */
    wr_arena plain;    /* of config.toml: the only one that is not wiped */
    wr_files files[2]; /* secrets.toml, config.toml */
    wr_map given;      /* dotted path → weir_str */
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

weir_str wr_key_dotted(void *self, const wr_key *key, wr_arena *arena)
{
    (void)self;
    weir_str path = { "", 0 };
    for (size_t i = 0; i < key->len; i++)
        path = wr_arena_printf(arena, "%.*s%.*s.", WR_STR(path), WR_STR(key->parts[i]));
    return wr_arena_printf(arena, "%.*s%.*s", WR_STR(path), WR_STR(key->name));
}

static weir_status get_given(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena,
                             wr_found *ret)
{
    (void)cx;
    const wr_map *given = self;
    const weir_str *value = wr_map_get(given, wr_key_dotted(NULL, key, arena));
    if (value)
        *ret = (wr_found){ .value = weir_text(*value) };
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
    config->arena.wipe = config->secrets.wipe = true;
    const wr_provider given = {
        .name = "Explicit Values",
        .kind = "value given in code",
        .holds_secrets = true,
        .get = get_given,
        .spell = wr_key_dotted,
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
    wr_arena_done(&config->secrets);
    wr_arena_done(&config->plain);
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

wr_arena *wr_config_arena(wr_config *config)
{
    return &config->arena;
}

const wr_provider *wr_config_providers(const wr_config *config, size_t *ret_count)
{
    *ret_count = config->providers.len;
    return config->providers.ptr;
}

weir_status wr_config_read_files(weir_ctx *cx, wr_config *config, weir_str project)
{
    for (size_t i = 0; i < 2; i++) {
        wr_files *files = &config->files[i];
        *files = (wr_files){ .secrets = i == 0 };
        files->arena = files->secrets ? &config->secrets : &config->plain;
        wr_provider provider;
        WEIR_TRY(wr_files_open(cx, files, project, &provider));
        wr_config_add(config, &provider);
    }
    return WEIR_OK;
}

static void push_part(wr_key_path *path, weir_str part)
{
    wr_assert(path->len < WR_KEY_MAX);
    path->parts[path->len++] = part;
}

static wr_key_path prefix_path(const wr_section *section, size_t len)
{
    wr_key_path path = { 0 };
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

static wr_key_path compact_path(const wr_section *section)
{
    wr_key_path path = { 0 };
    push_part(&path, section->parts[0]);
    push_part(&path, section->parts[2]);
    for (size_t i = section->len - section->embedded; i < section->len; i++)
        push_part(&path, section->parts[i]);
    if (section->own.len > 0)
        push_part(&path, section->own);
    return path;
}

size_t wr_paths_build(const wr_section *section, wr_key_path ret[WR_PATHS_MAX])
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
    wr_key_path paths[WR_PATHS_MAX];
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
        wr_key_path path = { 0 };
        if (front.len > 0)
            push_part(&path, front);
        for (size_t k = 0; k < walk->paths[i].len; k++)
            push_part(&path, walk->paths[i].parts[k]);

        wr_key key = walk->option;
        key.parts = path.parts;
        key.len = path.len;
        key.in_front = front.len > 0;
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
    const bool in_front = scope->pipeline.len > 0 && !scope->exact;
    for (size_t pass = in_front ? 0 : 1; pass < 2; pass++) {
        for (size_t i = first; i < end && !walk->done; i++) {
            const wr_provider *provider = &scope->config->providers.ptr[i];
            if (!provider->empty && !(provider->is_plain && pass == 0))
                WEIR_TRY(visit_provider(cx, walk, provider, fronts[pass]));
        }
    }
    return WEIR_OK;
}

/* The credentials of a source may also stand flat in its own table, after all other places: `sources.clever_cloud.host`
 * for `sources.clever_cloud.credentials.host`. Places that do not name the source stay out: HOST is anybody's. */
static size_t flat_paths(const wr_section *section, wr_key_path ret[WR_PATHS_MAX])
{
    wr_section flat = *section;
    flat.own = (weir_str){ 0 };
    wr_key_path paths[WR_PATHS_MAX];
    const size_t count = wr_paths_build(&flat, paths);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (paths[i].len >= 2)
            ret[kept++] = paths[i];
    return kept;
}

weir_status wr_config_visit(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                            wr_visit visit, void *self)
{
    wr_section section = scope->section;
    struct walk walk = { .visit = visit, .self = self };
    walk.option =
        (wr_key){ .name = weir_str_of(option->name), .secret = wr_option_is_secret(option) };
    const char *dot = strchr(option->name, '.');
    if (dot) {
        section.own = (weir_str){ option->name, (size_t)(dot - option->name) };
        walk.option.name = weir_str_of(dot + 1);
    }
    walk.path_count = wr_paths_build(&section, walk.paths);
    if (scope->exact)
        walk.path_count = 1;

    /* The first provider holds what was given in code. It is done with before the others begin: nothing beats it. */
    if (scope->config->given.len > 0)
        WEIR_TRY(visit_chain(cx, &walk, scope, 0, 1));
    WEIR_TRY(visit_chain(cx, &walk, scope, 1, scope->config->providers.len));
    if (walk.done || !scope->flat)
        return WEIR_OK;
    walk.path_count = flat_paths(&section, walk.paths);
    return visit_chain(cx, &walk, scope, 1, scope->config->providers.len);
}

struct asking {
    const weir_option *option;
    wr_arena *arena;
    wr_answer answer;
};

static weir_status refuse_secret(weir_ctx *cx, const wr_provider *provider, weir_str name,
                                 const wr_found *found)
{
    const weir_status status =
        weir_fail(cx, WEIR_CONFIG,
                  "provider `%s` cannot hold secret values but key `%.*s` with secret "
                  "value is present",
                  provider->name, WR_STR(name));
    if (found->file)
        wr_hint(cx,
                "move it from line %u of %s to secrets.toml in the same folder, which is never "
                "committed",
                found->line, found->file);
    return status;
}

static bool is_table(weir_value value)
{
    return value.kind == WEIR_JSON && wr_str_starts(value.as.s, wr_lit("{"));
}

static weir_str name_place(wr_arena *arena, const wr_provider *provider, weir_str name,
                           const wr_found *found)
{
    if (found->file)
        return wr_arena_printf(arena, "%s %.*s, %s:%u", provider->kind, WR_STR(name), found->file,
                               found->line);
    return wr_arena_printf(arena, "%s %.*s", provider->kind, WR_STR(name));
}

/* The values of `wr init` are good for nothing but being replaced. */
static void warn_of_placeholder(weir_ctx *cx, const wr_answer *answer)
{
    static const char *const samples[] = { "<configure me>", "1768-07-21T02:56:07.000003Z",
                                           "1768-07-21" };
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
        if (wr_str_eq(answer->text, weir_str_of(samples[i])))
            wr_log(cx, "config", WR_LOG_WARN,
                   "the value of %.*s is a placeholder, '%s'\nhint: put the real one there",
                   WR_STR(answer->where), samples[i]);
}

static weir_status ask(weir_ctx *cx, void *self, const wr_provider *provider, const wr_key *key,
                       bool *ret_done)
{
    struct asking *asking = self;
    wr_found found = { 0 };
    WEIR_TRY(provider->get(cx, provider->self, key, asking->arena, &found));
    if (found.value.kind == WEIR_ABSENT)
        return WEIR_OK;

    *ret_done = true;
    /* A table in place of a connection string says: its parts are options of their own, look for them. */
    if (wr_option_is_url(asking->option) && is_table(found.value))
        return WEIR_OK;
    const weir_str name = provider->spell(provider->self, key, asking->arena);
    if (key->secret && !provider->holds_secrets)
        return refuse_secret(cx, provider, name, &found);
    asking->answer = (wr_answer){
        .found = true,
        .value = found.value,
        .text = wr_option_text(asking->arena, found.value),
        .provider = provider->name,
        .key = name,
        .where = name_place(asking->arena, provider, name, &found),
    };
    warn_of_placeholder(cx, &asking->answer);
    return WEIR_OK;
}

weir_status wr_config_get(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                          wr_arena *arena, wr_answer *ret)
{
    struct asking asking = { .option = option, .arena = arena };
    WEIR_TRY(wr_config_visit(cx, scope, option, ask, &asking));
    *ret = asking.answer;
    return WEIR_OK;
}

weir_status wr_config_visit_keys(weir_ctx *cx, const wr_config *config, wr_arena *arena,
                                 wr_key_visit visit, void *self)
{
    for (size_t i = 0; i < 2; i++)
        WEIR_TRY(wr_files_visit(cx, &config->files[i], arena, visit, self));
    return WEIR_OK;
}
