/* Keys from a program of the user's: `credential_process`, run without a shell. */
#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/words.h"
#include "format/json.h"
#include "net/aws_parts.h"

#define OUTPUT_MAX ((size_t)64 << 10)
#define DEADLINE_NS INT64_C(60000000000)
#define STDERR_SHOWN 500

/* What came, if something did; the side is closed at its end. */
static void take(int *fd, wr_buf *into)
{
    char bytes[4096];
    const ssize_t got = read(*fd, bytes, sizeof(bytes));
    if (got > 0 && into->len + (size_t)got <= into->max)
        wr_buf_append(into, bytes, (size_t)got);
    if (got == 0 || (got < 0 && errno != EINTR)) {
        close(*fd);
        *fd = -1;
    }
    explicit_bzero(bytes, sizeof(bytes));
}

/* Until it has closed both and ended, in time. */
static weir_status read_output(weir_ctx *cx, wr_child *c, wr_buf *out, wr_buf *err)
{
    const int64_t deadline = wr_ticks_ns(cx) + DEADLINE_NS;
    while (c->out >= 0 || c->err >= 0 || !wr_child_has_ended(c)) {
        bool hears_out;
        bool hears_err;
        WEIR_TRY(wr_check_cancel(cx));
        if (wr_ticks_ns(cx) > deadline)
            return weir_fail(cx, WEIR_TIMEOUT, "the program did not end in time");
        wr_child_listen(c, &hears_out, &hears_err);
        if (hears_out)
            take(&c->out, out);
        if (hears_err)
            take(&c->err, err);
    }
    return WEIR_OK;
}

static weir_status run(weir_ctx *cx, const char *const *words, wr_buf *out, wr_buf *err)
{
    wr_child c;
    char fate[WR_CHILD_FATE];
    WEIR_TRY(wr_child_start(cx, &(const wr_child_args){ .words = words }, &c));
    const weir_status status = read_output(cx, &c, out, err);
    wr_child_end(&c, NULL, 0);
    WEIR_TRY(status);
    wr_child_fate(&c, fate);
    if (!fate[0])
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
    const char *const *words = NULL;
    WEIR_TRY(
        wr_context(cx, wr_words_split(cx, search->arena, command, &words), "'credential_process'"));
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
