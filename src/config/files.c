/* secrets.toml and config.toml as providers: that of the project's settings folder and that of dlt's global folder, as if
 * they were one file in which the project's keys win. */
#include "config/files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/number.h"
#include "base/str.h"
#include "config/lookup.h"

/* ---- folders: spec/dlt-config-pipeline-cli.md, 1.1 ---- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static weir_str settings_folder(wr_arena *arena, weir_str project)
{
    const char *run_dir = variable("DLT_PROJECT_DIR");
    const char *name = variable("DLT_CONFIG_FOLDER");
    return wr_arena_printf(arena, "%.*s/%s", WR_STR(run_dir ? weir_str_of(run_dir) : project),
                           name ? name : ".dlt");
}

static weir_str global_folder(wr_arena *arena)
{
    if (geteuid() == 0)
        return wr_lit("/var/dlt");
    const char *home = variable("HOME");
    if (!home || access(home, W_OK) != 0)
        return wr_arena_printf(arena, "%s/dlt", variable("TMPDIR") ? variable("TMPDIR") : "/tmp");
    const weir_str usual = wr_arena_printf(arena, "%s/.dlt", home);
    const char *data_home = variable("XDG_DATA_HOME");
    if (data_home && !is_folder(usual.ptr))
        return wr_arena_printf(arena, "%s/dlt", data_home);
    return usual;
}

/* ---- reading ---- */

static weir_status read_file(weir_ctx *cx, wr_files *files, weir_str folder, const char *name,
                             wr_location *ret)
{
    const char *path = wr_arena_printf(files->arena, "%.*s/%s", WR_STR(folder), name).ptr;
    const wr_toml *root = NULL;
    /* a settings folder that is a file, or may not be read, is none of the user's settings */
    struct stat info;
    if (stat(path, &info) == 0)
        WEIR_TRY(wr_toml_read(cx, files->arena, AT_FDCWD, path, &root));
    if (root)
        files->roots[files->len++] = root;
    *ret = (wr_location){ .path = path, .present = root != NULL };
    return WEIR_OK;
}

static bool has_keys(const wr_files *files)
{
    for (size_t i = 0; i < files->len; i++)
        if (files->roots[i]->first)
            return true;
    return false;
}

/* ---- looking up ---- */

/* `*blocked`: the way ends at something else than a table, which hides what other files have below. */
static const wr_toml *find_in(const wr_toml *table, const wr_key *key, bool *blocked)
{
    for (size_t i = 0; i < key->len && table; i++) {
        table = wr_toml_get(table, key->parts[i]);
        if (table && table->kind != WR_TOML_TABLE) {
            *blocked = true;
            return NULL;
        }
    }
    return wr_toml_get(table, key->name);
}

/* What `over` has wins, table by table. */
static void merge(wr_arena *arena, wr_node *under, const wr_node *over)
{
    for (const wr_node *member = over->first; member; member = member->next) {
        wr_node *there = wr_node_get_str(under, member->key);
        if (there && there->kind == WR_NODE_OBJECT && member->kind == WR_NODE_OBJECT)
            merge(arena, there, member);
        else
            wr_node_set(arena, under, member->key, wr_node_copy(arena, member));
    }
}

static weir_str json_text(wr_arena *arena, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_TOML_BYTES_MAX);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(arena, wr_buf_view(&out));
}

/* Python's isoformat(), which is what dlt makes of a time where a text is wanted. */
static weir_str time_text(wr_arena *arena, const wr_toml *value)
{
    const weir_str text = wr_toml_to_node(arena, value)->text;
    if (text.len > 0 && text.ptr[text.len - 1] == 'Z')
        return wr_arena_printf(arena, "%.*s+00:00", (int)text.len - 1, text.ptr);
    return text;
}

static weir_value value_of(wr_arena *arena, const wr_toml *value)
{
    switch (value->kind) {
    case WR_TOML_TEXT: return weir_text(wr_arena_str(arena, value->text));
    case WR_TOML_INT: return weir_int(value->as.i);
    case WR_TOML_FLOAT: return weir_float(value->as.f);
    case WR_TOML_BOOL: return weir_bool(value->as.b);
    case WR_TOML_TIMESTAMP:
    case WR_TOML_LOCAL_TIMESTAMP:
    case WR_TOML_DATE:
    case WR_TOML_CLOCK: return weir_text(time_text(arena, value));
    case WR_TOML_ARRAY:
    case WR_TOML_TABLE: break;
    }
    return weir_json_text(json_text(arena, wr_toml_to_node(arena, value)));
}

/* The table that `key` is in all files together. */
static weir_value merged_table(wr_arena *arena, const wr_files *files, const wr_key *key)
{
    wr_node *all = wr_node_new(arena, WR_NODE_OBJECT);
    for (size_t i = files->len; i-- > 0;) {
        bool blocked = false;
        const wr_toml *table = find_in(files->roots[i], key, &blocked);
        if (table && table->kind == WR_TOML_TABLE)
            merge(arena, all, wr_toml_to_node(arena, table));
    }
    return weir_json_text(json_text(arena, all));
}

static weir_status get(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena, wr_found *ret)
{
    (void)cx;
    const wr_files *files = self;
    bool blocked = false;
    for (size_t i = 0; i < files->len && !blocked; i++) {
        const wr_toml *value = find_in(files->roots[i], key, &blocked);
        if (!value)
            continue;
        const bool is_table = value->kind == WR_TOML_TABLE;
        *ret = (wr_found){
            .value = is_table ? merged_table(arena, files, key) : value_of(arena, value),
            .file = value->key_place.file,
            .line = value->key_place.line,
        };
        return WEIR_OK;
    }
    return WEIR_OK;
}

void wr_files_provider(wr_files *files, wr_provider *ret)
{
    *ret = (wr_provider){
        .name = files->secrets ? "secrets.toml" : "config.toml",
        .kind = files->secrets ? "key in secrets.toml" : "key in config.toml",
        .holds_secrets = files->secrets,
        .empty = !has_keys(files),
        .get = get,
        .spell = wr_key_dotted,
        .self = files,
    };
}

weir_status wr_files_open(weir_ctx *cx, wr_files *files, weir_str project, wr_provider *ret)
{
    const char *name = files->secrets ? "secrets.toml" : "config.toml";
    wr_location locations[WR_LOCATIONS_MAX];
    const weir_str folders[] = { settings_folder(files->arena, project),
                                 global_folder(files->arena) };
    for (size_t i = 0; i < WR_FILES_MAX; i++)
        WEIR_TRY(read_file(cx, files, folders[i], name, &locations[i]));
    wr_files_provider(files, ret);
    memcpy(ret->locations, locations, sizeof locations);
    return WEIR_OK;
}

struct keys {
    wr_arena *arena;
    wr_key_visit visit;
    void *self;
};

static weir_status visit_table(weir_ctx *cx, const struct keys *keys, weir_str path,
                               const wr_toml *table)
{
    for (const wr_toml *member = table->first; member; member = member->next) {
        const weir_str dotted = wr_arena_printf(keys->arena, "%.*s%s%.*s", WR_STR(path),
                                                path.len > 0 ? "." : "", WR_STR(member->key));
        bool inside = false;
        WEIR_TRY(keys->visit(cx, keys->self, dotted, member, &inside));
        if (inside && member->kind == WR_TOML_TABLE)
            WEIR_TRY(visit_table(cx, keys, dotted, member)); /* at most WR_TOML_DEPTH levels */
    }
    return WEIR_OK;
}

weir_status wr_files_visit(weir_ctx *cx, const wr_files *files, wr_arena *arena, wr_key_visit visit,
                           void *self)
{
    const struct keys keys = { arena, visit, self };
    for (size_t i = 0; i < files->len; i++)
        WEIR_TRY(visit_table(cx, &keys, (weir_str){ 0 }, files->roots[i]));
    return WEIR_OK;
}
