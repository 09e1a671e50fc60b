/* Values of options: from text to the kind that the option is declared with, and the getters. The rules of what counts
 * as a number or as yes are dlt's, that is Python's: spec/dlt-config-pipeline-cli.md, 1.9. */
#include "config/values.h"

#include <math.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/number.h"
#include "base/str.h"

static bool is_word(weir_str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* Cut off a sign; false for a minus. */
static bool take_sign(weir_str *text)
{
    if (text->len == 0 || (text->ptr[0] != '-' && text->ptr[0] != '+'))
        return true;
    const bool positive = text->ptr[0] == '+';
    text->ptr++;
    text->len--;
    return positive;
}

/* Digits of a base, single underscores between them. */
static bool parse_digits(weir_str text, int base, bool positive, int64_t *ret)
{
    int64_t value = 0;
    bool after_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '_' && after_digit) {
            after_digit = false;
            continue;
        }
        const int digit = digit_value(text.ptr[i]);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, positive ? digit : -digit, &value))
            return false;
        after_digit = true;
    }
    if (!after_digit)
        return false;
    *ret = value;
    return true;
}

static bool parse_int(weir_str text, wr_option_value *ret)
{
    text = wr_str_trim(text);
    const bool positive = take_sign(&text);
    int base = 10;
    if (text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] == 'x' || text.ptr[1] == 'X')) {
        base = 16;
        text.ptr += 2;
        text.len -= 2;
    }
    return parse_digits(text, base, positive, &ret->number);
}

static bool parse_bool(weir_str text, wr_option_value *ret)
{
    static const struct {
        const char *word;
        bool yes;
    } words[] = {
        { "true", true },   { "yes", true }, { "t", true },  { "y", true },  { "1", true },
        { "false", false }, { "no", false }, { "f", false }, { "n", false }, { "0", false },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (is_word(text, words[i].word)) {
            ret->yes = words[i].yes;
            return true;
        }
    }
    return false;
}

static bool parse_seconds(weir_str text, wr_option_value *ret)
{
    text = wr_str_trim(text);
    const bool positive = take_sign(&text);
    double value = INFINITY;
    if (!is_word(text, "inf") && !is_word(text, "infinity")) {
        /* A second sign would pass for that of the number. */
        if (text.len == 0 || text.ptr[0] == '-' || !wr_double_parse(text, &value))
            return false;
    }
    ret->seconds = positive ? value : -value;
    return true;
}

static bool parse_text(weir_str text, wr_option_value *ret)
{
    (void)text;
    (void)ret;
    return true;
}

static const struct {
    const char *name;
    bool (*parse)(weir_str text, wr_option_value *ret);
} kinds[] = {
    [WEIR_OPTION_TEXT] = { "text", parse_text },
    [WEIR_OPTION_INT] = { "an integer", parse_int },
    [WEIR_OPTION_BOOL] = { "true or false", parse_bool },
    [WEIR_OPTION_SECONDS] = { "a number of seconds", parse_seconds },
};

bool wr_option_parse(const weir_option *option, weir_str text, wr_option_value *ret)
{
    wr_option_value value = { .text = text };
    if (!kinds[option->kind].parse(text, &value))
        return false;
    *ret = value;
    return true;
}

const char *wr_option_kind_name(weir_option_kind kind)
{
    return kinds[kind].name;
}

static const wr_option_value *find(const weir_option_values *values, const char *name)
{
    wr_assert(values && name);
    size_t i = 0;
    while (values->options[i].name && strcmp(values->options[i].name, name) != 0)
        i++;
    wr_assert(values->options[i].name); /* the option is declared */
    return &values->values[i];
}

weir_str weir_option_text(const weir_option_values *values, const char *name)
{
    return find(values, name)->text;
}

bool weir_option_given(const weir_option_values *values, const char *name)
{
    return find(values, name)->given;
}

int64_t weir_option_int(const weir_option_values *values, const char *name)
{
    return find(values, name)->number;
}

bool weir_option_bool(const weir_option_values *values, const char *name)
{
    return find(values, name)->yes;
}

double weir_option_seconds(const weir_option_values *values, const char *name)
{
    return find(values, name)->seconds;
}
