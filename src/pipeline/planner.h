/* A plan is a run that changes nothing: the same code extracts, normalises and loads, into a destination that records
 * statements instead of executing them (weir_recorder). Nothing is locked, made or written: what is extracted goes to a
 * file without a name, bad rows are counted, local copies stay as they are. */
#ifndef WR_PLANNER_H
#define WR_PLANNER_H

#include <weir/destination.h>
#include <weir/pipeline.h>

#include "config/config.h"
#include "pipeline/load.h"

/* What a run is about to do, before its options are resolved. */
typedef struct wr_planned_run {
    const wr_config *config;
    weir_str pipeline;
    weir_str dataset;
    const weir_destination *destination;
    weir_str destination_name; /* under which its options are looked for */
    const weir_source *source; /* NULL: none */
} wr_planned_run;

/* One load that would be done. */
typedef struct wr_planned_load {
    weir_str location;
    bool waiting;          /* an earlier run has sealed it */
    const wr_schema *base; /* NULL: nothing is stored yet */
    const wr_loaded *loaded;
} wr_planned_load;

/* Rows of one table: a struct array with a child per column. */
typedef struct wr_planned_rows {
    weir_str table;
    const struct ArrowSchema *schema;
    const struct ArrowArray *batch;
} wr_planned_rows;

/* Is told. All is borrowed, and called from one thread at a time. */
typedef struct wr_planner {
    weir_status (*run)(weir_ctx *cx, void *self, const wr_planned_run *run);
    /* The state and schema of the destination are known: what is refused from here on, the rows or the destination refuse. */
    void (*restored)(void *self);
    void (*rows)(void *self, const wr_planned_rows *rows);
    /* After the statements and rows of the load; `load` NULL: they came to nothing, and do not count. */
    weir_status (*load)(weir_ctx *cx, void *self, const wr_planned_load *load);
    void *self;
    weir_recorder recorder;
} wr_planner;

#endif
