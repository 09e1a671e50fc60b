/* Tests of base/arena.h. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define MIB ((size_t)1 << 20)

TEST(arena_memory_is_zeroed_also_when_it_is_used_again)
{
    wr_auto(arena) wr_arena arena = { 0 };
    memset(wr_arena_alloc(&arena, 100), 0xFF, 100);
    wr_arena_reset(&arena);

    const char *again = wr_arena_alloc(&arena, 100);

    CHECK_INT(again[0] | again[50] | again[99], 0);
}

TEST(arena_memory_is_aligned_for_any_type)
{
    wr_auto(arena) wr_arena arena = { 0 };
    for (size_t i = 0; i < 100; i++) {
        wr_arena_str(&arena, wr_lit("odd"));
        CHECK_INT((uintptr_t)wr_arena_alloc(&arena, i) % alignof(max_align_t), 0);
    }
}

TEST(an_arena_text_is_a_copy_that_ends_in_nul)
{
    wr_auto(arena) wr_arena arena = { 0 };
    char text[] = "hello";

    const weir_str copy = wr_arena_str(&arena, (weir_str){ text, 4 });
    memset(text, 'x', 5);

    CHECK_STR(copy.ptr, "hell");
    CHECK_INT(copy.len, 4);
    CHECK_STR(wr_arena_str(&arena, (weir_str){ 0 }).ptr, "");
}

TEST(an_arena_formats_short_and_long_texts)
{
    wr_auto(arena) wr_arena arena = { 0 };
    CHECK_STR(wr_arena_printf(&arena, "%d-%s", 7, "x").ptr, "7-x");

    const weir_str padded = wr_arena_printf(&arena, "%5000d", 7);

    CHECK_INT(padded.len, 5000);
    CHECK_INT(padded.ptr[4999], '7');
    CHECK_INT(strlen(padded.ptr), 5000);
}

TEST(chunks_double_from_4_kib_to_1_mib)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_arena_alloc(&arena, 1);
    CHECK_INT(arena.capacity, 4 << 10);

    size_t before = arena.capacity;
    size_t last = 0;
    for (int i = 0; i < 8000; i++) {
        wr_arena_alloc(&arena, 1000);
        if (arena.capacity == before)
            continue;
        last = arena.capacity - before;
        before = arena.capacity;
        CHECK(last <= MIB);
    }
    CHECK_INT(last, MIB);
}

TEST(a_large_request_leaves_the_rest_of_the_chunk_in_use)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_arena_alloc(&arena, 16);
    const char *next = arena.next;

    char *large = wr_arena_alloc(&arena, 3 * MIB);
    const char *small = wr_arena_alloc(&arena, 16);

    large[3 * MIB - 1] = 1;
    CHECK(small == next);
    CHECK_INT(arena.capacity, (4 << 10) + 3 * MIB);
}

TEST(going_back_gives_large_and_small_memory_back)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_arena_alloc(&arena, 16);
    const size_t before = wr_mem_now();
    const wr_arena_mark mark = wr_arena_here(&arena);
    for (int i = 0; i < 100; i++)
        wr_arena_alloc(&arena, 2000);
    wr_arena_alloc(&arena, 2 * MIB);

    wr_arena_back(&arena, mark);

    CHECK_INT(wr_mem_now(), before);
    CHECK_INT(arena.capacity, 4 << 10);
}

TEST(what_was_taken_before_a_mark_stays)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str kept = wr_arena_str(&arena, wr_lit("kept"));
    const wr_arena_mark mark = wr_arena_here(&arena);
    wr_arena_printf(&arena, "%10000d", 1);

    wr_arena_back(&arena, mark);
    memset(wr_arena_alloc(&arena, 100), 0xFF, 100);

    CHECK_STR(kept.ptr, "kept");
}

TEST(going_back_to_a_mark_with_only_large_memory_keeps_that)
{
    wr_auto(arena) wr_arena arena = { 0 };
    char *large = wr_arena_alloc(&arena, 2 * MIB);
    const wr_arena_mark mark = wr_arena_here(&arena);
    const char *first = wr_arena_alloc(&arena, 16);

    wr_arena_back(&arena, mark);

    large[2 * MIB - 1] = 1;
    CHECK(wr_arena_alloc(&arena, 16) == (const void *)first);
}

TEST(a_loop_over_an_empty_arena_allocates_once)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const wr_arena_mark mark = wr_arena_here(&arena);
    const char *first = wr_arena_alloc(&arena, 100);
    for (int i = 0; i < 10; i++) {
        wr_arena_back(&arena, mark);
        CHECK(wr_arena_alloc(&arena, 100) == (const void *)first);
    }
    CHECK_INT(arena.capacity, 4 << 10);
}

TEST(a_reset_arena_keeps_one_chunk_and_a_done_one_nothing)
{
    const size_t before = wr_mem_now();
    wr_arena arena = { 0 };
    wr_arena_reset(&arena);
    for (int i = 0; i < 100; i++)
        wr_arena_alloc(&arena, 2000);

    wr_arena_reset(&arena);
    CHECK(arena.capacity > 0);
    CHECK(arena.capacity <= MIB);

    wr_arena_done(&arena);
    wr_arena_done(&arena);
    CHECK_INT(wr_mem_now(), before);
}

TEST(a_copy_in_lower_case_changes_letters_of_ascii_only)
{
    wr_auto(arena) wr_arena arena = { 0 };

    CHECK_TEXT(wr_arena_lower(&arena, wr_lit("AZ@[`Ü-9")), "az@[`Ü-9");
    CHECK_TEXT(wr_arena_lower(&arena, (weir_str){ 0 }), "");
}
