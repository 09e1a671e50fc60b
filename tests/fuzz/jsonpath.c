/* Any bytes as a path, and JSON made of bytes that it looks into. What is refused is refused as a setting; what is found
 * is a value of the document, the same each time, and also when the path begins at the root explicitly.
 *
 * The path ends at the first line end; what stands behind it is what the document is made of. */
#include "format/jsonpath.h"

#include "../harness/fixture.h"
#include "../harness/made.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const wr_jval *make_document(fixture *f, weir_str bytes)
{
    wr_auto(buf) wr_buf json = wr_buf_max((size_t)1 << 22);
    made m = { .at = (const uint8_t *)bytes.ptr, .end = (const uint8_t *)bytes.ptr + bytes.len };
    wr_buf_char(&json, '[');
    for (size_t rows = 0; rows == 0 || (made_left(&m) && json.len < (1 << 14)); rows++) {
        wr_buf_cstr(&json, rows > 0 ? "," : "");
        made_row(&m, &json);
    }
    wr_buf_char(&json, ']');

    char *text = wr_arena_alloc(&f->arena, json.len + WR_JSON_PADDING);
    memcpy(text, json.ptr, json.len);
    const wr_jval *ret = NULL;
    size_t used;
    wr_assert(wr_json_read(&f->cx, &f->reader, text, json.len, &ret, &used) == WEIR_OK);
    wr_assert(used == json.len);
    return ret;
}

/* Values stand one behind the other: is this one of them? */
static bool is_within(const wr_jval *root, const wr_jval *value)
{
    for (const wr_jval *v = root; v < wr_jnext(root); v++)
        if (v == value)
            return true;
    return false;
}

/* "a.b" is "$.a.b", "[0]" is "$[0]"; what begins with the root stays. */
static const wr_jsonpath *from_root(fixture *f, weir_str path)
{
    const weir_str step = wr_str_trim(path);
    const char *root = step.ptr[0] == '$' ? "" : step.ptr[0] == '[' ? "$" : "$.";
    wr_buf_cstr(&f->out, root);
    wr_buf_str(&f->out, step); /* may hold NUL */
    const wr_jsonpath *ret = NULL;
    const weir_str whole = wr_buf_view(&f->out);
    return wr_jsonpath_compile(&f->cx, &f->arena, whole, &ret) == WEIR_OK ? ret : NULL;
}

static void look(const wr_jsonpath *path, const wr_jsonpath *whole, const wr_jval *value)
{
    const wr_jval *found = wr_jsonpath_first(path, value);
    wr_assert(!found || is_within(value, found));
    wr_assert(wr_jsonpath_first(path, value) == found);
    wr_assert(wr_jsonpath_first(whole, value) == found);

    const weir_str *name = wr_jsonpath_name(path);
    size_t place = 0;
    wr_assert(!name || wr_jval_member(value, *name, &place) == found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    wr_auto(fixture) fixture f = fixture_new();
    weir_str rest = { (const char *)data, len };
    weir_str text = { 0 };
    if (!wr_str_split(&rest, '\n', &text))
        return 0;

    const wr_jsonpath *path = NULL;
    const weir_status status = wr_jsonpath_compile(&f.cx, &f.arena, text, &path);
    if (status != WEIR_OK) {
        wr_assert(status == WEIR_CONFIG && weir_error_message(&f.cx)[0]);
        return 0;
    }
    const wr_jsonpath *whole = from_root(&f, text);
    wr_assert(whole);
    const wr_jval *document = make_document(&f, rest);
    look(path, whole, document);
    const wr_jval *row = wr_jfirst(document);
    for (size_t i = 0; i < wr_jlen(document); i++, row = wr_jnext(row))
        look(path, whole, row);
    return 0;
}
