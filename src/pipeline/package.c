/* Packages on disk: made, sealed, listed, finished, dropped. */
#include "pipeline/package.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#define PACKAGES "packages"
#define LOADED "loaded"
#define MANIFEST "package.json"
#define TRACE_SUFFIX ".json"
#define MANIFEST_MAX ((size_t)64 << 20)

static const char *const STATE_NAMES[] = {
    [WR_PACKAGE_OPEN] = "open",     [WR_PACKAGE_SEALED] = "sealed",
    [WR_PACKAGE_FAILED] = "failed", [WR_PACKAGE_COMMITTING] = "committing",
    [WR_PACKAGE_LOADED] = "loaded",
};

const char *wr_package_state_name(wr_package_state state)
{
    return STATE_NAMES[state];
}

/* Microseconds of a load id's text; 0 when it is not one. dlt's ids may have more than six fraction digits. */
static int64_t load_id_us(weir_str id)
{
    int64_t us = 0;
    size_t i = 0;
    for (; i < id.len && id.ptr[i] >= '0' && id.ptr[i] <= '9' && us < INT64_MAX / 100; i++)
        us = us * 10 + (id.ptr[i] - '0');
    us *= WR_US_PER_SECOND;
    if (i < id.len && id.ptr[i] == '.') {
        i++;
        for (int64_t unit = WR_US_PER_SECOND / 10; unit && i < id.len; unit /= 10, i++) {
            if (id.ptr[i] < '0' || id.ptr[i] > '9')
                break;
            us += unit * (id.ptr[i] - '0');
        }
    }
    return us;
}

void wr_load_id_make(weir_ctx *cx, weir_str after, char ret[WR_LOAD_ID_TEXT])
{
    const int64_t now = wr_now(cx);
    const int64_t least = after.len ? load_id_us(after) + 1 : 0;
    const size_t len = wr_time_seconds(ret, now > least ? now : least);
    ret[len] = '\0';
}

static weir_status open_packages(weir_ctx *cx, const wr_home *home, int *ret)
{
    return wr_open_dir(cx, home->dir, PACKAGES, true, ret);
}

weir_status wr_package_create(weir_ctx *cx, const wr_home *home, weir_str load_id, int *ret_dir)
{
    WEIR_TRY(wr_fault(cx, "package.create"));
    char path[64];
    snprintf(path, sizeof path, PACKAGES "/%.*s", WR_STR(load_id));
    return wr_open_dir(cx, home->dir, path, true, ret_dir);
}

weir_status wr_package_open(weir_ctx *cx, const wr_home *home, weir_str load_id, int *ret_dir)
{
    char path[64];
    snprintf(path, sizeof path, PACKAGES "/%.*s", WR_STR(load_id));
    return wr_open_dir(cx, home->dir, path, false, ret_dir);
}

static weir_status publish(weir_ctx *cx, int dir, const char *name, const wr_node *doc)
{
    wr_auto(buf) wr_buf out = wr_buf_max(MANIFEST_MAX);
    wr_node_write(&out, doc, WR_JSON_PRETTY);
    wr_buf_char(&out, '\n');
    WEIR_TRY(wr_buf_check(cx, &out, name));
    return wr_file_publish(cx, dir, name, wr_buf_view(&out));
}

weir_status wr_package_seal(weir_ctx *cx, int package_dir, const wr_node *manifest)
{
    WEIR_TRY(wr_fault(cx, "package.seal"));
    WEIR_TRY(publish(cx, package_dir, MANIFEST, manifest));
    return wr_fault(cx, "package.sealed");
}

weir_status wr_package_note_bad_rows(weir_ctx *cx, const wr_home *home, const wr_package *package,
                                     int64_t count)
{
    WEIR_TRY(wr_fault(cx, "package.note"));
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = wr_node_copy(&arena, package->manifest);
    wr_node_set(&arena, doc, wr_lit(WR_BAD_ROWS_COUNT), wr_node_int(&arena, count));
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_package_open(cx, home, package->load_id, &dir));
    return publish(cx, dir, MANIFEST, doc);
}

/* Publish the manifest again with another state. */
static weir_status change_state(weir_ctx *cx, const wr_home *home, const wr_package *package,
                                wr_package_state state, const wr_error *error)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = wr_node_copy(&arena, package->manifest);
    const weir_str name = weir_str_of(wr_package_state_name(state));
    wr_node_set(&arena, doc, wr_lit("state"), wr_node_text(&arena, name));
    wr_node_remove(doc, wr_lit("error"));
    if (error) {
        wr_node *why = wr_node_new(&arena, WR_NODE_OBJECT);
        wr_node_set(&arena, why, wr_lit("status"),
                    wr_node_text(&arena, weir_str_of(weir_status_name(error->status))));
        wr_node_set(&arena, why, wr_lit("message"),
                    wr_node_text(&arena, weir_str_of(error->message)));
        wr_node_set(&arena, why, wr_lit("hint"), wr_node_text(&arena, weir_str_of(error->hint)));
        wr_node_set(&arena, doc, wr_lit("error"), why);
    }
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_package_open(cx, home, package->load_id, &dir));
    return publish(cx, dir, MANIFEST, doc);
}

weir_status wr_package_fail(weir_ctx *cx, const wr_home *home, const wr_package *package)
{
    const wr_error why = cx->error;
    weir_error_clear(cx);
    WEIR_TRY(change_state(cx, home, package, WR_PACKAGE_FAILED, &why));
    (void)wr_error_adopt(cx, &why); /* the caller reports it */
    return WEIR_OK;
}

weir_status wr_package_retry(weir_ctx *cx, const wr_home *home, const wr_package *package)
{
    return change_state(cx, home, package, WR_PACKAGE_SEALED, NULL);
}

static bool is_trace(weir_str name)
{
    return wr_str_ends(name, wr_lit(TRACE_SUFFIX));
}

/* Traces are kept for the last `keep` loads; those before are removed. By name a quarantine stands in front of its trace,
 * and goes with it. */
static weir_status trim_loaded(weir_ctx *cx, int loaded, size_t keep)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_names names;
    WEIR_TRY(wr_list_dir(cx, &arena, loaded, &names));
    size_t traces = 0;
    for (size_t i = names.len; i-- > 0;) {
        traces += is_trace(names.ptr[i]);
        if (traces > keep)
            WEIR_TRY(wr_unlink_at(cx, loaded, names.ptr[i].ptr));
    }
    return WEIR_OK;
}

void wr_package_bad_rows_path(char *ret, weir_str load_id)
{
    snprintf(ret, WR_BAD_ROWS_PATH, LOADED "/%.*s." WR_BAD_ROWS, WR_STR(load_id));
}

/* The quarantine goes where the trace will be, unless an earlier attempt did that. */
static weir_status keep_bad_rows(weir_ctx *cx, const wr_home *home, weir_str load_id)
{
    WEIR_TRY(wr_fault(cx, "quarantine.keep"));
    char from[WR_BAD_ROWS_PATH];
    char to[WR_BAD_ROWS_PATH];
    snprintf(from, sizeof from, PACKAGES "/%.*s/" WR_BAD_ROWS, WR_STR(load_id));
    wr_package_bad_rows_path(to, load_id);
    bool waits = false;
    WEIR_TRY(wr_exists_at(cx, home->dir, from, &waits));
    return waits ? wr_rename_at(cx, home->dir, from, to) : WEIR_OK;
}

weir_status wr_package_finish(weir_ctx *cx, const wr_home *home, weir_str load_id,
                              const wr_node *trace, size_t keep)
{
    WEIR_TRY(wr_fault(cx, "package.finish"));
    wr_auto(close) int loaded = -1;
    WEIR_TRY(wr_open_dir(cx, home->dir, LOADED, true, &loaded));
    if (wr_node_get_int(trace, WR_BAD_ROWS_COUNT, 0) > 0)
        WEIR_TRY(keep_bad_rows(cx, home, load_id));
    char name[64];
    snprintf(name, sizeof name, "%.*s" TRACE_SUFFIX, WR_STR(load_id));
    WEIR_TRY(publish(cx, loaded, name, trace));

    WEIR_TRY(wr_fault(cx, "package.remove"));
    WEIR_TRY(wr_package_drop(cx, home, load_id));
    return trim_loaded(cx, loaded, keep);
}

weir_status wr_package_forget(weir_ctx *cx, const wr_home *home, weir_str load_id)
{
    char path[WR_BAD_ROWS_PATH];
    wr_package_bad_rows_path(path, load_id);
    WEIR_TRY(wr_unlink_at(cx, home->dir, path));
    snprintf(path, sizeof path, LOADED "/%.*s" TRACE_SUFFIX, WR_STR(load_id));
    return wr_unlink_at(cx, home->dir, path);
}

weir_status wr_package_drop(weir_ctx *cx, const wr_home *home, weir_str load_id)
{
    wr_auto(close) int packages = -1;
    WEIR_TRY(open_packages(cx, home, &packages));

    /* The manifest goes first: half a folder must not count as sealed. */
    char path[64];
    snprintf(path, sizeof path, "%.*s/" MANIFEST, WR_STR(load_id));
    WEIR_TRY(wr_unlink_at(cx, packages, path));
    snprintf(path, sizeof path, "%.*s", WR_STR(load_id));
    return wr_remove_tree(cx, packages, path);
}

weir_status wr_package_sweep(weir_ctx *cx, const wr_home *home)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int packages = -1;
    WEIR_TRY(open_packages(cx, home, &packages));
    wr_names names;
    WEIR_TRY(wr_list_dir(cx, &arena, packages, &names));
    for (size_t i = 0; i < names.len; i++) {
        char path[320];
        snprintf(path, sizeof path, "%.*s/" MANIFEST, WR_STR(names.ptr[i]));
        bool sealed = false;
        WEIR_TRY(wr_exists_at(cx, packages, path, &sealed));
        if (!sealed)
            WEIR_TRY(wr_remove_tree(cx, packages, names.ptr[i].ptr));
    }
    return WEIR_OK;
}

/* ---- listing ---- */

static weir_status read_manifest(weir_ctx *cx, wr_arena *arena, int dir, const char *path,
                                 wr_node **ret)
{
    weir_str text;
    bool found = false;
    WEIR_TRY(wr_file_read(cx, arena, dir, path, &text, &found));
    if (!found) {
        *ret = NULL;
        return WEIR_OK;
    }
    const weir_status status = wr_node_parse(cx, arena, text, ret);
    if (status != WEIR_OK) {
        cx->error.status = WEIR_CORRUPT;
        return wr_context(cx, WEIR_CORRUPT, "reading '%s'", path);
    }
    return WEIR_OK;
}

static wr_package_state state_of(const wr_node *manifest)
{
    if (!manifest)
        return WR_PACKAGE_OPEN;
    const weir_str name = wr_node_get_text(manifest, "state");
    for (wr_package_state state = WR_PACKAGE_FAILED; state <= WR_PACKAGE_COMMITTING; state++)
        if (wr_str_eq(name, weir_str_of(STATE_NAMES[state])))
            return state;
    return WR_PACKAGE_SEALED;
}

/* Of what lies beside traces, only they are packages. */
static void select_traces(wr_names *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < names->len; i++)
        if (is_trace(names->ptr[i]))
            names->ptr[kept++] = names->ptr[i];
    names->len = kept;
}

/* Read the packages that `names` lists: folders, or traces of loaded ones. */
static weir_status read_all(weir_ctx *cx, wr_arena *arena, int dir, wr_names names, bool loaded,
                            wr_package *ret)
{
    for (size_t i = 0; i < names.len; i++) {
        char path[320];
        weir_str id = names.ptr[i];
        if (loaded)
            id.len -= strlen(TRACE_SUFFIX);
        snprintf(path, sizeof path, loaded ? "%.*s" : "%.*s/" MANIFEST, WR_STR(names.ptr[i]));
        ret[i] = (wr_package){ .load_id = id };
        WEIR_TRY(read_manifest(cx, arena, dir, path, &ret[i].manifest));
        ret[i].state = loaded ? WR_PACKAGE_LOADED : state_of(ret[i].manifest);
    }
    return WEIR_OK;
}

weir_status wr_package_list(weir_ctx *cx, wr_arena *arena, const wr_home *home, bool loaded,
                            wr_packages *ret)
{
    wr_auto(close) int packages = -1;
    WEIR_TRY(open_packages(cx, home, &packages));
    wr_names waiting;
    WEIR_TRY(wr_list_dir(cx, arena, packages, &waiting));

    wr_auto(close) int done = -1;
    wr_names finished = { 0 };
    if (loaded) {
        WEIR_TRY(wr_open_dir(cx, home->dir, LOADED, true, &done));
        WEIR_TRY(wr_list_dir(cx, arena, done, &finished));
        select_traces(&finished);
    }

    const size_t len = finished.len + waiting.len;
    wr_package *ptr = wr_arena_new_array(arena, len + 1, wr_package);
    WEIR_TRY(read_all(cx, arena, done, finished, true, ptr));
    WEIR_TRY(read_all(cx, arena, packages, waiting, false, ptr + finished.len));
    *ret = (wr_packages){ ptr, len };
    return WEIR_OK;
}
