/* Looks at the rows of a resource one by one. */
#include "pipeline/sift.h"

#include "base/ctx.h"
#include "base/str.h"
#include "format/jsonpath.h"

weir_status wr_sift_begin(weir_ctx *cx, const wr_resource *resource,
                          const wr_incremental_home *home, wr_sift *ret)
{
    *ret = (wr_sift){ .resource = resource };
    if (!resource->incremental)
        return WEIR_OK;
    return wr_incremental_open(cx, resource->incremental, home, &ret->incremental);
}

static weir_status read_row(weir_ctx *cx, wr_sift *sift, weir_str text, const wr_jval **ret)
{
    const wr_jval *row = NULL;
    WEIR_TRY(wr_line_read_copy(cx, &sift->lines, text, &row));
    if (wr_jkind_of(row) != WR_JOBJECT)
        return weir_fail(cx, WEIR_INVALID, "the row is no object, so it has no field '%.*s'",
                         WR_STR(sift->resource->incremental
                                    ? sift->resource->incremental->cursor_path
                                    : sift->resource->table_field));
    *ret = row;
    return WEIR_OK;
}

static weir_status name_table(weir_ctx *cx, wr_sift *sift, const wr_jval *row, weir_str *ret)
{
    const weir_str field = sift->resource->table_field;
    const wr_jval *value = wr_jval_member(row, field, &sift->place);
    if (!value || wr_jkind_of(value) != WR_JTEXT || wr_jlen(value) == 0)
        return weir_fail(cx, WEIR_INVALID,
                         "the field '%.*s', which names the table of each row, %s\n"
                         "hint: rows without a table cannot be loaded; name one table for all: "
                         "table_name = \"…\"",
                         WR_STR(field), value ? "is no text, or an empty one" : "is missing");
    *ret = wr_jtext(value);
    return WEIR_OK;
}

weir_status wr_sift_row(weir_ctx *cx, wr_sift *sift, weir_str text, wr_sifted *ret)
{
    const wr_jval *row = NULL;
    wr_sifted sifted = { .keep = true };
    WEIR_TRY(read_row(cx, sift, text, &row));
    if (sift->incremental)
        WEIR_TRY(wr_incremental_row(cx, sift->incremental, row, &sifted.keep));
    if (sifted.keep && sift->resource->table_field.len)
        WEIR_TRY(name_table(cx, sift, row, &sifted.table));
    sift->page_rows++;
    *ret = sifted;
    return WEIR_OK;
}

weir_status wr_sift_end_page(weir_ctx *cx, wr_sift *sift, bool *ret_stop)
{
    *ret_stop = false;
    sift->page_rows = 0;
    return sift->incremental ? wr_incremental_end_page(cx, sift->incremental, ret_stop) : WEIR_OK;
}

weir_status wr_sift_save(weir_ctx *cx, wr_sift *sift)
{
    bool stop = false;
    WEIR_TRY(wr_sift_end_page(cx, sift, &stop));
    return sift->incremental ? wr_incremental_save(cx, sift->incremental) : WEIR_OK;
}

void wr_sift_end(wr_sift *sift)
{
    wr_incremental_close(sift->incremental);
    wr_line_reader_done(&sift->lines);
    *sift = (wr_sift){ 0 };
}
