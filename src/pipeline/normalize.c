/* The walk: values of a frame along their shapes into rowsets. */
#include "pipeline/normalize.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "pipeline/shape.h"

/* Nested lists make the walk recurse: each level is one in the stack of C. */
#define DEPTH_MAX 200

/* An object whose keys still have to be walked. */
typedef struct open_object {
    wr_entry *entry; /* NULL: the row itself */
    wr_shape *shape;
    const wr_jval *value;
} open_object;

/* A list whose elements still have to become rows. */
typedef struct open_list {
    wr_entry *entry;
    const wr_jval *value;
} open_list;

struct wr_normalizer {
    wr_normalizer_args args;
    wr_arena names;              /* names and rowset keys: as long as the normaliser */
    wr_arena shapes;             /* what was learnt; forgotten when the schema contradicts it */
    wr_map roots;                /* table → shape */
    wr_map tables;               /* table → rowset */
    wr_vec(wr_map *) shape_maps; /* to be freed with the shapes */
    wr_vec(open_object) objects;
    wr_vec(open_list) lists;
    wr_vec(wr_rowset *) used; /* by the present frame */
    uint64_t rows_begun;
    wr_json_reader reader;
    wr_buf scratch; /* of wr_coerce */
    wr_buf json;    /* of a kept value */
    wr_buf typed;   /* of a decoded marked text */
    wr_buf clean;   /* of a text without NUL */
    char number[WR_NUMBER_TEXT];
    uint64_t visit;
    unsigned detections;
    /* of the present frame */
    const wr_schema *schema;
    bool is_typed;
    bool has_nul;
};

wr_normalizer *wr_normalizer_new(const wr_normalizer_args *args)
{
    wr_normalizer *ret = wr_new(wr_normalizer);
    ret->args = *args;
    ret->scratch = ret->json = ret->typed = ret->clean = wr_buf_max(WR_FRAME_MAX * 2);
    return ret;
}

static void forget_shapes(wr_normalizer *n)
{
    for (size_t i = 0; i < n->shape_maps.len; i++)
        wr_map_done(n->shape_maps.ptr[i]);
    n->shape_maps.len = 0;
    wr_map_clear(&n->roots);
    wr_arena_reset(&n->shapes);
    for (size_t i = 0; i < n->tables.len; i++)
        wr_rowset_forget(n->tables.entries[i].value);
}

void wr_normalizer_free(wr_normalizer *n)
{
    if (!n)
        return;
    forget_shapes(n);
    for (size_t i = 0; i < n->tables.len; i++)
        wr_rowset_free(n->tables.entries[i].value);
    wr_map_done(&n->tables);
    wr_map_done(&n->roots);
    wr_vec_done(&n->shape_maps);
    wr_vec_done(&n->objects);
    wr_vec_done(&n->lists);
    wr_vec_done(&n->used);
    wr_json_reader_done(&n->reader);
    wr_buf_done(&n->scratch);
    wr_buf_done(&n->json);
    wr_buf_done(&n->typed);
    wr_buf_done(&n->clean);
    wr_arena_done(&n->shapes);
    wr_arena_done(&n->names);
    wr_free(n);
}

/* ---- shapes ---- */

static wr_shape *shape_new(wr_normalizer *n, wr_rowset *rows, weir_str prefix, int level)
{
    wr_shape *ret = wr_arena_new(&n->shapes, wr_shape);
    ret->rows = rows;
    ret->prefix = prefix;
    ret->level = level;
    *wr_vec_push(&n->shape_maps) = &ret->entries;
    return ret;
}

static wr_entry *entry_add(wr_normalizer *n, wr_shape *shape, weir_str key)
{
    wr_entry *ret = wr_arena_new(&n->shapes, wr_entry);
    ret->key = wr_arena_str(&n->names, key);
    ret->column = -1;
    wr_map_put(&shape->entries, ret->key, ret);
    return ret;
}

/* The entry of a key: most often the one that followed `last` before. */
static inline wr_entry *entry_of(wr_normalizer *n, wr_shape *shape, wr_entry *last, weir_str key)
{
    wr_entry **guess = last ? &last->next : &shape->first;
    if (*guess && wr_str_eq((*guess)->key, key))
        return *guess;
    wr_entry *found = wr_map_get(&shape->entries, key);
    *guess = found ? found : entry_add(n, shape, key);
    return *guess;
}

static weir_status name_of(weir_ctx *cx, wr_normalizer *n, wr_entry *entry)
{
    if (entry->name.len)
        return WEIR_OK;
    return wr_name_path(cx, &n->args.naming, &n->names, entry->key, &entry->name);
}

static weir_status column_name_of(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape,
                                  wr_entry *entry)
{
    if (entry->column_name.len)
        return WEIR_OK;
    WEIR_TRY(name_of(cx, n, entry));
    const weir_str parts[] = { shape->prefix, entry->name };
    return wr_name_join(cx, &n->args.naming, &n->names, parts, 2, &entry->column_name);
}

static weir_str joined(wr_normalizer *n, weir_str a, weir_str b)
{
    const weir_str parts[] = { a, b };
    return wr_name_make(&n->args.naming, &n->names, parts, 2);
}

static wr_rowset *rowset_of(wr_normalizer *n, weir_str name, weir_str parent, weir_str path,
                            int level)
{
    wr_rowset *found = wr_map_get(&n->tables, name);
    if (found)
        return found;
    wr_rowset *ret = wr_rowset_new(name, parent, path, level);
    ret->known = wr_schema_table(n->schema, name);
    wr_map_put(&n->tables, name, ret);
    return ret;
}

/* The table of the lists in this place. */
static weir_status list_shape(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry)
{
    WEIR_TRY(name_of(cx, n, entry));
    const weir_str inner = joined(n, shape->prefix, entry->name);
    const weir_str path = joined(n, shape->rows->path, inner);
    weir_str name;
    WEIR_TRY(wr_name_join(cx, &n->args.naming, &n->names, &path, 1, &name));

    const int level = shape->rows->level - 1;
    wr_rowset *rows = rowset_of(n, name, shape->rows->name, path, level);
    for (size_t i = 0; i < shape->entries.len; i++) {
        wr_entry *other = shape->entries.entries[i].value;
        if (other != entry && other->list && wr_str_eq(other->name, entry->name)) {
            other->shares_list = entry->shares_list = true;
            entry->list = other->list;
            return WEIR_OK;
        }
    }
    entry->list = shape_new(n, rows, (weir_str){ 0 }, level);
    return WEIR_OK;
}

static weir_status object_shape(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry)
{
    WEIR_TRY(name_of(cx, n, entry));
    entry->object =
        shape_new(n, shape->rows, joined(n, shape->prefix, entry->name), shape->level - 1);
    return WEIR_OK;
}

/* Do objects and lists in this place stay JSON? */
static weir_status is_kept(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry,
                           bool *ret)
{
    if (!entry->kept_known) {
        WEIR_TRY(column_name_of(cx, n, shape, entry));
        const int32_t column = wr_rowset_find(shape->rows, entry->column_name);
        entry->is_kept =
            shape->level <= 0 ||
            (column >= 0 && shape->rows->columns.ptr[column].pub.type == WEIR_TYPE_JSON);
        entry->kept_known = true;
    }
    *ret = entry->is_kept;
    return WEIR_OK;
}

/* ---- cells ---- */

static weir_status too_many_columns(weir_ctx *cx, const wr_normalizer *n, const wr_rowset *rows)
{
    return weir_fail(
        cx, WEIR_LIMIT,
        "table '%.*s' would get more than %zu columns\n"
        "hint: keep objects with ever new keys as JSON, with a lower max_table_nesting",
        WR_STR(rows->name), n->args.column_max);
}

/* Find or make the column of a value that came first. */
static weir_status resolve_column(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                                  weir_value value)
{
    WEIR_TRY(column_name_of(cx, n, shape, entry));
    entry->column = wr_rowset_find(shape->rows, entry->column_name);
    if (entry->column >= 0)
        return WEIR_OK;
    if (shape->rows->columns.len >= n->args.column_max)
        return too_many_columns(cx, n, shape->rows);
    const weir_type type = wr_infer_type(value, n->detections, n->args.started);
    entry->column = wr_rowset_add(shape->rows, entry->column_name, type, false);
    return WEIR_OK;
}

/* A value that does not fit its column goes to the column's variant of its own type. */
static weir_status put_variant(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, int32_t column,
                               weir_value value)
{
    const weir_type type = wr_natural_type(value.kind);
    const weir_str base = rows->columns.ptr[column].pub.name;
    int32_t variant = rows->columns.ptr[column].variants[type] - 1;
    if (variant < 0) {
        weir_str name;
        const weir_str parts[] = { base, weir_str_of(wr_variant_suffix(type)) };
        WEIR_TRY(wr_name_join(cx, &n->args.naming, &n->names, parts, 2, &name));
        variant = wr_rowset_find(rows, name);
        if (variant < 0)
            variant = wr_rowset_add(rows, name, type, true);
        rows->columns.ptr[column].variants[type] = variant + 1;
    }
    weir_value fit;
    const weir_column *into = &rows->columns.ptr[variant].pub;
    if (!wr_coerce(into, value, &n->scratch, &fit))
        return weir_fail(cx, WEIR_SCHEMA,
                         "a value of type %s fits neither column '%.*s' nor '%.*s' of type %s in "
                         "table '%.*s'",
                         weir_type_name(type), WR_STR(base), WR_STR(into->name),
                         weir_type_name(into->type), WR_STR(rows->name));
    wr_rowset_set(rows, variant, fit);
    return WEIR_OK;
}

static weir_str without_nul(wr_normalizer *n, weir_str text)
{
    if (!text.len || !memchr(text.ptr, '\0', text.len))
        return text;
    wr_buf_clear(&n->clean);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i])
            wr_buf_char(&n->clean, text.ptr[i]);
    return wr_buf_view(&n->clean);
}

static weir_status put_value(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                             weir_value value)
{
    if (entry->column < 0)
        WEIR_TRY(resolve_column(cx, n, shape, entry, value));
    weir_value fit;
    wr_rowset *rows = shape->rows;
    if (!wr_coerce(&rows->columns.ptr[entry->column].pub, value, &n->scratch, &fit))
        return put_variant(cx, n, rows, entry->column, value);
    if (n->has_nul && fit.kind == WEIR_TEXT)
        fit.as.s = without_nul(n, fit.as.s);
    wr_rowset_set(rows, entry->column, fit);
    return WEIR_OK;
}

static weir_status put_null(weir_ctx *cx, wr_shape *shape, wr_entry *entry)
{
    if (entry->column < 0)
        return WEIR_OK; /* a column that only saw nulls does not exist */
    const wr_rowset *rows = shape->rows;
    const weir_column *column = &rows->columns.ptr[entry->column].pub;
    if (column->hints & WEIR_HINT_NOT_NULL)
        return weir_fail(cx, WEIR_SCHEMA,
                         "cannot coerce NULL in table '%.*s' column '%.*s' which is not nullable",
                         WR_STR(rows->name), WR_STR(column->name));
    wr_builder *builder = &rows->batch->builders.ptr[entry->column];
    if (builder->rows > rows->row) /* another key gave this cell a value already */
        wr_builder_set(builder, rows->row, weir_null());
    return WEIR_OK;
}

/* Integers beyond 64 bits, and numbers beyond doubles, keep their digits: they are decimals. */
static weir_value number_of(wr_normalizer *n, const wr_jval *value)
{
    switch (wr_jnumber_of(value)) {
    case WR_JREAL: return weir_float(value->as.f64);
    case WR_JUINT:
        if (value->as.u64 > INT64_MAX) {
            const int len =
                snprintf(n->number, sizeof n->number, "%llu", (unsigned long long)value->as.u64);
            return weir_text_of(WEIR_DECIMAL, (weir_str){ n->number, (size_t)len });
        }
        return weir_int((int64_t)value->as.u64);
    default: return weir_int(value->as.i64);
    }
}

static weir_value text_of(wr_normalizer *n, const wr_jval *value)
{
    const weir_str text = wr_jtext(value);
    weir_value typed;
    if (n->is_typed && text.len > 3 && (uint8_t)text.ptr[0] == 0xEF &&
        wr_typed_decode(text, &n->typed, &typed))
        return typed;
    return weir_text(text);
}

static weir_value value_of(wr_normalizer *n, const wr_jval *value)
{
    switch (wr_jkind_of(value)) {
    case WR_JTEXT: return text_of(n, value);
    case WR_JNUMBER: return number_of(n, value);
    case WR_JBOOL: return weir_bool(wr_jbool(value));
    case WR_JRAW: return weir_text_of(WEIR_DECIMAL, wr_jtext(value));
    case WR_JARRAY:
    case WR_JOBJECT:
        wr_buf_clear(&n->json);
        wr_json_write(&n->json, value);
        return weir_json_text(wr_buf_view(&n->json));
    default: return weir_null();
    }
}

/* ---- objects ---- */

/* Of duplicate keys the last wins: take back what the first one began. */
static void forget_earlier(wr_normalizer *n, const wr_shape *shape, const wr_entry *entry,
                           size_t objects_from, size_t lists_from)
{
    for (size_t i = objects_from; i < n->objects.len; i++)
        if (n->objects.ptr[i].entry == entry)
            n->objects.ptr[i].shape = NULL;
    for (size_t i = lists_from; i < n->lists.len; i++)
        if (n->lists.ptr[i].entry == entry)
            n->lists.ptr[i].value = NULL;
    if (entry->column >= 0) {
        wr_builder *builder = &shape->rows->batch->builders.ptr[entry->column];
        if (builder->rows > shape->rows->row)
            wr_builder_set(builder, shape->rows->row, weir_null());
    }
}

static void forget_shared_list(wr_normalizer *n, const wr_entry *entry, size_t lists_from)
{
    for (size_t i = lists_from; i < n->lists.len; i++)
        if (n->lists.ptr[i].entry->list == entry->list)
            n->lists.ptr[i].value = NULL;
}

static weir_status put_container(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                                 const wr_jval *value, size_t lists_from)
{
    bool kept = false;
    WEIR_TRY(is_kept(cx, n, shape, entry, &kept));
    if (kept)
        return put_value(cx, n, shape, entry, value_of(n, value));
    if (wr_jlen(value) == 0)
        return WEIR_OK; /* empty ones disappear */

    if (wr_jkind_of(value) == WR_JOBJECT) {
        if (!entry->object)
            WEIR_TRY(object_shape(cx, n, shape, entry));
        *wr_vec_push(&n->objects) = (open_object){ entry, entry->object, value };
        return WEIR_OK;
    }
    if (!entry->list)
        WEIR_TRY(list_shape(cx, n, shape, entry));
    if (entry->shares_list)
        forget_shared_list(n, entry, lists_from);
    *wr_vec_push(&n->lists) = (open_list){ entry, value };
    return WEIR_OK;
}

static weir_status put(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                       const wr_jval *value, size_t lists_from)
{
    const wr_jkind kind = wr_jkind_of(value);
    if (kind >= WR_JARRAY)
        return put_container(cx, n, shape, entry, value, lists_from);
    if (kind == WR_JNULL)
        return put_null(cx, shape, entry);
    return put_value(cx, n, shape, entry, value_of(n, value));
}

static weir_status walk_object(weir_ctx *cx, wr_normalizer *n, open_object object,
                               size_t lists_from)
{
    const uint64_t visit = ++n->visit;
    const size_t objects_from = n->objects.len;
    const size_t count = wr_jlen(object.value);
    const wr_jval *key = wr_jfirst(object.value);
    wr_entry *entry = NULL;
    for (size_t i = 0; i < count; i++) {
        const wr_jval *value = key + 1;
        entry = entry_of(n, object.shape, entry, wr_jtext(key));
        if (entry->visit == visit)
            forget_earlier(n, object.shape, entry, objects_from, lists_from);
        entry->visit = visit;
        WEIR_TRY(put(cx, n, object.shape, entry, value, lists_from));
        key = wr_jnext(value);
    }
    return WEIR_OK;
}

/* ---- rows ---- */

/* A row whose object is flattened: its own keys first, then the objects in it, the last one first. That is the order of
 * the reference's columns. */
static weir_status walk_fields(weir_ctx *cx, wr_normalizer *n, wr_shape *shape,
                               const wr_jval *value, size_t lists_from)
{
    const size_t objects_from = n->objects.len;
    *wr_vec_push(&n->objects) = (open_object){ NULL, shape, value };
    while (n->objects.len > objects_from) {
        const open_object object = n->objects.ptr[--n->objects.len];
        if (object.shape)
            WEIR_TRY(walk_object(cx, n, object, lists_from));
    }
    return WEIR_OK;
}

static wr_entry *fixed_entry(wr_normalizer *n, wr_shape *shape, wr_entry **cached, weir_str key)
{
    if (!*cached)
        *cached = entry_of(n, shape, NULL, key);
    return *cached;
}

/* A row that is no object has it in a column of its own. */
static weir_status walk_element(weir_ctx *cx, wr_normalizer *n, wr_shape *shape,
                                const wr_jval *value, bool is_root, size_t lists_from)
{
    const bool is_list = wr_jkind_of(value) == WR_JARRAY && !is_root;
    wr_entry *entry = is_list ? fixed_entry(n, shape, &shape->nested_list, wr_lit("list"))
                              : fixed_entry(n, shape, &shape->value, wr_lit("value"));
    return put(cx, n, shape, entry, value, lists_from);
}

static void begin_row(wr_normalizer *n, wr_rowset *rows, wr_rowset *parent, int64_t index)
{
    n->rows_begun++;
    if (!rows->batch)
        rows->first_row = n->rows_begun;
    wr_rowset_begin_row(rows, parent, index);
}

static weir_status walk_list(weir_ctx *cx, wr_normalizer *n, wr_rowset *parent, open_list list,
                             int depth);

static weir_status walk_row(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value,
                            bool is_root, int depth)
{
    if (depth > DEPTH_MAX)
        return weir_fail(cx, WEIR_LIMIT,
                         "lists are nested more than %d deep in table '%.*s'\n"
                         "hint: keep them as JSON, with a lower max_table_nesting",
                         DEPTH_MAX, WR_STR(shape->rows->name));
    const size_t lists_from = n->lists.len;
    if (wr_jkind_of(value) == WR_JOBJECT)
        WEIR_TRY(walk_fields(cx, n, shape, value, lists_from));
    else
        WEIR_TRY(walk_element(cx, n, shape, value, is_root, lists_from));
    wr_rowset_end_row(shape->rows);

    for (size_t i = lists_from; i < n->lists.len; i++)
        WEIR_TRY(walk_list(cx, n, shape->rows, n->lists.ptr[i], depth));
    n->lists.len = lists_from;
    return WEIR_OK;
}

static weir_status walk_list(weir_ctx *cx, wr_normalizer *n, wr_rowset *parent, open_list list,
                             int depth)
{
    if (!list.value)
        return WEIR_OK;
    const size_t count = wr_jlen(list.value);
    wr_shape *shape = list.entry->list;
    const wr_jval *element = wr_jfirst(list.value);
    for (size_t i = 0; i < count; i++) {
        begin_row(n, shape->rows, parent, (int64_t)i);
        WEIR_TRY(walk_row(cx, n, shape, element, false, depth + 1));
        element = wr_jnext(element);
    }
    return WEIR_OK;
}

/* ---- frames ---- */

static void sync_tables(wr_normalizer *n, const wr_schema *schema)
{
    bool agrees = true;
    n->schema = schema;
    n->detections = wr_schema_detections(schema);
    for (size_t i = 0; i < n->tables.len; i++) {
        wr_rowset *rows = n->tables.entries[i].value;
        wr_rowset_next_frame(rows);
        agrees &= wr_rowset_sync(rows, wr_schema_table(schema, rows->name));
    }
    if (!agrees)
        forget_shapes(n);
}

static int table_nesting(const wr_normalizer *n, const wr_rowset *rows)
{
    if (!rows->known)
        return n->args.max_nesting;
    const wr_node *hints = wr_node_get(rows->known->doc, "x-normalizer");
    return (int)wr_node_get_int(hints, "max_nesting", n->args.max_nesting);
}

static wr_shape *root_shape(wr_normalizer *n, weir_str table)
{
    wr_shape *found = wr_map_get(&n->roots, table);
    if (found)
        return found;
    const weir_str name = wr_arena_str(&n->names, table);
    wr_rowset *rows = rowset_of(n, name, (weir_str){ 0 }, name, 0);
    rows->level = table_nesting(n, rows);
    wr_shape *ret = shape_new(n, rows, (weir_str){ 0 }, rows->level);
    wr_map_put(&n->roots, name, ret);
    return ret;
}

static weir_status walk_frame(weir_ctx *cx, wr_normalizer *n, const wr_frame *frame)
{
    wr_shape *shape = root_shape(n, frame->table);
    size_t at = 0;
    uint32_t row = 0;
    while (at < frame->len) {
        if (frame->content[at] == '\n') {
            at++;
            continue;
        }
        const wr_jval *value = NULL;
        size_t used = 0;
        weir_status status =
            wr_json_read(cx, &n->reader, frame->content + at, frame->len - at, &value, &used);
        if (status == WEIR_OK) {
            begin_row(n, shape->rows, NULL, 0);
            status = walk_row(cx, n, shape, value, true, 0);
            row++;
        }
        if (status != WEIR_OK)
            return wr_context(cx, status, "row %llu of resource '%.*s'",
                              (unsigned long long)(frame->first_row + row),
                              WR_STR(frame->resource));
        at += used;
    }
    if (row != frame->rows)
        return weir_fail(cx, WEIR_CORRUPT, "frame %llu of the log says %u rows and has %u",
                         (unsigned long long)frame->number, frame->rows, row);
    return WEIR_OK;
}

/* Root row ids are derived: load id, resource, input, frame, row. */
static void frame_key(const wr_normalizer *n, const wr_frame *frame, uint8_t ret[16])
{
    wr_sha3 sha;
    wr_shake128_init(&sha);
    wr_sha3_update(&sha, n->args.load_id.ptr, n->args.load_id.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, frame->resource.ptr, frame->resource.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, frame->input.ptr, frame->input.len);
    wr_sha3_update(&sha, "", 1);
    wr_sha3_update(&sha, &frame->number, sizeof frame->number);
    wr_shake128_final(&sha, ret, 16);
}

static int by_first_row(const void *a, const void *b)
{
    const wr_rowset *const *left = a;
    const wr_rowset *const *right = b;
    return (*left)->first_row < (*right)->first_row ? -1 : (*left)->first_row > (*right)->first_row;
}

/* The rowsets of this frame in the order of their first rows: the same for every worker, parents before children. */
static void sort_used(wr_normalizer *n)
{
    n->used.len = 0;
    for (size_t i = 0; i < n->tables.len; i++) {
        wr_rowset *rows = n->tables.entries[i].value;
        if (rows->batch)
            *wr_vec_push(&n->used) = rows;
    }
    if (n->used.len > 1)
        qsort(n->used.ptr, n->used.len, sizeof(*n->used.ptr), by_first_row);
}

static void collect(wr_normalizer *n, const wr_frame *frame, wr_normalized *ret)
{
    uint8_t key[16];
    frame_key(n, frame, key);
    sort_used(n);
    for (size_t i = 0; i < n->used.len; i++)
        wr_rowset_finish(n->used.ptr[i], n->args.load_id, key);

    wr_batch **tail = &ret->batches;
    for (size_t i = 0; i < n->used.len; i++) {
        wr_rowset *rows = n->used.ptr[i];
        if (rows->added.len)
            *wr_vec_push(&ret->additions) =
                (wr_addition){ rows->name, rows->parent, rows->added.ptr, rows->added.len };
        *tail = wr_rowset_take(rows);
        if (*tail)
            tail = &(*tail)->next;
    }
    *tail = NULL;
}

weir_status wr_normalize(weir_ctx *cx, wr_normalizer *n, const wr_schema *schema,
                         const wr_frame *frame, wr_normalized *ret)
{
    WEIR_TRY(wr_fault(cx, "normalize.frame"));
    sync_tables(n, schema);
    n->is_typed = frame->kind == WR_FRAME_TYPED;
    n->has_nul = n->args.strips_nul && memmem(frame->content, frame->len, "\\u0000", 6);
    n->objects.len = n->lists.len = 0;
    WEIR_TRY(walk_frame(cx, n, frame));

    ret->batches = NULL;
    ret->additions.len = 0;
    ret->rows = frame->rows;
    collect(n, frame, ret);
    return WEIR_OK;
}

void wr_normalized_done(wr_normalized *normalized)
{
    wr_vec_done(&normalized->additions);
}
