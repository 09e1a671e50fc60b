/* Values without quotes: booleans, integers in four bases, floats; and what is none of them. */
#include <math.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/number.h"
#include "format/toml_parts.h"

/* What people write for what TOML spells otherwise, compared without case. */
static const struct {
    const char *word;
    const char *hint;
} known_words[] = {
    { "true", "booleans are 'true' and 'false', in lower case" },
    { "false", "booleans are 'true' and 'false', in lower case" },
    { "yes", "booleans are 'true' and 'false'" },
    { "no", "booleans are 'true' and 'false'" },
    { "on", "booleans are 'true' and 'false'" },
    { "off", "booleans are 'true' and 'false'" },
    { "null", "TOML has no null: leave the key out" },
    { "none", "TOML has no null: leave the key out" },
    { "nil", "TOML has no null: leave the key out" },
    { "inf", "infinity is 'inf', in lower case" },
    { "infinity", "infinity is 'inf'" },
    { "nan", "not a number is 'nan', in lower case" },
};

static bool is_letter(char c)
{
    const char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'z';
}

/* ---- what is no value ---- */

static bool looks_like_number(weir_str word)
{
    const char c = word.len > 0 ? *word.ptr : '\0';
    return wr_toml_is_digit(c) || c == '+' || c == '-' || c == '.';
}

static const char *hint_for_number(weir_str word)
{
    const size_t sign = *word.ptr == '+' || *word.ptr == '-';
    const weir_str digits = { word.ptr + sign, word.len - sign };
    if (digits.len > 1 && digits.ptr[0] == '0' && wr_toml_is_digit(digits.ptr[1]))
        return "a number does not begin with 0; what is no number needs quotes";
    if (digits.len > 1 && digits.ptr[0] == '0' && strchr("xXoObB", digits.ptr[1]))
        return "0x, 0o and 0b begin integers in another base: in lower case, without a sign";
    if (wr_str_starts(digits, wr_lit(".")) || wr_str_ends(digits, wr_lit(".")))
        return "a float has digits on both sides of its dot";
    if (memchr(word.ptr, '_', word.len))
        return "'_' may only stand between two digits";
    return "what is no number needs quotes";
}

static const char *hint_for_word(weir_str word)
{
    for (size_t i = 0; i < sizeof(known_words) / sizeof(*known_words); i++) {
        if (word.len == strlen(known_words[i].word) &&
            strncasecmp(word.ptr, known_words[i].word, word.len) == 0)
            return known_words[i].hint;
    }
    if (wr_str_starts(word, wr_lit("\xE2\x80")))
        return "these quotes are typographic ones: write \" or '";
    if (memchr(word.ptr, '\\', word.len))
        return "text needs quotes; single ones take a backslash as it is: 'C:\\data'";
    return strchr(",]}=", *word.ptr) ? NULL : "text needs quotes";
}

static weir_status refuse(wr_toml_scan *s, weir_str word)
{
    const bool number = looks_like_number(word);
    const weir_status status = wr_toml_expected(s, s->at, number ? "a number" : "a value");
    const char *hint = NULL;
    if (number)
        hint = hint_for_number(word);
    else if (s->at == s->end || wr_toml_at_newline(s) || *s->at == '#')
        hint = "an empty text is \"\"; what has no value is left out";
    else if (word.len > 0)
        hint = hint_for_word(word);
    if (hint)
        wr_hint(s->cx, "%s", hint);
    return status;
}

static weir_status refuse_range(wr_toml_scan *s, weir_str word, const char *expected)
{
    return wr_toml_fail(s->cx, WEIR_PARSE, wr_toml_place_of(s, s->at), "expected %s, found '%s'",
                        expected, wr_toml_cut(s, word));
}

/* ---- numbers ---- */

static int digit_of(char c, int base)
{
    int digit = 99;
    if (wr_toml_is_digit(c))
        digit = c - '0';
    else if (is_letter(c))
        digit = (c | 0x20) - 'a' + 10;
    return digit < base ? digit : -1;
}

/* Digits from `*at` on, each "_" between two of them, to the buffer without it. False when there are none. */
static bool take_digits(weir_str word, size_t *at, int base, wr_buf *out)
{
    const size_t start = *at;
    for (; *at < word.len; ++*at) {
        if (digit_of(word.ptr[*at], base) >= 0)
            wr_buf_char(out, word.ptr[*at]);
        else if (word.ptr[*at] != '_' || *at == start || word.ptr[*at - 1] == '_')
            break;
    }
    return *at > start && word.ptr[*at - 1] != '_';
}

static bool take_sign(weir_str word, size_t *at, wr_buf *out)
{
    if (*at == word.len || (word.ptr[*at] != '+' && word.ptr[*at] != '-'))
        return false;
    if (word.ptr[*at] == '-')
        wr_buf_char(out, '-');
    ++*at;
    return true;
}

/* 0xff, 0o17, 0b101. */
static bool is_based(weir_str word, int *ret_base)
{
    if (word.len < 2 || word.ptr[0] != '0')
        return false;
    switch (word.ptr[1]) {
    case 'x': *ret_base = 16; return true;
    case 'o': *ret_base = 8; return true;
    case 'b': *ret_base = 2; return true;
    default: return false;
    }
}

static weir_status read_based(wr_toml_scan *s, weir_str word, int base, wr_toml *value)
{
    size_t at = 2;
    if (!take_digits(word, &at, base, &s->content) || at < word.len)
        return refuse(s, word);

    const weir_str digits = wr_buf_view(&s->content);
    int64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        const int digit = digit_of(digits.ptr[i], base);
        if (number > (INT64_MAX - digit) / base)
            return refuse_range(s, word, "an integer of 64 bits with sign");
        number = number * base + digit;
    }
    value->kind = WR_TOML_INT;
    value->as.i = number;
    return WEIR_OK;
}

/* The grammar of decimal numbers; leaves sign, digits, "." and exponent in s->content, as JSON spells them. */
static bool take_decimal(wr_toml_scan *s, weir_str word, wr_toml_kind *ret_kind)
{
    size_t at = 0;
    take_sign(word, &at, &s->content);
    const size_t first = at;
    if (!take_digits(word, &at, 10, &s->content) || (word.ptr[first] == '0' && at > first + 1))
        return false;

    *ret_kind = at < word.len ? WR_TOML_FLOAT : WR_TOML_INT;
    if (at < word.len && word.ptr[at] == '.') {
        wr_buf_char(&s->content, word.ptr[at++]);
        if (!take_digits(word, &at, 10, &s->content))
            return false;
    }
    if (at < word.len && (word.ptr[at] | 0x20) == 'e') {
        wr_buf_char(&s->content, word.ptr[at++]);
        take_sign(word, &at, &s->content);
        if (!take_digits(word, &at, 10, &s->content))
            return false;
    }
    return at == word.len;
}

static weir_status read_decimal(wr_toml_scan *s, weir_str word, wr_toml *value)
{
    if (!take_decimal(s, word, &value->kind))
        return refuse(s, word);
    const weir_str number = wr_buf_view(&s->content);
    if (value->kind == WR_TOML_INT)
        return wr_int_parse(number, &value->as.i)
                   ? WEIR_OK
                   : refuse_range(s, word, "an integer of 64 bits with sign");
    if (wr_double_parse(number, &value->as.f) && isfinite(value->as.f))
        return WEIR_OK;
    return refuse_range(s, word, "a float in the range of doubles");
}

/* inf and nan, with or without a sign. */
static bool is_special(weir_str word, double *ret)
{
    const size_t sign = word.len == 4 && (*word.ptr == '+' || *word.ptr == '-');
    const weir_str name = { word.ptr + sign, word.len - sign };
    if (wr_str_eq(name, wr_lit("inf")))
        *ret = sign && *word.ptr == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (wr_str_eq(name, wr_lit("nan")))
        *ret = (double)NAN;
    else
        return false;
    return true;
}

static bool is_bool(weir_str word, bool *ret)
{
    *ret = wr_str_eq(word, wr_lit("true"));
    return *ret || wr_str_eq(word, wr_lit("false"));
}

static weir_status read_word(wr_toml_scan *s, weir_str word, wr_toml *value)
{
    int base;
    if (is_bool(word, &value->as.b))
        value->kind = WR_TOML_BOOL;
    else if (is_special(word, &value->as.f))
        value->kind = WR_TOML_FLOAT;
    else if (is_based(word, &base))
        return read_based(s, word, base, value);
    else
        return read_decimal(s, word, value);
    return WEIR_OK;
}

weir_status wr_toml_scalar(wr_toml_scan *s, wr_toml *value)
{
    const weir_str word = wr_toml_word(s, s->at);
    if (wr_toml_looks_like_time(word))
        return wr_toml_time(s, value);

    wr_buf_clear(&s->content);
    WEIR_TRY(read_word(s, word, value));
    value->text = word;
    s->at += word.len;
    return WEIR_OK;
}
