/* Exact decimal numbers as texts: what Python's Decimal reads and writes, without arithmetic. */
#ifndef WR_DECIMAL_H
#define WR_DECIMAL_H

#include <weir/base.h>

#include "base/buf.h"

typedef enum wr_decimal_kind {
    WR_DECIMAL_FINITE,
    WR_DECIMAL_INFINITE,
    WR_DECIMAL_NAN
} wr_decimal_kind;

/* A number taken apart: the digits of `whole` and `fraction` in a row, without leading zeros,
 * times ten to the power of `exponent`. Without digits it is zero. The digits are borrowed from
 * the text. */
typedef struct wr_decimal {
    wr_decimal_kind kind;
    bool negative;
    weir_str whole;
    weir_str fraction;
    int64_t exponent;
} wr_decimal;

/* The whole text is a decimal number: `-1.50`, `.5`, `1e3`, `NaN`, `inf`, `-Infinity`. Exponents
 * have at most nine digits. */
bool wr_decimal_parse(weir_str text, wr_decimal *ret);
/* Is this text a decimal number in the form that wr_decimal_write() gives? Knows only those
 * without exponent. */
bool wr_decimal_is_canonical(weir_str text);
/* Append the number as str(Decimal) does: `1.50`, `1E+3`, `1E-7`, `0.000001`, `NaN`,
 * `-Infinity`. */
void wr_decimal_write(wr_buf *out, const wr_decimal *d);

/* Not for NaN and infinity. */
bool wr_decimal_is_zero(const wr_decimal *d);
/* True when it is integral and in range. */
bool wr_decimal_int(const wr_decimal *d, int64_t *ret);
/* The nearest double; beyond their range an infinity. */
double wr_decimal_double(const wr_decimal *d);
/* Order of the absolute value against an integer given by its digits, without leading zeros: -1,
 * 0, 1. */
int wr_decimal_compare(const wr_decimal *d, weir_str digits);
/* Does it stay in range when it is rounded to `scale` digits behind the point, of `precision` in all? Not NaN and infinity.
 * At most WR_PRECISION_MAX digits. */
#define WR_PRECISION_MAX 80
bool wr_decimal_fits(const wr_decimal *d, int precision, int scale);
/* Order of two numbers: -1, 0, 1; 1.5 and 1.50 are equal. Not for NaN. */
int wr_decimal_order(const wr_decimal *a, const wr_decimal *b);

#endif
