/* Emitting: what a resource hands over is checked, written down, and cut into frames. */
#include "pipeline/rows.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "pipeline/state.h"
#include "schema/coerce.h"
#include "schema/decimal.h"

/* Progress is told after this many bytes. */
#define PROGRESS_BYTES ((int64_t)4 << 20)

/* ---- frames ---- */

void wr_rows_release_frame(void *item)
{
    wr_frame *frame = item;
    wr_free(frame->content);
    wr_free(frame);
}

static void tell_progress(weir_rows *rows)
{
    const wr_extract_args *args = rows->args;
    if (!args->progress || rows->total_bytes - rows->told_bytes < PROGRESS_BYTES)
        return;
    rows->told_bytes = rows->total_bytes;
    args->progress(args->progress_self, "extract", rows->total_rows, rows->total_bytes);
}

static weir_status send(weir_rows *rows, wr_frame *frame, size_t size)
{
    rows->total_rows += frame->rows;
    rows->total_bytes += (int64_t)frame->len;
    tell_progress(rows);
    const weir_status status = wr_queue_send(rows->cx, rows->queue, frame, size);
    if (status != WEIR_OK)
        wr_rows_release_frame(frame);
    return status;
}

weir_status wr_rows_cut(weir_rows *rows)
{
    if (rows->frame.rows == 0)
        return WEIR_OK;
    WEIR_TRY(wr_fault(rows->cx, "extract.frame"));
    wr_frame *frame = wr_new(wr_frame);
    *frame = rows->frame;
    frame->resource = weir_str_of(rows->resource->name);
    frame->table = rows->table;
    frame->content = rows->content.ptr;
    frame->len = rows->content.len;
    const size_t size = rows->content.cap;
    rows->next_row += frame->rows;
    rows->content = wr_buf_max(WR_FRAME_MAX);
    rows->frame = (wr_frame){ .kind = frame->kind, .first_row = rows->next_row };
    return send(rows, frame, size);
}

weir_status wr_rows_copy_frame(weir_rows *rows, const wr_frame *frame)
{
    WEIR_TRY(wr_check_cancel(rows->cx));
    WEIR_TRY(wr_fault(rows->cx, "extract.input"));
    wr_frame *copy = wr_new(wr_frame);
    *copy = *frame;
    /* Its place goes with it, behind the content. */
    copy->content = wr_alloc(frame->len + frame->place.len + 1);
    memcpy(copy->content, frame->content, frame->len);
    memcpy(copy->content + frame->len, frame->place.ptr, frame->place.len);
    copy->place.ptr = copy->content + frame->len;
    return send(rows, copy, frame->len);
}

static weir_status begin_row(weir_rows *rows, wr_frame_kind kind)
{
    WEIR_TRY(wr_check_cancel(rows->cx));
    if (rows->frame.kind != kind)
        WEIR_TRY(wr_rows_cut(rows));
    rows->frame.kind = kind;
    return WEIR_OK;
}

static weir_status row_too_large(weir_rows *rows)
{
    return weir_fail(rows->cx, WEIR_LIMIT,
                     "row %llu of resource '%s' is larger than %zu MiB\n"
                     "hint: split it, or leave out what the tables do not need",
                     (unsigned long long)(rows->next_row + rows->frame.rows), rows->resource->name,
                     WR_FRAME_MAX >> 20);
}

static weir_status end_row(weir_rows *rows)
{
    wr_buf_char(&rows->content, '\n');
    if (rows->content.failed)
        return row_too_large(rows);
    rows->frame.rows++;
    return rows->content.len >= WR_FRAME_BYTES ? wr_rows_cut(rows) : WEIR_OK;
}

void wr_rows_done(weir_rows *rows)
{
    wr_buf_done(&rows->content);
    wr_json_reader_done(&rows->reader);
}

/* ---- checking ---- */

static bool is_utf8(weir_str text)
{
    return wr_utf8_valid(text) == text.len;
}

/* What is wrong with a cell; NULL: nothing. Later than here nobody could say where it came from. */
static const char *wrong_with(weir_value value)
{
    wr_decimal decimal;
    switch (value.kind) {
    case WEIR_TEXT: return is_utf8(value.as.s) ? NULL : "its text is not valid UTF-8";
    case WEIR_DECIMAL:
        return wr_decimal_parse(value.as.s, &decimal) ? NULL : "it is no decimal number";
    case WEIR_TIMESTAMP:
        return value.as.i >= WR_TIME_MIN && value.as.i <= WR_TIME_MAX
                   ? NULL
                   : "its time lies outside of years 1 to 9999";
    case WEIR_DATE:
        return value.as.i >= WR_TIME_MIN / WR_US_PER_DAY &&
                       value.as.i <= WR_TIME_MAX / WR_US_PER_DAY
                   ? NULL
                   : "its date lies outside of years 1 to 9999";
    case WEIR_TIME:
        return value.as.i >= 0 && value.as.i < WR_US_PER_DAY ? NULL : "it is no time of a day";
    default: return NULL;
    }
}

static weir_status check_cell(weir_rows *rows, const weir_field *field)
{
    const char *why =
        is_utf8(field->name) ? wrong_with(field->value) : "its name is not valid UTF-8";
    if (!why)
        return WEIR_OK;
    return weir_fail(rows->cx, WEIR_INVALID, "row %llu: cell '%.*s' cannot be emitted: %s",
                     (unsigned long long)(rows->next_row + rows->frame.rows), WR_STR(field->name),
                     why);
}

/* ---- emitting ---- */

/* A JSON text goes in as it is, on one line: line ends can only stand between its tokens. */
static weir_status put_json(weir_rows *rows, weir_str text)
{
    wr_jkind kind;
    WEIR_TRY(wr_json_check(rows->cx, text, &kind));
    const size_t begin = rows->content.len;
    wr_buf_str(&rows->content, text);
    for (size_t i = begin; i < rows->content.len; i++)
        if (rows->content.ptr[i] == '\n' || rows->content.ptr[i] == '\r')
            rows->content.ptr[i] = ' ';
    return WEIR_OK;
}

weir_status weir_emit_fields(weir_rows *rows, const weir_field *fields, size_t count)
{
    WEIR_TRY(begin_row(rows, WR_FRAME_TYPED));
    wr_buf *out = &rows->content;
    const size_t begin = out->len;
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].value.kind == WEIR_ABSENT)
            continue;
        WEIR_TRY(check_cell(rows, &fields[i]));
        wr_buf_char(out, first ? '{' : ',');
        first = false;
        wr_json_quote(out, fields[i].name);
        wr_buf_char(out, ':');
        if (fields[i].value.kind != WEIR_JSON) {
            wr_typed_encode(out, fields[i].value);
            continue;
        }
        const weir_status status = put_json(rows, fields[i].value.as.s);
        if (status != WEIR_OK) {
            out->len = begin;
            return wr_context(rows->cx, status, "cell '%.*s'", WR_STR(fields[i].name));
        }
    }
    wr_buf_cstr(out, first ? "{}" : "}");
    return end_row(rows);
}

static weir_status emit_value(weir_rows *rows, const wr_jval *value)
{
    wr_json_write(&rows->content, value);
    return end_row(rows);
}

weir_status weir_emit_json(weir_rows *rows, weir_str text)
{
    WEIR_TRY(begin_row(rows, WR_FRAME_JSON));
    wr_jkind kind;
    WEIR_TRY(wr_json_check(rows->cx, text, &kind));
    wr_auto(buf) wr_buf copy = wr_buf_max(WR_FRAME_MAX + WR_JSON_PADDING);
    wr_buf_str(&copy, text);
    wr_buf_append(&copy, "\0\0\0\0\0\0\0", WR_JSON_PADDING);
    WEIR_TRY(wr_buf_check(rows->cx, &copy, "an emitted JSON text"));

    const wr_jval *value = NULL;
    size_t used = 0;
    WEIR_TRY(wr_json_read(rows->cx, &rows->reader, copy.ptr, text.len, &value, &used));
    if (kind != WR_JARRAY)
        return emit_value(rows, value);
    const size_t count = wr_jlen(value);
    const wr_jval *item = wr_jfirst(value);
    for (size_t i = 0; i < count; i++) {
        WEIR_TRY(emit_value(rows, item));
        item = wr_jnext(item);
    }
    return WEIR_OK;
}

/* ---- state ---- */

weir_value weir_state_get(weir_rows *rows, const char *key)
{
    const wr_extract_args *args = rows->args;
    const wr_node *kept = wr_state_resource(args->arena, args->state, args->schema,
                                            weir_str_of(rows->resource->name), false);
    return wr_state_value(args->arena, wr_node_get(kept, key));
}

weir_status weir_state_set(weir_rows *rows, const char *key, weir_value value)
{
    if (!key || !*key)
        return weir_fail(rows->cx, WEIR_INVALID, "a value of the state needs a key");
    const wr_extract_args *args = rows->args;
    wr_node *kept = wr_state_resource(args->arena, args->state, args->schema,
                                      weir_str_of(rows->resource->name), true);
    return wr_state_put(rows->cx, args->arena, kept, weir_str_of(key), value);
}
