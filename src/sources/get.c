/* APIs for sources written in C: weir/http.h over what rest_api is made of. */
#include <weir/http.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "sources/rest_pages.h"

#define LINES_MAX ((size_t)128 << 20)

/* Pages that are being read; `cleanup` ends them with the context if nobody does before. */
typedef struct open_pages {
    wr_ctx_cleanup cleanup;
    weir_ctx *cx;
    wr_arena arena; /* of the settings */
    wr_rest_settings settings;
    wr_rest_pages pages;
    wr_arena rows; /* of a page whose rows are no list */
} open_pages;

/* ---- settings ---- */

static wr_node *pairs_node(wr_arena *arena, const weir_pair *pairs)
{
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    for (; pairs && pairs->name; pairs++)
        if (pairs->value)
            wr_node_set(arena, node, weir_str_of(pairs->name),
                        wr_node_text(arena, weir_str_of(pairs->value)));
    return node;
}

static void set_text(wr_arena *arena, wr_node *node, const char *key, const char *value)
{
    if (value)
        wr_node_set(arena, node, weir_str_of(key), wr_node_text(arena, weir_str_of(value)));
}

/* A paginator that counts: without a total it ends with an empty page. */
static void set_range(wr_arena *arena, wr_node *node, const weir_paging *page)
{
    const bool counts_rows = page->offset != NULL;
    set_text(arena, node, "type", counts_rows ? "offset" : "page_number");
    set_text(arena, node, counts_rows ? "offset_param" : "page_param",
             counts_rows ? page->offset : page->number);
    wr_node_set(arena, node, weir_str_of(counts_rows ? "offset" : "base_page"),
                wr_node_int(arena, page->first));
    if (counts_rows)
        wr_node_set(arena, node, wr_lit("limit"), wr_node_int(arena, page->limit));
    set_text(arena, node, "total_path", page->total ? page->total : "");
    set_text(arena, node, "has_more_path", page->more);
}

/* NULL: it is found out. */
static const wr_node *paginator_node(wr_arena *arena, const weir_paging *page)
{
    wr_node *node = wr_node_new(arena, WR_NODE_OBJECT);
    if (page->once) {
        set_text(arena, node, "type", "single_page");
    } else if (page->cursor) {
        set_text(arena, node, "type", "cursor");
        set_text(arena, node, "cursor_path", page->cursor);
        set_text(arena, node, "cursor_param", page->into);
        set_text(arena, node, "has_more_path", page->more);
    } else if (page->link) {
        const bool in_header = strcmp(page->link, "header") == 0;
        set_text(arena, node, "type", in_header ? "header_link" : "json_link");
        set_text(arena, node, "next_url_path", in_header ? NULL : page->link);
    } else if (page->number || page->offset) {
        set_range(arena, node, page);
    } else {
        return NULL;
    }
    return node;
}

static weir_status set_route(open_pages *o, const weir_get *get)
{
    wr_node *auth = wr_node_new(&o->arena, WR_NODE_OBJECT);
    o->settings.attempts = get->retries < 0 ? 1 : get->retries > 0 ? get->retries + 1 : 0;
    o->settings.timeout_s = get->timeout_s;
    o->pages.route = (wr_rest_route){
        .settings = &o->settings,
        .base_url = o->pages.request.url,
        .headers = pairs_node(&o->arena, get->headers),
    };
    set_text(&o->arena, auth, "token", get->bearer);
    return get->bearer ? wr_rest_auth_read(o->cx, &o->arena, auth, &o->pages.route.auth) : WEIR_OK;
}

static weir_status set_up(open_pages *o, const weir_get *get)
{
    wr_rest_pages *pages = &o->pages;
    if (!get->url || !*get->url)
        return weir_fail(o->cx, WEIR_INVALID, "there is no URL to ask");
    pages->name = wr_arena_str(&o->arena, weir_str_of(get->url));
    pages->request.url = pages->name;
    pages->request.method = get->body ? wr_lit("POST") : wr_lit("GET");
    pages->request.params = pairs_node(&o->arena, get->query);
    if (get->body)
        WEIR_TRY(wr_node_parse(o->cx, &o->arena, weir_str_of(get->body), &pages->request.json));
    WEIR_TRY(set_route(o, get));
    if (get->page.items) {
        pages->selector_text = wr_arena_str(&o->arena, weir_str_of(get->page.items));
        WEIR_TRY(wr_jsonpath_compile(o->cx, &o->arena, pages->selector_text, &pages->selector));
    }
    return wr_rest_paginator_read(o->cx, &o->arena, paginator_node(&o->arena, &get->page),
                                  &pages->paginator);
}

/* ---- pages ---- */

static void end(void *self)
{
    open_pages *o = self;
    wr_cleanup_rest_pages(&o->pages);
    wr_arena_done(&o->arena);
    wr_arena_done(&o->rows);
    wr_free(o);
}

static open_pages *begin(weir_ctx *cx)
{
    open_pages *o = wr_new(open_pages);
    o->cx = cx;
    o->cleanup = (wr_ctx_cleanup){ .run = end, .self = o };
    wr_ctx_add_cleanup(cx, &o->cleanup);
    return o;
}

weir_pages weir_get_pages_with(weir_ctx *cx, const weir_get *get)
{
    open_pages *o = begin(cx);
    return (weir_pages){ .status = set_up(o, get), .self = o };
}

/* Rows that several places, or none, have given as a list. */
static const wr_jval *as_array(open_pages *o, const wr_rest_rows *rows)
{
    wr_auto(buf) wr_buf text = wr_buf_max(LINES_MAX);
    const wr_jval *array = NULL;
    size_t used;
    if (rows->array)
        return rows->array;
    wr_arena_reset(&o->rows);
    wr_buf_char(&text, '[');
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0)
            wr_buf_char(&text, ',');
        wr_json_write(&text, rows->list[i]);
    }
    wr_buf_char(&text, ']');
    const weir_str view = wr_buf_view(&text);
    char *copy = wr_arena_alloc(&o->rows, view.len + WR_JSON_PADDING);
    memcpy(copy, view.ptr, view.len);
    wr_json_reader reader = { 0 };
    wr_assert(wr_json_read(o->cx, &reader, copy, view.len, &array, &used) == WEIR_OK);
    const size_t size = (size_t)((const char *)wr_jnext(array) - (const char *)array);
    array = memcpy(wr_arena_alloc(&o->rows, size), array, size);
    wr_json_reader_done(&reader);
    return array;
}

bool weir_pages_next(weir_pages *pages)
{
    open_pages *o = pages->self;
    if (!o)
        return false;
    if (pages->status == WEIR_OK && wr_rest_pages_next(o->cx, &o->pages)) {
        pages->items = (weir_json){ as_array(o, &o->pages.rows) };
        pages->body = (weir_json){ o->pages.body };
        return true;
    }
    if (pages->status == WEIR_OK)
        pages->status = o->pages.status;
    wr_ctx_remove_cleanup(o->cx, &o->cleanup);
    end(o);
    *pages = (weir_pages){ .status = pages->status };
    return false;
}

/* ---- one document ---- */

/* The tree and its texts stay as long as the scratch memory does. */
static weir_status keep(weir_ctx *cx, const wr_jval *body, weir_json *ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max(LINES_MAX);
    wr_json_write(&text, body);
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    const wr_jval *root = NULL;
    void *copy;
    void *tree;
    size_t used;
    WEIR_TRY(wr_scratch(cx, text.len + WR_JSON_PADDING, &copy));
    memcpy(copy, text.ptr, text.len);
    WEIR_TRY(wr_json_read(cx, &reader, copy, text.len, &root, &used));
    const size_t size = (size_t)((const char *)wr_jnext(root) - (const char *)root);
    WEIR_TRY(wr_scratch(cx, size, &tree));
    *ret = (weir_json){ memcpy(tree, root, size) };
    return WEIR_OK;
}

weir_status weir_get_json_with(weir_ctx *cx, weir_json *ret, const weir_get *get)
{
    weir_get whole = *get;
    whole.page = (weir_paging){ .items = get->page.items ? get->page.items : "$", .once = true };
    weir_pages pages = weir_get_pages_with(cx, &whole);
    weir_status kept = WEIR_OK;
    while (weir_pages_next(&pages))
        kept = keep(cx, get->page.items ? pages.items.node : pages.body.node, ret);
    return pages.status == WEIR_OK ? kept : pages.status;
}

/* ---- values ---- */

weir_json weir_json_get(weir_json object, const char *name)
{
    size_t place = 0;
    if (!object.node)
        return object;
    return (weir_json){ wr_jval_member(object.node, weir_str_of(name), &place) };
}

weir_json weir_json_at(weir_json list, size_t i)
{
    weir_json_iter it = weir_json_members(list);
    if (it.keyed || i >= it.left)
        return (weir_json){ 0 };
    while (weir_json_next(&it) && i > 0)
        i--;
    return it.value;
}

size_t weir_json_len(weir_json json)
{
    return json.node && wr_jkind_of(json.node) >= WR_JTEXT ? wr_jlen(json.node) : 0;
}

weir_value weir_json_value(weir_json json)
{
    const wr_jval *v = json.node;
    if (!v)
        return (weir_value){ 0 };
    switch (wr_jkind_of(v)) {
    case WR_JBOOL: return weir_bool(wr_jbool(v));
    case WR_JTEXT: return weir_text(wr_jtext(v));
    case WR_JRAW: return weir_text_of(WEIR_DECIMAL, wr_jtext(v));
    case WR_JARRAY:
    case WR_JOBJECT: return weir_parsed(json);
    case WR_JNUMBER:
        if (wr_jnumber_of(v) == WR_JREAL)
            return weir_float(v->as.f64);
        return wr_jnumber_of(v) == WR_JINT || v->as.u64 <= INT64_MAX ? weir_int(v->as.i64)
                                                                     : weir_parsed(json);
    case WR_JNONE:
    case WR_JNULL: break;
    }
    return weir_null();
}

weir_json_iter weir_json_members(weir_json json)
{
    const wr_jval *v = json.node;
    if (!v || wr_jkind_of(v) < WR_JARRAY)
        return (weir_json_iter){ 0 };
    return (weir_json_iter){
        .next = wr_jfirst(v),
        .left = wr_jlen(v),
        .keyed = wr_jkind_of(v) == WR_JOBJECT,
    };
}

bool weir_json_next(weir_json_iter *it)
{
    const wr_jval *at = it->next;
    if (it->left == 0)
        return false;
    if (it->keyed)
        it->key = wr_jtext(at++);
    it->value = (weir_json){ at };
    it->next = wr_jnext(at);
    it->left--;
    return true;
}

static weir_status emit_lines(weir_rows *rows, const wr_jval *items, wr_buf *lines)
{
    const bool is_list = wr_jkind_of(items) == WR_JARRAY;
    const size_t count = is_list ? wr_jlen(items) : 1;
    const wr_jval *item = is_list ? wr_jfirst(items) : items;
    bool stop;
    for (size_t i = 0; i < count; i++, item = wr_jnext(item)) {
        wr_json_write(lines, item);
        wr_buf_char(lines, '\n');
    }
    WEIR_TRY(weir_emit_lines(rows, wr_buf_view(lines), (int64_t)count));
    return weir_end_page(rows, &stop);
}

weir_status weir_emit_items(weir_rows *rows, weir_json items)
{
    wr_auto(buf) wr_buf lines = wr_buf_max(LINES_MAX);
    return items.node ? emit_lines(rows, items.node, &lines) : WEIR_OK;
}
