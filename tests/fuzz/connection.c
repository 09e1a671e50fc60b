/* Any bytes as a connection string. What is refused is refused without showing any of it; what is read has no password
 * when it is shown, and reads as the same again. */
#include "config/connection.h"

#include "base/ctx.h"
#include "base/str.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(weir_str text)
{
    wr_assert(wr_utf8_valid(text) == text.len);
    wr_assert(text.len == 0 || !memchr(text.ptr, '\0', text.len));
}

static void check_parts(const wr_connection *c)
{
    const weir_str parts[] = { c->driver, c->username, c->password, c->host, c->port, c->database };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        check_text(parts[i]);
    for (size_t i = 0; i < c->query_len; i++) {
        check_text(c->query[i].name);
        check_text(c->query[i].value);
        wr_assert(wr_connection_get(c, c->query[i].name));
    }
    wr_assert(c->driver.len > 0);
    wr_assert(!c->password.ptr || c->username.ptr);
}

/* All but the password and the query comes back. */
static void check_shown(weir_ctx *cx, wr_arena *arena, const wr_connection *c)
{
    wr_connection again;
    const weir_str shown = wr_connection_show(arena, c);
    wr_assert(wr_connection_parse(cx, arena, shown, &again) == WEIR_OK);
    wr_assert(wr_str_eq(again.driver, c->driver));
    wr_assert(wr_str_eq(again.username, c->username));
    wr_assert(wr_str_eq(again.host, c->host));
    wr_assert(wr_str_eq(again.port, c->port));
    wr_assert(wr_str_eq(again.database, c->database));
    wr_assert(again.query_len == 0);
    if (c->password.ptr)
        wr_assert(wr_str_eq(again.password, wr_lit("***")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    wr_connection connection;
    const weir_str text = { (const char *)data, size };
    if (wr_connection_parse(&cx, &arena, text, &connection) == WEIR_OK) {
        check_parts(&connection);
        check_shown(&cx, &arena, &connection);
    } else {
        wr_assert(cx.error.status == WEIR_CONFIG);
    }
    return 0;
}
