/* Running resources: announcing their tables, calling them, writing the frames to the log beside them. */
#include "pipeline/extract.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/thread.h"
#include "pipeline/input_frames.h"
#include "pipeline/rows.h"
#include "pipeline/state.h"
#include "schema/hints.h"

/* Frames on their way to the log. */
#define QUEUE_BYTES ((size_t)8 << 20)

/* ---- announcing tables ---- */

static bool is_announced(const wr_node *tables, weir_str name)
{
    for (const wr_node *table = tables->first; table; table = table->next)
        if (wr_str_eq(wr_node_get_text(table, "name"), name))
            return true;
    return false;
}

/* The hints of the resource, for a table that comes with rows. */
static weir_status hints_for(weir_ctx *cx, const wr_extract_args *args, const wr_resource *resource,
                             wr_given_table table, wr_hints *ret)
{
    *ret = (wr_hints){ resource->name, resource->hints };
    if (!table.name.len)
        return WEIR_OK;
    wr_node *hints = wr_node_copy(args->arena, resource->hints);
    wr_node *own = NULL;
    if (table.hints.len) {
        WEIR_TRY(wr_node_parse(cx, args->arena, table.hints, &own));
        wr_hints_apply(args->arena, hints, own);
    }
    wr_node_set(args->arena, hints, wr_lit("table_name"), wr_node_text(args->arena, table.name));
    ret->doc = hints;
    return WEIR_OK;
}

static weir_status announce_nested(weir_ctx *cx, const wr_extract_args *args, const wr_hints *hints,
                                   weir_str table, wr_node *tables)
{
    wr_node *nested = NULL;
    WEIR_TRY(wr_hints_nested(cx, args->arena, &args->naming, hints, table, &nested));
    for (const wr_node *item = nested->first; item; item = item->next) {
        wr_node *doc = NULL;
        WEIR_TRY(wr_table_doc_named(cx, &args->naming, args->arena, item, &doc));
        wr_node_append(tables, doc);
    }
    return WEIR_OK;
}

/* The first resource of a table says what it is like. */
weir_status wr_extract_announce(weir_ctx *cx, const wr_extract_args *args,
                                const wr_resource *resource, wr_given_table table, wr_node *tables,
                                weir_str *ret_table)
{
    wr_hints hints;
    WEIR_TRY(hints_for(cx, args, resource, table, &hints));
    wr_node *given = NULL;
    wr_node *doc = NULL;
    WEIR_TRY(wr_hints_table(cx, args->arena, &hints, &given));
    WEIR_TRY(wr_table_doc_named(cx, &args->naming, args->arena, given, &doc));
    *ret_table = wr_node_get_text(doc, "name");
    if (is_announced(tables, *ret_table))
        return WEIR_OK;
    wr_node_append(tables, doc);
    return announce_nested(cx, args, &hints, wr_node_get_text(given, "name"), tables);
}

void wr_extract_announce_emptied(const wr_extract_args *args, const wr_resource *resource,
                                 wr_node *tables)
{
    for (size_t i = 0; resource->replaces && args->stored && i < args->stored->tables.len; i++) {
        const wr_table *stored = args->stored->tables.ptr[i];
        if (stored->pub.parent.len || !stored->seen_data ||
            !wr_str_eq(stored->resource, resource->name) || is_announced(tables, stored->pub.name))
            continue;
        wr_node *table = wr_node_new(args->arena, WR_NODE_OBJECT);
        wr_node_set(args->arena, table, wr_lit("name"),
                    wr_node_text(args->arena, stored->pub.name));
        wr_node_set(args->arena, table, wr_lit("columns"),
                    wr_node_new(args->arena, WR_NODE_OBJECT));
        wr_node_set(args->arena, table, wr_lit("write_disposition"),
                    wr_node_text(args->arena, wr_lit("replace")));
        wr_node_append(tables, table);
    }
}

/* One that ends at a given value leaves nothing in the state. */
static bool keeps_state(const wr_incremental_settings *incremental)
{
    return incremental && (!incremental->end_value || incremental->end_value->kind == WR_NODE_NULL);
}

wr_incremental_home wr_extract_home(const wr_extract_args *args, const wr_resource *resource,
                                    const wr_incremental_settings *incremental)
{
    weir_str name = resource->name;
    if (incremental && incremental == resource->of_items)
        name = wr_resource_items_name(args->arena, resource);
    return (wr_incremental_home){
        .resource = name,
        .arena = args->arena,
        .state = wr_state_resource(args->arena, args->state, args->schema, name,
                                   keeps_state(incremental)),
    };
}

void wr_extract_reset(const wr_extract_args *args)
{
    for (size_t i = 0; i < args->resources.len; i++) {
        const wr_resource *resource = &args->resources.ptr[i];
        if (resource->replaces)
            wr_state_reset_resource(args->arena, args->state, args->schema, resource->name);
    }
}

/* ---- running ---- */

/* Under this key of its state a resource keeps where its input goes on. */
#define POSITION "position"

static weir_status resume(weir_rows *rows, const wr_open_input *input)
{
    const weir_input *kind = rows->resource->def->input;
    if (!kind->resume)
        return WEIR_OK;
    const weir_value position = weir_state_get(rows, POSITION);
    return kind->resume(rows->cx, input->self,
                        position.kind == WEIR_JSON ? position.as.s : (weir_str){ 0 });
}

static weir_status keep_position(weir_rows *rows, const wr_open_input *input)
{
    const weir_input *kind = rows->resource->def->input;
    const weir_str position = kind->position ? kind->position(input->self) : (weir_str){ 0 };
    if (position.len == 0)
        return WEIR_OK;
    return weir_state_set(rows, POSITION, weir_json_text(position));
}

static weir_status read_input(weir_rows *rows, wr_open_input *input)
{
    bool stop = false;
    WEIR_TRY(resume(rows, input));
    while (!stop) {
        wr_frame *chunk = NULL;
        WEIR_TRY(wr_input_next(rows->cx, input, &chunk));
        if (!chunk)
            break;
        const weir_status status = wr_rows_add_chunk(rows, chunk, &stop);
        wr_input_done(chunk);
        WEIR_TRY(status);
    }
    return keep_position(rows, input);
}

static weir_status run_input(weir_rows *rows)
{
    wr_open_input input;
    const wr_incremental_home home =
        wr_extract_home(rows->args, rows->resource, rows->resource->of_items);
    weir_status status = wr_input_open(rows->cx, rows->resource, &home, &input);
    if (status == WEIR_OK)
        status = read_input(rows, &input);
    wr_input_close(&input);
    return status;
}

static weir_status begin(weir_rows *rows)
{
    WEIR_TRY(wr_rows_begin(rows));
    for (weir_rows *child = rows->children; child; child = child->next)
        WEIR_TRY(wr_context(rows->cx, begin(child), "resource '%s'", child->resource->def->name));
    return WEIR_OK;
}

/* Parents first: their last page may still have rows for the children. */
static weir_status finish(weir_rows *rows)
{
    WEIR_TRY(wr_rows_finish(rows));
    for (weir_rows *child = rows->children; child; child = child->next)
        WEIR_TRY(wr_context(rows->cx, finish(child), "resource '%s'", child->resource->def->name));
    return WEIR_OK;
}

static weir_status run(weir_rows *rows)
{
    const wr_resource *resource = rows->resource;
    WEIR_TRY(begin(rows));
    WEIR_TRY(wr_fault(rows->cx, "extract.resource"));
    WEIR_TRY(resource->def->input ? run_input(rows) : resource->def->run(rows->cx, rows));
    return finish(rows);
}

/* The rows of all resources, those of one that depends on another below its. */
static weir_rows *plant(weir_ctx *cx, const wr_extract_args *args, wr_queue *queue,
                        wr_extracted *ret)
{
    const wr_resources *resources = &args->resources;
    weir_rows *all = wr_arena_new_array(args->arena, resources->len + 1, weir_rows);
    for (size_t i = 0; i < resources->len; i++) {
        all[i] = (weir_rows){
            .cx = cx,
            .args = args,
            .resource = &resources->ptr[i],
            .announced = ret->tables,
            .queue = queue,
        };
        const char *parent = resources->ptr[i].def->parent;
        for (size_t k = 0; parent && k < i; k++) {
            if (strcmp(resources->ptr[k].def->name, parent) != 0)
                continue;
            weir_rows **last = &all[k].children;
            while (*last)
                last = &(*last)->next;
            *last = &all[i];
        }
    }
    return all;
}

static void count(weir_rows *rows, wr_extracted *ret)
{
    wr_rows_end(rows);
    ret->rows += rows->total_rows;
    ret->bytes += rows->total_bytes;
    for (weir_rows *child = rows->children; child; child = child->next)
        count(child, ret);
}

static weir_status run_resource(weir_ctx *cx, weir_rows *rows, wr_extracted *ret)
{
    if (rows->resource->def->parent)
        return WEIR_OK; /* it runs with that one */
    WR_SCRATCH_SCOPE(cx);
    const weir_status status = run(rows);
    count(rows, ret);
    return wr_context(cx, status, "resource '%s'", rows->resource->def->name);
}

typedef struct log_job {
    wr_queue *queue;
    wr_log_writer *log;
} log_job;

static weir_status write_log(weir_ctx *cx, void *arg)
{
    const log_job *job = arg;
    for (;;) {
        void *item = NULL;
        size_t size = 0;
        WEIR_TRY(wr_queue_receive(cx, job->queue, &item, &size));
        if (!item)
            return WEIR_OK;
        const weir_status status = wr_log_append(cx, job->log, item);
        wr_rows_release_frame(item);
        wr_queue_return(job->queue, size);
        if (status != WEIR_OK) {
            wr_queue_close(job->queue);
            return status;
        }
    }
}

weir_status wr_extract(weir_ctx *cx, const wr_extract_args *args, wr_log_writer *log,
                       wr_extracted *ret)
{
    *ret = (wr_extracted){ .tables = wr_node_new(args->arena, WR_NODE_ARRAY) };
    log_job job = { wr_queue_new(QUEUE_BYTES), log };
    wr_thread writer = { 0 };
    weir_status status = wr_thread_start(cx, &writer, "weir-log", write_log, &job);
    weir_rows *all = plant(cx, args, job.queue, ret);
    for (size_t i = 0; i < args->resources.len && status == WEIR_OK; i++)
        status = run_resource(cx, &all[i], ret);

    wr_queue_end(job.queue, NULL);
    const wr_error own = cx->error;
    weir_error_clear(cx);
    const weir_status written = wr_thread_join(cx, &writer);
    wr_queue_free(job.queue, wr_rows_release_frame);
    if (written != WEIR_OK)
        return written; /* the resource was only cancelled by it */
    return status == WEIR_OK ? WEIR_OK : wr_error_adopt(cx, &own);
}
