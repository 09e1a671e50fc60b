/* Extracting: resources are run, what they emit is cut into frames, frames go to the log on a thread of their own.
 *
 *   resource ──emit──▶ open frame ──full──▶ queue ──▶ log thread: pack, append
 */
#ifndef WR_EXTRACT_H
#define WR_EXTRACT_H

#include <weir/source.h>

#include "pipeline/framelog.h"
#include "pipeline/resource.h"
#include "schema/naming.h"
#include "schema/schema.h"

/* What is extracted into one package. */
typedef struct wr_extract_args {
    wr_resources resources;
    wr_naming naming;
    weir_str schema;
    wr_arena *arena;         /* for what the result refers to */
    wr_node *state;          /* of the pipeline; resources change it */
    const wr_schema *stored; /* newest one; NULL: none yet */
    void (*progress)(void *self, const char *stage, int64_t rows, int64_t bytes); /* or NULL */
    void *progress_self;
} wr_extract_args;

typedef struct wr_extracted {
    wr_node *tables; /* array: the tables that the resources announce, in the stored form */
    int64_t rows;
    int64_t bytes; /* of content */
} wr_extracted;

/* A table that comes with the rows. Zero: the resource's own. */
typedef struct wr_given_table {
    weir_str name;
    weir_str hints; /* JSON, beat those of the resource; empty: none */
} wr_given_table;
/* What the resource announces: its table, and nested ones that hints name, added to `tables` unless they are there. *ret_table
 * is in the arena. */
weir_status wr_extract_announce(weir_ctx *cx, const wr_extract_args *args,
                                const wr_resource *resource, wr_given_table table, wr_node *tables,
                                weir_str *ret_table) WEIR_MUST_USE;
/* A resource that replaces: its stored tables that got no rows and are not in `tables` are, so that they are emptied. */
void wr_extract_announce_emptied(const wr_extract_args *args, const wr_resource *resource,
                                 wr_node *tables);
/* Where an increment of a resource, that over its rows or that over its items, keeps its values. */
wr_incremental_home wr_extract_home(const wr_extract_args *args, const wr_resource *resource,
                                    const wr_incremental_settings *incremental);
/* Before anything is extracted: resources that replace begin without a state. */
void wr_extract_reset(const wr_extract_args *args);

/* Run all resources and append what they emit to `log`; it is not synced. */
weir_status wr_extract(weir_ctx *cx, const wr_extract_args *args, wr_log_writer *log,
                       wr_extracted *ret) WEIR_MUST_USE;

#endif
