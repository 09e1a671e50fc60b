/* Puts the last value of a cursor back by a lag, so that rows which came late are loaded too.
 *
 * Numbers move by the lag itself, date-times by seconds, dates by days. Texts that look like dates or times are read,
 * moved and printed in their own form. The type of the initial value says which unit it is, else the value does. */
#include "pipeline/incremental.h"

#include <math.h>

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

/* U+F028. */
#define DATE_MARK "\uf028"
/* More than all the seconds of ten thousand years. */
#define LAG_MAX 1e12
#define LAGGED_TEXT_MAX 64

/* How far, and in which unit. */
typedef enum lag_unit { UNIT_NONE, UNIT_SECONDS, UNIT_DAYS } lag_unit;

typedef struct lag_step {
    double by; /* to the past when negative */
    lag_unit unit;
    bool is_upper; /* of the function min: the value is an upper bound */
} lag_step;

/* ---- forms of texts ---- */

typedef struct text_form {
    const char *format; /* as of strftime(); %: is a zone with a colon */
    lag_unit unit;
} text_form;

static const text_form FORMS[] = {
    { "%Y-%m-%dT%H:%M:%SZ", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S.%fZ", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S%:", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S%z", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S.%f%:", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S.%f%z", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M:%S", UNIT_SECONDS },
    { "%Y-%m-%dT%H:%M", UNIT_SECONDS },
    { "%Y-%m-%dT%H", UNIT_SECONDS },
    { "%Y-%m-%d", UNIT_DAYS },
    { "%Y-%m", UNIT_SECONDS },
    { "%Y", UNIT_SECONDS },
    { "%G-W%V", UNIT_SECONDS },
    { "%G-W%V-%u", UNIT_SECONDS },
    { "%Y-%j", UNIT_SECONDS },
    { "%Y%m%d", UNIT_DAYS },
    { "%Y%m", UNIT_SECONDS },
};

/* Digits of the fields; a fraction has any number of them, and is printed with six. */
static int field_digits(char field)
{
    switch (field) {
    case 'Y':
    case 'G':
    case 'z': return 4;
    case 'j': return 3;
    case 'u':
    case 'f': return 1;
    default: return 2;
    }
}

static bool take(weir_str *rest, char expected)
{
    if (rest->len == 0 || rest->ptr[0] != expected)
        return false;
    *rest = (weir_str){ rest->ptr + 1, rest->len - 1 };
    return true;
}

static bool take_digit(weir_str *rest)
{
    return rest->len > 0 && rest->ptr[0] >= '0' && rest->ptr[0] <= '9' && take(rest, rest->ptr[0]);
}

static bool take_digits(weir_str *rest, int count)
{
    for (; count > 0; count--)
        if (!take_digit(rest))
            return false;
    return true;
}

static bool take_field(weir_str *rest, char field)
{
    const bool is_zone = field == 'z' || field == ':';
    if (is_zone && !take(rest, '+') && !take(rest, '-'))
        return false;
    if (!take_digits(rest, field_digits(field)))
        return false;
    if (field == ':')
        return take(rest, ':') && take_digits(rest, 2);
    while (field == 'f' && take_digit(rest)) {
    }
    return true;
}

static bool has_form(weir_str text, const char *format)
{
    for (const char *at = format; *at; at++) {
        if (*at == '%' ? !take_field(&text, *++at) : !take(&text, *at))
            return false;
    }
    return text.len == 0;
}

/* NULL when the text has none that is known. */
static const text_form *form_of(const wr_cursor *value)
{
    for (size_t i = 0; value->kind == WR_CURSOR_TEXT && i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
        if (has_form(value->text, FORMS[i].format))
            return &FORMS[i];
    return NULL;
}

static bool read_form(weir_str text, const text_form *form, wr_moment *ret)
{
    char with_day[LAGGED_TEXT_MAX];
    if (strcmp(form->format, "%Y%m") == 0) { /* no ISO form: it could be a short year */
        (void)snprintf(with_day, sizeof(with_day), "%.*s01", WR_STR(text));
        text = weir_str_of(with_day);
    }
    const wr_iso iso = wr_iso_parse(text);
    *ret = (wr_moment){ iso.us, iso.zone_seconds, iso.has_zone };
    return (iso.kind == WR_ISO_DATETIME || iso.kind == WR_ISO_DATE) && !iso.refused;
}

/* ---- printing ---- */

/* A day by the calendar and by weeks, and the time of it. */
typedef struct calendar {
    int64_t year;
    unsigned month;
    unsigned day;
    int64_t day_of_year;
    int64_t week_year;
    int64_t week;
    int64_t week_day; /* 1: Monday */
    int64_t us;       /* since midnight */
    int zone_minutes;
} calendar;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static calendar calendar_of(const wr_moment *moment)
{
    calendar c = { .zone_minutes = moment->zone_seconds / 60 };
    const int64_t local = moment->us + moment->zone_seconds * WR_US_PER_SECOND;
    const int64_t days = floor_div(local, WR_US_PER_DAY);
    c.us = local - days * WR_US_PER_DAY;
    wr_civil_from_days(days, &c.year, &c.month, &c.day);
    c.day_of_year = days - wr_days_from_civil(c.year, 1, 1) + 1;

    const int64_t since_monday =
        days + 3 - floor_div(days + 3, 7) * 7;        /* 1970 began on a Thursday */
    const int64_t thursday = days - since_monday + 3; /* whose year has the week */
    unsigned month;
    unsigned day;
    wr_civil_from_days(thursday, &c.week_year, &month, &day);
    c.week = (thursday - wr_days_from_civil(c.week_year, 1, 1)) / 7 + 1;
    c.week_day = since_monday + 1;
    return c;
}

static int64_t field_value(const calendar *c, char field)
{
    const int64_t seconds = c->us / WR_US_PER_SECOND;
    switch (field) {
    case 'Y': return c->year;
    case 'm': return c->month;
    case 'd': return c->day;
    case 'H': return seconds / 3600;
    case 'M': return seconds / 60 % 60;
    case 'S': return seconds % 60;
    case 'f': return c->us % WR_US_PER_SECOND;
    case 'j': return c->day_of_year;
    case 'G': return c->week_year;
    case 'V': return c->week;
    default: return c->week_day;
    }
}

static void print_field(wr_buf *out, const calendar *c, char field)
{
    const int minutes = c->zone_minutes < 0 ? -c->zone_minutes : c->zone_minutes;
    if (field == 'z' || field == ':')
        wr_buf_printf(out, "%c%02d%s%02d", c->zone_minutes < 0 ? '-' : '+', minutes / 60,
                      field == ':' ? ":" : "", minutes % 60);
    else
        wr_buf_printf(out, "%0*lld", field == 'f' ? 6 : field_digits(field),
                      (long long)field_value(c, field));
}

static wr_cursor print_form(wr_arena *arena, const text_form *form, const wr_moment *moment)
{
    const calendar c = calendar_of(moment);
    wr_auto(buf) wr_buf out = wr_buf_max(LAGGED_TEXT_MAX);
    for (const char *at = form->format; *at; at++) {
        if (*at == '%')
            print_field(&out, &c, *++at);
        else
            wr_buf_char(&out, *at);
    }
    return (wr_cursor){ .kind = WR_CURSOR_TEXT, .text = wr_arena_str(arena, wr_buf_view(&out)) };
}

static wr_cursor date_of(wr_arena *arena, const wr_moment *moment)
{
    char iso[WR_TIME_TEXT];
    const int64_t days = floor_div(moment->us, WR_US_PER_DAY);
    wr_date_iso(iso, days);
    return (wr_cursor){ .kind = WR_CURSOR_DATE,
                        .as.i = days,
                        .text = wr_arena_printf(arena, DATE_MARK "%s", iso) };
}

/* ---- moving ---- */

static weir_status cannot(weir_ctx *cx, const wr_cursor *value, const char *why)
{
    char shown[WR_CURSOR_SHOWN];
    return weir_fail(cx, WEIR_CONFIG, "no lag can be applied to the last value %s: %s",
                     wr_cursor_show(shown, value), why);
}

/* A bound beyond all integers that rows can have is as good as the last of them. */
static wr_cursor move_int(const wr_cursor *value, double by)
{
    /* Has 64 bits of precision at least. */
    const long double integer =
        value->kind == WR_CURSOR_UINT ? (long double)value->as.u : (long double)value->as.i;
    const long double sum = truncl(integer + (long double)by);
    if (sum >= 0x1p64L)
        return (wr_cursor){ .kind = WR_CURSOR_UINT, .as.u = UINT64_MAX };
    if (sum >= 0x1p63L)
        return (wr_cursor){ .kind = WR_CURSOR_UINT, .as.u = (uint64_t)sum };
    if (sum < -0x1p63L)
        return (wr_cursor){ .kind = WR_CURSOR_INT, .as.i = INT64_MIN };
    return (wr_cursor){ .kind = WR_CURSOR_INT, .as.i = (int64_t)sum };
}

/* Whole days of UTC: a lower bound becomes the start of its day, an upper one the end. */
static void move_to_day(wr_moment *moment, lag_step step)
{
    const int64_t day = floor_div(moment->us, WR_US_PER_DAY) + (int64_t)floor(step.by);
    moment->us = step.is_upper ? (day + 1) * WR_US_PER_DAY - 1 : day * WR_US_PER_DAY;
}

/* Rounded to microseconds as Python does. */
static void move_seconds(wr_moment *moment, double by)
{
    const double whole = trunc(by);
    moment->us += (int64_t)whole * WR_US_PER_SECOND +
                  (int64_t)nearbyint((by - whole) * (double)WR_US_PER_SECOND);
}

static weir_status move_moment(weir_ctx *cx, const wr_cursor *value, lag_step step,
                               lag_unit own_unit, wr_moment *moment)
{
    if (fabs(step.by) > LAG_MAX)
        return cannot(cx, value, "the result is outside of the years 1 to 9999");
    if (step.unit == UNIT_SECONDS)
        move_seconds(moment, step.by);
    else if (own_unit == UNIT_DAYS)
        moment->us += (int64_t)floor(step.by) * WR_US_PER_DAY;
    else
        move_to_day(moment, step);

    const int64_t local = moment->us + moment->zone_seconds * WR_US_PER_SECOND;
    if (moment->us < WR_TIME_MIN || moment->us > WR_TIME_MAX || local < WR_TIME_MIN ||
        local > WR_TIME_MAX)
        return cannot(cx, value, "the result is outside of the years 1 to 9999");
    return WEIR_OK;
}

static weir_status move_text(weir_ctx *cx, wr_arena *arena, const wr_cursor *value, lag_step step,
                             wr_cursor *ret)
{
    wr_moment moment;
    const text_form *form = form_of(value);
    if (!form || !read_form(value->text, form, &moment))
        return cannot(cx, value,
                      "it is no date or time in a known form\n"
                      "hint: known are 2024-01-02, 20240102, 2024-01, 2024, 2024-W03, 2024-015, "
                      "2024-01-02T03:04:05, also with minutes or hours only, and with a zone "
                      "2024-01-02T03:04:05.123456+00:00, also without a fraction, or with Z");
    if (step.unit == UNIT_NONE)
        step.unit = form->unit;
    WEIR_TRY(move_moment(cx, value, step, form->unit, &moment));
    *ret = print_form(arena, form, &moment);
    return WEIR_OK;
}

/* A date that moves by seconds becomes a date-time. */
static weir_status move_time(weir_ctx *cx, wr_arena *arena, const wr_cursor *value, lag_step step,
                             wr_cursor *ret)
{
    const bool is_date = value->kind == WR_CURSOR_DATE;
    const lag_unit own_unit = is_date ? UNIT_DAYS : UNIT_SECONDS;
    wr_moment moment =
        is_date ? (wr_moment){ .us = value->as.i * WR_US_PER_DAY } : value->as.moment;
    if (step.unit == UNIT_NONE)
        step.unit = own_unit;
    WEIR_TRY(move_moment(cx, value, step, own_unit, &moment));
    *ret = is_date && step.unit == UNIT_DAYS ? date_of(arena, &moment)
                                             : wr_cursor_moment(arena, moment);
    return WEIR_OK;
}

static weir_status move(weir_ctx *cx, wr_arena *arena, const wr_cursor *value, lag_step step,
                        wr_cursor *ret)
{
    switch (value->kind) {
    case WR_CURSOR_BOOL:
    case WR_CURSOR_INT:
    case WR_CURSOR_UINT: *ret = move_int(value, step.by); return WEIR_OK;
    case WR_CURSOR_TEXT: return move_text(cx, arena, value, step, ret);
    case WR_CURSOR_MOMENT:
    case WR_CURSOR_DATE: return move_time(cx, arena, value, step, ret);
    case WR_CURSOR_FLOAT:
        *ret = (wr_cursor){ .kind = WR_CURSOR_FLOAT, .as.f = value->as.f + step.by };
        return WEIR_OK;
    default: break;
    }
    return cannot(cx, value,
                  "only integers, doubles, dates and date-times can be put back\n"
                  "hint: leave lag out, or convert the cursor in the source");
}

/* What the initial value says about the unit. */
static lag_unit unit_of(const wr_cursor *initial)
{
    const text_form *form = form_of(initial);
    if (initial->kind == WR_CURSOR_MOMENT)
        return UNIT_SECONDS;
    if (initial->kind == WR_CURSOR_DATE)
        return UNIT_DAYS;
    return form ? form->unit : UNIT_NONE;
}

weir_status wr_incremental_lag(weir_ctx *cx, wr_arena *arena,
                               const wr_incremental_settings *settings, const wr_cursor *last,
                               wr_cursor *ret)
{
    const bool is_max = settings->last_value_func == WR_CURSOR_MAX;
    wr_cursor initial;
    wr_cursor lagged;
    int order;
    WEIR_TRY(wr_cursor_read(cx, arena, settings->initial_value, &initial));
    const lag_step step = { is_max ? -settings->lag : settings->lag, unit_of(&initial), !is_max };
    WEIR_TRY(move(cx, arena, last, step, &lagged));
    if (initial.kind == WR_CURSOR_NONE) {
        *ret = lagged;
        return WEIR_OK;
    }
    if (!wr_cursor_order(&initial, &lagged, &order))
        return cannot(cx, last, "the result has no order with the initial value");
    *ret = (is_max ? order >= 0 : order <= 0) ? initial : lagged;
    return WEIR_OK;
}
