/* Folders of pipelines: finding the project, checking names, opening and locking. */
#include "pipeline/home.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/process.h"
#include "base/str.h"
#include "base/utf8.h"

#define PIPELINES "pipelines"
#define LOCK_TEXT_MAX 256

static weir_status is_project(weir_ctx *cx, const char *dir, bool *ret)
{
    char path[PATH_MAX];
    static const char *const marks[] = { "weir.toml", ".dlt" };
    *ret = false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && !*ret; i++) {
        if (snprintf(path, sizeof path, "%s/%s", dir, marks[i]) >= (int)sizeof path)
            continue;
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path, ret));
    }
    return WEIR_OK;
}

weir_status wr_project_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return wr_fail_errno(cx, errno, "cannot tell the working folder");

    char dir[PATH_MAX];
    memcpy(dir, here, strlen(here) + 1);
    for (;;) {
        bool found = false;
        WEIR_TRY(is_project(cx, dir, &found));
        if (found) {
            *ret = wr_arena_str(arena, weir_str_of(dir));
            return WEIR_OK;
        }
        char *slash = strrchr(dir, '/');
        if (!slash || slash == dir)
            break;
        *slash = '\0';
    }
    *ret = wr_arena_str(arena, weir_str_of(here));
    return WEIR_OK;
}

weir_status wr_data_dir(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    const char *given = getenv("WEIR_DATA_DIR");
    if (given && *given) {
        *ret = wr_arena_str(arena, weir_str_of(given));
        return WEIR_OK;
    }
    weir_str project;
    WEIR_TRY(wr_project_dir(cx, arena, &project));
    *ret = wr_arena_printf(arena, "%.*s/.weir", WR_STR(project));
    return WEIR_OK;
}

/* ---- names ---- */

#define NAME_MAX_BYTES 200

/* Device names of Windows: a project is shared between systems. */
static bool is_reserved(weir_str name)
{
    static const char *const reserved[] = { "con", "prn", "aux", "nul" };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (name.len == 3 && strncasecmp(name.ptr, reserved[i], 3) == 0)
            return true;
    const bool is_port = name.len == 4 && name.ptr[3] >= '0' && name.ptr[3] <= '9';
    return is_port &&
           (strncasecmp(name.ptr, "com", 3) == 0 || strncasecmp(name.ptr, "lpt", 3) == 0);
}

weir_status wr_pipeline_check_name(weir_ctx *cx, weir_str name)
{
    if (name.len == 0)
        return weir_fail(cx, WEIR_INVALID,
                         "the pipeline has no name\nhint: set .name, as in { .name = \"orders\" }");
    if (name.len > NAME_MAX_BYTES)
        return weir_fail(cx, WEIR_INVALID,
                         "the pipeline name '%.40s...' has %zu bytes, at most %d are allowed\n"
                         "hint: the name becomes a folder; choose a shorter one",
                         name.ptr, name.len, NAME_MAX_BYTES);
    if (wr_utf8_valid(name) != name.len)
        return weir_fail(cx, WEIR_INVALID, "the pipeline name is not valid UTF-8");
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x20 || c == 0x7f || strchr("/\\:*?\"<>|.%{}", c))
            return weir_fail(cx, WEIR_INVALID,
                             "the pipeline name '%.*s' contains the character '%c'\n"
                             "hint: the name becomes a folder; use letters, digits, '_' and '-'",
                             WR_STR(name), c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
    if (is_reserved(name))
        return weir_fail(cx, WEIR_INVALID,
                         "the pipeline name '%.*s' is reserved by some systems\n"
                         "hint: choose another one",
                         WR_STR(name));
    return WEIR_OK;
}

/* ---- one pipeline's folder ---- */

weir_status wr_home_open(weir_ctx *cx, wr_arena *arena, weir_str pipeline, bool make, wr_home *ret,
                         bool *ret_found)
{
    weir_str data;
    WEIR_TRY(wr_data_dir(cx, arena, &data));
    const weir_str path =
        wr_arena_printf(arena, "%.*s/" PIPELINES "/%.*s", WR_STR(data), WR_STR(pipeline));

    bool exists = make;
    if (!make)
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path.ptr, &exists));
    if (exists) {
        int dir = -1;
        const weir_status status = wr_open_dir(cx, AT_FDCWD, path.ptr, make, &dir);
        if (status != WEIR_OK) {
            if (!*weir_error_hint(cx))
                wr_hint(cx, "weir keeps the pipeline's packages there; set WEIR_DATA_DIR to a "
                            "folder that can be written");
            return status;
        }
        *ret = (wr_home){ .dir = dir, .lock = -1, .path = path };
    }
    *ret_found = exists;
    return WEIR_OK;
}

static weir_status describe_holder(weir_ctx *cx, const wr_home *home)
{
    char owner[LOCK_TEXT_MAX] = "";
    size_t len = 0;
    if (wr_read_at(cx, home->lock, owner, sizeof owner - 1, 0, &len) != WEIR_OK)
        weir_error_clear(cx); /* the name is a courtesy */
    owner[len] = '\0';
    return weir_fail(cx, WEIR_LOCKED,
                     "another run holds this pipeline: %s\n"
                     "hint: wait until it is done, or stop it; the lock goes with its process",
                     len ? owner : "unknown process");
}

weir_status wr_home_lock(weir_ctx *cx, wr_home *home)
{
    WEIR_TRY(wr_open_at(cx, home->dir, "lock", O_RDWR | O_CREAT, &home->lock));
    bool taken = false;
    WEIR_TRY(wr_flock(cx, home->lock, &taken));
    if (!taken)
        return describe_holder(cx, home);

    char owner[LOCK_TEXT_MAX];
    const size_t len = wr_process_owner(cx, owner, sizeof owner);
    WEIR_TRY(wr_truncate(cx, home->lock, 0));
    return wr_write_all(cx, home->lock, (weir_str){ owner, len });
}

void wr_home_close(wr_home *home)
{
    wr_cleanup_close(&home->lock);
    wr_cleanup_close(&home->dir);
}

void wr_cleanup_home(wr_home *home)
{
    wr_home_close(home);
}

weir_status wr_home_list(weir_ctx *cx, wr_arena *arena, wr_names *ret)
{
    weir_str data;
    WEIR_TRY(wr_data_dir(cx, arena, &data));
    const weir_str path = wr_arena_printf(arena, "%.*s/" PIPELINES, WR_STR(data));
    bool exists = false;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path.ptr, &exists));
    if (!exists) {
        *ret = (wr_names){ 0 };
        return WEIR_OK;
    }
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path.ptr, false, &dir));
    return wr_list_dir(cx, arena, dir, ret);
}
