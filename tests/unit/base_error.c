/* Tests of the errors of a context: weir/base.h and base/ctx.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "harness/test.h"

TEST(each_status_has_a_name_and_a_class)
{
    CHECK_STR(weir_status_name(WEIR_OK), "ok");
    CHECK_STR(weir_status_name(WEIR_CONFIG), "configuration");
    CHECK_STR(weir_status_name(WEIR_INTERNAL), "internal");
    CHECK_INT(weir_status_class(WEIR_OK), WEIR_CLASS_NONE);
    CHECK_INT(weir_status_class(WEIR_CANCELLED), WEIR_CLASS_STOP);
    CHECK_INT(weir_status_class(WEIR_THROTTLED), WEIR_CLASS_TRANSIENT);
    CHECK_INT(weir_status_class(WEIR_REJECTED), WEIR_CLASS_TERMINAL);
    CHECK_INT(weir_status_class(WEIR_CORRUPT), WEIR_CLASS_FATAL);
}

TEST(a_number_that_is_no_status_is_fatal)
{
    CHECK_STR(weir_status_name((weir_status)1000), "unknown");
    CHECK_INT(weir_status_class((weir_status)1000), WEIR_CLASS_FATAL);
}

TEST(a_failure_leaves_message_and_hint)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    const weir_status status =
        weir_fail(&cx, WEIR_CONFIG, "no key '%s'\nhint: set it in %s", "a.b", "secrets.toml");

    CHECK_INT(status, WEIR_CONFIG);
    CHECK_INT(cx.error.status, WEIR_CONFIG);
    CHECK_STR(weir_error_message(&cx), "no key 'a.b'");
    CHECK_STR(weir_error_hint(&cx), "set it in secrets.toml");
}

TEST(a_new_failure_replaces_the_old_one)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)wr_fail_errno(&cx, ENOSPC, "writing 'x'");
    cx.error.wait_us = 5;

    (void)weir_fail(&cx, WEIR_PARSE, "line 3: a value was expected");

    CHECK_STR(weir_error_message(&cx), "line 3: a value was expected");
    CHECK_STR(weir_error_hint(&cx), "");
    CHECK_INT(cx.error.native, 0);
    CHECK_INT(cx.error.wait_us, 0);
}

TEST(further_lines_belong_to_the_message_and_the_last_hint_counts)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    (void)weir_fail(&cx, WEIR_REJECTED, "refused: %s\nhint: ours", "a\nhint: theirs\nb");

    CHECK_STR(weir_error_message(&cx), "refused: a\nhint: theirs\nb");
    CHECK_STR(weir_error_hint(&cx), "ours");
}

TEST(a_message_may_be_made_from_the_one_that_it_replaces)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)weir_fail(&cx, WEIR_NETWORK, "no route");

    (void)weir_fail(&cx, WEIR_TIMEOUT, "gave up: %s", weir_error_message(&cx));

    CHECK_STR(weir_error_message(&cx), "gave up: no route");
}

TEST(a_failure_cannot_claim_success)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    CHECK_INT(weir_fail(&cx, WEIR_OK, "well"), WEIR_INTERNAL);
    CHECK_INT(weir_fail(NULL, WEIR_IO, "nobody listens"), WEIR_IO);
}

TEST(contexts_are_put_in_front_of_the_message)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    weir_status status = weir_fail(&cx, WEIR_REJECTED, "COPY refused\nhint: look at it");

    status = wr_context(&cx, status, "into table '%s'", "orders");
    status = wr_context(&cx, status, "loading '1.2'");

    CHECK_INT(status, WEIR_REJECTED);
    CHECK_STR(weir_error_message(&cx), "loading '1.2': into table 'orders': COPY refused");
    CHECK_STR(weir_error_hint(&cx), "look at it");
}

TEST(a_context_of_success_changes_nothing)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    CHECK_OK(wr_context(&cx, WEIR_OK, "loading"));

    CHECK_STR(weir_error_message(&cx), "");
}

TEST(a_context_speaks_for_a_failure_without_message)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    CHECK_INT(wr_context(&cx, WEIR_IO, "loading"), WEIR_IO);

    CHECK_STR(weir_error_message(&cx), "loading");
    CHECK_INT(cx.error.status, WEIR_IO);
}

TEST(a_long_message_is_cut_and_keeps_its_hint)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    (void)weir_fail(&cx, WEIR_PARSE, "%*d\nhint: shorter", WR_MESSAGE_MAX + 1, 1);

    CHECK_INT(strlen(weir_error_message(&cx)), sizeof(cx.error.message) - 1);
    CHECK_STR(weir_error_hint(&cx), "shorter");
}

TEST(a_long_context_does_not_push_out_the_cause)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    const weir_status status = weir_fail(&cx, WEIR_IO, "the cause");

    (void)wr_context(&cx, status, "%*d", WR_MESSAGE_MAX, 1);

    const char *message = weir_error_message(&cx);
    CHECK_STR(message + strlen(message) - strlen("…: the cause"), "…: the cause");
}

TEST(a_failed_system_call_is_told_with_its_reason)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    CHECK_INT(wr_fail_errno(&cx, ENOENT, "cannot open '%s'", "x"), WEIR_IO);

    CHECK_STR(weir_error_message(&cx), "cannot open 'x': No such file or directory");
    CHECK_STR(weir_error_hint(&cx), "");
    CHECK_INT(cx.error.native, ENOENT);
}

TEST(common_reasons_bring_a_hint_unless_there_is_a_better_one)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    (void)wr_fail_errno(&cx, ENOSPC, "cannot write 'x'");
    CHECK(strstr(weir_error_hint(&cx), "make room") != NULL);

    (void)wr_fail_errno(&cx, EACCES, "cannot write 'x'\nhint: use sudo");
    CHECK_STR(weir_error_message(&cx), "cannot write 'x': Permission denied");
    CHECK_STR(weir_error_hint(&cx), "use sudo");
}

TEST(a_system_call_without_memory_is_out_of_memory)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);

    CHECK_INT(wr_fail_errno(&cx, ENOMEM, "cannot map"), WEIR_NOMEM);
    CHECK_INT(cx.error.status, WEIR_NOMEM);
}

TEST(a_hint_can_be_set_and_replaced)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)weir_fail(&cx, WEIR_CONFIG, "no key\nhint: old");

    wr_hint(&cx, "did you mean '%s'?", "duckdb");

    CHECK_STR(weir_error_hint(&cx), "did you mean 'duckdb'?");
    CHECK_STR(weir_error_message(&cx), "no key");
}

TEST(an_error_is_copied_from_one_context_to_another)
{
    wr_auto(ctx) weir_ctx from;
    wr_ctx_init(&from, NULL);
    wr_auto(ctx) weir_ctx to;
    wr_ctx_init(&to, NULL);
    (void)wr_fail_errno(&from, ENOSPC, "cannot write");

    CHECK_INT(wr_error_adopt(&to, &from.error), WEIR_IO);

    CHECK_STR(weir_error_message(&to), weir_error_message(&from));
    CHECK_STR(weir_error_hint(&to), weir_error_hint(&from));
    CHECK_INT(to.error.native, ENOSPC);
}

TEST(a_cleared_error_is_gone)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    (void)weir_fail(&cx, WEIR_CONFIG, "no key\nhint: set it");

    weir_error_clear(&cx);

    CHECK_STR(weir_error_message(&cx), "");
    CHECK_STR(weir_error_hint(&cx), "");
    CHECK_OK(cx.error.status);
}

TEST(a_broken_assertion_ends_the_process)
{
    const pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        wr_assert(child != 0);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);

    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGABRT);
}
