/* Tests of base/fault.h, in builds that have fault points. */
#include "base/fault.h"

#include "harness/test.h"

#ifdef WEIR_FAULTS

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"

TEST(a_fault_happens_at_the_hit_that_was_asked_for)
{
    wr_fault_set("test.a@2=EIO,test.b@1=ENOSPC");

    CHECK_INT(wr_fault_io("test.a"), 0);
    CHECK_INT(wr_fault_io("test.b"), ENOSPC);
    CHECK_INT(wr_fault_io("test.a"), EIO);
    CHECK_INT(wr_fault_io("test.a"), 0);
    CHECK_INT(wr_fault_io("test.c"), 0);
    wr_fault_set(NULL);
}

TEST(a_star_means_every_hit)
{
    wr_fault_set("test.a@*=EINTR");

    CHECK_INT(wr_fault_io("test.a"), EINTR);
    CHECK_INT(wr_fault_io("test.a"), EINTR);
    wr_fault_set(NULL);
    CHECK_INT(wr_fault_io("test.a"), 0);
}

TEST(a_short_write_is_told_to_the_caller)
{
    wr_fault_set("test.a@1=short");

    CHECK_INT(wr_fault_io("test.a"), WR_FAULT_SHORT);
    wr_fault_set(NULL);
}

TEST(a_fault_point_fails_with_a_message)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_fault_set("test.a@1=EIO");

    CHECK_INT(wr_fault(&cx, "test.a"), WEIR_IO);
    CHECK_STR(weir_error_message(&cx), "fault point 'test.a': Input/output error");
    CHECK_INT(cx.error.native, EIO);
    CHECK_OK(wr_fault(&cx, "test.a"));
    wr_fault_set(NULL);
}

/* Wait status of a child that hits the fault point `test.a` once under `rules`. */
static int status_of_child(const char *rules)
{
    const pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        wr_fault_set(rules);
        _exit(wr_fault_io("test.a") == 0 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    if (WIFSTOPPED(status)) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    return status;
}

TEST(a_process_can_be_killed_at_a_fault_point)
{
    const int status = status_of_child("test.a@1=kill");

    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGKILL);
}

TEST(a_process_can_be_stopped_at_a_fault_point)
{
    CHECK(WIFSTOPPED(status_of_child("test.a@1=stop")));
}

TEST(rules_that_cannot_be_read_end_the_process)
{
    static const char *const wrong[] = {
        "test.a", "test.a@1", "test.a@0=EIO", "test.a@x=EIO", "test.a@1=EWHAT", "@1=EIO", ",",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        const int status = status_of_child(wrong[i]);
        CHECK(WIFSIGNALED(status));
        CHECK_INT(WTERMSIG(status), SIGABRT);
    }
}

#endif
