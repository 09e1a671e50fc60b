/* Schema contracts: may data add tables, columns, and variants of columns? Rules and words: dlt's, see
 * spec/dlt-extract-normalize-schema.md 6.6. */
#ifndef WR_CONTRACT_H
#define WR_CONTRACT_H

#include "schema/schema.h"

typedef struct wr_contract {
    wr_contract_mode tables;
    wr_contract_mode columns;
    wr_contract_mode data_type; /* variant columns */
} wr_contract;

/* "evolve", "freeze", "discard_row", "discard_value" */
const char *wr_contract_mode_name(wr_contract_mode mode);
/* What settings say: one mode for all, or an object by entity; what it does not name evolves. NULL: all evolves. */
wr_contract wr_contract_expand(const wr_node *settings);
/* WEIR_CONFIG for unknown modes and entities. */
weir_status wr_contract_check(weir_ctx *cx, const wr_node *settings) WEIR_MUST_USE;
/* The contract of a table: its own, that of the nearest table above, that of the schema. A table that is not there yet
 * has its parent's. */
wr_contract wr_contract_of(const wr_schema *schema, weir_str table, weir_str parent);
/* Was the table announced as a new one in this load? Then columns may come as they like. */
bool wr_contract_evolves_once(const wr_table *table);

/* Hold a table that a resource announces against its contract, before it is merged. *ret is what is allowed of it, in
 * `arena`; NULL when the table is discarded. WEIR_SCHEMA when it is frozen. */
weir_status wr_contract_announce(weir_ctx *cx, const wr_schema *schema, wr_arena *arena,
                                 const wr_node *table, wr_node **ret) WEIR_MUST_USE;

/* A change that a contract with WR_FREEZE forbids. */
typedef struct wr_violation {
    weir_str table;
    weir_str column; /* empty: the table itself */
    bool is_variant;
    weir_str item; /* what identifies the row: "id: 5, _dlt_id: …"; empty: nothing does */
} wr_violation;
/* Fails with WEIR_SCHEMA and dlt's words. */
weir_status wr_contract_violated(weir_ctx *cx, const wr_schema *schema,
                                 const wr_violation *violation);

#endif
