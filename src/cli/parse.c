/* From the words of the command line to a call of one command. Every complaint says how it is used. */
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/tree.h"

#define USAGE_MAX 1024
#define CHILDREN_MAX 32

/* Options that are shown in the usage line itself, in columns. */
#define OPTIONS_WIDTH 40

/* Spellings that people try first. */
static const struct {
    const char *given;
    const char *command;
} aliases[] = {
    { "--version", "version" },
    { "-V", "version" },
    { "--help", "help" },
    { "-h", "help" },
};

void wr_path_name(wr_buf *ret, const wr_path *path)
{
    for (size_t i = 0; i < path->len; i++)
        wr_buf_printf(ret, "%s%s", i ? " " : "", path->at[i]->name);
}

void wr_path_usage(wr_buf *ret, const wr_path *path)
{
    const wr_command *command = wr_path_end(path);
    wr_path_name(ret, path);
    if (command->children)
        wr_buf_cstr(ret, " COMMAND");
    for (const wr_param *param = command->params; param && param->name; param++)
        wr_buf_printf(ret,
                      param->many       ? " [%s...]"
                      : param->optional ? " [%s]"
                                        : " %s",
                      param->name);
    wr_auto(buf) wr_buf options = wr_buf_max(USAGE_MAX);
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++)
        if (!flag->hidden)
            wr_buf_printf(&options, flag->value ? " [--%s %s]" : " [--%s]", flag->name,
                          flag->value);
    /* More than fit on a line are listed below the usage. */
    if (options.len > OPTIONS_WIDTH)
        wr_buf_cstr(ret, " [OPTIONS]");
    else
        wr_buf_str(ret, wr_buf_view(&options));
}

/* Complain: "'weir show' needs PIPELINE", with the usage as hint. */
static weir_status fail_usage(weir_ctx *cx, const wr_path *path, const char *what, const char *name)
{
    wr_auto(buf) wr_buf command = wr_buf_max(USAGE_MAX);
    wr_auto(buf) wr_buf usage = wr_buf_max(USAGE_MAX);
    wr_path_name(&command, path);
    wr_path_usage(&usage, path);
    return weir_fail(cx, WEIR_INVALID, "'%s' %s '%s'\nhint: usage: %s", wr_buf_text(&command), what,
                     name, wr_buf_text(&usage));
}

/* ---- commands ---- */

static const wr_command *find_child(const wr_command *parent, const char *name)
{
    for (const wr_command *child = parent->children; child && child->name; child++)
        if (strcmp(child->name, name) == 0)
            return child;
    return NULL;
}

static const char *nearest_child(const wr_command *parent, const char *name)
{
    const char *names[CHILDREN_MAX] = { 0 };
    size_t count = 0;
    for (const wr_command *child = parent->children; child->name; child++) {
        wr_assert(count + 1 < CHILDREN_MAX);
        names[count++] = child->name;
    }
    return wr_str_nearest(name, names);
}

static weir_status fail_unknown_command(weir_ctx *cx, const wr_path *path, const char *name)
{
    wr_auto(buf) wr_buf group = wr_buf_max(USAGE_MAX);
    wr_path_name(&group, path);
    const char *near = nearest_child(wr_path_end(path), name);
    if (near)
        return weir_fail(cx, WEIR_INVALID, "unknown command '%s'\nhint: did you mean: %s %s", name,
                         wr_buf_text(&group), near);
    return weir_fail(cx, WEIR_INVALID,
                     "unknown command '%s'\nhint: the commands are listed by: %s --help", name,
                     wr_buf_text(&group));
}

static weir_status descend(weir_ctx *cx, wr_path *path, const char *name)
{
    const wr_command *child = find_child(wr_path_end(path), name);
    if (!child)
        return fail_unknown_command(cx, path, name);
    wr_assert(path->len < WR_DEPTH_MAX);
    path->at[path->len++] = child;
    return WEIR_OK;
}

static weir_status fail_no_command(weir_ctx *cx, const wr_path *path)
{
    wr_auto(buf) wr_buf group = wr_buf_max(USAGE_MAX);
    wr_auto(buf) wr_buf names = wr_buf_max(USAGE_MAX);
    wr_path_name(&group, path);
    for (const wr_command *child = wr_path_end(path)->children; child->name; child++)
        wr_buf_printf(&names, "%s%s", names.len ? ", " : "", child->name);
    return weir_fail(cx, WEIR_INVALID, "'%s' needs a command: %s\nhint: see: %s --help",
                     wr_buf_text(&group), wr_buf_text(&names), wr_buf_text(&group));
}

/* ---- flags ---- */

static const char *nearest_flag(const wr_command *command, const char *name)
{
    const char *names[WR_FLAGS_MAX + 2] = { "help" };
    size_t count = 1;
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++)
        if (!flag->hidden)
            names[count++] = flag->name;
    return wr_str_nearest(name, names);
}

static weir_status fail_unknown_flag(weir_ctx *cx, const wr_path *path, weir_str given)
{
    while (given.len > 0 && given.ptr[0] == '-') {
        given.ptr++;
        given.len--;
    }
    wr_auto(buf) wr_buf name = wr_buf_max(USAGE_MAX);
    wr_buf_str(&name, given);
    const char *near = nearest_flag(wr_path_end(path), wr_buf_text(&name));

    wr_auto(buf) wr_buf command = wr_buf_max(USAGE_MAX);
    wr_path_name(&command, path);
    if (near)
        return weir_fail(cx, WEIR_INVALID, "unknown option '%s%s'\nhint: did you mean: --%s",
                         given.ptr[-1] == '-' && given.len > 1 ? "--" : "-", wr_buf_text(&name),
                         near);
    return weir_fail(cx, WEIR_INVALID,
                     "unknown option '%s%s'\nhint: the options are listed by: %s --help",
                     given.ptr[-1] == '-' && given.len > 1 ? "--" : "-", wr_buf_text(&name),
                     wr_buf_text(&command));
}

/* `argv[*i]` is an option; its value may be the next word. */
static weir_status take_flag(weir_ctx *cx, char *const *argv, int *i, wr_call *call)
{
    weir_str rest = weir_str_of(argv[*i]);
    const char *equals = strchr(argv[*i], '=');
    weir_str given;
    (void)wr_str_split(&rest, '=', &given); /* an option has at least one dash */

    if (wr_str_eq(given, wr_lit("--help")) || wr_str_eq(given, wr_lit("-h"))) {
        call->help = true;
        return WEIR_OK;
    }
    const wr_flag *flags = wr_path_end(&call->path)->flags;
    for (size_t n = 0; flags && flags[n].name; n++) {
        wr_assert(n < WR_FLAGS_MAX);
        if (!wr_str_starts(given, wr_lit("--")) ||
            !wr_str_eq((weir_str){ given.ptr + 2, given.len - 2 }, weir_str_of(flags[n].name)))
            continue;
        if (!flags[n].value && equals)
            return fail_usage(cx, &call->path, "takes no value for the option", flags[n].name);
        if (flags[n].value && !equals && !argv[*i + 1])
            return fail_usage(cx, &call->path, "needs a value for the option", flags[n].name);
        call->values[n] = !flags[n].value ? "" : equals ? equals + 1 : argv[++*i];
        return WEIR_OK;
    }
    return fail_unknown_flag(cx, &call->path, given);
}

const char *wr_call_flag(const wr_call *call, const char *name)
{
    const wr_flag *flags = wr_path_end(&call->path)->flags;
    for (size_t n = 0; flags && flags[n].name; n++)
        if (strcmp(flags[n].name, name) == 0)
            return call->values[n];
    wr_assert_failed("the command has the flag", __FILE__, __LINE__);
}

/* ---- words ---- */

/* What the word of this number is; its name is NULL: none is expected. */
static const wr_param *param_of(const wr_command *command, size_t number)
{
    static const wr_param none;
    const wr_param *param = command->params ? command->params : &none;
    while (number-- > 0 && param->name && !param->many)
        param++;
    return param;
}

static weir_status take_word(weir_ctx *cx, wr_call *call, const char *word)
{
    const wr_command *command = wr_path_end(&call->path);
    if (command->children)
        return descend(cx, &call->path, word);
    if (command->names_command) {
        if (!wr_path_end(&call->topic)->children)
            return fail_usage(cx, &call->topic, "has no command", word);
        return descend(cx, &call->topic, word);
    }
    if (!param_of(command, call->word_count)->name || call->word_count == WR_WORDS_MAX)
        return fail_usage(cx, &call->path, "does not expect", word);
    call->words[call->word_count++] = word;
    return WEIR_OK;
}

static weir_status check_complete(weir_ctx *cx, const wr_call *call)
{
    const wr_command *command = wr_path_end(&call->path);
    if (!command->run)
        return fail_no_command(cx, &call->path);
    if (command->names_command)
        return WEIR_OK;
    const wr_param *missing = param_of(command, call->word_count);
    if (missing->name && !missing->optional)
        return fail_usage(cx, &call->path, "needs", missing->name);
    return WEIR_OK;
}

static const char *without_alias(const char *word)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
        if (strcmp(word, aliases[i].given) == 0)
            return aliases[i].command;
    return word;
}

weir_status wr_call_parse(weir_ctx *cx, int argc, char *const *argv, wr_call *ret)
{
    wr_call call = { .path = { { &wr_command_root }, 1 }, .topic = { { &wr_command_root }, 1 } };
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *word = i == 1 ? without_alias(argv[i]) : argv[i];
        if (!only_words && strcmp(word, "--") == 0)
            only_words = true;
        else if (!only_words && word[0] == '-' && word[1] != '\0')
            WEIR_TRY(take_flag(cx, argv, &i, &call));
        else
            WEIR_TRY(take_word(cx, &call, word));
    }
    if (!call.help)
        WEIR_TRY(check_complete(cx, &call));
    *ret = call;
    return WEIR_OK;
}
