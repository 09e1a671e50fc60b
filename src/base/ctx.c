/* The context of one activity: its life, its scratch memory, and the way to the clock and to randomness. */
#include "base/ctx.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"

static weir_time system_now(void *self)
{
    (void)self;
    struct timespec t;
    wr_assert(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return (weir_time)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t system_ticks_ns(void *self)
{
    (void)self;
    struct timespec t;
    wr_assert(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void system_random(void *self, void *ret, size_t len)
{
    (void)self;
    char *at = ret;
    while (len > 0) {
        const ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        wr_assert(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

const wr_env *wr_env_system(void)
{
    static const wr_env env = {
        .now = system_now,
        .ticks_ns = system_ticks_ns,
        .random = system_random,
    };
    return &env;
}

void wr_ctx_init(weir_ctx *cx, const weir_ctx *parent)
{
    *cx = (weir_ctx){ .env = wr_env_system(), .scratch_max = WR_SCRATCH_MAX };
    if (parent) {
        cx->env = parent->env;
        cx->cancel = parent->cancel;
        cx->scope = parent->scope;
        cx->options = parent->options;
    }
}

void wr_ctx_add_cleanup(weir_ctx *cx, wr_ctx_cleanup *cleanup)
{
    cleanup->next = cx->cleanups;
    cx->cleanups = cleanup;
}

void wr_ctx_remove_cleanup(weir_ctx *cx, wr_ctx_cleanup *cleanup)
{
    wr_ctx_cleanup **at = &cx->cleanups;
    while (*at && *at != cleanup)
        at = &(*at)->next;
    if (*at)
        *at = cleanup->next;
}

void wr_ctx_done(weir_ctx *cx)
{
    while (cx->cleanups) {
        wr_ctx_cleanup *cleanup = cx->cleanups;
        cx->cleanups = cleanup->next;
        cleanup->run(cleanup->self);
    }
    wr_arena_done(&cx->scratch);
}

void wr_cleanup_ctx(weir_ctx *cx)
{
    wr_ctx_done(cx);
}

weir_ctx *weir_open(void)
{
    weir_ctx *cx = wr_alloc_or_null(sizeof(*cx));
    if (cx)
        wr_ctx_init(cx, NULL);
    return cx;
}

void weir_close(weir_ctx *cx)
{
    if (!cx)
        return;
    wr_ctx_done(cx);
    wr_free(cx);
}

weir_time wr_now(const weir_ctx *cx)
{
    return cx->env->now(cx->env->self);
}

int64_t wr_ticks_ns(const weir_ctx *cx)
{
    return cx->env->ticks_ns(cx->env->self);
}

void wr_random(const weir_ctx *cx, void *ret, size_t len)
{
    cx->env->random(cx->env->self, ret, len);
}

weir_status wr_check_cancel(weir_ctx *cx)
{
    if (!wr_cancelled(cx->cancel))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CANCELLED, "the run was asked to stop");
}

weir_status wr_scratch(weir_ctx *cx, size_t size, void **ret)
{
    const wr_arena *arena = &cx->scratch;
    const size_t room = (size_t)(arena->end - arena->next);
    const size_t left =
        cx->scratch_max - (arena->capacity < cx->scratch_max ? arena->capacity : cx->scratch_max);
    if (size > room && size > left)
        return weir_fail(cx, WEIR_LIMIT,
                         "scratch memory of one scope grew past %zu bytes\n"
                         "hint: give it back at each step of the loop, with WEIR_SCRATCH(cx)",
                         cx->scratch_max);
    *ret = wr_arena_alloc(&cx->scratch, size);
    return WEIR_OK;
}

wr_scratch_scope wr_scratch_begin(weir_ctx *cx)
{
    return (wr_scratch_scope){ .cx = cx, .mark = wr_arena_here(&cx->scratch) };
}

void wr_cleanup_scratch_scope(const wr_scratch_scope *scope)
{
    wr_arena_back(&scope->cx->scratch, scope->mark);
}
