/* Finds the C files of a project. */
#include "project/files.h"

#include <inttypes.h>
#include <string.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "sources/glob.h"

static const char *const patterns[] = {
    "flows/**/*.c",
    "pipelines/**/*.c",
    "sources/**/*.c",
    "utils/**/*.c",
};

wr_c_files wr_c_files_one(wr_arena *arena, const char *file)
{
    wr_c_file *only = wr_arena_new(arena, wr_c_file);
    *only = (wr_c_file){ .path = file, .main = WR_MAIN };
    return (wr_c_files){ .name = file, .ptr = only, .len = 1 };
}

/* Each file may have a weir_main: in the module they have names of their own. */
static const char *main_name(wr_arena *arena, weir_str path)
{
    return wr_arena_printf(arena, WR_MAIN "_%016" PRIx64, wr_hash64(path.ptr, path.len)).ptr;
}

/* That there are none is fine. */
static weir_status find(weir_ctx *cx, wr_arena *arena, int dir, wr_found_files *found)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        wr_found_files some = { 0 };
        const weir_status status = wr_glob(cx, arena, dir, patterns[i], &some);
        for (size_t k = 0; k < some.len; k++)
            *wr_vec_push(found) = some.ptr[k];
        wr_vec_done(&some);
        if (status == WEIR_CONFIG)
            weir_error_clear(cx);
        else
            WEIR_TRY(status);
    }
    return WEIR_OK;
}

weir_status wr_c_files_project(weir_ctx *cx, wr_arena *arena, wr_c_files *ret)
{
    weir_str project;
    wr_auto(close) int dir = -1;
    wr_found_files found = { 0 };
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, project.ptr, false, &dir));
    const weir_status status = find(cx, arena, dir, &found);
    wr_c_files files = { .name = project.ptr, .folder = project.ptr };
    files.ptr = wr_arena_new_array(arena, found.len + 1, wr_c_file);
    for (; files.len < found.len; files.len++) {
        const weir_str path = found.ptr[files.len].path;
        files.ptr[files.len] = (wr_c_file){ path.ptr, main_name(arena, path) };
    }
    wr_vec_done(&found);
    WEIR_TRY(status);
    *ret = files;
    return WEIR_OK;
}

weir_status wr_c_files_find(weir_ctx *cx, wr_arena *arena, const wr_c_files *files,
                            const char *path, const wr_c_file **ret)
{
    weir_str real;
    WEIR_TRY(wr_real_path(cx, arena, AT_FDCWD, path, &real));
    const size_t root = strlen(files->folder);
    *ret = NULL;
    if (strncmp(real.ptr, files->folder, root) != 0 || real.ptr[root] != '/')
        return WEIR_OK;
    for (size_t i = 0; i < files->len; i++)
        if (strcmp(files->ptr[i].path, real.ptr + root + 1) == 0)
            *ret = &files->ptr[i];
    return WEIR_OK;
}
