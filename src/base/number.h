/* Numbers and their texts, exactly. */
#ifndef WR_NUMBER_H
#define WR_NUMBER_H

#include <weir/base.h>

#define WR_NUMBER_TEXT 40

/* Whole text is an optional sign and digits in range: true. */
bool wr_int_parse(weir_str text, int64_t *ret);
/* Decimal digits of an integer; returns the length, no NUL. */
size_t wr_int_text(char *ret, int64_t value);
/* Correctly rounded, locale-free. The whole text must be a JSON number. Beyond range: ±infinity. */
bool wr_double_parse(weir_str text, double *ret);
/* Shortest text that reads back as the same double. JSON form of dlt's writer (orjson ≥ 3.12): always with ".0" or an
 * exponent; plain for decimal exponents -5 … 15, else "1e+16", "1.5e-7". Not for NaN or infinity. Returns the length. */
size_t wr_double_json(char *ret, double value);
/* As Python's repr(): "1e-07", "1e+16", "nan", "inf", "-inf". */
size_t wr_double_repr(char *ret, double value);

/* Arithmetic on numbers from outside: false on overflow. */
static inline bool wr_add_size(size_t a, size_t b, size_t *ret)
{
    return !__builtin_add_overflow(a, b, ret);
}
static inline bool wr_mul_size(size_t a, size_t b, size_t *ret)
{
    return !__builtin_mul_overflow(a, b, ret);
}

#endif
