/* Reads the header Link. */
#include "net/link.h"

#include <strings.h>

#include "base/str.h"

static void skip(weir_str *rest, const char *chars)
{
    while (rest->len > 0 && rest->ptr[0] && strchr(chars, rest->ptr[0])) {
        rest->ptr++;
        rest->len--;
    }
}

static weir_str take_until(weir_str *rest, const char *stops)
{
    weir_str part = { rest->ptr, 0 };
    while (part.len < rest->len && (!part.ptr[part.len] || !strchr(stops, part.ptr[part.len])))
        part.len++;
    rest->ptr += part.len;
    rest->len -= part.len;
    return part;
}

/* Inside of quotes, without resolving what is escaped: relations have none. */
static weir_str take_quoted(weir_str *rest)
{
    rest->ptr++;
    rest->len--;
    weir_str part = { rest->ptr, 0 };
    while (part.len < rest->len && part.ptr[part.len] != '"')
        part.len += part.ptr[part.len] == '\\' && part.len + 1 < rest->len ? 2 : 1;
    const size_t used = part.len < rest->len ? part.len + 1 : rest->len;
    rest->ptr += used;
    rest->len -= used;
    return part;
}

static bool same(weir_str a, weir_str b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

/* `rel` may name several relations, with blanks between. */
static bool names(weir_str value, weir_str rel)
{
    weir_str word;
    while (wr_str_split(&value, ' ', &word))
        if (same(word, rel))
            return true;
    return false;
}

/* The parameters of a link, up to the comma behind them. */
static bool has_rel(weir_str *rest, weir_str rel)
{
    bool found = false;
    skip(rest, " \t");
    while (rest->len > 0 && rest->ptr[0] == ';') {
        skip(rest, "; \t");
        const weir_str name = wr_str_trim(take_until(rest, "=;,"));
        weir_str value = { 0 };
        if (rest->len > 0 && rest->ptr[0] == '=') {
            skip(rest, "= \t");
            const bool quoted = rest->len > 0 && rest->ptr[0] == '"';
            value = quoted ? take_quoted(rest) : wr_str_trim(take_until(rest, ";,"));
        }
        found = found || (same(name, wr_lit("rel")) && names(value, rel));
        (void)take_until(rest, ";,");
    }
    return found;
}

bool wr_link_find(weir_str header, weir_str rel, weir_str *ret)
{
    while (header.len > 0) {
        (void)take_until(&header, "<");
        if (header.len == 0)
            break;
        header.ptr++;
        header.len--;
        const weir_str target = wr_str_trim(take_until(&header, ">"));
        if (header.len == 0)
            break;
        header.ptr++;
        header.len--;
        if (has_rel(&header, rel)) {
            *ret = target;
            return true;
        }
    }
    return false;
}
