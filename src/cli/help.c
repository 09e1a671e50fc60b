/* Everything that can be read about the commands, from the one table: help texts, the reference in Markdown, the manual
 * page. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/tree.h"

#define HELP_MAX ((size_t)1 << 20)

typedef struct entry {
    const char *name;
    const char *text;
} entry;

static const entry exit_statuses[] = {
    { "0", "done" },
    { "1", "failed" },
    { "2", "wrong usage of the command line" },
    { "3", "wrong or missing configuration" },
    { "130", "stopped by SIGINT" },
    { "143", "stopped by SIGTERM" },
    { 0 },
};

static const entry variables[] = {
    { "CC", "the C compiler of `weir run`, with options if need be; otherwise cc, gcc or clang" },
    { "LDLIBS", "what the modules of `weir run` are linked with: -lNAME" },
    { "WEIR_CORE",
      "1: a crash may leave a core file; without it none, for secrets would be in it" },
    { "WEIR_DATA_DIR", "the working folder, instead of .weir in the project" },
    { "WEIR_LOG",
      "which log lines are shown: error, warn, info, debug; by area: info,duckdb=debug" },
    { "DESTINATION__NAME", "the destination to load into, whatever the pipelines say" },
    { "DUCKDB_HOME", "the folder of the DuckDB library to use" },
    { 0 },
};

weir_status wr_command_version(weir_ctx *cx, const wr_call *call)
{
    (void)cx;
    (void)call;
    puts("weir " WEIR_VERSION);
    return WEIR_OK;
}

/* Call `visit` for each command below the end of the path, and for those below it. */
static void each_command(wr_buf *out, const wr_path *path,
                         void (*visit)(wr_buf *out, const wr_path *path))
{
    for (const wr_command *child = wr_path_end(path)->children; child && child->name; child++) {
        wr_path below = *path;
        wr_assert(below.len < WR_DEPTH_MAX);
        below.at[below.len++] = child;
        visit(out, &below);
        each_command(out, &below, visit);
    }
}

static bool has_visible_flags(const wr_command *command)
{
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++)
        if (!flag->hidden)
            return true;
    return false;
}

static void put_flag(wr_buf *out, const wr_flag *flag)
{
    wr_buf_printf(out, flag->value ? "--%s %s" : "--%s", flag->name, flag->value);
}

/* ---- help on the terminal ---- */

/* "  name         text" */
static void put_pair(wr_buf *out, const char *name, const char *text)
{
    wr_buf_printf(out, "  %-20s %s\n", name, text);
}

static void put_indented(wr_buf *out, const char *lines)
{
    weir_str rest = weir_str_of(lines);
    for (weir_str line; wr_str_split(&rest, '\n', &line);)
        wr_buf_printf(out, "%s%.*s\n", line.len ? "  " : "", WR_STR(line));
}

static void put_children(wr_buf *out, const wr_path *path)
{
    const wr_command *command = wr_path_end(path);
    wr_buf_cstr(out, "\ncommands:\n");
    for (const wr_command *child = command->children; child->name; child++)
        put_pair(out, child->name, child->summary);
    wr_buf_cstr(out, "\nMore about each: ");
    wr_path_name(out, path);
    wr_buf_cstr(out, " COMMAND --help\n");
}

static void put_arguments(wr_buf *out, const wr_command *command)
{
    if (command->params)
        wr_buf_cstr(out, "\narguments:\n");
    for (const wr_param *param = command->params; param && param->name; param++)
        put_pair(out, param->name, param->help);

    if (has_visible_flags(command))
        wr_buf_cstr(out, "\noptions:\n");
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++) {
        wr_auto(buf) wr_buf name = wr_buf_max(HELP_MAX);
        put_flag(&name, flag);
        if (!flag->hidden)
            put_pair(out, wr_buf_text(&name), flag->help);
    }
}

static void put_help(wr_buf *out, const wr_path *path)
{
    const wr_command *command = wr_path_end(path);
    wr_path_name(out, path);
    wr_buf_printf(out, ": %s\n\nusage: ", command->summary);
    wr_path_usage(out, path);
    wr_buf_char(out, '\n');
    if (command->details)
        wr_buf_printf(out, "\n%s\n", command->details);
    put_arguments(out, command);
    if (command->children)
        put_children(out, path);
    if (command->examples) {
        wr_buf_cstr(out, "\nexamples:\n");
        put_indented(out, command->examples);
    }
}

void wr_help_print(FILE *out, const wr_path *path)
{
    wr_auto(buf) wr_buf text = wr_buf_max(HELP_MAX);
    put_help(&text, path);
    wr_assert(!text.failed);
    fwrite(text.ptr, 1, text.len, out);
}

/* ---- the reference, in Markdown ---- */

static void put_markdown_table(wr_buf *out, const char *title, const char *head,
                               const entry *entries)
{
    wr_buf_printf(out, "\n## %s\n\n| %s | |\n| --- | --- |\n", title, head);
    for (; entries->name; entries++)
        wr_buf_printf(out, "| `%s` | %s |\n", entries->name, entries->text);
}

static void put_markdown_arguments(wr_buf *out, const wr_command *command)
{
    if (command->params || has_visible_flags(command))
        wr_buf_cstr(out, "\n| | |\n| --- | --- |\n");
    for (const wr_param *param = command->params; param && param->name; param++)
        wr_buf_printf(out, "| `%s` | %s |\n", param->name, param->help);
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++) {
        if (flag->hidden)
            continue;
        wr_buf_cstr(out, "| `");
        put_flag(out, flag);
        wr_buf_printf(out, "` | %s |\n", flag->help);
    }
}

static void put_markdown_command(wr_buf *out, const wr_path *path)
{
    const wr_command *command = wr_path_end(path);
    wr_buf_cstr(out, "\n## ");
    wr_path_name(out, path);
    wr_buf_printf(out, "\n\n%s\n", command->summary);
    if (!command->run)
        return;
    wr_buf_cstr(out, "\n    ");
    wr_path_usage(out, path);
    wr_buf_char(out, '\n');
    if (command->details)
        wr_buf_printf(out, "\n%s\n", command->details);
    put_markdown_arguments(out, command);
    if (command->examples) {
        wr_buf_cstr(out, "\n```\n");
        wr_buf_printf(out, "%s\n```\n", command->examples);
    }
}

static void put_markdown(wr_buf *out)
{
    const wr_path root = { { &wr_command_root }, 1 };
    wr_buf_printf(out,
                  "<!-- made by: weir help --markdown -->\n# The command line\n\n%s\n\n"
                  "Results go to stdout, everything else to stderr: errors, progress, log lines.\n",
                  wr_command_root.details);
    each_command(out, &root, put_markdown_command);
    put_markdown_table(out, "Exit status", "status", exit_statuses);
    put_markdown_table(out, "Environment", "variable", variables);
}

/* ---- the manual page ---- */

/* Text for troff: backslashes are doubled, '-' is that of options, and no line begins with a control character. */
static void put_troff(wr_buf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        const bool begins = at == text || at[-1] == '\n';
        if (begins && (*at == '.' || *at == '\''))
            wr_buf_cstr(out, "\\&");
        if (*at == '\n' && begins)
            wr_buf_cstr(out, ".PP");
        if (*at == '\\')
            wr_buf_cstr(out, "\\e");
        else if (*at == '-')
            wr_buf_cstr(out, "\\-");
        else if (*at != '`')
            wr_buf_char(out, *at);
    }
}

static void put_troff_item(wr_buf *out, const char *name, const char *text)
{
    wr_buf_cstr(out, ".TP\n.B ");
    put_troff(out, name);
    wr_buf_char(out, '\n');
    put_troff(out, text);
    wr_buf_char(out, '\n');
}

static void put_troff_entries(wr_buf *out, const char *title, const entry *entries)
{
    wr_buf_printf(out, ".SH %s\n", title);
    for (; entries->name; entries++)
        put_troff_item(out, entries->name, entries->text);
}

static void put_troff_command(wr_buf *out, const wr_path *path)
{
    const wr_command *command = wr_path_end(path);
    if (!command->run)
        return;
    wr_auto(buf) wr_buf usage = wr_buf_max(HELP_MAX);
    wr_path_usage(&usage, path);
    wr_buf_cstr(out, ".SS ");
    put_troff(out, wr_buf_text(&usage));
    wr_buf_char(out, '\n');
    put_troff(out, command->summary);
    wr_buf_char(out, '\n');
    if (command->details) {
        wr_buf_cstr(out, ".PP\n");
        put_troff(out, command->details);
        wr_buf_char(out, '\n');
    }
    for (const wr_param *param = command->params; param && param->name; param++)
        put_troff_item(out, param->name, param->help);
    for (const wr_flag *flag = command->flags; flag && flag->name; flag++) {
        wr_auto(buf) wr_buf name = wr_buf_max(HELP_MAX);
        put_flag(&name, flag);
        if (!flag->hidden)
            put_troff_item(out, wr_buf_text(&name), flag->help);
    }
}

static void put_man(wr_buf *out)
{
    const wr_path root = { { &wr_command_root }, 1 };
    wr_buf_cstr(out, ".\\\" made by: weir help --man\n.TH WEIR 1 \"\" weir \"User Commands\"\n"
                     ".SH NAME\nweir \\- ");
    put_troff(out, wr_command_root.summary);
    wr_buf_cstr(out, "\n.SH SYNOPSIS\n.B weir\n.I COMMAND\n.RI [ ARGUMENT ...]\n.SH DESCRIPTION\n");
    put_troff(out, wr_command_root.details);
    wr_buf_cstr(out, "\n.SH COMMANDS\n");
    each_command(out, &root, put_troff_command);
    put_troff_entries(out, "EXIT STATUS", exit_statuses);
    put_troff_entries(out, "ENVIRONMENT", variables);
}

weir_status wr_command_help(weir_ctx *cx, const wr_call *call)
{
    wr_auto(buf) wr_buf text = wr_buf_max(HELP_MAX);
    if (wr_call_flag(call, "markdown"))
        put_markdown(&text);
    else if (wr_call_flag(call, "man"))
        put_man(&text);
    else
        put_help(&text, &call->topic);
    WEIR_TRY(wr_buf_check(cx, &text, "the help"));
    fwrite(text.ptr, 1, text.len, stdout);
    return WEIR_OK;
}
