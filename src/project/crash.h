/* When user code crashes, the last words name it. */
#ifndef WR_CRASH_H
#define WR_CRASH_H

#include <weir/base.h>

/* From now on a crash of the process writes a message that names `word`, the argument of the command ("run"), or the command
 * when that is NULL, then takes its course (core file, debugger, sanitizer's report). Once a process. */
void wr_crash_watch(const char *command, const char *word);
/* Know the functions of a module that was loaded, so that the message names the one that crashed. Without a watch: nothing. */
weir_status wr_crash_learn(weir_ctx *cx, void *module, const char *path) WEIR_MUST_USE;

#endif
