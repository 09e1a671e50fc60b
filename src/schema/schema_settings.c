/* What the settings of a schema say about columns: hints and types by name, and which types to detect in texts. */
#include "schema/schema_parts.h"

#include <regex.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/coerce.h"

/* Longest regular expression. */
#define REGEX_MAX 4096

/* ---- simple regexes: "name" is exactly that name, "re:…" is searched in the name ---- */

static bool is_regex(weir_str pattern)
{
    return wr_str_starts(pattern, wr_lit("re:"));
}

static bool is_plain(weir_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", text.ptr[i]))
            return false;
    return true;
}

/* The name in "re:^name$", the usual form; false for any other. */
static bool find_exact(weir_str pattern, weir_str *ret)
{
    const weir_str name = { pattern.ptr + 4, pattern.len - 5 };
    if (pattern.len < 5 || pattern.ptr[3] != '^' || pattern.ptr[pattern.len - 1] != '$')
        return false;
    *ret = name;
    return is_plain(name);
}

/* An escape outside of brackets: POSIX lacks \d, and knows the others of letters or does not. */
static bool translate_escape(wr_buf *out, char c)
{
    if (c == 'd' || c == 'D') {
        wr_buf_cstr(out, c == 'd' ? "[0-9]" : "[^0-9]");
        return true;
    }
    const bool known = !is_plain((weir_str){ &c, 1 }) || c == '_' || strchr("wWsSbB", c);
    wr_buf_char(out, '\\');
    wr_buf_char(out, c);
    return known;
}

/* A Python expression as a POSIX one; false when it has what only Python knows. */
static bool translate(wr_buf *out, weir_str regex)
{
    bool bracket = false;
    for (size_t i = 0; i < regex.len; i++) {
        const char c = regex.ptr[i];
        const weir_str rest = { regex.ptr + i, regex.len - i };
        if (c == '\0' || (c == '\\' && (bracket || rest.len < 2)))
            return false;
        if (c == '\\') {
            if (!translate_escape(out, rest.ptr[1]))
                return false;
            i++;
            continue;
        }
        if (!bracket && wr_str_starts(rest, wr_lit("(?"))) {
            if (!wr_str_starts(rest, wr_lit("(?:")))
                return false;
            i += 2;
        }
        bracket = bracket ? c != ']' : c == '[';
        wr_buf_char(out, c);
    }
    return !out->failed;
}

static bool compile(regex_t *regex, weir_str pattern)
{
    const weir_str body = { pattern.ptr + 3, pattern.len - 3 };
    wr_auto(buf) wr_buf posix = wr_buf_max(REGEX_MAX);
    return translate(&posix, body) &&
           regcomp(regex, wr_buf_text(&posix), REG_EXTENDED | REG_NOSUB) == 0;
}

static bool search(weir_str pattern, weir_str name)
{
    regex_t regex;
    if (!compile(&regex, pattern))
        return false;
    wr_auto(free) char *text = wr_copy(name.ptr, name.len);
    const bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static bool matches(weir_str pattern, weir_str name)
{
    weir_str exact;
    if (!is_regex(pattern))
        return wr_str_eq(pattern, name);
    return find_exact(pattern, &exact) ? wr_str_eq(exact, name) : search(pattern, name);
}

bool wr_regexes_match(const wr_node *list, weir_str name)
{
    for (const wr_node *pattern = list->first; pattern; pattern = pattern->next)
        if (matches(pattern->text, name))
            return true;
    return false;
}

/* Does Python's re.escape() leave it as it is? */
static bool is_literal(weir_str text)
{
    static const char SPECIAL[] = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
    for (size_t i = 0; i < text.len; i++)
        if (memchr(SPECIAL, text.ptr[i], sizeof(SPECIAL)))
            return false;
    return text.len > 0;
}

weir_status wr_regex_named(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str regex,
                           weir_str *ret)
{
    const size_t front = is_regex(regex) ? 3 : 0;
    weir_str name = { regex.ptr + front, regex.len - front };
    const bool anchored = name.len >= 2 && name.ptr[0] == '^' && name.ptr[name.len - 1] == '$';
    if (anchored)
        name = (weir_str){ name.ptr + 1, name.len - 2 };
    if (!is_literal(name)) {
        *ret = regex;
        return WEIR_OK;
    }
    WEIR_TRY(wr_name_path(cx, naming, arena, name, &name));
    *ret = wr_arena_printf(arena, "%s%s%.*s%s", front ? "re:" : "", anchored ? "^" : "",
                           WR_STR(name), anchored ? "$" : "");
    return WEIR_OK;
}

weir_str wr_regex_canonical(wr_arena *arena, weir_str regex)
{
    return is_regex(regex) ? regex : wr_arena_printf(arena, "re:^%.*s$", WR_STR(regex));
}

static weir_status check_regex(weir_ctx *cx, weir_str pattern)
{
    weir_str exact;
    regex_t regex;
    if (!is_regex(pattern) || find_exact(pattern, &exact))
        return WEIR_OK;
    if (!compile(&regex, pattern))
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "the regular expression '%.*s' is none that weir knows", WR_STR(pattern));
    regfree(&regex);
    return WEIR_OK;
}

weir_status wr_regexes_check(weir_ctx *cx, const wr_node *list)
{
    for (const wr_node *pattern = list ? list->first : NULL; pattern; pattern = pattern->next)
        WEIR_TRY(check_regex(cx, pattern->text));
    return WEIR_OK;
}

weir_status wr_settings_check(weir_ctx *cx, const wr_node *settings)
{
    const wr_node *hints = wr_node_get(settings, "default_hints");
    for (const wr_node *hint = hints ? hints->first : NULL; hint; hint = hint->next)
        WEIR_TRY(wr_regexes_check(cx, hint));

    const wr_node *types = wr_node_get(settings, "preferred_types");
    for (const wr_node *type = types ? types->first : NULL; type; type = type->next)
        WEIR_TRY(check_regex(cx, type->key));
    return WEIR_OK;
}

/* ---- settings ---- */

typedef struct named_bit {
    const char *name;
    unsigned bit;
} named_bit;

static const named_bit HINTS[] = {
    { "not_null", WEIR_HINT_NOT_NULL },   { "primary_key", WEIR_HINT_PRIMARY_KEY },
    { "merge_key", WEIR_HINT_MERGE_KEY }, { "unique", WEIR_HINT_UNIQUE },
    { "row_key", WEIR_HINT_ROW_KEY },     { "parent_key", WEIR_HINT_PARENT_KEY },
    { "root_key", WEIR_HINT_ROOT_KEY },   { 0 },
};

static const named_bit DETECTIONS[] = {
    { "iso_timestamp", WR_DETECT_ISO_TIMESTAMP },
    { "iso_date", WR_DETECT_ISO_DATE },
    { "timestamp", WR_DETECT_TIMESTAMP },
    { "large_integer", WR_DETECT_LARGE_INTEGER },
    { 0 },
};

static unsigned find_bit(const named_bit *bits, weir_str name)
{
    while (bits->name && !wr_str_eq(weir_str_of(bits->name), name))
        bits++;
    return bits->bit;
}

unsigned wr_schema_default_hints(const wr_schema *schema, weir_str column)
{
    unsigned hints = 0;
    const wr_node *settings = wr_node_get(schema->settings, "default_hints");
    for (const wr_node *hint = settings ? settings->first : NULL; hint; hint = hint->next)
        if (wr_regexes_match(hint, column))
            hints |= find_bit(HINTS, hint->key);
    return hints;
}

weir_type wr_schema_preferred_type(const wr_schema *schema, weir_str column)
{
    const wr_node *settings = wr_node_get(schema->settings, "preferred_types");
    for (const wr_node *type = settings ? settings->first : NULL; type; type = type->next)
        if (matches(type->key, column))
            return wr_type_find(type->text);
    return WEIR_NO_TYPE;
}

unsigned wr_schema_detections(const wr_schema *schema)
{
    unsigned detections = 0;
    const wr_node *settings = wr_node_get(schema->settings, "detections");
    for (const wr_node *name = settings ? settings->first : NULL; name; name = name->next)
        detections |= find_bit(DETECTIONS, name->text);
    return detections;
}
