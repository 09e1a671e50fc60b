/* Leaves out the frames of discarded tables. */
#include "pipeline/admission.h"

#include "base/str.h"

void wr_admission_discard(wr_admission *admission, weir_str table)
{
    if (!wr_map_get(&admission->discarded, table))
        wr_map_put(&admission->discarded, wr_arena_str(&admission->arena, table),
                   wr_arena_new(&admission->arena, int64_t));
}

static weir_status next(weir_ctx *cx, void *self, wr_frame **ret)
{
    wr_admission *admission = self;
    const wr_frames *from = &admission->from;
    for (;;) {
        wr_frame *frame = NULL;
        WEIR_TRY(from->next(cx, from->self, &frame));
        int64_t *rows = frame ? wr_map_get(&admission->discarded, frame->table) : NULL;
        admission->admitted += frame && !rows;
        *ret = frame;
        if (!rows)
            return WEIR_OK;
        *rows += frame->rows;
        from->done(from->self, frame);
    }
}

static void done(void *self, wr_frame *frame)
{
    const wr_admission *admission = self;
    admission->from.done(admission->from.self, frame);
}

wr_frames wr_admission_frames(wr_admission *admission)
{
    return (wr_frames){ next, done, admission };
}

void wr_admission_report(const wr_admission *admission, wr_losses *losses)
{
    for (size_t i = 0; i < admission->discarded.len; i++) {
        const int64_t *rows = admission->discarded.entries[i].value;
        if (*rows)
            wr_losses_add_rows(losses, admission->discarded.entries[i].key, *rows);
    }
}

void wr_admission_done(wr_admission *admission)
{
    wr_map_done(&admission->discarded);
    wr_arena_done(&admission->arena);
}
