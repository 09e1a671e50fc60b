/* Connection strings, as dlt reads them: `driver://user:password@host:port/database?key=value`. */
#ifndef WR_CONNECTION_H
#define WR_CONNECTION_H

#include <weir/base.h>

#include "base/arena.h"

/* Parameters that a query may have. */
#define WR_CONNECTION_QUERY_MAX 64

typedef struct wr_connection_param {
    weir_str name;
    weir_str value;
} wr_connection_param;

/* Parts that are not there have no `ptr`: `postgresql://h/` has a database, the empty one. */
typedef struct wr_connection {
    weir_str driver;
    weir_str username; /* without percent signs, as the password */
    weir_str password;
    weir_str host; /* an IPv6 address without brackets */
    weir_str port; /* digits */
    weir_str database;
    wr_connection_param *query; /* in the order of the text; a name may come twice */
    size_t query_len;
} wr_connection;

/* Read a connection string; texts are in `arena`. WEIR_CONFIG says what is wrong without showing any of it: it may be a
 * secret. */
weir_status wr_connection_parse(weir_ctx *cx, wr_arena *arena, weir_str text, wr_connection *ret)
    WEIR_MUST_USE;

/* The value of a query's parameter, the last one of the name; NULL when there is none. */
const weir_str *wr_connection_get(const wr_connection *connection, weir_str name);

/* For people: the password is `***`, and the query, which may hold secrets, is left out. */
weir_str wr_connection_show(wr_arena *arena, const wr_connection *connection);

#endif
