/* Numbers and their texts.
 *
 * The shortest digits of a double are found with Schubfach (R. Giulietti, "The Schubfach way to render doubles"): the
 * interval of real numbers that round to the double, times four, is scaled by a power of ten so that it contains at
 * least one and not many integers, and the nearest or the shortest of them is taken. The products are rounded "to odd",
 * which keeps comparisons with the borders exact. It needs each power of ten as 128 bits, rounded up. They are computed
 * once, exactly, instead of standing here as 617 lines of digits. */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/mem.h"

/* A double is `significand` × 2^`exponent` with 53 bits, the first of which is not stored. */
#define FRACTION_BITS 52
#define EXPONENT_MAX 0x7FF
#define EXPONENT_BIAS 1075
#define HIDDEN_BIT (UINT64_C(1) << FRACTION_BITS)

#define POWER_MIN (-292)
#define POWER_MAX 324

/* Bits enough for 10^324, and for 2^BIG_BITS / 10^292 to keep more than 128 of them. */
#define BIG_BITS 1152
#define BIG_WORDS (BIG_BITS / 64 + 1)

typedef unsigned __int128 uint128;

/* `digits` × 10^`exponent`. */
typedef struct decimal {
    uint64_t digits;
    int exponent;
} decimal;

/* Little end first. */
typedef struct big {
    uint64_t word[BIG_WORDS];
} big;

static uint128 powers[POWER_MAX - POWER_MIN + 1];
static locale_t c_locale;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void big_multiply(big *number, uint64_t by)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < BIG_WORDS; i++) {
        const uint128 product = (uint128)number->word[i] * by + carry;
        number->word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
}

static void big_divide(big *number, uint64_t by)
{
    uint64_t rest = 0;
    for (size_t i = BIG_WORDS; i-- > 0;) {
        const uint128 part = (uint128)rest << 64 | number->word[i];
        number->word[i] = (uint64_t)(part / by);
        rest = (uint64_t)(part % by);
    }
}

static uint64_t big_word(const big *number, ptrdiff_t i)
{
    return i < 0 ? 0 : number->word[i];
}

/* The 128 bits from the highest one on, and whether any bit below them is set. */
static uint128 big_top(const big *number, bool *ret_more)
{
    ptrdiff_t high = BIG_WORDS - 1;
    while (number->word[high] == 0)
        high--;
    const int shift = __builtin_clzll(number->word[high]);
    const uint64_t low = big_word(number, high - 2);
    uint128 top = (uint128)number->word[high] << 64 | big_word(number, high - 1);
    *ret_more = false;
    if (shift > 0) {
        top = top << shift | low >> (64 - shift);
        *ret_more = low << shift != 0;
    } else {
        *ret_more = low != 0;
    }
    for (ptrdiff_t i = high - 3; i >= 0; i--)
        *ret_more |= number->word[i] != 0;
    return top;
}

static void compute_powers(void)
{
    bool more;
    big number = { { 1 } };
    for (int k = 0; k <= POWER_MAX; k++, big_multiply(&number, 10)) {
        const uint128 top = big_top(&number, &more);
        powers[k - POWER_MIN] = top + more;
    }

    /* Dividing and cutting off step by step gives the same integers as dividing at once. No negative power of ten ends
     * in the binary system, so rounding up always adds one. */
    number = (big){ .word[BIG_WORDS - 1] = 1 };
    for (int k = -1; k >= POWER_MIN; k--) {
        big_divide(&number, 10);
        powers[k - POWER_MIN] = big_top(&number, &more) + 1;
    }
}

static void prepare(void)
{
    compute_powers();
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    wr_assert(c_locale != (locale_t)0);
}

static int floor_log10_of_pow2(int e, bool three_quarters)
{
    return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

static int floor_log2_of_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The upper 64 bits of `power` × `factor`, with the lowest one set when anything was cut off. */
static uint64_t round_to_odd(uint128 power, uint64_t factor)
{
    const uint128 low = (uint128)(uint64_t)power * factor;
    const uint128 high = (uint128)(uint64_t)(power >> 64) * factor + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* `value` is positive and finite. */
static decimal schubfach(double value)
{
    const uint64_t bits = bits_of(value);
    const uint64_t fraction = bits & (HIDDEN_BIT - 1);
    const int biased = (int)(bits >> FRACTION_BITS) & EXPONENT_MAX;
    const uint64_t significand = biased ? fraction | HIDDEN_BIT : fraction;
    const int exponent = (biased ? biased : 1) - EXPONENT_BIAS;

    /* Below a power of two the next double is only half as far. */
    const bool lower_is_closer = fraction == 0 && biased > 1;
    const int k = floor_log10_of_pow2(exponent, lower_is_closer);
    const int shift = exponent + floor_log2_of_pow10(-k) + 1;
    const uint128 power = powers[-k - POWER_MIN];

    const uint64_t is_odd = significand & 1; /* then the borders themselves round to a neighbour */
    const uint64_t low =
        round_to_odd(power, (4 * significand - 2 + lower_is_closer) << shift) + is_odd;
    const uint64_t middle = round_to_odd(power, (4 * significand) << shift);
    const uint64_t high = round_to_odd(power, (4 * significand + 2) << shift) - is_odd;

    const uint64_t whole = middle / 4;
    if (whole >= 10) {
        const uint64_t tens = whole / 10;
        const bool down_inside = low <= 40 * tens;
        const bool up_inside = 40 * tens + 40 <= high;
        if (down_inside != up_inside)
            return (decimal){ .digits = tens + up_inside, .exponent = k + 1 };
    }

    const bool down_inside = low <= 4 * whole;
    const bool up_inside = 4 * whole + 4 <= high;
    if (down_inside != up_inside)
        return (decimal){ .digits = whole + up_inside, .exponent = k };
    const uint64_t half = 4 * whole + 2;
    const bool up = middle > half || (middle == half && whole % 2 == 1);
    return (decimal){ .digits = whole + up, .exponent = k };
}

/* `value` is not negative and finite. */
static decimal shortest(double value)
{
    if (value < (double)(HIDDEN_BIT << 1) && bits_of((double)(uint64_t)value) == bits_of(value))
        return (decimal){ .digits = (uint64_t)value };
    pthread_once(&prepared, prepare);
    return schubfach(value);
}

/* How a notation shows doubles; the texts differ in nothing else. */
typedef struct notation {
    int plain_min; /* the least decimal exponent that is not written with an "e" */
    int exponent_digits_min;
} notation;

static const notation json_notation = { .plain_min = -5, .exponent_digits_min = 1 };
static const notation repr_notation = { .plain_min = -4, .exponent_digits_min = 2 };
#define PLAIN_MAX 15

static size_t put_unsigned(char *ret, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    memcpy(ret, digits + at, sizeof(digits) - at);
    return sizeof(digits) - at;
}

static char *put_zeros(char *out, int count)
{
    if (count <= 0)
        return out;
    memset(out, '0', (size_t)count);
    return out + count;
}

static char *put_bytes(char *out, const char *bytes, int len)
{
    memcpy(out, bytes, (size_t)len);
    return out + len;
}

/* The first of the `len` digits stands for 10^`exponent`. */
static char *put_plain(char *out, const char *digits, int len, int exponent)
{
    if (exponent < 0) {
        out = put_bytes(out, "0.", 2);
        return put_bytes(put_zeros(out, -exponent - 1), digits, len);
    }
    const int whole = exponent + 1;
    if (len <= whole) {
        out = put_zeros(put_bytes(out, digits, len), whole - len);
        return put_bytes(out, ".0", 2);
    }
    out = put_bytes(out, digits, whole);
    *out++ = '.';
    return put_bytes(out, digits + whole, len - whole);
}

static char *put_with_exponent(char *out, const char *digits, int len, int exponent, int digits_min)
{
    *out++ = digits[0];
    if (len > 1) {
        *out++ = '.';
        out = put_bytes(out, digits + 1, len - 1);
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    const unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (size < 10)
        out = put_zeros(out, digits_min - 1);
    return out + put_unsigned(out, size);
}

static size_t put_double(char *ret, double value, const notation *form)
{
    char *out = ret;
    if (signbit(value))
        *out++ = '-';

    const decimal number = shortest(fabs(value));
    char digits[24];
    int len = (int)put_unsigned(digits, number.digits);
    const int exponent = number.exponent + len - 1;
    while (len > 1 && digits[len - 1] == '0')
        len--;

    if (exponent >= form->plain_min && exponent <= PLAIN_MAX)
        out = put_plain(out, digits, len, exponent);
    else
        out = put_with_exponent(out, digits, len, exponent, form->exponent_digits_min);
    return (size_t)(out - ret);
}

size_t wr_double_json(char *ret, double value)
{
    wr_assert(isfinite(value));
    return put_double(ret, value, &json_notation);
}

size_t wr_double_repr(char *ret, double value)
{
    if (isfinite(value))
        return put_double(ret, value, &repr_notation);
    const char *text = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    const size_t len = strlen(text);
    memcpy(ret, text, len);
    return len;
}

size_t wr_int_text(char *ret, int64_t value)
{
    if (value >= 0)
        return put_unsigned(ret, (uint64_t)value);
    ret[0] = '-';
    return 1 + put_unsigned(ret + 1, -(uint64_t)value);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool wr_int_parse(weir_str text, int64_t *ret)
{
    const bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t i = text.len > 0 && (negative || text.ptr[0] == '+');
    if (i == text.len)
        return false;

    int64_t value = 0;
    for (; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        const int digit = text.ptr[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *ret = value;
    return true;
}

/* A JSON number as it was written: `digits` × 10^`exponent`, exact unless `digits_dropped`. */
typedef struct json_number {
    decimal value;
    bool negative;
    bool digits_dropped;
} json_number;

#define EXPONENT_READ_MAX 100000

/* Read a run of digits into `number`, moving `*at`; false when there is none. */
static bool read_digits(weir_str text, size_t *at, json_number *number, bool is_fraction)
{
    const size_t start = *at;
    for (; *at < text.len && is_digit(text.ptr[*at]); ++*at) {
        if (number->value.digits > (UINT64_MAX - 9) / 10) {
            number->digits_dropped = true;
            continue;
        }
        number->value.digits = number->value.digits * 10 + (uint64_t)(text.ptr[*at] - '0');
        number->value.exponent -= is_fraction;
    }
    return *at > start;
}

static bool read_exponent(weir_str text, size_t *at, json_number *number)
{
    const bool negative = *at < text.len && text.ptr[*at] == '-';
    if (*at < text.len && (negative || text.ptr[*at] == '+'))
        ++*at;

    int exponent = 0;
    const size_t start = *at;
    for (; *at < text.len && is_digit(text.ptr[*at]); ++*at) {
        if (exponent < EXPONENT_READ_MAX)
            exponent = exponent * 10 + (text.ptr[*at] - '0');
    }
    number->value.exponent += negative ? -exponent : exponent;
    return *at > start;
}

/* The grammar of RFC 8259, section 6; the whole text must match. */
static bool read_json_number(weir_str text, json_number *ret)
{
    json_number number = { .negative = text.len > 0 && text.ptr[0] == '-' };
    size_t at = number.negative;
    if (at + 1 < text.len && text.ptr[at] == '0' && is_digit(text.ptr[at + 1]))
        return false;
    if (!read_digits(text, &at, &number, false))
        return false;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        if (!read_digits(text, &at, &number, true))
            return false;
    }
    if (at < text.len && (text.ptr[at] | 0x20) == 'e') {
        at++;
        if (!read_exponent(text, &at, &number))
            return false;
    }
    *ret = number;
    return at == text.len;
}

/* Correct rounding in general is the C library's; told to use "." whatever the locale of the program. */
static double convert(weir_str text)
{
    pthread_once(&prepared, prepare);
    char local[64];
    char *copy = local;
    if (text.len < sizeof(local)) {
        memcpy(local, text.ptr, text.len);
        local[text.len] = '\0';
    } else {
        copy = wr_copy(text.ptr, text.len);
    }
    const double value = strtod_l(copy, NULL, c_locale);
    if (copy != local)
        wr_free(copy);
    return value;
}

bool wr_double_parse(weir_str text, double *ret)
{
    /* Up to these both factors are exact doubles, so that one operation rounds once. */
    static const double exact_powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    const int exact_max = (int)(sizeof(exact_powers) / sizeof(exact_powers[0])) - 1;

    json_number number;
    if (!read_json_number(text, &number))
        return false;

    const decimal value = number.value;
    if (number.digits_dropped || value.digits > HIDDEN_BIT << 1 || value.exponent < -exact_max ||
        value.exponent > exact_max) {
        *ret = convert(text);
        return true;
    }
    const double digits = (double)value.digits;
    const double size = value.exponent < 0 ? digits / exact_powers[-value.exponent]
                                           : digits * exact_powers[value.exponent];
    *ret = number.negative ? -size : size;
    return true;
}
