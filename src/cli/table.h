/* Results on the standard output: aligned tables for people, JSON lines for programs. */
#ifndef WR_TABLE_H
#define WR_TABLE_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/vec.h"
#include "format/json.h"

/* A table that is printed row by row: the widths of its columns follow from the first rows, so that it needs the same
 * memory for any number of them. Zero is a valid, empty one. */
typedef struct wr_grid {
    wr_vec(struct wr_grid_column {
        bool right; /* numbers stand at the right */
        size_t width;
    }) columns;
    wr_vec(weir_str) titles;
    wr_vec(weir_str) cells; /* of rows that wait for the widths, or of the present one */
    wr_arena head;          /* content of the titles */
    wr_arena rows;          /* content of the cells */
    bool begun;             /* the head is printed: widths are fixed */
} wr_grid;

/* All columns come before the first cell. */
void wr_grid_column(wr_grid *grid, weir_str title, bool right);
/* The next cell, row by row. Control characters are shown as escapes; malformed UTF-8 too. */
void wr_grid_cell(wr_grid *grid, weir_str text);
void wr_grid_int(wr_grid *grid, int64_t number);
/* Print what waits; the head, too, when there was no row. */
void wr_grid_end(wr_grid *grid);
void wr_cleanup_grid(wr_grid *grid);

/* "Pipeline     test": one fact per line. */
void wr_print_fact(const char *name, weir_str value);
/* A document on one line. */
weir_status wr_print_json(weir_ctx *cx, const wr_node *node) WEIR_MUST_USE;

/* How many columns of a terminal a code point takes: 0, 1 or 2. */
int wr_code_point_width(uint32_t code_point);

#endif
