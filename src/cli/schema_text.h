/* Parts of schemas in words, as `weir schema` shows them. */
#ifndef WR_SCHEMA_TEXT_H
#define WR_SCHEMA_TEXT_H

#include "base/buf.h"
#include "schema/schema_diff.h"

/* "decimal(18,4)"; "(none yet)" for a column without a value. */
void wr_put_column_type(wr_buf *out, const wr_node *column);
bool wr_column_is_nullable(const wr_node *column);
/* "primary_key, x-merge_strategy=\"upsert\"": what else it says, keys first; no description. */
void wr_put_column_hints(wr_buf *out, const wr_node *column);
/* "nested in events, append, contract: columns freeze"; what a nested table inherits included. */
void wr_put_table_facts(wr_buf *out, const wr_schema *schema, const wr_table *table);

/* A change as JSON. Null where there is no column, no property, no value. Columns of a table are changes of their own, so that the table
 * itself is told without them. */
wr_node *wr_change_node(wr_arena *arena, const wr_schema_change *change);

#endif
