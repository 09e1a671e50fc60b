/* Row ids: made per table when a frame is done, parents first, and the columns that refer to them. */
#include "pipeline/rowset.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"

static wr_builder *builder_of(wr_rowset *rows, wr_own own)
{
    return &rows->batch->builders.ptr[rows->own[own]];
}

wr_builder *wr_rowset_ids(wr_rowset *rows)
{
    return rows->own[WR_OWN_ID] >= 0 ? builder_of(rows, WR_OWN_ID) : &rows->hidden_ids;
}

/* What the data brought into a column that the engine fills: usually nothing. The column is empty afterwards. */
static wr_builder set_aside(wr_builder *column)
{
    wr_builder data = { .layout = column->layout };
    if (column->rows) {
        data = *column;
        *column = (wr_builder){ .layout = data.layout };
    }
    return data;
}

static weir_str given_text(const wr_builder *data, int64_t row)
{
    return data->rows ? wr_builder_get_text(data, row) : (weir_str){ 0 };
}

static bool given_int(const wr_builder *data, int64_t row, int64_t *ret)
{
    if (row >= data->rows || !(data->validity[row >> 3] >> (row & 7) & 1))
        return false;
    memcpy(ret, data->data + (size_t)row * sizeof(*ret), sizeof(*ret));
    return true;
}

/* Ids of root rows are derived, so that a frame gives the same again. A table that is promoted to a root table has its own
 * in the frame of another. */
static void make_root_id(const wr_rowset *rows, char *ret, const wr_id_source *source, int64_t row)
{
    uint8_t seed[24];
    uint8_t digest[16];
    char text[WR_BASE64_LEN(WR_ROW_ID_BYTES)];
    memcpy(seed, source->key, 16);
    memcpy(seed + 16, &row, 8);
    wr_hash128(digest, seed, sizeof(seed),
               rows->parent.len ? wr_hash64(rows->name.ptr, rows->name.len) : 0);
    (void)wr_base64_encode(text, digest, WR_ROW_ID_BYTES);
    memcpy(ret, text, WR_ROW_ID_LEN);
}

static weir_str id_in(wr_rowset *rows, int64_t row, const wr_id_source *source)
{
    wr_rowset_fill_ids(rows, source);
    return wr_builder_get_text(wr_rowset_ids(rows), row);
}

/* What the data brought into the columns of nested rows. */
typedef struct nested_data {
    wr_builder parents;
    wr_builder indexes;
} nested_data;

static void fill_nested_row(wr_rowset *rows, int64_t row, wr_builder *ids,
                            const wr_id_source *source)
{
    const wr_link *link = &rows->links.ptr[row];
    const weir_str parent_id = id_in(link->parent, link->parent_row, source);
    if (rows->own[WR_OWN_PARENT_ID] >= 0)
        wr_builder_set(builder_of(rows, WR_OWN_PARENT_ID), row, weir_text(parent_id));
    if (rows->own[WR_OWN_LIST_IDX] >= 0)
        wr_builder_set(builder_of(rows, WR_OWN_LIST_IDX), row, weir_int(link->index));
    wr_nested_row_id(wr_builder_text(ids, row, WR_ROW_ID_LEN), parent_id, rows->name, link->index);
}

/* A row with an id of its own has neither parent id nor index, unless the data brought them: as in the reference. */
static void keep_given_row(wr_rowset *rows, int64_t row, const nested_data *given)
{
    const weir_str parent = given_text(&given->parents, row);
    if (parent.len)
        wr_builder_set(builder_of(rows, WR_OWN_PARENT_ID), row, weir_text(parent));
    int64_t index = 0;
    if (given_int(&given->indexes, row, &index))
        wr_builder_set(builder_of(rows, WR_OWN_LIST_IDX), row, weir_int(index));
}

void wr_rowset_fill_ids(wr_rowset *rows, const wr_id_source *source)
{
    if (rows->ids != WR_IDS_OPEN)
        return;
    rows->ids = WR_IDS_BUSY; /* a list of lists refers to rows of its own table, which come first */
    nested_data nested = { 0 };
    wr_builder *ids = wr_rowset_ids(rows);
    wr_builder given = set_aside(ids);
    if (rows->own[WR_OWN_PARENT_ID] >= 0)
        nested.parents = set_aside(builder_of(rows, WR_OWN_PARENT_ID));
    if (rows->own[WR_OWN_LIST_IDX] >= 0)
        nested.indexes = set_aside(builder_of(rows, WR_OWN_LIST_IDX));

    for (int64_t row = 0; row < rows->batch->rows; row++) {
        const weir_str id = given_text(&given, row);
        if (id.len) {
            wr_builder_set(ids, row, weir_text(id));
            keep_given_row(rows, row, &nested);
        } else if (rows->links.ptr[row].parent) {
            fill_nested_row(rows, row, ids, source);
        } else {
            make_root_id(rows, wr_builder_text(ids, row, WR_ROW_ID_LEN), source, row);
        }
    }
    wr_builder_done(&given);
    wr_builder_done(&nested.parents);
    wr_builder_done(&nested.indexes);
    rows->ids = WR_IDS_DONE;
}

/* Root rows have the engine's load id, which overwrites one from the data. */
static void fill_load_ids(wr_rowset *rows, weir_str load_id)
{
    if (rows->own[WR_OWN_LOAD_ID] < 0)
        return;
    wr_builder *builder = builder_of(rows, WR_OWN_LOAD_ID);
    wr_builder given = set_aside(builder);
    for (int64_t row = 0; row < rows->batch->rows; row++) {
        const weir_str text = rows->links.ptr[row].parent ? given_text(&given, row) : load_id;
        if (text.len)
            memcpy(wr_builder_text(builder, row, text.len), text.ptr, text.len);
    }
    wr_builder_done(&given);
}

/* One column of ids of rows above; where a row has none, it may have a value from the data. */
static void fill_id_column(wr_rowset *rows, int32_t column)
{
    wr_builder *builder = &rows->batch->builders.ptr[column];
    wr_builder data = set_aside(builder);
    size_t at = 0;
    for (int64_t row = 0; row < rows->batch->rows; row++) {
        const wr_id_cell *cell = NULL;
        for (; at < rows->id_cells.len && rows->id_cells.ptr[at].row <= row; at++)
            if (rows->id_cells.ptr[at].column == column)
                cell = &rows->id_cells.ptr[at];
        const weir_str text = cell ? wr_builder_get_text(wr_rowset_ids(cell->of), cell->of_row)
                                   : given_text(&data, row);
        if (text.len)
            wr_builder_set(builder, row, weir_text(text));
    }
    wr_builder_done(&data);
}

void wr_rowset_finish(wr_rowset *rows, const wr_id_source *source)
{
    if (!rows->batch)
        return;
    fill_load_ids(rows, source->load_id);
    for (size_t i = 0; i < rows->id_columns.len; i++)
        fill_id_column(rows, rows->id_columns.ptr[i]);
    wr_batch_finish(rows->batch);
}
