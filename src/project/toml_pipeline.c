/* Reads pipelines written in TOML: what they all have. A source's kind reads its own. */
#include "project/toml_pipeline.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "pipeline/resource.h"
#include "project/toml_source.h"
#include "schema/coerce.h"
#include "schema/contract.h"

/* ---- resources ---- */

/* What has not its place among the hints, whatever the kind. */
static const char *const RESOURCE_KEYS[] = { "name", "table_name", NULL };
static const char *const SOURCE_KEYS[] = { "resources", "max_table_nesting", "schema_contract",
                                           NULL };

/* Lists of keys as one; ends with NULL. */
static const char *const *join(const wr_toml_source *r, const char *const *const lists[],
                               size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        for (const char *const *key = lists[i]; *key; key++)
            total++;
    const char **keys = wr_arena_new_array(r->arena, total + 1, const char *);
    const char **end = keys;
    for (size_t i = 0; i < count; i++)
        for (const char *const *key = lists[i]; *key; key++)
            *end++ = *key;
    return keys;
}

static weir_status check_resource_keys(const wr_toml_source *r, const wr_toml *table)
{
    const char *const *const lists[] = { RESOURCE_KEYS, r->kind->resource_keys, wr_resource_hints };
    return wr_toml_check_keys(r->cx, table, "a resource", join(r, lists, 3));
}

/* `table_name` is a name, or { field = "…" }: the field of each row that has it. */
static weir_status read_table_name(const wr_toml_source *r, const wr_toml *table,
                                   weir_resource *ret)
{
    static const char *const KEYS[] = { "field", NULL };
    const wr_toml *given = wr_toml_get(table, wr_lit("table_name"));
    if (!given || given->kind != WR_TOML_TABLE)
        return wr_toml_source_text(r, table, "table_name", &ret->table);
    WEIR_TRY(wr_toml_check_keys(r->cx, given, "'table_name'", KEYS));
    WEIR_TRY(wr_toml_source_text(r, given, "field", &ret->table_field));
    if (ret->table_field)
        return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_CONFIG, given->place,
                        "'table_name' is neither a name nor { field = \"…\" }");
}

static weir_status read_hints(const wr_toml_source *r, const wr_toml *table, weir_resource *ret)
{
    wr_node *hints = wr_node_new(r->arena, WR_NODE_OBJECT);
    wr_node *incremental = NULL;
    for (const wr_toml *member = table->first; member; member = member->next)
        if (!wr_str_among(member->key, RESOURCE_KEYS) &&
            !wr_str_among(member->key, r->kind->resource_keys))
            wr_node_set(r->arena, hints, member->key, wr_toml_to_node(r->arena, member));
    WEIR_TRY(wr_toml_source_incremental(r, table, &incremental));
    if (incremental)
        wr_node_set(r->arena, hints, wr_lit("incremental"), incremental);
    if (hints->count)
        ret->hints = wr_toml_source_json(r, hints);
    return WEIR_OK;
}

/* What the run would say about it later is said with its place in the file. */
static weir_status check_resource(const wr_toml_source *r, const wr_toml *table,
                                  const weir_resource *resource)
{
    wr_resources read;
    const weir_resource list[] = { *resource, { 0 } };
    const weir_status status = wr_resources_read(r->cx, r->arena, list, &read);
    return wr_context(r->cx, status, "%s:%u:%u", table->place.file, table->place.line,
                      table->place.column);
}

static weir_status read_resource(const wr_toml_source *r, const wr_toml *table, weir_resource *ret)
{
    if (table->kind != WR_TOML_TABLE)
        return wr_toml_fail(r->cx, WEIR_CONFIG, table->place,
                            "a resource is %s, expected a table: { name = \"…\" }",
                            wr_toml_kind_name(table->kind));
    WEIR_TRY(check_resource_keys(r, table));
    WEIR_TRY(wr_toml_source_text(r, table, "name", &ret->name));
    if (!ret->name)
        return wr_toml_fail(r->cx, WEIR_CONFIG, table->place, "a resource has no 'name'");
    WEIR_TRY(read_table_name(r, table, ret));
    WEIR_TRY(r->kind->read_resource(r, table, ret));
    WEIR_TRY(read_hints(r, table, ret));
    return check_resource(r, table, ret);
}

static weir_status read_resources(const wr_toml_source *r, const weir_resource **ret)
{
    const wr_toml *given = NULL;
    WEIR_TRY(wr_toml_member(r->cx, r->settings, "resources", WR_TOML_ARRAY, &given));
    if (!given || given->count == 0)
        return wr_toml_fail(r->cx, WEIR_CONFIG, r->settings->place,
                            "the source has no 'resources'\n"
                            "hint: as in %s",
                            r->kind->example);
    weir_resource *list = wr_arena_new_array(r->arena, given->count + 1, weir_resource);
    size_t count = 0;
    for (const wr_toml *item = given->first; item; item = item->next)
        WEIR_TRY(read_resource(r, item, &list[count++]));
    *ret = list;
    return WEIR_OK;
}

/* ---- the source ---- */

static weir_status read_nesting(const wr_toml_source *r, int *ret)
{
    const wr_toml *levels = NULL;
    WEIR_TRY(wr_toml_member(r->cx, r->settings, "max_table_nesting", WR_TOML_INT, &levels));
    if (!levels)
        return WEIR_OK;
    if (levels->as.i < 0 || levels->as.i > 1000)
        return wr_toml_fail(r->cx, WEIR_CONFIG, levels->place,
                            "'max_table_nesting' is no number from 0 to 1000");
    *ret = levels->as.i ? (int)levels->as.i : WEIR_NO_NESTING;
    return WEIR_OK;
}

static weir_status read_contract(const wr_toml_source *r, const char **ret)
{
    const wr_toml *given = wr_toml_get(r->settings, wr_lit("schema_contract"));
    if (!given)
        return WEIR_OK;
    const wr_node *contract = wr_toml_to_node(r->arena, given);
    const weir_status status = wr_contract_check(r->cx, contract);
    *ret = wr_toml_source_json(r, contract);
    return wr_context(r->cx, status, "%s:%u:%u", given->place.file, given->place.line,
                      given->place.column);
}

static const wr_source_kind *const KINDS[] = { &wr_toml_filesystem, &wr_toml_command,
                                               &wr_toml_rest_api, NULL };
#define KINDS_COUNT (sizeof(KINDS) / sizeof(*KINDS) - 1)

const wr_source_kind *const *wr_source_kinds(void)
{
    return KINDS;
}

/* The one table below [source]. */
static weir_status find_kind(wr_toml_source *r, const wr_toml *root)
{
    const char *names[KINDS_COUNT + 1] = { 0 };
    const wr_toml *source = NULL;
    WEIR_TRY(wr_toml_member(r->cx, root, "source", WR_TOML_TABLE, &source));
    if (!source || source->count == 0)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "%s: there is no source\nhint: as in [source.filesystem]", r->file);
    for (size_t i = 0; i < KINDS_COUNT; i++)
        names[i] = KINDS[i]->name;
    WEIR_TRY(wr_toml_check_keys(r->cx, source, "'source'", names));
    if (source->count > 1)
        return wr_toml_fail(
            r->cx, WEIR_CONFIG, source->first->next->place,
            "there is a second source\n"
            "hint: one file per source; several pipelines may load into one dataset");
    for (size_t i = 0; i < KINDS_COUNT; i++)
        if (wr_str_eq(source->first->key, weir_str_of(names[i])))
            r->kind = KINDS[i];
    return wr_toml_member(r->cx, source, r->kind->name, WR_TOML_TABLE, &r->settings);
}

static weir_status read_source(wr_toml_source *r, const wr_toml *root, weir_source *ret)
{
    WEIR_TRY(find_kind(r, root));
    const char *const *const lists[] = { SOURCE_KEYS, r->kind->keys };
    const char *what = wr_arena_printf(r->arena, "the source '%s'", r->kind->name).ptr;
    WEIR_TRY(wr_toml_check_keys(r->cx, r->settings, what, join(r, lists, 2)));
    ret->name = r->kind->name;
    ret->config = r->kind->options;
    if (r->kind->read)
        WEIR_TRY(r->kind->read(r, ret));
    WEIR_TRY(read_nesting(r, &ret->max_table_nesting));
    WEIR_TRY(read_contract(r, &ret->schema_contract));
    return r->kind->read_all ? r->kind->read_all(r, ret) : read_resources(r, &ret->resources);
}

/* ---- the pipeline ---- */

static const char *file_stem(const wr_toml_source *r)
{
    const char *slash = strrchr(r->file, '/');
    weir_str name = weir_str_of(slash ? slash + 1 : r->file);
    if (wr_str_ends(name, wr_lit(".toml")))
        name.len -= strlen(".toml");
    return wr_arena_str(r->arena, name).ptr;
}

static weir_status read_pipeline(const wr_toml_source *r, const wr_toml *root, weir_pipeline *ret)
{
    static const char *const KEYS[] = {
        "pipeline_name", "destination", "dataset_name", "import_schema_path", "export_schema_path",
        "refresh",       NULL
    };
    const wr_toml *given = NULL;
    ret->name = file_stem(r);
    WEIR_TRY(wr_toml_member(r->cx, root, "pipeline", WR_TOML_TABLE, &given));
    if (!given)
        return WEIR_OK;
    WEIR_TRY(wr_toml_check_keys(r->cx, given, "'pipeline'", KEYS));
    WEIR_TRY(wr_toml_source_text(r, given, "pipeline_name", &ret->name));
    WEIR_TRY(wr_toml_source_text(r, given, "destination", &ret->destination));
    WEIR_TRY(wr_toml_source_text(r, given, "dataset_name", &ret->dataset));
    WEIR_TRY(wr_toml_source_text(r, given, "import_schema_path", &ret->import_schema_path));
    WEIR_TRY(wr_toml_source_text(r, given, "export_schema_path", &ret->export_schema_path));
    return wr_toml_source_text(r, given, "refresh", &ret->refresh);
}

/* `[source] name = "…"`: the source stands elsewhere. NULL when it stands here. */
static weir_status read_source_name(const wr_toml_source *r, const wr_toml *root, const char **ret)
{
    const wr_toml *source = NULL;
    WEIR_TRY(wr_toml_member(r->cx, root, "source", WR_TOML_TABLE, &source));
    if (source)
        WEIR_TRY(wr_toml_source_text(r, source, "name", ret));
    if (!*ret || source->count == 1)
        return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_CONFIG, source->place,
                        "'source' names the source '%s' and describes one, too\n"
                        "hint: keep the name, or the table below it",
                        *ret);
}

static weir_status read_root(wr_toml_source *r, const char *what, const char *const *keys,
                             const wr_toml **ret)
{
    WEIR_TRY(wr_toml_read_1_1(r->cx, r->arena, AT_FDCWD, r->file, ret));
    if (!*ret)
        return weir_fail(r->cx, WEIR_INVALID, "there is no file '%s'", r->file);
    WEIR_TRY(wr_project_dir(r->cx, r->arena, &r->folder));
    return wr_toml_check_keys(r->cx, *ret, what, keys);
}

weir_status wr_toml_pipeline_read(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                                  const char *file, wr_toml_pipeline *ret)
{
    static const char *const KEYS[] = { "pipeline", "source", NULL };
    wr_toml_source r = { .cx = cx, .arena = arena, .config = config, .file = file };
    const wr_toml *root = NULL;
    wr_toml_pipeline read = { 0 };
    WEIR_TRY(read_root(&r, "a pipeline", KEYS, &root));
    WEIR_TRY(read_pipeline(&r, root, &read.pipeline));
    r.pipeline = read.pipeline.name;
    WEIR_TRY(read_source_name(&r, root, &read.pipeline.source));
    if (!read.pipeline.source)
        WEIR_TRY(read_source(&r, root, &read.source));
    *ret = read;
    return WEIR_OK;
}

weir_status wr_toml_source_read(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                                const char *file, const char *pipeline, weir_source *ret)
{
    static const char *const KEYS[] = { "source", NULL };
    wr_toml_source r = {
        .cx = cx, .arena = arena, .config = config, .file = file, .pipeline = pipeline
    };
    const wr_toml *root = NULL;
    weir_source read = { 0 };
    WEIR_TRY(read_root(&r, "a source", KEYS, &root));
    WEIR_TRY(read_source(&r, root, &read));
    *ret = read;
    return WEIR_OK;
}
