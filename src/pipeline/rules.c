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
    rows->rules.has_filters = wr_schema_filters(n->schema, &n->args.naming, rows->name);
    rows->is_careful = rows->collides || rows->rules.has_filters ||
                       rows->rules.ids != WR_ROW_IDS_RANDOM || hands_down_data(rows) ||
                       discards_rows(rows);
    rows->is_ruled = true;
}
