/* A small state machine over strings, brackets and commas finds the elements of a JSON array.
 *
 *      BEFORE ──[──▶ FIRST ──value──▶ VALUE ◀──"──▶ STRING ◀──\──▶ ESCAPED
 *                      │               │  ▲
 *                      │        comma, │  │ value
 *                      │       depth 0 ▼  │
 *                      ]               NEXT
 *                      │
 *                      └──▶ BEHIND ◀── ], depth 0 ── VALUE
 */
#include "sources/json_array.h"

#include "base/ctx.h"
#include "base/str.h"
#include "sources/lines.h"

/* What a byte means outside of strings. */
typedef enum byte_class { OTHER, BLANK, COMMA, LINE_END, QUOTE, OPENING, CLOSING } byte_class;

static const unsigned char classes[256] = {
    [' '] = BLANK,   ['\t'] = BLANK,  ['\r'] = BLANK,  ['\n'] = LINE_END, ['"'] = QUOTE,
    ['{'] = OPENING, ['['] = OPENING, ['}'] = CLOSING, [']'] = CLOSING,   [','] = COMMA,
};

static byte_class class_of(char c)
{
    return (byte_class)classes[(unsigned char)c];
}

static weir_status bad_array(weir_ctx *cx, const wr_window *window, const char *what)
{
    return weir_fail(cx, WEIR_PARSE,
                     "line %lld of '%.*s', byte %lld: %s"
                     "\nhint: a file that begins with '[' is read as one JSON array",
                     (long long)window->line, WR_STR(window->name),
                     (long long)window->offset + (long long)window->scanned, what);
}

/* The byte at `scanned` ends an element. */
static weir_status end_element(weir_ctx *cx, wr_window *window)
{
    window->text[window->scanned] = '\n';
    return wr_window_add(cx, window, window->scanned + 1);
}

static weir_status pass_comma(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    if (array->place != WR_JSON_VALUE)
        return bad_array(cx, window, "expected a value, found ','");
    array->place = WR_JSON_NEXT;
    return end_element(cx, window);
}

static weir_status pass_closing(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    if (window->text[window->scanned] != ']')
        return bad_array(cx, window, "found a '}' that closes nothing");
    if (array->place == WR_JSON_NEXT)
        return bad_array(cx, window, "expected a value behind ',', found ']'");
    const bool empty = array->place == WR_JSON_FIRST;
    array->place = WR_JSON_BEHIND;
    return empty ? WEIR_OK : end_element(cx, window);
}

static void pass_opening(wr_json_array *array, wr_window *window)
{
    if (array->place == WR_JSON_BEFORE) {
        window->text[window->scanned] = ' ';
        array->place = WR_JSON_FIRST;
        return;
    }
    array->place = WR_JSON_VALUE;
    array->depth++;
}

/* One byte outside of strings. */
static weir_status pass_byte(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    const byte_class class_ = class_of(window->text[window->scanned]);
    if (array->place == WR_JSON_BEHIND && class_ != BLANK && class_ != LINE_END)
        return bad_array(cx, window, "expected the end of the file behind the array");
    switch (class_) {
    case BLANK: break;
    case LINE_END:
        window->text[window->scanned] = ' ';
        window->line++;
        break;
    case QUOTE: array->place = WR_JSON_STRING; break;
    case OPENING: pass_opening(array, window); break;
    case CLOSING: WEIR_TRY(pass_closing(cx, array, window)); break;
    case COMMA: WEIR_TRY(pass_comma(cx, array, window)); break;
    case OTHER: array->place = WR_JSON_VALUE; break;
    }
    window->scanned++;
    return WEIR_OK;
}

/* A line end, a backslash, or the byte behind one. */
static weir_status pass_string_byte(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    if (window->text[window->scanned] == '\n')
        return bad_array(cx, window, "a string goes over the end of its line");
    array->place = array->place == WR_JSON_ESCAPED ? WR_JSON_STRING : WR_JSON_ESCAPED;
    window->scanned++;
    return WEIR_OK;
}

/* Is one of eight bytes this one? Then the result is not zero. */
static uint64_t find_byte(uint64_t word, char c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t x = word ^ (ones * (unsigned char)c);
    return (x - ones) & ~x & (ones << 7);
}

/* The first byte of a string that means something. */
static const char *skip_string(const char *at, const char *end)
{
    for (uint64_t word; end - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        if (find_byte(word, '"') | find_byte(word, '\\') | find_byte(word, '\n'))
            break;
    }
    while (at < end && *at != '"' && *at != '\\' && *at != '\n')
        at++;
    return at;
}

/* Go over the inside of an element, up to a byte that needs more thought: a line end, a backslash, what stands between
 * elements. It is where the time goes: byte by byte takes twice as long. */
static void skip_inside(wr_json_array *array, wr_window *window)
{
    const char *at = window->text + window->scanned;
    const char *end = window->text + window->len;
    for (;; at++) {
        const byte_class last = array->depth > 0 ? COMMA : BLANK;
        if (array->place == WR_JSON_STRING)
            at = skip_string(at, end);
        else
            while (at < end && class_of(*at) <= last)
                at++;
        if (at == end)
            break;
        const byte_class found = class_of(*at);
        if (found == QUOTE)
            array->place = array->place == WR_JSON_STRING ? WR_JSON_VALUE : WR_JSON_STRING;
        else if (found == OPENING)
            array->depth++;
        else if (found == CLOSING && array->depth > 0)
            array->depth--;
        else
            break;
    }
    window->scanned = (size_t)(at - window->text);
}

weir_status wr_json_array_scan(weir_ctx *cx, wr_json_array *array, wr_window *window)
{
    while (window->border <= window->target) {
        if (array->place == WR_JSON_VALUE || array->place == WR_JSON_STRING)
            skip_inside(array, window);
        if (window->scanned == window->len)
            break;
        if (array->place == WR_JSON_STRING || array->place == WR_JSON_ESCAPED)
            WEIR_TRY(pass_string_byte(cx, array, window));
        else
            WEIR_TRY(pass_byte(cx, array, window));
    }
    return WEIR_OK;
}

weir_status wr_json_array_end(weir_ctx *cx, const wr_json_array *array, const wr_window *window)
{
    if (array->place == WR_JSON_BEHIND)
        return WEIR_OK;
    return weir_fail(cx, WEIR_PARSE,
                     "line %lld of '%.*s', byte %lld: the file ends before its array does"
                     "\nhint: the file was cut off: copy it again",
                     (long long)window->line, WR_STR(window->name),
                     (long long)window->offset + (long long)window->scanned);
}
