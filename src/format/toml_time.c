/* Dates and times of TOML: RFC 3339, with a date, a time of day or the offset left out. */
#include "base/ctx.h"
#include "base/time.h"
#include "format/toml_parts.h"

#define FORMS_HINT                                                                                 \
    "2024-01-31, 07:32:00, 2024-01-31T07:32:00 and 2024-01-31T07:32:00+01:00 are the forms"

typedef struct fields {
    unsigned year;
    unsigned month;
    unsigned day;
    unsigned hour;
    unsigned minute;
    unsigned second;
    unsigned us;
    unsigned zone_hour;
    unsigned zone_minute;
    bool west;
} fields;

/* Exactly `count` digits. */
static bool read_number(wr_toml_scan *s, int count, unsigned *ret)
{
    if (s->end - s->at < count)
        return false;
    unsigned value = 0;
    for (int i = 0; i < count; i++) {
        if (!wr_toml_is_digit(s->at[i]))
            return false;
        value = value * 10 + (unsigned)(s->at[i] - '0');
    }
    s->at += count;
    *ret = value;
    return true;
}

static bool read_date(wr_toml_scan *s, fields *f)
{
    return read_number(s, 4, &f->year) && wr_toml_skip(s, '-') && read_number(s, 2, &f->month) &&
           wr_toml_skip(s, '-') && read_number(s, 2, &f->day);
}

/* One digit at least, six count. */
static bool read_fraction(wr_toml_scan *s, fields *f)
{
    const char *start = s->at;
    for (unsigned unit = 100000; s->at < s->end && wr_toml_is_digit(*s->at); s->at++, unit /= 10)
        f->us += (unsigned)(*s->at - '0') * unit;
    return s->at > start;
}

static bool read_clock(wr_toml_scan *s, fields *f)
{
    return read_number(s, 2, &f->hour) && wr_toml_skip(s, ':') && read_number(s, 2, &f->minute) &&
           wr_toml_skip(s, ':') && read_number(s, 2, &f->second) &&
           (!wr_toml_skip(s, '.') || read_fraction(s, f));
}

static bool read_zone(wr_toml_scan *s, fields *f)
{
    if (wr_toml_skip(s, 'Z') || wr_toml_skip(s, 'z'))
        return true;
    f->west = wr_toml_is_at(s, '-');
    s->at++;
    return read_number(s, 2, &f->zone_hour) && wr_toml_skip(s, ':') &&
           read_number(s, 2, &f->zone_minute);
}

/* Does a time of day follow the date? A blank may stand for the "T". */
static bool skip_divider(wr_toml_scan *s)
{
    if (wr_toml_skip(s, 'T') || wr_toml_skip(s, 't'))
        return true;
    if (s->end - s->at < 2 || s->at[0] != ' ' || !wr_toml_is_digit(s->at[1]))
        return false;
    s->at++;
    return true;
}

static bool is_at_zone(const wr_toml_scan *s)
{
    return s->at < s->end && strchr("Zz+-", *s->at);
}

/* Everything that belongs to the value; the kind says what there was. */
static bool read_fields(wr_toml_scan *s, fields *f, wr_toml_kind *ret_kind)
{
    if (s->end - s->at > 2 && s->at[2] == ':') {
        *ret_kind = WR_TOML_CLOCK;
        return read_clock(s, f);
    }
    *ret_kind = WR_TOML_DATE;
    if (!read_date(s, f))
        return false;
    if (!skip_divider(s))
        return true;
    *ret_kind = WR_TOML_LOCAL_TIMESTAMP;
    if (!read_clock(s, f))
        return false;
    if (!is_at_zone(s))
        return true;
    *ret_kind = WR_TOML_TIMESTAMP;
    return read_zone(s, f);
}

static bool is_day(const fields *f)
{
    return f->year >= 1 && f->month >= 1 && f->month <= 12 && f->day >= 1 &&
           f->day <= wr_days_in_month(f->year, f->month);
}

static bool is_clock(const fields *f)
{
    return f->hour < 24 && f->minute < 60 && f->second < 60 && f->zone_hour < 24 &&
           f->zone_minute < 60;
}

/* Sets the value; false when there is no such day, hour or offset. */
static bool set_value(const fields *f, wr_toml *value)
{
    if ((value->kind != WR_TOML_CLOCK && !is_day(f)) || !is_clock(f))
        return false;
    const int64_t zone = (int64_t)(f->zone_hour * 60 + f->zone_minute) * (f->west ? -1 : 1);
    int64_t seconds = (int64_t)(f->hour * 60 + f->minute) * 60 + f->second - zone * 60;
    if (value->kind != WR_TOML_CLOCK)
        seconds += wr_days_from_civil(f->year, f->month, f->day) * INT64_C(86400);
    value->zone_minutes = (int)zone;
    value->as.us = seconds * WR_US_PER_SECOND + f->us;
    return value->kind == WR_TOML_CLOCK ||
           (value->as.us >= WR_TIME_MIN && value->as.us <= WR_TIME_MAX);
}

bool wr_toml_looks_like_time(weir_str word)
{
    size_t digits = 0;
    while (digits < word.len && wr_toml_is_digit(word.ptr[digits]))
        digits++;
    if (digits == 0 || digits == word.len)
        return false;
    return word.ptr[digits] == ':' || word.ptr[digits] == '-';
}

weir_status wr_toml_time(wr_toml_scan *s, wr_toml *value)
{
    const char *start = s->at;
    fields f = { 0 };
    const bool well_formed = read_fields(s, &f, &value->kind);
    const weir_str rest = wr_toml_word(s, s->at);
    const bool goes_on = rest.len > 0 && !strchr(" \t,]}#", *rest.ptr);
    if (!well_formed || goes_on) {
        const weir_status status =
            wr_toml_expected(s, start, "a date or a time in one of TOML's forms");
        wr_hint(s->cx, FORMS_HINT);
        return status;
    }
    value->text = (weir_str){ start, (size_t)(s->at - start) };
    if (set_value(&f, value))
        return WEIR_OK;
    return wr_toml_fail(s->cx, WEIR_PARSE, wr_toml_place_of(s, start),
                        "expected %s that exists, found '%s'", wr_toml_kind_name(value->kind),
                        wr_toml_cut(s, value->text));
}
