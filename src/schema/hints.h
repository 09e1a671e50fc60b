/* Hints of a resource: dlt's arguments of a resource as a JSON object, and the tables that they announce. Rules:
 * spec/dlt-extract-normalize-schema.md 1.4.
 *
 *     table_name, parent_table_name   texts
 *     write_disposition               "append", "replace", "merge", "skip", or {"disposition": …, options}
 *     columns                         by name, or a list
 *     primary_key, merge_key          a name or a list of names
 *     schema_contract, table_format, file_format, references
 *     incremental                     {"cursor_path": …}
 *     max_table_nesting               an integer
 *     additional_table_hints          properties of the table
 *     nested_hints                    by path, or a list of [path, hints]; a path is a name or a list of names */
#ifndef WR_HINTS_H
#define WR_HINTS_H

#include "schema/schema.h"

/* Whose hints these are. */
typedef struct wr_hints {
    weir_str resource;
    const wr_node *doc; /* NULL: none */
} wr_hints;

/* The table of the resource, not named by a convention yet: a document for wr_table_doc_named(). It is in `arena`.
 * WEIR_CONFIG for what dlt refuses too. */
weir_status wr_hints_table(weir_ctx *cx, wr_arena *arena, const wr_hints *hints, wr_node **ret)
    WEIR_MUST_USE;
/* The tables of `nested_hints`, shorter paths first: an array. `table`: the name of the root table. */
weir_status wr_hints_nested(weir_ctx *cx, wr_arena *arena, const wr_naming *naming,
                            const wr_hints *hints, weir_str table, wr_node **ret) WEIR_MUST_USE;
/* Change hints by others, as apply_hints() does: null keeps, empty removes, columns are merged one by one. */
void wr_hints_apply(wr_arena *arena, wr_node *hints, const wr_node *changes);

#endif
