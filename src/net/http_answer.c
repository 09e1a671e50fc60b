/* What an answer means, and how requests and answers are shown: nothing of libcurl. */
#include <strings.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "net/http.h"

#define SHOWN_MAX ((size_t)64 << 10)
#define QUOTE_MAX 300 /* bytes of a body in a message */

/* ---- the URL ---- */

static size_t find_any(weir_str text, size_t from, const char *stops)
{
    while (from < text.len && !strchr(stops, text.ptr[from]))
        from++;
    return from;
}

/* Where the host begins and ends; both 0 when there is none. */
static void find_host(weir_str url, size_t *ret_from, size_t *ret_to)
{
    const char *scheme = memmem(url.ptr, url.len, "://", 3);
    *ret_from = *ret_to = 0;
    if (!scheme)
        return;
    *ret_from = (size_t)(scheme - url.ptr) + 3;
    *ret_to = find_any(url, *ret_from, "/?#");
    for (size_t i = *ret_from; i < *ret_to; i++)
        if (url.ptr[i] == '@')
            *ret_from = i + 1;
}

weir_str wr_http_host(wr_arena *arena, weir_str url)
{
    size_t from;
    size_t to;
    find_host(url, &from, &to);
    const size_t scheme = wr_str_starts(url, wr_lit("https://")) ? 8 : 7;
    if (to == 0)
        return wr_lit("");
    return wr_arena_printf(arena, "%.*s%.*s", (int)scheme, url.ptr, (int)(to - from),
                           url.ptr + from);
}

/* "?limit=…&after=…": names only, for values may be keys. */
static void append_query(wr_buf *out, weir_str query)
{
    char separator = '?';
    weir_str part;
    while (wr_str_split(&query, '&', &part)) {
        const size_t len = find_any(part, 0, "=");
        wr_buf_printf(out, "%c%.*s%s", separator, (int)len, part.ptr, len < part.len ? "=…" : "");
        separator = '&';
    }
}

weir_str wr_http_shown_url(wr_arena *arena, const wr_http_request *request)
{
    const weir_str url = request->url;
    const weir_str host = wr_http_host(arena, url);
    if (request->secret_url)
        return host;
    size_t from;
    size_t to;
    find_host(url, &from, &to);
    const size_t query = find_any(url, to, "?#");
    const size_t fragment = find_any(url, query, "#");
    wr_auto(buf) wr_buf shown = wr_buf_max(SHOWN_MAX);
    wr_auto(buf) wr_buf masked = wr_buf_max(SHOWN_MAX);
    wr_buf_str(&shown, host);
    wr_buf_append(&shown, url.ptr + to, query - to);
    if (query < fragment)
        append_query(&shown, (weir_str){ url.ptr + query + 1, fragment - query - 1 });
    wr_mask(&masked, wr_buf_view(&shown));
    return wr_arena_str(arena, wr_buf_view(&masked));
}

/* ---- headers ---- */

weir_str wr_http_header_of(const wr_http_response *response, const char *name)
{
    const size_t len = strlen(name);
    for (size_t i = 0; i < response->header_count; i++) {
        const wr_http_header *header = &response->headers[i];
        if (header->name.len == len && strncasecmp(header->name.ptr, name, len) == 0)
            return header->value;
    }
    return (weir_str){ 0 };
}

static unsigned month_of(const char *name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (unsigned i = 0; i < 12; i++)
        if (memcmp(months + (size_t)3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

/* The form that everybody sends: "Sun, 06 Nov 1994 08:49:37 GMT". */
bool wr_http_date(weir_str text, weir_time *ret)
{
    int64_t parts[5]; /* day, year, hour, minute, second */
    static const struct {
        uint8_t at;
        uint8_t len;
    } places[] = { { 5, 2 }, { 12, 4 }, { 17, 2 }, { 20, 2 }, { 23, 2 } };
    if (text.len != 29 || !wr_str_ends(text, wr_lit(" GMT")))
        return false;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        if (!wr_int_parse((weir_str){ text.ptr + places[i].at, places[i].len }, &parts[i]))
            return false;
    const unsigned month = month_of(text.ptr + 8);
    if (month == 0 || parts[1] < 1 || parts[0] < 1 ||
        parts[0] > (int64_t)wr_days_in_month(parts[1], month) || parts[2] < 0 || parts[2] > 23 ||
        parts[3] < 0 || parts[3] > 59 || parts[4] < 0 || parts[4] > 60)
        return false;
    const int64_t days = wr_days_from_civil(parts[1], month, (unsigned)parts[0]);
    *ret = days * WR_US_PER_DAY + (parts[2] * 3600 + parts[3] * 60 + parts[4]) * WR_US_PER_SECOND;
    return true;
}

int64_t wr_http_retry_after_us(weir_ctx *cx, const wr_http_response *response)
{
    const weir_str text = wr_http_header_of(response, "Retry-After");
    int64_t seconds;
    weir_time until;
    if (wr_int_parse(text, &seconds))
        return seconds > 0 && seconds < 86400 * 365 ? seconds * WR_US_PER_SECOND : 0;
    if (!wr_http_date(text, &until) || until <= wr_now(cx))
        return 0;
    return until - wr_now(cx);
}

/* ---- the meaning ---- */

/* The first line that fits counts. */
static const struct {
    int from;
    int to;
    weir_status status;
    const char *text;
} answers[] = {
    { 401, 401, WEIR_AUTH, "unauthorized" },
    { 403, 403, WEIR_AUTH, "forbidden" },
    { 404, 404, WEIR_REJECTED, "not found" },
    { 408, 408, WEIR_TIMEOUT, "request timeout" },
    { 425, 425, WEIR_THROTTLED, "too early" },
    { 429, 429, WEIR_THROTTLED, "too many requests" },
    { 501, 501, WEIR_REJECTED, "not implemented" },
    { 505, 505, WEIR_REJECTED, "version not supported" },
    { 500, 599, WEIR_NETWORK, "the server failed" },
    { 0, 999, WEIR_REJECTED, "refused" },
};

/* The beginning of the body, one line, known secrets masked. */
static weir_str quoted(wr_arena *arena, const wr_http_request *request,
                       const wr_http_response *response)
{
    if (request->secret_body || response->body.len == 0)
        return wr_lit("");
    wr_auto(buf) wr_buf masked = wr_buf_max(SHOWN_MAX);
    const size_t len = response->body.len < SHOWN_MAX / 8 ? response->body.len : SHOWN_MAX / 8;
    wr_mask(&masked, (weir_str){ response->body.ptr, len });
    char *text = wr_arena_alloc(arena, QUOTE_MAX + 1);
    size_t shown = wr_str_fit(text, QUOTE_MAX + 1, wr_buf_view(&masked));
    for (size_t i = 0; i < shown; i++)
        if ((unsigned char)text[i] < ' ')
            text[i] = ' ';
    return wr_arena_printf(arena, ": %s", text);
}

weir_status wr_http_check(weir_ctx *cx, const wr_http_request *request,
                          const wr_http_response *response)
{
    if (response->status >= 200 && response->status < 300)
        return WEIR_OK;
    size_t i = 0;
    while (response->status < answers[i].from || response->status > answers[i].to)
        i++;
    wr_auto(arena) wr_arena arena = { 0 };
    weir_fail(cx, answers[i].status, "%s %.*s: %d %s%.*s",
              request->method ? request->method : "GET", WR_STR(wr_http_shown_url(&arena, request)),
              response->status, answers[i].text, WR_STR(quoted(&arena, request, response)));
    cx->error.native = response->status;
    cx->error.wait_us = wr_http_retry_after_us(cx, response);
    return answers[i].status;
}

weir_status wr_http_call(weir_ctx *cx, wr_arena *arena, const wr_http_request *request,
                         wr_retry retry, wr_http_response *ret)
{
    wr_http_response response;
    weir_status status;
    do {
        status = wr_http_send(cx, arena, request, &response);
        if (status == WEIR_OK)
            status = wr_http_check(cx, request, &response);
    } while (wr_retry_again(cx, &retry, &status));
    if (status == WEIR_OK)
        *ret = response;
    return status;
}
