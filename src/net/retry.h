/* Retrying: what failed in passing is done again, after growing, jittered delays, up to a count and a deadline. */
#ifndef WR_RETRY_H
#define WR_RETRY_H

#include <weir/base.h>

/* Zero stands for what is said in brackets. `wr_retry retry = { .attempts = 3 };` */
typedef struct wr_retry {
    int attempts; /* in all (5) */
    int64_t
        base_us; /* the first delay is up to this, each next one up to twice the one before (1 s) */
    int64_t max_us;      /* no delay is longer (20 s) */
    int64_t deadline_us; /* from the first failure on; no wait goes beyond it (5 min) */
    bool
        steady; /* delays are what they may be, and up to a tenth longer; else a random part of that */

    int made; /* attempts so far; kept here */
    int64_t started_ns;
    int64_t waited_us; /* in all */
} wr_retry;

/* An attempt came to `*status`: wait and say true when it is worth another one. The class of the status decides. The
 * time to wait that the error brings counts if it is longer; if it is beyond the deadline, there is no further attempt.
 * When the run is stopped meanwhile, `*status` is WEIR_CANCELLED. Else the error stays as it is, and says how often it
 * was tried.
 *
 *     do
 *         status = attempt(cx);
 *     while (wr_retry_again(cx, &retry, &status));
 */
bool wr_retry_again(weir_ctx *cx, wr_retry *retry, weir_status *status);

#endif
