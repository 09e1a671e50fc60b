/* Losses: what a load leaves out, summed over its frames, by table: rows and values that contracts drop, and names that
 * came with nulls only. */
#ifndef WR_LOSSES_H
#define WR_LOSSES_H

#include "pipeline/normalize.h"

typedef struct wr_table_losses {
    weir_str table;
    int64_t rows;
    int64_t values;
    wr_vec(weir_str) nulls; /* each name once */
} wr_table_losses;

/* Zero is a valid, empty one. */
typedef struct wr_losses {
    wr_arena arena;
    wr_map tables; /* name → wr_table_losses, in order of appearance */
} wr_losses;

/* Those of one frame. */
void wr_losses_add(wr_losses *losses, const wr_normalized *result);
/* Whole rows of a table. */
void wr_losses_add_rows(wr_losses *losses, weir_str table, int64_t rows);
/* NULL: none. */
const wr_table_losses *wr_losses_of(const wr_losses *losses, weir_str table);
void wr_losses_done(wr_losses *losses);

#endif
