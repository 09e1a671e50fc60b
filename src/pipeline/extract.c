/* Running resources: announcing their tables, calling them, writing the frames to the log beside them. */
#include "pipeline/extract.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/thread.h"
#include "pipeline/input_frames.h"
#include "pipeline/rows.h"
#include "pipeline/state.h"

/* Frames on their way to the log. */
#define QUEUE_BYTES ((size_t)8 << 20)
/* ---- announcing tables ---- */

static weir_status add_key_columns(weir_ctx *cx, const wr_extract_args *args, weir_str names,
                                   wr_node *columns)
{
    weir_str part;
    while (wr_str_split(&names, ',', &part)) {
        weir_str name;
        WEIR_TRY(wr_name_path(cx, &args->naming, args->arena, wr_str_trim(part), &name));
        wr_node *column = wr_node_new(args->arena, WR_NODE_OBJECT);
        wr_node_set(args->arena, column, wr_lit("name"), wr_node_text(args->arena, name));
        wr_node_set(args->arena, column, wr_lit("nullable"), wr_node_bool(args->arena, false));
        wr_node_set(args->arena, column, wr_lit("primary_key"), wr_node_bool(args->arena, true));
        wr_node_set(args->arena, columns, name, column);
    }
    return WEIR_OK;
}

static bool is_announced(const wr_node *tables, weir_str name)
{
    for (const wr_node *table = tables->first; table; table = table->next)
        if (wr_str_eq(wr_node_get_text(table, "name"), name))
            return true;
    return false;
}

/* The first resource of a table says what it is like. */
static weir_status announce(weir_ctx *cx, const wr_extract_args *args,
                            const weir_resource *resource, weir_str table, wr_node *tables)
{
    static const char *const writes[] = { [WEIR_APPEND] = "append", [WEIR_REPLACE] = "replace" };
    wr_arena *arena = args->arena;
    if (is_announced(tables, table))
        return WEIR_OK;
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *columns = wr_node_new(arena, WR_NODE_OBJECT);
    if (resource->primary_key)
        WEIR_TRY(add_key_columns(cx, args, weir_str_of(resource->primary_key), columns));
    wr_node_set(arena, doc, wr_lit("columns"), columns);
    wr_node_set(arena, doc, wr_lit("write_disposition"),
                wr_node_text(arena, weir_str_of(writes[resource->write])));
    wr_node_set(arena, doc, wr_lit("name"), wr_node_text(arena, table));
    wr_node_set(arena, doc, wr_lit("resource"), wr_node_text(arena, weir_str_of(resource->name)));
    if (resource->max_table_nesting) {
        wr_node *hints = wr_node_new(arena, WR_NODE_OBJECT);
        const int levels = resource->max_table_nesting > 0 ? resource->max_table_nesting : 0;
        wr_node_set(arena, hints, wr_lit("max_nesting"), wr_node_int(arena, levels));
        wr_node_set(arena, doc, wr_lit("x-normalizer"), hints);
    }
    wr_node_append(tables, doc);
    return WEIR_OK;
}

weir_status wr_extract_announce(weir_ctx *cx, const wr_extract_args *args,
                                const weir_resource *resource, wr_node *tables, weir_str *ret_table)
{
    const char *name = resource->table ? resource->table : resource->name;
    WEIR_TRY(wr_name_table_path(cx, &args->naming, args->arena, weir_str_of(name), ret_table));
    WEIR_TRY(announce(cx, args, resource, *ret_table, tables));
    if (resource->write == WEIR_REPLACE)
        wr_state_reset_resource(args->arena, args->state, args->schema,
                                weir_str_of(resource->name));
    return WEIR_OK;
}

/* ---- running ---- */

/* An input that cannot be read again: its chunks go to the log as they are. */
static weir_status run_input(weir_rows *rows)
{
    wr_open_input input;
    weir_status status = wr_input_open(rows->cx, rows->resource, rows->table, &input);
    while (status == WEIR_OK) {
        wr_frame *frame = NULL;
        status = wr_input_next(rows->cx, &input, &frame);
        if (status != WEIR_OK || !frame)
            break;
        status = wr_rows_copy_frame(rows, frame);
        wr_input_done(frame);
    }
    wr_input_close(&input);
    return status;
}

static weir_status run_resource(weir_ctx *cx, const wr_extract_args *args,
                                const weir_resource *resource, wr_queue *queue, wr_extracted *ret)
{
    weir_rows rows = {
        .cx = cx,
        .args = args,
        .resource = resource,
        .queue = queue,
        .content = wr_buf_max(WR_FRAME_MAX),
    };
    WEIR_TRY(wr_extract_announce(cx, args, resource, ret->tables, &rows.table));
    WR_SCRATCH_SCOPE(cx);
    weir_status status = wr_fault(cx, "extract.resource");
    if (status == WEIR_OK)
        status = resource->input ? run_input(&rows) : resource->run(cx, &rows);
    if (status == WEIR_OK)
        status = wr_rows_cut(&rows);
    wr_rows_done(&rows);
    ret->rows += rows.total_rows;
    ret->bytes += rows.total_bytes;
    return wr_context(cx, status, "resource '%s'", resource->name);
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

static weir_status check_resource(weir_ctx *cx, const weir_resource *resources, size_t i)
{
    const weir_resource *resource = &resources[i];
    if (!resource->name || !*resource->name)
        return weir_fail(cx, WEIR_INVALID, "resource number %zu has no name", i + 1);
    if (!resource->run && !resource->input)
        return weir_fail(cx, WEIR_INVALID, "resource '%s' has no function", resource->name);
    for (size_t k = 0; k < i; k++)
        if (strcmp(resources[k].name, resource->name) == 0)
            return weir_fail(cx, WEIR_INVALID,
                             "two resources are called '%s'\nhint: names of resources are their "
                             "tables and the keys of their state; give one of them another",
                             resource->name);
    return WEIR_OK;
}

weir_status wr_extract_check(weir_ctx *cx, const weir_resource *resources, size_t *ret_count)
{
    size_t count = 0;
    for (; resources[count].name || resources[count].run || resources[count].input; count++)
        WEIR_TRY(check_resource(cx, resources, count));
    *ret_count = count;
    return WEIR_OK;
}

weir_status wr_extract(weir_ctx *cx, const wr_extract_args *args, wr_log_writer *log,
                       wr_extracted *ret)
{
    size_t count = 0;
    WEIR_TRY(wr_extract_check(cx, args->resources, &count));

    *ret = (wr_extracted){ .tables = wr_node_new(args->arena, WR_NODE_ARRAY) };
    log_job job = { wr_queue_new(QUEUE_BYTES), log };
    wr_thread writer = { 0 };
    weir_status status = wr_thread_start(cx, &writer, "weir-log", write_log, &job);
    for (size_t i = 0; i < count && status == WEIR_OK; i++)
        status = run_resource(cx, args, &args->resources[i], job.queue, ret);

    wr_queue_end(job.queue, NULL);
    const wr_error own = cx->error;
    weir_error_clear(cx);
    const weir_status written = wr_thread_join(cx, &writer);
    wr_queue_free(job.queue, wr_rows_release_frame);
    if (written != WEIR_OK)
        return written; /* the resource was only cancelled by it */
    return status == WEIR_OK ? WEIR_OK : wr_error_adopt(cx, &own);
}
