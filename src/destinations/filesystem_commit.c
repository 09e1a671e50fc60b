/* The end of a load into files: which files appear, under which paths, and which go. */
#include "base/ctx.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/filesystem_parts.h"

/* Bytes of dlt's file ids, which are hexadecimal. */
#define FILE_ID_BYTES 5

void wr_lake_tell(weir_ctx *cx, const wr_lake *self, weir_step step, const char *format, ...)
{
    wr_auto(buf) wr_buf text = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    va_list args;
    va_start(args, format);
    wr_buf_vprintf(&text, format, args);
    va_end(args);
    wr_log(cx, "files", WR_LOG_DEBUG, "%s", wr_buf_text(&text));
    if (self->recorder)
        self->recorder->statement(self->recorder->self, step, wr_buf_view(&text));
}

/* What goes into it. Texts are of the load. */
typedef struct ending {
    weir_ctx *cx;
    wr_lake *self;
    const weir_load_job *load;
    wr_lake_commit commit;
    wr_map paths;  /* of files that are published */
    wr_map listed; /* folder → wr_lake_paths: what is in it before the commit */
} ending;

static weir_status add_file(ending *e, size_t number, weir_str path)
{
    if (wr_map_find(&e->paths, path) >= 0)
        return weir_fail(e->cx, WEIR_CONFIG,
                         "by the layout '%.*s' two files of this load have the path '%.*s'\n"
                         "hint: put {file_id} into the layout",
                         WR_STR(e->self->layout.text), WR_STR(path));
    wr_map_put(&e->paths, path, e);
    *wr_vec_push(&e->commit.published) = (wr_lake_published){ number, path };
    return WEIR_OK;
}

/* A file that is made of one text. */
static weir_status add_text(ending *e, weir_str path, const wr_buf *text)
{
    WEIR_TRY(wr_buf_check(e->cx, text, path.ptr));
    const size_t number = ++e->self->last_number;
    WEIR_TRY(wr_lake_store_append(e->cx, &e->self->store, number, wr_buf_view(text)));
    return add_file(e, number, path);
}

/* Seconds with a fraction; dlt's load ids are times. */
static weir_time time_of(const weir_load_job *load)
{
    weir_str rest = load->load_id;
    weir_str seconds = { 0 };
    int64_t whole = 0;
    if (!wr_str_split(&rest, '.', &seconds) || !wr_int_parse(seconds, &whole) ||
        whole > WR_TIME_MAX / WR_US_PER_SECOND)
        return load->started;
    weir_time time = whole * WR_US_PER_SECOND;
    int64_t unit = WR_US_PER_SECOND / 10;
    for (size_t i = 0; i < rest.len && unit > 0 && rest.ptr[i] >= '0' && rest.ptr[i] <= '9'; i++) {
        time += (rest.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return time;
}

/* The same file of the same load has the same id whenever it is written. */
static weir_str file_id(wr_arena *arena, weir_str load_id, weir_str table, size_t number)
{
    uint8_t hash[16];
    const weir_str key =
        wr_arena_printf(arena, "%.*s/%.*s/%zu", WR_STR(load_id), WR_STR(table), number);
    wr_hash128(hash, key.ptr, key.len, 0);
    char *text = wr_arena_alloc(arena, 2 * FILE_ID_BYTES + 1);
    for (size_t i = 0; i < FILE_ID_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return (weir_str){ text, 2 * FILE_ID_BYTES };
}

static weir_status add_table_files(ending *e, const wr_lake_table *table)
{
    const wr_lake *self = e->self;
    wr_lake_name name = {
        .schema = e->load->schema_name,
        .table = table->name,
        .load_id = e->load->load_id,
        .load_time = time_of(e->load),
        .ext = weir_str_of(
            wr_lake_ext(table->files.format, self->writing.packs && !self->version.is_old)),
    };
    for (size_t i = 0; i < table->files.numbers.len; i++) {
        wr_auto(buf) wr_buf path = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
        name.file_id = file_id(&e->self->arena, name.load_id, name.table, i);
        WEIR_TRY(wr_lake_layout_path(e->cx, &self->layout, &name, &path));
        WEIR_TRY(add_file(e, table->files.numbers.ptr[i],
                          wr_arena_str(&e->self->arena, wr_buf_view(&path))));
    }
    return WEIR_OK;
}

static weir_status add_init(ending *e)
{
    const wr_lake_version *version = &e->self->version;
    wr_auto(buf) wr_buf text = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    if (version->exists && !version->is_behind)
        return WEIR_OK;
    wr_lake_version_write(&text, version);
    return add_text(e, wr_lit(WR_LAKE_INIT), &text);
}

/* A version is stored once: its hash tells. A new one is the newest also when the clock runs back. */
static weir_status add_schema(ending *e)
{
    wr_arena *arena = &e->self->arena;
    const weir_str hex = wr_lake_hex(arena, e->load->schema.hash);
    wr_lake_entries versions = { 0 };
    WEIR_TRY(wr_lake_entries_list(e->cx, &e->self->store, arena, WR_LAKE_VERSIONS, &versions));
    for (size_t i = 0; i < versions.len; i++) {
        const wr_lake_entry *entry = &versions.ptr[i];
        if (e->self->forgets && wr_str_eq(entry->owner, e->load->schema_name))
            *wr_vec_push(&e->commit.removed) = entry->path;
        else if (wr_str_eq(entry->hash, hex))
            return WEIR_OK;
    }
    char now[WR_TIME_TEXT];
    weir_str when = { now, wr_time_seconds(now, wr_now(e->cx)) };
    const wr_lake_entry *newest = wr_lake_entries_newest(&versions, e->load->schema_name);
    if (newest && wr_str_cmp(when, newest->when) <= 0)
        when = wr_arena_printf(arena, "%.*s1", WR_STR(newest->when));

    wr_auto(buf) wr_buf text = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    wr_lake_write_schema(e->cx, &text, e->load);
    return add_text(e,
                    wr_lake_entry_path(arena, WR_LAKE_VERSIONS, e->load->schema_name, when,
                                       e->load->schema.hash),
                    &text);
}

/* The oldest of the pipeline's states go when there are too many; the new one is among them. */
static weir_status trim_states(ending *e)
{
    const wr_lake *self = e->self;
    wr_lake_entries states = { 0 };
    WEIR_TRY(wr_lake_entries_list(e->cx, &self->store, &e->self->arena, WR_LAKE_STATES, &states));
    size_t kept = 1;
    for (size_t i = 0; i < states.len; i++)
        kept += wr_str_eq(states.ptr[i].owner, self->pipeline);
    for (size_t i = 0; i < states.len && kept > (size_t)self->max_state_files; i++) {
        /* names of one pipeline are in order of the load ids */
        if (!wr_str_eq(states.ptr[i].owner, self->pipeline))
            continue;
        *wr_vec_push(&e->commit.removed) = states.ptr[i].path;
        kept--;
    }
    return WEIR_OK;
}

static weir_status add_state(ending *e)
{
    const wr_lake *self = e->self;
    if (!self->has_state)
        return WEIR_OK;
    const weir_str path = wr_lake_entry_path(&e->self->arena, WR_LAKE_STATES, self->pipeline,
                                             e->load->load_id, e->load->schema.hash);
    WEIR_TRY(add_text(e, path, &self->state));
    return self->max_state_files > 0 ? trim_states(e) : WEIR_OK;
}

static weir_status add_load(ending *e)
{
    wr_auto(buf) wr_buf text = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    wr_lake_write_load(e->cx, &text, e->load);
    return add_text(e,
                    wr_lake_entry_path(&e->self->arena, WR_LAKE_LOADS, e->load->schema_name,
                                       e->load->load_id, (weir_str){ 0 }),
                    &text);
}

/* Files of a folder, listed once. */
static weir_status list_once(ending *e, weir_str folder, const wr_lake_paths **ret)
{
    wr_arena *arena = &e->self->arena;
    wr_lake_paths *found = wr_map_get(&e->listed, folder);
    if (!found) {
        found = wr_arena_new(arena, wr_lake_paths);
        WEIR_TRY(wr_lake_store_list(e->cx, &e->self->store, arena, folder, found));
        wr_map_put(&e->listed, folder, found);
    }
    *ret = found;
    return WEIR_OK;
}

static bool is_init(weir_str path)
{
    return wr_str_eq(path, wr_lit(WR_LAKE_INIT)) || wr_str_ends(path, wr_lit("/" WR_LAKE_INIT));
}

static weir_status remove_earlier(ending *e, const wr_lake_table *table, weir_str prefix)
{
    const wr_lake_paths *paths = NULL;
    size_t count = 0;
    WEIR_TRY(list_once(e, wr_lake_folder(prefix), &paths));
    for (size_t i = 0; i < paths->len; i++) {
        if (!wr_str_starts(paths->ptr[i], prefix) || is_init(paths->ptr[i]))
            continue;
        *wr_vec_push(&e->commit.removed) = paths->ptr[i];
        count++;
    }
    if (count > 0)
        wr_lake_tell(e->cx, e->self, WEIR_STEP_ROWS, "remove %zu files of table '%.*s'", count,
                     WR_STR(table->name));
    return WEIR_OK;
}

/* Its folder is there, also when it has no files; what is in it of earlier loads may go. */
static weir_status end_table(ending *e, const wr_lake_table *table)
{
    wr_auto(buf) wr_buf text = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    wr_lake_layout_prefix(&e->self->layout, e->load->schema_name, table->name, &text);
    WEIR_TRY(wr_buf_check(e->cx, &text, "the path of a table"));
    const weir_str prefix = wr_arena_str(&e->self->arena, wr_buf_view(&text));
    const weir_str folder = wr_lake_folder(prefix);
    *wr_vec_push(&e->commit.folders) = folder;
    return table->replaced ? remove_earlier(e, table, prefix) : WEIR_OK;
}

static weir_status end_tables(ending *e)
{
    const wr_map *tables = &e->self->tables;
    for (size_t i = 0; i < tables->len; i++)
        WEIR_TRY(end_table(e, tables->entries[i].value));
    return WEIR_OK;
}

static weir_status add_files(ending *e)
{
    const wr_map *tables = &e->self->tables;
    WEIR_TRY(add_init(e));
    WEIR_TRY(add_schema(e));
    for (size_t i = 0; i < tables->len; i++)
        WEIR_TRY(add_table_files(e, tables->entries[i].value));
    WEIR_TRY(add_state(e));
    return add_load(e);
}

static weir_status commit_all(ending *e)
{
    wr_lake *self = e->self;
    WEIR_TRY(end_tables(e));
    if (self->recorder)
        return WEIR_OK;
    WEIR_TRY(wr_fault(e->cx, "load.bookkeep"));
    WEIR_TRY(add_files(e));
    WEIR_TRY(wr_fault(e->cx, "load.commit"));
    return wr_lake_store_commit(e->cx, &self->store, &e->commit);
}

weir_status wr_lake_commit_load(weir_ctx *cx, wr_lake *self, const weir_load_job *load)
{
    ending e = { .cx = cx, .self = self, .load = load };
    const weir_status status = commit_all(&e);
    wr_lake_commit_done(&e.commit);
    wr_map_done(&e.paths);
    wr_map_done(&e.listed);
    return status;
}
