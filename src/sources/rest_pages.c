/* Reads an API page by page. */
#include "sources/rest_pages.h"

#include <strings.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "sources/rest_detect.h"

#define QUOTE_MAX 200

/* ---- rows ---- */

typedef struct match_list {
    wr_vec(const wr_jval *) matches;
} match_list;

static bool add_match(void *self, const wr_jval *value)
{
    match_list *list = self;
    *wr_vec_push(&list->matches) = value;
    return false;
}

/* dlt's rules: one match is taken for what it is, several are the rows. */
wr_rest_rows wr_rest_select(wr_arena *arena, const wr_jsonpath *selector, const wr_jval *body)
{
    match_list found = { 0 };
    wr_rest_rows rows = { 0 };
    if (selector)
        wr_jsonpath_each(selector, body, &(wr_jsonpath_found){ add_match, &found });
    else
        (void)add_match(&found, body); /* never enough */
    const wr_jval *only = found.matches.len == 1 ? found.matches.ptr[0] : NULL;
    rows.matched = found.matches.len > 0;
    if (only && wr_jkind_of(only) == WR_JARRAY) {
        rows.array = only;
        rows.count = wr_jlen(only);
    } else if (!only || wr_jkind_of(only) != WR_JNULL) {
        rows.count = found.matches.len;
        rows.list = wr_arena_new_array(arena, rows.count + 1, const wr_jval *);
        for (size_t i = 0; i < rows.count; i++)
            rows.list[i] = found.matches.ptr[i];
    }
    wr_vec_done(&found.matches);
    return rows;
}

/* ---- the answer ---- */

static weir_str shown(wr_rest_pages *p)
{
    return wr_rest_request_shown(&p->page, &p->request);
}

static const char *quoted(wr_arena *arena, const wr_http_response *response)
{
    char *text = wr_arena_alloc(arena, QUOTE_MAX + 1);
    const size_t len = wr_str_fit(text, QUOTE_MAX + 1, response->body);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = ' ';
    return text;
}

static weir_status no_json(weir_ctx *cx, wr_rest_pages *p, const wr_http_response *response)
{
    const weir_str type = wr_http_header_of(response, "Content-Type");
    const wr_error why = cx->error;
    weir_error_clear(cx);
    return weir_fail(cx, WEIR_PARSE,
                     "%.*s: %d, but the answer is no JSON (%s; Content-Type: %.*s): %s\n"
                     "hint: is this the address of the API? A page for people often says that "
                     "one must log in; response_actions can pass such answers over",
                     WR_STR(shown(p)), response->status, why.message,
                     WR_STR(type.len ? type : wr_lit("none")), quoted(&p->page, response));
}

/* A 204, and a 200 without a body, have no rows. */
static bool is_empty(const wr_http_response *response)
{
    return wr_str_trim(response->body).len == 0 && response->status == 204;
}

static weir_status parse(weir_ctx *cx, wr_rest_pages *p, const wr_http_response *response)
{
    static const char NOTHING[] = "[]";
    const weir_str body = is_empty(response) ? weir_str_of(NOTHING) : response->body;
    char *copy = wr_arena_alloc(&p->page, body.len + WR_JSON_PADDING);
    size_t used = 0;
    memcpy(copy, body.ptr, body.len);
    weir_status status = wr_json_read(cx, &p->reader, copy, body.len, &p->body, &used);
    const weir_str rest = { body.ptr + used, status == WEIR_OK ? body.len - used : 0 };
    if (status == WEIR_OK && wr_str_trim(rest).len > 0)
        status = weir_fail(cx, WEIR_PARSE, "something stands behind the JSON value");
    return status == WEIR_OK ? WEIR_OK : no_json(cx, p, response);
}

/* A member that says: this is an error. */
static bool tells_error(const wr_jval *body)
{
    static const struct {
        const char *name;
        bool any; /* any text, object or list; else only true */
    } NAMES[] = { { "error", true }, { "errors", true } };
    size_t place = 0;
    if (wr_jkind_of(body) != WR_JOBJECT)
        return false;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        const wr_jval *value = wr_jval_member(body, weir_str_of(NAMES[i].name), &place);
        if (!value)
            continue;
        const wr_jkind kind = wr_jkind_of(value);
        if ((kind == WR_JBOOL && wr_jbool(value)) || (kind >= WR_JTEXT && wr_jlen(value) > 0))
            return true;
    }
    return false;
}

/* What says to have worked, and has an error where the rows should be. */
static weir_status check_error(weir_ctx *cx, wr_rest_pages *p, const wr_http_response *response,
                               bool whole_document)
{
    const bool no_rows = whole_document ? p->rows.array == NULL : p->rows.count == 0;
    if (!no_rows || !tells_error(p->body))
        return WEIR_OK;
    return weir_fail(cx, WEIR_REJECTED,
                     "%.*s: %d, but the answer tells of an error: %s\n"
                     "hint: it would be loaded as a row; data_selector = \"$\" says that this is "
                     "what you want, response_actions = [{ content = \"…\", action = \"ignore\" }] "
                     "passes it over",
                     WR_STR(shown(p)), response->status, quoted(&p->page, response));
}

/* ---- detection ---- */

static weir_status detect_selector(weir_ctx *cx, wr_rest_pages *p)
{
    p->selector_text = wr_rest_detect_selector(&p->arena, p->body);
    if (wr_jsonpath_compile(cx, &p->arena, p->selector_text, &p->selector) == WEIR_OK)
        return WEIR_OK;
    weir_error_clear(cx); /* a key that is no name of a path: dlt finds nothing there */
    return weir_fail(cx, WEIR_CONFIG,
                     "%.*s: the rows seem to be at '%.*s', which is no path\n"
                     "hint: set data_selector; keys with odd characters are quoted: \"'a b'\"",
                     WR_STR(shown(p)), WR_STR(p->selector_text));
}

static weir_status detect_paginator(weir_ctx *cx, wr_rest_pages *p,
                                    const wr_http_response *response)
{
    const wr_node *found =
        wr_rest_detect_paginator(&p->arena, p->body, wr_http_header_of(response, "Link"));
    const weir_str type = wr_node_get_text(found, "type");
    WEIR_TRY(wr_rest_paginator_read(cx, &p->arena, found, &p->paginator));
    p->place.paginator = p->paginator;
    p->place.number = p->paginator->first;
    if (p->paginator->kind == WR_REST_SINGLE_PAGE &&
        (p->rows.array || wr_rest_looks_paged(p->body)) && p->rows.count > 1)
        weir_warn(
            cx,
            "resource '%.*s': no way to a next page was found, so there is one page; if there "
            "are more, set 'paginator'",
            WR_STR(p->name));
    else
        weir_info(cx, "resource '%.*s': rows are at '%.*s', pages are asked for by '%.*s'",
                  WR_STR(p->name), WR_STR(p->selector_text), WR_STR(type));
    return WEIR_OK;
}

/* ---- pages ---- */

/* Nothing but an empty page would end it. */
static bool is_unbounded(const wr_rest_paginator *paginator)
{
    return (paginator->kind == WR_REST_OFFSET || paginator->kind == WR_REST_PAGE_NUMBER) &&
           !paginator->path && !paginator->has_maximum && !paginator->has_more;
}

static weir_status compare_with_last(weir_ctx *cx, wr_rest_pages *p,
                                     const wr_http_response *response)
{
    const uint64_t hash = wr_hash64(response->body.ptr, response->body.len);
    const bool same = p->number > 1 && hash == p->hash && p->rows.count > 0;
    p->hash = hash;
    if (!same || p->warned)
        return WEIR_OK;
    if (is_unbounded(p->paginator))
        return weir_fail(cx, WEIR_REJECTED,
                         "%.*s: page %lld is the same as the one before it\n"
                         "hint: the API seems not to know the parameter '%.*s', and would be asked "
                         "without end; check the paginator, or set paginator = \"single_page\"",
                         WR_STR(shown(p)), (long long)p->number, WR_STR(p->paginator->param));
    p->warned = true;
    weir_warn(cx,
              "resource '%.*s': page %lld is the same as the one before it; does the API take what "
              "the paginator sends?",
              WR_STR(p->name), (long long)p->number);
    return WEIR_OK;
}

/* Rows and the way on, from the answer. */
static weir_status look(weir_ctx *cx, wr_rest_pages *p, const wr_rest_request *request,
                        const wr_http_response *response)
{
    WEIR_TRY(parse(cx, p, response));
    const bool detects = !p->selector;
    if (detects)
        WEIR_TRY(detect_selector(cx, p));
    p->rows = wr_rest_select(&p->page, p->selector, p->body);
    const bool detected_whole = detects && wr_str_eq(p->selector_text, wr_lit("$"));
    if (detected_whole || !p->rows.matched)
        WEIR_TRY(check_error(cx, p, response, detected_whole));
    if (!p->rows.matched && p->number == 1)
        weir_warn(cx, "resource '%.*s': data_selector '%.*s' finds nothing in the first answer",
                  WR_STR(p->name), WR_STR(p->selector_text));
    if (!p->paginator)
        WEIR_TRY(detect_paginator(cx, p, response));
    WEIR_TRY(compare_with_last(cx, p, response));
    return wr_context(
        cx, wr_rest_place_next(cx, &p->spare, &p->place, request, response, p->body, p->rows.count),
        "%.*s", WR_STR(shown(p)));
}

/* The place lives in the arena of the page in front; that of the page before is free. */
static void turn_page(wr_rest_pages *p)
{
    const wr_arena before = p->page;
    p->page = p->spare;
    p->spare = before;
    wr_arena_reset(&p->spare);
}

static wr_rest_request request_of(wr_rest_pages *p)
{
    wr_rest_request request = p->request;
    if (request.params)
        request.params = wr_node_copy(&p->page, request.params);
    if (request.json)
        request.json = wr_node_copy(&p->page, request.json);
    wr_rest_place_set(&p->page, &p->place, &request);
    return request;
}

static weir_status step(weir_ctx *cx, wr_rest_pages *p, bool *ret_found)
{
    wr_http_response response;
    bool ignored = false;
    if (!p->started)
        p->place = wr_rest_place_first(p->paginator);
    p->started = true;
    *ret_found = false;
    if (!p->place.has_next)
        return WEIR_OK;
    turn_page(p);
    const wr_rest_request request = request_of(p);
    WEIR_TRY(wr_rest_send(cx, &p->page, &p->route, &request, &response, &ignored));
    p->place.has_next = !ignored;
    if (ignored)
        return WEIR_OK;
    p->number++;
    *ret_found = true;
    return look(cx, p, &request, &response);
}

bool wr_rest_pages_next(weir_ctx *cx, wr_rest_pages *pages)
{
    bool found = false;
    if (pages->status != WEIR_OK)
        return false;
    pages->status = step(cx, pages, &found);
    return pages->status == WEIR_OK && found;
}

void wr_cleanup_rest_pages(wr_rest_pages *pages)
{
    wr_arena_done(&pages->arena);
    wr_arena_done(&pages->page);
    wr_arena_done(&pages->spare);
    wr_json_reader_done(&pages->reader);
    *pages = (wr_rest_pages){ 0 };
}
