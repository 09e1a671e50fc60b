/* Emitting: what a function of the user hands over is checked, and written down as rows. */
#include "pipeline/rows.h"

#include "base/ctx.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "pipeline/state.h"
#include "schema/coerce.h"
#include "schema/decimal.h"

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
                     (unsigned long long)rows->at, WR_STR(field->name), why);
}

/* ---- emitting ---- */

/* A JSON text goes in as it is, on one line: line ends can only stand between its tokens. */
static weir_status put_json(weir_ctx *cx, wr_buf *out, weir_str text)
{
    wr_jkind kind;
    WEIR_TRY(wr_json_check(cx, text, &kind));
    const size_t begin = out->len;
    wr_buf_str(out, text);
    for (size_t i = begin; i < out->len; i++)
        if (out->ptr[i] == '\n' || out->ptr[i] == '\r')
            out->ptr[i] = ' ';
    return WEIR_OK;
}

static weir_status put_cell(weir_rows *rows, wr_buf *out, const weir_field *field)
{
    WEIR_TRY(check_cell(rows, field));
    wr_json_quote(out, field->name);
    wr_buf_char(out, ':');
    if (field->value.kind == WEIR_JSON)
        return wr_context(rows->cx, put_json(rows->cx, out, field->value.as.s), "cell '%.*s'",
                          WR_STR(field->name));
    wr_typed_encode(out, field->value);
    return WEIR_OK;
}

weir_status weir_emit_fields(weir_rows *rows, const weir_field *fields, size_t count)
{
    wr_buf *out = NULL;
    WEIR_TRY(wr_rows_begin_row(rows, WR_FRAME_TYPED, &out));
    for (size_t i = 0; i < count; i++) {
        if (fields[i].value.kind == WEIR_ABSENT)
            continue;
        wr_buf_char(out, out->len ? ',' : '{');
        WEIR_TRY(put_cell(rows, out, &fields[i]));
    }
    wr_buf_cstr(out, out->len ? "}" : "{}");
    return wr_rows_end_row(rows);
}

static weir_status emit_value(weir_rows *rows, const wr_jval *value)
{
    wr_buf *out = NULL;
    WEIR_TRY(wr_rows_begin_row(rows, WR_FRAME_JSON, &out));
    wr_json_write(out, value);
    return wr_rows_end_row(rows);
}

weir_status weir_emit_json(weir_rows *rows, weir_str text)
{
    WEIR_TRY(wr_check_cancel(rows->cx));
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
    if (count == 0)
        return wr_rows_announce(rows);
    const wr_jval *item = wr_jfirst(value);
    for (size_t i = 0; i < count; i++) {
        WEIR_TRY(emit_value(rows, item));
        item = wr_jnext(item);
    }
    return WEIR_OK;
}

weir_status weir_emit_lines(weir_rows *rows, weir_str lines, int64_t count)
{
    if (count < 0 || count > UINT32_MAX)
        return weir_fail(rows->cx, WEIR_INVALID, "%lld rows cannot be emitted at once",
                         (long long)count);
    return count ? wr_rows_add_lines(rows, lines, (uint32_t)count) : wr_rows_announce(rows);
}

weir_status weir_end_page(weir_rows *rows, bool *ret_stop)
{
    WEIR_TRY(wr_rows_end_page(rows));
    *ret_stop = rows->stopped;
    return WEIR_OK;
}

const void *weir_self(const weir_rows *rows)
{
    return rows->resource->def->self;
}

/* ---- incremental ---- */

static weir_value cursor_value(const wr_cursor *cursor)
{
    weir_str text = cursor->text;
    switch (cursor->kind) {
    case WR_CURSOR_NONE:
    case WR_CURSOR_OTHER: return weir_null();
    case WR_CURSOR_BOOL: return weir_bool(cursor->as.i != 0);
    case WR_CURSOR_INT: return weir_int(cursor->as.i);
    case WR_CURSOR_UINT: return weir_float((double)cursor->as.u);
    case WR_CURSOR_FLOAT: return weir_float(cursor->as.f);
    case WR_CURSOR_TEXT: return weir_text(text);
    case WR_CURSOR_DECIMAL:
    case WR_CURSOR_BYTES:
    case WR_CURSOR_MOMENT:
    case WR_CURSOR_DATE:
    case WR_CURSOR_TIME: break;
    }
    const size_t mark = wr_typed_mark(text);
    return weir_text((weir_str){ text.ptr + mark, text.len - mark });
}

weir_value weir_incremental_get(weir_rows *rows, const char *name)
{
    const wr_incremental *inc = rows->sift.incremental;
    const wr_incremental_settings *settings = rows->resource->incremental;
    const wr_node *node = NULL;
    wr_cursor cursor = { 0 };
    if (!inc)
        return weir_null();
    if (strcmp(name, "start_value") == 0)
        return cursor_value(wr_incremental_start(inc));
    if (strcmp(name, "last_value") == 0)
        return cursor_value(wr_incremental_last(inc));
    node = strcmp(name, "end_value") == 0 ? settings->end_value : settings->initial_value;
    if (wr_cursor_read(rows->cx, rows->args->arena, node, &cursor) == WEIR_OK)
        return cursor_value(&cursor);
    weir_error_clear(rows->cx); /* opening the incremental has told about it */
    return weir_null();
}

/* ---- state ---- */

weir_value weir_state_get(weir_rows *rows, const char *key)
{
    const wr_extract_args *args = rows->args;
    const wr_node *kept =
        wr_state_resource(args->arena, args->state, args->schema, rows->resource->name, false);
    return wr_state_value(args->arena, wr_node_get(kept, key));
}

weir_status weir_state_set(weir_rows *rows, const char *key, weir_value value)
{
    if (!key || !*key)
        return weir_fail(rows->cx, WEIR_INVALID, "a value of the state needs a key");
    const wr_extract_args *args = rows->args;
    wr_node *kept =
        wr_state_resource(args->arena, args->state, args->schema, rows->resource->name, true);
    return wr_state_put(rows->cx, args->arena, kept, weir_str_of(key), value);
}
