/* delete-insert: the rows that have a key of a staged row go, then the staged rows come. Which rows go and which come is
 * noted in temporary tables where nested tables need it, before anything changes. Of staged rows with one primary key one
 * comes, by the column that says which; so do nested rows with one row key. Spec dlt-load-destinations.md, 3.4. */
#include "base/mem.h"
#include "destinations/sql_chain.h"

#define REPLACED "FROM {root} AS d WHERE EXISTS (SELECT 1 FROM {source} AS s WHERE {same})"
#define NUMBERED                                                                                   \
    "(SELECT *, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS _dlt_dedup_rn "         \
    "FROM {staged})"
#define FIRST "_dlt_dedup_rn = 1"

/* The kinds of keys, each for itself: to look for both at once is slow in some databases and not possible in others. */
static wr_sql_wanted *const KEYS[] = { wr_sql_is_primary_key, wr_sql_is_merge_key };

/* Say something for each kind of key that the root table has: the first time `first`, then `next`. */
static void say_by_key(wr_sql_chain *c, const char *first, const char *next)
{
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS); i++) {
        wr_sql_list(c, "same", KEYS[i], "d.{c} = s.{c}", " AND ");
        if (!wr_sql_has(c, "same"))
            continue;
        wr_sql_say(c, first);
        first = next;
    }
}

static bool has_keys(const wr_sql_chain *c)
{
    return wr_sql_hinted(wr_sql_root(c), WEIR_HINT_PRIMARY_KEY | WEIR_HINT_MERGE_KEY) != NULL;
}

/* Note the row keys of rows that go. */
static void note_gone(wr_sql_chain *c)
{
    say_by_key(c, "CREATE TEMPORARY TABLE weir_gone AS SELECT d.{row_key} AS row_key " REPLACED,
               "INSERT INTO weir_gone SELECT d.{row_key} AS row_key " REPLACED);
}

static void delete_gone(wr_sql_chain *c)
{
    for (size_t i = 1; i < c->chain->count; i++) {
        wr_sql_enter(c, i);
        wr_sql_say(c, "DELETE FROM {table} WHERE {root_key} IN (SELECT row_key FROM weir_gone)");
    }
    wr_sql_enter(c, 0);
    wr_sql_say(c, "DELETE FROM {table} WHERE {row_key} IN (SELECT row_key FROM weir_gone)");
}

/* The user says which rows go. */
static void delete_scope(wr_sql_chain *c)
{
    for (size_t i = 1; i < c->chain->count; i++) {
        wr_sql_enter(c, i);
        wr_sql_say(c, "DELETE FROM {table} WHERE {root_key} IN (SELECT {root_row_key} FROM {root} "
                      "WHERE ({scope}))");
    }
    wr_sql_enter(c, 0);
    wr_sql_say(c, "DELETE FROM {root} WHERE ({scope})");
}

/* Let {rows} stand for the staged rows with one of each {key}: the first by the column that says which, when there is one.
 * Returns the condition that they have to fulfil; NULL: none. */
static const char *define_first(wr_sql_chain *c, const weir_column *sort)
{
    const char *any = c->sql->driver->dialect.any_of_key;
    wr_sql_define(c, "order", "(SELECT NULL)");
    if (sort) {
        wr_sql_define_name(c, "sort", sort->name);
        wr_sql_define(c, "order",
                      sort->hints & WEIR_HINT_DEDUP_DESC ? "{sort} DESC" : "{sort} ASC");
    }
    wr_sql_define(c, "rows", any && !sort ? any : NUMBERED);
    return any && !sort ? NULL : FIRST;
}

static const char *define_first_roots(wr_sql_chain *c)
{
    wr_sql_list(c, "key", wr_sql_is_primary_key, "{c}", ", ");
    return define_first(c,
                        wr_sql_hinted(wr_sql_root(c), WEIR_HINT_DEDUP_ASC | WEIR_HINT_DEDUP_DESC));
}

/* Note the row keys of staged root rows that come. */
static void note_kept(wr_sql_chain *c, bool has_primary_key)
{
    wr_sql_define(c, "rows", "{staged}");
    const char *const conditions[] = {
        has_primary_key && !c->chain->deduplicated ? define_first_roots(c) : NULL,
        wr_sql_has(c, "alive") ? "{alive}" : NULL,
    };
    wr_sql_where(c, conditions, 2);
    wr_sql_say(c, "CREATE TEMPORARY TABLE weir_kept AS SELECT {row_key} AS row_key FROM {rows} "
                  "AS s{where}");
}

static void insert_root(wr_sql_chain *c, bool once, bool kept)
{
    wr_sql_enter(c, 0);
    wr_sql_define(c, "rows", "{staged}");
    const char *const conditions[] = {
        once ? define_first_roots(c) : NULL,
        kept ? "s.{row_key} IN (SELECT row_key FROM weir_kept)" : NULL,
        !kept && wr_sql_has(c, "alive") ? "{alive}" : NULL,
        wr_sql_has(c, "filter") ? "({filter})" : NULL,
    };
    wr_sql_where(c, conditions, sizeof(conditions) / sizeof(*conditions));
    wr_sql_say(c, "INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows} AS s{where}");
}

static void insert_nested(wr_sql_chain *c, size_t table, bool kept)
{
    wr_sql_enter(c, table);
    if (!c->chain->deduplicated)
        wr_sql_define(c, "key", "{row_key}");
    const char *const conditions[] = {
        c->chain->deduplicated ? NULL : define_first(c, NULL),
        kept ? "s.{root_key} IN (SELECT row_key FROM weir_kept)" : NULL,
        wr_sql_has(c, "filter") ? "s.{root_key} IN (SELECT {root_row_key} FROM {source} AS s)"
                                : NULL,
    };
    wr_sql_where(c, conditions, sizeof(conditions) / sizeof(*conditions));
    wr_sql_say(c, "INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows} AS s{where}");
}

void wr_sql_merge_delete_insert(wr_sql_chain *c)
{
    const bool nested = c->chain->count > 1;
    const bool scoped = wr_sql_has(c, "scope");
    const bool primary = wr_sql_hinted(wr_sql_root(c), WEIR_HINT_PRIMARY_KEY) != NULL;
    const bool gone = nested && !scoped && has_keys(c);
    const bool kept = nested && (primary || wr_sql_has(c, "alive"));
    if (gone)
        note_gone(c);
    if (kept)
        note_kept(c, primary);

    if (scoped)
        delete_scope(c);
    else if (gone)
        delete_gone(c);
    else
        say_by_key(c, "DELETE " REPLACED, "DELETE " REPLACED);

    insert_root(c, primary && !nested && !c->chain->deduplicated, kept);
    for (size_t i = 1; i < c->chain->count; i++)
        insert_nested(c, i, kept);

    if (gone)
        wr_sql_say(c, "DROP TABLE weir_gone");
    if (kept)
        wr_sql_say(c, "DROP TABLE weir_kept");
}
