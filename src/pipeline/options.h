/* Options of the engine itself, and all options that there are, by section: for running, explaining and checking. */
#ifndef WR_OPTIONS_H
#define WR_OPTIONS_H

#include <weir/destination.h>
#include <weir/pipeline.h>

#include "config/config.h"
#include "format/json.h"

/* Without a section: `runtime.log_level`, `destination.name`. */
extern const weir_option wr_general_options[];
extern const weir_option wr_normalize_options[];
extern const weir_option wr_load_options[];
/* In `sources.<schema>`, `sources`, and without a section. */
extern const weir_option wr_schema_options[];
/* In `pipelines.<name>`, as dlt has them. */
extern const weir_option wr_pipeline_options[];
/* In `destination.<name>`, and nowhere else. */
extern const weir_option wr_destination_type_option;

/* What is asked for, before the configuration is. Empty: nothing. */
typedef struct wr_destination_wish {
    weir_str given;   /* on the command line */
    weir_str written; /* in the pipeline */
} wr_destination_wish;

typedef struct wr_destination_choice {
    const weir_destination *destination;
    weir_str name; /* its options are looked for in `destination.<name>` */
} wr_destination_choice;

/* Which destination a pipeline loads into: the command line's, `destination.name`, the pipeline's, or dlt's own settings,
 * in that order; a name is that of a destination, or has a `destination.<name>.destination_type`. `scope` has no section.
 * Texts are in `arena`. */
weir_status wr_destination_choose(weir_ctx *cx, const wr_scope *scope,
                                  const wr_destination_wish *wish, wr_arena *arena,
                                  wr_destination_choice *ret) WEIR_MUST_USE;
/* The dataset of a pipeline that names none: `dataset_name`, or `<pipeline>_dataset`. */
weir_status wr_dataset_choose(weir_ctx *cx, const wr_scope *scope, wr_arena *arena, weir_str *ret)
    WEIR_MUST_USE;
/* `sources.<schema>`, or none without a name. */
wr_section wr_schema_section(wr_arena *arena, weir_str schema);
/* dlt's settings of the JSON normaliser for a schema, `schema.json_normalizer`: an object, or NULL when nothing says them. They
 * beat what source and schema say. */
weir_status wr_json_config_choose(weir_ctx *cx, const wr_scope *scope, weir_str schema,
                                  wr_arena *arena, wr_node **ret) WEIR_MUST_USE;
/* The providers that are built in; defined in src/weir.c. Ends with NULL. */
extern const wr_config_builtin *const wr_builtin_providers[];
/* Append the project's files, and the built-in providers that these ask for. */
weir_status wr_project_configure(weir_ctx *cx, wr_config *config) WEIR_MUST_USE;
/* The refresh mode of a pipeline that names none, `refresh`; empty when there is none. */
weir_status wr_refresh_choose(weir_ctx *cx, const wr_scope *scope, wr_arena *arena, weir_str *ret)
    WEIR_MUST_USE;
/* Call the pipeline's setup, in which providers may be added. */
weir_status wr_pipeline_setup(weir_ctx *cx, wr_config *config, const weir_pipeline *pipeline)
    WEIR_MUST_USE;
/* A registered source; NULL: there is none of this name. */
const weir_source *wr_source_find(weir_str name);
/* `sources.<folder>.<name>` when it is registered in a file in sources/<folder>/, else `sources.<name>`. */
wr_section wr_source_section(const weir_source *source);
/* Resolve the options of a source; *ret is NULL when it has none, and for NULL. */
weir_status wr_source_configure(weir_ctx *cx, const wr_scope *scope, const weir_source *source,
                                wr_arena *arena, const weir_option_values **ret) WEIR_MUST_USE;

/* The options of one section. */
typedef struct wr_option_group {
    wr_section section;
    const weir_option *options;
} wr_option_group;

typedef struct wr_option_groups {
    wr_option_group *ptr;
    size_t len;
} wr_option_groups;

/* All groups, in `arena`: those of the engine, of the pipeline (empty: none), of built-in destinations, and of sources that
 * modules registered. */
wr_option_groups wr_option_groups_all(wr_arena *arena, weir_str pipeline);

/* The options of a destination that has a name of its own, `destination.<name>.destination_type`; *ret_found false: it has
 * none, or an unknown one. */
weir_status wr_option_group_named(weir_ctx *cx, const wr_config *config, wr_arena *arena,
                                  weir_str name, wr_option_group *ret, bool *ret_found)
    WEIR_MUST_USE;

#endif
