/* Signatures: what the suite of AWS does not have, keys of S3 and hosts with a port. */
#include "net/sigv4.h"

#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

static const wr_aws_keys keys = { wr_lit("AKIDEXAMPLE"), wr_lit("secret"), { 0 } };

/* Line `number` of the canonical request. */
static weir_str canonical_line(fixture *f, wr_sigv4 request, int number)
{
    request.method = wr_lit("GET");
    request.host = request.host.len > 0 ? request.host : wr_lit("b.s3.eu-west-2.amazonaws.com");
    request.service = wr_lit("s3");
    request.region = wr_lit("eu-west-2");
    request.keys = &keys;
    wr_sigv4_signed result;
    wr_sigv4_sign(&f->arena, &request, &result);
    weir_str line = { 0 };
    for (weir_str rest = result.canonical; number-- > 0;)
        wr_str_split(&rest, '\n', &line);
    return line;
}

static weir_str s3_path(fixture *f, const char *key)
{
    const weir_str path = wr_aws_encode(&f->arena, weir_str_of(key), true);
    const weir_str signed_path =
        canonical_line(f, (wr_sigv4){ .path = path, .path_once = true }, 2);
    return wr_str_eq(signed_path, path) ? path : wr_lit("another path is signed than is sent");
}

TEST(keys_of_s3_are_encoded_once_and_keep_their_dots_and_slashes)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_TEXT(s3_path(&f, "/a b/=+:.csv"), "/a%20b/%3D%2B%3A.csv");
    CHECK_TEXT(s3_path(&f, "/a//b/./../ü"), "/a//b/./../%C3%BC");
    CHECK_TEXT(s3_path(&f, "/(it's)!*~"), "/%28it%27s%29%21%2A~");
    CHECK_TEXT(s3_path(&f, "/100%25"), "/100%2525");
}

TEST(other_services_sign_the_path_encoded_again)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .path = wr_lit("/a%20b/../c//d/") }, 2), "/c/d/");
    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .path = wr_lit("/a%20b") }, 2), "/a%2520b");
    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ 0 }, 2), "/");
}

TEST(a_query_is_sorted_and_its_values_are_encoded)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .query = wr_lit("uploads") }, 3), "uploads=");
    CHECK_TEXT(canonical_line(&f,
                              (wr_sigv4){ .query = wr_lit("prefix=a%2Fb&list-type=2&"
                                                          "continuation-token=1%2B/%3D%3D") },
                              3),
               "continuation-token=1%2B%2F%3D%3D&list-type=2&prefix=a%2Fb");
    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .query = wr_lit("a=2&a=1&%41=3&a-b=%zz") }, 3),
               "A=3&a=1&a=2&a-b=%25zz");
}

TEST(the_port_of_a_host_is_signed)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .host = wr_lit("localhost:9000") }, 4),
               "host:localhost:9000");
}

TEST(headers_that_proxies_change_are_not_signed)
{
    wr_auto(fixture) fixture f = fixture_new();
    static const wr_http_header headers[] = {
        { wr_lit("User-Agent"), wr_lit("x") },
        { wr_lit("Connection"), wr_lit("close") },
        { wr_lit("Proxy-Authorization"), wr_lit("x") },
        { wr_lit("X-Amz-Target"), wr_lit(" a \t b ") },
    };

    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .headers = headers, .header_count = 4 }, 6),
               "x-amz-target:a b");
    CHECK_TEXT(canonical_line(&f, (wr_sigv4){ .headers = headers, .header_count = 4 }, 8),
               "host;x-amz-date;x-amz-target");
}
