/* Fault points of test builds: count the hits of each name, write them down, and do what WEIR_FAULT asks for. */
#include "base/fault.h"

#ifdef WEIR_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/str.h"

#define NAMES_MAX 128
#define RULES_MAX 32
#define NAME_SIZE 64
#define EVERY_HIT 0

/* Actions are error numbers, and these. */
#define KILL (-2)
#define STOP (-3)

static const struct {
    const char *name;
    int action;
} actions[] = {
    { "kill", KILL },     { "stop", STOP },     { "short", WR_FAULT_SHORT },
    { "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "ECONNRESET", ECONNRESET },
    { "EDQUOT", EDQUOT }, { "EEXIST", EEXIST }, { "EINTR", EINTR },
    { "EIO", EIO },       { "EMFILE", EMFILE }, { "ENOENT", ENOENT },
    { "ENOLCK", ENOLCK }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
    { "EPIPE", EPIPE },   { "EROFS", EROFS },   { "ETIMEDOUT", ETIMEDOUT },
};

typedef struct rule {
    char name[NAME_SIZE];
    unsigned long hit; /* from 1, or EVERY_HIT */
    int action;
} rule;

typedef struct counter {
    const char *name; /* of the fault point: a literal */
    unsigned long hits;
} counter;

/* `lock` protects everything in here. */
static struct {
    pthread_mutex_t lock;
    bool ready;
    rule rules[RULES_MAX];
    size_t rule_count;
    counter counters[NAMES_MAX];
    size_t counter_count;
    int trace_fd;
} faults = { .lock = PTHREAD_MUTEX_INITIALIZER, .trace_fd = -1 };

/* A crash test that tests nothing must not pass. */
static _Noreturn void refuse(const char *what, const char *value)
{
    fprintf(stderr, "weir: error: cannot use %s '%s'\n", what, value);
    abort();
}

static bool read_action(weir_str text, int *ret)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        if (!wr_str_eq(text, weir_str_of(actions[i].name)))
            continue;
        *ret = actions[i].action;
        return true;
    }
    return false;
}

static bool read_hit(weir_str text, unsigned long *ret)
{
    if (wr_str_eq(text, wr_lit("*"))) {
        *ret = EVERY_HIT;
        return true;
    }
    unsigned long hit = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || hit > 100000000)
            return false;
        hit = hit * 10 + (unsigned long)(text.ptr[i] - '0');
    }
    *ret = hit;
    return hit > 0;
}

/* "name@n=action" */
static bool read_rule(weir_str text, rule *ret)
{
    weir_str name;
    weir_str hit;
    if (!wr_str_split(&text, '@', &name) || !wr_str_split(&text, '=', &hit))
        return false;
    if (name.len == 0 || name.len >= NAME_SIZE)
        return false;
    wr_str_fit(ret->name, sizeof(ret->name), name);
    return read_hit(hit, &ret->hit) && read_action(text, &ret->action);
}

static void read_rules(const char *spec)
{
    faults.rule_count = 0;
    faults.counter_count = 0;
    weir_str rest = weir_str_of(spec);
    for (weir_str part; wr_str_split(&rest, ',', &part);) {
        if (faults.rule_count == RULES_MAX || !read_rule(part, &faults.rules[faults.rule_count]))
            refuse("WEIR_FAULT", spec);
        faults.rule_count++;
    }
    faults.ready = true;
}

static void read_environment(void)
{
    read_rules(getenv("WEIR_FAULT"));
    const char *trace = getenv("WEIR_FAULT_TRACE");
    if (!trace || !*trace)
        return;
    faults.trace_fd = open(trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (faults.trace_fd < 0)
        refuse("WEIR_FAULT_TRACE", trace);
}

static unsigned long count_hit(const char *name)
{
    for (size_t i = 0; i < faults.counter_count; i++)
        if (strcmp(faults.counters[i].name, name) == 0)
            return ++faults.counters[i].hits;
    wr_assert(faults.counter_count < NAMES_MAX && strlen(name) < NAME_SIZE);
    faults.counters[faults.counter_count++] = (counter){ .name = name, .hits = 1 };
    return 1;
}

/* One write at the end of the file: lines of several processes do not mix, and none is lost when this one is killed. */
static void trace_hit(const char *name, unsigned long hit)
{
    if (faults.trace_fd < 0)
        return;
    char line[NAME_SIZE + 32];
    const int len = snprintf(line, sizeof(line), "%s %lu\n", name, hit);
    if (write(faults.trace_fd, line, (size_t)len) != len)
        refuse("WEIR_FAULT_TRACE", "(the file cannot be written)");
}

static int action_for(const char *name, unsigned long hit)
{
    for (size_t i = 0; i < faults.rule_count; i++) {
        const rule *r = &faults.rules[i];
        if (strcmp(r->name, name) == 0 && (r->hit == hit || r->hit == EVERY_HIT))
            return r->action;
    }
    return 0;
}

int wr_fault_io(const char *name)
{
    pthread_mutex_lock(&faults.lock);
    if (!faults.ready)
        read_environment();
    const unsigned long hit = count_hit(name);
    trace_hit(name, hit);
    const int action = action_for(name, hit);
    pthread_mutex_unlock(&faults.lock);

    if (action != KILL && action != STOP)
        return action;
    kill(getpid(), action == KILL ? SIGKILL : SIGSTOP);
    return 0;
}

weir_status wr_fault(weir_ctx *cx, const char *name)
{
    const int action = wr_fault_io(name);
    if (action == 0)
        return WEIR_OK;
    return wr_fail_errno(cx, action == WR_FAULT_SHORT ? ENOSPC : action, "fault point '%s'", name);
}

void wr_fault_set(const char *rules)
{
    pthread_mutex_lock(&faults.lock);
    if (!faults.ready)
        read_environment();
    read_rules(rules);
    pthread_mutex_unlock(&faults.lock);
}

#endif
