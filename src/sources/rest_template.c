/* Expands placeholders. */
#include "sources/rest_template.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"

/* ---- values as Python shows them ---- */

static void put_text_repr(wr_buf *out, weir_str text)
{
    const bool apostrophe = text.len && memchr(text.ptr, '\'', text.len);
    const char quote = apostrophe && !memchr(text.ptr, '"', text.len) ? '"' : '\'';
    wr_buf_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == quote || c == '\\')
            wr_buf_printf(out, "\\%c", c);
        else if (c == '\n')
            wr_buf_cstr(out, "\\n");
        else if (c == '\r')
            wr_buf_cstr(out, "\\r");
        else if (c == '\t')
            wr_buf_cstr(out, "\\t");
        else if ((unsigned char)c < ' ')
            wr_buf_printf(out, "\\x%02x", (unsigned)c);
        else
            wr_buf_char(out, c);
    }
    wr_buf_char(out, quote);
}

/* Python reads what has a point or an exponent as a double. */
static void put_number(wr_buf *out, weir_str text)
{
    double value;
    char digits[WR_NUMBER_TEXT];
    bool is_int = true;
    for (size_t i = 0; i < text.len; i++)
        is_int = is_int && !strchr(".eE", text.ptr[i]);
    if (is_int || !wr_double_parse(text, &value))
        wr_buf_str(out, text);
    else
        wr_buf_append(out, digits, wr_double_repr(digits, value));
}

void wr_rest_put_repr(wr_buf *out, const wr_node *value)
{
    const bool is_object = value->kind == WR_NODE_OBJECT;
    switch (value->kind) {
    case WR_NODE_NULL: wr_buf_cstr(out, "None"); return;
    case WR_NODE_TRUE: wr_buf_cstr(out, "True"); return;
    case WR_NODE_FALSE: wr_buf_cstr(out, "False"); return;
    case WR_NODE_NUMBER: put_number(out, value->text); return;
    case WR_NODE_TEXT: put_text_repr(out, value->text); return;
    case WR_NODE_ARRAY:
    case WR_NODE_OBJECT: break;
    }
    wr_buf_char(out, is_object ? '{' : '[');
    for (const wr_node *child = value->first; child; child = child->next) {
        if (child != value->first)
            wr_buf_cstr(out, ", ");
        if (is_object) {
            put_text_repr(out, child->key);
            wr_buf_cstr(out, ": ");
        }
        wr_rest_put_repr(out, child);
    }
    wr_buf_char(out, is_object ? '}' : ']');
}

void wr_rest_put_text(wr_buf *out, const wr_node *value)
{
    if (value->kind == WR_NODE_TEXT)
        wr_buf_str(out, value->text);
    else
        wr_rest_put_repr(out, value);
}

/* ---- reading ---- */

static weir_status lone_brace(weir_ctx *cx, char brace)
{
    return weir_fail(cx, WEIR_CONFIG,
                     "a single '%c' in a text with placeholders\n"
                     "hint: braces that stand for themselves are doubled: {{ }}",
                     brace);
}

static void read_field(weir_str text, wr_rest_field *ret)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] != '!' && text.ptr[end] != ':')
        end++;
    *ret = (wr_rest_field){ .name = { text.ptr, end }, .plain = end == text.len };
    if (end < text.len && text.ptr[end] == '!') {
        const size_t begin = ++end;
        while (end < text.len && text.ptr[end] != ':')
            end++;
        ret->conversion = (weir_str){ text.ptr + begin, end - begin };
    }
    if (end < text.len)
        ret->spec = (weir_str){ text.ptr + end + 1, text.len - end - 1 };
}

weir_status wr_rest_template_next(weir_ctx *cx, weir_str *rest, wr_buf *literal, wr_rest_field *ret,
                                  bool *ret_found)
{
    size_t at = 0;
    *ret_found = false;
    for (; at < rest->len; at++) {
        const char c = rest->ptr[at];
        if (c != '{' && c != '}') {
            wr_buf_char(literal, c);
            continue;
        }
        if (at + 1 < rest->len && rest->ptr[at + 1] == c) {
            wr_buf_char(literal, c);
            at++;
            continue;
        }
        const char *end = c == '{' ? memchr(rest->ptr + at, '}', rest->len - at) : NULL;
        if (!end)
            return lone_brace(cx, c);
        const char *begin = rest->ptr + at + 1;
        read_field((weir_str){ begin, (size_t)(end - begin) }, ret);
        at = (size_t)(end - rest->ptr) + 1;
        *ret_found = true;
        break;
    }
    rest->ptr += at;
    rest->len -= at;
    return WEIR_OK;
}

typedef weir_status (*visit_name)(weir_ctx *cx, void *self, weir_str name);

static weir_status each_in_text(weir_ctx *cx, weir_str text, visit_name visit, void *self)
{
    wr_auto(buf) wr_buf literal = wr_buf_max(WR_REST_TEXT_MAX);
    for (;;) {
        wr_rest_field field;
        bool found = false;
        WEIR_TRY(wr_rest_template_next(cx, &text, &literal, &field, &found));
        if (!found)
            return WEIR_OK;
        WEIR_TRY(visit(cx, self, field.name));
        wr_buf_clear(&literal);
    }
}

weir_status wr_rest_template_each(weir_ctx *cx, const wr_node *template,
                                  weir_status (*visit)(weir_ctx *cx, void *self, weir_str name),
                                  void *self)
{
    if (!template)
        return WEIR_OK;
    if (template->kind == WR_NODE_TEXT)
        return each_in_text(cx, template->text, visit, self);
    for (const wr_node *child = template->first; child; child = child->next) {
        if (template->kind == WR_NODE_OBJECT)
            WEIR_TRY(each_in_text(cx, child->key, visit, self));
        WEIR_TRY(wr_rest_template_each(cx, child, visit, self));
    }
    return WEIR_OK;
}

/* ---- expanding ---- */

static const wr_node *look_up(const wr_node *values, weir_str name)
{
    const wr_node *found = wr_node_get_str(values, name);
    weir_str part;
    if (found)
        return found;
    for (found = values; found && wr_str_split(&name, '.', &part);)
        found = wr_node_get_str(found, part);
    return found;
}

static weir_status find_value(weir_ctx *cx, const wr_node *values, weir_str name,
                              const wr_node **ret)
{
    *ret = look_up(values, name);
    return *ret ? WEIR_OK
                : weir_fail(cx, WEIR_CONFIG, "there is no value for the placeholder '%.*s'",
                            WR_STR(name));
}

/* What a format specification says, of Python's: [[fill]align][0][width]. */
typedef struct format_spec {
    char fill;
    char align; /* '<' '>' '^' '=' */
    int64_t width;
} format_spec;

static weir_status read_spec(weir_ctx *cx, weir_str text, bool is_number, format_spec *ret)
{
    weir_str rest = text;
    *ret = (format_spec){ ' ', is_number ? '>' : '<', 0 };
    if (rest.len >= 2 && memchr("<>^=", rest.ptr[1], 4)) {
        ret->fill = rest.ptr[0];
        ret->align = rest.ptr[1];
        rest = (weir_str){ rest.ptr + 2, rest.len - 2 };
    } else if (rest.len >= 1 && memchr("<>^=", rest.ptr[0], 4)) {
        ret->align = rest.ptr[0];
        rest = (weir_str){ rest.ptr + 1, rest.len - 1 };
    }
    if (rest.len > 0 && rest.ptr[0] == '0') {
        ret->fill = '0';
        ret->align = is_number ? '=' : ret->align;
    }
    if (rest.len > 0 && memchr("ds", rest.ptr[rest.len - 1], 2))
        rest.len--;
    if (rest.len == 0)
        return WEIR_OK;
    if (rest.ptr[0] >= '0' && rest.ptr[0] <= '9' && wr_int_parse(rest, &ret->width) &&
        ret->width <= 4096)
        return WEIR_OK;
    return weir_fail(cx, WEIR_UNSUPPORTED,
                     "the format ':%.*s' of a placeholder is not known\n"
                     "hint: fill, alignment and width are, as in {id:05d} or {id:>8}",
                     WR_STR(text));
}

static void put_padded(wr_buf *out, weir_str text, const format_spec *spec)
{
    const int64_t len = (int64_t)wr_utf8_len(text);
    const int64_t room = spec->width > len ? spec->width - len : 0;
    int64_t before = spec->align == '<' ? 0 : room;
    if (spec->align == '^')
        before = room / 2;
    if (spec->align == '=' && text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        wr_buf_char(out, text.ptr[0]);
        text = (weir_str){ text.ptr + 1, text.len - 1 };
    }
    for (int64_t i = 0; i < before; i++)
        wr_buf_char(out, spec->fill);
    wr_buf_str(out, text);
    for (int64_t i = before; i < room; i++)
        wr_buf_char(out, spec->fill);
}

static weir_status put_field(weir_ctx *cx, wr_buf *out, const wr_rest_field *field,
                             const wr_node *value)
{
    if (field->plain) {
        wr_rest_put_text(out, value);
        return WEIR_OK;
    }
    wr_auto(buf) wr_buf text = wr_buf_max(WR_REST_TEXT_MAX);
    if (field->conversion.len > 0 && !wr_str_eq(field->conversion, wr_lit("s")))
        wr_rest_put_repr(&text, value);
    else
        wr_rest_put_text(&text, value);
    format_spec spec;
    WEIR_TRY(
        read_spec(cx, field->spec, value->kind == WR_NODE_NUMBER && !field->conversion.len, &spec));
    put_padded(out, wr_buf_view(&text), &spec);
    return WEIR_OK;
}

weir_status wr_rest_expand_text(weir_ctx *cx, wr_arena *arena, weir_str template,
                                const wr_node *values, weir_str *ret)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_REST_TEXT_MAX);
    for (;;) {
        wr_rest_field field;
        const wr_node *value = NULL;
        bool found = false;
        WEIR_TRY(wr_rest_template_next(cx, &template, &out, &field, &found));
        if (!found)
            break;
        WEIR_TRY(find_value(cx, values, field.name, &value));
        WEIR_TRY(put_field(cx, &out, &field, value));
    }
    WEIR_TRY(wr_buf_check(cx, &out, "a text with placeholders"));
    *ret = wr_arena_str(arena, wr_buf_view(&out));
    return WEIR_OK;
}

/* The name of the only placeholder of a text that has nothing else; empty: it is not such a text. */
static weir_str only_name(weir_str text)
{
    const weir_str inner = { text.ptr + 1, text.len > 2 ? text.len - 2 : 0 };
    if (inner.len == 0 || text.ptr[0] != '{' || text.ptr[text.len - 1] != '}')
        return (weir_str){ 0 };
    for (size_t i = 0; i < inner.len; i++)
        if (strchr("{}!:", inner.ptr[i]))
            return (weir_str){ 0 };
    return inner;
}

static weir_status expand_leaf(weir_ctx *cx, wr_arena *arena, weir_str text, const wr_node *values,
                               wr_node **ret)
{
    weir_str expanded;
    WEIR_TRY(wr_rest_expand_text(cx, arena, text, values, &expanded));
    *ret = wr_node_text(arena, expanded);
    return WEIR_OK;
}

weir_status wr_rest_expand(weir_ctx *cx, wr_arena *arena, const wr_node *template,
                           const wr_node *values, bool keep_type, wr_node **ret)
{
    if (template->kind == WR_NODE_TEXT) {
        const weir_str name = only_name(template->text);
        if (!keep_type || name.len == 0)
            return expand_leaf(cx, arena, template->text, values, ret);
        const wr_node *value = NULL;
        WEIR_TRY(find_value(cx, values, name, &value));
        *ret = wr_node_copy(arena, value);
        return WEIR_OK;
    }
    if (template->kind != WR_NODE_OBJECT && template->kind != WR_NODE_ARRAY) {
        *ret = wr_node_copy(arena, template);
        return WEIR_OK;
    }
    wr_node *filled = wr_node_new(arena, template->kind);
    for (const wr_node *child = template->first; child; child = child->next) {
        wr_node *value = NULL;
        weir_str key = { 0 };
        WEIR_TRY(wr_rest_expand(cx, arena, child, values, keep_type, &value));
        if (template->kind == WR_NODE_ARRAY) {
            wr_node_append(filled, value);
            continue;
        }
        WEIR_TRY(wr_rest_expand_text(cx, arena, child->key, values, &key));
        wr_node_set(arena, filled, key, value);
    }
    *ret = filled;
    return WEIR_OK;
}
