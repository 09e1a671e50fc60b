/* Splits URLs into their parts, and puts parts together. */
#include "net/url.h"

#include <strings.h>

#include "base/str.h"

/* The parts of a URL; what is missing has no `ptr`. */
typedef struct url_parts {
    weir_str scheme;    /* "https" */
    weir_str authority; /* "user@host:port" */
    weir_str path;
    weir_str query;    /* without "?" */
    weir_str fragment; /* without "#" */
} url_parts;

static size_t find_any(weir_str text, const char *stops)
{
    size_t at = 0;
    while (at < text.len && (text.ptr[at] == '\0' || !strchr(stops, text.ptr[at])))
        at++;
    return at;
}

static weir_str take(weir_str *rest, size_t len)
{
    const weir_str part = { rest->ptr, len };
    rest->ptr += len;
    rest->len -= len;
    return part;
}

static bool is_scheme(weir_str text)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !strchr(i ? "+-.0123456789" : LETTERS, text.ptr[i]))
            if (text.ptr[i] == '\0' || !strchr(LETTERS, text.ptr[i]))
                return false;
    return text.len > 0;
}

static url_parts split(weir_str url)
{
    url_parts parts = { 0 };
    weir_str rest = { url.ptr ? url.ptr : "", url.len };
    const size_t colon = find_any(rest, ":/?#");
    if (colon < rest.len && rest.ptr[colon] == ':' && is_scheme((weir_str){ rest.ptr, colon })) {
        parts.scheme = take(&rest, colon);
        (void)take(&rest, 1);
    }
    if (wr_str_starts(rest, wr_lit("//"))) {
        (void)take(&rest, 2);
        parts.authority = take(&rest, find_any(rest, "/?#"));
    }
    parts.path = take(&rest, find_any(rest, "?#"));
    if (rest.len > 0 && rest.ptr[0] == '?') {
        (void)take(&rest, 1);
        parts.query = take(&rest, find_any(rest, "#"));
    }
    if (rest.len > 0) {
        (void)take(&rest, 1);
        parts.fragment = rest;
    }
    return parts;
}

static weir_str put_together(wr_arena *arena, const url_parts *parts)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_URL_MAX);
    if (parts->scheme.ptr)
        wr_buf_printf(&out, "%.*s:", WR_STR(parts->scheme));
    if (parts->authority.ptr)
        wr_buf_printf(&out, "//%.*s", WR_STR(parts->authority));
    wr_buf_str(&out, parts->path);
    if (parts->query.ptr)
        wr_buf_printf(&out, "?%.*s", WR_STR(parts->query));
    if (parts->fragment.ptr)
        wr_buf_printf(&out, "#%.*s", WR_STR(parts->fragment));
    return wr_arena_str(arena, wr_buf_view(&out));
}

bool wr_url_is_absolute(weir_str url)
{
    return (url.len >= 7 && strncasecmp(url.ptr, "http://", 7) == 0) ||
           (url.len >= 8 && strncasecmp(url.ptr, "https://", 8) == 0);
}

weir_str wr_url_join(wr_arena *arena, weir_str base, weir_str path)
{
    if (wr_url_is_absolute(path) || base.len == 0)
        return wr_arena_str(arena, path);
    if (path.len == 0)
        return wr_arena_str(arena, base);
    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    while (path.len > 0 && path.ptr[0] == '/')
        (void)take(&path, 1);
    return wr_arena_printf(arena, "%.*s/%.*s", WR_STR(base), WR_STR(path));
}

/* Without "." and "..": RFC 3986, 5.2.4, segment by segment. */
static weir_str remove_dots(wr_arena *arena, weir_str path)
{
    char *out = wr_arena_alloc(arena, path.len + 2);
    size_t len = 0;
    while (path.len > 0) {
        const size_t slash = path.ptr[0] == '/';
        const size_t end = slash + find_any((weir_str){ path.ptr + slash, path.len - slash }, "/");
        const weir_str segment = { path.ptr + slash, end - slash };
        const bool here = wr_str_eq(segment, wr_lit("."));
        const bool up = wr_str_eq(segment, wr_lit(".."));
        const bool is_last = end == path.len;
        const weir_str whole = take(&path, end);
        while (up && len > 0 && out[--len] != '/') {
        }
        if (!here && !up) {
            memcpy(out + len, whole.ptr, whole.len);
            len += whole.len;
        } else if (is_last && slash) {
            out[len++] = '/';
        }
    }
    return (weir_str){ out, len };
}

static weir_str merge_paths(wr_arena *arena, const url_parts *base, weir_str path)
{
    if (base->path.len == 0)
        return wr_arena_printf(arena, "/%.*s", WR_STR(path));
    const char *slash = memrchr(base->path.ptr, '/', base->path.len);
    const weir_str folder = { base->path.ptr, slash ? (size_t)(slash - base->path.ptr) + 1 : 0 };
    return wr_arena_printf(arena, "%.*s%.*s", WR_STR(folder), WR_STR(path));
}

weir_str wr_url_resolve(wr_arena *arena, weir_str base, weir_str reference)
{
    const url_parts from = split(base);
    url_parts to = split(reference);
    if (to.scheme.ptr)
        return wr_arena_str(arena, reference);
    to.scheme = from.scheme;
    if (to.authority.ptr)
        return put_together(arena, &to);
    to.authority = from.authority;
    if (to.path.len == 0) {
        to.path = from.path;
        to.query = to.query.ptr ? to.query : from.query;
    } else {
        const bool rooted = to.path.ptr[0] == '/';
        to.path = remove_dots(arena, rooted ? to.path : merge_paths(arena, &from, to.path));
    }
    return put_together(arena, &to);
}

weir_str wr_url_add_query(wr_arena *arena, weir_str url, weir_str query)
{
    if (query.len == 0)
        return wr_arena_str(arena, url);
    url_parts parts = split(url);
    parts.query = parts.query.len > 0
                      ? wr_arena_printf(arena, "%.*s&%.*s", WR_STR(parts.query), WR_STR(query))
                      : query;
    if (parts.path.len == 0)
        parts.path = wr_lit("/");
    return put_together(arena, &parts);
}

bool wr_url_has_param(weir_str url, weir_str name)
{
    weir_str query = split(url).query;
    weir_str pair;
    while (wr_str_split(&query, '&', &pair))
        if (wr_str_eq((weir_str){ pair.ptr, find_any(pair, "=") }, name))
            return true;
    return false;
}

weir_str wr_url_escape(wr_arena *arena, weir_str url)
{
    char *out = wr_arena_alloc_array(arena, url.len + 1, 3);
    size_t len = 0;
    for (size_t i = 0; i < url.len; i++) {
        const unsigned char c = (unsigned char)url.ptr[i];
        if (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c)) {
            out[len++] = (char)c;
            continue;
        }
        out[len++] = '%';
        out[len++] = "0123456789ABCDEF"[c >> 4];
        out[len++] = "0123456789ABCDEF"[c & 15];
    }
    return (weir_str){ out, len };
}

bool wr_url_same_host(weir_str a, weir_str b)
{
    const url_parts one = split(a);
    const url_parts other = split(b);
    return one.scheme.len == other.scheme.len && one.authority.len == other.authority.len &&
           (one.scheme.len == 0 ||
            strncasecmp(one.scheme.ptr, other.scheme.ptr, one.scheme.len) == 0) &&
           (one.authority.len == 0 ||
            strncasecmp(one.authority.ptr, other.authority.ptr, one.authority.len) == 0);
}

void wr_form_text(wr_buf *out, weir_str text)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c && strchr(PLAIN, c))
            wr_buf_char(out, c);
        else if (c == ' ')
            wr_buf_char(out, '+');
        else
            wr_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

void wr_form_pair(wr_buf *out, weir_str name, weir_str value)
{
    if (out->len > 0)
        wr_buf_char(out, '&');
    wr_form_text(out, name);
    wr_buf_char(out, '=');
    wr_form_text(out, value);
}
