/* Starts programs, and sees that they end. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"

#define WAIT_MS 100
#define STEP_MS 10

/* Asked to end, the guard stays: it has to see the others end. Its group is that of the program; "kill 0" is the group. */
#define GUARD "trap '' HUP INT TERM; read -r _; test -z \"$1\" || rm -rf -- \"$1\"; kill -KILL 0"

extern char **environ;

/* ---- starting ---- */

typedef struct pipes {
    int out[2];
    int err[2];
    int leash[2];
} pipes;

static void close_pair(int pair[2])
{
    wr_cleanup_close(&pair[0]);
    wr_cleanup_close(&pair[1]);
}

static void close_pipes(pipes *p)
{
    close_pair(p->out);
    close_pair(p->err);
    close_pair(p->leash);
}

static weir_status open_pipes(weir_ctx *cx, pipes *p)
{
    *p = (pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
    if (pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->err, O_CLOEXEC) == 0 &&
        pipe2(p->leash, O_CLOEXEC) == 0)
        return WEIR_OK;
    const int number = errno;
    close_pipes(p);
    return wr_fail_errno(cx, number, "a pipe could not be made");
}

/* What a new process is given. */
typedef struct spawn_args {
    const char *const *words;
    const char *const *env;
    const char *folder;
    int fds[3]; /* its first descriptors; -1: nothing */
    pid_t group;
} spawn_args;

static int prepare(const spawn_args *args, posix_spawn_file_actions_t *actions,
                   posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t ignored;
    sigemptyset(&none); /* our threads block signals, which the program would inherit */
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE); /* and so it would that we ignore this one */
    int failed =
        posix_spawnattr_setsigmask(attributes, &none) |
        posix_spawnattr_setsigdefault(attributes, &ignored) |
        posix_spawnattr_setpgroup(attributes, args->group) |
        posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                 POSIX_SPAWN_SETPGROUP);
    for (int i = 0; i < 3; i++)
        failed |= args->fds[i] < 0
                      ? posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0)
                      : posix_spawn_file_actions_adddup2(actions, args->fds[i], i);
    if (args->folder)
        failed |= posix_spawn_file_actions_addchdir_np(actions, args->folder);
    return failed ? ENOMEM : 0;
}

/* 0, or an error number. */
static int spawn(const spawn_args *args, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int failed = prepare(args, &actions, &attributes);
    /* The texts are not changed: the types of exec() are older than const. */
    char *const *words = (char *const *)(uintptr_t)args->words;
    char *const *env = args->env ? (char *const *)(uintptr_t)args->env : environ;
    if (!failed)
        failed = posix_spawnp(ret, words[0], &actions, &attributes, words, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int start_guard(const wr_child_args *args, const pipes *p, pid_t *ret)
{
    const char *const words[] = {
        "/bin/sh", "-c", GUARD, "weir-guard", args->remove ? args->remove : "", NULL
    };
    const spawn_args guard = { .words = words, .fds = { p->leash[0], -1, -1 } };
    return spawn(&guard, ret);
}

static int start_program(const wr_child_args *args, const pipes *p, pid_t group, pid_t *ret)
{
    const spawn_args program = {
        .words = args->words,
        .env = args->env,
        .folder = args->folder,
        .fds = { -1, p->out[1], p->err[1] },
        .group = group,
    };
    return spawn(&program, ret);
}

static weir_status check_folder(weir_ctx *cx, const char *folder)
{
    wr_file_info info = { .kind = WR_FILE_FOLDER };
    if (folder)
        WEIR_TRY(wr_file_look(cx, AT_FDCWD, folder, 0, &info));
    if (info.kind == WR_FILE_FOLDER)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG, "there is no folder '%s' to run a program in", folder);
}

static weir_status no_start(weir_ctx *cx, const char *program, int error)
{
    const char *hint = "";
    if (error == ENOENT && !strchr(program, '/'))
        hint =
            "\nhint: is it installed, and in a folder of $PATH? A path with a slash is taken as it is";
    else if (error == ENOEXEC)
        hint = "\nhint: a script begins with a line like #!/bin/sh";
    else if (error == EACCES)
        hint = "\nhint: make it executable: chmod +x";
    return weir_fail(cx, WEIR_CONFIG, "the program '%s' could not be started: %s%s", program,
                     strerror(error), hint);
}

static void wait_for(pid_t pid, int *ret_fate)
{
    int fate = 0;
    while (waitpid(pid, &fate, 0) < 0 && errno == EINTR)
        continue;
    *ret_fate = fate;
}

weir_status wr_child_start(weir_ctx *cx, const wr_child_args *args, wr_child *ret)
{
    pipes p;
    wr_child child = { 0 };
    WEIR_TRY(check_folder(cx, args->folder));
    WEIR_TRY(open_pipes(cx, &p));
    const char *program = "/bin/sh";
    int failed = start_guard(args, &p, &child.guard);
    if (!failed) {
        program = args->words[0];
        failed = start_program(args, &p, child.guard, &child.pid);
    }
    if (failed) {
        if (child.guard) {
            kill(child.guard, SIGKILL);
            wait_for(child.guard, &child.fate);
        }
        close_pipes(&p);
        return no_start(cx, program, failed);
    }
    close(p.out[1]);
    close(p.err[1]);
    close(p.leash[0]);
    child.out = p.out[0];
    child.err = p.err[0];
    child.leash = p.leash[1];
    *ret = child;
    return WEIR_OK;
}

/* ---- running ---- */

bool wr_child_has_ended(wr_child *child)
{
    if (!child->waited && waitpid(child->pid, &child->fate, WNOHANG) == child->pid)
        child->waited = true;
    return child->waited;
}

void wr_child_listen(const wr_child *child, bool *ret_out, bool *ret_err)
{
    struct pollfd fds[2] = { { child->out, POLLIN, 0 }, { child->err, POLLIN, 0 } };
    const bool closed = child->out < 0 && child->err < 0; /* nothing tells of its end */
    const bool any = poll(fds, 2, closed ? STEP_MS : WAIT_MS) > 0;
    *ret_out = any && fds[0].revents;
    *ret_err = any && fds[1].revents;
}

void wr_child_fate(const wr_child *child, char ret[WR_CHILD_FATE])
{
    ret[0] = '\0';
    if (WIFSIGNALED(child->fate))
        snprintf(ret, WR_CHILD_FATE, "signal %d, %s", WTERMSIG(child->fate),
                 strsignal(WTERMSIG(child->fate)));
    else if (WEXITSTATUS(child->fate) != 0)
        snprintf(ret, WR_CHILD_FATE, "exit status %d", WEXITSTATUS(child->fate));
}

/* ---- ending ---- */

/* Nobody wants what it still says, but it may not wait for somebody to read it. */
static void drain(int *fd, short events)
{
    char bytes[4096];
    if (events && read(*fd, bytes, sizeof(bytes)) <= 0)
        wr_cleanup_close(fd);
}

static void wait_with_grace(wr_child *child, wr_cancel *cancel, int grace_ms)
{
    const wr_env *env = wr_env_system(); /* a process does not live in a test's time */
    const int64_t end_ns = env->ticks_ns(env->self) + (int64_t)grace_ms * 1000000;
    while (env->ticks_ns(env->self) < end_ns && !wr_child_has_ended(child)) {
        struct pollfd fds[2] = { { child->out, POLLIN, 0 }, { child->err, POLLIN, 0 } };
        if (cancel && atomic_load(&cancel->level) > 1)
            return;
        if (poll(fds, 2, STEP_MS) > 0) {
            drain(&child->out, fds[0].revents);
            drain(&child->err, fds[1].revents);
        }
    }
}

void wr_child_end(wr_child *child, wr_cancel *cancel, int grace_ms)
{
    int fate;
    if (!child->guard)
        return;
    if (!wr_child_has_ended(child)) {
        kill(-child->guard, SIGTERM);
        wait_with_grace(child, cancel, grace_ms);
    }
    kill(-child->guard, SIGKILL);
    if (!child->waited)
        wait_for(child->pid, &child->fate);
    wait_for(child->guard, &fate);
    wr_cleanup_close(&child->out);
    wr_cleanup_close(&child->err);
    wr_cleanup_close(&child->leash);
    *child = (wr_child){ .out = -1, .err = -1, .leash = -1, .fate = child->fate };
}
