/* What the files of the schema share among themselves; nobody else includes it. */
#ifndef WR_SCHEMA_PARTS_H
#define WR_SCHEMA_PARTS_H

#include "schema/schema.h"

/* Longest text that is made of parts of a schema for people. */
#define WR_DOC_TEXT_MAX ((size_t)64 << 10)

/* Has a stored table, or an announced one, the right shape: columns that are objects, data types that exist? Fails with
 * `status`. */
weir_status wr_table_check(weir_ctx *cx, weir_status status, weir_str name, const wr_node *doc)
    WEIR_MUST_USE;
/* A table from its document, which wr_table_check() accepts. Takes over `arena`, where the document is. */
wr_table *wr_table_new(wr_arena *arena, weir_str name, const wr_node *doc);
wr_table *wr_table_hold(wr_table *table);

/* An empty schema: without tables and settings. */
wr_schema *wr_schema_alloc(void);
/* In place of the table of its name, or as the last one. The schema takes over the reference. */
void wr_schema_put_table(wr_schema *schema, wr_table *table);
/* After a change of `table`: when its root table needs to hand down its key (spec 3.6.2), note it in the normalisers. */
void wr_schema_extend_root_key(wr_schema *schema, const wr_table *table);
/* The stored document. Its parts are those of the schema: only for reading. */
wr_node *wr_schema_doc(wr_arena *arena, const wr_schema *schema);
/* A node for another parent; its children stay those of the original. */
wr_node *wr_doc_borrow(wr_arena *arena, const wr_node *node);
/* The version hash of a document. */
void wr_doc_hash(const wr_node *doc, char ret[WR_SCHEMA_HASH_TEXT]);
/* As wr_schema_link(), for the array of previous hashes in a document. */
void wr_doc_link(wr_arena *arena, wr_node *previous, weir_str hash);
/* As wr_schema_read(), but the content may be another than that of the stored hash. */
weir_status wr_schema_read_changed(weir_ctx *cx, const wr_node *doc, wr_schema **ret) WEIR_MUST_USE;

/* WEIR_NO_TYPE for an unknown name. */
weir_type wr_type_find(weir_str name);
/* Has a column a name and a data type? */
bool wr_column_is_complete(const wr_node *column);
/* WEIR_UNSUPPORTED for a regular expression in the settings that wr_regexes_match() does not know. */
weir_status wr_settings_check(weir_ctx *cx, const wr_node *settings) WEIR_MUST_USE;

/* What dlt puts into a fresh schema. */
wr_node *wr_dlt_version_table(wr_arena *arena);
wr_node *wr_dlt_loads_table(wr_arena *arena);
wr_node *wr_dlt_settings(wr_arena *arena);
wr_node *wr_dlt_normalizers(wr_arena *arena);

#define WR_DLT_VERSION_TABLE "_dlt_version"
#define WR_DLT_LOADS_TABLE "_dlt_loads"
/* In the stored document: the hash of the file that the schema was imported from. */
#define WR_IMPORTED_HASH "imported_version_hash"
#define WR_DLT_STATE_TABLE "_dlt_pipeline_state"

#endif
