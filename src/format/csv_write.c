/* Writes rows of batches as CSV, in the forms that dlt's writer (Python's csv module) has. */
#include "format/csv_write.h"

#include "base/ctx.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"

static const char *const QUOTINGS[] = {
    [WR_CSV_NEEDED] = "quote_needed",
    [WR_CSV_ALL] = "quote_all",
    [WR_CSV_MINIMAL] = "quote_minimal",
    [WR_CSV_NONE] = "quote_none",
};

weir_status wr_csv_quoting_find(weir_ctx *cx, weir_str name, wr_csv_quoting *ret)
{
    for (size_t i = 0; i < sizeof(QUOTINGS) / sizeof(*QUOTINGS); i++) {
        if (wr_str_eq(name, weir_str_of(QUOTINGS[i]))) {
            *ret = (wr_csv_quoting)i;
            return WEIR_OK;
        }
    }
    return weir_fail(cx, WEIR_CONFIG,
                     "'%.*s' is no quoting of csv\n"
                     "hint: it is one of quote_needed, quote_all, quote_minimal, quote_none",
                     WR_STR(name));
}

static weir_str delimiter_of(const wr_csv_form *form)
{
    return form->delimiter.len ? form->delimiter : wr_lit(",");
}

static weir_str line_end_of(const wr_csv_form *form)
{
    return form->line_end.len ? form->line_end : wr_lit("\n");
}

weir_status wr_csv_check(weir_ctx *cx, const wr_csv_form *form)
{
    const weir_str delimiter = delimiter_of(form);
    if (wr_utf8_valid(delimiter) < delimiter.len || wr_utf8_len(delimiter) != 1 ||
        memchr("\"\r\n", delimiter.ptr[0], sizeof("\"\r\n")))
        return weir_fail(cx, WEIR_CONFIG,
                         "'%.*s' cannot be the delimiter of csv\n"
                         "hint: it is one character, and neither a quote, nor a line end, nor NUL",
                         WR_STR(delimiter));
    const weir_str end = line_end_of(form);
    if (!wr_str_eq(end, wr_lit("\n")) && !wr_str_eq(end, wr_lit("\r\n")) &&
        !wr_str_eq(end, wr_lit("\r")))
        return weir_fail(cx, WEIR_CONFIG,
                         "'%.*s' cannot be the line end of csv\n"
                         "hint: it is \\n, \\r\\n or \\r",
                         WR_STR(end));
    return WEIR_OK;
}

/* ---- fields ---- */

/* One line on its way out. */
typedef struct line {
    const wr_csv_form *form;
    const weir_table *table;
    wr_buf *out;
    size_t fields; /* that it will have */
    size_t count;  /* that it has */
} line;

static line line_begin(const wr_csv_form *form, const weir_table *table, wr_buf *out)
{
    line ret = { .form = form, .table = table, .out = out };
    for (size_t i = 0; i < table->column_count; i++)
        ret.fields += table->columns[i].type != WEIR_NO_TYPE;
    return ret;
}

static bool has_byte(weir_str text, char c)
{
    return memchr(text.ptr, c, text.len);
}

/* Would the bare text be read as something else? */
static bool is_special(const line *l, weir_str text)
{
    if (text.len == 0)
        return l->fields == 1; /* an empty line is no row */
    const weir_str delimiter = delimiter_of(l->form);
    return has_byte(text, '"') || has_byte(text, '\n') || has_byte(text, '\r') ||
           memmem(text.ptr, text.len, delimiter.ptr, delimiter.len);
}

static bool is_quoted(const line *l, weir_str text, bool is_number)
{
    return l->form->quoting == WR_CSV_ALL || (l->form->quoting == WR_CSV_NEEDED && !is_number) ||
           is_special(l, text);
}

static void append_quoted(wr_buf *out, weir_str text)
{
    wr_buf_char(out, '"');
    for (const char *quote; text.len > 0 && (quote = memchr(text.ptr, '"', text.len));) {
        const size_t len = (size_t)(quote + 1 - text.ptr);
        wr_buf_append(out, text.ptr, len);
        wr_buf_char(out, '"');
        text = (weir_str){ text.ptr + len, text.len - len };
    }
    wr_buf_str(out, text);
    wr_buf_char(out, '"');
}

static weir_status add_field(weir_ctx *cx, line *l, weir_str text, bool is_number)
{
    if (l->count++ > 0)
        wr_buf_str(l->out, delimiter_of(l->form));
    if (!is_quoted(l, text, is_number))
        wr_buf_str(l->out, text);
    else if (l->form->quoting != WR_CSV_NONE)
        append_quoted(l->out, text);
    else
        return weir_fail(cx, WEIR_REJECTED,
                         "it cannot be written without quotes\n"
                         "hint: set another `quoting` than quote_none, or another delimiter");
    return WEIR_OK;
}

/* ---- rows ---- */

static weir_status add_bytes(weir_ctx *cx, line *l, weir_str bytes)
{
    if (wr_utf8_valid(bytes) < bytes.len)
        return weir_fail(cx, WEIR_REJECTED,
                         "its bytes are not UTF-8, and csv has no other form for them\n"
                         "hint: leave the column out, or write jsonl");
    return add_field(cx, l, bytes, false);
}

static weir_status add_cell(weir_ctx *cx, line *l, const weir_column *column, weir_value value)
{
    char room[WR_TIME_TEXT > WR_NUMBER_TEXT ? WR_TIME_TEXT : WR_NUMBER_TEXT];
    weir_str made = { room, 0 };
    switch (value.kind) {
    case WEIR_PARSED: /* cells have JSON as text */
    case WEIR_ABSENT:
    case WEIR_NULL: break;
    case WEIR_BOOL: return add_field(cx, l, value.as.b ? wr_lit("True") : wr_lit("False"), true);
    case WEIR_INT: made.len = wr_int_text(room, value.as.i); return add_field(cx, l, made, true);
    case WEIR_FLOAT:
        made.len = wr_double_repr(room, value.as.f);
        return add_field(cx, l, made, true);
    case WEIR_TIMESTAMP:
    case WEIR_DATE:
    case WEIR_TIME: made.len = wr_cells_time(room, column, value, ' '); break;
    case WEIR_DECIMAL: return add_field(cx, l, value.as.s, true);
    case WEIR_BYTES: return add_bytes(cx, l, value.as.s);
    case WEIR_TEXT:
    case WEIR_JSON: return add_field(cx, l, value.as.s, false);
    }
    return add_field(cx, l, made, false);
}

static weir_status write_row(weir_ctx *cx, line *l, const wr_cells *cells)
{
    for (size_t i = 0; i < l->table->column_count; i++) {
        const weir_column *column = &l->table->columns[i];
        if (column->type == WEIR_NO_TYPE)
            continue;
        const weir_value value = wr_cells_get(cells, column, l->count);
        const weir_status status = add_cell(cx, l, column, value);
        if (status != WEIR_OK)
            return wr_context(cx, status, "column '%.*s'", WR_STR(column->name));
    }
    wr_buf_str(l->out, line_end_of(l->form));
    return wr_buf_check(cx, l->out, "the text of csv");
}

weir_status wr_csv_write_header(weir_ctx *cx, const wr_csv_form *form, const weir_table *table,
                                wr_buf *out)
{
    line l = line_begin(form, table, out);
    for (size_t i = 0; i < table->column_count; i++) {
        const weir_column *column = &table->columns[i];
        if (column->type == WEIR_NO_TYPE)
            continue;
        const weir_status status = add_field(cx, &l, column->name, false);
        if (status != WEIR_OK)
            return wr_context(cx, status, "table '%.*s': the name of column '%.*s'",
                              WR_STR(table->name), WR_STR(column->name));
    }
    wr_buf_str(out, line_end_of(form));
    return wr_buf_check(cx, out, "the header of csv");
}

weir_status wr_csv_write(weir_ctx *cx, const wr_csv_form *form, wr_cells *cells, wr_buf *out)
{
    const size_t from = out->len;
    for (; wr_cells_left(cells) && out->len - from < WR_CELLS_TEXT; cells->row++) {
        line l = line_begin(form, cells->table, out);
        const weir_status status = write_row(cx, &l, cells);
        if (status != WEIR_OK)
            return wr_context(cx, status, "table '%.*s': row %lld", WR_STR(cells->table->name),
                              (long long)(cells->rows_before + cells->row + 1));
    }
    return WEIR_OK;
}
