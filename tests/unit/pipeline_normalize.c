/* The normaliser: JSON values become tables, columns in dlt's order, linked by ids. */
#include "pipeline/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* A normaliser with a schema that follows its additions, and the last frame's result as text. */
typedef struct fixture {
    weir_ctx cx;
    wr_normalizer *normalizer;
    wr_schema *schema;
    wr_normalized result;
    wr_buf out;
    uint64_t frames;
    int nesting;
    size_t part_cells;
} fixture;

/* The root table is announced by its resource. */
static void announce(fixture *f, const char *table)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *doc = NULL;
    if (wr_node_parse(&f->cx, &arena, weir_str_of(table), &doc) != WEIR_OK ||
        wr_schema_merge_table(&f->cx, f->schema, doc) != WEIR_OK)
        abort();
}

static void fixture_begin(fixture *f)
{
    wr_ctx_init(&f->cx, NULL);
    f->schema = wr_schema_new(wr_lit("test"));
    announce(f,
             "{\"columns\":{},\"write_disposition\":\"append\",\"name\":\"t\",\"resource\":\"t\"}");
    f->out = wr_buf_max(1 << 20);
    wr_normalizer_args args = {
        .load_id = wr_lit("1700000000.1"),
        .max_nesting = f->nesting ? f->nesting : WR_MAX_NESTING,
        .strips_nul = true,
        .refuses_nulls = true,
        .decimal = { 38, 9 },
        .integer_bits = 8,
        .column_max = WR_COLUMN_MAX,
        .part_cells = f->part_cells,
    };
    if (wr_naming_find(&f->cx, wr_lit("snake_case"), 0, &args.naming) != WEIR_OK)
        abort();
    f->normalizer = wr_normalizer_new(&args);
}

static void fixture_end(fixture *f)
{
    wr_normalized_done(&f->result);
    wr_normalizer_free(f->normalizer);
    wr_schema_drop(f->schema);
    wr_buf_done(&f->out);
    wr_ctx_done(&f->cx);
}

static void print_cell(wr_buf *out, const weir_column *column, const wr_builder *builder,
                       int64_t row)
{
    if (!(builder->validity[row >> 3] >> (row & 7) & 1)) {
        wr_buf_cstr(out, "-");
        return;
    }
    const void *data = builder->data;
    switch (builder->layout) {
    case WR_LAYOUT_TEXT: wr_buf_str(out, wr_builder_get_text(builder, row)); break;
    case WR_LAYOUT_F64: wr_buf_printf(out, "%g", ((const double *)data)[row]); break;
    case WR_LAYOUT_BIT:
        wr_buf_cstr(out, builder->data[row >> 3] >> (row & 7) & 1 ? "true" : "false");
        break;
    default: wr_buf_printf(out, "%lld", (long long)((const int64_t *)data)[row]);
    }
    if (column->type == WEIR_TYPE_TIMESTAMP)
        wr_buf_cstr(out, "us");
}

/* "orders(id bigint)[1][2]": columns without dlt's own, rows. */
static void print_batch(wr_buf *out, const wr_batch *batch)
{
    wr_buf_printf(out, "%.*s(", WR_STR(batch->table));
    const char *comma = "";
    for (size_t i = 0; i < batch->columns.len; i++) {
        const weir_column *column = &batch->columns.ptr[i];
        if (wr_is_dlt_name(column->name))
            continue;
        wr_buf_printf(out, "%s%.*s %s", comma, WR_STR(column->name), weir_type_name(column->type));
        comma = ", ";
    }
    wr_buf_char(out, ')');
    for (int64_t row = 0; row < batch->rows; row++) {
        comma = "[";
        for (size_t i = 0; i < batch->columns.len; i++) {
            if (wr_is_dlt_name(batch->columns.ptr[i].name))
                continue;
            wr_buf_cstr(out, comma);
            print_cell(out, &batch->columns.ptr[i], &batch->builders.ptr[i], row);
            comma = ",";
        }
        wr_buf_cstr(out, *comma == '[' ? "[]" : "]");
    }
    wr_buf_char(out, '\n');
}

static weir_status evolve(fixture *f)
{
    for (size_t i = 0; i < f->result.additions.len; i++) {
        const wr_addition *added = &f->result.additions.ptr[i];
        wr_schema *next = wr_schema_clone(f->schema);
        wr_schema_drop(f->schema);
        f->schema = next;
        WEIR_TRY(wr_addition_apply(&f->cx, f->schema, added));
    }
    return WEIR_OK;
}

/* Normalise lines as one frame of resource `t`; the tables as text. */
static const char *normalize(fixture *f, const char *lines)
{
    const size_t len = strlen(lines);
    char *content = wr_alloc(len + WR_JSON_PADDING);
    memcpy(content, lines, len);
    uint32_t rows = 0;
    for (size_t i = 0; i < len; i++)
        rows += lines[i] == '\n';
    const wr_frame frame = {
        .number = f->frames++,
        .kind = WR_FRAME_TYPED,
        .rows = rows,
        .resource = wr_lit("t"),
        .table = wr_lit("t"),
        .content = content,
        .len = len,
    };
    wr_buf_clear(&f->out);
    wr_frame_mark mark = { 0 };
    weir_status status = wr_normalize(&f->cx, f->normalizer, f->schema, &frame, &mark, &f->result);
    if (status == WEIR_OK)
        status = evolve(f);
    if (status != WEIR_OK) {
        wr_buf_printf(&f->out, "%s: %s", weir_status_name(status), weir_error_message(&f->cx));
    } else {
        for (wr_batch *batch = f->result.batches, *next; batch; batch = next) {
            next = batch->next;
            print_batch(&f->out, batch);
            wr_batch_release(batch);
        }
    }
    wr_free(content);
    return wr_buf_text(&f->out);
}

#define WITH_FIXTURE(f)                                                                            \
    __attribute__((cleanup(fixture_end))) fixture f = { 0 };                                       \
    fixture_begin(&f)

TEST(columns_stand_in_the_order_of_the_reference)
{
    WITH_FIXTURE(f);

    CHECK_STR(normalize(&f, "{\"z\":1,\"n1\":{\"a\":1,\"n2\":{\"b\":2},\"c\":3},\"y\":2,"
                            "\"n3\":{\"d\":4}}\n"),
              "t(z bigint, y bigint, n3__d bigint, n1__a bigint, n1__c bigint, n1__n2__b bigint)"
              "[1,2,4,1,3,2]\n");
}

TEST(lists_become_tables_and_lists_in_lists_tables_of_their_own)
{
    WITH_FIXTURE(f);

    CHECK_STR(normalize(&f, "{\"l\":[[\"a\",\"b\"],[[\"c\"]],\"d\",1,{\"k\":1}]}\n"),
              "t()[]\n"
              "t__l(value text, k bigint)[-,-][-,-][d,-][1,-][-,1]\n"
              "t__l__list(value text)[a][b][-]\n"
              "t__l__list__list(value text)[c]\n");
}

TEST(empty_objects_and_lists_disappear)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"a\":{},\"b\":[],\"c\":null}\n{\"b\":[[]]}\n"),
              "t()[][]\nt__b()[]\n");
}

TEST(columns_are_made_by_the_first_value_that_is_not_null)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"a\":null,\"b\":1.5}\n{\"a\":true,\"b\":null}\n"),
              "t(b double, a bool)[1.5,-][-,true]\n");
    CHECK_STR(normalize(&f, "{\"at\":\"2024-01-02T03:04:05Z\"}\n"),
              "t(b double, a bool, at timestamp)[-,-,1704164645000000us]\n");
}

TEST(values_that_do_not_fit_go_to_a_variant_column)
{
    WITH_FIXTURE(f);
    CHECK_STR(
        normalize(&f, "{\"v\":1}\n{\"v\":\"x\"}\n{\"v\":\"12\"}\n{\"v\":1.5}\n{\"v\":true}\n"),
        "t(v bigint, v__v_text text, v__v_double double, v__v_bool bool)"
        "[1,-,-,-][-,x,-,-][12,-,-,-][-,-,1.5,-][-,-,-,true]\n");
}

TEST(of_duplicate_keys_the_last_wins)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"a\":1,\"b\":2,\"a\":3}\n"), "t(a bigint, b bigint)[3,2]\n");
    CHECK_STR(normalize(&f, "{\"a\":[1,2],\"a\":4}\n"), "t(a bigint, b bigint)[4,-]\n");
    CHECK_STR(normalize(&f, "{\"a\":5,\"a\":null}\n"), "t(a bigint, b bigint)[-,-]\n");
    CHECK_STR(normalize(&f, "{\"o\":{\"x\":1},\"o\":{\"y\":2}}\n"),
              "t(a bigint, b bigint, o__y bigint)[-,-,2]\n");
}

TEST(a_value_that_a_duplicate_key_replaces_may_fit_nowhere)
{
    WITH_FIXTURE(f);
    normalize(&f, "{\"a\":1,\"a__v_text\":true}\n");
    CHECK_STR(normalize(&f, "{\"a\":\"x\",\"a\":2}\n"), "t(a bigint, a__v_text bool)[2,-]\n");
    CHECK(strstr(normalize(&f, "{\"a\":\"x\"}\n"), "fits neither column 'a' nor 'a__v_text'"));
}

TEST(below_the_nesting_limit_values_stay_json)
{
    WITH_FIXTURE(f);
    fixture_end(&f);
    f = (fixture){ .nesting = 1 };
    fixture_begin(&f);
    CHECK_STR(normalize(&f, "{\"f\":[{\"l\":[\"a\"],\"v\":120}],\"d\":{\"x\":{\"y\":1}}}\n"),
              "t(d__x json)[{\"y\":1}]\nt__f(l json, v bigint)[[\"a\"],120]\n");
}

TEST(marked_texts_are_typed_values)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"d\":\"\xef\x80\xa6"
                            "1.50\",\"u\":\"\xef\x80\xa7"
                            "2024-01-02T00:00:00+00:00\"}\n"),
              "t(d decimal, u timestamp)[1.50,1704153600000000us]\n");
}

TEST(rows_that_are_no_objects_have_a_value_column)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "5\n[1,2]\nnull\n"),
              "t(value bigint)[5][-][-]\nt__value(value bigint)[1][2]\n");
}

TEST(a_frame_gives_the_same_ids_again_and_another_one_others)
{
    WITH_FIXTURE(f);
    char ids[3][WR_ROW_ID_LEN];
    static const uint64_t numbers[] = { 5, 5, 6 };
    for (size_t i = 0; i < 3; i++) {
        char content[64] = "{\"l\":[1]}\n";
        const wr_frame frame = { .number = numbers[i],
                                 .rows = 1,
                                 .resource = wr_lit("t"),
                                 .table = wr_lit("t"),
                                 .content = content,
                                 .len = strlen(content) };
        wr_frame_mark mark = { 0 };
        CHECK_OK(wr_normalize(&f.cx, f.normalizer, f.schema, &frame, &mark, &f.result));
        wr_batch *root = f.result.batches;
        CHECK_TEXT(root->columns.ptr[1].name, "_dlt_id");
        memcpy(ids[i], wr_builder_get_text(&root->builders.ptr[1], 0).ptr, WR_ROW_ID_LEN);
        wr_batch *child = root->next;
        char expected[WR_ROW_ID_LEN];
        wr_nested_row_id(expected, (weir_str){ ids[i], WR_ROW_ID_LEN }, wr_lit("t__l"), 0);
        CHECK(memcmp(wr_builder_get_text(&child->builders.ptr[3], 0).ptr, expected,
                     WR_ROW_ID_LEN) == 0);
        wr_batch_release(root);
        wr_batch_release(child);
    }
    CHECK(memcmp(ids[0], ids[1], WR_ROW_ID_LEN) == 0);
    CHECK(memcmp(ids[0], ids[2], WR_ROW_ID_LEN) != 0);
}

TEST(what_was_speculated_and_not_accepted_is_forgotten)
{
    WITH_FIXTURE(f);
    char content[64] = "{\"v\":\"text\"}\n";
    const wr_frame frame = { .rows = 1,
                             .resource = wr_lit("t"),
                             .table = wr_lit("t"),
                             .content = content,
                             .len = strlen(content) };
    wr_frame_mark mark = { 0 };
    CHECK_OK(wr_normalize(&f.cx, f.normalizer, f.schema, &frame, &mark, &f.result));
    wr_batch_release(f.result.batches);

    wr_schema *other = wr_schema_clone(f.schema); /* an earlier frame made it a number */
    const wr_new_column column = { .name = wr_lit("v"), .type = WEIR_TYPE_BIGINT };
    CHECK_OK(wr_schema_add_columns(&f.cx, other, wr_lit("t"), (weir_str){ 0 }, &column, 1));
    wr_schema_drop(f.schema);
    f.schema = other;

    CHECK_STR(normalize(&f, "{\"v\":\"text\"}\n"), "t(v bigint, v__v_text text)[-,text]\n");
}

/* ---- parts ---- */

#define MANY_ROWS 1000

/* A frame whose rows have a list each; returns the ids of its root rows, one behind the other, and how many parts it had. */
static const char *ids_of_frame(fixture *f, int *ret_parts)
{
    wr_auto(buf) wr_buf content = wr_buf_max(1 << 20);
    for (int i = 0; i < MANY_ROWS; i++)
        wr_buf_printf(&content, "{\"id\":%d,\"l\":[%d]}\n", i, i);
    const wr_frame frame = { .rows = MANY_ROWS,
                             .resource = wr_lit("t"),
                             .table = wr_lit("t"),
                             .content = content.ptr,
                             .len = content.len };
    wr_frame_mark mark = { 0 };
    wr_buf_clear(&f->out);
    for (*ret_parts = 0; !wr_frame_ends(&frame, &mark); ++*ret_parts) {
        if (wr_normalize(&f->cx, f->normalizer, f->schema, &frame, &mark, &f->result) != WEIR_OK ||
            evolve(f) != WEIR_OK)
            abort();
        for (wr_batch *batch = f->result.batches, *next; batch; batch = next) {
            next = batch->next;
            for (size_t i = 0; batch == f->result.batches && i < batch->columns.len; i++)
                for (int64_t row = 0; row < batch->rows; row++)
                    if (wr_str_eq(batch->columns.ptr[i].name, wr_lit("_dlt_id")))
                        wr_buf_str(&f->out, wr_builder_get_text(&batch->builders.ptr[i], row));
            if (batch != f->result.batches)
                wr_batch_release(batch);
        }
        wr_batch_release(f->result.batches);
    }
    return wr_buf_text(&f->out);
}

TEST(a_frame_with_many_cells_comes_in_parts_with_the_same_ids)
{
    WITH_FIXTURE(whole);
    WITH_FIXTURE(cut);
    fixture_end(&cut);
    cut = (fixture){ .part_cells = 1900 };
    fixture_begin(&cut);

    int parts = 0;
    const char *ids = ids_of_frame(&whole, &parts);
    CHECK_INT(parts, 1);
    CHECK_INT(strlen(ids), MANY_ROWS * WR_ROW_ID_LEN);

    CHECK_STR(ids_of_frame(&cut, &parts), ids);
    CHECK_INT(parts, 4); /* 3 columns in the one table, 4 in the other */
}

/* ---- contracts ---- */

/* The table with a complete column, so that it is no new one, and a contract. */
static void announce_contract(fixture *f, const char *contract)
{
    wr_auto(buf) wr_buf doc = wr_buf_max(4096);
    wr_buf_printf(&doc,
                  "{\"columns\":{\"id\":{\"name\":\"id\",\"data_type\":\"bigint\"}},"
                  "\"schema_contract\":%s,\"name\":\"t\",\"resource\":\"t\"}",
                  contract);
    announce(f, wr_buf_text(&doc));
}

TEST(a_row_that_the_contract_drops_leaves_no_cell_and_nothing_below)
{
    WITH_FIXTURE(f);
    announce_contract(&f, "{\"columns\":\"discard_row\"}");
    CHECK_STR(normalize(&f, "{\"id\":1,\"l\":[1]}\n{\"id\":2,\"x\":1,\"l\":[2,3]}\n"
                            "{\"id\":3,\"l\":[4]}\n"),
              "t(id bigint)[1][3]\nt__l(value bigint)[1][4]\n");
    CHECK_INT(f.result.dropped.len, 1);
    CHECK_INT(f.result.dropped.ptr[0].rows, 1);
}

TEST(what_a_contract_discards_stays_discarded_in_later_frames)
{
    WITH_FIXTURE(f);
    announce_contract(&f, "{\"columns\":\"discard_row\"}");
    CHECK_STR(normalize(&f, "{\"id\":1,\"x\":null}\n"), "t(id bigint)[1]\n");
    CHECK_STR(normalize(&f, "{\"id\":2,\"x\":1}\n"), "");
    CHECK_STR(normalize(&f, "{\"id\":3,\"x\":null}\n{\"id\":4}\n"), "t(id bigint)[4]\n");
}

TEST(values_that_a_contract_discards_are_counted)
{
    WITH_FIXTURE(f);
    announce_contract(&f, "\"discard_value\"");
    CHECK_STR(normalize(&f, "{\"id\":1,\"x\":1}\n{\"id\":\"no\",\"x\":2}\n{\"l\":[1,2]}\n"),
              "t(id bigint)[1][-][-]\n");
    CHECK_INT(f.result.dropped.len, 2);
    CHECK_INT(f.result.dropped.ptr[0].values, 3);
    CHECK_INT(f.result.dropped.ptr[1].rows, 2);
    CHECK_TEXT(f.result.dropped.ptr[1].table, "t__l");
}

TEST(a_frozen_contract_says_which_column_is_too_much)
{
    WITH_FIXTURE(f);
    announce_contract(&f, "\"freeze\"");
    CHECK_STR(normalize(&f, "{\"id\":1,\"x\":1}\n"),
              "schema: row 0 of resource 't': In schema `test`: In Table: `t` Column: `x` . "
              "Contract on `columns` with `contract_mode=freeze` is violated. Can't add table "
              "column `x` to table `t` because `columns` are frozen.");
}

/* ---- rows that are walked with care ---- */

TEST(of_two_keys_with_one_name_the_last_decides_the_type)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"A\":\"text\",\"b\":1,\"a\":2}\n{\"a\":3,\"A\":null}\n"),
              "t(a bigint, b bigint)[2,1][-,-]\n");
}

TEST(names_that_only_nulls_come_with_are_told)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"a\":null,\"b\":null}\n{\"b\":1,\"a\":null}\n"),
              "t(b bigint)[-][1]\n");
    CHECK_INT(f.result.nulls.len, 1);
    CHECK_TEXT(f.result.nulls.ptr[0].column, "a");
}

TEST(columns_that_filters_exclude_are_left_out)
{
    WITH_FIXTURE(f);
    announce(&f, "{\"columns\":{},\"name\":\"t\",\"resource\":\"t\","
                 "\"filters\":{\"excludes\":[\"re:^secret\",\"re:^l__\"]}}");
    CHECK_STR(normalize(&f, "{\"a\":1,\"secret\":2,\"l\":[{\"x\":1}]}\n"), "t(a bigint)[1]\n");
}

TEST(a_row_without_its_key_is_an_error_where_ids_are_made_of_keys)
{
    WITH_FIXTURE(f);
    announce(&f, "{\"columns\":{\"id\":{\"name\":\"id\",\"nullable\":false,"
                 "\"primary_key\":true}},\"x-merge-strategy\":\"upsert\","
                 "\"write_disposition\":\"merge\",\"name\":\"t\",\"resource\":\"t\"}");
    CHECK_STR(normalize(&f, "{\"id\":1}\n"), "t(id bigint)[1]\n");
    CHECK_STR(normalize(&f, "{\"x\":1}\n"),
              "schema: row 0 of resource 't': table 't': a row has no value for the primary key "
              "'id', and its row id is made of the key");
}

/* ---- what the destination would refuse ---- */

TEST(a_number_that_its_column_cannot_hold_is_a_variant_of_its_own_type)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"v\":18446744073709551616}\n{\"v\":\"1e400\"}\n{\"v\":1e300}\n"),
              "t(v decimal, v__v_text text, v__v_double double)"
              "[18446744073709551616,-,-][-,1e400,-][-,-,1e+300]\n");
}

TEST(a_number_that_no_column_can_hold_is_refused)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"v\":1.5}\n{\"v\":1e400}\n"),
              "schema: row 1 of resource 't': column 'v__v_decimal' of table 't' is a decimal and "
              "cannot hold the number 1E+400: it is not within 38 digits, 9 of them behind the "
              "point");
    CHECK_STR(normalize(&f, "{\"w\":-100000000000000000000000000000}\n"),
              "schema: row 0 of resource 't': column 'w' of table 't' is a decimal and cannot hold "
              "the number -100000000000000000000000000000: it is not within 38 digits, 9 of them "
              "behind the point");
}

TEST(a_number_that_a_column_in_the_place_of_a_variant_cannot_hold_is_refused)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"v\":1,\"v__v_text\":1.5}\n{\"v\":\"1e400\"}\n"),
              "schema: row 1 of resource 't': column 'v__v_text' of table 't' is a double and "
              "cannot hold the number 1e400: it is beyond the range of doubles");
}

TEST(a_declared_integer_holds_what_the_narrowest_type_holds_that_has_its_bits)
{
    WITH_FIXTURE(f);
    announce(&f, "{\"columns\":{\"v\":{\"name\":\"v\",\"data_type\":\"bigint\",\"precision\":12}},"
                 "\"name\":\"t\",\"resource\":\"t\",\"write_disposition\":\"append\"}");
    CHECK_STR(normalize(&f, "{\"v\":-32768}\n{\"v\":32767}\n{\"v\":\"99999\"}\n"),
              "t(v bigint, v__v_text text)[-32768,-][32767,-][-,99999]\n");
    CHECK_STR(normalize(&f, "{\"v\":1}\n{\"v\":32768}\n"),
              "schema: row 1 of resource 't': column 'v' of table 't' is a bigint of precision 12 "
              "and cannot hold the number 32768: it is not within -32768 and 32767");
}

TEST(a_row_of_a_new_table_has_all_values_that_it_must_have)
{
    WITH_FIXTURE(f);
    announce(&f, "{\"columns\":{\"k\":{\"name\":\"k\",\"nullable\":false,\"primary_key\":true},"
                 "\"v\":{\"name\":\"v\",\"data_type\":\"bigint\",\"nullable\":false}},"
                 "\"name\":\"t\",\"resource\":\"t\",\"write_disposition\":\"append\"}");
    CHECK_STR(normalize(&f, "{\"k\":1,\"v\":1}\n{\"k\":2}\n"),
              "schema: row 1 of resource 't': table 't': a row has no value for 'v', which must "
              "not be null");
    CHECK_STR(normalize(&f, "{\"v\":1}\n{\"k\":2,\"v\":1}\n"),
              "schema: row 1 of resource 't': table 't': earlier rows have no value for 'k', a "
              "primary key");
    CHECK_STR(normalize(&f, "{\"k\":1,\"v\":1}\n"), "t(k bigint, v bigint)[1,1]\n");
}

TEST(a_row_of_a_table_that_was_loaded_is_left_to_the_destination)
{
    WITH_FIXTURE(f);
    announce(&f,
             "{\"columns\":{\"v\":{\"name\":\"v\",\"data_type\":\"bigint\",\"nullable\":false}},"
             "\"name\":\"t\",\"resource\":\"t\",\"write_disposition\":\"append\","
             "\"x-normalizer\":{\"seen-data\":true}}");
    CHECK_STR(normalize(&f, "{\"w\":1}\n"), "t(w bigint)[1]\n");
}

TEST(a_declared_decimal_holds_what_its_own_digits_hold)
{
    WITH_FIXTURE(f);
    announce(&f, "{\"name\":\"t\",\"columns\":{\"v\":{\"name\":\"v\",\"data_type\":\"decimal\","
                 "\"precision\":4,\"scale\":1}}}");
    CHECK_STR(normalize(&f, "{\"v\":999.9}\n{\"v\":1000}\n{\"v\":\"999.95\"}\n"),
              "t(v decimal, v__v_bigint bigint, v__v_text text)"
              "[999.9,-,-][-,1000,-][-,-,999.95]\n");
}

TEST(rows_of_a_list_bring_their_ids_or_get_links)
{
    WITH_FIXTURE(f);
    CHECK_STR(normalize(&f, "{\"a\":[{\"_dlt_id\":\"b\"},{\"x\":1}]}\n"),
              "schema: row 0 of resource 't': table 't__a': earlier rows brought their own ids and "
              "have no '_dlt_parent_id', which this row needs");
    CHECK_STR(normalize(&f, "{\"b\":[{\"x\":1}]}\n"), "t()[]\nt__b(x bigint)[1]\n");
    CHECK_STR(normalize(&f, "{\"b\":[{\"_dlt_id\":\"b\"}]}\n"),
              "schema: row 0 of resource 't': table 't__b': a row brings its own id and gets no "
              "'_dlt_parent_id', which the rows of this table must have");
    CHECK_STR(normalize(&f, "{\"c\":[{\"_dlt_id\":\"b\"}]}\n"), "t()[]\nt__c()[]\n");
    CHECK_STR(normalize(&f, "{\"c\":[{\"x\":1}]}\n"),
              "schema: row 0 of resource 't': table 't__c': earlier rows brought their own ids and "
              "have no '_dlt_parent_id', which this row needs");
}
