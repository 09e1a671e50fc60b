/* One line, one JSON value: reading it in place or from a copy. */
#include "pipeline/line.h"

#include "base/ctx.h"
#include "base/mem.h"

static size_t skip_blanks(weir_str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\r'))
        at++;
    return at;
}

static bool is_line_end(weir_str text, size_t at)
{
    return at >= text.len || text.ptr[at] == '\n';
}

weir_status wr_line_read(weir_ctx *cx, wr_json_reader *reader, char *text, size_t len,
                         const wr_jval **ret, size_t *ret_used)
{
    const weir_str view = { text, len };
    if (is_line_end(view, skip_blanks(view, 0)))
        return weir_fail(cx, WEIR_PARSE, "the line is empty, one JSON value was expected");
    size_t used = 0;
    WEIR_TRY(wr_json_read(cx, reader, text, len, ret, &used));
    const size_t end = skip_blanks(view, used);
    if (!is_line_end(view, end))
        return weir_fail(cx, WEIR_PARSE, "something stands behind the value on its line");
    *ret_used = end + 1;
    return WEIR_OK;
}

weir_status wr_line_read_copy(weir_ctx *cx, wr_line_reader *reader, weir_str line,
                              const wr_jval **ret)
{
    const size_t need = line.len + WR_JSON_PADDING;
    if (need > reader->cap) {
        reader->copy = wr_realloc(reader->copy, need);
        reader->cap = need;
    }
    memcpy(reader->copy, line.ptr, line.len);
    size_t used;
    return wr_line_read(cx, &reader->json, reader->copy, line.len, ret, &used);
}

void wr_line_reader_done(wr_line_reader *reader)
{
    wr_json_reader_done(&reader->json);
    wr_free(reader->copy);
    *reader = (wr_line_reader){ 0 };
}

weir_str wr_line_cut(const wr_frame *frame, size_t *at)
{
    const char *begin = frame->content + *at;
    const char *end = memchr(begin, '\n', frame->len - *at);
    const size_t len = end ? (size_t)(end - begin) : frame->len - *at;
    *at += len + 1;
    return (weir_str){ begin, len };
}
