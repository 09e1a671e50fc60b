/* What dlt 1.31 itself puts into schemas: its own tables, default settings. Property order is dlt's. */
#include "schema/schema_parts.h"

#include "base/str.h"

/* ---- tables ---- */

typedef struct dlt_column {
    const char *name;
    const char *type;
    bool nullable;
    int precision;
    const char *description;
} dlt_column;

typedef struct dlt_table {
    const char *name;
    const char *write;
    const char *description;
    const dlt_column *columns; /* ends with a zero element */
} dlt_table;

static const dlt_table VERSION_TABLE = {
    .name = WR_DLT_VERSION_TABLE,
    .write = "skip",
    .description = "Created by DLT. Tracks schema updates",
    .columns =
        (const dlt_column[]){
            { "version", "bigint",
              .description = "Numeric version of the schema, incremented on each schema change" },
            { "engine_version", "bigint",
              .description = "Version of the dlt schema engine that created this schema" },
            { "inserted_at", "timestamp",
              .description = "Timestamp when this schema version was stored" },
            { "schema_name", "text", .description = "Name of the schema" },
            { "version_hash", "text",
              .description = "Unique hash of the schema content, used to detect changes" },
            { "schema", "text",
              .description = "JSON representation of the complete schema definition" },
            { 0 },
        },
};

static const dlt_table LOADS_TABLE = {
    .name = WR_DLT_LOADS_TABLE,
    .write = "skip",
    .description = "Created by DLT. Tracks completed loads",
    .columns =
        (const dlt_column[]){
            { "load_id", "text", .precision = 64,
              .description = "Unique identifier of the load operation" },
            { "schema_name", "text", .nullable = true,
              .description = "Name of the schema associated with this load" },
            { "status", "bigint", .description = "Status of the load operation (0 = success)" },
            { "inserted_at", "timestamp", .description = "Timestamp when the load was completed" },
            { "schema_version_hash", "text", .nullable = true,
              .description = "Hash of the schema version used during this load" },
            { 0 },
        },
};

static const dlt_column STATE_COLUMNS[] = {
    { "version", "bigint", .description = "Numeric version of the pipeline state" },
    { "engine_version", "bigint", .description = "Version of the dlt state engine" },
    { "pipeline_name", "text", .description = "Name of the pipeline this state belongs to" },
    { "state", "text", .description = "Compressed JSON representation of the pipeline state" },
    { "created_at", "timestamp", .description = "Timestamp when this state was created" },
    { "version_hash", "text", .nullable = true,
      .description = "Hash of the state content, used to detect changes" },
    { "_dlt_load_id", "text", .precision = 64,
      .description = "Load identifier linking this row to its load operation" },
    { 0 },
};

static void set_text(wr_arena *arena, wr_node *object, const char *key, const char *text)
{
    wr_node_set(arena, object, weir_str_of(key), wr_node_text(arena, weir_str_of(text)));
}

static wr_node *column_doc(wr_arena *arena, const dlt_column *column)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    set_text(arena, doc, "name", column->name);
    set_text(arena, doc, "data_type", column->type);
    wr_node_set(arena, doc, wr_lit("nullable"), wr_node_bool(arena, column->nullable));
    if (column->precision)
        wr_node_set(arena, doc, wr_lit("precision"), wr_node_int(arena, column->precision));
    set_text(arena, doc, "description", column->description);
    return doc;
}

static wr_node *columns_doc(wr_arena *arena, const dlt_column *columns)
{
    wr_node *docs = wr_node_new(arena, WR_NODE_OBJECT);
    for (const dlt_column *column = columns; column->name; column++)
        wr_node_set(arena, docs, weir_str_of(column->name), column_doc(arena, column));
    return docs;
}

static wr_node *table_doc(wr_arena *arena, const dlt_table *table)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    set_text(arena, doc, "name", table->name);
    wr_node_set(arena, doc, wr_lit("columns"), columns_doc(arena, table->columns));
    set_text(arena, doc, "write_disposition", table->write);
    set_text(arena, doc, "resource", table->name);
    set_text(arena, doc, "description", table->description);
    return doc;
}

wr_node *wr_dlt_version_table(wr_arena *arena)
{
    return table_doc(arena, &VERSION_TABLE);
}

wr_node *wr_dlt_loads_table(wr_arena *arena)
{
    return table_doc(arena, &LOADS_TABLE);
}

/* dlt extracts the state like the rows of a resource: the table's own description does not come along. */
wr_node *wr_state_table_doc(wr_arena *arena)
{
    wr_node *doc = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, doc, wr_lit("columns"), columns_doc(arena, STATE_COLUMNS));
    set_text(arena, doc, "write_disposition", "append");
    set_text(arena, doc, "file_format", "preferred");
    set_text(arena, doc, "name", WR_DLT_STATE_TABLE);
    set_text(arena, doc, "resource", WR_DLT_STATE_TABLE);
    return doc;
}

/* ---- settings ---- */

/* Hint by hint, and in it column by column. */
static const char *const DEFAULT_HINTS[][2] = {
    { "not_null", "_dlt_id" },        { "not_null", "_dlt_root_id" },
    { "not_null", "_dlt_parent_id" }, { "not_null", "_dlt_list_idx" },
    { "not_null", "_dlt_load_id" },   { "parent_key", "_dlt_parent_id" },
    { "root_key", "_dlt_root_id" },   { "unique", "_dlt_id" },
    { "row_key", "_dlt_id" },
};

static wr_node *default_hints(wr_arena *arena)
{
    wr_node *hints = wr_node_new(arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < sizeof(DEFAULT_HINTS) / sizeof(*DEFAULT_HINTS); i++) {
        const char *const hint = DEFAULT_HINTS[i][0];
        if (!wr_node_get(hints, hint))
            wr_node_set(arena, hints, weir_str_of(hint), wr_node_new(arena, WR_NODE_ARRAY));
        wr_node_append(wr_node_get(hints, hint),
                       wr_node_text(arena, weir_str_of(DEFAULT_HINTS[i][1])));
    }
    return hints;
}

wr_node *wr_dlt_settings(wr_arena *arena)
{
    wr_node *detections = wr_node_new(arena, WR_NODE_ARRAY);
    wr_node_append(detections, wr_node_text(arena, wr_lit("iso_timestamp")));

    wr_node *settings = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, settings, wr_lit("detections"), detections);
    wr_node_set(arena, settings, wr_lit("default_hints"), default_hints(arena));
    return settings;
}

wr_node *wr_dlt_normalizers(wr_arena *arena)
{
    wr_node *json = wr_node_new(arena, WR_NODE_OBJECT);
    set_text(arena, json, "module", "dlt.common.normalizers.json.relational");

    wr_node *normalizers = wr_node_new(arena, WR_NODE_OBJECT);
    set_text(arena, normalizers, "names", "snake_case");
    wr_node_set(arena, normalizers, wr_lit("json"), json);
    return normalizers;
}
