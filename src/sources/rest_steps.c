/* Declared forms of what dlt's rest_api takes as functions. */
#include "sources/rest_steps.h"

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/jsonpath.h"

struct wr_rest_steps {
    const wr_jsonpath *members;
    weir_str members_text;
    weir_str key;
    weir_str value;
    const wr_node *keep; /* NULL: nothing */
};

/* ---- steps ---- */

static weir_status check_keys(weir_ctx *cx, const wr_node *table, const char *what,
                              const char *const *known)
{
    if (table->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_CONFIG, "%s is no table", what);
    return wr_node_check_keys(cx, table, what, known);
}

static weir_status read_keep(weir_ctx *cx, const wr_node *given, const wr_node **ret)
{
    for (const wr_node *name = given ? given->first : NULL; name; name = name->next)
        if (given->kind != WR_NODE_ARRAY || name->kind != WR_NODE_TEXT)
            return weir_fail(cx, WEIR_CONFIG, "'keep' of a yield_map is no list of names");
    *ret = given;
    return WEIR_OK;
}

static weir_status read_yield_map(weir_ctx *cx, wr_arena *arena, const wr_node *given,
                                  wr_rest_steps *steps)
{
    static const char *const KEYS[] = { "members", "key", "value", "keep", NULL };
    WEIR_TRY(check_keys(cx, given, "a yield_map", KEYS));
    steps->members_text = wr_node_get_text(given, "members");
    steps->key = wr_node_get_text(given, "key");
    steps->value = wr_node_get_text(given, "value");
    if (!steps->members_text.len || !steps->key.len || !steps->value.len)
        return weir_fail(cx, WEIR_CONFIG,
                         "a yield_map needs 'members', 'key' and 'value'\n"
                         "hint: members = \"rates\", key = \"currency\", value = \"rate\"");
    WEIR_TRY(read_keep(cx, wr_node_get(given, "keep"), &steps->keep));
    return wr_jsonpath_compile(cx, arena, steps->members_text, &steps->members);
}

weir_status wr_rest_steps_read(weir_ctx *cx, wr_arena *arena, const wr_node *given,
                               const wr_rest_steps **ret)
{
    static const char *const KEYS[] = { "yield_map", NULL };
    *ret = NULL;
    if (!given || given->count == 0)
        return WEIR_OK;
    if (given->kind != WR_NODE_ARRAY || given->count > 1)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "'processing_steps' is a list of one step, { yield_map = { … } }");
    if (wr_node_get(given->first, "map") || wr_node_get(given->first, "filter"))
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "'map' and 'filter' of a processing step are functions of Python\n"
                         "hint: a source in C that reads with weir_get_pages() can do the same");
    WEIR_TRY(check_keys(cx, given->first, "a processing step", KEYS));
    if (given->first->count == 0)
        return weir_fail(cx, WEIR_CONFIG, "a processing step has no yield_map");
    wr_rest_steps *steps = wr_arena_new(arena, wr_rest_steps);
    WEIR_TRY(read_yield_map(cx, arena, given->first->first, steps));
    *ret = steps;
    return WEIR_OK;
}

static void put_field(wr_buf *out, weir_str name, const wr_jval *value)
{
    wr_json_quote(out, name);
    wr_buf_char(out, ':');
    wr_json_write(out, value);
    wr_buf_char(out, ',');
}

weir_status wr_rest_steps_apply(weir_ctx *cx, const wr_rest_steps *steps, const wr_jval *record,
                                wr_buf *lines, int64_t *count)
{
    const wr_jval *object = wr_jsonpath_first(steps->members, record);
    if (!object || wr_jkind_of(object) != WR_JOBJECT)
        return weir_fail(cx, WEIR_SCHEMA, "a record has no object at '%.*s', for its yield_map",
                         WR_STR(steps->members_text));
    const wr_jval *name = wr_jlen(object) ? wr_jfirst(object) : NULL;
    for (size_t i = 0; i < wr_jlen(object); i++) {
        const wr_jval *value = wr_jnext(name);
        wr_buf_char(lines, '{');
        for (const wr_node *kept = steps->keep ? steps->keep->first : NULL; kept;
             kept = kept->next) {
            const wr_jval *found = wr_jval_member(record, kept->text, &(size_t){ 0 });
            if (found)
                put_field(lines, kept->text, found);
        }
        wr_json_quote(lines, steps->key);
        wr_buf_char(lines, ':');
        wr_json_quote(lines, wr_jtext(name));
        wr_buf_char(lines, ',');
        wr_json_quote(lines, steps->value);
        wr_buf_char(lines, ':');
        wr_json_write(lines, value);
        wr_buf_cstr(lines, "}\n");
        name = wr_jnext(value);
    }
    *count += (int64_t)wr_jlen(object);
    return wr_buf_check(cx, lines, "the records of a page");
}

/* ---- conversions ---- */

typedef enum conversion { EPOCH_MS, EPOCH_S, DATE, CONVERSIONS } conversion;

static const char *const NAMES[] = { "epoch_ms", "epoch_s", "date" };

static conversion find_conversion(weir_str name)
{
    conversion i = 0;
    while (i < CONVERSIONS && !wr_str_eq(name, weir_str_of(NAMES[i])))
        i++;
    return i;
}

weir_status wr_rest_convert_check(weir_ctx *cx, weir_str name)
{
    if (find_conversion(name) < CONVERSIONS)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "'convert' of an incremental is '%.*s'\n"
                     "hint: it is one of epoch_ms, epoch_s, date",
                     WR_STR(name));
}

/* Rounded to a unit, halves to the even one as Python does. */
static int64_t rounded(int64_t us, int64_t unit)
{
    const int64_t floor = us / unit - (us % unit < 0);
    const int64_t rest = us - floor * unit;
    const bool up = rest * 2 > unit || (rest * 2 == unit && floor % 2 != 0);
    return floor + up;
}

weir_status wr_rest_convert(weir_ctx *cx, wr_arena *arena, weir_str name, weir_value value,
                            weir_value *ret)
{
    const conversion how = find_conversion(name);
    *ret = value;
    if (value.kind != WEIR_TEXT)
        return WEIR_OK;
    if (how == DATE) {
        *ret = weir_text((weir_str){ value.as.s.ptr, value.as.s.len < 10 ? value.as.s.len : 10 });
        return WEIR_OK;
    }
    const wr_iso iso = wr_iso_parse(value.as.s);
    if ((iso.kind != WR_ISO_DATETIME && iso.kind != WR_ISO_DATE) || iso.refused)
        return weir_fail(cx, WEIR_SCHEMA,
                         "the cursor's value '%.*s' is no time, for convert '%.*s'",
                         WR_STR(value.as.s), WR_STR(name));
    char text[WR_NUMBER_TEXT];
    const int64_t unit = how == EPOCH_MS ? WR_US_PER_SECOND / 1000 : WR_US_PER_SECOND;
    const size_t len = wr_int_text(text, rounded(iso.us, unit));
    *ret = weir_text(wr_arena_str(arena, (weir_str){ text, len }));
    return WEIR_OK;
}

/* ---- days ---- */

/* *ret false: it is no day. */
static bool read_day(weir_str text, int64_t *ret)
{
    const wr_iso iso = wr_iso_parse(text);
    if (iso.kind != WR_ISO_DATE || iso.refused)
        return false;
    *ret = rounded(iso.us, WR_US_PER_DAY);
    return true;
}

weir_status wr_rest_days_read(weir_ctx *cx, const wr_node *given, wr_rest_days *ret)
{
    static const char *const KEYS[] = { "from", "to", NULL };
    wr_rest_days days = { 0 };
    WEIR_TRY(check_keys(cx, given, "'days'", KEYS));
    days.until_yesterday = !wr_node_get(given, "to");
    if (!read_day(wr_node_get_text(given, "from"), &days.first) ||
        (!days.until_yesterday && !read_day(wr_node_get_text(given, "to"), &days.last)))
        return weir_fail(
            cx, WEIR_CONFIG,
            "'days' has no first day, or its last one is none\n"
            "hint: days = { from = \"2024-02-26\", to = \"2024-03-01\" }; without 'to' "
            "they go on until yesterday");
    *ret = days;
    return WEIR_OK;
}

weir_status wr_rest_days_put(weir_ctx *cx, const wr_rest_days *days, weir_value start,
                             wr_buf *lines, int64_t *count)
{
    int64_t first = days->first;
    int64_t known = 0;
    if (start.kind == WEIR_TEXT && read_day(start.as.s, &known) && known > first)
        first = known;
    const int64_t last = days->until_yesterday ? wr_now(cx) / WR_US_PER_DAY - 1 : days->last;
    for (int64_t day = first; day <= last; day++, ++*count) {
        char text[WR_TIME_TEXT];
        const size_t len = wr_date_iso(text, day);
        wr_buf_printf(lines, "{\"date\":\"%.*s\"}\n", (int)len, text);
    }
    return wr_buf_check(cx, lines, "the days of a resource");
}
