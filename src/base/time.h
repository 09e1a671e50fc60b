/* Calendar time without time zones: all is UTC, proleptic Gregorian, years 1 to 9999. */
#ifndef WR_TIME_H
#define WR_TIME_H

#include <weir/base.h>

#define WR_US_PER_SECOND INT64_C(1000000)
#define WR_US_PER_DAY (INT64_C(86400) * WR_US_PER_SECOND)
/* First and last microsecond that dates can show: 0001-01-01 … 9999-12-31. */
#define WR_TIME_MIN (INT64_C(-62135596800) * WR_US_PER_SECOND)
#define WR_TIME_MAX (INT64_C(253402300800) * WR_US_PER_SECOND - 1)

/* Days since 1970-01-01 of a civil date, and back. */
int64_t wr_days_from_civil(int64_t year, unsigned month, unsigned day);
void wr_civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);
bool wr_is_leap(int64_t year);
unsigned wr_days_in_month(int64_t year, unsigned month);

/* Longest text of the functions below, with the NUL. */
#define WR_TIME_TEXT 40

/* "2024-01-02T03:04:05.000600+00:00"; the fraction only when it is not zero, then six digits. Returns the length. */
size_t wr_time_iso(char *ret, weir_time us);
/* "2024-01-02" from days since 1970. */
size_t wr_date_iso(char *ret, int64_t days);
/* "03:04:05.000600" from microseconds since midnight; the fraction as above. */
size_t wr_clock_iso(char *ret, int64_t us);
/* "1732440000.118128": seconds with six fraction digits. */
size_t wr_time_seconds(char *ret, weir_time us);
/* Longest text of a duration, with the NUL. */
#define WR_DURATION_TEXT 96
/* A duration as people read it, dlt's form: "0.04 seconds", "1 minute and 2.50 seconds". `size` is at least
 * WR_DURATION_TEXT. Returns the length. */
size_t wr_duration_text(char *ret, size_t size, double seconds);

/* Sleep until `us` microseconds have passed or the context is cancelled. */
weir_status wr_sleep(weir_ctx *cx, int64_t us) WEIR_MUST_USE;

#endif
