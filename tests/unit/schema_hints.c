/* Hints of resources: what is refused, and what people are told. All cases of resource_hints.json are golden tests. */
#include "schema/hints.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"
#include "schema/contract.h"

/* The table as JSON, or what was wrong. */
static const char *table_of(fixture *f, const char *hints)
{
    wr_node *doc = NULL;
    wr_node *table = NULL;
    weir_status status = wr_node_parse(&f->cx, &f->arena, weir_str_of(hints), &doc);
    if (status == WEIR_OK)
        status = wr_hints_table(&f->cx, &f->arena, &(wr_hints){ wr_lit("r"), doc }, &table);
    wr_buf_clear(&f->out);
    if (status == WEIR_OK)
        wr_node_write(&f->out, table, WR_JSON_COMPACT);
    else
        wr_buf_printf(&f->out, "%s: %s; %s", weir_status_name(status), weir_error_message(&f->cx),
                      weir_error_hint(&f->cx));
    return wr_buf_text(&f->out);
}

TEST(an_unknown_property_of_a_column_is_refused_with_the_nearest_known_one)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_STR(table_of(&f, "{\"columns\":{\"a\":{\"nulable\":false}}}"),
              "configuration: resource 'r': column 'a' has the unknown property 'nulable'; "
              "did you mean 'nullable'?");
}

TEST(an_option_that_the_merge_strategy_does_not_have_is_refused)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_STR(table_of(&f,
                       "{\"write_disposition\":{\"disposition\":\"merge\",\"strategy\":\"upsert\","
                       "\"destination_scope\":\"1=1\"}}"),
              "configuration: resource 'r': the merge strategy 'upsert' has no option "
              "'destination_scope'; it goes with delete-insert, scd2, cdc");
}

TEST(an_unknown_mode_of_a_contract_is_refused)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_STR(table_of(&f, "{\"schema_contract\":{\"columns\":\"frozen\"}}"),
              "configuration: the schema contract has the unknown mode 'frozen'; it is one of "
              "evolve, freeze, discard_row, discard_value");
}

/* ---- announced tables under a contract ---- */

static wr_node *allowed(fixture *f, const wr_schema *schema, const char *table)
{
    wr_node *doc = NULL;
    wr_node *ret = NULL;
    if (wr_node_parse(&f->cx, &f->arena, weir_str_of(table), &doc) != WEIR_OK ||
        wr_contract_announce(&f->cx, schema, &f->arena, doc, &ret) != WEIR_OK)
        return NULL;
    return ret;
}

#define TABLE(columns, contract)                                                                   \
    "{\"name\":\"t\",\"columns\":{" columns "},\"schema_contract\":" contract "}"

TEST(a_new_table_may_get_columns_once_also_when_they_are_frozen)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    const wr_node *table = allowed(&f, schema, TABLE("", "{\"columns\":\"freeze\"}"));
    CHECK(table != NULL);
    CHECK(wr_node_get_bool(wr_node_get(table, "x-normalizer"), "evolve-columns-once", false));
}

TEST(a_table_that_the_contract_discards_is_not_announced)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    CHECK(!allowed(&f, schema, TABLE("", "{\"tables\":\"discard_row\"}")));
    CHECK_STR(weir_error_message(&f.cx), "");
}

TEST(a_declared_type_that_changes_is_held_against_the_contract)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("s"));
    CHECK_OK(wr_schema_merge_table(
        &f.cx, schema,
        allowed(&f, schema,
                TABLE("\"a\":{\"name\":\"a\",\"data_type\":\"bigint\"}", "\"evolve\""))));
    CHECK(
        !allowed(&f, schema, TABLE("\"a\":{\"name\":\"a\",\"data_type\":\"text\"}", "\"freeze\"")));
    CHECK(strstr(weir_error_message(&f.cx), "Can't evolve column type of `a` in table `t`"));
    const wr_node *kept = allowed(
        &f, schema, TABLE("\"a\":{\"name\":\"a\",\"data_type\":\"text\"}", "\"discard_value\""));
    CHECK(kept && wr_node_get(kept, "columns")->count == 0);
}
