/* Packages: a load id, its log, its manifest. Sealing one is the point from which on it will be loaded, whatever dies.
 *
 *   packages/<load_id>/00000.log      frames, synced before the seal
 *   packages/<load_id>/package.json   the manifest; its presence is the seal
 *   packages/<load_id>/bad.jsonl      rows that the load puts into quarantine: see quarantine.h
 *   loaded/<load_id>.json             trace of what was loaded; the last `load.keep_packages`
 *   loaded/<load_id>.bad.jsonl        its quarantine, when there is one; goes with the trace
 */
#ifndef WR_PACKAGE_H
#define WR_PACKAGE_H

#include "format/json.h"
#include "pipeline/home.h"

#define WR_PACKAGE_VERSION 1
#define WR_LOAD_ID_TEXT 32

/* The quarantine: its file in the package's folder, and its length in manifest and trace. */
#define WR_BAD_ROWS "bad.jsonl"
#define WR_BAD_ROWS_COUNT "bad_rows"

typedef enum wr_package_state {
    WR_PACKAGE_OPEN,   /* extracting, or died before the seal: will be extracted again */
    WR_PACKAGE_SEALED, /* will be loaded by the next run */
    WR_PACKAGE_FAILED, /* refused for good: waits for `weir package retry` or `drop` */
    WR_PACKAGE_COMMITTING, /* only the quarantine of a load without a log: counts if that is committed */
    WR_PACKAGE_LOADED,
} wr_package_state;

const char *wr_package_state_name(wr_package_state state);

/* One package as it lies on disk. Texts and nodes are in the arena it was read with. */
typedef struct wr_package {
    weir_str load_id;
    wr_package_state state;
    wr_node *manifest; /* package.json, or the trace of a loaded one; NULL for an open one */
} wr_package;

/* A load id for now: seconds with six fraction digits, greater as text than `after` (may be empty). */
void wr_load_id_make(weir_ctx *cx, weir_str after, char ret[WR_LOAD_ID_TEXT]);

/* Folder of a new package, open; what an unsealed one of an earlier run left is removed before by wr_package_sweep(). */
weir_status wr_package_create(weir_ctx *cx, const wr_home *home, weir_str load_id, int *ret_dir)
    WEIR_MUST_USE;
/* Open the folder of a package that is there. */
weir_status wr_package_open(weir_ctx *cx, const wr_home *home, weir_str load_id, int *ret_dir)
    WEIR_MUST_USE;
/* Publish the manifest: the log must be synced. */
weir_status wr_package_seal(weir_ctx *cx, int package_dir, const wr_node *manifest) WEIR_MUST_USE;
/* Publish its manifest with the number of rows in its quarantine, which must be synced. */
weir_status wr_package_note_bad_rows(weir_ctx *cx, const wr_home *home, const wr_package *package,
                                     int64_t count) WEIR_MUST_USE;
/* The quarantine of a loaded package, in its home; `ret` has room for WR_BAD_ROWS_PATH bytes. */
#define WR_BAD_ROWS_PATH 320
void wr_package_bad_rows_path(char *ret, weir_str load_id);
/* Mark it as failed with the context's error, which stays in the context. */
weir_status wr_package_fail(weir_ctx *cx, const wr_home *home, const wr_package *package)
    WEIR_MUST_USE;
/* Make a failed one sealed again. */
weir_status wr_package_retry(weir_ctx *cx, const wr_home *home, const wr_package *package)
    WEIR_MUST_USE;
/* It is committed: keep its trace and its quarantine, remove its folder and what was kept of loads before the last
 * `keep`. */
weir_status wr_package_finish(weir_ctx *cx, const wr_home *home, weir_str load_id,
                              const wr_node *trace, size_t keep) WEIR_MUST_USE;
/* Forget that it was loaded: its trace and its quarantine go. */
weir_status wr_package_forget(weir_ctx *cx, const wr_home *home, weir_str load_id) WEIR_MUST_USE;
/* Forget a package that is not loaded; cursors have not moved. */
weir_status wr_package_drop(weir_ctx *cx, const wr_home *home, weir_str load_id) WEIR_MUST_USE;
/* Remove what extractions that died have left: unsealed packages, temporary files. */
weir_status wr_package_sweep(weir_ctx *cx, const wr_home *home) WEIR_MUST_USE;

typedef struct wr_packages {
    wr_package *ptr;
    size_t len;
} wr_packages;
/* All packages that are not loaded, in order of load id; with the loaded ones first when `loaded`. */
weir_status wr_package_list(weir_ctx *cx, wr_arena *arena, const wr_home *home, bool loaded,
                            wr_packages *ret) WEIR_MUST_USE;

#endif
