/* The tables of the engine's own options, and the list of all tables. */
#include "pipeline/options.h"

#include <weir/source.h>

#include "base/process.h"
#include "base/str.h"
#include "pipeline/exchange.h"
#include "pipeline/run.h"

const weir_option wr_general_options[] = {
    { "runtime.log_level", .standard = "WARNING",
      .help = "ERROR, WARNING, INFO or DEBUG; WEIR_LOG in the environment wins" },
    { "destination.name",
      .help = "load into this destination, whatever the pipeline says; --destination wins" },
    { 0 },
};

static const char *const FILE_FORMATS[] = { "jsonl", "csv", NULL };

const weir_option wr_normalize_options[] = {
    { "workers", WEIR_OPTION_INT, .standard = "0",
      .help = "threads that normalise; 0: one less than processors" },
    { "max_table_nesting", WEIR_OPTION_INT,
      .help = "levels of nested tables where neither resource nor source says it; 0: JSON below" },
    { "loader_file_format", .standard = "jsonl", .choices = FILE_FORMATS,
      .help = "jsonl or csv, for destinations that keep files" },
    { "data_writer.disable_compression", WEIR_OPTION_BOOL, "false",
      .help = "do not pack files with gzip" },
    { "data_writer.file_max_items", WEIR_OPTION_INT, "0", .help = "rows of a file; 0: all" },
    { "data_writer.file_max_bytes", WEIR_OPTION_INT, "0",
      .help = "bytes of a file before it is packed, to the next 64 KiB; 0: all" },
    { "data_writer.delimiter", .standard = ",", .help = "of csv" },
    { "data_writer.include_header", WEIR_OPTION_BOOL, "true", .help = "of csv" },
    { "data_writer.quoting", .standard = "quote_needed",
      .help = "of csv: quote_needed, quote_all, quote_minimal or quote_none" },
    { "data_writer.lineterminator", .help = "of csv; a line feed by itself" },
    { "data_writer.encoding", .standard = "utf-8", .help = "of csv" },
    { 0 },
};

const weir_option wr_schema_options[] = {
    { "schema.json_normalizer", WEIR_OPTION_MAP,
      .help = "how rows become tables, as { config = { max_nesting = 1 } }; beats the source" },
    { 0 },
};

const weir_option wr_load_options[] = {
    { "keep_packages", WEIR_OPTION_INT, .standard = "10",
      .help = "traces of loads that are kept in .weir" },
    { 0 },
};

const weir_option wr_pipeline_options[] = {
    { "destination_type", .help = "the destination of a pipeline that names none" },
    { "destination_name", .help = "the name under which its options are looked for" },
    { "dataset_name", .help = "the dataset of a pipeline that names none" },
    { "refresh", .help = "begin anew with each run: drop_sources, drop_resources or drop_data" },
    { 0 },
};

const weir_option wr_destination_type_option = { "destination_type",
                                                 .help = "the destination that has this name" };

static size_t count_builtins(void)
{
    size_t count = 0;
    while (wr_builtin_destinations[count])
        count++;
    for (size_t i = 0; wr_builtin_providers[i]; i++)
        count += WR_BUILTIN_LISTS;
    return count;
}

static void add_group(wr_option_groups *all, wr_section section, const weir_option *options)
{
    all->ptr[all->len++] = (wr_option_group){ section, options };
}

static void add_providers(wr_option_groups *all)
{
    for (size_t i = 0; wr_builtin_providers[i]; i++) {
        const wr_config_builtin *builtin = wr_builtin_providers[i];
        for (size_t k = 0; k < WR_BUILTIN_LISTS && builtin->lists[k].options; k++)
            add_group(all, wr_section_of(builtin->lists[k].section), builtin->lists[k].options);
    }
}

wr_option_groups wr_option_groups_all(wr_arena *arena, weir_str pipeline)
{
    const size_t registered = wr_registered_count();
    wr_option_groups all = {
        .ptr = wr_arena_new_array(arena, 6 + count_builtins() + registered, wr_option_group),
    };
    add_group(&all, (wr_section){ 0 }, wr_general_options);
    add_group(&all, WR_SECTION("normalize"), wr_normalize_options);
    add_group(&all, WR_SECTION("load"), wr_load_options);
    add_group(&all, WR_SECTION("schema"), wr_exchange_options);
    add_group(&all, wr_schema_section(arena, pipeline), wr_schema_options);
    add_providers(&all);
    if (pipeline.len > 0)
        add_group(&all, WR_SECTION("pipelines", wr_arena_str(arena, pipeline).ptr),
                  wr_pipeline_options);
    for (const weir_destination *const *at = wr_builtin_destinations; *at; at++)
        add_group(&all, WR_SECTION("destination", (*at)->name), (*at)->options);
    for (size_t i = 0; i < registered; i++) {
        const weir_registration *part = wr_registered(i);
        const weir_source *source = part->what;
        if (part->part == WEIR_PART_SOURCE && source->config)
            add_group(&all, wr_source_section(source), source->config);
    }
    return all;
}

weir_status wr_option_group_named(weir_ctx *cx, const wr_config *config, wr_arena *arena,
                                  weir_str name, wr_option_group *ret, bool *ret_found)
{
    const wr_scope scope = {
        .config = config,
        .section = WR_SECTION("destination", wr_arena_str(arena, name).ptr),
        .exact = true,
    };
    wr_answer type = { 0 };
    WEIR_TRY(wr_config_get(cx, &scope, &wr_destination_type_option, arena, &type));
    const weir_destination *destination = type.found ? wr_destination_find(type.text) : NULL;
    if (destination)
        *ret = (wr_option_group){ scope.section, destination->options };
    *ret_found = destination != NULL;
    return WEIR_OK;
}
