/* What tables say of how they are written, and the chains that destinations settle. */
#include "pipeline/chains.h"

#include <math.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/isotime.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

static const char *const MERGES[] = {
#define X(name, text) [WEIR_MERGE_##name] = text,
    WEIR_MERGE_STRATEGIES(X)
#undef X
};
#define MERGE_COUNT (sizeof(MERGES) / sizeof(*MERGES))

/* ---- dispositions ---- */

static weir_str announced_as(const wr_node *manifest, weir_str table)
{
    const wr_node *tables = wr_node_get(manifest, "tables");
    for (const wr_node *item = tables ? tables->first : NULL; item; item = item->next)
        if (wr_str_eq(wr_node_get_text(item, "name"), table))
            return wr_node_get_text(item, "write_disposition");
    return (weir_str){ 0 };
}

static bool is_listed(const wr_node *names, weir_str name)
{
    for (const wr_node *item = names ? names->first : NULL; item; item = item->next)
        if (wr_str_eq(item->text, name))
            return true;
    return false;
}

/* A table that this load does not name is replaced with the others of its resource. */
weir_disposition wr_chain_disposition(const wr_chain_args *args, const wr_schema *schema,
                                      const wr_table *table)
{
    const wr_table *root = wr_schema_root(schema, table);
    const weir_str write = announced_as(args->manifest, root->pub.name);
    const bool replaces = is_listed(wr_node_get(args->manifest, "replaces"), root->resource);
    if (wr_str_eq(write, wr_lit("replace")) || (write.len == 0 && replaces))
        return WEIR_INTO_REPLACE;
    return wr_str_eq(write, wr_lit("merge")) && args->merges ? WEIR_INTO_MERGE : WEIR_INTO_APPEND;
}

/* Announcing a table with a limit to nesting forgets that it had rows, as in the reference. */
bool wr_chain_has_rows(const wr_chain_args *args, const wr_table *table)
{
    const wr_table *before = args->base ? wr_schema_table(args->base, table->pub.name) : NULL;
    return table->seen_data || (before && before->seen_data);
}

/* ---- strategies ---- */

static weir_status strategy_of(weir_ctx *cx, const wr_chain_args *args, const wr_schema *schema,
                               const wr_table *root, weir_merge *ret)
{
    const weir_str name = wr_schema_merge_strategy(schema, root);
    wr_auto(buf) wr_buf known = wr_buf_max(512);
    for (size_t i = 0; i < MERGE_COUNT; i++) {
        if (!(args->merges >> i & 1))
            continue;
        if (name.len == 0 || wr_str_eq(name, weir_str_of(MERGES[i]))) {
            *ret = (weir_merge)i;
            return WEIR_OK;
        }
        wr_buf_printf(&known, "%s%s", known.len ? ", " : "", MERGES[i]);
    }
    return weir_fail(cx, WEIR_UNSUPPORTED,
                     "table '%.*s': the destination does not know the merge strategy '%.*s'\n"
                     "hint: it knows %s",
                     WR_STR(root->pub.name), WR_STR(name), wr_buf_text(&known));
}

static size_t count_hinted(const wr_table *table, unsigned hints)
{
    size_t count = 0;
    for (size_t i = 0; i < table->pub.column_count; i++)
        count += (table->pub.columns[i].hints & hints) != 0;
    return count;
}

static weir_status check_single(weir_ctx *cx, const wr_table *table, unsigned hints,
                                const char *name)
{
    if (count_hinted(table, hints) < 2)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "table '%.*s' has several columns with the hint '%s'\n"
                     "hint: one column can have it",
                     WR_STR(table->pub.name), name);
}

static void warn(weir_ctx *cx, const wr_table *table, const char *what)
{
    weir_warn(cx, "table '%.*s': %s", WR_STR(table->pub.name), what);
}

static weir_status check_keys(weir_ctx *cx, const wr_table *root, weir_merge merge)
{
    const bool primary = count_hinted(root, WEIR_HINT_PRIMARY_KEY) > 0;
    const bool merged = count_hinted(root, WEIR_HINT_MERGE_KEY) > 0;
    const bool by_primary = merge != WEIR_MERGE_DELETE_INSERT && merge != WEIR_MERGE_SCD2;
    const bool scoped = wr_node_get_text(root->doc, "x-merge-destination-scope").len > 0;
    if (by_primary && !primary)
        return weir_fail(cx, WEIR_CONFIG,
                         "table '%.*s' has no primary key, which the merge strategy '%s' needs\n"
                         "hint: `primary_key` of the resource names its columns",
                         WR_STR(root->pub.name), MERGES[merge]);
    if (merge == WEIR_MERGE_DELETE_INSERT && !primary && !merged && !scoped)
        warn(cx, root, "rows are to be merged, but there is no key: they are appended");
    if (by_primary && merge != WEIR_MERGE_CDC && merged)
        warn(cx, root, "the merge key does nothing with this merge strategy");
    if (merged && scoped)
        warn(cx, root, "the merge key does nothing beside a destination scope");
    return WEIR_OK;
}

static weir_status check_root(weir_ctx *cx, const wr_chain_args *args, const wr_schema *schema,
                              const wr_table *root)
{
    const unsigned sorts = WEIR_HINT_DEDUP_ASC | WEIR_HINT_DEDUP_DESC;
    WEIR_TRY(check_single(cx, root, WEIR_HINT_HARD_DELETE, "hard_delete"));
    WEIR_TRY(check_single(cx, root, sorts, "dedup_sort"));
    if (wr_chain_disposition(args, schema, root) != WEIR_INTO_MERGE) {
        if (count_hinted(root, WEIR_HINT_HARD_DELETE | sorts) > 0)
            warn(cx, root, "hard_delete and dedup_sort do nothing unless rows are merged");
        if (wr_str_eq(root->write, wr_lit("merge")))
            warn(cx, root, "the destination cannot merge: rows are appended");
        return WEIR_OK;
    }
    weir_merge merge;
    WEIR_TRY(strategy_of(cx, args, schema, root, &merge));
    if (count_hinted(root, sorts) > 0 && count_hinted(root, WEIR_HINT_PRIMARY_KEY) == 0)
        warn(cx, root, "dedup_sort does nothing without a primary key");
    return check_keys(cx, root, merge);
}

weir_status wr_chains_check(weir_ctx *cx, const wr_chain_args *args, const wr_schema *schema)
{
    for (size_t i = 0; i < schema->tables.len; i++) {
        const wr_table *table = schema->tables.ptr[i];
        if (table->pub.parent.len == 0 && announced_as(args->manifest, table->pub.name).len > 0)
            WEIR_TRY(check_root(cx, args, schema, table));
    }
    return WEIR_OK;
}

/* ---- chains ---- */

static void collect_tables(wr_arena *arena, const wr_chain_args *args, const wr_schema *schema,
                           const wr_table *root, weir_chain *ret)
{
    const weir_table **tables = wr_arena_new_array(arena, schema->tables.len, const weir_table *);
    tables[ret->count++] = &root->pub;
    for (size_t i = 0; i < ret->count; i++) {
        for (size_t k = 0; k < schema->tables.len; k++) {
            const wr_table *table = schema->tables.ptr[k];
            if (wr_str_eq(table->pub.parent, tables[i]->name) && wr_chain_has_rows(args, table))
                tables[ret->count++] = &table->pub;
        }
    }
    ret->tables = tables;
}

/* A time as hints give it: a text, or seconds since 1970. False: none. */
static bool read_time(const wr_node *node, weir_time *ret)
{
    if (!node || node->kind == WR_NODE_NULL)
        return false;
    if (node->kind == WR_NODE_NUMBER) {
        char text[64];
        (void)wr_str_fit(text, sizeof(text), node->text);
        *ret = (weir_time)llround(strtod(text, NULL) * 1e6);
        return true;
    }
    const wr_iso iso = wr_iso_parse(node->text);
    *ret = iso.us;
    return iso.kind == WR_ISO_DATETIME || iso.kind == WR_ISO_DATE;
}

/* A load id is the time when the load began. */
static weir_time time_of(weir_str load_id)
{
    char text[64];
    (void)wr_str_fit(text, sizeof(text), load_id);
    return (weir_time)llround(strtod(text, NULL) * 1e6);
}

static void read_times(const wr_chain_args *args, const wr_table *root, weir_chain *ret)
{
    if (!read_time(wr_node_get(root->doc, "x-boundary-timestamp"), &ret->boundary))
        ret->boundary = time_of(args->load_id);
    const wr_node *columns = wr_node_get(root->doc, "columns");
    for (const wr_node *column = columns->first; column && !ret->ends; column = column->next)
        ret->ends = read_time(wr_node_get(column, "x-active-record-timestamp"), &ret->end);
}

weir_status wr_chain_make(weir_ctx *cx, wr_arena *arena, const wr_chain_args *args,
                          const wr_schema *schema, const wr_table *root, weir_chain *ret)
{
    weir_chain chain = { .disposition = wr_chain_disposition(args, schema, root) };
    collect_tables(arena, args, schema, root, &chain);
    if (chain.disposition == WEIR_INTO_MERGE) {
        WEIR_TRY(strategy_of(cx, args, schema, root, &chain.merge));
        chain.deduplicated = wr_node_get_bool(root->doc, "x-stage-data-deduplicated", false);
        chain.skip_unchanged = wr_node_get_bool(root->doc, "x-merge-skip-unchanged-rows", false);
        chain.source_filter = wr_node_get_text(root->doc, "x-merge-source-filter");
        chain.destination_scope = wr_node_get_text(root->doc, "x-merge-destination-scope");
        read_times(args, root, &chain);
    }
    *ret = chain;
    return WEIR_OK;
}

/* ---- the schema of what is staged ---- */

typedef struct staged_tables {
    const wr_schema *schema;
    bool merged;   /* rows are staged that are merged, … */
    bool replaced; /* … that replace others */
} staged_tables;

static bool is_staged(const void *arg, const wr_table *table)
{
    const staged_tables *staged = arg;
    const weir_str write = wr_schema_root(staged->schema, table)->write;
    if (wr_is_dlt_name(table->pub.name))
        return true;
    return table->seen_data && ((staged->merged && wr_str_eq(write, wr_lit("merge"))) ||
                                (staged->replaced && wr_str_eq(write, wr_lit("replace"))));
}

static bool has_data_tables(const wr_schema *schema)
{
    for (size_t i = 0; i < schema->tables.len; i++)
        if (!wr_is_dlt_name(schema->tables.ptr[i]->pub.name))
            return true;
    return false;
}

wr_schema *wr_chains_staged(const wr_chain_args *args, const wr_schema *schema,
                            const weir_destination *destination, const void *self)
{
    const staged_tables staged = {
        .schema = schema,
        .merged = args->merges && destination->stages(self, WEIR_INTO_MERGE),
        .replaced = destination->stages(self, WEIR_INTO_REPLACE),
    };
    wr_schema *ret = wr_schema_clone(schema);
    wr_schema_keep_tables(ret, is_staged, &staged);
    if (!has_data_tables(ret) && !(args->drops && staged.merged)) {
        wr_schema_drop(ret);
        return NULL;
    }
    wr_schema_bump(ret);
    return ret;
}
