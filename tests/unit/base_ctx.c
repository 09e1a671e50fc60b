/* Tests of base/ctx.h without its errors, which have a file of their own. */
#include "base/ctx.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

static weir_time fixed_now(void *self)
{
    return *(weir_time *)self;
}

static int64_t fixed_ticks(void *self)
{
    (void)self;
    return 7;
}

static void fixed_random(void *self, void *ret, size_t len)
{
    (void)self;
    memset(ret, 0xAB, len);
}

TEST(a_context_reads_the_clock_and_randomness_of_its_environment)
{
    weir_time time = 123;
    const wr_env env = {
        .now = fixed_now,
        .ticks_ns = fixed_ticks,
        .random = fixed_random,
        .self = &time,
    };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.env = &env;
    unsigned char byte = 0;

    wr_random(&cx, &byte, 1);

    CHECK_INT(byte, 0xAB);
    CHECK_INT(wr_now(&cx), 123);
    CHECK_INT(wr_ticks_ns(&cx), 7);
}

TEST(the_system_environment_is_the_real_one)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    char a[300];
    char b[300];

    wr_random(&cx, a, sizeof(a));
    wr_random(&cx, b, sizeof(b));
    const int64_t first = wr_ticks_ns(&cx);

    CHECK(memcmp(a, b, sizeof(a)) != 0);
    CHECK(wr_ticks_ns(&cx) >= first);
    CHECK(wr_now(&cx) > INT64_C(1700000000000000));
}

TEST(a_derived_context_has_the_token_and_the_scope_of_its_parent)
{
    wr_cancel token = { 0 };
    wr_auto(ctx) weir_ctx parent;
    wr_ctx_init(&parent, NULL);
    parent.cancel = &token;
    parent.scope.pipeline = wr_lit("shop");
    (void)weir_fail(&parent, WEIR_IO, "a failure stays where it is");
    wr_auto(ctx) weir_ctx cx;

    wr_ctx_init(&cx, &parent);

    CHECK(cx.cancel == &token);
    CHECK(cx.env == parent.env);
    CHECK(wr_str_eq(cx.scope.pipeline, wr_lit("shop")));
    CHECK_STR(weir_error_message(&cx), "");
}

TEST(a_raised_token_cancels_the_context)
{
    wr_cancel token = { 0 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    CHECK_OK(wr_check_cancel(&cx));
    cx.cancel = &token;
    CHECK_OK(wr_check_cancel(&cx));

    wr_cancel_raise(&token, 1);

    CHECK_INT(wr_check_cancel(&cx), WEIR_CANCELLED);
    CHECK_STR(weir_error_message(&cx), "the run was asked to stop");
}

TEST(a_scratch_scope_gives_its_memory_back)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    for (int i = 0; i < 1000; i++) {
        WR_SCRATCH_SCOPE(&cx);
        void *bytes = NULL;
        CHECK_OK(wr_scratch(&cx, 4000, &bytes));
        CHECK(bytes != NULL);
    }
    CHECK(cx.scratch.capacity <= 4096);
}

TEST(scratch_memory_has_a_limit)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.scratch_max = 16 << 10;
    void *bytes = NULL;
    weir_status status = WEIR_OK;
    int count = 0;

    for (; status == WEIR_OK && count < 100; count++)
        status = wr_scratch(&cx, 1000, &bytes);

    CHECK_INT(status, WEIR_LIMIT);
    CHECK(count > 8);
    CHECK(count < 32);
    CHECK(strstr(weir_error_message(&cx), "16384 bytes") != NULL);
    CHECK(strstr(weir_error_hint(&cx), "WEIR_SCRATCH") != NULL);
}

TEST(a_program_opens_and_closes_a_context_of_its_own)
{
    const size_t before = wr_mem_now();

    weir_ctx *cx = weir_open();
    void *bytes = NULL;
    CHECK_OK(wr_scratch(cx, 10, &bytes));

    weir_close(cx);
    weir_close(NULL);
    CHECK_INT(wr_mem_now(), before);
}
