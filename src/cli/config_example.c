/* weir config example: the settings files with all options in them, commented out, made from the tables. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/config.h"
#include "cli/tree.h"
#include "config/values.h"
#include "format/json.h"
#include "pipeline/home.h"

#define EXAMPLE_MAX ((size_t)1 << 20)

typedef struct example {
    wr_arena arena;
    bool secrets;
    wr_buf out;
    weir_str table; /* of the last line */
} example;

/* Parts of a connection string stand beside its secret ones, as dlt's own examples have them. */
static bool belongs(const example *e, const weir_option *option)
{
    const bool of_url = wr_option_is_url(option) ||
                        wr_str_starts(weir_str_of(option->name), wr_lit("credentials."));
    return (option->secret || of_url) == e->secrets;
}

static void open_table(example *e, const wr_section *section, const weir_option *option)
{
    const char *dot = strchr(option->name, '.');
    weir_str table = wr_lit("");
    for (size_t i = 0; i < section->len; i++)
        table = wr_arena_printf(&e->arena, "%.*s%s%.*s", WR_STR(table), i ? "." : "",
                                WR_STR(section->parts[i]));
    if (dot)
        table = wr_arena_printf(&e->arena, "%.*s%s%.*s", WR_STR(table), table.len ? "." : "",
                                (int)(dot - option->name), option->name);
    if (wr_str_eq(table, e->table))
        return;
    wr_buf_printf(&e->out, "\n[%.*s]\n", WR_STR(table));
    e->table = table;
}

static bool is_quoted(const weir_option *option)
{
    return option->kind == WEIR_OPTION_TEXT || wr_option_is_url(option);
}

static void add_option(example *e, const wr_section *section, const weir_option *option)
{
    /* the parts follow under a header of their own */
    if (wr_option_is_url(option))
        return;
    open_table(e, section, option);
    const char *dot = strchr(option->name, '.');
    const char *value = option->standard ? option->standard
                        : option->secret ? "<configure me>"
                                         : "";
    if (option->help)
        wr_buf_printf(&e->out, "# %s\n", option->help);
    wr_buf_printf(&e->out, "# %s = ", dot ? dot + 1 : option->name);
    if (is_quoted(option) || (!option->standard && option->secret))
        wr_json_quote(&e->out, weir_str_of(value)); /* TOML has the same escapes */
    else
        wr_buf_cstr(&e->out, value);
    wr_buf_char(&e->out, '\n');
}

static weir_status write_file(weir_ctx *cx, example *e, int dir, const char *name, bool force)
{
    WEIR_TRY(wr_buf_check(cx, &e->out, "the example of a settings file"));
    bool exists = false;
    WEIR_TRY(wr_exists_at(cx, dir, name, &exists));
    if (exists && !force)
        return weir_fail(cx, WEIR_INVALID,
                         "'.dlt/%s' is already there\nhint: --force writes it anew", name);
    WEIR_TRY(wr_file_publish(cx, dir, name, wr_buf_view(&e->out)));
    printf("wrote .dlt/%s\n", name);
    return WEIR_OK;
}

static void fill(example *e, const wr_option_groups *groups)
{
    wr_buf_printf(&e->out,
                  "# %s of a project: every option that this weir knows. Take the '#' "
                  "away from those that you set%s\n",
                  e->secrets ? "Secrets" : "Settings",
                  e->secrets ? ", in a copy called secrets.toml, which is never committed." : ".");
    for (size_t i = 0; i < groups->len; i++)
        for (const weir_option *option = groups->ptr[i].options; option->name; option++)
            if (belongs(e, option))
                add_option(e, &groups->ptr[i].section, option);
}

static weir_status write_example(weir_ctx *cx, int dir, bool secrets, bool force)
{
    example e = { .secrets = secrets, .out = wr_buf_max(EXAMPLE_MAX) };
    const wr_option_groups groups = wr_known_options(&e.arena, (weir_str){ 0 });
    fill(&e, &groups);
    const weir_status status =
        write_file(cx, &e, dir, secrets ? "secrets.toml.example" : "config.toml.example", force);
    wr_buf_done(&e.out);
    wr_arena_done(&e.arena);
    return status;
}

weir_status wr_command_config_example(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(config) wr_config *config = wr_config_new();
    wr_named_pipeline named;
    if (call->words[0])
        WEIR_TRY(wr_named_pipeline_load(cx, &arena, config, call->words[0], &named));
    weir_str project;
    WEIR_TRY(wr_project_dir(cx, &arena, &project));
    wr_auto(close) int dir = -1;
    const weir_str path = wr_arena_printf(&arena, "%.*s/.dlt", WR_STR(project));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path.ptr, true, &dir));
    const bool force = wr_call_flag(call, "force") != NULL;
    WEIR_TRY(write_example(cx, dir, false, force));
    return write_example(cx, dir, true, force);
}
