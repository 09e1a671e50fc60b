/* Whole loads against dlt, their rows and their schema: end_to_end.json. */
#include "documents.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "schema/coerce.h"
#include "schema/contract.h"
#include "schema/hints.h"

#define FILE_MAX ((size_t)1 << 16)

static bool differs(documents *d, const char *what)
{
    if (!d->mismatch.len)
        d->mismatch = weir_str_of(what);
    return false;
}

/* ---- the schema, as it is after the step of a run ---- */

static bool has_previous(const wr_schema *schema, const wr_node *expected)
{
    size_t i = 0;
    for (const wr_node *hash = expected->first; hash; hash = hash->next, i++)
        if (i == schema->previous.len || !wr_str_eq(schema->previous.ptr[i], hash->text))
            return false;
    return i == schema->previous.len;
}

static bool is_schema(documents *d, const wr_node *step)
{
    const wr_schema *schema = d->schema;
    if (schema->version != wr_node_get_int(step, "schema_version", -1))
        return differs(d, "another version");
    if (!wr_node_equal(schema->normalizers, wr_node_get(step, "normalizers")))
        return differs(d, "other normalisers");
    if (!documents_have_tables(d, wr_node_get(step, "tables")))
        return false;
    if (!wr_str_eq(weir_str_of(schema->hash), wr_node_get_text(step, "schema_version_hash")))
        return differs(d, "another hash");
    return has_previous(schema, wr_node_get(step, "previous_hashes")) ||
           differs(d, "other hashes before");
}

/* ---- extract ---- */

/* The table of a row: that of the resource, or what a field of the row says. */
static weir_str table_of(const wr_node *resource, const wr_node *row)
{
    const weir_str field = wr_node_get_text(resource, "table_name_field");
    return field.len ? wr_node_get_str(row, field)->text : wr_node_get_text(resource, "name");
}

static weir_status announce(documents *d, const wr_node *resource, weir_str table)
{
    golden *g = d->g;
    wr_node *doc = wr_node_copy(&g->arena, resource);
    wr_node_remove(doc, wr_lit("name"));
    wr_node_remove(doc, wr_lit("table_name_field"));
    wr_node_set(&g->arena, doc, wr_lit("table_name"), wr_node_text(&g->arena, table));
    const wr_hints hints = { wr_node_get_text(resource, "name"), doc };
    wr_node *announced = NULL;
    WEIR_TRY(wr_hints_table(&g->cx, &g->arena, &hints, &announced));
    WEIR_TRY(wr_table_doc_named(&g->cx, &d->naming, &g->arena, announced, &announced));
    WEIR_TRY(wr_contract_announce(&g->cx, d->schema, &g->arena, announced, &announced));
    return wr_schema_merge_table(&g->cx, d->schema, announced);
}

/* Tables of the rows, then that of the states, each step with its hash, as dlt does it. */
static weir_status extract(documents *d, const wr_node *resource, const wr_node *run)
{
    const bool fresh = !d->schema->hash[0];
    for (const wr_node *page = wr_node_get(run, "pages")->first; page; page = page->next)
        for (const wr_node *row = page->first; row; row = row->next)
            WEIR_TRY(announce(d, resource, table_of(resource, row)));
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_hash(d->schema, hash);
    if (fresh) {
        WEIR_TRY(wr_schema_merge_table(&d->g->cx, d->schema, wr_state_table_doc(&d->g->arena)));
        wr_schema_link(d->schema, hash);
    }
    wr_schema_bump(d->schema);
    return WEIR_OK;
}

/* ---- normalise ---- */

static weir_status feed_row(documents *d, weir_str table, const wr_node *row)
{
    wr_node *items = wr_node_new(&d->g->arena, WR_NODE_ARRAY);
    wr_node_append(items, wr_node_copy(&d->g->arena, row));
    return documents_feed(d, table, items);
}

static weir_status feed_state(documents *d)
{
    static const char STATE[] =
        "{\"version\":1,\"engine_version\":4,\"pipeline_name\":\"shop\",\"state\":\"e30=\","
        "\"created_at\":\"2024-01-01T00:00:00Z\",\"version_hash\":\"h\",\"_dlt_load_id\":\"1\"}";
    wr_node *row = NULL;
    WEIR_TRY(wr_node_parse(&d->g->cx, &d->g->arena, weir_str_of(STATE), &row));
    return feed_row(d, wr_lit("_dlt_pipeline_state"), row);
}

static weir_status normalize(documents *d, const wr_node *resource, const wr_node *run, bool fresh)
{
    documents_start(d, WR_MAX_NESTING);
    for (const wr_node *page = wr_node_get(run, "pages")->first; page; page = page->next)
        for (const wr_node *row = page->first; row; row = row->next)
            WEIR_TRY(feed_row(d, table_of(resource, row), row));
    if (fresh)
        WEIR_TRY(feed_state(d));
    for (size_t i = 0; i < d->rows.len; i++)
        wr_schema_set_seen_data(d->schema, d->rows.ptr[i].table);
    wr_schema_bump(d->schema);
    return WEIR_OK;
}

/* ---- the files of rows ---- */

static weir_str as_text(documents *d, weir_value cell)
{
    static const weir_column text = { .type = WEIR_TYPE_TEXT };
    wr_auto(buf) wr_buf scratch = wr_buf_max(FILE_MAX);
    weir_value ret = weir_text((weir_str){ 0 });
    (void)wr_coerce(&text, cell, &scratch, &ret);
    return wr_arena_str(&d->g->arena, ret.as.s);
}

static wr_node *as_node(documents *d, weir_value cell)
{
    wr_node *ret = wr_node_text(&d->g->arena, as_text(d, cell));
    if (cell.kind == WEIR_INT)
        ret->kind = WR_NODE_NUMBER;
    return ret;
}

static bool is_json_row(documents *d, const document_row *row, weir_str line)
{
    wr_node *expected = NULL;
    wr_node *actual = wr_node_new(&d->g->arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].kind != WEIR_NULL)
            wr_node_set(&d->g->arena, actual, row->columns[i].name, as_node(d, row->cells[i]));
    return wr_node_parse(&d->g->cx, &d->g->arena, line, &expected) == WEIR_OK &&
           wr_node_equal(actual, expected);
}

static weir_value cell_named(const document_row *row, weir_str name)
{
    for (size_t i = 0; i < row->count; i++)
        if (wr_str_eq(row->columns[i].name, name))
            return row->cells[i];
    return weir_null();
}

static void write_literal(documents *d, wr_buf *out, const weir_column *column, weir_value cell)
{
    if (cell.kind == WEIR_NULL) {
        wr_buf_cstr(out, "NULL");
        return;
    }
    const weir_str text = as_text(d, cell);
    const bool quoted = column->type == WEIR_TYPE_TEXT || column->type == WEIR_TYPE_TIMESTAMP;
    wr_buf_cstr(out, column->type == WEIR_TYPE_TEXT ? "E'" : quoted ? "'" : "");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            wr_buf_char(out, '\\');
        wr_buf_char(out, text.ptr[i]);
    }
    wr_buf_cstr(out, quoted ? "'" : "");
}

/* One row of VALUES, in the order of the table's columns. */
static bool is_sql_row(documents *d, const document_row *row, weir_str line)
{
    wr_auto(buf) wr_buf out = wr_buf_max(FILE_MAX);
    const weir_table *table = &wr_schema_table(d->schema, row->table)->pub;
    for (size_t i = 0; i < table->column_count; i++) {
        wr_buf_char(&out, i ? ',' : '(');
        write_literal(d, &out, &table->columns[i], cell_named(row, table->columns[i].name));
    }
    wr_buf_char(&out, ')');
    const weir_str end = { line.ptr, line.len - 1 }; /* a comma, or a semicolon */
    return wr_str_eq(wr_buf_view(&out), end);
}

static const document_row *row_of(const documents *d, weir_str table, size_t number)
{
    for (size_t i = 0; i < d->rows.len; i++)
        if (wr_str_eq(d->rows.ptr[i].table, table) && number-- == 0)
            return &d->rows.ptr[i];
    return NULL;
}

static bool is_file(documents *d, const wr_node *file)
{
    const weir_str table = { file->key.ptr,
                             (size_t)((const char *)memchr(file->key.ptr, '.', file->key.len) -
                                      file->key.ptr) };
    const bool sql = memmem(file->key.ptr, file->key.len, "insert_values", 13) != NULL;
    weir_str rest = file->text;
    weir_str line;
    size_t number = 0;
    for (size_t i = 0; rest.len && wr_str_split(&rest, '\n', &line); i++) {
        if (sql && i < 2)
            continue; /* INSERT INTO …, VALUES */
        const document_row *row = row_of(d, table, number++);
        if (!row || !(sql ? is_sql_row(d, row, line) : is_json_row(d, row, line)))
            return differs(d, "other rows");
    }
    return !row_of(d, table, number) || differs(d, "more rows");
}

static bool are_files(documents *d, const wr_node *files)
{
    for (const wr_node *file = files->first; file; file = file->next)
        if (!is_file(d, file))
            return false;
    return true;
}

/* ---- cases ---- */

static weir_status check_run(documents *d, const wr_node *test, const wr_node *run, int number)
{
    const wr_node *resource = wr_node_get(test, "resource");
    const wr_node *normalized = wr_node_get(run, "normalized");
    const bool fresh = number == 1;
    d->load_id = wr_arena_printf(&d->g->arena, "<LOAD%d>", number);
    WEIR_TRY(extract(d, resource, run));
    (void)is_schema(d, wr_node_get(run, "extracted"));
    WEIR_TRY(normalize(d, resource, run, fresh));
    (void)(is_schema(d, normalized) && are_files(d, wr_node_get(normalized, "files")));
    return WEIR_OK;
}

static void check(golden *g, const wr_node *test)
{
    documents d;
    documents_begin(&d, g, "shop");
    const weir_str destination = wr_node_get_text(test, "destination");
    d.schema->no_merge = wr_str_eq(destination, wr_lit("filesystem"));
    d.strips_nul = wr_str_eq(destination, wr_lit("postgres"));
    weir_status status = WEIR_OK;
    int number = 0;
    for (const wr_node *run = wr_node_get(test, "runs")->first; run && status == WEIR_OK;
         run = run->next)
        status = check_run(&d, test, run, ++number);
    if (status != WEIR_OK)
        golden_fail(g, test, "%s", weir_error_message(&g->cx));
    else
        golden_check(g, test, !d.mismatch.len, d.mismatch);
    weir_error_clear(&g->cx);
    documents_end(&d);
}

TEST(golden_loads_have_the_rows_and_the_schema_of_dlt)
{
    golden g;
    golden_open(&g, "end_to_end.json", NULL);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}
