/* Reads connection strings by the rules of SQLAlchemy, which dlt has:
 *
 *     driver "://" [ username [ ":" password ] "@" ] [ host ] [ ":" port ] [ "/" database ] [ "?" query ]
 *
 * A username has no ':' and no '/', and ends at the last '@' in it; a password ends at the first '@' and may hold
 * anything else. A host has none of '/', ':' and '?', unless it stands in brackets. The database is all up to the '?'. */
#include "config/connection.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/utf8.h"

#define SHOWN_MAX ((size_t)64 << 10)
#define PORT_MAX 65535

static const char HINT[] = "a connection string is written "
                           "driver://username:password@host:port/database?key=value, and "
                           "'@', ':', '/' and '%' in a password as %40, %3A, %2F and %25";

static weir_status refuse(weir_ctx *cx, const char *what)
{
    const weir_status status = weir_fail(cx, WEIR_CONFIG, "%s", what);
    wr_hint(cx, "%s", HINT);
    return status;
}

/* Cut off what `rest` begins with, up to one of the characters `ends`. */
static weir_str take_until(weir_str *rest, const char *ends)
{
    size_t len = 0;
    while (len < rest->len && (rest->ptr[len] == '\0' || !strchr(ends, rest->ptr[len])))
        len++;
    const weir_str taken = { rest->ptr, len };
    rest->ptr += len;
    rest->len -= len;
    return taken;
}

static bool is_at(weir_str rest, char c)
{
    return rest.len > 0 && rest.ptr[0] == c;
}

static bool skip(weir_str *rest, char c)
{
    if (!is_at(*rest, c))
        return false;
    rest->ptr++;
    rest->len--;
    return true;
}

/* ---- percent signs ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 becomes A; a percent sign without two digits stays. `plus`: + is a blank, as in a query. */
static weir_status decode(weir_ctx *cx, wr_arena *arena, weir_str text, bool plus, weir_str *ret)
{
    char *out = wr_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const bool two_more = text.ptr[i] == '%' && i + 2 < text.len;
        const int high = two_more ? hex_digit(text.ptr[i + 1]) : -1;
        const int low = two_more ? hex_digit(text.ptr[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            out[len++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[len++] = plus && text.ptr[i] == '+' ? ' ' : text.ptr[i];
        }
    }
    const weir_str decoded = { out, len };
    if (wr_utf8_valid(decoded) != len || memchr(out, '\0', len))
        return refuse(cx, "what stands behind its percent signs is not UTF-8");
    *ret = decoded;
    return WEIR_OK;
}

/* ---- the parts ---- */

static bool is_driver_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '+';
}

static bool take_driver(weir_str *rest, wr_connection *c)
{
    static const weir_str mark = { "://", 3 };
    size_t len = 0;
    while (len < rest->len && is_driver_character(rest->ptr[len]))
        len++;
    const weir_str behind = { rest->ptr + len, rest->len - len };
    if (len == 0 || !wr_str_starts(behind, mark))
        return false;
    c->driver = (weir_str){ rest->ptr, len };
    *rest = (weir_str){ behind.ptr + mark.len, behind.len - mark.len };
    return true;
}

/* Where the username and the password are; false when there are none, and `rest` is as it was. */
static bool take_account(weir_str *rest, weir_str *username, weir_str *password)
{
    weir_str after = *rest;
    const weir_str name = take_until(&after, ":/");
    if (skip(&after, ':')) {
        *password = take_until(&after, "@");
        if (skip(&after, '@')) {
            *username = name;
            *rest = after;
            return true;
        }
    }
    *password = (weir_str){ 0 };
    const char *at = memrchr(name.ptr, '@', name.len);
    if (!at)
        return false;
    *username = (weir_str){ name.ptr, (size_t)(at - name.ptr) };
    *rest = (weir_str){ at + 1, rest->len - username->len - 1 };
    return true;
}

static weir_status read_account(weir_ctx *cx, wr_arena *arena, weir_str *rest, wr_connection *c)
{
    weir_str username = { 0 };
    weir_str password = { 0 };
    if (!take_account(rest, &username, &password))
        return WEIR_OK;
    WEIR_TRY(decode(cx, arena, username, false, &c->username));
    if (password.ptr)
        WEIR_TRY(decode(cx, arena, password, false, &c->password));
    return WEIR_OK;
}

/* An IPv6 address ends at the last bracket before the port, the database and the query. */
static void take_host(weir_str *rest, wr_connection *c)
{
    weir_str after = *rest;
    if (skip(&after, '[')) {
        const weir_str bracketed = take_until(&after, "/?");
        const char *end = memrchr(bracketed.ptr, ']', bracketed.len);
        if (end && end > bracketed.ptr) {
            c->host = (weir_str){ bracketed.ptr, (size_t)(end - bracketed.ptr) };
            *rest = (weir_str){ end + 1, rest->len - c->host.len - 2 };
            return;
        }
    }
    const weir_str host = take_until(rest, "/:?");
    if (host.len > 0)
        c->host = host;
}

static weir_status read_port(weir_ctx *cx, weir_str *rest, wr_connection *c)
{
    if (!skip(rest, ':'))
        return WEIR_OK;
    const weir_str port = take_until(rest, "/?");
    if (port.len == 0)
        return WEIR_OK;
    int number = 0;
    for (size_t i = 0; i < port.len; i++) {
        if (port.ptr[i] < '0' || port.ptr[i] > '9')
            return refuse(cx, "its port is no number");
        number = number * 10 + (port.ptr[i] - '0');
        if (number > PORT_MAX)
            return refuse(cx, "its port is larger than 65535");
    }
    c->port = port;
    return WEIR_OK;
}

/* Parameters without a value are left out, as dlt leaves them. */
static weir_status read_query(weir_ctx *cx, wr_arena *arena, weir_str query, wr_connection *c)
{
    c->query = wr_arena_new_array(arena, WR_CONNECTION_QUERY_MAX, wr_connection_param);
    for (weir_str pair; wr_str_split(&query, '&', &pair);) {
        const weir_str name = take_until(&pair, "=");
        if (!skip(&pair, '=') || pair.len == 0)
            continue;
        if (c->query_len == WR_CONNECTION_QUERY_MAX)
            return refuse(cx, "its query has more than 64 parameters");
        wr_connection_param *param = &c->query[c->query_len++];
        WEIR_TRY(decode(cx, arena, name, true, &param->name));
        WEIR_TRY(decode(cx, arena, pair, true, &param->value));
    }
    return WEIR_OK;
}

weir_status wr_connection_parse(weir_ctx *cx, wr_arena *arena, weir_str text, wr_connection *ret)
{
    wr_connection c = { 0 };
    if (wr_utf8_valid(text) != text.len || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
        return refuse(cx, "it is not UTF-8");
    weir_str rest = wr_arena_str(arena, text);
    if (!take_driver(&rest, &c))
        return refuse(cx, "it does not begin with a driver, as in postgresql://");
    WEIR_TRY(read_account(cx, arena, &rest, &c));
    take_host(&rest, &c);
    WEIR_TRY(read_port(cx, &rest, &c));
    if (skip(&rest, '/'))
        c.database = take_until(&rest, "?");
    if (skip(&rest, '?'))
        WEIR_TRY(read_query(cx, arena, rest, &c));
    else if (rest.len > 0)
        return refuse(cx, "something stands between its host and its port");
    *ret = c;
    return WEIR_OK;
}

const weir_str *wr_connection_get(const wr_connection *connection, weir_str name)
{
    for (size_t i = connection->query_len; i-- > 0;)
        if (wr_str_eq(connection->query[i].name, name))
            return &connection->query[i].value;
    return NULL;
}

static void append_quoted(wr_buf *out, weir_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (is_driver_character(c) || (c != '\0' && strchr("-.~ ", c)))
            wr_buf_char(out, c);
        else
            wr_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

weir_str wr_connection_show(wr_arena *arena, const wr_connection *connection)
{
    const wr_connection *c = connection;
    wr_auto(buf) wr_buf out = wr_buf_max(SHOWN_MAX);
    wr_buf_printf(&out, "%.*s://", WR_STR(c->driver));
    if (c->username.ptr) {
        append_quoted(&out, c->username);
        wr_buf_cstr(&out, c->password.ptr ? ":***@" : "@");
    }
    const bool bracketed = c->host.len > 0 && memchr(c->host.ptr, ':', c->host.len);
    if (c->host.ptr)
        wr_buf_printf(&out, bracketed ? "[%.*s]" : "%.*s", WR_STR(c->host));
    if (c->port.ptr)
        wr_buf_printf(&out, ":%.*s", WR_STR(c->port));
    if (c->database.ptr)
        wr_buf_printf(&out, "/%.*s", WR_STR(c->database));
    return wr_arena_str(arena, wr_buf_view(&out));
}
