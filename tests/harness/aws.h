/* AWS for one test: an environment without any of its variables, a home folder, and a clock that stands still. */
#ifndef WR_TEST_AWS_H
#define WR_TEST_AWS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness/fixture.h"
#include "harness/test.h"
#include "net/aws_credentials.h"

extern char **environ;

typedef struct aws_fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_env env;
    weir_time now;
    const char *home;
    char *old_home;
    wr_aws *aws;
} aws_fixture;

/* 2026-01-02T03:04:05Z */
#define AWS_NOW INT64_C(1767323045000000)

static inline weir_time aws_clock(void *self)
{
    return *(weir_time *)self;
}

static inline void aws_clear_environment(void)
{
    for (char **at = environ; *at;) {
        char name[256];
        if (strncmp(*at, "AWS_", 4) != 0) {
            at++;
            continue;
        }
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(*at, "="), *at);
        unsetenv(name); /* closes the gap */
    }
}

/* Instance metadata is off: a test switches it on. */
static inline void aws_open(aws_fixture *f)
{
    *f = (aws_fixture){ .now = AWS_NOW, .home = test_tempdir(), .arena = { .wipe = true } };
    wr_ctx_init(&f->cx, NULL);
    f->env = *wr_env_system();
    f->env.now = aws_clock;
    aws_clear_environment();
    f->old_home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    setenv("HOME", f->home, 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    f->aws = wr_aws_new(&(wr_aws_settings){ 0 });
}

/* From now on the time is `f->now`; all else of the system stays. */
static inline void aws_stop_clock(aws_fixture *f)
{
    f->env.self = &f->now;
    f->cx.env = &f->env;
}

static inline void wr_cleanup_aws_fixture(aws_fixture *f)
{
    wr_aws_free(f->aws);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
    aws_clear_environment();
    unsetenv("HOME");
    if (f->old_home)
        setenv("HOME", f->old_home, 1);
    free(f->old_home);
}

/* Write ~/.aws/NAME. */
static inline void aws_file(const aws_fixture *f, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/.aws", f->home);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/.aws/%s", f->home, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

#endif
