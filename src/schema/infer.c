/* Tells the types that values have by themselves, and those of the columns that they begin. */
#include "base/isotime.h"
#include "base/str.h"
#include "base/time.h"
#include "schema/coerce.h"
#include "schema/decimal.h"

/* Around now, in seconds, in which a number is taken for a time by WR_DETECT_TIMESTAMP: five
 * years. */
#define DETECT_RANGE (5.0 * 365 * 86400)

#define BIGINT_MAX wr_lit("9223372036854775807")
/* The largest absolute values of wei: what BigQuery's BIGNUMERIC holds. */
#define WEI_MAX wr_lit("578960446186580977117854925043439539266")
#define WEI_MIN wr_lit("578960446186580977117854925043439539267")

static const uint8_t natural_types[WEIR_JSON + 1] = {
    [WEIR_BOOL] = WEIR_TYPE_BOOL,           [WEIR_INT] = WEIR_TYPE_BIGINT,
    [WEIR_FLOAT] = WEIR_TYPE_DOUBLE,        [WEIR_TEXT] = WEIR_TYPE_TEXT,
    [WEIR_DECIMAL] = WEIR_TYPE_DECIMAL,     [WEIR_BYTES] = WEIR_TYPE_BINARY,
    [WEIR_TIMESTAMP] = WEIR_TYPE_TIMESTAMP, [WEIR_DATE] = WEIR_TYPE_DATE,
    [WEIR_TIME] = WEIR_TYPE_TIME,           [WEIR_JSON] = WEIR_TYPE_JSON,
};

weir_type wr_natural_type(weir_kind kind)
{
    return (weir_type)natural_types[kind];
}

const char *wr_variant_suffix(weir_type type)
{
    static const char *const suffixes[WEIR_TYPE_JSON + 1] = {
#define X(name, text) [WEIR_##name] = "v_" text,
        WEIR_TYPES(X)
#undef X
    };
    return suffixes[type];
}

static weir_type detect_text(weir_str text, unsigned detections)
{
    if (!(detections & (WR_DETECT_ISO_TIMESTAMP | WR_DETECT_ISO_DATE)))
        return WEIR_NO_TYPE;
    const wr_iso_kind kind = wr_iso_parse(text).kind;
    if (kind == WR_ISO_DATETIME && (detections & WR_DETECT_ISO_TIMESTAMP))
        return WEIR_TYPE_TIMESTAMP;
    if (kind == WR_ISO_DATE && (detections & WR_DETECT_ISO_DATE))
        return WEIR_TYPE_DATE;
    return WEIR_NO_TYPE;
}

static weir_type detect_time(double seconds, unsigned detections, weir_time now)
{
    if (!(detections & WR_DETECT_TIMESTAMP))
        return WEIR_NO_TYPE;
    const double distance = seconds - (double)now / (double)WR_US_PER_SECOND;
    return distance >= -DETECT_RANGE && distance <= DETECT_RANGE ? WEIR_TYPE_TIMESTAMP
                                                                 : WEIR_NO_TYPE;
}

static weir_type detect_large_integer(weir_str number, unsigned detections)
{
    wr_decimal decimal;
    if (!(detections & WR_DETECT_LARGE_INTEGER) || !wr_decimal_parse(number, &decimal) ||
        decimal.kind != WR_DECIMAL_FINITE || decimal.exponent != 0 || decimal.negative)
        return WEIR_NO_TYPE;
    if (wr_decimal_compare(&decimal, WEI_MAX) > 0)
        return WEIR_TYPE_TEXT;
    return wr_decimal_compare(&decimal, BIGINT_MAX) > 0 ? WEIR_TYPE_WEI : WEIR_NO_TYPE;
}

static weir_type detect(weir_value value, unsigned detections, weir_time now)
{
    switch (value.kind) {
    case WEIR_TEXT: return detect_text(value.as.s, detections);
    case WEIR_INT: return detect_time((double)value.as.i, detections, now);
    case WEIR_FLOAT: return detect_time(value.as.f, detections, now);
    case WEIR_DECIMAL: return detect_large_integer(value.as.s, detections);
    default: return WEIR_NO_TYPE;
    }
}

weir_type wr_infer_type(weir_value value, unsigned detections, weir_time now)
{
    const weir_type detected = detect(value, detections, now);
    return detected != WEIR_NO_TYPE ? detected : wr_natural_type(value.kind);
}

bool wr_wei_fits(weir_str decimal)
{
    wr_decimal wei;
    if (!wr_decimal_parse(decimal, &wei))
        return false;
    if (wei.kind != WR_DECIMAL_FINITE)
        return wei.kind == WR_DECIMAL_NAN;
    return wr_decimal_compare(&wei, wei.negative ? WEI_MIN : WEI_MAX) <= 0;
}
