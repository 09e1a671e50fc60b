/* What the readers of all kinds of sources share: texts, settings, paths. */
#include "project/toml_source.h"

#include "base/buf.h"
#include "base/str.h"
#include "pipeline/resource.h"
#include "schema/coerce.h"

/* Of the document of a resource's hints. */
#define HINTS_MAX ((size_t)16 << 20)

weir_status wr_toml_source_text(const wr_toml_source *r, const wr_toml *table, const char *key,
                                const char **ret)
{
    const wr_toml *member = NULL;
    WEIR_TRY(wr_toml_member(r->cx, table, key, WR_TOML_TEXT, &member));
    if (!member)
        return WEIR_OK;
    if (member->text.len == 0 || memchr(member->text.ptr, '\0', member->text.len))
        return wr_toml_fail(r->cx, WEIR_CONFIG, member->place, "'%s' is empty, or has a NUL", key);
    *ret = wr_arena_str(r->arena, member->text).ptr;
    return WEIR_OK;
}

const char *wr_toml_source_json(const wr_toml_source *r, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(HINTS_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(r->arena, wr_buf_view(&out)).ptr;
}

/* Cursors know types: dates and times of TOML keep theirs, as the texts with marks that the state has for them. */
static wr_node *typed_node(const wr_toml_source *r, const wr_toml *value)
{
    static const wr_mark MARKS[] = {
        [WR_TOML_TIMESTAMP] = WR_MARK_TIMESTAMP,
        [WR_TOML_LOCAL_TIMESTAMP] = WR_MARK_TIMESTAMP,
        [WR_TOML_DATE] = WR_MARK_DATE,
        [WR_TOML_CLOCK] = WR_MARK_TIME,
    };
    wr_node *node = wr_toml_to_node(r->arena, value);
    if (value->kind < sizeof(MARKS) / sizeof(*MARKS) && MARKS[value->kind])
        node->text =
            wr_arena_printf(r->arena, "%.*s%.*s", WR_STR(wr_typed_mark_text(MARKS[value->kind])),
                            WR_STR(node->text));
    return node;
}

wr_node *wr_toml_source_typed(const wr_toml_source *r, const wr_toml *given)
{
    wr_node *node = wr_toml_to_node(r->arena, given);
    for (const wr_toml *member = given->first; member; member = member->next)
        wr_node_set(r->arena, node, member->key, typed_node(r, member));
    return node;
}

weir_status wr_toml_source_incremental(const wr_toml_source *r, const wr_toml *table, wr_node **ret)
{
    const wr_toml *given = NULL;
    WEIR_TRY(wr_toml_member(r->cx, table, "incremental", WR_TOML_TABLE, &given));
    if (!given)
        return WEIR_OK;
    WEIR_TRY(wr_toml_check_keys(r->cx, given, "an incremental", wr_incremental_arguments));
    *ret = wr_toml_source_typed(r, given);
    return WEIR_OK;
}

weir_status wr_toml_source_setting(const wr_toml_source *r, const wr_toml *table, const char *key,
                                   const char *standard, const char **ret)
{
    *ret = NULL;
    WEIR_TRY(wr_toml_source_text(r, table, key, ret));
    if (!*ret)
        WEIR_TRY(wr_toml_source_text(r, r->settings, key, ret));
    if (!*ret)
        *ret = standard;
    return WEIR_OK;
}

weir_status wr_toml_source_option(const wr_toml_source *r, const weir_option *option,
                                  const char **ret)
{
    const wr_scope scope = { r->config, weir_str_of(r->pipeline),
                             WR_SECTION("sources", r->kind->name) };
    wr_answer answer;
    WEIR_TRY(wr_config_get(r->cx, &scope, option, r->arena, &answer));
    if (answer.found)
        *ret = wr_arena_str(r->arena, answer.text).ptr;
    return WEIR_OK;
}

weir_status wr_toml_source_bad_row(const wr_toml_source *r, const wr_toml *table, weir_bad_row *ret)
{
    static const char *const WORDS[] = {
        [WEIR_BAD_ROW_FAIL] = "fail", [WEIR_BAD_ROW_QUARANTINE] = "quarantine"
    };
    const char *given = NULL;
    WEIR_TRY(wr_toml_source_setting(r, table, "on_bad_row", WORDS[WEIR_BAD_ROW_FAIL], &given));
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (strcmp(given, WORDS[i]) == 0) {
            *ret = (weir_bad_row)i;
            return WEIR_OK;
        }
    }
    return wr_toml_fail(r->cx, WEIR_CONFIG, table->place,
                        "'on_bad_row' is '%s', expected 'fail' or 'quarantine'", given);
}

const char *wr_toml_source_path(const wr_toml_source *r, weir_str path)
{
    if (wr_str_starts(path, wr_lit("/")))
        return wr_arena_str(r->arena, path).ptr;
    return wr_arena_printf(r->arena, "%.*s/%.*s", WR_STR(r->folder), WR_STR(path)).ptr;
}
