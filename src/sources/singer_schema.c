/* The schema of a Singer stream as hints of a resource. */
#include "sources/singer.h"

#include "base/ctx.h"
#include "base/str.h"

/* Numbers are exact when the schema says of what they are multiples: 0.01 has two digits behind the point. */
#define DECIMAL_PRECISION 38

/* The one type of a column beside null; empty: none, or several, and the values tell. */
static weir_str one_type(const wr_node *property)
{
    const wr_node *type = wr_node_get(property, "type");
    weir_str found = { 0 };
    size_t count = 0;
    if (type && type->kind == WR_NODE_TEXT)
        return type->text;
    for (const wr_node *item = type ? type->first : NULL; item; item = item->next) {
        if (wr_str_eq(item->text, wr_lit("null")))
            continue;
        found = item->text;
        count++;
    }
    return count == 1 ? found : (weir_str){ 0 };
}

/* How many digits behind the point `multipleOf` has: "0.01", "1e-02"; -1: it is no power of ten below one. */
static int scale_of(weir_str text)
{
    int digits = 0;
    if (wr_str_starts(text, wr_lit("1e-")) || wr_str_starts(text, wr_lit("1E-"))) {
        for (size_t i = 3; i < text.len && digits < 100; i++)
            digits = digits * 10 + (text.ptr[i] - '0');
        return text.len > 3 && digits > 0 && digits <= DECIMAL_PRECISION ? digits : -1;
    }
    if (!wr_str_starts(text, wr_lit("0.")) || !wr_str_ends(text, wr_lit("1")))
        return -1;
    for (size_t i = 2; i + 1 < text.len; i++)
        if (text.ptr[i] != '0')
            return -1;
    digits = (int)(text.len - 2);
    return digits <= DECIMAL_PRECISION ? digits : -1;
}

static const struct {
    weir_str type;
    weir_str format; /* empty: any */
    const char *data_type;
} TYPES[] = {
    { wr_lit("integer"), { 0 }, "bigint" },
    { wr_lit("number"), { 0 }, "double" },
    { wr_lit("boolean"), { 0 }, "bool" },
    { wr_lit("string"), wr_lit("date-time"), "timestamp" },
    { wr_lit("string"), wr_lit("date"), "date" },
    { wr_lit("string"), wr_lit("time"), "time" },
    { wr_lit("string"), wr_lit("singer.decimal"), "decimal" },
    { wr_lit("string"), { 0 }, "text" },
};

/* NULL: objects and lists become columns and tables of their own, and what is unclear is told by the values. */
static const char *type_of(weir_str type, weir_str format)
{
    for (size_t i = 0; i < sizeof(TYPES) / sizeof(*TYPES); i++)
        if (wr_str_eq(type, TYPES[i].type) &&
            (TYPES[i].format.len == 0 || wr_str_eq(format, TYPES[i].format)))
            return TYPES[i].data_type;
    return NULL;
}

static wr_node *column_of(wr_arena *arena, const wr_node *property)
{
    const weir_str type = one_type(property);
    const char *data_type = type_of(type, wr_node_get_text(property, "format"));
    const wr_node *multiple = wr_node_get(property, "multipleOf");
    int scale = -1;
    if (!data_type)
        return NULL;
    if (multiple && multiple->kind == WR_NODE_NUMBER && wr_str_eq(type, wr_lit("number")))
        scale = scale_of(multiple->text);
    wr_node *column = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, column, wr_lit("data_type"),
                wr_node_text(arena, weir_str_of(scale >= 0 ? "decimal" : data_type)));
    if (scale >= 0) {
        wr_node_set(arena, column, wr_lit("precision"), wr_node_int(arena, DECIMAL_PRECISION));
        wr_node_set(arena, column, wr_lit("scale"), wr_node_int(arena, scale));
    }
    return column;
}

static wr_node *columns_of(wr_arena *arena, const wr_node *schema)
{
    const wr_node *properties = wr_node_get(schema, "properties");
    wr_node *columns = wr_node_new(arena, WR_NODE_OBJECT);
    for (const wr_node *p = properties ? properties->first : NULL; p; p = p->next) {
        wr_node *column = p->key.len > 0 ? column_of(arena, p) : NULL;
        if (column)
            wr_node_set(arena, columns, p->key, column);
    }
    return columns;
}

static weir_status add_key(weir_ctx *cx, wr_arena *arena, const wr_node *given, wr_node *hints)
{
    if (!given || given->kind == WR_NODE_NULL)
        return WEIR_OK;
    bool fits = given->kind == WR_NODE_ARRAY;
    for (const wr_node *name = given->first; name; name = name->next)
        fits = fits && name->kind == WR_NODE_TEXT && name->text.len > 0;
    if (!fits)
        return weir_fail(cx, WEIR_INVALID, "'key_properties' is no list of names");
    if (given->count == 0)
        return WEIR_OK;
    wr_node_set(arena, hints, wr_lit("primary_key"), wr_node_copy(arena, given));
    wr_node_set(arena, hints, wr_lit("write_disposition"), wr_node_text(arena, wr_lit("merge")));
    return WEIR_OK;
}

/* Rows of one run that have the same key are versions of one: the newest counts. */
static void sort_versions(wr_arena *arena, const wr_node *bookmarks, wr_node *columns)
{
    const wr_node *name = bookmarks ? bookmarks->first : NULL;
    if (!name || name->kind != WR_NODE_TEXT || name->text.len == 0)
        return;
    wr_node_set(arena, wr_node_child(arena, columns, name->text), wr_lit("dedup_sort"),
                wr_node_text(arena, wr_lit("desc")));
}

weir_status wr_singer_hints(weir_ctx *cx, wr_arena *arena, const wr_node *message, wr_node **ret)
{
    wr_node *hints = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node *columns = columns_of(arena, wr_node_get(message, "schema"));
    WEIR_TRY(add_key(cx, arena, wr_node_get(message, "key_properties"), hints));
    if (hints->count > 0)
        sort_versions(arena, wr_node_get(message, "bookmark_properties"), columns);
    if (columns->count > 0)
        wr_node_set(arena, hints, wr_lit("columns"), columns);
    *ret = hints;
    return WEIR_OK;
}
