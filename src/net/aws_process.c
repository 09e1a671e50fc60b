/* Keys from a program of the user's: `credential_process`, run without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"
#include "format/json.h"
#include "net/aws_parts.h"

#define OUTPUT_MAX ((size_t)64 << 10)
#define WORDS_MAX 256
#define DEADLINE_NS INT64_C(60000000000)
#define POLL_MS 50
#define STDERR_SHOWN 500

extern char **environ;

typedef struct child {
    pid_t pid;
    int out;
    int err;
} child;

/* ---- the command ---- */

/* Cut one word off, as a shell would: quotes and backslashes, nothing else. False at the end. */
static bool next_word(weir_str *rest, wr_buf *ret, bool *ret_unclosed)
{
    char quote = 0;
    bool any = false;
    *rest = wr_str_trim(*rest);
    while (rest->len > 0) {
        const char c = *rest->ptr++;
        rest->len--;
        if (!quote && (c == ' ' || c == '\t'))
            break;
        any = true;
        if (c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && quote != '\'' && rest->len > 0) {
            wr_buf_char(ret, *rest->ptr++);
            rest->len--;
        } else
            wr_buf_char(ret, c);
    }
    *ret_unclosed = quote != 0;
    return any;
}

static weir_status split_command(weir_ctx *cx, wr_arena *arena, weir_str command, const char **ret)
{
    wr_auto(buf) wr_buf word = wr_buf_max(OUTPUT_MAX);
    size_t count = 0;
    bool unclosed = false;
    while (!unclosed && count < WORDS_MAX && next_word(&command, &word, &unclosed)) {
        ret[count++] = wr_arena_str(arena, wr_buf_view(&word)).ptr;
        wr_buf_clear(&word);
    }
    ret[count] = NULL;
    if (count == 0 || unclosed || command.len > 0)
        return weir_fail(cx, WEIR_CONFIG, "'credential_process' is no command%s",
                         unclosed ? ": a quote is not closed" : "");
    return WEIR_OK;
}

/* ---- the program ---- */

static int spawn(const char *const *words, const int out[2], const int err[2], pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none); /* our threads block signals, which the program would inherit */
    int failed = posix_spawn_file_actions_init(&actions) | posix_spawnattr_init(&attributes);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO) |
                 posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO) |
                 posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0) |
                 posix_spawnattr_setsigmask(&attributes, &none) |
                 posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (!failed) /* the words are not changed: the type of argv is older than const */
        failed = posix_spawnp(ret, words[0], &actions, &attributes, (char *const *)(uintptr_t)words,
                              environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static weir_status start(weir_ctx *cx, const char *const *words, child *ret)
{
    int out[2];
    int err[2];
    if (pipe2(out, O_CLOEXEC) != 0)
        return wr_fail_errno(cx, errno, "a pipe could not be made");
    if (pipe2(err, O_CLOEXEC) != 0) {
        const int number = errno;
        close(out[0]);
        close(out[1]);
        return wr_fail_errno(cx, number, "a pipe could not be made");
    }
    const int failed = spawn(words, out, err, &ret->pid);
    close(out[1]);
    close(err[1]);
    ret->out = out[0];
    ret->err = err[0];
    if (!failed)
        return WEIR_OK;
    close(out[0]);
    close(err[0]);
    return weir_fail(cx, WEIR_CONFIG, "'%s' could not be started: %s", words[0], strerror(failed));
}

/* What came, if something did. False at the end. */
static bool take(int fd, wr_buf *into)
{
    char bytes[4096];
    const ssize_t got = read(fd, bytes, sizeof(bytes));
    if (got > 0 && into->len + (size_t)got <= into->max)
        wr_buf_append(into, bytes, (size_t)got);
    explicit_bzero(bytes, sizeof(bytes));
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Until it has closed both, in time. */
static weir_status read_output(weir_ctx *cx, const child *c, wr_buf *out, wr_buf *err)
{
    const int64_t deadline = wr_ticks_ns(cx) + DEADLINE_NS;
    struct pollfd fds[2] = { { c->out, POLLIN, 0 }, { c->err, POLLIN, 0 } };
    wr_buf *const into[2] = { out, err };
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        WEIR_TRY(wr_check_cancel(cx));
        if (wr_ticks_ns(cx) > deadline)
            return weir_fail(cx, WEIR_TIMEOUT, "the program did not end in time");
        if (poll(fds, 2, POLL_MS) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (fds[i].fd >= 0 && fds[i].revents && !take(fds[i].fd, into[i]))
                fds[i].fd = -1; /* poll() passes it over */
    }
    return WEIR_OK;
}

static weir_status run(weir_ctx *cx, const char *const *words, wr_buf *out, wr_buf *err)
{
    child c;
    WEIR_TRY(start(cx, words, &c));
    const weir_status status = read_output(cx, &c, out, err);
    close(c.out);
    close(c.err);
    if (status != WEIR_OK)
        kill(c.pid, SIGKILL);
    int ended = 0;
    while (waitpid(c.pid, &ended, 0) < 0 && errno == EINTR)
        continue;
    WEIR_TRY(status);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return WEIR_OK;
    const weir_str said = wr_str_trim(wr_buf_view(err));
    const size_t shown = said.len < STDERR_SHOWN ? said.len : STDERR_SHOWN;
    return weir_fail(cx, WEIR_AUTH, "'%s' failed%s%.*s", words[0], shown > 0 ? ": " : "",
                     (int)shown, said.ptr);
}

static weir_status read_answer(weir_ctx *cx, wr_aws_search *search, weir_str json,
                               wr_aws_found *ret)
{
    WEIR_TRY(wr_aws_read_keys(cx, search, json, "SessionToken", ret));
    wr_node *root;
    WEIR_TRY(wr_node_parse(cx, search->arena, json, &root));
    if (wr_node_get_int(root, "Version", 0) != 1)
        return weir_fail(cx, WEIR_AUTH, "the answer is not of version 1");
    return WEIR_OK;
}

weir_status wr_aws_from_process(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                wr_aws_found *ret)
{
    const weir_str command = wr_aws_setting(search, "credential_process");
    if (command.len == 0)
        return WEIR_OK;
    const char *words[WORDS_MAX + 1];
    WEIR_TRY(split_command(cx, search->arena, command, words));
    wr_auto(buf) wr_buf out = wr_buf_max(OUTPUT_MAX);
    wr_auto(buf) wr_buf err = wr_buf_max(OUTPUT_MAX);
    (void)wr_buf_room(&out, OUTPUT_MAX); /* at once: growing would leave copies of keys behind */
    weir_status status = run(cx, words, &out, &err);
    if (status == WEIR_OK)
        status = read_answer(cx, search, wr_buf_view(&out), ret);
    explicit_bzero(out.ptr, out.cap);
    WEIR_TRY(status);
    *ret_found = true;
    return WEIR_OK;
}
