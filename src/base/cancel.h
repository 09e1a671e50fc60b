/* The cancel token of a run: one atomic that every wait and loop looks at. */
#ifndef WR_CANCEL_H
#define WR_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct wr_cancel {
    atomic_int level; /* 0 go on, 1 finish what is running, 2 stop now */
} wr_cancel;

static inline bool wr_cancelled(wr_cancel *cancel)
{
    return cancel && atomic_load_explicit(&cancel->level, memory_order_relaxed) != 0;
}

/* Raise the level; it never falls. Async-signal-safe. */
void wr_cancel_raise(wr_cancel *cancel, int level);

#endif
