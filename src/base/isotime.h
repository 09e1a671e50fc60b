/* Date and time texts as dlt reads them (grammars A and B of its parser): what a text is, and its value. */
#ifndef WR_ISOTIME_H
#define WR_ISOTIME_H

#include <weir/base.h>

typedef enum wr_iso_kind { WR_ISO_NONE, WR_ISO_DATETIME, WR_ISO_DATE, WR_ISO_CLOCK } wr_iso_kind;

typedef struct wr_iso {
    wr_iso_kind kind;
    bool has_zone;
    /* It reads as a date-time, which decides the type of a new column, but no value can be made of it: the zone is 24
     * hours or more, or the time in UTC is outside of the years 1 to 9999. */
    bool refused;
    weir_time
        us; /* DATETIME: UTC when has_zone, else wall clock taken as UTC; DATE: its midnight; CLOCK: since
                   * midnight, as written */
    int zone_seconds; /* east of UTC */
} wr_iso;

/* Read a whole text; kind NONE when it is no date or time. Out of range (year 0, second 60) is NONE. */
wr_iso wr_iso_parse(weir_str text);

#endif
