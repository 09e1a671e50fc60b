/* Writes weir.lock, and compares it with what is installed. */
#include "project/lock.h"

#include <sys/utsname.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/str.h"
#include "project/component.h"

#define TEXT_MAX ((size_t)1 << 20)
#define CHUNK ((size_t)1 << 20)
#define LOCK_VERSION 1

static const char HEAD[] =
    "# Exact versions and checksums of what weir.toml needs. Written by `weir add`; commit it.\n"
    "version = 1\n";

/* ---- checksums ---- */

/* "linux-x86_64" */
static weir_str platform(wr_arena *arena)
{
    struct utsname name;
    if (uname(&name) != 0)
        return wr_lit("unknown");
    return wr_arena_lower(arena, wr_arena_printf(arena, "%s-%s", name.sysname, name.machine));
}

static weir_status hash_file(weir_ctx *cx, wr_arena *arena, weir_str path, weir_str *ret)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, AT_FDCWD, wr_arena_str(&scratch, path).ptr, O_RDONLY, &fd));
    char *bytes = wr_arena_alloc(&scratch, CHUNK);
    wr_sha256 sha;
    wr_sha256_init(&sha);
    size_t len = 0;
    int64_t offset = 0;
    do {
        WEIR_TRY(wr_check_cancel(cx));
        WEIR_TRY(wr_read_at(cx, fd, bytes, CHUNK, offset, &len));
        wr_sha256_update(&sha, bytes, len);
        offset += (int64_t)len;
    } while (len > 0);
    uint8_t digest[WR_SHA256_LEN];
    char text[WR_SHA256_TEXT];
    wr_sha256_final(&sha, digest);
    wr_sha256_text(text, digest);
    *ret = wr_arena_str(arena, weir_str_of(text));
    return WEIR_OK;
}

/* ---- reading ---- */

static weir_status read_entry(weir_ctx *cx, const wr_toml *entry, wr_locked *ret)
{
    static const char *const KEYS[] = { "name", "version", "development", "sha256", NULL };
    const wr_toml *name = NULL;
    const wr_toml *version = NULL;
    const wr_toml *dev = NULL;
    wr_locked locked = { 0 };
    if (entry->kind != WR_TOML_TABLE)
        return wr_toml_fail(cx, WEIR_CONFIG, entry->place, "a package is %s, expected a table",
                            wr_toml_kind_name(entry->kind));
    WEIR_TRY(wr_toml_check_keys(cx, entry, "a package", KEYS));
    WEIR_TRY(wr_toml_member(cx, entry, "name", WR_TOML_TEXT, &name));
    WEIR_TRY(wr_toml_member(cx, entry, "version", WR_TOML_TEXT, &version));
    WEIR_TRY(wr_toml_member(cx, entry, "development", WR_TOML_BOOL, &dev));
    WEIR_TRY(wr_toml_member(cx, entry, "sha256", WR_TOML_TABLE, &locked.sums));
    if (!name || !version || !wr_version_valid(version->text))
        return wr_toml_fail(cx, WEIR_CONFIG, entry->place, "a package has no name, or no version");
    locked.name = name->text;
    locked.version = version->text;
    locked.dev = dev && dev->as.b;
    *ret = locked;
    return WEIR_OK;
}

static weir_status read_entries(weir_ctx *cx, const wr_toml *root, wr_lock *lock)
{
    static const char *const KEYS[] = { "version", "package", NULL };
    const wr_toml *version = NULL;
    const wr_toml *list = NULL;
    WEIR_TRY(wr_toml_check_keys(cx, root, WR_LOCK, KEYS));
    WEIR_TRY(wr_toml_member(cx, root, "version", WR_TOML_INT, &version));
    if (!version || version->as.i != LOCK_VERSION)
        return wr_toml_fail(cx, WEIR_CONFIG, root->place, "it is no lock of version %d",
                            LOCK_VERSION);
    WEIR_TRY(wr_toml_member(cx, root, "package", WR_TOML_ARRAY, &list));
    for (const wr_toml *entry = list ? list->first : NULL; entry; entry = entry->next) {
        wr_locked locked;
        WEIR_TRY(read_entry(cx, entry, &locked));
        *wr_vec_push(lock) = locked;
    }
    return WEIR_OK;
}

/* The vector is the caller's to release. */
static weir_status read_lock(weir_ctx *cx, wr_arena *arena, int dir, wr_lock *lock, bool *ret_found)
{
    const wr_toml *root = NULL;
    weir_status status = wr_toml_read(cx, arena, dir, WR_LOCK, &root);
    *ret_found = root != NULL;
    if (root)
        status = read_entries(cx, root, lock);
    if (status == WEIR_PARSE || status == WEIR_CONFIG)
        wr_hint(cx, "it is written by weir, not by hand: remove it, and run weir add");
    return status;
}

static const wr_locked *find(const wr_lock *lock, weir_str name)
{
    for (size_t i = 0; i < lock->len; i++)
        if (wr_str_eq(lock->ptr[i].name, name))
            return &lock->ptr[i];
    return NULL;
}

/* ---- making ---- */

typedef struct maker {
    wr_arena *arena;
    const wr_lock *old;
    weir_str platform;
    wr_buf out;
} maker;

static void put_head(maker *m, weir_str name, weir_str version, bool dev)
{
    wr_buf_printf(&m->out, "\n[[package]]\nname = \"%.*s\"\nversion = \"%.*s\"\n", WR_STR(name),
                  WR_STR(version));
    if (dev)
        wr_buf_cstr(&m->out, "development = true\n");
}

static void put_sum(maker *m, weir_str on, weir_str sum)
{
    wr_buf_printf(&m->out, "sha256.%.*s = \"%.*s\"\n", WR_STR(on), WR_STR(sum));
}

/* Those that were made elsewhere. */
static void put_old_sums(maker *m, const wr_locked *old, weir_str version, bool here)
{
    if (!old || !wr_str_eq(old->version, version))
        return;
    for (const wr_toml *sum = old->sums ? old->sums->first : NULL; sum; sum = sum->next)
        if (sum->kind == WR_TOML_TEXT && (here || !wr_str_eq(sum->key, m->platform)))
            put_sum(m, sum->key, sum->text);
}

static weir_status put_installed(weir_ctx *cx, maker *m, const wr_installed *installed, bool dev)
{
    weir_str sum;
    put_head(m, installed->name, installed->version, dev);
    if (installed->file.len == 0)
        return WEIR_OK;
    WEIR_TRY(hash_file(cx, m->arena, installed->file, &sum));
    put_old_sums(m, find(m->old, installed->name), installed->version, false);
    put_sum(m, m->platform, sum);
    return WEIR_OK;
}

/* What is about to be added stands nowhere yet. */
static weir_status check_least(weir_ctx *cx, const wr_need *need, weir_str version)
{
    if (wr_version_cmp(version, need->least) >= 0)
        return WEIR_OK;
    (void)weir_fail(cx, WEIR_CONFIG,
                    "'%.*s' is needed >=%.*s, and here is %.*s\n"
                    "hint: install a newer one, or lower what is needed",
                    WR_STR(need->name), WR_STR(need->least), WR_STR(version));
    return need->place.file
               ? wr_context(cx, WEIR_CONFIG, "%s:%u", need->place.file, need->place.line)
               : WEIR_CONFIG;
}

static weir_status put_need(weir_ctx *cx, maker *m, const wr_need *need)
{
    wr_installed installed;
    const wr_locked *old = find(m->old, need->name);
    const weir_status status = wr_component_find(cx, m->arena, need->name, &installed);
    if (status == WEIR_CONFIG && need->dev && old &&
        wr_version_cmp(old->version, need->least) >= 0) {
        weir_error_clear(cx); /* a machine of production has no library of it */
        put_head(m, old->name, old->version, true);
        put_old_sums(m, old, old->version, true);
        return WEIR_OK;
    }
    if (status != WEIR_OK)
        return wr_context(cx, status, "'%.*s'", WR_STR(need->name));
    WEIR_TRY(check_least(cx, need, installed.version));
    return put_installed(cx, m, &installed, need->dev);
}

static weir_status put_all(weir_ctx *cx, maker *m, const wr_manifest *manifest)
{
    wr_installed engine;
    const wr_need *need = wr_manifest_find(manifest, wr_lit(WR_ENGINE));
    wr_buf_cstr(&m->out, HEAD);
    WEIR_TRY(wr_component_find(cx, m->arena, wr_lit(WR_ENGINE), &engine));
    if (need)
        WEIR_TRY(check_least(cx, need, engine.version));
    WEIR_TRY(put_installed(cx, m, &engine, false));
    for (size_t i = 0; i < manifest->count; i++)
        if (!wr_str_eq(manifest->needs[i].name, engine.name))
            WEIR_TRY(put_need(cx, m, &manifest->needs[i]));
    return wr_buf_check(cx, &m->out, WR_LOCK);
}

weir_status wr_lock_make(weir_ctx *cx, wr_arena *arena, int dir, const wr_manifest *manifest,
                         weir_str *ret)
{
    wr_lock old = { 0 };
    bool found = false;
    maker m = { .arena = arena, .old = &old, .out = wr_buf_max(TEXT_MAX) };
    m.platform = platform(arena);
    weir_status status = read_lock(cx, arena, dir, &old, &found);
    if (status == WEIR_OK)
        status = put_all(cx, &m, manifest);
    if (status == WEIR_OK)
        *ret = wr_arena_str(arena, wr_buf_view(&m.out));
    wr_buf_done(&m.out);
    wr_vec_done(&old);
    return status;
}

/* ---- comparing ---- */

static weir_status check_sum(weir_ctx *cx, wr_arena *arena, const wr_locked *locked,
                             const wr_installed *installed)
{
    const weir_str here = platform(arena);
    const wr_toml *sum = wr_toml_get(locked->sums, here);
    weir_str is;
    if (installed->file.len == 0)
        return WEIR_OK;
    if (!sum || sum->kind != WR_TOML_TEXT)
        return weir_fail(cx, WEIR_CONFIG,
                         WR_LOCK " has no checksum of '%.*s' for %.*s\n"
                                 "hint: run weir add on such a machine, and commit " WR_LOCK,
                         WR_STR(locked->name), WR_STR(here));
    WEIR_TRY(hash_file(cx, arena, installed->file, &is));
    if (wr_str_eq(is, sum->text))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "'%.*s' %.*s is another file than the one in " WR_LOCK ": '%.*s' has the "
                     "SHA-256 %.*s, expected %.*s\n"
                     "hint: install the same one; or, if this one is right, run weir add",
                     WR_STR(locked->name), WR_STR(locked->version), WR_STR(installed->file),
                     WR_STR(is), WR_STR(sum->text));
}

static weir_status check_installed(weir_ctx *cx, wr_arena *arena, const wr_locked *locked)
{
    wr_installed installed;
    const weir_status status = wr_component_find(cx, arena, locked->name, &installed);
    if (status == WEIR_CONFIG && locked->dev)
        wr_hint(cx, "install it; or leave out what is for development only, with --no-dev");
    if (status != WEIR_OK)
        return wr_context(cx, status, "'%.*s' %.*s of " WR_LOCK, WR_STR(locked->name),
                          WR_STR(locked->version));
    if (!wr_str_eq(installed.version, locked->version))
        return weir_fail(cx, WEIR_CONFIG,
                         "'%.*s' is %.*s here, and %.*s in " WR_LOCK "\n"
                         "hint: install that version; or, if this one is right, run weir add",
                         WR_STR(locked->name), WR_STR(installed.version), WR_STR(locked->version));
    return check_sum(cx, arena, locked, &installed);
}

static weir_status check_need(weir_ctx *cx, const wr_need *need, const wr_lock *lock)
{
    const wr_locked *locked = find(lock, need->name);
    if (!locked)
        return wr_toml_fail(cx, WEIR_CONFIG, need->place,
                            "'%.*s' is needed, and not in " WR_LOCK "\nhint: run weir add",
                            WR_STR(need->name));
    if (wr_version_cmp(locked->version, need->least) < 0)
        return wr_toml_fail(cx, WEIR_CONFIG, need->place,
                            "'%.*s' is needed >=%.*s, and %.*s in " WR_LOCK "\nhint: run weir add",
                            WR_STR(need->name), WR_STR(need->least), WR_STR(locked->version));
    if (locked->dev != need->dev)
        return wr_toml_fail(cx, WEIR_CONFIG, need->place,
                            "'%.*s' is needed %s, and in " WR_LOCK " %s\nhint: run weir add",
                            WR_STR(need->name), need->dev ? "for development only" : "always",
                            locked->dev ? "for development only" : "always");
    return WEIR_OK;
}

static weir_status check_wanted(weir_ctx *cx, const wr_locked *locked, const wr_manifest *manifest)
{
    if (wr_str_eq(locked->name, wr_lit(WR_ENGINE)) || wr_manifest_find(manifest, locked->name))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "'%.*s' is in " WR_LOCK ", and " WR_MANIFEST " does not need it\n"
                     "hint: run weir add",
                     WR_STR(locked->name));
}

static weir_status compare(weir_ctx *cx, wr_arena *arena, const wr_manifest *manifest,
                           const wr_lock *lock, bool dev, wr_problems *problems)
{
    for (size_t i = 0; i < manifest->count; i++)
        WEIR_TRY(wr_problem_note(cx, arena, problems, check_need(cx, &manifest->needs[i], lock)));
    for (size_t i = 0; i < lock->len; i++) {
        const wr_locked *locked = &lock->ptr[i];
        WEIR_TRY(wr_problem_note(cx, arena, problems, check_wanted(cx, locked, manifest)));
        if (dev || !locked->dev)
            WEIR_TRY(wr_problem_note(cx, arena, problems, check_installed(cx, arena, locked)));
    }
    return WEIR_OK;
}

static weir_status read_both(weir_ctx *cx, wr_arena *arena, int dir, wr_manifest *manifest,
                             wr_lock *lock)
{
    bool found = false;
    WEIR_TRY(wr_manifest_read(cx, arena, dir, manifest, &found));
    if (!found)
        return weir_fail(cx, WEIR_CONFIG, "there is no " WR_MANIFEST "\nhint: run weir init");
    WEIR_TRY(read_lock(cx, arena, dir, lock, &found));
    return found ? WEIR_OK
                 : weir_fail(cx, WEIR_CONFIG, "there is no " WR_LOCK "\nhint: run weir add");
}

weir_status wr_lock_check(weir_ctx *cx, wr_arena *arena, int dir, bool dev, wr_problems *problems)
{
    wr_manifest manifest;
    wr_lock lock = { 0 };
    weir_status status = read_both(cx, arena, dir, &manifest, &lock);
    if (status == WEIR_OK)
        status = compare(cx, arena, &manifest, &lock, dev, problems);
    else
        status = wr_problem_note(cx, arena, problems, status);
    wr_vec_done(&lock);
    return status;
}
