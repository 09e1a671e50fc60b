/* Writes rows in the form that hashes are taken of. */
#include "pipeline/rowhash.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/vec.h"
#include "pipeline/cursor.h"
#include "schema/coerce.h"

#define DEDUP_BYTES 9
#define DEDUP_LEGACY_BYTES 15
/* What decoding a marked text takes besides its length. */
#define DECODE_ROOM 64

typedef struct writer {
    wr_buf *out;
    wr_hash_form form;
    bool leaves_own_out;          /* of the next object */
    wr_vec(const wr_jval *) keys; /* of the objects that are open */
} writer;

static void write_value(writer *w, const wr_jval *value);

/* ---- texts ---- */

static void write_moment(writer *w, const wr_moment *moment)
{
    char text[WR_MOMENT_TEXT];
    if (w->form == WR_HASH_INSTANTS) {
        wr_buf_append(w->out, text, wr_int_text(text, moment->us));
        return;
    }
    size_t len = wr_moment_iso(text, moment);
    if (w->form == WR_HASH_LEGACY && moment->zoned && moment->zone_seconds == 0) {
        len -= strlen("+00:00");
        text[len++] = 'Z';
    }
    wr_json_quote(w->out, (weir_str){ text, len });
}

/* Other typed values lose their mark. */
static void write_text(writer *w, weir_str text)
{
    const size_t mark = wr_typed_mark(text);
    const weir_str rest = { text.ptr + mark, text.len - mark };
    wr_auto(buf) wr_buf scratch = wr_buf_max(text.len * 2 + DECODE_ROOM);
    wr_moment moment;
    weir_value value;
    if (mark == 0 || w->form == WR_HASH_MARKED)
        wr_json_quote(w->out, text);
    else if (wr_typed_mark_of(text) == WR_MARK_TIMESTAMP && wr_moment_parse(rest, &moment))
        write_moment(w, &moment);
    else
        wr_json_quote(w->out, wr_typed_decode(text, &scratch, &value) ? rest : text);
}

/* ---- containers ---- */

/* Of equal keys the one that comes last in the row is last. */
static int compare_keys(const void *a, const void *b)
{
    const wr_jval *left = *(const wr_jval *const *)a;
    const wr_jval *right = *(const wr_jval *const *)b;
    const int order = wr_str_cmp(wr_jtext(left), wr_jtext(right));
    return order != 0 ? order : (left > right) - (left < right);
}

static bool is_repeated(const writer *w, size_t i)
{
    return i + 1 < w->keys.len && wr_str_eq(wr_jtext(w->keys.ptr[i]), wr_jtext(w->keys.ptr[i + 1]));
}

static bool is_own(const wr_jval *key)
{
    return wr_str_starts(wr_jtext(key), wr_lit("_dlt"));
}

static void write_object(writer *w, const wr_jval *object)
{
    const size_t begin = w->keys.len;
    const size_t count = wr_jlen(object);
    const bool leaves_own_out = w->leaves_own_out;
    w->leaves_own_out = false;
    const wr_jval *key = wr_jfirst(object);
    for (size_t i = 0; i < count; i++, key = wr_jnext(key + 1))
        *wr_vec_push(&w->keys) = key;
    if (count > 1)
        qsort(w->keys.ptr + begin, count, sizeof(const wr_jval *), compare_keys);

    char before = '{';
    for (size_t i = begin; i < begin + count; i++) {
        if (is_repeated(w, i) || (leaves_own_out && is_own(w->keys.ptr[i])))
            continue;
        key = w->keys.ptr[i];
        wr_buf_char(w->out, before);
        before = ',';
        wr_json_quote(w->out, wr_jtext(key));
        wr_buf_char(w->out, ':');
        write_value(w, key + 1);
    }
    if (before == '{')
        wr_buf_char(w->out, before);
    wr_buf_char(w->out, '}');
    w->keys.len = begin;
}

static void write_array(writer *w, const wr_jval *array)
{
    const wr_jval *element = wr_jfirst(array);
    wr_buf_char(w->out, '[');
    for (size_t i = 0; i < wr_jlen(array); i++, element = wr_jnext(element)) {
        if (i > 0)
            wr_buf_char(w->out, ',');
        write_value(w, element);
    }
    wr_buf_char(w->out, ']');
}

/* Recursion is limited by WR_JSON_DEPTH. */
static void write_value(writer *w, const wr_jval *value)
{
    switch (wr_jkind_of(value)) {
    case WR_JTEXT: write_text(w, wr_jtext(value)); break;
    case WR_JARRAY: write_array(w, value); break;
    case WR_JOBJECT: write_object(w, value); break;
    default: wr_json_write(w->out, value);
    }
}

void wr_hash_json(wr_buf *out, const wr_jval *value, wr_hash_form form)
{
    writer w = { .out = out, .form = form };
    write_value(&w, value);
    wr_vec_done(&w.keys);
}

void wr_hash_row(wr_buf *out, const wr_jval *row)
{
    writer w = { .out = out, .form = WR_HASH_MARKED, .leaves_own_out = true };
    write_value(&w, row);
    wr_vec_done(&w.keys);
}

/* ---- digests ---- */

size_t wr_dedup_hash(char ret[WR_DEDUP_LEGACY_LEN], weir_str json, bool legacy)
{
    wr_digest128(ret, legacy ? DEDUP_LEGACY_BYTES : DEDUP_BYTES, json);
    return legacy ? WR_DEDUP_LEGACY_LEN : WR_DEDUP_LEN;
}

bool wr_dedup_is_legacy(const wr_node *hashes)
{
    for (const wr_node *hash = hashes ? hashes->first : NULL; hash; hash = hash->next)
        if (hash->text.len == WR_DEDUP_LEGACY_LEN)
            return true;
    return false;
}
