/* Decides about each row, and keeps the last value. */
#include "pipeline/incremental.h"

#include <math.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/jsonpath.h"

/* A last value is part of each state. */
#define VALUE_MAX ((size_t)64 << 20)
/* Of a row in a message. */
#define SHOWN_ROW 200
/* From this many rows at one value on, the state grows noticeably. */
#define MANY_HASHES 200

struct wr_incremental {
    wr_incremental_settings settings;
    wr_incremental_home home;
    wr_node *stored; /* what the state keeps for this cursor; NULL: stateless */

    const wr_jsonpath *path;
    const weir_str *name; /* when the path is one name */
    size_t place;         /* of the name in the row before */

    wr_cursor stored_last; /* of the run before, without lag */
    wr_node *stored_start; /* the same, as the next `start_value` of the state */
    wr_cursor start;
    wr_cursor end;
    wr_cursor last;
    wr_buf last_text; /* what `last` refers to, once it has moved */
    bool moved;       /* `last` is no longer `start` */
    bool began;       /* a row was compared: zones are settled */

    bool deduplicates;
    wr_dedup dedup;
    bool told_many;

    int64_t page_rows;
    bool page_kept;
    bool any_page;
    bool any_kept;
    bool before_start; /* rows were seen that lie there */
    bool behind_end;
};

/* Add whose failure it is. */
static weir_status blame(weir_ctx *cx, const wr_incremental *inc, weir_status status)
{
    return wr_context(cx, status, "cursor path '%.*s' of resource '%.*s'",
                      WR_STR(inc->settings.cursor_path), WR_STR(inc->home.resource));
}

/* ---- beginning ---- */

static bool has(const wr_cursor *cursor)
{
    return cursor->kind != WR_CURSOR_NONE;
}

/* Order as the function sees it: above 0 when `a` lies beyond `b`. */
static bool order_by(wr_cursor_func func, const wr_cursor *a, const wr_cursor *b, int *ret)
{
    int order;
    if (!wr_cursor_order(a, b, &order))
        return false;
    *ret = func == WR_CURSOR_MAX ? order : -order;
    return true;
}

static weir_status check_end(weir_ctx *cx, const wr_incremental *inc, const wr_cursor *initial)
{
    char shown_initial[WR_CURSOR_SHOWN];
    char shown_end[WR_CURSOR_SHOWN];
    const bool is_max = inc->settings.last_value_func == WR_CURSOR_MAX;
    int order;
    if (!has(&inc->end))
        return WEIR_OK;
    if (!has(initial))
        return weir_fail(cx, WEIR_CONFIG,
                         "it has an end value but no initial value\nhint: set initial_value too");
    wr_cursor_show(shown_initial, initial);
    wr_cursor_show(shown_end, &inc->end);
    if (!order_by(inc->settings.last_value_func, &inc->end, initial, &order))
        return weir_fail(cx, WEIR_CONFIG,
                         "initial value %s and end value %s cannot be compared\n"
                         "hint: give both the same type, and both a time zone or none",
                         shown_initial, shown_end);
    if (order < 0)
        return weir_fail(cx, WEIR_CONFIG, "end value %s must be %s than initial value %s",
                         shown_end, is_max ? "higher" : "lower", shown_initial);
    return WEIR_OK;
}

static weir_status compile_path(weir_ctx *cx, wr_incremental *inc)
{
    WEIR_TRY(wr_jsonpath_compile(cx, inc->home.arena, inc->settings.cursor_path, &inc->path));
    inc->name = wr_jsonpath_name(inc->path);
    return WEIR_OK;
}

static wr_node *copy_or_null(wr_arena *arena, const wr_node *node)
{
    return node ? wr_node_copy(arena, node) : wr_node_new(arena, WR_NODE_NULL);
}

/* What the state keeps for this cursor; made from the initial value when it keeps nothing. */
static wr_node *stored_node(const wr_incremental *inc)
{
    static const char *const VALUES[] = { "initial_value", "last_value", "start_value" };
    wr_arena *arena = inc->home.arena;
    wr_assert(inc->home.state);
    wr_node *all = wr_node_child(arena, inc->home.state, wr_lit("incremental"));
    wr_node *ret = wr_node_child(arena, all, inc->settings.cursor_path);
    if (ret->count > 0)
        return ret;

    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++)
        wr_node_set(arena, ret, weir_str_of(VALUES[i]),
                    copy_or_null(arena, inc->settings.initial_value));
    wr_node_set(arena, ret, wr_lit("unique_hashes"), wr_node_new(arena, WR_NODE_ARRAY));
    return ret;
}

static bool wants_dedup(const wr_incremental *inc)
{
    const wr_incremental_settings *s = &inc->settings;
    const bool keyless = s->primary_key.is_list && s->primary_key.count == 0;
    return !s->range_start_open && !has(&inc->end) && s->lag == 0 && !keyless;
}

static weir_status find_start(weir_ctx *cx, wr_incremental *inc, const wr_cursor *initial)
{
    if (has(&inc->end)) {
        inc->settings.lag = 0; /* a given range is not widened */
        inc->start = *initial;
        return WEIR_OK;
    }
    inc->stored = stored_node(inc);
    WEIR_TRY(wr_cursor_read(cx, inc->home.arena, wr_node_get(inc->stored, "last_value"),
                            &inc->stored_last));
    inc->stored_start = copy_or_null(inc->home.arena, wr_node_get(inc->stored, "last_value"));
    inc->start = inc->stored_last;
    if (inc->settings.lag == 0 || !has(&inc->stored_last))
        return WEIR_OK;
    return wr_incremental_lag(cx, inc->home.arena, &inc->settings, &inc->stored_last, &inc->start);
}

static weir_status begin(weir_ctx *cx, wr_incremental *inc)
{
    wr_cursor initial;
    wr_arena *arena = inc->home.arena;
    WEIR_TRY(compile_path(cx, inc));
    if (!isfinite(inc->settings.lag))
        return weir_fail(cx, WEIR_CONFIG, "its lag is no number");
    WEIR_TRY(wr_cursor_read(cx, arena, inc->settings.initial_value, &initial));
    WEIR_TRY(wr_cursor_read(cx, arena, inc->settings.end_value, &inc->end));
    WEIR_TRY(check_end(cx, inc, &initial));
    WEIR_TRY(find_start(cx, inc, &initial));
    inc->last = inc->start;
    inc->deduplicates = wants_dedup(inc);
    if (inc->deduplicates)
        wr_dedup_init(&inc->dedup, &inc->settings.primary_key,
                      wr_node_get(inc->stored, "unique_hashes"));
    return WEIR_OK;
}

weir_status wr_incremental_open(weir_ctx *cx, const wr_incremental_settings *settings,
                                const wr_incremental_home *home, wr_incremental **ret)
{
    wr_incremental *inc = wr_new(wr_incremental);
    inc->settings = *settings;
    inc->home = *home;
    inc->last_text = wr_buf_max(VALUE_MAX);
    const weir_status status = blame(cx, inc, begin(cx, inc));
    if (status != WEIR_OK)
        wr_incremental_close(inc);
    else
        *ret = inc;
    return status;
}

void wr_incremental_close(wr_incremental *inc)
{
    if (!inc)
        return;
    wr_dedup_done(&inc->dedup);
    wr_buf_done(&inc->last_text);
    wr_free(inc);
}

const wr_cursor *wr_incremental_start(const wr_incremental *inc)
{
    return &inc->start;
}

const wr_cursor *wr_incremental_last(const wr_incremental *inc)
{
    return &inc->last;
}

/* ---- rows ---- */

typedef struct seen_row {
    const wr_jval *row;
    wr_cursor value;
} seen_row;

static void show_row(char ret[SHOWN_ROW], const wr_jval *row)
{
    wr_auto(buf) wr_buf json = wr_buf_max(VALUE_MAX);
    wr_json_write(&json, row);
    wr_str_fit(ret, SHOWN_ROW, wr_buf_view(&json));
}

/* Of a row without a value. */
static weir_status judge_missing(weir_ctx *cx, const wr_incremental *inc, const wr_jval *row,
                                 bool is_null, bool *ret_keep)
{
    char shown[SHOWN_ROW];
    if (inc->settings.on_cursor_value_missing != WR_MISSING_RAISE) {
        *ret_keep = inc->settings.on_cursor_value_missing == WR_MISSING_INCLUDE;
        return WEIR_OK;
    }
    show_row(shown, row);
    if (is_null)
        return weir_fail(
            cx, WEIR_INVALID,
            "it is null in row '%s'\n"
            "hint: on_cursor_value_missing = \"include\" or \"exclude\" lets rows have "
            "no value there",
            shown);
    return weir_fail(cx, WEIR_INVALID,
                     "it is not found in row '%s'\n"
                     "hint: fields are named as in the source, which can be otherwise than in the "
                     "database; on_cursor_value_missing = \"include\" or \"exclude\" lets rows be "
                     "without",
                     shown);
}

static weir_status incomparable(weir_ctx *cx, const seen_row *seen, const wr_cursor *bound,
                                const char *bound_name)
{
    char row[SHOWN_ROW];
    char value[WR_CURSOR_SHOWN];
    char other[WR_CURSOR_SHOWN];
    show_row(row, seen->row);
    if (seen->value.kind == WR_CURSOR_OTHER)
        return weir_fail(cx, WEIR_INVALID,
                         "lists, objects and numbers beyond doubles have no order: row '%s'", row);
    return weir_fail(cx, WEIR_INVALID,
                     "the value %s of row '%s' cannot be compared with the %s %s\n"
                     "hint: values are compared as they are; give initial_value and end_value the "
                     "type of the data, or convert the values in the source",
                     wr_cursor_show(value, &seen->value), row, bound_name,
                     wr_cursor_show(other, bound));
}

static weir_status compare(weir_ctx *cx, const wr_incremental *inc, const seen_row *seen,
                           const wr_cursor *bound, int *ret)
{
    if (order_by(inc->settings.last_value_func, &seen->value, bound, ret))
        return WEIR_OK;
    return incomparable(cx, seen, bound, bound == &inc->end ? "end value" : "last value");
}

/* The first row decides whether date-times have a zone: a bound without one gets the row's, a bound with one becomes its
 * wall clock in UTC. True when it was changed. */
static bool follow_zone(weir_ctx *cx, const wr_incremental *inc, const wr_cursor *value,
                        wr_cursor *bound)
{
    if (value->kind != WR_CURSOR_MOMENT || bound->kind != WR_CURSOR_MOMENT ||
        value->as.moment.zoned == bound->as.moment.zoned)
        return false;

    char shown_value[WR_CURSOR_SHOWN];
    char shown_bound[WR_CURSOR_SHOWN];
    weir_warn(cx,
              "cursor path '%.*s' of resource '%.*s': the first row has %s, but the %s is %s; it "
              "follows the row, and what has no zone counts as UTC",
              WR_STR(inc->settings.cursor_path), WR_STR(inc->home.resource),
              wr_cursor_show(shown_value, value),
              bound == &inc->end ? "end value" : "initial or last value",
              wr_cursor_show(shown_bound, bound));
    *bound = wr_cursor_moment(inc->home.arena, (wr_moment){
                                                   .us = bound->as.moment.us,
                                                   .zone_seconds = value->as.moment.zone_seconds,
                                                   .zoned = value->as.moment.zoned,
                                               });
    return true;
}

static weir_status judge_end(weir_ctx *cx, wr_incremental *inc, const seen_row *seen,
                             bool *ret_inside)
{
    int order;
    *ret_inside = true;
    if (!has(&inc->end))
        return WEIR_OK;
    if (!inc->began)
        (void)follow_zone(cx, inc, &seen->value, &inc->end); /* whether it was changed */
    WEIR_TRY(compare(cx, inc, seen, &inc->end, &order));
    *ret_inside = order < 0 || (order == 0 && inc->settings.range_end_closed);
    inc->behind_end = inc->behind_end || !*ret_inside;
    return WEIR_OK;
}

/* Against where the run began; `order` is the one against the last value. */
static weir_status judge_start(weir_ctx *cx, wr_incremental *inc, const seen_row *seen, int order,
                               bool *ret_inside)
{
    *ret_inside = true;
    if (inc->moved) {
        if (!has(&inc->start))
            return WEIR_OK;
        WEIR_TRY(compare(cx, inc, seen, &inc->start, &order));
    }
    if (order < 0 || (order == 0 && inc->settings.range_start_open)) {
        *ret_inside = false;
    } else if (order == 0 && inc->deduplicates) {
        bool loaded;
        WEIR_TRY(wr_dedup_is_loaded(cx, &inc->dedup, seen->row, &loaded));
        *ret_inside = !loaded;
    }
    inc->before_start = inc->before_start || !*ret_inside;
    return WEIR_OK;
}

static weir_status advance(weir_ctx *cx, wr_incremental *inc, const seen_row *seen)
{
    inc->last = seen->value;
    inc->moved = true;
    wr_buf_clear(&inc->last_text);
    if (seen->value.text.ptr) {
        wr_buf_str(&inc->last_text, seen->value.text);
        WEIR_TRY(wr_buf_check(cx, &inc->last_text, "a value of the cursor"));
        inc->last.text = wr_buf_view(&inc->last_text);
    }
    if (!inc->deduplicates)
        return WEIR_OK;
    wr_dedup_restart(&inc->dedup);
    return wr_dedup_keep(cx, &inc->dedup, seen->row);
}

static weir_status judge(weir_ctx *cx, wr_incremental *inc, const seen_row *seen, bool *ret_keep)
{
    int order;
    if (!inc->began && follow_zone(cx, inc, &seen->value, &inc->start))
        inc->last = inc->start;
    WEIR_TRY(judge_end(cx, inc, seen, ret_keep));
    if (!*ret_keep)
        return WEIR_OK;

    /* The first value of all must be one that has an order. */
    inc->began = true;
    const bool first = !has(&inc->last);
    WEIR_TRY(compare(cx, inc, seen, first ? &seen->value : &inc->last, &order));
    if (first || order > 0)
        return advance(cx, inc, seen);
    WEIR_TRY(judge_start(cx, inc, seen, order, ret_keep));
    if (*ret_keep && order == 0 && inc->deduplicates)
        return wr_dedup_keep(cx, &inc->dedup, seen->row);
    return WEIR_OK;
}

weir_status wr_incremental_row(weir_ctx *cx, wr_incremental *inc, const wr_jval *row,
                               bool *ret_keep)
{
    bool keep = false;
    weir_status status = WEIR_OK;
    inc->page_rows++;
    const wr_jval *value = inc->name ? wr_jval_member(row, *inc->name, &inc->place)
                                     : wr_jsonpath_first(inc->path, row);
    if (value && wr_jkind_of(value) != WR_JNULL) {
        const seen_row seen = { row, wr_cursor_of(value) };
        status = judge(cx, inc, &seen, &keep);
    } else if (wr_jkind_of(row) != WR_JNULL) {
        status = judge_missing(cx, inc, row, value != NULL, &keep);
    }
    if (status != WEIR_OK)
        return blame(cx, inc, status);
    inc->page_kept = inc->page_kept || keep;
    *ret_keep = keep;
    return WEIR_OK;
}

/* ---- pages ---- */

/* With a lag a run begins before the last value, which must not move back. */
static weir_status keep_forward(weir_ctx *cx, wr_incremental *inc)
{
    char shown_stored[WR_CURSOR_SHOWN];
    char shown_last[WR_CURSOR_SHOWN];
    int order;
    if (inc->settings.lag == 0 || !has(&inc->stored_last))
        return WEIR_OK;
    if (!order_by(inc->settings.last_value_func, &inc->stored_last, &inc->last, &order))
        return weir_fail(cx, WEIR_INVALID,
                         "the stored value %s cannot be compared with the last %s",
                         wr_cursor_show(shown_stored, &inc->stored_last),
                         wr_cursor_show(shown_last, &inc->last));
    if (order > 0) {
        inc->last = inc->stored_last;
        inc->moved = true;
    }
    return WEIR_OK;
}

static void tell_many(weir_ctx *cx, wr_incremental *inc)
{
    if (inc->told_many || inc->dedup.last.len <= MANY_HASHES)
        return;
    inc->told_many = true;
    weir_warn(cx,
              "cursor path '%.*s' of resource '%.*s': %zu rows have the same value, and the state "
              "keeps a hash of each; a cursor with a higher resolution has fewer of them",
              WR_STR(inc->settings.cursor_path), WR_STR(inc->home.resource), inc->dedup.last.len);
}

static weir_status end_page(weir_ctx *cx, wr_incremental *inc)
{
    WEIR_TRY(keep_forward(cx, inc));
    if (!inc->deduplicates)
        return WEIR_OK;
    WEIR_TRY(wr_dedup_settle(cx, &inc->dedup));
    tell_many(cx, inc);
    return WEIR_OK;
}

weir_status wr_incremental_end_page(weir_ctx *cx, wr_incremental *inc, bool *ret_stop)
{
    const wr_row_order order = inc->settings.row_order;
    if (inc->page_rows > 0) {
        const weir_status status = end_page(cx, inc);
        if (status != WEIR_OK)
            return blame(cx, inc, status);
        inc->any_page = true;
        inc->any_kept = inc->any_kept || inc->page_kept;
    }
    inc->page_rows = 0;
    inc->page_kept = false;
    *ret_stop = (order == WR_ROW_ORDER_ASC && inc->behind_end) ||
                (order == WR_ROW_ORDER_DESC && inc->before_start);
    return WEIR_OK;
}

static weir_status write_last(weir_ctx *cx, const wr_incremental *inc)
{
    wr_auto(buf) wr_buf json = wr_buf_max(VALUE_MAX);
    wr_node *node;
    wr_cursor_write(&json, &inc->last);
    WEIR_TRY(wr_buf_check(cx, &json, "the last value"));
    WEIR_TRY(wr_node_parse(cx, inc->home.arena, wr_buf_view(&json), &node));
    wr_node_set(inc->home.arena, inc->stored, wr_lit("last_value"), node);
    return WEIR_OK;
}

weir_status wr_incremental_save(weir_ctx *cx, wr_incremental *inc)
{
    wr_arena *arena = inc->home.arena;
    if (!inc->stored || !inc->any_page)
        return WEIR_OK;
    const weir_status status = write_last(cx, inc);
    if (status != WEIR_OK)
        return blame(cx, inc, status);
    if (inc->any_kept)
        wr_node_set(arena, inc->stored, wr_lit("start_value"),
                    wr_node_copy(arena, inc->stored_start));
    wr_node_set(arena, inc->stored, wr_lit("unique_hashes"),
                inc->deduplicates ? wr_dedup_hashes(arena, &inc->dedup)
                                  : wr_node_new(arena, WR_NODE_ARRAY));
    return WEIR_OK;
}
