/* Hints of resources against dlt: resource_hints.json. */
#include "schema/hints.h"

#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

enum { FUNCTIONS };

static const golden_rule rules[] = {
    [FUNCTIONS] = { "spec 1.4.7", "hints of weir are data: no functions of rows among them" },
};

#define RESOURCE "my_res"

/* Tuples are lists here. */
static wr_node *plain(wr_arena *arena, const wr_node *node)
{
    if (wr_str_eq(golden_type(node), wr_lit("tuple")))
        return wr_node_copy(arena, wr_node_get(node, "v"));
    wr_node *ret = wr_node_copy(arena, node);
    for (wr_node *child = ret->first; child; child = child->next)
        wr_node_replace(child, plain(arena, child));
    return ret;
}

static bool has_function(const wr_node *node)
{
    if (wr_str_eq(node->text, wr_lit("<lambda>")))
        return true;
    for (const wr_node *child = node->first; child; child = child->next)
        if (has_function(child))
            return true;
    return false;
}

/* Some rows give the table's name with them. */
static void name_by_row(wr_arena *arena, wr_node *hints, const wr_node *test)
{
    if (wr_str_eq(wr_node_get_text(test, "name"), wr_lit("table_name_meta")))
        wr_node_set(arena, hints, wr_lit("table_name"), wr_node_text(arena, wr_lit("other_table")));
}

static bool same_order(const wr_node *a, const wr_node *b)
{
    const wr_node *left = wr_node_get(a, "columns")->first;
    const wr_node *right = wr_node_get(b, "columns")->first;
    for (; left && right; left = left->next, right = right->next)
        if (!wr_str_eq(left->key, right->key))
            return false;
    return !left && !right;
}

static weir_status tables_of(golden *g, const wr_node *test, wr_node **ret, wr_node **ret_nested)
{
    wr_naming naming;
    wr_node *doc = plain(&g->arena, wr_node_get(test, "resource_args"));
    const wr_node *changes = wr_node_get(test, "apply_hints");
    for (const wr_node *c = changes ? changes->first : NULL; c; c = c->next)
        wr_hints_apply(&g->arena, doc, c);
    name_by_row(&g->arena, doc, test);
    const wr_hints hints = { wr_lit(RESOURCE), doc };
    WEIR_TRY(wr_naming_find(&g->cx, wr_lit("snake_case"), 0, &naming));
    WEIR_TRY(wr_hints_table(&g->cx, &g->arena, &hints, ret));
    return wr_hints_nested(&g->cx, &g->arena, &naming, &hints, wr_node_get_text(*ret, "name"),
                           ret_nested);
}

static bool same_nested(const wr_node *actual, const wr_node *expected)
{
    return expected ? wr_node_equal(actual, expected) : actual->count == 0;
}

static void check(golden *g, const wr_node *test)
{
    const wr_node *expected = wr_node_get(test, "table_schema");
    wr_node *table = NULL;
    wr_node *nested = NULL;
    if (has_function(wr_node_get(test, "resource_args"))) {
        golden_decide(g, FUNCTIONS);
        return;
    }
    const weir_status status = tables_of(g, test, &table, &nested);
    if (!expected) {
        golden_check(g, test, status == WEIR_CONFIG, weir_str_of(weir_status_name(status)));
    } else if (status != WEIR_OK) {
        golden_fail(g, test, "%s", weir_error_message(&g->cx));
    } else {
        const bool same = wr_node_equal(table, expected) && same_order(table, expected) &&
                          same_nested(nested, wr_node_get(test, "nested_table_schemas"));
        wr_auto(buf) wr_buf json = wr_buf_max(1 << 16);
        wr_node_write(&json, table, WR_JSON_COMPACT);
        golden_check(g, test, same, wr_buf_view(&json));
    }
    weir_error_clear(&g->cx);
}

TEST(golden_hints_announce_the_tables_of_dlt)
{
    golden g;
    golden_open(&g, "resource_hints.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}
