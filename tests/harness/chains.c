/* Tables of chains, made from plain columns and the hints of a test. */
#include "harness/chains.h"

#include <string.h>

#include "base/str.h"

#define COLUMNS_MAX 12
#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const weir_column user_columns[] = {
    { NAME("_dlt_valid_from"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_VALID_FROM },
    { NAME("_dlt_valid_to"), WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_VALID_TO },
    { NAME("id"), WEIR_TYPE_BIGINT },
    { NAME("region"), WEIR_TYPE_TEXT },
    { NAME("note"), WEIR_TYPE_TEXT },
    { NAME("at"), WEIR_TYPE_TIMESTAMP },
    { NAME("deleted"), WEIR_TYPE_BOOL },
    { NAME("gone"), WEIR_TYPE_TIMESTAMP },
    { NAME("unknown") },
    { NAME("_dlt_load_id"), WEIR_TYPE_TEXT },
    { NAME("_dlt_id"), WEIR_TYPE_TEXT,
      .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE | WEIR_HINT_ROW_KEY },
};
static const weir_column nested_columns[] = {
    { NAME("name"), WEIR_TYPE_TEXT },
    { NAME("_dlt_root_id"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_ROOT_KEY },
    { NAME("_dlt_parent_id"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_PARENT_KEY },
    { NAME("_dlt_id"), WEIR_TYPE_TEXT,
      .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE | WEIR_HINT_ROW_KEY },
};
#define NESTED_COUNT (sizeof(nested_columns) / sizeof(nested_columns[0]))

static bool is_listed(const char *names, weir_str name)
{
    weir_str rest = weir_str_of(names ? names : "");
    weir_str part;
    while (wr_str_split(&rest, ',', &part))
        if (wr_str_eq(part, name))
            return true;
    return false;
}

static weir_column hinted(const test_chain *what, weir_column column)
{
    const struct {
        const char *names;
        unsigned hint;
    } hints[] = {
        { what->primary_key, WEIR_HINT_PRIMARY_KEY | WEIR_HINT_NOT_NULL },
        { what->merge_key, WEIR_HINT_MERGE_KEY },
        { what->hard_delete, WEIR_HINT_HARD_DELETE },
        { what->keep_first, WEIR_HINT_DEDUP_ASC },
        { what->keep_last, WEIR_HINT_DEDUP_DESC },
        { what->row_version, WEIR_HINT_ROW_VERSION | WEIR_HINT_NOT_NULL },
    };
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
        if (is_listed(hints[i].names, column.name))
            column.hints |= hints[i].hint;
    const bool versions = what->merge == WEIR_MERGE_SCD2 && !what->row_version;
    if (versions && (column.hints & WEIR_HINT_ROW_KEY))
        column.hints = WEIR_HINT_NOT_NULL | WEIR_HINT_ROW_VERSION;
    return column;
}

static size_t make_users(const test_chain *what, weir_column *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof(user_columns) / sizeof(user_columns[0]); i++)
        if (what->merge == WEIR_MERGE_SCD2 || i >= 2)
            ret[count++] = hinted(what, user_columns[i]);
    return count;
}

static size_t make_nested(const test_chain *what, weir_column *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < NESTED_COUNT; i++)
        if (!(what->no_root_key && (nested_columns[i].hints & WEIR_HINT_ROOT_KEY)))
            ret[count++] = nested_columns[i];
    return count;
}

const weir_chain *test_chain_make(const test_chain *what)
{
    static weir_column users[COLUMNS_MAX];
    static weir_column nested[COLUMNS_MAX];
    static weir_table tables[3];
    static const weir_table *const list[] = { &tables[0], &tables[1], &tables[2] };
    static weir_chain chain;

    const size_t columns = make_users(what, users);
    const size_t nested_count = make_nested(what, nested);
    tables[0] = (weir_table){ NAME("users"), .columns = users, .column_count = columns };
    tables[1] = (weir_table){ NAME("users__pets"), NAME("users"), nested, nested_count };
    tables[2] =
        (weir_table){ NAME("users__pets__toys"), NAME("users__pets"), nested, nested_count };
    chain = (weir_chain){
        .tables = list,
        .count = 1 + what->levels,
        .disposition = what->disposition,
        .merge = what->merge,
        .deduplicated = what->deduplicated,
        .skip_unchanged = what->skip_unchanged,
        .source_filter = weir_str_of(what->source_filter ? what->source_filter : ""),
        .destination_scope = weir_str_of(what->destination_scope ? what->destination_scope : ""),
        .boundary = INT64_C(1704067200000001),
        .ends = what->ends,
        .end = INT64_C(253402214400000000),
    };
    return &chain;
}
