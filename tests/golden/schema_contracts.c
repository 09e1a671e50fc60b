/* Contracts against dlt: schema_contracts.json. */
#include "documents.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static weir_status feed_case(documents *d, const wr_node *test)
{
    const wr_node *contract = wr_node_get(wr_node_get(test, "settings"), "schema_contract");
    if (contract)
        documents_set(d, "schema_contract", contract);
    const wr_node *tables = wr_node_get(test, "existing_tables");
    for (const wr_node *table = tables->first; table; table = table->next)
        WEIR_TRY(documents_announce(d, table));
    documents_start(d, WR_MAX_NESTING);
    return documents_feed_all(d, test);
}

/* The message, up to random ids in it, is dlt's; a place in the data stands in front. */
static bool has_message(documents *d, const wr_node *raises)
{
    const char *message = weir_error_message(&d->g->cx);
    weir_str expected = wr_node_get_text(raises, "message");
    const char *id = strstr(expected.ptr, "_dlt_id: ");
    if (id)
        expected.len = (size_t)(id - expected.ptr) + strlen("_dlt_id: ");
    const char *found = strstr(message, "In schema");
    const weir_str actual = weir_str_of(found ? found : "");
    const bool same =
        wr_str_starts(actual, expected) && actual.len == expected.len + (id ? WR_ROW_ID_LEN : 0);
    if (!same)
        d->mismatch = weir_str_of(message);
    return same;
}

static bool has_all(documents *d, const wr_node *test, weir_status status)
{
    const wr_node *raises = wr_node_get(test, "raises");
    const wr_node *rows = wr_node_get(test, "rows");
    if (d->mismatch.len)
        return false;
    if (raises)
        return status == WEIR_SCHEMA && has_message(d, raises) &&
               documents_have_rows(d, rows, true);
    if (status != WEIR_OK) {
        d->mismatch = weir_str_of(weir_error_message(&d->g->cx));
        return false;
    }
    return documents_have_rows(d, rows, false) &&
           documents_have_tables(d, wr_node_get(test, "tables")) &&
           documents_have_nulls(d, wr_node_get(test, "null_only_columns"));
}

static void check(golden *g, const wr_node *test)
{
    documents d;
    documents_begin(&d, g, "ev");
    const weir_status status = feed_case(&d, test);
    const bool passed = has_all(&d, test, status);
    golden_check(g, test, passed, d.mismatch);
    weir_error_clear(&g->cx);
    documents_end(&d);
}

TEST(golden_contracts_let_through_what_dlt_does)
{
    golden g;
    golden_open(&g, "schema_contracts.json", NULL);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}
