/* Layouts: which placeholders there are, what they stand for, and which layouts are safe. */
#include "destinations/lake_layout.h"

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/str.h"
#include "base/time.h"

#define PATH_MAX_LEN ((size_t)64 << 10)

/* ---- dates ---- */

typedef enum part { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MICRO, WEEKDAY, QUARTER, PARTS } part;

static const char *const MONTHS[] = { "",        "january",  "february", "march",  "april",
                                      "may",     "june",     "july",     "august", "september",
                                      "october", "november", "december" };
static const char *const WEEKDAYS[] = { "sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday" };

/* dlt's date placeholders, which are pendulum's. All are in lower case. */
static const struct {
    const char *name;
    part part;
    int width;       /* of a number: digits; of a word: letters, 0: all */
    int64_t divisor; /* of a number: it is divided by this, if it is not 0 */
    const char *const *words;
} DATES[] = {
    { "YYYY", YEAR, 4 },
    { "YY", YEAR, 2 },
    { "Y", YEAR },
    { "MMMM", MONTH, .words = MONTHS },
    { "MMM", MONTH, 3, .words = MONTHS },
    { "MM", MONTH, 2 },
    { "M", MONTH },
    { "DD", DAY, 2 },
    { "D", DAY },
    { "HH", HOUR, 2 },
    { "H", HOUR },
    { "mm", MINUTE, 2 },
    { "m", MINUTE },
    { "ss", SECOND, 2 },
    { "s", SECOND },
    { "SSSS", MICRO, 4, 100 },
    { "SSS", MICRO, 3, 1000 },
    { "SS", MICRO, 2, 10000 },
    { "S", MICRO, 1, 100000 },
    { "dddd", WEEKDAY, .words = WEEKDAYS },
    { "ddd", WEEKDAY, 3, .words = WEEKDAYS },
    { "dd", WEEKDAY, 2, .words = WEEKDAYS },
    { "d", WEEKDAY },
    { "Q", QUARTER },
};
#define DATE_COUNT (sizeof(DATES) / sizeof(*DATES))

static void split_time(weir_time time, int64_t ret[PARTS])
{
    int64_t days = time / WR_US_PER_DAY;
    int64_t rest = time % WR_US_PER_DAY;
    if (rest < 0) {
        rest += WR_US_PER_DAY;
        days--;
    }
    unsigned month = 0;
    unsigned day = 0;
    wr_civil_from_days(days, &ret[YEAR], &month, &day);
    const int64_t seconds = rest / WR_US_PER_SECOND;
    ret[MONTH] = month;
    ret[DAY] = day;
    ret[HOUR] = seconds / 3600;
    ret[MINUTE] = seconds / 60 % 60;
    ret[SECOND] = seconds % 60;
    ret[MICRO] = rest % WR_US_PER_SECOND;
    ret[WEEKDAY] = ((days + 4) % 7 + 7) % 7; /* 1970 began on a Thursday */
    ret[QUARTER] = (month + 2) / 3;
}

static void put_date(wr_buf *out, size_t number, weir_time time)
{
    int64_t parts[PARTS];
    split_time(time, parts);
    int64_t value = parts[DATES[number].part];
    const int width = DATES[number].width;
    if (DATES[number].words) {
        const weir_str word = weir_str_of(DATES[number].words[value]);
        wr_buf_append(out, word.ptr, width ? (size_t)width : word.len);
        return;
    }
    if (DATES[number].divisor)
        value /= DATES[number].divisor;
    if (DATES[number].part == YEAR && width == 2)
        value %= 100;
    wr_buf_printf(out, "%0*lld", width, (long long)value);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- placeholders ---- */

static bool put_date_named(wr_buf *out, weir_str placeholder, weir_time time)
{
    for (size_t i = 0; i < DATE_COUNT; i++) {
        if (!wr_str_eq(placeholder, weir_str_of(DATES[i].name)))
            continue;
        put_date(out, i, time);
        return true;
    }
    return false;
}

/* Other forms of a time. */
static bool put_time_named(wr_buf *out, weir_str placeholder, weir_time now, weir_time load)
{
    const int64_t ms = WR_US_PER_SECOND / 1000;
    char date[WR_TIME_TEXT];
    if (wr_str_eq(placeholder, wr_lit("curr_date")))
        wr_buf_append(out, date, wr_date_iso(date, floor_div(now, WR_US_PER_DAY)));
    else if (wr_str_eq(placeholder, wr_lit("timestamp")))
        wr_buf_printf(out, "%lld", (long long)floor_div(now, WR_US_PER_SECOND));
    else if (wr_str_eq(placeholder, wr_lit("timestamp_ms")))
        wr_buf_printf(out, "%lld", (long long)floor_div(now, ms));
    else if (wr_str_eq(placeholder, wr_lit("load_package_timestamp")))
        wr_buf_printf(out, "%lld", (long long)floor_div(load, WR_US_PER_SECOND));
    else if (wr_str_eq(placeholder, wr_lit("load_package_timestamp_ms")))
        wr_buf_printf(out, "%lld", (long long)floor_div(load, ms));
    else
        return false;
    return true;
}

static bool put_name(wr_buf *out, weir_str placeholder, const wr_lake_name *name)
{
    const struct {
        const char *name;
        weir_str text;
    } names[] = {
        { "schema_name", name->schema },
        { "table_name", name->table },
        { "load_id", name->load_id },
        { "file_id", name->file_id },
        { "ext", name->ext },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!wr_str_eq(placeholder, weir_str_of(names[i].name)))
            continue;
        wr_buf_str(out, names[i].text);
        return true;
    }
    return false;
}

/* As dlt: dates beat the user's placeholders, and these the names. False: nobody knows it. */
static bool put_placeholder(wr_buf *out, const wr_lake_layout *layout, weir_str placeholder,
                            const wr_lake_name *name)
{
    const weir_time now = layout->has_time ? layout->time : name->load_time;
    if (put_date_named(out, placeholder, now) ||
        put_time_named(out, placeholder, now, name->load_time))
        return true;
    const wr_node *extra = wr_node_get_str(layout->extra, placeholder);
    if (!extra)
        return put_name(out, placeholder, name);
    wr_buf_str(out, extra->text);
    return true;
}

/* Cut off the text before the next placeholder, and it. False at the end. */
static bool next_placeholder(weir_str *rest, weir_str *ret_text, weir_str *ret_placeholder)
{
    if (rest->len == 0)
        return false;
    const char *open = memchr(rest->ptr, '{', rest->len);
    const char *end = rest->ptr + rest->len;
    const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
    *ret_placeholder = (weir_str){ 0 };
    *ret_text = *rest;
    if (!close) {
        *rest = (weir_str){ 0 };
        return true;
    }
    *ret_text = (weir_str){ rest->ptr, (size_t)(open - rest->ptr) };
    *ret_placeholder = (weir_str){ open + 1, (size_t)(close - open - 1) };
    *rest = (weir_str){ close + 1, (size_t)(end - close - 1) };
    return true;
}

/* The first placeholder that nobody knows; empty when all are known. */
static weir_str put_layout(wr_buf *out, const wr_lake_layout *layout, weir_str rest,
                           const wr_lake_name *name)
{
    const size_t begin = out->len;
    weir_str text;
    weir_str placeholder;
    while (next_placeholder(&rest, &text, &placeholder)) {
        wr_buf_str(out, text);
        if (placeholder.ptr && !put_placeholder(out, layout, placeholder, name))
            return placeholder.len > 0 ? placeholder : wr_lit("{}");
    }
    for (size_t i = begin; i < out->len; i++)
        if (out->ptr[i] == '\\')
            out->ptr[i] = '/';
    return (weir_str){ 0 };
}

/* ---- reading a layout ---- */

/* Where a placeholder begins; NULL: it is not in the layout. */
static const char *find_placeholder(weir_str layout, const char *name)
{
    weir_str text;
    weir_str placeholder;
    while (next_placeholder(&layout, &text, &placeholder))
        if (placeholder.ptr && wr_str_eq(placeholder, weir_str_of(name)))
            return placeholder.ptr - 1;
    return NULL;
}

static weir_status refuse(weir_ctx *cx, weir_str layout, const char *why, const char *hint)
{
    return weir_fail(cx, WEIR_CONFIG, "the layout '%.*s' %s\nhint: %s", WR_STR(layout), why, hint);
}

static weir_status check_known(weir_ctx *cx, const wr_lake_layout *layout, weir_str given)
{
    wr_auto(buf) wr_buf out = wr_buf_max(PATH_MAX_LEN);
    const wr_lake_name nothing = { 0 };
    const weir_str unknown = put_layout(&out, layout, layout->text, &nothing);
    if (unknown.len == 0)
        return wr_buf_check(cx, &out, "the layout");
    return weir_fail(cx, WEIR_CONFIG,
                     "the layout '%.*s' has the unknown placeholder '%.*s'\n"
                     "hint: known are schema_name, table_name, load_id, file_id, ext, curr_date, "
                     "timestamp, load_package_timestamp, YYYY, MM, DD, HH, mm, ss and others of "
                     "docs/reference/filesystem.md; name your own in extra_placeholders",
                     WR_STR(given), WR_STR(unknown));
}

/* Tables are told apart by what stands in front of the character behind {table_name}. */
static weir_status find_prefix(weir_ctx *cx, wr_lake_layout *layout, weir_str given)
{
    const char *table = find_placeholder(layout->text, "table_name");
    if (!table)
        return refuse(cx, given, "has no {table_name}",
                      "{table_name}/{load_id}.{file_id}.{ext} is the default");
    weir_str before = { layout->text.ptr, (size_t)(table - layout->text.ptr) };
    layout->prefix = before.len + strlen("{table_name}") + 1;
    weir_str text;
    weir_str placeholder;
    while (next_placeholder(&before, &text, &placeholder))
        if (placeholder.ptr && !wr_str_eq(placeholder, wr_lit("schema_name")))
            return refuse(cx, given,
                          "has another placeholder than {schema_name} before {table_name}",
                          "the files of a table must be found by how they begin; put it behind");
    if (layout->text.ptr[layout->prefix - 1] == '{')
        return refuse(cx, given, "has a placeholder right behind {table_name}",
                      "put a character between them, as in {table_name}/{load_id}");
    return WEIR_OK;
}

/* May a table's name hold it? In snake_case: letters, digits, the underscore. */
static bool may_be_in_name(weir_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= 'a' && text.ptr[i] <= 'z') &&
            !(text.ptr[i] >= '0' && text.ptr[i] <= '9') && text.ptr[i] != '_')
            return false;
    return true;
}

static void warn_unsafe(weir_ctx *cx, const wr_lake_layout *layout)
{
    const char *schema = find_placeholder(layout->text, "schema_name");
    const char *table = find_placeholder(layout->text, "table_name");
    const weir_str separator = { layout->text.ptr + layout->prefix - 1, 1 };
    bool unsafe = may_be_in_name(separator);
    if (schema && schema < table) {
        const char *end = schema + strlen("{schema_name}");
        unsafe |= may_be_in_name((weir_str){ end, (size_t)(table - end) });
    }
    if (unsafe)
        weir_warn(
            cx,
            "by the layout '%.*s' the name of a table can go on into that of another: replace "
            "and drop then take away files of both; put '/' or '.' behind {table_name}, or set "
            "warn_unsafe_layout_separators = false",
            WR_STR(layout->text));
}

static weir_status read_extra(weir_ctx *cx, wr_arena *arena, weir_str json, const wr_node **ret)
{
    wr_node *extra = NULL;
    if (json.len == 0)
        return WEIR_OK;
    WEIR_TRY(wr_node_parse(cx, arena, json, &extra));
    for (const wr_node *item = extra->first; item; item = item->next)
        if (item->kind != WR_NODE_TEXT && item->kind != WR_NODE_NUMBER)
            return weir_fail(cx, WEIR_CONFIG,
                             "extra_placeholders: '%.*s' is neither a text nor a number",
                             WR_STR(item->key));
    *ret = extra;
    return WEIR_OK;
}

static weir_status read_time(weir_ctx *cx, weir_str text, wr_lake_layout *layout)
{
    if (text.len == 0)
        return WEIR_OK;
    const wr_iso iso = wr_iso_parse(text);
    if ((iso.kind != WR_ISO_DATETIME && iso.kind != WR_ISO_DATE) || iso.refused)
        return weir_fail(cx, WEIR_CONFIG,
                         "current_datetime '%.*s' is no date\nhint: as in 2024-04-14T08:32:00Z",
                         WR_STR(text));
    layout->has_time = true;
    layout->time = iso.us;
    return WEIR_OK;
}

weir_status wr_lake_layout_read(weir_ctx *cx, wr_arena *arena, const weir_option_values *options,
                                wr_lake_layout *ret)
{
    const weir_str given = weir_option_text(options, "layout");
    wr_lake_layout layout = { .text = wr_arena_str(arena, given) };
    if (!find_placeholder(given, "ext"))
        layout.text = wr_arena_printf(arena, "%.*s.{ext}", WR_STR(given));
    WEIR_TRY(read_extra(cx, arena, weir_option_text(options, "extra_placeholders"), &layout.extra));
    WEIR_TRY(read_time(cx, weir_option_text(options, "current_datetime"), &layout));
    WEIR_TRY(check_known(cx, &layout, given));
    WEIR_TRY(find_prefix(cx, &layout, given));
    if (!find_placeholder(given, "load_id") && !find_placeholder(given, "file_id"))
        return refuse(cx, given, "has neither {load_id} nor {file_id}",
                      "the files of a load would take the place of earlier ones");
    if (weir_option_bool(options, "warn_unsafe_layout_separators"))
        warn_unsafe(cx, &layout);
    *ret = layout;
    return WEIR_OK;
}

/* ---- paths ---- */

/* Each step is a name; none leads upwards. */
static bool is_inside(weir_str path)
{
    weir_str step;
    if (path.len == 0 || path.ptr[path.len - 1] == '/' || memchr(path.ptr, '\0', path.len))
        return false;
    while (wr_str_split(&path, '/', &step))
        if (step.len == 0 || wr_str_eq(step, wr_lit(".")) || wr_str_eq(step, wr_lit("..")))
            return false;
    return true;
}

weir_status wr_lake_layout_path(weir_ctx *cx, const wr_lake_layout *layout,
                                const wr_lake_name *name, wr_buf *out)
{
    (void)put_layout(out, layout, layout->text, name); /* all are known */
    WEIR_TRY(wr_buf_check(cx, out, "the path of a file"));
    if (is_inside(wr_buf_view(out)))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "table '%.*s': the layout '%.*s' gives no path in the dataset: '%s'",
                     WR_STR(name->table), WR_STR(layout->text), wr_buf_text(out));
}

void wr_lake_layout_prefix(const wr_lake_layout *layout, weir_str schema, weir_str table,
                           wr_buf *out)
{
    const wr_lake_name name = { .schema = schema, .table = table };
    if (wr_str_starts(table, wr_lit("_dlt")))
        wr_buf_printf(out, "%.*s/", WR_STR(table));
    else
        (void)put_layout(out, layout, (weir_str){ layout->text.ptr, layout->prefix }, &name);
}
