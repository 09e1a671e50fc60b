/* Runs the tests that registered themselves, in one process, file by file, and counts. */
#include "harness/test.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Tests that take longer show how long. */
#define SLOW_MS 200

static wr_test *tests;

static struct {
    int passed;
    int failed;
    int skipped;
} totals;

/* What the test that is running has come to so far. */
static struct {
    bool failed;
    bool skipped;
    int cases;
    int cases_failed;
} now;

static char temp_root[64];

/* In front of the first test that comes later by file and name. Order of registration is the linker's. */
void test_register(wr_test *test)
{
    wr_test **at = &tests;
    while (*at) {
        const int by_file = strcmp((*at)->file, test->file);
        if (by_file > 0 || (by_file == 0 && strcmp((*at)->name, test->name) > 0))
            break;
        at = &(*at)->next;
    }
    test->next = *at;
    *at = test;
}

static void print_line(const char *prefix, const char *format, va_list args)
{
    printf("    %s", prefix);
    vprintf(format, args);
    putchar('\n');
}

void test_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}

void test_fail(test_place place, const char *format, ...)
{
    now.failed = true;
    printf("FAIL %s:%d:\n", place.file, place.line);
    va_list args;
    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}

void test_skip(const char *format, ...)
{
    now.skipped = true;
    va_list args;
    va_start(args, format);
    print_line("skipped: ", format, args);
    va_end(args);
}

bool test_check(test_place place, const char *text, bool condition)
{
    if (!condition)
        test_fail(place, "%s is false", text);
    return condition;
}

bool test_check_int(test_place place, const char *text, intmax_t actual, intmax_t expected)
{
    if (actual == expected)
        return true;
    test_fail(place, "%s is %jd, expected %jd", text, actual, expected);
    return false;
}

/* Text as a C literal would spell it, to a stream. */
static void print_quoted(const char *text, size_t len)
{
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c == '\n')
            printf("\\n");
        else if (c < 0x20 || c == 0x7f)
            printf("\\%03o", c);
        else
            putchar(c);
    }
    putchar('"');
}

bool test_check_text(test_place place, const char *text, const char *actual, size_t len,
                     const char *expected)
{
    const size_t expected_len = strlen(expected);
    if (len == expected_len && (len == 0 || memcmp(actual, expected, len) == 0))
        return true;

    test_fail(place, "%s is not what was expected", text);
    printf("    actual:   ");
    print_quoted(actual, len);
    printf("\n    expected: ");
    print_quoted(expected, expected_len);
    putchar('\n');
    return false;
}

bool test_check_str(test_place place, const char *text, const char *actual, const char *expected)
{
    if (actual && expected)
        return test_check_text(place, text, actual, strlen(actual), expected);
    if (actual != expected)
        test_fail(place, "%s is %s, expected %s", text, actual ? actual : "NULL",
                  expected ? expected : "NULL");
    return actual == expected;
}

bool test_check_ok(test_place place, const char *text, int status)
{
    if (status != 0)
        test_fail(place, "%s gave status %d", text, status);
    return status == 0;
}

void test_cases(const char *file, int ran, int failed)
{
    printf("golden %s: %d cases, %d failed\n", file, ran, failed);
    now.cases += ran;
    now.cases_failed += failed;
}

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

static void remove_temp_root(void)
{
    nftw(temp_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_tempdir(void)
{
    static char path[sizeof(temp_root) + 16];
    static int count;

    if (!temp_root[0]) {
        snprintf(temp_root, sizeof(temp_root), "/tmp/weir-tests.XXXXXX");
        if (!mkdtemp(temp_root))
            die("mkdtemp");
        atexit(remove_temp_root);
    }
    snprintf(path, sizeof(path), "%s/%d", temp_root, count++);
    if (mkdir(path, 0700) != 0)
        die(path);
    return path;
}

const char *test_vectors_path(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof(path), "%s/golden/vectors/%s", WEIR_TESTS_DIR, name);
    return path;
}

static long elapsed_ms(const struct timespec *start)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - start->tv_sec) * 1000 + (end.tv_nsec - start->tv_nsec) / 1000000;
}

static void count_result(void)
{
    if (now.cases > 0) {
        totals.failed += now.cases_failed;
        totals.passed += now.cases - now.cases_failed;
        totals.failed += now.failed && now.cases_failed == 0;
    } else if (now.failed) {
        totals.failed++;
    } else if (now.skipped) {
        totals.skipped++;
    } else {
        totals.passed++;
    }
}

/* The name comes first, so that it is the last thing to be read when the test brings the program down. */
static void run_test(const wr_test *test)
{
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    printf("%s\n", test->name);
    fflush(stdout);
    memset(&now, 0, sizeof(now));

    test->run();

    count_result();
    const long ms = elapsed_ms(&start);
    if (ms > SLOW_MS)
        printf("    took %ld ms\n", ms);
}

static bool matches(const wr_test *test, const char *filter)
{
    return !filter || strstr(test->name, filter) || strstr(test->file, filter);
}

int main(int argc, char **argv)
{
    const bool list = argc > 1 && strcmp(argv[1], "--list") == 0;
    const char *filter = argc > 1 && !list ? argv[1] : NULL;
    if (argc > 2 || (filter && filter[0] == '-')) {
        fprintf(stderr, "usage: %s [--list | PART OF A TEST'S OR A FILE'S NAME]\n", argv[0]);
        return 2;
    }

    const char *file = "";
    for (const wr_test *test = tests; test; test = test->next) {
        if (!matches(test, filter))
            continue;
        if (strcmp(file, test->file) != 0)
            printf("\n%s\n", test->file);
        file = test->file;
        if (list)
            printf("%s\n", test->name);
        else
            run_test(test);
    }
    if (list)
        return 0;

    printf("\n%d passed, %d failed, %d skipped\n", totals.passed, totals.failed, totals.skipped);
    return totals.failed > 0 || totals.passed + totals.skipped == 0;
}
