/* Checks the names in a project: whatever a run would look for and not find, for all pipelines at once. */
#include "project/check.h"

#include <string.h>

#include "base/ctx.h"
#include "base/process.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "pipeline/options.h"

typedef struct checker {
    wr_arena *arena;
    const wr_config *config;
    wr_checked *ret;
} checker;

static weir_status note(weir_ctx *cx, checker *c, weir_status status)
{
    return wr_problem_note(cx, c->arena, &c->ret->problems, status);
}

/* ---- names that are given twice ---- */

static const char *name_of(const weir_registration *part)
{
    return part->part == WEIR_PART_SOURCE ? ((const weir_source *)part->what)->name
                                          : ((const weir_pipeline *)part->what)->name;
}

static const char *kind_of(const weir_registration *part)
{
    return part->part == WEIR_PART_SOURCE ? "source" : "pipeline";
}

static weir_status check_part(weir_ctx *cx, size_t number)
{
    const weir_registration *part = wr_registered(number);
    const char *name = name_of(part);
    if (!name || !*name)
        return weir_fail(cx, WEIR_INVALID, "%s:%d: a %s has no name", part->file, part->line,
                         kind_of(part));
    for (size_t i = 0; i < number; i++) {
        const weir_registration *other = wr_registered(i);
        if (other->part == part->part && name_of(other) && strcmp(name_of(other), name) == 0)
            return weir_fail(cx, WEIR_INVALID,
                             "the %s '%s' is registered twice: %s:%d and %s:%d\n"
                             "hint: give one of them another name",
                             kind_of(part), name, other->file, other->line, part->file, part->line);
    }
    return WEIR_OK;
}

static weir_status check_parts(weir_ctx *cx, checker *c)
{
    for (size_t i = 0; i < wr_registered_count(); i++)
        WEIR_TRY(note(cx, c, check_part(cx, i)));
    return WEIR_OK;
}

/* One in TOML and one in C. Two in C are told with their lines. */
static weir_status check_twice(weir_ctx *cx, const checker *c, const wr_program *program)
{
    if (!wr_str_ends(weir_str_of(program->file), wr_lit(".toml")))
        return WEIR_OK;
    for (size_t i = 0; i < c->ret->programs.len; i++) {
        const wr_program *other = &c->ret->programs.ptr[i];
        if (strcmp(other->pipeline->name, program->pipeline->name) == 0)
            return weir_fail(cx, WEIR_INVALID,
                             "the pipeline '%s' is written twice: '%s' and '%s'\n"
                             "hint: remove one of them, or give it another name",
                             program->pipeline->name, other->file, program->file);
    }
    return WEIR_OK;
}

/* ---- pipelines ---- */

/* The one that is written down, whatever the environment says for now. One that names none leaves it to the configuration. */
static weir_status check_destination(weir_ctx *cx, const checker *c, const weir_pipeline *pipeline)
{
    const wr_scope scope = { .config = c->config, .pipeline = weir_str_of(pipeline->name) };
    const wr_destination_wish wish = { .given = weir_str_of(pipeline->destination) };
    wr_destination_choice choice;
    if (wish.given.len == 0)
        return WEIR_OK;
    return wr_context(cx, wr_destination_choose(cx, &scope, &wish, c->arena, &choice),
                      "pipeline '%s'", pipeline->name);
}

/* As a user names it: from the project on. */
static weir_status relative_file(weir_ctx *cx, const checker *c, const char **file)
{
    weir_str project;
    WEIR_TRY(wr_project_dir(cx, c->arena, &project));
    if (strncmp(*file, project.ptr, project.len) == 0 && (*file)[project.len] == '/')
        *file += project.len + 1;
    return WEIR_OK;
}

static weir_status take(weir_ctx *cx, void *self, const wr_program *given, weir_status status)
{
    checker *c = self;
    wr_program program = *given;
    const bool found = status == WEIR_OK;
    WEIR_TRY(note(cx, c, status));
    WEIR_TRY(relative_file(cx, c, &program.file));
    if (!program.pipeline || !program.pipeline->name)
        return WEIR_OK; /* what was wrong is told */
    WEIR_TRY(note(cx, c, check_destination(cx, c, program.pipeline)));
    WEIR_TRY(note(cx, c, check_twice(cx, c, &program)));
    if (found)
        *wr_vec_push(&c->ret->programs) = program;
    return WEIR_OK;
}

weir_status wr_project_check(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                             wr_checked *ret)
{
    checker c = { .arena = arena, .config = config, .ret = ret };
    *ret = (wr_checked){ 0 };
    WEIR_TRY(wr_program_each(cx, arena, config, take, &c, &ret->module));
    return check_parts(cx, &c);
}

void wr_cleanup_checked(wr_checked *checked)
{
    wr_vec_done(&checked->programs);
    wr_vec_done(&checked->problems);
}
