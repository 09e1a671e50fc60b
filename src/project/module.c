/* Loads a module of the user, and finds what it holds. */
#include "project/module.h"

#include <dlfcn.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/process.h"
#include "project/build.h"
#include "project/crash.h"

/* Sizes of what can be registered, by weir_part. */
static const size_t part_sizes[] = {
    [WEIR_PART_SOURCE] = sizeof(weir_source),
    [WEIR_PART_PIPELINE] = sizeof(weir_pipeline),
};

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
            "library, with LDLIBS=-lNAME in the environment",
            file, message);
    return weir_fail(cx, WEIR_INVALID,
                     "'%s' cannot be loaded: %s\n"
                     "hint: remove the folder .weir/modules, so that it is compiled again",
                     file, message);
}

/* What is compiled against other headers than those of this library must not be touched. */
static weir_status check_interface(weir_ctx *cx, const char *name, const weir_registration *part)
{
    const char *file = part->file ? part->file : name;
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

weir_status wr_module_load(weir_ctx *cx, wr_arena *arena, const wr_c_files *files, bool keep,
                           wr_module *ret)
{
    wr_built built;
    WEIR_TRY(wr_build_module(cx, arena, files, keep, &built));

    wr_module module = { .files = files, .path = built.path.ptr, .compiled = built.compiled };
    module.first = wr_registered_count();
    weir_status status = open_module(cx, files->name, built.path, &module.handle);
    if (status == WEIR_OK)
        status = wr_crash_learn(cx, module.handle, built.path.ptr);
    wr_built_remove(cx, &built);
    WEIR_TRY(status);
    for (size_t i = module.first; i < wr_registered_count(); i++)
        WEIR_TRY(check_interface(cx, files->name, wr_registered(i)));
    *ret = module;
    return WEIR_OK;
}

/* ---- what is in it ---- */

wr_main wr_module_main(const wr_module *module, const wr_c_file *file)
{
    return (wr_main)dlsym(module->handle, file->main);
}

/* The number of the next pipeline of a file from number `i` on; the number of parts when there is none. Of a file by itself
 * it is any that came with it: it may include files that register parts. */
static size_t next_pipeline(const wr_module *module, const wr_c_file *file, size_t i)
{
    const bool only = !module->files->folder;
    for (; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        if (part->part == WEIR_PART_PIPELINE &&
            (only || (part->file && strcmp(part->file, file->path) == 0)))
            break;
    }
    return i;
}

static weir_status fail_two_pipelines(weir_ctx *cx, const wr_module *module, const wr_c_file *file,
                                      size_t first)
{
    wr_auto(buf) wr_buf names = wr_buf_max(1024);
    for (size_t i = first; i < wr_registered_count(); i = next_pipeline(module, file, i + 1)) {
        const char *name = ((const weir_pipeline *)wr_registered(i)->what)->name;
        wr_buf_printf(&names, "%s'%s'", names.len ? ", " : "", name ? name : "");
    }
    WEIR_TRY(wr_buf_check(cx, &names, "the list of pipelines"));
    return weir_fail(cx, WEIR_INVALID,
                     "'%s' has no weir_main and registers more than one pipeline: %s\n"
                     "hint: keep one in the file, or write a weir_main that runs them",
                     file->path, wr_buf_text(&names));
}

weir_status wr_module_pipeline(weir_ctx *cx, const wr_module *module, const wr_c_file *file,
                               const weir_pipeline **ret)
{
    const size_t first = next_pipeline(module, file, module->files->folder ? 0 : module->first);
    if (first == wr_registered_count()) {
        *ret = NULL;
        return WEIR_OK;
    }
    if (next_pipeline(module, file, first + 1) < wr_registered_count())
        return fail_two_pipelines(cx, module, file, first);
    *ret = wr_registered(first)->what;
    return WEIR_OK;
}
