/* Chunks of inputs as frames, and where their rows stand. */
#include "pipeline/input_frames.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/json.h"

/* A chunk and the frame that shows it. */
typedef struct chunk_frame {
    wr_frame frame; /* first: it is given out as this */
    weir_chunk chunk;
    wr_open_input *input;
    char place[64];
} chunk_frame;

_Static_assert(WEIR_CHUNK_PADDING >= WR_JSON_PADDING, "chunks are parsed in place");

weir_status wr_input_open(weir_ctx *cx, const weir_resource *resource, weir_str table,
                          wr_open_input *ret)
{
    *ret = (wr_open_input){ .resource = resource, .table = table };
    ret->self = wr_alloc(resource->input->self_size);
    return resource->input->open(cx, ret->self, resource->input_spec);
}

static void show_chunk(chunk_frame *shown)
{
    const weir_chunk *chunk = &shown->chunk;
    const int len = snprintf(shown->place, sizeof(shown->place), "{\"line\":%lld,\"offset\":%lld}",
                             (long long)chunk->first_line, (long long)chunk->offset);
    shown->frame = (wr_frame){
        .number = shown->input->frames++,
        .kind = WR_FRAME_JSON,
        .first_row = chunk->first_line > 0 ? (uint64_t)chunk->first_line - 1 : 0,
        .rows = (uint32_t)chunk->rows,
        .resource = weir_str_of(shown->input->resource->name),
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
    WEIR_TRY(input->resource->input->next(cx, input->self, &chunk, &found));
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
    shown->input->resource->input->done(shown->input->self, &shown->chunk);
    wr_free(shown);
}

void wr_input_close(wr_open_input *input)
{
    if (input->self)
        input->resource->input->close(input->self);
    wr_free(input->self);
    input->self = NULL;
}

/* ---- all inputs of a run ---- */

void wr_input_frames_begin(wr_input_frames *frames)
{
    while (frames->resources[frames->count].name)
        frames->count++;
    frames->inputs = wr_new_array(frames->count + 1, wr_open_input);
}

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
    while (frames->at < frames->count) {
        const size_t i = frames->at;
        wr_open_input *input = &frames->inputs[i];
        weir_status status = WEIR_OK;
        if (!input->self)
            status = wr_input_open(cx, &frames->resources[i], frames->tables[i], input);
        if (status == WEIR_OK)
            status = wr_input_next(cx, input, ret);
        if (status != WEIR_OK)
            return wr_context(cx, status, "resource '%s'", frames->resources[i].name);
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
    for (size_t i = 0; i < frames->count; i++)
        wr_input_close(&frames->inputs[i]);
    wr_free(frames->inputs);
    frames->inputs = NULL;
}

/* ---- places ---- */

weir_status wr_frame_context(weir_ctx *cx, weir_status status, const wr_frame *frame, uint64_t row,
                             size_t at)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *place = NULL;
    const wr_error error = cx->error;
    if (!frame->input.len || wr_node_parse(cx, &arena, frame->place, &place) != WEIR_OK) {
        cx->error = error;
        return wr_context(cx, status, "row %llu of resource '%.*s'",
                          (unsigned long long)(frame->first_row + row), WR_STR(frame->resource));
    }
    const int64_t line = wr_node_get_int(place, "line", 0);
    const int64_t offset = wr_node_get_int(place, "offset", 0);
    if (line == 0)
        return wr_context(cx, status, "%.*s: value at byte %lld", WR_STR(frame->input),
                          (long long)(offset + (int64_t)at));
    return wr_context(cx, status, "%.*s:%lld: line at byte %lld", WR_STR(frame->input),
                      (long long)(line + (int64_t)row), (long long)(offset + (int64_t)at));
}
