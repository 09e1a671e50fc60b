/* One execution of a pipeline: what its parts share. run.c puts them together:
 *
 *   configure.c  names, destination, resources, options
 *   copies.c     state and schema: those of the destination, local copies of what was committed
 *   seal.c       extract into a log, seal the package
 *   commit.c     load a package or inputs, commit, tidy up; what an earlier run left
 *   upkeep.c     in place of the last two: take resources away, or restore the local copies
 */
#ifndef WR_EXECUTION_H
#define WR_EXECUTION_H

#include "pipeline/exchange.h"
#include "pipeline/extract.h"
#include "pipeline/load.h"
#include "pipeline/package.h"
#include "pipeline/planner.h"
#include "pipeline/refresh.h"
#include "pipeline/run.h"
#include "pipeline/state.h"

/* Everything that lives as long as the run. */
typedef struct wr_run {
    weir_ctx *cx;
    const weir_pipeline *pipeline;
    const weir_source *source; /* whose settings count; NULL: resources alone */
    wr_resources resources;
    const wr_node *
        schema_settings; /* what source and configuration say for all tables: `max_nesting`, `schema_contract`, `json_config` */
    const wr_run_settings *settings;
    wr_arena arena;
    wr_config *own_config;
    wr_config *config;
    weir_str name;
    weir_str schema_name;
    weir_str dataset_given; /* as the user wrote it: what the state keeps */
    weir_str dataset;       /* in the destination's naming */
    const weir_destination *destination;
    weir_str destination_name; /* under which its options are looked for */
    void *self;
    bool opened;
    wr_home home;
    wr_naming naming;
    wr_exchange exchange;
    const weir_option_values *normalize; /* the section of this name */
    int64_t keep_packages;
    int64_t workers;
    int max_table_nesting;
    wr_refresh_mode refresh_mode;
    int64_t began_ns;
    /* as the destination has them, or their local copies */
    wr_node *state;
    wr_schema *schema;
    wr_node *refresh; /* what this run takes away; NULL: nothing */
    weir_str last_load_id;
    weir_str state_load_id; /* of the load that brought the state */
    weir_load_info info;
} wr_run;

/* Read names, options and resources; calls the pipeline's setup. */
weir_status wr_run_configure(wr_run *r, const weir_run_args *args) WEIR_MUST_USE;

/* The pipeline's folder, locked unless it is a plan; when it is not there and not to be made, it stays closed. */
weir_status wr_run_open_home(wr_run *r, bool make) WEIR_MUST_USE;
/* Anew when it is open. */
weir_status wr_run_open_destination(wr_run *r, bool read_only) WEIR_MUST_USE;

/* State and schema: those of the destination; local copies only when it has a dataset that knows neither. Without a
 * dataset the pipeline starts over. */
weir_status wr_run_restore(wr_run *r) WEIR_MUST_USE;
/* Plan what the run's refresh mode takes away; the state is reset. Nothing when the schema is not known yet. */
weir_status wr_run_refresh(wr_run *r) WEIR_MUST_USE;
/* The local copies of what was committed. */
weir_status wr_run_keep_copies(wr_run *r, const wr_node *state, const wr_schema *schema)
    WEIR_MUST_USE;
/* What the settings say in place of extracting and loading. */
weir_status wr_run_upkeep(wr_run *r) WEIR_MUST_USE;

/* Extract into a new package and seal it; *ret_sealed false: there is nothing to load. What fails leaves nothing. */
weir_status wr_run_extract(wr_run *r, char ret_load_id[WR_LOAD_ID_TEXT], bool *ret_sealed)
    WEIR_MUST_USE;
/* For a plan: extract into a log without a name, and plan its load. */
weir_status wr_run_plan_log(wr_run *r) WEIR_MUST_USE;
wr_extract_args wr_run_extract_args(wr_run *r);
/* Fill in whose the state is, and its version; *ret_changed: it has to be loaded. */
weir_status wr_run_set_state(wr_run *r, bool *ret_changed) WEIR_MUST_USE;
/* A changed state is a row like others: it is the last frame, and is committed with the rows that changed it. Its content
 * is in `row`. */
weir_status wr_run_state_frame(wr_run *r, weir_str load_id, wr_buf *row, wr_frame *ret)
    WEIR_MUST_USE;
wr_node *wr_run_manifest(wr_run *r, weir_str load_id, const wr_log_writer *log,
                         const wr_extracted *extracted, bool state_changed);

/* Finish what earlier runs sealed. */
weir_status wr_run_recover(wr_run *r) WEIR_MUST_USE;
/* Load and commit a sealed package. */
weir_status wr_run_load_package(wr_run *r, weir_str load_id) WEIR_MUST_USE;
/* Load the frames of a package that lies on no disk: for plans. */
weir_status wr_run_load_frames(wr_run *r, const wr_package *package, wr_frames frames)
    WEIR_MUST_USE;
/* Are all resources inputs that can be read again, with nothing to learn from their rows beforehand? Then these go straight
 * into the transaction: a run that dies before the commit has done nothing. */
bool wr_run_is_direct(const wr_run *r);
weir_status wr_run_direct(wr_run *r) WEIR_MUST_USE;

/* For progress, as extract and load call it; `self` is the run. */
void wr_run_tell(void *self, const char *stage, int64_t rows, int64_t bytes);
/* Members of a document, in the run's arena. */
void wr_run_set_text(wr_run *r, wr_node *doc, const char *key, weir_str text);
void wr_run_set_int(wr_run *r, wr_node *doc, const char *key, int64_t value);

#endif
