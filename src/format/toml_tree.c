/* The tree of a TOML file: what is found in it, what messages say about it, and the same as JSON. */
#include <math.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "format/toml.h"

const wr_toml *wr_toml_get(const wr_toml *table, weir_str key)
{
    if (!table || table->kind != WR_TOML_TABLE)
        return NULL;
    const wr_toml *member = table->first;
    while (member && !wr_str_eq(member->key, key))
        member = member->next;
    return member;
}

const wr_toml *wr_toml_find(const wr_toml *table, const char *path)
{
    weir_str rest = weir_str_of(path);
    weir_str key;
    while (wr_str_split(&rest, '.', &key))
        table = wr_toml_get(table, key);
    return table;
}

const char *wr_toml_kind_name(wr_toml_kind kind)
{
    static const char *const names[] = {
        [WR_TOML_TEXT] = "a text",
        [WR_TOML_INT] = "an integer",
        [WR_TOML_FLOAT] = "a float",
        [WR_TOML_BOOL] = "a boolean",
        [WR_TOML_TIMESTAMP] = "a date and time with an offset",
        [WR_TOML_LOCAL_TIMESTAMP] = "a date and time",
        [WR_TOML_DATE] = "a date",
        [WR_TOML_CLOCK] = "a time of day",
        [WR_TOML_ARRAY] = "an array",
        [WR_TOML_TABLE] = "a table",
    };
    return names[kind];
}

weir_status wr_toml_fail(weir_ctx *cx, weir_status status, wr_toml_place place, const char *format,
                         ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return weir_fail(cx, status, "%s:%u:%u: %s", place.file, place.line, place.column, text);
}

/* ---- expectations ---- */

weir_status wr_toml_check_keys(weir_ctx *cx, const wr_toml *table, const char *what,
                               const char *const *known)
{
    for (const wr_toml *member = table->first; member; member = member->next) {
        if (wr_str_among(member->key, known))
            continue;
        const weir_status status = wr_toml_fail(cx, WEIR_CONFIG, member->key_place,
                                                "%s has no key '%.*s'", what, WR_STR(member->key));
        return wr_suggest(cx, status, member->key, known);
    }
    return WEIR_OK;
}

weir_status wr_toml_member(weir_ctx *cx, const wr_toml *table, const char *key, wr_toml_kind kind,
                           const wr_toml **ret)
{
    const wr_toml *member = wr_toml_get(table, weir_str_of(key));
    if (member && member->kind != kind)
        return wr_toml_fail(cx, WEIR_CONFIG, member->place, "'%s' is %s, expected %s", key,
                            wr_toml_kind_name(member->kind), wr_toml_kind_name(kind));
    *ret = member;
    return WEIR_OK;
}

/* ---- JSON ---- */

static wr_node *float_node(wr_arena *arena, double value)
{
    char text[WR_NUMBER_TEXT];
    wr_node *node = wr_node_new(arena, isfinite(value) ? WR_NODE_NUMBER : WR_NODE_TEXT);
    const size_t len = isfinite(value) ? wr_double_json(text, value) : wr_double_repr(text, value);
    node->text = wr_arena_str(arena, (weir_str){ text, len });
    return node;
}

/* As written, but for the blank and the small letters that TOML allows. */
static wr_node *time_node(wr_arena *arena, const wr_toml *value)
{
    char *text = wr_arena_alloc(arena, value->text.len + 1);
    memcpy(text, value->text.ptr, value->text.len);
    if (value->kind == WR_TOML_TIMESTAMP || value->kind == WR_TOML_LOCAL_TIMESTAMP)
        text[strlen("2024-01-31")] = 'T';
    if (text[value->text.len - 1] == 'z')
        text[value->text.len - 1] = 'Z';

    wr_node *node = wr_node_new(arena, WR_NODE_TEXT);
    node->text = (weir_str){ text, value->text.len };
    return node;
}

static wr_node *container_node(wr_arena *arena, const wr_toml *value)
{
    const bool table = value->kind == WR_TOML_TABLE;
    wr_node *node = wr_node_new(arena, table ? WR_NODE_OBJECT : WR_NODE_ARRAY);
    for (const wr_toml *child = value->first; child; child = child->next) {
        wr_node *member = wr_toml_to_node(arena, child);
        if (table)
            member->key = wr_arena_str(arena, child->key);
        wr_node_append(node, member);
    }
    return node;
}

wr_node *wr_toml_to_node(wr_arena *arena, const wr_toml *value)
{
    switch (value->kind) {
    case WR_TOML_TEXT: return wr_node_text(arena, value->text);
    case WR_TOML_INT: return wr_node_int(arena, value->as.i);
    case WR_TOML_FLOAT: return float_node(arena, value->as.f);
    case WR_TOML_BOOL: return wr_node_bool(arena, value->as.b);
    case WR_TOML_TIMESTAMP:
    case WR_TOML_LOCAL_TIMESTAMP:
    case WR_TOML_DATE:
    case WR_TOML_CLOCK: return time_node(arena, value);
    case WR_TOML_ARRAY:
    case WR_TOML_TABLE: break;
    }
    return container_node(arena, value);
}
