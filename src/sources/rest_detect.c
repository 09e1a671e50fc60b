/* Looks for rows and for the way to the next page. */
#include "sources/rest_detect.h"

#include <strings.h>

#include "base/number.h"
#include "base/str.h"
#include "net/link.h"

/* Lists deeper than this are no rows. */
#define SELECTOR_DEPTH 3

static weir_str below(wr_arena *arena, weir_str path, weir_str key)
{
    return path.len ? wr_arena_printf(arena, "%.*s.%.*s", WR_STR(path), WR_STR(key))
                    : wr_arena_str(arena, key);
}

/* ---- rows ---- */

typedef struct list_search {
    wr_arena *arena;
    weir_str first; /* without `ptr`: none yet */
    weir_str named; /* the first one with a telling name */
} list_search;

static void find_lists(list_search *search, const wr_jval *object, weir_str path, int depth)
{
    static const char *const NAMES[] = { "data",    "items",   "results",  "entries",
                                         "records", "rows",    "entities", "payload",
                                         "content", "objects", "values",   NULL };
    const wr_jval *key = wr_jfirst(object);
    if (depth > SELECTOR_DEPTH)
        return;
    for (size_t i = 0; i < wr_jlen(object); i++, key = wr_jnext(key + 1)) {
        const wr_jkind kind = wr_jkind_of(key + 1);
        if (kind != WR_JARRAY && kind != WR_JOBJECT)
            continue;
        const weir_str name = wr_jtext(key);
        const weir_str here = below(search->arena, path, name);
        if (kind == WR_JOBJECT) {
            find_lists(search, key + 1, here, depth + 1);
            continue;
        }
        if (!search->first.ptr)
            search->first = here;
        if (!search->named.ptr && wr_str_among(name, NAMES))
            search->named = here;
    }
}

weir_str wr_rest_detect_selector(wr_arena *arena, const wr_jval *body)
{
    list_search search = { .arena = arena };
    if (wr_jkind_of(body) == WR_JOBJECT)
        find_lists(&search, body, (weir_str){ 0 }, 1);
    if (search.named.ptr)
        return search.named;
    return search.first.ptr ? search.first : wr_lit("$");
}

/* ---- the next page ---- */

typedef struct next_hit {
    weir_str path;
    const wr_jval *value; /* NULL: none */
} next_hit;

static bool starts_lower(weir_str text, const char *prefix)
{
    const size_t len = strlen(prefix);
    return text.len >= len && strncasecmp(text.ptr, prefix, len) == 0;
}

static bool is_scalar(const wr_jval *value, bool with_bool)
{
    const wr_jkind kind = wr_jkind_of(value);
    return kind == WR_JTEXT || kind == WR_JNUMBER || (with_bool && kind == WR_JBOOL);
}

/* The value of a key that begins with "next": itself, or a link in it. */
static next_hit hit_of(wr_arena *arena, weir_str path, const wr_jval *value)
{
    if (is_scalar(value, true))
        return (next_hit){ path, value };
    if (wr_jkind_of(value) != WR_JOBJECT)
        return (next_hit){ 0 };
    const wr_jval *key = wr_jfirst(value);
    for (size_t i = 0; i < wr_jlen(value); i++, key = wr_jnext(key + 1)) {
        const weir_str name = wr_jtext(key);
        if ((starts_lower(name, "href") || starts_lower(name, "url")) && is_scalar(key + 1, false))
            return (next_hit){ below(arena, path, name), key + 1 };
    }
    return (next_hit){ 0 };
}

static next_hit find_next(wr_arena *arena, const wr_jval *object, weir_str path)
{
    if (wr_jkind_of(object) != WR_JOBJECT)
        return (next_hit){ 0 };
    const wr_jval *key = wr_jfirst(object);
    for (size_t i = 0; i < wr_jlen(object); i++, key = wr_jnext(key + 1)) {
        const bool is_next = starts_lower(wr_jtext(key), "next");
        if (!is_next && wr_jkind_of(key + 1) != WR_JOBJECT)
            continue;
        const weir_str here = below(arena, path, wr_jtext(key));
        next_hit hit = is_next ? hit_of(arena, here, key + 1) : (next_hit){ 0 };
        if (!hit.value)
            hit = find_next(arena, key + 1, here);
        if (hit.value)
            return hit;
    }
    return (next_hit){ 0 };
}

static bool is_link(const wr_jval *value)
{
    const weir_str text = wr_jtext(value);
    return wr_jkind_of(value) == WR_JTEXT &&
           (wr_str_starts(text, wr_lit("http")) || wr_str_starts(text, wr_lit("/")));
}

static bool is_count(const wr_jval *value)
{
    int64_t number;
    return wr_jkind_of(value) == WR_JNUMBER || wr_jkind_of(value) == WR_JBOOL ||
           (wr_jkind_of(value) == WR_JTEXT && wr_int_parse(wr_str_trim(wr_jtext(value)), &number));
}

static weir_str find_total(wr_arena *arena, const wr_jval *object, weir_str path)
{
    static const char *const NAMES[] = { "total_pages", "pages", "totalpages", NULL };
    if (wr_jkind_of(object) != WR_JOBJECT)
        return (weir_str){ 0 };
    const wr_jval *key = wr_jfirst(object);
    for (size_t i = 0; i < wr_jlen(object); i++, key = wr_jnext(key + 1)) {
        if (wr_str_among(wr_arena_lower(arena, wr_jtext(key)), NAMES) && is_count(key + 1))
            return below(arena, path, wr_jtext(key));
        if (wr_jkind_of(key + 1) != WR_JOBJECT)
            continue;
        const weir_str found = find_total(arena, key + 1, below(arena, path, wr_jtext(key)));
        if (found.ptr)
            return found;
    }
    return (weir_str){ 0 };
}

static wr_node *paginator(wr_arena *arena, const char *type, const char *key, weir_str path)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, ret, wr_lit("type"), wr_node_text(arena, weir_str_of(type)));
    if (key)
        wr_node_set(arena, ret, weir_str_of(key), wr_node_text(arena, path));
    return ret;
}

wr_node *wr_rest_detect_paginator(wr_arena *arena, const wr_jval *body, weir_str link)
{
    weir_str target;
    if (wr_link_find(link, wr_lit("next"), &target))
        return paginator(arena, "header_link", NULL, target);
    const next_hit next = find_next(arena, body, (weir_str){ 0 });
    if (next.value && is_link(next.value))
        return paginator(arena, "json_link", "next_url_path", next.path);
    const weir_str total = find_total(arena, body, (weir_str){ 0 });
    if (total.ptr)
        return paginator(arena, "page_number", "total_path", total);
    if (next.value)
        return paginator(arena, "cursor", "cursor_path", next.path);
    return paginator(arena, "single_page", NULL, total);
}

bool wr_rest_looks_paged(const wr_jval *body)
{
    static const char *const NAMES[] = { "has_more", "hasmore",    "offset", "cursor",
                                         "paging",   "pagination", "next",   NULL };
    if (wr_jkind_of(body) != WR_JOBJECT)
        return false;
    const wr_jval *key = wr_jfirst(body);
    for (size_t i = 0; i < wr_jlen(body); i++, key = wr_jnext(key + 1)) {
        const weir_str name = wr_jtext(key);
        for (size_t k = 0; NAMES[k]; k++)
            if (name.len == strlen(NAMES[k]) && starts_lower(name, NAMES[k]) &&
                wr_jkind_of(key + 1) != WR_JNULL)
                return true;
        if (wr_jkind_of(key + 1) == WR_JOBJECT && wr_rest_looks_paged(key + 1))
            return true;
    }
    return false;
}
