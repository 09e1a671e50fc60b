/* Incremental loading against dlt, run by run, with the state that each run leaves: incremental.json. */
#include "cases.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "pipeline/incremental.h"

#define TEXT_MAX ((size_t)1 << 20)

enum { END_CHECKS };

static const golden_rule rules[] = {
    [END_CHECKS] = { "ENG 12", "an end value needs an initial value, and is not before it" },
};

/* One run of a case. */
typedef struct run_of {
    golden *g;
    const wr_node *settings;
    const wr_node *primary_key;
    const wr_node *run;
    wr_node *state; /* what the resource keeps */
    wr_buf passed;  /* the rows that went on, as an array */
    int64_t pages;
} run_of;

/* ---- settings ---- */

static bool is_text(const wr_node *settings, const char *key, const char *text)
{
    return wr_str_eq(wr_node_get_text(settings, key), weir_str_of(text));
}

static const wr_node *marked_node(golden *g, const wr_node *node)
{
    wr_node *ret = NULL;
    if (!node || wr_node_parse(&g->cx, &g->arena, golden_marked(&g->arena, node), &ret) != WEIR_OK)
        return NULL;
    return ret;
}

static wr_dedup_key key_of(golden *g, const wr_node *node)
{
    wr_dedup_key key = { 0 };
    if (!node || node->kind == WR_NODE_NULL)
        return key;
    if (node->kind == WR_NODE_TEXT)
        return (wr_dedup_key){ .names = &node->text, .count = 1 };

    const wr_node *list = golden_type(node).len > 0 ? wr_node_get(node, "v") : node;
    weir_str *names = wr_arena_new_array(&g->arena, list->count, weir_str);
    for (const wr_node *name = list->first; name; name = name->next)
        names[key.count++] = name->text;
    key.names = names;
    key.is_list = true;
    return key;
}

static wr_incremental_settings settings_of(const run_of *r)
{
    golden *g = r->g;
    const wr_node *s = r->settings;
    const wr_node *lag = wr_node_get(s, "lag");
    weir_value value = weir_int(0);
    if (lag)
        (void)golden_value(&g->arena, lag, &value); /* a number */
    const wr_node *own_key = wr_node_get(s, "primary_key");
    return (wr_incremental_settings){
        .cursor_path = wr_node_get_text(s, "cursor_path"),
        .initial_value = marked_node(g, wr_node_get(s, "initial_value")),
        .end_value = marked_node(g, wr_node_get(s, "end_value")),
        .last_value_func = is_text(s, "last_value_func", "min") ? WR_CURSOR_MIN : WR_CURSOR_MAX,
        .on_cursor_value_missing =
            is_text(s, "on_cursor_value_missing", "include")   ? WR_MISSING_INCLUDE
            : is_text(s, "on_cursor_value_missing", "exclude") ? WR_MISSING_EXCLUDE
                                                               : WR_MISSING_RAISE,
        .row_order = is_text(s, "row_order", "asc")    ? WR_ROW_ORDER_ASC
                     : is_text(s, "row_order", "desc") ? WR_ROW_ORDER_DESC
                                                       : WR_ROW_ORDER_NONE,
        .lag = value.kind == WEIR_INT ? (double)value.as.i : value.as.f,
        .range_start_open = is_text(s, "range_start", "open"),
        .range_end_closed = is_text(s, "range_end", "closed"),
        .primary_key = key_of(g, own_key ? own_key : r->primary_key),
    };
}

/* ---- running ---- */

static weir_status give_row(run_of *r, wr_incremental *inc, const wr_node *row)
{
    golden *g = r->g;
    const weir_str json = golden_marked(&g->arena, row);
    wr_auto(buf) wr_buf text = wr_buf_max(TEXT_MAX);
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    wr_buf_str(&text, json);
    wr_buf_append(&text, (const char[WR_JSON_PADDING]){ 0 }, WR_JSON_PADDING);
    const wr_jval *value;
    size_t used;
    bool keep;
    WEIR_TRY(wr_json_read(&g->cx, &reader, text.ptr, json.len, &value, &used));
    WEIR_TRY(wr_incremental_row(&g->cx, inc, value, &keep));
    if (!keep)
        return WEIR_OK;
    if (r->passed.len > 1)
        wr_buf_char(&r->passed, ',');
    wr_buf_str(&r->passed, json);
    return WEIR_OK;
}

static weir_status give_page(run_of *r, wr_incremental *inc, const wr_node *page, bool *ret_stop)
{
    r->pages++;
    if (page->kind == WR_NODE_ARRAY) {
        for (const wr_node *row = page->first; row; row = row->next)
            WEIR_TRY(give_row(r, inc, row));
    } else {
        WEIR_TRY(give_row(r, inc, page));
    }
    return wr_incremental_end_page(&r->g->cx, inc, ret_stop);
}

static weir_status give_pages(run_of *r, wr_incremental *inc)
{
    bool stop = false;
    const wr_node *page = wr_node_get(r->run, "pages")->first;
    for (; page && !stop; page = page->next)
        WEIR_TRY(give_page(r, inc, page, &stop));
    return wr_incremental_save(&r->g->cx, inc);
}

static weir_status run_once(run_of *r)
{
    golden *g = r->g;
    const wr_incremental_settings settings = settings_of(r);
    const wr_incremental_home home = { wr_lit("events"), &g->arena, r->state };
    wr_incremental *inc;
    WEIR_TRY(wr_incremental_open(&g->cx, &settings, &home, &inc));
    const weir_status status = give_pages(r, inc);
    wr_incremental_close(inc);
    return status;
}

/* ---- checking ---- */

static weir_str show(golden *g, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    if (node)
        wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(&g->arena, wr_buf_view(&out));
}

static const char *wrong_with_failure(const run_of *r, weir_status status)
{
    static const struct {
        const char *error;
        const char *message;
    } EXPECTED[] = {
        { "IncrementalCursorPathMissing", "it is not found in row" },
        { "IncrementalCursorPathHasValueNone", "it is null in row" },
        { "IncrementalCursorInvalidCoercion", "cannot be compared" },
        { "IncrementalPrimaryKeyMissing", "no primary key column 'id'" },
    };
    const char *message = weir_error_message(&r->g->cx);
    if (status != WEIR_INVALID || !strstr(message, "of resource 'events'"))
        return "another status or message";
    for (size_t i = 0; i < sizeof(EXPECTED) / sizeof(EXPECTED[0]); i++)
        if (is_text(wr_node_get(r->run, "raises"), "error", EXPECTED[i].error))
            return strstr(message, EXPECTED[i].message) ? NULL : "another message";
    return "an unknown error";
}

static const char *wrong_with_rows(run_of *r)
{
    golden *g = r->g;
    wr_buf_char(&r->passed, ']');
    const weir_str expected = golden_marked(&g->arena, wr_node_get(r->run, "passed"));
    if (!wr_str_eq(wr_buf_view(&r->passed), expected))
        return "other rows";
    return r->pages == wr_node_get_int(r->run, "pages_consumed", -1) ? NULL : "other pages";
}

static const char *wrong_with_state(const run_of *r, const wr_node *state)
{
    const wr_node *expected = marked_node(r->g, wr_node_get(r->run, "state_after"));
    const wr_node *actual = wr_node_get(state, "incremental");
    if (!actual)
        return expected && expected->kind != WR_NODE_NULL ? "no state" : NULL;
    return expected && wr_node_equal(actual, expected) ? NULL : "another state";
}

/* A run that fails leaves the state as it was. */
static const char *wrong_with_run(run_of *r, wr_node **state)
{
    golden *g = r->g;
    r->state = wr_node_copy(&g->arena, *state);
    const weir_status status = run_once(r);
    const char *wrong = wr_node_get(r->run, "raises") ? wrong_with_failure(r, status)
                        : status != WEIR_OK           ? "it failed"
                                                      : wrong_with_rows(r);
    if (status == WEIR_OK)
        *state = r->state;
    return wrong ? wrong : wrong_with_state(r, *state);
}

static bool is_decided(golden *g, const wr_node *test)
{
    const weir_str name = wr_node_get_text(test, "name");
    return (wr_str_eq(name, wr_lit("end_value_without_initial")) ||
            wr_str_eq(name, wr_lit("end_before_initial"))) &&
           g->cx.error.status == WEIR_CONFIG;
}

static const wr_node *settings_of_run(golden *g, const wr_node *test, const wr_node *run)
{
    wr_node *ret = wr_node_copy(&g->arena, wr_node_get(test, "incremental"));
    const wr_node *override = wr_node_get(run, "incremental_override");
    for (const wr_node *member = override ? override->first : NULL; member; member = member->next)
        wr_node_set(&g->arena, ret, member->key, wr_node_copy(&g->arena, member));
    return ret;
}

static void prepare_state(golden *g, const wr_node *test, const wr_node *run, wr_node **state)
{
    const wr_node *before = marked_node(g, wr_node_get(run, "state_before"));
    if (is_text(test, "write_disposition", "replace"))
        *state = wr_node_new(&g->arena, WR_NODE_OBJECT);
    if (before)
        wr_node_set(&g->arena, *state, wr_lit("incremental"), wr_node_copy(&g->arena, before));
}

static void check(golden *g, const wr_node *test)
{
    wr_node *state = wr_node_new(&g->arena, WR_NODE_OBJECT);
    for (const wr_node *run = wr_node_get(test, "runs")->first; run; run = run->next) {
        weir_error_clear(&g->cx);
        prepare_state(g, test, run, &state);
        run_of r = {
            .g = g,
            .settings = settings_of_run(g, test, run),
            .primary_key = wr_node_get(test, "resource_primary_key"),
            .run = run,
            .passed = wr_buf_max(TEXT_MAX),
        };
        wr_buf_char(&r.passed, '[');
        const char *wrong = wrong_with_run(&r, &state);
        if (wrong && is_decided(g, test)) {
            wr_buf_done(&r.passed);
            golden_decide(g, END_CHECKS);
            return;
        }
        if (wrong)
            golden_fail(g, test, "%s: %s; passed %s, state %.*s", wrong, weir_error_message(&g->cx),
                        wr_buf_text(&r.passed), WR_STR(show(g, wr_node_get(state, "incremental"))));
        wr_buf_done(&r.passed);
        if (wrong)
            return;
    }
    golden_pass(g);
}

static void count_line(void *self, wr_log_level level, weir_str line)
{
    (void)level;
    (void)line;
    ++*(int *)self;
}

TEST(golden_incremental_runs_pass_the_rows_and_leave_the_state_of_dlt)
{
    golden g;
    int warnings = 0;
    wr_log_sink(count_line, &warnings);

    golden_open(&g, "incremental.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);

    wr_log_sink(NULL, NULL);
    CHECK_INT(warnings, 2); /* both cases of zones that differ */
}
