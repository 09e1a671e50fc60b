/* Reads the rules that compilers write for make, and turns them into lists of files with hashes. */
#include "project/deps.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/time.h"

#define MAGIC "weir-deps 1\n"

/* False when the file cannot be read: then it is not what it was, whatever the reason. */
static bool hash_file(weir_ctx *cx, const char *path, uint64_t *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str content;
    bool found = false;
    if (wr_file_read(cx, &arena, AT_FDCWD, path, &content, &found) != WEIR_OK) {
        weir_error_clear(cx);
        return false;
    }
    if (found)
        *ret = wr_hash64(content.ptr, content.len);
    return found;
}

/* A line "<hash> <path>". */
static bool line_holds(weir_ctx *cx, weir_str line)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str hash_text;
    uint64_t hash;
    if (!wr_str_split(&line, ' ', &hash_text) || line.len == 0 ||
        !hash_file(cx, wr_arena_str(&arena, line).ptr, &hash))
        return false;
    char expected[17];
    snprintf(expected, sizeof(expected), "%016" PRIx64, hash);
    return wr_str_eq(hash_text, weir_str_of(expected));
}

bool wr_deps_hold(weir_ctx *cx, weir_str deps)
{
    if (!wr_str_starts(deps, wr_lit(MAGIC)))
        return false;
    deps.ptr += sizeof(MAGIC) - 1;
    deps.len -= sizeof(MAGIC) - 1;
    for (weir_str line; wr_str_split(&deps, '\n', &line);)
        if (line.len > 0 && !line_holds(cx, line))
            return false;
    return true;
}

/* Cut the next file name off a rule as compilers write it for make: blanks and '#' behind a backslash, '$' doubled, long
 * rules continued by a backslash at the end of the line. False when there is none left. */
static bool next_file(weir_str *rest, wr_buf *ret)
{
    wr_buf_clear(ret);
    while (rest->len > 0) {
        const char c = rest->ptr[0];
        const char next = rest->len > 1 ? rest->ptr[1] : '\0';
        const bool blank = c == ' ' || c == '\n' || (c == '\\' && next == '\n');
        const bool escaped =
            (c == '\\' && (next == ' ' || next == '#')) || (c == '$' && next == '$');
        if (blank && ret->len > 0)
            return true;
        if (!blank)
            wr_buf_char(ret, escaped ? next : c);
        const size_t used = escaped || (c == '\\' && next == '\n') ? 2 : 1;
        rest->ptr += used;
        rest->len -= used;
    }
    return ret->len > 0;
}

/* Was the file changed behind the back of a compiler that was started at `started`? */
static bool changed_since(const char *path, weir_time started)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return true;
    return st.st_ctim.tv_sec * WR_US_PER_SECOND + st.st_ctim.tv_nsec / 1000 > started;
}

bool wr_deps_make(weir_ctx *cx, weir_str rules, const char *folder, weir_time started, wr_buf *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(buf) wr_buf name = wr_buf_max(WR_DEPS_MAX);
    if (!next_file(&rules, &name)) /* "module:" */
        return false;

    wr_buf_cstr(ret, MAGIC);
    while (next_file(&rules, &name)) {
        const char *given = wr_buf_text(&name);
        const char *path =
            given[0] == '/' ? given : wr_arena_printf(&arena, "%s/%s", folder, given).ptr;
        uint64_t hash;
        if (changed_since(path, started) || !hash_file(cx, path, &hash))
            return false;
        wr_buf_printf(ret, "%016" PRIx64 " %s\n", hash, path);
    }
    return !ret->failed;
}
