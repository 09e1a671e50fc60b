/* Finds the file of a pipeline. */
#include "project/find.h"

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "pipeline/home.h"

static const char *const ENDINGS[] = { ".toml", ".c" };

static weir_status list_folder(weir_ctx *cx, wr_arena *arena, weir_str *ret_folder, wr_names *ret)
{
    weir_str project;
    wr_auto(close) int dir = -1;
    bool found = false;
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    *ret_folder = wr_arena_printf(arena, "%.*s/pipelines", WR_STR(project));
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, ret_folder->ptr, &found));
    *ret = (wr_names){ 0 };
    if (!found)
        return WEIR_OK;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, ret_folder->ptr, false, &dir));
    return wr_list_dir(cx, arena, dir, ret);
}

weir_status wr_find_files(weir_ctx *cx, wr_arena *arena, weir_str ending, weir_str *ret_folder,
                          wr_names *ret)
{
    WEIR_TRY(list_folder(cx, arena, ret_folder, ret));
    size_t len = 0;
    for (size_t i = 0; i < ret->len; i++)
        if (wr_str_ends(ret->ptr[i], ending))
            ret->ptr[len++] = ret->ptr[i];
    ret->len = len;
    return WEIR_OK;
}

/* Names of the pipelines of the project, each once or, written twice, twice; ends with NULL. */
static weir_status list_pipelines(weir_ctx *cx, wr_arena *arena, weir_str *ret_folder,
                                  const char *const **ret)
{
    wr_names files;
    WEIR_TRY(list_folder(cx, arena, ret_folder, &files));
    const char **names = wr_arena_new_array(arena, files.len + 1, const char *);
    size_t count = 0;
    for (size_t i = 0; i < files.len; i++) {
        for (size_t k = 0; k < sizeof(ENDINGS) / sizeof(*ENDINGS); k++) {
            weir_str name = files.ptr[i];
            if (!wr_str_ends(name, weir_str_of(ENDINGS[k])))
                continue;
            name.len -= strlen(ENDINGS[k]);
            names[count++] = wr_arena_str(arena, name).ptr;
        }
    }
    *ret = names;
    return WEIR_OK;
}

static size_t count_of(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

/* Both lists end with NULL. */
static const char *nearest(wr_arena *arena, const char *word, const char *const *some,
                           const char *const *others)
{
    const size_t count = count_of(some) + count_of(others);
    const char **names = wr_arena_new_array(arena, count + 1, const char *);
    size_t len = 0;
    for (; *some; some++)
        names[len++] = *some;
    for (; *others; others++)
        names[len++] = *others;
    return wr_str_nearest(word, names);
}

weir_status wr_find_fail(weir_ctx *cx, wr_arena *arena, const char *word,
                         const char *const *registered)
{
    const char *const *names = NULL;
    weir_str folder;
    bool is_file = false;
    const char *file = wr_arena_printf(arena, "%s.c", word).ptr;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, file, &is_file));
    WEIR_TRY(list_pipelines(cx, arena, &folder, &names));
    const char *meant = is_file ? file : nearest(arena, word, names, registered);
    if (meant)
        return weir_fail(cx, WEIR_INVALID,
                         "there is no pipeline '%s'\nhint: did you mean: weir run %s", word, meant);
    return weir_fail(
        cx, WEIR_INVALID,
        "there is no pipeline '%s'\n"
        "hint: pipelines are files: '%.*s/%s.toml' or '.c'; or name the file: weir run "
        "FILE",
        word, WR_STR(folder), word);
}

weir_status wr_find_pipeline(weir_ctx *cx, wr_arena *arena, const char *word, const char **ret)
{
    if (strpbrk(word, "./")) {
        *ret = word;
        return WEIR_OK;
    }
    weir_str project;
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    const weir_str folder = wr_arena_printf(arena, "%.*s/pipelines", WR_STR(project));
    const char *found = NULL;
    for (size_t k = 0; k < sizeof(ENDINGS) / sizeof(*ENDINGS); k++) {
        bool is_there = false;
        const char *file =
            wr_arena_printf(arena, "%.*s/%s%s", WR_STR(folder), word, ENDINGS[k]).ptr;
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, file, &is_there));
        if (is_there && found)
            return weir_fail(cx, WEIR_INVALID,
                             "the pipeline '%s' is written twice: '%s' and '%s'\n"
                             "hint: remove one of them, or name the file",
                             word, found, file);
        if (is_there)
            found = file;
    }
    *ret = found;
    return WEIR_OK;
}
