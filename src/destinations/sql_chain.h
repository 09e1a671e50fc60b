/* Statements that bring the staged rows of a chain of tables into it. They are made of templates, in which `{name}` stands
 * for a word: a table, a list of columns, a condition. Each way to merge is one file of templates; none knows a database.
 *
 * In all of them `d` is a row of the dataset and `s` a staged one. Temporary tables are made first and dropped last. */
#ifndef WR_SQL_CHAIN_H
#define WR_SQL_CHAIN_H

#include "base/vec.h"
#include "destinations/sql.h"

/* Statements in their order. */
typedef struct wr_sql_script {
    wr_vec(weir_str) statements;
    wr_arena arena;
} wr_sql_script;

/* All statements for a chain. WEIR_SCHEMA when a table does not have the key that they need. */
weir_status wr_sql_settle_script(weir_ctx *cx, const wr_sql *sql, const weir_chain *chain,
                                 wr_sql_script *ret) WEIR_MUST_USE;
void wr_sql_script_done(wr_sql_script *script);

/* ---- for the ways to merge ---- */

typedef struct wr_sql_word {
    const char *name;
    weir_str text;
    const char
        *missing; /* why a table does not have what it stands for: an error when it is used */
    const weir_table *table; /* that one */
} wr_sql_word;

typedef struct wr_sql_chain {
    weir_ctx *cx;
    const wr_sql *sql;
    const weir_chain *chain;
    wr_sql_script *script;
    const weir_table *table; /* the one that was entered last */
    wr_sql_word words[48];
    size_t word_count;
    weir_status status; /* the first failure; later statements do not count */
} wr_sql_chain;

void wr_sql_merge_delete_insert(wr_sql_chain *c);
/* upsert, insert-only and cdc */
void wr_sql_merge_upsert(wr_sql_chain *c);
void wr_sql_merge_scd2(wr_sql_chain *c);
void wr_sql_replace_staged(wr_sql_chain *c);

/* Words of the chain: {root}, {staged_root}, {root_row_key}, {match}: same primary key, {source}: staged root rows that
 * count, {filter}, {scope}, {deleted}, {alive}. Of a table, from wr_sql_enter() on: {table}, {staged}, {rows}: its staged
 * rows that count, {columns}, {values}: those of `s`, {row_key}, {root_key}. */
void wr_sql_enter(wr_sql_chain *c, size_t table);
/* Let a word stand for what the template gives, as it is now. */
void wr_sql_define(wr_sql_chain *c, const char *word, const char *template);
/* Let {where} stand for those templates that are not NULL, joined by AND; for nothing when all are NULL. */
void wr_sql_where(wr_sql_chain *c, const char *const *conditions, size_t count);
/* Let a word stand for a quoted name, or for a time. */
void wr_sql_define_name(wr_sql_chain *c, const char *word, weir_str name);
void wr_sql_define_time(wr_sql_chain *c, const char *word, weir_time time);
/* The root table cannot be merged in this way. */
void wr_sql_refuse(wr_sql_chain *c, const char *why);
/* Add a statement. */
void wr_sql_say(wr_sql_chain *c, const char *template);

/* Let a word stand for a list: the template `each` for all complete columns of the table that are wanted, where {c} is
 * the column. Empty when there are none. */
typedef bool wr_sql_wanted(const weir_column *column);
void wr_sql_list(wr_sql_chain *c, const char *word, wr_sql_wanted *wanted, const char *each,
                 const char *separator);
bool wr_sql_any_column(const weir_column *column);
bool wr_sql_is_primary_key(const weir_column *column);
bool wr_sql_is_merge_key(const weir_column *column);

/* The first complete column with one of the hints; NULL: none. */
const weir_column *wr_sql_hinted(const weir_table *table, unsigned hints);
/* Has the word a text that is not empty? */
bool wr_sql_has(const wr_sql_chain *c, const char *word);
/* Let {partition} stand for the condition by which `{root}` rows of earlier loads may be deleted or retired because they
 * are not among the staged ones: the user's scope, or a staged row has the merge key. NULL: all may; else "{partition}". */
const char *wr_sql_partition(wr_sql_chain *c);
static inline const weir_table *wr_sql_root(const wr_sql_chain *c)
{
    return c->chain->tables[0];
}

#endif
