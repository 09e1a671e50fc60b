/* scd2: a table keeps all versions of its rows and from when to when each was the one that holds. A version whose hash is
 * not among the staged ones ends, a staged one that does not hold begins; nested rows come with the version and stay.
 * Spec dlt-load-destinations.md, 3.7. */
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/sql_chain.h"

static bool is_content(const weir_column *column)
{
    return !(column->hints & (WEIR_HINT_VALID_FROM | WEIR_HINT_VALID_TO));
}

/* {from}, {to}, {hash}: the columns of validity and version. {boundary}, {end}: times. {holds}: of `{root}` or `d`. */
static bool define_words(wr_sql_chain *c)
{
    const weir_column *from = wr_sql_hinted(c->table, WEIR_HINT_VALID_FROM);
    const weir_column *to = wr_sql_hinted(c->table, WEIR_HINT_VALID_TO);
    const weir_column *hash = wr_sql_hinted(c->table, WEIR_HINT_ROW_VERSION);
    if (!from || !to || !hash) {
        wr_sql_refuse(c, "it lacks a column of the validity or the version of rows");
        return false;
    }
    wr_sql_define_name(c, "from", from->name);
    wr_sql_define_name(c, "to", to->name);
    wr_sql_define_name(c, "hash", hash->name);
    wr_sql_define_time(c, "boundary", c->chain->boundary);
    wr_sql_define(c, "end", "NULL");
    if (c->chain->ends)
        wr_sql_define_time(c, "end", c->chain->end);
    wr_sql_define(c, "holds", c->chain->ends ? "{to} = {end}" : "{to} IS NULL");
    return true;
}

static void merge_root(wr_sql_chain *c)
{
    const char *const absent[] = {
        "{holds}",
        "NOT EXISTS (SELECT 1 FROM {source} AS s WHERE s.{hash} = {root}.{hash})",
        wr_sql_partition(c),
    };
    wr_sql_where(c, absent, 3);
    wr_sql_say(c, "UPDATE {root} SET {to} = {boundary}{where}");

    wr_sql_list(c, "content", is_content, "{c}", ", ");
    wr_sql_list(c, "values", is_content, "s.{c}", ", ");
    wr_sql_say(c, "INSERT INTO {root} ({content}, {from}, {to}) SELECT {values}, {boundary}, {end} "
                  "FROM {source} AS s WHERE NOT EXISTS (SELECT 1 FROM {root} AS d WHERE "
                  "d.{hash} = s.{hash} AND d.{holds})");
}

void wr_sql_merge_scd2(wr_sql_chain *c)
{
    if (!define_words(c))
        return;
    merge_root(c);
    for (size_t i = 1; i < c->chain->count; i++) {
        wr_sql_enter(c, i);
        wr_sql_say(c, "INSERT INTO {table} ({columns}) SELECT {values} FROM {rows} AS s WHERE NOT "
                      "EXISTS (SELECT 1 FROM {table} AS d WHERE d.{row_key} = s.{row_key})");
    }
}
