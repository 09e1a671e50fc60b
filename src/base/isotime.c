/* Date and time texts, read as dlt reads them.
 *
 * Grammar A is strict ISO 8601 without intervals and durations; what it does not take is tried with grammar B, years
 * and dates with other separators and clock times with single digits:
 *
 *     A  date     YYYY-MM[-DD] | YYYYMMDD | YYYY-DDD | YYYYDDD | YYYY-Www[-D] | YYYYWww[D]
 *        moment   date ("T" | " ") clock [zone]
 *        clock    hh | hh:mm[:ss[fraction]]         after a date with "-", or alone as hh:mm…
 *                 hh | hh:mm | hhmm[ss[fraction]]   after a date without, or alone with a "T" in front
 *        fraction ("." | ",") digit…                any number, six count
 *        zone     "Z" | ("+" | "-") hh[[:]mm]       directly behind
 *     B  date     YYYY | YYYY[/:]MM[/:]DD
 *        moment   date [" "] clock
 *        clock    h[h]:m[m][:s[s]][("." | "," | "|") one to nine digits]
 *
 * This is called for each text of an untyped column, so what is no date must be found out at the first characters. */
#include "base/isotime.h"

#include "base/time.h"

#define ZONE_MINUTES_MAX (24 * 60)

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

/* What a text says, before it is known whether there is such a day and hour. */
typedef struct fields {
    unsigned year;
    unsigned month;
    unsigned day;
    unsigned hour;
    unsigned minute;
    unsigned second;
    unsigned us;
    int zone_minutes;
    bool has_date;
    bool has_clock;
    bool has_zone;
    bool extended; /* the date was written with "-", so the clock must have ":" */
} fields;

static inline unsigned digit_value(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

static inline bool at_end(const cursor *c)
{
    return c->at == c->end;
}

static inline bool is_at(const cursor *c, char expected)
{
    return c->at < c->end && *c->at == expected;
}

static inline bool skip(cursor *c, char expected)
{
    if (!is_at(c, expected))
        return false;
    c->at++;
    return true;
}

static inline bool skip_either(cursor *c, char one, char other)
{
    return skip(c, one) || skip(c, other);
}

/* Exactly `count` digits. */
static inline bool read_number(cursor *c, int count, unsigned *ret)
{
    if (c->end - c->at < count)
        return false;
    unsigned value = 0;
    for (int i = 0; i < count; i++) {
        const unsigned digit = digit_value(c->at[i]);
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    c->at += count;
    *ret = value;
    return true;
}

/* At least one digit, at most `max`; six count, as microseconds. */
static bool read_fraction(cursor *c, ptrdiff_t max, unsigned *ret_us)
{
    const char *start = c->at;
    unsigned us = 0;
    unsigned unit = 100000;
    for (; c->at < c->end && digit_value(*c->at) <= 9; c->at++) {
        us += digit_value(*c->at) * unit;
        unit /= 10;
    }
    *ret_us = us;
    return c->at > start && c->at - start <= max;
}

static bool set_ordinal(fields *f, int ordinal)
{
    int64_t year;
    const int days = wr_is_leap(f->year) ? 366 : 365;
    if (ordinal < 1 || ordinal > days)
        return false;
    wr_civil_from_days(wr_days_from_civil(f->year, 1, 1) + ordinal - 1, &year, &f->month, &f->day);
    return true;
}

/* Days since the Monday on or before a day. */
static int week_day(int64_t days)
{
    const int64_t since = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since < 0 ? since + 7 : since);
}

/* A year has 53 weeks when it begins on a Thursday, or is a leap year and begins on a Wednesday. */
static bool is_long_year(unsigned year)
{
    const int first = week_day(wr_days_from_civil(year, 1, 1));
    return first == 3 || (first == 2 && wr_is_leap(year));
}

/* Week 0 and day 0 are taken, as dlt does: they lie before the first of the year. */
static bool set_week(fields *f, unsigned week, unsigned day)
{
    if (week > 53 || (week == 53 && !is_long_year(f->year)) || day > 7)
        return false;
    const int64_t fourth = wr_days_from_civil(f->year, 1, 4); /* is in week 1 */
    const int64_t days = fourth - week_day(fourth) + 7 * ((int64_t)week - 1) + (int64_t)day - 1;
    int64_t year;
    wr_civil_from_days(days, &year, &f->month, &f->day);
    f->year = year < 0 ? 0 : (unsigned)year;
    return true;
}

static bool is_date_end(const cursor *c)
{
    return at_end(c) || *c->at == 'T' || *c->at == ' ';
}

/* Behind `YYYY-`. */
static bool read_extended_date(cursor *c, fields *f)
{
    unsigned number = 1;
    if (skip(c, 'W')) {
        unsigned week;
        if (!read_number(c, 2, &week))
            return false;
        if (!is_date_end(c) && !(skip(c, '-') && read_number(c, 1, &number)))
            return false;
        return set_week(f, week, number);
    }
    if (!read_number(c, 2, &f->month))
        return false;
    f->day = 1;
    if (is_date_end(c))
        return true;
    if (skip(c, '-'))
        return read_number(c, 2, &f->day);
    return read_number(c, 1, &number) && set_ordinal(f, (int)(f->month * 10 + number));
}

/* Behind `YYYY`. */
static bool read_basic_date(cursor *c, fields *f)
{
    unsigned number = 1;
    if (skip(c, 'W')) {
        unsigned week;
        return read_number(c, 2, &week) && (is_date_end(c) || read_number(c, 1, &number)) &&
               set_week(f, week, number);
    }
    if (!read_number(c, 3, &number))
        return false;
    if (is_date_end(c))
        return set_ordinal(f, (int)number);
    f->month = number / 10;
    f->day = number % 10;
    unsigned last;
    if (!read_number(c, 1, &last))
        return false;
    f->day = f->day * 10 + last;
    return true;
}

static bool is_clock_end(const cursor *c)
{
    return at_end(c) || *c->at == 'Z' || *c->at == '+' || *c->at == '-';
}

static bool read_seconds(cursor *c, fields *f)
{
    if (!read_number(c, 2, &f->second))
        return false;
    return !skip_either(c, '.', ',') || read_fraction(c, PTRDIFF_MAX, &f->us);
}

static bool read_zone(cursor *c, fields *f)
{
    f->has_zone = true;
    if (skip(c, 'Z'))
        return true;
    const bool west = is_at(c, '-');
    unsigned hours;
    unsigned minutes = 0;
    c->at++;
    if (!read_number(c, 2, &hours))
        return false;
    skip(c, ':');
    if (!at_end(c) && !read_number(c, 2, &minutes))
        return false;
    f->zone_minutes = (int)(hours * 60 + minutes);
    if (west)
        f->zone_minutes = -f->zone_minutes;
    return f->zone_minutes <= ZONE_MINUTES_MAX;
}

/* Behind the hour. */
static bool read_rest_of_clock(cursor *c, fields *f)
{
    f->has_clock = true;
    if (!is_clock_end(c)) {
        const bool with_colons = skip(c, ':');
        if (!read_number(c, 2, &f->minute) || (!with_colons && f->extended))
            return false;
        if (!is_clock_end(c)) {
            if (with_colons && !(f->extended && skip(c, ':')))
                return false;
            if (!read_seconds(c, f))
                return false;
        }
    }
    return at_end(c) || (is_clock_end(c) && read_zone(c, f));
}

static bool read_clock(cursor *c, fields *f)
{
    return read_number(c, 2, &f->hour) && read_rest_of_clock(c, f);
}

static bool is_real(const fields *f)
{
    if (f->has_date && (f->year < 1 || f->year > 9999 || f->month < 1 || f->month > 12 ||
                        f->day < 1 || f->day > wr_days_in_month(f->year, f->month)))
        return false;
    return f->hour < 24 && f->minute < 60 && f->second < 60;
}

static bool read_iso(weir_str text, fields *f)
{
    cursor c = { text.ptr, text.ptr + text.len };
    if (skip(&c, 'T'))
        return read_clock(&c, f) && at_end(&c) && is_real(f);

    unsigned century;
    if (!read_number(&c, 2, &century))
        return false;
    if (is_at(&c, ':')) {
        f->hour = century;
        f->extended = true;
        return read_rest_of_clock(&c, f) && at_end(&c) && is_real(f);
    }

    if (!read_number(&c, 2, &f->year))
        return false;
    f->year += century * 100;
    f->has_date = true;
    f->extended = skip(&c, '-');
    if (!(f->extended ? read_extended_date(&c, f) : read_basic_date(&c, f)))
        return false;
    if (!at_end(&c) && !(skip_either(&c, 'T', ' ') && read_clock(&c, f)))
        return false;
    return at_end(&c) && is_real(f);
}

/* One digit or two. */
static bool read_short_number(cursor *c, unsigned *ret)
{
    return read_number(c, 2, ret) || read_number(c, 1, ret);
}

static bool read_common_clock(cursor *c, fields *f)
{
    f->has_clock = true;
    if (!read_short_number(c, &f->hour) || !skip(c, ':') || !read_short_number(c, &f->minute))
        return false;
    if (skip(c, ':') && !read_short_number(c, &f->second))
        return false;
    if ((skip_either(c, '.', ',') || skip(c, '|')) && !read_fraction(c, 9, &f->us))
        return false;
    return true;
}

static bool read_common_month_day(cursor *c, fields *f)
{
    skip_either(c, '/', ':');
    if (!read_number(c, 2, &f->month))
        return false;
    skip_either(c, '/', ':');
    return read_number(c, 2, &f->day);
}

/* What follows a date, or is all there is when `c` stands at the start. */
static bool read_common_rest(cursor *c, fields *f)
{
    if (at_end(c))
        return f->has_date;
    skip(c, ' ');
    return read_common_clock(c, f) && at_end(c);
}

static bool read_common(weir_str text, fields *f)
{
    const cursor start = { text.ptr, text.ptr + text.len };
    cursor c = start;
    if (!read_number(&c, 4, &f->year)) {
        c = start;
        return read_common_rest(&c, f) && is_real(f);
    }

    const fields with_year = { .year = f->year, .month = 1, .day = 1, .has_date = true };
    const cursor behind_year = c;
    *f = with_year;
    if (read_common_month_day(&c, f) && read_common_rest(&c, f))
        return is_real(f);
    *f = with_year;
    c = behind_year;
    return read_common_rest(&c, f) && is_real(f);
}

static wr_iso to_value(const fields *f)
{
    const int64_t seconds = (int64_t)(f->hour * 60 + f->minute) * 60 + f->second;
    wr_iso ret = {
        .kind = WR_ISO_CLOCK,
        .has_zone = f->has_zone,
        .zone_seconds = f->zone_minutes * 60,
        .us = seconds * WR_US_PER_SECOND + f->us,
    };
    if (f->has_date) {
        ret.kind = f->has_clock ? WR_ISO_DATETIME : WR_ISO_DATE;
        ret.us += wr_days_from_civil(f->year, f->month, f->day) * WR_US_PER_DAY;
        ret.us -= ret.zone_seconds * WR_US_PER_SECOND;
    }
    ret.refused = f->zone_minutes >= ZONE_MINUTES_MAX || f->zone_minutes <= -ZONE_MINUTES_MAX ||
                  ret.us < WR_TIME_MIN || ret.us > WR_TIME_MAX;
    return ret;
}

wr_iso wr_iso_parse(weir_str text)
{
    const wr_iso none = { .kind = WR_ISO_NONE };
    if (text.len < 3 || (digit_value(text.ptr[0]) > 9 && text.ptr[0] != 'T' && text.ptr[0] != ' '))
        return none;

    fields iso = { 0 };
    if (read_iso(text, &iso))
        return to_value(&iso);
    fields common = { 0 };
    if (read_common(text, &common))
        return to_value(&common);
    return none;
}
