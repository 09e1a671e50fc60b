/* Reads pipelines written in TOML. */
#include "project/toml_pipeline.h"

#include <weir/input.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/toml.h"
#include "pipeline/home.h"
#include "pipeline/resource.h"
#include "schema/coerce.h"
#include "schema/contract.h"

/* Of the document of a resource's hints. */
#define HINTS_MAX ((size_t)16 << 20)

typedef struct reader {
    weir_ctx *cx;
    wr_arena *arena;
    const wr_config *config;
    const char *file;
    const char *pipeline;
    weir_str folder;         /* of relative paths */
    const wr_toml *settings; /* of the source */
} reader;

/* ---- values ---- */

/* NULL when it is missing. */
static weir_status read_text(const reader *r, const wr_toml *table, const char *key,
                             const char **ret)
{
    const wr_toml *member = NULL;
    WEIR_TRY(wr_toml_member(r->cx, table, key, WR_TOML_TEXT, &member));
    if (!member)
        return WEIR_OK;
    if (member->text.len == 0 || memchr(member->text.ptr, '\0', member->text.len))
        return wr_toml_fail(r->cx, WEIR_CONFIG, member->place, "'%s' is empty, or has a NUL", key);
    *ret = wr_arena_str(r->arena, member->text).ptr;
    return WEIR_OK;
}

static const char *json_text(const reader *r, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(HINTS_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(r->arena, wr_buf_view(&out)).ptr;
}

/* Cursors know types: dates and times of TOML keep theirs, as the texts with marks that the state has for them. */
static wr_node *typed_node(const reader *r, const wr_toml *value)
{
    static const wr_mark MARKS[] = {
        [WR_TOML_TIMESTAMP] = WR_MARK_TIMESTAMP,
        [WR_TOML_LOCAL_TIMESTAMP] = WR_MARK_TIMESTAMP,
        [WR_TOML_DATE] = WR_MARK_DATE,
        [WR_TOML_CLOCK] = WR_MARK_TIME,
    };
    wr_node *node = wr_toml_to_node(r->arena, value);
    if (value->kind < sizeof(MARKS) / sizeof(*MARKS) && MARKS[value->kind])
        node->text =
            wr_arena_printf(r->arena, "%.*s%.*s", WR_STR(wr_typed_mark_text(MARKS[value->kind])),
                            WR_STR(node->text));
    return node;
}

static wr_node *incremental_node(const reader *r, const wr_toml *given)
{
    wr_node *node = wr_toml_to_node(r->arena, given);
    for (const wr_toml *member = given->first; member; member = member->next)
        wr_node_set(r->arena, node, member->key, typed_node(r, member));
    return node;
}

/* The incremental of a table; NULL when it has none. */
static weir_status read_incremental(const reader *r, const wr_toml *table, wr_node **ret)
{
    const wr_toml *given = NULL;
    WEIR_TRY(wr_toml_member(r->cx, table, "incremental", WR_TOML_TABLE, &given));
    if (!given)
        return WEIR_OK;
    WEIR_TRY(wr_toml_check_keys(r->cx, given, "an incremental", wr_incremental_arguments));
    *ret = incremental_node(r, given);
    return WEIR_OK;
}

/* ---- files ---- */

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The path of a URL, its escapes resolved. */
static weir_str unescape(const reader *r, weir_str text)
{
    char *out = wr_arena_alloc(r->arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const int high = text.ptr[i] == '%' && i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        if (low >= 0)
            i += 2;
        out[len++] = low >= 0 ? (char)(high * 16 + low) : text.ptr[i];
    }
    return (weir_str){ out, len };
}

/* What the file does not say, the configuration may. */
static const weir_option FILES_OPTIONS[] = {
    { "bucket_url", .help = "folder of the files: file://…, or a path from the project's folder" },
    { "file_glob", .help = "which files below it" },
    { 0 },
};

static weir_status ask_config(const reader *r, const weir_option *option, const char **ret)
{
    const wr_scope scope = { r->config, weir_str_of(r->pipeline),
                             WR_SECTION("sources", "filesystem") };
    wr_answer answer;
    WEIR_TRY(wr_config_get(r->cx, &scope, option, r->arena, &answer));
    if (answer.found)
        *ret = wr_arena_str(r->arena, answer.text).ptr;
    return WEIR_OK;
}

static weir_status find_folder(const reader *r, const char **ret)
{
    const char *given = NULL;
    WEIR_TRY(read_text(r, r->settings, "bucket_url", &given));
    if (!given)
        WEIR_TRY(ask_config(r, &FILES_OPTIONS[0], &given));
    if (!given)
        return wr_toml_fail(r->cx, WEIR_CONFIG, r->settings->place,
                            "the source 'filesystem' has no 'bucket_url'\n"
                            "hint: as in bucket_url = \"file:///data/events\", or a path from the "
                            "project's folder; or [sources.filesystem] bucket_url in "
                            ".dlt/config.toml");
    const weir_str url = weir_str_of(given);
    const bool is_file = wr_str_starts(url, wr_lit("file://"));
    if (!is_file && strstr(given, "://"))
        return wr_toml_fail(r->cx, WEIR_UNSUPPORTED, r->settings->place,
                            "files at '%s' cannot be read yet\nhint: file:// or a path", given);
    const weir_str path = is_file ? unescape(r, (weir_str){ url.ptr + 7, url.len - 7 }) : url;
    *ret = path.ptr[0] == '/'
               ? path.ptr
               : wr_arena_printf(r->arena, "%.*s/%.*s", WR_STR(r->folder), WR_STR(path)).ptr;
    return WEIR_OK;
}

/* A setting of the resource, or else of the source, or else the standard one. */
static weir_status read_setting(const reader *r, const wr_toml *table, const char *key,
                                const char *standard, const char **ret)
{
    *ret = NULL;
    WEIR_TRY(read_text(r, table, key, ret));
    if (!*ret)
        WEIR_TRY(read_text(r, r->settings, key, ret));
    if (!*ret)
        *ret = standard;
    return WEIR_OK;
}

static weir_status check_format(const reader *r, const wr_toml *table)
{
    static const char *const KNOWN[] = { "jsonl", "json", NULL };
    const char *format = NULL;
    WEIR_TRY(read_setting(r, table, "format", KNOWN[0], &format));
    for (size_t i = 0; KNOWN[i]; i++)
        if (strcmp(format, KNOWN[i]) == 0)
            return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_UNSUPPORTED, table->place,
                        "the format '%s' cannot be read\n"
                        "hint: jsonl is lines of JSON, or one list; gzip and zstd are unpacked",
                        format);
}

static weir_status read_bad_row(const reader *r, const wr_toml *table, weir_bad_row *ret)
{
    static const char *const WORDS[] = {
        [WEIR_BAD_ROW_FAIL] = "fail", [WEIR_BAD_ROW_QUARANTINE] = "quarantine"
    };
    const char *given = NULL;
    WEIR_TRY(read_setting(r, table, "on_bad_row", WORDS[WEIR_BAD_ROW_FAIL], &given));
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (strcmp(given, WORDS[i]) == 0) {
            *ret = (weir_bad_row)i;
            return WEIR_OK;
        }
    }
    return wr_toml_fail(r->cx, WEIR_CONFIG, table->place,
                        "'on_bad_row' is '%s', expected 'fail' or 'quarantine'", given);
}

static weir_status read_files(const reader *r, const wr_toml *table, weir_resource *ret)
{
    weir_files *files = wr_arena_new(r->arena, weir_files);
    wr_node *incremental = NULL;
    files->may_be_none = true; /* those of today have not come yet */
    WEIR_TRY(find_folder(r, &files->folder));
    WEIR_TRY(read_setting(r, table, "file_glob", NULL, &files->pattern));
    if (!files->pattern)
        WEIR_TRY(ask_config(r, &FILES_OPTIONS[1], &files->pattern));
    if (!files->pattern)
        files->pattern = "*";
    WEIR_TRY(check_format(r, table));
    WEIR_TRY(read_bad_row(r, table, &ret->on_bad_row));
    WEIR_TRY(read_incremental(r, r->settings, &incremental));
    if (incremental)
        ret->item_incremental = json_text(r, incremental);
    ret->input = &weir_input_files;
    ret->input_spec = files;
    ret->replayable = true;
    return WEIR_OK;
}

/* ---- resources ---- */

static const char *const RESOURCE_KEYS[] = { "name", "file_glob", "format", "on_bad_row", NULL };

/* All that a resource may have: its own keys, and hints. In `arena`, ends with NULL. */
static const char *const *known_keys(const reader *r)
{
    size_t count = 0;
    const char **keys = wr_arena_new_array(r->arena, 64, const char *);
    for (size_t i = 0; RESOURCE_KEYS[i]; i++)
        keys[count++] = RESOURCE_KEYS[i];
    for (size_t i = 0; wr_resource_hints[i]; i++)
        keys[count++] = wr_resource_hints[i];
    return keys;
}

/* `table_name` is a name, or { field = "…" }: the field of each row that has it. */
static weir_status read_table_name(const reader *r, const wr_toml *table, weir_resource *ret)
{
    static const char *const KEYS[] = { "field", NULL };
    const wr_toml *given = wr_toml_get(table, wr_lit("table_name"));
    if (!given || given->kind != WR_TOML_TABLE)
        return read_text(r, table, "table_name", &ret->table);
    WEIR_TRY(wr_toml_check_keys(r->cx, given, "'table_name'", KEYS));
    WEIR_TRY(read_text(r, given, "field", &ret->table_field));
    if (ret->table_field)
        return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_CONFIG, given->place,
                        "'table_name' is neither a name nor { field = \"…\" }");
}

static bool is_own(weir_str key)
{
    for (size_t i = 0; RESOURCE_KEYS[i]; i++)
        if (wr_str_eq(key, weir_str_of(RESOURCE_KEYS[i])))
            return true;
    return wr_str_eq(key, wr_lit("table_name"));
}

static weir_status read_hints(const reader *r, const wr_toml *table, weir_resource *ret)
{
    wr_node *hints = wr_node_new(r->arena, WR_NODE_OBJECT);
    wr_node *incremental = NULL;
    for (const wr_toml *member = table->first; member; member = member->next)
        if (!is_own(member->key))
            wr_node_set(r->arena, hints, member->key, wr_toml_to_node(r->arena, member));
    WEIR_TRY(read_incremental(r, table, &incremental));
    if (incremental)
        wr_node_set(r->arena, hints, wr_lit("incremental"), incremental);
    if (hints->count)
        ret->hints = json_text(r, hints);
    return WEIR_OK;
}

/* What the run would say about it later is said with its place in the file. */
static weir_status check_resource(const reader *r, const wr_toml *table,
                                  const weir_resource *resource)
{
    wr_resources read;
    const weir_resource list[] = { *resource, { 0 } };
    const weir_status status = wr_resources_read(r->cx, r->arena, list, &read);
    return wr_context(r->cx, status, "%s:%u:%u", table->place.file, table->place.line,
                      table->place.column);
}

static weir_status read_resource(const reader *r, const wr_toml *table, weir_resource *ret)
{
    if (table->kind != WR_TOML_TABLE)
        return wr_toml_fail(r->cx, WEIR_CONFIG, table->place,
                            "a resource is %s, expected a table: { name = \"…\" }",
                            wr_toml_kind_name(table->kind));
    WEIR_TRY(wr_toml_check_keys(r->cx, table, "a resource", known_keys(r)));
    WEIR_TRY(read_text(r, table, "name", &ret->name));
    if (!ret->name)
        return wr_toml_fail(r->cx, WEIR_CONFIG, table->place, "a resource has no 'name'");
    WEIR_TRY(read_table_name(r, table, ret));
    WEIR_TRY(read_files(r, table, ret));
    WEIR_TRY(read_hints(r, table, ret));
    return check_resource(r, table, ret);
}

static weir_status read_resources(const reader *r, const weir_resource **ret)
{
    const wr_toml *given = NULL;
    WEIR_TRY(wr_toml_member(r->cx, r->settings, "resources", WR_TOML_ARRAY, &given));
    if (!given || given->count == 0)
        return wr_toml_fail(r->cx, WEIR_CONFIG, r->settings->place,
                            "the source has no 'resources'\n"
                            "hint: as in resources = [{ name = \"events\", file_glob = "
                            "\"*.jsonl\" }]");
    weir_resource *list = wr_arena_new_array(r->arena, given->count + 1, weir_resource);
    size_t count = 0;
    for (const wr_toml *item = given->first; item; item = item->next)
        WEIR_TRY(read_resource(r, item, &list[count++]));
    *ret = list;
    return WEIR_OK;
}

/* ---- the source ---- */

static weir_status read_nesting(const reader *r, int *ret)
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

static weir_status read_contract(const reader *r, const char **ret)
{
    const wr_toml *given = wr_toml_get(r->settings, wr_lit("schema_contract"));
    if (!given)
        return WEIR_OK;
    const wr_node *contract = wr_toml_to_node(r->arena, given);
    const weir_status status = wr_contract_check(r->cx, contract);
    *ret = json_text(r, contract);
    return wr_context(r->cx, status, "%s:%u:%u", given->place.file, given->place.line,
                      given->place.column);
}

static weir_status read_filesystem(const reader *r, weir_source *ret)
{
    static const char *const KEYS[] = {
        "bucket_url",        "file_glob",       "format",      "on_bad_row", "resources",
        "max_table_nesting", "schema_contract", "incremental", NULL,
    };
    WEIR_TRY(wr_toml_check_keys(r->cx, r->settings, "the source 'filesystem'", KEYS));
    ret->name = "filesystem";
    ret->config = FILES_OPTIONS;
    WEIR_TRY(read_nesting(r, &ret->max_table_nesting));
    WEIR_TRY(read_contract(r, &ret->schema_contract));
    return read_resources(r, &ret->resources);
}

static weir_status read_source(reader *r, const wr_toml *root, weir_source *ret)
{
    static const char *const KEYS[] = { "filesystem", NULL };
    const wr_toml *source = NULL;
    WEIR_TRY(wr_toml_member(r->cx, root, "source", WR_TOML_TABLE, &source));
    if (!source || source->count == 0)
        return weir_fail(r->cx, WEIR_CONFIG,
                         "%s: the pipeline has no source\nhint: as in [source.filesystem]",
                         r->file);
    WEIR_TRY(wr_toml_check_keys(r->cx, source, "'source'", KEYS));
    WEIR_TRY(wr_toml_member(r->cx, source, KEYS[0], WR_TOML_TABLE, &r->settings));
    return read_filesystem(r, ret);
}

/* ---- the pipeline ---- */

static const char *file_stem(const reader *r)
{
    const char *slash = strrchr(r->file, '/');
    weir_str name = weir_str_of(slash ? slash + 1 : r->file);
    if (wr_str_ends(name, wr_lit(".toml")))
        name.len -= strlen(".toml");
    return wr_arena_str(r->arena, name).ptr;
}

static weir_status read_pipeline(const reader *r, const wr_toml *root, weir_pipeline *ret)
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
    WEIR_TRY(read_text(r, given, "pipeline_name", &ret->name));
    WEIR_TRY(read_text(r, given, "destination", &ret->destination));
    WEIR_TRY(read_text(r, given, "dataset_name", &ret->dataset));
    WEIR_TRY(read_text(r, given, "import_schema_path", &ret->import_schema_path));
    WEIR_TRY(read_text(r, given, "export_schema_path", &ret->export_schema_path));
    return read_text(r, given, "refresh", &ret->refresh);
}

weir_status wr_toml_pipeline_read(weir_ctx *cx, wr_arena *arena, const wr_config *config,
                                  const char *file, wr_toml_pipeline *ret)
{
    static const char *const KEYS[] = { "pipeline", "source", NULL };
    reader r = { .cx = cx, .arena = arena, .config = config, .file = file };
    const wr_toml *root = NULL;
    wr_toml_pipeline read = { 0 };
    WEIR_TRY(wr_toml_read_1_1(cx, arena, AT_FDCWD, file, &root));
    if (!root)
        return weir_fail(cx, WEIR_INVALID, "there is no file '%s'", file);
    WEIR_TRY(wr_project_dir(cx, arena, &r.folder));
    WEIR_TRY(wr_toml_check_keys(cx, root, "a pipeline", KEYS));
    WEIR_TRY(read_pipeline(&r, root, &read.pipeline));
    r.pipeline = read.pipeline.name;
    WEIR_TRY(read_source(&r, root, &read.source));
    *ret = read;
    return WEIR_OK;
}
