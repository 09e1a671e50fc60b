/* Reads the INI dialect of AWS: sections, settings, and settings indented below an empty one.
 *
 *     [profile work]
 *     region = eu-west-2          # this is part of the value: comments begin at the start of a line
 *     services = local
 *
 *     [services local]
 *     secretsmanager =
 *       endpoint_url = http://localhost:5000
 */
#include "net/aws_profile.h"

#include <stdlib.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"

typedef wr_vec(wr_ini_entry) entries;

/* Where the reader is. */
typedef struct reader {
    weir_ctx *cx;
    wr_arena *arena;
    const char *path;
    uint32_t line;
    entries found;
    weir_str section;
    weir_str parent; /* the last setting that is not indented */
    bool in_section;
} reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static weir_status fail_line(const reader *r, const char *what)
{
    return weir_fail(r->cx, WEIR_CONFIG,
                     "%s:%u: %s\nhint: lines are '[section]', 'key = value', or comments that "
                     "begin with '#'",
                     r->path, r->line, what);
}

static weir_str unquoted(weir_str text)
{
    const bool quoted = text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
                        text.ptr[text.len - 1] == text.ptr[0];
    return quoted ? (weir_str){ text.ptr + 1, text.len - 2 } : text;
}

/* "profile  \"my own\"" and "profile my own" are the same. */
static weir_str section_name(wr_arena *arena, weir_str text)
{
    text = wr_str_trim(text);
    size_t word = 0;
    while (word < text.len && !is_blank(text.ptr[word]))
        word++;
    if (word == text.len)
        return wr_arena_str(arena, text);
    const weir_str rest = { text.ptr + word, text.len - word };
    return wr_arena_printf(arena, "%.*s %.*s", (int)word, text.ptr,
                           WR_STR(unquoted(wr_str_trim(rest))));
}

static weir_status read_section(reader *r, weir_str line)
{
    const char *end = memchr(line.ptr, ']', line.len);
    if (!end)
        return fail_line(r, "a section has no ']'");
    r->section = section_name(r->arena, (weir_str){ line.ptr + 1, (size_t)(end - line.ptr) - 1 });
    r->parent = (weir_str){ 0 };
    r->in_section = true;
    *wr_vec_push(&r->found) = (wr_ini_entry){ .section = r->section };
    return WEIR_OK;
}

static weir_status read_setting(reader *r, weir_str line, bool indented)
{
    if (!r->in_section)
        return fail_line(r, "a setting stands before the first section");
    const char *equals = memchr(line.ptr, '=', line.len);
    if (!equals && indented)
        return WEIR_OK; /* more of the value above: no setting that is read here has that */
    const size_t len = equals ? (size_t)(equals - line.ptr) : 0;
    const weir_str key = wr_arena_lower(r->arena, wr_str_trim((weir_str){ line.ptr, len }));
    if (key.len == 0)
        return fail_line(r, "a setting has no key, or no '='");
    const weir_str value = { line.ptr + len + 1, line.len - len - 1 };
    *wr_vec_push(&r->found) = (wr_ini_entry){
        .section = r->section,
        .parent = indented ? r->parent : (weir_str){ 0 },
        .key = key,
        .value = wr_arena_str(r->arena, wr_str_trim(value)),
    };
    if (!indented)
        r->parent = key;
    return WEIR_OK;
}

static weir_status read_line(reader *r, weir_str line)
{
    const bool indented = line.len > 0 && is_blank(line.ptr[0]);
    const weir_str text = wr_str_trim(line);
    if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';')
        return WEIR_OK;
    if (text.ptr[0] == '[' && !indented)
        return read_section(r, text);
    return read_setting(r, text, indented && r->parent.len > 0);
}

weir_status wr_ini_parse(weir_ctx *cx, wr_arena *arena, const char *path, weir_str text,
                         wr_ini *ret)
{
    reader r = { .cx = cx, .arena = arena, .path = path };
    weir_status status = WEIR_OK;
    weir_str line;
    if (wr_str_starts(text, wr_lit("\xEF\xBB\xBF")))
        text = (weir_str){ text.ptr + 3, text.len - 3 };
    while (status == WEIR_OK && wr_str_split(&text, '\n', &line)) {
        r.line++;
        status = read_line(&r, line);
    }
    if (status == WEIR_OK) {
        wr_ini_entry *copy = wr_arena_new_array(arena, r.found.len + 1, wr_ini_entry);
        if (r.found.len > 0)
            memcpy(copy, r.found.ptr, r.found.len * sizeof(*copy));
        *ret = (wr_ini){ copy, r.found.len };
    }
    wr_vec_done(&r.found);
    return status;
}

weir_str wr_ini_get(const wr_ini *ini, weir_str section, weir_str parent, const char *key)
{
    for (size_t i = ini->len; i-- > 0;) {
        const wr_ini_entry *entry = &ini->entries[i];
        if (wr_str_eq(entry->key, weir_str_of(key)) && wr_str_eq(entry->parent, parent) &&
            wr_str_eq(entry->section, section))
            return entry->value;
    }
    return (weir_str){ 0 };
}

bool wr_ini_has(const wr_ini *ini, weir_str section)
{
    for (size_t i = 0; i < ini->len; i++)
        if (wr_str_eq(ini->entries[i].section, section))
            return true;
    return false;
}

/* ---- the two files ---- */

weir_str wr_aws_env(const char *name)
{
    return weir_str_of(getenv(name));
}

bool wr_aws_env_true(const char *name)
{
    const char *value = getenv(name);
    return value && strcasecmp(value, "true") == 0;
}

static weir_status read_file(weir_ctx *cx, wr_arena *arena, const char *variable, const char *name,
                             wr_ini *ret)
{
    const weir_str named = wr_aws_env(variable);
    const weir_str home = wr_aws_env("HOME");
    if (named.len == 0 && home.len == 0)
        return WEIR_OK;
    const weir_str path =
        named.len > 0 ? named : wr_arena_printf(arena, "%.*s/.aws/%s", WR_STR(home), name);
    weir_str text;
    bool found;
    WEIR_TRY(wr_file_read(cx, arena, AT_FDCWD, path.ptr, &text, &found));
    return found ? wr_ini_parse(cx, arena, path.ptr, text, ret) : WEIR_OK;
}

weir_status wr_aws_profiles_read(weir_ctx *cx, wr_arena *arena, wr_aws_profiles *ret)
{
    wr_aws_profiles profiles = { 0 };
    WEIR_TRY(
        read_file(cx, arena, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &profiles.credentials));
    WEIR_TRY(read_file(cx, arena, "AWS_CONFIG_FILE", "config", &profiles.config));
    *ret = profiles;
    return WEIR_OK;
}

weir_str wr_aws_profile_active(weir_str named)
{
    static const char *const variables[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && named.len == 0; i++)
        named = wr_aws_env(variables[i]);
    return named.len > 0 ? named : wr_lit("default");
}

/* Does an entry of the config file belong to a profile? "[default]", "[profile default]", "[profile work]". */
static bool is_section_of(weir_str section, weir_str profile)
{
    const weir_str prefix = wr_lit("profile ");
    if (wr_str_starts(section, prefix))
        return wr_str_eq((weir_str){ section.ptr + prefix.len, section.len - prefix.len }, profile);
    return wr_str_eq(section, wr_lit("default")) && wr_str_eq(section, profile);
}

bool wr_aws_profile_exists(const wr_aws_profiles *profiles, weir_str profile)
{
    for (size_t i = 0; i < profiles->config.len; i++)
        if (is_section_of(profiles->config.entries[i].section, profile))
            return true;
    return wr_ini_has(&profiles->credentials, profile);
}

weir_str wr_aws_profile_config(const wr_aws_profiles *profiles, weir_str profile, const char *key)
{
    for (size_t i = profiles->config.len; i-- > 0;) {
        const wr_ini_entry *entry = &profiles->config.entries[i];
        if (entry->parent.len == 0 && wr_str_eq(entry->key, weir_str_of(key)) &&
            is_section_of(entry->section, profile))
            return entry->value;
    }
    return (weir_str){ 0 };
}

weir_str wr_aws_profile_get(const wr_aws_profiles *profiles, weir_str profile, const char *key)
{
    const weir_str value = wr_ini_get(&profiles->credentials, profile, (weir_str){ 0 }, key);
    return value.len > 0 ? value : wr_aws_profile_config(profiles, profile, key);
}
