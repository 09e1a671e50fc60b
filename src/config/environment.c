/* The environment as a provider: DESTINATION__DUCKDB__LOCK_WAIT_S. Secrets may also stand in files that a container
 * mounts, /run/secrets/destination--snowflake--credentials--password. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/lookup.h"

static char secrets_folder[] = "/run/secrets";

/* ASCII only, as the names of variables are. */
static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char *put_upper(char *at, weir_str s)
{
    for (size_t i = 0; i < s.len; i++)
        *at++ = upper(s.ptr[i]);
    return at;
}

static weir_str spell_variable(void *self, const wr_key *key, wr_arena *arena)
{
    (void)self;
    size_t len = key->name.len;
    for (size_t i = 0; i < key->len; i++)
        len += key->parts[i].len + 2;

    char *name = wr_arena_alloc(arena, len + 1);
    char *at = name;
    for (size_t i = 0; i < key->len; i++) {
        at = put_upper(at, key->parts[i]);
        *at++ = '_';
        *at++ = '_';
    }
    put_upper(at, key->name);
    return (weir_str){ name, len };
}

/* The secret file of a variable: a file, or the file of the same name in a folder. One that may not be read is not there,
 * as for dlt. Its content is not stripped. */
static weir_status read_secret_file(weir_ctx *cx, const char *folder, weir_str variable,
                                    wr_arena *arena, wr_found *ret)
{
    char *name = wr_arena_alloc(arena, variable.len + 1);
    for (size_t i = 0; i < variable.len; i++)
        name[i] = variable.ptr[i] == '_' ? '-' : lower(variable.ptr[i]);

    const char *path = wr_arena_printf(arena, "%s/%s", folder, name).ptr;
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        path = wr_arena_printf(arena, "%s/%s", path, name).ptr;
    if (access(path, R_OK) != 0)
        return WEIR_OK;
    weir_str content;
    bool found = false;
    WEIR_TRY(wr_file_read(cx, arena, AT_FDCWD, path, &content, &found));
    if (found)
        *ret = (wr_found){ .value = weir_text(content), .file = path, .line = 1 };
    return WEIR_OK;
}

static weir_status get(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena, wr_found *ret)
{
    const weir_str variable = spell_variable(NULL, key, arena);
    if (key->secret) {
        WEIR_TRY(read_secret_file(cx, self, variable, arena, ret));
        if (ret->value.kind != WEIR_ABSENT)
            return WEIR_OK;
    }

    /* A variable that is set and empty is an answer: the empty text. */
    const char *value = getenv(variable.ptr);
    if (value)
        *ret = (wr_found){ .value = weir_text(wr_arena_str(arena, weir_str_of(value))) };
    return WEIR_OK;
}

const wr_provider wr_environment = {
    .name = "Environment Variables",
    .kind = "environment variable",
    .holds_secrets = true,
    .get = get,
    .spell = spell_variable,
    .self = secrets_folder,
};
