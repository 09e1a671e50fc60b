/* Sifting: of the rows that a resource gives those go on that its incremental lets through, each to the table that a field
 * of it names. Only for resources that want either, see wr_resource_looks(). */
#ifndef WR_SIFT_H
#define WR_SIFT_H

#include "pipeline/line.h"
#include "pipeline/resource.h"

typedef struct wr_sift {
    /* private */
    const wr_resource *resource;
    wr_incremental *incremental; /* NULL: all rows go on */
    wr_line_reader lines;
    size_t place; /* of the table's field in the row before */
    size_t page_rows;
} wr_sift;

/* What becomes of a row. */
typedef struct wr_sifted {
    bool keep;
    weir_str
        table; /* what its field says, not named by a convention yet, until the next row; empty without a field */
} wr_sifted;

/* Begin; `home` is for the incremental. WEIR_CONFIG for one that makes no sense. End *ret in any case. */
weir_status wr_sift_begin(weir_ctx *cx, const wr_resource *resource,
                          const wr_incremental_home *home, wr_sift *ret) WEIR_MUST_USE;
/* Look at the text of one JSON object. */
weir_status wr_sift_row(weir_ctx *cx, wr_sift *sift, weir_str text, wr_sifted *ret) WEIR_MUST_USE;
/* Pages are the source's, or WR_SIFT_PAGE rows. *ret_stop: no later page can have a row that goes on. */
#define WR_SIFT_PAGE 1000
weir_status wr_sift_end_page(weir_ctx *cx, wr_sift *sift, bool *ret_stop) WEIR_MUST_USE;
/* All rows were seen: write to the state where the next run begins. */
weir_status wr_sift_save(weir_ctx *cx, wr_sift *sift) WEIR_MUST_USE;
void wr_sift_end(wr_sift *sift);

#endif
