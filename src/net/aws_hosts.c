/* Keys that the machine or the container has, from a web service that only it reaches. Addresses and answers are secret. */
#include <fcntl.h>
#include <strings.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/isotime.h"
#include "base/number.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"
#include "net/aws_parts.h"

#define ANSWER_MAX ((size_t)64 << 10)
#define CONTAINER_MS 2000
#define CONTAINER_ATTEMPTS 3
#define METADATA_SECONDS 1
#define NEAR_END_US (15 * 60 * WR_US_PER_SECOND)

static const char metadata_keys[] = "/latest/meta-data/iam/security-credentials/";

static int64_t env_int(const char *name, int64_t otherwise)
{
    int64_t value;
    return wr_int_parse(wr_aws_env(name), &value) && value > 0 && value <= 3600 ? value : otherwise;
}

/* ---- the container ---- */

/* Without TLS only this machine, and the addresses of ECS and EKS, are asked: the token would be readable on the way. */
static bool is_safe(weir_str url)
{
    static const char *const hosts[] = {
        "http://localhost",      "http://[::1]",          "http://169.254.170.2",
        "http://169.254.170.23", "http://[fd00:ec2::23]",
    };
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str host = wr_http_host(&arena, url);
    if (wr_str_starts(host, wr_lit("https://")))
        return true;
    const char *bracket = memchr(host.ptr, ']', host.len);
    const size_t from = bracket ? (size_t)(bracket - host.ptr) : strlen("http://");
    for (size_t i = from; i < host.len; i++)
        if (host.ptr[i] == ':')
            host.len = i;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
        if (wr_str_eq(host, weir_str_of(hosts[i])))
            return true;
    return wr_str_starts(host, wr_lit("http://127.")) &&
           host.len <= strlen("http://127.255.255.255") &&
           strspn(host.ptr + strlen("http://"), "0123456789.") >= host.len - strlen("http://");
}

static weir_status container_token(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    const weir_str file = wr_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    *ret = wr_aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (file.len == 0)
        return WEIR_OK;
    bool found;
    WEIR_TRY(wr_file_read(cx, arena, AT_FDCWD, file.ptr, ret, &found));
    if (!found)
        return weir_fail(cx, WEIR_CONFIG,
                         "the file in AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not there: '%s'",
                         file.ptr);
    return WEIR_OK;
}

weir_status wr_aws_from_container(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                  wr_aws_found *ret)
{
    const weir_str relative = wr_aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const weir_str full = wr_aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.len == 0 && full.len == 0)
        return WEIR_OK;
    const weir_str url =
        relative.len > 0
            ? wr_arena_printf(search->arena, "http://169.254.170.2%.*s", WR_STR(relative))
            : full;
    if (!is_safe(url))
        return weir_fail(cx, WEIR_CONFIG,
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of "
                         "this machine");
    weir_str token;
    WEIR_TRY(container_token(cx, search->arena, &token));
    const wr_http_header header = { wr_lit("Authorization"), token };
    const wr_http_request request = {
        .url = url,
        .headers = &header,
        .header_count = token.len > 0 ? 1 : 0,
        .connect_ms = CONTAINER_MS,
        .timeout_ms = CONTAINER_MS,
        .body_max = ANSWER_MAX,
        .direct = true,
        .secret_url = true,
        .secret_body = true,
    };
    wr_http_response response;
    WEIR_TRY(wr_http_call(cx, search->arena, &request,
                          (wr_retry){ .attempts = CONTAINER_ATTEMPTS, .max_us = WR_US_PER_SECOND },
                          &response));
    WEIR_TRY(wr_aws_read_keys(cx, search, response.body, "Token", ret));
    *ret_found = true;
    return WEIR_OK;
}

/* ---- instance metadata ---- */

/* `token` is empty before there is one, and where the service has none. */
typedef struct metadata {
    weir_str base;
    weir_str token;
} metadata;

static weir_str metadata_base(void)
{
    const weir_str named = wr_aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const weir_str mode = wr_aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    if (named.len > 0)
        return wr_str_ends(named, wr_lit("/")) ? (weir_str){ named.ptr, named.len - 1 } : named;
    return mode.len == 4 && strncasecmp(mode.ptr, "IPv6", 4) == 0
               ? wr_lit("http://[fd00:ec2::254]")
               : wr_lit("http://169.254.169.254");
}

static weir_status ask_metadata(weir_ctx *cx, wr_arena *arena, const metadata *m, const char *path,
                                wr_http_response *ret)
{
    const bool wants_token = strcmp(path, "/latest/api/token") == 0;
    const wr_http_header ttl = { wr_lit("x-aws-ec2-metadata-token-ttl-seconds"), wr_lit("21600") };
    const wr_http_header token = { wr_lit("x-aws-ec2-metadata-token"), m->token };
    const int ms = (int)env_int("AWS_METADATA_SERVICE_TIMEOUT", METADATA_SECONDS) * 1000;
    const wr_http_request request = {
        .method = wants_token ? "PUT" : "GET",
        .url = wr_arena_printf(arena, "%.*s%s", WR_STR(m->base), path),
        .headers = wants_token ? &ttl : &token,
        .header_count = wants_token || m->token.len > 0 ? 1 : 0,
        .connect_ms = ms,
        .timeout_ms = ms,
        .body_max = ANSWER_MAX,
        .direct = true,
        .secret_url = true,
        .secret_body = true,
    };
    wr_retry retry = { .attempts = (int)env_int("AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1),
                       .max_us = WR_US_PER_SECOND };
    weir_status status;
    do
        status = wr_http_send(cx, arena, &request, ret);
    while (wr_retry_again(cx, &retry, &status));
    return status;
}

/* A session with the service. `*ret_there` is false where nobody answers: then nothing more is asked, so that a laptop
 * waits once. */
static weir_status open_metadata(weir_ctx *cx, wr_arena *arena, metadata *ret, bool *ret_there)
{
    wr_http_response response;
    *ret_there = false;
    if (wr_aws_env_true("AWS_EC2_METADATA_DISABLED"))
        return WEIR_OK;
    *ret = (metadata){ .base = metadata_base() };
    const weir_status status = ask_metadata(cx, arena, ret, "/latest/api/token", &response);
    if (status == WEIR_CANCELLED)
        return status;
    const bool no_answer = status != WEIR_OK;
    weir_error_clear(cx); /* no metadata is no failure */
    if (!no_answer && response.status == 200)
        ret->token = wr_str_trim(response.body);
    const bool old_way = status == WEIR_TIMEOUT ||
                         (!no_answer && (response.status == 403 || response.status == 404 ||
                                         response.status == 405));
    *ret_there =
        ret->token.len > 0 || (old_way && !wr_aws_env_true("AWS_EC2_METADATA_V1_DISABLED"));
    return WEIR_OK;
}

/* The text at a path; empty when there is none. */
static weir_status read_metadata(weir_ctx *cx, wr_arena *arena, const metadata *m, const char *path,
                                 weir_str *ret)
{
    wr_http_response response;
    *ret = (weir_str){ 0 };
    const weir_status status = ask_metadata(cx, arena, m, path, &response);
    if (status == WEIR_CANCELLED)
        return status;
    weir_error_clear(cx);
    if (status == WEIR_OK && response.status == 200)
        *ret = wr_str_trim(response.body);
    return WEIR_OK;
}

weir_status wr_aws_from_metadata(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                 wr_aws_found *ret)
{
    metadata m;
    bool there;
    weir_str role;
    weir_str keys = { 0 };
    WEIR_TRY(open_metadata(cx, search->arena, &m, &there));
    if (!there)
        return WEIR_OK;
    WEIR_TRY(read_metadata(cx, search->arena, &m, metadata_keys, &role));
    if (role.len > 0)
        WEIR_TRY(read_metadata(
            cx, search->arena, &m,
            wr_arena_printf(search->arena, "%s%.*s", metadata_keys, WR_STR(role)).ptr, &keys));
    if (keys.len == 0)
        return WEIR_OK;
    if (wr_aws_read_keys(cx, search, keys, "Token", ret) != WEIR_OK) {
        weir_error_clear(cx); /* an answer without keys: this machine has no role */
        return WEIR_OK;
    }
    ret->renewable_late = ret->expires > 0 && ret->expires - wr_now(cx) < NEAR_END_US;
    *ret_found = true;
    return WEIR_OK;
}

weir_status wr_aws_metadata_region(weir_ctx *cx, wr_arena *arena, weir_str *ret)
{
    metadata m;
    bool there;
    *ret = (weir_str){ 0 };
    WEIR_TRY(open_metadata(cx, arena, &m, &there));
    return there ? read_metadata(cx, arena, &m, "/latest/meta-data/placement/region", ret)
                 : WEIR_OK;
}

/* ---- answers in JSON ---- */

weir_time wr_aws_time(weir_str text)
{
    const wr_iso iso = wr_iso_parse(text);
    return iso.kind == WR_ISO_DATETIME && !iso.refused ? iso.us : 0;
}

weir_status wr_aws_read_keys(weir_ctx *cx, wr_aws_search *search, weir_str json, const char *token,
                             wr_aws_found *ret)
{
    wr_node *root = NULL;
    if (wr_node_parse(cx, search->arena, json, &root) != WEIR_OK)
        return weir_fail(cx, WEIR_AUTH,
                         "the answer is no JSON"); /* the parser's words may quote it */
    const wr_aws_found found = {
        .keys = { wr_node_get_text(root, "AccessKeyId"), wr_node_get_text(root, "SecretAccessKey"),
                  wr_node_get_text(root, token) },
        .expires = wr_aws_time(wr_node_get_text(root, "Expiration")),
    };
    if (found.keys.id.len == 0 || found.keys.secret.len == 0)
        return weir_fail(cx, WEIR_AUTH, "the answer has no AccessKeyId and SecretAccessKey");
    *ret = found;
    return WEIR_OK;
}
