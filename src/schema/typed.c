/* Typed values as marked texts, the form in which typed rows carry what JSON has no type for.
 * The first character says what the rest is:
 *
 *   U+F026 decimal   U+F027 date-time   U+F028 date   U+F029 UUID
 *   U+F02A hexadecimal bytes   U+F02B base64 bytes   U+F02C wei   U+F02D time
 * */
#include "base/hash.h"
#include "base/isotime.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"
#include "schema/coerce.h"
#include "schema/decimal.h"
#include "schema/text.h"

/* All marks are EF 80 and one byte more in UTF-8. */
#define MARK_LEN 3
#define MARK_FIRST 0xA6

#define MARK_DECIMAL "\xEF\x80\xA6"
#define MARK_TIMESTAMP "\xEF\x80\xA7"
#define MARK_DATE "\xEF\x80\xA8"
#define MARK_BYTES "\xEF\x80\xAB"
#define MARK_TIME "\xEF\x80\xAD"

/* The shortest date that Python's fromisoformat() reads: a year alone is none. */
#define DATE_LEN_MIN 8
#define UUID_DIGITS 32

typedef bool decoder(weir_str text, wr_buf *scratch, weir_value *ret);

static bool give(weir_value *ret, weir_value value)
{
    *ret = value;
    return true;
}

static bool give_made(weir_value *ret, weir_kind kind, const wr_buf *scratch)
{
    return !scratch->failed && give(ret, weir_text_of(kind, wr_buf_view(scratch)));
}

static bool decode_decimal(weir_str text, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    wr_decimal decimal;
    return wr_decimal_parse(text, &decimal) && give(ret, weir_text_of(WEIR_DECIMAL, text));
}

static bool decode_timestamp(weir_str text, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    const wr_iso iso = wr_iso_parse(text);
    const bool dated = iso.kind == WR_ISO_DATETIME || iso.kind == WR_ISO_DATE;
    return dated && !iso.refused && text.len >= DATE_LEN_MIN && give(ret, weir_timestamp(iso.us));
}

static bool decode_date(weir_str text, wr_buf *scratch, weir_value *ret)
{
    (void)scratch;
    const wr_iso iso = wr_iso_parse(text);
    if (iso.kind != WR_ISO_DATE || text.len < DATE_LEN_MIN)
        return false;
    /* Midnight: nothing is cut off, also before 1970. */
    return give(ret, weir_date(iso.us / WR_US_PER_DAY));
}

static bool decode_time(weir_str text, wr_buf *scratch, weir_value *ret)
{
    const weir_column column = { .type = WEIR_TYPE_TIME };
    return wr_coerce(&column, weir_text(text), scratch, ret);
}

/* The text that Python shows, from 32 digits with dashes anywhere. */
static bool decode_uuid(weir_str text, wr_buf *scratch, weir_value *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '-')
            continue;
        const int digit = wr_hex_value(text.ptr[i]);
        if (digit < 0 || count == UUID_DIGITS)
            return false;
        if (count == 8 || count == 12 || count == 16 || count == 20)
            wr_buf_char(scratch, '-');
        wr_buf_char(scratch, "0123456789abcdef"[digit]);
        count++;
    }
    return count == UUID_DIGITS && give_made(ret, WEIR_TEXT, scratch);
}

/* An odd number of digits means a zero in front. */
static bool decode_hex(weir_str text, wr_buf *scratch, weir_value *ret)
{
    if (text.len == 0)
        return false; /* no bytes at all are written as `0x` */

    weir_str digits = text;
    if (wr_str_starts(digits, wr_lit("0x")) || wr_str_starts(digits, wr_lit("0X")))
        digits = (weir_str){ text.ptr + 2, text.len - 2 };
    if (digits.len % 2 != 0) {
        const int first = wr_hex_value(digits.ptr[0]);
        if (first < 0)
            return false;
        wr_buf_char(scratch, (char)first);
        digits = (weir_str){ digits.ptr + 1, digits.len - 1 };
    }
    return wr_hex_decode(digits, scratch) && give_made(ret, WEIR_BYTES, scratch);
}

static bool is_base64_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

/* Other characters than base64's are passed over, as Python does when it is not told to be
 * strict. */
static bool decode_base64(weir_str text, wr_buf *scratch, weir_value *ret)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_base64_char(text.ptr[i]))
            wr_buf_char(scratch, text.ptr[i]);
    }
    const weir_str letters = wr_buf_view(scratch);
    char *bytes = wr_buf_room(scratch, letters.len / 4 * 3 + 1);
    size_t len;
    if (!bytes)
        return false;
    /* The room may have moved the letters. */
    if (!wr_base64_decode((uint8_t *)bytes, &len, wr_buf_view(scratch)))
        return false;
    return give(ret, weir_bytes(bytes, len));
}

static decoder *const decoders[] = {
    decode_decimal, decode_timestamp, decode_date,    decode_uuid,
    decode_hex,     decode_base64,    decode_decimal, decode_time,
};
#define MARK_COUNT (sizeof(decoders) / sizeof(decoders[0]))

/* The number of the mark that `text` begins with, or MARK_COUNT. */
static size_t mark_number(weir_str text)
{
    if (text.len < MARK_LEN || memcmp(text.ptr, MARK_DECIMAL, MARK_LEN - 1) != 0)
        return MARK_COUNT;
    const size_t number = (size_t)(unsigned char)text.ptr[MARK_LEN - 1] - MARK_FIRST;
    return number < MARK_COUNT ? number : MARK_COUNT;
}

size_t wr_typed_mark(weir_str text)
{
    return mark_number(text) < MARK_COUNT ? MARK_LEN : 0;
}

wr_mark wr_typed_mark_of(weir_str text)
{
    const size_t number = mark_number(text);
    return number < MARK_COUNT ? (wr_mark)(WR_MARK_DECIMAL + number) : WR_MARK_NONE;
}

weir_str wr_typed_mark_text(wr_mark mark)
{
    static const char marks[MARK_COUNT][MARK_LEN + 1] = {
        "\xEF\x80\xA6", "\xEF\x80\xA7", "\xEF\x80\xA8", "\xEF\x80\xA9",
        "\xEF\x80\xAA", "\xEF\x80\xAB", "\xEF\x80\xAC", "\xEF\x80\xAD",
    };
    return (weir_str){ marks[mark - WR_MARK_DECIMAL], MARK_LEN };
}

bool wr_typed_decode(weir_str text, wr_buf *scratch, weir_value *ret)
{
    const size_t number = mark_number(text);
    if (number == MARK_COUNT)
        return false;
    wr_buf_clear(scratch);
    return decoders[number]((weir_str){ text.ptr + MARK_LEN, text.len - MARK_LEN }, scratch, ret);
}

/* ---- encoding ---- */

static void append_marked(wr_buf *out, const char *mark, const char *text, size_t len)
{
    wr_buf_char(out, '"');
    wr_buf_cstr(out, mark);
    wr_buf_append(out, text, len);
    wr_buf_char(out, '"');
}

static void encode_bytes(wr_buf *out, weir_str bytes)
{
    wr_buf_cstr(out, "\"" MARK_BYTES);
    char *room = wr_buf_room(out, WR_BASE64_LEN(bytes.len));
    if (room)
        wr_buf_used(out, wr_base64_encode(room, (const uint8_t *)bytes.ptr, bytes.len));
    wr_buf_char(out, '"');
}

/* NaN and infinity are null in JSON. */
static void encode_double(wr_buf *out, double value)
{
    char digits[WR_NUMBER_TEXT];
    if (value - value != 0)
        wr_buf_cstr(out, "null");
    else
        wr_buf_append(out, digits, wr_double_json(digits, value));
}

void wr_typed_encode(wr_buf *out, weir_value value)
{
    char text[WR_TIME_TEXT > WR_NUMBER_TEXT ? WR_TIME_TEXT : WR_NUMBER_TEXT];
    const int64_t i = value.as.i;
    switch (value.kind) {
    case WEIR_ABSENT:
    case WEIR_NULL: wr_buf_cstr(out, "null"); break;
    case WEIR_BOOL: wr_buf_cstr(out, value.as.b ? "true" : "false"); break;
    case WEIR_INT: wr_buf_append(out, text, wr_int_text(text, i)); break;
    case WEIR_FLOAT: encode_double(out, value.as.f); break;
    case WEIR_TEXT: wr_json_quote(out, value.as.s); break;
    case WEIR_DECIMAL: append_marked(out, MARK_DECIMAL, value.as.s.ptr, value.as.s.len); break;
    case WEIR_BYTES: encode_bytes(out, value.as.s); break;
    case WEIR_TIMESTAMP: append_marked(out, MARK_TIMESTAMP, text, wr_time_iso(text, i)); break;
    case WEIR_DATE: append_marked(out, MARK_DATE, text, wr_date_iso(text, i)); break;
    case WEIR_TIME: append_marked(out, MARK_TIME, text, wr_clock_iso(text, i)); break;
    case WEIR_JSON: wr_buf_str(out, value.as.s); break;
    case WEIR_PARSED: wr_json_write(out, value.as.j.node); break;
    }
}
