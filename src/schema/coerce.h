/* Types of values, and values made to fit a column's type: two tables, kind × type. Rules:
 * dlt's, see spec/dlt-extract-normalize-schema.md part 5. */
#ifndef WR_COERCE_H
#define WR_COERCE_H

#include <weir/table.h>
#include <weir/value.h>

#include "base/buf.h"

/* The type that a value has by itself; WEIR_NO_TYPE for null and absent. */
weir_type wr_natural_type(weir_kind kind);
/* Suffix of a variant column: "v_text". */
const char *wr_variant_suffix(weir_type type);

/* Detections of a schema's settings, as bits in the order in which they are asked. */
enum {
    WR_DETECT_ISO_TIMESTAMP = 1 << 0,
    WR_DETECT_ISO_DATE = 1 << 1,
    WR_DETECT_TIMESTAMP = 1 << 2,
    WR_DETECT_LARGE_INTEGER = 1 << 3,
};
/* The type of a new column that sees this value first. `now`: process start, for
 * WR_DETECT_TIMESTAMP. Integers beyond 64 bits come as WEIR_DECIMAL; WR_DETECT_LARGE_INTEGER
 * looks at decimals without point and exponent. */
weir_type wr_infer_type(weir_value value, unsigned detections, weir_time now);

/* The rest of wr_coerce(), for what does not have the column's form already. */
bool wr_coerce_other(weir_type type, const weir_value *value, wr_buf *scratch, weir_value *ret);
/* The type whose form in batches a kind of value has as it is. Decimals and JSON have none: they
 * become text. */
#define WR_NOT_READY 0xFF
extern const uint8_t wr_ready_type[WEIR_JSON + 1];

/* Make `value` fit `column`. True: *ret is a value in the form in which batches hold that type:
 *   text, decimal, wei, json: WEIR_TEXT; binary: WEIR_BYTES;
 *   bigint: WEIR_INT; double: WEIR_FLOAT; bool: WEIR_BOOL;
 *   timestamp: WEIR_TIMESTAMP; date: WEIR_DATE; time: WEIR_TIME.
 * Null and absent values stay what they are, and the text `null` in a json column is null.
 * False: it does not fit, a variant column is its place. New text is made in `scratch`, which is
 * cleared first; it lives until the next call. What is too long for `scratch` does not fit. Text
 * kinds of values must be valid UTF-8; WEIR_DECIMAL must be a decimal number, WEIR_JSON in the
 * form that wr_json_write() gives. A timestamp given as text or number may lie outside of years
 * 1 … 9999: does not fit, as an integer beyond 64 bits. */
static inline bool wr_coerce(const weir_column *column, weir_value value, wr_buf *scratch,
                             weir_value *ret)
{
    if (wr_ready_type[value.kind] == column->type) {
        *ret = value;
        return true;
    }
    return wr_coerce_other(column->type, &value, scratch, ret);
}

/* May a value of a wei column, as wr_coerce() gave it, be stored as number? Others go, as text,
 * to a variant column with the suffix "v_str". */
bool wr_wei_fits(weir_str decimal);

/* Typed values inside of text, as dlt marks them: U+F026 … U+F02D and the text form. True when
 * `text` is one that parses: *ret is the value (its bytes in `scratch`, which is cleared first,
 * or in `text`). Time zones are applied; wei is a decimal, a UUID text. */
bool wr_typed_decode(weir_str text, wr_buf *scratch, weir_value *ret);
/* The marked text of a value, quoted, into JSON; plain values in their JSON form, WEIR_JSON as
 * it is. Used to write typed rows. */
void wr_typed_encode(wr_buf *out, weir_value value);
/* Where `text` begins with a mark: its length, else 0. */
size_t wr_typed_mark(weir_str text);
/* What the mark of a text says, in the order of the marks. */
typedef enum wr_mark {
    WR_MARK_NONE,
    WR_MARK_DECIMAL,
    WR_MARK_TIMESTAMP,
    WR_MARK_DATE,
    WR_MARK_UUID,
    WR_MARK_HEX,
    WR_MARK_BASE64,
    WR_MARK_WEI,
    WR_MARK_TIME,
} wr_mark;
/* Does not look at what follows the mark. */
wr_mark wr_typed_mark_of(weir_str text);
/* The mark itself; not of WR_MARK_NONE. */
weir_str wr_typed_mark_text(wr_mark mark);

#endif
