/* Tests of base/thread.h. */
#include "base/thread.h"

#include <signal.h>

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

typedef struct surroundings {
    weir_str pipeline;
    bool signals_blocked;
    bool faults_open;
    char name[16];
} surroundings;

static weir_status look_around(weir_ctx *cx, void *arg)
{
    surroundings *ret = arg;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ret->pipeline = cx->scope.pipeline;
    ret->signals_blocked = sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM);
    ret->faults_open = !sigismember(&mask, SIGSEGV);
    pthread_getname_np(pthread_self(), ret->name, sizeof(ret->name));
    return WEIR_OK;
}

TEST(a_thread_has_a_context_like_its_parent)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.scope.pipeline = wr_lit("rates");
    wr_thread thread = { 0 };
    surroundings seen = { 0 };

    CHECK_OK(wr_thread_start(&cx, &thread, "a name that is too long", look_around, &seen));
    CHECK_OK(wr_thread_join(&cx, &thread));

    CHECK_TEXT(seen.pipeline, "rates");
    CHECK(seen.signals_blocked);
    CHECK(seen.faults_open);
    CHECK_STR(seen.name, "a name that is ");
}

TEST(starting_a_thread_leaves_the_signal_mask_alone)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_thread thread = { 0 };
    surroundings seen = { 0 };
    CHECK_OK(wr_thread_start(&cx, &thread, "mask", look_around, &seen));
    CHECK_OK(wr_thread_join(&cx, &thread));

    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGINT));
}

static weir_status give_up(weir_ctx *cx, void *arg)
{
    return weir_fail(cx, WEIR_PARSE, "bad line %d\nhint: look at it", *(const int *)arg);
}

TEST(the_error_of_a_thread_is_handed_to_who_joins_it)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_thread thread = { 0 };
    int line = 7;
    CHECK_OK(wr_thread_start(&cx, &thread, "fails", give_up, &line));

    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_PARSE);

    CHECK_STR(weir_error_message(&cx), "bad line 7");
    CHECK_STR(weir_error_hint(&cx), "look at it");
}

TEST(joining_twice_or_without_a_start_does_nothing)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_thread thread = { 0 };
    int line = 7;

    CHECK_OK(wr_thread_join(&cx, &thread));
    CHECK_OK(wr_thread_start(&cx, &thread, "fails", give_up, &line));
    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_PARSE);
    CHECK_OK(wr_thread_join(&cx, &thread));
}

static weir_status give_up_silently(weir_ctx *cx, void *arg)
{
    (void)cx;
    (void)arg;
    return WEIR_LIMIT;
}

TEST(a_thread_that_fails_without_a_message_still_fails)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_thread thread = { 0 };
    CHECK_OK(wr_thread_start(&cx, &thread, "fails", give_up_silently, NULL));

    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_LIMIT);
    CHECK_INT(cx.error.status, WEIR_LIMIT);
}
