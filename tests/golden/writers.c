/* Files of dlt's writers: writers.json. jsonl and csv bind; the rest is of files and statements that weir does not make
 * (architecture, section 17), which is counted by name. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "format/csv_write.h"
#include "format/jsonl_write.h"
#include "harness/test.h"
#include "schema/batch.h"
#include "schema/coerce.h"
#include "schema/schema_parts.h"

enum { KEY_ORDER };

static const golden_rule rules[] = {
    [KEY_ORDER] = { "format/jsonl_write.h", "keys stand in the order of the columns" },
};

/* ---- rows to batches ---- */

static weir_column *read_columns(wr_arena *arena, const wr_node *columns)
{
    weir_column *ret = wr_arena_alloc_array(arena, columns->count + 1, sizeof(*ret));
    size_t count = 0;
    for (const wr_node *column = columns->first; column; column = column->next)
        ret[count++] = (weir_column){
            .name = wr_node_get_text(column, "name"),
            .type = wr_type_find(wr_node_get_text(column, "data_type")),
        };
    return ret;
}

/* A cell in the form that batches hold; nested values keep the plain JSON of the vector. */
static weir_value cell_of(golden *g, const weir_column *column, const wr_node *node, wr_buf *made)
{
    weir_value value = weir_null();
    weir_value ret = weir_null();
    if (!node)
        return ret;
    if (column->type == WEIR_TYPE_JSON)
        return weir_text(golden_json(&g->arena, node));
    if (!golden_value(&g->arena, node, &value) || !wr_coerce(column, value, made, &ret))
        test_note("no cell for column '%.*s'", WR_STR(column->name));
    return ret;
}

/* A column has a zone or none; the vectors have both in one. Each row is a batch of its own, under columns that fit. */
static void set_zone(weir_column *column, const wr_node *node)
{
    const weir_str text = wr_node_get_text(node, "v");
    const bool naive =
        wr_str_eq(golden_type(node), wr_lit("datetime")) && !wr_str_ends(text, wr_lit("+00:00"));
    column->hints = naive ? WEIR_HINT_NO_TIMEZONE : 0;
}

static void make_batch(golden *g, weir_column *columns, size_t count, const wr_node *row,
                       struct ArrowArray *ret)
{
    wr_auto(buf) wr_buf made = wr_buf_max(1 << 16);
    wr_batch *batch = wr_new(wr_batch);
    batch->rows = 1;
    for (size_t i = 0; i < count; i++) {
        const wr_node *node = wr_node_get_str(row, columns[i].name);
        set_zone(&columns[i], node);
        const size_t at = wr_batch_add(batch, &columns[i]);
        wr_builder_set(&batch->builders.ptr[at], 0, cell_of(g, &columns[i], node, &made));
    }
    wr_batch_finish(batch);
    wr_batch_export(batch, columns, count, ret);
}

/* ---- files ---- */

static weir_status read_form(golden *g, const wr_node *options, wr_csv_form *ret)
{
    *ret = (wr_csv_form){
        .delimiter = wr_node_get_text(options, "delimiter"),
        .line_end = wr_node_get_text(options, "lineterminator"),
    };
    const weir_str quoting = wr_node_get_text(options, "quoting");
    if (quoting.len)
        WEIR_TRY(wr_csv_quoting_find(&g->cx, quoting, &ret->quoting));
    return wr_csv_check(&g->cx, ret);
}

static weir_status write_row(golden *g, const wr_csv_form *form, wr_cells *cells, wr_buf *out)
{
    return form ? wr_csv_write(&g->cx, form, cells, out) : wr_jsonl_write(&g->cx, cells, out);
}

static weir_status write_rows(golden *g, const wr_node *test, const wr_csv_form *form, wr_buf *out)
{
    const size_t count = wr_node_get(test, "columns")->count;
    weir_column *columns = read_columns(&g->arena, wr_node_get(test, "columns"));
    const weir_table table = { .name = wr_lit("t"), .columns = columns, .column_count = count };
    const wr_node *options = wr_node_get(test, "options");
    if (form && wr_node_get_bool(options, "include_header", true))
        WEIR_TRY(wr_csv_write_header(&g->cx, form, &table, out));

    int64_t rows = 0;
    for (const wr_node *row = wr_node_get(test, "rows")->first; row; row = row->next) {
        struct ArrowArray batch;
        make_batch(g, columns, count, row, &batch);
        wr_cells cells = { .table = &table, .batch = &batch, .rows_before = rows++ };
        const weir_status status = write_row(g, form, &cells, out);
        batch.release(&batch);
        WEIR_TRY(status);
    }
    return WEIR_OK;
}

static weir_status write_file(golden *g, const wr_node *test, bool is_csv, wr_buf *out)
{
    wr_csv_form form;
    if (!is_csv)
        return write_rows(g, test, NULL, out);
    WEIR_TRY(read_form(g, wr_node_get(test, "options"), &form));
    return write_rows(g, test, &form, out);
}

/* ---- what came of it ---- */

/* The same objects line by line, keys in any order? */
static bool same_lines(golden *g, weir_str actual, weir_str expected)
{
    weir_str left;
    weir_str right;
    while (wr_str_split(&actual, '\n', &left)) {
        wr_node *a;
        wr_node *b;
        if (!wr_str_split(&expected, '\n', &right) ||
            wr_node_parse(&g->cx, &g->arena, left, &a) != WEIR_OK ||
            wr_node_parse(&g->cx, &g->arena, right, &b) != WEIR_OK || left.len != right.len ||
            !wr_node_equal(a, b))
            return false;
    }
    return expected.len == 0;
}

static void check(golden *g, const wr_node *test, bool is_csv)
{
    wr_auto(buf) wr_buf out = wr_buf_max(1 << 20);
    const weir_status status = write_file(g, test, is_csv, &out);
    const weir_str expected = wr_node_get_text(test, "content");
    if (status != WEIR_OK)
        golden_check(g, test, status == WEIR_REJECTED && wr_node_get(test, "raises"),
                     weir_str_of(weir_error_message(&g->cx)));
    else if (!is_csv && !wr_str_eq(wr_buf_view(&out), expected) &&
             same_lines(g, wr_buf_view(&out), expected))
        golden_decide(g, KEY_ORDER);
    else
        golden_check(g, test,
                     wr_node_get(test, "content") && wr_str_eq(wr_buf_view(&out), expected),
                     wr_buf_view(&out));
    weir_error_clear(&g->cx);
}

/* ---- what does not bind ---- */

typedef struct kind {
    const char *name; /* of the format, or of what is asked */
    int count;
} kind;

static bool is_of(const wr_node *test, const char *name)
{
    return wr_str_eq(wr_node_get_text(test, "format"), weir_str_of(name)) ||
           wr_str_eq(wr_node_get_text(test, "op"), weir_str_of(name));
}

static void check_scope(golden *g, const wr_node *test, kind *kinds)
{
    while (kinds->name && !is_of(test, kinds->name))
        kinds++;
    kinds->count++;
    if (!kinds->name)
        golden_fail(g, test, "no writer, and nothing that is known not to bind");
}

TEST(golden_writers_make_the_files_of_dlt)
{
    kind out_of_scope[] = {
        { .name = "typed-jsonl" }, { .name = "insert_values" },  { .name = "literal" },
        { .name = "identifier" },  { .name = "resolve_writer" }, { .name = "group_worker_files" },
        { .name = NULL },
    };
    golden g;
    golden_open(&g, "writers.json", rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next) {
        if (is_of(test, "jsonl") || is_of(test, "csv"))
            check(&g, test, is_of(test, "csv"));
        else
            check_scope(&g, test, out_of_scope);
    }
    for (const kind *k = out_of_scope; k->name; k++)
        test_note("writers.json: %d cases of '%s' are out of scope", k->count, k->name);
    golden_close(&g);
}
