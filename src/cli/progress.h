/* Progress of a run: one line on the terminal, kept up to date. */
#ifndef WR_PROGRESS_H
#define WR_PROGRESS_H

#include "pipeline/run.h"

typedef struct wr_progress_line {
    bool shown;
    double next_s; /* when it is drawn again */
} wr_progress_line;

/* Is there a terminal to show it on? */
bool wr_progress_possible(void);
/* For wr_run_settings: `self` is a wr_progress_line. `stage` NULL takes the line away. */
void wr_progress_show(void *self, const wr_progress *progress);
/* Take the line away, if it is there. */
void wr_progress_clear(wr_progress_line *line);

#endif
