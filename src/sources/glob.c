/* Globs: a walk over the parts of the pattern, in which only parts with wildcards look into a folder. */
#include "sources/glob.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "base/utf8.h"

/* As many are kept in memory with their names. */
#define FILES_MAX 1000000
/* Names that a hint shows. */
#define SHOWN_MAX 3

/* `kept` holds the paths of what was found, `scratch` what is needed on the way. */
typedef struct walk {
    weir_ctx *cx;
    int dir;
    wr_arena *kept;
    wr_arena *scratch;
    wr_found_files *files;
} walk;

/* One of `[…]` behind the bracket; `*at` moves behind the closing one. False, and `*at` stays, when there is none. */
static bool match_set(weir_str pattern, size_t *at, uint32_t c, bool *ret_matches)
{
    size_t i = *at;
    const bool inverted = i < pattern.len && (pattern.ptr[i] == '!' || pattern.ptr[i] == '^');
    i += inverted;
    bool found = false;
    for (const size_t first = i; i < pattern.len && (pattern.ptr[i] != ']' || i == first);) {
        const uint32_t low = wr_utf8_next(pattern, &i);
        uint32_t high = low;
        if (i + 1 < pattern.len && pattern.ptr[i] == '-' && pattern.ptr[i + 1] != ']') {
            i++;
            high = wr_utf8_next(pattern, &i);
        }
        found |= c >= low && c <= high;
    }
    if (i == pattern.len)
        return false;
    *at = i + 1;
    *ret_matches = found != inverted;
    return true;
}

/* One character of the name against one of the pattern, which is not `*`. */
static bool match_one(weir_str pattern, size_t *at, uint32_t c)
{
    const uint32_t wanted = wr_utf8_next(pattern, at);
    bool matches;
    if (wanted == '?')
        return true;
    if (wanted == '[' && match_set(pattern, at, c, &matches))
        return matches;
    return wanted == c;
}

/* When a character does not match, the last star takes one more. */
static bool match(weir_str pattern, weir_str name)
{
    size_t p = 0;
    size_t n = 0;
    size_t star = SIZE_MAX; /* behind the last star in the pattern */
    size_t taken = 0;       /* where in the name its share ends */
    while (n < name.len || p < pattern.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = ++p;
            taken = n;
            continue;
        }
        if (p < pattern.len && n < name.len && match_one(pattern, &p, wr_utf8_next(name, &n)))
            continue;
        if (star == SIZE_MAX || taken == name.len)
            return false;
        wr_utf8_next(name, &taken);
        n = taken;
        p = star;
    }
    return true;
}

static bool is_hidden(weir_str name)
{
    return name.len > 0 && name.ptr[0] == '.';
}

bool wr_glob_matches(weir_str pattern, weir_str name)
{
    if (is_hidden(name) && !is_hidden(pattern))
        return false;
    return match(pattern, name);
}

static bool has_wildcard(weir_str part)
{
    for (size_t i = 0; i < part.len; i++)
        if (strchr("*?[", part.ptr[i]))
            return true;
    return false;
}

/* The next part of a pattern and what follows it; false at the end. */
static bool next_part(weir_str *rest, weir_str *ret_part)
{
    while (rest->len > 0 && rest->ptr[0] == '/')
        *rest = (weir_str){ rest->ptr + 1, rest->len - 1 };
    return wr_str_split(rest, '/', ret_part);
}

/* Is there another part? */
static bool has_part(weir_str rest)
{
    weir_str part;
    return next_part(&rest, &part);
}

static weir_str join(wr_arena *arena, weir_str folder, weir_str name)
{
    const char *slash = folder.len == 0 || wr_str_ends(folder, wr_lit("/")) ? "" : "/";
    return wr_arena_printf(arena, "%.*s%s%.*s", WR_STR(folder), slash, WR_STR(name));
}

static weir_status list(walk *w, weir_str folder, wr_names *ret)
{
    WEIR_TRY(wr_check_cancel(w->cx));
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_dir(w->cx, w->dir, folder.len > 0 ? folder.ptr : ".", false, &fd));
    return wr_list_dir(w->cx, w->scratch, fd, ret);
}

static weir_status add(walk *w, weir_str path, const wr_file_info *info)
{
    if (w->files->len == FILES_MAX)
        return weir_fail(
            w->cx, WEIR_LIMIT,
            "more than %d files\nhint: load them in several runs, with narrower patterns",
            FILES_MAX);
    *wr_vec_push(w->files) = (wr_found_file){
        .path = wr_arena_str(w->kept, path),
        .size = info->size,
        .modified = info->modified,
        .seekable = info->kind == WR_FILE_REGULAR,
    };
    return WEIR_OK;
}

static weir_status walk_parts(walk *w, weir_str folder, weir_str rest);

/* A path that fits the pattern up to `rest`. */
static weir_status walk_path(walk *w, weir_str path, weir_str rest)
{
    wr_file_info info;
    WEIR_TRY(wr_file_look(w->cx, w->dir, path.ptr, 0, &info));
    if (info.kind == WR_FILE_FOLDER)
        return has_part(rest) ? walk_parts(w, path, rest) : WEIR_OK;
    return info.kind == WR_FILE_MISSING || has_part(rest) ? WEIR_OK : add(w, path, &info);
}

static weir_status walk_matches(walk *w, weir_str folder, weir_str part, weir_str rest)
{
    wr_names names;
    WEIR_TRY(list(w, folder, &names));
    for (size_t i = 0; i < names.len; i++)
        if (wr_glob_matches(part, names.ptr[i]))
            WEIR_TRY(walk_path(w, join(w->scratch, folder, names.ptr[i]), rest));
    return WEIR_OK;
}

/* `rest` in this folder and in all below it. */
static weir_status walk_folders(walk *w, weir_str folder, weir_str rest)
{
    WEIR_TRY(walk_parts(w, folder, rest));
    wr_names names;
    WEIR_TRY(list(w, folder, &names));
    for (size_t i = 0; i < names.len; i++) {
        if (is_hidden(names.ptr[i]))
            continue;
        const weir_str path = join(w->scratch, folder, names.ptr[i]);
        wr_file_info info;
        WEIR_TRY(wr_file_look(w->cx, w->dir, path.ptr, AT_SYMLINK_NOFOLLOW, &info));
        if (info.kind == WR_FILE_FOLDER)
            WEIR_TRY(walk_folders(w, path, rest));
    }
    return WEIR_OK;
}

/* What is looked for below `**`: more of them add nothing, and the last one means all files. */
static weir_str behind_stars(weir_str rest)
{
    weir_str part;
    for (weir_str next = rest; next_part(&next, &part); rest = next)
        if (!wr_str_eq(part, wr_lit("**")))
            return rest;
    return wr_lit("*");
}

/* Recursion is as deep as the folders are, and the system limits the length of a path. */
static weir_status walk_parts(walk *w, weir_str folder, weir_str rest)
{
    const wr_arena_mark mark = wr_arena_here(w->scratch);
    weir_str part = { 0 };
    (void)next_part(&rest, &part); /* the caller knows that there is one */
    weir_status status;
    if (wr_str_eq(part, wr_lit("**")))
        status = walk_folders(w, folder, behind_stars(rest));
    else if (has_wildcard(part))
        status = walk_matches(w, folder, part, rest);
    else
        status = walk_path(w, join(w->scratch, folder, part), rest);
    wr_arena_back(w->scratch, mark);
    return status;
}

static int compare_paths(const void *a, const void *b)
{
    const wr_found_file *x = a;
    const wr_found_file *y = b;
    return wr_str_cmp(x->path, y->path);
}

/* Two `**` can find a file in two ways. */
static void sort(wr_found_files *files)
{
    if (files->len == 0)
        return;
    qsort(files->ptr, files->len, sizeof(wr_found_file), compare_paths);
    size_t kept = 1;
    for (size_t i = 1; i < files->len; i++)
        if (!wr_str_eq(files->ptr[i].path, files->ptr[kept - 1].path))
            files->ptr[kept++] = files->ptr[i];
    files->len = kept;
}

/* The part of the pattern at which the walk came to nothing, and the folder that it was looked for in. */
static weir_status find_wrong_part(walk *w, const char *pattern, weir_str *ret_folder,
                                   weir_str *ret_part)
{
    weir_str rest = weir_str_of(pattern);
    *ret_folder = pattern[0] == '/' ? wr_lit("/") : (weir_str){ 0 };
    while (next_part(&rest, ret_part)) {
        if (has_wildcard(*ret_part))
            break;
        const weir_str path = join(w->scratch, *ret_folder, *ret_part);
        wr_file_info info;
        WEIR_TRY(wr_file_look(w->cx, w->dir, path.ptr, 0, &info));
        if (info.kind != WR_FILE_FOLDER)
            break;
        *ret_folder = path;
    }
    return WEIR_OK;
}

/* Names without the hidden ones, as wr_str_nearest() wants them. */
static const char **visible(wr_arena *arena, const wr_names *names, size_t *ret_count)
{
    const char **list = wr_arena_new_array(arena, names->len + 1, const char *);
    size_t count = 0;
    for (size_t i = 0; i < names->len; i++)
        if (!is_hidden(names->ptr[i]))
            list[count++] = names->ptr[i].ptr;
    *ret_count = count;
    return list;
}

static weir_str first_names(wr_arena *arena, const char *const *names, size_t count)
{
    weir_str text = { 0 };
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++)
        text = wr_arena_printf(arena, "%.*s%s'%s'", WR_STR(text), i > 0 ? ", " : "", names[i]);
    if (count > SHOWN_MAX)
        text = wr_arena_printf(arena, "%.*s and %zu more", WR_STR(text), count - SHOWN_MAX);
    return text;
}

static weir_status find_hint(walk *w, const char *pattern, weir_str *ret)
{
    weir_str folder;
    weir_str part;
    wr_names names;
    WEIR_TRY(find_wrong_part(w, pattern, &folder, &part));
    WEIR_TRY(list(w, folder, &names));

    size_t count;
    const char **known = visible(w->scratch, &names, &count);
    const char *nearest = wr_str_nearest(wr_arena_str(w->scratch, part).ptr, known);
    const char *shown = folder.len > 0 ? folder.ptr : ".";
    if (nearest)
        *ret = wr_arena_printf(w->scratch, "did you mean '%s'?",
                               join(w->scratch, folder, weir_str_of(nearest)).ptr);
    else if (count > 0)
        *ret = wr_arena_printf(w->scratch, "in '%s' are %s", shown,
                               first_names(w->scratch, known, count).ptr);
    else
        *ret = wr_arena_printf(w->scratch, "the folder '%s' is empty", shown);
    return WEIR_OK;
}

static weir_status nothing_found(walk *w, const char *pattern)
{
    weir_str hint = { 0 };
    if (find_hint(w, pattern, &hint) != WEIR_OK)
        weir_error_clear(w->cx); /* it would only have been a help */
    return weir_fail(w->cx, WEIR_CONFIG, "%s '%s'\nhint: %.*s",
                     has_wildcard(weir_str_of(pattern)) ? "no file matches" : "there is no file",
                     pattern, WR_STR(hint));
}

weir_status wr_glob(weir_ctx *cx, wr_arena *arena, int dir, const char *pattern,
                    wr_found_files *files)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    walk w = { .cx = cx, .dir = dir, .kept = arena, .scratch = &scratch, .files = files };
    wr_file_info info;
    WEIR_TRY(wr_file_look(cx, dir, pattern, 0, &info));
    if (info.kind == WR_FILE_FOLDER)
        return weir_fail(
            cx, WEIR_CONFIG,
            "'%s' is a folder, expected a file or a pattern\nhint: '%s/*' are the files in "
            "it, '%s/**' those in its folders, too",
            pattern, pattern, pattern);
    const weir_str all = weir_str_of(pattern);
    if (info.kind != WR_FILE_MISSING)
        return add(&w, all, &info);
    if (has_wildcard(all))
        WEIR_TRY(walk_parts(&w, all.ptr[0] == '/' ? wr_lit("/") : (weir_str){ 0 }, all));
    sort(files);
    return files->len > 0 ? WEIR_OK : nothing_found(&w, pattern);
}
