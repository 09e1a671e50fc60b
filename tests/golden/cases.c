/* Reads golden vectors and counts what came of them. */
#include "cases.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/coerce.h"
#include "schema/text.h"

#define TEXT_MAX ((size_t)1 << 20)

/* The file, or NULL. */
static wr_node *read_root(golden *g)
{
    weir_str text;
    bool found;
    wr_node *root;
    if (wr_file_read(&g->cx, &g->arena, AT_FDCWD, test_vectors_path(g->file), &text, &found) ||
        !found || wr_node_parse(&g->cx, &g->arena, text, &root))
        return NULL;
    return root;
}

void golden_open(golden *g, const char *file, const golden_rule *rules)
{
    *g = (golden){ .file = file, .rules = rules };
    wr_ctx_init(&g->cx, NULL);
    g->root = read_root(g);
    g->cases = g->root && g->root->kind == WR_NODE_ARRAY ? g->root : wr_node_get(g->root, "cases");
    if (!g->cases)
        test_fail(TEST_HERE, "cannot read '%s': %s", file, weir_error_message(&g->cx));
}

void golden_pass(golden *g)
{
    g->ran++;
}

void golden_decide(golden *g, size_t rule)
{
    g->ran++;
    g->decided[rule]++;
}

void golden_fail(golden *g, const wr_node *test, const char *format, ...)
{
    wr_auto(buf) wr_buf line = wr_buf_max(TEXT_MAX);
    wr_node_write(&line, test, WR_JSON_COMPACT);
    wr_buf_cstr(&line, ": ");
    va_list args;
    va_start(args, format);
    wr_buf_vprintf(&line, format, args);
    va_end(args);
    test_note("%s", wr_buf_text(&line));
    g->ran++;
    g->failed++;
}

void golden_check(golden *g, const wr_node *test, bool passed, weir_str actual)
{
    if (passed)
        golden_pass(g);
    else
        golden_fail(g, test, "gave '%.*s'", WR_STR(actual));
}

void golden_close(golden *g)
{
    for (size_t i = 0; i < GOLDEN_RULES_MAX; i++) {
        if (g->decided[i] > 0)
            test_note("%s: %d cases decided otherwise: %s, %s", g->file, g->decided[i],
                      g->rules[i].name, g->rules[i].why);
    }
    test_cases(g->file, g->ran, g->failed);
    wr_arena_done(&g->arena);
    wr_ctx_done(&g->cx);
}

/* ---- typed values ---- */

weir_str golden_type(const wr_node *node)
{
    return wr_node_get_text(node, "$t");
}

static bool is_integer(weir_str number)
{
    return !memchr(number.ptr, '.', number.len) && !memchr(number.ptr, 'e', number.len);
}

static bool number_value(weir_str text, weir_value *ret)
{
    if (!is_integer(text)) {
        *ret = weir_float(0);
        return wr_double_parse(text, &ret->as.f);
    }
    int64_t i;
    *ret = wr_int_parse(text, &i) ? weir_int(i) : weir_text_of(WEIR_DECIMAL, text);
    return true;
}

static bool float_value(weir_str text, weir_value *ret)
{
    const weir_column column = { .type = WEIR_TYPE_DOUBLE };
    return wr_coerce(&column, weir_text(text), NULL, ret);
}

static bool time_value(weir_str text, weir_kind kind, weir_value *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    if (kind == WEIR_TIMESTAMP)
        *ret = weir_timestamp(iso.us);
    else if (kind == WEIR_DATE)
        *ret = weir_date(iso.us / (INT64_C(86400) * 1000000));
    else
        *ret = weir_time_of_day(iso.us - iso.zone_seconds * INT64_C(1000000));
    return iso.kind != WR_ISO_NONE;
}

static bool bytes_value(wr_arena *arena, weir_str text, bool hex, weir_value *ret)
{
    wr_auto(buf) wr_buf made = wr_buf_max(TEXT_MAX);
    if (hex) {
        if (!wr_hex_decode((weir_str){ text.ptr + 2, text.len - 2 }, &made))
            return false;
    } else {
        size_t len;
        char *room = wr_buf_room(&made, text.len + 1);
        if (!wr_base64_decode((uint8_t *)room, &len, text))
            return false;
        wr_buf_used(&made, len);
    }
    *ret = weir_text_of(WEIR_BYTES, wr_arena_str(arena, wr_buf_view(&made)));
    return true;
}

static void write_json(wr_buf *out, wr_arena *arena, const wr_node *node, bool marked);

static void write_key(wr_buf *out, const wr_node *key)
{
    if (key->kind == WR_NODE_TEXT)
        wr_json_quote(out, key->text);
    else
        wr_buf_printf(out, "\"%.*s\"",
                      WR_STR(key->kind == WR_NODE_NULL ? wr_lit("null") : key->text));
}

/* A list of pairs as an object. */
static void write_dict(wr_buf *out, wr_arena *arena, const wr_node *pairs, bool marked)
{
    wr_buf_char(out, '{');
    for (const wr_node *pair = pairs->first; pair; pair = pair->next) {
        if (pair != pairs->first)
            wr_buf_char(out, ',');
        write_key(out, pair->first);
        wr_buf_char(out, ':');
        write_json(out, arena, pair->first->next, marked);
    }
    wr_buf_char(out, '}');
}

static void write_container(wr_buf *out, wr_arena *arena, const wr_node *node, bool marked)
{
    const bool object = node->kind == WR_NODE_OBJECT;
    wr_buf_char(out, object ? '{' : '[');
    for (const wr_node *child = node->first; child; child = child->next) {
        if (child != node->first)
            wr_buf_char(out, ',');
        if (object) {
            wr_json_quote(out, child->key);
            wr_buf_char(out, ':');
        }
        write_json(out, arena, child, marked);
    }
    wr_buf_char(out, object ? '}' : ']');
}

static void write_typed(wr_buf *out, wr_arena *arena, const wr_node *node, bool marked)
{
    const weir_str type = golden_type(node);
    const wr_node *content = wr_node_get(node, "v");
    weir_value value;
    if (wr_str_eq(type, wr_lit("dict")))
        write_dict(out, arena, content, marked);
    else if (wr_str_eq(type, wr_lit("tuple")))
        write_container(out, arena, content, marked);
    else if (wr_str_eq(type, wr_lit("int")))
        wr_buf_str(out, content->text);
    else if (!marked && content->kind == WR_NODE_TEXT && !wr_str_eq(type, wr_lit("float")))
        wr_json_quote(out, content->text);
    else if (golden_value(arena, node, &value))
        wr_typed_encode(out, value);
}

static void write_json(wr_buf *out, wr_arena *arena, const wr_node *node, bool marked)
{
    if (golden_type(node).len > 0)
        write_typed(out, arena, node, marked);
    else if (node->kind == WR_NODE_OBJECT || node->kind == WR_NODE_ARRAY)
        write_container(out, arena, node, marked);
    else
        wr_node_write(out, node, WR_JSON_COMPACT);
}

static weir_str json_of(wr_arena *arena, const wr_node *node, bool marked)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    write_json(&out, arena, node, marked);
    return wr_arena_str(arena, wr_buf_view(&out));
}

weir_str golden_json(wr_arena *arena, const wr_node *node)
{
    return json_of(arena, node, false);
}

/* ---- marked texts ---- */

static const struct {
    const char *type;
    const char *mark;
} MARKS[] = {
    { "decimal", "\uf026" },  { "datetime", "\uf027" }, { "date", "\uf028" }, { "uuid", "\uf029" },
    { "hexbytes", "\uf02a" }, { "bytes", "\uf02b" },    { "wei", "\uf02c" },  { "time", "\uf02d" },
};

/* Put marked texts in the place of typed values. */
static void mark_values(wr_arena *arena, wr_node *node)
{
    const weir_str type = golden_type(node);
    wr_node *content = wr_node_get(node, "v");
    for (wr_node *child = node->first; child && type.len == 0; child = child->next)
        mark_values(arena, child);
    if (type.len == 0)
        return;

    for (size_t i = 0; i < sizeof(MARKS) / sizeof(MARKS[0]); i++) {
        if (!wr_str_eq(type, weir_str_of(MARKS[i].type)))
            continue;
        const weir_str text =
            wr_arena_printf(arena, "%s%.*s", MARKS[i].mark, WR_STR(content->text));
        wr_node_replace(node, wr_node_text(arena, text));
        return;
    }
    if (content->kind == WR_NODE_ARRAY)
        mark_values(arena, content);
    else
        content->kind = WR_NODE_NUMBER; /* the text of an integer or a double */
    wr_node_replace(node, content);
}

weir_str golden_marked(wr_arena *arena, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_node *copy = wr_node_copy(arena, node);
    mark_values(arena, copy);
    wr_node_write(&out, copy, WR_JSON_COMPACT);
    return wr_arena_str(arena, wr_buf_view(&out));
}

typedef enum shape {
    IS_NUMBER,
    IS_FLOAT,
    IS_TEXT,
    IS_TIME,
    IS_BASE64,
    IS_HEX,
    IS_ENUM,
    IS_JSON
} shape;

static const struct {
    const char *type;
    shape shape;
    weir_kind kind;
} typed[] = {
    { "int", IS_NUMBER, WEIR_INT },       { "float", IS_FLOAT, WEIR_FLOAT },
    { "decimal", IS_TEXT, WEIR_DECIMAL }, { "wei", IS_TEXT, WEIR_DECIMAL },
    { "uuid", IS_TEXT, WEIR_TEXT },       { "datetime", IS_TIME, WEIR_TIMESTAMP },
    { "date", IS_TIME, WEIR_DATE },       { "time", IS_TIME, WEIR_TIME },
    { "bytes", IS_BASE64, WEIR_BYTES },   { "hexbytes", IS_HEX, WEIR_BYTES },
    { "enum", IS_ENUM, WEIR_TEXT },       { "tuple", IS_JSON, WEIR_JSON },
    { "dict", IS_JSON, WEIR_JSON },
};

static bool typed_value(wr_arena *arena, const wr_node *node, weir_value *ret)
{
    const weir_str type = golden_type(node);
    const wr_node *content = wr_node_get(node, "v");
    size_t i = 0;
    while (i < sizeof(typed) / sizeof(typed[0]) && !wr_str_eq(type, weir_str_of(typed[i].type)))
        i++;
    if (i == sizeof(typed) / sizeof(typed[0]))
        return false;

    switch (typed[i].shape) {
    case IS_NUMBER: return number_value(content->text, ret);
    case IS_FLOAT: return float_value(content->text, ret);
    case IS_TEXT: *ret = weir_text_of(typed[i].kind, content->text); return true;
    case IS_TIME: return time_value(content->text, typed[i].kind, ret);
    case IS_BASE64: return bytes_value(arena, content->text, false, ret);
    case IS_HEX: return bytes_value(arena, content->text, true, ret);
    case IS_ENUM: return golden_value(arena, content, ret);
    case IS_JSON: break;
    }
    *ret = weir_json_text(json_of(arena, node, true));
    return true;
}

bool golden_value(wr_arena *arena, const wr_node *node, weir_value *ret)
{
    if (golden_type(node).len > 0)
        return typed_value(arena, node, ret);
    switch (node->kind) {
    case WR_NODE_NULL: *ret = weir_null(); return true;
    case WR_NODE_FALSE:
    case WR_NODE_TRUE: *ret = weir_bool(node->kind == WR_NODE_TRUE); return true;
    case WR_NODE_NUMBER: return number_value(node->text, ret);
    case WR_NODE_TEXT: *ret = weir_text(node->text); return true;
    case WR_NODE_ARRAY:
    case WR_NODE_OBJECT: break;
    }
    *ret = weir_json_text(json_of(arena, node, true));
    return true;
}

bool golden_same(weir_value a, weir_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case WEIR_ABSENT:
    case WEIR_PARSED: /* vectors have text */
    case WEIR_NULL: return true;
    case WEIR_BOOL: return a.as.b == b.as.b;
    case WEIR_FLOAT:
        return memcmp(&a.as.f, &b.as.f, sizeof(a.as.f)) == 0 ||
               (a.as.f != a.as.f && b.as.f != b.as.f);
    case WEIR_TEXT:
    case WEIR_DECIMAL:
    case WEIR_BYTES:
    case WEIR_JSON: return wr_str_eq(a.as.s, b.as.s);
    case WEIR_INT:
    case WEIR_TIMESTAMP:
    case WEIR_DATE:
    case WEIR_TIME: break;
    }
    return a.as.i == b.as.i;
}

weir_str golden_show(wr_arena *arena, weir_value value)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_typed_encode(&out, value);
    return wr_arena_str(arena, wr_buf_view(&out));
}
