/* Running resources: rows into frames, frames into the log. */
#include "pipeline/extract.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/str.h"
#include "base/thread.h"
#include "pipeline/state.h"
#include "schema/coerce.h"

/* Frames on their way to the log. */
#define QUEUE_BYTES ((size_t)8 << 20)
/* Progress is told after this many bytes. */
#define PROGRESS_BYTES ((int64_t)4 << 20)

struct weir_rows {
    weir_ctx *cx;
    const wr_extract_args *args;
    const weir_resource *resource;
    weir_str table;
    wr_queue *queue;
    wr_frame frame; /* the open one; its content is in `content` */
    wr_buf content;
    wr_json_reader reader;
    uint64_t next_row;
    int64_t total_rows;
    int64_t total_bytes;
    int64_t told_bytes;
};

/* ---- frames ---- */

static void frame_release(void *item)
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

/* Send the open frame, begin another. */
static weir_status cut_frame(weir_rows *rows)
{
    if (rows->frame.rows == 0)
        return WEIR_OK;
    WEIR_TRY(wr_fault(rows->cx, "extract.frame"));
    wr_frame *frame = wr_new(wr_frame);
    *frame = rows->frame;
    frame->resource = weir_str_of(rows->resource->name);
    frame->table = rows->table;
    frame->content = rows->content.ptr;
    frame->len = rows->content.len;
    const size_t size = rows->content.cap;
    rows->total_rows += frame->rows;
    rows->total_bytes += (int64_t)frame->len;
    rows->next_row += frame->rows;
    rows->content = wr_buf_max(WR_FRAME_MAX);
    rows->frame = (wr_frame){ .kind = frame->kind, .first_row = rows->next_row };
    tell_progress(rows);
    const weir_status status = wr_queue_send(rows->cx, rows->queue, frame, size);
    if (status != WEIR_OK)
        frame_release(frame);
    return status;
}

static weir_status begin_row(weir_rows *rows, wr_frame_kind kind)
{
    WEIR_TRY(wr_check_cancel(rows->cx));
    if (rows->frame.kind != kind)
        WEIR_TRY(cut_frame(rows));
    rows->frame.kind = kind;
    return WEIR_OK;
}

static weir_status row_too_large(weir_rows *rows)
{
    return weir_fail(rows->cx, WEIR_LIMIT,
                     "row %llu of resource '%s' is larger than %zu MiB\n"
                     "hint: split it, or leave out what the tables do not need",
                     (unsigned long long)(rows->next_row + rows->frame.rows), rows->resource->name,
                     WR_FRAME_MAX >> 20);
}

static weir_status end_row(weir_rows *rows)
{
    wr_buf_char(&rows->content, '\n');
    if (rows->content.failed)
        return row_too_large(rows);
    rows->frame.rows++;
    return rows->content.len >= WR_FRAME_BYTES ? cut_frame(rows) : WEIR_OK;
}

/* ---- emitting ---- */

/* A JSON text goes in as it is, on one line: line ends can only stand between its tokens. */
static weir_status put_json(weir_rows *rows, weir_str text)
{
    wr_jkind kind;
    WEIR_TRY(wr_json_check(rows->cx, text, &kind));
    const size_t begin = rows->content.len;
    wr_buf_str(&rows->content, text);
    for (size_t i = begin; i < rows->content.len; i++)
        if (rows->content.ptr[i] == '\n' || rows->content.ptr[i] == '\r')
            rows->content.ptr[i] = ' ';
    return WEIR_OK;
}

weir_status weir_emit_fields(weir_rows *rows, const weir_field *fields, size_t count)
{
    WEIR_TRY(begin_row(rows, WR_FRAME_TYPED));
    wr_buf *out = &rows->content;
    const size_t begin = out->len;
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].value.kind == WEIR_ABSENT)
            continue;
        wr_buf_char(out, first ? '{' : ',');
        first = false;
        wr_json_quote(out, fields[i].name);
        wr_buf_char(out, ':');
        if (fields[i].value.kind != WEIR_JSON) {
            wr_typed_encode(out, fields[i].value);
            continue;
        }
        const weir_status status = put_json(rows, fields[i].value.as.s);
        if (status != WEIR_OK) {
            out->len = begin;
            return wr_context(rows->cx, status, "cell '%.*s'", WR_STR(fields[i].name));
        }
    }
    wr_buf_cstr(out, first ? "{}" : "}");
    return end_row(rows);
}

static weir_status emit_value(weir_rows *rows, const wr_jval *value)
{
    wr_json_write(&rows->content, value);
    return end_row(rows);
}

weir_status weir_emit_json(weir_rows *rows, weir_str text)
{
    WEIR_TRY(begin_row(rows, WR_FRAME_JSON));
    wr_jkind kind;
    WEIR_TRY(wr_json_check(rows->cx, text, &kind));
    wr_auto(buf) wr_buf copy = wr_buf_max(WR_FRAME_MAX + WR_JSON_PADDING);
    wr_buf_str(&copy, text);
    wr_buf_append(&copy, "\0\0\0\0\0\0\0", WR_JSON_PADDING);
    WEIR_TRY(wr_buf_check(rows->cx, &copy, "an emitted JSON text"));

    const wr_jval *value = NULL;
    size_t used = 0;
    WEIR_TRY(wr_json_read(rows->cx, &rows->reader, copy.ptr, text.len, &value, &used));
    if (kind != WR_JARRAY)
        return emit_value(rows, value);
    const size_t count = wr_jlen(value);
    const wr_jval *item = wr_jfirst(value);
    for (size_t i = 0; i < count; i++) {
        WEIR_TRY(emit_value(rows, item));
        item = wr_jnext(item);
    }
    return WEIR_OK;
}

/* ---- state ---- */

weir_value weir_state_get(weir_rows *rows, const char *key)
{
    const wr_extract_args *args = rows->args;
    const wr_node *kept = wr_state_resource(args->arena, args->state, args->schema,
                                            weir_str_of(rows->resource->name), false);
    return wr_state_value(args->arena, wr_node_get(kept, key));
}

weir_status weir_state_set(weir_rows *rows, const char *key, weir_value value)
{
    if (!key || !*key)
        return weir_fail(rows->cx, WEIR_INVALID, "a value of the state needs a key");
    const wr_extract_args *args = rows->args;
    wr_node *kept = wr_state_resource(args->arena, args->state, args->schema,
                                      weir_str_of(rows->resource->name), true);
    return wr_state_put(rows->cx, args->arena, kept, weir_str_of(key), value);
}

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
    wr_node_append(tables, doc);
    return WEIR_OK;
}

/* ---- running ---- */

static weir_status run_resource(weir_ctx *cx, const wr_extract_args *args,
                                const weir_resource *resource, wr_queue *queue, wr_extracted *ret)
{
    weir_str table;
    const char *name = resource->table ? resource->table : resource->name;
    WEIR_TRY(wr_name_table_path(cx, &args->naming, args->arena, weir_str_of(name), &table));
    WEIR_TRY(announce(cx, args, resource, table, ret->tables));
    if (resource->write == WEIR_REPLACE)
        wr_state_reset_resource(args->arena, args->state, args->schema,
                                weir_str_of(resource->name));

    weir_rows rows = {
        .cx = cx,
        .args = args,
        .resource = resource,
        .table = table,
        .queue = queue,
        .content = wr_buf_max(WR_FRAME_MAX),
    };
    WR_SCRATCH_SCOPE(cx);
    weir_status status = wr_fault(cx, "extract.resource");
    if (status == WEIR_OK)
        status = resource->run(cx, &rows);
    if (status == WEIR_OK)
        status = cut_frame(&rows);
    wr_buf_done(&rows.content);
    wr_json_reader_done(&rows.reader);
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
        frame_release(item);
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
    if (!resource->run)
        return weir_fail(cx, WEIR_INVALID, "resource '%s' has no function", resource->name);
    for (size_t k = 0; k < i; k++)
        if (strcmp(resources[k].name, resource->name) == 0)
            return weir_fail(cx, WEIR_INVALID,
                             "two resources are called '%s'\nhint: names of resources are their "
                             "tables and the keys of their state; give one of them another",
                             resource->name);
    return WEIR_OK;
}

weir_status wr_extract(weir_ctx *cx, const wr_extract_args *args, wr_log_writer *log,
                       wr_extracted *ret)
{
    size_t count = 0;
    for (; args->resources[count].name || args->resources[count].run; count++)
        WEIR_TRY(check_resource(cx, args->resources, count));

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
    wr_queue_free(job.queue, frame_release);
    if (written != WEIR_OK)
        return written; /* the resource was only cancelled by it */
    return status == WEIR_OK ? WEIR_OK : wr_error_adopt(cx, &own);
}
