/* When user code crashes, the last words name its file. */
#ifndef WR_CRASH_H
#define WR_CRASH_H

/* From now on a crash of the process writes a message that names `file`, then takes its course (core file, debugger,
 * sanitizer's report). Once a process. */
void wr_crash_watch(const char *file);

#endif
