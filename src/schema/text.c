/* Trims text and reads the spellings of numbers that Python takes and C does not. */
#include "schema/text.h"

#include "base/utf8.h"

/* Enough nines for 64 hexadecimal digits: 78 decimal ones. */
#define LIMB_COUNT 9
#define LIMB_DIGITS 9
#define LIMB_BASE UINT32_C(1000000000)

static bool is_ascii_printable(char c)
{
    return c > ' ' && c < 0x7F;
}

/* Where the last character begins. */
static size_t last_character(weir_str s)
{
    size_t at = s.len - 1;
    while (at > 0 && s.len - at < 4 && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static bool starts_with_space(weir_str s, size_t *ret_len)
{
    *ret_len = 0;
    return s.len > 0 && wr_is_space(wr_utf8_next(s, ret_len));
}

static bool ends_with_space(weir_str s, size_t *ret_at)
{
    if (s.len == 0)
        return false;
    *ret_at = last_character(s);
    size_t at = *ret_at;
    return wr_is_space(wr_utf8_next(s, &at)) && at == s.len;
}

weir_str wr_text_trim(weir_str s)
{
    if (s.len > 0 && is_ascii_printable(s.ptr[0]) && is_ascii_printable(s.ptr[s.len - 1]))
        return s;

    size_t at = 0;
    while (starts_with_space(s, &at))
        s = (weir_str){ s.ptr + at, s.len - at };
    while (ends_with_space(s, &at))
        s.len = at;
    return s;
}

static bool is_plain(weir_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '_' || (unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* Digits come in runs of ten, some of which touch: the place in the run tells the value. */
static char ascii_digit(uint32_t digit)
{
    uint32_t first = digit;
    while (wr_is_digit(first - 1))
        first--;
    return (char)('0' + (digit - first) % 10);
}

static bool is_between_digits(weir_str text, size_t at, bool after_digit)
{
    return after_digit && at < text.len && wr_is_digit(wr_utf8_next(text, &at));
}

bool wr_number_plain(weir_str text, wr_buf *made, weir_str *ret)
{
    if (is_plain(text)) {
        *ret = text;
        return true;
    }

    wr_buf_clear(made);
    bool after_digit = false;
    for (size_t at = 0; at < text.len;) {
        const uint32_t c = wr_utf8_next(text, &at);
        const bool digit = wr_is_digit(c);
        if (digit)
            wr_buf_char(made, ascii_digit(c));
        else if (c >= 0x80 || (c == '_' && !is_between_digits(text, at, after_digit)))
            return false;
        else if (c != '_')
            wr_buf_char(made, (char)c);
        after_digit = digit;
    }
    *ret = wr_buf_view(made);
    return !made->failed;
}

int wr_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* `limbs` × 16 + `digit`; the lowest limb first. */
static void shift_in(uint32_t limbs[LIMB_COUNT], unsigned digit)
{
    uint64_t carry = digit;
    for (size_t i = 0; i < LIMB_COUNT; i++) {
        carry += (uint64_t)limbs[i] * 16;
        limbs[i] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
}

static void append_limbs(wr_buf *made, const uint32_t limbs[LIMB_COUNT])
{
    size_t top = LIMB_COUNT - 1;
    while (top > 0 && limbs[top] == 0)
        top--;
    wr_buf_printf(made, "%u", limbs[top]);
    while (top-- > 0)
        wr_buf_printf(made, "%0*u", LIMB_DIGITS, limbs[top]);
}

bool wr_number_hex(weir_str digits, wr_buf *made, weir_str *ret)
{
    if (digits.len == 0 || digits.len > WR_HEX_DIGITS_MAX)
        return false;

    uint32_t limbs[LIMB_COUNT] = { 0 };
    for (size_t i = 0; i < digits.len; i++) {
        const int digit = wr_hex_value(digits.ptr[i]);
        if (digit < 0)
            return false;
        shift_in(limbs, (unsigned)digit);
    }
    wr_buf_clear(made);
    append_limbs(made, limbs);
    *ret = wr_buf_view(made);
    return !made->failed;
}

static bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool wr_hex_decode(weir_str digits, wr_buf *out)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (is_ascii_space(digits.ptr[i]))
            continue;
        if (i + 1 == digits.len)
            return false;
        const int high = wr_hex_value(digits.ptr[i++]);
        const int low = wr_hex_value(digits.ptr[i]);
        if (high < 0 || low < 0)
            return false;
        wr_buf_char(out, (char)(high << 4 | low));
    }
    return !out->failed;
}
