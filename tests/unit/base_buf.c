/* Tests of base/buf.h. */
#include "base/buf.h"

#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

TEST(a_buffer_collects_text)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(100);

    wr_buf_cstr(&buf, "select ");
    wr_buf_char(&buf, '"');
    wr_buf_str(&buf, wr_lit("id"));
    wr_buf_append(&buf, "\" from", 6);
    wr_buf_printf(&buf, " t%d", 7);

    CHECK_STR(wr_buf_text(&buf), "select \"id\" from t7");
    CHECK_INT(wr_buf_view(&buf).len, strlen("select \"id\" from t7"));
}

TEST(an_empty_buffer_is_the_empty_text)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(100);
    wr_buf_append(&buf, NULL, 0);

    CHECK_STR(wr_buf_text(&buf), "");
    CHECK_INT(wr_buf_view(&buf).len, 0);
    CHECK(buf.ptr == NULL);
}

TEST(a_buffer_takes_exactly_its_maximum)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(1000);
    for (int i = 0; i < 1000; i++)
        wr_buf_char(&buf, 'x');

    CHECK(!buf.failed);
    CHECK_INT(strlen(wr_buf_text(&buf)), 1000);
    CHECK(buf.cap <= 1001);
}

TEST(a_buffer_past_its_maximum_fails_and_stays_empty)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(buf) wr_buf buf = wr_buf_max(5);
    wr_buf_cstr(&buf, "12345");
    CHECK_OK(wr_buf_check(&cx, &buf, "the name"));

    wr_buf_char(&buf, '6');
    wr_buf_cstr(&buf, "7");
    wr_buf_printf(&buf, "%d", 8);

    CHECK_STR(wr_buf_text(&buf), "");
    CHECK(wr_buf_room(&buf, 1) == NULL);
    CHECK_INT(wr_buf_check(&cx, &buf, "the name"), WEIR_LIMIT);
    CHECK_STR(weir_error_message(&cx), "the name is longer than the maximum of 5 bytes");
}

TEST(a_cleared_buffer_can_be_used_again)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(5);
    wr_buf_cstr(&buf, "123456");

    wr_buf_clear(&buf);
    wr_buf_cstr(&buf, "abc");

    CHECK_STR(wr_buf_text(&buf), "abc");
}

TEST(a_buffer_without_a_maximum_takes_nothing)
{
    wr_auto(buf) wr_buf buf = { 0 };

    wr_buf_char(&buf, 'x');

    CHECK(buf.failed);
}

TEST(formatted_text_grows_the_buffer)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(10000);
    wr_buf_cstr(&buf, "a");

    wr_buf_printf(&buf, "%5000d", 7);
    wr_buf_printf(&buf, "%s", "");

    CHECK_INT(buf.len, 5001);
    CHECK_INT(buf.ptr[5000], '7');
}

TEST(room_in_a_buffer_is_filled_by_the_caller)
{
    wr_auto(buf) wr_buf buf = wr_buf_max(300);
    wr_buf_cstr(&buf, "a");

    memset(wr_buf_room(&buf, 200), 'b', 200);
    wr_buf_used(&buf, 2);

    CHECK_STR(wr_buf_text(&buf), "abb");
}

TEST(a_done_buffer_holds_no_memory_and_keeps_its_maximum)
{
    const size_t before = wr_mem_now();
    wr_buf buf = wr_buf_max(100);
    wr_buf_cstr(&buf, "abc");

    wr_buf_done(&buf);
    wr_buf_done(&buf);

    CHECK_INT(wr_mem_now(), before);
    CHECK_INT(buf.max, 100);
}
