/* Cuts chunks of messages where the stream changes. */
#include "sources/singer_split.h"

#include "base/ctx.h"
#include "base/str.h"

/* What a line is for the chunk that it becomes part of. */
typedef struct line_kind {
    bool has_row;
    bool bad;
    wr_singer_row row;
} line_kind;

/* Lines that follow each other. */
typedef struct run {
    size_t begin;
    size_t end;
    int64_t first; /* line, as `wr_singer_split.line` */
    int64_t lines;
    line_kind kind; /* of those with a row */
    wr_buffer *rows;
} run;

void wr_singer_split_begin(wr_singer_split *split, wr_buffer *from)
{
    split->from = from;
    split->at = 0;
    split->line = 0;
}

static weir_str line_at(const wr_singer_split *split, size_t at)
{
    const weir_chunk *chunk = &split->from->chunk;
    const char *begin = chunk->text + at;
    const char *end = memchr(begin, '\n', chunk->len - at);
    return (weir_str){ begin, end ? (size_t)(end - begin) : chunk->len - at };
}

/* Where bad lines are kept, each line is looked at as a whole: what stands around a record counts too. */
static weir_status check_line(weir_ctx *cx, const wr_singer_split *split, weir_str line,
                              bool *ret_bad)
{
    wr_jkind kind;
    if (!split->may_be_bad || wr_str_trim(line).len == 0)
        return WEIR_OK;
    const weir_status status = wr_json_check(cx, line, &kind);
    *ret_bad = status == WEIR_PARSE;
    if (*ret_bad)
        weir_error_clear(cx);
    return *ret_bad ? WEIR_OK : status;
}

static weir_status place(weir_ctx *cx, weir_status status, const wr_singer_split *split, size_t at,
                         int64_t line)
{
    const weir_chunk *chunk = &split->from->chunk;
    const long long offset = (long long)chunk->offset + (long long)at;
    if (chunk->first_line == 0)
        return wr_context(cx, status, "%.*s: value at byte %lld", WR_STR(chunk->name), offset);
    return wr_context(cx, status, "%.*s:%lld: line at byte %lld", WR_STR(chunk->name),
                      (long long)(chunk->first_line + line), offset);
}

static weir_status read_line(weir_ctx *cx, wr_singer_split *split, weir_str line, line_kind *ret)
{
    *ret = (line_kind){ 0 };
    WEIR_TRY(check_line(cx, split, line, &ret->bad));
    if (!ret->bad)
        WEIR_TRY(wr_singer_line(cx, &split->singer, line, &ret->row));
    ret->has_row = ret->bad || ret->row.stream;
    return WEIR_OK;
}

/* Bad lines stand alone: nothing is blank among what is kept. */
static bool fits(const run *r, const line_kind *kind)
{
    if (kind->bad || r->kind.bad)
        return r->lines == 0 || (kind->bad && r->kind.bad);
    return !kind->has_row || !r->kind.has_row || kind->row.stream == r->kind.row.stream;
}

/* All of the line but its record, or all of it, becomes blanks; a bad one stays as it is. */
static void copy_line(wr_buffer *to, size_t at, weir_str line, const line_kind *kind)
{
    char *out = to->chunk.text + at;
    if (kind->bad) {
        memcpy(out, line.ptr, line.len);
        return;
    }
    memset(out, ' ', line.len);
    if (kind->row.stream)
        memcpy(out + (kind->row.record.ptr - line.ptr), kind->row.record.ptr, kind->row.record.len);
}

static void add_line(wr_singer_split *split, run *r, weir_str line, const line_kind *kind)
{
    const weir_chunk *from = &split->from->chunk;
    copy_line(r->rows, split->at - r->begin, line, kind);
    split->at += line.len;
    if (split->at < from->len)
        r->rows->chunk.text[split->at++ - r->begin] = '\n';
    if (kind->has_row)
        r->kind = *kind;
    r->end = split->at;
    r->lines++;
    split->line++;
}

static weir_status read_run(weir_ctx *cx, wr_singer_split *split, run *r)
{
    while (split->at < split->from->chunk.len) {
        const weir_str line = line_at(split, split->at);
        line_kind kind;
        const weir_status status = read_line(cx, split, line, &kind);
        if (status != WEIR_OK)
            return place(cx, status, split, split->at, split->line);
        if (!fits(r, &kind))
            break;
        add_line(split, r, line, &kind);
    }
    return WEIR_OK;
}

static void show(const wr_singer_split *split, const run *r)
{
    const weir_chunk *from = &split->from->chunk;
    weir_chunk *chunk = &r->rows->chunk;
    chunk->len = r->end - r->begin;
    chunk->rows = r->lines;
    chunk->name = from->name;
    chunk->first_line = from->first_line > 0 ? from->first_line + r->first : 0;
    chunk->offset = from->offset + (int64_t)r->begin;
    chunk->bad = r->kind.bad;
    if (r->kind.bad)
        return;
    chunk->table = r->kind.row.stream->table;
    chunk->hints = r->kind.row.stream->hints;
}

/* *ret NULL: the lines have no row. */
static weir_status take_run(weir_ctx *cx, wr_singer_split *split, wr_buffer **ret)
{
    run r = { .begin = split->at, .end = split->at, .first = split->line };
    r.rows = wr_pool_take(split->pool);
    if (r.rows->cap < split->from->chunk.len - split->at)
        wr_buffer_grow(r.rows, split->from->chunk.len - split->at);
    const weir_status status = read_run(cx, split, &r);
    if (status == WEIR_OK && r.kind.has_row) {
        show(split, &r);
        *ret = r.rows;
        return WEIR_OK;
    }
    wr_pool_return(r.rows);
    return status;
}

weir_status wr_singer_split_next(weir_ctx *cx, wr_singer_split *split, wr_buffer **ret)
{
    *ret = NULL;
    while (split->from && !*ret) {
        WEIR_TRY(take_run(cx, split, ret));
        if (split->at < split->from->chunk.len)
            continue;
        wr_pool_return(split->from);
        split->from = NULL;
    }
    return WEIR_OK;
}

void wr_singer_split_done(wr_singer_split *split)
{
    wr_pool_return(split->from);
    split->from = NULL;
    wr_singer_done(&split->singer);
}
