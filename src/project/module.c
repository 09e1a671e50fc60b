/* Loads a C file of the user: from its name to the function or the pipeline that is to run. */
#include "project/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"
#include "base/vec.h"
#include "project/build.h"

/* Sizes of what can be registered, by weir_part. */
static const size_t part_sizes[] = {
    [WEIR_PART_SOURCE] = sizeof(weir_source),
    [WEIR_PART_PIPELINE] = sizeof(weir_pipeline),
};

/* ---- the file ---- */

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

/* ---- loading ---- */

/* What the loader says, without the path of the module, which means nothing to the user. */
static const char *loader_message(weir_str module)
{
    const char *text = dlerror();
    if (!text)
        return "unknown reason";
    if (strncmp(text, module.ptr, module.len) == 0 && strncmp(text + module.len, ": ", 2) == 0)
        return text + module.len + 2;
    return text;
}

static weir_status open_module(weir_ctx *cx, const char *file, weir_str path, void **ret)
{
    void *handle = dlopen(path.ptr, RTLD_NOW | RTLD_LOCAL);
    if (handle) {
        *ret = handle;
        return WEIR_OK;
    }
    const char *message = loader_message(path);
    if (strstr(message, "undefined symbol: weir_"))
        return weir_fail(
            cx, WEIR_INVALID,
            "'%s' cannot be loaded: %s\n"
            "hint: this weir has no such function: check its spelling, and the version of "
            "weir that the file needs",
            file, message);
    if (strstr(message, "undefined symbol"))
        return weir_fail(
            cx, WEIR_INVALID,
            "'%s' cannot be loaded: %s\n"
            "hint: it is declared and used, but nowhere defined: write it, or link its "
            "library: LDLIBS=-lNAME weir run %s",
            file, message, file);
    return weir_fail(cx, WEIR_INVALID,
                     "'%s' cannot be loaded: %s\n"
                     "hint: remove the folder .weir/modules, so that it is compiled again",
                     file, message);
}

/* What is compiled against other headers than those of this library must not be touched. */
static weir_status check_interface(weir_ctx *cx, const char *file, const weir_registration *part)
{
    const size_t number = (size_t)part->part;
    const bool known = part->interface_number == WEIR_INTERFACE &&
                       number < sizeof(part_sizes) / sizeof(*part_sizes);
    if (known && part->size == part_sizes[number])
        return WEIR_OK;
    if (!known)
        return weir_fail(
            cx, WEIR_INVALID,
            "'%s' was compiled for interface %d of weir, and this is interface %d\n"
            "hint: command, library and headers are not of one version: install weir as "
            "a whole again",
            file, part->interface_number, WEIR_INTERFACE);
    return weir_fail(
        cx, WEIR_INVALID,
        "'%s' registers a part of %zu bytes in line %d, and this weir knows one of %zu\n"
        "hint: command, library and headers are not of one version: install weir as a "
        "whole again",
        file, part->size, part->line, part_sizes[number]);
}

/* ---- what to run ---- */

static weir_status fail_two_pipelines(weir_ctx *cx, const char *file, size_t first)
{
    wr_auto(buf) wr_buf names = wr_buf_max(1024);
    for (size_t i = first; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        if (part->part != WEIR_PART_PIPELINE)
            continue;
        const char *name = ((const weir_pipeline *)part->what)->name;
        wr_buf_printf(&names, "%s'%s'", names.len ? ", " : "", name ? name : "");
    }
    WEIR_TRY(wr_buf_check(cx, &names, "the list of pipelines"));
    return weir_fail(cx, WEIR_INVALID,
                     "'%s' has no weir_main and registers more than one pipeline: %s\n"
                     "hint: keep one in the file, or write a weir_main that runs them",
                     file, wr_buf_text(&names));
}

/* The one pipeline among the parts from `first` on. */
static weir_status find_pipeline(weir_ctx *cx, const char *file, size_t first,
                                 const weir_pipeline **ret)
{
    const weir_pipeline *pipeline = NULL;
    for (size_t i = first; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        if (part->part != WEIR_PART_PIPELINE)
            continue;
        if (pipeline)
            return fail_two_pipelines(cx, file, first);
        pipeline = part->what;
    }
    if (!pipeline)
        return weir_fail(
            cx, WEIR_INVALID,
            "nothing to run in '%s': it has no weir_main and registers no pipeline\n"
            "hint: write 'weir_status weir_main(weir_ctx *cx)', not static; or end the "
            "file with WEIR_REGISTER(pipeline);",
            file);
    *ret = pipeline;
    return WEIR_OK;
}

weir_status wr_module_load(weir_ctx *cx, const char *file, bool keep, wr_module *ret)
{
    WEIR_TRY(check_file(cx, file));

    wr_auto(arena) wr_arena arena = { 0 };
    wr_built built;
    WEIR_TRY(wr_build_module(cx, &arena, file, keep, &built));

    const size_t first = wr_registered_count();
    void *handle = NULL;
    const weir_status status = open_module(cx, file, built.path, &handle);
    wr_built_remove(cx, &built);
    WEIR_TRY(status);
    for (size_t i = first; i < wr_registered_count(); i++)
        WEIR_TRY(check_interface(cx, file, wr_registered(i)));

    wr_module module = { .file = file };
    module.main = (weir_status(*)(weir_ctx *))dlsym(handle, "weir_main");
    if (!module.main)
        WEIR_TRY(find_pipeline(cx, file, first, &module.pipeline));
    *ret = module;
    return WEIR_OK;
}
