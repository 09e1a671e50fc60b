/** Source, destination and dataset put together, and run. */
#ifndef WEIR_PIPELINE_H
#define WEIR_PIPELINE_H

#include <weir/base.h>
#include <weir/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A pipeline is data; zero means the default. */
typedef struct weir_pipeline {
    const char *name;
    const char *destination; /**< name of a destination, or NULL: the configuration decides */
    const char *dataset;     /**< schema of the database; default: `<name>_dataset` */
    const weir_resource
        *resources;     /**< ends with a zero element, or NULL when `source` names them */
    const char *source; /**< name of a registered source */
    weir_status (*setup)(weir_ctx *cx); /**< called before anything else, or NULL */
    /**
     * Folder of schemas that people write, `<schema>.schema.yaml`, or NULL. Where there is no file, the first load leaves
     * one to begin with: what the resources announce. One whose content was changed takes the place of the stored schema at
     * the next run. weir never writes to a file that is there, so comments in it stay.
     */
    const char *import_schema_path;
    /** Folder that gets the schema after each load in the same form, or NULL. It is written anew: comments are lost. */
    const char *export_schema_path;
    /**
     * Begin anew with each run, or NULL: "drop_sources" drops all tables of the schema and forgets the whole state,
     * "drop_resources" does so for the resources that run, "drop_data" empties their tables and keeps the schema. It is part
     * of the run's transaction: readers see the data before it, or that after it.
     */
    const char *refresh;
} weir_pipeline;

/** What one load came to. Texts end in NUL and live in the struct. */
typedef struct weir_load {
    char load_id[32];
    int64_t rows;     /**< rows of data tables */
    int64_t tables;   /**< data tables that received rows */
    int64_t bad_rows; /**< lines that are no JSON, in quarantine */
} weir_load;

/** The most loads that one run can finish: one left by an earlier run, and its own. */
#define WEIR_LOADS_MAX 8

/** What a run came to; `weir_print` shows it. Texts end in NUL and are cut to fit. */
typedef struct weir_load_info {
    char pipeline[256];
    char destination[64];
    char dataset[256];
    char location[1024]; /**< where the data is, without secrets */
    double seconds;
    int64_t
        memory_peak; /**< the most that weir itself ever had, without the destination's library: bytes */
    int load_count;
    weir_load loads[WEIR_LOADS_MAX];
} weir_load_info;

/** Arguments of weir_pipeline_run() by name. */
typedef struct weir_run_args {
    size_t
        resource_size; /**< of the headers that the caller was compiled with: filled in by weir_pipeline_run */
    const weir_pipeline *pipeline;
    const weir_resource *resources; /**< instead of the pipeline's */
    const weir_source *source;      /**< instead of the pipeline's, unless there are `resources` */
    const char *refresh;            /**< for this run, instead of the pipeline's */
    weir_load_info *info;           /**< filled in when the run is done, or NULL */
} weir_run_args;

/**
 * Run a pipeline: finish what an earlier run left, then extract, normalize, load and commit. It has been loaded
 * once, whole, when this returns WEIR_OK.
 */
WEIR_API weir_status weir_pipeline_run_with(weir_ctx *cx, const weir_run_args *args) WEIR_MUST_USE;

/** `weir_pipeline_run(cx, &pipeline, .resources = WEIR_RESOURCES({ "rows", rows }), .info = &info)` */
#define weir_pipeline_run(cx, ...)                                                                 \
    weir_pipeline_run_with((cx), &(const weir_run_args){ .resource_size = sizeof(weir_resource),   \
                                                         .pipeline = __VA_ARGS__ })

/** Print what a run came to on the standard output, a line per thing. */
WEIR_API void weir_print(const weir_load_info *info);

/** What a module registers. */
typedef enum weir_part {
    WEIR_PART_SOURCE,
    WEIR_PART_PIPELINE,
} weir_part;

typedef struct weir_registration {
    int interface_number; /**< WEIR_INTERFACE of the headers that the module was compiled with */
    weir_part part;
    size_t size; /**< of the struct that `what` points to */
    const void *what;
    const char *file;
    int line;
} weir_registration;

/** Make a part known by its name; what it points to stays. Called by WEIR_REGISTER when a module is loaded. */
WEIR_API void weir_register(const weir_registration *registration);

#ifndef __cplusplus
/** Register a pipeline or a source of this file: one line at its end. */
#define WEIR_REGISTER(variable)                                                                    \
    __attribute__((constructor)) static void weir_register_##variable(void)                        \
    {                                                                                              \
        static const weir_registration registration = {                                            \
            .interface_number = WEIR_INTERFACE,                                                    \
            .part = _Generic((variable), weir_source                                               \
                             : WEIR_PART_SOURCE, weir_pipeline                                     \
                             : WEIR_PART_PIPELINE),                                                \
            .size = sizeof(variable),                                                              \
            .what = &(variable),                                                                   \
            .file = __FILE__,                                                                      \
            .line = __LINE__,                                                                      \
        };                                                                                         \
        weir_register(&registration);                                                              \
    }                                                                                              \
    extern int weir_registered_##variable
#endif

#ifdef __cplusplus
}
#endif

#endif
