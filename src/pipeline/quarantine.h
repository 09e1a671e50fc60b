/* The quarantine of a load: lines of inputs that are no JSON, kept as they were, with where they stood.
 *
 *   packages/<load_id>/bad.jsonl       while the load is under way
 *   packages/<load_id>/package.json    `bad_rows`: how many, written before the commit
 *   loaded/<load_id>.bad.jsonl         once it is committed, beside its trace
 *
 *   {"resource":"events","file":"a.jsonl","line":2,"offset":10,"reason":"…","text":"…"}
 *
 * `line` is null where lines are not those of the file. Bytes that are not UTF-8 are `base64` instead of `text`. Lines stand
 * in the order of the frames, so that any number of workers, and any replay, writes the same file.
 *
 * Before the commit the file is synced and its manifest published; so whoever finds both asks the destination for the load
 * id, and knows whether they count. A load of an input that can be read again has no other package: its manifest says
 * `committing`.
 */
#ifndef WR_QUARANTINE_H
#define WR_QUARANTINE_H

#include "pipeline/line.h"
#include "pipeline/package.h"

typedef struct wr_quarantine {
    const wr_home *home;
    const wr_package *package;
    int64_t rows; /* kept so far */
    bool sealed;  /* what is there counts when the load is committed */
    /* private */
    int dir; /* of the package */
    int fd;
    wr_buf out;
    wr_line_reader lines;
} wr_quarantine;

/* Both are borrowed. Nothing is written before the first line. `home` NULL: nothing is written, rows are only counted. */
void wr_quarantine_begin(wr_quarantine *quarantine, const wr_home *home, const wr_package *package);
/* Keep rows of a frame, in rising order. */
weir_status wr_quarantine_add(weir_ctx *cx, wr_quarantine *quarantine, const wr_frame *frame,
                              const uint32_t *rows, size_t count) WEIR_MUST_USE;
/* All are added, and the commit comes next. */
weir_status wr_quarantine_seal(weir_ctx *cx, wr_quarantine *quarantine) WEIR_MUST_USE;
void wr_quarantine_end(wr_quarantine *quarantine);

#endif
