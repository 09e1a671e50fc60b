/* weir config explain: each place where one option is looked for, in order, and who answers. */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "cli/table.h"
#include "cli/tree.h"
#include "config/lookup.h"
#include "config/values.h"
#include "pipeline/home.h"
#include "project/crash.h"
#include "project/program.h"
#include "project/toml_source.h"

/* ---- the project ---- */

static weir_status read_settings(weir_ctx *cx, wr_config *config)
{
    wr_auto(arena) wr_arena arena = { 0 };
    WEIR_TRY(wr_project_configure(cx, config));
    const wr_scope scope = { .config = config };
    wr_answer level = { 0 };
    WEIR_TRY(wr_config_get(cx, &scope, &wr_general_options[0], &arena, &level));
    if (!level.found || getenv("WEIR_LOG"))
        return WEIR_OK;
    return wr_context(cx, wr_log_setup(cx, wr_arena_str(&arena, level.text).ptr, false), "%.*s",
                      WR_STR(level.where));
}

weir_status wr_project_config(weir_ctx *cx, wr_config **ret)
{
    wr_config *config = wr_config_new();
    const weir_status status = read_settings(cx, config);
    if (status == WEIR_OK) {
        *ret = config;
        return WEIR_OK;
    }
    wr_config_free(config);
    return wr_context(cx, status == WEIR_PARSE ? WEIR_CONFIG : status, "reading the settings");
}

weir_status wr_named_pipeline_load(weir_ctx *cx, wr_arena *arena, wr_config *config,
                                   const char *word, wr_named_pipeline *ret)
{
    wr_program program;
    wr_crash_watch("run", word);
    WEIR_TRY(wr_program_load(cx, arena, config, word, true, &program));
    if (program.pipeline)
        WEIR_TRY(wr_pipeline_setup(cx, config, program.pipeline));
    *ret = (wr_named_pipeline){ program.pipeline, program.source };
    return WEIR_OK;
}

wr_option_groups wr_known_options(wr_arena *arena, weir_str pipeline)
{
    const wr_option_groups own = wr_option_groups_all(arena, pipeline);
    const wr_source_kind *const *kinds = wr_source_kinds();
    size_t count = 0;
    while (kinds[count])
        count++;
    wr_option_groups all = { wr_arena_new_array(arena, own.len + count, wr_option_group), own.len };
    memcpy(all.ptr, own.ptr, own.len * sizeof(*own.ptr));
    for (; *kinds; kinds++)
        if ((*kinds)->options)
            all.ptr[all.len++] =
                (wr_option_group){ WR_SECTION("sources", (*kinds)->name), (*kinds)->options };
    return all;
}

/* ---- which option is meant ---- */

/* The option that a key names, and its connection string, if it is a part of one. */
typedef struct explained {
    wr_arena arena; /* wiped */
    wr_config *config;
    weir_str key; /* as the user gave it */
    weir_str pipeline;
    wr_section section;
    weir_option options[3]; /* the option, its connection string, zero; none of them is required */
    bool declared;
    const weir_option_values *values;
    weir_str destination; /* that the pipeline loads into, when this is what is asked for */
} explained;

static weir_str dotted_section(wr_arena *arena, const wr_section *section)
{
    weir_str path = wr_lit("");
    for (size_t i = 0; i < section->len; i++)
        path = wr_arena_printf(arena, "%.*s%.*s.", WR_STR(path), WR_STR(section->parts[i]));
    return path;
}

/* Is it this option of the group? A source's may be named without its folder, too. */
static bool is_named(explained *e, const wr_option_group *group, const weir_option *option)
{
    wr_section section = group->section;
    do {
        const weir_str path = dotted_section(&e->arena, &section);
        if (wr_str_eq(e->key, wr_arena_printf(&e->arena, "%.*s%s", WR_STR(path), option->name)))
            return true;
        if (section.len < 3)
            return false;
        section.parts[1] = section.parts[--section.len];
    } while (true);
}

static bool is_part_of(const weir_option *url, const weir_option *option)
{
    const size_t len = strlen(url->name);
    return wr_option_is_url(url) && strncmp(url->name, option->name, len) == 0 &&
           option->name[len] == '.';
}

static void take_option(explained *e, const wr_option_group *group, const weir_option *option)
{
    e->declared = true;
    e->section = group->section;
    e->options[0] = *option;
    for (const weir_option *url = group->options; url->name; url++)
        if (is_part_of(url, option))
            e->options[1] = *url;
    e->options[0].required = e->options[1].required = false;
}

/* A key that no table has: its last part is the name, the others are sections. */
static weir_status take_undeclared(weir_ctx *cx, explained *e)
{
    weir_str rest = e->key;
    weir_str parts[WR_SECTION_MAX + 1];
    size_t count = 0;
    for (weir_str part; wr_str_split(&rest, '.', &part);) {
        if (part.len == 0 || count == WR_SECTION_MAX + 1)
            return weir_fail(cx, WEIR_INVALID,
                             "'%.*s' is no key of a configuration\n"
                             "hint: as in destination.duckdb.credentials",
                             WR_STR(e->key));
        parts[count++] = part;
    }
    if (count == 0)
        return weir_fail(cx, WEIR_INVALID, "the key is empty");
    weir_str name = parts[--count];
    if (count > 0 && wr_str_eq(parts[count - 1], wr_lit("credentials"))) {
        name = wr_arena_printf(&e->arena, "credentials.%.*s", WR_STR(name));
        count--;
    }
    for (size_t i = 0; i < count; i++)
        e->section.parts[e->section.len++] = parts[i];
    e->options[0].name = wr_arena_str(&e->arena, name).ptr;
    return WEIR_OK;
}

static bool find_in_group(explained *e, const wr_option_group *group)
{
    for (const weir_option *option = group->options; option->name; option++) {
        if (is_named(e, group, option)) {
            take_option(e, group, option);
            return true;
        }
    }
    return false;
}

/* Is it an option of a destination with a name of its own? */
static weir_status find_in_named(weir_ctx *cx, explained *e)
{
    weir_str rest = e->key;
    weir_str part;
    weir_str name;
    if (!wr_str_split(&rest, '.', &part) || !wr_str_eq(part, wr_lit("destination")) ||
        !wr_str_split(&rest, '.', &name) || name.len == 0)
        return WEIR_OK;
    wr_option_group group;
    bool found = false;
    WEIR_TRY(wr_option_group_named(cx, e->config, &e->arena, name, &group, &found));
    if (found)
        (void)find_in_group(e, &group); /* else it is declared nowhere */
    return WEIR_OK;
}

static weir_status find_option(weir_ctx *cx, explained *e)
{
    const wr_option_groups groups = wr_known_options(&e->arena, e->pipeline);
    for (size_t i = 0; i < groups.len; i++)
        if (find_in_group(e, &groups.ptr[i]))
            return WEIR_OK;
    WEIR_TRY(find_in_named(cx, e));
    return e->declared ? WEIR_OK : take_undeclared(cx, e);
}

/* ---- what is shown of a value ---- */

/* What no table declares may be a secret, unless it stands where none may. */
static bool is_hidden(const explained *e)
{
    const wr_option_value *value = &e->values->values[0];
    if (e->declared)
        return wr_option_is_secret(&e->options[0]);
    return value->given && strcmp(value->answer.provider, "config.toml") != 0;
}

static weir_str shown_value(explained *e)
{
    const wr_option_value *value = &e->values->values[0];
    if (is_hidden(e))
        return wr_lit("****");
    switch (e->options[0].kind) {
    case WEIR_OPTION_INT: return wr_arena_printf(&e->arena, "%lld", (long long)value->number);
    case WEIR_OPTION_BOOL: return value->yes ? wr_lit("true") : wr_lit("false");
    case WEIR_OPTION_TEXT:
    case WEIR_OPTION_SECONDS:
    case WEIR_OPTION_LIST:
    case WEIR_OPTION_MAP:
    case WEIR_OPTION_URL:
    case WEIR_OPTION_URL_OR_PATH: break;
    }
    return value->text;
}

/* ---- the places ---- */

typedef struct places {
    explained *e;
    wr_grid *grid;    /* for people, or … */
    wr_node *list;    /* … for programs */
    bool is_url;      /* a table in its place says: look for its parts */
    bool is_answered; /* by a place before: those behind are not asked */
} places;

static const char *result_of(const places *p, const wr_found *found)
{
    if (found->value.kind == WEIR_ABSENT)
        return "nothing";
    const bool is_table =
        found->value.kind == WEIR_JSON && wr_str_starts(found->value.as.s, wr_lit("{"));
    return is_table && p->is_url ? "a table" : "answers";
}

static weir_status show_place(weir_ctx *cx, void *self, const wr_provider *provider,
                              const wr_key *key, bool *ret_done)
{
    (void)ret_done;
    places *p = self;
    wr_arena *arena = &p->e->arena;
    const char *state = "not asked";
    if (!p->is_answered) {
        wr_found found = { 0 };
        WEIR_TRY(provider->get(cx, provider->self, key, arena, &found));
        p->is_answered = found.value.kind != WEIR_ABSENT;
        state = result_of(p, &found);
    }
    const weir_str name = provider->spell(provider->self, key, arena);
    if (p->grid) {
        wr_grid_cell(p->grid, weir_str_of(provider->name));
        wr_grid_cell(p->grid, name);
        wr_grid_cell(p->grid, weir_str_of(state));
        return WEIR_OK;
    }
    wr_node *place = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, place, wr_lit("provider"), wr_node_text(arena, weir_str_of(provider->name)));
    wr_node_set(arena, place, wr_lit("key"), wr_node_text(arena, name));
    wr_node_set(arena, place, wr_lit("state"), wr_node_text(arena, weir_str_of(state)));
    wr_node_append(p->list, place);
    return WEIR_OK;
}

/* Those of the connection string first: what it gives is not looked for elsewhere. */
static weir_status show_places(weir_ctx *cx, places *p)
{
    explained *e = p->e;
    const wr_scope scope = { .config = e->config, .pipeline = e->pipeline, .section = e->section };
    if (e->options[1].name) {
        p->is_url = true;
        WEIR_TRY(wr_config_visit(cx, &scope, &e->options[1], show_place, p));
        const wr_option_value *own = &e->values->values[0];
        const wr_option_value *url = &e->values->values[1];
        p->is_answered = own->given && url->given && wr_str_eq(own->answer.key, url->answer.key);
    }
    p->is_url = wr_option_is_url(&e->options[0]);
    const wr_scope own = wr_option_scope(&scope, e->options, &e->options[0]);
    return wr_config_visit(cx, &own, &e->options[0], show_place, p);
}

static void print_value(explained *e)
{
    const wr_option_value *value = &e->values->values[0];
    const weir_str shown = shown_value(e);
    if (value->given)
        printf("%.*s = %.*s\n  from %.*s\n", WR_STR(e->key), WR_STR(shown),
               WR_STR(value->answer.where));
    else if (e->options[0].standard)
        printf("%.*s = %.*s, the default\n", WR_STR(e->key), WR_STR(shown));
    else
        printf("%.*s is not set\n", WR_STR(e->key));
    if (e->options[0].help)
        printf("  %s\n", e->options[0].help);
    if (e->destination.len > 0)
        printf(
            "  the pipeline '%.*s' loads into '%.*s'; the first of these says it: --destination, "
            "destination.name, the pipeline itself, pipelines.%.*s.destination_type\n",
            WR_STR(e->pipeline), WR_STR(e->destination), WR_STR(e->pipeline));
    if (!e->declared)
        puts("  no table of this weir declares it");
}

static weir_status print_text(weir_ctx *cx, explained *e)
{
    print_value(e);
    putchar('\n');
    wr_auto(grid) wr_grid grid = { 0 };
    wr_grid_column(&grid, wr_lit("provider"), false);
    wr_grid_column(&grid, wr_lit("key"), false);
    wr_grid_column(&grid, wr_lit("result"), false);
    places p = { .e = e, .grid = &grid };
    WEIR_TRY(show_places(cx, &p));
    wr_grid_end(&grid);
    return WEIR_OK;
}

static weir_status print_json(weir_ctx *cx, explained *e)
{
    const wr_option_value *value = &e->values->values[0];
    wr_node *node = wr_node_new(&e->arena, WR_NODE_OBJECT);
    wr_node_set_text(&e->arena, node, "key", e->key);
    wr_node_set(&e->arena, node, wr_lit("declared"), wr_node_bool(&e->arena, e->declared));
    wr_node_set(&e->arena, node, wr_lit("given"), wr_node_bool(&e->arena, value->given));
    if (value->given || e->options[0].standard)
        wr_node_set_text(&e->arena, node, "value", shown_value(e));
    if (value->given) {
        wr_node_set_text(&e->arena, node, "provider", weir_str_of(value->answer.provider));
        wr_node_set_text(&e->arena, node, "place", value->answer.key);
    }
    if (e->destination.len > 0)
        wr_node_set_text(&e->arena, node, "destination", e->destination);
    places p = { .e = e, .list = wr_node_new(&e->arena, WR_NODE_ARRAY) };
    WEIR_TRY(show_places(cx, &p));
    wr_node_set(&e->arena, node, wr_lit("places"), p.list);
    return wr_print_json(cx, node);
}

/* What the option is about: where a pipeline goes. */
static weir_status find_destination(weir_ctx *cx, explained *e, const weir_pipeline *pipeline)
{
    if (!pipeline || !wr_str_eq(e->key, wr_lit("destination.name")))
        return WEIR_OK;
    const wr_scope scope = { .config = e->config, .pipeline = e->pipeline };
    const wr_destination_wish wish = { .written = weir_str_of(pipeline->destination) };
    wr_destination_choice choice = { 0 };
    WEIR_TRY(wr_destination_choose(cx, &scope, &wish, &e->arena, &choice));
    e->destination = choice.name;
    return WEIR_OK;
}

static weir_status explain(weir_ctx *cx, const wr_call *call, explained *e)
{
    WEIR_TRY(wr_project_config(cx, &e->config));
    wr_named_pipeline named = { 0 };
    if (call->words[1])
        WEIR_TRY(wr_named_pipeline_load(cx, &e->arena, e->config, call->words[1], &named));
    e->key = weir_str_of(call->words[0]);
    const char *name = wr_call_flag(call, "pipeline");
    e->pipeline = weir_str_of(name ? name : named.pipeline ? named.pipeline->name : NULL);
    WEIR_TRY(find_option(cx, e));
    WEIR_TRY(find_destination(cx, e, named.pipeline));
    const wr_scope scope = { .config = e->config, .pipeline = e->pipeline, .section = e->section };
    WEIR_TRY(wr_config_resolve(cx, &scope, e->options, &e->arena, &e->values));
    return wr_call_flag(call, "json") ? print_json(cx, e) : print_text(cx, e);
}

weir_status wr_command_config_explain(weir_ctx *cx, const wr_call *call)
{
    explained e = { .arena.wipe = true };
    const weir_status status = explain(cx, call, &e);
    wr_config_free(e.config);
    wr_arena_done(&e.arena);
    return status;
}
