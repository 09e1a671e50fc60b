/* What dlt keeps in a dataset beside the tables, a file each (spec/dlt-load-destinations.md, 4.4.2 and 4.4.6):
 *
 *     init                                                       versions of the layout of the dataset
 *     _dlt_loads/<schema>__<load id>.jsonl                       a load that counts
 *     _dlt_version/<schema>__<seconds>__<hash>.jsonl             a version of a schema
 *     _dlt_pipeline_state/<pipeline>__<load id>__<hash>.jsonl    a state of a pipeline, with the hash of its schema
 */
#ifndef WR_LAKE_LEDGER_H
#define WR_LAKE_LEDGER_H

#include <weir/destination.h>

#include "base/buf.h"
#include "destinations/lake_store.h"

#define WR_LAKE_LOADS "_dlt_loads"
#define WR_LAKE_VERSIONS "_dlt_version"
#define WR_LAKE_STATES "_dlt_pipeline_state"

/* A file of one of dlt's tables, by its name. */
typedef struct wr_lake_entry {
    weir_str path;
    weir_str owner; /* a schema, a pipeline; may have "__" in it */
    weir_str when;  /* a load id, or seconds: compared as text */
    weir_str hash;  /* empty in the ledger of loads */
} wr_lake_entry;

typedef struct wr_lake_entries {
    wr_lake_entry *ptr;
    size_t len;
} wr_lake_entries;

/* All of a table, in `arena`; files with other names are left out. */
weir_status wr_lake_entries_list(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                                 const char *table, wr_lake_entries *ret) WEIR_MUST_USE;
/* The newest of an owner, empty: of all; NULL: there is none. */
const wr_lake_entry *wr_lake_entries_newest(const wr_lake_entries *entries, weir_str owner);

/* The path of a new one, in `arena`. `hash` is base64, as schemas have it; empty: without. */
weir_str wr_lake_entry_path(wr_arena *arena, const char *table, weir_str owner, weir_str when,
                            weir_str hash);
/* base64 as hexadecimal digits, in `arena`. */
weir_str wr_lake_hex(wr_arena *arena, weir_str hash);

/* The versions of a dataset. */
typedef struct wr_lake_version {
    bool exists;
    bool is_old;    /* stored as version 1, its files have no .gz */
    bool is_behind; /* the file has to be written anew */
} wr_lake_version;
weir_status wr_lake_version_read(weir_ctx *cx, const wr_lake_store *store, wr_lake_version *ret)
    WEIR_MUST_USE;
void wr_lake_version_write(wr_buf *out, const wr_lake_version *version);

/* Contents of the files, with a time stamp of now. */
void wr_lake_write_load(weir_ctx *cx, wr_buf *out, const weir_load_job *load);
void wr_lake_write_schema(weir_ctx *cx, wr_buf *out, const weir_load_job *load);

/* What a pipeline gets back. Texts are put into `texts`. */
weir_status wr_lake_restore(weir_ctx *cx, const wr_lake_store *store, wr_arena *texts,
                            weir_str pipeline, weir_str schema, weir_restored *ret) WEIR_MUST_USE;

#endif
