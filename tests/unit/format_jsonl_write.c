/* Batches as JSON lines. */
#include "format/jsonl_write.h"

#include <math.h>

#include "base/number.h"
#include "format/json.h"
#include "harness/rows.h"
#include "harness/test.h"

static const weir_column ALL[] = ROWS_ALL_COLUMNS;
static const weir_column TEXT[] = { { .name = { "s", 1 }, .type = WEIR_TYPE_TEXT } };
static const weir_column JSON[] = { { .name = { "j", 1 }, .type = WEIR_TYPE_JSON } };

/* All lines, or the message. */
static const char *lines(rows *r)
{
    wr_cells cells = rows_cells(r);
    while (wr_cells_left(&cells))
        if (wr_jsonl_write(&r->cx, &cells, &r->out) != WEIR_OK)
            return weir_error_message(&r->cx);
    return wr_buf_text(&r->out);
}

TEST(cells_of_all_types_become_json_as_dlt_writes_it)
{
    wr_auto(rows) rows r = rows_new(ALL, ROWS_ALL_COUNT);
    ROWS_ADD(&r, ROWS_ALL_CELLS);

    CHECK_STR(
        lines(&r),
        "{\"s\":\"x\",\"i\":-7,\"f\":1e+16,\"b\":true,"
        "\"ts\":\"2024-01-02T03:04:05.000600+00:00\",\"d\":\"2024-01-02\",\"tm\":\"03:04:05\","
        "\"dec\":\"1.50\",\"w\":\"115792089237316195423570985008687907853\",\"bin\":\"b2s=\","
        "\"j\":{\"a\":[1,null]}}\n");
}

TEST(null_cells_and_columns_without_type_are_left_out_of_json_lines)
{
    static const weir_column COLUMNS[] = {
        { .name = { "a", 1 }, .type = WEIR_TYPE_BIGINT },
        { .name = { "untyped", 7 } },
        { .name = { "b", 1 }, .type = WEIR_TYPE_TEXT },
    };
    wr_auto(rows) rows r = rows_new(COLUMNS, 3);
    ROWS_ADD(&r, weir_null(), weir_null(), weir_cstr(""));
    ROWS_ADD(&r, weir_int(0), weir_null(), weir_null());
    ROWS_ADD(&r, weir_null(), weir_null(), weir_null());

    CHECK_STR(lines(&r), "{\"b\":\"\"}\n{\"a\":0}\n{}\n");
}

TEST(texts_are_escaped_in_json_lines_and_nul_stays)
{
    static const weir_column COLUMNS[] = { { .name = { "a\"\n", 3 }, .type = WEIR_TYPE_TEXT } };
    wr_auto(rows) rows r = rows_new(COLUMNS, 1);
    ROWS_ADD(&r, weir_text(wr_lit("\0\"\\/\n\x1f\x7f üü")));

    CHECK_STR(lines(&r), "{\"a\\\"\\n\":\"\\u0000\\\"\\\\/\\n\\u001f\x7f üü\"}\n");
}

TEST(what_is_no_number_of_json_is_null)
{
    static const weir_column COLUMNS[] = { { .name = { "f", 1 }, .type = WEIR_TYPE_DOUBLE } };
    wr_auto(rows) rows r = rows_new(COLUMNS, 1);
    ROWS_ADD(&r, weir_float(NAN));
    ROWS_ADD(&r, weir_float(-INFINITY));
    ROWS_ADD(&r, weir_float(-0.0));

    CHECK_STR(lines(&r), "{\"f\":null}\n{\"f\":null}\n{\"f\":-0.0}\n");
}

TEST(timestamps_of_a_column_without_zone_have_none)
{
    static const weir_column COLUMNS[] = {
        { .name = { "n", 1 }, .type = WEIR_TYPE_TIMESTAMP, .hints = WEIR_HINT_NO_TIMEZONE },
        { .name = { "z", 1 }, .type = WEIR_TYPE_TIMESTAMP },
    };
    wr_auto(rows) rows r = rows_new(COLUMNS, 2);
    ROWS_ADD(&r, weir_timestamp(-1), weir_timestamp(0));

    CHECK_STR(lines(&r), "{\"n\":\"1969-12-31T23:59:59.999999\","
                         "\"z\":\"1970-01-01T00:00:00+00:00\"}\n");
}

TEST(line_ends_between_the_tokens_of_nested_json_do_not_end_the_row)
{
    wr_auto(rows) rows r = rows_new(JSON, 1);
    ROWS_ADD(&r, weir_cstr("{\r\n\"a\":\"x\\n\"\n}"));

    CHECK_STR(lines(&r), "{\"j\":{  \"a\":\"x\\n\" }}\n");
}

TEST(a_slice_of_a_batch_is_written_from_its_offset)
{
    wr_auto(rows) rows r = rows_new(ALL, ROWS_ALL_COUNT);
    for (int i = 0; i < 10; i++)
        ROWS_ADD(&r, weir_cstr(i == 8 ? "here" : "no"), weir_int(i), weir_float(i),
                 weir_bool(i == 8), weir_null(), weir_date(i), weir_null(), weir_null(),
                 weir_null(), weir_null(), weir_null());
    wr_cells cells = rows_cells(&r);
    r.array.offset = 2;
    r.array.length = 7;
    for (size_t i = 0; i < ROWS_ALL_COUNT; i++)
        r.array.children[i]->offset = 1;
    cells.row = 5;

    CHECK_OK(wr_jsonl_write(&r.cx, &cells, &r.out));

    CHECK(wr_str_starts(
        wr_buf_view(&r.out),
        wr_lit("{\"s\":\"here\",\"i\":8,\"f\":8.0,\"b\":true,\"d\":\"1970-01-09\"}\n")));
    CHECK_INT(cells.row, 7);
}

TEST(lines_are_written_bit_by_bit_and_none_is_lost)
{
    wr_auto(rows) rows r = rows_new(ALL, ROWS_ALL_COUNT);
    for (int i = 0; i < 5000; i++)
        ROWS_ADD(&r, ROWS_ALL_CELLS);
    wr_cells cells = rows_cells(&r);
    size_t total = 0;
    size_t calls = 0;
    while (wr_cells_left(&cells)) {
        CHECK_OK(wr_jsonl_write(&r.cx, &cells, &r.out));
        CHECK(r.out.len < WR_CELLS_TEXT + 256);
        total += r.out.len;
        calls++;
        wr_buf_clear(&r.out);
    }
    CHECK_INT(total % 5000, 0);
    CHECK(calls > 10);
}

TEST(a_text_too_long_for_the_buffer_names_table_and_row)
{
    wr_auto(rows) rows r = rows_new(TEXT, 1);
    char *text = wr_alloc((size_t)2 << 20);
    memset(text, 'x', (size_t)2 << 20);
    ROWS_ADD(&r, weir_cstr("short"));
    ROWS_ADD(&r, weir_text((weir_str){ text, (size_t)2 << 20 }));
    wr_cells cells = rows_cells(&r);
    cells.rows_before = 40;

    CHECK_INT(wr_jsonl_write(&r.cx, &cells, &r.out), WEIR_LIMIT);

    CHECK_STR(weir_error_message(&r.cx),
              "table 't': row 42: the text of jsonl is longer than the maximum of 1048576 bytes");
    wr_free(text);
}

TEST(a_long_text_with_escapes_is_written_whole)
{
    wr_auto(rows) rows r = rows_new(TEXT, 1);
    wr_auto(buf) wr_buf text = wr_buf_max((size_t)1 << 20);
    for (int i = 0; i < 100000; i++)
        wr_buf_cstr(&text, "é\n");
    ROWS_ADD(&r, weir_text(wr_buf_view(&text)));

    CHECK_INT(strlen(lines(&r)), strlen("{\"s\":\"\"}\n") + 4 * 100000);
}
