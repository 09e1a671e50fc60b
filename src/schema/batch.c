/* Builders and batches: cells into Arrow buffers. */
#include "schema/batch.h"

#include <limits.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* How each type lies in memory, and Arrow's name of that. */
static const struct {
    wr_layout layout;
    const char *format;
} FORMS[] = {
    [WEIR_NO_TYPE] = { WR_LAYOUT_TEXT, "u" },
    [WEIR_TYPE_TEXT] = { WR_LAYOUT_TEXT, "u" },
    [WEIR_TYPE_BIGINT] = { WR_LAYOUT_I64, "l" },
    [WEIR_TYPE_DOUBLE] = { WR_LAYOUT_F64, "g" },
    [WEIR_TYPE_BOOL] = { WR_LAYOUT_BIT, "b" },
    [WEIR_TYPE_TIMESTAMP] = { WR_LAYOUT_I64, "tsu:UTC" },
    [WEIR_TYPE_DATE] = { WR_LAYOUT_I32, "tdD" },
    [WEIR_TYPE_TIME] = { WR_LAYOUT_I64, "ttu" },
    [WEIR_TYPE_DECIMAL] = { WR_LAYOUT_TEXT, "u" },
    [WEIR_TYPE_WEI] = { WR_LAYOUT_TEXT, "u" },
    [WEIR_TYPE_BINARY] = { WR_LAYOUT_TEXT, "z" },
    [WEIR_TYPE_JSON] = { WR_LAYOUT_TEXT, "u" },
};

static const char *arrow_format(const weir_column *column)
{
    if (column->type == WEIR_TYPE_TIMESTAMP && (column->hints & WEIR_HINT_NO_TIMEZONE))
        return "tsu:";
    return FORMS[column->type].format;
}

/* ---- one column ---- */

static size_t grown(size_t cap, size_t need)
{
    size_t ret = cap ? cap : 64;
    while (ret < need)
        ret *= 2;
    return ret;
}

/* At least `need` bytes at *ptr; the new part is zero. */
static void reserve(uint8_t **ptr, size_t *cap, size_t need)
{
    if (need <= *cap)
        return;
    const size_t to = grown(*cap, need);
    *ptr = wr_realloc(*ptr, to);
    memset(*ptr + *cap, 0, to - *cap);
    *cap = to;
}

static void reserve_offsets(wr_builder *builder, int64_t rows)
{
    const size_t need = (size_t)rows + 1;
    if (need <= builder->offsets_cap)
        return;
    const size_t to = grown(builder->offsets_cap, need);
    builder->offsets = wr_realloc(builder->offsets, to * sizeof *builder->offsets);
    if (!builder->offsets_cap)
        builder->offsets[0] = 0;
    builder->offsets_cap = to;
}

static size_t cell_size(wr_layout layout)
{
    return layout == WR_LAYOUT_I32 ? sizeof(int32_t) : sizeof(int64_t);
}

/* Cells that all buffers have room for. */
static size_t room_of(const wr_builder *builder)
{
    const size_t bits = builder->validity_cap * 8;
    size_t cells = 0;
    switch (builder->layout) {
    case WR_LAYOUT_TEXT: cells = builder->offsets_cap ? builder->offsets_cap - 1 : 0; break;
    case WR_LAYOUT_BIT: cells = builder->data_cap * 8; break;
    default: cells = builder->data_cap / cell_size(builder->layout);
    }
    return cells < bits ? cells : bits;
}

static void grow_rows(wr_builder *builder, int64_t rows)
{
    const size_t bits = ((size_t)rows + 7) / 8;
    reserve(&builder->validity, &builder->validity_cap, bits);
    switch (builder->layout) {
    case WR_LAYOUT_TEXT: reserve_offsets(builder, rows); break;
    case WR_LAYOUT_BIT: reserve(&builder->data, &builder->data_cap, bits); break;
    default: reserve(&builder->data, &builder->data_cap, (size_t)rows * cell_size(builder->layout));
    }
    builder->room = room_of(builder);
}

static inline void reserve_rows(wr_builder *builder, int64_t rows)
{
    if ((size_t)rows > builder->room)
        grow_rows(builder, rows);
}

static bool is_valid(const wr_builder *builder, int64_t row)
{
    return builder->validity[row >> 3] >> (row & 7) & 1;
}

static void add_nulls(wr_builder *builder, int64_t rows)
{
    reserve_rows(builder, rows);
    if (builder->layout == WR_LAYOUT_TEXT)
        for (int64_t row = builder->rows; row < rows; row++)
            builder->offsets[row + 1] = (int32_t)builder->data_len;
    builder->nulls += rows - builder->rows;
    builder->rows = rows;
}

/* Cells of a reused buffer must be zero when they become null, so that equal rows give equal bytes. */
static void forget_cells(wr_builder *builder, int64_t rows)
{
    for (int64_t row = rows; row < builder->rows; row++) {
        builder->nulls -= !is_valid(builder, row);
        builder->validity[row >> 3] &= (uint8_t) ~(1u << (row & 7));
        if (builder->layout == WR_LAYOUT_BIT)
            builder->data[row >> 3] &= (uint8_t) ~(1u << (row & 7));
    }
    if (builder->layout == WR_LAYOUT_TEXT) {
        builder->data_len = builder->offsets ? (size_t)builder->offsets[rows] : 0;
    } else if (builder->layout != WR_LAYOUT_BIT && builder->rows > rows) {
        const size_t size = cell_size(builder->layout);
        memset(builder->data + (size_t)rows * size, 0, (size_t)(builder->rows - rows) * size);
    }
    builder->rows = rows;
}

/* As forget_cells() from row 0 on, which is what each batch begins with. */
static void forget_all(wr_builder *builder)
{
    const size_t bits = ((size_t)builder->rows + 7) / 8;
    memset(builder->validity, 0, bits);
    if (builder->layout == WR_LAYOUT_BIT)
        memset(builder->data, 0, bits);
    else if (builder->layout != WR_LAYOUT_TEXT)
        memset(builder->data, 0, (size_t)builder->rows * cell_size(builder->layout));
    builder->data_len = 0;
    builder->nulls = 0;
    builder->rows = 0;
}

void wr_builder_resize(wr_builder *builder, int64_t rows)
{
    if (rows > builder->rows)
        add_nulls(builder, rows);
    else if (rows < builder->rows && rows > 0)
        forget_cells(builder, rows);
    else if (rows < builder->rows)
        forget_all(builder);
}

/* Make `row` the next cell, and a valid one. */
static inline void begin_cell(wr_builder *builder, int64_t row)
{
    reserve_rows(builder, row + 1);
    if (row != builder->rows)
        wr_builder_resize(builder, row);
    builder->validity[row >> 3] |= (uint8_t)(1u << (row & 7));
    builder->rows = row + 1;
}

char *wr_builder_text(wr_builder *builder, int64_t row, size_t len)
{
    begin_cell(builder, row);
    wr_assert(len <= INT32_MAX - builder->data_len);
    /* One byte is left, so that also an empty text has a place. */
    if (builder->data_len + len >= builder->data_cap) {
        builder->data_cap = grown(builder->data_cap, builder->data_len + len + 1);
        builder->data = wr_realloc(builder->data, builder->data_cap);
    }
    char *ret = (char *)builder->data + builder->data_len;
    builder->data_len += len;
    builder->offsets[row + 1] = (int32_t)builder->data_len;
    return ret;
}

void wr_builder_put(wr_builder *builder, int64_t row, const weir_value *value)
{
    if (value->kind == WEIR_NULL) {
        wr_builder_resize(builder, row);
        wr_builder_resize(builder, row + 1);
        return;
    }
    if (builder->layout == WR_LAYOUT_TEXT) {
        char *to = wr_builder_text(builder, row, value->as.s.len);
        if (value->as.s.len)
            memcpy(to, value->as.s.ptr, value->as.s.len);
        return;
    }
    begin_cell(builder, row);
    switch (builder->layout) {
    case WR_LAYOUT_F64: memcpy(builder->data + (size_t)row * 8, &value->as.f, 8); break;
    case WR_LAYOUT_I32: {
        const int32_t narrow =
            (int32_t)value->as.i; /* days: wr_coerce() keeps them in years 1 … 9999 */
        memcpy(builder->data + (size_t)row * 4, &narrow, 4);
        break;
    }
    case WR_LAYOUT_BIT:
        if (value->as.b)
            builder->data[row >> 3] |= (uint8_t)(1u << (row & 7));
        break;
    default: memcpy(builder->data + (size_t)row * 8, &value->as.i, 8);
    }
}

weir_str wr_builder_get_text(const wr_builder *builder, int64_t row)
{
    if (row >= builder->rows || !is_valid(builder, row))
        return (weir_str){ 0 };
    const int32_t from = builder->offsets[row];
    return (weir_str){ (const char *)builder->data + from,
                       (size_t)(builder->offsets[row + 1] - from) };
}

void wr_builder_reset(wr_builder *builder, weir_type type)
{
    wr_builder_resize(builder, 0);
    builder->nulls = 0;
    const wr_layout layout = FORMS[type].layout;
    if (layout != builder->layout && builder->layout == WR_LAYOUT_TEXT && builder->data_cap)
        memset(builder->data, 0, builder->data_cap); /* other layouts rely on zero cells */
    builder->data_len = 0;
    builder->layout = layout;
    builder->room = room_of(builder);
}

void wr_builder_done(wr_builder *builder)
{
    wr_free(builder->validity);
    wr_free(builder->data);
    wr_free(builder->offsets);
    *builder = (wr_builder){ 0 };
}

size_t wr_builder_capacity(const wr_builder *builder)
{
    return builder->validity_cap + builder->data_cap +
           builder->offsets_cap * sizeof *builder->offsets;
}

/* ---- one batch ---- */

size_t wr_batch_add(wr_batch *batch, const weir_column *column)
{
    const size_t number = batch->columns.len;
    *wr_vec_push(&batch->columns) = *column;
    if (batch->builders.len == number)
        *wr_vec_push(&batch->builders) = (wr_builder){ 0 };
    wr_builder_reset(&batch->builders.ptr[number], column->type);
    return number;
}

/* Of a column: its array, a pointer to that, and pointers to three buffers. */
#define EXPORTED_SIZE (sizeof(struct ArrowArray) + 4 * sizeof(void *))

void wr_batch_finish(wr_batch *batch)
{
    for (size_t i = 0; i < batch->columns.len; i++)
        wr_builder_resize(&batch->builders.ptr[i], batch->rows);
    batch->bytes = sizeof(*batch) + batch->zeros_cap + batch->columns.len * EXPORTED_SIZE +
                   batch->columns.cap * sizeof(*batch->columns.ptr) +
                   batch->builders.cap * sizeof(*batch->builders.ptr);
    for (size_t i = 0; i < batch->builders.len; i++)
        batch->bytes += wr_builder_capacity(&batch->builders.ptr[i]);
}

/* Columns of a table keep their order from batch to batch: look at the expected place first. NULL: it has none. */
static const wr_builder *find_builder(const wr_batch *batch, const weir_column *column,
                                      size_t expected)
{
    const weir_column *columns = batch->columns.ptr;
    if (expected < batch->columns.len && wr_str_eq(columns[expected].name, column->name))
        return &batch->builders.ptr[expected];
    for (size_t i = 0; i < batch->columns.len; i++)
        if (wr_str_eq(columns[i].name, column->name))
            return &batch->builders.ptr[i];
    return NULL;
}

static void release_child(struct ArrowArray *array)
{
    array->release = NULL;
}

void wr_batch_release(wr_batch *batch)
{
    if (batch->released)
        batch->released(batch->released_self, batch);
    else
        wr_batch_free(batch);
}

static void release_batch(struct ArrowArray *array)
{
    array->release = NULL;
    wr_batch_release(array->private_data);
}

static void export_column(const wr_builder *builder, const void **buffers, struct ArrowArray *ret)
{
    const bool is_text = builder->layout == WR_LAYOUT_TEXT;
    buffers[0] = builder->nulls ? builder->validity : NULL;
    buffers[1] = is_text ? (const void *)builder->offsets : builder->data;
    buffers[2] = is_text ? (builder->data ? (const void *)builder->data : "") : NULL;
    *ret = (struct ArrowArray){
        .length = builder->rows,
        .null_count = builder->nulls,
        .n_buffers = is_text ? 3 : 2,
        .buffers = buffers,
        .release = release_child,
    };
}

/* Nulls alone: zeros are their validity, their cells and the offsets of their texts. */
static void export_absent(wr_batch *batch, wr_layout layout, const void **buffers,
                          struct ArrowArray *ret)
{
    const bool is_text = layout == WR_LAYOUT_TEXT;
    reserve(&batch->zeros, &batch->zeros_cap, ((size_t)batch->rows + 1) * sizeof(int64_t));
    buffers[0] = buffers[1] = batch->zeros;
    buffers[2] = "";
    *ret = (struct ArrowArray){
        .length = batch->rows,
        .null_count = batch->rows,
        .n_buffers = is_text ? 3 : 2,
        .buffers = buffers,
        .release = release_child,
    };
}

void wr_batch_export(wr_batch *batch, const weir_column *columns, size_t count,
                     struct ArrowArray *ret)
{
    wr_vec_reserve(&batch->arrays, count);
    wr_vec_reserve(&batch->children, count + 1);
    wr_vec_reserve(&batch->buffers, 3 * count + 1);
    batch->buffers.ptr[3 * count] = NULL; /* the struct array itself has no nulls */
    for (size_t i = 0; i < count; i++) {
        const wr_builder *builder = find_builder(batch, &columns[i], i);
        const void **buffers = &batch->buffers.ptr[3 * i];
        batch->children.ptr[i] = &batch->arrays.ptr[i];
        if (builder)
            export_column(builder, buffers, &batch->arrays.ptr[i]);
        else
            export_absent(batch, FORMS[columns[i].type].layout, buffers, &batch->arrays.ptr[i]);
    }
    *ret = (struct ArrowArray){
        .length = batch->rows,
        .n_buffers = 1,
        .n_children = (int64_t)count,
        .buffers = &batch->buffers.ptr[3 * count],
        .children = batch->children.ptr,
        .release = release_batch,
        .private_data = batch,
    };
}

void wr_batch_reset(wr_batch *batch)
{
    batch->rows = 0;
    batch->columns.len = 0;
}

void wr_batch_free(wr_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->builders.len; i++)
        wr_builder_done(&batch->builders.ptr[i]);
    wr_vec_done(&batch->builders);
    wr_vec_done(&batch->columns);
    wr_vec_done(&batch->arrays);
    wr_vec_done(&batch->children);
    wr_vec_done(&batch->buffers);
    wr_free(batch->zeros);
    wr_free(batch);
}

/* ---- schema ---- */

/* One block holds the schema's parts: pointers, children, then the names. */
typedef struct schema_block {
    struct ArrowSchema **pointers;
    struct ArrowSchema *children;
    char *names;
} schema_block;

static void release_schema_child(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema_block *block = schema->private_data;
    schema->release = NULL;
    wr_free(block->pointers);
    wr_free(block->children);
    wr_free(block->names);
    wr_free(block);
}

void wr_arrow_schema(struct ArrowSchema *ret, const weir_column *columns, size_t count)
{
    schema_block *block = wr_new(schema_block);
    block->pointers = wr_new_array(count + 1, struct ArrowSchema *);
    block->children = wr_new_array(count + 1, struct ArrowSchema);
    size_t names = 1;
    for (size_t i = 0; i < count; i++)
        names += columns[i].name.len + 1;
    block->names = wr_alloc(names);

    char *name = block->names;
    for (size_t i = 0; i < count; i++) {
        memcpy(name, columns[i].name.ptr, columns[i].name.len);
        block->children[i] = (struct ArrowSchema){
            .format = arrow_format(&columns[i]),
            .name = name,
            .flags = ARROW_FLAG_NULLABLE,
            .release = release_schema_child,
        };
        block->pointers[i] = &block->children[i];
        name += columns[i].name.len + 1;
    }
    *ret = (struct ArrowSchema){
        .format = "+s",
        .name = "",
        .n_children = (int64_t)count,
        .children = block->pointers,
        .release = release_schema,
        .private_data = block,
    };
}
