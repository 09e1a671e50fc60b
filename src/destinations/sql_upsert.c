/* upsert: rows are updated by their primary key, others are inserted; nested rows go by their row keys, which follow from
 * the root row's, and those that are no more in their list go away. insert-only inserts and does nothing else. cdc is an
 * upsert that also deletes what is not among the staged rows. Spec dlt-load-destinations.md, 3.5 and 3.6. */
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql_chain.h"

#define SAME_KEYS                                                                                  \
    (WEIR_HINT_PRIMARY_KEY | WEIR_HINT_ROW_KEY | WEIR_HINT_PARENT_KEY | WEIR_HINT_ROOT_KEY |       \
     WEIR_HINT_HARD_DELETE)

static bool is_row_version(const weir_column *column)
{
    return (column->hints & WEIR_HINT_ROW_VERSION) != 0;
}

/* Does a difference in this column make the row another? The load id differs always. */
static bool is_compared(const weir_column *column)
{
    static const weir_str load_id = { "_dlt_load_id", 12 };
    const bool is_load_id = column->name.len == load_id.len &&
                            strncasecmp(column->name.ptr, load_id.ptr, load_id.len) == 0;
    return !(column->hints & SAME_KEYS) && !is_load_id;
}

/* {changed}: with the option a row is updated only when it differs. */
static void define_changed(wr_sql_chain *c)
{
    wr_sql_define(c, "changed", "");
    if (c->chain->skip_unchanged && wr_sql_hinted(c->table, WEIR_HINT_ROW_VERSION))
        wr_sql_list(c, "changed", is_row_version, "s.{c} <> d.{c}", " OR ");
    else if (c->chain->skip_unchanged)
        wr_sql_list(c, "changed", is_compared, "s.{c} IS DISTINCT FROM d.{c}", " OR ");
    if (wr_sql_has(c, "changed"))
        wr_sql_define(c, "changed", " AND ({changed})");
}

/* {update}: what MERGE does with a row that is there. Nothing, where the database has a faster way, which comes first. */
static void update(wr_sql_chain *c)
{
    const char *const *way = c->sql->driver->dialect.update;
    define_changed(c);
    if (!way) {
        wr_sql_list(c, "assignments", wr_sql_any_column, "{c} = s.{c}", ", ");
        wr_sql_define(c, "update", " WHEN MATCHED{changed} THEN UPDATE SET {assignments}");
        return;
    }
    wr_sql_list(c, "renewed", wr_sql_any_column, "s.{c} AS {c}", ", ");
    for (; *way; way++)
        wr_sql_say(c, *way);
}

static void merge_root(wr_sql_chain *c)
{
    const bool deletes = wr_sql_has(c, "deleted");
    const bool inserts_only = c->chain->merge == WEIR_MERGE_INSERT_ONLY;
    wr_sql_enter(c, 0);
    wr_sql_define(c, "new", "");
    wr_sql_define(c, "delete", "");
    wr_sql_define(c, "update", "");
    wr_sql_define(c, "same", "{match}");
    if (inserts_only && deletes)
        wr_sql_define(c, "rows", "(SELECT * FROM {staged} AS s WHERE {alive})");
    if (!inserts_only)
        update(c);
    if (!inserts_only && deletes)
        wr_sql_define(c, "delete", " WHEN MATCHED AND {deleted} THEN DELETE");
    if (c->chain->merge == WEIR_MERGE_CDC && deletes)
        wr_sql_define(c, "new", " AND {alive}");
    wr_sql_say(c, "MERGE INTO {table} AS d USING {rows} AS s ON {same}{delete}{update} WHEN NOT "
                  "MATCHED{new} THEN INSERT ({columns}) VALUES ({values})");
}

static void merge_nested(wr_sql_chain *c, size_t table)
{
    const bool inserts_only = c->chain->merge == WEIR_MERGE_INSERT_ONLY;
    wr_sql_enter(c, table);
    wr_sql_define(c, "same", "d.{row_key} = s.{row_key}");
    wr_sql_define(c, "update", "");
    if (!inserts_only)
        update(c);
    wr_sql_say(c, "MERGE INTO {table} AS d USING {rows} AS s ON {same}{update} "
                  "WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})");
    if (inserts_only)
        return;
    wr_sql_say(c, "DELETE FROM {table} AS d WHERE d.{root_key} IN (SELECT s.{root_row_key} FROM "
                  "{source} AS s) AND NOT EXISTS (SELECT 1 FROM {staged} AS s WHERE s.{row_key} = "
                  "d.{row_key})");
    if (wr_sql_has(c, "deleted"))
        wr_sql_say(c, "DELETE FROM {table} AS d WHERE d.{root_key} IN (SELECT s.{root_row_key} "
                      "FROM {source} AS s WHERE {deleted})");
}

/* Root rows that no staged row has the key of go away, and what is below them before. In the user's scope the table has
 * no other name, so it has none here. */
static void delete_absent(wr_sql_chain *c)
{
    wr_sql_list(c, "key", wr_sql_is_primary_key, "s.{c} = {root}.{c}", " AND ");
    const char *const conditions[] = {
        "NOT EXISTS (SELECT 1 FROM {source} AS s WHERE {key})",
        wr_sql_partition(c),
    };
    wr_sql_where(c, conditions, 2);
    for (size_t i = 1; i < c->chain->count; i++) {
        wr_sql_enter(c, i);
        wr_sql_say(c, "DELETE FROM {table} WHERE {root_key} IN (SELECT {root_row_key} FROM "
                      "{root}{where})");
    }
    wr_sql_say(c, "DELETE FROM {root}{where}");
}

void wr_sql_merge_upsert(wr_sql_chain *c)
{
    if (!wr_sql_has(c, "match")) {
        wr_sql_refuse(c, "this merge strategy needs a primary key\n"
                         "hint: `primary_key` of the resource names its columns");
        return;
    }
    if (c->chain->merge == WEIR_MERGE_CDC)
        delete_absent(c);
    merge_root(c);
    for (size_t i = 1; i < c->chain->count; i++)
        merge_nested(c, i);
}
