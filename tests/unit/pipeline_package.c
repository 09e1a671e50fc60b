/* Packages and homes: seals, failures, sweeping, locks, names. */
#include "pipeline/package.h"

#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

/* A home of its own below a temporary folder. */
static weir_status open_home(weir_ctx *cx, wr_arena *arena, wr_home *ret)
{
    bool found = false;
    setenv("WEIR_DATA_DIR", test_tempdir(), 1);
    const weir_status status = wr_home_open(cx, arena, wr_lit("orders"), true, ret, &found);
    unsetenv("WEIR_DATA_DIR");
    return status;
}

static wr_node *manifest(wr_arena *arena)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, ret, wr_lit("rows"), wr_node_int(arena, 3));
    return ret;
}

static weir_status make_package(weir_ctx *cx, wr_arena *arena, const wr_home *home, const char *id,
                                bool seal)
{
    wr_auto(close) int dir = -1;
    WEIR_TRY(wr_package_create(cx, home, weir_str_of(id), &dir));
    return seal ? wr_package_seal(cx, dir, manifest(arena)) : WEIR_OK;
}

TEST(sweeping_removes_what_was_never_sealed)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    wr_ctx_init(&cx, NULL);
    CHECK_OK(open_home(&cx, &arena, &home));
    CHECK_OK(make_package(&cx, &arena, &home, "1.000001", false));
    CHECK_OK(make_package(&cx, &arena, &home, "2.000002", true));

    CHECK_OK(wr_package_sweep(&cx, &home));

    wr_packages packages;
    CHECK_OK(wr_package_list(&cx, &arena, &home, false, &packages));
    CHECK_INT(packages.len, 1);
    CHECK_TEXT(packages.ptr[0].load_id, "2.000002");
    CHECK_INT(packages.ptr[0].state, WR_PACKAGE_SEALED);
    CHECK_INT(wr_node_get_int(packages.ptr[0].manifest, "rows", 0), 3);
}

TEST(a_failed_package_keeps_its_error_until_it_is_tried_again)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    wr_ctx_init(&cx, NULL);
    CHECK_OK(open_home(&cx, &arena, &home));
    CHECK_OK(make_package(&cx, &arena, &home, "1.000001", true));
    wr_packages packages;
    CHECK_OK(wr_package_list(&cx, &arena, &home, false, &packages));

    (void)weir_fail(&cx, WEIR_REJECTED, "invalid date '31/02'");
    CHECK_OK(wr_package_fail(&cx, &home, &packages.ptr[0]));
    CHECK_STR(weir_error_message(&cx), "invalid date '31/02'");
    CHECK_OK(wr_package_list(&cx, &arena, &home, false, &packages));
    CHECK_INT(packages.ptr[0].state, WR_PACKAGE_FAILED);
    const wr_node *error = wr_node_get(packages.ptr[0].manifest, "error");
    CHECK_TEXT(wr_node_get_text(error, "message"), "invalid date '31/02'");

    CHECK_OK(wr_package_retry(&cx, &home, &packages.ptr[0]));
    CHECK_OK(wr_package_list(&cx, &arena, &home, false, &packages));
    CHECK_INT(packages.ptr[0].state, WR_PACKAGE_SEALED);
    CHECK(!wr_node_get(packages.ptr[0].manifest, "error"));
}

TEST(the_last_traces_of_loads_are_kept)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    wr_ctx_init(&cx, NULL);
    CHECK_OK(open_home(&cx, &arena, &home));

    static const char *const ids[] = { "1.000001", "2.000002", "3.000003" };
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(make_package(&cx, &arena, &home, ids[i], true));
        CHECK_OK(wr_package_finish(&cx, &home, weir_str_of(ids[i]), manifest(&arena), 2));
    }

    wr_packages packages;
    CHECK_OK(wr_package_list(&cx, &arena, &home, true, &packages));
    CHECK_INT(packages.len, 2);
    CHECK_TEXT(packages.ptr[0].load_id, "2.000002");
    CHECK_INT(packages.ptr[1].state, WR_PACKAGE_LOADED);
}

TEST(a_load_id_is_greater_than_all_before_also_when_the_clock_runs_back)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    char id[WR_LOAD_ID_TEXT];

    wr_load_id_make(&cx, wr_lit("9732440000.999999"), id);
    CHECK_STR(id, "9732440001.000000");
    wr_load_id_make(&cx, wr_lit("9732440000.1234567"), id);
    CHECK_STR(id, "9732440000.123457");
    wr_load_id_make(&cx, wr_lit("9732440000.5"), id);
    CHECK_STR(id, "9732440000.500001");
    wr_load_id_make(&cx, (weir_str){ 0 }, id);
    CHECK_INT(strlen(id), 17);
}

TEST(a_second_holder_of_a_home_is_told_who_has_it)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_auto(home) wr_home first = { .dir = -1, .lock = -1 };
    wr_auto(home) wr_home second = { .dir = -1, .lock = -1 };
    wr_ctx_init(&cx, NULL);
    bool found = false;
    setenv("WEIR_DATA_DIR", test_tempdir(), 1);
    CHECK_OK(wr_home_open(&cx, &arena, wr_lit("orders"), true, &first, &found));
    CHECK_OK(wr_home_open(&cx, &arena, wr_lit("orders"), false, &second, &found));
    unsetenv("WEIR_DATA_DIR");
    CHECK_OK(wr_home_lock(&cx, &first));

    CHECK_INT(wr_home_lock(&cx, &second), WEIR_LOCKED);
    CHECK(strstr(weir_error_message(&cx), "process "));

    wr_home_close(&first);
    CHECK_OK(wr_home_lock(&cx, &second));
}

TEST(names_that_cannot_be_folders_everywhere_are_refused)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    static const char *const refused[] = { "", "a/b", "a.b", "x%", "nul", "COM1", "a\nb", "{x}" };
    static const char *const accepted[] = { "orders", "my pipe", "naïve", "con1", "com", "nulls" };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        CHECK_INT(wr_pipeline_check_name(&cx, weir_str_of(refused[i])), WEIR_INVALID);
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
        CHECK_OK(wr_pipeline_check_name(&cx, weir_str_of(accepted[i])));
}
