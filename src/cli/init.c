/* weir init: a new project, or a new pipeline in one. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/tree.h"
#include "pipeline/home.h"
#include "project/init.h"
#include "project/lock.h"

static void print_files(const wr_init_files *files)
{
    for (size_t i = 0; i < files->len; i++)
        printf("%s  %.*s\n", files->ptr[i].made ? "made" : "kept", WR_STR(files->ptr[i].path));
}

static void print_next_of_project(const char *folder)
{
    puts("\nnext:");
    if (folder)
        printf(strpbrk(folder, " \t$&;()") ? "  cd '%s'\n" : "  cd %s\n", folder);
    puts("  weir add duckdb --dev\n"
         "  cp .dlt/secrets.toml.example .dlt/secrets.toml\n"
         "  weir build\n"
         "  weir run currencies\n"
         "  weir show currencies");
}

/* A manifest that was just made gets its lock. */
static weir_status make_lock(weir_ctx *cx, wr_arena *arena, int dir, wr_init_files *files)
{
    wr_manifest manifest;
    weir_str text;
    bool found = false;
    bool fresh = false;
    for (size_t i = 0; i < files->len; i++)
        if (wr_str_eq(files->ptr[i].path, wr_lit(WR_MANIFEST)))
            fresh = files->ptr[i].made;
    WEIR_TRY(wr_exists_at(cx, dir, WR_LOCK, &found));
    if (found || !fresh)
        return WEIR_OK;
    WEIR_TRY(wr_manifest_read(cx, arena, dir, &manifest, &found));
    WEIR_TRY(wr_lock_make(cx, arena, dir, &manifest, &text));
    WEIR_TRY(wr_file_publish(cx, dir, WR_LOCK, text));
    *wr_vec_push(files) = (wr_init_file){ wr_lit(WR_LOCK), true };
    return WEIR_OK;
}

static weir_status init_project(weir_ctx *cx, wr_arena *arena, const char *folder,
                                wr_init_files *files)
{
    wr_auto(close) int dir = -1;
    weir_str path;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, folder ? folder : ".", true, &dir));
    WEIR_TRY(wr_real_path(cx, arena, AT_FDCWD, folder ? folder : ".", &path));
    weir_status status = wr_init_project(cx, arena, dir, strrchr(path.ptr, '/') + 1, files);
    if (status == WEIR_OK)
        status = make_lock(cx, arena, dir, files);
    print_files(files);
    WEIR_TRY(status);
    print_next_of_project(folder);
    return WEIR_OK;
}

static weir_status init_pipeline(weir_ctx *cx, wr_arena *arena, const wr_call *call,
                                 wr_init_files *files)
{
    const char *name = wr_call_flag(call, "pipeline");
    const char *source = wr_call_flag(call, "source");
    weir_str folder = weir_str_of(call->words[0]);
    wr_auto(close) int dir = -1;
    if (folder.len == 0)
        WEIR_TRY(wr_project_dir(cx, arena, &folder));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, folder.ptr, false, &dir));
    const weir_status status =
        wr_init_pipeline(cx, arena, dir, name, source ? source : "filesystem", files);
    print_files(files);
    WEIR_TRY(status);
    printf("\nnext:\n  weir run %s\n", name);
    return WEIR_OK;
}

weir_status wr_command_init(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_init_files files = { 0 };
    const bool one = wr_call_flag(call, "pipeline") != NULL;
    if (!one && wr_call_flag(call, "source")) {
        (void)weir_fail(cx, WEIR_INVALID,
                        "--source says what a new pipeline reads from, and there is no --pipeline\n"
                        "hint: weir init --pipeline NAME --source %s",
                        wr_call_flag(call, "source"));
        cx->error.native = WR_USAGE;
        return WEIR_INVALID;
    }
    const weir_status status = one ? init_pipeline(cx, &arena, call, &files)
                                   : init_project(cx, &arena, call->words[0], &files);
    wr_vec_done(&files);
    return status;
}
