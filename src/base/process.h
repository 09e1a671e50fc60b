/* The few things that belong to the process, each with its lock inside: registered parts, counted memory (base/mem.h),
 * log settings and secrets (base/log.h), signals (base/signals.h), fault points (base/fault.h). */
#ifndef WR_PROCESS_H
#define WR_PROCESS_H

#include <weir/pipeline.h>

/* Parts that modules registered, in order of registration. Lives as long as the process. */
size_t wr_registered_count(void);
const weir_registration *wr_registered(size_t i);

/* Folder of the running program without a final slash ("" when unknown). */
const char *wr_process_dir(void);
/* Write no image of the memory when the process crashes: there are secrets in it. WEIR_CORE=1 in the environment allows it. */
void wr_process_forbid_cores(void);
/* Owner text for lock files: "process 123 on host since 2026-11-24T10:24:00+00:00". */
size_t wr_process_owner(weir_ctx *cx, char *ret, size_t size);

#endif
