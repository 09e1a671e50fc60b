/* Tests of base/vec.h. */
#include "base/vec.h"

#include "base/mem.h"
#include "harness/test.h"

TEST(a_vector_keeps_what_is_pushed)
{
    wr_vec(int) v = { 0 };
    for (int i = 0; i < 1000; i++)
        *wr_vec_push(&v) = i;

    CHECK_INT(v.len, 1000);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(v.ptr[i], i);
    wr_vec_done(&v);
}

TEST(room_that_was_reserved_does_not_move)
{
    wr_vec(double) v = { 0 };
    wr_vec_reserve(&v, 100);
    const double *place = v.ptr;

    for (int i = 0; i < 100; i++)
        *wr_vec_push(&v) = i;

    CHECK(v.ptr == place);
    wr_vec_done(&v);
}

TEST(a_done_vector_is_empty_and_holds_no_memory)
{
    const size_t before = wr_mem_now();
    wr_vec(char) v = { 0 };
    *wr_vec_push(&v) = 'x';

    wr_vec_done(&v);
    wr_vec_done(&v);

    CHECK_INT(wr_mem_now(), before);
    CHECK_INT(v.len, 0);
}
