/* The parts of rest_api against dlt: vec_jsonpath.json and vec_rest_*.json. What asks a server is in rest_http.c. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "format/jsonpath.h"
#include "harness/test.h"
#include "sources/rest_config.h"
#include "sources/rest_detect.h"
#include "sources/rest_pages.h"
#include "sources/rest_template.h"

#define TEXT_MAX ((size_t)1 << 20)

/* ---- helpers ---- */

static weir_str json_of(wr_arena *arena, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(arena, wr_buf_view(&out));
}

static const wr_jval *parse(golden *g, wr_json_reader *reader, const wr_node *node)
{
    const weir_str json = json_of(&g->arena, node);
    char *text = wr_arena_alloc(&g->arena, json.len + WR_JSON_PADDING);
    const wr_jval *value = NULL;
    size_t used;
    memcpy(text, json.ptr, json.len);
    wr_assert(wr_json_read(&g->cx, reader, text, json.len, &value, &used) == WEIR_OK);
    return value;
}

static bool same_json(golden *g, weir_str actual, const wr_node *expected)
{
    wr_node *node = NULL;
    return wr_node_parse(&g->cx, &g->arena, actual, &node) == WEIR_OK &&
           wr_node_equal(node, expected);
}

/* ---- JSONPath ---- */

static bool put_match(void *self, const wr_jval *value)
{
    wr_buf *out = self;
    wr_buf_char(out, out->len ? ',' : '[');
    wr_json_write(out, value);
    return false;
}

static void check_path(golden *g, const wr_node *test, const wr_jval *document)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    const wr_jsonpath *path = NULL;
    const weir_status status =
        wr_jsonpath_compile(&g->cx, &g->arena, wr_node_get_text(test, "path"), &path);
    const bool refused = wr_node_get(test, "error") != NULL;
    if (status != WEIR_OK || refused) {
        golden_check(g, test, (status == WEIR_CONFIG) == refused,
                     weir_str_of(weir_error_message(&g->cx)));
        weir_error_clear(&g->cx);
        return;
    }
    wr_jsonpath_each(path, document, &(wr_jsonpath_found){ put_match, &out });
    wr_buf_cstr(&out, out.len ? "]" : "[]");
    golden_check(g, test, same_json(g, wr_buf_view(&out), wr_node_get(test, "values")),
                 wr_buf_view(&out));
}

TEST(json_paths_lead_where_those_of_dlt_do)
{
    golden g;
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    golden_open(&g, "vec_jsonpath.json", NULL);
    const wr_jval *document = parse(&g, &reader, wr_node_get(g.root, "document"));
    for (const wr_node *test = g.cases->first; test; test = test->next)
        check_path(&g, test, document);
    golden_close(&g);
}

/* ---- placeholders ---- */

static void check_placeholder(golden *g, const wr_node *test)
{
    wr_node *result = NULL;
    const weir_status status = wr_rest_expand(
        &g->cx, &g->arena, wr_node_get(test, "template"), wr_node_get(test, "values"),
        wr_node_get_bool(test, "preserve_value_type", false), &result);
    const bool refused = wr_node_get(test, "error") != NULL;
    if (status != WEIR_OK || refused) {
        golden_check(g, test, (status == WEIR_CONFIG) == refused,
                     weir_str_of(weir_error_message(&g->cx)));
        weir_error_clear(&g->cx);
        return;
    }
    golden_check(g, test, wr_node_equal(result, wr_node_get(test, "result")),
                 json_of(&g->arena, result));
}

TEST(placeholders_are_filled_in_as_in_dlt)
{
    golden g;
    golden_open(&g, "vec_rest_placeholders.json", NULL);
    for (const wr_node *test = g.cases->first; test; test = test->next)
        check_placeholder(&g, test);
    golden_close(&g);
}

TEST(paths_name_one_thing_as_in_dlt)
{
    golden g;
    golden_open(&g, "vec_rest_single_entity_paths.json", NULL);
    for (const wr_node *test = g.cases->first; test; test = test->next)
        golden_check(&g, test,
                     wr_rest_is_single_entity(wr_node_get_text(test, "path")) ==
                         wr_node_get_bool(test, "single_entity", false),
                     wr_lit("the other"));
    golden_close(&g);
}

/* ---- rows ---- */

static weir_str rows_json(wr_arena *arena, const wr_rest_rows *rows)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    const wr_jval *row = rows->array ? wr_jfirst(rows->array) : NULL;
    for (size_t i = 0; i < rows->count; i++) {
        wr_buf_char(&out, i ? ',' : '[');
        wr_json_write(&out, rows->array ? row : rows->list[i]);
        row = rows->array ? wr_jnext(row) : NULL;
    }
    wr_buf_cstr(&out, rows->count ? "]" : "[]");
    return wr_arena_str(arena, wr_buf_view(&out));
}

TEST(data_selectors_find_the_rows_that_dlt_finds)
{
    golden g;
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    golden_open(&g, "vec_rest_data_selector.json", NULL);
    for (const wr_node *test = g.cases->first; test; test = test->next) {
        const wr_jsonpath *path = NULL;
        if (wr_jsonpath_compile(&g.cx, &g.arena, wr_node_get_text(test, "data_selector"), &path) !=
            WEIR_OK) {
            golden_fail(&g, test, "%s", weir_error_message(&g.cx));
            continue;
        }
        const wr_jval *body = parse(&g, &reader, wr_node_get(test, "body"));
        const wr_rest_rows rows = wr_rest_select(&g.arena, path, body);
        const weir_str page = rows_json(&g.arena, &rows);
        golden_check(&g, test, same_json(&g, page, wr_node_get(test, "page")), page);
    }
    golden_close(&g);
}

/* ---- detection ---- */

/* The header Link as it would have been sent. */
static weir_str link_of(golden *g, const wr_node *test)
{
    const wr_node *rels = wr_node_get(test, "link_header_rels");
    const wr_node *rel = rels ? rels->first : NULL;
    return rel ? wr_arena_printf(&g->arena, "<%.*s>; rel=\"%.*s\"",
                                 WR_STR(wr_node_get_text(rel, "url")), WR_STR(rel->key))
               : (weir_str){ 0 };
}

static const char *class_of(weir_str type)
{
    static const struct {
        const char *type;
        const char *class_name;
    } CLASSES[] = { { "json_link", "JSONLinkPaginator" },
                    { "header_link", "HeaderLinkPaginator" },
                    { "cursor", "JSONResponseCursorPaginator" },
                    { "page_number", "PageNumberPaginator" },
                    { "single_page", "SinglePagePaginator" } };
    for (size_t i = 0; i < sizeof(CLASSES) / sizeof(*CLASSES); i++)
        if (wr_str_eq(type, weir_str_of(CLASSES[i].type)))
            return CLASSES[i].class_name;
    return "";
}

static void check_detection(golden *g, const wr_node *test, const wr_jval *body)
{
    static const char *const PATHS[] = { "next_url_path", "cursor_path", "total_path" };
    const wr_node *expected = wr_node_get(test, "expect");
    const wr_node *found = wr_rest_detect_paginator(&g->arena, body, link_of(g, test));
    const weir_str selector = wr_rest_detect_selector(&g->arena, body);
    bool same = wr_str_eq(selector, wr_node_get_text(expected, "data_selector")) &&
                wr_str_eq(weir_str_of(class_of(wr_node_get_text(found, "type"))),
                          wr_node_get_text(expected, "paginator"));
    for (size_t i = 0; i < sizeof(PATHS) / sizeof(*PATHS); i++)
        same = same &&
               wr_str_eq(wr_node_get_text(found, PATHS[i]), wr_node_get_text(expected, PATHS[i]));
    golden_check(g, test, same,
                 wr_arena_printf(&g->arena, "%.*s %.*s", WR_STR(selector),
                                 WR_STR(json_of(&g->arena, found))));
}

TEST(rows_and_paginators_are_detected_as_in_dlt)
{
    golden g;
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    golden_open(&g, "vec_rest_detection.json", NULL);
    for (const wr_node *test = g.cases->first; test; test = test->next)
        check_detection(&g, test, parse(&g, &reader, wr_node_get(test, "body")));
    golden_close(&g);
}

/* ---- configurations ---- */

enum { HINTS_LATER, CHAIN_LATER };

static const golden_rule config_rules[] = {
    [HINTS_LATER] = { "pipeline/resource.h", "values of hints are checked with the resources" },
    [CHAIN_LATER] = { "rest_auth.h", "what auth lacks is an option, and missing ones are reported "
                                     "together when the pipeline runs" },
};

/* Which rule decides a case otherwise; -1: none. */
static int decided_by(weir_str name)
{
    if (wr_str_eq(name, wr_lit("write_disp bad")))
        return HINTS_LATER;
    if (wr_str_eq(name, wr_lit("auth api_key missing")) ||
        wr_str_eq(name, wr_lit("auth bearer missing")))
        return CHAIN_LATER;
    return -1;
}

static bool same_resources(const wr_rest_api *api, const wr_node *expected)
{
    size_t i = 0;
    for (const wr_node *name = expected ? expected->first : NULL; name; name = name->next, i++)
        if (i >= api->resource_count || !wr_str_eq(api->resources[i].name, name->text))
            return false;
    return i == api->resource_count;
}

static void check_config(golden *g, const wr_node *test)
{
    wr_rest_api *api = NULL;
    const wr_node *expected = wr_node_get(test, "expect");
    const bool ok = wr_node_get_bool(expected, "ok", false);
    const weir_status status =
        wr_rest_config_read(&g->cx, &g->arena, wr_node_get(test, "config"), &api);
    const int rule = decided_by(wr_node_get_text(test, "case"));
    if (rule >= 0 && status == WEIR_OK && !ok)
        golden_decide(g, (size_t)rule);
    else if (status == WEIR_OK)
        golden_check(g, test, ok && same_resources(api, wr_node_get(expected, "resources")),
                     wr_lit("no error"));
    else
        golden_check(g, test, !ok && (status == WEIR_CONFIG || status == WEIR_UNSUPPORTED),
                     weir_str_of(weir_error_message(&g->cx)));
    weir_error_clear(&g->cx);
}

TEST(configurations_are_refused_where_dlt_refuses_them)
{
    golden g;
    golden_open(&g, "vec_rest_config_errors.json", config_rules);
    for (const wr_node *test = g.cases->first; test; test = test->next)
        check_config(&g, test);
    golden_close(&g);
}
