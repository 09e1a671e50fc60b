/* Calls of AWS services: what their errors mean, clocks that are wrong, keys that have expired. */
#include "net/aws_call.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "base/number.h"
#include "base/sha256.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"
#include "net/aws_profile.h"

#define CONNECT_MS 3000
#define TIMEOUT_MS 10000
#define ANSWER_MAX ((size_t)1 << 20)
#define ATTEMPTS 3
#define SKEW_MIN_US (240 * WR_US_PER_SECOND)
#define MESSAGE_MAX 600

/* How far the clock of AWS is ahead of ours, as its answers showed. */
static _Atomic int64_t skew_us;

typedef enum reaction { FAIL, AGAIN, NEW_KEYS, NEW_CLOCK } reaction;

/* Codes of services: what they are for us, what is done about them, and what the user can do. */
static const struct {
    const char *code;
    weir_status status;
    reaction reaction;
    const char *hint;
} codes[] = {
#define RETRIED(status, code)                                                                      \
    {                                                                                              \
        code, status, AGAIN, ""                                                                    \
    }
    RETRIED(WEIR_TIMEOUT, "RequestTimeout"),
    RETRIED(WEIR_TIMEOUT, "RequestTimeoutException"),
    RETRIED(WEIR_NETWORK, "PriorRequestNotComplete"),
    RETRIED(WEIR_NETWORK, "InternalServiceError"),
    RETRIED(WEIR_NETWORK, "InternalError"),
    RETRIED(WEIR_NETWORK, "IDPCommunicationError"),
    RETRIED(WEIR_THROTTLED, "Throttling"),
    RETRIED(WEIR_THROTTLED, "ThrottlingException"),
    RETRIED(WEIR_THROTTLED, "ThrottledException"),
    RETRIED(WEIR_THROTTLED, "RequestThrottled"),
    RETRIED(WEIR_THROTTLED, "RequestThrottledException"),
    RETRIED(WEIR_THROTTLED, "TooManyRequestsException"),
    RETRIED(WEIR_THROTTLED, "RequestLimitExceeded"),
    RETRIED(WEIR_THROTTLED, "BandwidthLimitExceeded"),
    RETRIED(WEIR_THROTTLED, "SlowDown"),
    RETRIED(WEIR_THROTTLED, "ProvisionedThroughputExceededException"),
    RETRIED(WEIR_THROTTLED, "LimitExceededException"),
    RETRIED(WEIR_THROTTLED, "EC2ThrottledException"),
#undef RETRIED
#define EXPIRED(code)                                                                              \
    {                                                                                              \
        code, WEIR_AUTH, NEW_KEYS,                                                                 \
            "the credentials have expired, or are not known: log in again, or correct them"        \
    }
    EXPIRED("ExpiredToken"),
    EXPIRED("ExpiredTokenException"),
    EXPIRED("InvalidToken"),
    EXPIRED("UnrecognizedClientException"),
    EXPIRED("InvalidClientTokenId"),
#undef EXPIRED
#define SKEWED(code)                                                                               \
    {                                                                                              \
        code, WEIR_AUTH, NEW_CLOCK,                                                                \
            "is the secret access key right, and the clock of this machine?"                       \
    }
    SKEWED("RequestTimeTooSkewed"),
    SKEWED("RequestExpired"),
    SKEWED("InvalidSignatureException"),
    SKEWED("SignatureDoesNotMatch"),
#undef SKEWED
    { "AccessDeniedException", WEIR_AUTH, FAIL,
      "the policy of this user or role does not allow it, or not in this region" },
    { "AccessDenied", WEIR_AUTH, FAIL, "the policy of this user or role does not allow it" },
    { "MissingAuthenticationToken", WEIR_AUTH, FAIL, "" },
    { "ResourceNotFoundException", WEIR_REJECTED, FAIL,
      "is the name right, and the region? Names are per region" },
    { "InvalidRequestException", WEIR_REJECTED, FAIL,
      "a secret that is scheduled for deletion cannot be read" },
    { "DecryptionFailure", WEIR_AUTH, FAIL,
      "this user or role needs kms:Decrypt for the key of the secret" },
    { "InvalidIdentityToken", WEIR_AUTH, FAIL, "the web identity token is not valid" },
};

/* Where a request goes: what is signed of the endpoint. */
typedef struct place {
    weir_str host;
    weir_str path;
} place;

/* One attempt. */
typedef struct answer {
    wr_http_response http;
    weir_str code;
    weir_str message;
    wr_aws_keys keys; /* that it was signed with */
} answer;

/* ---- the request ---- */

static bool has_standard_port(weir_str endpoint, weir_str host)
{
    return wr_str_starts(endpoint, wr_lit("https:")) ? wr_str_ends(host, wr_lit(":443"))
                                                     : wr_str_ends(host, wr_lit(":80"));
}

static weir_status find_place(weir_ctx *cx, wr_arena *arena, weir_str endpoint, place *ret)
{
    const weir_str origin = wr_http_host(arena, endpoint);
    if (origin.len == 0)
        return weir_fail(cx, WEIR_CONFIG,
                         "'%.*s' is no endpoint of AWS\nhint: one is 'https://host:port'",
                         WR_STR(endpoint));
    const char *host = strstr(origin.ptr, "://") + 3;
    ret->host = weir_str_of(host);
    if (has_standard_port(endpoint, ret->host))
        ret->host.len = (size_t)(strrchr(host, ':') - host);
    const char *slashes = memmem(endpoint.ptr, endpoint.len, "://", 3);
    const char *end = endpoint.ptr + endpoint.len;
    const char *path = memchr(slashes + 3, '/', (size_t)(end - slashes - 3));
    ret->path = path ? (weir_str){ path, (size_t)(end - path) } : wr_lit("/");
    return WEIR_OK;
}

static size_t fill_headers(wr_http_header *ret, const wr_aws_call *call)
{
    size_t count = 0;
    ret[count++] = (wr_http_header){ wr_lit("Content-Type"), weir_str_of(call->content_type) };
    if (call->target)
        ret[count++] = (wr_http_header){ wr_lit("X-Amz-Target"), weir_str_of(call->target) };
    return count;
}

static size_t sign(const weir_ctx *cx, wr_arena *arena, const wr_aws_call *call, const place *at,
                   const wr_aws_keys *keys, wr_http_header *headers, size_t count)
{
    char payload[WR_SHA256_TEXT];
    wr_sha256_hex(payload, call->body);
    const wr_sigv4 request = {
        .method = wr_lit("POST"),
        .host = at->host,
        .path = at->path,
        .headers = headers,
        .header_count = count,
        .payload = weir_str_of(payload),
        .service = weir_str_of(call->service),
        .region = call->region,
        .time = wr_now(cx) + atomic_load(&skew_us),
        .keys = keys,
    };
    wr_sigv4_signed result;
    wr_sigv4_sign(arena, &request, &result);
    headers[count++] = (wr_http_header){ wr_lit("X-Amz-Date"), result.date };
    if (keys->token.len > 0)
        headers[count++] = (wr_http_header){ wr_lit("X-Amz-Security-Token"), keys->token };
    headers[count++] = (wr_http_header){ wr_lit("Authorization"), result.authorization };
    return count;
}

static wr_http_request post(const wr_aws_call *call)
{
    return (wr_http_request){
        .method = "POST",
        .url = call->endpoint,
        .body = call->body,
        .connect_ms = CONNECT_MS,
        .timeout_ms = TIMEOUT_MS,
        .body_max = ANSWER_MAX,
        .ca_file = getenv("AWS_CA_BUNDLE"),
        .secret_body = true,
    };
}

static weir_status attempt(weir_ctx *cx, wr_arena *arena, const wr_aws_call *call, answer *ret)
{
    place at;
    wr_http_header headers[5];
    WEIR_TRY(find_place(cx, arena, call->endpoint, &at));
    size_t count = fill_headers(headers, call);
    if (call->signer) {
        WEIR_TRY(call->signer->keys(cx, call->signer->self, arena, &ret->keys));
        count = sign(cx, arena, call, &at, &ret->keys, headers, count);
    }
    wr_http_request request = post(call);
    request.headers = headers;
    request.header_count = count;
    return wr_http_send(cx, arena, &request, &ret->http);
}

/* ---- the answer ---- */

weir_str wr_aws_xml_text(weir_str xml, const char *name)
{
    char tag[64];
    const int len = snprintf(tag, sizeof(tag), "<%s>", name);
    const char *from = memmem(xml.ptr, xml.len, tag, (size_t)len);
    if (!from)
        return (weir_str){ 0 };
    from += len;
    const char *to = memchr(from, '<', (size_t)(xml.ptr + xml.len - from));
    return to ? (weir_str){ from, (size_t)(to - from) } : (weir_str){ 0 };
}

/* "com.amazonaws#AccessDeniedException:http://…" */
static weir_str bare_code(weir_str text)
{
    const char *hash = text.len > 0 ? memchr(text.ptr, '#', text.len) : NULL;
    if (hash)
        text = (weir_str){ hash + 1, (size_t)(text.ptr + text.len - hash) - 1 };
    const char *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
    return colon ? (weir_str){ text.ptr, (size_t)(colon - text.ptr) } : text;
}

static void read_refusal(weir_ctx *cx, wr_arena *arena, answer *a)
{
    const weir_str body = a->http.body;
    wr_node *root = NULL;
    a->code = bare_code(wr_http_header_of(&a->http, "x-amzn-errortype"));
    if (wr_str_starts(wr_str_trim(body), wr_lit("<"))) {
        a->code = wr_aws_xml_text(body, "Code");
        a->message = wr_aws_xml_text(body, "Message");
        return;
    }
    if (wr_node_parse(cx, arena, body, &root) != WEIR_OK) {
        weir_error_clear(cx); /* an answer without a code: the HTTP status decides */
        return;
    }
    if (a->code.len == 0)
        a->code = bare_code(wr_node_get_text(root, "__type"));
    a->message = wr_node_get_text(root, "message");
    if (a->message.len == 0)
        a->message = wr_node_get_text(root, "Message");
}

static size_t find_code(weir_str code)
{
    const size_t count = sizeof(codes) / sizeof(*codes);
    size_t i = 0;
    while (i < count && !wr_str_eq(weir_str_of(codes[i].code), code))
        i++;
    return i;
}

/* What the answer comes to, with the message; how to react in `*ret`. */
static weir_status judge(weir_ctx *cx, const wr_aws_call *call, const answer *a, reaction *ret)
{
    const size_t i = find_code(a->code);
    const bool known = i < sizeof(codes) / sizeof(*codes);
    const wr_http_request request = post(call);
    const weir_status by_http = wr_http_check(cx, &request, &a->http);
    const int64_t wait_us = cx->error.wait_us;
    const weir_status status = known ? codes[i].status : by_http;
    *ret = known ? codes[i].reaction : FAIL;
    if (a->code.len > 0)
        weir_fail(cx, status, "%.*s%s%.*s", WR_STR(a->code), a->message.len > 0 ? ": " : "",
                  a->message.len < MESSAGE_MAX ? (int)a->message.len : MESSAGE_MAX,
                  a->message.len > 0 ? a->message.ptr : "");
    if (known && *codes[i].hint)
        wr_hint(cx, "%s", codes[i].hint);
    cx->error.native = a->http.status;
    cx->error.wait_us = wait_us;
    return status;
}

/* True when the answer shows that the clocks differ by more than is allowed, other than known before. */
static bool set_clock(const weir_ctx *cx, const answer *a)
{
    weir_time theirs;
    if (!wr_http_date(wr_http_header_of(&a->http, "Date"), &theirs))
        return false;
    const int64_t skew = theirs - wr_now(cx);
    const int64_t change = skew - atomic_load(&skew_us);
    if (llabs(change) < SKEW_MIN_US)
        return false;
    atomic_store(&skew_us, skew);
    return true;
}

/* A second attempt after something was put right. */
static bool can_correct(const weir_ctx *cx, const wr_aws_call *call, const answer *a, reaction how)
{
    if (!call->signer)
        return false;
    if (how == NEW_CLOCK)
        return set_clock(cx, a);
    if (how != NEW_KEYS || !call->signer->refuse)
        return false;
    call->signer->refuse(call->signer->self, &a->keys);
    return true;
}

static int attempts(void)
{
    int64_t count;
    return wr_int_parse(wr_aws_env("AWS_MAX_ATTEMPTS"), &count) && count > 0 && count <= 100
               ? (int)count
               : ATTEMPTS;
}

/* One attempt and its meaning. */
static weir_status call_once(weir_ctx *cx, wr_arena *arena, const wr_aws_call *call, answer *ret,
                             reaction *ret_how)
{
    *ret = (answer){ 0 };
    *ret_how = FAIL;
    WEIR_TRY(attempt(cx, arena, call, ret));
    if (ret->http.status / 100 == 2)
        return WEIR_OK;
    read_refusal(cx, arena, ret);
    return judge(cx, call, ret, ret_how);
}

weir_status wr_aws_call_send(weir_ctx *cx, wr_arena *arena, const wr_aws_call *call, weir_str *ret,
                             wr_aws_refusal *ret_refusal)
{
    wr_retry retry = { .attempts = attempts() };
    bool corrected = false;
    weir_status status;
    answer a;
    do {
        reaction how;
        status = call_once(cx, arena, call, &a, &how);
        if (status != WEIR_OK && !corrected && can_correct(cx, call, &a, how)) {
            corrected = true;
            status = call_once(cx, arena, call, &a, &how);
        }
        retry.base_us = status == WEIR_THROTTLED ? WR_US_PER_SECOND : WR_US_PER_SECOND / 5;
    } while (wr_retry_again(cx, &retry, &status));

    if (ret_refusal) {
        *ret_refusal = (wr_aws_refusal){ .status = a.http.status };
        if (a.code.len > 0)
            wr_str_fit(ret_refusal->code, sizeof(ret_refusal->code), a.code);
    }
    if (status != WEIR_OK)
        return wr_context(cx, status, "%s in '%.*s'", call->what, WR_STR(call->region));
    *ret = a.http.body;
    return WEIR_OK;
}
