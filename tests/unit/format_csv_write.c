/* Batches as CSV. */
#include "format/csv_write.h"

#include <math.h>

#include "harness/rows.h"
#include "harness/test.h"

static const weir_column ALL[] = ROWS_ALL_COLUMNS;
static const weir_column TWO[] = {
    { .name = { "i", 1 }, .type = WEIR_TYPE_BIGINT },
    { .name = { "untyped", 7 } },
    { .name = { "s", 1 }, .type = WEIR_TYPE_TEXT },
};
static const weir_column TEXT[] = { { .name = { "s", 1 }, .type = WEIR_TYPE_TEXT } };

static weir_status write_all(rows *r, const wr_csv_form *form)
{
    wr_cells cells = rows_cells(r);
    WEIR_TRY(wr_csv_write_header(&r->cx, form, &r->table, &r->out));
    while (wr_cells_left(&cells))
        WEIR_TRY(wr_csv_write(&r->cx, form, &cells, &r->out));
    return WEIR_OK;
}

/* Header and all lines, or the message. */
static const char *csv(rows *r, const wr_csv_form *form)
{
    return write_all(r, form) == WEIR_OK ? wr_buf_text(&r->out) : weir_error_message(&r->cx);
}

TEST(cells_of_all_types_become_csv_as_dlt_writes_it)
{
    wr_auto(rows) rows r = rows_new(ALL, ROWS_ALL_COUNT);
    ROWS_ADD(&r, ROWS_ALL_CELLS);

    CHECK_STR(
        csv(&r, &(wr_csv_form){ 0 }),
        "\"s\",\"i\",\"f\",\"b\",\"ts\",\"d\",\"tm\",\"dec\",\"w\",\"bin\",\"j\"\n"
        "\"x\",-7,1e+16,True,\"2024-01-02 03:04:05.000600+00:00\",\"2024-01-02\",\"03:04:05\","
        "1.50,115792089237316195423570985008687907853,\"ok\",\"{\"\"a\"\":[1,null]}\"\n");
}

TEST(nulls_are_empty_fields_in_each_form_of_quoting)
{
    static const char *const EXPECTED[] = {
        [WR_CSV_NEEDED] = "\"i\",\"s\"\n1,\"\"\n\"\",\"a\"\n",
        [WR_CSV_ALL] = "\"i\",\"s\"\n\"1\",\"\"\n\"\",\"a\"\n",
        [WR_CSV_MINIMAL] = "i,s\n1,\n,a\n",
        [WR_CSV_NONE] = "i,s\n1,\n,a\n",
    };
    for (wr_csv_quoting quoting = WR_CSV_NEEDED; quoting <= WR_CSV_NONE; quoting++) {
        wr_auto(rows) rows r = rows_new(TWO, 3);
        ROWS_ADD(&r, weir_int(1), weir_null(), weir_cstr(""));
        ROWS_ADD(&r, weir_null(), weir_null(), weir_cstr("a"));
        CHECK_STR(csv(&r, &(wr_csv_form){ .quoting = quoting }), EXPECTED[quoting]);
    }
}

TEST(fields_that_could_be_misread_are_quoted)
{
    wr_auto(rows) rows r = rows_new(TWO, 3);
    ROWS_ADD(&r, weir_int(-1), weir_null(), weir_cstr("a-b"));
    ROWS_ADD(&r, weir_int(2), weir_null(), weir_cstr("\""));
    ROWS_ADD(&r, weir_int(3), weir_null(), weir_cstr("a\rb"));
    ROWS_ADD(&r, weir_int(4), weir_null(), weir_cstr("a\nb,"));
    ROWS_ADD(&r, weir_int(5), weir_null(), weir_text(wr_lit("a\0\\ ")));
    const wr_csv_form form = { .delimiter = wr_lit("-"),
                               .line_end = wr_lit("\r\n"),
                               .quoting = WR_CSV_MINIMAL };

    CHECK(write_all(&r, &form) == WEIR_OK);
    CHECK(wr_str_eq(wr_buf_view(&r.out),
                    wr_lit("i-s\r\n\"-1\"-\"a-b\"\r\n2-\"\"\"\"\r\n3-\"a\rb\"\r\n"
                           "4-\"a\nb,\"\r\n5-a\0\\ \r\n")));
}

TEST(the_delimiter_may_be_any_character)
{
    wr_auto(rows) rows r = rows_new(TWO, 3);
    ROWS_ADD(&r, weir_int(1), weir_null(), weir_cstr("è"));
    ROWS_ADD(&r, weir_int(2), weir_null(), weir_cstr("é"));

    CHECK_STR(csv(&r, &(wr_csv_form){ .delimiter = wr_lit("é"), .quoting = WR_CSV_MINIMAL }),
              "iés\n1éè\n2é\"é\"\n");
}

TEST(an_empty_field_alone_in_its_row_is_quoted)
{
    wr_auto(rows) rows r = rows_new(TEXT, 1);
    ROWS_ADD(&r, weir_null());
    ROWS_ADD(&r, weir_cstr("a"));

    CHECK_STR(csv(&r, &(wr_csv_form){ .quoting = WR_CSV_MINIMAL }), "s\n\"\"\na\n");
}

TEST(a_form_without_quotes_refuses_what_needs_them)
{
    wr_auto(rows) rows r = rows_new(TWO, 3);
    ROWS_ADD(&r, weir_int(1), weir_null(), weir_cstr("a"));
    ROWS_ADD(&r, weir_int(2), weir_null(), weir_cstr("a,b"));

    CHECK_INT(write_all(&r, &(wr_csv_form){ .quoting = WR_CSV_NONE }), WEIR_REJECTED);

    CHECK_STR(weir_error_message(&r.cx),
              "table 't': row 2: column 's': it cannot be written without quotes");
    CHECK(strstr(weir_error_hint(&r.cx), "`quoting`"));
}

TEST(a_name_that_needs_quotes_is_refused_without_them)
{
    static const weir_column COLUMNS[] = { { .name = { "a,b", 3 }, .type = WEIR_TYPE_TEXT } };
    wr_auto(rows) rows r = rows_new(COLUMNS, 1);

    CHECK_INT(write_all(&r, &(wr_csv_form){ .quoting = WR_CSV_NONE }), WEIR_REJECTED);

    CHECK_STR(weir_error_message(&r.cx),
              "table 't': the name of column 'a,b': it cannot be written without quotes");
}

TEST(bytes_that_are_no_text_are_refused_in_csv)
{
    static const weir_column COLUMNS[] = { { .name = { "bin", 3 }, .type = WEIR_TYPE_BINARY } };
    wr_auto(rows) rows r = rows_new(COLUMNS, 1);
    ROWS_ADD(&r, weir_bytes("ok", 2));
    ROWS_ADD(&r, weir_bytes("\xff", 1));

    CHECK_INT(write_all(&r, &(wr_csv_form){ 0 }), WEIR_REJECTED);

    CHECK(strstr(weir_error_message(&r.cx), "row 2: column 'bin': its bytes are not UTF-8"));
    CHECK(strstr(weir_error_hint(&r.cx), "jsonl"));
}

TEST(doubles_in_csv_are_as_python_shows_them)
{
    static const weir_column COLUMNS[] = { { .name = { "f", 1 }, .type = WEIR_TYPE_DOUBLE } };
    wr_auto(rows) rows r = rows_new(COLUMNS, 1);
    static const double VALUES[] = { NAN, -INFINITY, -0.0, 1e22, 1e-7, 0.1 };
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(*VALUES); i++)
        ROWS_ADD(&r, weir_float(VALUES[i]));

    CHECK_STR(csv(&r, &(wr_csv_form){ 0 }), "\"f\"\nnan\n-inf\n-0.0\n1e+22\n1e-07\n0.1\n");
}

TEST(csv_is_written_bit_by_bit_and_no_line_is_lost)
{
    wr_auto(rows) rows r = rows_new(ALL, ROWS_ALL_COUNT);
    for (int i = 0; i < 5000; i++)
        ROWS_ADD(&r, ROWS_ALL_CELLS);
    wr_cells cells = rows_cells(&r);
    size_t total = 0;
    size_t calls = 0;
    for (; wr_cells_left(&cells); calls++) {
        CHECK_OK(wr_csv_write(&r.cx, &(wr_csv_form){ 0 }, &cells, &r.out));
        CHECK(r.out.len < WR_CELLS_TEXT + 256);
        total += r.out.len;
        wr_buf_clear(&r.out);
    }
    CHECK_INT(total % 5000, 0);
    CHECK(calls > 5);
}

TEST(a_form_that_nobody_could_read_is_refused)
{
    static const struct {
        weir_str delimiter;
        weir_str line_end;
        weir_status expected;
    } CASES[] = {
        { .expected = WEIR_OK },
        { .delimiter = { "\t", 1 }, .expected = WEIR_OK },
        { .delimiter = { "é", 2 }, .expected = WEIR_OK },
        { .delimiter = { ";;", 2 }, .expected = WEIR_CONFIG },
        { .delimiter = { "\"", 1 }, .expected = WEIR_CONFIG },
        { .delimiter = { "\n", 1 }, .expected = WEIR_CONFIG },
        { .delimiter = { "", 1 }, .expected = WEIR_CONFIG }, /* a NUL */
        { .delimiter = { "\xff", 1 }, .expected = WEIR_CONFIG },
        { .line_end = { "\r\n", 2 }, .expected = WEIR_OK },
        { .line_end = { ";", 1 }, .expected = WEIR_CONFIG },
    };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        const wr_csv_form form = { CASES[i].delimiter, CASES[i].line_end, WR_CSV_NEEDED };
        CHECK_INT(wr_csv_check(&cx, &form), CASES[i].expected);
    }
}

TEST(quotings_have_the_names_of_dlt)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_csv_quoting quoting = WR_CSV_NEEDED;
    CHECK_OK(wr_csv_quoting_find(&cx, wr_lit("quote_none"), &quoting));
    CHECK_INT(quoting, WR_CSV_NONE);
    CHECK_INT(wr_csv_quoting_find(&cx, wr_lit("none"), &quoting), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&cx), "'none' is no quoting of csv");
}
