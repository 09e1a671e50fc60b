/* Reads, compares and writes the values of cursors. */
#include "pipeline/cursor.h"

#include <inttypes.h>

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "schema/coerce.h"
#include "schema/decimal.h"

/* The shortest date that Python reads: a year alone is none. */
#define DATE_LEN_MIN 8
/* All integers up to it are doubles. */
#define EXACT_MAX (INT64_C(1) << 53)
/* Digits of the longest double behind its first one, and room for its text. */
#define DOUBLE_DIGITS_MAX 766
#define NUMBER_ROOM (DOUBLE_DIGITS_MAX + 16)
/* U+F027. */
#define MOMENT_MARK "\uf027"
/* Of a stored value. */
#define JSON_MAX ((size_t)64 << 20)

/* ---- date-times ---- */

bool wr_moment_parse(weir_str text, wr_moment *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    const bool dated = iso.kind == WR_ISO_DATETIME || iso.kind == WR_ISO_DATE;
    if (!dated || iso.refused || text.len < DATE_LEN_MIN)
        return false;
    *ret = (wr_moment){ iso.us, iso.zone_seconds, iso.has_zone };
    return true;
}

size_t wr_moment_iso(char *ret, const wr_moment *moment)
{
    const int zone = moment->zone_seconds;
    const int minutes = (zone < 0 ? -zone : zone) / 60;
    char *end = ret + wr_time_iso(ret, moment->us + zone * WR_US_PER_SECOND) - strlen("+00:00");
    *end = '\0';
    if (moment->zoned)
        end += snprintf(end, WR_MOMENT_TEXT - WR_TIME_TEXT, "%c%02d:%02d", zone < 0 ? '-' : '+',
                        minutes / 60, minutes % 60);
    return (size_t)(end - ret);
}

/* ---- reading ---- */

static weir_str behind_mark(weir_str text)
{
    const size_t mark = wr_typed_mark(text);
    return (weir_str){ text.ptr + mark, text.len - mark };
}

static bool read_date(weir_str text, wr_cursor *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    ret->as.i = iso.us / WR_US_PER_DAY; /* midnight: nothing is cut off */
    return iso.kind == WR_ISO_DATE && text.len >= DATE_LEN_MIN;
}

static bool read_time(weir_str text, wr_cursor *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    ret->as.moment =
        (wr_moment){ .us = iso.us - iso.zone_seconds * WR_US_PER_SECOND, .zoned = iso.has_zone };
    return iso.kind == WR_ISO_CLOCK && !iso.refused;
}

static bool read_decimal(weir_str text)
{
    wr_decimal decimal;
    return wr_decimal_parse(text, &decimal);
}

/* What is behind a mark and does not parse makes the whole a text, as in dlt. */
static wr_cursor of_text(weir_str text)
{
    wr_cursor ret = { .kind = WR_CURSOR_TEXT, .text = text };
    const wr_mark mark = wr_typed_mark_of(text);
    if (mark == WR_MARK_NONE)
        return ret;

    const weir_str rest = behind_mark(text);
    switch (mark) {
    case WR_MARK_DECIMAL:
    case WR_MARK_WEI: ret.kind = read_decimal(rest) ? WR_CURSOR_DECIMAL : WR_CURSOR_TEXT; break;
    case WR_MARK_TIMESTAMP:
        ret.kind = wr_moment_parse(rest, &ret.as.moment) ? WR_CURSOR_MOMENT : WR_CURSOR_TEXT;
        break;
    case WR_MARK_DATE: ret.kind = read_date(rest, &ret) ? WR_CURSOR_DATE : WR_CURSOR_TEXT; break;
    case WR_MARK_TIME: ret.kind = read_time(rest, &ret) ? WR_CURSOR_TIME : WR_CURSOR_TEXT; break;
    case WR_MARK_HEX:
    case WR_MARK_BASE64: ret.kind = WR_CURSOR_BYTES; break;
    case WR_MARK_UUID:
    case WR_MARK_NONE: break;
    }
    return ret;
}

static wr_cursor of_number(const wr_jval *value)
{
    if (wr_jnumber_of(value) == WR_JREAL)
        return (wr_cursor){ .kind = WR_CURSOR_FLOAT, .as.f = value->as.f64 };
    if (wr_jnumber_of(value) == WR_JUINT && value->as.u64 > INT64_MAX)
        return (wr_cursor){ .kind = WR_CURSOR_UINT, .as.u = value->as.u64 };
    return (wr_cursor){ .kind = WR_CURSOR_INT, .as.i = value->as.i64 };
}

/* Integers beyond 64 bits are doubles, as in dlt. */
static wr_cursor of_long_number(weir_str digits)
{
    double value;
    if (!wr_double_parse(digits, &value) || value - value != 0)
        return (wr_cursor){ .kind = WR_CURSOR_OTHER };
    return (wr_cursor){ .kind = WR_CURSOR_FLOAT, .as.f = value };
}

wr_cursor wr_cursor_of(const wr_jval *value)
{
    switch (wr_jkind_of(value)) {
    case WR_JNONE:
    case WR_JNULL: return (wr_cursor){ 0 };
    case WR_JBOOL: return (wr_cursor){ .kind = WR_CURSOR_BOOL, .as.i = wr_jbool(value) };
    case WR_JNUMBER: return of_number(value);
    case WR_JRAW: return of_long_number(wr_jtext(value));
    case WR_JTEXT: return of_text(wr_jtext(value));
    case WR_JARRAY:
    case WR_JOBJECT: break;
    }
    return (wr_cursor){ .kind = WR_CURSOR_OTHER };
}

weir_status wr_cursor_read(weir_ctx *cx, wr_arena *arena, const wr_node *node, wr_cursor *ret)
{
    wr_auto(buf) wr_buf json = wr_buf_max(JSON_MAX);
    wr_auto(json_reader) wr_json_reader reader = { 0 };
    if (!node) {
        *ret = (wr_cursor){ 0 };
        return WEIR_OK;
    }
    wr_node_write(&json, node, WR_JSON_COMPACT);
    const size_t len = json.len;
    wr_buf_append(&json, (const char[WR_JSON_PADDING]){ 0 }, WR_JSON_PADDING);
    WEIR_TRY(wr_buf_check(cx, &json, "a value of a cursor"));

    const wr_jval *value;
    size_t used;
    WEIR_TRY(wr_json_read(cx, &reader, json.ptr, len, &value, &used));
    *ret = wr_cursor_of(value);
    if (ret->text.ptr)
        ret->text = wr_arena_str(arena, ret->text);
    return WEIR_OK;
}

wr_cursor wr_cursor_moment(wr_arena *arena, wr_moment moment)
{
    char iso[WR_MOMENT_TEXT];
    wr_moment_iso(iso, &moment);
    return (wr_cursor){
        .kind = WR_CURSOR_MOMENT,
        .as.moment = moment,
        .text = wr_arena_printf(arena, MOMENT_MARK "%s", iso),
    };
}

/* ---- comparing ---- */

static int order_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_doubles(double a, double b)
{
    return (a > b) - (a < b);
}

/* A number with all its digits, made in `room`. False for NaN. */
static bool to_decimal(const wr_cursor *c, char room[NUMBER_ROOM], wr_decimal *ret)
{
    weir_str text = { room, 0 };
    if (c->kind == WR_CURSOR_DECIMAL) {
        text = behind_mark(c->text);
    } else if (c->kind == WR_CURSOR_FLOAT) {
        text.len = (size_t)snprintf(room, NUMBER_ROOM, "%.*e", DOUBLE_DIGITS_MAX, c->as.f);
        room[room[0] == '-' ? 2 : 1] = '.'; /* whatever the locale says */
    } else if (c->kind == WR_CURSOR_UINT) {
        text.len = (size_t)snprintf(room, NUMBER_ROOM, "%" PRIu64, c->as.u);
    } else {
        text.len = wr_int_text(room, c->as.i);
    }
    return wr_decimal_parse(text, ret) && ret->kind != WR_DECIMAL_NAN;
}

static bool is_small(const wr_cursor *c)
{
    return c->kind <= WR_CURSOR_INT && c->as.i <= EXACT_MAX && c->as.i >= -EXACT_MAX;
}

/* Exactly, also between different kinds. */
static bool order_numbers(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    const bool double_a = a->kind == WR_CURSOR_FLOAT;
    const bool double_b = b->kind == WR_CURSOR_FLOAT;
    if (a->kind <= WR_CURSOR_INT && b->kind <= WR_CURSOR_INT) {
        *ret = order_ints(a->as.i, b->as.i);
        return true;
    }
    if ((double_a || is_small(a)) && (double_b || is_small(b))) {
        *ret = order_doubles(double_a ? a->as.f : (double)a->as.i,
                             double_b ? b->as.f : (double)b->as.i);
        return true;
    }

    char room_a[NUMBER_ROOM];
    char room_b[NUMBER_ROOM];
    wr_decimal decimal_a;
    wr_decimal decimal_b;
    if (!to_decimal(a, room_a, &decimal_a) || !to_decimal(b, room_b, &decimal_b))
        return false;
    *ret = wr_decimal_order(&decimal_a, &decimal_b);
    return true;
}

static bool order_texts(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    const int order = wr_str_cmp(a->text, b->text);
    *ret = (order > 0) - (order < 0);
    return true;
}

static bool order_bytes(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    wr_auto(buf) wr_buf bytes_a = wr_buf_max(JSON_MAX);
    wr_auto(buf) wr_buf bytes_b = wr_buf_max(JSON_MAX);
    weir_value value_a;
    weir_value value_b;
    if (!wr_typed_decode(a->text, &bytes_a, &value_a) ||
        !wr_typed_decode(b->text, &bytes_b, &value_b))
        return false;
    const int order = wr_str_cmp(value_a.as.s, value_b.as.s);
    *ret = (order > 0) - (order < 0);
    return true;
}

/* With a zone and without have no order, as in Python. */
static bool order_moments(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    *ret = order_ints(a->as.moment.us, b->as.moment.us);
    return a->as.moment.zoned == b->as.moment.zoned;
}

static bool order_times(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    return order_moments(a, b, ret);
}

static bool order_dates(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    *ret = order_ints(a->as.i, b->as.i);
    return true;
}

static const struct {
    const char *name;
    /* Kinds with the same one can be compared. */
    bool (*order)(const wr_cursor *a, const wr_cursor *b, int *ret);
} KINDS[] = {
    [WR_CURSOR_NONE] = { "null", NULL },
    [WR_CURSOR_BOOL] = { "boolean", order_numbers },
    [WR_CURSOR_INT] = { "integer", order_numbers },
    [WR_CURSOR_UINT] = { "integer", order_numbers },
    [WR_CURSOR_FLOAT] = { "double", order_numbers },
    [WR_CURSOR_DECIMAL] = { "decimal", order_numbers },
    [WR_CURSOR_TEXT] = { "text", order_texts },
    [WR_CURSOR_BYTES] = { "bytes", order_bytes },
    [WR_CURSOR_MOMENT] = { "date-time", order_moments },
    [WR_CURSOR_DATE] = { "date", order_dates },
    [WR_CURSOR_TIME] = { "time", order_times },
    [WR_CURSOR_OTHER] = { "a value without an order", NULL },
};

bool wr_cursor_order(const wr_cursor *a, const wr_cursor *b, int *ret)
{
    return KINDS[a->kind].order && KINDS[a->kind].order == KINDS[b->kind].order &&
           KINDS[a->kind].order(a, b, ret);
}

/* ---- writing ---- */

void wr_cursor_write(wr_buf *out, const wr_cursor *cursor)
{
    weir_value value = weir_null();
    switch (cursor->kind) {
    case WR_CURSOR_NONE:
    case WR_CURSOR_OTHER: break;
    case WR_CURSOR_BOOL: value = weir_bool(cursor->as.i != 0); break;
    case WR_CURSOR_INT: value = weir_int(cursor->as.i); break;
    case WR_CURSOR_FLOAT: value = weir_float(cursor->as.f); break;
    case WR_CURSOR_UINT: wr_buf_printf(out, "%" PRIu64, cursor->as.u); return;
    default: value = weir_text(cursor->text);
    }
    wr_typed_encode(out, value);
}

static const char *zone_of(const wr_cursor *cursor)
{
    if (cursor->kind != WR_CURSOR_MOMENT && cursor->kind != WR_CURSOR_TIME)
        return "";
    return cursor->as.moment.zoned ? " with a zone" : " without a zone";
}

const char *wr_cursor_show(char *ret, const wr_cursor *cursor)
{
    char shown[WR_CURSOR_SHOWN / 2];
    wr_auto(buf) wr_buf json = wr_buf_max(JSON_MAX);
    if (!cursor->text.ptr)
        wr_cursor_write(&json, cursor);
    wr_str_fit(shown, sizeof(shown),
               cursor->text.ptr ? behind_mark(cursor->text) : wr_buf_view(&json));
    if (!KINDS[cursor->kind].order)
        (void)snprintf(ret, WR_CURSOR_SHOWN, "%s", KINDS[cursor->kind].name);
    else
        (void)snprintf(ret, WR_CURSOR_SHOWN, "'%s' (%s%s)", shown, KINDS[cursor->kind].name,
                       zone_of(cursor));
    return ret;
}
