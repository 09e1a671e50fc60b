/* Feeds documents of vectors to the normaliser and compares. */
#include "documents.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/coerce.h"

#define LINES_MAX ((size_t)1 << 20)

weir_status documents_name(documents *d, weir_str convention, size_t max)
{
    return wr_naming_find(&d->g->cx, convention, max, &d->naming);
}

void documents_begin(documents *d, golden *g, const char *schema)
{
    *d = (documents){ .g = g, .load_id = wr_lit("1700000000.1") };
    d->schema = wr_schema_new(weir_str_of(schema));
    if (documents_name(d, wr_lit("snake_case"), 0) != WEIR_OK)
        abort();
}

void documents_start(documents *d, int max_nesting)
{
    const wr_normalizer_args args = {
        .naming = d->naming,
        .load_id = d->load_id,
        .max_nesting = max_nesting,
        .strips_nul = d->strips_nul,
        .column_max = WR_COLUMN_MAX,
    };
    wr_normalizer_free(d->normalizer);
    d->normalizer = wr_normalizer_new(&args);
    d->rows.len = 0;
}

void documents_end(documents *d)
{
    wr_normalized_done(&d->result);
    wr_normalizer_free(d->normalizer);
    wr_schema_drop(d->schema);
    wr_vec_done(&d->rows);
    wr_vec_done(&d->nulls);
    wr_vec_done(&d->ids);
}

void documents_set(documents *d, const char *name, const wr_node *value)
{
    wr_arena *arena = &d->schema->arena;
    wr_node *settings = wr_node_copy(arena, d->schema->settings);
    wr_node_set(arena, settings, weir_str_of(name), wr_node_copy(arena, value));
    d->schema->settings = settings;
}

/* Columns in a list become those by name. */
static wr_node *stored_table(wr_arena *arena, const wr_node *table)
{
    wr_node *ret = wr_node_copy(arena, table);
    const wr_node *columns = wr_node_get(table, "columns");
    wr_node *by_name = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *column = columns->first; column; column = column->next)
        wr_node_set(arena, by_name, wr_node_get_text(column, "name"), wr_node_copy(arena, column));
    wr_node_set(arena, ret, wr_lit("columns"), by_name);
    return ret;
}

weir_status documents_announce(documents *d, const wr_node *table)
{
    return wr_schema_merge_table(&d->g->cx, d->schema, stored_table(&d->g->arena, table));
}

/* ---- feeding ---- */

static void write_item(wr_buf *out, wr_arena *arena, const wr_node *item)
{
    weir_value value;
    if (golden_value(arena, item, &value))
        wr_typed_encode(out, value);
    wr_buf_char(out, '\n');
}

static weir_value cell_of(wr_arena *arena, const weir_column *column, const wr_builder *builder,
                          int64_t row)
{
    if (row >= builder->rows || !(builder->validity[row >> 3] >> (row & 7) & 1))
        return weir_null();
    const uint8_t *data = builder->data;
    int64_t i = 0;
    switch (builder->layout) {
    case WR_LAYOUT_TEXT: {
        const weir_kind kind = column->type == WEIR_TYPE_BINARY ? WEIR_BYTES : WEIR_TEXT;
        return weir_text_of(kind, wr_arena_str(arena, wr_builder_get_text(builder, row)));
    }
    case WR_LAYOUT_BIT: return weir_bool(data[row >> 3] >> (row & 7) & 1);
    case WR_LAYOUT_F64: {
        double f;
        memcpy(&f, data + row * 8, sizeof(f));
        return weir_float(f);
    }
    case WR_LAYOUT_I32: {
        int32_t days;
        memcpy(&days, data + row * 4, sizeof(days));
        return weir_date(days);
    }
    case WR_LAYOUT_I64: break;
    }
    memcpy(&i, data + row * 8, sizeof(i));
    if (column->type == WEIR_TYPE_TIMESTAMP)
        return weir_timestamp(i);
    return column->type == WEIR_TYPE_TIME ? weir_time_of_day(i) : weir_int(i);
}

static void keep_rows(documents *d, const wr_batch *batch)
{
    wr_arena *arena = &d->g->arena;
    const size_t count = batch->columns.len;
    weir_column *columns = wr_arena_new_array(arena, count, weir_column);
    for (size_t i = 0; i < count; i++) {
        columns[i] = batch->columns.ptr[i];
        columns[i].name = wr_arena_str(arena, columns[i].name);
    }
    for (int64_t row = 0; row < batch->rows; row++) {
        weir_value *cells = wr_arena_new_array(arena, count, weir_value);
        for (size_t i = 0; i < count; i++)
            cells[i] = cell_of(arena, &columns[i], &batch->builders.ptr[i], row);
        *wr_vec_push(&d->rows) =
            (document_row){ wr_arena_str(arena, batch->table), count, columns, cells };
    }
}

static weir_status take_result(documents *d)
{
    for (wr_batch *batch = d->result.batches, *next; batch; batch = next) {
        next = batch->next;
        keep_rows(d, batch);
        wr_batch_release(batch);
    }
    for (size_t i = 0; i < d->result.nulls.len; i++)
        *wr_vec_push(&d->nulls) = d->result.nulls.ptr[i];
    wr_schema *next = wr_schema_clone(d->schema);
    wr_schema_drop(d->schema);
    d->schema = next;
    for (size_t i = 0; i < d->result.additions.len; i++)
        WEIR_TRY(wr_addition_apply(&d->g->cx, d->schema, &d->result.additions.ptr[i]));
    return WEIR_OK;
}

weir_status documents_feed(documents *d, weir_str table, const wr_node *items)
{
    wr_auto(buf) wr_buf lines = wr_buf_max(LINES_MAX);
    uint32_t count = 0;
    for (const wr_node *item = items->first; item; item = item->next, count++)
        write_item(&lines, &d->g->arena, item);
    memset(wr_buf_room(&lines, WR_JSON_PADDING), 0, WR_JSON_PADDING);
    wr_frame frame = {
        .number = d->frames++,
        .kind = WR_FRAME_TYPED,
        .rows = count,
        .resource = table,
        .content = lines.ptr,
        .len = lines.len,
    };
    WEIR_TRY(wr_name_table_path(&d->g->cx, &d->naming, &d->g->arena, table, &frame.table));
    wr_frame_mark mark = { 0 };
    do {
        WEIR_TRY(wr_normalize(&d->g->cx, d->normalizer, d->schema, &frame, &mark, &d->result));
        WEIR_TRY(take_result(d));
    } while (!wr_frame_ends(&frame, &mark));
    return WEIR_OK;
}

/* ---- rows ---- */

static bool differs(documents *d, weir_str table, const char *what, weir_str name)
{
    if (!d->mismatch.len)
        d->mismatch =
            wr_arena_printf(&d->g->arena, "%.*s: %s '%.*s'", WR_STR(table), what, WR_STR(name));
    return false;
}

static bool is_random(weir_str id)
{
    return wr_str_starts(id, wr_lit("rid"));
}

/* An id stands for another one in all rows, or for itself. */
static bool same_id(documents *d, weir_str expected, weir_str actual)
{
    for (size_t i = 0; i < d->ids.len; i += 2)
        if (wr_str_eq(d->ids.ptr[i], expected))
            return wr_str_eq(d->ids.ptr[i + 1], actual);
    return wr_str_eq(expected, actual);
}

static void pair_ids(documents *d, weir_str expected, weir_str actual)
{
    *wr_vec_push(&d->ids) = expected;
    *wr_vec_push(&d->ids) = actual;
}

static weir_str text_cell(const document_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (wr_str_eq(row->columns[i].name, weir_str_of(name)) && row->cells[i].kind == WEIR_TEXT)
            return row->cells[i].as.s;
    return (weir_str){ 0 };
}

/* Random ids, and those of the rows below them, stand for others. */
static bool match_row_id(documents *d, const document_row *row, const wr_node *expected)
{
    const weir_str id = wr_node_get_text(expected, "_dlt_id");
    const weir_str actual = text_cell(row, "_dlt_id");
    const weir_str parent = wr_node_get_text(expected, "_dlt_parent_id");
    const weir_str actual_parent = text_cell(row, "_dlt_parent_id");
    if (is_random(id) && actual.len == WR_ROW_ID_LEN) {
        pair_ids(d, id, actual);
        return true;
    }
    if (!parent.len || wr_str_eq(parent, actual_parent))
        return wr_str_eq(id, actual) || differs(d, row->table, "row id", actual);
    char nested[WR_ROW_ID_LEN];
    wr_nested_row_id(nested, actual_parent, row->table,
                     wr_node_get_int(expected, "_dlt_list_idx", -1));
    pair_ids(d, id, actual);
    return wr_str_eq(actual, (weir_str){ nested, WR_ROW_ID_LEN }) ||
           differs(d, row->table, "nested row id", actual);
}

static bool same_cell(documents *d, const weir_column *column, weir_value actual,
                      const wr_node *node)
{
    weir_value expected;
    if (column->type == WEIR_TYPE_JSON) /* plain: typed values in it are their texts */
        return wr_str_eq(golden_json(&d->g->arena, node), actual.as.s);
    if (!golden_value(&d->g->arena, node, &expected))
        return false;
    if (expected.kind == WEIR_DECIMAL)
        return actual.kind == WEIR_TEXT && wr_str_eq(expected.as.s, actual.as.s);
    if (expected.kind == WEIR_TEXT && actual.kind == WEIR_TEXT)
        return same_id(d, expected.as.s, actual.as.s);
    return golden_same(expected, actual);
}

static bool same_row(documents *d, const document_row *row, const wr_node *expected)
{
    size_t cells = 0;
    if (!match_row_id(d, row, expected))
        return false;
    for (size_t i = 0; i < row->count; i++) {
        const wr_node *node = wr_node_get_str(expected, row->columns[i].name);
        const bool is_null = !node || node->kind == WR_NODE_NULL;
        if (is_null != (row->cells[i].kind == WEIR_NULL))
            return differs(d, row->table, is_null ? "no such value" : "a value is missing",
                           row->columns[i].name);
        if (is_null)
            continue;
        cells++;
        if (!same_cell(d, &row->columns[i], row->cells[i], node))
            return differs(d, row->table, golden_show(&d->g->arena, row->cells[i]).ptr,
                           row->columns[i].name);
    }
    for (const wr_node *cell = expected->first; cell; cell = cell->next)
        cells -= cell->kind != WR_NODE_NULL;
    return cells == 0 || differs(d, row->table, "cells are missing", row->table);
}

static const document_row *next_row(const documents *d, weir_str table, size_t *at)
{
    while (*at < d->rows.len && !wr_str_eq(d->rows.ptr[*at].table, table))
        (*at)++;
    return *at < d->rows.len ? &d->rows.ptr[(*at)++] : NULL;
}

/* How many rows of the table are expected before this one. */
static size_t rows_before(const wr_node *expected, const wr_node *row)
{
    size_t count = 0;
    for (const wr_node *other = expected->first; other != row; other = other->next)
        count += wr_str_eq(other->first->text, row->first->text);
    return count;
}

bool documents_have_rows(documents *d, const wr_node *expected, bool some)
{
    size_t matched = 0;
    for (const wr_node *row = expected->first; row; row = row->next) {
        const weir_str table = row->first->text;
        const document_row *actual = NULL;
        size_t at = 0;
        for (size_t i = 0; i <= rows_before(expected, row); i++)
            actual = next_row(d, table, &at);
        if (!actual && some)
            continue;
        if (!actual)
            return differs(d, table, "a row is missing", table);
        if (!same_row(d, actual, row->first->next))
            return false;
        matched++;
    }
    return matched == d->rows.len ||
           differs(d, d->rows.ptr[d->rows.len - 1].table, "more rows than", wr_lit("expected"));
}

/* ---- tables ---- */

static bool same_columns(documents *d, const wr_table *table, const wr_node *expected)
{
    const wr_node *actual = wr_node_get(table->doc, "columns")->first;
    for (const wr_node *column = expected->first; column; column = column->next) {
        if (!actual || !wr_node_equal(actual, column))
            return differs(d, table->pub.name, "another column in place of",
                           wr_node_get_text(column, "name"));
        actual = actual->next;
    }
    return !actual || differs(d, table->pub.name, "one column more", actual->key);
}

static bool same_table(documents *d, weir_str name, const wr_node *expected)
{
    const wr_table *table = wr_schema_table(d->schema, name);
    if (!table)
        return differs(d, name, "no table", name);
    size_t properties = 0;
    for (const wr_node *property = expected->first; property; property = property->next) {
        const wr_node *own = wr_node_get_str(table->doc, property->key);
        properties += own != NULL;
        if (!wr_str_eq(property->key, wr_lit("columns")) && !(own && wr_node_equal(own, property)))
            return differs(d, name, "property", property->key);
    }
    if (properties + (wr_node_get(expected, "name") == NULL) != table->doc->count)
        return differs(d, name, "one property more of", name);
    return same_columns(d, table, wr_node_get(expected, "columns"));
}

bool documents_have_tables(documents *d, const wr_node *expected)
{
    for (const wr_node *table = expected->first; table; table = table->next)
        if (!same_table(d, table->key, table))
            return false;
    for (size_t i = 0; i < d->schema->tables.len; i++) {
        const weir_str name = d->schema->tables.ptr[i]->pub.name;
        if (!wr_is_dlt_name(name) && !wr_node_get_str(expected, name))
            return differs(d, name, "a table too many", name);
    }
    return true;
}

/* ---- additions ---- */

static bool is_added(const wr_addition *added, weir_str column)
{
    for (size_t i = 0; added && i < added->count; i++)
        if (wr_str_eq(added->columns[i].name, column))
            return true;
    return false;
}

static const wr_addition *addition_of(const documents *d, weir_str table)
{
    for (size_t i = 0; i < d->result.additions.len; i++)
        if (wr_str_eq(d->result.additions.ptr[i].table, table))
            return &d->result.additions.ptr[i];
    return NULL;
}

static bool expects_column(const wr_node *lists, weir_str column)
{
    for (const wr_node *list = lists ? lists->first : NULL; list; list = list->next)
        for (const wr_node *name = list->first; name; name = name->next)
            if (wr_str_eq(name->text, column))
                return true;
    return false;
}

bool documents_have_additions(documents *d, const wr_node *expected)
{
    for (size_t i = 0; i < d->result.additions.len; i++) {
        const wr_addition *added = &d->result.additions.ptr[i];
        for (size_t k = 0; k < added->count; k++)
            if (!expects_column(wr_node_get_str(expected, added->table), added->columns[k].name))
                return differs(d, added->table, "added", added->columns[k].name);
    }
    for (const wr_node *table = expected->first; table; table = table->next)
        for (const wr_node *list = table->first; list; list = list->next)
            for (const wr_node *name = list->first; name; name = name->next)
                if (!is_added(addition_of(d, table->key), name->text))
                    return differs(d, table->key, "did not add", name->text);
    return true;
}

/* ---- nulls ---- */

static bool is_missing(const documents *d, const wr_null_column *null)
{
    const wr_table *table = wr_schema_table(d->schema, null->table);
    const ptrdiff_t at = table ? wr_table_column(table, null->column) : 0;
    return table && (at < 0 || table->pub.columns[at].type == WEIR_NO_TYPE);
}

static bool expects_null(const wr_node *expected, const wr_null_column *null)
{
    const wr_node *names = wr_node_get_str(expected, null->table);
    for (const wr_node *name = names ? names->first : NULL; name; name = name->next)
        if (wr_str_eq(name->text, null->column))
            return true;
    return false;
}

static bool has_null(const documents *d, weir_str table, weir_str column)
{
    for (size_t i = 0; i < d->nulls.len; i++)
        if (wr_str_eq(d->nulls.ptr[i].table, table) && wr_str_eq(d->nulls.ptr[i].column, column))
            return true;
    return false;
}

bool documents_have_nulls(documents *d, const wr_node *expected)
{
    for (size_t i = 0; i < d->nulls.len; i++) {
        const wr_null_column *null = &d->nulls.ptr[i];
        if (is_missing(d, null) && !expects_null(expected, null))
            return differs(d, null->table, "nulls of", null->column);
    }
    for (const wr_node *table = expected ? expected->first : NULL; table; table = table->next)
        for (const wr_node *column = table->first; column; column = column->next)
            if (!has_null(d, table->key, column->text))
                return differs(d, table->key, "no nulls of", column->text);
    return true;
}

weir_status documents_feed_all(documents *d, const wr_node *test)
{
    const wr_node *batch = wr_node_get(test, "batches")->first;
    const wr_node *added = wr_node_get(test, "new_columns_per_batch")->first;
    for (; batch; batch = batch->next) {
        WEIR_TRY(documents_feed(d, wr_node_get_text(test, "table"), batch));
        if (added)
            (void)documents_have_additions(d, added);
        added = added ? added->next : NULL;
    }
    return WEIR_OK;
}
