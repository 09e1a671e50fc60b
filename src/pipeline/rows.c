/* Collects the rows of a resource in frames. */
#include "pipeline/rows.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/input_frames.h"

/* Progress is told after this many bytes. */
#define PROGRESS_BYTES ((int64_t)4 << 20)
/* Content of all open frames together: beyond it the largest one is sent. */
#define OPEN_BYTES_MAX ((size_t)8 << 20)
/* Of a frame's place. */
#define PLACE_MAX ((size_t)1 << 20)

/* A frame that is being filled. Sifted rows have gaps between them: their numbers are kept as runs. */
typedef struct open_frame {
    wr_frame frame;
    wr_buf content;
    wr_buf runs; /* "[12,3],[17,1]": rows 12, 13, 14 and 17 */
    uint64_t run_first;
    uint64_t run_len;
} open_frame;

/* ---- sending ---- */

void wr_rows_release_frame(void *item)
{
    wr_frame *frame = item;
    wr_free(frame->content);
    wr_free(frame);
}

static void tell_progress(weir_rows *rows)
{
    const wr_extract_args *args = rows->args;
    if (!args->progress || rows->total_bytes - rows->told_bytes < PROGRESS_BYTES)
        return;
    rows->told_bytes = rows->total_bytes;
    args->progress(args->progress_self, "extract", rows->total_rows, rows->total_bytes);
}

/* A copy of the frame, its place behind its content, goes to the queue. */
static weir_status send(weir_rows *rows, const wr_frame *frame)
{
    wr_frame *copy = wr_new(wr_frame);
    *copy = *frame;
    copy->content = wr_alloc(frame->len + frame->place.len + 1);
    memcpy(copy->content, frame->content, frame->len);
    if (frame->place.len)
        memcpy(copy->content + frame->len, frame->place.ptr, frame->place.len);
    copy->place.ptr = copy->content + frame->len;
    rows->total_rows += frame->rows;
    rows->total_bytes += (int64_t)frame->len;
    tell_progress(rows);
    const weir_status status = wr_queue_send(rows->cx, rows->queue, copy, frame->len);
    if (status != WEIR_OK)
        wr_rows_release_frame(copy);
    return status;
}

/* ---- open frames ---- */

static void end_run(open_frame *open)
{
    if (open->run_len)
        wr_buf_printf(&open->runs, "%s[%llu,%llu]", open->runs.len ? "," : "{\"runs\":[",
                      (unsigned long long)open->run_first, (unsigned long long)open->run_len);
    open->run_len = 0;
}

static void extend_run(open_frame *open, uint64_t number)
{
    if (open->run_len && number != open->run_first + open->run_len)
        end_run(open);
    if (!open->run_len)
        open->run_first = number;
    open->run_len++;
}

static weir_status cut(weir_rows *rows, open_frame *open)
{
    if (open->frame.rows == 0)
        return WEIR_OK;
    WEIR_TRY(wr_fault(rows->cx, "extract.frame"));
    end_run(open);
    if (open->runs.len)
        wr_buf_cstr(&open->runs, "]}");
    open->frame.content = open->content.ptr;
    open->frame.len = open->content.len;
    open->frame.place = wr_buf_view(&open->runs);
    WEIR_TRY(send(rows, &open->frame));
    rows->open_bytes -= open->content.len;
    open->frame.first_row += open->frame.rows;
    open->frame.rows = 0;
    wr_buf_clear(&open->content);
    wr_buf_clear(&open->runs);
    return WEIR_OK;
}

static weir_status cut_all(weir_rows *rows)
{
    for (size_t i = 0; i < rows->open.len; i++)
        WEIR_TRY(cut(rows, rows->open.entries[i].value));
    return WEIR_OK;
}

static weir_status cut_largest(weir_rows *rows)
{
    open_frame *largest = rows->open.entries[0].value;
    for (size_t i = 1; i < rows->open.len; i++) {
        open_frame *other = rows->open.entries[i].value;
        if (other->content.len > largest->content.len)
            largest = other;
    }
    return cut(rows, largest);
}

static weir_status open_frame_of(weir_rows *rows, weir_str table, open_frame **ret)
{
    open_frame *open = wr_map_get(&rows->open, table);
    if (!open) {
        open = wr_new(open_frame);
        open->content = wr_buf_max(2 * WR_FRAME_MAX);
        open->runs = wr_buf_max(PLACE_MAX);
        open->frame = (wr_frame){ .resource = rows->resource->name, .table = table };
        wr_map_put(&rows->open, table, open);
    }
    if (open->frame.kind != rows->kind)
        WEIR_TRY(cut(rows, open));
    open->frame.kind = rows->kind;
    open->frame.input = rows->input;
    *ret = open;
    return WEIR_OK;
}

weir_status wr_rows_announce(weir_rows *rows)
{
    if (rows->table.len || rows->resource->table_field.len || rows->given.name.len ||
        rows->resource->def->hidden)
        return WEIR_OK; /* tables that rows name are announced when the first one comes */
    return wr_extract_announce(rows->cx, rows->args, rows->resource, (wr_given_table){ 0 },
                               rows->announced, &rows->table);
}

/* `table`: what the row names; empty: it goes to the resource's. */
static weir_status append_row(weir_rows *rows, weir_str table)
{
    open_frame *open = NULL;
    if (rows->children) {
        wr_buf_str(&rows->pending, wr_buf_view(&rows->row));
        wr_buf_char(&rows->pending, '\n');
    }
    if (rows->resource->def->hidden)
        return wr_buf_check(rows->cx, &rows->pending, "a page of rows");
    WEIR_TRY(wr_rows_announce(rows));
    if (!table.len)
        table = rows->table;
    WEIR_TRY(open_frame_of(rows, table, &open));
    wr_buf_str(&open->content, wr_buf_view(&rows->row));
    wr_buf_char(&open->content, '\n');
    open->frame.rows++;
    if (rows->looks || rows->given.name.len)
        extend_run(open, rows->at);
    rows->open_bytes += rows->row.len + 1;
    if (open->content.len >= WR_FRAME_BYTES || open->runs.len >= PLACE_MAX / 2)
        return cut(rows, open);
    return rows->open_bytes >= OPEN_BYTES_MAX ? cut_largest(rows) : WEIR_OK;
}

/* ---- rows ---- */

static weir_status row_too_large(weir_rows *rows)
{
    return weir_fail(rows->cx, WEIR_LIMIT,
                     "row %llu of resource '%s' is larger than %zu MiB\n"
                     "hint: split it, or leave out what the tables do not need",
                     (unsigned long long)rows->at, rows->resource->def->name, WR_FRAME_MAX >> 20);
}

weir_status wr_rows_begin_row(weir_rows *rows, wr_frame_kind kind, wr_buf **ret)
{
    WEIR_TRY(wr_check_cancel(rows->cx));
    rows->kind = kind;
    wr_buf_clear(&rows->row);
    *ret = &rows->row;
    return WEIR_OK;
}

/* The table that a row or its chunk names, announced when it is the first one. */
static weir_status find_table(weir_rows *rows, wr_given_table given, weir_str *ret)
{
    weir_str *name = wr_map_get(&rows->tables, given.name);
    if (!name) {
        wr_arena *arena = rows->args->arena;
        name = wr_arena_new(arena, weir_str);
        WEIR_TRY(wr_extract_announce(rows->cx, rows->args, rows->resource, given, rows->announced,
                                     name));
        wr_map_put(&rows->tables, wr_arena_str(arena, given.name), name);
    }
    *ret = *name;
    return WEIR_OK;
}

static weir_status end_sifted_page(weir_rows *rows)
{
    bool stop = false;
    WEIR_TRY(wr_sift_end_page(rows->cx, &rows->sift, &stop));
    rows->stopped = rows->stopped || stop;
    return WEIR_OK;
}

static weir_status append_row_to(weir_rows *rows, wr_given_table given)
{
    weir_str table = { 0 };
    if (given.name.len)
        WEIR_TRY(find_table(rows, given, &table));
    return append_row(rows, table);
}

/* A child sees all rows of the page before the next child does. */
static weir_status show_children(weir_rows *rows)
{
    for (weir_rows *child = rows->children; child; child = child->next) {
        weir_str rest = wr_buf_view(&rows->pending);
        weir_str line;
        while (wr_str_split(&rest, '\n', &line)) {
            WR_SCRATCH_SCOPE(rows->cx);
            weir_status status = child->resource->def->each(rows->cx, child, line);
            if (status == WEIR_OK)
                status = wr_rows_end_page(child);
            if (status != WEIR_OK)
                return wr_context(rows->cx, status, "resource '%s'", child->resource->def->name);
        }
    }
    wr_buf_clear(&rows->pending);
    return WEIR_OK;
}

weir_status wr_rows_end_page(weir_rows *rows)
{
    rows->page_rows = 0;
    if (rows->looks)
        WEIR_TRY(end_sifted_page(rows));
    WEIR_TRY(wr_buf_check(rows->cx, &rows->pending, "a page of rows"));
    return show_children(rows);
}

static weir_status sift_row(weir_rows *rows)
{
    wr_sifted sifted;
    WEIR_TRY(wr_sift_row(rows->cx, &rows->sift, wr_buf_view(&rows->row), &sifted));
    const wr_given_table named = { .name = sifted.table };
    if (sifted.keep)
        WEIR_TRY(append_row_to(rows, sifted.table.len ? named : rows->given));
    return WEIR_OK;
}

weir_status wr_rows_end_row(weir_rows *rows)
{
    if (rows->row.failed)
        return row_too_large(rows);
    WEIR_TRY(rows->looks ? sift_row(rows) : append_row_to(rows, rows->given));
    rows->at++;
    return ++rows->page_rows >= WR_SIFT_PAGE && (rows->looks || rows->children)
               ? wr_rows_end_page(rows)
               : WEIR_OK;
}

static weir_status add_line(weir_rows *rows, weir_str line)
{
    wr_buf *row = NULL;
    WEIR_TRY(wr_rows_begin_row(rows, WR_FRAME_JSON, &row));
    wr_buf_str(row, line);
    return wr_rows_end_row(rows);
}

static weir_status add_each_line(weir_rows *rows, weir_str lines)
{
    weir_str line;
    while (!rows->stopped && wr_str_split(&lines, '\n', &line))
        WEIR_TRY(add_line(rows, line));
    return WEIR_OK;
}

weir_status wr_rows_add_lines(weir_rows *rows, weir_str lines, uint32_t count)
{
    open_frame *open = NULL;
    WEIR_TRY(wr_check_cancel(rows->cx));
    if (rows->looks || rows->children || rows->resource->def->hidden ||
        lines.len > WR_FRAME_MAX / 2)
        return add_each_line(rows, lines);
    WEIR_TRY(wr_rows_announce(rows));
    rows->kind = WR_FRAME_JSON;
    WEIR_TRY(open_frame_of(rows, rows->table, &open));
    wr_buf_str(&open->content, lines);
    WEIR_TRY(wr_buf_check(rows->cx, &open->content, "a page of rows"));
    open->frame.rows += count;
    rows->at += count;
    rows->open_bytes += lines.len;
    return open->content.len >= WR_FRAME_BYTES ? cut(rows, open) : WEIR_OK;
}

/* ---- chunks of inputs ---- */

/* Names of files live as long as their input, frames longer. */
static weir_status begin_input(weir_rows *rows, const wr_frame *chunk)
{
    if (!wr_str_eq(rows->input, chunk->input) || !rows->input.ptr) {
        WEIR_TRY(cut_all(rows));
        if (rows->looks)
            WEIR_TRY(end_sifted_page(rows));
        rows->input = wr_arena_str(rows->args->arena, chunk->input);
        rows->at = 1;
    }
    return WEIR_OK;
}

/* Did a line fail because it is no JSON, and goes to the quarantine? Other failures are those of its row. */
static bool is_bad(weir_rows *rows, weir_str line)
{
    if (rows->resource->def->on_bad_row != WEIR_BAD_ROW_QUARANTINE)
        return false;
    const wr_jval *value;
    const wr_error why = rows->cx->error;
    if (wr_line_read_copy(rows->cx, &rows->lines, line, &value) != WEIR_OK) {
        weir_error_clear(rows->cx);
        return true;
    }
    rows->cx->error = why;
    return false;
}

/* Bad lines of a chunk that follow each other. */
typedef struct bad_run {
    uint32_t first; /* row of the chunk */
    uint32_t rows;
    size_t begin; /* in the chunk's content */
    size_t end;
} bad_run;

/* The load finds bad lines by itself: they go to the log as they are, with their place. */
static weir_status send_bad(weir_rows *rows, const wr_frame *chunk, bad_run *run)
{
    if (run->rows == 0)
        return WEIR_OK;
    wr_place place = { 0 };
    (void)wr_frame_place(rows->cx, chunk, &place); /* chunks have one */
    char text[64];
    const int len = snprintf(text, sizeof text, "{\"line\":%lld,\"offset\":%lld}",
                             place.line ? (long long)place.line + run->first : 0LL,
                             (long long)place.offset + (long long)run->begin);
    wr_frame frame = *chunk;
    frame.first_row += run->first;
    frame.rows = run->rows;
    frame.input = rows->input;
    frame.place = (weir_str){ text, (size_t)len };
    frame.content += run->begin;
    frame.len = run->end - run->begin;
    run->rows = 0;
    return send(rows, &frame);
}

static void add_bad(weir_rows *rows, bad_run *run, uint32_t row, size_t begin, size_t end)
{
    if (run->rows == 0) {
        run->first = row;
        run->begin = begin;
    }
    run->rows++;
    run->end = end;
    rows->at++;
}

static weir_status sift_chunk(weir_rows *rows, const wr_frame *chunk)
{
    weir_str rest = { chunk->content, chunk->len };
    weir_str line;
    bad_run bad = { 0 };
    if (chunk->first_row)
        rows->at = chunk->first_row + 1; /* elements of an array are counted on */
    for (uint32_t row = 0; !rows->stopped && wr_str_split(&rest, '\n', &line); row++) {
        const size_t begin = (size_t)(line.ptr - chunk->content);
        weir_status status = add_line(rows, line);
        if (status != WEIR_OK && is_bad(rows, line)) {
            add_bad(rows, &bad, row, begin, chunk->len - rest.len);
            continue;
        }
        if (status == WEIR_OK)
            status = send_bad(rows, chunk, &bad);
        if (status != WEIR_OK)
            return wr_frame_context(rows->cx, status, chunk, row, begin);
    }
    return send_bad(rows, chunk, &bad);
}

/* The rows of a chunk that names their table; the lines between them are blank. */
static weir_status add_lines(weir_rows *rows, const wr_frame *chunk)
{
    weir_str rest = { chunk->content, chunk->len };
    weir_str line;
    for (uint64_t row = 0; !rows->stopped && wr_str_split(&rest, '\n', &line); row++) {
        line = wr_str_trim(line);
        rows->at = chunk->first_row + 1 + row;
        const weir_status status = line.len ? add_line(rows, line) : WEIR_OK;
        if (status != WEIR_OK)
            return wr_frame_context(rows->cx, status, chunk, row,
                                    (size_t)(line.ptr - chunk->content));
    }
    return WEIR_OK;
}

/* A chunk as it is; `table` empty: of no row of its lines. */
static weir_status send_chunk(weir_rows *rows, const wr_frame *chunk, weir_str table)
{
    wr_frame whole = *chunk;
    whole.input = rows->input;
    whole.table = table;
    return send(rows, &whole);
}

weir_status wr_rows_add_chunk(weir_rows *rows, const wr_frame *chunk, bool *ret_stop)
{
    const weir_chunk *from = wr_input_chunk(chunk);
    WEIR_TRY(wr_check_cancel(rows->cx));
    WEIR_TRY(wr_fault(rows->cx, "extract.input"));
    WEIR_TRY(begin_input(rows, chunk));
    rows->given = (wr_given_table){ from->table, from->hints };
    *ret_stop = false;
    if (from->bad)
        return send_chunk(rows, chunk, (weir_str){ 0 });
    if (rows->given.name.len)
        WEIR_TRY(add_lines(rows, chunk));
    else if (rows->looks)
        WEIR_TRY(sift_chunk(rows, chunk));
    *ret_stop = rows->stopped;
    if (rows->given.name.len || rows->looks)
        return WEIR_OK;
    WEIR_TRY(wr_rows_announce(rows));
    return send_chunk(rows, chunk, rows->table);
}

/* ---- a resource ---- */

static weir_status begin_sift(weir_rows *rows)
{
    const wr_incremental_home home =
        wr_extract_home(rows->args, rows->resource, rows->resource->incremental);
    return wr_sift_begin(rows->cx, rows->resource, &home, &rows->sift);
}

weir_status wr_rows_begin(weir_rows *rows)
{
    rows->row = wr_buf_max(WR_FRAME_MAX);
    rows->pending = wr_buf_max(2 * WR_FRAME_MAX);
    rows->looks = wr_resource_looks(rows->resource);
    return rows->looks ? begin_sift(rows) : WEIR_OK;
}

weir_status wr_rows_finish(weir_rows *rows)
{
    WEIR_TRY(wr_rows_end_page(rows));
    WEIR_TRY(cut_all(rows));
    wr_extract_announce_emptied(rows->args, rows->resource, rows->announced);
    return rows->looks ? wr_sift_save(rows->cx, &rows->sift) : WEIR_OK;
}

void wr_rows_end(weir_rows *rows)
{
    for (size_t i = 0; i < rows->open.len; i++) {
        open_frame *open = rows->open.entries[i].value;
        wr_buf_done(&open->content);
        wr_buf_done(&open->runs);
        wr_free(open);
    }
    wr_map_done(&rows->open);
    wr_map_done(&rows->tables);
    wr_buf_done(&rows->row);
    wr_buf_done(&rows->pending);
    wr_sift_end(&rows->sift);
    wr_json_reader_done(&rows->reader);
    wr_line_reader_done(&rows->lines);
}
