/* Runs resources of an API: fills in placeholders, emits the rows of its pages. */
#include "sources/rest_api.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "net/url.h"
#include "sources/rest_pages.h"
#include "sources/rest_template.h"

/* Of the rows of a page as lines. */
#define LINES_MAX ((size_t)128 << 20)

/* One read of an endpoint: all pages of a resource, or those of one row of its parent. */
typedef struct endpoint_read {
    weir_ctx *cx;
    weir_rows *rows;
    const wr_rest_job *job;
    const wr_rest_resource *resource;
    wr_arena arena;
    wr_node *values;   /* of placeholders */
    weir_str included; /* members that each row gets: `,"_posts_id":1` */
    wr_buf row;        /* in front of the processing steps */
    wr_json_reader reader;
    wr_buf lines;
    int64_t line_count;
} endpoint_read;

/* ---- values ---- */

static wr_node *node_of(wr_arena *arena, weir_value value)
{
    char digits[WR_NUMBER_TEXT];
    wr_node *node = wr_node_new(arena, WR_NODE_NULL);
    switch (value.kind) {
    case WEIR_BOOL: return wr_node_bool(arena, value.as.b);
    case WEIR_INT: return wr_node_int(arena, value.as.i);
    case WEIR_TEXT: return wr_node_text(arena, value.as.s);
    case WEIR_FLOAT:
        node->kind = WR_NODE_NUMBER;
        node->text = wr_arena_str(arena, (weir_str){ digits, wr_double_json(digits, value.as.f) });
        return node;
    default: return node;
    }
}

/* A value of the incremental as it is sent. */
static weir_status incremental_node(endpoint_read *r, const char *name, wr_node **ret)
{
    weir_value value = weir_incremental_get(r->rows, name);
    if (r->resource->convert.len)
        WEIR_TRY(wr_rest_convert(r->cx, &r->arena, r->resource->convert, value, &value));
    *ret = node_of(&r->arena, value);
    return WEIR_OK;
}

/* Placeholders of the incremental are known when the read begins. */
static weir_status put_incremental(endpoint_read *r)
{
    static const char *const NAMES[] = { "start_value", "initial_value", "last_value",
                                         "end_value" };
    for (size_t i = 0; r->resource->incremental && i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        wr_node *node = NULL;
        WEIR_TRY(incremental_node(r, NAMES[i], &node));
        wr_node_set(&r->arena, r->values, wr_arena_printf(&r->arena, "incremental.%s", NAMES[i]),
                    node);
    }
    return WEIR_OK;
}

static weir_status to_node(endpoint_read *r, const wr_jval *value, wr_node **ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max(LINES_MAX);
    wr_json_write(&text, value);
    return wr_node_parse(r->cx, &r->arena, wr_buf_view(&text), ret);
}

static void put_names(wr_buf *out, const wr_jval *row)
{
    const wr_jval *key = wr_jfirst(row);
    for (size_t i = 0; i < wr_jlen(row); i++, key = wr_jnext(key + 1))
        wr_buf_printf(out, "%s%.*s", i ? ", " : "", WR_STR(wr_jtext(key)));
}

static weir_status fail_field(endpoint_read *r, const wr_jval *row, weir_str field)
{
    wr_auto(buf) wr_buf names = wr_buf_max(4096);
    put_names(&names, row);
    return weir_fail(r->cx, WEIR_CONFIG,
                     "it needs the field '%.*s' of the rows of '%.*s', and one has it not\n"
                     "hint: that row has: %s",
                     WR_STR(field), WR_STR(r->resource->parent), wr_buf_text(&names));
}

static weir_status put_bindings(endpoint_read *r, const wr_jval *row)
{
    for (const wr_rest_binding *b = r->resource->bindings; b; b = b->next) {
        const wr_jval *value = wr_jsonpath_first(b->path, row);
        wr_node *node = NULL;
        if (!value)
            return fail_field(r, row, b->field);
        WEIR_TRY(to_node(r, value, &node));
        wr_node_set(&r->arena, r->values, b->name, node);
    }
    return WEIR_OK;
}

static weir_status put_included(endpoint_read *r, const wr_jval *row)
{
    wr_auto(buf) wr_buf out = wr_buf_max(LINES_MAX);
    const wr_rest_resource *resource = r->resource;
    for (size_t i = 0; i < resource->include_count; i++) {
        size_t place = 0;
        const wr_jval *value = wr_jval_member(row, resource->include[i], &place);
        if (!value)
            return fail_field(r, row, resource->include[i]);
        wr_buf_char(&out, ',');
        wr_json_quote(&out, wr_arena_printf(&r->arena, "_%.*s_%.*s", WR_STR(resource->parent),
                                            WR_STR(resource->include[i])));
        wr_buf_char(&out, ':');
        wr_json_write(&out, value);
    }
    WEIR_TRY(wr_buf_check(r->cx, &out, "what a row gets from its parent"));
    r->included = wr_arena_str(&r->arena, wr_buf_view(&out));
    return WEIR_OK;
}

/* ---- the request ---- */

static weir_status expand(endpoint_read *r, const wr_node *template, bool keep_type, wr_node **ret)
{
    *ret = NULL;
    return template ? wr_rest_expand(r->cx, &r->arena, template, r->values, keep_type, ret)
                    : WEIR_OK;
}

/* Where the incremental begins and ends, as parameters; null ones are not sent. */
static weir_status put_range(endpoint_read *r, wr_node *params)
{
    const wr_rest_resource *resource = r->resource;
    const struct {
        weir_str param;
        const char *value;
    } ends[] = { { resource->start_param, "start_value" }, { resource->end_param, "end_value" } };
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        wr_node *node = NULL;
        WEIR_TRY(incremental_node(r, ends[i].value, &node));
        if (ends[i].param.len && node->kind != WR_NODE_NULL)
            wr_node_set(&r->arena, params, ends[i].param, node);
    }
    return WEIR_OK;
}

static weir_status build(endpoint_read *r, wr_rest_request *ret)
{
    const wr_rest_resource *resource = r->resource;
    weir_str path;
    wr_node *data = NULL;
    wr_node *headers = NULL;
    ret->method = resource->method;
    WEIR_TRY(wr_rest_expand_text(r->cx, &r->arena, resource->path, r->values, &path));
    ret->url = wr_url_join(&r->arena, resource->api->base_url, path);
    WEIR_TRY(expand(r, resource->params, false, &ret->params));
    WEIR_TRY(expand(r, resource->json, true, &ret->json));
    WEIR_TRY(expand(r, resource->data, false, &data));
    WEIR_TRY(expand(r, resource->headers, false, &headers));
    ret->data = data;
    ret->headers = headers;
    return put_range(r, ret->params);
}

/* ---- rows ---- */

static weir_status put_row(endpoint_read *r, const wr_jval *row, wr_buf *out)
{
    if (wr_jkind_of(row) != WR_JOBJECT && r->included.len)
        return weir_fail(r->cx, WEIR_INVALID,
                         "a row is no object, and cannot get what include_from_parent names");
    wr_json_write(out, row);
    if (r->included.len && out->len) {
        out->len--;                             /* its closing brace */
        const size_t first = wr_jlen(row) == 0; /* no comma behind the opening one */
        wr_buf_append(out, r->included.ptr + first, r->included.len - first);
        wr_buf_char(out, '}');
    }
    wr_buf_char(out, '\n');
    return WEIR_OK;
}

/* Behind the parent's members the row goes through the processing steps, read anew. */
static weir_status put_steps_of(endpoint_read *r, const wr_jval *row)
{
    static const char PADDING[WR_JSON_PADDING];
    const wr_jval *whole = NULL;
    size_t used;
    wr_buf_clear(&r->row);
    WEIR_TRY(put_row(r, row, &r->row));
    const size_t len = r->row.len;
    wr_buf_append(&r->row, PADDING, sizeof(PADDING));
    WEIR_TRY(wr_buf_check(r->cx, &r->row, "a row"));
    WEIR_TRY(wr_json_read(r->cx, &r->reader, r->row.ptr, len, &whole, &used));
    return wr_rest_steps_apply(r->cx, r->resource->steps, whole, &r->lines, &r->line_count);
}

static weir_status put_lines_of(endpoint_read *r, const wr_jval *row)
{
    if (r->resource->steps)
        return put_steps_of(r, row);
    r->line_count++;
    return put_row(r, row, &r->lines);
}

static weir_status emit_lines(endpoint_read *r, bool *ret_stop)
{
    WEIR_TRY(wr_buf_check(r->cx, &r->lines, "the rows of a page"));
    WEIR_TRY(weir_emit_lines(r->rows, wr_buf_view(&r->lines), r->line_count));
    return weir_end_page(r->rows, ret_stop);
}

static weir_status emit_page(endpoint_read *r, const wr_rest_rows *page, bool *ret_stop)
{
    const wr_jval *row = page->array ? wr_jfirst(page->array) : NULL;
    wr_buf_clear(&r->lines);
    r->line_count = 0;
    for (size_t i = 0; i < page->count; i++) {
        WEIR_TRY(put_lines_of(r, page->array ? row : page->list[i]));
        row = page->array ? wr_jnext(row) : NULL;
    }
    return emit_lines(r, ret_stop);
}

static wr_rest_route route_of(const endpoint_read *r)
{
    return (wr_rest_route){
        .settings = &r->job->settings,
        .base_url = r->resource->api->base_url,
        .headers = r->resource->api->headers,
        .auth = r->resource->auth,
        .actions = r->resource->actions,
    };
}

static weir_status read_pages(endpoint_read *r)
{
    wr_auto(rest_pages) wr_rest_pages pages = {
        .route = route_of(r),
        .paginator = r->resource->paginator,
        .selector = r->resource->selector,
        .selector_text = r->resource->selector_text,
        .name = r->resource->name,
    };
    bool stop = false;
    WEIR_TRY(build(r, &pages.request));
    while (!stop && wr_rest_pages_next(r->cx, &pages))
        WEIR_TRY(emit_page(r, &pages.rows, &stop));
    return pages.status;
}

/* ---- resources ---- */

static weir_status begin(weir_ctx *cx, weir_rows *rows, endpoint_read *ret)
{
    *ret = (endpoint_read){ .cx = cx, .rows = rows, .job = weir_self(rows) };
    ret->resource = ret->job->resource;
    ret->lines = wr_buf_max(LINES_MAX);
    ret->row = wr_buf_max(LINES_MAX);
    ret->values = wr_node_new(&ret->arena, WR_NODE_OBJECT);
    return put_incremental(ret);
}

static weir_status end(endpoint_read *r, weir_status status)
{
    wr_buf_done(&r->row);
    wr_buf_done(&r->lines);
    wr_json_reader_done(&r->reader);
    wr_arena_done(&r->arena);
    return status;
}

static weir_status run(weir_ctx *cx, weir_rows *rows)
{
    endpoint_read r;
    const weir_status status = begin(cx, rows, &r);
    return end(&r, status == WEIR_OK ? read_pages(&r) : status);
}

/* All days are one page. */
static weir_status put_days(endpoint_read *r)
{
    bool stop;
    WEIR_TRY(wr_rest_days_put(r->cx, r->resource->days, weir_incremental_get(r->rows, "last_value"),
                              &r->lines, &r->line_count));
    return emit_lines(r, &stop);
}

static weir_status run_days(weir_ctx *cx, weir_rows *rows)
{
    endpoint_read r;
    const weir_status status = begin(cx, rows, &r);
    return end(&r, status == WEIR_OK ? put_days(&r) : status);
}

static weir_status read_for(endpoint_read *r, weir_str text)
{
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    char *copy = wr_arena_alloc(&r->arena, text.len + WR_JSON_PADDING);
    const wr_jval *row = NULL;
    size_t used;
    memcpy(copy, text.ptr, text.len);
    WEIR_TRY(wr_json_read(r->cx, &reader, copy, text.len, &row, &used));
    if (wr_jkind_of(row) != WR_JOBJECT)
        return weir_fail(r->cx, WEIR_INVALID, "a row of '%.*s' is no object",
                         WR_STR(r->resource->parent));
    WEIR_TRY(put_bindings(r, row));
    WEIR_TRY(put_included(r, row));
    return read_pages(r);
}

static weir_status each(weir_ctx *cx, weir_rows *rows, weir_str row)
{
    endpoint_read r;
    const weir_status status = begin(cx, rows, &r);
    return end(&r, status == WEIR_OK ? read_for(&r, row) : status);
}

void wr_rest_resource_define(const wr_rest_job *job, weir_resource *ret)
{
    const wr_rest_resource *resource = job->resource;
    ret->self = job;
    ret->name = resource->name.ptr; /* texts of trees end with a NUL */
    ret->hidden = !resource->selected;
    if (resource->parent.len) {
        ret->parent = resource->parent.ptr;
        ret->each = each;
    } else {
        ret->run = resource->days ? run_days : run;
    }
}

/* ---- options ---- */

static void add_option(weir_option *list, const wr_rest_secret *secret)
{
    size_t i = 0;
    if (!secret->option)
        return;
    while (list[i].name && strcmp(list[i].name, secret->option) != 0)
        i++;
    list[i] = (weir_option){
        .name = secret->option,
        .secret = true,
        .required = true,
        .help = "what 'auth' of the API needs",
    };
}

const weir_option *wr_rest_options(wr_arena *arena, const wr_rest_api *api)
{
    weir_option *list = wr_arena_new_array(arena, api->resource_count * 3 + 1, weir_option);
    for (size_t i = 0; i < api->resource_count; i++) {
        const wr_rest_auth *auth = api->resources[i].auth;
        if (!auth)
            continue;
        add_option(list, &auth->first);
        add_option(list, &auth->second);
        add_option(list, &auth->url);
    }
    return list;
}
