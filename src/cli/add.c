/* weir add: notes in weir.toml what a project needs, and in weir.lock exactly what that is here. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/tree.h"
#include "pipeline/home.h"
#include "project/component.h"
#include "project/lock.h"
#include "project/manifest.h"

static weir_status open_project(weir_ctx *cx, wr_arena *arena, int *ret_dir, wr_manifest *ret)
{
    weir_str project;
    bool found = false;
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, project.ptr, false, ret_dir));
    const weir_status status = wr_manifest_read(cx, arena, *ret_dir, ret, &found);
    if (status == WEIR_PARSE)
        return WEIR_CONFIG;
    if (status != WEIR_OK || found)
        return status;
    return weir_fail(cx, WEIR_INVALID, "there is no " WR_MANIFEST " in '%.*s'\nhint: run weir init",
                     WR_STR(project));
}

/* NAME, or NAME>=VERSION; without a version the one that is installed. */
static weir_status read_wish(weir_ctx *cx, wr_arena *arena, const char *word, wr_need *ret)
{
    weir_str name = weir_str_of(word);
    const char *least = strstr(word, ">=");
    if (least)
        name.len = (size_t)(least - word);
    wr_installed installed;
    WEIR_TRY(wr_component_find(cx, arena, wr_str_trim(name), &installed));
    ret->name = installed.name;
    ret->least = least ? wr_str_trim(weir_str_of(least + 2)) : installed.version;
    if (!wr_version_valid(ret->least))
        return weir_fail(cx, WEIR_INVALID, "'%.*s' is no version\nhint: as in '%.*s>=1.0.0'",
                         WR_STR(ret->least), WR_STR(ret->name));
    return WEIR_OK;
}

/* A need that is there stays as it is. */
static weir_status check_present(weir_ctx *cx, const wr_need *present, const wr_need *wish,
                                 bool versioned)
{
    if (present->dev != wish->dev)
        return wr_toml_fail(cx, WEIR_INVALID, present->place,
                            "'%.*s' is needed %s already\n"
                            "hint: remove this line to have it %s",
                            WR_STR(wish->name), present->dev ? "for development" : "always",
                            wish->dev ? "for development only" : "always");
    if (versioned && !wr_str_eq(present->least, wish->least))
        return wr_toml_fail(cx, WEIR_INVALID, present->place,
                            "'%.*s' is needed >=%.*s already\nhint: change this line",
                            WR_STR(wish->name), WR_STR(present->least));
    return WEIR_OK;
}

static weir_status write_lock(weir_ctx *cx, wr_arena *arena, int dir, const wr_manifest *manifest)
{
    weir_str text;
    WEIR_TRY(wr_lock_make(cx, arena, dir, manifest, &text));
    WEIR_TRY(wr_file_publish(cx, dir, WR_LOCK, text));
    puts(WR_LOCK "  written");
    return WEIR_OK;
}

/* First the lock is made, then both files are written: what cannot be locked is not noted. */
static weir_status write_both(weir_ctx *cx, wr_arena *arena, int dir, const wr_manifest *manifest,
                              const wr_need *wish)
{
    weir_str text;
    weir_str lock;
    wr_manifest with = *manifest;
    WEIR_TRY(wr_manifest_with(cx, arena, manifest, wish, &text));
    with.needs = wr_arena_new_array(arena, manifest->count + 1, wr_need);
    for (size_t i = 0; i < manifest->count; i++)
        with.needs[i] = manifest->needs[i];
    with.needs[with.count++] = *wish;
    WEIR_TRY(wr_lock_make(cx, arena, dir, &with, &lock));
    WEIR_TRY(wr_file_publish(cx, dir, WR_MANIFEST, text));
    printf(WR_MANIFEST "  added: %.*s = \">=%.*s\"%s\n", WR_STR(wish->name), WR_STR(wish->least),
           wish->dev ? ", for development" : "");
    WEIR_TRY(wr_file_publish(cx, dir, WR_LOCK, lock));
    puts(WR_LOCK "  written");
    return WEIR_OK;
}

weir_status wr_command_add(weir_ctx *cx, const wr_call *call)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int dir = -1;
    wr_manifest manifest;
    wr_need wish = { .dev = wr_call_flag(call, "dev") != NULL };
    const char *word = call->words[0];
    WEIR_TRY(open_project(cx, &arena, &dir, &manifest));
    if (!word)
        return write_lock(cx, &arena, dir, &manifest);
    WEIR_TRY(read_wish(cx, &arena, word, &wish));
    const wr_need *present = wr_manifest_find(&manifest, wish.name);
    if (!present)
        return write_both(cx, &arena, dir, &manifest, &wish);
    WEIR_TRY(check_present(cx, present, &wish, strstr(word, ">=") != NULL));
    printf(WR_MANIFEST "  has it: %.*s = \">=%.*s\"\n", WR_STR(present->name),
           WR_STR(present->least));
    return write_lock(cx, &arena, dir, &manifest);
}
