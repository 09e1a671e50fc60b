/* Prints results: tables aligned by what a terminal shows, facts, JSON lines. */
#include "cli/table.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"

/* Rows and bytes that the widths are taken from. */
#define WAITING_ROWS 1000
#define WAITING_BYTES ((size_t)8 << 20)
/* A wider cell does not make its column wider: it only moves what stands behind it. */
#define WIDTH_MAX 120
/* Between columns. */
#define GAP 2
#define CELL_MAX ((size_t)256 << 20)
#define JSON_MAX ((size_t)256 << 20)

typedef struct range {
    uint32_t first;
    uint32_t last;
} range;

/* Marks that are drawn onto the character before them. */
static const range zero_width[] = {
    { 0x0300, 0x036F },   { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x0610, 0x061A },
    { 0x064B, 0x065F },   { 0x06D6, 0x06DC }, { 0x0900, 0x0902 }, { 0x093C, 0x093C },
    { 0x0941, 0x0948 },   { 0x094D, 0x094D }, { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A },
    { 0x0E47, 0x0E4E },   { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F },
    { 0x202A, 0x202E },   { 0x2060, 0x2064 }, { 0x20D0, 0x20FF }, { 0x302A, 0x302D },
    { 0x3099, 0x309A },   { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }, { 0xFEFF, 0xFEFF },
    { 0xE0100, 0xE01EF },
};

/* East Asian wide characters and emoji. */
static const range double_width[] = {
    { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2E80, 0x303E },   { 0x3041, 0x33FF },
    { 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF },   { 0xA000, 0xA4CF },   { 0xA960, 0xA97F },
    { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
    { 0xFFE0, 0xFFE6 },   { 0x17000, 0x18CFF }, { 0x1B000, 0x1B2FF }, { 0x1F300, 0x1F64F },
    { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x1FA70, 0x1FAFF }, { 0x20000, 0x3FFFD },
};

static bool is_among(uint32_t code_point, const range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    return false;
}

int wr_code_point_width(uint32_t code_point)
{
    if (code_point < zero_width[0].first)
        return 1;
    if (is_among(code_point, zero_width, sizeof(zero_width) / sizeof(*zero_width)))
        return 0;
    return is_among(code_point, double_width, sizeof(double_width) / sizeof(*double_width)) ? 2 : 1;
}

static size_t width_of(weir_str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;)
        width += (size_t)wr_code_point_width(wr_utf8_next(text, &at));
    return width;
}

/* ---- cells ---- */

static bool is_plain(weir_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return wr_utf8_valid(text) == text.len;
}

static void put_escaped(wr_buf *out, uint32_t c)
{
    if (c == '\n')
        wr_buf_cstr(out, "\\n");
    else if (c == '\t')
        wr_buf_cstr(out, "\\t");
    else if (c == '\r')
        wr_buf_cstr(out, "\\r");
    else
        wr_buf_printf(out, "\\x%02x", c & 0xFF);
}

/* Nothing in a cell may move the cursor, and nothing may be taken for the end of a row. */
static weir_str shown(wr_arena *arena, weir_str text)
{
    if (is_plain(text))
        return wr_arena_str(arena, text);
    wr_auto(buf) wr_buf out = wr_buf_max(CELL_MAX);
    for (size_t at = 0; at < text.len;) {
        const size_t from = at;
        const uint32_t c = wr_utf8_next(text, &at);
        const bool malformed = c >= 0xDC00 && c <= 0xDCFF;
        if (c < 0x20 || c == 0x7F || malformed)
            put_escaped(&out, c);
        else
            wr_buf_append(&out, text.ptr + from, at - from);
    }
    return wr_arena_str(arena, out.failed ? wr_lit("(too large to be shown)") : wr_buf_view(&out));
}

/* ---- rows ---- */

static void print_blanks(size_t count)
{
    while (count-- > 0)
        putchar(' ');
}

/* One line of cells. `pending` blanks are only printed in front of something: lines do not end in blanks. */
static void print_row(const wr_grid *grid, const weir_str *cells)
{
    size_t pending = 0;
    for (size_t i = 0; i < grid->columns.len; i++) {
        const struct wr_grid_column *column = &grid->columns.ptr[i];
        const size_t width = width_of(cells[i]);
        const size_t blanks = width < column->width ? column->width - width : 0;
        if (cells[i].len > 0) {
            print_blanks(pending + (column->right ? blanks : 0));
            fwrite(cells[i].ptr, 1, cells[i].len, stdout);
            pending = 0;
        }
        pending += (column->right && cells[i].len > 0 ? 0 : blanks) + GAP;
    }
    putchar('\n');
}

static void widen(struct wr_grid_column *column, weir_str text)
{
    const size_t width = width_of(text);
    if (width > column->width && width <= WIDTH_MAX)
        column->width = width;
}

static void print_head(const wr_grid *grid)
{
    print_row(grid, grid->titles.ptr);
    for (size_t i = 0; i < grid->columns.len; i++) {
        print_blanks(i > 0 ? GAP : 0);
        for (size_t n = 0; n < grid->columns.ptr[i].width; n++)
            putchar('-');
    }
    putchar('\n');
}

/* Print the rows that wait; from now on the widths are fixed. */
static void flush_rows(wr_grid *grid)
{
    if (grid->columns.len == 0)
        return;
    if (!grid->begun)
        print_head(grid);
    grid->begun = true;
    for (size_t i = 0; i + grid->columns.len <= grid->cells.len; i += grid->columns.len)
        print_row(grid, grid->cells.ptr + i);
    grid->cells.len = 0;
    wr_arena_reset(&grid->rows);
}

void wr_grid_column(wr_grid *grid, weir_str title, bool right)
{
    const weir_str text = shown(&grid->head, title);
    *wr_vec_push(&grid->titles) = text;
    *wr_vec_push(&grid->columns) =
        (struct wr_grid_column){ .right = right, .width = width_of(text) };
}

void wr_grid_cell(wr_grid *grid, weir_str text)
{
    const weir_str cell = shown(&grid->rows, text);
    const size_t column = grid->cells.len % grid->columns.len;
    *wr_vec_push(&grid->cells) = cell;
    if (!grid->begun)
        widen(&grid->columns.ptr[column], cell);
    if (column + 1 < grid->columns.len)
        return;

    const bool enough =
        grid->cells.len / grid->columns.len >= WAITING_ROWS || grid->rows.capacity >= WAITING_BYTES;
    if (!grid->begun && !enough)
        return;
    flush_rows(grid);
}

void wr_grid_int(wr_grid *grid, int64_t number)
{
    char text[WR_NUMBER_TEXT];
    wr_grid_cell(grid, (weir_str){ text, wr_int_text(text, number) });
}

void wr_grid_end(wr_grid *grid)
{
    flush_rows(grid);
}

void wr_cleanup_grid(wr_grid *grid)
{
    wr_vec_done(&grid->columns);
    wr_vec_done(&grid->titles);
    wr_vec_done(&grid->cells);
    wr_arena_done(&grid->head);
    wr_arena_done(&grid->rows);
}

/* ---- facts and documents ---- */

void wr_print_fact(const char *name, weir_str value)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str text = shown(&arena, value);
    printf("%-12s %.*s\n", name, WR_STR(text));
}

weir_status wr_print_json(weir_ctx *cx, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(JSON_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    wr_buf_char(&out, '\n');
    WEIR_TRY(wr_buf_check(cx, &out, "a line of JSON"));
    fwrite(out.ptr, 1, out.len, stdout);
    return WEIR_OK;
}
