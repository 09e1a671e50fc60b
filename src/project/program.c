/* From a word of the command line to what is to run. */
#include "project/program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/process.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "pipeline/options.h"
#include "project/find.h"
#include "project/manifest.h"
#include "project/toml_pipeline.h"

/* What looking for a program needs. */
typedef struct search {
    weir_ctx *cx;
    wr_arena *arena;
    const wr_config *config;
    bool keep;
    const wr_c_files *files; /* of the project; NULL: not looked for yet */
} search;

/* ---- files ---- */

static bool is_c_file(const char *file)
{
    const weir_str name = weir_str_of(file);
    return name.len > 2 && wr_str_ends(name, wr_lit(".c"));
}

/* The C file beside a missing one whose name is nearest; NULL when none is near. */
static const char *nearest_file(weir_ctx *cx, wr_arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const weir_str folder = slash ? (weir_str){ file, (size_t)(slash - file) + 1 } : wr_lit("./");
    wr_auto(close) int dir = -1;
    wr_names found = { 0 };
    if (wr_open_dir(cx, AT_FDCWD, wr_arena_str(arena, folder).ptr, false, &dir) != WEIR_OK ||
        wr_list_dir(cx, arena, dir, &found) != WEIR_OK) {
        weir_error_clear(cx); /* the hint is an extra */
        return NULL;
    }

    const char **names = wr_arena_new_array(arena, found.len + 1, const char *);
    size_t count = 0;
    for (size_t i = 0; i < found.len; i++)
        if (is_c_file(found.ptr[i].ptr))
            names[count++] = found.ptr[i].ptr;
    const char *near = wr_str_nearest(slash ? slash + 1 : file, names);
    return near && slash ? wr_arena_printf(arena, "%.*s%s", WR_STR(folder), near).ptr : near;
}

static weir_status fail_missing(weir_ctx *cx, const char *file)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const char *near = nearest_file(cx, &arena, file);
    if (near)
        return weir_fail(cx, WEIR_INVALID, "no file '%s'\nhint: did you mean: weir run %s", file,
                         near);
    return weir_fail(cx, WEIR_INVALID, "no file '%s'\nhint: give its path from the working folder",
                     file);
}

static weir_status check_file(weir_ctx *cx, const char *file)
{
    struct stat st;
    if (stat(file, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail_missing(cx, file);
        return wr_fail_errno(cx, errno, "the file '%s' cannot be read", file);
    }
    if (S_ISDIR(st.st_mode))
        return weir_fail(cx, WEIR_INVALID,
                         "'%s' is a folder\nhint: name the C file in it: weir run %s%sFILE.c", file,
                         file, file[strlen(file) - 1] == '/' ? "" : "/");
    if (!is_c_file(file))
        return weir_fail(cx, WEIR_INVALID,
                         "'%s' cannot be run: its name ends neither in '.c' nor in '.toml'\n"
                         "hint: weir run compiles files of C, and reads pipelines in TOML",
                         file);
    if (!S_ISREG(st.st_mode))
        return weir_fail(cx, WEIR_INVALID, "'%s' is not a file with content", file);
    return WEIR_OK;
}

/* ---- the project's module ---- */

static weir_status find_files(search *s)
{
    if (s->files)
        return WEIR_OK;
    wr_c_files *files = wr_arena_new(s->arena, wr_c_files);
    s->files = files;
    return wr_c_files_project(s->cx, s->arena, files);
}

/* A project without C files has no module, and needs no compiler. */
static weir_status load_project(search *s, wr_module *ret)
{
    wr_module module = { 0 };
    WEIR_TRY(find_files(s));
    if (s->files->len)
        WEIR_TRY(wr_module_load(s->cx, s->arena, s->files, s->keep, &module));
    *ret = module;
    return WEIR_OK;
}

/* Names of the registered parts of a kind, in `arena`; ends with NULL. */
static const char *const *names_of(wr_arena *arena, weir_part kind)
{
    const size_t count = wr_registered_count();
    const char **names = wr_arena_new_array(arena, count + 1, const char *);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const weir_registration *part = wr_registered(i);
        const char *name = part->part == WEIR_PART_SOURCE
                               ? ((const weir_source *)part->what)->name
                               : ((const weir_pipeline *)part->what)->name;
        if (part->part == kind && name)
            names[len++] = name;
    }
    return names;
}

/* ---- sources ---- */

static weir_status fail_no_source(search *s, const char *pipeline, const char *name)
{
    const char *nearest = wr_str_nearest(name, names_of(s->arena, WEIR_PART_SOURCE));
    if (nearest)
        return weir_fail(s->cx, WEIR_INVALID,
                         "pipeline '%s' wants the source '%s', which is not there\n"
                         "hint: did you mean: %s",
                         pipeline, name, nearest);
    return weir_fail(
        s->cx, WEIR_INVALID,
        "pipeline '%s' wants the source '%s', which is not there\n"
        "hint: a source is a C file of the project that ends with WEIR_REGISTER(…), or "
        "sources/%s/source.toml",
        pipeline, name, name);
}

/* A source by its name: one in C that is registered, or sources/NAME/source.toml. */
static weir_status find_source(search *s, const char *pipeline, const char *name,
                               const weir_source **ret)
{
    weir_str project;
    bool is_toml = false;
    WEIR_TRY(wr_project_dir(s->cx, s->arena, &project));
    const char *file =
        wr_arena_printf(s->arena, "%.*s/sources/%s/source.toml", WR_STR(project), name).ptr;
    WEIR_TRY(wr_exists_at(s->cx, AT_FDCWD, file, &is_toml));
    const weir_source *source = wr_source_find(weir_str_of(name));
    if (!is_toml && !source) {
        wr_module module;
        WEIR_TRY(load_project(s, &module));
        source = wr_source_find(weir_str_of(name));
    }
    if (is_toml && source)
        return weir_fail(
            s->cx, WEIR_INVALID,
            "the source '%s' is written twice: in C, and '%s'\nhint: remove one of them", name,
            file);
    if (is_toml) {
        weir_source *read = wr_arena_new(s->arena, weir_source);
        WEIR_TRY(wr_toml_source_read(s->cx, s->arena, s->config, file, pipeline, read));
        source = read;
    }
    if (!source)
        return fail_no_source(s, pipeline, name);
    *ret = source;
    return WEIR_OK;
}

/* ---- pipelines ---- */

static weir_status take_pipeline(search *s, const weir_pipeline *pipeline, wr_program *ret)
{
    ret->pipeline = pipeline;
    if (pipeline->source && !pipeline->resources)
        return find_source(s, pipeline->name, pipeline->source, &ret->source);
    return WEIR_OK;
}

static weir_status load_toml(search *s, const char *file, wr_program *ret)
{
    wr_toml_pipeline *read = wr_arena_new(s->arena, wr_toml_pipeline);
    WEIR_TRY(wr_toml_pipeline_read(s->cx, s->arena, s->config, file, read));
    ret->pipeline = &read->pipeline;
    ret->source = &read->source;
    return read->pipeline.source ? take_pipeline(s, &read->pipeline, ret) : WEIR_OK;
}

static weir_status load_c(search *s, const char *file, wr_program *ret)
{
    WEIR_TRY(check_file(s->cx, file));
    WEIR_TRY(find_files(s));
    const wr_c_file *found = NULL;
    WEIR_TRY(wr_c_files_find(s->cx, s->arena, s->files, file, &found));
    const wr_c_files one = wr_c_files_one(s->arena, file);
    const wr_c_files *files = found ? s->files : &one;
    if (!found)
        found = &one.ptr[0];

    wr_module module;
    const weir_pipeline *pipeline = NULL;
    WEIR_TRY(wr_module_load(s->cx, s->arena, files, s->keep, &module));
    ret->main = wr_module_main(&module, found);
    if (ret->main)
        return WEIR_OK;
    WEIR_TRY(wr_module_pipeline(s->cx, &module, found, &pipeline));
    if (pipeline)
        return take_pipeline(s, pipeline, ret);
    return weir_fail(s->cx, WEIR_INVALID,
                     "nothing to run in '%s': it has no weir_main and registers no pipeline\n"
                     "hint: write 'weir_status weir_main(weir_ctx *cx)', not static; or end the "
                     "file with WEIR_REGISTER(pipeline);",
                     file);
}

/* A pipeline that a file of another name registers. */
static weir_status load_registered(search *s, const char *name, wr_program *ret)
{
    wr_module module;
    WEIR_TRY(load_project(s, &module));
    for (size_t i = 0; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        const weir_pipeline *pipeline = part->what;
        if (part->part != WEIR_PART_PIPELINE || !pipeline->name ||
            strcmp(pipeline->name, name) != 0)
            continue;
        ret->file = part->file;
        return take_pipeline(s, pipeline, ret);
    }
    return wr_find_fail(s->cx, s->arena, name, names_of(s->arena, WEIR_PART_PIPELINE));
}

weir_status wr_program_load(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                            const char *word, bool keep, wr_program *ret)
{
    search s = { .cx = cx, .arena = arena, .config = config, .keep = keep };
    wr_program program = { 0 };
    WEIR_TRY(wr_manifest_check_engine(cx));
    WEIR_TRY(wr_find_pipeline(cx, arena, word, &program.file));
    const bool is_toml = program.file && wr_str_ends(weir_str_of(program.file), wr_lit(".toml"));
    if (!program.file)
        WEIR_TRY(load_registered(&s, word, &program));
    else if (is_toml)
        WEIR_TRY(load_toml(&s, program.file, &program));
    else
        WEIR_TRY(load_c(&s, program.file, &program));
    *ret = program;
    return WEIR_OK;
}

/* ---- all of them ---- */

static weir_status each_registered(search *s, wr_program_take take, void *self)
{
    for (size_t i = 0; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        if (part->part != WEIR_PART_PIPELINE)
            continue;
        wr_program program = { .file = part->file, .pipeline = part->what };
        const weir_status status = take_pipeline(s, part->what, &program);
        WEIR_TRY(take(s->cx, self, &program, status));
    }
    return WEIR_OK;
}

static weir_status each_toml(search *s, wr_program_take take, void *self)
{
    wr_names names = { 0 };
    weir_str folder;
    WEIR_TRY(wr_find_files(s->cx, s->arena, wr_lit(".toml"), &folder, &names));
    for (size_t i = 0; i < names.len; i++) {
        wr_program program = { 0 };
        program.file =
            wr_arena_printf(s->arena, "%.*s/%.*s", WR_STR(folder), WR_STR(names.ptr[i])).ptr;
        const weir_status status = load_toml(s, program.file, &program);
        WEIR_TRY(take(s->cx, self, &program, status));
    }
    return WEIR_OK;
}

weir_status wr_program_each(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                            wr_program_take take, void *self, wr_module *ret)
{
    search s = { .cx = cx, .arena = arena, .config = config, .keep = true };
    WEIR_TRY(wr_manifest_check_engine(cx));
    WEIR_TRY(load_project(&s, ret));
    WEIR_TRY(each_registered(&s, take, self));
    return each_toml(&s, take, self);
}
