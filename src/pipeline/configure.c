/* What a run is to do: names, destination, resources, options. */
#include "base/ctx.h"
#include "base/str.h"
#include "pipeline/execution.h"
#include "pipeline/normalize.h"
#include "pipeline/options.h"
#include "schema/contract.h"

/* A program that embeds the library has the same chain as the command. */
static weir_status open_config(wr_run *r)
{
    r->config = r->settings->config;
    if (r->config)
        return WEIR_OK;
    r->config = r->own_config = wr_config_new();
    return wr_project_configure(r->cx, r->config);
}

static weir_status choose_destination(wr_run *r)
{
    const wr_destination_wish wish = {
        .given = weir_str_of(r->settings->destination),
        .written = weir_str_of(r->pipeline->destination),
    };
    const wr_scope scope = { .config = r->config, .pipeline = r->name };
    wr_destination_choice choice;
    WEIR_TRY(wr_destination_choose(r->cx, &scope, &wish, &r->arena, &choice));
    r->destination = choice.destination;
    r->destination_name = choice.name;
    return WEIR_OK;
}

/* What names the schema, as in dlt: a source that has a name of its own; NULL: the pipeline. */
static const char *schema_owner(const wr_run *r)
{
    if (r->source && r->source->schema)
        return r->source->schema;
    return r->source ? r->pipeline->source : NULL;
}

/* The owner's name, or the pipeline's without a final "_pipeline", in snake_case, at most 64 characters. */
static weir_status name_schema(wr_run *r)
{
    static const weir_str suffix = { "_pipeline", 9 };
    const wr_upkeep *upkeep = r->settings->upkeep;
    if (upkeep && upkeep->schema.len > 0) {
        r->schema_name = upkeep->schema;
        return WEIR_OK;
    }
    const char *owner = schema_owner(r);
    weir_str base = owner ? weir_str_of(owner) : r->name;
    if (!owner && base.len > suffix.len && wr_str_ends(base, suffix))
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
    r->dataset_given = weir_str_of(r->pipeline->dataset);
    if (r->dataset_given.len == 0) {
        const wr_scope scope = { .config = r->config, .pipeline = r->name };
        WEIR_TRY(wr_dataset_choose(r->cx, &scope, &r->arena, &r->dataset_given));
    }
    return wr_name_identifier(r->cx, &r->naming, &r->arena, r->dataset_given, &r->dataset);
}

static weir_status choose_source(wr_run *r, const weir_run_args *args)
{
    r->source = args->source;
    if (r->source || !r->pipeline->source)
        return WEIR_OK;
    r->source = wr_source_find(weir_str_of(r->pipeline->source));
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

/* What the source says for all tables becomes settings of the schema; null: it says nothing. */
static weir_status read_schema_settings(wr_run *r)
{
    wr_node *settings = wr_node_new(&r->arena, WR_NODE_OBJECT);
    wr_node *configured = NULL;
    const wr_scope scope = { .config = r->config, .pipeline = r->name };
    r->schema_settings = settings;
    WEIR_TRY(wr_json_config_choose(r->cx, &scope, r->schema_name, &r->arena, &configured));
    if (configured)
        wr_node_set(&r->arena, settings, wr_lit("json_config"), configured);
    if (!r->source)
        return WEIR_OK;
    const int levels = r->source->max_table_nesting;
    wr_node *nesting = wr_node_new(&r->arena, WR_NODE_NULL);
    wr_node *contract = wr_node_new(&r->arena, WR_NODE_NULL);
    if (levels)
        nesting = wr_node_int(&r->arena, levels > 0 ? levels : 0);
    if (r->source->schema_contract)
        WEIR_TRY(
            wr_node_parse(r->cx, &r->arena, weir_str_of(r->source->schema_contract), &contract));
    WEIR_TRY(wr_contract_check(r->cx, contract));
    wr_node_set(&r->arena, settings, wr_lit("max_nesting"), nesting);
    wr_node_set(&r->arena, settings, wr_lit("schema_contract"), contract);
    return WEIR_OK;
}

/* That of this run beats the pipeline's, and both the configuration. */
static weir_status read_refresh(wr_run *r, const weir_run_args *args)
{
    const char *const given[] = { r->settings->refresh, args->refresh, r->pipeline->refresh };
    weir_str mode = { 0 };
    for (size_t i = 0; i < sizeof(given) / sizeof(*given) && mode.len == 0; i++)
        mode = weir_str_of(given[i]);
    if (mode.len == 0) {
        const wr_scope scope = { .config = r->config, .pipeline = r->name };
        WEIR_TRY(wr_refresh_choose(r->cx, &scope, &r->arena, &mode));
    }
    return wr_refresh_mode_read(r->cx, mode, &r->refresh_mode);
}

static weir_status read_options(wr_run *r)
{
    const wr_scope load = { .config = r->config,
                            .pipeline = r->name,
                            .section = WR_SECTION("load") };
    const weir_option_values *values = NULL;
    WEIR_TRY(wr_config_resolve(r->cx, &load, wr_load_options, &r->arena, &values));
    r->keep_packages = weir_option_int(values, "keep_packages");

    const wr_scope normalize = { .config = r->config,
                                 .pipeline = r->name,
                                 .section = WR_SECTION("normalize") };
    WEIR_TRY(wr_config_resolve(r->cx, &normalize, wr_normalize_options, &r->arena, &values));
    r->normalize = values;
    r->workers = weir_option_int(values, "workers");
    if (!weir_option_given(values, "max_table_nesting"))
        return WEIR_OK;
    const int64_t levels = weir_option_int(values, "max_table_nesting");
    if (levels < 0 || levels > WR_MAX_NESTING)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "normalize.max_table_nesting is %lld, not from 0 to %d", (long long)levels,
                         WR_MAX_NESTING);
    r->max_table_nesting = levels > 0 ? (int)levels : WEIR_NO_NESTING;
    weir_info(r->cx,
              "normalize.max_table_nesting = %lld counts where neither resource nor source "
              "says it",
              (long long)levels);
    return WEIR_OK;
}

static weir_status tell_planner(wr_run *r)
{
    const wr_planner *planner = r->settings->planner;
    const wr_planned_run run = {
        .config = r->config,
        .pipeline = r->name,
        .dataset = r->dataset,
        .destination = r->destination,
        .destination_name = r->destination_name,
        .source = r->source,
    };
    return planner ? planner->run(r->cx, planner->self, &run) : WEIR_OK;
}

weir_status wr_run_configure(wr_run *r, const weir_run_args *args)
{
    WEIR_TRY(open_config(r));
    WEIR_TRY(wr_pipeline_check_name(r->cx, r->name));
    WEIR_TRY(wr_pipeline_setup(r->cx, r->config, r->pipeline));
    WEIR_TRY(choose_resources(r, args));
    WEIR_TRY(choose_destination(r));
    WEIR_TRY(wr_naming_find(r->cx, wr_lit("snake_case"), r->destination->caps.identifier_max,
                            &r->naming));
    WEIR_TRY(name_schema(r));
    WEIR_TRY(read_schema_settings(r));
    WEIR_TRY(name_dataset(r));
    WEIR_TRY(configure_exchange(r));
    WEIR_TRY(read_options(r));
    WEIR_TRY(read_refresh(r, args));
    WEIR_TRY(tell_planner(r));
    const wr_scope scope = { .config = r->config, .pipeline = r->name };
    return wr_source_configure(r->cx, &scope, r->source, &r->arena, &r->cx->options);
}
