/* Tests of base/process.h. */
#include "base/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "harness/test.h"

static const weir_registration first = { .interface_number = WEIR_INTERFACE, .file = "a.c" };
static const weir_registration second = { .interface_number = WEIR_INTERFACE, .file = "b.c" };

/* In a child: what is registered stays as long as the process. */
static int register_two(void)
{
    const size_t before = wr_registered_count();
    weir_register(&first);
    weir_register(NULL);
    weir_register(&second);
    if (wr_registered_count() != before + 2)
        return 1;
    return wr_registered(before) == &first && wr_registered(before + 1) == &second ? 0 : 2;
}

TEST(parts_are_kept_in_order_of_registration)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(register_two());
    int status = 0;
    waitpid(child, &status, 0);

    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
}

TEST(the_folder_of_the_program_is_known)
{
    const char *dir = wr_process_dir();

    CHECK_INT(dir[0], '/');
    CHECK(dir[strlen(dir) - 1] != '/');
    CHECK_INT(access(dir, X_OK), 0);
}

static weir_time fixed_now(void *self)
{
    (void)self;
    return INT64_C(1732443840118000);
}

TEST(the_owner_of_a_lock_is_told_by_process_host_and_time)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_env env = *cx.env;
    env.now = fixed_now;
    cx.env = &env;
    char owner[256];
    char expected[32];
    snprintf(expected, sizeof(expected), "process %ld on ", (long)getpid());

    const size_t len = wr_process_owner(&cx, owner, sizeof(owner));

    CHECK_INT(len, strlen(owner));
    CHECK(strncmp(owner, expected, strlen(expected)) == 0);
    CHECK_STR(owner + len - 32, " since 2024-11-24T10:24:00+00:00");
}

TEST(a_long_owner_is_cut_to_fit)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    char owner[12];

    CHECK_INT(wr_process_owner(&cx, owner, sizeof(owner)), 11);
    CHECK_INT(strlen(owner), 11);
}
