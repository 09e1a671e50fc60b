/* The walk: values of a frame along their shapes into rowsets. This is the hot path of the product: what is not met in
 * ordinary rows is elsewhere. */
#include "pipeline/normalizer.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"

/* Nested lists make the walk recurse: each level is one in the stack of C. */
#define DEPTH_MAX 200

/* ---- cells ---- */

/* A value that has no column yet, or does not have its column's form. */
static weir_status put_otherwise(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape,
                                 wr_entry *entry, const weir_value *value)
{
    WEIR_TRY(wr_shape_name(cx, n, shape, entry));
    if (n->trouble & WR_AGAIN)
        return WEIR_OK;
    WEIR_TRY(wr_put_cell(cx, n, shape->rows, entry->slot, *value));
    entry->column = entry->slot->column;
    return WEIR_OK;
}

static inline weir_status put_value(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape,
                                    wr_entry *entry, const wr_jval *from)
{
    weir_value value;
    wr_rowset *rows = shape->rows;
    wr_value_of(n, from, &value);
    if (entry->column < 0 || n->has_nul ||
        wr_ready_type[value.kind] != rows->columns.ptr[entry->column].type)
        return put_otherwise(cx, n, shape, entry, &value);
    wr_builder_put(&rows->batch->builders.ptr[entry->column], rows->row, &value);
    return WEIR_OK;
}

static inline weir_status put_null(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape,
                                   wr_entry *entry)
{
    if (entry->column < 0) {
        if (entry->slot && entry->slot->column < 0 && entry->slot->null_seen == n->frames)
            return WEIR_OK;
        WEIR_TRY(wr_shape_name(cx, n, shape, entry));
        if (n->trouble & WR_AGAIN)
            return WEIR_OK;
    } else if (!(shape->rows->columns.ptr[entry->column].hints & WEIR_HINT_NOT_NULL)) {
        return WEIR_OK;
    }
    WEIR_TRY(wr_put_null(cx, n, shape->rows, entry->slot));
    entry->column = entry->slot->column;
    return WEIR_OK;
}

void wr_open_list_put(wr_normalizer *n, wr_entry *entry, const wr_jval *value)
{
    for (size_t i = n->lists_from; entry->shares_list && i < n->lists.len; i++) {
        if (n->lists.ptr[i].entry->list != entry->list)
            continue;
        n->lists.ptr[i].value = value;
        return;
    }
    *wr_vec_push(&n->lists) = (wr_open_list){ entry, value };
}

static weir_status put_container(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                                 const wr_jval *value)
{
    if (entry->kept_at != shape->rows->stamp) {
        WEIR_TRY(wr_shape_decide(cx, n, shape, entry));
        if (n->trouble & WR_AGAIN)
            return WEIR_OK;
    }
    if (entry->is_kept)
        return put_value(cx, n, shape, entry, value);

    if (wr_jkind_of(value) == WR_JOBJECT) {
        if (wr_jlen(value) == 0)
            return WEIR_OK; /* empty ones disappear */
        if (!entry->object)
            WEIR_TRY(wr_shape_object(cx, n, shape, entry));
        *wr_vec_push(&n->objects) = (wr_open_object){ entry->object, value };
        return WEIR_OK;
    }
    if (!entry->list)
        WEIR_TRY(wr_shape_list(cx, n, shape, entry));
    if (wr_jlen(value) > 0 || entry->shares_list)
        wr_open_list_put(n, entry, value);
    return WEIR_OK;
}

static inline weir_status put(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                              const wr_jval *value)
{
    const wr_jkind kind = wr_jkind_of(value);
    if (kind >= WR_JARRAY)
        return put_container(cx, n, shape, entry, value);
    if (kind == WR_JNULL)
        return put_null(cx, n, shape, entry);
    return put_value(cx, n, shape, entry, value);
}

/* ---- objects ---- */

static weir_status walk_object(weir_ctx *cx, wr_normalizer *n, wr_open_object object)
{
    const uint64_t visit = ++n->visit;
    const size_t count = wr_jlen(object.value);
    const wr_jval *key = wr_jfirst(object.value);
    wr_entry *entry = NULL;
    for (size_t i = 0; i < count; i++) {
        const wr_jval *value = key + 1;
        entry = wr_shape_entry(n, object.shape, entry, wr_jtext(key));
        if (entry->visit == visit)
            n->trouble |= WR_AGAIN; /* of duplicate keys the last wins */
        entry->visit = visit;
        WEIR_TRY(put(cx, n, object.shape, entry, value));
        key = wr_jnext(value);
    }
    return WEIR_OK;
}

/* A row whose object is flattened: its own keys first, then the objects in it, the last one first. That is the order of
 * the reference's columns. */
static weir_status walk_fields(weir_ctx *cx, wr_normalizer *n, wr_shape *shape,
                               const wr_jval *value)
{
    n->objects.len = 0;
    *wr_vec_push(&n->objects) = (wr_open_object){ shape, value };
    while (n->objects.len > 0) {
        const wr_open_object object = n->objects.ptr[--n->objects.len];
        if (wr_jlen(object.value) > 0)
            WEIR_TRY(walk_object(cx, n, object));
    }
    return WEIR_OK;
}

/* ---- rows ---- */

/* The fast way: every key goes to its place at once. */
static weir_status walk_directly(weir_ctx *cx, wr_normalizer *n, wr_shape *shape,
                                 const wr_jval *value)
{
    if (wr_jkind_of(value) == WR_JOBJECT) {
        WEIR_TRY(walk_fields(cx, n, shape, value));
    } else {
        wr_shape *own = shape;
        wr_entry *entry = wr_shape_element(n, &own, value);
        WEIR_TRY(put(cx, n, own, entry, value));
    }
    if (n->handed.len > n->handed_from)
        WEIR_TRY(wr_put_handed(cx, n, shape->rows));
    return wr_rowset_make_own(cx, shape->rows);
}

static weir_status fill_row(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value)
{
    wr_rowset *rows = shape->rows;
    n->mark = wr_rowset_mark(rows);
    if (!rows->is_careful) {
        /* A value that fails may be one that a later key of its name replaces. */
        const weir_status status = walk_directly(cx, n, shape, value);
        if (status == WEIR_OK && !(n->trouble & WR_AGAIN))
            return WEIR_OK;
        weir_error_clear(cx);
        n->lists.len = n->lists_from;
        wr_rowset_clear_row(rows);
        wr_shape_unlearn(n, rows);
    }
    return wr_walk_carefully(cx, n, shape, value);
}

/* What turned up in the row: it fails, or goes. */
static weir_status settle(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows)
{
    if (n->trouble & WR_FROZEN)
        return wr_fail_frozen(cx, n, rows);
    rows->dropped_rows += (n->trouble & WR_DISCARD) != 0;
    wr_rowset_drop_row(rows);
    n->lists.len = n->lists_from;
    return WEIR_OK;
}

static void note_use(wr_normalizer *n, wr_rowset *rows)
{
    n->rows_begun++;
    n->cells += wr_rowset_width(rows);
    if (!rows->first_row) {
        rows->first_row = n->rows_begun;
        *wr_vec_push(&n->used) = rows;
    }
}

/* Rows without parents are told apart by their number in the frame. */
static wr_link root_link(const wr_normalizer *n)
{
    return (wr_link){ .index = (int64_t)n->rows_begun };
}

/* The contract forbids the table: nothing of it is walked. */
static weir_status refuse(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, size_t count)
{
    n->frozen = NULL;
    if (rows->rules.contract.tables == WR_FREEZE)
        return wr_fail_frozen(cx, n, rows);
    note_use(n, rows);
    rows->dropped_rows += (int64_t)count;
    return WEIR_OK;
}

static weir_status walk_list(weir_ctx *cx, wr_normalizer *n, wr_link above, wr_open_list list,
                             int depth);

static weir_status walk_row(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value,
                            int depth)
{
    wr_rowset *rows = shape->rows;
    const size_t lists_from = n->lists_from = n->lists.len;
    n->trouble = 0;
    WEIR_TRY(fill_row(cx, n, shape, value));
    rows->is_new &= rows->added.len == 0;
    if (n->trouble)
        return settle(cx, n, rows);
    if (rows->rules.required.len)
        WEIR_TRY(wr_check_required(cx, n, rows));
    if (n->lists.len == lists_from)
        return WEIR_OK;

    const wr_link above = { .parent = rows, .parent_row = rows->row };
    const size_t handed_from = n->handed_from;
    const size_t handed = n->handed.len;
    if (rows->rules.gifts.len)
        wr_hand_down(n, rows);
    for (size_t i = lists_from; i < n->lists.len; i++)
        WEIR_TRY(walk_list(cx, n, above, n->lists.ptr[i], depth + 1));
    n->lists.len = lists_from;
    n->handed_from = handed_from;
    n->handed.len = handed;
    return WEIR_OK;
}

static weir_status too_deep(weir_ctx *cx, const wr_rowset *rows)
{
    return weir_fail(cx, WEIR_LIMIT,
                     "lists are nested more than %d deep in table '%.*s'\n"
                     "hint: keep them as JSON, with a lower max_table_nesting",
                     DEPTH_MAX, WR_STR(rows->name));
}

/* The elements become rows below that of `above`. */
static weir_status walk_list(weir_ctx *cx, wr_normalizer *n, wr_link above, wr_open_list list,
                             int depth)
{
    const size_t count = wr_jlen(list.value);
    wr_shape *shape = list.entry->list;
    wr_rowset *rows = shape->rows;
    if (count == 0)
        return WEIR_OK;
    if (depth > DEPTH_MAX)
        return too_deep(cx, rows);
    if (!rows->known && !rows->first_row)
        rows->parent =
            above.parent->name; /* several may have lists of this name: the first one counts */
    if (!rows->is_ruled)
        wr_learn_rules(n, rows);
    if (rows->rules.refuses)
        return refuse(cx, n, rows, count);

    n->is_root = false;
    const wr_jval *element = wr_jfirst(list.value);
    for (size_t i = 0; i < count; i++) {
        note_use(n, rows);
        above.index = (int64_t)i;
        wr_rowset_begin_row(rows, rows->is_root ? root_link(n) : above);
        WEIR_TRY(walk_row(cx, n, shape, element, depth));
        element = wr_jnext(element);
    }
    return WEIR_OK;
}

weir_status wr_walk_root(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value)
{
    wr_rowset *rows = shape->rows;
    if (!rows->is_ruled)
        wr_learn_rules(n, rows);
    if (rows->rules.refuses)
        return refuse(cx, n, rows, 1);
    if (!rows->is_root)
        rows->is_careful = true; /* rows of a nested table that hang nowhere */
    n->lists.len = n->handed.len = n->handed_from = 0;
    n->is_root = true;
    note_use(n, rows);
    wr_rowset_begin_row(rows, root_link(n));
    return walk_row(cx, n, shape, value, 0);
}
