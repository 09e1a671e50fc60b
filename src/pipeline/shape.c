/* Learning shapes: names of keys, the places of objects and lists. */
#include "pipeline/normalizer.h"

#include "base/ctx.h"
#include "base/str.h"
#include "schema/text.h"

wr_shape *wr_shape_new(wr_normalizer *n, wr_rowset *rows, weir_str prefix, int level, int row_level)
{
    wr_shape *ret = wr_arena_new(&n->learnt, wr_shape);
    ret->rows = rows;
    ret->prefix = prefix;
    ret->level = level;
    ret->row_level = row_level;
    *wr_vec_push(&n->shapes) = ret;
    return ret;
}

wr_entry *wr_shape_add(wr_normalizer *n, wr_shape *shape, weir_str key)
{
    wr_entry *ret = wr_arena_new(&n->learnt, wr_entry);
    ret->key = wr_keep_text(n, key);
    ret->column = -1;
    wr_map_put(&shape->entries, ret->key, ret);
    return ret;
}

/* ---- names ---- */

typedef weir_status name_function(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                  weir_str raw, weir_str *ret);

/* A name lives in `making` until it is kept. */
static weir_status keep_name(wr_normalizer *n, weir_status status, weir_str made, weir_str *ret)
{
    if (status == WEIR_OK)
        *ret = wr_keep_text(n, made);
    wr_arena_reset(&n->making);
    return status;
}

static weir_status name_key(weir_ctx *cx, wr_normalizer *n, weir_str key, name_function *name,
                            weir_str *ret)
{
    weir_str made = { 0 };
    const weir_status status = name(cx, &n->args.naming, &n->making, key, &made);
    return keep_name(n, status, made, ret);
}

static weir_status join_names(weir_ctx *cx, wr_normalizer *n, weir_str a, weir_str b, weir_str *ret)
{
    const weir_str parts[] = { a, b };
    weir_str made = { 0 };
    const weir_status status = wr_name_join(cx, &n->args.naming, &n->making, parts, 2, &made);
    return keep_name(n, status, made, ret);
}

static weir_str path_of(wr_normalizer *n, weir_str a, weir_str b)
{
    const weir_str parts[] = { a, b };
    const weir_str ret = wr_keep_text(n, wr_name_make(&n->args.naming, &n->making, parts, 2));
    wr_arena_reset(&n->making);
    return ret;
}

/* Keys of white space only are empty ones; only the path rule knows those. */
static bool is_blank(weir_str key)
{
    return wr_text_trim(key).len == 0;
}

static weir_status name_of(weir_ctx *cx, wr_normalizer *n, wr_entry *entry)
{
    if (entry->name.len)
        return WEIR_OK;
    const bool whole = n->whole_names && !is_blank(entry->key);
    return name_key(cx, n, entry->key, whole ? wr_name_identifier : wr_name_path, &entry->name);
}

static weir_status list_name_of(weir_ctx *cx, wr_normalizer *n, wr_entry *entry)
{
    const bool whole = n->whole_names && !is_blank(entry->key);
    return name_key(cx, n, entry->key, whole ? wr_name_table_identifier : wr_name_table_path,
                    &entry->list_name);
}

weir_status wr_shape_name(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
{
    if (entry->slot)
        return WEIR_OK;
    wr_rowset *rows = shape->rows;
    weir_str name;
    WEIR_TRY(name_of(cx, n, entry));
    WEIR_TRY(join_names(cx, n, shape->prefix, entry->name, &name));
    entry->slot = wr_rowset_slot(rows, name);
    if (!entry->slot->owner && !entry->slot->is_reserved) {
        entry->slot->owner = entry;
        return WEIR_OK;
    }
    rows->collides = rows->is_careful = true;
    n->trouble |= WR_AGAIN;
    return WEIR_OK;
}

/* ---- places ---- */

weir_type wr_slot_preferred(const wr_normalizer *n, wr_slot *slot)
{
    if (!n->has_preferred)
        return WEIR_NO_TYPE;
    if (!slot->has_preferred)
        slot->preferred = wr_schema_preferred_type(n->schema, slot->name);
    slot->has_preferred = true;
    return slot->preferred;
}

weir_status wr_shape_decide(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
{
    WEIR_TRY(wr_shape_name(cx, n, shape, entry));
    wr_rowset *rows = shape->rows;
    const int32_t column = wr_rowset_column(rows, entry->slot);
    const weir_type type =
        column >= 0 ? rows->columns.ptr[column].type : wr_slot_preferred(n, entry->slot);
    entry->is_kept = shape->level <= 0 || type == WEIR_TYPE_JSON;
    entry->kept_at = rows->stamp;
    return WEIR_OK;
}

weir_status wr_shape_object(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry)
{
    WEIR_TRY(name_of(cx, n, entry));
    entry->object = wr_shape_new(n, shape->rows, path_of(n, shape->prefix, entry->name),
                                 shape->level - 1, shape->row_level);
    return WEIR_OK;
}

/* Another key of this shape that leads to the same table. */
static wr_entry *find_shared(const wr_shape *shape, const wr_entry *entry)
{
    for (size_t i = 0; i < shape->entries.len; i++) {
        wr_entry *other = shape->entries.entries[i].value;
        if (other != entry && other->list && wr_str_eq(other->list_name, entry->list_name))
            return other;
    }
    return NULL;
}

weir_status wr_shape_list(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry)
{
    WEIR_TRY(list_name_of(cx, n, entry));
    wr_entry *shared = find_shared(shape, entry);
    if (shared) {
        shared->shares_list = entry->shares_list = true;
        entry->list = shared->list;
        return WEIR_OK;
    }
    const weir_str inner = path_of(n, shape->prefix, entry->list_name);
    const weir_str path = path_of(n, shape->rows->path, inner);
    weir_str name;
    WEIR_TRY(join_names(cx, n, path, (weir_str){ 0 }, &name));
    wr_rowset *rows = wr_rowset_of(n, name, shape->rows->name, path);
    const int level = shape->row_level - 1;
    entry->list = wr_shape_new(n, rows, (weir_str){ 0 }, level, level);
    return WEIR_OK;
}

static wr_entry *element_entry(wr_normalizer *n, wr_shape *shape, weir_str key)
{
    if (!shape->value)
        shape->value = wr_shape_entry(n, shape, NULL, key);
    return shape->value;
}

wr_entry *wr_shape_element(wr_normalizer *n, wr_shape **shape, const wr_jval *value)
{
    if (wr_jkind_of(value) != WR_JARRAY || n->is_root)
        return element_entry(n, *shape, wr_lit("value"));
    wr_shape *outer = *shape;
    if (!outer->inner)
        outer->inner =
            wr_shape_new(n, outer->rows, (weir_str){ 0 }, outer->level - 1, outer->row_level - 1);
    *shape = outer->inner;
    return element_entry(n, *shape, wr_lit("list"));
}

/* ---- forgetting ---- */

void wr_shape_unlearn(wr_normalizer *n, wr_rowset *rows)
{
    wr_rowset_unlearn(rows, n->mark);
    for (size_t i = 0; i < n->shapes.len; i++) {
        const wr_shape *shape = n->shapes.ptr[i];
        for (size_t k = 0; shape->rows == rows && k < shape->entries.len; k++) {
            wr_entry *entry = shape->entries.entries[k].value;
            if (entry->column >= (int32_t)n->mark.columns)
                entry->column = -1;
        }
    }
}
