/* Rowsets: columns of one table in one worker, system columns, row ids. */
#include "pipeline/rowset.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

wr_rowset *wr_rowset_new(weir_str name, weir_str parent, weir_str path, int level)
{
    wr_rowset *ret = wr_new(wr_rowset);
    ret->name = name;
    ret->parent = parent;
    ret->path = path;
    ret->level = level;
    pthread_mutex_init(&ret->pool.lock, NULL);
    return ret;
}

void wr_rowset_free(wr_rowset *rows)
{
    if (!rows)
        return;
    wr_batch_free(rows->batch);
    while (rows->pool.free) {
        wr_batch *batch = rows->pool.free;
        rows->pool.free = batch->next;
        wr_batch_free(batch);
    }
    pthread_mutex_destroy(&rows->pool.lock);
    wr_map_done(&rows->by_name);
    wr_vec_done(&rows->columns);
    wr_vec_done(&rows->added);
    wr_vec_done(&rows->links);
    wr_free(rows);
}

/* ---- columns ---- */

bool wr_rowset_sync(wr_rowset *rows, const wr_table *known)
{
    if (known == rows->known)
        return true;
    rows->known = known;
    for (size_t i = 0; i < rows->columns.len; i++) {
        const weir_column *local = &rows->columns.ptr[i].pub;
        const ptrdiff_t at = known ? wr_table_column(known, local->name) : -1;
        if (at < 0 || known->pub.columns[at].type != local->type)
            return false;
    }
    return true;
}

void wr_rowset_forget(wr_rowset *rows)
{
    rows->columns.len = 0;
    wr_map_clear(&rows->by_name);
    rows->own.ready = false;
}

static int32_t add_local(wr_rowset *rows, const weir_column *column)
{
    const int32_t number = (int32_t)rows->columns.len;
    *wr_vec_push(&rows->columns) = (wr_local_column){ .pub = *column };
    wr_map_put(&rows->by_name, column->name, (void *)((intptr_t)number + 1));
    if (rows->batch)
        (void)wr_batch_add(rows->batch, column);
    return number;
}

int32_t wr_rowset_find(wr_rowset *rows, weir_str name)
{
    const intptr_t local = (intptr_t)wr_map_get(&rows->by_name, name);
    if (local)
        return (int32_t)(local - 1);
    const ptrdiff_t at = rows->known ? wr_table_column(rows->known, name) : -1;
    if (at < 0 || rows->known->pub.columns[at].type == WEIR_NO_TYPE)
        return -1;
    weir_column column = rows->known->pub.columns[at];
    column.name = name; /* the snapshot's name may go with the snapshot */
    return add_local(rows, &column);
}

int32_t wr_rowset_add(wr_rowset *rows, weir_str name, weir_type type, bool variant)
{
    *wr_vec_push(&rows->added) = (wr_new_column){ name, type, variant };
    weir_column column = { .name = name, .type = type, .hints = variant ? WEIR_HINT_VARIANT : 0 };
    const ptrdiff_t at = rows->known ? wr_table_column(rows->known, name) : -1;
    if (at >= 0) { /* declared without a type: its hints stay */
        column.hints |= rows->known->pub.columns[at].hints;
        column.precision = rows->known->pub.columns[at].precision;
        column.scale = rows->known->pub.columns[at].scale;
    }
    return add_local(rows, &column);
}

/* ---- rows ---- */

static void take_batch(wr_rowset *rows)
{
    pthread_mutex_lock(&rows->pool.lock);
    wr_batch *batch = rows->pool.free;
    if (batch)
        rows->pool.free = batch->next;
    pthread_mutex_unlock(&rows->pool.lock);

    if (!batch)
        batch = wr_new(wr_batch);
    batch->table = rows->name;
    batch->next = NULL;
    for (size_t i = 0; i < rows->columns.len; i++)
        (void)wr_batch_add(batch, &rows->columns.ptr[i].pub);
    rows->batch = batch;
}

static void give_back(void *self, wr_batch *batch)
{
    wr_rowset *rows = self;
    wr_batch_reset(batch);
    pthread_mutex_lock(&rows->pool.lock);
    batch->next = rows->pool.free;
    rows->pool.free = batch;
    pthread_mutex_unlock(&rows->pool.lock);
}

void wr_rowset_begin_row(wr_rowset *rows, wr_rowset *parent, int64_t index)
{
    if (!rows->batch)
        take_batch(rows);
    rows->row = rows->batch->rows++;
    if (parent)
        *wr_vec_push(&rows->links) = (wr_link){ parent, parent->row, index };
}

static int32_t dlt_column(wr_rowset *rows, weir_str name, weir_type type)
{
    const int32_t found = wr_rowset_find(rows, name);
    return found >= 0 ? found : wr_rowset_add(rows, name, type, false);
}

void wr_rowset_end_row(wr_rowset *rows)
{
    wr_own_columns *own = &rows->own;
    if (own->ready)
        return;
    const bool nested = rows->parent.len > 0;
    *own = (wr_own_columns){ .ready = true, .load_id = -1, .parent_id = -1, .list_idx = -1 };
    if (nested) {
        own->parent_id = dlt_column(rows, wr_lit("_dlt_parent_id"), WEIR_TYPE_TEXT);
        own->list_idx = dlt_column(rows, wr_lit("_dlt_list_idx"), WEIR_TYPE_BIGINT);
    } else {
        own->load_id = dlt_column(rows, wr_lit("_dlt_load_id"), WEIR_TYPE_TEXT);
    }
    own->id = dlt_column(rows, wr_lit("_dlt_id"), WEIR_TYPE_TEXT);
}

/* ---- ids ---- */

static wr_builder *builder_of(wr_rowset *rows, int32_t column)
{
    return &rows->batch->builders.ptr[column];
}

/* Did the data bring an id of its own for this row? Data's ids are in the builder before the others are made. */
static weir_str given_id(const wr_builder *ids, int64_t row)
{
    return ids->rows ? wr_builder_get_text(ids, row) : (weir_str){ 0 };
}

static void make_root_id(char *ret, const uint8_t key[16], int64_t row)
{
    uint8_t seed[24];
    uint8_t digest[16];
    char text[WR_BASE64_LEN(WR_ROW_ID_BYTES)];
    memcpy(seed, key, 16);
    memcpy(seed + 16, &row, 8);
    wr_hash128(digest, seed, sizeof seed, 0);
    (void)wr_base64_encode(text, digest, WR_ROW_ID_BYTES);
    memcpy(ret, text, WR_ROW_ID_LEN);
}

static void fill_load_ids(wr_rowset *rows, weir_str load_id)
{
    wr_builder *builder = builder_of(rows, rows->own.load_id);
    wr_builder_resize(builder, 0); /* the engine's load id overwrites one from the data */
    for (int64_t row = 0; row < rows->batch->rows; row++)
        memcpy(wr_builder_text(builder, row, load_id.len), load_id.ptr, load_id.len);
}

static void fill_ids(wr_rowset *rows, const uint8_t key[16]);

static weir_str parent_id_of(const wr_link *link, const uint8_t key[16])
{
    wr_rowset *parent = link->parent;
    if (parent->ids == WR_IDS_OPEN)
        fill_ids(parent, key);
    return wr_builder_get_text(builder_of(parent, parent->own.id), link->parent_row);
}

/* Ids of nested rows follow from the parent's id, the table and the place in the list. A row with an id of its own has
 * neither parent id nor index, as in the reference. */
static void fill_nested_row(wr_rowset *rows, int64_t row, bool has_given_id, const uint8_t key[16],
                            wr_builder *ids)
{
    if (has_given_id)
        return;
    const wr_link *link = &rows->links.ptr[row];
    const weir_str parent_id = parent_id_of(link, key);
    wr_builder_set(builder_of(rows, rows->own.parent_id), row, weir_text(parent_id));
    wr_builder_set(builder_of(rows, rows->own.list_idx), row, weir_int(link->index));
    wr_nested_row_id(wr_builder_text(ids, row, WR_ROW_ID_LEN), parent_id, rows->name, link->index);
}

static void fill_ids(wr_rowset *rows, const uint8_t key[16])
{
    rows->ids = WR_IDS_BUSY;
    const bool nested = rows->links.len > 0;
    wr_builder *ids = builder_of(rows, rows->own.id);
    wr_builder data = { 0 }; /* what the data brought: usually nothing */
    if (ids->rows) {
        data = *ids;
        *ids = (wr_builder){ .layout = WR_LAYOUT_TEXT };
    }
    for (int64_t row = 0; row < rows->batch->rows; row++) {
        const weir_str given = given_id(&data, row);
        if (given.len)
            wr_builder_set(ids, row, weir_text(given));
        if (nested)
            fill_nested_row(rows, row, given.len > 0, key, ids);
        else if (!given.len)
            make_root_id(wr_builder_text(ids, row, WR_ROW_ID_LEN), key, row);
    }
    wr_builder_done(&data);
    rows->ids = WR_IDS_DONE;
}

void wr_rowset_finish(wr_rowset *rows, weir_str load_id, const uint8_t key[16])
{
    if (!rows->batch)
        return;
    if (rows->ids == WR_IDS_OPEN)
        fill_ids(rows, key);
    if (rows->own.load_id >= 0)
        fill_load_ids(rows, load_id);
    wr_batch_finish(rows->batch);
}

wr_batch *wr_rowset_take(wr_rowset *rows)
{
    wr_batch *batch = rows->batch;
    rows->batch = NULL;
    if (batch) {
        batch->released = give_back;
        batch->released_self = rows;
    }
    return batch;
}

void wr_rowset_next_frame(wr_rowset *rows)
{
    if (rows->batch)
        give_back(rows, rows->batch);
    rows->batch = NULL;
    rows->links.len = 0;
    rows->added.len = 0;
    rows->ids = WR_IDS_OPEN;
}
