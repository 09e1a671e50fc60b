/* Chains: a root table and the tables nested in it, which are merged or replaced together once their rows are written. */
#ifndef WR_CHAINS_H
#define WR_CHAINS_H

#include <weir/destination.h>

#include "schema/schema.h"

/* What the tables of a load are, from the beginning of it to its end. */
typedef struct wr_chain_args {
    const wr_node *manifest; /* announced tables: only what they say counts */
    const wr_schema *base;   /* the schema before this load; NULL: there was none */
    weir_str load_id;
    unsigned merges; /* strategies that the destination has, as weir_caps shows them */
    bool drops;      /* the load drops tables */
} wr_chain_args;

/* How the rows of a table are written: as its root table was announced. Merging is appending where a destination cannot
 * merge. */
weir_disposition wr_chain_disposition(const wr_chain_args *args, const wr_schema *schema,
                                      const wr_table *table);
/* Did the table have rows before, or has it got some in this load? */
bool wr_chain_has_rows(const wr_chain_args *args, const wr_table *table);
/* Can the announced tables be written as they say? Warns of hints that say nothing here. */
weir_status wr_chains_check(weir_ctx *cx, const wr_chain_args *args, const wr_schema *schema)
    WEIR_MUST_USE;
/* The chain of a root table that is merged or replaced: all tables that have rows, or had some. In `arena`; tables are
 * the schema's. */
weir_status wr_chain_make(weir_ctx *cx, wr_arena *arena, const wr_chain_args *args,
                          const wr_schema *schema, const wr_table *root, weir_chain *ret)
    WEIR_MUST_USE;
/* What the staging dataset stores of a schema, as dlt does: tables whose rows are staged, in this load or another, and
 * dlt's; a version of its own when some are missing. NULL: no table is staged, and none is dropped. */
wr_schema *wr_chains_staged(const wr_chain_args *args, const wr_schema *schema,
                            const weir_destination *destination, const void *self);

#endif
