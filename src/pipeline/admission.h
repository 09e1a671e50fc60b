/* Admission: frames of tables that the schema contract does not let come into being are left out before anybody looks at
 * them, the others are counted. */
#ifndef WR_ADMISSION_H
#define WR_ADMISSION_H

#include "base/map.h"
#include "pipeline/frames.h"
#include "pipeline/losses.h"

/* Zero but for `from`. */
typedef struct wr_admission {
    wr_frames from;
    int64_t admitted; /* frames; read it when they have ended */
    /* private */
    wr_arena arena;
    wr_map discarded; /* table → int64_t, its rows */
} wr_admission;

/* Leave out the frames of a table. Before the first frame. */
void wr_admission_discard(wr_admission *admission, weir_str table);
/* Those that are left. */
wr_frames wr_admission_frames(wr_admission *admission);
/* What was left out, when the frames have ended. */
void wr_admission_report(const wr_admission *admission, wr_losses *losses);
void wr_admission_done(wr_admission *admission);

#endif
