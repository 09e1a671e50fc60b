/* Any bytes as what a server says in headers: links, times to wait, dates, and where links lead from here. */
#include "base/ctx.h"
#include "base/str.h"
#include "base/time.h"
#include "net/http.h"
#include "net/link.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found lies in the header, and no relation is found that is not written there. */
static void check_link(weir_str header)
{
    weir_str target;
    if (wr_link_find(header, wr_lit("next"), &target)) {
        wr_assert(target.ptr >= header.ptr);
        wr_assert(target.ptr + target.len <= header.ptr + header.len);
        wr_assert(memmem(header.ptr, header.len, "<", 1));
    }
    wr_assert(!wr_link_find(header, wr_lit("no such \x01 relation"), &target));
}

/* Whatever a link is, what is asked has no blanks and nothing beyond ASCII. */
static void check_url(wr_arena *arena, weir_str reference)
{
    const weir_str base = wr_lit("https://api.example.com/v1/items?page=1#top");
    const weir_str url = wr_url_resolve(arena, base, reference);
    const weir_str escaped = wr_url_escape(arena, url);
    for (size_t i = 0; i < escaped.len; i++)
        wr_assert(escaped.ptr[i] > ' ' && escaped.ptr[i] < 0x7f);
    wr_assert(wr_url_same_host(url, url));
    (void)wr_url_has_param(url, wr_lit("page"));
    (void)wr_url_add_query(arena, url, wr_lit("a=b"));
}

static void check_wait(weir_ctx *cx, weir_str value)
{
    const wr_http_header headers[] = { { wr_lit("retry-after"), value } };
    const wr_http_response response = { 429, headers, 1, { 0 } };
    weir_time date;
    const int64_t wait = wr_http_retry_after_us(cx, &response);
    wr_assert(wait >= 0);
    if (wr_http_date(value, &date))
        wr_assert(date >= WR_TIME_MIN && date <= WR_TIME_MAX + WR_US_PER_SECOND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str text = { (const char *)data, size };
    wr_ctx_init(&cx, NULL);
    check_link(text);
    check_url(&arena, text);
    check_wait(&cx, text);
    return 0;
}
