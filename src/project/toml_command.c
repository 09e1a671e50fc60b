/* Programs as a source: [source.command]. */
#include <weir/input.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/words.h"
#include "pipeline/resource.h"
#include "project/toml_source.h"

/* Secrets, so that they cannot stand in config.toml; what is none stands in the pipeline. */
static const weir_option OPTIONS[] = {
    { "program.config", WEIR_OPTION_MAP, .secret = true,
      .help = "what the placeholder {config} stands for, on top of the pipeline's 'config'" },
    { "program.env", WEIR_OPTION_MAP, .secret = true,
      .help = "environment variables, on top of the pipeline's 'env'" },
    { 0 },
};
enum { OPTION_CONFIG, OPTION_ENV };

/* A setting of the resource, or else of the source. NULL: neither has it. */
static const wr_toml *find_setting(const wr_toml_source *r, const wr_toml *table, const char *key)
{
    const wr_toml *own = wr_toml_get(table, weir_str_of(key));
    return own ? own : wr_toml_get(r->settings, weir_str_of(key));
}

static weir_status wrong_kind(const wr_toml_source *r, const wr_toml *value, const char *key,
                              const char *expected)
{
    return wr_toml_fail(r->cx, WEIR_CONFIG, value->place, "'%s' is %s, expected %s", key,
                        wr_toml_kind_name(value->kind), expected);
}

static weir_status check_text(const wr_toml_source *r, const wr_toml *value, const char *key)
{
    if (value->kind != WR_TOML_TEXT)
        return wrong_kind(r, value, key, "a text");
    if (memchr(value->text.ptr, '\0', value->text.len))
        return wr_toml_fail(r->cx, WEIR_CONFIG, value->place, "'%s' has a NUL", key);
    return WEIR_OK;
}

/* ---- the command ---- */

static weir_status read_list(const wr_toml_source *r, const wr_toml *given, const char *const **ret)
{
    const char **words = wr_arena_new_array(r->arena, given->count + 1, const char *);
    size_t count = 0;
    for (const wr_toml *item = given->first; item; item = item->next) {
        WEIR_TRY(check_text(r, item, "command"));
        words[count++] = wr_arena_str(r->arena, item->text).ptr;
    }
    if (count == 0 || !words[0][0])
        return wr_toml_fail(r->cx, WEIR_CONFIG, given->place, "'command' names no program");
    *ret = words;
    return WEIR_OK;
}

static weir_status read_words(const wr_toml_source *r, const wr_toml *given,
                              const char *const **ret)
{
    if (given->kind == WR_TOML_ARRAY)
        return read_list(r, given, ret);
    if (given->kind != WR_TOML_TEXT)
        return wrong_kind(r, given, "command", "a text, or a list of texts");
    WEIR_TRY(check_text(r, given, "command"));
    const weir_status status = wr_words_split(r->cx, r->arena, given->text, ret);
    return wr_context(r->cx, status, "%s:%u:%u: 'command'", given->place.file, given->place.line,
                      given->place.column);
}

static weir_status read_shell(const wr_toml_source *r, const wr_toml *given,
                              const char *const **ret)
{
    WEIR_TRY(check_text(r, given, "sh"));
    const char **words = wr_arena_new_array(r->arena, 4, const char *);
    words[0] = "/bin/sh";
    words[1] = "-c";
    words[2] = wr_arena_str(r->arena, given->text).ptr;
    *ret = words;
    return WEIR_OK;
}

/* Both in one table are one too many; a resource's beats the source's. */
static weir_status read_command(const wr_toml_source *r, const wr_toml *table,
                                const char *const **ret)
{
    const wr_toml *const places[] = { table, r->settings };
    for (size_t i = 0; i < 2; i++) {
        const wr_toml *command = wr_toml_get(places[i], wr_lit("command"));
        const wr_toml *shell = wr_toml_get(places[i], wr_lit("sh"));
        if (command && shell)
            return wr_toml_fail(r->cx, WEIR_CONFIG, shell->place,
                                "there is 'command' and 'sh'\nhint: 'sh' is for a shell, "
                                "'command' is run without one");
        if (command)
            return read_words(r, command, ret);
        if (shell)
            return read_shell(r, shell, ret);
    }
    return wr_toml_fail(r->cx, WEIR_CONFIG, table->place,
                        "the resource has no 'command'\n"
                        "hint: as in command = [\"program\", \"argument\"], or sh = \"a | b\"");
}

/* ---- what it is given ---- */

/* Values that come from the chain are secrets, each of them. */
static void hide_values(const wr_node *node)
{
    if (node->kind == WR_NODE_TEXT)
        wr_log_add_secret(node->text);
    for (const wr_node *item = node->first; item; item = item->next)
        hide_values(item);
}

/* A table of the pipeline, and over it what the chain has; NULL: neither is there. */
static weir_status read_table(const wr_toml_source *r, const wr_toml *table, const char *key,
                              const weir_option *option, wr_node **ret)
{
    const wr_toml *given = find_setting(r, table, key);
    const char *found = NULL;
    wr_node *chain = NULL;
    if (given && given->kind != WR_TOML_TABLE)
        return wrong_kind(r, given, key, "a table");
    WEIR_TRY(wr_toml_source_option(r, option, &found));
    if (found)
        WEIR_TRY(wr_context(r->cx, wr_node_parse(r->cx, r->arena, weir_str_of(found), &chain),
                            "'sources.command.%s'", option->name));
    if (!given && !chain)
        return WEIR_OK;
    wr_node *all = given ? wr_toml_to_node(r->arena, given) : wr_node_new(r->arena, WR_NODE_OBJECT);
    if (chain && chain->kind != WR_NODE_OBJECT)
        return weir_fail(r->cx, WEIR_CONFIG, "'sources.command.%s' is no table", option->name);
    if (chain)
        hide_values(chain);
    for (const wr_node *item = chain ? chain->first : NULL; item; item = item->next)
        wr_node_set(r->arena, all, item->key, wr_node_copy(r->arena, item));
    *ret = all;
    return WEIR_OK;
}

static weir_status read_config(const wr_toml_source *r, const wr_toml *table, weir_command *ret)
{
    wr_node *config = NULL;
    WEIR_TRY(read_table(r, table, "config", &OPTIONS[OPTION_CONFIG], &config));
    if (config)
        ret->config = wr_toml_source_json(r, config);
    return WEIR_OK;
}

static weir_status env_entry(const wr_toml_source *r, const wr_node *item, const char **ret)
{
    weir_str value = item->text;
    if (item->kind == WR_NODE_TRUE || item->kind == WR_NODE_FALSE)
        value = item->kind == WR_NODE_TRUE ? wr_lit("true") : wr_lit("false");
    else if (item->kind != WR_NODE_TEXT && item->kind != WR_NODE_NUMBER)
        return weir_fail(r->cx, WEIR_CONFIG, "the environment variable '%.*s' has no text",
                         WR_STR(item->key));
    if (item->key.len == 0 || memchr(item->key.ptr, '=', item->key.len) ||
        memchr(item->key.ptr, '\0', item->key.len) || memchr(value.ptr, '\0', value.len))
        return weir_fail(r->cx, WEIR_CONFIG,
                         "'%.*s' cannot be an environment variable: there is a '=' or a NUL",
                         WR_STR(item->key));
    *ret = wr_arena_printf(r->arena, "%.*s=%.*s", WR_STR(item->key), WR_STR(value)).ptr;
    return WEIR_OK;
}

static weir_status read_env(const wr_toml_source *r, const wr_toml *table, weir_command *ret)
{
    wr_node *all = NULL;
    WEIR_TRY(read_table(r, table, "env", &OPTIONS[OPTION_ENV], &all));
    if (!all)
        return WEIR_OK;
    const char **env = wr_arena_new_array(r->arena, all->count + 1, const char *);
    size_t count = 0;
    for (const wr_node *item = all->first; item; item = item->next)
        WEIR_TRY(env_entry(r, item, &env[count++]));
    ret->env = env;
    return WEIR_OK;
}

/* A path of a file, or the catalog itself. */
static weir_status read_catalog(const wr_toml_source *r, const wr_toml *table, weir_command *ret)
{
    const wr_toml *given = find_setting(r, table, "catalog");
    if (!given)
        return WEIR_OK;
    if (given->kind == WR_TOML_TABLE) {
        ret->catalog = wr_toml_source_json(r, wr_toml_to_node(r->arena, given));
        return WEIR_OK;
    }
    WEIR_TRY(check_text(r, given, "catalog"));
    const char *path = wr_toml_source_path(r, given->text);
    weir_str content;
    bool found = false;
    WEIR_TRY(wr_file_read(r->cx, r->arena, AT_FDCWD, path, &content, &found));
    if (!found)
        return wr_toml_fail(r->cx, WEIR_CONFIG, given->place,
                            "there is no catalog '%s'\n"
                            "hint: most taps write it with --discover",
                            path);
    ret->catalog = wr_arena_str(r->arena, content).ptr;
    return WEIR_OK;
}

/* ---- Singer ---- */

/* What has no meaning where tables come with their rows. */
static weir_status refuse(const wr_toml_source *r, const wr_toml *table, const char *key,
                          const char *hint)
{
    const wr_toml *given = wr_toml_get(table, weir_str_of(key));
    if (!given)
        return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_CONFIG, given->place,
                        "'%s' means nothing for a Singer tap\nhint: %s", key, hint);
}

static bool is_hint(weir_str key)
{
    for (size_t i = 0; wr_resource_hints[i]; i++)
        if (wr_str_eq(key, weir_str_of(wr_resource_hints[i])))
            return true;
    return false;
}

/* What the run would say about it later is said with its place. */
static weir_status check_stream(const wr_toml_source *r, const wr_toml *stream)
{
    const char *hints = wr_toml_source_json(r, wr_toml_to_node(r->arena, stream));
    const weir_resource list[] = {
        { .name = wr_arena_str(r->arena, stream->key).ptr,
          .input = &weir_input_command,
          .hints = hints },
        { 0 },
    };
    wr_resources read;
    return wr_context(r->cx, wr_resources_read(r->cx, r->arena, list, &read), "%s:%u:%u",
                      stream->place.file, stream->place.line, stream->place.column);
}

static const char TAP_KEEPS[] = "the tap keeps its place itself: its STATE comes back in {state}";

static weir_status read_streams(const wr_toml_source *r, const wr_toml *table, weir_command *ret)
{
    const wr_toml *given = wr_toml_get(table, wr_lit("streams"));
    if (!given)
        return WEIR_OK;
    if (given->kind != WR_TOML_TABLE)
        return wrong_kind(r, given, "streams", "a table of tables: { users = { … } }");
    for (const wr_toml *stream = given->first; stream; stream = stream->next) {
        if (stream->kind != WR_TOML_TABLE)
            return wrong_kind(r, stream, "streams", "a table: { primary_key = \"id\" }");
        WEIR_TRY(wr_toml_check_keys(r->cx, stream, "a stream", wr_resource_hints));
        WEIR_TRY(refuse(r, stream, "incremental", TAP_KEEPS));
        WEIR_TRY(check_stream(r, stream));
    }
    ret->streams = wr_toml_source_json(r, wr_toml_to_node(r->arena, given));
    return WEIR_OK;
}

/* Hints of the resource are those of all streams. */
static weir_status read_singer(const wr_toml_source *r, const wr_toml *table, weir_command *ret)
{
    wr_node *hints = wr_node_new(r->arena, WR_NODE_OBJECT);
    WEIR_TRY(refuse(r, table, "incremental", TAP_KEEPS));
    WEIR_TRY(refuse(r, table, "table_name",
                    "streams are tables; rename one with streams = { users = { table_name = "
                    "\"people\" } }"));
    for (const wr_toml *member = table->first; member; member = member->next)
        if (is_hint(member->key))
            wr_node_set(r->arena, hints, member->key, wr_toml_to_node(r->arena, member));
    if (hints->count > 0)
        ret->hints = wr_toml_source_json(r, hints);
    return read_streams(r, table, ret);
}

/* ---- the resource ---- */

static weir_status read_format(const wr_toml_source *r, const wr_toml *table,
                               weir_command_format *ret)
{
    static const struct {
        const char *name;
        weir_command_format format;
    } FORMATS[] = {
        { "jsonl", WEIR_COMMAND_JSON },
        { "json", WEIR_COMMAND_JSON },
        { "singer", WEIR_COMMAND_SINGER },
    };
    const char *given = NULL;
    WEIR_TRY(wr_toml_source_setting(r, table, "format", FORMATS[0].name, &given));
    for (size_t i = 0; i < sizeof(FORMATS) / sizeof(*FORMATS); i++) {
        if (strcmp(given, FORMATS[i].name) == 0) {
            *ret = FORMATS[i].format;
            return WEIR_OK;
        }
    }
    return wr_toml_fail(r->cx, WEIR_UNSUPPORTED, find_setting(r, table, "format")->place,
                        "the format '%s' cannot be read\n"
                        "hint: jsonl is lines of JSON, or one list; singer is messages of a tap",
                        given);
}

static weir_status read_program(const wr_toml_source *r, const wr_toml *table, weir_resource *ret)
{
    weir_command *command = wr_arena_new(r->arena, weir_command);
    const char *folder = NULL;
    WEIR_TRY(read_command(r, table, &command->words));
    WEIR_TRY(read_format(r, table, &command->format));
    WEIR_TRY(wr_toml_source_setting(r, table, "folder", ".", &folder));
    command->folder = strcmp(folder, ".") == 0 ? wr_arena_str(r->arena, r->folder).ptr
                                               : wr_toml_source_path(r, weir_str_of(folder));
    WEIR_TRY(read_env(r, table, command));
    WEIR_TRY(read_config(r, table, command));
    WEIR_TRY(read_catalog(r, table, command));
    WEIR_TRY(wr_toml_source_bad_row(r, table, &ret->on_bad_row));
    command->may_be_bad = ret->on_bad_row == WEIR_BAD_ROW_QUARANTINE;
    const wr_toml *streams = wr_toml_get(table, wr_lit("streams"));
    if (command->format == WEIR_COMMAND_SINGER)
        WEIR_TRY(read_singer(r, table, command));
    else if (streams)
        return wr_toml_fail(r->cx, WEIR_CONFIG, streams->place,
                            "only a Singer tap has 'streams'\nhint: format = \"singer\"");
    ret->input = &weir_input_command;
    ret->input_spec = command;
    return WEIR_OK;
}

#define PROGRAM_KEYS "command", "sh", "folder", "env", "format", "config", "catalog", "on_bad_row"

const wr_source_kind wr_toml_command = {
    .name = "command",
    .example = "resources = [{ name = \"events\", command = [\"program\", \"argument\"] }]",
    .keys = (const char *const[]){ PROGRAM_KEYS, NULL },
    .resource_keys = (const char *const[]){ PROGRAM_KEYS, "streams", NULL },
    .options = OPTIONS,
    .read_resource = read_program,
};
