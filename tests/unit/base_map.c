/* Tests of base/map.h. */
#include "base/map.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

TEST(an_empty_map_has_no_keys)
{
    const wr_map map = { 0 };

    CHECK(wr_map_get(&map, wr_lit("a")) == NULL);
    CHECK_INT(wr_map_find(&map, wr_lit("")), -1);
}

TEST(a_map_finds_what_was_put_in)
{
    wr_map map = { 0 };
    int one = 1;
    int two = 2;

    wr_map_put(&map, wr_lit("one"), &one);
    wr_map_put(&map, wr_lit("two"), &two);

    CHECK(wr_map_get(&map, wr_lit("one")) == &one);
    CHECK_INT(wr_map_find(&map, wr_lit("two")), 1);
    CHECK(wr_map_get(&map, wr_lit("tw")) == NULL);
    wr_map_done(&map);
}

TEST(a_key_put_twice_keeps_its_place_and_gets_the_new_value)
{
    wr_map map = { 0 };
    int old = 1;
    int new = 2;
    wr_map_put(&map, wr_lit("a"), &old);
    wr_map_put(&map, wr_lit("b"), &old);

    wr_map_put(&map, wr_lit("a"), &new);

    CHECK_INT(map.len, 2);
    CHECK(map.entries[0].value == &new);
    wr_map_done(&map);
}

TEST(the_empty_text_is_a_key)
{
    wr_map map = { 0 };
    int value = 1;

    wr_map_put(&map, (weir_str){ 0 }, &value);

    CHECK(wr_map_get(&map, wr_lit("")) == &value);
    wr_map_done(&map);
}

TEST(a_large_map_keeps_the_order_of_insertion)
{
    wr_auto(arena) wr_arena keys = { 0 };
    wr_map map = { 0 };
    for (int i = 0; i < 5000; i++)
        wr_map_put(&map, wr_arena_printf(&keys, "key %d", i * 7919 % 5000), &keys);

    CHECK_INT(map.len, 5000);
    CHECK(map.slot_count >= 2 * map.len);
    for (int i = 0; i < 5000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "key %d", i * 7919 % 5000);
        CHECK_INT(wr_map_find(&map, weir_str_of(key)), i);
    }
    wr_map_done(&map);
}

TEST(a_cleared_map_is_empty_and_can_be_filled_again)
{
    wr_map map = { 0 };
    int value = 1;
    wr_map_put(&map, wr_lit("a"), &value);

    wr_map_clear(&map);
    CHECK(wr_map_get(&map, wr_lit("a")) == NULL);

    wr_map_put(&map, wr_lit("b"), &value);
    CHECK_INT(wr_map_find(&map, wr_lit("b")), 0);
    wr_map_done(&map);
}

TEST(a_done_map_holds_no_memory)
{
    const size_t before = wr_mem_now();
    wr_map map = { 0 };
    wr_map_put(&map, wr_lit("a"), &map);

    wr_map_done(&map);
    wr_map_done(&map);
    wr_map_clear(&map);

    CHECK_INT(wr_mem_now(), before);
    CHECK_INT(map.len, 0);
}
