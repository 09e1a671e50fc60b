/* Runs each fuzzer of tests/fuzz on its corpus, one test for each. */
#include "base/arena.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"

typedef int fuzzer(const uint8_t *data, size_t size);

/* In a block of its own size, so that the sanitizer sees a step past its end. */
static void run_input(fuzzer *run, weir_str input)
{
    uint8_t *data = malloc(input.len ? input.len : 1);
    memcpy(data, input.ptr, input.len);
    run(data, input.len);
    free(data);
}

static weir_status run_corpus(weir_ctx *cx, wr_arena *arena, const char *name, fuzzer *run)
{
    const weir_str path = wr_arena_printf(arena, WEIR_TESTS_DIR "/fuzz/corpus/%s", name);
    wr_auto(close) int dir = -1;
    wr_names files;
    WEIR_TRY(wr_open_dir(cx, AT_FDCWD, path.ptr, false, &dir));
    WEIR_TRY(wr_list_dir(cx, arena, dir, &files));
    if (files.len == 0)
        return weir_fail(cx, WEIR_INVALID, "'%s' is empty", path.ptr);

    for (size_t i = 0; i < files.len; i++) {
        weir_str input;
        bool found;
        WEIR_TRY(wr_file_read(cx, arena, dir, files.ptr[i].ptr, &input, &found));
        run_input(run, input);
    }
    return WEIR_OK;
}

static void test_corpus(const char *name, fuzzer *run)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    if (run_corpus(&cx, &arena, name, run) != WEIR_OK)
        FAIL("%s", weir_error_message(&cx));
}

#define X(name)                                                                                    \
    fuzzer fuzz_##name;                                                                            \
    TEST(the_corpus_of_the_fuzzer_##name##_gives_no_finding)                                       \
    {                                                                                              \
        test_corpus(#name, fuzz_##name);                                                           \
    }
WEIR_FUZZERS
#undef X
