/* Reads weir.toml, and adds a line to it. */
#include "project/manifest.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "project/component.h"

#define TEXT_MAX ((size_t)1 << 20)

/* By wr_need.dev. */
static const char *const tables[] = { "dependencies", "dev-dependencies" };

/* ---- reading ---- */

static weir_status read_need(weir_ctx *cx, const wr_toml *member, bool dev, wr_need *ret)
{
    weir_str version = member->text;
    if (member->kind == WR_TOML_TEXT && wr_str_starts(version, wr_lit(">="))) {
        version.ptr += 2;
        version.len -= 2;
        version = wr_str_trim(version);
    }
    if (member->kind != WR_TOML_TEXT || version.len == member->text.len ||
        !wr_version_valid(version))
        return wr_toml_fail(cx, WEIR_CONFIG, member->place,
                            "'%.*s' has no least version\n"
                            "hint: as in %.*s = \">=1.0.0\"; the exact one stands in weir.lock",
                            WR_STR(member->key), WR_STR(member->key));
    *ret = (wr_need){ member->key, version, dev, member->place };
    return WEIR_OK;
}

static weir_status read_needs(weir_ctx *cx, wr_manifest *manifest, bool dev)
{
    const wr_toml *table = NULL;
    WEIR_TRY(wr_toml_member(cx, manifest->root, tables[dev], WR_TOML_TABLE, &table));
    for (const wr_toml *member = table ? table->first : NULL; member; member = member->next) {
        const wr_need *other = wr_manifest_find(manifest, member->key);
        if (other)
            return wr_toml_fail(cx, WEIR_CONFIG, member->place,
                                "'%.*s' is needed twice, see line %u\nhint: remove one of them",
                                WR_STR(member->key), other->place.line);
        WEIR_TRY(read_need(cx, member, dev, &manifest->needs[manifest->count]));
        manifest->count++;
    }
    return WEIR_OK;
}

static weir_status parse(weir_ctx *cx, wr_arena *arena, weir_str text, wr_manifest *ret)
{
    static const char *const KEYS[] = { "project", "dependencies", "dev-dependencies", NULL };
    static const char *const PROJECT_KEYS[] = { "name", NULL };
    wr_manifest manifest = { .text = text };
    const wr_toml *project = NULL;
    WEIR_TRY(wr_toml_parse(cx, arena, WR_MANIFEST, text, &manifest.root));
    WEIR_TRY(wr_toml_check_keys(cx, manifest.root, WR_MANIFEST, KEYS));
    WEIR_TRY(wr_toml_member(cx, manifest.root, "project", WR_TOML_TABLE, &project));
    if (project)
        WEIR_TRY(wr_toml_check_keys(cx, project, "'project'", PROJECT_KEYS));
    size_t count = 0;
    for (const wr_toml *table = manifest.root->first; table; table = table->next)
        count += table->count;
    manifest.needs = wr_arena_new_array(arena, count + 1, wr_need);
    WEIR_TRY(read_needs(cx, &manifest, false));
    WEIR_TRY(read_needs(cx, &manifest, true));
    *ret = manifest;
    return WEIR_OK;
}

weir_status wr_manifest_read(weir_ctx *cx, wr_arena *arena, int dir, wr_manifest *ret,
                             bool *ret_found)
{
    weir_str text = { 0 };
    *ret = (wr_manifest){ 0 };
    WEIR_TRY(wr_file_read(cx, arena, dir, WR_MANIFEST, &text, ret_found));
    return *ret_found ? parse(cx, arena, text, ret) : WEIR_OK;
}

const wr_need *wr_manifest_find(const wr_manifest *manifest, weir_str name)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (wr_str_eq(manifest->needs[i].name, name))
            return &manifest->needs[i];
    return NULL;
}

weir_status wr_manifest_check_engine(weir_ctx *cx)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int dir = -1;
    weir_str project;
    wr_manifest manifest;
    bool found = false;
    WEIR_TRY(wr_project_dir(cx, &arena, &project));
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, project.ptr, false, &dir));
    const weir_status status = wr_manifest_read(cx, &arena, dir, &manifest, &found);
    if (status != WEIR_OK)
        return wr_context(cx, status == WEIR_PARSE ? WEIR_CONFIG : status, "'%.*s'",
                          WR_STR(project));
    const wr_need *need = wr_manifest_find(&manifest, wr_lit(WR_ENGINE));
    if (!need || wr_version_cmp(wr_lit(WEIR_VERSION), need->least) >= 0)
        return WEIR_OK;
    return wr_toml_fail(cx, WEIR_CONFIG, need->place,
                        "the project needs weir >=%.*s, and this is %s\n"
                        "hint: install a newer weir",
                        WR_STR(need->least), WEIR_VERSION);
}

/* ---- adding ---- */

/* Where the text goes on behind line number `line`. */
static size_t end_of_line(weir_str text, uint32_t line)
{
    size_t at = 0;
    while (line > 0 && at < text.len)
        line -= text.ptr[at++] == '\n';
    return at;
}

/* As the file has them. */
static const char *line_end(weir_str text)
{
    const char *first = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    return first && first > text.ptr && first[-1] == '\r' ? "\r\n" : "\n";
}

/* The number of the line behind which the new one goes; 0: the table is not there. */
static weir_status find_line(weir_ctx *cx, const wr_manifest *manifest, bool dev, uint32_t *ret)
{
    const wr_toml *table = wr_toml_get(manifest->root, weir_str_of(tables[dev]));
    *ret = 0;
    if (!table)
        return WEIR_OK;
    if (table->form != WR_TOML_HEADER)
        return wr_toml_fail(cx, WEIR_CONFIG, table->place,
                            "'%s' has no header, and cannot be added to\n"
                            "hint: write it as [%s], with a line for each",
                            tables[dev], tables[dev]);
    *ret = table->place.line;
    for (const wr_toml *member = table->first; member; member = member->next)
        *ret = member->place.line > *ret ? member->place.line : *ret;
    return WEIR_OK;
}

static void put(wr_buf *out, const wr_manifest *manifest, const wr_need *need, uint32_t line)
{
    const weir_str text = manifest->text;
    const char *end = line_end(text);
    const size_t at = line ? end_of_line(text, line) : text.len;
    wr_buf_append(out, text.ptr, at);
    if (at > 0 && text.ptr[at - 1] != '\n')
        wr_buf_cstr(out, end);
    if (line == 0)
        wr_buf_printf(out, "%s[%s]%s", at ? end : "", tables[need->dev], end);
    wr_buf_printf(out, "%.*s = \">=%.*s\"%s", WR_STR(need->name), WR_STR(need->least), end);
    wr_buf_append(out, text.ptr + at, text.len - at);
}

/* Whatever the file looks like: the new text says what the old one said, and the need. */
static bool says_more(const wr_manifest *before, const wr_manifest *after, const wr_need *need)
{
    const wr_need *added = wr_manifest_find(after, need->name);
    bool good = after->count == before->count + 1 && added && added->dev == need->dev;
    for (size_t i = 0; i < before->count && good; i++) {
        const wr_need *same = wr_manifest_find(after, before->needs[i].name);
        good = same && same->dev == before->needs[i].dev &&
               wr_str_eq(same->least, before->needs[i].least);
    }
    return good;
}

weir_status wr_manifest_with(weir_ctx *cx, wr_arena *arena, const wr_manifest *manifest,
                             const wr_need *need, weir_str *ret)
{
    uint32_t line = 0;
    wr_manifest after = { 0 };
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    WEIR_TRY(find_line(cx, manifest, need->dev, &line));
    put(&out, manifest, need, line);
    WEIR_TRY(wr_buf_check(cx, &out, WR_MANIFEST));
    const weir_str text = wr_arena_str(arena, wr_buf_view(&out));
    if (parse(cx, arena, text, &after) != WEIR_OK || !says_more(manifest, &after, need)) {
        weir_error_clear(cx);
        return weir_fail(cx, WEIR_CONFIG,
                         "'%.*s' cannot be added to " WR_MANIFEST " as it is written\n"
                         "hint: write [%s] with a line for each, as %.*s = \">=%.*s\"",
                         WR_STR(need->name), tables[need->dev], WR_STR(need->name),
                         WR_STR(need->least));
    }
    *ret = text;
    return WEIR_OK;
}
