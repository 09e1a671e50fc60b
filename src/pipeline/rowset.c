/* Rowsets: slots, columns and rows of one table in one worker. */
#include "pipeline/rowset.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

static void forget_own(wr_rowset *rows)
{
    for (size_t i = 0; i < WR_OWN_COUNT; i++)
        rows->own[i] = -1;
    rows->own_ready = false;
}

wr_rowset *wr_rowset_new(weir_str name, weir_str parent, weir_str path)
{
    wr_rowset *ret = wr_new(wr_rowset);
    ret->name = name;
    ret->parent = parent;
    ret->path = path;
    ret->is_root = parent.len == 0;
    ret->is_new = true;
    ret->stamp = 1;
    ret->hidden_ids.layout = WR_LAYOUT_TEXT;
    forget_own(ret);
    pthread_mutex_init(&ret->pool.lock, NULL);
    return ret;
}

static void forget_given(wr_rowset *rows)
{
    wr_builder_done(&rows->given.ids);
    wr_builder_done(&rows->given.parents);
    wr_builder_done(&rows->given.indexes);
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
    wr_table_drop(rows->known);
    wr_map_done(&rows->slots);
    wr_vec_done(&rows->rules.required);
    wr_vec_done(&rows->rules.keys);
    wr_vec_done(&rows->rules.gifts);
    wr_vec_done(&rows->columns);
    wr_vec_done(&rows->added);
    wr_vec_done(&rows->discards);
    wr_vec_done(&rows->nulls);
    wr_vec_done(&rows->links);
    wr_vec_done(&rows->id_cells);
    wr_vec_done(&rows->id_columns);
    wr_builder_done(&rows->hidden_ids);
    forget_given(rows);
    wr_arena_done(&rows->arena);
    wr_free(rows);
}

/* ---- the snapshot ---- */

/* Is every local column in the snapshot's table, with the same type? */
static bool agrees(const wr_rowset *rows)
{
    const wr_table *known = rows->known;
    for (size_t i = 0; i < rows->columns.len; i++) {
        const weir_column *local = &rows->columns.ptr[i];
        const ptrdiff_t at = known ? wr_table_column(known, local->name) : -1;
        if (at < 0 || known->pub.columns[at].type != local->type)
            return false;
    }
    return true;
}

static void take_discards(wr_rowset *rows)
{
    for (size_t i = 0; rows->known && i < rows->known->discard_count; i++) {
        const wr_discard *discard = &rows->known->discards[i];
        wr_rowset_slot(rows, discard->column)->mode = discard->mode;
    }
}

/* The next snapshot may know of less. */
static void drop_discards(wr_rowset *rows)
{
    for (size_t i = 0; rows->known && i < rows->known->discard_count; i++)
        wr_rowset_slot(rows, rows->known->discards[i].column)->mode = WR_EVOLVE;
}

bool wr_rowset_sync(wr_rowset *rows, const wr_schema *schema)
{
    const bool grew = rows->added.len > 0; /* the snapshot may not have taken it */
    rows->added.len = 0;
    rows->is_new = wr_table_is_new(rows->known);
    if (wr_schema_table(schema, rows->name) == rows->known)
        return !grew;
    drop_discards(rows);
    wr_table_drop(rows->known);
    rows->known = wr_schema_table_hold(schema, rows->name);
    rows->is_root = rows->known ? rows->known->pub.parent.len == 0 : rows->parent.len == 0;
    rows->is_new = wr_table_is_new(rows->known);
    rows->is_ruled = false;
    rows->stamp++;
    take_discards(rows);
    return agrees(rows);
}

void wr_rowset_forget(wr_rowset *rows)
{
    rows->columns.len = 0;
    forget_own(rows);
    rows->collides = rows->is_ruled = false;
    rows->rules.required.len = rows->rules.keys.len = rows->rules.gifts.len = 0;
    wr_map_clear(&rows->slots);
    wr_arena_reset(&rows->arena);
    rows->stamp++;
    take_discards(rows);
}

/* ---- columns ---- */

wr_slot *wr_rowset_slot(wr_rowset *rows, weir_str name)
{
    wr_slot *found = wr_map_get(&rows->slots, name);
    if (found)
        return found;
    wr_slot *ret = wr_arena_new(&rows->arena, wr_slot);
    ret->name = wr_arena_str(rows->names, name);
    ret->column = -1;
    for (size_t i = 0; i < WR_OWN_COUNT; i++)
        ret->is_reserved |= wr_str_eq(name, rows->own_names[i]);
    wr_map_put(&rows->slots, ret->name, ret);
    return ret;
}

wr_slot *wr_rowset_reserve(wr_rowset *rows, weir_str name)
{
    wr_slot *slot = wr_rowset_slot(rows, name);
    slot->is_reserved = true;
    if (slot->owner)
        rows->collides = rows->is_careful = true;
    return slot;
}

static int32_t add_local(wr_rowset *rows, wr_slot *slot, const weir_column *column)
{
    slot->column = (int32_t)rows->columns.len;
    *wr_vec_push(&rows->columns) = *column;
    rows->stamp++;
    if (rows->batch)
        (void)wr_batch_add(rows->batch, column);
    return slot->column;
}

int32_t wr_rowset_column(wr_rowset *rows, wr_slot *slot)
{
    if (slot->column >= 0 || slot->asked == rows->stamp)
        return slot->column;
    slot->asked = rows->stamp;
    const ptrdiff_t at = rows->known ? wr_table_column(rows->known, slot->name) : -1;
    if (at < 0 || rows->known->pub.columns[at].type == WEIR_NO_TYPE)
        return -1;
    weir_column column = rows->known->pub.columns[at];
    column.name = slot->name; /* the snapshot's name may go with the snapshot */
    return add_local(rows, slot, &column);
}

int32_t wr_rowset_add(wr_rowset *rows, wr_slot *slot, weir_type type, unsigned hints)
{
    *wr_vec_push(&rows->added) =
        (wr_new_column){ slot->name, type, (hints & WEIR_HINT_VARIANT) != 0 };
    weir_column column = { .name = slot->name, .type = type, .hints = hints };
    const ptrdiff_t at = rows->known ? wr_table_column(rows->known, slot->name) : -1;
    if (at >= 0) { /* declared without a type: its hints stay */
        column.hints |= rows->known->pub.columns[at].hints;
        column.precision = rows->known->pub.columns[at].precision;
        column.scale = rows->known->pub.columns[at].scale;
    }
    return add_local(rows, slot, &column);
}

/* ---- rows ---- */

static void take_batch(wr_rowset *rows)
{
    pthread_mutex_lock(&rows->pool.lock);
    wr_batch *batch = rows->pool.free;
    if (batch)
        rows->pool.free = batch->next;
    pthread_mutex_unlock(&rows->pool.lock);

    if (batch)
        atomic_fetch_sub(&rows->pool.idle->bytes, batch->bytes);
    else
        batch = wr_new(wr_batch);
    batch->table = rows->name;
    batch->next = NULL;
    for (size_t i = 0; i < rows->columns.len; i++)
        (void)wr_batch_add(batch, &rows->columns.ptr[i]);
    rows->batch = batch;
}

static void give_back(void *self, wr_batch *batch)
{
    wr_rowset *rows = self;
    wr_idle *idle = rows->pool.idle;
    if (atomic_fetch_add(&idle->bytes, batch->bytes) + batch->bytes > idle->most) {
        atomic_fetch_sub(&idle->bytes, batch->bytes);
        wr_batch_free(batch);
        return;
    }
    wr_batch_reset(batch);
    pthread_mutex_lock(&rows->pool.lock);
    batch->next = rows->pool.free;
    rows->pool.free = batch;
    pthread_mutex_unlock(&rows->pool.lock);
}

void wr_rowset_begin_row(wr_rowset *rows, wr_link link)
{
    if (!rows->batch)
        take_batch(rows);
    rows->row = rows->batch->rows++;
    *wr_vec_push(&rows->links) = link;
}

wr_row_mark wr_rowset_mark(const wr_rowset *rows)
{
    return (wr_row_mark){ rows->columns.len, rows->added.len, rows->discards.len, rows->nulls.len,
                          rows->dropped_values };
}

static const struct {
    weir_type type;
    unsigned hints;
} OWN_COLUMNS[WR_OWN_COUNT] = {
    [WR_OWN_LOAD_ID] = { WEIR_TYPE_TEXT, WEIR_HINT_NOT_NULL },
    [WR_OWN_PARENT_ID] = { WEIR_TYPE_TEXT, WEIR_HINT_NOT_NULL },
    [WR_OWN_LIST_IDX] = { WEIR_TYPE_BIGINT, WEIR_HINT_NOT_NULL },
    [WR_OWN_ID] = { WEIR_TYPE_TEXT, WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE },
};

/* Has the table rows that brought their ids, and so have no links to rows above? */
static bool has_unlinked_rows(const wr_rowset *rows)
{
    const ptrdiff_t at =
        rows->known ? wr_table_column(rows->known, rows->own_names[WR_OWN_ID]) : -1;
    return rows->row > 0 || (at >= 0 && rows->known->pub.columns[at].type != WEIR_NO_TYPE);
}

static weir_status links_come_late(weir_ctx *cx, const wr_rowset *rows, weir_str link)
{
    return weir_fail(cx, WEIR_SCHEMA,
                     "table '%.*s': earlier rows brought their own ids and have no '%.*s', which "
                     "this row needs\n"
                     "hint: give '%.*s' to all rows of a list, or to none",
                     WR_STR(rows->name), WR_STR(link), WR_STR(rows->own_names[WR_OWN_ID]));
}

weir_status wr_rowset_own(weir_ctx *cx, wr_rowset *rows, wr_own own)
{
    if (rows->own[own] >= 0)
        return WEIR_OK;
    wr_slot *slot = wr_rowset_slot(rows, rows->own_names[own]);
    const weir_type type = OWN_COLUMNS[own].type;
    const bool is_link = own == WR_OWN_PARENT_ID || own == WR_OWN_LIST_IDX;
    int32_t column = wr_rowset_column(rows, slot);
    if (column < 0 && is_link && rows->needs_links && has_unlinked_rows(rows))
        return links_come_late(cx, rows, slot->name);
    if (column < 0)
        column = wr_rowset_add(rows, slot, type, OWN_COLUMNS[own].hints);
    if (rows->columns.ptr[column].type != type)
        return weir_fail(cx, WEIR_SCHEMA,
                         "column '%.*s' of table '%.*s' has the type %s, dlt's own must be %s",
                         WR_STR(slot->name), WR_STR(rows->name),
                         weir_type_name(rows->columns.ptr[column].type), weir_type_name(type));
    rows->own[own] = column;
    return WEIR_OK;
}

weir_status wr_rowset_make_own(weir_ctx *cx, wr_rowset *rows)
{
    if (rows->own_ready)
        return WEIR_OK;
    if (rows->is_root) {
        WEIR_TRY(wr_rowset_own(cx, rows, WR_OWN_LOAD_ID));
    } else {
        WEIR_TRY(wr_rowset_own(cx, rows, WR_OWN_PARENT_ID));
        WEIR_TRY(wr_rowset_own(cx, rows, WR_OWN_LIST_IDX));
    }
    WEIR_TRY(wr_rowset_own(cx, rows, WR_OWN_ID));
    rows->own_ready = true;
    return WEIR_OK;
}

/* ---- taking back ---- */

void wr_rowset_clear_row(wr_rowset *rows)
{
    for (size_t i = 0; i < rows->columns.len; i++) {
        wr_builder *builder = &rows->batch->builders.ptr[i];
        if (builder->rows > rows->row)
            wr_builder_resize(builder, rows->row);
    }
    if (rows->hidden_ids.rows > rows->row)
        wr_builder_resize(&rows->hidden_ids, rows->row);
    while (rows->id_cells.len && rows->id_cells.ptr[rows->id_cells.len - 1].row == rows->row)
        rows->id_cells.len--;
}

void wr_rowset_drop_row(wr_rowset *rows)
{
    wr_rowset_clear_row(rows);
    rows->batch->rows = rows->row;
    rows->links.len = (size_t)rows->row;
}

static void forget_discards(wr_rowset *rows, size_t from)
{
    for (size_t i = from; i < rows->discards.len; i++)
        wr_rowset_slot(rows, rows->discards.ptr[i].column)->mode = WR_EVOLVE;
    rows->discards.len = from;
}

void wr_rowset_unlearn(wr_rowset *rows, wr_row_mark mark)
{
    for (size_t i = 0; i < rows->slots.len; i++) {
        wr_slot *slot = rows->slots.entries[i].value;
        if (slot->column >= (int32_t)mark.columns)
            slot->column = -1;
    }
    for (size_t i = 0; i < WR_OWN_COUNT; i++) {
        if (rows->own[i] < (int32_t)mark.columns)
            continue;
        rows->own[i] = -1;
        rows->own_ready = false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < rows->id_columns.len; i++)
        if (rows->id_columns.ptr[i] < (int32_t)mark.columns)
            rows->id_columns.ptr[kept++] = rows->id_columns.ptr[i];
    rows->id_columns.len = kept;
    for (size_t i = mark.nulls; i < rows->nulls.len; i++)
        rows->nulls.ptr[i]->null_seen = 0;
    forget_discards(rows, mark.discards);
    rows->nulls.len = mark.nulls;
    rows->added.len = mark.added;
    rows->columns.len = rows->batch->columns.len = mark.columns;
    rows->dropped_values = mark.dropped_values;
    rows->stamp++;
}

void wr_rowset_put_id_of(wr_rowset *rows, int32_t column, wr_rowset *of, int64_t of_row)
{
    size_t i = 0;
    while (i < rows->id_columns.len && rows->id_columns.ptr[i] != column)
        i++;
    if (i == rows->id_columns.len)
        *wr_vec_push(&rows->id_columns) = column;
    *wr_vec_push(&rows->id_cells) = (wr_id_cell){ column, rows->row, of, of_row };
}

/* ---- frames ---- */

wr_batch *wr_rowset_take(wr_rowset *rows)
{
    wr_batch *batch = rows->batch;
    rows->batch = NULL;
    if (!batch)
        return NULL;
    if (!batch->rows) { /* all of them were taken back */
        give_back(rows, batch);
        return NULL;
    }
    batch->released = give_back;
    batch->released_self = rows;
    return batch;
}

void wr_rowset_next_frame(wr_rowset *rows)
{
    if (rows->batch)
        give_back(rows, rows->batch);
    rows->batch = NULL;
    rows->first_row = 0;
    rows->is_ruled &= rows->discards.len == 0;
    forget_discards(rows, 0);
    rows->nulls.len = rows->links.len = rows->id_cells.len = rows->id_columns.len = 0;
    rows->dropped_rows = rows->dropped_values = 0;
    if (rows->hidden_ids.rows)
        wr_builder_reset(&rows->hidden_ids, WEIR_TYPE_TEXT);
    rows->ids_begun = false;
    forget_given(rows);
}
