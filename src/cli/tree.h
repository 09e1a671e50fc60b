/* The command tree: one table, from which parsing, help, reference and manual page are made. */
#ifndef WR_TREE_H
#define WR_TREE_H

#include <stdio.h>

#include <weir/base.h>

#include "base/buf.h"

/* `--json`, or `--destination NAME` when `value` is given. */
typedef struct wr_flag {
    const char *name; /* without the dashes */
    const char *value;
    const char *help;
    bool hidden;
} wr_flag;

typedef struct wr_param {
    const char *name;
    const char *help;
    bool optional;
    bool many; /* an optional last one: any number of words */
} wr_param;

typedef struct wr_call wr_call;

/* Lists end with a zero element; texts without a final line end. */
typedef struct wr_command {
    const char *name;
    const char *summary;  /* one line, lower case */
    const char *details;  /* paragraphs; lines of at most 78 columns */
    const char *examples; /* lines for the shell */
    const wr_param *params;
    const wr_flag *flags;
    const struct wr_command *children;
    weir_status (*run)(weir_ctx *cx,
                       const wr_call *call); /* NULL: its children are what can be run */
    bool names_command;                      /* its words name a command */
} wr_command;

/* From the root to a command. */
#define WR_DEPTH_MAX 3
typedef struct wr_path {
    const wr_command *at[WR_DEPTH_MAX];
    size_t len;
} wr_path;

static inline const wr_command *wr_path_end(const wr_path *path)
{
    return path->at[path->len - 1];
}

/* What the words of a command line came to. Texts are those of argv. */
#define WR_WORDS_MAX 256
#define WR_FLAGS_MAX 16
struct wr_call {
    wr_path path;
    const char *words[WR_WORDS_MAX]; /* those that were not given are NULL */
    size_t word_count;
    const char *values[WR_FLAGS_MAX]; /* by the number of the flag; NULL: not given */
    wr_path topic;                    /* of a command that names one */
    bool help;                        /* --help was given: nothing else counts */
    int *
        ret_exit; /* exit status of a command that has more to say than done or failed; 0: it has not */
};

extern const wr_command wr_command_root;

/* A wrong usage is WEIR_INVALID with a hint. */
weir_status wr_call_parse(weir_ctx *cx, int argc, char *const *argv, wr_call *ret) WEIR_MUST_USE;
/* The value of a flag of the command, "" for a switch that was given; NULL: not given. */
const char *wr_call_flag(const wr_call *call, const char *name);

/* Append "weir package show" to `ret`. */
void wr_path_name(wr_buf *ret, const wr_path *path);
/* Append "weir package show PIPELINE [LOAD_ID] [--json]". */
void wr_path_usage(wr_buf *ret, const wr_path *path);

/* Native code of an error that is wrong usage, which a command finds in its words and options. */
#define WR_USAGE 2

/* The commands; each in the file of its group. */
weir_status wr_command_init(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_add(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_build(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_run(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_copy(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_plan(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_show(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_sql(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_package_list(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_package_show(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_package_retry(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_package_drop(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_pipeline_list(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_pipeline_show(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_pipeline_sync(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_pipeline_drop(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_pipeline_forget(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_schema_show(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_schema_diff(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_schema_export(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_config_explain(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_config_check(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_config_example(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_version(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;
weir_status wr_command_help(weir_ctx *cx, const wr_call *call) WEIR_MUST_USE;

/* Help of the command at the end of the path. */
void wr_help_print(FILE *out, const wr_path *path);

#endif
