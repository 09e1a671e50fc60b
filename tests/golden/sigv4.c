/* AWS Signature Version 4 against the suite that AWS publishes: sigv4.json. */
#include "net/sigv4.h"

#include "cases.h"

#include "base/isotime.h"
#include "base/sha256.h"
#include "base/str.h"
#include "harness/test.h"

static wr_http_header *headers_of(wr_arena *arena, const wr_node *list, size_t *ret_count)
{
    /* two more: of a signed body */
    wr_http_header *ret = wr_arena_new_array(arena, list->count + 2, wr_http_header);
    size_t count = 0;
    for (const wr_node *pair = list->first; pair; pair = pair->next)
        ret[count++] = (wr_http_header){ pair->first->text, pair->last->text };
    *ret_count = count;
    return ret;
}

static void sign_case(golden *g, const wr_node *test, wr_sigv4_signed *ret)
{
    char payload[WR_SHA256_TEXT];
    wr_sha256_hex(payload, wr_node_get_text(test, "body"));
    size_t count;
    wr_http_header *headers = headers_of(&g->arena, wr_node_get(test, "headers"), &count);
    if (wr_node_get_bool(test, "sign_body", false))
        headers[count++] = (wr_http_header){ wr_lit("X-Amz-Content-Sha256"), weir_str_of(payload) };
    const wr_aws_keys keys = {
        .id = wr_node_get_text(test, "access_key_id"),
        .secret = wr_node_get_text(test, "secret_access_key"),
        .token = wr_node_get_text(test, "token"),
    };
    const wr_sigv4 request = {
        .method = wr_node_get_text(test, "method"),
        .host = wr_node_get_text(test, "host"),
        .path = wr_node_get_text(test, "path"),
        .query = wr_node_get_text(test, "query"),
        .headers = headers,
        .header_count = count,
        .payload = weir_str_of(payload),
        .path_once = !wr_node_get_bool(test, "normalize", true),
        .service = wr_node_get_text(test, "service"),
        .region = wr_node_get_text(test, "region"),
        .time = wr_iso_parse(wr_node_get_text(test, "timestamp")).us,
        .keys = &keys,
    };
    wr_sigv4_sign(&g->arena, &request, ret);
}

static bool check_step(golden *g, const wr_node *test, const char *step, weir_str actual)
{
    if (wr_str_eq(actual, wr_node_get_text(test, step)))
        return true;
    golden_fail(g, test, "%s is\n%.*s", step, WR_STR(actual));
    return false;
}

TEST(requests_are_signed_as_in_the_suite_of_aws)
{
    golden g;
    golden_open(&g, "sigv4.json", NULL);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next) {
        wr_sigv4_signed result;
        sign_case(&g, test, &result);
        if (check_step(&g, test, "canonical", result.canonical) &&
            check_step(&g, test, "to_sign", result.to_sign) &&
            check_step(&g, test, "signature", result.signature))
            golden_pass(&g);
    }
    golden_close(&g);
}
