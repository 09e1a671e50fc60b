/* Programs that are started: without a shell, in a process group of their own, which ends with us.
 *
 *      weir ──leash──▶ guard           the group's leader: a shell that waits until the leash is let go
 *        │               │
 *        │               └─ when weir died: ends the whole group, at once
 *        └───────────▶ program ─▶ what it starts
 *
 * The leash is a pipe of which nobody else has the writing end: it is let go by the kernel, however weir dies. */
#ifndef WR_CHILD_H
#define WR_CHILD_H

#include <sys/types.h>

#include <weir/base.h>

#include "base/cancel.h"

/* All texts are borrowed for the call. */
typedef struct wr_child_args {
    const char *const
        *words; /* the program, looked for in $PATH unless it has a slash; its arguments; NULL */
    const char *const *env; /* the whole environment, "NAME=value", ends with NULL; NULL: ours */
    const char *folder;     /* its working folder; NULL: ours */
    const char *remove;     /* a folder that goes when we die, with all in it; NULL: none */
} wr_child_args;

/* On one thread. Its standard input is empty. Zero is none. */
typedef struct wr_child {
    int out; /* reading end of its standard output */
    int err; /* and error */
    /* private */
    pid_t pid;
    pid_t guard;
    int leash;
    bool waited;
    int fate; /* as waitpid() tells */
} wr_child;

/* WEIR_CONFIG for a program or a folder that is not there. End *ret only when this was well. */
weir_status wr_child_start(weir_ctx *cx, const wr_child_args *args, wr_child *ret) WEIR_MUST_USE;
/* Has the program ended? It does not wait. */
bool wr_child_has_ended(wr_child *child);
/* Wait for what it says, for a tenth of a second at most. A side that is closed, -1, is not looked at. */
void wr_child_listen(const wr_child *child, bool *ret_out, bool *ret_err);
/* How it ended, for a message: "exit status 3", "signal 11, Segmentation fault"; "" when all was well. */
#define WR_CHILD_FATE 80
void wr_child_fate(const wr_child *child, char ret[WR_CHILD_FATE]);
/* End what is left of the group: the program is asked to (SIGTERM), and after `grace_ms`, or when `cancel` says "at once", it
 * has to. What it started goes with it. Accepts one that is none. */
void wr_child_end(wr_child *child, wr_cancel *cancel, int grace_ms);

#endif
