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

/* What the data brought into a column. The column is empty afterwards. */
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
static void make_root_id(const wr_rowset *rows, char *ret, const wr_id_source *source,
                         int64_t index)
{
    uint8_t seed[24];
    uint8_t digest[16];
    char text[WR_BASE64_LEN(WR_ROW_ID_BYTES)];
    memcpy(seed, source->key, 16);
    memcpy(seed + 16, &index, 8);
    wr_hash128(digest, seed, sizeof(seed),
               rows->parent.len ? wr_hash64(rows->name.ptr, rows->name.len) : 0);
    (void)wr_base64_encode(text, digest, WR_ROW_ID_BYTES);
    memcpy(ret, text, WR_ROW_ID_LEN);
}

/* ---- in order of rows ---- */

static void begin_ids(wr_rowset *rows)
{
    if (rows->ids_begun)
        return;
    rows->ids_begun = true;
    rows->given = (wr_given){ .ids = set_aside(wr_rowset_ids(rows)) };
    if (rows->own[WR_OWN_PARENT_ID] >= 0)
        rows->given.parents = set_aside(builder_of(rows, WR_OWN_PARENT_ID));
    if (rows->own[WR_OWN_LIST_IDX] >= 0)
        rows->given.indexes = set_aside(builder_of(rows, WR_OWN_LIST_IDX));
}

static void fill_until(wr_rowset *rows, int64_t end, const wr_id_source *source);

/* Names may meet, so that rows of two tables hang on each other. But a row begins before those below it, so it can always be
 * filled when one of them asks. */
static weir_str parent_id_of(const wr_link *link, const wr_id_source *source)
{
    fill_until(link->parent, link->parent_row + 1, source);
    return wr_builder_get_text(wr_rowset_ids(link->parent), link->parent_row);
}

static void set_nested(wr_rowset *rows, int64_t row, weir_str parent_id, const char *id)
{
    if (rows->own[WR_OWN_PARENT_ID] >= 0)
        wr_builder_set(builder_of(rows, WR_OWN_PARENT_ID), row, weir_text(parent_id));
    if (rows->own[WR_OWN_LIST_IDX] >= 0)
        wr_builder_set(builder_of(rows, WR_OWN_LIST_IDX), row,
                       weir_int(rows->links.ptr[row].index));
    /* Last: the parent's id may lie in the builder that grows here. */
    memcpy(wr_builder_text(wr_rowset_ids(rows), row, WR_ROW_ID_LEN), id, WR_ROW_ID_LEN);
}

static bool has_all_ids(wr_rowset *rows)
{
    return rows->ids_begun && wr_rowset_ids(rows)->rows == rows->batch->rows;
}

/* May the ids of four rows be made at once? Their parents have theirs, and they bring none. */
static bool are_four_ready(const wr_rowset *rows, int64_t row, int64_t end)
{
    if (end - row < 4)
        return false;
    for (int64_t i = row; i < row + 4; i++) {
        wr_rowset *parent = rows->links.ptr[i].parent;
        if (!parent || !has_all_ids(parent) || given_text(&rows->given.ids, i).len)
            return false;
    }
    return true;
}

static void fill_four(wr_rowset *rows, int64_t row)
{
    wr_nested_row nested[4];
    char ids[4][WR_ROW_ID_LEN];
    for (size_t i = 0; i < 4; i++) {
        const wr_link *link = &rows->links.ptr[row + (int64_t)i];
        nested[i] =
            (wr_nested_row){ wr_builder_get_text(wr_rowset_ids(link->parent), link->parent_row),
                             link->index };
    }
    wr_nested_row_ids(ids, rows->name, nested);
    for (size_t i = 0; i < 4; i++)
        set_nested(rows, row + (int64_t)i, nested[i].parent_id, ids[i]);
}

/* A row with an id of its own has neither parent id nor index, unless the data brought them: as in the reference. */
static void keep_given_row(wr_rowset *rows, int64_t row, weir_str id)
{
    const weir_str parent = given_text(&rows->given.parents, row);
    if (parent.len)
        wr_builder_set(builder_of(rows, WR_OWN_PARENT_ID), row, weir_text(parent));
    int64_t index = 0;
    if (given_int(&rows->given.indexes, row, &index))
        wr_builder_set(builder_of(rows, WR_OWN_LIST_IDX), row, weir_int(index));
    wr_builder_set(wr_rowset_ids(rows), row, weir_text(id));
}

static void fill_one(wr_rowset *rows, int64_t row, const wr_id_source *source)
{
    const wr_link *link = &rows->links.ptr[row];
    const weir_str given = given_text(&rows->given.ids, row);
    char id[WR_ROW_ID_LEN];
    if (given.len) {
        keep_given_row(rows, row, given);
    } else if (link->parent) {
        const weir_str parent_id = parent_id_of(link, source);
        wr_nested_row_id(id, parent_id, rows->name, link->index);
        set_nested(rows, row, parent_id, id);
    } else {
        make_root_id(rows, wr_builder_text(wr_rowset_ids(rows), row, WR_ROW_ID_LEN), source,
                     link->index);
    }
}

static void fill_until(wr_rowset *rows, int64_t end, const wr_id_source *source)
{
    begin_ids(rows);
    const wr_builder *ids = wr_rowset_ids(rows);
    while (ids->rows < end) {
        const int64_t row = ids->rows;
        if (are_four_ready(rows, row, end))
            fill_four(rows, row);
        else
            fill_one(rows, row, source);
    }
}

void wr_rowset_fill_ids(wr_rowset *rows, const wr_id_source *source)
{
    fill_until(rows, rows->batch->rows, source);
}

/* ---- columns that refer to ids ---- */

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
