/* weir.toml: what a project is called, and what it needs at least.
 *
 *     [project]
 *     name = "data-pipelines"
 *
 *     [dependencies]
 *     weir = ">=0.1.0"
 *
 *     [dev-dependencies]
 *     duckdb = ">=2.0.0" */
#ifndef WR_MANIFEST_H
#define WR_MANIFEST_H

#include <weir/base.h>

#include "base/arena.h"
#include "format/toml.h"

#define WR_MANIFEST "weir.toml"

typedef struct wr_need {
    weir_str name;
    weir_str least; /* version */
    bool dev;       /* for development only */
    wr_toml_place place;
} wr_need;

/* Texts are in the arena that it was read with. */
typedef struct wr_manifest {
    weir_str text; /* of the file */
    const wr_toml *root;
    wr_need *needs;
    size_t count;
} wr_manifest;

/* Read the manifest in the open folder; *ret_found false, and an empty one, when there is none. WEIR_PARSE and WEIR_CONFIG
 * name line and column. */
weir_status wr_manifest_read(weir_ctx *cx, wr_arena *arena, int dir, wr_manifest *ret,
                             bool *ret_found) WEIR_MUST_USE;
/* NULL: it is not among them. */
const wr_need *wr_manifest_find(const wr_manifest *manifest, weir_str name);
/* The text of the file with one more need, in its table, which is made if need be; all else, comments and order too, stays as
 * it is. WEIR_CONFIG when the table is written in a way that cannot be added to. */
weir_status wr_manifest_with(weir_ctx *cx, wr_arena *arena, const wr_manifest *manifest,
                             const wr_need *need, weir_str *ret) WEIR_MUST_USE;

/* WEIR_CONFIG when the project that the working folder is in needs a newer engine than this one. */
weir_status wr_manifest_check_engine(weir_ctx *cx) WEIR_MUST_USE;

#endif
