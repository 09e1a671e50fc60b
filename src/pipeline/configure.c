/* What a run is to do: names, destination, resources, options. */
#include "base/ctx.h"
#include "base/process.h"
#include "base/str.h"
#include "pipeline/execution.h"
#include "schema/contract.h"

static const weir_option NORMALIZE_OPTIONS[] = {
    { "workers", WEIR_OPTION_INT, .standard = "0",
      .help = "threads that normalise; 0: one less than processors" },
    { 0 },
};

static const weir_option RUN_OPTIONS[] = {
    { "keep_packages", WEIR_OPTION_INT, .standard = "10",
      .help = "traces of loads that are kept in .weir" },
    { 0 },
};

/* The program's choice, DESTINATION__NAME, the pipeline's: the first that names one. */
static weir_status choose_destination(wr_run *r)
{
    weir_str name = weir_str_of(r->pipeline->destination);
    if (r->settings->destination) {
        name = weir_str_of(r->settings->destination);
    } else {
        static const weir_option option = { "name", WEIR_OPTION_TEXT,
                                            .help = "the destination's name" };
        const wr_scope scope = { r->config, r->name, WR_SECTION("destination") };
        wr_answer answer;
        WEIR_TRY(wr_config_get(r->cx, &scope, &option, &r->arena, &answer));
        if (answer.found)
            name = answer.text;
    }
    if (name.len == 0)
        return weir_fail(
            r->cx, WEIR_CONFIG,
            "pipeline '%s' has no destination\n"
            "hint: set .destination = \"duckdb\", or DESTINATION__NAME in the environment",
            r->pipeline->name);
    return wr_destination_get(r->cx, name, &r->destination);
}

/* A pipeline without a schema of its own: its name without a final "_pipeline", in snake_case, at most 64 characters. */
static weir_status name_schema(wr_run *r)
{
    static const weir_str suffix = { "_pipeline", 9 };
    weir_str base = r->name;
    if (base.len > suffix.len && wr_str_ends(base, suffix))
        base.len -= suffix.len;
    wr_naming short_names = r->naming;
    short_names.max = 64;
    return wr_name_identifier(r->cx, &short_names, &r->arena, base, &r->schema_name);
}

/* The pipeline's own folders beat those of the configuration. */
static weir_status configure_exchange(wr_run *r)
{
    const wr_scope scope = { r->config, r->name, WR_SECTION("schema") };
    WEIR_TRY(wr_exchange_configure(r->cx, &scope, &r->arena, &r->exchange));
    if (r->pipeline->import_schema_path)
        r->exchange.import_dir = weir_str_of(r->pipeline->import_schema_path);
    if (r->pipeline->export_schema_path)
        r->exchange.export_dir = weir_str_of(r->pipeline->export_schema_path);
    return WEIR_OK;
}

static weir_status name_dataset(wr_run *r)
{
    const char *given = r->pipeline->dataset;
    r->dataset_given = given && *given
                           ? weir_str_of(given)
                           : wr_arena_printf(&r->arena, "%.*s_dataset", WR_STR(r->name));
    return wr_name_identifier(r->cx, &r->naming, &r->arena, r->dataset_given, &r->dataset);
}

static const weir_source *find_source(const char *name)
{
    for (size_t i = 0; i < wr_registered_count(); i++) {
        const weir_registration *part = wr_registered(i);
        const weir_source *source = part->what;
        if (part->part == WEIR_PART_SOURCE && strcmp(source->name, name) == 0)
            return source;
    }
    return NULL;
}

static weir_status choose_source(wr_run *r, const weir_run_args *args)
{
    r->source = args->source;
    if (r->source || !r->pipeline->source)
        return WEIR_OK;
    r->source = find_source(r->pipeline->source);
    return r->source ? WEIR_OK
                     : weir_fail(r->cx, WEIR_INVALID,
                                 "pipeline '%s' wants the source '%s', which is not registered",
                                 r->pipeline->name, r->pipeline->source);
}

static weir_status choose_resources(wr_run *r, const weir_run_args *args)
{
    const weir_resource *list = args->resources ? args->resources : r->pipeline->resources;
    if (!list) {
        WEIR_TRY(choose_source(r, args));
        list = r->source ? r->source->resources : NULL;
    }
    if (!list)
        return weir_fail(
            r->cx, WEIR_INVALID,
            "pipeline '%s' has nothing to extract\n"
            "hint: give it .resources, or .source with the name of a registered source",
            r->pipeline->name);
    return wr_resources_read(r->cx, &r->arena, list, &r->resources);
}

/* What the source says for all tables becomes a setting of the schema. */
static weir_status read_schema_settings(wr_run *r)
{
    wr_node *settings = wr_node_new(&r->arena, WR_NODE_OBJECT);
    r->schema_settings = settings;
    if (!r->source)
        return WEIR_OK;
    const int levels = r->source->max_table_nesting;
    if (levels)
        wr_run_set_int(r, settings, "max_nesting", levels > 0 ? levels : 0);
    if (!r->source->schema_contract)
        return WEIR_OK;
    wr_node *contract = NULL;
    WEIR_TRY(wr_node_parse(r->cx, &r->arena, weir_str_of(r->source->schema_contract), &contract));
    WEIR_TRY(wr_contract_check(r->cx, contract));
    wr_node_set(&r->arena, settings, wr_lit("schema_contract"), contract);
    return WEIR_OK;
}

weir_status wr_run_configure(wr_run *r, const weir_run_args *args)
{
    r->config = r->settings->config;
    if (!r->config)
        r->config = r->own_config = wr_config_new();
    WEIR_TRY(wr_pipeline_check_name(r->cx, r->name));
    WEIR_TRY(choose_resources(r, args));
    WEIR_TRY(read_schema_settings(r));
    WEIR_TRY(choose_destination(r));
    WEIR_TRY(wr_naming_find(r->cx, wr_lit("snake_case"), r->destination->caps.identifier_max,
                            &r->naming));
    WEIR_TRY(name_schema(r));
    WEIR_TRY(name_dataset(r));
    WEIR_TRY(configure_exchange(r));

    const wr_scope scope = { r->config, r->name, WR_SECTION("load") };
    const weir_option_values *values = NULL;
    WEIR_TRY(wr_config_resolve(r->cx, &scope, RUN_OPTIONS, &r->arena, &values));
    r->keep_packages = weir_option_int(values, "keep_packages");
    const wr_scope normalize = { r->config, r->name, WR_SECTION("normalize") };
    WEIR_TRY(wr_config_resolve(r->cx, &normalize, NORMALIZE_OPTIONS, &r->arena, &values));
    r->workers = weir_option_int(values, "workers");
    return r->pipeline->setup ? r->pipeline->setup(r->cx) : WEIR_OK;
}
