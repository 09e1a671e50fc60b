/* Frames through a normaliser under a schema that follows, or stays; what came of them as text that can be compared, and
 * what holds of all results. For fuzzers. */
#ifndef WR_TEST_FED_H
#define WR_TEST_FED_H

#include <stdlib.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/csv_write.h"
#include "format/jsonl_write.h"
#include "pipeline/normalize.h"

/* Rows of one table, in order: as JSON with their columns sorted and without ids; and what they hang on. */
typedef struct fed_table {
    wr_buf lines;
    wr_buf links; /* table and number of the parent */
    int64_t rows;
} fed_table;

typedef struct fed {
    weir_ctx *cx;
    wr_normalizer *normalizer; /* borrowed */
    wr_schema *schema;
    bool stays;     /* the schema does: additions are wrong */
    bool is_strict; /* the data has no ids of its own */
    wr_normalized result;
    wr_arena arena;
    wr_map tables; /* of fed_table */
    wr_map ids;    /* row id → table and number of the row */
    wr_buf id_list;
    bool is_ambiguous; /* two rows have one id */
    bool
        is_refused; /* a value did not fit the column that it would have made: a later one may make it otherwise */
} fed;

/* Lines of one frame. */
typedef struct fed_frame {
    weir_str lines;
    uint32_t rows;
    wr_frame_kind kind;
} fed_frame;

#define FED_MAX ((size_t)64 << 20)
#define FED_TABLE "t"

/* A schema whose resource has announced the table. */
static inline wr_schema *fed_schema(weir_ctx *cx)
{
    static const char TABLE[] =
        "{\"columns\":{},\"write_disposition\":\"append\",\"name\":\"" FED_TABLE
        "\",\"resource\":\"" FED_TABLE "\"}";
    wr_auto(arena) wr_arena arena = { 0 };
    wr_schema *ret = wr_schema_new(wr_lit("fuzz"));
    wr_node *doc = NULL;
    if (wr_node_parse(cx, &arena, weir_str_of(TABLE), &doc) != WEIR_OK ||
        wr_schema_merge_table(cx, ret, doc) != WEIR_OK)
        abort();
    return ret;
}

static inline fed fed_new(weir_ctx *cx, wr_normalizer *normalizer, wr_schema *schema)
{
    fed f = { .cx = cx, .normalizer = normalizer, .schema = wr_schema_hold(schema) };
    f.id_list = wr_buf_max(FED_MAX);
    return f;
}

static inline void wr_cleanup_fed(fed *f)
{
    for (size_t i = 0; i < f->tables.len; i++) {
        fed_table *table = f->tables.entries[i].value;
        wr_buf_done(&table->lines);
        wr_buf_done(&table->links);
    }
    wr_map_done(&f->tables);
    wr_map_done(&f->ids);
    wr_buf_done(&f->id_list);
    wr_normalized_done(&f->result);
    wr_schema_drop(f->schema);
    wr_arena_done(&f->arena);
}

/* ---- what holds of all results ---- */

static inline ptrdiff_t fed_column(const wr_batch *batch, const char *name)
{
    for (size_t i = 0; i < batch->columns.len; i++)
        if (wr_str_eq(batch->columns.ptr[i].name, weir_str_of(name)))
            return (ptrdiff_t)i;
    return -1;
}

/* Text of a cell; empty when there is none. */
static inline weir_str fed_text(const wr_batch *batch, const char *column, int64_t row)
{
    const ptrdiff_t at = fed_column(batch, column);
    if (at < 0 || batch->builders.ptr[at].layout != WR_LAYOUT_TEXT)
        return (weir_str){ 0 };
    return wr_builder_get_text(&batch->builders.ptr[at], row);
}

static inline void fed_check_additions(const fed *f)
{
    for (size_t i = 0; i < f->result.additions.len; i++) {
        const wr_addition *added = &f->result.additions.ptr[i];
        const wr_table *table = wr_schema_table(f->schema, added->table);
        wr_assert(!added->parent.len || wr_schema_table(f->schema, added->parent));
        wr_assert(table);
        for (size_t k = 0; k < added->count; k++) {
            const ptrdiff_t at = wr_table_column(table, added->columns[k].name);
            wr_assert(at >= 0 && table->pub.columns[at].type == added->columns[k].type);
        }
    }
}

/* Before the additions are made: has each variant a column that it is of? */
static inline void fed_look_for_refused(fed *f)
{
    for (size_t i = 0; i < f->result.additions.len; i++) {
        const wr_addition *added = &f->result.additions.ptr[i];
        const wr_table *table = wr_schema_table(f->schema, added->table);
        for (size_t k = 0; k < added->count; k++) {
            const weir_str name = added->columns[k].name;
            const char *suffix = memmem(name.ptr, name.len, "__v_", 4);
            if (!added->columns[k].variant || !suffix)
                continue;
            const weir_str base = { name.ptr, (size_t)(suffix - name.ptr) };
            bool found = table && wr_table_column(table, base) >= 0;
            for (size_t j = 0; j < k; j++)
                found |= wr_str_eq(added->columns[j].name, base);
            f->is_refused |= !found;
        }
    }
}

static inline void fed_check_columns(const fed *f, const wr_batch *batch)
{
    const wr_table *table = wr_schema_table(f->schema, batch->table);
    wr_assert(table && batch->rows > 0);
    for (size_t i = 0; i < batch->columns.len; i++) {
        const weir_column *column = &batch->columns.ptr[i];
        wr_assert(batch->builders.ptr[i].rows == batch->rows);
        const ptrdiff_t at = wr_table_column(table, column->name);
        wr_assert(at >= 0 && table->pub.columns[at].type == column->type);
        for (size_t k = 0; k < i; k++)
            wr_assert(!wr_str_eq(batch->columns.ptr[k].name, column->name));
    }
}

/* ---- as text ---- */

static inline fed_table *fed_table_of(fed *f, weir_str name)
{
    fed_table *found = wr_map_get(&f->tables, name);
    if (found)
        return found;
    fed_table *ret = wr_arena_new(&f->arena, fed_table);
    ret->lines = ret->links = wr_buf_max(FED_MAX);
    wr_map_put(&f->tables, wr_arena_str(&f->arena, name), ret);
    return ret;
}

/* Two lists of one row may be rows of one table, by their names: then rows have one id, in dlt too. */
static inline void fed_number_rows(fed *f, const wr_batch *batch, const fed_table *table)
{
    const bool is_root = wr_schema_table(f->schema, batch->table)->pub.parent.len == 0;
    for (int64_t row = 0; row < batch->rows; row++) {
        const weir_str id = wr_arena_str(&f->arena, fed_text(batch, "_dlt_id", row));
        const bool is_twice = wr_map_find(&f->ids, id) >= 0;
        wr_assert(!f->is_strict || (id.len == WR_ROW_ID_LEN && !(is_root && is_twice)));
        f->is_ambiguous |= is_twice;
        const weir_str label = wr_arena_printf(&f->arena, "%.*s %lld", WR_STR(batch->table),
                                               (long long)(table->rows + row));
        wr_map_put(&f->ids, id, (void *)(uintptr_t)label.ptr); /* maps hold what may change */
        wr_buf_printf(&f->id_list, "%.*s %.*s\n", WR_STR(label), WR_STR(id));
    }
}

/* Every nested row hangs on one of this frame; not always on one of the table's parent, since lists of several tables may
 * have one name. */
static inline void fed_link_rows(fed *f, const wr_batch *batch, fed_table *table)
{
    const bool is_nested = wr_schema_table(f->schema, batch->table)->pub.parent.len > 0;
    for (int64_t row = 0; is_nested && row < batch->rows; row++) {
        const char *label = wr_map_get(&f->ids, fed_text(batch, "_dlt_parent_id", row));
        wr_assert(label || !f->is_strict);
        wr_buf_printf(&table->links, "%s\n", label ? label : "none");
    }
}

static inline int fed_by_name(const void *a, const void *b)
{
    const weir_column *left = a;
    const weir_column *right = b;
    return wr_str_cmp(left->name, right->name);
}

/* Gives the batch back. */
static inline void fed_write_rows(fed *f, wr_batch *batch, fed_table *table)
{
    weir_column *columns = wr_arena_new_array(&f->arena, batch->columns.len + 1, weir_column);
    weir_table shown = { .name = wr_arena_str(&f->arena, batch->table), .columns = columns };
    for (size_t i = 0; i < batch->columns.len; i++)
        if (!wr_str_eq(batch->columns.ptr[i].name, wr_lit("_dlt_id")) &&
            !wr_str_eq(batch->columns.ptr[i].name, wr_lit("_dlt_parent_id")))
            columns[shown.column_count++] = batch->columns.ptr[i];
    if (shown.column_count)
        qsort(columns, shown.column_count, sizeof(*columns), fed_by_name);

    struct ArrowArray array;
    wr_batch_export(batch, columns, shown.column_count, &array);
    wr_cells cells = { .table = &shown, .batch = &array };
    while (wr_cells_left(&cells))
        wr_assert(wr_jsonl_write(f->cx, &cells, &table->lines) == WEIR_OK);

    wr_auto(buf) wr_buf csv = wr_buf_max(FED_MAX);
    cells.row = 0;
    while (wr_cells_left(&cells) &&
           wr_csv_write(f->cx, &(wr_csv_form){ 0 }, &cells, &csv) == WEIR_OK)
        wr_assert(csv.len > 0);
    weir_error_clear(f->cx); /* bytes that are no text */
    array.release(&array);
}

static inline void fed_take(fed *f, wr_batch *batches)
{
    for (wr_batch *batch = batches; batch; batch = batch->next) {
        fed_check_columns(f, batch);
        fed_number_rows(f, batch, fed_table_of(f, batch->table));
    }
    for (wr_batch *batch = batches, *next; batch; batch = next) {
        next = batch->next;
        fed_table *table = fed_table_of(f, batch->table);
        fed_link_rows(f, batch, table);
        table->rows += batch->rows;
        fed_write_rows(f, batch, table);
    }
}

/* ---- feeding ---- */

static inline weir_status fed_apply(fed *f)
{
    if (!f->result.additions.len)
        return WEIR_OK;
    wr_schema *next = wr_schema_clone(f->schema);
    weir_status status = WEIR_OK;
    for (size_t i = 0; i < f->result.additions.len && status == WEIR_OK; i++)
        status = wr_addition_apply(f->cx, next, &f->result.additions.ptr[i]);
    wr_schema_drop(f->schema);
    f->schema = next;
    return status;
}

/* Normalise a frame; its number is part of row ids. On failure nothing came of it. */
static inline weir_status fed_feed(fed *f, const fed_frame *lines, uint64_t number)
{
    char *content = wr_alloc(lines->lines.len + WR_JSON_PADDING);
    if (lines->lines.len)
        memcpy(content, lines->lines.ptr, lines->lines.len);
    memset(content + lines->lines.len, 0, WR_JSON_PADDING);
    const wr_frame frame = { .number = number,
                             .kind = lines->kind,
                             .rows = lines->rows,
                             .resource = wr_lit(FED_TABLE),
                             .table = wr_lit(FED_TABLE),
                             .content = content,
                             .len = lines->lines.len };
    wr_frame_mark mark = { 0 };
    const weir_status status =
        wr_normalize(f->cx, f->normalizer, f->schema, &frame, &mark, &f->result);
    wr_free(content);
    WEIR_TRY(status);
    wr_assert(wr_frame_ends(&frame, &mark)); /* the normaliser makes no parts */
    wr_assert(!f->stays || f->result.additions.len == 0);
    fed_look_for_refused(f);
    wr_assert(fed_apply(f) == WEIR_OK);
    fed_check_additions(f);
    fed_take(f, f->result.batches);
    return WEIR_OK;
}

/* ---- comparing ---- */

static inline void fed_check_same_tables(const fed *a, const fed *b)
{
    wr_assert(a->tables.len == b->tables.len);
    for (size_t i = 0; i < a->tables.len; i++) {
        const fed_table *left = a->tables.entries[i].value;
        const fed_table *right = wr_map_get(&b->tables, a->tables.entries[i].key);
        wr_assert(right && left->rows == right->rows);
        wr_assert(wr_str_eq(wr_buf_view(&left->lines), wr_buf_view(&right->lines)));
        wr_assert(a->is_ambiguous ||
                  wr_str_eq(wr_buf_view(&left->links), wr_buf_view(&right->links)));
    }
}

static inline void fed_check_same_schema(const fed *a, const fed *b)
{
    if (a->schema == b->schema)
        return;
    wr_auto(buf) wr_buf left = wr_buf_max(FED_MAX);
    wr_auto(buf) wr_buf right = wr_buf_max(FED_MAX);
    wr_schema_write(&left, a->schema, WR_JSON_COMPACT);
    wr_schema_write(&right, b->schema, WR_JSON_COMPACT);
    wr_assert(wr_str_eq(wr_buf_view(&left), wr_buf_view(&right)));
}

/* Row by row, ids included. */
static inline void fed_check_same_ids(const fed *a, const fed *b)
{
    wr_assert(wr_str_eq(wr_buf_view(&a->id_list), wr_buf_view(&b->id_list)));
}

#endif
