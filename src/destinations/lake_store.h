/* The place of a lake, and how a load appears in it. This is all that knows of files: another kind of place, such as S3,
 * has to offer the same.
 *
 *     begin ─▶ append … append ─▶ commit | rollback
 *
 * Files of a load have numbers, and are seen by nobody, until they are committed. */
#ifndef WR_LAKE_STORE_H
#define WR_LAKE_STORE_H

#include "base/file.h"
#include "base/vec.h"

typedef struct wr_lake_store {
    weir_str bucket;  /* absolute path of the folder */
    weir_str dataset; /* a folder in it */
    weir_str
        waiting; /* the folder in it where the files of a load wait; empty: no load is on its way */
    int staging; /* that folder, open and locked; valid when there is one */
    int file;    /* the file that was appended to last; valid when there is one */
    size_t number; /* of that one; 0: none */
    wr_arena arena;
} wr_lake_store;

/* Paths are relative to the dataset, with '/' between steps; sorted by bytes. */
typedef wr_names wr_lake_paths;
/* The folder of a path, without the slash; empty: that of the dataset. */
weir_str wr_lake_folder(weir_str path);

/* The file that shows that there is a dataset. */
#define WR_LAKE_INIT "init"

typedef struct wr_lake_published {
    size_t number;
    weir_str path; /* new, but for WR_LAKE_INIT */
} wr_lake_published;

/* What a load does to the dataset, in this order. */
typedef struct wr_lake_commit {
    wr_vec(weir_str) folders;            /* that are to be there */
    wr_vec(wr_lake_published) published; /* the last one is the ledger's: with it the load counts */
    wr_vec(weir_str) removed;
} wr_lake_commit;
void wr_lake_commit_done(wr_lake_commit *commit);

/* `url` is a path, relative to `folder`, or begins with file:///. WEIR_UNSUPPORTED for other places. Nothing is made yet. */
weir_status wr_lake_store_open(weir_ctx *cx, wr_lake_store *store, weir_str url, weir_str folder,
                               weir_str dataset) WEIR_MUST_USE;
/* May a load write there? The nearest folder that is there says it. */
weir_status wr_lake_store_probe(weir_ctx *cx, const wr_lake_store *store) WEIR_MUST_USE;
/* Take back what loads that died had begun to publish, and remove what is left of them; of one that counts, finish it. */
weir_status wr_lake_store_recover(weir_ctx *cx, wr_lake_store *store) WEIR_MUST_USE;
void wr_lake_store_close(wr_lake_store *store);

/* All files below a folder of the dataset, "" for all; none when it is not there. In `arena`. */
weir_status wr_lake_store_list(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                               weir_str folder, wr_lake_paths *ret) WEIR_MUST_USE;
weir_status wr_lake_store_read(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                               weir_str path, weir_str *ret, bool *ret_found) WEIR_MUST_USE;

weir_status wr_lake_store_begin(weir_ctx *cx, wr_lake_store *store, weir_str load_id) WEIR_MUST_USE;
/* Append to file `number`, from 1 on, which is made by it. */
weir_status wr_lake_store_append(weir_ctx *cx, wr_lake_store *store, size_t number, weir_str bytes)
    WEIR_MUST_USE;
/* On failure nothing of the load is left, unless the message says so: then the next one to open the lake does the rest. */
weir_status wr_lake_store_commit(weir_ctx *cx, wr_lake_store *store, const wr_lake_commit *commit)
    WEIR_MUST_USE;
void wr_lake_store_rollback(wr_lake_store *store);

#endif
