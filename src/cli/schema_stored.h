/* Schemas of a pipeline as they are stored: the versions in `_dlt_version` of its destination, and the local copy. */
#ifndef WR_SCHEMA_STORED_H
#define WR_SCHEMA_STORED_H

#include "base/vec.h"
#include "pipeline/run.h"
#include "schema/schema.h"

typedef struct wr_stored_version {
    int64_t number;
    weir_str hash;
    weir_str inserted_at;
} wr_stored_version;

/* Zero is a valid, closed one. */
typedef struct wr_stored {
    weir_str pipeline;
    weir_str schema_name; /* of the last load */
    wr_last last;
    wr_vec(wr_stored_version) versions; /* newest first */
    wr_arena arena;
} wr_stored;

/* The destination of the last load, with the versions that it has. `word`: the pipeline, or NULL. It must be closed in
 * any case; `schema_name` is set as soon as the pipeline has loaded anything, also when the destination does not answer. */
weir_status wr_stored_open(weir_ctx *cx, const char *word, wr_stored *ret) WEIR_MUST_USE;
void wr_stored_close(wr_stored *stored);
void wr_cleanup_stored(wr_stored *stored);

/* The version that a number, a hash or the beginning of a hash names. WEIR_INVALID when none is, or more than one. */
weir_status wr_stored_find(weir_ctx *cx, const wr_stored *stored, weir_str name,
                           const wr_stored_version **ret) WEIR_MUST_USE;
/* Its schema. */
weir_status wr_stored_read(weir_ctx *cx, wr_stored *stored, const wr_stored_version *version,
                           wr_schema **ret) WEIR_MUST_USE;
/* The local copy of the last load's schema. */
weir_status wr_stored_read_copy(weir_ctx *cx, wr_stored *stored, wr_schema **ret) WEIR_MUST_USE;
/* Open, and read the newest version from the destination; where that does not answer, the local copy, with a warning that
 * says why. `stored` must be closed in any case. */
weir_status wr_stored_read_newest(weir_ctx *cx, const char *word, wr_stored *stored,
                                  wr_schema **ret_schema, weir_str *ret_place) WEIR_MUST_USE;

#endif
