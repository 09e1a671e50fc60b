/* Rows of one table as a destination gets them, made cell by cell, and the text that a writer makes of them:
 * `wr_auto(rows) rows r = rows_new(COLUMNS, 2);` */
#ifndef WR_TEST_ROWS_H
#define WR_TEST_ROWS_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/cells.h"
#include "schema/batch.h"

typedef struct rows {
    weir_ctx cx;
    weir_table table;
    wr_batch *batch;
    struct ArrowArray array; /* once exported */
    wr_buf out;
} rows;

static inline rows rows_new(const weir_column *columns, size_t count)
{
    rows r = { .table = { .name = { "t", 1 }, .columns = columns, .column_count = count } };
    wr_ctx_init(&r.cx, NULL);
    r.batch = wr_new(wr_batch);
    r.out = wr_buf_max((size_t)1 << 20);
    for (size_t i = 0; i < count; i++)
        (void)wr_batch_add(r.batch, &columns[i]);
    return r;
}

static inline void wr_cleanup_rows(rows *r)
{
    if (r->array.release)
        r->array.release(&r->array);
    else
        wr_batch_release(r->batch);
    wr_buf_done(&r->out);
    wr_ctx_done(&r->cx);
}

/* Add a row; cells in the order of the columns, of the kinds that batches hold. */
static inline void rows_add(rows *r, const weir_value *cells)
{
    for (size_t i = 0; i < r->table.column_count; i++)
        wr_builder_set(&r->batch->builders.ptr[i], r->batch->rows, cells[i]);
    r->batch->rows++;
}

#define ROWS_ADD(r, ...) rows_add((r), (const weir_value[]){ __VA_ARGS__ })

/* All rows are in. */
static inline wr_cells rows_cells(rows *r)
{
    wr_vec(weir_column) complete = { 0 };
    for (size_t i = 0; i < r->table.column_count; i++)
        if (r->table.columns[i].type != WEIR_NO_TYPE)
            *wr_vec_push(&complete) = r->table.columns[i];
    wr_batch_finish(r->batch);
    wr_batch_export(r->batch, complete.ptr, complete.len, &r->array);
    wr_vec_done(&complete);
    return (wr_cells){ .table = &r->table, .batch = &r->array };
}

/* Columns and cells of all types; dates are of the year 2024. */
#define ROWS_ALL_COLUMNS                                                                           \
    {                                                                                              \
        { .name = { "s", 1 }, .type = WEIR_TYPE_TEXT },                                            \
            { .name = { "i", 1 }, .type = WEIR_TYPE_BIGINT },                                      \
            { .name = { "f", 1 }, .type = WEIR_TYPE_DOUBLE },                                      \
            { .name = { "b", 1 }, .type = WEIR_TYPE_BOOL },                                        \
            { .name = { "ts", 2 }, .type = WEIR_TYPE_TIMESTAMP },                                  \
            { .name = { "d", 1 }, .type = WEIR_TYPE_DATE },                                        \
            { .name = { "tm", 2 }, .type = WEIR_TYPE_TIME },                                       \
            { .name = { "dec", 3 }, .type = WEIR_TYPE_DECIMAL },                                   \
            { .name = { "w", 1 }, .type = WEIR_TYPE_WEI },                                         \
            { .name = { "bin", 3 }, .type = WEIR_TYPE_BINARY },                                    \
            { .name = { "j", 1 }, .type = WEIR_TYPE_JSON },                                        \
    }
#define ROWS_ALL_CELLS                                                                             \
    weir_cstr("x"), weir_int(-7), weir_float(1e16), weir_bool(true),                               \
        weir_timestamp(1704164645000600), weir_date(19724), weir_time_of_day(11045000000),         \
        weir_cstr("1.50"), weir_cstr("115792089237316195423570985008687907853"),                   \
        weir_bytes("ok", 2), weir_cstr("{\"a\":[1,null]}")
#define ROWS_ALL_COUNT 11

#endif
