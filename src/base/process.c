/* What belongs to the process: the parts that modules registered, and where and as whom it runs. */
#include "base/process.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/time.h"
#include "base/vec.h"

/* `lock` protects `parts`. Modules register from constructors, on the thread that loads them. */
static struct {
    pthread_mutex_t lock;
    wr_vec(const weir_registration *) parts;
} registry = { .lock = PTHREAD_MUTEX_INITIALIZER };

void weir_register(const weir_registration *registration)
{
    if (!registration)
        return;
    pthread_mutex_lock(&registry.lock);
    *wr_vec_push(&registry.parts) = registration;
    pthread_mutex_unlock(&registry.lock);
}

size_t wr_registered_count(void)
{
    pthread_mutex_lock(&registry.lock);
    const size_t count = registry.parts.len;
    pthread_mutex_unlock(&registry.lock);
    return count;
}

const weir_registration *wr_registered(size_t i)
{
    pthread_mutex_lock(&registry.lock);
    wr_assert(i < registry.parts.len);
    const weir_registration *registration = registry.parts.ptr[i];
    pthread_mutex_unlock(&registry.lock);
    return registration;
}

/* Written once, by find_program_dir(). */
static char program_dir[PATH_MAX];

static void find_program_dir(void)
{
    const ssize_t len = readlink("/proc/self/exe", program_dir, sizeof(program_dir) - 1);
    program_dir[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(program_dir, '/');
    if (slash)
        *slash = '\0';
}

const char *wr_process_dir(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_program_dir);
    return program_dir;
}

void wr_process_forbid_cores(void)
{
    const char *wanted = getenv("WEIR_CORE");
    if (wanted && *wanted && strcmp(wanted, "0") != 0)
        return;
    /* The limit counts for programs that we start, too; where the system hands cores to a program, it asks for the other. */
    const struct rlimit none = { 0 };
    (void)setrlimit(RLIMIT_CORE, &none); /* to lower it is always allowed */
    (void)prctl(PR_SET_DUMPABLE, 0);
}

size_t wr_process_owner(weir_ctx *cx, char *ret, size_t size)
{
    char host[HOST_NAME_MAX + 1] = "";
    if (gethostname(host, sizeof(host) - 1) != 0)
        host[0] = '\0';
    char since[WR_TIME_TEXT];
    const weir_time now = wr_now(cx);
    const size_t since_len = wr_time_iso(since, now - now % WR_US_PER_SECOND);

    const int len = snprintf(ret, size, "process %ld on %s since %.*s", (long)getpid(), host,
                             (int)since_len, since);
    wr_assert(len >= 0);
    return (size_t)len < size ? (size_t)len : size - 1;
}
