/* Makes values fit the types of columns: a table of functions, column type × kind of value. */
#include "schema/coerce.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"
#include "schema/decimal.h"
#include "schema/text.h"

#define KIND_COUNT (WEIR_JSON + 1)
#define TYPE_COUNT (WEIR_TYPE_JSON + 1)

/* Of numbers that Python alone takes, and have to be spelled anew. */
#define NUMBER_TEXT_MAX ((size_t)64 << 10)
#define JSON_TEXT_MAX ((size_t)64 << 20)

#define SECONDS_MIN (WR_TIME_MIN / WR_US_PER_SECOND)
#define SECONDS_MAX (WR_TIME_MAX / WR_US_PER_SECOND)

/* Writes the value that fits to *ret. False: it does not fit. */
typedef bool coercion(const weir_value *value, wr_buf *scratch, weir_value *ret);

/* ---- results ---- */

/* Field by field: a whole value that is put together in memory first and then copied makes the
 * processor wait for each part, which costs more than most coercions. */
static bool give_int(weir_value *ret, weir_kind kind, int64_t i)
{
    ret->kind = kind;
    ret->as.i = i;
    return true;
}

static bool give_double(weir_value *ret, double f)
{
    ret->kind = WEIR_FLOAT;
    ret->as.f = f;
    return true;
}

static bool give_bool(weir_value *ret, bool b)
{
    ret->kind = WEIR_BOOL;
    ret->as.b = b;
    return true;
}

static bool give_text(weir_value *ret, weir_kind kind, weir_str s)
{
    ret->kind = kind;
    ret->as.s = s;
    return true;
}

/* What was put into `scratch`. */
static bool give_made(weir_value *ret, weir_kind kind, const wr_buf *scratch)
{
    return !scratch->failed && give_text(ret, kind, wr_buf_view(scratch));
}

static bool give_timestamp(weir_value *ret, weir_time us)
{
    return us >= WR_TIME_MIN && us <= WR_TIME_MAX && give_int(ret, WEIR_TIMESTAMP, us);
}

static bool give_day_of(weir_value *ret, weir_time us)
{
    const int64_t days = us / WR_US_PER_DAY;
    return give_int(ret, WEIR_DATE, us % WR_US_PER_DAY < 0 ? days - 1 : days);
}

/* ---- numbers ---- */

/* dlt's number in a text: trimmed, `0x` and hexadecimal digits, or what Python takes. Borrowed
 * from `text` or `made`. */
static bool number_in(weir_str text, wr_buf *made, weir_str *ret)
{
    const weir_str trimmed = wr_text_trim(text);
    if (wr_str_starts(trimmed, wr_lit("0x")))
        return wr_number_hex((weir_str){ trimmed.ptr + 2, trimmed.len - 2 }, made, ret);
    return wr_number_plain(trimmed, made, ret);
}

static bool give_decimal(weir_value *ret, weir_str number, wr_buf *scratch)
{
    wr_decimal decimal;
    if (!wr_decimal_parse(number, &decimal))
        return false;
    wr_buf_clear(scratch);
    wr_decimal_write(scratch, &decimal);
    return give_made(ret, WEIR_TEXT, scratch);
}

static bool give_double_in(weir_value *ret, weir_str number)
{
    double value;
    wr_decimal decimal;
    if (wr_double_parse(number, &value))
        return give_double(ret, value);
    return wr_decimal_parse(number, &decimal) && give_double(ret, wr_decimal_double(&decimal));
}

static bool text_to_bigint(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    int64_t i;
    if (wr_int_parse(value->as.s, &i))
        return give_int(ret, WEIR_INT, i);

    wr_auto(buf) wr_buf made = wr_buf_max(NUMBER_TEXT_MAX);
    weir_str number;
    return number_in(value->as.s, &made, &number) && wr_int_parse(number, &i) &&
           give_int(ret, WEIR_INT, i);
}

static bool text_to_double(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    double f;
    if (wr_double_parse(value->as.s, &f))
        return give_double(ret, f);

    wr_auto(buf) wr_buf made = wr_buf_max(NUMBER_TEXT_MAX);
    weir_str number;
    return number_in(value->as.s, &made, &number) && give_double_in(ret, number);
}

static bool text_to_decimal(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    if (wr_decimal_is_canonical(value->as.s))
        return give_text(ret, WEIR_TEXT, value->as.s);

    wr_auto(buf) wr_buf made = wr_buf_max(NUMBER_TEXT_MAX);
    weir_str number;
    return number_in(value->as.s, &made, &number) && give_decimal(ret, number, scratch);
}

/* Beyond these doubles there is no 64-bit integer; both are exact. */
#define BIGINT_LOW (-0x1p63)
#define BIGINT_END 0x1p63

static bool double_to_bigint(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    const double f = value->as.f;
    if (!(f >= BIGINT_LOW && f < BIGINT_END) || (double)(int64_t)f != f)
        return false;
    return give_int(ret, WEIR_INT, (int64_t)f);
}

static bool decimal_to_bigint(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    int64_t i;
    wr_decimal decimal;
    if (wr_int_parse(value->as.s, &i))
        return give_int(ret, WEIR_INT, i);
    return wr_decimal_parse(value->as.s, &decimal) && wr_decimal_int(&decimal, &i) &&
           give_int(ret, WEIR_INT, i);
}

static bool bigint_to_double(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_double(ret, (double)value->as.i);
}

static bool decimal_to_double(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_double_in(ret, value->as.s);
}

static bool double_to_decimal(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char digits[WR_NUMBER_TEXT];
    const size_t len = wr_double_repr(digits, value->as.f);
    return give_decimal(ret, (weir_str){ digits, len }, scratch);
}

/* Also to text: the text of a decimal is the one of its number. */
static bool decimal_to_decimal(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    if (wr_decimal_is_canonical(value->as.s))
        return give_text(ret, WEIR_TEXT, value->as.s);
    return give_decimal(ret, value->as.s, scratch);
}

/* ---- truth ---- */

static bool equals_lower(weir_str s, const char *lower)
{
    const size_t len = strlen(lower);
    for (size_t i = 0; i < s.len && s.len == len; i++) {
        const char c = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] | 0x20) : s.ptr[i];
        if (c != lower[i])
            return false;
    }
    return s.len == len;
}

static bool text_to_bool(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    static const char *const words[][2] = {
        { "no", "yes" }, { "false", "true" }, { "f", "t" }, { "n", "y" }, { "0", "1" },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (size_t b = 0; b < 2; b++) {
            if (equals_lower(value->as.s, words[i][b]))
                return give_bool(ret, b == 1);
        }
    }
    return false;
}

static bool bigint_to_bool(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_bool(ret, value->as.i != 0);
}

/* NaN is true. */
static bool double_to_bool(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_bool(ret, !(value->as.f == 0.0));
}

static bool decimal_to_bool(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    wr_decimal decimal;
    if (!wr_decimal_parse(value->as.s, &decimal))
        return false;
    return give_bool(ret, decimal.kind != WR_DECIMAL_FINITE || !wr_decimal_is_zero(&decimal));
}

/* ---- bytes ---- */

static bool text_to_binary(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    wr_buf_clear(scratch);
    if (wr_str_starts(value->as.s, wr_lit("0x"))) {
        const weir_str digits = { value->as.s.ptr + 2, value->as.s.len - 2 };
        return wr_hex_decode(digits, scratch) && give_made(ret, WEIR_BYTES, scratch);
    }

    size_t len;
    char *room = wr_buf_room(scratch, value->as.s.len / 4 * 3 + 1);
    if (!room || !wr_base64_decode((uint8_t *)room, &len, value->as.s))
        return false;
    wr_buf_used(scratch, len);
    return give_made(ret, WEIR_BYTES, scratch);
}

/* Little-endian, as few bytes as hold the value: none for 0. */
static bool bigint_to_binary(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    if (value->as.i < 0)
        return false;
    wr_buf_clear(scratch);
    for (uint64_t rest = (uint64_t)value->as.i; rest > 0; rest >>= 8)
        wr_buf_char(scratch, (char)(rest & 0xFF));
    return give_made(ret, WEIR_BYTES, scratch);
}

/* ---- time ---- */

static bool us_of_int(int64_t seconds, weir_time *ret)
{
    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
        return false;
    *ret = seconds * WR_US_PER_SECOND;
    return true;
}

static int64_t round_half_even(double x)
{
    const int64_t whole = (int64_t)x;
    const double rest = x - (double)whole;
    const bool odd = whole % 2 != 0;
    if (rest > 0.5 || (rest == 0.5 && odd))
        return whole + 1;
    if (rest < -0.5 || (rest == -0.5 && odd))
        return whole - 1;
    return whole;
}

/* As Python's datetime.fromtimestamp(): the fraction alone is scaled and rounded. */
static bool us_of_double(double seconds, weir_time *ret)
{
    if (!(seconds >= (double)SECONDS_MIN && seconds <= (double)SECONDS_MAX + 1))
        return false;
    const int64_t whole = (int64_t)seconds;
    const double fraction = seconds - (double)whole;
    *ret = whole * WR_US_PER_SECOND + round_half_even(fraction * (double)WR_US_PER_SECOND);
    return *ret >= WR_TIME_MIN && *ret <= WR_TIME_MAX;
}

/* Unix seconds in a text; `0x` is no number here. */
static bool us_of_number(weir_str text, weir_time *ret)
{
    wr_auto(buf) wr_buf made = wr_buf_max(NUMBER_TEXT_MAX);
    weir_str number;
    weir_value seconds;
    return wr_number_plain(wr_text_trim(text), &made, &number) &&
           give_double_in(&seconds, number) && us_of_double(seconds.as.f, ret);
}

static bool us_of_text(weir_str text, weir_time *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    if (iso.kind == WR_ISO_NONE)
        return us_of_number(text, ret);
    if (iso.kind == WR_ISO_CLOCK || iso.refused)
        return false;
    *ret = iso.us;
    return true;
}

static bool text_to_timestamp(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    weir_time us;
    return us_of_text(value->as.s, &us) && give_timestamp(ret, us);
}

static bool bigint_to_timestamp(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    weir_time us;
    return us_of_int(value->as.i, &us) && give_int(ret, WEIR_TIMESTAMP, us);
}

static bool double_to_timestamp(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    weir_time us;
    return us_of_double(value->as.f, &us) && give_int(ret, WEIR_TIMESTAMP, us);
}

static bool date_to_timestamp(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    const int64_t days = value->as.i;
    return days >= WR_TIME_MIN / WR_US_PER_DAY && days <= WR_TIME_MAX / WR_US_PER_DAY &&
           give_int(ret, WEIR_TIMESTAMP, days * WR_US_PER_DAY);
}

static bool text_to_date(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    return text_to_timestamp(value, scratch, ret) && give_day_of(ret, ret->as.i);
}

static bool bigint_to_date(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    return bigint_to_timestamp(value, scratch, ret) && give_day_of(ret, ret->as.i);
}

static bool double_to_date(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    return double_to_timestamp(value, scratch, ret) && give_day_of(ret, ret->as.i);
}

static bool timestamp_to_date(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_day_of(ret, value->as.i);
}

static bool text_to_time(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    const wr_iso iso = wr_iso_parse(value->as.s);
    if (iso.kind != WR_ISO_CLOCK || iso.refused)
        return false;
    const int64_t us = (iso.us - iso.zone_seconds * WR_US_PER_SECOND) % WR_US_PER_DAY;
    return give_int(ret, WEIR_TIME, us < 0 ? us + WR_US_PER_DAY : us);
}

/* ---- json ---- */

/* Cheaper than a parser for the texts that are most often no JSON. */
static bool may_be_json(weir_str text)
{
    return text.len > 0 && memchr("{[\"-0123456789tfn \t\r\n", text.ptr[0], 21);
}

static bool is_json_blank(weir_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!memchr(" \t\r\n", s.ptr[i], 4))
            return false;
    }
    return true;
}

/* Are all numbers in the range of doubles? The values stand in memory one behind the other. */
static bool has_finite_numbers(const wr_jval *root)
{
    const wr_jval *end = wr_jnext(root);
    for (const wr_jval *v = root; v < end; v++) {
        double number;
        if (wr_jkind_of(v) == WR_JRAW &&
            (!wr_double_parse(wr_jtext(v), &number) || number - number != 0))
            return false;
    }
    return true;
}

static bool text_to_json(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    const weir_str text = value->as.s;
    if (!may_be_json(text))
        return false;

    wr_auto(buf) wr_buf copy = wr_buf_max(JSON_TEXT_MAX);
    char *room = wr_buf_room(&copy, text.len + WR_JSON_PADDING);
    if (!room)
        return false;
    memcpy(room, text.ptr, text.len);

    /* The message is of no use: a text that is no JSON is not a failure. */
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    const wr_jval *parsed;
    size_t used;
    if (wr_json_read(&cx, &reader, room, text.len, &parsed, &used) != WEIR_OK ||
        !is_json_blank((weir_str){ text.ptr + used, text.len - used }) ||
        !has_finite_numbers(parsed))
        return false;
    if (wr_jkind_of(parsed) == WR_JNULL) {
        *ret = weir_null();
        return true;
    }

    wr_buf_clear(scratch);
    wr_json_write(scratch, parsed);
    return give_made(ret, WEIR_TEXT, scratch);
}

/* Where the closing quote of a text in JSON is whose content starts at `at`. */
static size_t end_of_text(weir_str json, size_t at)
{
    while (at < json.len && json.ptr[at] != '"')
        at += json.ptr[at] == '\\' ? 2 : 1;
    return at < json.len ? at : json.len;
}

static bool may_have_marks(weir_str json)
{
    const char *end = json.ptr + json.len;
    for (const char *p = json.ptr; json.len > 0 && (p = memchr(p, 0xEF, (size_t)(end - p))); p++) {
        if (end - p > 1 && (unsigned char)p[1] == 0x80)
            return true;
    }
    return false;
}

/* Texts inside lose the mark of their type, keys keep it. */
static void append_unmarked(wr_buf *out, weir_str json)
{
    size_t done = 0;
    for (size_t at = 0; at < json.len; at++) {
        if (json.ptr[at] != '"')
            continue;
        const size_t start = at + 1;
        at = end_of_text(json, start);
        const bool key = at + 1 < json.len && json.ptr[at + 1] == ':';
        const size_t mark = wr_typed_mark((weir_str){ json.ptr + start, at - start });
        if (mark == 0 || mark == at - start || key)
            continue;
        wr_buf_append(out, json.ptr + done, start - done);
        done = start + mark;
    }
    wr_buf_append(out, json.ptr + done, json.len - done);
}

/* Also to text: the text of a JSON value is its compact form. */
static bool json_to_json(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    if (!may_have_marks(value->as.s))
        return give_text(ret, WEIR_TEXT, value->as.s);
    wr_buf_clear(scratch);
    append_unmarked(scratch, value->as.s);
    return give_made(ret, WEIR_TEXT, scratch);
}

/* ---- to text ---- */

/* Room for `size` bytes of a text that replaces what `scratch` had. */
static char *begin_text(wr_buf *scratch, size_t size)
{
    wr_buf_clear(scratch);
    return wr_buf_room(scratch, size);
}

static bool end_text(wr_buf *scratch, size_t len, weir_value *ret)
{
    wr_buf_used(scratch, len);
    return give_made(ret, WEIR_TEXT, scratch);
}

static bool bool_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    return give_text(ret, WEIR_TEXT, value->as.b ? wr_lit("True") : wr_lit("False"));
}

static bool bigint_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_NUMBER_TEXT);
    return room && end_text(scratch, wr_int_text(room, value->as.i), ret);
}

static bool double_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_NUMBER_TEXT);
    return room && end_text(scratch, wr_double_repr(room, value->as.f), ret);
}

static bool bytes_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_BASE64_LEN(value->as.s.len));
    return room &&
           end_text(scratch,
                    wr_base64_encode(room, (const uint8_t *)value->as.s.ptr, value->as.s.len), ret);
}

static bool timestamp_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_TIME_TEXT);
    return room && end_text(scratch, wr_time_iso(room, value->as.i), ret);
}

static bool date_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_TIME_TEXT);
    return room && end_text(scratch, wr_date_iso(room, value->as.i), ret);
}

static bool time_to_text(const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    char *room = begin_text(scratch, WR_TIME_TEXT);
    return room && end_text(scratch, wr_clock_iso(room, value->as.i), ret);
}

/* ---- the tables ---- */

const uint8_t wr_ready_type[KIND_COUNT] = {
    [WEIR_BOOL] = WEIR_TYPE_BOOL,           [WEIR_INT] = WEIR_TYPE_BIGINT,
    [WEIR_FLOAT] = WEIR_TYPE_DOUBLE,        [WEIR_TEXT] = WEIR_TYPE_TEXT,
    [WEIR_DECIMAL] = WR_NOT_READY,          [WEIR_BYTES] = WEIR_TYPE_BINARY,
    [WEIR_TIMESTAMP] = WEIR_TYPE_TIMESTAMP, [WEIR_DATE] = WEIR_TYPE_DATE,
    [WEIR_TIME] = WEIR_TYPE_TIME,           [WEIR_JSON] = WR_NOT_READY,
};

/* What is not there does not fit. */
static coercion *const coercions[TYPE_COUNT][KIND_COUNT] = {
    [WEIR_TYPE_TEXT] = {
        [WEIR_BOOL] = bool_to_text,
        [WEIR_INT] = bigint_to_text,
        [WEIR_FLOAT] = double_to_text,
        [WEIR_DECIMAL] = decimal_to_decimal,
        [WEIR_BYTES] = bytes_to_text,
        [WEIR_TIMESTAMP] = timestamp_to_text,
        [WEIR_DATE] = date_to_text,
        [WEIR_TIME] = time_to_text,
        [WEIR_JSON] = json_to_json,
    },
    [WEIR_TYPE_BIGINT] = {
        [WEIR_TEXT] = text_to_bigint,
        [WEIR_FLOAT] = double_to_bigint,
        [WEIR_DECIMAL] = decimal_to_bigint,
    },
    [WEIR_TYPE_DOUBLE] = {
        [WEIR_TEXT] = text_to_double,
        [WEIR_INT] = bigint_to_double,
        [WEIR_DECIMAL] = decimal_to_double,
    },
    [WEIR_TYPE_BOOL] = {
        [WEIR_TEXT] = text_to_bool,
        [WEIR_INT] = bigint_to_bool,
        [WEIR_FLOAT] = double_to_bool,
        [WEIR_DECIMAL] = decimal_to_bool,
    },
    [WEIR_TYPE_TIMESTAMP] = {
        [WEIR_TEXT] = text_to_timestamp,
        [WEIR_INT] = bigint_to_timestamp,
        [WEIR_FLOAT] = double_to_timestamp,
        [WEIR_DATE] = date_to_timestamp,
    },
    [WEIR_TYPE_DATE] = {
        [WEIR_TEXT] = text_to_date,
        [WEIR_INT] = bigint_to_date,
        [WEIR_FLOAT] = double_to_date,
        [WEIR_TIMESTAMP] = timestamp_to_date,
    },
    [WEIR_TYPE_TIME] = { [WEIR_TEXT] = text_to_time },
    [WEIR_TYPE_DECIMAL] = {
        [WEIR_TEXT] = text_to_decimal,
        [WEIR_INT] = bigint_to_text,
        [WEIR_FLOAT] = double_to_decimal,
        [WEIR_DECIMAL] = decimal_to_decimal,
    },
    [WEIR_TYPE_WEI] = {
        [WEIR_TEXT] = text_to_decimal,
        [WEIR_INT] = bigint_to_text,
        [WEIR_FLOAT] = double_to_decimal,
        [WEIR_DECIMAL] = decimal_to_decimal,
    },
    [WEIR_TYPE_BINARY] = {
        [WEIR_TEXT] = text_to_binary,
        [WEIR_INT] = bigint_to_binary,
    },
    [WEIR_TYPE_JSON] = {
        [WEIR_TEXT] = text_to_json,
        [WEIR_JSON] = json_to_json,
    },
};

bool wr_coerce_other(weir_type type, const weir_value *value, wr_buf *scratch, weir_value *ret)
{
    if (value->kind <= WEIR_NULL) {
        *ret = *value;
        return true;
    }
    coercion *const coerce = coercions[type][value->kind];
    return coerce && coerce(value, scratch, ret);
}
