/* Reads, writes and compares decimal numbers of any length digit by digit. */
#include "schema/decimal.h"

#include <math.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"

#define EXPONENT_DIGITS_MAX 9
/* What wr_decimal_write() puts around the digits at most: sign, point, zeros and exponent. */
#define DECORATION_MAX 32
/* Python shows a number plainly while its first digit is at most this far behind the point. */
#define PLAIN_DIGITS_MIN (-6)

static const struct {
    weir_str text;
    wr_decimal_kind kind;
} specials[] = {
    { wr_lit("nan"), WR_DECIMAL_NAN },
    { wr_lit("inf"), WR_DECIMAL_INFINITE },
    { wr_lit("infinity"), WR_DECIMAL_INFINITE },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static weir_str take_sign(weir_str s, bool *ret_negative)
{
    *ret_negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        return (weir_str){ s.ptr + 1, s.len - 1 };
    return s;
}

static weir_str take_digits(weir_str *rest)
{
    weir_str digits = { rest->ptr, 0 };
    while (digits.len < rest->len && is_digit(rest->ptr[digits.len]))
        digits.len++;
    rest->ptr += digits.len;
    rest->len -= digits.len;
    return digits;
}

static bool take_either(weir_str *rest, char one, char other)
{
    if (rest->len == 0 || (rest->ptr[0] != one && rest->ptr[0] != other))
        return false;
    rest->ptr++;
    rest->len--;
    return true;
}

static weir_str without_leading_zeros(weir_str digits)
{
    while (digits.len > 0 && digits.ptr[0] == '0') {
        digits.ptr++;
        digits.len--;
    }
    return digits;
}

static bool equals_ignoring_case(weir_str s, weir_str lower)
{
    for (size_t i = 0; i < s.len && s.len == lower.len; i++) {
        if ((s.ptr[i] | 0x20) != lower.ptr[i])
            return false;
    }
    return s.len == lower.len;
}

static bool parse_special(weir_str s, wr_decimal *d)
{
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (!equals_ignoring_case(s, specials[i].text))
            continue;
        d->kind = specials[i].kind;
        return true;
    }
    return false;
}

static bool parse_exponent(weir_str s, int64_t *ret)
{
    bool negative;
    weir_str rest = take_sign(s, &negative);
    const weir_str digits = take_digits(&rest);
    if (rest.len > 0 || digits.len == 0)
        return false;

    const weir_str significant = without_leading_zeros(digits);
    int64_t value = 0;
    if (significant.len > EXPONENT_DIGITS_MAX ||
        (significant.len > 0 && !wr_int_parse(significant, &value)))
        return false;
    *ret = negative ? -value : value;
    return true;
}

bool wr_decimal_parse(weir_str text, wr_decimal *ret)
{
    wr_decimal d = { 0 };
    weir_str rest = take_sign(text, &d.negative);
    d.whole = take_digits(&rest);
    if (take_either(&rest, '.', '.'))
        d.fraction = take_digits(&rest);
    const size_t fraction_len = d.fraction.len;

    if (d.whole.len + fraction_len == 0) {
        if (!parse_special(take_sign(text, &d.negative), &d))
            return false;
    } else if (rest.len > 0 &&
               !(take_either(&rest, 'e', 'E') && parse_exponent(rest, &d.exponent))) {
        return false;
    }

    d.exponent -= (int64_t)fraction_len;
    d.whole = without_leading_zeros(d.whole);
    if (d.whole.len == 0)
        d.fraction = without_leading_zeros(d.fraction);
    *ret = d;
    return true;
}

bool wr_decimal_is_canonical(weir_str text)
{
    weir_str rest = text;
    if (rest.len > 0 && rest.ptr[0] == '-')
        rest = (weir_str){ rest.ptr + 1, rest.len - 1 };
    const weir_str whole = take_digits(&rest);
    if (whole.len == 0 || (whole.len > 1 && whole.ptr[0] == '0'))
        return false;
    if (rest.len == 0)
        return true;
    if (!take_either(&rest, '.', '.'))
        return false;
    const weir_str fraction = take_digits(&rest);
    if (rest.len > 0 || fraction.len == 0)
        return false;

    size_t zeros = 0; /* in front of the last digit */
    while (zeros + 1 < fraction.len && fraction.ptr[zeros] == '0')
        zeros++;
    return whole.ptr[0] != '0' || (int64_t)zeros < -PLAIN_DIGITS_MIN;
}

static size_t digit_count(const wr_decimal *d)
{
    return d->whole.len + d->fraction.len;
}

static char digit_at(const wr_decimal *d, size_t i)
{
    return i < d->whole.len ? d->whole.ptr[i] : d->fraction.ptr[i - d->whole.len];
}

/* Digits number `from` up to `to`. */
static void append_digits(wr_buf *out, const wr_decimal *d, size_t from, size_t to)
{
    const size_t border = d->whole.len;
    if (from < border)
        wr_buf_append(out, d->whole.ptr + from, (to < border ? to : border) - from);
    if (to > border && d->fraction.len > 0) {
        const size_t start = from < border ? 0 : from - border;
        wr_buf_append(out, d->fraction.ptr + start, to - border - start);
    }
}

static void append_zeros(wr_buf *out, int64_t count)
{
    for (; count > 0; count--)
        wr_buf_char(out, '0');
}

/* The digits with a point behind the first `point` of them. */
static void append_plain(wr_buf *out, const wr_decimal *d, int64_t point)
{
    const size_t count = digit_count(d);
    const size_t before = point > 0 ? (size_t)point : 0;
    if (before == 0)
        wr_buf_char(out, '0');
    append_digits(out, d, 0, before);
    if (before < count) {
        wr_buf_char(out, '.');
        append_zeros(out, -point);
        append_digits(out, d, before, count);
    }
}

static const wr_decimal *with_a_digit(const wr_decimal *d, wr_decimal *zero)
{
    if (digit_count(d) > 0)
        return d;
    *zero = *d;
    zero->whole = wr_lit("0");
    return zero;
}

void wr_decimal_write(wr_buf *out, const wr_decimal *d)
{
    if (d->kind == WR_DECIMAL_NAN) {
        wr_buf_cstr(out, "NaN");
        return;
    }
    if (d->negative)
        wr_buf_char(out, '-');
    if (d->kind == WR_DECIMAL_INFINITE) {
        wr_buf_cstr(out, "Infinity");
        return;
    }

    wr_decimal zero;
    const wr_decimal *shown = with_a_digit(d, &zero);
    const int64_t point = (int64_t)digit_count(shown) + shown->exponent;
    if (shown->exponent <= 0 && point > PLAIN_DIGITS_MIN) {
        append_plain(out, shown, point);
    } else {
        append_plain(out, shown, 1);
        wr_buf_printf(out, "E%+lld", (long long)(point - 1));
    }
}

bool wr_decimal_is_zero(const wr_decimal *d)
{
    return digit_count(d) == 0;
}

bool wr_decimal_int(const wr_decimal *d, int64_t *ret)
{
    const size_t count = digit_count(d);
    const int64_t point = (int64_t)count + d->exponent;
    char text[WR_NUMBER_TEXT];
    if (d->kind != WR_DECIMAL_FINITE || (count > 0 && (point <= 0 || point > 19)))
        return false;
    if (count == 0) {
        *ret = 0;
        return true;
    }

    const size_t whole = (size_t)point;
    for (size_t i = whole; i < count; i++) {
        if (digit_at(d, i) != '0')
            return false;
    }
    text[0] = d->negative ? '-' : '+';
    for (size_t i = 0; i < whole; i++)
        text[i + 1] = i < count ? digit_at(d, i) : '0';
    return wr_int_parse((weir_str){ text, whole + 1 }, ret);
}

double wr_decimal_double(const wr_decimal *d)
{
    const double sign = d->negative ? -1.0 : 1.0;
    double value = 0.0;
    if (d->kind == WR_DECIMAL_NAN)
        return (double)NAN;
    if (d->kind == WR_DECIMAL_INFINITE)
        return sign * (double)INFINITY;

    wr_auto(buf) wr_buf text = wr_buf_max(digit_count(d) + DECORATION_MAX);
    wr_decimal_write(&text, d);
    /* What was written is a JSON number, so this cannot fail. */
    (void)wr_double_parse(wr_buf_view(&text), &value);
    return value;
}

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_absolute(const wr_decimal *a, const wr_decimal *b)
{
    const size_t count_a = digit_count(a);
    const size_t count_b = digit_count(b);
    if (count_a == 0 || count_b == 0)
        return (count_a > 0) - (count_b > 0);
    const int order = order_of((int64_t)count_a + a->exponent, (int64_t)count_b + b->exponent);
    if (order != 0)
        return order;

    for (size_t i = 0; i < count_a || i < count_b; i++) {
        const char digit_a = i < count_a ? digit_at(a, i) : '0';
        const char digit_b = i < count_b ? digit_at(b, i) : '0';
        if (digit_a != digit_b)
            return digit_a < digit_b ? -1 : 1;
    }
    return 0;
}

int wr_decimal_compare(const wr_decimal *d, weir_str digits)
{
    return order_absolute(d, &(wr_decimal){ .whole = digits });
}

bool wr_decimal_fits(const wr_decimal *d, int precision, int scale)
{
    /* The smallest number that is rounded out of the range: 99.95 for two digits and one more. */
    char digits[WR_PRECISION_MAX + 1];
    wr_assert(precision > 0 && precision <= WR_PRECISION_MAX);
    memset(digits, '9', (size_t)precision);
    digits[precision] = '5';
    const wr_decimal end = {
        .whole = { digits, (size_t)precision + 1 },
        .exponent = -(int64_t)scale - 1,
    };
    return d->kind == WR_DECIMAL_FINITE && order_absolute(d, &end) < 0;
}

/* Of an infinity: its sign; of a finite number 0. */
static int infinite_sign(const wr_decimal *d)
{
    if (d->kind != WR_DECIMAL_INFINITE)
        return 0;
    return d->negative ? -1 : 1;
}

int wr_decimal_order(const wr_decimal *a, const wr_decimal *b)
{
    if (a->kind == WR_DECIMAL_INFINITE || b->kind == WR_DECIMAL_INFINITE)
        return order_of(infinite_sign(a), infinite_sign(b));
    const bool minus_a = a->negative && !wr_decimal_is_zero(a);
    const bool minus_b = b->negative && !wr_decimal_is_zero(b);
    if (minus_a != minus_b)
        return minus_a ? -1 : 1;
    return minus_a ? order_absolute(b, a) : order_absolute(a, b);
}
