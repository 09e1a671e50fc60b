/* Signals of the command: the first SIGINT or SIGTERM lets what is running finish, the second interrupts it. */
#ifndef WR_SIGNALS_H
#define WR_SIGNALS_H

#include "base/cancel.h"

/* From now on signals raise `cancel`; at level 2 `interrupt(arg)` is called on a thread that waits for it. Once a
 * process. SIGPIPE is ignored. */
void wr_signals_install(wr_cancel *cancel);
/* Called at the second signal and at each later one, on a thread of its own; at once if the second has been seen. It
 * may be called more than once for one signal, and must be taken back, with NULL, before `arg` dies: that waits for a
 * running call to end. Without wr_signals_install() nothing happens. */
void wr_signals_on_interrupt(void (*interrupt)(void *arg), void *arg);
/* The signal that was seen, or 0. */
int wr_signals_seen(void);

#endif
