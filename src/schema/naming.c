/* Names identifiers and paths as dlt's naming conventions do: a convention is a row of a table
 * with a list of steps. */
#include "schema/naming.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "schema/text.h"

#define TAG_LEN 6
#define TAG_BYTES                                                                                  \
    4 /* of the digest: a collision in 1000 names, when upper and lower case are one */
#define S3_TABLES_MAX 255
#define EMPTY_KEY "_empty"
/* Of a name or path, whatever its destination allows. */
#define NAME_MAX_BYTES ((size_t)1 << 20)

/* One step writes `s` to `ret` in its own way and returns the length. A step makes a text at
 * most twice as long and one more, all steps of a convention together too: between two
 * characters at most one `_` is put. */
typedef size_t naming_step(char *ret, weir_str s);

struct wr_naming_rules {
    const char *name;
    const char *separator;
    naming_step *const *steps; /* ends with NULL */
    size_t max;                /* of the convention itself; 0: none */
    bool bare_tables;          /* names of tables lose their leading underscores */
};

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint32_t c)
{
    return c == '_' || (c | 0x20u) - 'a' < 26 || wr_is_digit(c);
}

/* ---- steps ---- */

static size_t translate_signs(char *ret, weir_str s)
{
    static const char from[] = "+-*@|";
    static const char to[] = "x_xal";

    for (size_t i = 0; i < s.len; i++) {
        const char *sign = memchr(from, s.ptr[i], sizeof(from) - 1);
        ret[i] = sign ? to[sign - from] : s.ptr[i];
    }
    return s.len;
}

/* Every run of other characters than ASCII letters, digits of any script and `_` becomes one
 * `_`. */
static size_t replace_others(char *ret, weir_str s)
{
    size_t len = 0;
    bool in_run = false;
    for (size_t at = 0; at < s.len;) {
        const size_t start = at;
        const bool keep = is_word(wr_utf8_next(s, &at));
        if (keep) {
            memcpy(ret + len, s.ptr + start, at - start);
            len += at - start;
        } else if (!in_run) {
            ret[len++] = '_';
        }
        in_run = !keep;
    }
    return len;
}

/* `_` in front of an upper case letter with lower case ones behind it. The character in front
 * must not belong to the word before: dlt's expression consumes it, so in `ABcDe` only the first
 * word is cut off here. */
static size_t break_words(char *ret, weir_str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len;) {
        const bool word =
            i + 2 < s.len && s.ptr[i] != '_' && is_upper(s.ptr[i + 1]) && is_lower(s.ptr[i + 2]);
        ret[len++] = s.ptr[i++];
        if (!word)
            continue;
        ret[len++] = '_';
        ret[len++] = s.ptr[i++];
        while (i < s.len && is_lower(s.ptr[i]))
            ret[len++] = s.ptr[i++];
    }
    return len;
}

/* `_` between a lower case letter or digit and an upper case letter. */
static size_t break_capitals(char *ret, weir_str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (i > 0 && is_upper(s.ptr[i]) && (is_lower(s.ptr[i - 1]) || is_ascii_digit(s.ptr[i - 1])))
            ret[len++] = '_';
        ret[len++] = s.ptr[i];
    }
    return len;
}

static size_t lower(char *ret, weir_str s)
{
    for (size_t i = 0; i < s.len; i++)
        ret[i] = is_upper(s.ptr[i]) ? (char)(s.ptr[i] | 0x20) : s.ptr[i];
    return s.len;
}

static size_t prefix_digit(char *ret, weir_str s)
{
    size_t at = 0;
    const size_t shift = s.len > 0 && wr_is_digit(wr_utf8_next(s, &at)) ? 1 : 0;
    ret[0] = '_';
    memmove(ret + shift, s.ptr, s.len);
    return s.len + shift;
}

static size_t without_trailing_underscores(weir_str s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == '_')
        s.len--;
    return s.len;
}

static size_t trailing_to_x(char *ret, weir_str s)
{
    const size_t kept = without_trailing_underscores(s);
    memcpy(ret, s.ptr, kept);
    memset(ret + kept, 'x', s.len - kept);
    return s.len;
}

static size_t remove_trailing(char *ret, weir_str s)
{
    const size_t kept = wr_str_eq(s, wr_lit("_")) ? 1 : without_trailing_underscores(s);
    memcpy(ret, s.ptr, kept);
    return kept;
}

static size_t contract(char *ret, weir_str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '_' || len == 0 || ret[len - 1] != '_')
            ret[len++] = s.ptr[i];
    }
    return len;
}

static size_t underscore_for(char *ret, weir_str s, const char *characters)
{
    for (size_t i = 0; i < s.len; i++)
        ret[i] = s.ptr[i] != '\0' && strchr(characters, s.ptr[i]) ? '_' : s.ptr[i];
    return s.len;
}

static size_t replace_breaks(char *ret, weir_str s)
{
    return underscore_for(ret, s, "\n\r\"");
}

static size_t replace_breaks_and_quotes(char *ret, weir_str s)
{
    return underscore_for(ret, s, "\n\r'\"");
}

static size_t replace_arrows(char *ret, weir_str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len;) {
        const bool arrow = wr_str_starts((weir_str){ s.ptr + i, s.len - i }, wr_lit("▶"));
        ret[len++] = arrow ? '_' : s.ptr[i];
        i += arrow ? sizeof("▶") - 1 : 1;
    }
    return len;
}

/* ---- conventions ---- */

static naming_step *const snake_case_steps[] = {
    translate_signs, replace_others, break_words, break_capitals, lower,
    prefix_digit,    trailing_to_x,  contract,    NULL,
};
static naming_step *const duck_case_steps[] = { replace_breaks, contract, NULL };
static naming_step *const direct_steps[] = { replace_breaks_and_quotes, replace_arrows, NULL };
static naming_step *const sql_cs_steps[] = {
    replace_others, prefix_digit, remove_trailing, contract, NULL,
};
static naming_step *const sql_ci_steps[] = {
    replace_others, prefix_digit, remove_trailing, contract, lower, NULL,
};

static const wr_naming_rules conventions[] = {
    { .name = "snake_case", .separator = "__", .steps = snake_case_steps },
    { .name = "duck_case", .separator = "__", .steps = duck_case_steps },
    { .name = "direct", .separator = "▶", .steps = direct_steps },
    { .name = "sql_cs_v1", .separator = "__", .steps = sql_cs_steps },
    { .name = "sql_ci_v1", .separator = "__", .steps = sql_ci_steps },
    { .name = "s3_tables",
      .separator = "__",
      .steps = snake_case_steps,
      .max = S3_TABLES_MAX,
      .bare_tables = true },
};
#define CONVENTION_COUNT (sizeof(conventions) / sizeof(conventions[0]))

static weir_status fail_unknown(weir_ctx *cx, weir_str convention)
{
    wr_auto(buf) wr_buf known = wr_buf_max(512);
    for (size_t i = 0; i < CONVENTION_COUNT; i++)
        wr_buf_printf(&known, "%s%s", i == 0 ? "" : ", ", conventions[i].name);
    return weir_fail(cx, WEIR_CONFIG, "unknown naming convention '%.*s'\nhint: it is one of %s",
                     WR_STR(convention), wr_buf_text(&known));
}

weir_status wr_naming_find(weir_ctx *cx, weir_str convention, size_t max, wr_naming *ret)
{
    for (size_t i = 0; i < CONVENTION_COUNT; i++) {
        const wr_naming_rules *rules = &conventions[i];
        if (!wr_str_eq(convention, weir_str_of(rules->name)))
            continue;
        if (rules->max > 0 && max > rules->max)
            return weir_fail(cx, WEIR_CONFIG, "names of '%s' have at most %zu characters, not %zu",
                             rules->name, rules->max, max);
        *ret = (wr_naming){ .rules = rules, .max = max > 0 ? max : rules->max };
        return WEIR_OK;
    }
    return fail_unknown(cx, convention);
}

const char *wr_naming_name(const wr_naming *naming)
{
    return naming->rules->name;
}

weir_str wr_naming_separator(const wr_naming *naming)
{
    return weir_str_of(naming->rules->separator);
}

/* ---- shortening ---- */

void wr_name_tag(char ret[TAG_LEN], weir_str raw)
{
    wr_digest128(ret, TAG_BYTES, raw);
    for (size_t i = 0; i < TAG_LEN; i++) {
        if (ret[i] == '/')
            ret[i] = 'a';
        else if (ret[i] == '+')
            ret[i] = 'b';
    }
    (void)lower(ret, (weir_str){ ret, TAG_LEN });
}

static weir_str last_characters(weir_str s, size_t count)
{
    const size_t all = wr_utf8_len(s);
    const size_t skip = wr_utf8_prefix(s, all > count ? all - count : 0);
    return (weir_str){ s.ptr + skip, s.len - skip };
}

weir_status wr_name_trim_and_tag(weir_ctx *cx, wr_arena *arena, weir_str name, weir_str tag,
                                 size_t max, weir_str *ret)
{
    if (tag.len > max)
        return weir_fail(cx, WEIR_LIMIT,
                         "the name '%.*s' cannot be cut to %zu characters: at least %zu are needed",
                         WR_STR(name), max, tag.len);

    const size_t rest = max - tag.len;
    const weir_str first = { name.ptr, wr_utf8_prefix(name, rest - rest / 2) };
    const weir_str last = last_characters(name, rest / 2);
    char *text = wr_arena_alloc(arena, first.len + tag.len + last.len + 1);
    memcpy(text, first.ptr, first.len);
    memcpy(text + first.len, tag.ptr, tag.len);
    memcpy(text + first.len + tag.len, last.ptr, last.len);
    *ret = (weir_str){ text, first.len + tag.len + last.len };
    return WEIR_OK;
}

weir_status wr_name_shorten(weir_ctx *cx, wr_arena *arena, weir_str name, weir_str raw, size_t max,
                            weir_str *ret)
{
    if (max == 0 || name.len <= max || wr_utf8_len(name) <= max) {
        *ret = name;
        return WEIR_OK;
    }
    char tag[TAG_LEN];
    wr_name_tag(tag, raw);
    return wr_name_trim_and_tag(cx, arena, name, (weir_str){ tag, TAG_LEN }, max, ret);
}

/* ---- identifiers ---- */

weir_status wr_name_identifier(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                               weir_str *ret)
{
    const weir_str stripped = wr_text_trim(raw);
    if (stripped.len == 0)
        return weir_fail(cx, WEIR_INVALID, "a name is empty or blank");
    if (stripped.len > NAME_MAX_BYTES)
        return weir_fail(cx, WEIR_LIMIT, "a name has %zu bytes, at most %zu are allowed",
                         stripped.len, NAME_MAX_BYTES);

    const size_t half = 2 * (stripped.len + 1);
    wr_auto(buf) wr_buf room = wr_buf_max(2 * half);
    char *to = wr_buf_room(&room, 2 * half);
    char *spare = to + half;
    weir_str name = stripped;
    for (naming_step *const *step = naming->rules->steps; *step; step++) {
        name = (weir_str){ to, (*step)(to, name) };
        char *const swap = to;
        to = spare;
        spare = swap;
    }
    if (name.len == 0)
        return weir_fail(cx, WEIR_INVALID, "nothing is left of the name '%.*s' under '%s'",
                         WR_STR(stripped), naming->rules->name);

    return wr_name_shorten(cx, arena, wr_arena_str(arena, name), stripped, naming->max, ret);
}

weir_status wr_name_table_identifier(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                     weir_str raw, weir_str *ret)
{
    weir_str name;
    WEIR_TRY(wr_name_identifier(cx, naming, arena, raw, &name));

    while (naming->rules->bare_tables && name.len > 0 && name.ptr[0] == '_')
        name = (weir_str){ name.ptr + 1, name.len - 1 };
    *ret = name;
    return WEIR_OK;
}

/* ---- paths ---- */

static bool is_blank(weir_str s)
{
    return wr_text_trim(s).len == 0;
}

/* Where the leftmost separator is; the end when there is none. */
static size_t find_separator(weir_str s, weir_str separator)
{
    const char *found = s.len > 0 ? memmem(s.ptr, s.len, separator.ptr, separator.len) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

/* Cut the next part that is not blank off `rest`. False when there is none. */
static bool next_part(weir_str *rest, weir_str separator, weir_str *ret)
{
    while (rest->len > 0) {
        const weir_str part = { rest->ptr, find_separator(*rest, separator) };
        const size_t used = part.len < rest->len ? part.len + separator.len : part.len;
        *rest = (weir_str){ rest->ptr + used, rest->len - used };
        if (is_blank(part))
            continue;
        *ret = part;
        return true;
    }
    return false;
}

size_t wr_name_break(const wr_naming *naming, weir_str path, weir_str *ret, size_t max_parts)
{
    size_t count = 0;
    while (count < max_parts && next_part(&path, wr_naming_separator(naming), &ret[count]))
        count++;
    return count;
}

static void append_part(wr_buf *path, const wr_naming *naming, weir_str part)
{
    if (is_blank(part))
        return;
    if (path->len > 0)
        wr_buf_cstr(path, naming->rules->separator);
    wr_buf_str(path, part);
}

weir_str wr_name_make(const wr_naming *naming, wr_arena *arena, const weir_str *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len + strlen(naming->rules->separator);

    wr_auto(buf) wr_buf path = wr_buf_max(len + 1);
    for (size_t i = 0; i < count; i++)
        append_part(&path, naming, parts[i]);
    return wr_arena_str(arena, wr_buf_view(&path));
}

weir_status wr_name_join(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                         const weir_str *parts, size_t count, weir_str *ret)
{
    const weir_str path = wr_name_make(naming, arena, parts, count);
    return wr_name_shorten(cx, arena, path, path, naming->max, ret);
}

typedef weir_status name_part(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                              weir_str *ret);

static weir_status name_path(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                             name_part *name, weir_str *ret)
{
    wr_auto(buf) wr_buf path = wr_buf_max(NAME_MAX_BYTES);
    weir_str rest = raw;
    weir_str part;
    while (next_part(&rest, wr_naming_separator(naming), &part)) {
        weir_str named;
        WEIR_TRY(name(cx, naming, arena, part, &named));
        append_part(&path, naming, named);
    }
    WEIR_TRY(wr_buf_check(cx, &path, "a path of names"));
    if (path.len == 0)
        return name(cx, naming, arena, wr_lit(EMPTY_KEY), ret);

    return wr_name_shorten(cx, arena, wr_arena_str(arena, wr_buf_view(&path)), raw, naming->max,
                           ret);
}

weir_status wr_name_path(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                         weir_str *ret)
{
    return name_path(cx, naming, arena, raw, wr_name_identifier, ret);
}

weir_status wr_name_table_path(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                               weir_str *ret)
{
    return name_path(cx, naming, arena, raw, wr_name_table_identifier, ret);
}
