/* A lake in a local folder.
 *
 *     <bucket>/<dataset>/…                         what readers see
 *     <bucket>/.weir-<dataset>-<load id>/1 2 3 …   files of a load on its way; the folder is locked by it
 *                                        commit.json   what the commit does, written before it does anything
 *
 * A commit renames its files into place, the ledger's last: that one rename makes the load count. Then it removes the files
 * that it replaces. Whoever opens the lake and finds the folder of a load that died (nobody has its lock) looks for the
 * ledger's file: there, the removing is finished; not there, what was published is taken back. All of it can be done twice.
 * So rows are never lost, and a load that did not count is not seen; while files are replaced, a reader can meet both. */
#include "destinations/lake_store.h"

#include <errno.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/json.h"

#define JOURNAL "commit.json"
#define JOURNAL_VERSION 1
#define DEPTH_MAX 64
/* How often a folder is made that others sweep away at the same time. */
#define ATTEMPTS 10

void wr_lake_commit_done(wr_lake_commit *commit)
{
    wr_vec_done(&commit->folders);
    wr_vec_done(&commit->published);
    wr_vec_done(&commit->removed);
}

/* ---- where it is ---- */

/* %41 becomes A; a percent sign without two digits stays. */
static weir_str without_percent(wr_arena *arena, weir_str text)
{
    char *out = wr_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = 0;
        char digits[3] = { 0 };
        int used = 0;
        if (text.ptr[i] == '%' && i + 2 < text.len)
            memcpy(digits, text.ptr + i + 1, 2);
        const bool is_code = sscanf(digits, "%2x%n", &value, &used) == 1 && used == 2;
        out[len++] = is_code ? (char)value : text.ptr[i];
        i += is_code ? 2 : 0;
    }
    return (weir_str){ out, len };
}

static weir_status read_url(weir_ctx *cx, wr_arena *arena, weir_str url, weir_str *ret)
{
    static const weir_str scheme = { "file://", 7 };
    if (wr_str_starts(url, scheme)) {
        const weir_str path = { url.ptr + scheme.len, url.len - scheme.len };
        if (!wr_str_starts(path, wr_lit("/")))
            return weir_fail(cx, WEIR_CONFIG,
                             "bucket_url '%.*s' names a host, and no absolute path\n"
                             "hint: a path follows three slashes, as in file:///data/lake",
                             WR_STR(url));
        *ret = without_percent(arena, path);
        return WEIR_OK;
    }
    const char *colon = memmem(url.ptr, url.len, "://", 3);
    if (colon)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "bucket_url '%.*s': weir writes to local folders, and not yet to %.*s\n"
                         "hint: give it a folder, and copy that with the tools of the store; the "
                         "file in _dlt_loads goes last",
                         WR_STR(url), (int)(colon - url.ptr), url.ptr);
    *ret = url;
    return WEIR_OK;
}

weir_status wr_lake_store_open(weir_ctx *cx, wr_lake_store *store, weir_str url, weir_str folder,
                               weir_str dataset)
{
    weir_str path = { 0 };
    WEIR_TRY(read_url(cx, &store->arena, url, &path));
    char here[4096];
    if (!getcwd(here, sizeof here))
        return wr_fail_errno(cx, errno, "cannot tell the working folder");
    if (folder.len == 0 || wr_str_eq(folder, wr_lit(".")))
        folder = weir_str_of(here);
    if (!wr_str_starts(path, wr_lit("/")))
        path = wr_arena_printf(&store->arena, "%.*s/%.*s", WR_STR(folder), WR_STR(path));
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    store->bucket = wr_arena_str(&store->arena, path);
    store->dataset = wr_arena_str(&store->arena, dataset);
    return WEIR_OK;
}

void wr_lake_store_close(wr_lake_store *store)
{
    wr_lake_store_rollback(store);
    wr_arena_done(&store->arena);
}

/* Of something in the dataset. */
static const char *path_of(const wr_lake_store *store, wr_arena *arena, weir_str path)
{
    return wr_arena_printf(arena, "%.*s/%.*s%s%.*s", WR_STR(store->bucket), WR_STR(store->dataset),
                           path.len > 0 ? "/" : "", WR_STR(path))
        .ptr;
}

weir_status wr_lake_store_probe(weir_ctx *cx, const wr_lake_store *store)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str path = weir_str_of(path_of(store, &arena, (weir_str){ 0 }));
    while (path.len > 1 && access(path.ptr, F_OK) != 0 && errno == ENOENT) {
        const char *slash = memrchr(path.ptr, '/', path.len); /* it is absolute */
        const size_t above = (size_t)(slash - path.ptr);
        path = wr_arena_str(&arena, (weir_str){ path.ptr, above > 0 ? above : 1 });
    }
    if (access(path.ptr, R_OK | W_OK | X_OK) == 0)
        return WEIR_OK;
    return wr_fail_errno(cx, errno, "writing below the folder '%s'", path.ptr);
}

weir_str wr_lake_folder(weir_str path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    return (weir_str){ path.ptr, slash ? (size_t)(slash - path.ptr) : 0 };
}

/* ---- looking ---- */

typedef struct listing {
    weir_ctx *cx;
    wr_arena *arena;
    wr_vec(weir_str) paths;
} listing;

static weir_status list_below(listing *l, int dir, weir_str prefix, int depth)
{
    wr_names names = { 0 };
    if (depth > DEPTH_MAX)
        return weir_fail(l->cx, WEIR_LIMIT, "more than %d folders in each other: '%.*s'", DEPTH_MAX,
                         WR_STR(prefix));
    WEIR_TRY(wr_list_dir(l->cx, l->arena, dir, &names));
    for (size_t i = 0; i < names.len; i++) {
        wr_file_info info;
        const weir_str path = wr_arena_printf(l->arena, "%.*s%s%.*s", WR_STR(prefix),
                                              prefix.len > 0 ? "/" : "", WR_STR(names.ptr[i]));
        WEIR_TRY(wr_file_look(l->cx, dir, names.ptr[i].ptr, AT_SYMLINK_NOFOLLOW, &info));
        if (info.kind != WR_FILE_FOLDER) {
            *wr_vec_push(&l->paths) = path;
            continue;
        }
        wr_auto(close) int below = -1;
        WEIR_TRY(wr_open_dir(l->cx, dir, names.ptr[i].ptr, false, &below));
        WEIR_TRY(list_below(l, below, path, depth + 1));
    }
    return WEIR_OK;
}

static weir_status list_folder(weir_ctx *cx, const wr_lake_store *store, listing *l,
                               weir_str folder)
{
    const char *path = path_of(store, l->arena, folder);
    bool exists = false;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path, &exists));
    if (!exists)
        return WEIR_OK;
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path, false, &dir));
    return list_below(l, dir, folder, 0);
}

weir_status wr_lake_store_list(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                               weir_str folder, wr_lake_paths *ret)
{
    listing l = { .cx = cx, .arena = arena };
    const weir_status status = list_folder(cx, store, &l, folder);
    if (status == WEIR_OK) {
        ret->len = l.paths.len;
        ret->ptr = wr_arena_new_array(arena, l.paths.len, weir_str);
        for (size_t i = 0; i < l.paths.len; i++)
            ret->ptr[i] = l.paths.ptr[i];
    }
    wr_vec_done(&l.paths);
    return status;
}

weir_status wr_lake_store_read(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                               weir_str path, weir_str *ret, bool *ret_found)
{
    return wr_file_read(cx, arena, AT_FDCWD, path_of(store, arena, path), ret, ret_found);
}

static weir_status exists(weir_ctx *cx, const wr_lake_store *store, weir_str path, bool *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    return wr_exists_at(cx, AT_FDCWD, path_of(store, &arena, path), ret);
}

/* ---- files of a load ---- */

static weir_str waiting_prefix(const wr_lake_store *store, wr_arena *arena)
{
    return wr_arena_printf(arena, "%.*s/.weir-%.*s-", WR_STR(store->bucket),
                           WR_STR(store->dataset));
}

/* Open a folder and take its lock; *ret stays -1 when another process has it, or has just removed it. */
static weir_status lock_folder(weir_ctx *cx, const char *path, bool make, int *ret)
{
    wr_auto(close) int dir = -1;
    bool taken = false;
    bool is_there = false;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path, make, &dir));
    WEIR_TRY(wr_flock(cx, dir, &taken));
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path, &is_there));
    if (!taken || !is_there)
        return WEIR_OK;
    *ret = dir;
    dir = -1;
    return WEIR_OK;
}

weir_status wr_lake_store_begin(weir_ctx *cx, wr_lake_store *store, weir_str load_id)
{
    const weir_str prefix = waiting_prefix(store, &store->arena);
    const weir_str waiting =
        wr_arena_printf(&store->arena, "%.*s%.*s", WR_STR(prefix), WR_STR(load_id));
    int staging = -1;
    for (int i = 0; i < ATTEMPTS && staging < 0; i++)
        WEIR_TRY(lock_folder(cx, waiting.ptr, true, &staging));
    if (staging < 0)
        return weir_fail(cx, WEIR_LOCKED, "'%.*s' is in use by another process", WR_STR(waiting));
    store->waiting = waiting;
    store->staging = staging;
    store->number = 0;
    return WEIR_OK;
}

typedef struct number_name {
    char text[24];
} number_name;

static const char *name_of(size_t number, number_name *ret)
{
    snprintf(ret->text, sizeof ret->text, "%zu", number);
    return ret->text;
}

static void close_file(wr_lake_store *store)
{
    if (store->number > 0)
        close(store->file);
    store->number = 0;
}

weir_status wr_lake_store_append(weir_ctx *cx, wr_lake_store *store, size_t number, weir_str bytes)
{
    if (store->number != number) {
        number_name name;
        close_file(store);
        WEIR_TRY(wr_open_at(cx, store->staging, name_of(number, &name),
                            O_WRONLY | O_CREAT | O_APPEND, &store->file));
        store->number = number;
    }
    return wr_write_all(cx, store->file, bytes);
}

static void end_load(wr_lake_store *store)
{
    close_file(store);
    if (store->waiting.len > 0)
        close(store->staging);
    store->waiting = (weir_str){ 0 };
}

/* ---- what a commit does, on disk ---- */

static void write_paths(wr_buf *out, const char *key, const weir_str *paths, size_t count)
{
    wr_buf_printf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        wr_buf_cstr(out, i > 0 ? "," : "");
        wr_json_quote(out, paths[i]);
    }
    wr_buf_char(out, ']');
}

static weir_status write_journal(weir_ctx *cx, const wr_lake_store *store,
                                 const wr_lake_commit *commit)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_auto(arena) wr_arena arena = { 0 };
    const size_t count = commit->published.len;
    weir_str *paths = wr_arena_new_array(&arena, count, weir_str);
    for (size_t i = 0; i < count; i++)
        paths[i] = commit->published.ptr[i].path;
    wr_buf_printf(&out, "{\"journal_version\":%d", JOURNAL_VERSION);
    write_paths(&out, "published", paths, count);
    write_paths(&out, "removed", commit->removed.ptr, commit->removed.len);
    wr_buf_char(&out, '}');
    WEIR_TRY(wr_buf_check(cx, &out, "what the commit does"));
    return wr_file_publish(cx, store->staging, JOURNAL, wr_buf_view(&out));
}

/* Files are numbered in the order in which they are published, which does not matter any more. */
static weir_status read_journal(weir_ctx *cx, int folder, wr_arena *arena, wr_lake_commit *ret,
                                bool *ret_found)
{
    weir_str text = { 0 };
    wr_node *doc = NULL;
    WEIR_TRY(wr_file_read(cx, arena, folder, JOURNAL, &text, ret_found));
    if (!*ret_found)
        return WEIR_OK;
    WEIR_TRY(wr_node_parse(cx, arena, text, &doc));
    const wr_node *published = wr_node_get(doc, "published");
    const wr_node *removed = wr_node_get(doc, "removed");
    if (wr_node_get_int(doc, "journal_version", 0) != JOURNAL_VERSION || !published ||
        !published->first || !removed)
        return weir_fail(cx, WEIR_UNSUPPORTED, "'%s' is of another version of weir", JOURNAL);
    for (const wr_node *item = published->first; item; item = item->next)
        *wr_vec_push(&ret->published) = (wr_lake_published){ .path = item->text };
    for (const wr_node *item = removed->first; item; item = item->next)
        *wr_vec_push(&ret->removed) = item->text;
    return WEIR_OK;
}

/* ---- doing it, and taking it back ---- */

static weir_status sync_folder(weir_ctx *cx, const wr_lake_store *store, weir_str folder)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path_of(store, &arena, folder), false, &dir));
    return wr_fsync(cx, dir);
}

/* Sync the folder of a file, once. */
static weir_status sync_once(weir_ctx *cx, const wr_lake_store *store, wr_map *synced,
                             weir_str path)
{
    const weir_str folder = wr_lake_folder(path);
    if (wr_map_find(synced, folder) >= 0)
        return WEIR_OK;
    wr_map_put(synced, folder, synced);
    return sync_folder(cx, store, folder);
}

static weir_status sync_published(weir_ctx *cx, const wr_lake_store *store,
                                  const wr_lake_commit *commit, size_t count)
{
    wr_map synced = { 0 };
    weir_status status = WEIR_OK;
    for (size_t i = 0; i < count && status == WEIR_OK; i++)
        status = sync_once(cx, store, &synced, commit->published.ptr[i].path);
    wr_map_done(&synced);
    return status;
}

static weir_status make_folder(weir_ctx *cx, const wr_lake_store *store, weir_str folder)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int dir = -1;
    return wr_open_dir(cx, AT_FDCWD, path_of(store, &arena, folder), true, &dir);
}

static weir_status publish_one(weir_ctx *cx, const wr_lake_store *store,
                               const wr_lake_published *file)
{
    wr_auto(arena) wr_arena arena = { 0 };
    number_name name;
    const char *from =
        wr_arena_printf(&arena, "%.*s/%s", WR_STR(store->waiting), name_of(file->number, &name))
            .ptr;
    WEIR_TRY(make_folder(cx, store, wr_lake_folder(file->path)));
    return wr_rename_at(cx, AT_FDCWD, from, path_of(store, &arena, file->path));
}

static weir_status publish(weir_ctx *cx, const wr_lake_store *store, const wr_lake_commit *commit)
{
    const size_t ledger = commit->published.len - 1;
    for (size_t i = 0; i < commit->folders.len; i++)
        WEIR_TRY(make_folder(cx, store, commit->folders.ptr[i]));
    for (size_t i = 0; i < ledger; i++)
        WEIR_TRY(publish_one(cx, store, &commit->published.ptr[i]));
    WEIR_TRY(sync_published(cx, store, commit, ledger));
    WEIR_TRY(wr_fault(cx, "load.publish"));
    WEIR_TRY(publish_one(cx, store, &commit->published.ptr[ledger]));
    return sync_folder(cx, store, wr_lake_folder(commit->published.ptr[ledger].path));
}

static weir_status remove_one(weir_ctx *cx, const wr_lake_store *store, weir_str path)
{
    wr_auto(arena) wr_arena arena = { 0 };
    return wr_unlink_at(cx, AT_FDCWD, path_of(store, &arena, path));
}

/* Before what the commit does is forgotten, none of them can come back. */
static weir_status remove_files(weir_ctx *cx, const wr_lake_store *store,
                                const wr_lake_commit *commit)
{
    wr_map synced = { 0 };
    weir_status status = wr_fault(cx, "load.remove");
    for (size_t i = 0; i < commit->removed.len && status == WEIR_OK; i++)
        status = remove_one(cx, store, commit->removed.ptr[i]);
    for (size_t i = 0; i < commit->removed.len && status == WEIR_OK; i++)
        status = sync_once(cx, store, &synced, commit->removed.ptr[i]);
    wr_map_done(&synced);
    return status;
}

/* Folders that are empty now, up to that of the dataset: dlt does not load into one without its init file. */
static void remove_empty(const wr_lake_store *store, weir_str folder)
{
    wr_auto(arena) wr_arena arena = { 0 };
    while (rmdir(path_of(store, &arena, folder)) == 0 && folder.len > 0)
        folder = wr_lake_folder(folder);
}

/* The dataset stays when another loader has used it meanwhile. */
static weir_status keeps_init(weir_ctx *cx, const wr_lake_store *store, bool *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_lake_paths loads = { 0 };
    WEIR_TRY(wr_lake_store_list(cx, store, &arena, wr_lit("_dlt_loads"), &loads));
    *ret = loads.len > 0;
    return WEIR_OK;
}

static weir_status take_back(weir_ctx *cx, const wr_lake_store *store, const wr_lake_commit *commit)
{
    bool keeps = false;
    WEIR_TRY(keeps_init(cx, store, &keeps));
    for (size_t i = commit->published.len; i-- > 0;) {
        const weir_str path = commit->published.ptr[i].path;
        if (!keeps || !wr_str_eq(path, wr_lit(WR_LAKE_INIT)))
            WEIR_TRY(remove_one(cx, store, path));
        remove_empty(store, wr_lake_folder(path));
    }
    for (size_t i = 0; i < commit->folders.len; i++)
        remove_empty(store, commit->folders.ptr[i]);
    return WEIR_OK;
}

/* Of a commit that was written down. */
static weir_status settle(weir_ctx *cx, const wr_lake_store *store, const wr_lake_commit *commit)
{
    bool counts = false;
    WEIR_TRY(exists(cx, store, commit->published.ptr[commit->published.len - 1].path, &counts));
    return counts ? remove_files(cx, store, commit) : take_back(cx, store, commit);
}

/* ---- loads that died ---- */

static weir_status sweep_locked(weir_ctx *cx, const wr_lake_store *store, const char *path,
                                int folder)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_lake_commit commit = { 0 };
    bool found = false;
    weir_status status = read_journal(cx, folder, &arena, &commit, &found);
    if (status == WEIR_OK && found)
        status = settle(cx, store, &commit);
    wr_lake_commit_done(&commit);
    WEIR_TRY(wr_context(cx, status, "finishing what a load that died has left in '%s'", path));
    return wr_remove_tree(cx, AT_FDCWD, path);
}

static weir_status sweep(weir_ctx *cx, const wr_lake_store *store, const char *path)
{
    wr_auto(close) int folder = -1;
    WEIR_TRY(lock_folder(cx, path, false, &folder));
    return folder >= 0 ? sweep_locked(cx, store, path, folder) : WEIR_OK;
}

weir_status wr_lake_store_recover(weir_ctx *cx, wr_lake_store *store)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int bucket = -1;
    bool found = false;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, store->bucket.ptr, &found));
    if (!found)
        return WEIR_OK;
    wr_names names = { 0 };
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, store->bucket.ptr, false, &bucket));
    WEIR_TRY(wr_list_dir(cx, &arena, bucket, &names));
    const weir_str prefix = waiting_prefix(store, &arena);
    for (size_t i = 0; i < names.len; i++) {
        const weir_str path =
            wr_arena_printf(&arena, "%.*s/%.*s", WR_STR(store->bucket), WR_STR(names.ptr[i]));
        if (wr_str_starts(path, prefix))
            WEIR_TRY(sweep(cx, store, path.ptr));
    }
    return WEIR_OK;
}

/* ---- the end of a load ---- */

static weir_status sync_files(weir_ctx *cx, wr_lake_store *store, const wr_lake_commit *commit)
{
    close_file(store);
    for (size_t i = 0; i < commit->published.len; i++) {
        number_name name;
        wr_auto(close) int file = -1;
        WEIR_TRY(wr_open_at(cx, store->staging, name_of(commit->published.ptr[i].number, &name),
                            O_RDONLY, &file));
        WEIR_TRY(wr_fsync(cx, file));
    }
    return WEIR_OK;
}

/* The folder stays, for the next one to open the lake, when its files could neither be published nor taken back. */
static weir_status commit_failed(weir_ctx *cx, wr_lake_store *store, const wr_lake_commit *commit)
{
    const wr_error why = cx->error;
    bool counts = true;
    weir_status status =
        exists(cx, store, commit->published.ptr[commit->published.len - 1].path, &counts);
    if (status == WEIR_OK && !counts)
        status = take_back(cx, store, commit);
    (void)wr_error_adopt(cx, &why);
    if (status == WEIR_OK && !counts)
        return why.status;
    end_load(store);
    return wr_context(cx, why.status, "%s; the next run does the rest",
                      counts ? "the load is in the dataset, and not all that it replaces is gone"
                             : "files of the load are in the dataset");
}

weir_status wr_lake_store_commit(weir_ctx *cx, wr_lake_store *store, const wr_lake_commit *commit)
{
    wr_assert(commit->published.len > 0);
    WEIR_TRY(sync_files(cx, store, commit));
    WEIR_TRY(write_journal(cx, store, commit));
    weir_status status = publish(cx, store, commit);
    if (status == WEIR_OK)
        status = remove_files(cx, store, commit);
    if (status != WEIR_OK)
        return commit_failed(cx, store, commit);

    if (wr_remove_tree(cx, AT_FDCWD, store->waiting.ptr) != WEIR_OK)
        weir_error_clear(cx); /* it counts, and is done: the next one to open the lake tidies up */
    end_load(store);
    return WEIR_OK;
}

void wr_lake_store_rollback(wr_lake_store *store)
{
    if (store->waiting.len == 0)
        return;
    weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    if (wr_remove_tree(&cx, AT_FDCWD, store->waiting.ptr) != WEIR_OK)
        weir_error_clear(&cx); /* the next one to open the lake sweeps it */
    end_load(store);
    wr_ctx_done(&cx);
}
