/* Sums up what frames leave out. */
#include "pipeline/losses.h"

#include "base/mem.h"
#include "base/str.h"

static wr_table_losses *losses_of(wr_losses *losses, weir_str table)
{
    wr_table_losses *found = wr_map_get(&losses->tables, table);
    if (found)
        return found;
    wr_table_losses *ret = wr_arena_new(&losses->arena, wr_table_losses);
    ret->table = wr_arena_str(&losses->arena, table);
    wr_map_put(&losses->tables, ret->table, ret);
    return ret;
}

/* There are few, and each frame names one once. */
static void add_null(wr_losses *losses, const wr_null_column *null)
{
    wr_table_losses *table = losses_of(losses, null->table);
    for (size_t i = 0; i < table->nulls.len; i++)
        if (wr_str_eq(table->nulls.ptr[i], null->column))
            return;
    *wr_vec_push(&table->nulls) = wr_arena_str(&losses->arena, null->column);
}

void wr_losses_add(wr_losses *losses, const wr_normalized *result)
{
    for (size_t i = 0; i < result->dropped.len; i++) {
        const wr_dropped *dropped = &result->dropped.ptr[i];
        wr_table_losses *table = losses_of(losses, dropped->table);
        table->rows += dropped->rows;
        table->values += dropped->values;
    }
    for (size_t i = 0; i < result->nulls.len; i++)
        add_null(losses, &result->nulls.ptr[i]);
}

void wr_losses_add_rows(wr_losses *losses, weir_str table, int64_t rows)
{
    losses_of(losses, table)->rows += rows;
}

const wr_table_losses *wr_losses_of(const wr_losses *losses, weir_str table)
{
    return wr_map_get(&losses->tables, table);
}

void wr_losses_done(wr_losses *losses)
{
    for (size_t i = 0; i < losses->tables.len; i++) {
        wr_table_losses *table = losses->tables.entries[i].value;
        wr_vec_done(&table->nulls);
    }
    wr_map_done(&losses->tables);
    wr_arena_done(&losses->arena);
}
