/* Where it goes. The source is that of sources/PIPELINE_NAME/source.c. */
#include <weir.h>

static const weir_pipeline pipeline = {
    .name = "PIPELINE_NAME",
    .destination = "duckdb",
    .dataset = "raw",
    .source = "PIPELINE_NAME",
};

WEIR_REGISTER(pipeline);
