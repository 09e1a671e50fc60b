/* Words and templates of the statements for a chain of tables. */
#include "destinations/sql_chain.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/sql_parts.h"

/* ---- templates ---- */

static wr_sql_word *find_word(wr_sql_word *words, size_t count, weir_str name)
{
    for (size_t i = 0; i < count; i++)
        if (wr_str_eq(weir_str_of(words[i].name), name))
            return &words[i];
    return NULL;
}

/* The template up to the next brace, which is cut off. */
static weir_str cut_plain(weir_str *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '{' && rest->ptr[len] != '}')
        len++;
    const weir_str plain = { rest->ptr, len };
    rest->ptr += len;
    rest->len -= len;
    return plain;
}

/* Append a template with its words in place; a doubled brace stands for one. What the words put in is not looked at again.
 * Returns what stands between braces and has no text; NULL when all is well. */
static const wr_sql_word *expand(wr_buf *out, weir_str rest, wr_sql_word *words, size_t count)
{
    static const wr_sql_word unknown = { "", .missing = "a brace is not closed, or names nothing" };
    for (;;) {
        wr_buf_str(out, cut_plain(&rest));
        if (rest.len == 0)
            return NULL;
        const bool doubled = rest.len > 1 && rest.ptr[1] == rest.ptr[0];
        const char *end = memchr(rest.ptr, '}', rest.len);
        if (!doubled && (*rest.ptr == '}' || !end))
            return &unknown;
        const size_t used = doubled ? 2 : (size_t)(end - rest.ptr) + 1;
        if (doubled) {
            wr_buf_char(out, *rest.ptr);
        } else {
            const wr_sql_word *word = find_word(words, count, (weir_str){ rest.ptr + 1, used - 2 });
            if (!word || word->missing)
                return word ? word : &unknown;
            wr_buf_str(out, word->text);
        }
        rest.ptr += used;
        rest.len -= used;
    }
}

static void fail(wr_sql_chain *c, weir_status status)
{
    if (c->status == WEIR_OK)
        c->status = status;
}

static void refuse(wr_sql_chain *c, const weir_table *table, const char *why)
{
    if (c->status == WEIR_OK)
        c->status = weir_fail(c->cx, WEIR_SCHEMA, "table '%.*s' cannot be merged: %s",
                              WR_STR(table->name), why);
}

void wr_sql_refuse(wr_sql_chain *c, const char *why)
{
    refuse(c, wr_sql_root(c), why);
}

static weir_str fill(wr_sql_chain *c, const char *template)
{
    if (c->status != WEIR_OK)
        return (weir_str){ 0 };
    wr_auto(buf) wr_buf out = wr_buf_max(WR_SQL_MAX);
    const wr_sql_word *lost = expand(&out, weir_str_of(template), c->words, c->word_count);
    if (lost) {
        wr_assert(lost->name[0]); /* a template of ours that names an unknown word */
        refuse(c, lost->table, lost->missing);
    }
    fail(c, wr_buf_check(c->cx, &out, "a statement"));
    return wr_arena_str(&c->script->arena, wr_buf_view(&out));
}

static wr_sql_word *word_of(wr_sql_chain *c, const char *name)
{
    wr_sql_word *word = find_word(c->words, c->word_count, weir_str_of(name));
    if (!word) {
        wr_assert(c->word_count < sizeof(c->words) / sizeof(*c->words));
        word = &c->words[c->word_count++];
    }
    *word = (wr_sql_word){ .name = name };
    return word;
}

static void set_word(wr_sql_chain *c, const char *name, weir_str text)
{
    word_of(c, name)->text = text;
}

static void set_missing(wr_sql_chain *c, const char *name, const weir_table *table, const char *why)
{
    wr_sql_word *word = word_of(c, name);
    word->missing = why;
    word->table = table;
}

void wr_sql_define(wr_sql_chain *c, const char *word, const char *template)
{
    const weir_str text = fill(c, template);
    set_word(c, word, text);
}

void wr_sql_say(wr_sql_chain *c, const char *template)
{
    const weir_str statement = fill(c, template);
    *wr_vec_push(&c->script->statements) = statement;
}

bool wr_sql_has(const wr_sql_chain *c, const char *word)
{
    for (size_t i = 0; i < c->word_count; i++)
        if (strcmp(c->words[i].name, word) == 0)
            return c->words[i].text.len > 0;
    return false;
}

void wr_sql_where(wr_sql_chain *c, const char *const *conditions, size_t count)
{
    wr_auto(buf) wr_buf where = wr_buf_max(WR_SQL_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!conditions[i])
            continue;
        wr_buf_cstr(&where, where.len > 0 ? " AND " : " WHERE ");
        wr_buf_str(&where, fill(c, conditions[i]));
    }
    fail(c, wr_buf_check(c->cx, &where, "a condition"));
    set_word(c, "where", wr_arena_str(&c->script->arena, wr_buf_view(&where)));
}

/* ---- columns ---- */

bool wr_sql_any_column(const weir_column *column)
{
    (void)column;
    return true;
}

bool wr_sql_is_primary_key(const weir_column *column)
{
    return (column->hints & WEIR_HINT_PRIMARY_KEY) != 0;
}

bool wr_sql_is_merge_key(const weir_column *column)
{
    return (column->hints & WEIR_HINT_MERGE_KEY) != 0;
}

static weir_str quoted(wr_sql_chain *c, weir_str name)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_SQL_MAX);
    wr_sql_ident(&out, name);
    return wr_arena_str(&c->script->arena, wr_buf_view(&out));
}

void wr_sql_list(wr_sql_chain *c, const char *word, wr_sql_wanted *wanted, const char *each,
                 const char *separator)
{
    wr_auto(buf) wr_buf list = wr_buf_max(WR_SQL_MAX);
    for (size_t i = 0; i < c->table->column_count; i++) {
        const weir_column *column = &c->table->columns[i];
        if (column->type == WEIR_NO_TYPE || !wanted(column))
            continue;
        set_word(c, "c", quoted(c, column->name));
        wr_buf_cstr(&list, list.len > 0 ? separator : "");
        wr_buf_str(&list, fill(c, each));
    }
    fail(c, wr_buf_check(c->cx, &list, "a list of columns"));
    set_word(c, word, wr_arena_str(&c->script->arena, wr_buf_view(&list)));
}

void wr_sql_define_name(wr_sql_chain *c, const char *word, weir_str name)
{
    set_word(c, word, quoted(c, name));
}

void wr_sql_define_time(wr_sql_chain *c, const char *word, weir_time time)
{
    wr_auto(buf) wr_buf out = wr_buf_max(2 * WR_TIME_TEXT);
    wr_sql_time(&out, time);
    set_word(c, word, wr_arena_str(&c->script->arena, wr_buf_view(&out)));
}

const weir_column *wr_sql_hinted(const weir_table *table, unsigned hints)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type != WEIR_NO_TYPE && (table->columns[i].hints & hints))
            return &table->columns[i];
    return NULL;
}

/* ---- words of a table ---- */

static weir_str path_in(wr_sql_chain *c, const wr_sql_dataset *dataset, const weir_table *table)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_SQL_MAX);
    return wr_arena_str(&c->script->arena, wr_sql_path(dataset, &out, table->name));
}

/* What tells the rows of a table apart: the row key, or the version of those that are kept in versions; else the first
 * unique column, else a primary key of one column. */
static void set_row_key(wr_sql_chain *c, const char *word, const weir_table *table)
{
    const weir_column *key = wr_sql_hinted(table, WEIR_HINT_ROW_KEY);
    if (!key && c->chain->merge == WEIR_MERGE_SCD2)
        key = wr_sql_hinted(table, WEIR_HINT_ROW_VERSION);
    if (!key)
        key = wr_sql_hinted(table, WEIR_HINT_UNIQUE);
    const weir_column *first = wr_sql_hinted(table, WEIR_HINT_PRIMARY_KEY);
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += wr_sql_is_primary_key(&table->columns[i]);
    if (!key && count == 1)
        key = first;
    if (key)
        set_word(c, word, quoted(c, key->name));
    else
        set_missing(c, word, table,
                    "it has no column that tells its rows apart\n"
                    "hint: a row key, a unique column, or a primary key of one column is needed");
}

/* What says to which root row a nested one belongs: the root key; one level down the parent key does. */
static void set_root_key(wr_sql_chain *c)
{
    const weir_column *key = wr_sql_hinted(c->table, WEIR_HINT_ROOT_KEY);
    if (!key && wr_str_eq(c->table->parent, wr_sql_root(c)->name))
        key = wr_sql_hinted(c->table, WEIR_HINT_PARENT_KEY);
    if (key)
        set_word(c, "root_key", quoted(c, key->name));
    else
        set_missing(c, "root_key", c->table,
                    "it has no root key, a column that names the row of the root table\n"
                    "hint: tables that were loaded before they were merged do not have one; "
                    "load them anew, by replacing once");
}

static const weir_table *find_parent(const wr_sql_chain *c, const weir_table *table)
{
    for (size_t i = 0; i < c->chain->count; i++)
        if (wr_str_eq(c->chain->tables[i]->name, table->parent))
            return c->chain->tables[i];
    return NULL;
}

/* Let {rows} stand for the staged rows of a table that count: those below root rows for which the user's filter holds.
 * Without a root key this is found out level by level. */
static void define_rows(wr_sql_chain *c, const weir_table *table)
{
    set_word(c, "staged", path_in(c, &c->sql->staging, table));
    const weir_table *parent = find_parent(c, table);
    if (!wr_sql_has(c, "filter") || c->chain->merge == WEIR_MERGE_INSERT_ONLY) {
        wr_sql_define(c, "rows", "{staged}");
        return;
    }
    if (!parent) {
        wr_sql_define(c, "rows", "(SELECT * FROM {staged} WHERE ({filter}))");
        return;
    }
    const weir_column *root_key = wr_sql_hinted(table, WEIR_HINT_ROOT_KEY);
    const weir_column *parent_key = wr_sql_hinted(table, WEIR_HINT_PARENT_KEY);
    const weir_table *above = root_key ? wr_sql_root(c) : parent;
    const weir_column *key = root_key ? root_key : parent_key;
    if (key)
        set_word(c, "key_above", quoted(c, key->name));
    else
        set_missing(c, "key_above", table, "a nested row does not say to which row it belongs");
    define_rows(c, above);
    set_row_key(c, "row_above", above);
    set_word(c, "staged", path_in(c, &c->sql->staging, table));
    wr_sql_define(c, "rows",
                  "(SELECT * FROM {staged} WHERE {key_above} IN (SELECT {row_above} FROM {rows} "
                  "AS r))");
}

void wr_sql_enter(wr_sql_chain *c, size_t table)
{
    c->table = c->chain->tables[table];
    set_word(c, "table", path_in(c, &c->sql->dataset, c->table));
    define_rows(c, c->table);
    set_row_key(c, "row_key", c->table);
    if (table > 0)
        set_root_key(c);
    wr_sql_list(c, "columns", wr_sql_any_column, "{c}", ", ");
    wr_sql_list(c, "values", wr_sql_any_column, "s.{c}", ", ");
}

/* ---- words of the chain ---- */

/* A condition that the user wrote; the tables may stand in it in braces. */
static void set_condition(wr_sql_chain *c, const char *word, weir_str condition)
{
    wr_sql_word tables[] = {
        { "table", path_in(c, &c->sql->dataset, wr_sql_root(c)) },
        { "staging_table", path_in(c, &c->sql->staging, wr_sql_root(c)) },
    };
    wr_auto(buf) wr_buf out = wr_buf_max(WR_SQL_MAX);
    if (expand(&out, condition, tables, strcmp(word, "scope") == 0 ? 2 : 0))
        fail(c, weir_fail(c->cx, WEIR_CONFIG,
                          "table '%.*s': the condition '%.*s' has braces that name nothing\n"
                          "hint: {table} and {staging_table} may stand in a destination scope; "
                          "a brace itself is doubled",
                          WR_STR(wr_sql_root(c)->name), WR_STR(condition)));
    set_word(c, word, wr_arena_str(&c->script->arena, wr_buf_view(&out)));
}

/* By the column that marks deletions: a truth value is one when it is true, another when it is not null. */
static void define_deletions(wr_sql_chain *c)
{
    const weir_column *column = wr_sql_hinted(wr_sql_root(c), WEIR_HINT_HARD_DELETE);
    if (!column)
        return;
    const bool truth = column->type == WEIR_TYPE_BOOL;
    set_word(c, "c", quoted(c, column->name));
    wr_sql_define(c, "deleted", truth ? "s.{c} = TRUE" : "s.{c} IS NOT NULL");
    wr_sql_define(c, "alive", truth ? "(s.{c} IS NULL OR s.{c} = FALSE)" : "s.{c} IS NULL");
}

static void begin(wr_sql_chain *c)
{
    set_word(c, "dataset", c->sql->dataset.path);
    set_condition(c, "filter", c->chain->source_filter);
    set_condition(c, "scope", c->chain->destination_scope);
    wr_sql_enter(c, 0);
    wr_sql_define(c, "root", "{table}");
    wr_sql_define(c, "staged_root", "{staged}");
    wr_sql_define(c, "source", "{rows}");
    set_row_key(c, "root_row_key", c->table);
    wr_sql_list(c, "match", wr_sql_is_primary_key, "d.{c} = s.{c}", " AND ");
    define_deletions(c);
}

const char *wr_sql_partition(wr_sql_chain *c)
{
    if (wr_sql_has(c, "scope")) {
        wr_sql_define(c, "partition", "({scope})");
        return "{partition}";
    }
    wr_sql_list(c, "keys", wr_sql_is_merge_key, "s.{c} = {root}.{c}", " AND ");
    if (!wr_sql_has(c, "keys"))
        return NULL;
    wr_sql_define(c, "partition", "EXISTS (SELECT 1 FROM {source} AS s WHERE {keys})");
    return "{partition}";
}

/* ---- the script ---- */

static void (*way(const weir_chain *chain))(wr_sql_chain *)
{
    static void (*const merges[])(wr_sql_chain *) = {
        [WEIR_MERGE_DELETE_INSERT] = wr_sql_merge_delete_insert,
        [WEIR_MERGE_UPSERT] = wr_sql_merge_upsert,
        [WEIR_MERGE_INSERT_ONLY] = wr_sql_merge_upsert,
        [WEIR_MERGE_SCD2] = wr_sql_merge_scd2,
        [WEIR_MERGE_CDC] = wr_sql_merge_upsert,
    };
    return chain->disposition == WEIR_INTO_REPLACE ? wr_sql_replace_staged : merges[chain->merge];
}

weir_status wr_sql_settle_script(weir_ctx *cx, const wr_sql *sql, const weir_chain *chain,
                                 wr_sql_script *ret)
{
    wr_sql_script script = { 0 };
    wr_sql_chain c = { .cx = cx, .sql = sql, .chain = chain, .script = &script };
    begin(&c);
    way(chain)(&c);
    if (c.status == WEIR_OK)
        *ret = script;
    else
        wr_sql_script_done(&script);
    return c.status;
}

void wr_sql_script_done(wr_sql_script *script)
{
    wr_vec_done(&script->statements);
    wr_arena_done(&script->arena);
}
