/* Compares two schemas, document by document. */
#include "schema/schema_diff.h"

#include "base/mem.h"
#include "base/str.h"
#include "schema/schema_parts.h"

/* Where in the schemas the comparison is. */
typedef struct spot {
    weir_str table;
    weir_str column;
    weir_str property; /* path in dots */
} spot;

static void add(wr_schema_diff *d, wr_change_kind kind, spot at, const wr_node *before,
                const wr_node *after)
{
    *wr_vec_push(&d->changes) = (wr_schema_change){
        .kind = kind,
        .table = at.table,
        .column = at.column,
        .property = at.property,
        .before = before,
        .after = after,
    };
}

/* ---- properties ---- */

/* Not there, or the same as if it were not. */
static bool says_nothing(const wr_node *value)
{
    return !value || wr_column_is_default(value->key, value);
}

/* An object, or what it may have come from or gone to. */
static bool has_members(const wr_node *value, const wr_node *other)
{
    return value && value->kind == WR_NODE_OBJECT &&
           (says_nothing(other) || other->kind == WR_NODE_OBJECT);
}

static spot below(wr_schema_diff *d, spot at, weir_str key)
{
    at.property = at.property.len
                      ? wr_arena_printf(&d->arena, "%.*s.%.*s", WR_STR(at.property), WR_STR(key))
                      : key;
    return at;
}

/* The members that are compared elsewhere. */
static bool is_apart(spot at, weir_str key)
{
    return !at.property.len && at.table.len &&
           (wr_str_eq(key, wr_lit("name")) || wr_str_eq(key, wr_lit("columns")));
}

static void compare_members(wr_schema_diff *d, spot at, const wr_node *before,
                            const wr_node *after);

/* Values of one property; NULL: not there. An object that comes or goes is told by its members. */
static void compare_values(wr_schema_diff *d, spot at, const wr_node *before, const wr_node *after)
{
    if (has_members(before, after) || has_members(after, before)) {
        compare_members(d, at, before, after);
        return;
    }
    const bool nothing = says_nothing(before) && says_nothing(after);
    if (!nothing && !(before && after && wr_node_equal(before, after)))
        add(d, WR_CHANGE_CHANGED, at, before, after);
}

static void compare_members(wr_schema_diff *d, spot at, const wr_node *before, const wr_node *after)
{
    for (const wr_node *member = after ? after->first : NULL; member; member = member->next)
        if (!is_apart(at, member->key))
            compare_values(d, below(d, at, member->key), wr_node_get_str(before, member->key),
                           member);
    for (const wr_node *member = before ? before->first : NULL; member; member = member->next)
        if (!is_apart(at, member->key) && !wr_node_get_str(after, member->key))
            compare_values(d, below(d, at, member->key), member, NULL);
}

/* ---- tables ---- */

/* A table or a column that is on one side only. */
static void add_whole(wr_schema_diff *d, spot at, const wr_node *before, const wr_node *after)
{
    add(d, before ? WR_CHANGE_REMOVED : WR_CHANGE_ADDED, at, before, after);
}

static void compare_column(wr_schema_diff *d, spot at, const wr_node *before, const wr_node *after)
{
    if (before && after)
        compare_members(d, at, before, after);
    else
        add_whole(d, at, before, after);
}

static void compare_columns(wr_schema_diff *d, spot at, const wr_node *before, const wr_node *after)
{
    for (const wr_node *column = after ? after->first : NULL; column; column = column->next) {
        at.column = column->key;
        compare_column(d, at, wr_node_get_str(before, column->key), column);
    }
    for (const wr_node *column = before ? before->first : NULL; column; column = column->next) {
        at.column = column->key;
        if (!wr_node_get_str(after, column->key))
            compare_column(d, at, column, NULL);
    }
}

static void compare_tables(wr_schema_diff *d, const wr_table *before, const wr_table *after)
{
    const wr_node *old = before ? before->doc : NULL;
    const wr_node *new = after ? after->doc : NULL;
    const spot at = { .table = after ? after->pub.name : before->pub.name };
    if (old && new)
        compare_members(d, at, old, new);
    else
        add_whole(d, at, old, new);
    compare_columns(d, at, wr_node_get(old, "columns"), wr_node_get(new, "columns"));
}

/* ---- schemas ---- */

static void compare_settings(wr_schema_diff *d, const wr_schema *before, const wr_schema *after)
{
    const wr_node *names[] = { wr_node_text(&d->arena, before->name),
                               wr_node_text(&d->arena, after->name) };
    compare_values(d, (spot){ .property = wr_lit("name") }, names[0], names[1]);
    compare_values(d, (spot){ .property = wr_lit("settings") }, before->settings, after->settings);
    compare_values(d, (spot){ .property = wr_lit("normalizers") }, before->normalizers,
                   after->normalizers);
    compare_members(d, (spot){ 0 }, before->rest, after->rest);
}

void wr_schema_diff_init(wr_schema_diff *ret, const wr_schema *before, const wr_schema *after)
{
    *ret = (wr_schema_diff){ 0 };
    if (before)
        compare_settings(ret, before, after);
    for (size_t i = 0; i < after->tables.len; i++) {
        const wr_table *table = after->tables.ptr[i];
        compare_tables(ret, before ? wr_schema_table(before, table->pub.name) : NULL, table);
    }
    for (size_t i = 0; before && i < before->tables.len; i++) {
        const wr_table *table = before->tables.ptr[i];
        if (!wr_schema_table(after, table->pub.name))
            compare_tables(ret, table, NULL);
    }
}

void wr_schema_diff_done(wr_schema_diff *diff)
{
    wr_vec_done(&diff->changes);
    wr_arena_done(&diff->arena);
}

void wr_cleanup_schema_diff(wr_schema_diff *diff)
{
    wr_schema_diff_done(diff);
}

const char *wr_change_kind_name(wr_change_kind kind)
{
    static const char *const NAMES[] = {
        [WR_CHANGE_ADDED] = "added",
        [WR_CHANGE_REMOVED] = "removed",
        [WR_CHANGE_CHANGED] = "changed",
    };
    return NAMES[kind];
}
