/* Values of options: from text to the kind that the option is declared with, and the getters. The rules of what counts
 * as a number or as yes are dlt's, that is Python's: spec/dlt-config-pipeline-cli.md, 1.9. */
#include "config/values.h"

#include <math.h>
#include <strings.h>

#include <weir/source.h>

#include "base/ctx.h"
#include "base/number.h"
#include "base/str.h"
#include "format/json.h"

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

/* A sign stands behind 0x, as dlt has it. */
static bool parse_int(weir_str text, wr_option_value *ret)
{
    text = wr_str_trim(text);
    const bool is_hex = wr_str_starts(text, wr_lit("0x"));
    if (is_hex)
        text = (weir_str){ text.ptr + 2, text.len - 2 };
    const bool positive = take_sign(&text);
    return parse_digits(text, is_hex ? 16 : 10, positive, &ret->number);
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

/* Is it one JSON value of this kind? */
static bool parse_json(weir_str text, wr_jkind kind)
{
    wr_auto(ctx) weir_ctx quiet;
    wr_ctx_init(&quiet, NULL);
    wr_jkind found = WR_JNONE;
    return wr_json_check(&quiet, text, &found) == WEIR_OK && found == kind;
}

static bool parse_list(weir_str text, wr_option_value *ret)
{
    (void)ret;
    return parse_json(text, WR_JARRAY);
}

static bool parse_map(weir_str text, wr_option_value *ret)
{
    (void)ret;
    return parse_json(text, WR_JOBJECT);
}

/* `accepts`: kinds of values beside text that it can be made of, by their text or by their number. */
#define BIT(kind) (1u << (kind))
static const struct {
    const char *name;
    bool (*parse)(weir_str text, wr_option_value *ret);
    unsigned accepts;
} kinds[] = {
    [WEIR_OPTION_TEXT] = { "text", parse_text,
                           BIT(WEIR_BOOL) | BIT(WEIR_INT) | BIT(WEIR_FLOAT) | BIT(WEIR_JSON) },
    [WEIR_OPTION_INT] = { "an integer", parse_int, BIT(WEIR_INT) | BIT(WEIR_FLOAT) },
    [WEIR_OPTION_BOOL] = { "true or false", parse_bool,
                           BIT(WEIR_BOOL) | BIT(WEIR_INT) | BIT(WEIR_FLOAT) },
    [WEIR_OPTION_SECONDS] = { "a number of seconds", parse_seconds,
                              BIT(WEIR_INT) | BIT(WEIR_FLOAT) },
    [WEIR_OPTION_LIST] = { "a list", parse_list, BIT(WEIR_JSON) },
    [WEIR_OPTION_MAP] = { "a table", parse_map, BIT(WEIR_JSON) },
    [WEIR_OPTION_URL] = { "a connection string", parse_text, 0 },
    [WEIR_OPTION_URL_OR_PATH] = { "a connection string or a path", parse_text, 0 },
};

static bool is_choice(const weir_option *option, weir_str text)
{
    if (!option->choices)
        return true;
    for (size_t i = 0; option->choices[i]; i++)
        if (wr_str_eq(text, weir_str_of(option->choices[i])))
            return true;
    return false;
}

bool wr_option_parse(const weir_option *option, weir_str text, wr_option_value *ret)
{
    wr_option_value value = { .text = text };
    if (!is_choice(option, text) || !kinds[option->kind].parse(text, &value))
        return false;
    *ret = value;
    return true;
}

static weir_str float_text(wr_arena *arena, double value)
{
    char text[WR_NUMBER_TEXT];
    return wr_arena_str(arena, (weir_str){ text, wr_double_repr(text, value) });
}

weir_str wr_option_text(wr_arena *arena, weir_value value)
{
    switch (value.kind) {
    case WEIR_BOOL: return value.as.b ? wr_lit("True") : wr_lit("False");
    case WEIR_INT: return wr_arena_printf(arena, "%lld", (long long)value.as.i);
    case WEIR_FLOAT: return float_text(arena, value.as.f);
    case WEIR_TEXT:
    case WEIR_DECIMAL:
    case WEIR_BYTES:
    case WEIR_JSON: return value.as.s;
    case WEIR_PARSED: /* providers' answers are texts by now */
    case WEIR_ABSENT:
    case WEIR_NULL:
    case WEIR_TIMESTAMP:
    case WEIR_DATE:
    case WEIR_TIME: break;
    }
    return wr_lit("");
}

/* A number that is whole may be written with a fraction: 10.0. */
static bool whole_text(wr_arena *arena, double value, weir_str *ret)
{
    if (!(fabs(value) < 9e18) || value != trunc(value))
        return false;
    *ret = wr_arena_printf(arena, "%lld", (long long)value);
    return true;
}

bool wr_option_read(const weir_option *option, weir_value value, wr_arena *arena,
                    wr_option_value *ret)
{
    if (value.kind == WEIR_TEXT)
        return wr_option_parse(option, value.as.s, ret);
    if (!(kinds[option->kind].accepts & BIT(value.kind)))
        return false;

    weir_str text = wr_option_text(arena, value);
    if (option->kind == WEIR_OPTION_BOOL && value.kind != WEIR_BOOL) {
        const bool yes = value.kind == WEIR_INT ? value.as.i != 0 : value.as.f != 0;
        text = yes ? wr_lit("true") : wr_lit("false");
    } else if (option->kind == WEIR_OPTION_INT && value.kind == WEIR_FLOAT) {
        if (!whole_text(arena, value.as.f, &text))
            return false;
    }
    return wr_option_parse(option, text, ret);
}

const char *wr_option_kind_name(weir_option_kind kind)
{
    return kinds[kind].name;
}

bool wr_option_is_url(const weir_option *option)
{
    return option->kind == WEIR_OPTION_URL || option->kind == WEIR_OPTION_URL_OR_PATH;
}

bool wr_option_is_secret(const weir_option *option)
{
    return option->secret || wr_option_is_url(option);
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

const char *weir_config(weir_ctx *cx, const char *name)
{
    wr_assert(cx && cx->options); /* the source declares options */
    const weir_str text = find(cx->options, name)->text;
    return text.ptr ? text.ptr : "";
}
