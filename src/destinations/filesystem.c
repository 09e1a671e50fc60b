/* The destination `filesystem`: a load writes its files where nobody looks, and all of them appear with its commit
 * (lake_store.h). Where they lie and what they are called is dlt's: lake_layout.h, lake_ledger.h. */
#include "destinations/filesystem.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/filesystem_parts.h"
#include "format/jsonl_write.h"

static const weir_option options[] = {
    { "bucket_url", .required = true, .help = "folder of the datasets: a path, or file:///path" },
    { "layout", .standard = "{table_name}/{load_id}.{file_id}.{ext}",
      .help = "where the files of a table lie in the dataset" },
    { "extra_placeholders", WEIR_OPTION_MAP, .help = "names and texts, for the layout" },
    { "current_datetime", .help = "the time that dates in the layout show; by itself the load's" },
    { "max_state_files", WEIR_OPTION_INT, "100",
      .help = "how many states of a pipeline are kept; 0: all" },
    { "warn_unsafe_layout_separators", WEIR_OPTION_BOOL, "true",
      .help = "warn of a layout by which tables cannot be told apart" },
    { 0 },
};

/* ---- opening ---- */

static weir_status open_filesystem(weir_ctx *cx, void *arg, const weir_target *target)
{
    wr_lake *self = arg;
    self->recorder = target->recorder;
    self->pipeline = wr_arena_str(&self->texts, target->pipeline);
    self->max_state_files = weir_option_int(target->options, "max_state_files");
    self->state = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    WEIR_TRY(wr_lake_layout_read(cx, &self->texts, target->options, &self->layout));
    WEIR_TRY(wr_lake_writing_read(cx, target->writing, &self->writing));
    WEIR_TRY(wr_lake_store_open(cx, &self->store, weir_option_text(target->options, "bucket_url"),
                                target->local_dir, target->dataset));
    self->location = wr_arena_printf(&self->texts, "file://%.*s", WR_STR(self->store.bucket));
    if (target->recorder)
        return wr_lake_store_probe(cx, &self->store);
    return target->read_only ? WEIR_OK : wr_lake_store_recover(cx, &self->store);
}

static weir_status restore(weir_ctx *cx, void *arg, weir_str schema_name, weir_restored *ret)
{
    wr_lake *self = arg;
    return wr_lake_restore(cx, &self->store, &self->texts, self->pipeline, schema_name, ret);
}

static weir_status knows(weir_ctx *cx, void *arg, weir_str load_id, bool *ret)
{
    const wr_lake *self = arg;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_lake_entries loads = { 0 };
    WEIR_TRY(wr_lake_entries_list(cx, &self->store, &arena, WR_LAKE_LOADS, &loads));
    *ret = false;
    for (size_t i = 0; i < loads.len; i++)
        *ret |= wr_str_eq(loads.ptr[i].when, load_id);
    return WEIR_OK;
}

/* ---- rows ---- */

static void forget_load(wr_lake *self)
{
    for (size_t i = 0; i < self->tables.len; i++) {
        wr_lake_table *table = self->tables.entries[i].value;
        wr_vec_done(&table->files.numbers);
    }
    wr_map_clear(&self->tables);
    wr_lake_writer_done(&self->writer);
    wr_buf_clear(&self->state);
    wr_arena_done(&self->arena);
    self->arena = (wr_arena){ 0 };
    self->has_state = self->forgets = false;
    self->last_number = 0;
}

static weir_status begin(weir_ctx *cx, void *arg, const weir_load_job *load)
{
    wr_lake *self = arg;
    self->writer = (wr_lake_writer){
        .store = &self->store,
        .writing = &self->writing,
        .last_number = &self->last_number,
    };
    wr_lake_writer_init(&self->writer);
    WEIR_TRY(wr_lake_version_read(cx, &self->store, &self->version));
    WEIR_TRY(wr_fault(cx, "load.begin"));
    if (!self->version.exists)
        wr_lake_tell(cx, self, WEIR_STEP_SHAPE, "make dataset '%.*s'", WR_STR(self->store.dataset));
    return self->recorder ? WEIR_OK : wr_lake_store_begin(cx, &self->store, load->load_id);
}

static wr_lake_table *table_of(wr_lake *self, weir_str name)
{
    wr_lake_table *found = wr_map_get(&self->tables, name);
    if (found)
        return found;
    wr_lake_table *ret = wr_arena_new(&self->arena, wr_lake_table);
    ret->name = wr_arena_str(&self->arena, name);
    wr_map_put(&self->tables, ret->name, ret);
    return ret;
}

static bool has_columns(const weir_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type != WEIR_NO_TYPE)
            return true;
    return false;
}

/* Rows of a plan pass by on their way to nowhere. */
static weir_status pass_rows(weir_ctx *cx, struct ArrowArrayStream *rows)
{
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        struct ArrowArray batch = { 0 };
        if (rows->get_next(rows, &batch) != 0)
            return weir_fail(cx, WEIR_IO, "%s", rows->get_last_error(rows));
        if (!batch.release)
            return WEIR_OK;
        batch.release(&batch);
    }
}

/* The document of a state is its row without the row's id, which dlt would not understand. */
static weir_status keep_state(weir_ctx *cx, wr_lake *self, const weir_table *table,
                              const struct ArrowArray *batch)
{
    wr_auto(buf) wr_buf line = wr_buf_max(WR_LAKE_DOCUMENT_MAX);
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = NULL;
    wr_cells cells = { .table = table, .batch = batch };
    WEIR_TRY(wr_jsonl_write(cx, &cells, &line));
    WEIR_TRY(wr_node_parse(cx, &arena, wr_buf_view(&line), &doc));
    wr_node_remove(doc, wr_lit("_dlt_id"));
    wr_buf_clear(&self->state);
    wr_node_write(&self->state, doc, WR_JSON_COMPACT);
    self->has_state = true;
    return wr_buf_check(cx, &self->state, "the pipeline's state");
}

static weir_status take_state(weir_ctx *cx, wr_lake *self, const weir_table *table,
                              struct ArrowArrayStream *rows)
{
    for (;;) {
        struct ArrowArray batch = { 0 };
        if (rows->get_next(rows, &batch) != 0)
            return weir_fail(cx, WEIR_IO, "%s", rows->get_last_error(rows));
        if (!batch.release)
            return WEIR_OK;
        const weir_status status = batch.length > 0 ? keep_state(cx, self, table, &batch) : WEIR_OK;
        batch.release(&batch);
        WEIR_TRY(status);
    }
}

/* A table that got no rows has a file nevertheless, as with dlt, so that readers find its columns. */
static weir_status need_file(weir_ctx *cx, wr_lake *self, wr_lake_table *into,
                             const weir_table *table)
{
    if (self->recorder || !has_columns(table))
        return WEIR_OK;
    return wr_lake_need_file(cx, &self->writer, &into->files, table);
}

static weir_status write_table(weir_ctx *cx, wr_lake *self, const weir_table *table,
                               weir_disposition disposition, struct ArrowArrayStream *rows)
{
    WEIR_TRY(wr_fault(cx, "load.write"));
    wr_lake_table *into = table_of(self, table->name);
    if (wr_str_eq(table->name, wr_lit(WR_LAKE_STATES)) && rows)
        return take_state(cx, self, table, rows);
    if (wr_str_starts(table->name, wr_lit("_dlt")))
        return WEIR_OK; /* the ledgers, which get files of their own */

    into->replaced |= disposition == WEIR_INTO_REPLACE;
    WEIR_TRY(wr_lake_format_find(cx, &self->writing, table->file_format, &into->files.format));
    if (!rows)
        return need_file(cx, self, into, table);
    return self->recorder ? pass_rows(cx, rows)
                          : wr_lake_write(cx, &self->writer, &into->files, table, rows);
}

static weir_status write_rows(weir_ctx *cx, void *arg, const weir_table *table,
                              weir_disposition disposition, struct ArrowArrayStream *rows)
{
    return wr_context(cx, write_table(cx, arg, table, disposition, rows), "loading table '%.*s'",
                      WR_STR(table->name));
}

static bool stages(const void *self, weir_disposition disposition)
{
    (void)self;
    (void)disposition;
    return false; /* nothing is seen before the commit in any case */
}

/* ---- what goes ---- */

static weir_status drop(weir_ctx *cx, void *arg, const weir_load_job *load, const weir_str *tables,
                        size_t count)
{
    wr_lake *self = arg;
    (void)load;
    for (size_t i = 0; i < count; i++)
        table_of(self, tables[i])->replaced = true;
    self->forgets = true;
    return wr_fault(cx, "load.drop");
}

static weir_status empty(weir_ctx *cx, void *arg, const weir_table *table)
{
    table_of(arg, table->name)->replaced = true;
    return wr_fault(cx, "load.empty");
}

static weir_status settle(weir_ctx *cx, void *arg, const weir_chain *chain)
{
    wr_lake *self = arg;
    wr_assert(chain->disposition == WEIR_INTO_REPLACE); /* it cannot merge */
    for (size_t i = 0; i < chain->count; i++)
        table_of(self, chain->tables[i]->name)->replaced = true;
    const weir_table *root = chain->tables[0];
    wr_lake_table *into = table_of(self, root->name);
    WEIR_TRY(wr_lake_format_find(cx, &self->writing, root->file_format, &into->files.format));
    return wr_context(cx, need_file(cx, self, into, root), "replacing table '%.*s'",
                      WR_STR(root->name));
}

static weir_status commit(weir_ctx *cx, void *arg, const weir_load_job *load)
{
    wr_lake *self = arg;
    WEIR_TRY(wr_context(cx, wr_lake_commit_load(cx, self, load), "committing load '%.*s'",
                        WR_STR(load->load_id)));
    forget_load(self);
    return wr_fault(cx, "load.committed");
}

static void rollback(void *arg)
{
    wr_lake *self = arg;
    wr_lake_store_rollback(&self->store);
    forget_load(self);
}

/* ---- the rest ---- */

/* What takes long is the reading of rows, which looks at the cancel token. */
static void cancel(void *self)
{
    (void)self;
}

static void close_filesystem(void *arg)
{
    wr_lake *self = arg;
    rollback(self);
    wr_lake_store_close(&self->store);
    wr_map_done(&self->tables);
    wr_buf_done(&self->state);
    wr_arena_done(&self->texts);
}

static weir_str location(void *arg)
{
    const wr_lake *self = arg;
    return self->location;
}

static weir_status query(weir_ctx *cx, void *arg, weir_str sql, struct ArrowArrayStream *ret)
{
    const wr_lake *self = arg;
    (void)sql;
    (void)ret;
    return weir_fail(
        cx, WEIR_UNSUPPORTED,
        "the destination 'filesystem' cannot be asked in SQL\n"
        "hint: its files lie in '%.*s/%.*s'; DuckDB reads those of a table: select * from "
        "'%.*s/%.*s/TABLE/*.jsonl.gz'",
        WR_STR(self->store.bucket), WR_STR(self->store.dataset), WR_STR(self->store.bucket),
        WR_STR(self->store.dataset));
}

const weir_destination wr_destination_filesystem = {
    .name = "filesystem",
    .type = "dlt.destinations.filesystem",
    .options = options,
    .locator = "bucket_url",
    .caps = { .identifier_max = 65536 },
    .self_size = sizeof(wr_lake),
    .open = open_filesystem,
    .restore = restore,
    .knows = knows,
    .begin = begin,
    .drop = drop,
    .empty = empty,
    .write = write_rows,
    .stages = stages,
    .settle = settle,
    .commit = commit,
    .rollback = rollback,
    .cancel = cancel,
    .close = close_filesystem,
    .location = location,
    .query = query,
};
