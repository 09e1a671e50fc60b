/* weir package: what was extracted and is loaded, or waits. */
#include "pipeline/package.h"

#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cli/pipeline.h"
#include "cli/table.h"
#include "cli/tree.h"

#define MANIFEST_MAX ((size_t)64 << 20)

/* What the words of the command name: `packages` are all of the pipeline, in order. */
typedef struct chosen {
    wr_home home;
    wr_packages packages;
    const wr_package *package; /* NULL when there is none to choose */
} chosen;

static weir_status open_packages(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *ret)
{
    WEIR_TRY(wr_pipeline_home(cx, arena, weir_str_of(call->words[0]), &ret->home));
    return wr_package_list(cx, arena, &ret->home, true, &ret->packages);
}

static weir_status find_by_id(weir_ctx *cx, const wr_call *call, chosen *c)
{
    const weir_str id = weir_str_of(call->words[1]);
    for (size_t i = 0; i < c->packages.len; i++)
        if (wr_str_eq(c->packages.ptr[i].load_id, id))
            c->package = &c->packages.ptr[i];
    if (c->package)
        return WEIR_OK;
    return weir_fail(cx, WEIR_INVALID,
                     "the pipeline '%s' has no package '%.*s'\nhint: see: weir package list %s",
                     call->words[0], WR_STR(id), call->words[0]);
}

/* The package that is meant: the one that is named, or the only one for which `fits`. */
static weir_status find_package(weir_ctx *cx, const wr_call *call, bool (*fits)(const wr_package *),
                                const char *wanted, chosen *c)
{
    if (call->words[1])
        return find_by_id(cx, call, c);
    size_t count = 0;
    for (size_t i = 0; i < c->packages.len; i++) {
        if (!fits(&c->packages.ptr[i]))
            continue;
        c->package = &c->packages.ptr[i];
        count++;
    }
    if (count == 1)
        return WEIR_OK;
    if (count == 0)
        return weir_fail(cx, WEIR_INVALID, "the pipeline '%s' has no package that %s",
                         call->words[0], wanted);
    return weir_fail(cx, WEIR_INVALID,
                     "the pipeline '%s' has %zu packages that %s: name one\n"
                     "hint: see: weir package list %s",
                     call->words[0], count, wanted, call->words[0]);
}

/* ---- the quarantine ---- */

/* Entries that are shown, and how much of each. */
#define BAD_ROWS_SHOWN 5
#define BAD_ROW_WIDTH 240

/* Print the line at *at, cut to its width, and move behind it; *ret_found false at the end. */
static weir_status print_entry(weir_ctx *cx, int fd, int64_t *at, bool *ret_found)
{
    char block[(size_t)16 << 10];
    *ret_found = false;
    for (;;) {
        size_t len = 0;
        WEIR_TRY(wr_read_at(cx, fd, block, sizeof(block), *at, &len));
        if (len == 0)
            return WEIR_OK;
        const char *end = memchr(block, '\n', len);
        const size_t used = end ? (size_t)(end - block) : len;
        if (!*ret_found) {
            const weir_str text = { block, used < BAD_ROW_WIDTH ? used : BAD_ROW_WIDTH };
            printf("%.*s%s\n", (int)wr_utf8_valid(text), text.ptr, used > text.len ? " …" : "");
        }
        *ret_found = true;
        *at += (int64_t)used + (end != NULL);
        if (end)
            return WEIR_OK;
    }
}

/* How many there are, where, and what the first ones are like. */
static weir_status print_bad_rows(weir_ctx *cx, const chosen *c)
{
    const int64_t count = wr_node_get_int(c->package->manifest, WR_BAD_ROWS_COUNT, 0);
    if (count == 0 || c->package->state != WR_PACKAGE_LOADED)
        return WEIR_OK;
    char path[WR_BAD_ROWS_PATH];
    wr_package_bad_rows_path(path, c->package->load_id);
    printf("\n%lld bad rows in %.*s/%s\n", (long long)count, WR_STR(c->home.path), path);
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, c->home.dir, path, O_RDONLY, &fd));
    int64_t at = 0;
    bool found = true;
    for (int i = 0; i < BAD_ROWS_SHOWN && found; i++)
        WEIR_TRY(print_entry(cx, fd, &at, &found));
    return WEIR_OK;
}

/* ---- looking ---- */

/* A load id is the time at which the load began. */
static weir_str began(wr_arena *arena, weir_str load_id)
{
    double seconds;
    if (!wr_double_parse(load_id, &seconds) || seconds < 0 || seconds > 2e11)
        return wr_lit("");
    char text[WR_TIME_TEXT];
    const size_t len = wr_time_iso(text, (int64_t)seconds * WR_US_PER_SECOND);
    return wr_arena_str(arena, (weir_str){ text, len });
}

static weir_str error_message(const wr_package *package)
{
    return wr_node_get_text(wr_node_get(package->manifest, "error"), "message");
}

/* Rows that were extracted; "" while it is not known. */
static weir_str row_count(wr_arena *arena, const wr_package *package)
{
    const int64_t rows = wr_node_get_int(package->manifest, "rows", -1);
    return rows < 0 ? wr_lit("") : wr_arena_printf(arena, "%lld", (long long)rows);
}

static wr_node *package_node(wr_arena *arena, const wr_package *package)
{
    const weir_str state = weir_str_of(wr_package_state_name(package->state));
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, node, wr_lit("load_id"), wr_node_text(arena, package->load_id));
    wr_node_set(arena, node, wr_lit("state"), wr_node_text(arena, state));
    wr_node_set(arena, node, wr_lit("began"), wr_node_text(arena, began(arena, package->load_id)));
    wr_node *rows = wr_node_text(arena, row_count(arena, package));
    rows->kind = rows->text.len > 0 ? WR_NODE_NUMBER : WR_NODE_NULL;
    wr_node_set(arena, node, wr_lit("rows"), rows);
    wr_node_set(arena, node, wr_lit("error"), wr_node_text(arena, error_message(package)));
    return node;
}

static weir_status print_list(weir_ctx *cx, wr_arena *arena, const wr_packages *packages, bool json)
{
    static const char *const titles[] = { "load_id", "state", "began", "rows", "error" };
    wr_auto(grid) wr_grid grid = { 0 };
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        wr_grid_column(&grid, weir_str_of(titles[i]), strcmp(titles[i], "rows") == 0);

    for (size_t i = 0; i < packages->len; i++) {
        const wr_node *node = package_node(arena, &packages->ptr[i]);
        if (json)
            WEIR_TRY(wr_print_json(cx, node));
        for (const wr_node *cell = node->first; cell && !json; cell = cell->next)
            wr_grid_cell(&grid, cell->text);
    }
    if (!json)
        wr_grid_end(&grid);
    return WEIR_OK;
}

static weir_status list_packages(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *c)
{
    WEIR_TRY(open_packages(cx, arena, call, c));
    return print_list(cx, arena, &c->packages, wr_call_flag(call, "json") != NULL);
}

static weir_status print_package(weir_ctx *cx, wr_arena *arena, const chosen *c, bool json)
{
    const wr_package *package = c->package;
    wr_node *node = package_node(arena, package);
    if (json) {
        wr_node *manifest = package->manifest ? wr_node_copy(arena, package->manifest)
                                              : wr_node_new(arena, WR_NODE_NULL);
        wr_node_set(arena, node, wr_lit("manifest"), manifest);
        return wr_print_json(cx, node);
    }
    for (const wr_node *fact = node->first; fact; fact = fact->next)
        if (fact->text.len > 0)
            wr_print_fact(fact->key.ptr, fact->text);
    if (!package->manifest)
        return WEIR_OK;

    wr_auto(buf) wr_buf text = wr_buf_max(MANIFEST_MAX);
    wr_node_write(&text, package->manifest, WR_JSON_PRETTY);
    WEIR_TRY(wr_buf_check(cx, &text, "the manifest"));
    printf("\n%s\n", wr_buf_text(&text));
    return print_bad_rows(cx, c);
}

static weir_status show_package(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *c)
{
    WEIR_TRY(open_packages(cx, arena, call, c));
    if (call->words[1])
        WEIR_TRY(find_by_id(cx, call, c));
    else if (c->packages.len > 0)
        c->package = &c->packages.ptr[c->packages.len - 1];
    else
        return weir_fail(cx, WEIR_INVALID, "the pipeline '%s' has no package", call->words[0]);
    return print_package(cx, arena, c, wr_call_flag(call, "json") != NULL);
}

/* ---- changing ---- */

static bool is_failed(const wr_package *package)
{
    return package->state == WR_PACKAGE_FAILED;
}

static bool is_waiting(const wr_package *package)
{
    return package->state != WR_PACKAGE_LOADED;
}

/* What is changed must not change under a run: both hold the pipeline's lock. */
static weir_status open_locked(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *c)
{
    WEIR_TRY(wr_pipeline_home(cx, arena, weir_str_of(call->words[0]), &c->home));
    WEIR_TRY(wr_home_lock(cx, &c->home));
    return wr_package_list(cx, arena, &c->home, true, &c->packages);
}

static weir_status retry_package(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *c)
{
    WEIR_TRY(open_locked(cx, arena, call, c));
    WEIR_TRY(find_package(cx, call, is_failed, "failed", c));
    if (!is_failed(c->package))
        return weir_fail(cx, WEIR_INVALID,
                         "the package '%.*s' is %s: only a failed one can be retried",
                         WR_STR(c->package->load_id), wr_package_state_name(c->package->state));
    WEIR_TRY(wr_package_retry(cx, &c->home, c->package));
    printf("package %.*s will be loaded by the next run of %s\n", WR_STR(c->package->load_id),
           call->words[0]);
    return WEIR_OK;
}

static weir_status drop_package(weir_ctx *cx, wr_arena *arena, const wr_call *call, chosen *c)
{
    WEIR_TRY(open_locked(cx, arena, call, c));
    WEIR_TRY(find_package(cx, call, is_waiting, "waits", c));
    if (!is_waiting(c->package))
        return weir_fail(cx, WEIR_INVALID,
                         "the package '%.*s' is loaded: there is nothing to give up\n"
                         "hint: its rows are at the destination",
                         WR_STR(c->package->load_id));
    WEIR_TRY(wr_package_drop(cx, &c->home, c->package->load_id));
    printf("dropped package %.*s\n", WR_STR(c->package->load_id));
    return WEIR_OK;
}

/* ---- the commands ---- */

static weir_status with_packages(weir_ctx *cx, const wr_call *call,
                                 weir_status (*act)(weir_ctx *, wr_arena *, const wr_call *,
                                                    chosen *))
{
    wr_auto(arena) wr_arena arena = { 0 };
    chosen c = { .home = { .dir = -1, .lock = -1 } };
    const weir_status status = act(cx, &arena, call, &c);
    wr_home_close(&c.home);
    return status;
}

weir_status wr_command_package_list(weir_ctx *cx, const wr_call *call)
{
    return with_packages(cx, call, list_packages);
}

weir_status wr_command_package_show(weir_ctx *cx, const wr_call *call)
{
    return with_packages(cx, call, show_package);
}

weir_status wr_command_package_retry(weir_ctx *cx, const wr_call *call)
{
    return with_packages(cx, call, retry_package);
}

weir_status wr_command_package_drop(weir_ctx *cx, const wr_call *call)
{
    return with_packages(cx, call, drop_package);
}
