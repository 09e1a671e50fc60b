/* Reads TOML 1.0: keys, headers, arrays and inline tables, and the rules of who may add to which table.
 *
 *     document   { [ header | setting ] line end }
 *     header     "[" key { "." key } "]"             opens a table
 *              | "[[" key { "." key } "]]"           adds an element to an array of tables
 *     setting    key { "." key } "=" value           in the table that was opened last
 *     value      text | scalar | "[" { value "," } "]" | "{" { setting "," } "}"
 *
 * A table can be opened once, and is complete when the next one is opened; what may come later depends on its form:
 *
 *     written as            name.below = …    [name.below]    [name]
 *     name = { … }          no                no              no
 *     [name]                no                yes             no
 *     [name.other]          yes               yes             yes
 *     name.other = …        yes               yes             no      */
#include "format/toml.h"

#include "base/ctx.h"
#include "base/file.h"
#include "base/map.h"
#include "format/toml_parts.h"

#define BARE_HINT "a key of other characters than A-Z, a-z, 0-9, '_' and '-' needs quotes"

typedef enum toml_version { WR_TOML_1_0, WR_TOML_1_1 } toml_version;

typedef struct parser {
    wr_toml_scan s;
    toml_version version;
    wr_toml *root;
    wr_toml *table; /* that was opened last */
    wr_map members; /* of all tables, so that a large one is searched as fast as a small one */
    wr_arena names; /* the keys of this map: table and key */
    wr_buf name;    /* the one that is looked for */
    size_t values;
} parser;

typedef struct key {
    weir_str text;
    wr_toml_place place;
} key;

/* ---- the tree ---- */

static weir_str name_member(parser *p, const wr_toml *table, weir_str name)
{
    wr_buf_clear(&p->name);
    wr_buf_append(&p->name, &table, sizeof(table));
    wr_buf_str(&p->name, name);
    return wr_buf_view(&p->name);
}

static wr_toml *find(parser *p, const wr_toml *table, const key *k)
{
    return wr_map_get(&p->members, name_member(p, table, k->text));
}

static weir_status add_child(parser *p, wr_toml *parent, const key *k, wr_toml **ret)
{
    if (parent->depth == WR_TOML_DEPTH)
        return wr_toml_fail(p->s.cx, WEIR_LIMIT, k->place,
                            "tables and arrays are nested deeper than %d levels", WR_TOML_DEPTH);
    if (++p->values > WR_TOML_VALUES_MAX)
        return wr_toml_fail(p->s.cx, WEIR_LIMIT, k->place, "the file holds more than %zu values",
                            WR_TOML_VALUES_MAX);

    wr_toml *child = wr_arena_new(p->s.arena, wr_toml);
    child->depth = parent->depth + 1;
    child->key = k->text;
    child->key_place = child->place = k->place;
    *(parent->last ? &parent->last->next : &parent->first) = child;
    parent->last = child;
    parent->count++;
    *ret = child;
    return WEIR_OK;
}

static weir_status add_member(parser *p, wr_toml *table, const key *k, wr_toml **ret)
{
    WEIR_TRY(add_child(p, table, k, ret));
    const weir_str name = name_member(p, table, k->text);
    wr_map_put(&p->members, wr_arena_str(&p->names, name), *ret);
    return WEIR_OK;
}

static weir_status add_table(parser *p, wr_toml *table, const key *k, wr_toml_form form,
                             wr_toml **ret)
{
    WEIR_TRY(add_member(p, table, k, ret));
    (*ret)->kind = WR_TOML_TABLE;
    (*ret)->form = form;
    return WEIR_OK;
}

/* ---- what cannot be added ---- */

static const char *describe(const wr_toml *value)
{
    static const char *const tables[] = {
        [WR_TOML_INLINE] = "an inline table",
        [WR_TOML_HEADER] = "a table with a header",
        [WR_TOML_IMPLIED] = "a table",
        [WR_TOML_DOTTED] = "a table of keys with dots",
    };
    if (value->kind == WR_TOML_TABLE)
        return tables[value->form];
    if (value->kind == WR_TOML_ARRAY && value->form == WR_TOML_HEADER)
        return "an array of tables";
    return wr_toml_kind_name(value->kind);
}

static const char *hint_for(const wr_toml *there)
{
    if (there->kind < WR_TOML_ARRAY)
        return "a key has one value; remove or rename one of the two";
    if (there->form == WR_TOML_INLINE)
        return "a key is set once, and what stands in brackets is complete where they close";
    return "keep the keys of a table together, at one place and written in one way";
}

static weir_status refuse(parser *p, const char *doing, const key *k, const wr_toml *there)
{
    const weir_status status = wr_toml_fail(
        p->s.cx, WEIR_PARSE, k->place, "cannot %s '%s': it is already %s, since line %u", doing,
        wr_toml_cut(&p->s, k->text), describe(there), there->place.line);
    wr_hint(p->s.cx, "%s", hint_for(there));
    return status;
}

/* Go down into the table `*table` by a part of a dotted key that is not the last. */
static weir_status enter_dotted(parser *p, const key *k, wr_toml **table)
{
    wr_toml *there = find(p, *table, k);
    if (!there)
        return add_table(p, *table, k, WR_TOML_DOTTED, table);
    if (there->kind != WR_TOML_TABLE ||
        (there->form != WR_TOML_DOTTED && there->form != WR_TOML_IMPLIED))
        return refuse(p, "add to", k, there);
    there->form = WR_TOML_DOTTED;
    *table = there;
    return WEIR_OK;
}

/* The same for a header; in an array of tables, the newest one is meant. */
static weir_status enter_header(parser *p, const key *k, wr_toml **table)
{
    wr_toml *there = find(p, *table, k);
    if (!there)
        return add_table(p, *table, k, WR_TOML_IMPLIED, table);
    if (there->kind < WR_TOML_ARRAY || there->form == WR_TOML_INLINE)
        return refuse(p, "add to", k, there);
    *table = there->kind == WR_TOML_ARRAY ? there->last : there;
    return WEIR_OK;
}

static weir_status open_table(parser *p, wr_toml *parent, const key *k)
{
    wr_toml *there = find(p, parent, k);
    if (!there)
        return add_table(p, parent, k, WR_TOML_HEADER, &p->table);
    if (there->kind != WR_TOML_TABLE || there->form != WR_TOML_IMPLIED)
        return refuse(p, "open the table", k, there);
    there->form = WR_TOML_HEADER;
    there->key_place = there->place = k->place;
    p->table = there;
    return WEIR_OK;
}

static weir_status open_element(parser *p, wr_toml *parent, const key *k)
{
    wr_toml *array = find(p, parent, k);
    if (!array) {
        WEIR_TRY(add_member(p, parent, k, &array));
        array->kind = WR_TOML_ARRAY;
        array->form = WR_TOML_HEADER;
    }
    if (array->kind != WR_TOML_ARRAY || array->form != WR_TOML_HEADER)
        return refuse(p, "add a table to", k, array);
    WEIR_TRY(add_child(p, array, &(key){ .place = k->place }, &p->table));
    p->table->kind = WR_TOML_TABLE;
    p->table->form = WR_TOML_HEADER;
    return WEIR_OK;
}

/* ---- keys ---- */

static bool is_bare(char c)
{
    const char low = (char)(c | 0x20);
    return wr_toml_is_digit(c) || (low >= 'a' && low <= 'z') || c == '_' || c == '-';
}

/* Does something stand here that could be part of a key, if it had quotes? */
static bool needs_quotes(const wr_toml_scan *s)
{
    return s->at < s->end && !wr_toml_is_control(*s->at) && !strchr(".,=#[]{}\"'", *s->at);
}

static weir_status refuse_key(parser *p)
{
    const weir_status status = wr_toml_expected(&p->s, p->s.at, "a key");
    if (wr_toml_is_at(&p->s, '{'))
        wr_hint(p->s.cx, "a TOML file is no JSON: settings stand as 'key = value', without braces");
    else if (wr_toml_is_at(&p->s, '}'))
        wr_hint(p->s.cx, "no comma stands in front of the closing brace");
    else if (needs_quotes(&p->s))
        wr_hint(p->s.cx, BARE_HINT);
    return status;
}

/* One part of a key, and the blanks around it. */
static weir_status read_key(parser *p, key *ret)
{
    wr_toml_scan *s = &p->s;
    wr_toml_skip_blanks(s);
    ret->place = wr_toml_place_of(s, s->at);
    if (wr_toml_is_at(s, '"') || wr_toml_is_at(s, '\'')) {
        WEIR_TRY(wr_toml_quoted(s, false, &ret->text));
    } else {
        const char *start = s->at;
        while (s->at < s->end && is_bare(*s->at))
            s->at++;
        if (s->at == start)
            return refuse_key(p);
        ret->text = (weir_str){ start, (size_t)(s->at - start) };
    }
    wr_toml_skip_blanks(s);
    return WEIR_OK;
}

static weir_status read_equals(parser *p, const key *k)
{
    if (wr_toml_skip(&p->s, '='))
        return WEIR_OK;
    const weir_status status =
        wr_toml_expected(&p->s, p->s.at, "'=' behind the key '%s'", wr_toml_cut(&p->s, k->text));
    if (wr_toml_is_at(&p->s, ':'))
        wr_hint(p->s.cx, "TOML writes 'key = value', with '=' instead of ':'");
    else if (p->s.at == p->s.end || wr_toml_at_newline(&p->s))
        wr_hint(p->s.cx, "a setting is 'key = value', a table '[name]'");
    else if (needs_quotes(&p->s))
        wr_hint(p->s.cx, BARE_HINT);
    return status;
}

/* ---- values ---- */

static weir_status read_value(parser *p, wr_toml *value);

static weir_status read_setting(parser *p, wr_toml *table)
{
    key k;
    WEIR_TRY(read_key(p, &k));
    while (wr_toml_skip(&p->s, '.')) {
        WEIR_TRY(enter_dotted(p, &k, &table));
        WEIR_TRY(read_key(p, &k));
    }
    WEIR_TRY(read_equals(p, &k));
    wr_toml_skip_blanks(&p->s);

    wr_toml *value = find(p, table, &k);
    if (value)
        return refuse(p, "set", &k, value);
    WEIR_TRY(add_member(p, table, &k, &value));
    return read_value(p, value);
}

/* Behind the last member, at the closing bracket or at what stands in its place. */
static weir_status close_value(parser *p, const wr_toml *value)
{
    const char closing = value->kind == WR_TOML_ARRAY ? ']' : '}';
    if (wr_toml_skip(&p->s, closing))
        return WEIR_OK;
    const weir_status status = wr_toml_expected(&p->s, p->s.at, "',' or '%c'", closing);
    if (closing == '}' && wr_toml_at_newline(&p->s))
        wr_hint(p->s.cx, "an inline table has one line; for more, use a header: [name]");
    else
        wr_hint(p->s.cx, "the %s begins in line %u", closing == ']' ? "array" : "inline table",
                value->place.line);
    return status;
}

/* A comma may stand behind the last element. */
static weir_status read_array(parser *p, wr_toml *array)
{
    wr_toml_scan *s = &p->s;
    const key element = { .place = array->key_place };
    array->kind = WR_TOML_ARRAY;
    do {
        WEIR_TRY(wr_toml_skip_lines(s));
        if (s->at == s->end || *s->at == ']')
            break;
        wr_toml *value;
        WEIR_TRY(add_child(p, array, &element, &value));
        WEIR_TRY(read_value(p, value));
        WEIR_TRY(wr_toml_skip_lines(s));
    } while (wr_toml_skip(s, ','));
    return close_value(p, array);
}

/* TOML 1.1: inline tables may go over lines, as arrays may. */
static weir_status skip_in_table(parser *p)
{
    if (p->version >= WR_TOML_1_1)
        return wr_toml_skip_lines(&p->s);
    wr_toml_skip_blanks(&p->s);
    return WEIR_OK;
}

/* Only in TOML 1.1 a comma may stand behind the last member. */
static weir_status read_inline_table(parser *p, wr_toml *table)
{
    wr_toml_scan *s = &p->s;
    table->kind = WR_TOML_TABLE;
    WEIR_TRY(skip_in_table(p));
    if (wr_toml_skip(s, '}'))
        return WEIR_OK;
    do {
        WEIR_TRY(skip_in_table(p));
        if (p->version >= WR_TOML_1_1 && wr_toml_is_at(s, '}'))
            break;
        WEIR_TRY(read_setting(p, table));
        WEIR_TRY(skip_in_table(p));
    } while (wr_toml_skip(s, ','));
    return close_value(p, table);
}

static weir_status read_value(parser *p, wr_toml *value)
{
    wr_toml_scan *s = &p->s;
    value->place = wr_toml_place_of(s, s->at);
    if (wr_toml_is_at(s, '"') || wr_toml_is_at(s, '\'')) {
        value->kind = WR_TOML_TEXT;
        return wr_toml_quoted(s, true, &value->text);
    }
    if (wr_toml_skip(s, '['))
        return read_array(p, value);
    if (wr_toml_skip(s, '{'))
        return read_inline_table(p, value);
    return wr_toml_scalar(s, value);
}

/* ---- the document ---- */

static weir_status read_header(parser *p)
{
    wr_toml_scan *s = &p->s;
    wr_toml_skip(s, '[');
    const bool element = wr_toml_skip(s, '[');

    wr_toml *parent = p->root;
    key k;
    WEIR_TRY(read_key(p, &k));
    while (wr_toml_skip(s, '.')) {
        WEIR_TRY(enter_header(p, &k, &parent));
        WEIR_TRY(read_key(p, &k));
    }
    if (!wr_toml_skip(s, ']') || (element && !wr_toml_skip(s, ']')))
        return wr_toml_expected(s, s->at, "']' behind the name of the table");
    return element ? open_element(p, parent, &k) : open_table(p, parent, &k);
}

static weir_status read_document(parser *p)
{
    WEIR_TRY(wr_toml_begin(&p->s));
    for (;;) {
        WEIR_TRY(wr_toml_skip_lines(&p->s));
        if (p->s.at == p->s.end)
            return WEIR_OK;
        WEIR_TRY(wr_toml_is_at(&p->s, '[') ? read_header(p) : read_setting(p, p->table));
        WEIR_TRY(wr_toml_end_line(&p->s));
    }
}

static void wr_cleanup_parser(parser *p)
{
    wr_map_done(&p->members);
    wr_arena_done(&p->names);
    wr_buf_done(&p->name);
    if (p->s.arena->wipe && p->s.content.ptr)
        explicit_bzero(p->s.content.ptr, p->s.content.cap);
    wr_buf_done(&p->s.content);
}

static weir_status parse(weir_ctx *cx, wr_arena *arena, toml_version version, const char *file,
                         weir_str text, const wr_toml **ret)
{
    if (text.len > WR_TOML_BYTES_MAX)
        return weir_fail(cx, WEIR_LIMIT, "'%s' has %zu bytes, and a TOML file may have %zu", file,
                         text.len, WR_TOML_BYTES_MAX);
    if (!text.ptr)
        text = wr_lit("");

    wr_auto(parser) parser p = {
        .s = {
            .cx = cx,
            .arena = arena,
            .file = wr_arena_str(arena, weir_str_of(file)).ptr,
            .text = text,
            .at = text.ptr,
            .end = text.ptr + text.len,
            .counted = text.ptr,
            .line = 1,
            .column = 1,
            .content = wr_buf_max(WR_TOML_BYTES_MAX),
        },
        .version = version,
        .root = wr_arena_new(arena, wr_toml),
        .name = wr_buf_max(WR_TOML_BYTES_MAX + sizeof(wr_toml *)),
    };
    p.table = p.root;
    p.root->kind = WR_TOML_TABLE;
    p.root->form = WR_TOML_IMPLIED;
    p.root->place = p.root->key_place = wr_toml_place_of(&p.s, text.ptr);
    WEIR_TRY(read_document(&p));
    *ret = p.root;
    return WEIR_OK;
}

weir_status wr_toml_parse(weir_ctx *cx, wr_arena *arena, const char *file, weir_str text,
                          const wr_toml **ret)
{
    return parse(cx, arena, WR_TOML_1_0, file, text, ret);
}

static weir_status read_file(weir_ctx *cx, wr_arena *arena, toml_version version, int dir,
                             const char *path, const wr_toml **ret)
{
    weir_str text;
    bool found;
    WEIR_TRY(wr_file_read(cx, arena, dir, path, &text, &found));
    if (found)
        return parse(cx, arena, version, path, text, ret);
    *ret = NULL;
    return WEIR_OK;
}

weir_status wr_toml_read(weir_ctx *cx, wr_arena *arena, int dir, const char *path,
                         const wr_toml **ret)
{
    return read_file(cx, arena, WR_TOML_1_0, dir, path, ret);
}

weir_status wr_toml_read_1_1(weir_ctx *cx, wr_arena *arena, int dir, const char *path,
                             const wr_toml **ret)
{
    return read_file(cx, arena, WR_TOML_1_1, dir, path, ret);
}
