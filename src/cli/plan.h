/* A plan as it is collected and shown. */
#ifndef WR_PLAN_H
#define WR_PLAN_H

#include "format/json.h"

/* What a plan came to; exit statuses that no other outcome has. */
typedef enum wr_plan_result {
    WR_PLAN_NO_CHANGE = 0, /* tables and schema stay as they are; rows may come */
    WR_PLAN_CHANGE = 4,    /* something is made, or the schema changes */
    WR_PLAN_REFUSED = 5,   /* the rows, a contract or the destination would refuse the load */
} wr_plan_result;

/* Print it for people. `doc` is what --json prints:
 *
 *   {"result": "no change" | "change" | "refused" | "failed",
 *    "runs": [{"pipeline", "destination", "dataset", "location",
 *      "settings": [{"key", "state": "given" | "missing", "value", "from"}],
 *      "loads": [{"waiting", "bad_rows",
 *        "tables": [{"table", "rows", "dropped_rows", "dropped_values", "contract", "write", "columns", "sample"}],
 *        "changes": [as of weir schema diff], "ddl": [SQL], "sql": [SQL]}]}],
 *    "error": {"message", "hint"}} */
void wr_plan_print(const wr_node *doc);

#endif
