/* Shows cells of Arrow arrays. One table says for each format how its cells lie in memory and how they are written. */
#include "cli/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"

/* A cell on its way out: `index` counts from the start of the buffers, the array's offset is in it. */
typedef struct cell {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    int64_t index;
} cell;

typedef void (*writer)(wr_buf *out, const cell *c);

static const void *buffer(const cell *c, int64_t number)
{
    return c->array->n_buffers > number ? c->array->buffers[number] : NULL;
}

/* Bytes of the cell in a buffer of `size` bytes each. */
static const uint8_t *fixed(const cell *c, int64_t number, size_t size)
{
    return (const uint8_t *)buffer(c, number) + (size_t)c->index * size;
}

static int64_t signed_of(const uint8_t *bytes, size_t size)
{
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    switch (size) {
    case 1: memcpy(&i8, bytes, size); return i8;
    case 2: memcpy(&i16, bytes, size); return i16;
    case 4: memcpy(&i32, bytes, size); return i32;
    default: memcpy(&i64, bytes, sizeof(i64)); return i64;
    }
}

static int64_t offset_at(const cell *c, int64_t index, bool large)
{
    const size_t size = large ? 8 : 4;
    return signed_of((const uint8_t *)buffer(c, 1) + (size_t)index * size, size);
}

/* ---- numbers ---- */

static void write_bool(wr_buf *out, const cell *c)
{
    const uint8_t *bits = buffer(c, 1);
    wr_buf_cstr(out, bits[c->index / 8] >> (c->index % 8) & 1 ? "true" : "false");
}

static size_t int_size(char format)
{
    switch (format) {
    case 'c':
    case 'C': return 1;
    case 's':
    case 'S': return 2;
    case 'i':
    case 'I': return 4;
    default: return 8;
    }
}

static void write_signed(wr_buf *out, const cell *c)
{
    char text[WR_NUMBER_TEXT];
    const size_t size = int_size(c->schema->format[0]);
    wr_buf_append(out, text, wr_int_text(text, signed_of(fixed(c, 1, size), size)));
}

static void write_unsigned(wr_buf *out, const cell *c)
{
    uint64_t number = 0; /* little endian, as Arrow is on all machines that weir knows */
    const size_t size = int_size(c->schema->format[0]);
    memcpy(&number, fixed(c, 1, size), size);
    wr_buf_printf(out, "%llu", (unsigned long long)number);
}

static void write_double(wr_buf *out, double number)
{
    char text[WR_NUMBER_TEXT];
    const bool plain = isfinite(number);
    wr_buf_append(out, text, plain ? wr_double_json(text, number) : wr_double_repr(text, number));
}

static void write_f32(wr_buf *out, const cell *c)
{
    float number;
    memcpy(&number, fixed(c, 1, sizeof(number)), sizeof(number));
    char text[WR_NUMBER_TEXT];
    /* the shortest that is the same float: as a double it would show noise */
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, (double)number);
        if (strtof(text, NULL) == number)
            break;
    }
    double shortest;
    if (isfinite(number) && wr_double_parse(weir_str_of(text), &shortest))
        write_double(out, shortest);
    else
        write_double(out, (double)number);
}

static void write_f64(wr_buf *out, const cell *c)
{
    double number;
    memcpy(&number, fixed(c, 1, sizeof(number)), sizeof(number));
    write_double(out, number);
}

/* "d:18,3" or "d:9,2,32": precision, scale, bits. */
static void decimal_form(const char *format, int *ret_scale, size_t *ret_size)
{
    char *end = NULL;
    (void)strtol(format + 2, &end, 10);
    *ret_scale = *end == ',' ? (int)strtol(end + 1, &end, 10) : 0;
    *ret_size = *end == ',' ? (size_t)strtol(end + 1, &end, 10) / 8 : 16;
}

static void write_decimal(wr_buf *out, const cell *c)
{
    int scale;
    size_t size;
    decimal_form(c->schema->format, &scale, &size);
    if (size > 16 || scale < 0 || scale > 60) {
        wr_buf_cstr(out, "?");
        return;
    }
    const uint8_t *bytes = fixed(c, 1, size);
    const bool negative = bytes[size - 1] & 0x80;
    unsigned __int128 number = negative ? ~(unsigned __int128)0 : 0;
    memcpy(&number, bytes, size);
    if (negative)
        number = -number;

    char digits[64]; /* from the end */
    size_t at = sizeof(digits);
    for (int n = 0; number != 0 || n <= scale; n++, number /= 10) {
        if (n == scale && scale > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(number % 10));
    }
    wr_buf_cstr(out, negative ? "-" : "");
    wr_buf_append(out, digits + at, sizeof(digits) - at);
}

/* ---- texts and bytes ---- */

static void put_bytes(wr_buf *out, const cell *c, const void *bytes, size_t len)
{
    const char *format = c->schema->format;
    if (format[0] == 'u' || format[0] == 'U') {
        wr_buf_append(out, bytes, len);
        return;
    }
    wr_buf_cstr(out, "\\x");
    for (size_t i = 0; i < len; i++)
        wr_buf_printf(out, "%02x", ((const uint8_t *)bytes)[i]);
}

static void write_bytes(wr_buf *out, const cell *c)
{
    const bool large = c->schema->format[0] == 'U' || c->schema->format[0] == 'Z';
    const int64_t from = offset_at(c, c->index, large);
    const int64_t to = offset_at(c, c->index + 1, large);
    if (to > from)
        put_bytes(out, c, (const char *)buffer(c, 2) + from, (size_t)(to - from));
    else
        put_bytes(out, c, "", 0);
}

/* ---- time ---- */

/* Microseconds of a number in the unit 's', 'm', 'u' or 'n'. False beyond what dates can show. */
static bool to_us(int64_t number, char unit, int64_t *ret)
{
    const int64_t factor = unit == 's' ? WR_US_PER_SECOND : unit == 'm' ? 1000 : 1;
    if (unit == 'n')
        number = number / 1000 - (number % 1000 < 0);
    return !__builtin_mul_overflow(number, factor, ret) && *ret >= WR_TIME_MIN &&
           *ret <= WR_TIME_MAX;
}

/* Databases have infinite dates at the ends of the range. */
static void put_beyond(wr_buf *out, int64_t number)
{
    wr_buf_cstr(out, number > 0 ? "infinity" : "-infinity");
}

static void write_timestamp(wr_buf *out, const cell *c)
{
    const int64_t number = signed_of(fixed(c, 1, 8), 8);
    const bool has_zone = c->schema->format[4] != '\0';
    int64_t us;
    if (!to_us(number, c->schema->format[2], &us)) {
        put_beyond(out, number);
        return;
    }
    char text[WR_TIME_TEXT];
    const size_t len = wr_time_iso(text, us);
    wr_buf_append(out, text, has_zone ? len : len - strlen("+00:00"));
}

static void write_date(wr_buf *out, const cell *c)
{
    const bool in_ms = c->schema->format[2] == 'm';
    const int64_t number = signed_of(fixed(c, 1, in_ms ? 8 : 4), in_ms ? 8 : 4);
    const int64_t days = in_ms ? number / 86400000 : number;
    if (days < WR_TIME_MIN / WR_US_PER_DAY || days > WR_TIME_MAX / WR_US_PER_DAY) {
        put_beyond(out, days);
        return;
    }
    char text[WR_TIME_TEXT];
    wr_buf_append(out, text, wr_date_iso(text, days));
}

static void write_clock(wr_buf *out, const cell *c)
{
    const char unit = c->schema->format[2];
    const size_t size = unit == 's' || unit == 'm' ? 4 : 8;
    int64_t us = 0;
    (void)to_us(signed_of(fixed(c, 1, size), size), unit, &us); /* a time of day is in range */
    char text[WR_TIME_TEXT];
    wr_buf_append(out, text, wr_clock_iso(text, us));
}

/* ---- the table ---- */

typedef enum json_form { AS_TEXT, AS_NUMBER, AS_FLOAT, AS_TOKEN } json_form;

/* A format that begins with `format` is written so. */
static const struct form {
    const char *format;
    writer write;
    json_form json;
} forms[] = {
    { "b", write_bool, AS_TOKEN },      { "c", write_signed, AS_NUMBER },
    { "C", write_unsigned, AS_NUMBER }, { "s", write_signed, AS_NUMBER },
    { "S", write_unsigned, AS_NUMBER }, { "i", write_signed, AS_NUMBER },
    { "I", write_unsigned, AS_NUMBER }, { "l", write_signed, AS_NUMBER },
    { "L", write_unsigned, AS_NUMBER }, { "f", write_f32, AS_FLOAT },
    { "g", write_f64, AS_FLOAT },       { "d:", write_decimal, AS_NUMBER },
    { "u", write_bytes, AS_TEXT },      { "U", write_bytes, AS_TEXT },
    { "z", write_bytes, AS_TEXT },      { "Z", write_bytes, AS_TEXT },
    { "ts", write_timestamp, AS_TEXT }, { "td", write_date, AS_TEXT },
    { "tt", write_clock, AS_TEXT },
};

static const struct form *form_of(const struct ArrowSchema *schema)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (strncmp(schema->format, forms[i].format, strlen(forms[i].format)) == 0)
            return &forms[i];
    return NULL;
}

static bool is_null(const cell *c)
{
    if (strcmp(c->schema->format, "n") == 0)
        return true;
    const uint8_t *validity = buffer(c, 0);
    return c->array->null_count != 0 && validity && !(validity[c->index / 8] >> (c->index % 8) & 1);
}

static void write_plain(wr_buf *out, const cell *c)
{
    const struct form *form = form_of(c->schema);
    if (form)
        form->write(out, c);
    else
        wr_buf_printf(out, "(%s)", c->schema->format);
}

bool wr_cell_null(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t row)
{
    return is_null(&(const cell){ schema, array, row + array->offset });
}

void wr_cell_text(wr_buf *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                  int64_t row)
{
    const cell c = { schema, array, row + array->offset };
    if (!is_null(&c))
        write_plain(out, &c);
}

void wr_cell_json(wr_buf *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                  int64_t row)
{
    const cell c = { schema, array, row + array->offset };
    if (is_null(&c)) {
        wr_buf_cstr(out, "null");
        return;
    }
    wr_auto(buf) wr_buf text = wr_buf_max(out->max);
    write_plain(&text, &c);
    const struct form *form = form_of(schema);
    const json_form as = form ? form->json : AS_TEXT;
    if (text.failed)
        out->failed = true;
    else if (as == AS_TEXT || (as == AS_FLOAT && strpbrk(wr_buf_text(&text), "nN")))
        wr_json_quote(out, wr_buf_view(&text)); /* JSON has no infinite numbers */
    else
        wr_buf_str(out, wr_buf_view(&text));
}

bool wr_cell_is_number(const struct ArrowSchema *schema)
{
    const struct form *form = form_of(schema);
    return form && (form->json == AS_NUMBER || form->json == AS_FLOAT);
}
