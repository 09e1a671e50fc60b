/* The state of a pipeline: cursors and values kept between runs, as the document that dlt keeps in `_dlt_pipeline_state`.
 * It moves only with a commit. Rules: spec/dlt-config-pipeline-cli.md 5. */
#ifndef WR_STATE_H
#define WR_STATE_H

#include "base/buf.h"
#include "format/json.h"

#define WR_STATE_ENGINE 4
#define WR_STATE_MAX ((size_t)64 << 20)
#define WR_STATE_TABLE "_dlt_pipeline_state"

/* Whose state it is. */
typedef struct wr_state_owner {
    weir_str pipeline;
    weir_str schema;
    weir_str dataset;
    weir_str destination_type; /* "dlt.destinations.duckdb" */
    weir_str destination_name; /* empty: as the type */
} wr_state_owner;

/* A state that was never stored. */
wr_node *wr_state_new(wr_arena *arena);
/* From its JSON. WEIR_UNSUPPORTED for a newer engine version. */
weir_status wr_state_read(weir_ctx *cx, wr_arena *arena, weir_str json, wr_node **ret)
    WEIR_MUST_USE;
void wr_state_set_owner(wr_arena *arena, wr_node *state, const wr_state_owner *owner);
/* The object that a resource keeps its values in; NULL when there is none and `make` is false. */
wr_node *wr_state_resource(wr_arena *arena, wr_node *state, weir_str schema, weir_str resource,
                           bool make);
/* The object of a source, NULL when there is none; `sources` is then in the state, as in the reference. */
wr_node *wr_state_source(wr_arena *arena, wr_node *state, weir_str schema);
/* Forget what a resource kept; the source is then in the state, as in the reference. */
void wr_state_reset_resource(wr_arena *arena, wr_node *state, weir_str schema, weir_str resource);

/* The hash of the content; `ret` has room for WR_DIGEST256_TEXT. */
weir_status wr_state_hash(weir_ctx *cx, const wr_node *state, char *ret) WEIR_MUST_USE;
/* Set hash and version if the content changed; *ret_changed tells. */
weir_status wr_state_bump(weir_ctx *cx, wr_arena *arena, wr_node *state, bool *ret_changed)
    WEIR_MUST_USE;
/* Append the state's row of `_dlt_pipeline_state`, as a typed row of a frame. */
weir_status wr_state_row(weir_ctx *cx, const wr_node *state, weir_str load_id, wr_buf *ret)
    WEIR_MUST_USE;

/* Values of a resource, in the typed form of documents. */
weir_value wr_state_value(wr_arena *arena, const wr_node *node);
weir_status wr_state_put(weir_ctx *cx, wr_arena *arena, wr_node *resource, weir_str key,
                         weir_value value) WEIR_MUST_USE;

#endif
