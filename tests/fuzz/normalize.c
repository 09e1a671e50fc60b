/* Frames through the normaliser, under a schema that grows with them. What holds of any result is checked in
 * harness/fed.h; here that it follows from the data and the schema alone:
 *
 *   - a worker that has seen other frames and other snapshots gives the same, ids included;
 *   - under the last snapshot all frames give the same rows, and add nothing (but for values that a new column refused);
 *   - in one frame, the rows give the same tables and the same schema.
 *
 * The first byte has switches, the second says where frames end; the rest is lines, or what rows are made of. */
#include "../harness/fed.h"
#include "../harness/made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TYPED = 1, RAW = 2, STRIPS_NUL = 4, OWN_NAMES = 8, FEW_COLUMNS = 16, NESTING_SHIFT = 6 };

#define FRAMES_MAX 12

typedef struct input {
    wr_buf text;
    fed_frame frames[FRAMES_MAX];
    size_t count;
    fed_frame all; /* in one */
    bool is_strict;
} input;

/* ---- frames ---- */

/* Rows made of bytes, one per line. */
static void make_lines(wr_buf *out, made *m)
{
    while (made_left(m) && out->len < (1 << 13)) {
        made_row(m, out);
        wr_buf_char(out, '\n');
    }
}

/* Cut behind the lines that `borders` says. */
static void cut_frames(input *in, wr_frame_kind kind, uint8_t borders)
{
    weir_str rest = wr_buf_view(&in->text);
    in->all = (fed_frame){ .lines = rest, .kind = kind };
    fed_frame *frame = &in->frames[0];
    *frame = (fed_frame){ .lines = { rest.ptr, 0 }, .kind = kind };
    while (rest.len) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        const size_t line = end ? (size_t)(end + 1 - rest.ptr) : rest.len;
        frame->lines.len += line;
        frame->rows++;
        rest = (weir_str){ rest.ptr + line, rest.len - line };
        const bool is_border = borders >> (in->all.rows++ % 8) & 1;
        if (is_border && rest.len && frame < &in->frames[FRAMES_MAX - 1])
            *++frame = (fed_frame){ .lines = { rest.ptr, 0 }, .kind = kind };
    }
    in->count = (size_t)(frame - in->frames) + 1;
}

static void read_input(input *in, const uint8_t *data, size_t len)
{
    const uint8_t flags = data[0];
    const wr_frame_kind kind = flags & TYPED ? WR_FRAME_TYPED : WR_FRAME_JSON;
    *in = (input){ .text = wr_buf_max((size_t)1 << 22) };
    made m = { .at = data + 2, .end = data + len, .own_names = flags & OWN_NAMES };
    if (flags & RAW)
        wr_buf_append(&in->text, data + 2, len - 2);
    else
        make_lines(&in->text, &m);
    in->is_strict = !(flags & (RAW | OWN_NAMES));
    cut_frames(in, kind, data[1]);
}

/* ---- runs ---- */

static wr_normalizer *new_worker(weir_ctx *cx, uint8_t flags)
{
    static const int NESTING[] = { WR_MAX_NESTING, 0, 1, 2 };
    wr_normalizer_args args = {
        .load_id = wr_lit("1700000000.1"),
        .max_nesting = NESTING[flags >> NESTING_SHIFT],
        .strips_nul = flags & STRIPS_NUL,
        .column_max = flags & FEW_COLUMNS ? 12 : WR_COLUMN_MAX,
        .part_cells = SIZE_MAX,
    };
    wr_assert(wr_naming_find(cx, wr_lit("snake_case"), 0, &args.naming) == WEIR_OK);
    return wr_normalizer_new(&args);
}

/* Feed frames until one fails; how many did not. */
static size_t feed_all(fed *f, const input *in, weir_status *ret)
{
    size_t i = 0;
    *ret = WEIR_OK;
    while (i < in->count && (*ret = fed_feed(f, &in->frames[i], i)) == WEIR_OK)
        i++;
    weir_error_clear(f->cx);
    return i;
}

/* In one frame, by a fresh worker: the same tables, or the same failure. */
static void check_joint(const fed *grown, const input *in, wr_schema *fresh, uint8_t flags,
                        weir_status expected)
{
    wr_normalizer *worker = new_worker(grown->cx, flags);
    fed joint = fed_new(grown->cx, worker, fresh);
    joint.is_strict = in->is_strict;
    const weir_status status = fed_feed(&joint, &in->all, 0);
    wr_assert(status == expected);
    if (status == WEIR_OK) {
        fed_check_same_tables(grown, &joint);
        fed_check_same_schema(grown, &joint);
    }
    weir_error_clear(grown->cx);
    wr_cleanup_fed(&joint);
    wr_normalizer_free(worker);
}

/* Let the worker see all frames once more, from the end, under other snapshots. */
static void confuse(const fed *grown, const input *in, wr_schema *fresh)
{
    for (size_t i = in->count; i-- > 0;) {
        fed other = fed_new(grown->cx, grown->normalizer, i % 2 ? fresh : grown->schema);
        (void)!fed_feed(&other, &in->frames[i], i);
        weir_error_clear(grown->cx);
        wr_cleanup_fed(&other);
    }
}

/* By the worker that has seen them already: under a snapshot that has everything, or from the beginning. */
static void check_again(const fed *grown, const input *in, wr_schema *from, bool stays)
{
    confuse(grown, in, from);
    fed again = fed_new(grown->cx, grown->normalizer, from);
    again.stays = stays;
    weir_status status;
    wr_assert(feed_all(&again, in, &status) == in->count);
    fed_check_same_tables(grown, &again);
    fed_check_same_ids(grown, &again);
    fed_check_same_schema(grown, &again);
    wr_cleanup_fed(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    input in;
    read_input(&in, data, len);
    wr_normalizer *worker = new_worker(&cx, data[0]);
    wr_schema *fresh = fed_schema(&cx);
    fed grown = fed_new(&cx, worker, fresh);
    grown.is_strict = in.is_strict;

    weir_status status;
    const size_t whole = feed_all(&grown, &in, &status);
    if (whole == in.count || whole == 0)
        check_joint(&grown, &in, fresh, data[0], status);
    in.count = whole;
    check_again(&grown, &in, fresh, false);
    if (!grown.is_refused)
        check_again(&grown, &in, grown.schema, true);

    wr_cleanup_fed(&grown);
    wr_schema_drop(fresh);
    wr_normalizer_free(worker);
    wr_buf_done(&in.text);
    return 0;
}
