/* Chunks of inputs as frames, and where their rows stand. */
#include "pipeline/input_frames.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "format/json.h"
#include "pipeline/line.h"

/* A chunk and the frame that shows it. */
typedef struct chunk_frame {
    wr_frame frame; /* first: it is given out as this */
    weir_chunk chunk;
    wr_open_input *input;
    char place[64];
} chunk_frame;

_Static_assert(WEIR_CHUNK_PADDING >= WR_JSON_PADDING, "chunks are parsed in place");

/* ---- items ---- */

typedef struct sieve {
    wr_incremental *incremental;
    wr_line_reader lines;
} sieve;

static weir_status keep_item(weir_ctx *cx, void *self, weir_str item, bool *ret_keep)
{
    sieve *s = self;
    const wr_jval *row = NULL;
    WEIR_TRY(wr_line_read_copy(cx, &s->lines, item, &row));
    return wr_incremental_row(cx, s->incremental, row, ret_keep);
}

static weir_status select_with(weir_ctx *cx, const wr_open_input *input, sieve *s)
{
    bool stop = false;
    const weir_items items = { keep_item, s };
    WEIR_TRY(input->resource->def->input->select(cx, input->self, &items));
    WEIR_TRY(wr_incremental_end_page(cx, s->incremental, &stop));
    return wr_incremental_save(cx, s->incremental);
}

static weir_status select_items(weir_ctx *cx, const wr_open_input *input,
                                const wr_incremental_home *home)
{
    const wr_incremental_settings *settings = input->resource->of_items;
    sieve s = { 0 };
    if (!settings)
        return WEIR_OK;
    if (!input->resource->def->input->select)
        return weir_fail(cx, WEIR_CONFIG, "the input '%s' has no items to load incrementally",
                         input->resource->def->input->name);
    WEIR_TRY(wr_incremental_open(cx, settings, home, &s.incremental));
    const weir_status status = select_with(cx, input, &s);
    wr_incremental_close(s.incremental);
    wr_line_reader_done(&s.lines);
    return status;
}

/* ---- one input ---- */

weir_status wr_input_open(weir_ctx *cx, const wr_resource *resource,
                          const wr_incremental_home *home, wr_open_input *ret)
{
    const weir_resource *def = resource->def;
    *ret = (wr_open_input){ .resource = resource };
    ret->self = wr_alloc(def->input->self_size);
    WEIR_TRY(def->input->open(cx, ret->self, def->input_spec));
    return select_items(cx, ret, home);
}

bool wr_input_is_empty(const wr_open_input *input)
{
    const weir_input *kind = input->resource->def->input;
    return kind->is_empty && kind->is_empty(input->self);
}

static void show_chunk(chunk_frame *shown)
{
    const weir_chunk *chunk = &shown->chunk;
    const wr_resource *resource = shown->input->resource;
    const int len = snprintf(shown->place, sizeof(shown->place), "{\"line\":%lld,\"offset\":%lld}",
                             (long long)chunk->first_line, (long long)chunk->offset);
    shown->frame = (wr_frame){
        .number = shown->input->frames++,
        .kind =
            resource->def->on_bad_row == WEIR_BAD_ROW_QUARANTINE ? WR_FRAME_LINES : WR_FRAME_JSON,
        .first_row = chunk->first_line > 0 ? (uint64_t)chunk->first_line - 1 : 0,
        .rows = (uint32_t)chunk->rows,
        .resource = resource->name,
        .table = shown->input->table,
        .input = chunk->name,
        .place = { shown->place, (size_t)len },
        .content = chunk->text,
        .len = chunk->len,
    };
}

weir_status wr_input_next(weir_ctx *cx, wr_open_input *input, wr_frame **ret)
{
    weir_chunk chunk;
    bool found = false;
    WEIR_TRY(input->resource->def->input->next(cx, input->self, &chunk, &found));
    *ret = NULL;
    if (!found)
        return WEIR_OK;
    chunk_frame *shown = wr_new(chunk_frame);
    shown->chunk = chunk;
    shown->input = input;
    show_chunk(shown);
    *ret = &shown->frame;
    return WEIR_OK;
}

void wr_input_done(wr_frame *frame)
{
    chunk_frame *shown = (chunk_frame *)frame;
    shown->input->resource->def->input->done(shown->input->self, &shown->chunk);
    wr_free(shown);
}

const weir_chunk *wr_input_chunk(const wr_frame *frame)
{
    return &((const chunk_frame *)frame)->chunk;
}

void wr_input_close(wr_open_input *input)
{
    if (input->self)
        input->resource->def->input->close(input->self);
    wr_free(input->self);
    input->self = NULL;
}

/* ---- all inputs of a run ---- */

static weir_status give_last(wr_input_frames *frames, wr_frame **ret)
{
    *ret = NULL;
    if (frames->last && !frames->last_given) {
        frames->last_given = true;
        *ret = wr_new(wr_frame);
        **ret = *frames->last;
    }
    return WEIR_OK;
}

static weir_status next(weir_ctx *cx, void *self, wr_frame **ret)
{
    wr_input_frames *frames = self;
    while (frames->at < frames->resources->len) {
        const wr_resource *resource = &frames->resources->ptr[frames->at];
        wr_open_input *input = &frames->inputs[frames->at];
        const weir_status status = wr_input_next(cx, input, ret);
        if (status != WEIR_OK)
            return wr_context(cx, status, "resource '%s'", resource->def->name);
        if (*ret)
            return WEIR_OK;
        frames->at++; /* its frames may still be under way: it is closed at the end */
    }
    return give_last(frames, ret);
}

static void done(void *self, wr_frame *frame)
{
    const wr_input_frames *frames = self;
    if (frames->last && frame->content == frames->last->content)
        wr_free(frame);
    else
        wr_input_done(frame);
}

wr_frames wr_input_frames_of(wr_input_frames *frames)
{
    return (wr_frames){ next, done, frames };
}

void wr_input_frames_end(wr_input_frames *frames)
{
    for (size_t i = 0; i < frames->resources->len; i++)
        wr_input_close(&frames->inputs[i]);
}

/* ---- places ---- */

bool wr_frame_place(weir_ctx *cx, const wr_frame *frame, wr_place *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *place = NULL;
    const wr_error error = cx->error;
    if (!frame->input.len || wr_node_parse(cx, &arena, frame->place, &place) != WEIR_OK)
        cx->error = error; /* of what is looked for, not of looking */
    if (!wr_node_get(place, "line"))
        return false;
    *ret = (wr_place){ wr_node_get_int(place, "line", 0), wr_node_get_int(place, "offset", 0) };
    return true;
}

/* The number that row `row` of a frame has in runs of numbers: "[[12,3],[17,1]]". */
static int64_t number_in(const wr_node *runs, uint64_t row)
{
    for (const wr_node *run = runs->first; run; run = run->next) {
        int64_t first = 0;
        int64_t len = 0;
        if (run->count != 2 || !wr_int_parse(run->first->text, &first) ||
            !wr_int_parse(run->last->text, &len))
            break;
        if (row < (uint64_t)len)
            return first + (int64_t)row;
        row -= (uint64_t)len;
    }
    return 0;
}

weir_status wr_frame_context(weir_ctx *cx, weir_status status, const wr_frame *frame, uint64_t row,
                             size_t at)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *place = NULL;
    const wr_error error = cx->error;
    if (!frame->place.len || wr_node_parse(cx, &arena, frame->place, &place) != WEIR_OK)
        cx->error = error;
    const wr_node *runs = wr_node_get(place, "runs");
    const int64_t number = runs ? number_in(runs, row) : (int64_t)(frame->first_row + row);
    if (!frame->input.len)
        return wr_context(cx, status, "row %lld of resource '%.*s'", (long long)number,
                          WR_STR(frame->resource));
    if (runs || !place)
        return wr_context(cx, status, "%.*s: row %lld", WR_STR(frame->input), (long long)number);
    const int64_t line = wr_node_get_int(place, "line", 0);
    const int64_t offset = wr_node_get_int(place, "offset", 0);
    if (line == 0)
        return wr_context(cx, status, "%.*s: value at byte %lld", WR_STR(frame->input),
                          (long long)(offset + (int64_t)at));
    return wr_context(cx, status, "%.*s:%lld: line at byte %lld", WR_STR(frame->input),
                      (long long)(line + (int64_t)row), (long long)(offset + (int64_t)at));
}
