/* Tests of base/child.h. */
#include "base/child.h"

#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "harness/test.h"

typedef struct fixture {
    weir_ctx cx;
    wr_child child;
    wr_buf out;
    wr_buf err;
    char fate[WR_CHILD_FATE];
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_child_end(&f->child, NULL, 0);
    wr_buf_done(&f->out);
    wr_buf_done(&f->err);
    wr_ctx_done(&f->cx);
}

static void fixture_begin(fixture *f)
{
    *f = (fixture){ .out = wr_buf_max(1 << 20), .err = wr_buf_max(1 << 20) };
    wr_ctx_init(&f->cx, NULL);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f;                                                                    \
    fixture_begin(&(f))

static weir_status start(fixture *f, const char *script)
{
    const char *const words[] = { "sh", "-c", script, NULL };
    return wr_child_start(&f->cx, &(const wr_child_args){ .words = words }, &f->child);
}

static void take(int *fd, wr_buf *into)
{
    char bytes[512];
    const ssize_t got = read(*fd, bytes, sizeof(bytes));
    if (got > 0)
        wr_buf_append(into, bytes, (size_t)got);
    else {
        close(*fd);
        *fd = -1;
    }
}

/* All that it says, until it has ended. */
static void listen_to_end(fixture *f)
{
    while (f->child.out >= 0 || f->child.err >= 0 || !wr_child_has_ended(&f->child)) {
        bool out;
        bool err;
        wr_child_listen(&f->child, &out, &err);
        if (out)
            take(&f->child.out, &f->out);
        if (err)
            take(&f->child.err, &f->err);
    }
    wr_child_fate(&f->child, f->fate);
}

TEST(what_a_program_says_on_either_side_is_heard)
{
    FIXTURE(f);
    CHECK_OK(start(&f, "echo out; echo err >&2"));

    listen_to_end(&f);

    CHECK_STR(wr_buf_text(&f.out), "out\n");
    CHECK_STR(wr_buf_text(&f.err), "err\n");
    CHECK_STR(f.fate, "");
}

TEST(the_fate_of_a_program_is_told)
{
    FIXTURE(f);
    FIXTURE(g);
    CHECK_OK(start(&f, "exit 3"));
    CHECK_OK(start(&g, "kill -SEGV $$"));

    listen_to_end(&f);
    listen_to_end(&g);

    CHECK_STR(f.fate, "exit status 3");
    CHECK_STR(g.fate, "signal 11, Segmentation fault");
}

TEST(a_program_has_its_folder_its_environment_and_no_input)
{
    FIXTURE(f);
    const char *const words[] = { "/bin/sh", "-c", "pwd; echo $A; cat", NULL };
    const char *const env[] = { "A=1", "PATH=/bin:/usr/bin", NULL };
    const wr_child_args args = { .words = words, .env = env, .folder = "/" };

    CHECK_OK(wr_child_start(&f.cx, &args, &f.child));
    listen_to_end(&f);

    CHECK_STR(wr_buf_text(&f.out), "/\n1\n");
}

TEST(a_program_that_is_not_there_is_said)
{
    FIXTURE(f);
    const char *const words[] = { "weir-no-such-program", NULL };
    const wr_child_args none = { .words = words };
    const wr_child_args nowhere = { .words = words, .folder = "/no/such/folder" };

    CHECK_INT(wr_child_start(&f.cx, &none, &f.child), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&f.cx),
              "the program 'weir-no-such-program' could not be started: No such file or directory");
    CHECK_INT(wr_child_start(&f.cx, &nowhere, &f.child), WEIR_CONFIG);
    CHECK_STR(weir_error_message(&f.cx),
              "there is no folder '/no/such/folder' to run a program in");
}

/* The number that it says first: that of a process. */
static pid_t hear_pid(fixture *f)
{
    while (!memchr(f->out.ptr ? f->out.ptr : "", '\n', f->out.len) && f->child.out >= 0)
        take(&f->child.out, &f->out);
    return (pid_t)strtol(wr_buf_text(&f->out), NULL, 10);
}

/* A process is gone, or only waits for init to take note. */
static bool is_gone(pid_t pid)
{
    char path[64];
    char state[256] = "";
    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    const bool read = fgets(state, sizeof(state), file) != NULL;
    fclose(file);
    return !read || strstr(state, ") Z ") || strstr(state, ") X ");
}

TEST(a_program_that_is_asked_to_end_may_tidy_up)
{
    FIXTURE(f);
    CHECK_OK(start(&f, "trap 'exit 7' TERM; echo $$; while :; do sleep 0.01; done"));
    (void)hear_pid(&f);

    wr_child_end(&f.child, NULL, 60000);

    wr_child_fate(&f.child, f.fate);
    CHECK_STR(f.fate, "exit status 7");
}

TEST(a_program_that_does_not_end_is_killed_with_all_that_it_started)
{
    FIXTURE(f);
    CHECK_OK(start(&f, "trap '' TERM; sleep 1000 & echo $!; wait; wait"));
    const pid_t other = hear_pid(&f);
    CHECK(other > 0 && !is_gone(other));

    wr_child_end(&f.child, NULL, 50);

    wr_child_fate(&f.child, f.fate);
    CHECK_STR(f.fate, "signal 9, Killed");
    while (!is_gone(other))
        poll(NULL, 0, 1);
}

TEST(when_it_has_to_be_at_once_there_is_no_grace)
{
    FIXTURE(f);
    wr_cancel now = { 0 };
    wr_cancel_raise(&now, 2);
    CHECK_OK(start(&f, "trap '' TERM; echo $$; while :; do sleep 1; done"));
    (void)hear_pid(&f);

    wr_child_end(&f.child, &now, 1000000);

    wr_child_fate(&f.child, f.fate);
    CHECK_STR(f.fate, "signal 9, Killed");
}

TEST(ending_none_does_nothing)
{
    wr_child none = { 0 };

    wr_child_end(&none, NULL, 1000);
    wr_child_end(&none, NULL, 1000);
}
