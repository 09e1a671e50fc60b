/* Announced tables merged into schemas, and versions: schema_ops.json. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/contract.h"

#define TEXT_MAX ((size_t)1 << 20)

/* ---- announced tables ---- */

/* Name the table and merge it, as extract does with the hints of a resource. */
typedef weir_status merge_function(weir_ctx *cx, wr_schema *schema, const wr_node *table);

static weir_status merge(golden *g, wr_schema *schema, const wr_node *table, merge_function *how)
{
    wr_naming naming;
    wr_node *named;
    WEIR_TRY(wr_naming_find(&g->cx, wr_lit("snake_case"), 0, &naming));
    WEIR_TRY(wr_table_doc_named(&g->cx, &naming, &g->arena, table, &named));
    return how(&g->cx, schema, named);
}

static weir_status announce(golden *g, wr_schema *schema, const wr_node *table)
{
    return merge(g, schema, table, wr_schema_merge_table);
}

static weir_status announce_case(golden *g, wr_schema *schema, const wr_node *vector)
{
    for (const wr_node *t = wr_node_get(vector, "existing")->first; t; t = t->next)
        if (announce(g, schema, t) != WEIR_OK)
            return WEIR_INTERNAL;
    const bool adds_keys = wr_str_eq(wr_node_get_text(vector, "name"), wr_lit("compound_merge"));
    return merge(g, schema, wr_node_get(vector, "partial"),
                 adds_keys ? wr_schema_extend_table : wr_schema_merge_table);
}

static bool same_table(const wr_schema *schema, const wr_node *vector)
{
    const wr_node *expected = wr_node_get(vector, "table_after");
    const wr_table *table = wr_schema_table(schema, wr_node_get_text(expected, "name"));
    if (!table || !wr_node_equal(table->doc, expected))
        return false;

    size_t i = 0;
    for (const wr_node *n = wr_node_get(vector, "column_order")->first; n; n = n->next, i++)
        if (i == table->pub.column_count || !wr_str_eq(table->pub.columns[i].name, n->text))
            return false;
    return i == table->pub.column_count;
}

static void check_update_table(golden *g, const wr_node *vector)
{
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("ev"));
    const weir_status status = announce_case(g, schema, vector);
    const weir_status expected = wr_node_get(vector, "raises") ? WEIR_SCHEMA : WEIR_OK;
    if (status != expected)
        golden_fail(g, vector, "%s: %s", weir_status_name(status), weir_error_message(&g->cx));
    else if (status == WEIR_OK && !same_table(schema, vector))
        golden_fail(g, vector, "another table");
    else
        golden_pass(g);
}

/* ---- versions ---- */

static bool is_version(const wr_schema *schema, const wr_node *expected)
{
    const int64_t count = wr_node_get_int(expected, "previous_hashes_len", 0);
    const weir_str hash = wr_node_get_text(expected, "version_hash");
    return schema->version == wr_node_get_int(expected, "version", -1) &&
           (int64_t)schema->previous.len == count &&
           (hash.len == 0 || wr_str_eq(hash, weir_str_of(schema->hash)));
}

static weir_status add_empty_table(golden *g, wr_schema *schema, int number)
{
    const weir_str name = wr_arena_printf(&g->arena, "t%d", number);
    wr_node *table = wr_node_new(&g->arena, WR_NODE_OBJECT);
    wr_node_set(&g->arena, table, wr_lit("name"), wr_node_text(&g->arena, name));
    wr_node_child(&g->arena, table, wr_lit("columns"));
    return announce(g, schema, table);
}

/* The fresh schema and its first version, then a table and twelve further changes. */
static void check_bump(golden *g, const wr_node *vector)
{
    const wr_node *steps = wr_node_get(vector, "steps");
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("ev"));
    for (int i = 0; i < 2; i++) {
        wr_schema_bump(schema);
        if (!is_version(schema, wr_node_get(steps->first, "after")))
            golden_fail(g, vector, "version %lld", (long long)schema->version);
    }

    for (int i = 0; i < 13; i++) {
        if (add_empty_table(g, schema, i) != WEIR_OK)
            golden_fail(g, vector, "%s", weir_error_message(&g->cx));
        wr_schema_bump(schema);
    }
    if (is_version(schema, wr_node_get(steps->last, "after")))
        golden_pass(g);
    else
        golden_fail(g, vector, "version %lld, %zu hashes before", (long long)schema->version,
                    schema->previous.len);
}

static weir_status change_loaded(golden *g, const wr_node *vector, wr_node **ret)
{
    wr_auto(buf) wr_buf json = wr_buf_max(TEXT_MAX);
    wr_auto(schema) wr_schema *schema = NULL;
    wr_node_write(&json, wr_node_get(vector, "stored_schema"), WR_JSON_COMPACT);
    WEIR_TRY(wr_schema_read(&g->cx, wr_buf_view(&json), &schema));
    schema->no_merge = true; /* recorded without a destination */
    WEIR_TRY(announce(g, schema, wr_node_get(vector, "partial")));

    wr_schema_bump(schema);

    wr_buf_clear(&json);
    wr_schema_write(&json, schema, WR_JSON_COMPACT);
    return wr_node_parse(&g->cx, &g->arena, wr_buf_view(&json), ret);
}

static void check_bump_loaded(golden *g, const wr_node *vector)
{
    wr_node *after;
    if (change_loaded(g, vector, &after) != WEIR_OK)
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
    else if (!wr_node_equal(after, wr_node_get(vector, "stored_schema_after")))
        golden_fail(g, vector, "another schema");
    else
        golden_pass(g);
}

/* ---- settings ---- */

static bool same_anchors(const wr_node *vector, wr_arena *arena, weir_str regex)
{
    const weir_str pattern = wr_node_get_text(vector, "pattern");
    const weir_str canonical = wr_regex_canonical(arena, regex);
    const bool exact = canonical.ptr[3] == '^' && canonical.ptr[canonical.len - 1] == '$';
    const bool exact_there = pattern.ptr[0] == '^' && pattern.ptr[pattern.len - 1] == '$';
    return exact == exact_there;
}

static void check_regex(golden *g, const wr_node *vector)
{
    const weir_str regex = wr_node_get_text(vector, "in");
    wr_naming naming;
    weir_str named = { 0 };
    if (wr_naming_find(&g->cx, wr_lit("snake_case"), 0, &naming) != WEIR_OK ||
        wr_regex_named(&g->cx, &naming, &g->arena, regex, &named) != WEIR_OK) {
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
        return;
    }
    const weir_str canonical = wr_regex_canonical(&g->arena, regex);
    const bool same = wr_str_eq(named, wr_node_get_text(vector, "normalized_snake_case")) &&
                      wr_str_eq(canonical, wr_node_get_text(vector, "canonical"));
    golden_check(g, vector, same && same_anchors(vector, &g->arena, regex), named);
}

static void check_schema_name(golden *g, const wr_node *vector)
{
    const weir_str name = wr_node_get_text(vector, "in");
    const wr_node *expected = wr_node_get(vector, "normalized");
    wr_naming naming;
    weir_str named = { 0 };
    weir_status status = wr_naming_find(&g->cx, wr_lit("snake_case"), 64, &naming);
    if (status == WEIR_OK)
        status = wr_name_identifier(&g->cx, &naming, &g->arena, name, &named);
    weir_error_clear(&g->cx);
    const bool valid = wr_schema_name_is_valid(name);
    golden_check(
        g, vector,
        valid == wr_node_get_bool(vector, "valid", !valid) &&
            (expected->kind == WR_NODE_NULL ? status != WEIR_OK : wr_str_eq(named, expected->text)),
        named);
}

static void check_contract(golden *g, const wr_node *vector)
{
    static const char *const MODES[] = { "evolve", "freeze", "discard_row", "discard_value" };
    const wr_node *settings = wr_node_get(vector, "in");
    const wr_node *out = wr_node_get(vector, "out");
    const wr_contract contract = wr_contract_expand(settings);
    const bool same =
        wr_contract_check(&g->cx, settings) == WEIR_OK &&
        wr_str_eq(wr_node_get_text(out, "tables"), weir_str_of(MODES[contract.tables])) &&
        wr_str_eq(wr_node_get_text(out, "columns"), weir_str_of(MODES[contract.columns])) &&
        wr_str_eq(wr_node_get_text(out, "data_type"), weir_str_of(MODES[contract.data_type]));
    golden_check(g, vector, same, weir_str_of(MODES[contract.columns]));
}

static void run(const char *op, void (*check)(golden *g, const wr_node *vector))
{
    golden g;
    golden_open(&g, "schema_ops.json", NULL);
    for (const wr_node *vector = g.cases ? g.cases->first : NULL; vector; vector = vector->next)
        if (wr_str_eq(wr_node_get_text(vector, "op"), weir_str_of(op)))
            check(&g, vector);
    golden_close(&g);
}

TEST(announced_tables_merge_as_in_dlt)
{
    run("update_table", check_update_table);
}

TEST(a_schema_that_changes_often_keeps_ten_hashes)
{
    run("bump", check_bump);
}

TEST(a_loaded_schema_gets_the_next_version_of_dlt)
{
    run("bump_loaded", check_bump_loaded);
}

TEST(simple_regexes_are_named_as_in_dlt)
{
    run("simple_regex", check_regex);
}

TEST(names_of_schemas_are_valid_where_they_are_in_dlt)
{
    run("valid_schema_name", check_schema_name);
}

TEST(contracts_mean_what_they_mean_in_dlt)
{
    run("expand_contract", check_contract);
}
