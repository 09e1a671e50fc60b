/* When to try again, and after how long. */
#include "net/retry.h"

#include "base/ctx.h"
#include "base/time.h"

#define ATTEMPTS 5
#define BASE_US WR_US_PER_SECOND
#define MAX_US (20 * WR_US_PER_SECOND)
#define DEADLINE_US (300 * WR_US_PER_SECOND)

static int64_t or_else(int64_t value, int64_t standard)
{
    return value > 0 ? value : standard;
}

/* A random part of the limit, which doubles with each attempt: many that failed together do not come back together. */
static int64_t delay_us(const weir_ctx *cx, const wr_retry *retry)
{
    const int64_t max = or_else(retry->max_us, MAX_US);
    int64_t limit = or_else(retry->base_us, BASE_US);
    for (int i = 1; i < retry->made && limit < max; i++)
        limit *= 2;
    if (limit > max)
        limit = max;
    uint32_t random;
    wr_random(cx, &random, sizeof(random));
    const double part = (double)limit * random / UINT32_MAX;
    const int64_t delay = retry->steady ? limit + (int64_t)(part / 10) : (int64_t)part;
    if (retry->steady && cx->error.wait_us > 0)
        return cx->error.wait_us; /* who is told when to come back does */
    return delay > cx->error.wait_us ? delay : cx->error.wait_us;
}

bool wr_retry_again(weir_ctx *cx, wr_retry *retry, weir_status *status)
{
    if (weir_status_class(*status) != WEIR_CLASS_TRANSIENT)
        return false;
    const int64_t now_ns = wr_ticks_ns(cx);
    if (retry->made++ == 0)
        retry->started_ns = now_ns;
    const int64_t delay = delay_us(cx, retry);
    const int64_t passed = (now_ns - retry->started_ns) / 1000;
    if (retry->made >= or_else(retry->attempts, ATTEMPTS) ||
        delay > or_else(retry->deadline_us, DEADLINE_US) - passed) {
        if (retry->made > 1 && retry->steady)
            wr_context(cx, *status, "tried %d times, waited %.0f s", retry->made,
                       (double)retry->waited_us / WR_US_PER_SECOND);
        else if (retry->made > 1)
            wr_context(cx, *status, "tried %d times", retry->made);
        return false;
    }
    const weir_status waited = wr_sleep(cx, delay);
    retry->waited_us += delay;
    if (waited != WEIR_OK)
        *status = waited;
    return waited == WEIR_OK;
}
