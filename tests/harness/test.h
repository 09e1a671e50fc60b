/* The test harness: a test is a sentence about behaviour, and registers itself.
 *
 *     TEST(a_buffer_refuses_to_grow_past_its_maximum)
 *     {
 *         wr_buf buf = wr_buf_max(4);
 *
 *         CHECK_OK(wr_buf_add(cx, &buf, wr_lit("1234")));
 *
 *         CHECK_INT(wr_buf_add(cx, &buf, wr_lit("5")), WEIR_LIMIT);
 *         CHECK_TEXT(wr_buf_text(&buf), "1234");
 *     }
 *
 * A check that fails prints its place and both values, marks the test as failed and leaves the function it stands in. The
 * actual value comes first, the expected one second. */
#ifndef WR_TEST_H
#define WR_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct wr_test {
    const char *name;
    const char *file;
    void (*run)(void);
    struct wr_test *next;
} wr_test;

#define TEST(sentence)                                                                             \
    static void sentence(void);                                                                    \
    __attribute__((constructor)) static void register_##sentence(void)                             \
    {                                                                                              \
        static wr_test test = { .name = #sentence, .file = __FILE__, .run = sentence };            \
        test_register(&test);                                                                      \
    }                                                                                              \
    static void sentence(void)

#define CHECK(condition) TEST_STOP_UNLESS(test_check(TEST_HERE, #condition, (condition)))
#define CHECK_INT(actual, expected)                                                                \
    TEST_STOP_UNLESS(test_check_int(TEST_HERE, #actual, (intmax_t)(actual), (intmax_t)(expected)))
#define CHECK_STR(actual, expected)                                                                \
    TEST_STOP_UNLESS(test_check_str(TEST_HERE, #actual, (actual), (expected)))
/* A weir_str, or anything with `ptr` and `len`, against a C string. */
#define CHECK_TEXT(actual, expected)                                                               \
    do {                                                                                           \
        const __typeof__(actual) test_actual_ = (actual);                                          \
        TEST_STOP_UNLESS(                                                                          \
            test_check_text(TEST_HERE, #actual, test_actual_.ptr, test_actual_.len, (expected)));  \
    } while (0)
/* A call that gives a weir_status. */
#define CHECK_OK(call) TEST_STOP_UNLESS(test_check_ok(TEST_HERE, #call, (int)(call)))
#define FAIL(...)                                                                                  \
    do {                                                                                           \
        test_fail(TEST_HERE, __VA_ARGS__);                                                         \
        return;                                                                                    \
    } while (0)
/* Leave the test: what it needs is not there. */
#define SKIP(...)                                                                                  \
    do {                                                                                           \
        test_skip(__VA_ARGS__);                                                                    \
        return;                                                                                    \
    } while (0)

/* Say that `ran` cases of a file of vectors ran, of which `failed` failed: they count instead of the test itself. Tell
 * about each one that failed with test_note(). */
void test_cases(const char *file, int ran, int failed);
/* Print a line under the test that is running; the test goes on. */
void test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A new, empty folder; it is removed at the end. */
const char *test_tempdir(void);
/* The path of a file of vectors: `test_vectors_path("naming.json")`. Valid until the next call. */
const char *test_vectors_path(const char *name);

/* What the macros stand for. */
typedef struct test_place {
    const char *file;
    int line;
} test_place;

#define TEST_HERE ((test_place){ __FILE__, __LINE__ })
#define TEST_STOP_UNLESS(passed)                                                                   \
    do {                                                                                           \
        if (!(passed))                                                                             \
            return;                                                                                \
    } while (0)

void test_register(wr_test *test);
bool test_check(test_place place, const char *text, bool condition);
bool test_check_int(test_place place, const char *text, intmax_t actual, intmax_t expected);
bool test_check_str(test_place place, const char *text, const char *actual, const char *expected);
bool test_check_text(test_place place, const char *text, const char *actual, size_t len,
                     const char *expected);
bool test_check_ok(test_place place, const char *text, int status);
void test_fail(test_place place, const char *format, ...) __attribute__((format(printf, 2, 3)));
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
