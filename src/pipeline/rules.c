/* Rules: what the snapshot says of the rows of a table. */
#include "pipeline/normalizer.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* The nearest table above that the snapshot has: new ones below it have its contract. */
static weir_str known_above(const wr_normalizer *n, const wr_rowset *rows)
{
    while (rows && !rows->known)
        rows = rows->parent.len ? wr_map_get(&n->tables, rows->parent) : NULL;
    return rows ? rows->name : (weir_str){ 0 };
}

static void learn_contract(const wr_normalizer *n, wr_rowset *rows)
{
    wr_rules *rules = &rows->rules;
    rules->contract = wr_contract_of(n->schema, rows->name, known_above(n, rows));
    rules->evolves = rules->contract.columns == WR_EVOLVE && rules->contract.data_type == WR_EVOLVE;
    rules->evolves_once = rows->known && wr_contract_evolves_once(rows->known);
    rules->refuses = rows->is_new && rules->contract.tables != WR_EVOLVE;
}

static int by_name(const void *a, const void *b)
{
    const wr_slot *const *left = a;
    const wr_slot *const *right = b;
    return wr_str_cmp((*left)->name, (*right)->name);
}

static void learn_ids(const wr_normalizer *n, wr_rowset *rows)
{
    wr_rules *rules = &rows->rules;
    rules->keys.len = 0;
    rules->ids = wr_schema_row_ids(n->schema, rows->known, rows->own_names[WR_OWN_ID]);
    if (rules->ids != WR_ROW_IDS_OF_KEY)
        return;
    const weir_table *table = &rows->known->pub;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].hints & WEIR_HINT_PRIMARY_KEY)
            *wr_vec_push(&rules->keys) = wr_rowset_slot(rows, table->columns[i].name);
    if (rules->keys.len > 1)
        qsort(rules->keys.ptr, rules->keys.len, sizeof(*rules->keys.ptr), by_name);
}

static void add_gift(wr_rowset *rows, const wr_node *mapping)
{
    wr_slot *from = wr_rowset_slot(rows, mapping->key);
    for (size_t i = 0; i < rows->rules.gifts.len; i++) {
        wr_gift *gift = &rows->rules.gifts.ptr[i];
        if (gift->from != from)
            continue;
        gift->to = mapping->text; /* what is said of the table wins */
        return;
    }
    *wr_vec_push(&rows->rules.gifts) = (wr_gift){ from, mapping->text };
}

/* Texts are the snapshot's: where something is handed down, rules are learnt anew in each frame. */
static void learn_gifts(const wr_normalizer *n, wr_rowset *rows)
{
    rows->rules.gifts.len = 0;
    const wr_node *root = rows->is_root ? wr_node_get(n->propagation, "root") : NULL;
    const wr_node *own = wr_node_get_str(wr_node_get(n->propagation, "tables"), rows->name);
    for (const wr_node *mapping = root ? root->first : NULL; mapping; mapping = mapping->next)
        add_gift(rows, mapping);
    for (const wr_node *mapping = own ? own->first : NULL; mapping; mapping = mapping->next)
        add_gift(rows, mapping);
}

/* Does the table hand down what only a careful walk knows? */
static bool hands_down_data(const wr_rowset *rows)
{
    for (size_t i = 0; i < rows->rules.gifts.len; i++) {
        const weir_str from = rows->rules.gifts.ptr[i].from->name;
        if (!wr_str_eq(from, rows->own_names[WR_OWN_ID]) &&
            !wr_str_eq(from, rows->own_names[WR_OWN_LOAD_ID]))
            return true;
    }
    return false;
}

/* A table that was loaded before may have been made when the column still allowed nulls: there the destination decides. */
static void learn_required(const wr_normalizer *n, wr_rowset *rows)
{
    const wr_table *known = rows->known;
    rows->rules.required.len = 0;
    if (!n->args.refuses_nulls || !known || known->seen_data)
        return;
    for (size_t i = 0; i < known->pub.column_count; i++)
        if (known->pub.columns[i].hints & WEIR_HINT_NOT_NULL)
            *wr_vec_push(&rows->rules.required) = wr_rowset_slot(rows, known->pub.columns[i].name);
}

/* Integers that may not fit are looked at one by one. */
static bool has_narrow(const wr_normalizer *n, const wr_rowset *rows)
{
    for (size_t i = 0; rows->known && i < rows->known->pub.column_count; i++)
        if (wr_is_narrow(n, &rows->known->pub.columns[i]))
            return true;
    return false;
}

static bool discards_rows(const wr_rowset *rows)
{
    for (size_t i = 0; rows->known && i < rows->known->discard_count; i++)
        if (rows->known->discards[i].mode == WR_DISCARD_ROW)
            return true;
    return false;
}

void wr_learn_rules(wr_normalizer *n, wr_rowset *rows)
{
    learn_contract(n, rows);
    learn_ids(n, rows);
    learn_gifts(n, rows);
    learn_required(n, rows);
    rows->rules.has_filters = wr_schema_filters(n->schema, &n->args.naming, rows->name);
    rows->is_careful = rows->collides || rows->rules.has_filters ||
                       rows->rules.ids != WR_ROW_IDS_RANDOM || hands_down_data(rows) ||
                       discards_rows(rows) || has_narrow(n, rows);
    rows->is_ruled = true;
}

static weir_status value_missing(weir_ctx *cx, const wr_rowset *rows, const wr_slot *slot,
                                 const char *whose)
{
    const bool is_key = rows->columns.ptr[slot->column].hints & WEIR_HINT_PRIMARY_KEY;
    return weir_fail(cx, WEIR_SCHEMA,
                     "table '%.*s': %s no value for '%.*s', %s\n"
                     "hint: all rows must have one, %s",
                     WR_STR(rows->name), whose, WR_STR(slot->name),
                     is_key ? "a primary key" : "which must not be null",
                     is_key ? "or `primary_key` name other columns"
                            : "or the column be declared with nullable = true");
}

/* A column without a type gets one with its first value, which must then be that of the first row. */
weir_status wr_check_required(weir_ctx *cx, const wr_normalizer *n, wr_rowset *rows)
{
    for (size_t i = 0; i < rows->rules.required.len; i++) {
        wr_slot *slot = rows->rules.required.ptr[i];
        const int32_t column = slot->is_reserved ? -1 : wr_rowset_column(rows, slot);
        if (column < 0)
            continue;
        if (rows->batch->builders.ptr[column].rows <= rows->row)
            return value_missing(cx, rows, slot, "a row has");
        if ((size_t)column >= n->mark.columns && rows->row > 0)
            return value_missing(cx, rows, slot, "earlier rows have");
    }
    return WEIR_OK;
}
