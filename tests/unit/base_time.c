/* Tests of base/time.h. */
#include "base/time.h"

#include "base/cancel.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static const struct {
    int64_t year;
    unsigned month;
    unsigned day;
    int64_t days;
} dates[] = {
    { 1970, 1, 1, 0 },         { 1969, 12, 31, -1 },   { 1, 1, 1, -719162 },
    { 9999, 12, 31, 2932896 }, { 2000, 2, 29, 11016 }, { 2000, 3, 1, 11017 },
    { 1900, 2, 28, -25509 },   { 1900, 3, 1, -25508 }, { 2024, 2, 29, 19782 },
    { 2024, 12, 31, 20088 },   { 0, 12, 31, -719163 },
};

TEST(dates_become_days_and_back)
{
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        int64_t year;
        unsigned month;
        unsigned day;
        CHECK_INT(wr_days_from_civil(dates[i].year, dates[i].month, dates[i].day), dates[i].days);
        wr_civil_from_days(dates[i].days, &year, &month, &day);
        CHECK_INT(year, dates[i].year);
        CHECK_INT(month, dates[i].month);
        CHECK_INT(day, dates[i].day);
    }
}

TEST(each_day_of_a_calendar_cycle_follows_the_one_before)
{
    int64_t expected = wr_days_from_civil(1600, 1, 1);
    for (int64_t year = 1600; year < 2000; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            CHECK_INT(wr_days_from_civil(year, month, 1), expected);
            expected += wr_days_in_month(year, month);
            int64_t last_year;
            unsigned last_month;
            unsigned last_day;
            wr_civil_from_days(expected - 1, &last_year, &last_month, &last_day);
            CHECK_INT(last_year, year);
            CHECK_INT(last_month, month);
            CHECK_INT(last_day, wr_days_in_month(year, month));
        }
    }
}

TEST(leap_years_are_gregorian)
{
    CHECK(wr_is_leap(2024));
    CHECK(!wr_is_leap(2023));
    CHECK(!wr_is_leap(1900));
    CHECK(wr_is_leap(2000));
    CHECK_INT(wr_days_in_month(2024, 2), 29);
    CHECK_INT(wr_days_in_month(2023, 2), 28);
}

TEST(times_are_written_as_python_does)
{
    static const struct {
        weir_time us;
        const char *text;
    } cases[] = {
        { 0, "1970-01-01T00:00:00+00:00" },
        { -1, "1969-12-31T23:59:59.999999+00:00" },
        { 1704164645000600, "2024-01-02T03:04:05.000600+00:00" },
        { WR_TIME_MIN, "0001-01-01T00:00:00+00:00" },
        { WR_TIME_MAX, "9999-12-31T23:59:59.999999+00:00" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WR_TIME_TEXT];
        CHECK_INT(wr_time_iso(text, cases[i].us), strlen(cases[i].text));
        CHECK_STR(text, cases[i].text);
    }
}

TEST(the_longest_time_fits)
{
    char text[WR_TIME_TEXT];

    wr_time_iso(text, INT64_MAX);
    CHECK_STR(text, "294247-01-10T04:00:54.775807+00:00");
    wr_time_iso(text, INT64_MIN);
    CHECK_STR(text, "-290308-12-21T19:59:05.224192+00:00");
    wr_time_seconds(text, INT64_MIN);
    CHECK_STR(text, "-9223372036854.775808");
}

TEST(dates_and_clock_times_have_texts_of_their_own)
{
    char text[WR_TIME_TEXT];

    CHECK_INT(wr_date_iso(text, 19782), 10);
    CHECK_STR(text, "2024-02-29");
    CHECK_INT(wr_clock_iso(text, 11045000600), 15);
    CHECK_STR(text, "03:04:05.000600");
    CHECK_INT(wr_clock_iso(text, WR_US_PER_DAY - WR_US_PER_SECOND), 8);
    CHECK_STR(text, "23:59:59");
}

TEST(a_load_id_has_six_fraction_digits)
{
    char text[WR_TIME_TEXT];

    CHECK_INT(wr_time_seconds(text, 1732440000118128), 17);
    CHECK_STR(text, "1732440000.118128");
    wr_time_seconds(text, 1732440000000000);
    CHECK_STR(text, "1732440000.000000");
    wr_time_seconds(text, -1500000);
    CHECK_STR(text, "-1.500000");
}

TEST(durations_read_as_those_of_dlt)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        { 0, "0 seconds" },
        { 0.001, "0.00 seconds" },
        { 0.16, "0.16 seconds" },
        { 0.999, "1.00 seconds" },
        { 1, "1 second" },
        { 1.2, "1.20 seconds" },
        { 60, "1 minute" },
        { 61, "1 minute and 1 second" },
        { 62.5, "1 minute and 2.50 seconds" },
        { 3599.5, "59 minutes and 59.50 seconds" },
        { 3600, "1 hour" },
        { 3661.25, "1 hour, 1 minute and 1.25 seconds" },
        { 90061.01, "1 day, 1 hour, 1 minute and 1.01 seconds" },
        { 2678400, "1 month and 0 days" },
        { 2808000, "1 month, 1 days and 12 hours" },
        { 38915424005, "1,234 years and 5 seconds" },
        { -2, "2 seconds" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[WR_DURATION_TEXT];
        CHECK_INT(wr_duration_text(text, sizeof(text), cases[i].seconds), strlen(cases[i].text));
        CHECK_STR(text, cases[i].text);
    }
}

TEST(the_longest_duration_fits)
{
    char text[WR_DURATION_TEXT];

    const size_t len = wr_duration_text(text, sizeof(text), 1e300);
    CHECK_INT(len, strlen(text));
    CHECK_STR(text, "285,388 years, 1 month, 15 days and 16 hours");
    wr_duration_text(text, sizeof(text), 285387.0 * 365 * 86400 + 364.0 * 86400 + 86399.99);
    CHECK_STR(text, "285,387 years, 11 months, 28 days, 23 hours, 59 minutes and 59.99 seconds");
}

/* A clock that is always past the deadline, and one that never moves. */
static int64_t jumping_ticks(void *self)
{
    int64_t *ticks = self;
    *ticks += INT64_C(3600) * 1000000000;
    return *ticks;
}

static int64_t frozen_ticks(void *self)
{
    (void)self;
    return 0;
}

TEST(sleep_ends_when_the_clock_says_so)
{
    int64_t ticks = 0;
    const wr_env env = { .ticks_ns = jumping_ticks, .self = &ticks };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.env = &env;

    CHECK_OK(wr_sleep(&cx, INT64_C(1800) * WR_US_PER_SECOND));
}

TEST(sleep_ends_when_the_run_is_cancelled)
{
    const wr_env env = { .ticks_ns = frozen_ticks };
    wr_cancel cancel = { 1 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.env = &env;
    cx.cancel = &cancel;

    CHECK_INT(wr_sleep(&cx, WR_US_PER_DAY), WEIR_CANCELLED);
}
