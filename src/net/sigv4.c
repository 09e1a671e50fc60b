/* AWS Signature Version 4: a canonical form of the request, the text to sign, a chain of keyed digests. */
#include "net/sigv4.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "base/str.h"
#include "base/time.h"
#include "base/vec.h"

/* A request has a few headers and a query of a few KiB: a buffer that outgrows this is a mistake of the caller. */
#define CANONICAL_MAX ((size_t)16 << 20)

/* A name and value of the query, or a header, in canonical form. */
typedef struct pair {
    weir_str name;
    weir_str value;
    size_t place; /* in the request: sorting keeps the order of equal names */
} pair;
typedef wr_vec(pair) pairs;

/* Proxies and libraries add or change these on the way. */
static const char *const unsigned_headers[] = {
    "authorization", "connection",        "expect",  "keep-alive",      "te", "trailer",
    "user-agent",    "transfer-encoding", "upgrade", "x-amzn-trace-id",
};

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

weir_str wr_aws_encode(wr_arena *arena, weir_str text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    char *ret = wr_arena_alloc_array(arena, text.len + 1, 3);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            ret[len++] = c;
            continue;
        }
        ret[len++] = '%';
        ret[len++] = digits[(uint8_t)c >> 4];
        ret[len++] = digits[(uint8_t)c & 15];
    }
    return (weir_str){ ret, len };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static weir_str decode(wr_arena *arena, weir_str text)
{
    char *ret = wr_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const bool escape = text.ptr[i] == '%' && text.len - i > 2 &&
                            hex_digit(text.ptr[i + 1]) >= 0 && hex_digit(text.ptr[i + 2]) >= 0;
        if (!escape) {
            ret[len++] = text.ptr[i];
            continue;
        }
        ret[len++] = (char)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2]));
        i += 2;
    }
    return (weir_str){ ret, len };
}

/* ---- the canonical request ---- */

/* Without empty and "." segments; ".." takes the one before away. */
static weir_str without_dots(wr_arena *arena, weir_str path)
{
    const bool slash_at_end =
        path.len > 1 && (wr_str_ends(path, wr_lit("/")) || wr_str_ends(path, wr_lit("/.")) ||
                         wr_str_ends(path, wr_lit("/..")));
    char *ret = wr_arena_alloc(arena, path.len + 2);
    size_t len = 0;
    weir_str segment;
    while (wr_str_split(&path, '/', &segment)) {
        if (segment.len == 0 || wr_str_eq(segment, wr_lit(".")))
            continue;
        if (wr_str_eq(segment, wr_lit(".."))) {
            while (len > 0 && ret[--len] != '/')
                continue;
            continue;
        }
        ret[len++] = '/';
        memcpy(ret + len, segment.ptr, segment.len);
        len += segment.len;
    }
    if (len == 0 || slash_at_end)
        ret[len++] = '/';
    return (weir_str){ ret, len };
}

static weir_str canonical_path(wr_arena *arena, const wr_sigv4 *request)
{
    const weir_str path = request->path.len > 0 ? request->path : wr_lit("/");
    return wr_aws_encode(
        arena, request->path_once ? decode(arena, path) : without_dots(arena, path), true);
}

static int compare_query(const void *a, const void *b)
{
    const pair *left = a;
    const pair *right = b;
    const int by_name = wr_str_cmp(left->name, right->name);
    return by_name ? by_name : wr_str_cmp(left->value, right->value);
}

static int compare_headers(const void *a, const void *b)
{
    const pair *left = a;
    const pair *right = b;
    const int by_name = wr_str_cmp(left->name, right->name);
    return by_name ? by_name : (left->place > right->place) - (left->place < right->place);
}

static void append_query(wr_buf *out, wr_arena *arena, weir_str query)
{
    pairs list = { 0 };
    weir_str part;
    while (wr_str_split(&query, '&', &part)) {
        if (part.len == 0)
            continue;
        const char *equals = memchr(part.ptr, '=', part.len);
        const size_t name_len = equals ? (size_t)(equals - part.ptr) : part.len;
        const size_t skip = equals ? name_len + 1 : name_len;
        const weir_str value = { part.ptr + skip, part.len - skip };
        *wr_vec_push(&list) = (pair){
            .name = wr_aws_encode(arena, decode(arena, (weir_str){ part.ptr, name_len }), false),
            .value = wr_aws_encode(arena, decode(arena, value), false),
        };
    }
    if (list.len > 0)
        qsort(list.ptr, list.len, sizeof(*list.ptr), compare_query);
    for (size_t i = 0; i < list.len; i++)
        wr_buf_printf(out, "%s%.*s=%.*s", i > 0 ? "&" : "", WR_STR(list.ptr[i].name),
                      WR_STR(list.ptr[i].value));
    wr_vec_done(&list);
}

/* Trimmed, with each run of blanks made one. */
static weir_str squeezed(wr_arena *arena, weir_str value)
{
    value = wr_str_trim(value);
    char *ret = wr_arena_alloc(arena, value.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.ptr[i];
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!blank)
            ret[len++] = c;
        else if (ret[len - 1] != ' ')
            ret[len++] = ' ';
    }
    return (weir_str){ ret, len };
}

static void push_header(wr_arena *arena, pairs *list, weir_str name, weir_str value)
{
    const weir_str canonical = wr_arena_lower(arena, name);
    for (size_t i = 0; i < sizeof(unsigned_headers) / sizeof(*unsigned_headers); i++)
        if (wr_str_eq(canonical, weir_str_of(unsigned_headers[i])))
            return;
    if (wr_str_starts(canonical, wr_lit("proxy-")))
        return;
    const pair header = { canonical, squeezed(arena, value), list->len };
    *wr_vec_push(list) = header;
}

/* The block of headers and their names joined by ';'. Values of one name are joined by ','. */
static void append_headers(wr_buf *out, wr_buf *ret_names, const pairs *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const pair *header = &list->ptr[i];
        if (i > 0 && wr_str_eq(header->name, list->ptr[i - 1].name)) {
            out->len--; /* the line end */
            wr_buf_printf(out, ",%.*s\n", WR_STR(header->value));
            continue;
        }
        wr_buf_printf(out, "%.*s:%.*s\n", WR_STR(header->name), WR_STR(header->value));
        wr_buf_printf(ret_names, "%s%.*s", i > 0 ? ";" : "", WR_STR(header->name));
    }
}

static void canonical_headers(wr_buf *out, wr_buf *ret_names, wr_arena *arena,
                              const wr_sigv4 *request, weir_str date)
{
    pairs list = { 0 };
    push_header(arena, &list, wr_lit("host"), request->host);
    push_header(arena, &list, wr_lit("x-amz-date"), date);
    if (request->keys->token.len > 0)
        push_header(arena, &list, wr_lit("x-amz-security-token"), request->keys->token);
    for (size_t i = 0; i < request->header_count; i++)
        push_header(arena, &list, request->headers[i].name, request->headers[i].value);
    qsort(list.ptr, list.len, sizeof(*list.ptr), compare_headers);
    append_headers(out, ret_names, &list);
    wr_vec_done(&list);
}

static weir_str canonical_request(wr_arena *arena, const wr_sigv4 *request, weir_str date,
                                  wr_buf *ret_names)
{
    wr_auto(buf) wr_buf out = wr_buf_max(CANONICAL_MAX);
    wr_buf_printf(&out, "%.*s\n%.*s\n", WR_STR(request->method),
                  WR_STR(canonical_path(arena, request)));
    append_query(&out, arena, request->query);
    wr_buf_char(&out, '\n');
    canonical_headers(&out, ret_names, arena, request, date);
    wr_buf_printf(&out, "\n%.*s\n%.*s", WR_STR(wr_buf_view(ret_names)), WR_STR(request->payload));
    const weir_str ret = wr_arena_str(arena, wr_buf_view(&out));
    if (out.ptr)
        explicit_bzero(out.ptr, out.cap); /* the token is in it */
    return ret;
}

/* ---- the signature ---- */

/* "20150830T123600Z" */
static weir_str time_stamp(wr_arena *arena, weir_time time)
{
    int64_t days = time / WR_US_PER_DAY;
    int64_t rest = time % WR_US_PER_DAY;
    if (rest < 0) {
        days--;
        rest += WR_US_PER_DAY;
    }
    int64_t year;
    unsigned month;
    unsigned day;
    wr_civil_from_days(days, &year, &month, &day);
    const int second = (int)(rest / WR_US_PER_SECOND);
    return wr_arena_printf(arena, "%04d%02u%02uT%02d%02d%02dZ", (int)year, month, day,
                           second / 3600, second / 60 % 60, second % 60);
}

/* "AWS4" + secret → date → region → service → "aws4_request" → the text. */
static void sign_text(uint8_t ret[WR_SHA256_LEN], const wr_sigv4 *request, weir_str day,
                      weir_str text)
{
    wr_auto(buf) wr_buf secret = wr_buf_max(CANONICAL_MAX);
    wr_buf_printf(&secret, "AWS4%.*s", WR_STR(request->keys->secret));
    const weir_str steps[] = { day, request->region, request->service, wr_lit("aws4_request"),
                               text };
    weir_str key = wr_buf_view(&secret);
    uint8_t digest[WR_SHA256_LEN];
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        wr_hmac_sha256(ret, key, steps[i]);
        memcpy(digest, ret, sizeof(digest));
        key = (weir_str){ (const char *)digest, sizeof(digest) };
    }
    explicit_bzero(digest, sizeof(digest));
    explicit_bzero(secret.ptr, secret.cap);
}

void wr_sigv4_sign(wr_arena *arena, const wr_sigv4 *request, wr_sigv4_signed *ret)
{
    const weir_str date = time_stamp(arena, request->time);
    const weir_str day = { date.ptr, 8 };
    const weir_str scope = wr_arena_printf(arena, "%.*s/%.*s/%.*s/aws4_request", WR_STR(day),
                                           WR_STR(request->region), WR_STR(request->service));
    wr_auto(buf) wr_buf names = wr_buf_max(CANONICAL_MAX);
    const weir_str canonical = canonical_request(arena, request, date, &names);
    char digest_text[WR_SHA256_TEXT];
    wr_sha256_hex(digest_text, canonical);
    const weir_str to_sign = wr_arena_printf(arena, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%s",
                                             WR_STR(date), WR_STR(scope), digest_text);
    uint8_t digest[WR_SHA256_LEN];
    sign_text(digest, request, day, to_sign);
    wr_sha256_text(digest_text, digest);

    *ret = (wr_sigv4_signed){
        .date = date,
        .canonical = canonical,
        .to_sign = to_sign,
        .signature = wr_arena_printf(arena, "%s", digest_text),
        .authorization = wr_arena_printf(
            arena, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%s",
            WR_STR(request->keys->id), WR_STR(scope), WR_STR(wr_buf_view(&names)), digest_text),
    };
}
