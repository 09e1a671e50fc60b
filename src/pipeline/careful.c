/* Rows that are walked with care: first all fields, each name once, in the order of the reference; then filters and
 * discarded columns; then the cells. The steps are those of spec/dlt-extract-normalize-schema.md 3.9. */
#include "pipeline/normalizer.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/rowhash.h"

/* ---- fields ---- */

/* Of fields with one name the last wins, at the place of the first. */
static void put_field(wr_normalizer *n, wr_field field)
{
    wr_slot *slot = field.slot;
    if (slot->row == n->careful_row) {
        n->fields.ptr[slot->field] = field;
        return;
    }
    slot->row = n->careful_row;
    slot->field = n->fields.len;
    *wr_vec_push(&n->fields) = field;
}

static const wr_field *find_field(const wr_normalizer *n, const wr_slot *slot)
{
    return slot->row == n->careful_row ? &n->fields.ptr[slot->field] : NULL;
}

static weir_status add_data(weir_ctx *cx, wr_normalizer *n, const wr_shape *shape, wr_entry *entry,
                            const wr_jval *value)
{
    WEIR_TRY(wr_shape_name(cx, n, shape, entry));
    put_field(n, (wr_field){ .slot = entry->slot, .kind = WR_FIELD_DATA, .value = value });
    return WEIR_OK;
}

static weir_status add_member(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, wr_entry *entry,
                              const wr_jval *value)
{
    const wr_jkind kind = wr_jkind_of(value);
    if (kind < WR_JARRAY)
        return add_data(cx, n, shape, entry, value);
    WEIR_TRY(wr_shape_decide(cx, n, shape, entry));
    if (entry->is_kept)
        return add_data(cx, n, shape, entry, value);
    if (kind == WR_JOBJECT) {
        if (!entry->object)
            WEIR_TRY(wr_shape_object(cx, n, shape, entry));
        *wr_vec_push(&n->objects) = (wr_open_object){ entry->object, value };
        return WEIR_OK;
    }
    if (!entry->list)
        WEIR_TRY(wr_shape_list(cx, n, shape, entry));
    wr_open_list_put(n, entry, value);
    return WEIR_OK;
}

/* The members of an object: of duplicate keys the last value, at the place of the first. */
static void read_members(wr_normalizer *n, wr_open_object object)
{
    const uint64_t visit = ++n->visit;
    const size_t count = wr_jlen(object.value);
    const wr_jval *key = count ? wr_jfirst(object.value) : NULL;
    wr_entry *entry = NULL;
    n->members.len = 0;
    for (size_t i = 0; i < count; i++) {
        const wr_jval *value = key + 1;
        entry = wr_shape_entry(n, object.shape, entry, wr_jtext(key));
        if (entry->visit != visit) {
            entry->visit = visit;
            entry->member = n->members.len;
            (void)wr_vec_push(&n->members);
        }
        n->members.ptr[entry->member] = (wr_member){ entry, value };
        key = wr_jnext(value);
    }
}

static weir_status collect_data(weir_ctx *cx, wr_normalizer *n, wr_shape *shape,
                                const wr_jval *value)
{
    if (wr_jkind_of(value) != WR_JOBJECT) {
        wr_entry *entry = wr_shape_element(n, &shape, value);
        return add_member(cx, n, shape, entry, value);
    }
    n->objects.len = 0;
    *wr_vec_push(&n->objects) = (wr_open_object){ shape, value };
    while (n->objects.len > 0) {
        const wr_open_object object = n->objects.ptr[--n->objects.len];
        read_members(n, object);
        for (size_t i = 0; i < n->members.len; i++)
            WEIR_TRY(
                add_member(cx, n, object.shape, n->members.ptr[i].entry, n->members.ptr[i].value));
    }
    return WEIR_OK;
}

/* ---- what the engine adds ---- */

static wr_slot *own_slot(wr_rowset *rows, wr_own own)
{
    return wr_rowset_slot(rows, rows->own_names[own]);
}

static void add_own(wr_normalizer *n, wr_rowset *rows, wr_own own)
{
    put_field(n, (wr_field){ .slot = own_slot(rows, own), .kind = WR_FIELD_OWN, .own = own });
}

static bool is_nested(const wr_rowset *rows)
{
    return rows->links.ptr[rows->row].parent != NULL;
}

/* Is it an id, as Python sees it? Empty, zero and null are none. */
static bool is_id(const wr_jval *value)
{
    switch (wr_jkind_of(value)) {
    case WR_JNULL: return false;
    case WR_JBOOL: return wr_jbool(value);
    case WR_JNUMBER: return wr_jnumber_of(value) == WR_JREAL ? value->as.f64 != 0 : value->as.u64;
    case WR_JRAW: return true;
    default: return wr_jlen(value) > 0;
    }
}

static bool has_given_id(const wr_normalizer *n, wr_rowset *rows)
{
    const wr_field *field = find_field(n, own_slot(rows, WR_OWN_ID));
    if (!field || field->kind == WR_FIELD_OWN)
        return false;
    return field->kind == WR_FIELD_HANDED || is_id(field->value);
}

static void add_engine_fields(wr_normalizer *n, wr_rowset *rows)
{
    for (size_t i = n->handed_from; i < n->handed.len; i++)
        put_field(n, (wr_field){ .slot = wr_rowset_reserve(rows, n->handed.ptr[i].to),
                                 .kind = WR_FIELD_HANDED,
                                 .handed = i });
    if (!is_nested(rows))
        add_own(n, rows, WR_OWN_LOAD_ID);
    if (has_given_id(n, rows))
        return;
    if (is_nested(rows)) {
        add_own(n, rows, WR_OWN_PARENT_ID);
        add_own(n, rows, WR_OWN_LIST_IDX);
    }
    add_own(n, rows, WR_OWN_ID);
}

/* A row that brings its id, or hangs nowhere, gets no link to a row above; where the table has links it cannot stand. */
static weir_status check_links(weir_ctx *cx, const wr_normalizer *n, wr_rowset *rows)
{
    static const wr_own links[] = { WR_OWN_PARENT_ID, WR_OWN_LIST_IDX };
    for (size_t i = 0; n->args.refuses_nulls && i < sizeof(links) / sizeof(*links); i++) {
        wr_slot *slot = own_slot(rows, links[i]);
        const int32_t column = find_field(n, slot) ? -1 : wr_rowset_column(rows, slot);
        if (column >= 0 && (rows->columns.ptr[column].hints & WEIR_HINT_NOT_NULL))
            return weir_fail(cx, WEIR_SCHEMA,
                             "table '%.*s': a row %s and gets no '%.*s', which the rows of this "
                             "table must have\n"
                             "hint: give '%.*s' to all rows of a list, or to none",
                             WR_STR(rows->name),
                             is_nested(rows) ? "brings its own id" : "is in no list",
                             WR_STR(slot->name), WR_STR(rows->own_names[WR_OWN_ID]));
    }
    return WEIR_OK;
}

/* ---- what the schema takes away ---- */

static bool is_excluded(const wr_normalizer *n, const wr_rowset *rows, wr_slot *slot)
{
    if (slot->filtered == WR_UNASKED)
        slot->filtered = wr_schema_excludes(n->schema, &n->args.naming, rows->name, slot->name)
                             ? WR_EXCLUDED
                             : WR_STAYS;
    return slot->filtered == WR_EXCLUDED;
}

static void apply_filters(wr_normalizer *n, const wr_rowset *rows)
{
    size_t left = 0;
    for (size_t i = 0; i < n->fields.len; i++) {
        wr_field *field = &n->fields.ptr[i];
        if (is_excluded(n, rows, field->slot))
            field->kind = WR_FIELD_GONE;
        else
            left++;
    }
    if (!left)
        n->trouble |= WR_EMPTY;
}

static bool is_null(const wr_field *field)
{
    return field->kind == WR_FIELD_DATA && wr_jkind_of(field->value) == WR_JNULL;
}

/* Columns that the contract refused before: a row that only mentions one of them goes, or loses it. */
static void apply_discards(wr_normalizer *n, wr_rowset *rows)
{
    for (size_t i = 0; i < n->fields.len; i++) {
        wr_field *field = &n->fields.ptr[i];
        if (field->kind != WR_FIELD_DATA || field->slot->mode == WR_EVOLVE)
            continue;
        if (field->slot->mode == WR_DISCARD_ROW)
            n->trouble |= WR_DISCARD;
        else
            rows->dropped_values += !is_null(field);
        field->kind = WR_FIELD_GONE;
    }
}

/* ---- cells ---- */

/* Which of dlt's own columns has this name? WR_OWN_COUNT: none that rows like this one have. */
static wr_own own_of(const wr_rowset *rows, const wr_slot *slot)
{
    for (wr_own own = 0; own < WR_OWN_COUNT; own++) {
        const bool has = own == WR_OWN_ID || (own == WR_OWN_LOAD_ID) == rows->is_root;
        if (has && wr_str_eq(slot->name, rows->own_names[own]))
            return own;
    }
    return WR_OWN_COUNT;
}

static weir_status put_data(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, const wr_field *field)
{
    const wr_own own = own_of(rows, field->slot);
    if (own != WR_OWN_COUNT)
        WEIR_TRY(wr_rowset_own(cx, rows, own));
    if (is_null(field))
        return wr_put_null(cx, n, rows, field->slot);
    weir_value value;
    wr_value_of(n, field->value, &value);
    return wr_put_cell(cx, n, rows, field->slot, value);
}

static weir_status put_fields(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows)
{
    for (size_t i = 0; i < n->fields.len; i++) {
        const wr_field *field = &n->fields.ptr[i];
        weir_status status = WEIR_OK;
        switch (field->kind) {
        case WR_FIELD_DATA: status = put_data(cx, n, rows, field); break;
        case WR_FIELD_HANDED:
            status = wr_put_one_handed(cx, n, rows, field->slot, &n->handed.ptr[field->handed]);
            break;
        case WR_FIELD_OWN: status = wr_rowset_own(cx, rows, field->own); break;
        case WR_FIELD_GONE: break;
        }
        if (status != WEIR_OK)
            return status;
    }
    return WEIR_OK;
}

/* ---- ids of the row's content ---- */

static weir_status key_text(weir_ctx *cx, const wr_normalizer *n, const wr_rowset *rows,
                            wr_buf *out)
{
    wr_buf_char(out, '{');
    for (size_t i = 0; i < rows->rules.keys.len; i++) {
        const wr_slot *slot = rows->rules.keys.ptr[i];
        const wr_field *field = find_field(n, slot);
        if (!field || !field->value)
            return weir_fail(cx, WEIR_SCHEMA,
                             "table '%.*s': a row has no value for the primary key '%.*s', and "
                             "its row id is made of the key",
                             WR_STR(rows->name), WR_STR(slot->name));
        if (i)
            wr_buf_char(out, ',');
        wr_json_quote(out, slot->name);
        wr_buf_char(out, ':');
        wr_hash_json(out, field->value, WR_HASH_MARKED);
    }
    wr_buf_char(out, '}');
    return WEIR_OK;
}

/* The source's object; a row that was none is one with a single value. */
static void row_text(const wr_normalizer *n, const wr_jval *value, wr_buf *out)
{
    if (wr_jkind_of(value) == WR_JOBJECT) {
        wr_hash_row(out, value);
        return;
    }
    const bool is_list = wr_jkind_of(value) == WR_JARRAY && !n->is_root;
    wr_buf_char(out, '{');
    wr_json_quote(out, is_list ? wr_lit("list") : n->value_name);
    wr_buf_char(out, ':');
    wr_hash_json(out, value, WR_HASH_MARKED);
    wr_buf_char(out, '}');
}

static weir_status make_content_id(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows,
                                   const wr_jval *value)
{
    wr_buf_clear(&n->json);
    if (rows->rules.ids == WR_ROW_IDS_OF_KEY)
        WEIR_TRY(key_text(cx, n, rows, &n->json));
    else
        row_text(n, value, &n->json);
    WEIR_TRY(wr_buf_check(cx, &n->json, "a row"));
    char *id = wr_builder_text(wr_rowset_ids(rows), rows->row, WR_ROW_ID_LEN);
    wr_digest128(id, WR_ROW_ID_BYTES, wr_buf_view(&n->json));
    return WEIR_OK;
}

weir_status wr_walk_carefully(weir_ctx *cx, wr_normalizer *n, wr_shape *shape, const wr_jval *value)
{
    wr_rowset *rows = shape->rows;
    n->careful_row++;
    n->fields.len = 0;
    WEIR_TRY(collect_data(cx, n, shape, value));
    add_engine_fields(n, rows);
    WEIR_TRY(check_links(cx, n, rows));
    n->trouble = 0; /* that names collide is no surprise here */
    const bool needs_id =
        rows->rules.ids != WR_ROW_IDS_RANDOM && !is_nested(rows) && !has_given_id(n, rows);

    if (rows->rules.has_filters)
        apply_filters(n, rows);
    apply_discards(n, rows);
    if (n->trouble)
        return WEIR_OK;
    WEIR_TRY(put_fields(cx, n, rows));
    return needs_id && !n->trouble ? make_content_id(cx, n, rows, value) : WEIR_OK;
}
