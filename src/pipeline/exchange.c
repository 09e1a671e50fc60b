/* Schema files of a pipeline: import before a run, export after a commit. */
#include "pipeline/exchange.h"

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"

const weir_option wr_exchange_options[] = {
    { "import_schema_path", WEIR_OPTION_TEXT,
      .help = "folder of schemas that people write; dlt's import_schema_path" },
    { "export_schema_path", WEIR_OPTION_TEXT,
      .help = "folder that gets the schema after each load; dlt's export_schema_path" },
    { "external_schema_format", WEIR_OPTION_TEXT, .standard = "yaml",
      .help = "yaml or json: what these files are" },
    { "external_schema_format_remove_defaults", WEIR_OPTION_BOOL, .standard = "true",
      .help = "leave out of them what goes without saying" },
    { 0 },
};

weir_status wr_exchange_configure(weir_ctx *cx, const wr_scope *scope, wr_arena *arena,
                                  wr_exchange *ret)
{
    const weir_option_values *values = NULL;
    WEIR_TRY(wr_config_resolve(cx, scope, wr_exchange_options, arena, &values));
    const weir_str format = weir_option_text(values, "external_schema_format");
    *ret = (wr_exchange){
        .import_dir = weir_option_text(values, "import_schema_path"),
        .export_dir = weir_option_text(values, "export_schema_path"),
        .json = wr_str_eq(format, wr_lit("json")),
        .remove_defaults = weir_option_bool(values, "external_schema_format_remove_defaults"),
    };
    if (ret->json || wr_str_eq(format, wr_lit("yaml")))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "schema.external_schema_format is '%.*s'\nhint: one of: yaml, json",
                     WR_STR(format));
}

static weir_str file_name(const wr_exchange *exchange, wr_arena *arena, weir_str schema)
{
    return wr_arena_printf(arena, "%.*s.schema.%s", WR_STR(schema),
                           exchange->json ? "json" : "yaml");
}

static weir_str file_path(const wr_exchange *exchange, wr_arena *arena, weir_str dir,
                          weir_str schema)
{
    return wr_arena_printf(arena, "%.*s/%.*s", WR_STR(dir),
                           WR_STR(file_name(exchange, arena, schema)));
}

/* ---- import ---- */

/* NULL when there is no file. */
static weir_status read_import(weir_ctx *cx, const wr_exchange *exchange, weir_str name,
                               wr_schema **ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str path = file_path(exchange, &arena, exchange->import_dir, name);
    wr_schema_file file = { .path = path.ptr, .json = exchange->json };
    bool found = false;
    WEIR_TRY(wr_file_read(cx, &arena, AT_FDCWD, path.ptr, &file.text, &found));
    if (!found)
        return WEIR_OK;
    wr_auto(schema) wr_schema *schema = NULL;
    WEIR_TRY(wr_schema_import(cx, &file, &schema));
    if (!wr_str_eq(schema->name, name))
        return weir_fail(cx, WEIR_SCHEMA, "'%s' holds the schema '%.*s', not '%.*s'", path.ptr,
                         WR_STR(schema->name), WR_STR(name));
    *ret = wr_schema_hold(schema);
    return WEIR_OK;
}

static void warn_replaced(weir_ctx *cx, const wr_schema *stored, const wr_schema *imported)
{
    weir_warn(cx, "schema '%.*s', version %lld, is replaced by version %lld, which is imported",
              WR_STR(stored->name), (long long)stored->version, (long long)imported->version);
    wr_auto(buf) wr_buf names = wr_buf_max(4096);
    for (size_t i = 0; i < stored->tables.len; i++) {
        const wr_table *table = stored->tables.ptr[i];
        if (table->seen_data && !wr_is_dlt_name(table->pub.name))
            wr_buf_printf(&names, "%s'%.*s'", names.len ? ", " : "", WR_STR(table->pub.name));
    }
    if (names.len > 0 || names.failed)
        weir_warn(cx, "these tables have rows at the destination, whose columns stay: %s",
                  names.failed ? "many" : wr_buf_text(&names));
}

/* The next version names the replaced one among those before it. */
static void link_replaced(wr_schema *imported, const wr_schema *stored)
{
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(stored, hash);
    if (strcmp(hash, imported->hash) != 0)
        wr_schema_link(imported, hash);
}

weir_status wr_exchange_import(weir_ctx *cx, const wr_exchange *exchange, weir_str name,
                               wr_schema **schema)
{
    if (exchange->import_dir.len == 0)
        return WEIR_OK;
    wr_schema *imported = NULL;
    WEIR_TRY(read_import(cx, exchange, name, &imported));
    wr_schema *stored = *schema;
    if (!imported)
        return WEIR_OK;
    if (stored && wr_str_eq(wr_schema_imported_hash(stored), weir_str_of(imported->hash))) {
        wr_schema_drop(imported);
        return WEIR_OK;
    }
    wr_schema_set_imported_hash(imported, imported->hash);
    if (stored) {
        warn_replaced(cx, stored, imported);
        link_replaced(imported, stored);
    }
    wr_schema_drop(stored);
    *schema = imported;
    return WEIR_OK;
}

weir_status wr_exchange_begin(weir_ctx *cx, const wr_exchange *exchange, wr_schema *schema,
                              wr_buf *ret)
{
    if (exchange->import_dir.len == 0)
        return WEIR_OK;
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str path = file_path(exchange, &arena, exchange->import_dir, schema->name);
    bool found = false;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, path.ptr, &found));
    if (found)
        return WEIR_OK;
    const wr_schema_form form = {
        .json = exchange->json,
        .remove_defaults = exchange->remove_defaults,
        .remove_hints = true,
    };
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_export(ret, schema, form, hash);
    wr_schema_set_imported_hash(schema, hash);
    return wr_buf_check(cx, ret, path.ptr);
}

/* ---- export ---- */

static weir_status publish(weir_ctx *cx, const wr_exchange *exchange, weir_str dir, weir_str name,
                           weir_str text)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(close) int folder = -1;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, wr_arena_str(&arena, dir).ptr, true, &folder));
    return wr_file_publish(cx, folder, file_name(exchange, &arena, name).ptr, text);
}

static weir_status export(weir_ctx *cx, const wr_exchange *exchange, const wr_schema *schema)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    const wr_schema_form form = {
        .json = exchange->json,
        .remove_defaults = exchange->remove_defaults,
        .remove_hints = wr_str_eq(exchange->import_dir, exchange->export_dir),
    };
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_export(&out, schema, form, hash);
    WEIR_TRY(wr_buf_check(cx, &out, "the exported schema"));
    return publish(cx, exchange, exchange->export_dir, schema->name, wr_buf_view(&out));
}

weir_status wr_exchange_finish(weir_ctx *cx, const wr_exchange *exchange, const wr_schema *schema,
                               weir_str begun)
{
    if (begun.len > 0)
        WEIR_TRY(publish(cx, exchange, exchange->import_dir, schema->name, begun));
    return exchange->export_dir.len > 0 ? export(cx, exchange, schema) : WEIR_OK;
}
