/* Rows of one table in a worker: what they hang on, also when names meet, so that a table is its own parent; batches that
 * come back. */
#include "pipeline/rowset.h"

#include <string.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/str.h"
#include "harness/test.h"

#define ROWS 200 /* more than fit into the first buffer of a builder */

static const weir_str OWN[WR_OWN_COUNT] = {
    [WR_OWN_LOAD_ID] = wr_lit("_dlt_load_id"),
    [WR_OWN_PARENT_ID] = wr_lit("_dlt_parent_id"),
    [WR_OWN_LIST_IDX] = wr_lit("_dlt_list_idx"),
    [WR_OWN_ID] = wr_lit("_dlt_id"),
};

static wr_idle idle;

static const uint8_t KEY[16] = { 1 };
static const wr_id_source SOURCE = { wr_lit("1700000000.1"), KEY };

static wr_rowset *nested(wr_arena *names, weir_str name)
{
    wr_rowset *ret = wr_rowset_new(name, wr_lit("t"), name);
    ret->own_names = OWN;
    ret->names = names;
    ret->pool.idle = &idle;
    return ret;
}

/* A row below the last one of `parent`. */
static void add_row(weir_ctx *cx, wr_rowset *rows, wr_rowset *parent)
{
    wr_rowset_begin_row(rows, parent ? (wr_link){ parent, parent->row, 7 } : (wr_link){ 0 });
    CHECK_OK(wr_rowset_make_own(cx, rows));
}

/* Has the row the parent's id, and one that follows from it? */
static bool hangs_on(wr_rowset *rows, int64_t row, weir_str parent_id)
{
    char id[WR_ROW_ID_LEN];
    wr_nested_row_id(id, parent_id, rows->name, 7);
    const wr_builder *parents = &rows->batch->builders.ptr[rows->own[WR_OWN_PARENT_ID]];
    return wr_str_eq(wr_builder_get_text(parents, row), parent_id) &&
           wr_str_eq(wr_builder_get_text(wr_rowset_ids(rows), row),
                     (weir_str){ id, WR_ROW_ID_LEN });
}

TEST(rows_may_hang_on_rows_of_their_own_table)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(arena) wr_arena names = { 0 };
    wr_rowset *rows = nested(&names, wr_lit("t__l"));
    add_row(&cx, rows, NULL);
    for (int64_t row = 1; row < ROWS; row++)
        add_row(&cx, rows, rows);

    wr_rowset_fill_ids(rows, &SOURCE);

    for (int64_t row = 1; row < ROWS; row++)
        CHECK(hangs_on(rows, row, wr_builder_get_text(wr_rowset_ids(rows), row - 1)));
    wr_rowset_free(rows);
}

TEST(rows_of_two_tables_may_hang_on_each_other)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(arena) wr_arena names = { 0 };
    wr_rowset *a = nested(&names, wr_lit("t__a"));
    wr_rowset *b = nested(&names, wr_lit("t__b"));
    add_row(&cx, a, NULL);
    for (int64_t row = 0; row < ROWS; row++) {
        add_row(&cx, b, a);
        add_row(&cx, a, b);
    }

    wr_rowset_fill_ids(a, &SOURCE);
    wr_rowset_fill_ids(b, &SOURCE);

    for (int64_t row = 0; row < ROWS; row++) {
        CHECK(hangs_on(b, row, wr_builder_get_text(wr_rowset_ids(a), row)));
        CHECK(hangs_on(a, row + 1, wr_builder_get_text(wr_rowset_ids(b), row)));
    }
    wr_rowset_free(a);
    wr_rowset_free(b);
}

/* Does the memory of a batch that was given back stay, up to this limit? */
static bool is_kept(size_t most)
{
    weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_arena names = { 0 };
    idle = (wr_idle){ .most = most };
    wr_rowset *rows = nested(&names, wr_lit("t__l"));
    add_row(&cx, rows, NULL);
    wr_rowset_finish(rows, &SOURCE);
    wr_batch_release(wr_rowset_take(rows));
    const bool ret = rows->pool.free != NULL && idle.bytes > 0;
    wr_rowset_free(rows);
    wr_arena_done(&names);
    wr_ctx_done(&cx);
    return ret;
}

TEST(batches_that_come_back_are_kept_up_to_a_limit)
{
    CHECK(is_kept(1 << 20));
    CHECK(!is_kept(1));
    CHECK_INT(idle.bytes, 0);
}
