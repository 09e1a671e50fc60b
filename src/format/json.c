/* Reading JSON with yyjson: values in place for rows, trees for documents. */
#include "format/json.h"

#include <yyjson.h>

#include "base/ctx.h"
#include "base/map.h"
#include "base/mem.h"

/* A wr_jval is a yyjson_val under another name. Should a release of yyjson change its layout, the build stops here. */
_Static_assert(sizeof(wr_jval) == sizeof(yyjson_val), "size of a value");
_Static_assert(offsetof(wr_jval, tag) == offsetof(yyjson_val, tag), "place of the tag");
_Static_assert(offsetof(wr_jval, as) == offsetof(yyjson_val, uni), "place of the content");
_Static_assert(sizeof(((wr_jval *)0)->as) == sizeof(yyjson_val_uni), "size of the content");
_Static_assert(YYJSON_TAG_BIT == 8 && YYJSON_TYPE_BIT == 3 && YYJSON_TYPE_MASK == 7, "tag");
_Static_assert(WR_JNONE == YYJSON_TYPE_NONE && WR_JRAW == YYJSON_TYPE_RAW, "kinds");
_Static_assert(WR_JNULL == YYJSON_TYPE_NULL && WR_JBOOL == YYJSON_TYPE_BOOL, "kinds");
_Static_assert(WR_JNUMBER == YYJSON_TYPE_NUM && WR_JTEXT == YYJSON_TYPE_STR, "kinds");
_Static_assert(WR_JARRAY == YYJSON_TYPE_ARR && WR_JOBJECT == YYJSON_TYPE_OBJ, "kinds");
_Static_assert(YYJSON_SUBTYPE_FALSE == 0 && YYJSON_SUBTYPE_TRUE == 1 << 3, "booleans");
_Static_assert(WR_JUINT << 3 == YYJSON_SUBTYPE_UINT, "natural numbers");
_Static_assert(WR_JINT << 3 == YYJSON_SUBTYPE_SINT, "negative numbers");
_Static_assert(WR_JREAL << 3 == YYJSON_SUBTYPE_REAL, "doubles");
_Static_assert(WR_JSON_PADDING >= YYJSON_PADDING_SIZE, "padding");

/* What is read, and how. */
typedef struct input {
    char *text; /* changed; padding of zeros follows */
    size_t len;
    yyjson_read_flag flags;
    size_t max_depth; /* at most WR_JSON_DEPTH */
} input;

/* ---- memory: reading in place takes a single block, which is the reader's and only grows ---- */

static void *take_pool(void *self, size_t size)
{
    wr_json_reader *reader = self;
    if (size > reader->pool_size) {
        reader->pool = wr_realloc(reader->pool, size);
        reader->pool_size = size;
    }
    return reader->pool;
}

static void *grow_pool(void *self, void *block, size_t old_size, size_t size)
{
    (void)block;
    (void)old_size;
    return take_pool(self, size);
}

static void keep_pool(void *self, void *block)
{
    (void)self;
    (void)block;
}

void wr_json_reader_done(wr_json_reader *reader)
{
    wr_free(reader->pool);
    *reader = (wr_json_reader){ 0 };
}

void wr_cleanup_json_reader(wr_json_reader *reader)
{
    wr_json_reader_done(reader);
}

/* ---- values ---- */

/* Are there more than `max` levels among `count` values that follow each other in memory? */
static bool is_too_deep(const wr_jval *root, size_t count, size_t max)
{
    if (count <= max)
        return false;

    const wr_jval *ends[WR_JSON_DEPTH];
    size_t depth = 0;
    for (const wr_jval *v = root; v < root + count; v++) {
        while (depth > 0 && v >= ends[depth - 1])
            depth--;
        if (wr_jkind_of(v) < WR_JARRAY)
            continue;
        if (depth == max)
            return true;
        ends[depth++] = wr_jnext(v);
    }
    return false;
}

static weir_status parse(weir_ctx *cx, wr_json_reader *reader, const input *in, const wr_jval **ret,
                         size_t *ret_used)
{
    const yyjson_alc alloc = { take_pool, grow_pool, keep_pool, reader };
    yyjson_read_err error;
    yyjson_doc *doc =
        yyjson_read_opts(in->text, in->len, in->flags | YYJSON_READ_INSITU, &alloc, &error);
    if (!doc)
        return weir_fail(cx, WEIR_PARSE, "invalid JSON at byte %zu: %s", error.pos, error.msg);

    const wr_jval *root = (const wr_jval *)yyjson_doc_get_root(doc);
    if (is_too_deep(root, yyjson_doc_get_val_count(doc), in->max_depth))
        return weir_fail(cx, WEIR_LIMIT, "JSON is nested deeper than %zu levels", in->max_depth);

    *ret = root;
    *ret_used = yyjson_doc_get_read_size(doc);
    return WEIR_OK;
}

/* The byte behind a value that is a bare number; NULL for another value. yyjson puts a NUL behind a number that it hands
 * out as text: inside of a container that is a comma or a bracket, but here it is a byte of what follows. `text` ends in
 * a NUL. */
static char *behind_number(char *text)
{
    if (*text == '{' || *text == '[')
        return NULL;
    text += strspn(text, " \t\r\n");
    const size_t len = strspn(text, "+-.0123456789Ee");
    return len > 0 ? text + len : NULL;
}

weir_status wr_json_read(weir_ctx *cx, wr_json_reader *reader, char *text, size_t len,
                         const wr_jval **ret, size_t *ret_used)
{
    memset(text + len, 0, WR_JSON_PADDING);
    char *behind = behind_number(text);
    const char kept = behind ? *behind : '\0';

    const input in = {
        .text = text,
        .len = len,
        .flags = YYJSON_READ_STOP_WHEN_DONE | YYJSON_READ_BIGNUM_AS_RAW,
        .max_depth = WR_JSON_DEPTH,
    };
    WEIR_TRY(parse(cx, reader, &in, ret, ret_used));

    if (behind)
        *behind = kept;
    return WEIR_OK;
}

weir_status wr_json_check(weir_ctx *cx, weir_str text, wr_jkind *ret_kind)
{
    wr_auto(free) char *copy = wr_realloc(NULL, text.len + WR_JSON_PADDING);
    memset(copy + text.len, 0, WR_JSON_PADDING);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);

    wr_auto(json_reader) wr_json_reader reader = { 0 };
    const input in = {
        .text = copy,
        .len = text.len,
        .flags = YYJSON_READ_BIGNUM_AS_RAW,
        .max_depth = WR_JSON_DEPTH,
    };
    const wr_jval *value;
    size_t used;
    WEIR_TRY(parse(cx, &reader, &in, &value, &used));

    *ret_kind = wr_jkind_of(value);
    return WEIR_OK;
}

/* ---- documents ---- */

static wr_node_kind node_kind(const wr_jval *v)
{
    switch (wr_jkind_of(v)) {
    case WR_JNONE:
    case WR_JNULL: return WR_NODE_NULL;
    case WR_JBOOL: return wr_jbool(v) ? WR_NODE_TRUE : WR_NODE_FALSE;
    case WR_JRAW:
    case WR_JNUMBER: return WR_NODE_NUMBER;
    case WR_JTEXT: return WR_NODE_TEXT;
    case WR_JARRAY: return WR_NODE_ARRAY;
    case WR_JOBJECT: return WR_NODE_OBJECT;
    }
    return WR_NODE_NULL;
}

static wr_node *build(wr_arena *arena, const wr_jval *v);

static void build_members(wr_arena *arena, wr_node *object, const wr_jval *v)
{
    wr_map seen = { 0 };
    const wr_jval *key = wr_jfirst(v);
    for (size_t i = wr_jlen(v); i > 0; i--) {
        const wr_jval *content = wr_jnext(key);
        wr_node *value = build(arena, content);
        wr_node *earlier = wr_map_get(&seen, wr_jtext(key));
        if (earlier) {
            wr_node_replace(earlier, value);
        } else {
            value->key = wr_jtext(key);
            wr_node_append(object, value);
            wr_map_put(&seen, value->key, value);
        }
        key = wr_jnext(content);
    }
    wr_map_done(&seen);
}

/* Recursion is limited by the depth that parse() allows. */
static wr_node *build(wr_arena *arena, const wr_jval *v)
{
    wr_node *node = wr_node_new(arena, node_kind(v));
    if (node->kind == WR_NODE_NUMBER || node->kind == WR_NODE_TEXT)
        node->text = wr_jtext(v);
    if (node->kind == WR_NODE_OBJECT)
        build_members(arena, node, v);
    if (node->kind != WR_NODE_ARRAY)
        return node;

    const wr_jval *element = wr_jfirst(v);
    for (size_t i = wr_jlen(v); i > 0; i--, element = wr_jnext(element))
        wr_node_append(node, build(arena, element));
    return node;
}

weir_status wr_node_parse(weir_ctx *cx, wr_arena *arena, weir_str text, wr_node **ret)
{
    char *copy = wr_arena_alloc(arena, text.len + WR_JSON_PADDING);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);

    wr_auto(json_reader) wr_json_reader reader = { 0 };
    const input in = {
        .text = copy,
        .len = text.len,
        .flags = YYJSON_READ_NUMBER_AS_RAW,
        .max_depth = WR_NODE_DEPTH,
    };
    const wr_jval *root;
    size_t used;
    WEIR_TRY(parse(cx, &reader, &in, &root, &used));

    *ret = build(arena, root);
    return WEIR_OK;
}
