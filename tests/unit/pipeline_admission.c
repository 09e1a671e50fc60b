/* Admission: which frames a load takes. */
#include "pipeline/admission.h"

#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

/* Frames of two rows for the tables a, b, a, b. */
typedef struct given {
    wr_frame frames[4];
    size_t next;
    size_t done;
} given;

static weir_status next_frame(weir_ctx *cx, void *self, wr_frame **ret)
{
    (void)cx;
    given *g = self;
    *ret = NULL;
    if (g->next == 4)
        return WEIR_OK;
    wr_frame *frame = &g->frames[g->next];
    *frame =
        (wr_frame){ .rows = 2, .table = weir_str_of(g->next % 2 ? "b" : "a"), .number = g->next };
    g->next++;
    *ret = frame;
    return WEIR_OK;
}

static void done_frame(void *self, wr_frame *frame)
{
    (void)frame;
    given *g = self;
    g->done++;
}

static size_t take_all(weir_ctx *cx, wr_admission *admission)
{
    const wr_frames frames = wr_admission_frames(admission);
    size_t taken = 0;
    wr_frame *frame = NULL;
    while (frames.next(cx, frames.self, &frame) == WEIR_OK && frame) {
        taken++;
        frames.done(frames.self, frame);
    }
    return taken;
}

TEST(frames_of_a_discarded_table_are_left_out_and_their_rows_counted)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    given g = { 0 };
    wr_losses losses = { 0 };
    wr_admission admission = { .from = { next_frame, done_frame, &g } };
    wr_admission_discard(&admission, wr_lit("b"));
    wr_admission_discard(&admission, wr_lit("b"));

    CHECK_INT(take_all(&cx, &admission), 2);

    wr_admission_report(&admission, &losses);
    CHECK_INT(admission.admitted, 2);
    CHECK_INT(g.done, 4);
    CHECK_INT(wr_losses_of(&losses, wr_lit("b"))->rows, 4);
    CHECK(!wr_losses_of(&losses, wr_lit("a")));
    wr_losses_done(&losses);
    wr_admission_done(&admission);
}

TEST(a_discarded_table_without_frames_is_no_loss)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    given g = { 0 };
    wr_losses losses = { 0 };
    wr_admission admission = { .from = { next_frame, done_frame, &g } };
    wr_admission_discard(&admission, wr_lit("c"));

    CHECK_INT(take_all(&cx, &admission), 4);

    wr_admission_report(&admission, &losses);
    CHECK(!wr_losses_of(&losses, wr_lit("c")));
    wr_losses_done(&losses);
    wr_admission_done(&admission);
}
