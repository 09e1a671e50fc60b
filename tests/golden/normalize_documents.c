/* Whole documents against dlt: normalize_documents.json. */
#include "documents.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

enum { VARIANTS, EMPTY_BYTES, EMPTY_NAMES, BIGINT, PROMOTED, KINDS, OWN_TABLES };

static const golden_rule rules[] = {
    [VARIANTS] = { "ENG 2", "a variant column has the type that is in its name" },
    [EMPTY_BYTES] = { "ENG 3", "empty bytes are read as empty bytes" },
    [EMPTY_NAMES] = { "ENG 4", "a key of separators only is called _empty" },
    [BIGINT] = { "ENG 7", "an integer beyond 64 bits is a decimal" },
    [PROMOTED] = { "ENG 8", "scalar rows of promoted tables have a load id" },
    [KINDS] = { "weir/value.h", "no value is wei or hexadecimal by itself" },
    [OWN_TABLES] = { "spec 4.5",
                     "no destination of weir has s3_tables: dlt's tables keep their names" },
};

#define BYTES_MARK "\xEF\x80\xAB"

/* Cases that weir decides otherwise, and the first difference: it is this one and no other. */
static const struct {
    const char *name;
    size_t rule;
    const char *difference;
} decided[] = {
    { "keys_of_separators_only", EMPTY_NAMES, "t: added '_empty'" },
    { "empty_key_list", EMPTY_NAMES, "t___empty: added 'value'" },
    { "variant_iso_text_quirk", VARIANTS, "no failure" },
    { "empty_bytes", EMPTY_BYTES, "t: \"" BYTES_MARK "\" 'b'" },
    { "int_64bit_edges", BIGINT, "t: another column in place of 'b'" },
    { "promoted_scalar_list", PROMOTED, "t__l: added '_dlt_load_id'" },
    { "types_all", KINDS, "t: another column in place of 'w'" },
    { "detections_extra", KINDS, "t: \"" BYTES_MARK "Eg==\" 'hex'" },
    { "variant_wei_too_big", KINDS, "t: did not add 'w__v_str'" },
    { "naming_s3_tables", OWN_TABLES, "dlt_version: no table 'dlt_version'" },
};

/* ---- settings ---- */

static void add_hints(documents *d, const wr_node *hints)
{
    wr_arena *arena = &d->schema->arena;
    wr_node *all = wr_node_copy(arena, wr_node_get(d->schema->settings, "default_hints"));
    for (const wr_node *hint = hints->first; hint; hint = hint->next) {
        wr_node *list = wr_node_get_str(all, hint->key);
        if (!list)
            wr_node_set(arena, all, hint->key, wr_node_copy(arena, hint));
        for (const wr_node *regex = list ? hint->first : NULL; regex; regex = regex->next)
            wr_node_append(list, wr_node_text(arena, regex->text));
    }
    documents_set(d, "default_hints", all);
}

static void keep_whole_names(documents *d)
{
    wr_arena *arena = &d->schema->arena;
    wr_node *normalizers = wr_node_copy(arena, d->schema->normalizers);
    wr_node_set(arena, normalizers, wr_lit("use_break_path_on_normalize"),
                wr_node_bool(arena, false));
    d->schema->normalizers = normalizers;
}

static weir_status apply_settings(documents *d, const wr_node *settings)
{
    for (const wr_node *setting = settings->first; setting; setting = setting->next) {
        if (wr_str_eq(setting->key, wr_lit("preferred")))
            documents_set(d, "preferred_types", setting);
        else if (wr_str_eq(setting->key, wr_lit("detections")))
            documents_set(d, "detections", setting);
        else if (wr_str_eq(setting->key, wr_lit("schema_contract")))
            documents_set(d, "schema_contract", setting);
        else if (wr_str_eq(setting->key, wr_lit("hints")))
            add_hints(d, setting);
        else if (wr_str_eq(setting->key, wr_lit("use_break_path")))
            keep_whole_names(d);
        else if (wr_str_eq(setting->key, wr_lit("config")) && setting->count)
            WEIR_TRY(wr_schema_set_json_config(&d->g->cx, d->schema, &d->naming, setting));
    }
    const wr_node *tables = wr_node_get(settings, "tables");
    for (const wr_node *table = tables ? tables->first : NULL; table; table = table->next)
        WEIR_TRY(documents_announce(d, table));
    return WEIR_OK;
}

/* ---- cases ---- */

static weir_status feed_case(documents *d, const wr_node *test)
{
    const wr_node *settings = wr_node_get(test, "settings");
    WEIR_TRY(apply_settings(d, settings));
    documents_start(
        d, (int)wr_node_get_int(wr_node_get(settings, "config"), "max_nesting", WR_MAX_NESTING));
    return documents_feed_all(d, test);
}

static bool has_config(documents *d, const wr_node *expected)
{
    const wr_node *json = wr_node_get(d->schema->normalizers, "json");
    const wr_node *config = wr_node_get(json, "config");
    if (!expected || (config && wr_node_equal(config, expected)))
        return true;
    d->mismatch = wr_lit("another configuration of the normaliser");
    return false;
}

static bool has_all(documents *d, const wr_node *test, weir_status status)
{
    const bool raises = wr_node_get(test, "raises") != NULL;
    if (raises != (status == WEIR_SCHEMA) || (!raises && status != WEIR_OK)) {
        d->mismatch =
            status == WEIR_OK ? wr_lit("no failure") : weir_str_of(weir_error_message(&d->g->cx));
        return false;
    }
    return !d->mismatch.len && documents_have_rows(d, wr_node_get(test, "rows"), raises) &&
           (raises || documents_have_tables(d, wr_node_get(test, "tables"))) &&
           (raises || documents_have_nulls(d, wr_node_get(test, "null_only_columns"))) &&
           has_config(d, wr_node_get(test, "normalizer_config_after"));
}

static bool is_decided(golden *g, const wr_node *test, weir_str difference)
{
    const weir_str name = wr_node_get_text(test, "name");
    for (size_t i = 0; i < sizeof(decided) / sizeof(decided[0]); i++) {
        if (!wr_str_eq(name, weir_str_of(decided[i].name)) ||
            !wr_str_eq(difference, weir_str_of(decided[i].difference)))
            continue;
        golden_decide(g, decided[i].rule);
        return true;
    }
    return false;
}

static void check(golden *g, const wr_node *test)
{
    const wr_node *settings = wr_node_get(test, "settings");
    const wr_node *naming = wr_node_get(settings, "naming");
    documents d;
    documents_begin(&d, g, "ev");
    weir_status status = documents_name(&d, naming ? naming->text : wr_lit("snake_case"),
                                        (size_t)wr_node_get_int(settings, "max_length", 0));
    if (status == WEIR_OK)
        status = feed_case(&d, test);
    const bool passed = has_all(&d, test, status);
    if (passed || !is_decided(g, test, d.mismatch))
        golden_check(g, test, passed, d.mismatch);
    weir_error_clear(&g->cx);
    documents_end(&d);
}

TEST(golden_documents_become_the_rows_and_tables_of_dlt)
{
    golden g;
    golden_open(&g, "normalize_documents.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}
