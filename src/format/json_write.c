/* Writing JSON in the forms of dlt's writer (orjson): texts, parsed values, documents. */
#include "format/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* ---- texts ---- */

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* Does one of eight bytes need an escape? A byte is zero when taking one from it borrows: then its high bit is set and
 * was not before. The borrow may reach bytes above, but only from one that is a hit itself. */
static bool eight_need_escape(const char *s)
{
    uint64_t bytes;
    memcpy(&bytes, s, sizeof(bytes));
    const uint64_t quotes = bytes ^ (EACH_BYTE * '"');
    const uint64_t slashes = bytes ^ (EACH_BYTE * '\\');
    const uint64_t hits = ((bytes - EACH_BYTE * 0x20) & ~bytes) | ((quotes - EACH_BYTE) & ~quotes) |
                          ((slashes - EACH_BYTE) & ~slashes);
    return (hits & HIGH_BITS) != 0;
}

/* Bytes at the start of `s` that stand for themselves. */
static size_t literal_run(weir_str s)
{
    size_t i = 0;
    while (s.len - i >= 8 && !eight_need_escape(s.ptr + i))
        i += 8;
    while (i < s.len && !needs_escape((unsigned char)s.ptr[i]))
        i++;
    return i;
}

static void write_escape(wr_buf *out, unsigned char c)
{
    static const char SHORT[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    const char letter = c < 0x20 ? SHORT[c] : (char)c;
    if (letter)
        wr_buf_append(out, (const char[]){ '\\', letter }, 2);
    else
        wr_buf_printf(out, "\\u%04x", c);
}

/* The usual case: nothing to escape. */
static void quote_literal(wr_buf *out, weir_str text)
{
    char *room = wr_buf_room(out, text.len + 2);
    if (!room)
        return;
    room[0] = '"';
    if (text.len > 0)
        memcpy(room + 1, text.ptr, text.len);
    room[text.len + 1] = '"';
    wr_buf_used(out, text.len + 2);
}

void wr_json_quote(wr_buf *out, weir_str text)
{
    size_t run = literal_run(text);
    if (run == text.len) {
        quote_literal(out, text);
        return;
    }

    wr_buf_char(out, '"');
    while (run < text.len) {
        wr_buf_append(out, text.ptr, run);
        write_escape(out, (unsigned char)text.ptr[run]);
        text.ptr += run + 1;
        text.len -= run + 1;
        run = literal_run(text);
    }
    wr_buf_append(out, text.ptr, run);
    wr_buf_char(out, '"');
}

/* ---- parsed values ---- */

static void write_double(wr_buf *out, double value)
{
    char digits[WR_NUMBER_TEXT];
    wr_buf_append(out, digits, wr_double_json(digits, value));
}

static void write_int(wr_buf *out, int64_t value)
{
    char digits[WR_NUMBER_TEXT];
    wr_buf_append(out, digits, wr_int_text(digits, value));
}

static void write_number(wr_buf *out, const wr_jval *v)
{
    if (wr_jnumber_of(v) == WR_JREAL)
        write_double(out, v->as.f64);
    else if (wr_jnumber_of(v) == WR_JINT || v->as.u64 <= INT64_MAX)
        write_int(out, v->as.i64);
    else
        wr_buf_printf(out, "%" PRIu64, v->as.u64);
}

static void write_array(wr_buf *out, const wr_jval *v)
{
    const wr_jval *element = wr_jfirst(v);
    wr_buf_char(out, '[');
    for (size_t i = 0; i < wr_jlen(v); i++, element = wr_jnext(element)) {
        if (i > 0)
            wr_buf_char(out, ',');
        wr_json_write(out, element);
    }
    wr_buf_char(out, ']');
}

static void write_object(wr_buf *out, const wr_jval *v)
{
    const wr_jval *key = wr_jfirst(v);
    wr_buf_char(out, '{');
    for (size_t i = 0; i < wr_jlen(v); i++) {
        if (i > 0)
            wr_buf_char(out, ',');
        wr_json_quote(out, wr_jtext(key));
        wr_buf_char(out, ':');
        wr_json_write(out, wr_jnext(key));
        key = wr_jnext(wr_jnext(key));
    }
    wr_buf_char(out, '}');
}

/* Recursion is limited by WR_JSON_DEPTH. */
void wr_json_write(wr_buf *out, const wr_jval *value)
{
    switch (wr_jkind_of(value)) {
    case WR_JNONE:
    case WR_JNULL: wr_buf_cstr(out, "null"); break;
    case WR_JBOOL: wr_buf_cstr(out, wr_jbool(value) ? "true" : "false"); break;
    case WR_JRAW: wr_buf_str(out, wr_jtext(value)); break;
    case WR_JNUMBER: write_number(out, value); break;
    case WR_JTEXT: wr_json_quote(out, wr_jtext(value)); break;
    case WR_JARRAY: write_array(out, value); break;
    case WR_JOBJECT: write_object(out, value); break;
    }
}

/* ---- documents ---- */

typedef struct node_writer {
    wr_buf *out;
    wr_json_form form;
    int depth;
} node_writer;

static void write_node(node_writer *w, const wr_node *node);

static void break_line(node_writer *w)
{
    if (w->form == WR_JSON_PRETTY)
        wr_buf_printf(w->out, "\n%*s", w->depth * 2, "");
}

static void write_child(node_writer *w, const wr_node *parent, const wr_node *child)
{
    break_line(w);
    if (parent->kind == WR_NODE_OBJECT) {
        wr_json_quote(w->out, child->key);
        wr_buf_cstr(w->out, w->form == WR_JSON_PRETTY ? ": " : ":");
    }
    write_node(w, child);
}

static int compare_keys(const void *a, const void *b)
{
    const wr_node *const *left = a;
    const wr_node *const *right = b;
    return wr_str_cmp((*left)->key, (*right)->key);
}

static void write_sorted(node_writer *w, const wr_node *object)
{
    const wr_node **members = wr_new_array(object->count, const wr_node *);
    size_t count = 0;
    for (const wr_node *member = object->first; member; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof(const wr_node *), compare_keys);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            wr_buf_char(w->out, ',');
        write_child(w, object, members[i]);
    }
    wr_free(members);
}

static void write_children(node_writer *w, const wr_node *parent)
{
    if (w->form == WR_JSON_SORTED && parent->kind == WR_NODE_OBJECT) {
        write_sorted(w, parent);
        return;
    }
    for (const wr_node *child = parent->first; child; child = child->next) {
        if (child != parent->first)
            wr_buf_char(w->out, ',');
        write_child(w, parent, child);
    }
}

static void write_container(node_writer *w, const wr_node *node)
{
    const bool object = node->kind == WR_NODE_OBJECT;
    wr_buf_char(w->out, object ? '{' : '[');
    if (node->first) {
        w->depth++;
        write_children(w, node);
        w->depth--;
        break_line(w);
    }
    wr_buf_char(w->out, object ? '}' : ']');
}

static void write_node(node_writer *w, const wr_node *node)
{
    switch (node->kind) {
    case WR_NODE_NULL: wr_buf_cstr(w->out, "null"); break;
    case WR_NODE_FALSE: wr_buf_cstr(w->out, "false"); break;
    case WR_NODE_TRUE: wr_buf_cstr(w->out, "true"); break;
    case WR_NODE_NUMBER: wr_buf_str(w->out, node->text); break;
    case WR_NODE_TEXT: wr_json_quote(w->out, node->text); break;
    case WR_NODE_ARRAY:
    case WR_NODE_OBJECT: write_container(w, node); break;
    }
}

void wr_node_write(wr_buf *out, const wr_node *node, wr_json_form form)
{
    node_writer w = { .out = out, .form = form };
    write_node(&w, node);
}
