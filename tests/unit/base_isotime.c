/* Tests of base/isotime.h; all cases of iso_datetime.json are run by the golden tests. */
#include "base/isotime.h"

#include <stdio.h>

#include "base/str.h"
#include "base/time.h"
#include "harness/test.h"

/* What a text is, in a form that can be compared: "datetime 2024-01-15T10:30:15+00:00 +7200". */
static const char *describe(char *ret, size_t size, weir_str text)
{
    static const char *const kinds[] = { "none", "datetime", "date", "clock" };
    const wr_iso iso = wr_iso_parse(text);
    char value[WR_TIME_TEXT] = "";
    if (iso.refused)
        memcpy(value, "refused", sizeof("refused"));
    else if (iso.kind == WR_ISO_DATETIME)
        wr_time_iso(value, iso.us);
    else if (iso.kind == WR_ISO_DATE)
        wr_date_iso(value, iso.us / WR_US_PER_DAY - (iso.us % WR_US_PER_DAY < 0));
    else if (iso.kind == WR_ISO_CLOCK)
        wr_clock_iso(value, iso.us);

    const int len =
        snprintf(ret, size, "%s%s%s", kinds[iso.kind], iso.kind == WR_ISO_NONE ? "" : " ", value);
    if (iso.has_zone && !iso.refused)
        snprintf(ret + len, size - (size_t)len, " %+d", iso.zone_seconds);
    return ret;
}

typedef struct text_case {
    const char *text;
    const char *is;
} text_case;

/* True when each text is read as expected; a note tells about each one that is not. */
static bool read_as_expected(const text_case *cases, size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        char found[96];
        describe(found, sizeof(found), weir_str_of(cases[i].text));
        if (strcmp(found, cases[i].is) == 0)
            continue;
        test_note("'%s' is '%s', expected '%s'", cases[i].text, found, cases[i].is);
        all = false;
    }
    return all;
}

#define CHECK_CASES(cases) CHECK(read_as_expected((cases), sizeof(cases) / sizeof((cases)[0])))

TEST(common_date_times_are_read)
{
    static const text_case cases[] = {
        { "2024-01-15T10:30:15Z", "datetime 2024-01-15T10:30:15+00:00 +0" },
        { "2024-01-15T10:30:15", "datetime 2024-01-15T10:30:15+00:00" },
        { "2024-01-15 10:30:15.123", "datetime 2024-01-15T10:30:15.123000+00:00" },
        { "2024-01-15T10:30:15.123456789+02:00",
          "datetime 2024-01-15T08:30:15.123456+00:00 +7200" },
        { "2024-01-15T10:30:15,5", "datetime 2024-01-15T10:30:15.500000+00:00" },
        { "2024-01-15T10:30", "datetime 2024-01-15T10:30:00+00:00" },
        { "2024-01-15T10Z", "datetime 2024-01-15T10:00:00+00:00 +0" },
        { "2024-01-15T10:30:15-0530", "datetime 2024-01-15T16:00:15+00:00 -19800" },
        { "2022-04-26 10:36+02", "datetime 2022-04-26T08:36:00+00:00 +7200" },
        { "1969-12-31T23:59:59.999999Z", "datetime 1969-12-31T23:59:59.999999+00:00 +0" },
    };
    CHECK_CASES(cases);
}

TEST(dates_are_read_in_all_iso_forms)
{
    static const text_case cases[] = {
        { "2024-01-15", "date 2024-01-15" }, { "20240115", "date 2024-01-15" },
        { "2024-01", "date 2024-01-01" },    { "2024-015", "date 2024-01-15" },
        { "2024015", "date 2024-01-15" },    { "2024-366", "date 2024-12-31" },
        { "2024-W03", "date 2024-01-15" },   { "2024-W03-2", "date 2024-01-16" },
        { "2024W03", "date 2024-01-15" },    { "2024W032", "date 2024-01-16" },
        { "2020-W53-7", "date 2021-01-03" }, { "0001-01-01", "date 0001-01-01" },
        { "0001-W01-1", "date 0001-01-01" }, { "9999-12-31", "date 9999-12-31" },
        { "2024-W00", "date 2023-12-25" },   { "2024-W01-0", "date 2023-12-31" },
    };
    CHECK_CASES(cases);
}

TEST(week_and_ordinal_dates_may_have_a_clock)
{
    static const text_case cases[] = {
        { "2024-W03-2T10:30", "datetime 2024-01-16T10:30:00+00:00" },
        { "2024W032T1030", "datetime 2024-01-16T10:30:00+00:00" },
        { "2024-015T10:30", "datetime 2024-01-15T10:30:00+00:00" },
        { "2024-01T10:30", "datetime 2024-01-01T10:30:00+00:00" },
    };
    CHECK_CASES(cases);
}

TEST(a_basic_date_has_a_basic_clock)
{
    static const text_case cases[] = {
        { "20240115T103015Z", "datetime 2024-01-15T10:30:15+00:00 +0" },
        { "20240115T103015.25", "datetime 2024-01-15T10:30:15.250000+00:00" },
        { "20240115T10:30", "datetime 2024-01-15T10:30:00+00:00" },
        { "20240115T10:30:15", "none" },
        { "2024-01-15T1030", "none" },
        { "2024-01-15T103015", "none" },
    };
    CHECK_CASES(cases);
}

TEST(other_separators_and_single_digits_are_read_without_zone)
{
    static const text_case cases[] = {
        { "2024", "date 2024-01-01" },
        { "1030", "date 1030-01-01" },
        { "2024/01/15", "date 2024-01-15" },
        { "2024:01:15", "date 2024-01-15" },
        { "2024/01/15 1:5", "datetime 2024-01-15T01:05:00+00:00" },
        { "2024 10:30:15.5", "datetime 2024-01-01T10:30:15.500000+00:00" },
        { "20240115 10:30:15", "datetime 2024-01-15T10:30:15+00:00" },
        { "202412:30", "date 2024-12-30" },
        { "202412:30:15", "datetime 2024-01-01T12:30:15+00:00" },
        { "2024/01", "none" },
        { "2024/01/15T10:30", "none" },
        { "2024/01/15 10:30Z", "none" },
        { "2024 10:30:15.1234567890", "none" },
    };
    CHECK_CASES(cases);
}

TEST(clock_times_stand_alone)
{
    static const text_case cases[] = {
        { "10:30", "clock 10:30:00" },
        { "10:30:15.123456", "clock 10:30:15.123456" },
        { "10:30:15+02:00", "clock 10:30:15 +7200" },
        { "T10:30", "clock 10:30:00" },
        { "T103015Z", "clock 10:30:15 +0" },
        { "1:30", "clock 01:30:00" },
        { "9:05", "clock 09:05:00" },
        { "T10:30:15", "none" },
        { "24:00", "none" },
        { "10", "none" },
        { "103015", "none" },
    };
    CHECK_CASES(cases);
}

TEST(days_and_hours_that_are_not_there_are_none)
{
    static const char *const cases[] = {
        "0000-01-01",
        "10000-01-01",
        "2024-13-01",
        "2024-00-01",
        "2024-02-30",
        "2023-02-29",
        "2024-01-00",
        "2023-366",
        "2024-000",
        "2024-W54",
        "2024-W53",
        "2024-W03-8",
        "9999-W52-7",
        "2024-01-15T24:00:00",
        "2024-01-15T10:60",
        "2024-01-15T10:30:60",
        "2024-01-15T10:30:15+25:00",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_INT(wr_iso_parse(weir_str_of(cases[i])).kind, WR_ISO_NONE);
}

TEST(other_texts_are_none)
{
    static const char *const cases[] = {
        "",
        "abc",
        "now",
        "P1D",
        "T",
        "12.50",
        "1580405246",
        "1234567",
        "2024-1-5",
        "2024-01-5",
        "-2024-01-15",
        "x2024-01-15",
        "2024-01-15 ",
        "2024-01-15T",
        "2024-01-15t10:30",
        "2024-01-15  10:30",
        "2024-01-15T10:30:15.",
        "2024-01-15T10:30:15 Z",
        "2024-01-15T10:30:15z",
        "2024-01-15T10:30:15+2:00",
        "2024-01-15T10:30:15Zx",
        "2024-01-15/2024-01-16",
        "\xEF\xBC\x92\xEF\xBC\x90\xEF\xBC\x92\xEF\xBC\x94-01-01",
        "Wed, 06 Jul 2022 11:58:08 +0200",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_INT(wr_iso_parse(weir_str_of(cases[i])).kind, WR_ISO_NONE);
    CHECK_INT(wr_iso_parse((weir_str){ "2024-01-15\0", 11 }).kind, WR_ISO_NONE);
}

TEST(a_time_without_a_value_is_still_a_time)
{
    static const text_case cases[] = {
        { "2024-01-15T10:30:15+24:00", "datetime refused" },
        { "2024-01-15T10:30:15-25:00", "datetime refused" },
        { "0001-01-01T00:00:00+01:00", "datetime refused" },
        { "9999-12-31T23:59:59-01:00", "datetime refused" },
        { "2024-01-15T10:30:15+23:59", "datetime 2024-01-14T10:31:15+00:00 +86340" },
    };
    CHECK_CASES(cases);
}

TEST(a_text_is_not_read_behind_its_end)
{
    CHECK_INT(wr_iso_parse((weir_str){ "2024-01-15T10:30:15", 10 }).kind, WR_ISO_DATE);
    CHECK_INT(wr_iso_parse((weir_str){ "2024-01-15T10:30:15", 12 }).kind, WR_ISO_NONE);
}
