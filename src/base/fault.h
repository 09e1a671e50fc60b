/* Fault points: places where a test build can be killed or made to fail. `wr_fault(cx, "log.append")` sits at each step
 * that recovery cares about, `wr_fault_io()` in front of each system call of base/file.c. In release builds both
 * vanish.
 *
 * WEIR_FAULT=name@n=action, several separated by ','; n counts the hits of that name from 1, '*' means every one.
 * Actions: kill (SIGKILL to itself), stop (SIGSTOP), ENOSPC EIO EMFILE EINTR … (that error), short (half of a write,
 * then ENOSPC). WEIR_FAULT_TRACE=file appends a line "name n" for each hit. */
#ifndef WR_FAULT_H
#define WR_FAULT_H

#include <weir/base.h>

#ifdef WEIR_FAULTS

weir_status wr_fault(weir_ctx *cx, const char *name) WEIR_MUST_USE;
/* 0, an error number, or WR_FAULT_SHORT. */
int wr_fault_io(const char *name);
#define WR_FAULT_SHORT (-1)
/* Replace what WEIR_FAULT said, with all hits counted anew; NULL: no faults. For tests in the same process. */
void wr_fault_set(const char *rules);

#else

#define wr_fault(cx, name) ((void)(cx), (void)(name), WEIR_OK)
#define wr_fault_io(name) ((void)(name), 0)
#define WR_FAULT_SHORT (-1)
#define wr_fault_set(rules) ((void)(rules))

#endif

#endif
