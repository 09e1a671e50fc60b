/* One execution of a pipeline, from the inside: what the command needs besides weir_pipeline_run(). */
#ifndef WR_RUN_H
#define WR_RUN_H

#include <weir/destination.h>
#include <weir/pipeline.h>

#include "base/arena.h"
#include "config/config.h"
#include "format/json.h"
#include "pipeline/home.h"
#include "pipeline/refresh.h"

/* What is built in; defined in src/weir.c. Ends with NULL. */
extern const weir_destination *const wr_builtin_destinations[];

/* NULL for an unknown name. */
const weir_destination *wr_destination_find(weir_str name);
/* The option that says where it is: what its `location` gives. */
const char *wr_destination_locator(const weir_destination *destination);
/* WEIR_CONFIG with the known names and the nearest one. */
weir_status wr_destination_get(weir_ctx *cx, weir_str name, const weir_destination **ret)
    WEIR_MUST_USE;

/* Resolve a destination's options and open it where `target` says; its options are filled in, and its name when it has none. `self` is a
 * zeroed block of its self_size, to be closed in any case. The options live in `arena`. */
weir_status wr_destination_open(weir_ctx *cx, wr_config *config, wr_arena *arena,
                                const weir_destination *destination, weir_target target, void *self)
    WEIR_MUST_USE;

/* How far a run is. */
typedef struct wr_progress {
    const char *stage; /* "extract", "load"; NULL: the run is over */
    int64_t rows;
    int64_t bytes;  /* 0: not counted */
    double seconds; /* since the run began */
} wr_progress;

/* What an upkeep is about to do. */
typedef struct wr_upkeep_plan {
    const weir_load_info *where; /* names and place; no load yet */
    weir_str schema;
    int64_t state_version;
    int64_t schema_version; /* 0: there is none */
    const wr_node *takes;   /* as of wr_refresh_plan(); NULL: of a sync */
    bool has_home;          /* else there is nothing here that a sync could drop */
    size_t waiting;         /* packages of which a sync gives up those that are not committed */
} wr_upkeep_plan;

/* Done in place of extracting and loading. */
typedef struct wr_upkeep {
    bool syncs; /* make the local copies those of the destination; else take away the wish */
    wr_refresh_wish wish; /* each of its resources has to select something */
    weir_str schema;      /* empty: the pipeline's own */
    /* Nothing has changed yet: a status other than WEIR_OK leaves it so. */
    weir_status (*agree)(weir_ctx *cx, void *self, const wr_upkeep_plan *plan);
    void *self;
} wr_upkeep;

/* Settings of the program, beside a pipeline's own: the command fills them in from its options. */
typedef struct wr_run_settings {
    wr_config *config;       /* NULL: the environment and the project's files */
    const char *destination; /* beats what the pipeline says; NULL: no */
    const char *refresh;     /* likewise */
    size_t memory;           /* what weir may take beside the destination's library; 0: 64 MiB */
    const struct wr_planner *planner; /* only plan, and tell it; NULL: run */
    const wr_upkeep *upkeep;          /* NULL: run */
    /* NULL: none. Called often, from one thread at a time: whoever shows it decides how often. */
    void (*progress)(void *self, const wr_progress *progress);
    void *progress_self;
} wr_run_settings;

/* Attach settings to a context: runs in it use them. They must outlive the context. */
void wr_run_set(weir_ctx *cx, const wr_run_settings *settings);

/* The local copy of a schema as it was last committed: its document, in `arena`. */
weir_status wr_copy_read_schema(weir_ctx *cx, wr_arena *arena, const wr_home *home, weir_str schema,
                                weir_str *ret, bool *ret_found) WEIR_MUST_USE;

/* The destination of a pipeline's last load, open: for `weir show`, `weir sql`. */
typedef struct wr_last {
    const weir_destination *destination;
    void *self;
    wr_node *trace; /* of the last load */
    weir_str dataset;
    wr_arena arena;
} wr_last;
/* The trace of a pipeline's last load, in `arena`; NULL: there is none. *ret_home: has it a folder? */
weir_status wr_last_find(weir_ctx *cx, weir_str pipeline, wr_arena *arena, wr_node **ret,
                         bool *ret_home) WEIR_MUST_USE;
/* Likewise. WEIR_INVALID with a hint when it has not loaded anything yet. */
weir_status wr_last_trace(weir_ctx *cx, weir_str pipeline, wr_arena *arena, wr_node **ret)
    WEIR_MUST_USE;
/* Let the configuration lead to where this load went, whatever it says else. */
void wr_last_lead(wr_config *config, const wr_node *trace);
weir_status wr_last_open(weir_ctx *cx, weir_str pipeline, wr_last *ret) WEIR_MUST_USE;
void wr_last_close(wr_last *last);
void wr_cleanup_last(wr_last *last);

#endif
