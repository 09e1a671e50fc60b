/* Cutting byte streams at the ends of values.
 *
 * A window as large as a chunk is filled block by block, and cut at its last border:
 *
 *      ├──────────── target ────────────┤
 *      │ value │ value │ value │ val     │          the chunk is what stands before the last border;
 *                              └──────────▶ moved to the beginning of the next window
 *
 *      │ value value value value value value value │ val      no border: the window grows until the first one,
 *                                                └────▶       and the chunk is that one value
 *
 * The bytes of a chunk stay where they were read to; only the part of a value behind the border is copied, once. */
#include "sources/lines.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* As much is read before a file is looked at; see wr_cutter.read. */
#define HEAD 8

/* Marks of encodings; JSON begins with none of them. */
static const struct {
    weir_str head;
    const char *what;
    const char *hint;
} marks[] = {
    { wr_lit("\xEF\xBB\xBF"), "a byte order mark", "take off its first three bytes: tail -c +4" },
    { wr_lit("\xFF\xFE"), "the mark of UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8" },
    { wr_lit("\xFE\xFF"), "the mark of UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8" },
};

/* `len` bytes of the value behind the border are known. */
static weir_status too_long(weir_ctx *cx, const wr_window *window, size_t len)
{
    return weir_fail(
        cx, WEIR_LIMIT,
        "line %lld of '%.*s', byte %lld: the value is too long, %zu bytes so far, at most %zu"
        "\nhint: allow longer ones with --memory",
        (long long)window->border_line, WR_STR(window->name),
        (long long)window->offset + (long long)window->border, len, window->value_max);
}

weir_status wr_window_add(weir_ctx *cx, wr_window *window, size_t end)
{
    const size_t len = end - 1 - window->border;
    if (len > window->value_max)
        return too_long(cx, window, len);
    window->border = end;
    window->border_line = window->line;
    window->rows++;
    return WEIR_OK;
}

static weir_status scan_lines(weir_ctx *cx, wr_window *window)
{
    while (window->scanned < window->len && window->border <= window->target) {
        const char *from = window->text + window->scanned;
        const char *end = memchr(from, '\n', window->len - window->scanned);
        window->scanned = end ? (size_t)(end - window->text) + 1 : window->len;
        if (!end)
            break;
        window->line++;
        WEIR_TRY(wr_window_add(cx, window, window->scanned));
    }
    return WEIR_OK;
}

static weir_status refuse_marks(weir_ctx *cx, const wr_window *window)
{
    const weir_str text = { window->text, window->len };
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (wr_str_starts(text, marks[i].head))
            return weir_fail(cx, WEIR_PARSE, "'%.*s' begins with %s, which is not JSON\nhint: %s",
                             WR_STR(window->name), marks[i].what, marks[i].hint);
    return WEIR_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The first byte that is not blank tells. As long as there is none, nothing is scanned. */
static weir_status recognise(weir_ctx *cx, wr_cutter *cutter)
{
    const wr_window *window = &cutter->window;
    WEIR_TRY(refuse_marks(cx, window));
    size_t first = 0;
    while (first < window->len && is_blank(window->text[first]))
        first++;
    if (first < window->len)
        cutter->format = window->text[first] == '[' ? WR_ARRAY : WR_LINES;
    else if (cutter->ended || window->len >= window->target)
        cutter->format = WR_LINES;
    return WEIR_OK;
}

/* Blanks behind an array belong to no chunk, and are forgotten. */
static weir_status scan_array(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    WEIR_TRY(wr_json_array_scan(cx, array, window));
    if (array->place == WR_JSON_BEHIND && window->border == 0) {
        window->offset += (int64_t)window->len;
        window->len = 0;
        window->scanned = 0;
    }
    return WEIR_OK;
}

static weir_status scan(weir_ctx *cx, wr_cutter *cutter)
{
    wr_window *window = &cutter->window;
    if (cutter->format == WR_UNKNOWN)
        WEIR_TRY(recognise(cx, cutter));
    switch (cutter->format) {
    case WR_UNKNOWN: return WEIR_OK;
    case WR_LINES: return scan_lines(cx, window);
    case WR_ARRAY: return scan_array(cx, &cutter->array, window);
    }
    return WEIR_OK;
}

static weir_status grow(weir_ctx *cx, wr_cutter *cutter)
{
    wr_window *window = &cutter->window;
    if (window->len > window->value_max)
        return too_long(cx, window, window->len);
    const size_t largest = window->value_max + 1; /* and the byte that ends it */
    const size_t cap = window->len < largest / 2 ? window->len * 2 : largest;
    wr_buffer_grow(cutter->buffer, cap);
    window->text = cutter->buffer->chunk.text;
    return WEIR_OK;
}

static weir_status fill(weir_ctx *cx, wr_cutter *cutter)
{
    wr_window *window = &cutter->window;
    if (window->len == cutter->buffer->cap)
        WEIR_TRY(grow(cx, cutter));
    const bool first = window->offset == 0 && window->len == 0;
    const size_t room = cutter->buffer->cap - window->len;
    const size_t block = first && cutter->block < HEAD ? HEAD : cutter->block;
    const size_t wanted = room < block ? room : block;
    size_t got;
    WEIR_TRY(cutter->read(cx, cutter->from, window->text + window->len, wanted, &got));
    window->len += got;
    cutter->ended = got < wanted;
    return WEIR_OK;
}

/* What the end of the file ends. */
static weir_status finish(weir_ctx *cx, wr_cutter *cutter)
{
    wr_window *window = &cutter->window;
    if (cutter->format == WR_ARRAY)
        return wr_json_array_end(cx, &cutter->array, window);
    if (window->border == window->len)
        return WEIR_OK;
    window->line++;
    WEIR_TRY(wr_window_add(cx, window, window->len + 1));
    window->border = window->len;
    return WEIR_OK;
}

static void take_buffer(wr_cutter *cutter)
{
    cutter->buffer = wr_pool_take(cutter->pool);
    cutter->window.text = cutter->buffer->chunk.text;
}

/* What stands before the border becomes a chunk, the rest begins the next window. */
static wr_buffer *cut(wr_cutter *cutter)
{
    wr_window *window = &cutter->window;
    wr_buffer *buffer = cutter->buffer;
    buffer->chunk.len = window->border;
    buffer->chunk.rows = window->rows;
    buffer->chunk.name = window->name;
    if (cutter->format == WR_LINES)
        buffer->chunk.first_line = window->border_line - window->rows;
    buffer->chunk.offset = window->offset;

    take_buffer(cutter);
    window->len -= window->border;
    wr_assert(window->len <= cutter->buffer->cap);
    memcpy(window->text, buffer->chunk.text + window->border, window->len);
    window->scanned -= window->border;
    window->offset += (int64_t)window->border;
    window->border = 0;
    window->rows = 0;
    return buffer;
}

/* Nothing that comes will move the border. */
static bool is_full(const wr_window *window)
{
    return window->border > 0 && window->len >= window->target;
}

weir_status wr_cutter_next(weir_ctx *cx, wr_cutter *cutter, wr_buffer **ret)
{
    wr_window *window = &cutter->window;
    if (!cutter->buffer)
        take_buffer(cutter);

    for (;;) {
        WEIR_TRY(scan(cx, cutter));
        if (is_full(window) || cutter->ended)
            break;
        WEIR_TRY(fill(cx, cutter));
    }
    if (!is_full(window))
        WEIR_TRY(finish(cx, cutter));
    *ret = window->border > 0 ? cut(cutter) : NULL;
    return WEIR_OK;
}

void wr_cutter_begin(wr_cutter *cutter, weir_str name)
{
    cutter->format = WR_UNKNOWN;
    cutter->ended = false;
    cutter->array = (wr_json_array){ 0 };
    cutter->window = (wr_window){
        .name = name,
        .text = cutter->window.text,
        .line = 1,
        .border_line = 1,
        .target = cutter->pool->size,
        .value_max = cutter->value_max,
    };
}

void wr_cutter_done(wr_cutter *cutter)
{
    wr_pool_return(cutter->buffer);
    cutter->buffer = NULL;
}
