/* Calendar arithmetic, and times and durations as texts. */
#include "base/time.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/ctx.h"

/* The calendar repeats after 400 years. A year is counted from March on, so that the leap day comes last. */
#define DAYS_PER_ERA 146097
#define YEARS_PER_ERA 400
/* From 0000-03-01, the first day of an era, to 1970-01-01. */
#define EPOCH_DAY 719468

/* What a weir_time can reach: year 294247, both ways. */
#define DAYS_MAX (INT64_MAX / WR_US_PER_DAY + 1)

/* Durations end at 285,388 years, so that their microseconds are an int64_t. */
#define DURATION_SECONDS_MAX 9e12
#define DURATION_UNITS 6

#define SLEEP_SLICE_US INT64_C(100000)

/* One unit of a duration; days can be halves, since a month has 30.5 of them, seconds have a fraction. */
typedef struct duration_part {
    const char *unit;
    double value;
} duration_part;

/* Quotient rounded down, for negative dividends too. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    const int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}

int64_t wr_days_from_civil(int64_t year, unsigned month, unsigned day)
{
    const int64_t march_year = year - (month <= 2);
    const int64_t era = floor_div(march_year, YEARS_PER_ERA);
    const unsigned year_of_era = (unsigned)(march_year - era * YEARS_PER_ERA);
    const unsigned march_month = month > 2 ? month - 3 : month + 9;
    /* Months from March on have 31 30 31 30 31 days, again and again: 153 in five months. */
    const unsigned day_of_year = (153 * march_month + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_DAY;
}

void wr_civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    const int64_t shifted = days + EPOCH_DAY;
    const int64_t era = floor_div(shifted, DAYS_PER_ERA);
    const unsigned day_of_era = (unsigned)(shifted - era * DAYS_PER_ERA);
    /* Take the leap days out (one in 4 years, none in 100, one in 400), then all years have 365 days. */
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned march_month = (5 * day_of_year + 2) / 153;

    *ret_day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *ret_month = march_month < 10 ? march_month + 3 : march_month - 9;
    *ret_year = era * YEARS_PER_ERA + year_of_era + (*ret_month <= 2);
}

bool wr_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned wr_days_in_month(int64_t year, unsigned month)
{
    static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    wr_assert(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && wr_is_leap(year) ? 1u : 0u);
}

/* `value` in exactly `width` digits. */
static char *put_digits(char *out, uint64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

static char *put_date(char *out, int64_t days)
{
    wr_assert(days >= -DAYS_MAX && days <= DAYS_MAX);
    int64_t year;
    unsigned month;
    unsigned day;
    wr_civil_from_days(days, &year, &month, &day);
    if (year < 0)
        *out++ = '-';
    const uint64_t shown = (uint64_t)(year < 0 ? -year : year);
    out = put_digits(out, shown, shown > 9999 ? 6 : 4);
    *out++ = '-';
    out = put_digits(out, month, 2);
    *out++ = '-';
    return put_digits(out, day, 2);
}

static char *put_clock(char *out, int64_t us)
{
    const uint64_t seconds = (uint64_t)(us / WR_US_PER_SECOND);
    const uint64_t fraction = (uint64_t)(us % WR_US_PER_SECOND);
    out = put_digits(out, seconds / 3600, 2);
    *out++ = ':';
    out = put_digits(out, seconds / 60 % 60, 2);
    *out++ = ':';
    out = put_digits(out, seconds % 60, 2);
    if (fraction == 0)
        return out;
    *out++ = '.';
    return put_digits(out, fraction, 6);
}

static size_t finish_text(char *start, char *end)
{
    *end = '\0';
    return (size_t)(end - start);
}

size_t wr_time_iso(char *ret, weir_time us)
{
    char *out = put_date(ret, floor_div(us, WR_US_PER_DAY));
    *out++ = 'T';
    out = put_clock(out, floor_mod(us, WR_US_PER_DAY));
    memcpy(out, "+00:00", 6);
    return finish_text(ret, out + 6);
}

size_t wr_date_iso(char *ret, int64_t days)
{
    return finish_text(ret, put_date(ret, days));
}

size_t wr_clock_iso(char *ret, int64_t us)
{
    wr_assert(us >= 0 && us < WR_US_PER_DAY);
    return finish_text(ret, put_clock(ret, us));
}

size_t wr_time_seconds(char *ret, weir_time us)
{
    const uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;
    const int len = snprintf(ret, WR_TIME_TEXT, "%s%" PRIu64 ".%06" PRIu64, us < 0 ? "-" : "",
                             size / 1000000, size % 1000000);
    return (size_t)len;
}

/* In the order in which they are shown. */
static void split_duration(double seconds, duration_part ret[DURATION_UNITS])
{
    const double size = isnan(seconds) ? 0 : fmin(fabs(seconds), DURATION_SECONDS_MAX);
    const int64_t us = llrint(size * WR_US_PER_SECOND);
    const int64_t days = us / WR_US_PER_DAY;
    const int64_t rest = us % WR_US_PER_DAY;
    const int64_t half_days = days % 365 * 2;
    const int64_t minutes = rest / (60 * WR_US_PER_SECOND);

    const duration_part parts[DURATION_UNITS] = {
        { "year", (double)(days / 365) },
        { "month", (double)(half_days / 61) },
        { "day", (double)(half_days % 61) / 2 },
        { "hour", (double)(minutes / 60) },
        { "minute", (double)(minutes % 60) },
        { "second", (double)(rest % (60 * WR_US_PER_SECOND)) / WR_US_PER_SECOND },
    };
    memcpy(ret, parts, sizeof(parts));
}

/* Whole numbers with a comma between thousands. */
static int whole_text(char *ret, size_t size, long value)
{
    if (value < 1000)
        return snprintf(ret, size, "%ld", value);
    return snprintf(ret, size, "%ld,%03ld", value / 1000, value % 1000);
}

static void duration_part_text(char *ret, size_t size, const duration_part *part, bool is_last)
{
    const double fraction = part->value - floor(part->value);
    const int len = is_last && fraction > 0 ? snprintf(ret, size, "%.2f", part->value)
                                            : whole_text(ret, size, (long)part->value);
    const bool is_one = part->value >= 1 && part->value <= 1;
    snprintf(ret + len, size - (size_t)len, " %s%s", part->unit, is_one ? "" : "s");
}

size_t wr_duration_text(char *ret, size_t size, double seconds)
{
    duration_part parts[DURATION_UNITS];
    split_duration(seconds, parts);

    char texts[DURATION_UNITS][32];
    size_t count = 0;
    for (size_t i = 0; i < DURATION_UNITS; i++) {
        const bool is_last = i == DURATION_UNITS - 1;
        if (parts[i].value > 0 || (is_last && count == 0))
            duration_part_text(texts[count++], sizeof(texts[0]), &parts[i], is_last);
    }

    wr_assert(size >= WR_DURATION_TEXT);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const char *separator = i == 0 ? "" : i == count - 1 ? " and " : ", ";
        len += (size_t)snprintf(ret + len, size - len, "%s%s", separator, texts[i]);
    }
    return len;
}

weir_status wr_sleep(weir_ctx *cx, int64_t us)
{
    if (cx->env->sleep) {
        cx->env->sleep(cx->env->self, us);
        return wr_check_cancel(cx);
    }
    const int64_t deadline = wr_ticks_ns(cx) + us * 1000;
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        const int64_t left_us = (deadline - wr_ticks_ns(cx) + 999) / 1000;
        if (left_us <= 0)
            return WEIR_OK;
        const int64_t slice = left_us < SLEEP_SLICE_US ? left_us : SLEEP_SLICE_US;
        const struct timespec wait = { .tv_nsec = slice * 1000 };
        (void)nanosleep(&wait, NULL); /* a signal ends it early: the deadline decides */
    }
}
