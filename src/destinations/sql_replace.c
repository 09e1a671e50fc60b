/* Replacing by staged rows: they are copied, or the tables change places where the database can do that. */
#include "base/mem.h"
#include "destinations/sql_chain.h"

void wr_sql_replace_staged(wr_sql_chain *c)
{
    const wr_dialect *dialect = &c->sql->driver->dialect;
    for (size_t i = 0; i < c->chain->count; i++) {
        wr_sql_enter(c, i);
        if (c->sql->replace == WR_SQL_SWAP) {
            for (const char *const *statement = dialect->swap; *statement; statement++)
                wr_sql_say(c, *statement);
            continue;
        }
        wr_sql_say(c,
                   dialect->truncates ? "TRUNCATE TABLE {table}" : "DELETE FROM {table} WHERE 1=1");
        wr_sql_say(c, "INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged}");
    }
}
