/* Tests of base/queue.h. */
#include "base/queue.h"

#include <sched.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/thread.h"
#include "harness/test.h"

static int items[1000];

static int released;
static void count_release(void *item)
{
    (void)item;
    released++;
}

TEST(items_come_out_in_the_order_in_which_they_went_in)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(1000000);
    void *item;
    size_t size;

    for (size_t i = 0; i < 100; i++)
        CHECK_OK(wr_queue_send(&cx, queue, &items[i], i));
    wr_queue_end(queue, NULL);

    for (size_t i = 0; i < 100; i++) {
        CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
        CHECK(item == &items[i]);
        CHECK_INT(size, i);
    }
    CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
    CHECK(item == NULL);
    wr_queue_free(queue, NULL);
}

TEST(polling_tells_waiting_from_the_end)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(10);
    void *item = items;
    size_t size;
    bool waiting = false;

    CHECK_OK(wr_queue_poll(&cx, queue, &item, &size, &waiting));
    CHECK(item == NULL && waiting);
    CHECK_OK(wr_queue_send(&cx, queue, items, 3));
    CHECK_OK(wr_queue_poll(&cx, queue, &item, &size, &waiting));
    CHECK(item == items && size == 3 && !waiting);
    wr_queue_end(queue, NULL);
    CHECK_OK(wr_queue_poll(&cx, queue, &item, &size, &waiting));
    CHECK(item == NULL && !waiting);
    wr_queue_free(queue, NULL);
}

TEST(an_item_larger_than_the_budget_passes_alone)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(10);
    void *item;
    size_t size;

    CHECK_OK(wr_queue_send(&cx, queue, items, 1000));
    CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
    CHECK_INT(size, 1000);
    wr_queue_return(queue, size);
    CHECK_OK(wr_queue_send(&cx, queue, items, SIZE_MAX));
    wr_queue_free(queue, NULL);
}

TEST(the_error_of_the_sender_comes_after_its_items)
{
    wr_auto(ctx) weir_ctx sender;
    wr_auto(ctx) weir_ctx receiver;
    wr_ctx_init(&sender, NULL);
    wr_ctx_init(&receiver, NULL);
    wr_queue *queue = wr_queue_new(10);
    void *item;
    size_t size;
    CHECK_OK(wr_queue_send(&sender, queue, items, 1));
    (void)weir_fail(&sender, WEIR_NETWORK, "connection lost"); /* its status is what is wanted */
    wr_queue_end(queue, &sender.error);
    weir_error_clear(&sender);

    CHECK_OK(wr_queue_receive(&receiver, queue, &item, &size));
    CHECK(item == items);
    CHECK_INT(wr_queue_receive(&receiver, queue, &item, &size), WEIR_NETWORK);
    CHECK_STR(weir_error_message(&receiver), "connection lost");
    CHECK_INT(wr_queue_receive(&receiver, queue, &item, &size), WEIR_NETWORK);
    wr_queue_free(queue, NULL);
}

TEST(an_end_with_an_error_is_never_taken_for_success)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(10);
    const wr_error unset = { 0 };
    void *item;
    size_t size;

    wr_queue_end(queue, &unset);

    CHECK_INT(wr_queue_receive(&cx, queue, &item, &size), WEIR_INTERNAL);
    wr_queue_free(queue, NULL);
}

TEST(a_closed_queue_takes_nothing_more)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(10);

    wr_queue_close(queue);

    CHECK_INT(wr_queue_send(&cx, queue, items, 1), WEIR_CANCELLED);
    wr_queue_free(queue, NULL);
}

TEST(items_that_are_left_are_released)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(100);
    released = 0;
    for (int i = 0; i < 3; i++)
        CHECK_OK(wr_queue_send(&cx, queue, &items[i], 1));

    wr_queue_free(queue, count_release);

    CHECK_INT(released, 3);
    wr_queue_free(NULL, count_release);
}

TEST(a_cancelled_run_neither_sends_nor_receives)
{
    wr_cancel cancel = { 1 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.cancel = &cancel;
    wr_queue *queue = wr_queue_new(10);
    void *item;
    size_t size;

    CHECK_INT(wr_queue_send(&cx, queue, items, 1), WEIR_CANCELLED);
    CHECK_INT(wr_queue_receive(&cx, queue, &item, &size), WEIR_CANCELLED);
    wr_queue_free(queue, NULL);
}

static weir_status send_all(weir_ctx *cx, void *arg)
{
    wr_queue *queue = arg;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        WEIR_TRY(wr_queue_send(cx, queue, &items[i], 1 + i % 7));
    wr_queue_end(queue, NULL);
    return WEIR_OK;
}

TEST(a_small_budget_slows_a_sender_but_loses_nothing)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(10);
    wr_thread thread = { 0 };
    size_t count = 0;
    CHECK_OK(wr_thread_start(&cx, &thread, "sender", send_all, queue));

    for (;;) {
        void *item;
        size_t size;
        CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
        if (!item)
            break;
        CHECK(item == &items[count]);
        CHECK_INT(size, 1 + count % 7);
        count++;
        wr_queue_return(queue, size);
    }

    CHECK_INT(count, sizeof(items) / sizeof(items[0]));
    CHECK_OK(wr_thread_join(&cx, &thread));
    wr_queue_free(queue, NULL);
}

static void wait_until_blocked(wr_queue *queue)
{
    while (!wr_queue_blocked(queue))
        sched_yield();
}

TEST(closing_wakes_a_sender_that_waits_for_budget)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(3);
    wr_thread thread = { 0 };
    CHECK_OK(wr_thread_start(&cx, &thread, "sender", send_all, queue));
    wait_until_blocked(queue);

    wr_queue_close(queue);

    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_CANCELLED);
    wr_queue_free(queue, NULL);
}

TEST(cancelling_wakes_a_sender_that_waits_for_budget)
{
    wr_cancel cancel = { 0 };
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    cx.cancel = &cancel;
    wr_queue *queue = wr_queue_new(3);
    wr_thread thread = { 0 };
    CHECK_OK(wr_thread_start(&cx, &thread, "sender", send_all, queue));
    wait_until_blocked(queue);

    wr_cancel_raise(&cancel, 1);

    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_CANCELLED);
    wr_queue_free(queue, NULL);
}

TEST(a_receiver_that_returns_nothing_yet_gets_one_item_after_the_other)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(3);
    wr_thread thread = { 0 };
    CHECK_OK(wr_thread_start(&cx, &thread, "sender", send_all, queue));

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        void *item;
        size_t size;
        CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
        CHECK(item == &items[i]);
    }

    CHECK_OK(wr_thread_join(&cx, &thread));
    wr_queue_free(queue, NULL);
}

TEST(received_items_count_until_they_are_returned)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_queue *queue = wr_queue_new(3);
    wr_thread thread = { 0 };
    void *item;
    size_t size;
    CHECK_OK(wr_thread_start(&cx, &thread, "sender", send_all, queue));
    CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
    CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));

    wait_until_blocked(queue); /* sizes 1 and 2 are out and not returned, 3 does not fit */
    bool waiting;
    CHECK_OK(wr_queue_poll(&cx, queue, &item, &size, &waiting));
    CHECK(waiting);
    wr_queue_return(queue, 3);
    CHECK_OK(wr_queue_receive(&cx, queue, &item, &size));
    CHECK_INT(size, 3);

    wr_queue_close(queue);
    CHECK_INT(wr_thread_join(&cx, &thread), WEIR_CANCELLED);
    wr_queue_free(queue, NULL);
}
