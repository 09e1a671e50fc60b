/* One value into one cell: columns that come first, values that do not fit, and what the contract says to both. */
#include "pipeline/normalizer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "schema/decimal.h"

/* ---- values ---- */

/* Written field by field: a value that is returned and copied makes the processor wait for its parts, which costs more
 * than all else here. */
static void give_text(weir_value *ret, weir_kind kind, weir_str s)
{
    ret->kind = kind;
    ret->as.s.ptr = s.ptr;
    ret->as.s.len = s.len;
}

/* Integers beyond 64 bits, and numbers beyond doubles, keep their digits: they are decimals. */
static void huge_of(wr_normalizer *n, uint64_t number, weir_value *ret)
{
    const int len = snprintf(n->number, sizeof n->number, "%llu", (unsigned long long)number);
    give_text(ret, WEIR_DECIMAL, (weir_str){ n->number, (size_t)len });
}

static void number_of(wr_normalizer *n, const wr_jval *value, weir_value *ret)
{
    if (wr_jnumber_of(value) == WR_JREAL) {
        ret->kind = WEIR_FLOAT;
        ret->as.f = value->as.f64;
    } else if (wr_jnumber_of(value) == WR_JUINT && value->as.u64 > INT64_MAX) {
        huge_of(n, value->as.u64, ret);
    } else {
        ret->kind = WEIR_INT;
        ret->as.i = value->as.i64;
    }
}

static void text_of(wr_normalizer *n, const wr_jval *value, weir_value *ret)
{
    const weir_str text = wr_jtext(value);
    if (n->is_typed && text.len >= 3 && (uint8_t)text.ptr[0] == 0xEF &&
        wr_typed_decode(text, &n->typed, ret))
        return;
    give_text(ret, WEIR_TEXT, text);
}

static void json_of(wr_normalizer *n, const wr_jval *value, weir_value *ret)
{
    wr_buf_clear(&n->json);
    wr_json_write(&n->json, value);
    give_text(ret, WEIR_JSON, wr_buf_view(&n->json));
}

static void bool_of(const wr_jval *value, weir_value *ret)
{
    ret->kind = WEIR_BOOL;
    ret->as.b = wr_jbool(value);
}

void wr_value_of(wr_normalizer *n, const wr_jval *value, weir_value *ret)
{
    switch (wr_jkind_of(value)) {
    case WR_JTEXT: text_of(n, value, ret); break;
    case WR_JNUMBER: number_of(n, value, ret); break;
    case WR_JBOOL: bool_of(value, ret); break;
    case WR_JRAW: give_text(ret, WEIR_DECIMAL, wr_jtext(value)); break;
    case WR_JARRAY:
    case WR_JOBJECT: json_of(n, value, ret); break;
    default: *ret = weir_null();
    }
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

/* ---- contracts ---- */

static void discard(wr_rowset *rows, wr_slot *slot, wr_contract_mode mode)
{
    if (slot->mode == mode)
        return;
    slot->mode = mode;
    *wr_vec_push(&rows->discards) = (wr_discard){ slot->name, mode };
    if (mode == WR_DISCARD_ROW)
        rows->is_careful = true; /* rows to come must not add columns before they are dropped */
}

/* May the table get this column? If not, what the contract says becomes of the row. */
static bool admits(wr_normalizer *n, wr_rowset *rows, wr_slot *slot, bool variant)
{
    const wr_rules *rules = &rows->rules;
    if (rules->evolves || wr_str_starts(slot->name, n->dlt_prefix))
        return true;
    const bool once = rows->is_new || rules->evolves_once;
    wr_contract_mode mode = variant ? rules->contract.data_type : rules->contract.columns;
    if (!variant && once)
        mode = WR_EVOLVE;
    switch (mode) {
    case WR_EVOLVE: return true;
    case WR_FREEZE:
        if (!(n->trouble & WR_FROZEN)) {
            n->frozen = slot;
            n->frozen_variant = variant;
        }
        n->trouble |= WR_FROZEN;
        return false;
    case WR_DISCARD_ROW: n->trouble |= WR_DISCARD; break;
    case WR_DISCARD_VALUE: rows->dropped_values++; break;
    }
    discard(rows, slot, mode);
    return false;
}

/* ---- new columns ---- */

static weir_status too_many_columns(weir_ctx *cx, const wr_normalizer *n, const wr_rowset *rows)
{
    return weir_fail(
        cx, WEIR_LIMIT,
        "table '%.*s' would get more than %zu columns\n"
        "hint: keep objects with ever new keys as JSON, with a lower max_table_nesting",
        WR_STR(rows->name), n->args.column_max);
}

static weir_status add_column(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                              weir_column column)
{
    if (rows->columns.len >= n->args.column_max)
        return too_many_columns(cx, n, rows);
    const unsigned hints = wr_schema_default_hints(n->schema, slot->name);
    (void)wr_rowset_add(rows, slot, column.type, hints | column.hints);
    return WEIR_OK;
}

/* ---- numbers ---- */

enum { INTEGER_BITS = 64 };

/* Words for infinity have an n, spelled-out numbers have none: these became infinite on the way. */
static bool overflowed(weir_value value, double f)
{
    const bool is_text = value.kind == WEIR_TEXT || value.kind == WEIR_DECIMAL;
    return is_text && isinf(f) && !memchr(value.as.s.ptr, 'n', value.as.s.len) &&
           !memchr(value.as.s.ptr, 'N', value.as.s.len);
}

static weir_digits digits_of(const wr_normalizer *n, const weir_column *column)
{
    if (column->precision > 0)
        return (weir_digits){ column->precision, column->scale };
    return column->type == WEIR_TYPE_WEI ? n->args.wei : n->args.decimal;
}

/* Of a column of integers in the destination. */
static int bits_of(const wr_normalizer *n, const weir_column *column)
{
    int bits = n->args.integer_bits;
    if (bits == 0 || column->precision <= 0)
        return INTEGER_BITS;
    while (bits < column->precision)
        bits *= 2;
    return bits;
}

bool wr_is_narrow(const wr_normalizer *n, const weir_column *column)
{
    return column->type == WEIR_TYPE_BIGINT && bits_of(n, column) < INTEGER_BITS;
}

static int64_t largest(int bits)
{
    return (INT64_C(1) << (bits - 1)) - 1;
}

/* Can the column store `fit`, which `value` came to, as the same number? What it cannot would be refused by the
 * destination, which does not know the row. */
static bool holds(const wr_normalizer *n, const weir_column *column, weir_value value,
                  weir_value fit)
{
    if (column->type == WEIR_TYPE_DOUBLE)
        return fit.kind != WEIR_FLOAT || !overflowed(value, fit.as.f);
    if (fit.kind == WEIR_INT && wr_is_narrow(n, column)) {
        const int64_t most = largest(bits_of(n, column));
        return fit.as.i >= -most - 1 && fit.as.i <= most;
    }
    if (column->type != WEIR_TYPE_DECIMAL && column->type != WEIR_TYPE_WEI)
        return true;
    const weir_digits digits = digits_of(n, column);
    wr_decimal decimal;
    return fit.kind != WEIR_TEXT || digits.precision <= 0 || digits.precision > WR_PRECISION_MAX ||
           (wr_decimal_parse(fit.as.s, &decimal) &&
            wr_decimal_fits(&decimal, digits.precision, digits.scale));
}

static weir_status integer_refused(weir_ctx *cx, const wr_normalizer *n, const wr_rowset *rows,
                                   const weir_column *column, int64_t number)
{
    const int64_t most = largest(bits_of(n, column));
    return weir_fail(cx, WEIR_SCHEMA,
                     "column '%.*s' of table '%.*s' is a bigint of precision %d and cannot hold "
                     "the number %" PRId64 ": it is not within %" PRId64 " and %" PRId64 "\n"
                     "hint: declare a larger precision, or none: a table that is there already "
                     "keeps its columns until it is dropped",
                     WR_STR(column->name), WR_STR(rows->name), column->precision, number, -most - 1,
                     most);
}

#define SHOWN_DIGITS 50

/* `number` is what the value came to; of a double its text. */
static weir_status number_refused(weir_ctx *cx, const wr_normalizer *n, const wr_rowset *rows,
                                  const weir_column *column, weir_value number)
{
    if (number.kind == WEIR_INT)
        return integer_refused(cx, n, rows, column, number.as.i);
    const weir_digits digits = digits_of(n, column);
    const bool is_long = number.as.s.len > SHOWN_DIGITS;
    const weir_str shown = { number.as.s.ptr, is_long ? SHOWN_DIGITS : number.as.s.len };
    char range[64] = "beyond the range of doubles";
    if (column->type != WEIR_TYPE_DOUBLE)
        snprintf(range, sizeof range, "not within %d digits, %d of them behind the point",
                 digits.precision, digits.scale);
    return weir_fail(cx, WEIR_SCHEMA,
                     "column '%.*s' of table '%.*s' is a %s and cannot hold the number %.*s%s: it "
                     "is %s\n"
                     "hint: declare the column as text, or as a decimal of another precision and "
                     "scale",
                     WR_STR(column->name), WR_STR(rows->name), weir_type_name(column->type),
                     WR_STR(shown), is_long ? "…" : "", range);
}

/* ---- variants ---- */

/* An old name of the variant for JSON, where the snapshot has it. */
static bool has_legacy_variant(const wr_rowset *rows, weir_str name)
{
    const ptrdiff_t at = rows->known ? wr_table_column(rows->known, name) : -1;
    return at >= 0 && (rows->known->pub.columns[at].hints & WEIR_HINT_VARIANT);
}

static weir_status variant_name(weir_ctx *cx, wr_normalizer *n, const wr_rowset *rows,
                                const wr_slot *slot, weir_type type, weir_str *ret)
{
    const char *suffix = type == WEIR_NO_TYPE ? "v_str" : wr_variant_suffix(type);
    const weir_str parts[] = { slot->name, weir_str_of(suffix) };
    const weir_str legacy[] = { slot->name, wr_lit("v_complex") };
    WEIR_TRY(wr_name_join(cx, &n->args.naming, &n->making, parts, 2, ret));
    weir_str old = { 0 };
    if (type == WEIR_TYPE_JSON)
        WEIR_TRY(wr_name_join(cx, &n->args.naming, &n->making, legacy, 2, &old));
    if (old.len && has_legacy_variant(rows, old))
        *ret = old;
    return WEIR_OK;
}

static weir_status variant_of(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                              weir_type type, wr_slot **ret)
{
    if (!slot->variants)
        slot->variants = wr_arena_new_array(&rows->arena, WEIR_TYPE_JSON + 1, wr_slot *);
    if (!slot->variants[type]) {
        weir_str name = { 0 };
        const weir_status status = variant_name(cx, n, rows, slot, type, &name);
        if (status == WEIR_OK)
            slot->variants[type] = wr_rowset_slot(rows, name);
        wr_arena_reset(&n->making);
        WEIR_TRY(status);
    }
    *ret = slot->variants[type];
    return WEIR_OK;
}

/* A value that does not fit its column goes to the column's variant of its own type; of `type` WEIR_NO_TYPE is the text of
 * a wei beyond its range. */
static weir_status put_variant(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                               weir_type type, weir_value value)
{
    wr_slot *variant = NULL;
    WEIR_TRY(variant_of(cx, n, rows, slot, type, &variant));
    if (wr_rowset_column(rows, variant) < 0) {
        if (!admits(n, rows, variant, true))
            return WEIR_OK;
        const weir_type own = type == WEIR_NO_TYPE ? WEIR_TYPE_TEXT : type;
        WEIR_TRY(add_column(cx, n, rows, variant,
                            (weir_column){ .type = own, .hints = WEIR_HINT_VARIANT }));
    }
    const weir_column *into = &rows->columns.ptr[variant->column];
    weir_value fit;
    if (!wr_coerce(into, value, &n->scratch, &fit))
        return weir_fail(cx, WEIR_SCHEMA,
                         "a value of type %s fits neither column '%.*s' nor '%.*s' of type %s in "
                         "table '%.*s'",
                         weir_type_name(type), WR_STR(slot->name), WR_STR(into->name),
                         weir_type_name(into->type), WR_STR(rows->name));
    if (!holds(n, into, value, fit))
        return number_refused(cx, n, rows, into, fit.kind == WEIR_FLOAT ? value : fit);
    if (n->has_nul && fit.kind == WEIR_TEXT)
        fit.as.s = without_nul(n, fit.as.s);
    wr_rowset_set(rows, variant->column, fit);
    return WEIR_OK;
}

/* ---- cells ---- */

/* The type that the slot's column will have; the column itself is made when the value fits. */
static weir_type type_of_new(const wr_normalizer *n, wr_slot *slot, weir_value value)
{
    const weir_type preferred = wr_slot_preferred(n, slot);
    return preferred != WEIR_NO_TYPE ? preferred
                                     : wr_infer_type(value, n->detections, n->args.started);
}

weir_status wr_put_cell(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot,
                        weir_value value)
{
    const int32_t found = wr_rowset_column(rows, slot);
    if (found < 0 && slot->mode == WR_DISCARD_VALUE) {
        rows->dropped_values++;
        return WEIR_OK;
    }
    const weir_column column =
        found >= 0 ? rows->columns.ptr[found]
                   : (weir_column){ .name = slot->name, .type = type_of_new(n, slot, value) };
    const weir_type own = wr_natural_type(value.kind);
    weir_value fit;
    if (!wr_coerce(&column, value, &n->scratch, &fit))
        return put_variant(cx, n, rows, slot, own, value);
    if (column.type == WEIR_TYPE_WEI && !(wr_wei_fits(fit.as.s) && holds(n, &column, value, fit)))
        return put_variant(cx, n, rows, slot, WEIR_NO_TYPE, weir_text(fit.as.s));
    if (!holds(n, &column, value, fit))
        return own == column.type ? number_refused(cx, n, rows, &column, fit)
                                  : put_variant(cx, n, rows, slot, own, value);
    if (found < 0) {
        if (!admits(n, rows, slot, false))
            return WEIR_OK;
        WEIR_TRY(add_column(cx, n, rows, slot, column));
    }
    if (n->has_nul && fit.kind == WEIR_TEXT)
        fit.as.s = without_nul(n, fit.as.s);
    wr_rowset_set(rows, slot->column, fit);
    return WEIR_OK;
}

static weir_status null_refused(weir_ctx *cx, const wr_rowset *rows, const wr_slot *slot)
{
    return weir_fail(cx, WEIR_SCHEMA,
                     "cannot coerce NULL in table '%.*s' column '%.*s' which is not nullable",
                     WR_STR(rows->name), WR_STR(slot->name));
}

weir_status wr_put_null(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows, wr_slot *slot)
{
    const int32_t column = wr_rowset_column(rows, slot);
    if (column >= 0)
        return rows->columns.ptr[column].hints & WEIR_HINT_NOT_NULL ? null_refused(cx, rows, slot)
                                                                    : WEIR_OK;
    if (slot->null_seen == n->frames || slot->mode != WR_EVOLVE)
        return WEIR_OK;
    slot->null_seen = n->frames;
    *wr_vec_push(&rows->nulls) = slot;
    const bool declared = rows->known && wr_table_column(rows->known, slot->name) >= 0;
    if (!declared && (wr_schema_default_hints(n->schema, slot->name) & WEIR_HINT_NOT_NULL))
        return null_refused(cx, rows, slot);
    return WEIR_OK;
}

/* ---- evidence ---- */

static weir_value cell_value(const wr_builder *builder, weir_type type, int64_t row)
{
    int64_t i = 0;
    if (row >= builder->rows || !(builder->validity[row >> 3] >> (row & 7) & 1))
        return weir_null();
    switch (builder->layout) {
    case WR_LAYOUT_TEXT: return weir_text(wr_builder_get_text(builder, row));
    case WR_LAYOUT_BIT: return weir_bool(builder->data[row >> 3] >> (row & 7) & 1);
    case WR_LAYOUT_I32: {
        int32_t days = 0;
        memcpy(&days, builder->data + (size_t)row * sizeof(days), sizeof(days));
        return weir_date(days);
    }
    case WR_LAYOUT_F64: {
        double f = 0;
        memcpy(&f, builder->data + (size_t)row * sizeof(f), sizeof(f));
        return weir_float(f);
    }
    case WR_LAYOUT_I64: break;
    }
    memcpy(&i, builder->data + (size_t)row * sizeof(i), sizeof(i));
    if (type == WEIR_TYPE_TIMESTAMP)
        return weir_timestamp(i);
    return type == WEIR_TYPE_TIME ? weir_time_of_day(i) : weir_int(i);
}

#define IDENTIFIES (WEIR_HINT_PRIMARY_KEY | WEIR_HINT_MERGE_KEY | WEIR_HINT_UNIQUE)

static void add_evidence(wr_normalizer *n, wr_rowset *rows, weir_str name, wr_buf *out)
{
    static const weir_column text = { .type = WEIR_TYPE_TEXT };
    const int32_t column = wr_rowset_slot(rows, name)->column;
    weir_value value = weir_null();
    if (column >= 0)
        value = cell_value(&rows->batch->builders.ptr[column], rows->columns.ptr[column].type,
                           rows->row);
    weir_value shown = weir_text(wr_lit("None"));
    if (value.kind != WEIR_NULL)
        (void)wr_coerce(&text, value, &n->scratch, &shown); /* every kind has a text */
    wr_buf_printf(out, "%s%.*s: %.*s", out->len ? ", " : "", WR_STR(name), WR_STR(shown.as.s));
}

/* Keys and unique columns that the table had before this row, with their values in it. */
static void collect_evidence(wr_normalizer *n, wr_rowset *rows, wr_buf *out)
{
    const wr_id_source source = { n->args.load_id, n->key };
    wr_rowset_fill_ids(rows, &source);
    for (size_t i = 0; rows->known && i < rows->known->pub.column_count; i++)
        if (rows->known->pub.columns[i].hints & IDENTIFIES)
            add_evidence(n, rows, rows->known->pub.columns[i].name, out);
    for (size_t i = 0; i < n->mark.columns; i++) {
        const weir_column *column = &rows->columns.ptr[i];
        const bool known = rows->known && wr_table_column(rows->known, column->name) >= 0;
        if (!known && (column->hints & IDENTIFIES))
            add_evidence(n, rows, column->name, out);
    }
}

weir_status wr_fail_frozen(weir_ctx *cx, wr_normalizer *n, wr_rowset *rows)
{
    wr_auto(buf) wr_buf item = wr_buf_max(sizeof(cx->error.message));
    wr_violation violation = { .table = rows->name };
    if (n->frozen) {
        violation.column = n->frozen->name;
        violation.is_variant = n->frozen_variant;
        collect_evidence(n, rows, &item);
        violation.item = wr_buf_view(&item);
    }
    return wr_contract_violated(cx, n->schema, &violation);
}
