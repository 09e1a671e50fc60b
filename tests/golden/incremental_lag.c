/* Lag on last values against dlt: incremental_lag.json. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "pipeline/incremental.h"

static weir_status read_marked(golden *g, const wr_node *vector, const char *key, wr_node **ret)
{
    return wr_node_parse(&g->cx, &g->arena, golden_marked(&g->arena, wr_node_get(vector, key)),
                         ret);
}

static weir_status apply(golden *g, const wr_node *vector, weir_str *ret)
{
    wr_node *initial;
    wr_node *last;
    weir_value lag;
    wr_cursor value;
    wr_cursor lagged;
    WEIR_TRY(read_marked(g, vector, "initial_value", &initial));
    WEIR_TRY(read_marked(g, vector, "last_value", &last));
    WEIR_TRY(wr_cursor_read(&g->cx, &g->arena, last, &value));
    (void)golden_value(&g->arena, wr_node_get(vector, "lag"), &lag); /* a number */

    const bool is_min = wr_str_eq(wr_node_get_text(vector, "func"), wr_lit("min"));
    const wr_incremental_settings settings = {
        .initial_value = initial,
        .lag = lag.kind == WEIR_INT ? (double)lag.as.i : lag.as.f,
        .last_value_func = is_min ? WR_CURSOR_MIN : WR_CURSOR_MAX,
    };
    WEIR_TRY(wr_incremental_lag(&g->cx, &g->arena, &settings, &value, &lagged));

    wr_auto(buf) wr_buf out = wr_buf_max(1 << 20);
    wr_cursor_write(&out, &lagged);
    *ret = wr_arena_str(&g->arena, wr_buf_view(&out));
    return WEIR_OK;
}

TEST(golden_lag_moves_last_values_as_in_dlt)
{
    golden g;
    golden_open(&g, "incremental_lag.json", NULL);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next) {
        weir_str actual = { 0 };
        const weir_status status = apply(&g, test, &actual);
        const wr_node *out = wr_node_get(test, "out");
        if (out)
            golden_check(&g, test,
                         status == WEIR_OK && wr_str_eq(actual, golden_marked(&g.arena, out)),
                         status == WEIR_OK ? actual : weir_str_of(weir_error_message(&g.cx)));
        else
            golden_check(&g, test, status == WEIR_CONFIG, actual);
        weir_error_clear(&g.cx);
    }
    golden_close(&g);
}
