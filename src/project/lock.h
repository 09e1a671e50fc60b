/* weir.lock: exactly which engine, and which libraries of components, a project is run with: versions and SHA-256 of their
 * files, one for each platform on which the lock was made.
 *
 *     version = 1
 *
 *     [[package]]
 *     name = "duckdb"
 *     version = "2.0.0"
 *     development = true
 *     sha256.linux-x86_64 = "…" */
#ifndef WR_LOCK_H
#define WR_LOCK_H

#include "base/vec.h"
#include "project/manifest.h"
#include "project/problem.h"

#define WR_LOCK "weir.lock"

typedef struct wr_locked {
    weir_str name;
    weir_str version;
    bool dev;
    const wr_toml *sums; /* platform → SHA-256; NULL: it is a part of the engine */
} wr_locked;

typedef wr_vec(wr_locked) wr_lock;

/* The text of a lock of what is installed here: the engine, and what the manifest needs. Checksums of other platforms are
 * taken from the lock in the open folder, if the versions are the same; so is a whole entry for development whose library
 * is not there. WEIR_CONFIG when something is not there, or older than the manifest says. */
weir_status wr_lock_make(weir_ctx *cx, wr_arena *arena, int dir, const wr_manifest *manifest,
                         weir_str *ret) WEIR_MUST_USE;

/* Add to `problems` what differs between the manifest and the lock in the open folder, and between the lock and what is
 * installed. `dev` false: what is for development only need not be there, and is not looked at. */
weir_status wr_lock_check(weir_ctx *cx, wr_arena *arena, int dir, bool dev, wr_problems *problems)
    WEIR_MUST_USE;

#endif
