/* Pipelines written in TOML: `pipelines/NAME.toml`, and sources, `sources/NAME/source.toml`, with the keys of dlt's own
 * arguments.
 *
 *     [pipeline]                pipeline_name, destination, dataset_name
 *     [source]                  name: of a source that stands elsewhere, in C or in TOML; or instead
 *     [source.KIND]             resources, max_table_nesting, schema_contract, and what the kind has
 *
 * A resource has a name, table_name (or { field = "…" }), the hints of pipeline/resource.h, and what the kind has:
 * project/toml_source.h. */
#ifndef WR_TOML_PIPELINE_H
#define WR_TOML_PIPELINE_H

#include <weir/pipeline.h>

#include "base/arena.h"
#include "config/config.h"

typedef struct wr_toml_pipeline {
    weir_pipeline pipeline; /* names its source when it stands elsewhere */
    weir_source source;     /* else */
} wr_toml_pipeline;

/* Read a file; what is made is in `arena`. What it does not say of the files is looked for in the configuration:
 * `sources.filesystem.bucket_url`, `file_glob`. WEIR_PARSE and WEIR_CONFIG name file, line and column. */
weir_status wr_toml_pipeline_read(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                                  const char *file, wr_toml_pipeline *ret) WEIR_MUST_USE;

/* Read a source for a pipeline; likewise. */
weir_status wr_toml_source_read(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                                const char *file, const char *pipeline, weir_source *ret)
    WEIR_MUST_USE;

#endif
