/* Tests of base/mem.h. */
#include "base/mem.h"

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"

TEST(memory_is_zeroed_and_counted_until_it_is_freed)
{
    const size_t before = wr_mem_now();

    char *bytes = wr_new_array(1000, char);

    CHECK_INT(bytes[0] | bytes[999], 0);
    CHECK(wr_mem_now() >= before + 1000);
    CHECK(wr_mem_peak() >= wr_mem_now());
    wr_free(bytes);
    CHECK_INT(wr_mem_now(), before);
}

TEST(growing_counts_the_difference)
{
    const size_t before = wr_mem_now();
    char *bytes = wr_realloc(NULL, 10);
    memcpy(bytes, "0123456789", 10);

    bytes = wr_realloc_array(bytes, 10, 1000);

    CHECK(memcmp(bytes, "0123456789", 10) == 0);
    CHECK(wr_mem_now() >= before + 10000);
    wr_free(bytes);
    CHECK_INT(wr_mem_now(), before);
}

TEST(the_peak_stays_when_memory_is_freed)
{
    wr_free(wr_alloc((size_t)1 << 20));

    CHECK(wr_mem_peak() >= (size_t)1 << 20);
}

TEST(nothing_can_be_allocated_and_freed)
{
    const size_t before = wr_mem_now();

    void *empty = wr_alloc(0);
    empty = wr_realloc(empty, 0);

    CHECK(empty != NULL);
    wr_free(empty);
    wr_free(NULL);
    CHECK_INT(wr_mem_now(), before);
}

TEST(a_copy_ends_in_nul)
{
    char *copy = wr_copy("abcdef", 3);

    CHECK_STR(copy, "abc");
    wr_free(copy);
}

TEST(memory_of_a_block_is_freed_at_its_end)
{
    const size_t before = wr_mem_now();
    {
        wr_auto(free) void *bytes = wr_alloc(100);
        CHECK(bytes != NULL);
    }
    CHECK_INT(wr_mem_now(), before);
}

static void exit_with_42(size_t size)
{
    _exit(size == SIZE_MAX ? 42 : 1);
}

TEST(a_product_that_overflows_calls_the_handler)
{
    const pid_t child = fork();
    if (child == 0) {
        wr_mem_on_exhausted(exit_with_42);
        wr_free(wr_alloc_array(SIZE_MAX / 2, 3));
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);

    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 42);
}
