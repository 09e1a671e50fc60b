/* The cancel token: raised by signals, limits and the other side of a queue, looked at by everyone. */
#include "base/cancel.h"

#include <assert.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler raises the token");

void wr_cancel_raise(wr_cancel *cancel, int level)
{
    int now = atomic_load(&cancel->level);
    while (now < level && !atomic_compare_exchange_weak(&cancel->level, &now, level))
        continue;
}
