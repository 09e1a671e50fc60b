/* Reading YAML with libyaml, the only file that knows it. The library is opened with dlopen(): only who reads YAML needs
 * it. Its parser hands out events, of which trees are made here. */
#include "format/yaml_parts.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <yaml.h>

#include "base/ctx.h"
#include "base/map.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"

/* ---- the library ---- */

#define FUNCTIONS(X)                                                                               \
    X(int, yaml_parser_initialize, (yaml_parser_t * parser))                                       \
    X(void, yaml_parser_delete, (yaml_parser_t * parser))                                          \
    X(void, yaml_parser_set_input_string,                                                          \
      (yaml_parser_t * parser, const unsigned char *input, size_t size))                           \
    X(int, yaml_parser_parse, (yaml_parser_t * parser, yaml_event_t * event))                      \
    X(void, yaml_event_delete, (yaml_event_t * event))

typedef struct functions {
#define X(result, name, arguments) result(*name) arguments;
    FUNCTIONS(X)
#undef X
} functions;

static const struct {
    const char *name;
    size_t place;
} SYMBOLS[] = {
#define X(result, name, arguments) { #name, offsetof(functions, name) },
    FUNCTIONS(X)
#undef X
};

/* `lock` protects `table` until `loaded`; afterwards it never changes. */
static struct {
    pthread_mutex_t lock;
    bool loaded;
    functions table;
} library = { .lock = PTHREAD_MUTEX_INITIALIZER };

static weir_status load(weir_ctx *cx)
{
    void *handle = dlopen("libyaml-0.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return weir_fail(cx, WEIR_CONFIG,
                         "reading YAML needs libyaml: %s\nhint: on Debian, apt-get install "
                         "libyaml-0-2; or use JSON",
                         dlerror());
    for (size_t i = 0; i < sizeof(SYMBOLS) / sizeof(*SYMBOLS); i++) {
        void *function = dlsym(handle, SYMBOLS[i].name);
        if (!function) {
            dlclose(handle);
            return weir_fail(cx, WEIR_CONFIG, "libyaml has no function '%s'", SYMBOLS[i].name);
        }
        memcpy((char *)&library.table + SYMBOLS[i].place, &function, sizeof(function));
    }
    library.loaded = true;
    return WEIR_OK;
}

static weir_status load_once(weir_ctx *cx)
{
    pthread_mutex_lock(&library.lock);
    const weir_status status = library.loaded ? WEIR_OK : load(cx);
    pthread_mutex_unlock(&library.lock);
    return status;
}

/* ---- events ---- */

typedef struct reader {
    weir_ctx *cx;
    wr_arena *arena;
    const char *file;
    weir_str text;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    wr_map anchors;     /* to nodes; an anchor is known behind the end of its node */
    size_t values;
} reader;

static weir_status read_node(reader *r, int depth, wr_node **ret);

static weir_status fail_at(reader *r, yaml_mark_t mark, weir_status status, const char *what,
                           weir_str name, const char *hint)
{
    return weir_fail(r->cx, status, "%s:%zu:%zu: %s%s%.*s%s%s%s", r->file, mark.line + 1,
                     mark.column + 1, what, name.ptr ? " '" : "", WR_STR(name), name.ptr ? "'" : "",
                     hint ? "\nhint: " : "", hint ? hint : "");
}

static weir_status fail_here(reader *r, const char *what, weir_str name, const char *hint)
{
    return fail_at(r, r->event.start_mark, WEIR_PARSE, what, name, hint);
}

/* What cannot be decoded has no place in libyaml but its byte. */
static yaml_mark_t mark_of_byte(const reader *r, size_t offset)
{
    yaml_mark_t mark = { .index = offset };
    for (size_t i = 0; i < offset && i < r->text.len; i++) {
        mark.column = r->text.ptr[i] == '\n' ? 0 : mark.column + 1;
        mark.line += r->text.ptr[i] == '\n';
    }
    return mark;
}

static weir_status fail_parse(reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return weir_fail(r->cx, WEIR_NOMEM, "no memory is left to read '%s'", r->file);
    const yaml_mark_t mark =
        p->error == YAML_READER_ERROR ? mark_of_byte(r, p->problem_offset) : p->problem_mark;
    return fail_at(r, mark, WEIR_PARSE, p->problem ? p->problem : "this is no YAML",
                   (weir_str){ 0 }, NULL);
}

static weir_status next_event(reader *r)
{
    library.table.yaml_event_delete(&r->event);
    if (!library.table.yaml_parser_parse(&r->parser, &r->event)) {
        memset(&r->event, 0, sizeof(r->event));
        return fail_parse(r);
    }
    return WEIR_OK;
}

/* ---- scalars ---- */

/* Digits without sign and underscores, in the notation that their front names. */
static bool parse_digits(const char *digits, int64_t *ret)
{
    int base = 10;
    if (digits[0] == '0' && digits[1] != '\0') {
        base = digits[1] == 'b' ? 2 : digits[1] == 'x' ? 16 : 8;
        digits += base == 8 ? 1 : 2;
    }
    int64_t value = 0;
    for (const char *d = digits; *d; d++) {
        const int digit = *d <= '9' ? *d - '0' : (*d | 0x20) - 'a' + 10;
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *ret = value;
    return *digits != '\0';
}

/* The text of a number without what JSON lacks: underscores, a plus in front. */
static weir_str bare_number(wr_arena *arena, weir_str plain)
{
    char *text = wr_arena_alloc(arena, plain.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < plain.len; i++)
        if (plain.ptr[i] != '_' && !(i == 0 && plain.ptr[i] == '+'))
            text[len++] = plain.ptr[i];
    return (weir_str){ text, len };
}

static weir_status read_int(reader *r, weir_str plain, wr_node **ret)
{
    const weir_str text = bare_number(r->arena, plain);
    const bool negative = text.ptr[0] == '-';
    int64_t value;
    if (!parse_digits(text.ptr + negative, &value))
        return fail_here(r, "this number is beyond 64 bits, or has no digits:", plain,
                         "put it in quotes to make it a text");
    *ret = wr_node_int(r->arena, negative ? -value : value);
    return WEIR_OK;
}

/* "1." and ".5" get the digit that JSON wants. */
static weir_status read_float(reader *r, weir_str plain, wr_node **ret)
{
    const weir_str text = bare_number(r->arena, plain);
    const char *point = memchr(text.ptr, '.', text.len);
    const int front = (int)(point - text.ptr);
    const bool digit_before = front > 0 && text.ptr[front - 1] != '-';
    const bool digit_behind = point[1] >= '0' && point[1] <= '9';
    const weir_str json =
        wr_arena_printf(r->arena, "%.*s%s.%s%s", front, text.ptr, digit_before ? "" : "0",
                        digit_behind ? "" : "0", point + 1);
    double value = 0;
    if (!wr_double_parse(json, &value) || value - value != 0)
        return fail_here(r, "this number is beyond the range of doubles:", plain,
                         "put it in quotes to make it a text");
    *ret = wr_node_new(r->arena, WR_NODE_NUMBER);
    char digits[WR_NUMBER_TEXT];
    (*ret)->text = wr_arena_str(r->arena, (weir_str){ digits, wr_double_json(digits, value) });
    return WEIR_OK;
}

static weir_status read_plain(reader *r, weir_str plain, wr_node **ret)
{
    switch (wr_yaml_type_of(plain)) {
    case WR_YAML_NULL: *ret = wr_node_new(r->arena, WR_NODE_NULL); return WEIR_OK;
    case WR_YAML_TRUE: *ret = wr_node_bool(r->arena, true); return WEIR_OK;
    case WR_YAML_FALSE: *ret = wr_node_bool(r->arena, false); return WEIR_OK;
    case WR_YAML_INT: return read_int(r, plain, ret);
    case WR_YAML_FLOAT: return read_float(r, plain, ret);
    case WR_YAML_TIMESTAMP:
        return fail_here(r, "this is a date or a time, not a text:", plain, "put it in quotes");
    case WR_YAML_UNLIKE_JSON:
        return fail_here(r, "this is a number that JSON lacks:", plain, "put it in quotes");
    case WR_YAML_TEXT:
    case WR_YAML_MERGE:
    case WR_YAML_VALUE: break;
    }
    *ret = wr_node_text(r->arena, plain);
    return WEIR_OK;
}

static weir_str scalar_text(const reader *r)
{
    return (weir_str){ (const char *)r->event.data.scalar.value, r->event.data.scalar.length };
}

static weir_status check_tag(reader *r, const yaml_char_t *tag, const char *standard)
{
    if (!tag || strcmp((const char *)tag, standard) == 0)
        return WEIR_OK;
    return fail_here(r, "this has a tag that is not used here:", weir_str_of((const char *)tag),
                     "leave it out");
}

static weir_status read_scalar(reader *r, wr_node **ret)
{
    const yaml_char_t *tag = r->event.data.scalar.tag;
    if (!tag && r->event.data.scalar.plain_implicit)
        return read_plain(r, scalar_text(r), ret);
    WEIR_TRY(check_tag(r, tag, YAML_STR_TAG));
    *ret = wr_node_text(r->arena, scalar_text(r));
    return WEIR_OK;
}

/* ---- containers and aliases ---- */

/* Aliases repeat values: they count like others, so that a short text makes no huge document. */
static weir_status count_values(reader *r, const wr_node *node, int depth)
{
    if (++r->values > WR_YAML_VALUES_MAX || depth > WR_NODE_DEPTH)
        return fail_at(r, r->event.start_mark, WEIR_LIMIT,
                       depth > WR_NODE_DEPTH ? "the document is too deep"
                                             : "the document has too many values",
                       (weir_str){ 0 }, NULL);
    for (const wr_node *child = node ? node->first : NULL; child; child = child->next)
        WEIR_TRY(count_values(r, child, depth + 1));
    return WEIR_OK;
}

static weir_status read_alias(reader *r, int depth, wr_node **ret)
{
    const weir_str name = weir_str_of((const char *)r->event.data.alias.anchor);
    const wr_node *node = wr_map_get(&r->anchors, name);
    if (!node)
        return fail_here(r, "there is no anchor", name, NULL);
    WEIR_TRY(count_values(r, node, depth));
    *ret = wr_node_copy(r->arena, node);
    return WEIR_OK;
}

static weir_status read_sequence(reader *r, int depth, wr_node **ret)
{
    WEIR_TRY(check_tag(r, r->event.data.sequence_start.tag, YAML_SEQ_TAG));
    WEIR_TRY(next_event(r));
    wr_node *array = wr_node_new(r->arena, WR_NODE_ARRAY);
    while (r->event.type != YAML_SEQUENCE_END_EVENT) {
        wr_node *element = NULL;
        WEIR_TRY(read_node(r, depth + 1, &element));
        wr_node_append(array, element);
    }
    *ret = array;
    return WEIR_OK;
}

/* *ret_merge: it is "<<", whose value is not one of the object. */
static weir_status read_key(reader *r, weir_str *ret, bool *ret_merge)
{
    static const char HINT[] = "keys are texts: put it in quotes";
    if (r->event.type != YAML_SCALAR_EVENT)
        return fail_here(r, "this key is no text", (weir_str){ 0 }, HINT);
    const weir_str text = scalar_text(r);
    const bool plain = !r->event.data.scalar.tag && r->event.data.scalar.plain_implicit;
    const wr_yaml_type type = plain ? wr_yaml_type_of(text) : WR_YAML_TEXT;
    if (type != WR_YAML_TEXT && type != WR_YAML_MERGE && type != WR_YAML_VALUE)
        return fail_here(r, "this key is no text:", text, HINT);
    WEIR_TRY(count_values(r, NULL, 0));
    *ret = wr_arena_str(r->arena, text);
    *ret_merge = type == WR_YAML_MERGE;
    return next_event(r);
}

static void set_members(wr_arena *arena, wr_node *object, const wr_node *from)
{
    for (const wr_node *member = from->first; member; member = member->next)
        wr_node_set(arena, object, member->key, wr_node_copy(arena, member));
}

/* The value of "<<": an object, or a list of them of which the first one wins, so that it is set last. */
static weir_status add_merge(reader *r, yaml_mark_t mark, wr_node *merges, const wr_node *value)
{
    const bool list = value->kind == WR_NODE_ARRAY;
    wr_node *reversed = wr_node_new(r->arena, WR_NODE_ARRAY);
    for (const wr_node *from = list ? value->first : value; from; from = list ? from->next : NULL) {
        if (from->kind != WR_NODE_OBJECT)
            return fail_at(r, mark, WEIR_PARSE, "the value of '<<' is no mapping", (weir_str){ 0 },
                           NULL);
        WEIR_TRY(count_values(r, from, 0));
        wr_node_prepend(reversed, wr_node_copy(r->arena, from));
    }
    wr_node_append(merges, reversed);
    return WEIR_OK;
}

/* Own members on top of merged ones, which come first. */
static wr_node *merged(wr_arena *arena, const wr_node *merges, const wr_node *own)
{
    wr_node *object = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *merge = merges->first; merge; merge = merge->next)
        for (const wr_node *from = merge->first; from; from = from->next)
            set_members(arena, object, from);
    set_members(arena, object, own);
    return object;
}

static weir_status read_members(reader *r, int depth, wr_map *keys, wr_node **ret)
{
    wr_node *own = wr_node_new(r->arena, WR_NODE_OBJECT);
    wr_node *merges = wr_node_new(r->arena, WR_NODE_ARRAY);
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        const yaml_mark_t mark = r->event.start_mark;
        weir_str key;
        bool merge = false;
        wr_node *value = NULL;
        WEIR_TRY(read_key(r, &key, &merge));
        WEIR_TRY(read_node(r, depth + 1, &value));
        wr_node *before = merge ? NULL : wr_map_get(keys, key);
        if (merge) {
            WEIR_TRY(add_merge(r, mark, merges, value));
        } else if (before) {
            wr_node_replace(before, value);
        } else {
            value->key = key;
            wr_node_append(own, value);
            wr_map_put(keys, key, value);
        }
    }
    *ret = merges->first ? merged(r->arena, merges, own) : own;
    return WEIR_OK;
}

static weir_status read_mapping(reader *r, int depth, wr_node **ret)
{
    WEIR_TRY(check_tag(r, r->event.data.mapping_start.tag, YAML_MAP_TAG));
    WEIR_TRY(next_event(r));
    wr_map keys = { 0 };
    const weir_status status = read_members(r, depth, &keys, ret);
    wr_map_done(&keys);
    return status;
}

/* The name of the present event's anchor; empty when it has none. */
static weir_str anchor_of(const reader *r)
{
    const yaml_char_t *name = NULL;
    if (r->event.type == YAML_SCALAR_EVENT)
        name = r->event.data.scalar.anchor;
    else if (r->event.type == YAML_SEQUENCE_START_EVENT)
        name = r->event.data.sequence_start.anchor;
    else if (r->event.type == YAML_MAPPING_START_EVENT)
        name = r->event.data.mapping_start.anchor;
    return name ? wr_arena_str(r->arena, weir_str_of((const char *)name)) : (weir_str){ 0 };
}

/* The node at the present event, which becomes the one behind it. */
static weir_status read_node(reader *r, int depth, wr_node **ret)
{
    const weir_str anchor = anchor_of(r);
    if (r->event.type == YAML_ALIAS_EVENT) {
        WEIR_TRY(read_alias(r, depth, ret));
    } else {
        WEIR_TRY(count_values(r, NULL, depth));
        if (r->event.type == YAML_SCALAR_EVENT)
            WEIR_TRY(read_scalar(r, ret));
        else if (r->event.type == YAML_SEQUENCE_START_EVENT)
            WEIR_TRY(read_sequence(r, depth, ret));
        else
            WEIR_TRY(read_mapping(r, depth, ret));
    }
    if (anchor.len > 0)
        wr_map_put(&r->anchors, anchor, *ret);
    return next_event(r);
}

/* ---- the document ---- */

/* Up to the first event of the document; the end of the stream when there is none. */
static weir_status begin_document(reader *r)
{
    WEIR_TRY(next_event(r)); /* begin of the stream */
    WEIR_TRY(next_event(r));
    return r->event.type == YAML_STREAM_END_EVENT ? WEIR_OK : next_event(r);
}

static weir_status read_document(reader *r, wr_node **ret)
{
    wr_node *node = NULL;
    WEIR_TRY(begin_document(r));
    if (r->event.type == YAML_STREAM_END_EVENT) {
        *ret = wr_node_new(r->arena, WR_NODE_NULL);
        return WEIR_OK;
    }
    WEIR_TRY(read_node(r, 1, &node));
    WEIR_TRY(next_event(r)); /* end of the document */
    if (r->event.type != YAML_STREAM_END_EVENT)
        return fail_here(r, "a second document begins", (weir_str){ 0 },
                         "the file must hold one: remove the line '---'");
    *ret = node;
    return WEIR_OK;
}

weir_status wr_yaml_read(weir_ctx *cx, wr_arena *arena, const char *file, weir_str text,
                         wr_node **ret)
{
    if (text.len > WR_YAML_BYTES_MAX)
        return weir_fail(cx, WEIR_LIMIT, "%s:1:1: the file has %zu bytes, at most %zu are read",
                         file, text.len, WR_YAML_BYTES_MAX);
    WEIR_TRY(load_once(cx));
    reader r = { .cx = cx, .arena = arena, .file = file, .text = text };
    if (!library.table.yaml_parser_initialize(&r.parser))
        return weir_fail(cx, WEIR_NOMEM, "no memory is left to read '%s'", file);
    library.table.yaml_parser_set_input_string(
        &r.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);

    const weir_status status = read_document(&r, ret);
    library.table.yaml_event_delete(&r.event);
    library.table.yaml_parser_delete(&r.parser);
    wr_map_done(&r.anchors);
    return status;
}
