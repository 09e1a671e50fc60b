/* Writing YAML byte for byte as PyYAML does. libyaml's own emitter is not used: it escapes what lies beyond U+FFFF. */
#include "format/yaml_parts.h"

#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

/* A space behind this column becomes a line end. */
#define WIDTH 80
#define INDENT 2
/* Longest key, in characters, that stands on the line of its value; PyYAML counts the tag "!!str" in. */
#define KEY_MAX 122
/* Behind the last character. */
#define END UINT32_MAX

typedef struct writer {
    wr_buf *out;
    int indent; /* of the present level; -1 above the document */
    int column;
    bool after_space;      /* nothing needs a space in front */
    bool in_indentation;   /* only spaces and indicators are on the line so far */
    wr_vec(uint32_t) text; /* of the scalar that is written */
} writer;

/* How a text can be written. */
typedef struct analysis {
    bool multiline;
    bool plain;
    bool single;
} analysis;

static void write_node(writer *w, const wr_node *node, bool in_object);

/* ---- characters ---- */

static bool is_break(uint32_t c)
{
    return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_blank_or_end(uint32_t c)
{
    return c == END || c == 0 || c == ' ' || c == '\t' || c == '\r' || is_break(c);
}

static bool is_one_of(uint32_t c, const char *set)
{
    return c != 0 && c < 0x80 && strchr(set, (int)c);
}

static bool is_unicode(uint32_t c)
{
    return (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

/* Needs double quotes wherever it stands. */
static bool is_special(uint32_t c)
{
    if (c == '\n' || c == 0x85 || (c >= ' ' && c <= '~'))
        return false;
    return !is_unicode(c) && !(c >= 0x10000 && c < 0x10FFFF);
}

static uint32_t at(const writer *w, size_t i)
{
    return i < w->text.len ? w->text.ptr[i] : END;
}

/* ---- output ---- */

static void put(writer *w, uint32_t c)
{
    char bytes[4];
    wr_buf_append(w->out, bytes, wr_utf8_put(bytes, c));
    w->column++;
}

static void put_range(writer *w, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        put(w, w->text.ptr[i]);
}

static void put_ascii(writer *w, const char *text)
{
    wr_buf_cstr(w->out, text);
    w->column += (int)strlen(text);
}

static void break_line(writer *w, uint32_t line_end)
{
    put(w, line_end);
    w->column = 0;
    w->after_space = true;
    w->in_indentation = true;
}

/* Go to the indentation, on a new line unless the present one is empty so far. */
static void write_indent(writer *w)
{
    const int indent = w->indent > 0 ? w->indent : 0;
    if (!w->in_indentation || w->column > indent || (w->column == indent && !w->after_space))
        break_line(w, '\n');
    if (w->column >= indent)
        return;
    w->after_space = true;
    wr_buf_printf(w->out, "%*s", indent - w->column, "");
    w->column = indent;
}

static void write_indicator(writer *w, const char *indicator, bool needs_space)
{
    if (needs_space && !w->after_space)
        put(w, ' ');
    put_ascii(w, indicator);
    w->after_space = false;
    w->in_indentation = false;
}

/* One behind which content may begin on the same line: "-", "?". */
static void write_block_indicator(writer *w, const char *indicator)
{
    const bool in_indentation = w->in_indentation;
    write_indicator(w, indicator, true);
    w->in_indentation = in_indentation;
}

/* ---- texts: which style ---- */

static bool is_indicator(const writer *w, size_t i)
{
    const uint32_t c = at(w, i);
    const bool blank_follows = is_blank_or_end(at(w, i + 1));
    if (i == 0)
        return is_one_of(c, "#,[]{}&*!|>'\"%@`") || (is_one_of(c, "?:-") && blank_follows);
    return (c == ':' && blank_follows) || (c == '#' && is_blank_or_end(at(w, i - 1)));
}

static bool begins_like_document(const writer *w)
{
    const uint32_t c = at(w, 0);
    return (c == '-' || c == '.') && at(w, 1) == c && at(w, 2) == c;
}

static analysis analyze(const writer *w)
{
    const size_t len = w->text.len;
    analysis ret = { .plain = !begins_like_document(w), .single = true };
    for (size_t i = 0; i < len; i++) {
        const uint32_t c = at(w, i);
        const bool at_edge = i == 0 || i == len - 1;
        if (is_break(c))
            ret.multiline = true;
        if (is_indicator(w, i) || is_break(c) || (c == ' ' && at_edge))
            ret.plain = false;
        /* Spaces around a line end would be lost in single quotes. */
        if (is_special(c) || (c == ' ' && i > 0 && is_break(at(w, i - 1))) ||
            (is_break(c) && i > 0 && at(w, i - 1) == ' '))
            ret.plain = ret.single = false;
    }
    return ret;
}

/* ---- texts: styles; `split`: lines may be folded ---- */

/* From `start` to where the kind of characters changes. */
static size_t run_end(const writer *w, size_t start, bool (*is_kind)(uint32_t c))
{
    size_t end = start;
    while (end < w->text.len && is_kind(at(w, end)))
        end++;
    return end;
}

static bool is_space(uint32_t c)
{
    return c == ' ';
}

/* Spaces, of which one alone may become a line end. */
static size_t write_spaces(writer *w, size_t start, bool split)
{
    const size_t end = run_end(w, start, is_space);
    const bool inside = start > 0 && end < w->text.len;
    if (split && inside && end - start == 1 && w->column > WIDTH)
        write_indent(w);
    else
        put_range(w, start, end);
    return end;
}

static void write_plain(writer *w, bool split)
{
    if (!w->after_space && w->text.len > 0)
        put(w, ' ');
    w->after_space = false;
    w->in_indentation = false;
    for (size_t i = 0; i < w->text.len;) {
        if (at(w, i) == ' ') {
            i = write_spaces(w, i, split);
            w->after_space = false;
            w->in_indentation = false;
        } else {
            put(w, at(w, i++));
        }
    }
}

/* A line end inside of quotes is an empty line: one alone would be read as a space. */
static size_t write_breaks(writer *w, size_t start)
{
    const size_t end = run_end(w, start, is_break);
    if (at(w, start) == '\n')
        break_line(w, '\n');
    for (size_t i = start; i < end; i++)
        break_line(w, at(w, i));
    write_indent(w);
    return end;
}

static void write_single(writer *w, bool split)
{
    write_indicator(w, "'", true);
    for (size_t i = 0; i < w->text.len;) {
        const uint32_t c = at(w, i);
        if (c == ' ')
            i = write_spaces(w, i, split);
        else if (is_break(c))
            i = write_breaks(w, i);
        else {
            if (c == '\'')
                put(w, c);
            put(w, c);
            i++;
        }
    }
    write_indicator(w, "'", false);
}

static void write_escape(writer *w, uint32_t c)
{
    static const struct {
        uint32_t c;
        char letter;
    } SHORT[] = {
        { 0, '0' },     { 7, 'a' },    { 8, 'b' },    { 9, 't' },      { 10, 'n' },
        { 11, 'v' },    { 12, 'f' },   { 13, 'r' },   { 0x1B, 'e' },   { '"', '"' },
        { '\\', '\\' }, { 0x85, 'N' }, { 0xA0, '_' }, { 0x2028, 'L' }, { 0x2029, 'P' },
    };
    char text[12];
    for (size_t i = 0; i < sizeof(SHORT) / sizeof(*SHORT); i++) {
        if (SHORT[i].c == c) {
            put_ascii(w, (const char[]){ '\\', SHORT[i].letter, '\0' });
            return;
        }
    }
    const char *const form = c <= 0xFF ? "\\x%02X" : c <= 0xFFFF ? "\\u%04X" : "\\U%08X";
    snprintf(text, sizeof(text), form, (unsigned)c);
    put_ascii(w, text);
}

static bool needs_escape(uint32_t c)
{
    return c == END || c == '"' || c == '\\' || c == 0x85 || c == 0x2028 || c == 0x2029 ||
           !((c >= ' ' && c <= '~') || is_unicode(c));
}

/* A folded line ends in a backslash; one in front keeps the space that the next one begins with. */
static size_t fold_double(writer *w, size_t start, size_t end)
{
    put_range(w, start, end);
    put(w, '\\');
    write_indent(w);
    w->after_space = false;
    w->in_indentation = false;
    if (start < end)
        start = end;
    if (at(w, start) == ' ')
        put(w, '\\');
    return start;
}

/* `start`: what is not written yet. */
static void write_double(writer *w, bool split)
{
    write_indicator(w, "\"", true);
    size_t start = 0;
    for (size_t end = 0; end <= w->text.len; end++) {
        const uint32_t c = at(w, end);
        if (needs_escape(c)) {
            put_range(w, start, end);
            start = end;
            if (c != END) {
                write_escape(w, c);
                start = end + 1;
            }
        }
        const bool inside = end > 0 && end + 1 < w->text.len;
        const bool here = c == ' ' || start >= end;
        const size_t column =
            (size_t)w->column + (end > start ? end - start : 0) - (start > end ? start - end : 0);
        if (split && inside && here && column > WIDTH)
            start = fold_double(w, start, end);
    }
    write_indicator(w, "\"", false);
}

/* ---- nodes ---- */

static void load_text(writer *w, weir_str text)
{
    w->text.len = 0;
    for (size_t i = 0; i < text.len;)
        *wr_vec_push(&w->text) = wr_utf8_next(text, &i);
}

static void write_text(writer *w, weir_str text, bool is_key)
{
    load_text(w, text);
    const analysis a = analyze(w);
    const bool split = !is_key;
    w->indent += INDENT;
    if (a.plain && wr_yaml_type_of(text) == WR_YAML_TEXT)
        write_plain(w, split);
    else if (a.single && (split || !a.multiline))
        write_single(w, split);
    else
        write_double(w, split);
    w->indent -= INDENT;
}

/* What needs no quotes. */
static void write_word(writer *w, weir_str word)
{
    load_text(w, word);
    write_plain(w, false);
}

static void write_number(writer *w, weir_str text)
{
    double value;
    const bool real = memchr(text.ptr, '.', text.len) || memchr(text.ptr, 'e', text.len) ||
                      memchr(text.ptr, 'E', text.len);
    if (!real || !wr_double_parse(text, &value)) {
        write_word(w, text);
        return;
    }
    /* PyYAML wants a point in front of an exponent: "1.0e+16". */
    char digits[WR_NUMBER_TEXT + 2];
    const size_t len = wr_double_repr(digits, value);
    char *exponent = memchr(digits, 'e', len);
    const bool insert = exponent && !memchr(digits, '.', len);
    const size_t front = insert ? (size_t)(exponent - digits) : len;
    wr_auto(buf) wr_buf out = wr_buf_max(sizeof(digits) + 2);
    wr_buf_append(&out, digits, front);
    if (insert)
        wr_buf_cstr(&out, ".0");
    wr_buf_append(&out, digits + front, len - front);
    write_word(w, wr_buf_view(&out));
}

/* Does a key stand on the line of its value? */
static bool is_simple_key(writer *w, weir_str key)
{
    load_text(w, key);
    return w->text.len > 0 && w->text.len <= KEY_MAX && !analyze(w).multiline;
}

static void write_key(writer *w, weir_str key)
{
    write_indent(w);
    if (is_simple_key(w, key)) {
        write_text(w, key, true);
        write_indicator(w, ":", false);
        return;
    }
    write_block_indicator(w, "?");
    write_text(w, key, false);
    write_indent(w);
    write_block_indicator(w, ":");
}

static void write_object(writer *w, const wr_node *object)
{
    const int indent = w->indent;
    w->indent = indent < 0 ? 0 : indent + INDENT;
    for (const wr_node *member = object->first; member; member = member->next) {
        write_key(w, member->key);
        write_node(w, member, true);
    }
    w->indent = indent;
}

/* The dashes of a list stand under its key. */
static void write_array(writer *w, const wr_node *array, bool in_object)
{
    const int indent = w->indent;
    if (indent < 0)
        w->indent = 0;
    else if (!in_object || w->in_indentation)
        w->indent += INDENT;
    for (const wr_node *element = array->first; element; element = element->next) {
        write_indent(w);
        write_block_indicator(w, "-");
        write_node(w, element, false);
    }
    w->indent = indent;
}

/* Recursion is limited by WR_NODE_DEPTH. */
static void write_node(writer *w, const wr_node *node, bool in_object)
{
    switch (node->kind) {
    case WR_NODE_NULL: write_word(w, wr_lit("null")); break;
    case WR_NODE_FALSE: write_word(w, wr_lit("false")); break;
    case WR_NODE_TRUE: write_word(w, wr_lit("true")); break;
    case WR_NODE_NUMBER: write_number(w, node->text); break;
    case WR_NODE_TEXT: write_text(w, node->text, false); break;
    case WR_NODE_ARRAY:
        if (node->first)
            write_array(w, node, in_object);
        else
            write_indicator(w, "[]", true);
        break;
    case WR_NODE_OBJECT:
        if (node->first)
            write_object(w, node);
        else
            write_indicator(w, "{}", true);
        break;
    }
}

void wr_yaml_write(wr_buf *out, const wr_node *node)
{
    writer w = { .out = out, .indent = -1, .after_space = true, .in_indentation = true };
    write_node(&w, node, false);
    w.indent = -1;
    write_indent(&w);
    wr_vec_done(&w.text);
}
