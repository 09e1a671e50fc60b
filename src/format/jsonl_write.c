/* Writes rows of batches as JSON lines. */
#include "format/jsonl_write.h"

#include <math.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"

static void write_int(wr_buf *out, int64_t value)
{
    char digits[WR_NUMBER_TEXT];
    wr_buf_append(out, digits, wr_int_text(digits, value));
}

static void write_double(wr_buf *out, double value)
{
    char digits[WR_NUMBER_TEXT];
    if (isfinite(value))
        wr_buf_append(out, digits, wr_double_json(digits, value));
    else
        wr_buf_cstr(out, "null");
}

static void write_base64(wr_buf *out, weir_str bytes)
{
    wr_buf_char(out, '"');
    char *room = wr_buf_room(out, WR_BASE64_LEN(bytes.len));
    if (room)
        wr_buf_used(out, wr_base64_encode(room, (const uint8_t *)bytes.ptr, bytes.len));
    wr_buf_char(out, '"');
}

static void write_time(wr_buf *out, const weir_column *column, weir_value value)
{
    char text[WR_TIME_TEXT];
    const size_t len = wr_cells_time(text, column, value, 'T');
    wr_json_quote(out, (weir_str){ text, len });
}

/* Inside of JSON, line ends are blanks between tokens; here they would end the row. */
static void write_json(wr_buf *out, weir_str json)
{
    const size_t from = out->len;
    wr_buf_str(out, json);
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] == '\n' || out->ptr[i] == '\r')
            out->ptr[i] = ' ';
}

static void write_value(wr_buf *out, const weir_column *column, weir_value value)
{
    switch (value.kind) {
    case WEIR_BOOL: wr_buf_cstr(out, value.as.b ? "true" : "false"); break;
    case WEIR_INT: write_int(out, value.as.i); break;
    case WEIR_FLOAT: write_double(out, value.as.f); break;
    case WEIR_BYTES: write_base64(out, value.as.s); break;
    case WEIR_TIMESTAMP:
    case WEIR_DATE:
    case WEIR_TIME: write_time(out, column, value); break;
    case WEIR_JSON: write_json(out, value.as.s); break;
    case WEIR_PARSED: /* cells have JSON as text */
    case WEIR_ABSENT:
    case WEIR_NULL: break;
    case WEIR_TEXT:
    case WEIR_DECIMAL: wr_json_quote(out, value.as.s); break;
    }
}

static void write_row(wr_buf *out, const wr_cells *cells)
{
    char before = '{';
    size_t child = 0;
    for (size_t i = 0; i < cells->table->column_count; i++) {
        const weir_column *column = &cells->table->columns[i];
        if (column->type == WEIR_NO_TYPE)
            continue;
        const weir_value value = wr_cells_get(cells, column, child++);
        if (value.kind == WEIR_NULL)
            continue;
        wr_buf_char(out, before);
        wr_json_quote(out, column->name);
        wr_buf_char(out, ':');
        write_value(out, column, value);
        before = ',';
    }
    wr_buf_cstr(out, before == '{' ? "{}\n" : "}\n");
}

weir_status wr_jsonl_write(weir_ctx *cx, wr_cells *cells, wr_buf *out)
{
    const size_t from = out->len;
    for (; wr_cells_left(cells) && out->len - from < WR_CELLS_TEXT; cells->row++) {
        write_row(out, cells);
        const weir_status status = wr_buf_check(cx, out, "the text of jsonl");
        if (status != WEIR_OK)
            return wr_context(cx, status, "table '%.*s': row %lld", WR_STR(cells->table->name),
                              (long long)(cells->rows_before + cells->row + 1));
    }
    return WEIR_OK;
}
