/* UTF-8 read and written by hand, and the two Unicode properties that names and numbers need. */
#include "base/utf8.h"

/* A byte that starts no character is handed out as this plus itself, as Python's surrogateescape does. */
#define ESCAPE_BASE 0xDC00u
#define REPLACEMENT 0xFFFDu

/* First code points of the runs of ten digits (general category Nd) of Unicode 14, that of Python 3.11. */
static const uint32_t digit_runs[] = {
    0x0030,  0x0660,  0x06F0,  0x07C0,  0x0966,  0x09E6,  0x0A66,  0x0AE6,  0x0B66,  0x0BE6,
    0x0C66,  0x0CE6,  0x0D66,  0x0DE6,  0x0E50,  0x0ED0,  0x0F20,  0x1040,  0x1090,  0x17E0,
    0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,
    0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
};
#define DIGIT_RUN_LEN 10

static bool is_ascii_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

/* How many bytes from `at` on are ASCII; may stop early, but never at a byte that is. */
static size_t skip_ascii(weir_str s, size_t at)
{
    while (s.len - at >= sizeof(uint64_t) && is_ascii_word(s.ptr + at))
        at += sizeof(uint64_t);
    while (at < s.len && (unsigned char)s.ptr[at] < 0x80)
        at++;
    return at;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The second byte decides about overlong forms, surrogates and what lies beyond U+10FFFF. */
static bool is_second(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return is_continuation(second);
    }
}

static size_t length_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead < 0xF5 ? 4 : 0;
}

/* Bytes of the well-formed character at `p`, of which `left` are there; 0 when there is none. */
static size_t character_len(const unsigned char *p, size_t left)
{
    const size_t len = length_by_lead(p[0]);
    if (len > left)
        return 0;
    if (len > 1 && !is_second(p[0], p[1]))
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (!is_continuation(p[i]))
            return 0;
    }
    return len;
}

size_t wr_utf8_valid(weir_str s)
{
    size_t at = 0;
    while ((at = skip_ascii(s, at)) < s.len) {
        const size_t len = character_len((const unsigned char *)s.ptr + at, s.len - at);
        if (len == 0)
            return at;
        at += len;
    }
    return s.len;
}

uint32_t wr_utf8_next(weir_str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    const size_t len = character_len(p, s.len - *at);
    *at += len ? len : 1;

    switch (len) {
    case 0: return ESCAPE_BASE + p[0];
    case 1: return p[0];
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    default:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    }
}

static char tail_byte(uint32_t code_point, unsigned shift)
{
    return (char)(0x80 | ((code_point >> shift) & 0x3F));
}

size_t wr_utf8_put(char *ret, uint32_t code_point)
{
    if (code_point < 0x80) {
        ret[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        ret[0] = (char)(0xC0 | code_point >> 6);
        ret[1] = tail_byte(code_point, 0);
        return 2;
    }
    if (code_point >= ESCAPE_BASE + 0x80 && code_point <= ESCAPE_BASE + 0xFF) {
        ret[0] = (char)(code_point - ESCAPE_BASE);
        return 1;
    }
    if ((code_point >= 0xD800 && code_point <= 0xDFFF) || code_point > 0x10FFFF)
        code_point = REPLACEMENT;
    if (code_point < 0x10000) {
        ret[0] = (char)(0xE0 | code_point >> 12);
        ret[1] = tail_byte(code_point, 6);
        ret[2] = tail_byte(code_point, 0);
        return 3;
    }
    ret[0] = (char)(0xF0 | code_point >> 18);
    ret[1] = tail_byte(code_point, 12);
    ret[2] = tail_byte(code_point, 6);
    ret[3] = tail_byte(code_point, 0);
    return 4;
}

static size_t next_character(weir_str s, size_t at)
{
    const size_t len = character_len((const unsigned char *)s.ptr + at, s.len - at);
    return at + (len ? len : 1);
}

size_t wr_utf8_len(weir_str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) {
        const size_t ascii_end = skip_ascii(s, at);
        count += ascii_end - at;
        if (ascii_end == s.len)
            break;
        at = next_character(s, ascii_end);
    }
    return count;
}

size_t wr_utf8_prefix(weir_str s, size_t count)
{
    size_t at = 0;
    for (; count > 0 && at < s.len; count--)
        at = next_character(s, at);
    return at;
}

bool wr_is_space(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= 0x09 && code_point <= 0x0D) ||
               (code_point >= 0x1C && code_point <= 0x1F);
    switch (code_point) {
    case 0x0085:
    case 0x00A0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000: return true;
    default: return code_point >= 0x2000 && code_point <= 0x200A;
    }
}

bool wr_is_digit(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= '0' && code_point <= '9';

    size_t low = 0; /* the last run that starts at or before the code point */
    size_t high = sizeof(digit_runs) / sizeof(digit_runs[0]);
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (digit_runs[middle] <= code_point)
            low = middle;
        else
            high = middle;
    }
    return code_point - digit_runs[low] < DIGIT_RUN_LEN;
}
