/* What the files that all databases share have among themselves; no destination includes it. */
#ifndef WR_SQL_PARTS_H
#define WR_SQL_PARTS_H

#include "destinations/sql.h"

/* A table as the database has it. */
typedef struct wr_sql_table {
    bool exists;
    bool settled;   /* made or emptied in this load: there are no rows of earlier ones */
    wr_map columns; /* name as the database compares it → anything */
} wr_sql_table;

/* Execute the statement; in a plan, record it. */
weir_status wr_sql_execute(weir_ctx *cx, wr_sql *sql, weir_step step, wr_buf *statement)
    WEIR_MUST_USE;

/* A table of a dataset, as it stands in statements. */
weir_str wr_sql_path(const wr_sql_dataset *dataset, wr_buf *out, weir_str table);
/* Find out whether the dataset exists. One that has a table that was already found does. */
weir_status wr_sql_find_dataset(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset) WEIR_MUST_USE;
/* Make it unless it is there. */
weir_status wr_sql_need_dataset(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset) WEIR_MUST_USE;
/* The table of that name; `exists` tells whether there is one. The database is asked once. */
weir_status wr_sql_find_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset, weir_str name,
                              wr_sql_table **ret) WEIR_MUST_USE;
/* Create the table, or add the columns that it does not have. */
weir_status wr_sql_fit_table(weir_ctx *cx, wr_sql *sql, wr_sql_dataset *dataset,
                             const weir_table *table, wr_sql_table **ret) WEIR_MUST_USE;
/* Take out the rows of earlier loads, once in a load; `known` is the table. */
weir_status wr_sql_clear_table(weir_ctx *cx, wr_sql *sql, const wr_sql_dataset *dataset,
                               weir_str table, wr_sql_table *known) WEIR_MUST_USE;
/* A new load begins: what it finds in tables is of earlier ones. */
void wr_sql_unsettle(wr_sql *sql);
/* Forget what was looked up. */
void wr_sql_forget(wr_sql *sql);

/* Append a time as a literal. */
void wr_sql_time(wr_buf *out, weir_time time);

#endif
