/* One transaction: batches into statements, then bookkeeping and commit. */
#include "pipeline/load.h"

#include <errno.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "pipeline/admission.h"
#include "pipeline/chains.h"
#include "pipeline/feed.h"
#include "pipeline/refresh.h"
#include "pipeline/state.h"
#include "schema/contract.h"

/* A table of this load and its batches that wait for a statement. */
typedef struct load_table {
    weir_str name;
    wr_fed *first;
    wr_fed *last;
    size_t waiting; /* bytes */
    size_t columns; /* of its last statement */
    int64_t rows;   /* handed to the destination */
} load_table;

typedef struct loader {
    weir_ctx *cx;
    const wr_load_args *args;
    wr_admission admission;
    wr_schema *base;        /* the stored schema without what the load takes away; NULL: none */
    const wr_node *refresh; /* what that is; NULL: nothing */
    wr_chain_args chains;
    wr_feed feed;
    wr_arena arena;
    /* Batches of other tables may fill half of the budget before a statement ends for them, and a new statement pulls live
     * only while less than an eighth waits: so a big table's is not cut again and again by small ones. */
    size_t budget;
    wr_map tables; /* name → load_table, in order of the first batch */
    size_t waiting;
    bool drained;   /* the feed has ended */
    bool emptied;   /* tables lost rows, and got none for them */
    wr_error error; /* of the feed, met inside of a statement */
    int64_t rows;
    wr_buf begun; /* text of the first file to import */
} loader;

/* ---- batches that wait ---- */

static load_table *table_of(loader *l, weir_str name)
{
    load_table *found = wr_map_get(&l->tables, name);
    if (found)
        return found;
    load_table *ret = wr_arena_new(&l->arena, load_table);
    ret->name = wr_arena_str(&l->arena, name);
    wr_map_put(&l->tables, ret->name, ret);
    return ret;
}

static void put_waiting(loader *l, load_table *table, wr_fed *fed)
{
    fed->next = NULL;
    if (table->last)
        table->last->next = fed;
    else
        table->first = fed;
    table->last = fed;
    table->waiting += fed->size;
    l->waiting += fed->size;
}

static wr_fed *take_waiting(loader *l, load_table *table)
{
    wr_fed *fed = table->first;
    if (!fed)
        return NULL;
    table->first = fed->next;
    if (!table->first)
        table->last = NULL;
    table->waiting -= fed->size;
    l->waiting -= fed->size;
    return fed;
}

static load_table *most_waiting(const loader *l)
{
    load_table *ret = NULL;
    for (size_t i = 0; i < l->tables.len; i++) {
        load_table *table = l->tables.entries[i].value;
        if (table->first && (!ret || table->waiting > ret->waiting))
            ret = table;
    }
    return ret;
}

/* The next batch from the feed, put where it waits; *ret NULL at the end. */
static weir_status receive(loader *l, load_table **ret)
{
    void *item = NULL;
    size_t size = 0;
    WEIR_TRY(wr_queue_receive(l->cx, l->feed.queue, &item, &size));
    *ret = NULL;
    if (!item) {
        l->drained = true;
        return WEIR_OK;
    }
    wr_fed *fed = item;
    *ret = table_of(l, fed->batch->table);
    put_waiting(l, *ret, fed);
    return WEIR_OK;
}

/* All batches that the feed has ready, without waiting for more. */
static weir_status receive_ready(loader *l)
{
    while (!l->drained) {
        void *item = NULL;
        size_t size = 0;
        bool waiting = false;
        WEIR_TRY(wr_queue_poll(l->cx, l->feed.queue, &item, &size, &waiting));
        if (waiting)
            return WEIR_OK;
        l->drained = !item;
        if (item)
            put_waiting(l, table_of(l, ((wr_fed *)item)->batch->table), item);
    }
    return WEIR_OK;
}

/* ---- one statement ---- */

/* The stream that a statement reads: the waiting batches of its table, then live ones. */
typedef struct statement {
    loader *l;
    load_table *table;
    wr_schema *schema; /* counted */
    const wr_table *target;
    weir_column *columns; /* the complete ones */
    size_t count;
    bool live;
} statement;

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    const statement *s = stream->private_data;
    wr_arrow_schema(ret, s->columns, s->count);
    return 0;
}

static const char *stream_error(struct ArrowArrayStream *stream)
{
    const statement *s = stream->private_data;
    return s->l->error.message;
}

static void stream_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static size_t complete_columns(const wr_table *table)
{
    size_t ret = 0;
    for (size_t i = 0; i < table->pub.column_count; i++)
        ret += table->pub.columns[i].type != WEIR_NO_TYPE;
    return ret;
}

/* Does the batch need columns that the statement does not have? */
static bool outgrows(const statement *s, const wr_fed *fed)
{
    if (fed->schema == s->schema)
        return false;
    const wr_table *table = wr_schema_table(fed->schema, s->table->name);
    return table != s->target && complete_columns(table) > s->count;
}

/* Does the table need columns that its last statement did not have? */
static bool grows(const load_table *table)
{
    const wr_table *newest = wr_schema_table(table->last->schema, table->name);
    return table->columns && complete_columns(newest) > table->columns;
}

static void release_fed(struct ArrowArray *array)
{
    array->release = NULL;
    wr_fed_release(array->private_data);
}

static void look_at(const statement *s, const struct ArrowArray *batch)
{
    struct ArrowSchema schema;
    wr_arrow_schema(&schema, s->columns, s->count);
    s->l->args->look(s->l->args->look_self, s->table->name, &schema, batch);
    schema.release(&schema);
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    statement *s = stream->private_data;
    loader *l = s->l;
    *ret = (struct ArrowArray){ 0 };
    while (!s->table->first && s->live && !l->drained && l->waiting < l->budget / 2) {
        load_table *got = NULL;
        if (receive(l, &got) != WEIR_OK) {
            l->error = l->cx->error;
            return EIO;
        }
    }
    if (!s->table->first || outgrows(s, s->table->first))
        return 0; /* the end of this statement */

    wr_fed *fed = take_waiting(l, s->table);
    s->table->rows += fed->batch->rows;
    l->rows += fed->batch->rows;
    wr_batch_export(fed->batch, s->columns, s->count, ret);
    ret->private_data = fed;
    ret->release = release_fed;
    if (l->args->look)
        look_at(s, ret);
    if (l->args->progress)
        l->args->progress(l->args->progress_self, "load", l->rows, 0);
    return 0;
}

static void select_columns(statement *s)
{
    const weir_table *table = &s->target->pub;
    s->columns = wr_new_array(table->column_count + 1, weir_column);
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type != WEIR_NO_TYPE)
            s->columns[s->count++] = table->columns[i];
}

/* "skip" is for tables that others fill: dlt, too, takes them into the schema, and refuses rows. */
static weir_status check_takes_rows(const loader *l, const statement *s)
{
    const wr_table *root = wr_schema_root(s->schema, s->target);
    if (!wr_str_eq(root->write, wr_lit("skip")))
        return WEIR_OK;
    return weir_fail(
        l->cx, WEIR_REJECTED,
        "table '%.*s' got rows, and has the write disposition 'skip', which loads none\n"
        "hint: leave its resource out of the run, or let it append, replace or merge",
        WR_STR(s->table->name));
}

/* Nested tables are stored as their root table says. */
static weir_table with_format(const wr_schema *schema, const wr_table *table)
{
    weir_table ret = table->pub;
    if (ret.file_format.len == 0)
        ret.file_format = wr_schema_root(schema, table)->pub.file_format;
    return ret;
}

/* Write what waits for one table, and what comes for it meanwhile. */
static weir_status run_statement(loader *l, load_table *table)
{
    if (grows(table))
        WEIR_TRY(receive_ready(l)); /* one statement for all columns that are on their way */
    statement s = {
        .l = l,
        .table = table,
        .schema = wr_schema_hold(table->last->schema), /* has the columns of all that wait */
        .live = l->waiting - table->waiting < l->budget / 8,
    };
    s.target = wr_schema_table(s.schema, table->name);
    select_columns(&s);
    table->columns = s.count;
    struct ArrowArrayStream stream = { stream_schema, stream_next, stream_error, stream_release,
                                       &s };

    const wr_load_args *args = l->args;
    const weir_disposition into = wr_chain_disposition(&l->chains, s.schema, s.target);
    const weir_table written = with_format(s.schema, s.target);
    weir_status status = check_takes_rows(l, &s);
    if (status == WEIR_OK)
        status = args->destination->write(l->cx, args->self, &written, into, &stream);
    if (l->error.status != WEIR_OK)
        status = wr_error_adopt(l->cx, &l->error);
    wr_free(s.columns);
    wr_schema_drop(s.schema);
    return status;
}

static weir_status write_all(loader *l)
{
    for (;;) {
        load_table *next = most_waiting(l);
        if (!next && l->drained)
            return WEIR_OK;
        if (!next)
            WEIR_TRY(receive(l, &next));
        if (next)
            WEIR_TRY(run_statement(l, next));
    }
}

/* ---- around the rows ---- */

static bool got_rows(const loader *l, weir_str table)
{
    return wr_map_get(&l->tables, table) != NULL;
}

/* Merges need a table of the chain that got rows. Tables that are replaced lose theirs also when none came. */
static weir_status settle_chain(loader *l, const weir_chain *chain)
{
    bool got_any = false;
    for (size_t i = 0; i < chain->count; i++)
        got_any |= got_rows(l, chain->tables[i]->name);
    if (!got_any && chain->disposition == WEIR_INTO_MERGE)
        return WEIR_OK;
    l->emptied |= !got_any;
    return l->args->destination->settle(l->cx, l->args->self, chain);
}

static weir_status settle_chains(loader *l, const wr_schema *schema)
{
    for (size_t i = 0; i < schema->tables.len; i++) {
        const wr_table *root = schema->tables.ptr[i];
        if (root->pub.parent.len || !wr_chain_has_rows(&l->chains, root) ||
            wr_chain_disposition(&l->chains, schema, root) == WEIR_INTO_APPEND)
            continue;
        weir_chain chain;
        WEIR_TRY(wr_chain_make(l->cx, &l->arena, &l->chains, schema, root, &chain));
        WEIR_TRY(settle_chain(l, &chain));
    }
    return WEIR_OK;
}

/* A root table whose rows were all left out gets the columns that they brought all the same. */
static weir_status widen_tables(loader *l, const wr_schema *schema)
{
    for (size_t i = 0; i < schema->tables.len; i++) {
        const wr_table *table = schema->tables.ptr[i];
        const wr_table_losses *losses = wr_losses_of(&l->feed.losses, table->pub.name);
        if (table->pub.parent.len || got_rows(l, table->pub.name) || !losses || !losses->rows ||
            !wr_chain_has_rows(&l->chains, table))
            continue;
        WEIR_TRY(
            l->args->destination->write(l->cx, l->args->self, &table->pub, WEIR_INTO_APPEND, NULL));
    }
    return WEIR_OK;
}

/* dlt's ledgers are there before the bookkeeping writes to them. The staged tables have their own of versions. */
static weir_status make_ledgers(loader *l, const wr_schema *schema, bool staged)
{
    static const char *const names[] = { "_dlt_version", "_dlt_loads" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const wr_table *table = wr_schema_table(schema, weir_str_of(names[i]));
        const weir_disposition into = staged && i == 0 ? WEIR_INTO_MERGE : WEIR_INTO_APPEND;
        if (!table)
            return weir_fail(l->cx, WEIR_CORRUPT, "the stored schema has no table '%s'", names[i]);
        WEIR_TRY(l->args->destination->write(l->cx, l->args->self, &table->pub, into, NULL));
    }
    return WEIR_OK;
}

/* Merge what the contract allows of an announced table. */
static weir_status announce_table(loader *l, wr_schema *schema, const wr_node *table)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *allowed = NULL;
    WEIR_TRY(wr_contract_announce(l->cx, schema, &arena, table, &allowed));
    if (allowed)
        return wr_schema_merge_table(l->cx, schema, allowed);
    wr_admission_discard(&l->admission, wr_node_get_text(table, "name"));
    return WEIR_OK;
}

/* What the source says for all tables takes the place of what it said before; resources without a source say nothing. The
 * configuration beats both. */
static weir_status apply_settings(weir_ctx *cx, wr_schema *schema, const wr_node *settings)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const wr_node *json = wr_node_get(settings, "json_config");
    const wr_node *nesting = wr_node_get(settings, "max_nesting");
    const wr_node *contract = wr_node_get(settings, "schema_contract");
    if (contract)
        wr_schema_set_contract(schema, contract);
    if (json || nesting)
        wr_schema_clear_json_config(schema);
    if (!json && (!nesting || nesting->kind == WR_NODE_NULL))
        return WEIR_OK;
    wr_naming naming;
    WEIR_TRY(wr_naming_find(cx, wr_node_get_text(schema->normalizers, "names"), 0, &naming));
    if (json)
        return wr_schema_set_json_config(cx, schema, &naming, json);
    wr_node *own = wr_node_new(&arena, WR_NODE_OBJECT);
    wr_node_set(&arena, own, wr_lit("max_nesting"), wr_node_copy(&arena, nesting));
    return wr_schema_set_json_config(cx, schema, &naming, own);
}

static weir_status announce_all(loader *l, wr_schema *schema)
{
    const wr_node *tables = wr_node_get(l->args->manifest, "tables");
    for (const wr_node *item = tables ? tables->first : NULL; item; item = item->next)
        WEIR_TRY(announce_table(l, schema, item));
    return WEIR_OK;
}

/* A schema that begins again is imported again, once what is announced has begun it. */
static weir_status import_anew(loader *l, wr_schema **schema)
{
    const wr_exchange *exchange = l->args->exchange;
    if (!wr_node_get_bool(l->refresh, "fresh", false) || !exchange || !exchange->import_dir.len)
        return WEIR_OK;
    WEIR_TRY(wr_exchange_import(l->cx, exchange, l->args->schema_name, schema));
    (*schema)->no_merge = l->args->destination->caps.merges == 0;
    return announce_all(l, *schema);
}

/* The schema as dlt has it after its extract step: announced tables, then the state's, each step with its hash. */
static weir_status announce_tables(loader *l, wr_schema **ret)
{
    weir_ctx *cx = l->cx;
    const wr_load_args *args = l->args;
    wr_schema *schema = l->base ? wr_schema_clone(l->base) : wr_schema_new(args->schema_name);
    schema->no_merge = args->destination->caps.merges == 0;
    char before[WR_SCHEMA_HASH_TEXT];
    char after[WR_SCHEMA_HASH_TEXT];
    weir_status status = apply_settings(cx, schema, wr_node_get(args->manifest, "settings"));
    if (status == WEIR_OK)
        status = announce_all(l, schema);
    wr_schema_hash(schema, before);
    if (schema->hash[0] && strcmp(schema->hash, before) != 0)
        wr_schema_link(schema, schema->hash);

    /* A state table that is stored already keeps its form: dlt 1.26 stored it without descriptions. */
    if (status == WEIR_OK && wr_node_get_bool(args->manifest, "state_changed", false) &&
        !wr_schema_table(schema, wr_lit(WR_STATE_TABLE))) {
        wr_arena arena = { 0 };
        status = wr_schema_merge_table(cx, schema, wr_state_table_doc(&arena));
        wr_arena_done(&arena);
        wr_schema_hash(schema, after);
        if (strcmp(before, after) != 0)
            wr_schema_link(schema, before);
    }
    if (status == WEIR_OK && args->exchange)
        status = wr_exchange_begin(cx, args->exchange, schema, &l->begun);
    if (schema->version == 0)
        schema->hash[0] = '\0'; /* the first version whatever it holds: it may begin anew */
    wr_schema_bump(schema);
    if (status == WEIR_OK)
        status = import_anew(l, &schema);
    if (status == WEIR_OK)
        *ret = schema;
    else
        wr_schema_drop(schema);
    return status;
}

/* The schema after the last row: tables that received some are marked, the version is set. */
static wr_schema *finish_schema(const loader *l, const wr_schema *fed)
{
    wr_schema *ret = wr_schema_clone(fed);
    for (size_t i = 0; i < l->tables.len; i++)
        wr_schema_set_seen_data(ret, l->tables.entries[i].key);
    wr_schema_bump(ret);
    return ret;
}

/* Tables that got rows have the columns that they must have; people are told of others that are missing. */
static weir_status check_columns(const loader *l, const wr_schema *schema)
{
    for (size_t i = 0; i < l->tables.len; i++) {
        const weir_str name = l->tables.entries[i].key;
        const wr_table_losses *losses = wr_losses_of(&l->feed.losses, name);
        WEIR_TRY(wr_schema_check_bound(l->cx, schema, name, losses ? losses->nulls.ptr : NULL,
                                       losses ? losses->nulls.len : 0));
    }
    return WEIR_OK;
}

static void report_drops(const loader *l, wr_loaded *ret)
{
    const wr_map *tables = &l->feed.losses.tables;
    for (size_t i = 0; i < tables->len; i++) {
        const wr_table_losses *lost = tables->entries[i].value;
        if (!lost->rows && !lost->values)
            continue;
        weir_warn(l->cx, "table '%.*s': the schema contract dropped %lld rows and %lld values",
                  WR_STR(lost->table), (long long)lost->rows, (long long)lost->values);
        *wr_vec_push(&ret->drops) =
            (wr_loaded_drop){ wr_arena_str(&ret->arena, lost->table), lost->rows, lost->values };
    }
}

/* Rows came, and none of them is loaded: that is a load all the same, since it counts what was left out. */
static bool came_to_nothing(const loader *l)
{
    return l->admission.admitted > 0 || l->args->quarantine->rows > 0;
}

static int64_t count_columns(const wr_schema *schema)
{
    int64_t count = 0;
    for (size_t i = 0; schema && i < schema->tables.len; i++) {
        const weir_table *table = &schema->tables.ptr[i]->pub;
        for (size_t k = 0; !wr_is_dlt_name(table->name) && k < table->column_count; k++)
            count += table->columns[k].type != WEIR_NO_TYPE;
    }
    return count;
}

static void report(const loader *l, wr_schema *schema, wr_loaded *ret)
{
    *ret = (wr_loaded){
        .schema = schema,
        .columns_added = count_columns(schema) - count_columns(l->base),
        .bad_rows = l->args->quarantine->rows,
    };
    for (size_t i = 0; i < l->tables.len; i++) {
        const load_table *table = l->tables.entries[i].value;
        const weir_str name = wr_schema_table(schema, table->name)->pub.name;
        *wr_vec_push(&ret->tables) = (wr_loaded_table){ name, table->rows };
        if (wr_is_dlt_name(name))
            continue;
        ret->rows += table->rows;
        ret->data_tables++;
    }
    ret->begun_import = wr_arena_str(&ret->arena, wr_buf_view(&l->begun));
}

static weir_status stored(weir_ctx *cx, const wr_schema *schema, wr_buf *json,
                          weir_stored_schema *ret)
{
    wr_schema_write(json, schema, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(cx, json, "the schema"));
    *ret = (weir_stored_schema){ schema->version, weir_str_of(schema->hash), wr_buf_view(json) };
    return WEIR_OK;
}

static weir_status commit(loader *l, const wr_schema *schema, weir_load_job *job)
{
    wr_auto(buf) wr_buf json = wr_buf_max(WR_FILE_MAX);
    wr_auto(buf) wr_buf staged_json = wr_buf_max(WR_FILE_MAX);
    wr_auto(schema) wr_schema *staged =
        wr_chains_staged(&l->chains, schema, l->args->destination, l->args->self);
    WEIR_TRY(make_ledgers(l, schema, staged != NULL));
    WEIR_TRY(stored(l->cx, schema, &json, &job->schema));
    if (staged)
        WEIR_TRY(stored(l->cx, staged, &staged_json, &job->staged));
    WEIR_TRY(wr_quarantine_seal(l->cx, l->args->quarantine));
    return l->args->destination->commit(l->cx, l->args->self, job);
}

static weir_status take_away(loader *l, const weir_load_job *job)
{
    const wr_load_args *args = l->args;
    l->emptied = wr_refresh_takes(l->refresh);
    return wr_refresh_apply(l->cx, l->refresh, args->base, args->destination, args->self, job);
}

/* Inside of the transaction. */
static weir_status transact(loader *l, weir_load_job *job, wr_loaded *ret)
{
    WEIR_TRY(take_away(l, job));
    WEIR_TRY(write_all(l));
    wr_schema *fed = NULL;
    WEIR_TRY(wr_feed_finish(l->cx, &l->feed, &fed));
    wr_admission_report(&l->admission, &l->feed.losses);
    wr_schema *schema = finish_schema(l, fed);
    wr_schema_drop(fed);

    weir_status status = check_columns(l, schema);
    if (status == WEIR_OK)
        status = widen_tables(l, schema);
    if (status == WEIR_OK)
        status = settle_chains(l, schema);
    const bool changes_nothing =
        status == WEIR_OK && l->tables.len == 0 && !l->emptied && !came_to_nothing(l);
    if (status == WEIR_OK && !changes_nothing)
        status = commit(l, schema, job);
    if (status == WEIR_OK && !changes_nothing)
        report(l, schema, ret);
    else
        wr_schema_drop(schema);
    if (status == WEIR_OK)
        report_drops(l, ret);
    if (changes_nothing)
        l->args->destination->rollback(l->args->self); /* there is no load of nothing */
    return status;
}

/* Leave one processor to the destination. */
static size_t worker_count(size_t wanted)
{
    if (wanted)
        return wanted;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 2 ? (size_t)processors - 1 : 1;
}

static int standard_nesting(int wanted)
{
    if (wanted == 0)
        return WR_MAX_NESTING;
    return wanted > 0 ? wanted : 0;
}

static weir_status start_feed(loader *l)
{
    const wr_load_args *args = l->args;
    wr_schema *schema = NULL;
    WEIR_TRY(announce_tables(l, &schema));
    weir_status status = wr_chains_check(l->cx, &l->chains, schema);
    const wr_node *json = wr_node_get(schema->normalizers, "json");
    const size_t workers = worker_count(args->workers);
    wr_feed_args how = {
        .normalizer = {
            .load_id = args->load_id,
            .started = wr_now(l->cx),
            .max_nesting = (int)wr_node_get_int(wr_node_get(json, "config"), "max_nesting",
                                                standard_nesting(args->max_table_nesting)),
            .strips_nul = args->destination->caps.strips_nul,
            .refuses_nulls = args->destination->caps.refuses_nulls,
            .decimal = args->destination->caps.decimal,
            .wei = args->destination->caps.wei,
            .integer_bits = args->destination->caps.integer_bits,
            .column_max = WR_COLUMN_MAX,
            .idle_bytes = l->budget / 4 / workers,
        },
        .frames = wr_admission_frames(&l->admission),
        .quarantine = args->quarantine,
        .schema = schema,
        .workers = workers,
        .budget = l->budget,
    };
    if (status == WEIR_OK)
        status = wr_naming_find(l->cx, wr_node_get_text(schema->normalizers, "names"),
                                args->destination->caps.identifier_max, &how.normalizer.naming);
    if (status == WEIR_OK)
        status = wr_feed_start(l->cx, &l->feed, &how);
    wr_schema_drop(schema);
    return status;
}

static void loader_done(loader *l)
{
    for (size_t i = 0; i < l->tables.len; i++)
        for (wr_fed *fed; (fed = take_waiting(l, l->tables.entries[i].value));)
            wr_fed_release(fed);
    wr_feed_close(l->cx, &l->feed);
    wr_admission_done(&l->admission);
    wr_map_done(&l->tables);
    wr_schema_drop(l->base);
    wr_arena_done(&l->arena);
    wr_buf_done(&l->begun);
}

weir_status wr_load(weir_ctx *cx, const wr_load_args *args, wr_loaded *ret)
{
    const size_t memory = args->memory ? args->memory : WR_LOAD_MEMORY;
    const wr_node *refresh = wr_node_get(args->manifest, "refresh");
    loader l = {
        .cx = cx,
        .args = args,
        .admission = { .from = args->frames },
        .base = wr_refresh_base(refresh, args->base),
        .refresh = refresh,
        .budget = memory / 2,
        .begun = wr_buf_max(WR_FILE_MAX),
    };
    l.chains = (wr_chain_args){ args->manifest, l.base, args->load_id,
                                args->destination->caps.merges, wr_refresh_drops(refresh) };
    weir_load_job job = {
        .load_id = args->load_id,
        .schema_name = args->schema_name,
        .started = wr_now(cx),
        .engine_version = WR_SCHEMA_ENGINE,
    };
    const weir_destination *destination = args->destination;
    weir_status status = start_feed(&l);
    if (status == WEIR_OK)
        status = destination->begin(cx, args->self, &job);
    if (status == WEIR_OK) {
        status = transact(&l, &job, ret);
        if (status != WEIR_OK)
            destination->rollback(args->self);
    }
    loader_done(&l);
    return status;
}

void wr_loaded_done(wr_loaded *loaded)
{
    wr_vec_done(&loaded->tables);
    wr_vec_done(&loaded->drops);
    wr_arena_done(&loaded->arena);
    wr_schema_drop(loaded->schema);
    loaded->schema = NULL;
}
