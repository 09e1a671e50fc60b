/* What a run takes away before it loads: tables or their rows at the destination, tables of the schema, parts of the state.
 * It is planned before anything is extracted, is part of the manifest, and happens in the transaction of the load. Rules:
 * spec/dlt-config-pipeline-cli.md 4.5. */
#ifndef WR_REFRESH_H
#define WR_REFRESH_H

#include <weir/destination.h>

#include "pipeline/resource.h"
#include "schema/schema.h"

typedef enum wr_refresh_mode {
    WR_REFRESH_NONE,
    WR_REFRESH_SOURCES,
    WR_REFRESH_RESOURCES,
    WR_REFRESH_DATA,
} wr_refresh_mode;

/* Empty: WR_REFRESH_NONE. WEIR_CONFIG names the modes. */
weir_status wr_refresh_mode_read(weir_ctx *cx, weir_str text, wr_refresh_mode *ret) WEIR_MUST_USE;

/* What is to go. */
typedef struct wr_refresh_wish {
    const wr_node *resources; /* names, or "re:" and an expression; their tables and states */
    const wr_node *paths; /* of the source's state: names with points between them, "*" for any */
    bool keeps_tables;    /* only the state goes */
    bool keeps_schema;    /* tables are emptied */
    bool fresh;           /* the schema forgets earlier versions, and what it was imported from */
    bool stores_state;    /* also when it did not change */
} wr_refresh_wish;

/* The wish of a mode for the resources of a run. */
wr_refresh_wish wr_refresh_wish_of(wr_arena *arena, wr_refresh_mode mode,
                                   const wr_resources *resources);

/* Find out what goes, and reset `state` at once. *ret is an object in `arena`, with arrays of names:
 *
 *   drop, empty       tables of the destination, children before their parents
 *   forget            tables of the schema
 *   resources, states resources with such tables, resources whose state goes
 *   paths             of the state that go besides
 *   fresh             true: the schema forgets its earlier versions, and what it was imported from
 *   store_state       true: the state is stored though it may be as it was
 */
weir_status wr_refresh_plan(weir_ctx *cx, wr_arena *arena, const wr_refresh_wish *wish,
                            const wr_schema *schema, wr_node *state, wr_node **ret) WEIR_MUST_USE;
/* Does the plan change a table at the destination? Accepts NULL, as do the others. */
bool wr_refresh_takes(const wr_node *plan);
bool wr_refresh_drops(const wr_node *plan);

/* The schema that the load begins with, for its owner; NULL when there was none. */
wr_schema *wr_refresh_base(const wr_node *plan, const wr_schema *schema);
/* Inside of the transaction, before the first row. `schema`: that before the load. */
weir_status wr_refresh_apply(weir_ctx *cx, const wr_node *plan, const wr_schema *schema,
                             const weir_destination *destination, void *self,
                             const weir_load_job *job) WEIR_MUST_USE;

#endif
