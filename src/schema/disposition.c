/* Write dispositions and merge strategies of hints. */
#include "schema/disposition.h"

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/str.h"

static const char *const DISPOSITIONS[] = { "append", "merge", "replace", "skip", NULL };
static const char *const STRATEGIES[] = { "cdc",  "delete-insert", "insert-only",
                                          "scd2", "upsert",        NULL };

/* Options of merges that become properties of the table. */
static const struct {
    const char *option;
    const char *property;
} PROPERTIES[] = {
    { "strategy", "x-merge-strategy" },
    { "deduplicated", "x-stage-data-deduplicated" },
    { "source_filter", "x-merge-source-filter" },
    { "destination_scope", "x-merge-destination-scope" },
    { "skip_unchanged_rows", "x-merge-skip-unchanged-rows" },
};

/* Options that only some strategies have. */
static const struct {
    const char *option;
    const char *strategies[5];
} LIMITED[] = {
    { "source_filter", { "delete-insert", "scd2", "upsert", "cdc" } },
    { "destination_scope", { "delete-insert", "scd2", "cdc" } },
    { "skip_unchanged_rows", { "upsert", "cdc" } },
    { "row_version_column_name", { "scd2", "upsert", "cdc" } },
};

static bool is_one_of(weir_str text, const char *const *names)
{
    while (*names && !wr_str_eq(text, weir_str_of(*names)))
        names++;
    return *names != NULL;
}

static void list_names(wr_buf *out, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        wr_buf_printf(out, "%s%s", i ? ", " : "", names[i]);
}

/* Neither missing, nor null, false or empty. */
static bool is_set(const wr_node *node)
{
    if (!node || node->kind == WR_NODE_NULL || node->kind == WR_NODE_FALSE)
        return false;
    return node->kind == WR_NODE_TRUE || node->text.len > 0 || node->count > 0;
}

static weir_status unknown(weir_ctx *cx, const char *what, weir_str value, const char *const *known)
{
    wr_auto(buf) wr_buf names = wr_buf_max(512);
    list_names(&names, known);
    return weir_fail(cx, WEIR_CONFIG, "the unknown %s '%.*s'\nhint: it is one of %s", what,
                     WR_STR(value), wr_buf_text(&names));
}

static weir_status check_options(weir_ctx *cx, const wr_node *options, weir_str strategy)
{
    for (size_t i = 0; strategy.len && i < sizeof(LIMITED) / sizeof(*LIMITED); i++) {
        if (!is_set(wr_node_get(options, LIMITED[i].option)) ||
            is_one_of(strategy, LIMITED[i].strategies))
            continue;
        wr_auto(buf) wr_buf names = wr_buf_max(512);
        list_names(&names, LIMITED[i].strategies);
        return weir_fail(cx, WEIR_CONFIG,
                         "the merge strategy '%.*s' has no option '%s'\nhint: it goes with %s",
                         WR_STR(strategy), LIMITED[i].option, wr_buf_text(&names));
    }
    return WEIR_OK;
}

static weir_status check_time(weir_ctx *cx, const wr_node *options, const char *name)
{
    const wr_node *time = wr_node_get(options, name);
    if (!time || time->kind == WR_NODE_NULL || time->kind == WR_NODE_NUMBER)
        return WEIR_OK;
    const wr_iso iso = wr_iso_parse(time->text);
    if (!iso.refused && (iso.kind == WR_ISO_DATETIME || iso.kind == WR_ISO_DATE))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG, "'%s' is no time: '%.*s'", name, WR_STR(time->text));
}

/* ---- columns of strategies ---- */

static wr_node *fresh_column(wr_arena *arena, wr_node *columns, weir_str name)
{
    wr_node *column = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, column, wr_lit("name"), wr_node_text(arena, name));
    wr_node_set(arena, columns, name, column);
    return column;
}

static void set_bool(wr_arena *arena, wr_node *column, const char *name, bool value)
{
    wr_node_set(arena, column, weir_str_of(name), wr_node_bool(arena, value));
}

static wr_node *validity_column(wr_arena *arena, wr_node *columns, weir_str name, const char *hint)
{
    wr_node *column = fresh_column(arena, columns, name);
    wr_node_set(arena, column, wr_lit("data_type"), wr_node_text(arena, wr_lit("timestamp")));
    set_bool(arena, column, "nullable", true);
    set_bool(arena, column, hint, true);
    return column;
}

static weir_str text_or(const wr_node *node, weir_str otherwise)
{
    return node && node->text.len ? node->text : otherwise;
}

/* Versions of rows: from when to when, and what tells one from the next. */
static void add_scd2_columns(wr_arena *arena, const wr_node *options, wr_node *columns)
{
    const wr_node *names = wr_node_get(options, "validity_column_names");
    const wr_node *from = names ? names->first : NULL;
    const wr_node *to = from ? from->next : NULL;
    (void)validity_column(arena, columns, text_or(from, wr_lit("_dlt_valid_from")), "x-valid-from");
    wr_node *until =
        validity_column(arena, columns, text_or(to, wr_lit("_dlt_valid_to")), "x-valid-to");
    const wr_node *active = wr_node_get(options, "active_record_timestamp");
    wr_node_set(arena, until, wr_lit("x-active-record-timestamp"),
                active ? wr_node_copy(arena, active) : wr_node_new(arena, WR_NODE_NULL));

    const wr_node *version = wr_node_get(options, "row_version_column_name");
    wr_node *hash = fresh_column(arena, columns, text_or(version, wr_lit("_dlt_id")));
    set_bool(arena, hash, "nullable", false);
    set_bool(arena, hash, "x-row-version", true);
    set_bool(arena, hash, "unique", false); /* a row that is deleted may come again */
    set_bool(arena, hash, "row_key", false);
}

/* Other strategies compare the version only to leave unchanged rows alone. */
static void add_version_column(wr_arena *arena, const wr_node *options, wr_node *columns)
{
    const wr_node *version = wr_node_get(options, "row_version_column_name");
    if (!is_set(version) || !is_set(wr_node_get(options, "skip_unchanged_rows")))
        return;
    wr_node *column = wr_node_child(arena, columns, version->text);
    wr_node_set(arena, column, wr_lit("name"), wr_node_text(arena, version->text));
    set_bool(arena, column, "nullable", false);
    set_bool(arena, column, "x-row-version", true);
}

static weir_status apply_merge(weir_ctx *cx, wr_arena *arena, const wr_node *options,
                               wr_node *table)
{
    const weir_str strategy = wr_node_get_text(options, "strategy");
    const bool versions = wr_str_eq(strategy, wr_lit("scd2"));
    wr_node *columns = wr_node_child(arena, table, wr_lit("columns"));
    if (wr_node_get(options, "strategy") && !is_one_of(strategy, STRATEGIES))
        return unknown(cx, "merge strategy", strategy, STRATEGIES);
    WEIR_TRY(check_options(cx, options, strategy));
    for (size_t i = 0; i < sizeof(PROPERTIES) / sizeof(*PROPERTIES); i++) {
        const wr_node *value = wr_node_get(options, PROPERTIES[i].option);
        if (is_set(value))
            wr_node_set(arena, table, weir_str_of(PROPERTIES[i].property),
                        wr_node_copy(arena, value));
    }
    if (!versions) {
        add_version_column(arena, options, columns);
        return WEIR_OK;
    }
    WEIR_TRY(check_time(cx, options, "active_record_timestamp"));
    WEIR_TRY(check_time(cx, options, "boundary_timestamp"));
    const wr_node *boundary = wr_node_get(options, "boundary_timestamp");
    if (boundary)
        wr_node_set(arena, table, wr_lit("x-boundary-timestamp"), wr_node_copy(arena, boundary));
    add_scd2_columns(arena, options, columns);
    return WEIR_OK;
}

weir_status wr_disposition_apply(weir_ctx *cx, wr_arena *arena, const wr_node *hint, wr_node *table)
{
    if (!is_set(hint))
        return WEIR_OK;
    const weir_str name =
        hint->kind == WR_NODE_OBJECT ? wr_node_get_text(hint, "disposition") : hint->text;
    if (!is_one_of(name, DISPOSITIONS))
        return unknown(cx, "write disposition", name, DISPOSITIONS);
    if (wr_str_eq(name, wr_lit("merge")))
        WEIR_TRY(apply_merge(cx, arena, hint, table));
    wr_node_set(arena, table, wr_lit("write_disposition"), wr_node_text(arena, name));
    return WEIR_OK;
}
