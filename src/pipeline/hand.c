/* Handing down: values of a row that all rows below it get, such as the id of the root row. */
#include "pipeline/normalizer.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* A name that came from above already gets another value, at its old place. */
static void put_handed(wr_normalizer *n, wr_handed handed)
{
    for (size_t i = n->handed_from; i < n->handed.len; i++) {
        if (!wr_str_eq(n->handed.ptr[i].to, handed.to))
            continue;
        n->handed.ptr[i] = handed;
        return;
    }
    *wr_vec_push(&n->handed) = handed;
}

/* What this gift is in the present row; false when the row has it not. */
static bool unwrap(const wr_normalizer *n, wr_rowset *rows, const wr_gift *gift, wr_handed *ret)
{
    const weir_str from = gift->from->name;
    *ret = (wr_handed){ .to = gift->to };
    if (wr_str_eq(from, rows->own_names[WR_OWN_ID])) {
        ret->id_of = rows;
        ret->row = rows->row;
        return true;
    }
    if (wr_str_eq(from, rows->own_names[WR_OWN_LOAD_ID]) && rows->is_root)
        return true;
    const bool found = rows->is_careful && gift->from->row == n->careful_row;
    if (!found)
        return false;
    const wr_field *field = &n->fields.ptr[gift->from->field];
    if (field->kind == WR_FIELD_HANDED) {
        const weir_str to = ret->to;
        *ret = n->handed.ptr[field->handed];
        ret->to = to;
        return true;
    }
    ret->value = field->value;
    return field->value != NULL;
}

void wr_hand_down(wr_normalizer *n, wr_rowset *rows)
{
    const size_t from = n->handed_from;
    const size_t to = n->handed.len;
    n->handed_from = to;
    for (size_t i = from; i < to; i++) {
        const wr_handed handed = n->handed.ptr[i];
        *wr_vec_push(&n->handed) = handed;
    }
    for (size_t i = 0; i < rows->rules.gifts.len; i++) {
        wr_handed handed;
        if (unwrap(n, rows, &rows->rules.gifts.ptr[i], &handed))
            put_handed(n, handed);
    }
}

/* The id of a row above goes into a column of texts, once it is made. */
static weir_status put_id(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                          const wr_handed *handed)
{
    int32_t column = wr_rowset_column(rows, slot);
    if (column < 0)
        column = wr_rowset_add(rows, slot, WEIR_TYPE_TEXT,
                               wr_schema_default_hints(n->schema, slot->name));
    if (rows->columns.ptr[column].type != WEIR_TYPE_TEXT)
        return weir_fail(
            cx, WEIR_SCHEMA, "column '%.*s' of table '%.*s' gets row ids and has the type %s",
            WR_STR(slot->name), WR_STR(rows->name), weir_type_name(rows->columns.ptr[column].type));
    wr_rowset_put_id_of(rows, column, handed->id_of, handed->row);
    return WEIR_OK;
}

weir_status wr_put_one_handed(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                              const wr_handed *handed)
{
    if (handed->id_of)
        return put_id(cx, n, rows, slot, handed);
    if (!handed->value)
        return wr_put_cell(cx, n, rows, slot, weir_text(n->args.load_id));
    if (wr_jkind_of(handed->value) == WR_JNULL)
        return wr_put_null(cx, n, rows, slot);
    weir_value value;
    wr_value_of(n, handed->value, &value);
    return wr_put_cell(cx, n, rows, slot, value);
}

weir_status wr_put_handed(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows)
{
    for (size_t i = n->handed_from; i < n->handed.len; i++) {
        wr_slot *slot = wr_rowset_reserve(rows, n->handed.ptr[i].to);
        if (rows->collides)
            n->trouble |= WR_AGAIN; /* the data have a key of this name */
        else
            WEIR_TRY(wr_put_one_handed(cx, n, rows, slot, &n->handed.ptr[i]));
    }
    return WEIR_OK;
}
