/* A context, memory, a reader and a buffer for one test: `wr_auto(fixture) fixture f = fixture_new();` */
#ifndef WR_TEST_FIXTURE_H
#define WR_TEST_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "format/json.h"

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_json_reader reader;
    wr_buf out;
} fixture;

static inline fixture fixture_new(void)
{
    fixture f = { .out = wr_buf_max(1 << 20) };
    wr_ctx_init(&f.cx, NULL);
    return f;
}

static inline void wr_cleanup_fixture(fixture *f)
{
    wr_json_reader_done(&f->reader);
    wr_arena_done(&f->arena);
    wr_buf_done(&f->out);
    wr_ctx_done(&f->cx);
}

#endif
