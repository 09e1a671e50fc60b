/* Stored schemas of older engines, export, defaults and dlt's own tables: schema_migrations_export.json. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/schema.h"

#define TEXT_MAX ((size_t)4 << 20)

enum { NOT_ANNOUNCED };

static const golden_rule RULES[] = {
    [NOT_ANNOUNCED] = { "dlt-1.31.md V1",
                        "a pipeline's state table is stored without its description, and its row "
                        "id without one" },
    { 0 },
};

static weir_str compact(golden *g, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(&g->arena, wr_buf_view(&out));
}

static bool same_text(golden *g, const wr_node *a, const wr_node *b)
{
    return wr_str_eq(compact(g, a), compact(g, b));
}

/* ---- migrate, apply_defaults ---- */

static void check_migrate(golden *g, const wr_node *vector)
{
    wr_node *doc = wr_node_copy(&g->arena, wr_node_get(vector, "in"));
    const weir_status status = wr_schema_migrate(&g->cx, &g->arena, doc);
    const bool refused = wr_node_get(vector, "raises") != NULL;
    if (status != WEIR_OK)
        golden_check(g, vector, refused && status == WEIR_UNSUPPORTED,
                     weir_str_of(weir_error_message(&g->cx)));
    else
        golden_check(g, vector, !refused && same_text(g, doc, wr_node_get(vector, "out")),
                     compact(g, doc));
}

static void check_defaults(golden *g, const wr_node *vector)
{
    wr_node *doc = wr_node_copy(&g->arena, wr_node_get(vector, "in"));
    wr_schema_fill(&g->arena, doc);
    golden_check(g, vector, same_text(g, doc, wr_node_get(vector, "out")), compact(g, doc));
}

/* ---- export ---- */

/* The first vector shows a schema that was never stored: the document in it is of the export itself. */
static void forget_version(wr_schema *schema)
{
    schema->version = 0;
    schema->hash[0] = '\0';
}

static bool exports_as(golden *g, const wr_schema *schema, wr_schema_form form,
                       const wr_node *expected)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_export(&out, schema, form, hash);
    if (wr_str_eq(wr_buf_view(&out), expected->text))
        return true;
    test_note("%.*s", WR_STR(wr_arena_str(&g->arena, wr_buf_view(&out))));
    return false;
}

/* What was exported comes back as the same version. */
static bool imports_back(golden *g, const wr_schema *schema, const wr_node *vector)
{
    static const char *const FORMS[] = { "yaml", "json" };
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(schema, hash);
    for (size_t i = 0; i < 2; i++) {
        const wr_schema_file file = {
            .path = FORMS[i],
            .json = i == 1,
            .text = wr_node_get_text(vector, FORMS[i]),
        };
        wr_auto(schema) wr_schema *back = NULL;
        if (wr_schema_import(&g->cx, &file, &back) != WEIR_OK || strcmp(back->hash, hash) != 0 ||
            back->version != wr_node_get_int(wr_node_get(vector, "stored_schema"), "version", 0))
            return false;
    }
    return true;
}

static void check_export(golden *g, const wr_node *vector)
{
    wr_auto(schema) wr_schema *schema = NULL;
    const weir_str stored = compact(g, wr_node_get(vector, "stored_schema"));
    if (wr_schema_read(&g->cx, stored, &schema) != WEIR_OK) {
        golden_fail(g, vector, "%s", weir_error_message(&g->cx));
        return;
    }
    if (wr_node_get_text(vector, "name").len == 0)
        forget_version(schema);
    const wr_schema_form yaml = { .remove_defaults = true };
    const wr_schema_form import = { .remove_defaults = true, .remove_hints = true };
    const wr_schema_form json = { .remove_defaults = true, .json = true };
    if (!exports_as(g, schema, yaml, wr_node_get(vector, "yaml")))
        golden_fail(g, vector, "another YAML");
    else if (!exports_as(g, schema, import, wr_node_get(vector, "yaml_no_processing_hints")))
        golden_fail(g, vector, "another YAML without processing hints");
    else if (!exports_as(g, schema, json, wr_node_get(vector, "json")))
        golden_fail(g, vector, "another JSON");
    else
        golden_check(g, vector, imports_back(g, schema, vector), wr_lit("the import"));
}

/* ---- system_table ---- */

static const wr_node *system_table(golden *g, weir_str name)
{
    if (wr_str_eq(name, wr_lit("_dlt_pipeline_state")))
        return wr_state_table_doc(&g->arena);
    wr_auto(schema) wr_schema *schema = wr_schema_new(wr_lit("ev"));
    const wr_table *table = wr_schema_table(schema, name);
    return table ? wr_node_copy(&g->arena, table->doc) : NULL;
}

/* The state's table is announced as a resource; the normaliser adds the row id as to any table. */
static void check_state_table(golden *g, const wr_node *vector, const wr_node *table)
{
    wr_node *expected = wr_node_copy(&g->arena, wr_node_get(vector, "table"));
    wr_node_remove(expected, wr_lit("description"));
    wr_node_remove(wr_node_get(expected, "columns"), wr_lit("_dlt_id"));
    if (wr_node_equal(table, expected))
        golden_decide(g, NOT_ANNOUNCED);
    else
        golden_fail(g, vector, "another table");
}

static void check_system_table(golden *g, const wr_node *vector)
{
    const weir_str name = wr_node_get_text(vector, "name");
    const wr_node *table = system_table(g, name);
    if (!table)
        golden_fail(g, vector, "no table");
    else if (wr_str_eq(name, wr_lit("_dlt_pipeline_state")))
        check_state_table(g, vector, table);
    else
        golden_check(g, vector, same_text(g, table, wr_node_get(vector, "table")),
                     compact(g, table));
}

static void check(golden *g, const wr_node *vector)
{
    static const struct {
        const char *op;
        void (*check)(golden *g, const wr_node *vector);
    } OPS[] = {
        { "migrate", check_migrate },
        { "export", check_export },
        { "apply_defaults", check_defaults },
        { "system_table", check_system_table },
    };
    const weir_str op = wr_node_get_text(vector, "op");
    for (size_t i = 0; i < sizeof(OPS) / sizeof(*OPS); i++) {
        if (wr_str_eq(op, weir_str_of(OPS[i].op))) {
            OPS[i].check(g, vector);
            return;
        }
    }
    golden_fail(g, vector, "unknown op");
}

TEST(schemas_of_older_engines_are_read_and_exports_are_those_of_dlt)
{
    golden g;
    golden_open(&g, "schema_migrations_export.json", RULES);
    for (const wr_node *vector = g.cases ? g.cases->first : NULL; vector; vector = vector->next)
        check(&g, vector);
    golden_close(&g);
}
