/* Frames: parsed line by line and walked, under a snapshot of the schema; batches and additions handed out. */
#include "pipeline/normalize.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/input_frames.h"
#include "pipeline/normalizer.h"

wr_normalizer *wr_normalizer_new(const wr_normalizer_args *args)
{
    wr_normalizer *ret = wr_new(wr_normalizer);
    ret->args = *args;
    if (!ret->args.part_cells)
        ret->args.part_cells = WR_PART_CELLS;
    ret->idle.most = args->idle_bytes;
    ret->scratch = ret->json = ret->typed = ret->clean = wr_buf_max(WR_FRAME_MAX * 2);
    return ret;
}

static void forget_shapes(wr_normalizer *n)
{
    for (size_t i = 0; i < n->shapes.len; i++)
        wr_map_done(&n->shapes.ptr[i]->entries);
    n->shapes.len = 0;
    wr_map_clear(&n->roots);
    wr_arena_reset(&n->learnt);
    for (size_t i = 0; i < n->tables.len; i++)
        wr_rowset_forget(n->tables.entries[i].value);
}

void wr_normalizer_free(wr_normalizer *n)
{
    if (!n)
        return;
    forget_shapes(n);
    for (size_t i = 0; i < n->tables.len; i++)
        wr_rowset_free(n->tables.entries[i].value);
    wr_map_done(&n->tables);
    wr_map_done(&n->roots);
    wr_map_done(&n->texts);
    wr_vec_done(&n->shapes);
    wr_vec_done(&n->objects);
    wr_vec_done(&n->lists);
    wr_vec_done(&n->used);
    wr_vec_done(&n->handed);
    wr_vec_done(&n->fields);
    wr_vec_done(&n->members);
    wr_json_reader_done(&n->reader);
    wr_line_reader_done(&n->lines);
    wr_buf_done(&n->scratch);
    wr_buf_done(&n->json);
    wr_buf_done(&n->typed);
    wr_buf_done(&n->clean);
    wr_arena_done(&n->learnt);
    wr_arena_done(&n->making);
    wr_arena_done(&n->names);
    wr_free(n);
}

/* ---- names and tables ---- */

weir_str wr_keep_text(wr_normalizer *n, weir_str text)
{
    const ptrdiff_t at = wr_map_find(&n->texts, text);
    if (at >= 0)
        return n->texts.entries[at].key;
    const weir_str kept = wr_arena_str(&n->names, text);
    wr_map_put(&n->texts, kept, NULL);
    return kept;
}

static weir_status name_own(weir_ctx *cx, wr_normalizer *n, const char *raw, weir_str *ret)
{
    return wr_name_identifier(cx, &n->args.naming, &n->names, weir_str_of(raw), ret);
}

/* dlt's own names, as the convention has them. */
static weir_status name_all_own(weir_ctx *cx, wr_normalizer *n)
{
    static const char *const OWN[WR_OWN_COUNT] = {
        [WR_OWN_LOAD_ID] = "_dlt_load_id",
        [WR_OWN_PARENT_ID] = "_dlt_parent_id",
        [WR_OWN_LIST_IDX] = "_dlt_list_idx",
        [WR_OWN_ID] = "_dlt_id",
    };
    if (n->dlt_prefix.len)
        return WEIR_OK;
    for (size_t i = 0; i < WR_OWN_COUNT; i++)
        WEIR_TRY(name_own(cx, n, OWN[i], &n->own_names[i]));
    WEIR_TRY(name_own(cx, n, "value", &n->value_name));
    return name_own(cx, n, "_dlt", &n->dlt_prefix);
}

wr_rowset *wr_rowset_of(wr_normalizer *n, weir_str name, weir_str parent, weir_str path)
{
    wr_rowset *found = wr_map_get(&n->tables, name);
    if (found)
        return found;
    wr_rowset *ret = wr_rowset_new(name, parent, path);
    ret->own_names = n->own_names;
    ret->names = &n->names;
    ret->needs_links = n->args.refuses_nulls;
    ret->pool.idle = &n->idle;
    (void)wr_rowset_sync(ret, n->schema); /* it has no columns that could contradict */
    wr_map_put(&n->tables, name, ret);
    return ret;
}

/* ---- frames ---- */

/* Settings of the snapshot that the walk asks for. */
static void read_settings(wr_normalizer *n, const wr_schema *schema)
{
    const wr_node *json = wr_node_get(schema->normalizers, "json");
    n->schema = schema;
    n->propagation = wr_node_get(wr_node_get(json, "config"), "propagation");
    n->detections = wr_schema_detections(schema);
    n->has_preferred = wr_node_get(schema->settings, "preferred_types") != NULL;
    n->whole_names = !wr_node_get_bool(schema->normalizers, "use_break_path_on_normalize", true);
}

static void sync_tables(wr_normalizer *n)
{
    bool agrees = true;
    for (size_t i = 0; i < n->tables.len; i++) {
        wr_rowset *rows = n->tables.entries[i].value;
        wr_rowset_next_frame(rows);
        agrees &= wr_rowset_sync(rows, n->schema);
        if (n->propagation)
            rows->is_ruled = false;
    }
    if (!agrees)
        forget_shapes(n);
}

/* Levels below the rows of a table that may become tables and columns: what the table says, or the load. */
static int table_nesting(const wr_normalizer *n, const wr_rowset *rows)
{
    if (!rows->known)
        return n->args.max_nesting;
    const wr_node *hints = wr_node_get(rows->known->doc, "x-normalizer");
    return (int)wr_node_get_int(hints, "max_nesting", n->args.max_nesting);
}

static wr_shape *root_shape(wr_normalizer *n, weir_str table)
{
    wr_shape *found = wr_map_get(&n->roots, table);
    if (found)
        return found;
    const weir_str name = wr_keep_text(n, table);
    wr_rowset *rows = wr_rowset_of(n, name, (weir_str){ 0 }, name);
    const int level = table_nesting(n, rows);
    wr_shape *ret = wr_shape_new(n, rows, (weir_str){ 0 }, level, level);
    wr_map_put(&n->roots, name, ret);
    return ret;
}

static bool part_ends(const wr_normalizer *n, const wr_frame *frame, const wr_frame_mark *mark)
{
    return wr_frame_ends(frame, mark) || n->cells >= n->args.part_cells;
}

/* Values are read in place, and one that goes over the end of its line takes the next ones along. */
static weir_status walk_values(weir_ctx *cx, wr_normalizer *n, const wr_frame *frame,
                               wr_frame_mark *mark)
{
    wr_shape *shape = root_shape(n, frame->table);
    for (size_t used = 0; !part_ends(n, frame, mark); mark->at += used, mark->row++) {
        const wr_jval *value = NULL;
        weir_status status = wr_line_read(cx, &n->reader, frame->content + mark->at,
                                          frame->len - mark->at, &value, &used);
        if (status == WEIR_OK)
            status = wr_walk_root(cx, n, shape, value);
        if (status != WEIR_OK)
            return wr_frame_context(cx, status, frame, mark->row, mark->at);
    }
    return WEIR_OK;
}

/* The same for lines of which some may be no JSON: those are noted. */
static weir_status walk_lines(weir_ctx *cx, wr_normalizer *n, const wr_frame *frame,
                              wr_frame_mark *mark, wr_normalized *ret)
{
    wr_shape *shape = NULL;
    for (; !part_ends(n, frame, mark); mark->row++) {
        const size_t begin = mark->at;
        const weir_str line = wr_line_cut(frame, &mark->at);
        const wr_jval *value = NULL;
        if (wr_line_read_copy(cx, &n->lines, line, &value) != WEIR_OK) {
            weir_error_clear(cx); /* the quarantine reads it again, and writes down why */
            *wr_vec_push(&ret->bad) = mark->row;
            continue;
        }
        if (!shape)
            shape = root_shape(n, frame->table);
        const weir_status status = wr_walk_root(cx, n, shape, value);
        if (status != WEIR_OK)
            return wr_frame_context(cx, status, frame, mark->row, begin);
    }
    return WEIR_OK;
}

static weir_status wrong_count(weir_ctx *cx, const wr_frame *frame, uint32_t rows)
{
    wr_place place;
    if (wr_frame_place(cx, frame, &place) && place.line > 0)
        return weir_fail(cx, WEIR_PARSE,
                         "%.*s:%lld: behind byte %lld, up to line %lld, a value goes over the end "
                         "of its line\n"
                         "hint: one line is one value: make them so with jq -c .",
                         WR_STR(frame->input), (long long)place.line, (long long)place.offset,
                         (long long)place.line + frame->rows - 1);
    return weir_fail(cx, WEIR_CORRUPT, "frame %llu of the log says %u rows and has %u",
                     (unsigned long long)frame->number, frame->rows, rows);
}

static weir_status walk_frame(weir_ctx *cx, wr_normalizer *n, const wr_frame *frame,
                              wr_frame_mark *mark, wr_normalized *ret)
{
    if (frame->kind == WR_FRAME_LINES)
        WEIR_TRY(walk_lines(cx, n, frame, mark, ret));
    else
        WEIR_TRY(walk_values(cx, n, frame, mark));
    const bool is_whole = !wr_frame_ends(frame, mark) || mark->row == frame->rows;
    return is_whole ? WEIR_OK : wrong_count(cx, frame, mark->row);
}

/* Root row ids are derived: load id, resource, input, frame, row. */
static void frame_key(const wr_normalizer *n, const wr_frame *frame, uint8_t ret[16])
{
    wr_sha3 sha;
    wr_shake128_init(&sha);
    wr_sha3_update(&sha, n->args.load_id.ptr, n->args.load_id.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, frame->resource.ptr, frame->resource.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, frame->input.ptr, frame->input.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, &frame->number, sizeof frame->number);
    wr_shake128_final(&sha, ret, 16);
}

static void report_losses(const wr_rowset *rows, wr_normalized *ret)
{
    if (rows->dropped_rows || rows->dropped_values)
        *wr_vec_push(&ret->dropped) =
            (wr_dropped){ rows->name, rows->dropped_rows, rows->dropped_values };
    for (size_t i = 0; i < rows->nulls.len; i++)
        if (rows->nulls.ptr[i]->column < 0)
            *wr_vec_push(&ret->nulls) = (wr_null_column){ rows->name, rows->nulls.ptr[i]->name };
}

static void report_additions(const wr_rowset *rows, wr_normalized *ret)
{
    if (rows->added.len || rows->discards.len)
        *wr_vec_push(&ret->additions) = (wr_addition){
            .table = rows->name,
            .parent = rows->parent,
            .columns = rows->added.ptr,
            .count = rows->added.len,
            .discards = rows->discards.ptr,
            .discard_count = rows->discards.len,
        };
}

/* The rowsets of this frame stand in the order of their first rows: the same for every worker, parents before children. */
static void collect(wr_normalizer *n, wr_normalized *ret)
{
    const wr_id_source source = { n->args.load_id, n->key };
    for (size_t i = 0; i < n->used.len; i++)
        if (n->used.ptr[i]->batch)
            wr_rowset_fill_ids(n->used.ptr[i], &source);
    for (size_t i = 0; i < n->used.len; i++)
        wr_rowset_finish(n->used.ptr[i], &source);

    wr_batch **tail = &ret->batches;
    for (size_t i = 0; i < n->used.len; i++) {
        wr_rowset *rows = n->used.ptr[i];
        report_additions(rows, ret);
        report_losses(rows, ret);
        *tail = wr_rowset_take(rows);
        if (*tail)
            tail = &(*tail)->next;
    }
    *tail = NULL;
}

/* May a text of the frame have a NUL in it? That is spelled as an escape, and escapes are rare: their first byte alone is
 * found much faster than all six. */
static bool may_have_nul(const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = text; (at = memchr(at, '\\', (size_t)(end - at))); at++)
        if (end - at >= 6 && memcmp(at, "\\u0000", 6) == 0)
            return true;
    return false;
}

weir_status wr_normalize(weir_ctx *cx, wr_normalizer *n, const wr_schema *schema,
                         const wr_frame *frame, wr_frame_mark *mark, wr_normalized *ret)
{
    WEIR_TRY(wr_fault(cx, "normalize.frame"));
    WEIR_TRY(name_all_own(cx, n));
    n->frames++;
    n->used.len = 0;
    n->rows_begun = mark->walked;
    n->cells = 0;
    read_settings(n, schema);
    sync_tables(n);
    frame_key(n, frame, n->key);
    n->is_typed = frame->kind == WR_FRAME_TYPED;
    n->has_nul =
        n->args.strips_nul && may_have_nul(frame->content + mark->at, frame->len - mark->at);
    ret->batches = NULL;
    ret->additions.len = ret->dropped.len = ret->nulls.len = ret->bad.len = 0;
    WEIR_TRY(walk_frame(cx, n, frame, mark, ret));
    mark->walked = n->rows_begun;
    collect(n, ret);
    return WEIR_OK;
}

void wr_normalized_done(wr_normalized *normalized)
{
    wr_vec_done(&normalized->additions);
    wr_vec_done(&normalized->dropped);
    wr_vec_done(&normalized->nulls);
    wr_vec_done(&normalized->bad);
}

/* ---- additions ---- */

weir_status wr_addition_apply(weir_ctx *cx, wr_schema *schema, const wr_addition *addition)
{
    if (addition->count || !wr_schema_table(schema, addition->table))
        WEIR_TRY(wr_schema_add_columns(cx, schema, addition->table, addition->parent,
                                       addition->columns, addition->count));
    if (addition->discard_count)
        wr_schema_add_discards(schema, addition->table, addition->discards,
                               addition->discard_count);
    return WEIR_OK;
}

static void *keep_array(wr_arena *arena, const void *array, size_t count, size_t size)
{
    void *ret = wr_arena_alloc_array(arena, count, size);
    if (count)
        memcpy(ret, array, count * size);
    return ret;
}

void wr_addition_keep(wr_arena *arena, wr_addition *addition)
{
    addition->columns =
        keep_array(arena, addition->columns, addition->count, sizeof(*addition->columns));
    addition->discards =
        keep_array(arena, addition->discards, addition->discard_count, sizeof(*addition->discards));
}
