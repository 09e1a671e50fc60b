/* Builders and batches: what Arrow's readers see. */
#include "schema/batch.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static const weir_column ID = { .name = { "id", 2 }, .type = WEIR_TYPE_BIGINT };
static const weir_column NAME = { .name = { "name", 4 }, .type = WEIR_TYPE_TEXT };
static const weir_column PAID = { .name = { "paid", 4 }, .type = WEIR_TYPE_BOOL };

static weir_value text(const char *s)
{
    return weir_text(weir_str_of(s));
}

TEST(cells_that_are_not_set_are_null)
{
    wr_builder builder = { 0 };
    wr_builder_reset(&builder, WEIR_TYPE_BIGINT);

    wr_builder_set(&builder, 0, weir_int(7));
    wr_builder_set(&builder, 3, weir_int(9));
    wr_builder_resize(&builder, 5);

    CHECK_INT(builder.rows, 5);
    CHECK_INT(builder.nulls, 3);
    CHECK_INT(builder.validity[0], 0x09);
    CHECK_INT(((const int64_t *)(const void *)builder.data)[3], 9);
    wr_builder_done(&builder);
}

TEST(the_last_cell_can_be_replaced_or_taken_back)
{
    wr_builder builder = { 0 };
    wr_builder_reset(&builder, WEIR_TYPE_TEXT);

    wr_builder_set(&builder, 0, text("first"));
    wr_builder_set(&builder, 1, text("a longer text"));
    wr_builder_set(&builder, 1, text("b"));
    CHECK_TEXT(wr_builder_get_text(&builder, 1), "b");
    CHECK_INT(builder.data_len, 6);

    wr_builder_set(&builder, 1, weir_null());
    CHECK_INT(builder.nulls, 1);
    CHECK(wr_builder_get_text(&builder, 1).ptr == NULL);
    CHECK_TEXT(wr_builder_get_text(&builder, 0), "first");
    wr_builder_done(&builder);
}

TEST(an_empty_text_is_not_null_also_when_it_is_the_first)
{
    wr_builder builder = { 0 };
    wr_builder_reset(&builder, WEIR_TYPE_TEXT);

    wr_builder_set(&builder, 0, text(""));

    CHECK(wr_builder_get_text(&builder, 0).ptr != NULL);
    CHECK_INT(builder.nulls, 0);
    wr_builder_done(&builder);
}

TEST(a_reused_builder_has_no_traces_of_its_former_rows)
{
    static const weir_type types[] = { WEIR_TYPE_TEXT, WEIR_TYPE_BOOL, WEIR_TYPE_BIGINT,
                                       WEIR_TYPE_BOOL, WEIR_TYPE_DATE, WEIR_TYPE_BIGINT };
    wr_builder builder = { 0 };
    for (size_t type = 0; type < sizeof(types) / sizeof(*types); type++) {
        wr_builder_reset(&builder, types[type]);
        wr_builder_resize(&builder, 1000);

        CHECK_INT(builder.nulls, 1000);
        for (size_t i = 0; i < 1000 / 8; i++)
            CHECK(builder.validity[i] == 0 && (type == 0 || builder.data[i] == 0));

        wr_builder_resize(&builder, 0);
        for (int64_t row = 0; row < 900; row++)
            wr_builder_set(&builder, row, type == 0 ? text("some text") : weir_int(1));
    }
    wr_builder_done(&builder);
}

TEST(a_batch_is_exported_in_the_order_of_the_table_with_missing_columns_as_nulls)
{
    wr_batch *batch = wr_new(wr_batch);
    const size_t name = wr_batch_add(batch, &NAME);
    const size_t id = wr_batch_add(batch, &ID);
    batch->rows = 2;
    wr_builder_set(&batch->builders.ptr[id], 0, weir_int(1));
    wr_builder_set(&batch->builders.ptr[id], 1, weir_int(2));
    wr_builder_set(&batch->builders.ptr[name], 1, text("Ada"));
    wr_batch_finish(batch);

    const weir_column table[] = { ID, PAID, NAME };
    struct ArrowArray array;
    wr_batch_export(batch, table, 3, &array);

    CHECK_INT(array.length, 2);
    CHECK_INT(array.n_children, 3);
    CHECK_INT(((const int64_t *)array.children[0]->buffers[1])[1], 2);
    CHECK_INT(array.children[1]->null_count, 2);
    CHECK_INT(*(const uint8_t *)array.children[1]->buffers[0], 0);
    CHECK_INT(array.children[2]->null_count, 1);
    CHECK_INT(((const int32_t *)array.children[2]->buffers[1])[2], 3);
    array.release(&array);
    CHECK(array.release == NULL);
}

static void count_release(void *self, wr_batch *batch)
{
    ++*(int *)self;
    wr_batch_reset(batch);
}

TEST(a_released_batch_goes_back_to_its_maker_and_is_used_again)
{
    int released = 0;
    wr_batch *batch = wr_new(wr_batch);
    batch->released = count_release;
    batch->released_self = &released;
    (void)wr_batch_add(batch, &NAME);
    batch->rows = 1;
    wr_builder_set(&batch->builders.ptr[0], 0, text("old"));
    wr_batch_finish(batch);
    struct ArrowArray array;
    wr_batch_export(batch, &NAME, 1, &array);
    array.release(&array);
    CHECK_INT(released, 1);

    CHECK_INT(wr_batch_add(batch, &PAID), 0);
    batch->rows = 1;
    wr_builder_set(&batch->builders.ptr[0], 0, weir_bool(true));
    CHECK_INT(batch->builders.ptr[0].data[0], 1);
    CHECK_INT(batch->builders.ptr[0].validity[0], 1);
    batch->released = NULL;
    wr_batch_release(batch);
}

TEST(a_batch_counts_all_that_it_takes)
{
    const size_t before = wr_mem_now();
    wr_batch *batch = wr_new(wr_batch);
    weir_column columns[40];
    for (size_t i = 0; i < 40; i++) {
        columns[i] = i % 2 ? ID : NAME;
        (void)wr_batch_add(batch, &columns[i]);
    }
    batch->rows = 3; /* as of a small file */
    wr_batch_finish(batch);
    struct ArrowArray array;
    wr_batch_export(batch, columns, 40, &array);

    const size_t taken = wr_mem_now() - before;
    if (batch->bytes < taken * 9 / 10 || batch->bytes > taken * 11 / 10)
        FAIL("it counts %zu bytes and takes %zu", batch->bytes, taken);
    array.release(&array);
}

TEST(a_schema_names_the_columns_and_their_arrow_types)
{
    weir_column wall = { .name = { "at", 2 }, .type = WEIR_TYPE_TIMESTAMP };
    wall.hints = WEIR_HINT_NO_TIMEZONE;
    const weir_column columns[] = { ID, NAME, PAID, wall };
    struct ArrowSchema schema;

    wr_arrow_schema(&schema, columns, 4);

    CHECK_STR(schema.format, "+s");
    CHECK_INT(schema.n_children, 4);
    CHECK_STR(schema.children[0]->format, "l");
    CHECK_STR(schema.children[1]->name, "name");
    CHECK_STR(schema.children[3]->format, "tsu:");
    schema.release(&schema);
    CHECK(schema.release == NULL);
}
