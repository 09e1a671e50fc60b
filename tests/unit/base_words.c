/* Tests of base/words.h. */
#include "base/words.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

/* The words, each in brackets; or the message. */
static void split(const char *text, char *ret, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    const char *const *words = NULL;
    wr_ctx_init(&cx, NULL);
    if (wr_words_split(&cx, &arena, weir_str_of(text), &words) != WEIR_OK) {
        snprintf(ret, size, "%s", weir_error_message(&cx));
        return;
    }
    wr_auto(buf) wr_buf out = wr_buf_max(1000);
    for (; *words; words++)
        wr_buf_printf(&out, "[%s]", *words);
    snprintf(ret, size, "%s", wr_buf_text(&out));
}

#define CHECK_WORDS(text, expected)                                                                \
    do {                                                                                           \
        char words_[200];                                                                          \
        split(text, words_, sizeof(words_));                                                       \
        CHECK_STR(words_, expected);                                                               \
    } while (0)

TEST(a_command_is_cut_at_blanks_outside_of_quotes)
{
    CHECK_WORDS("a b\tc\n  d", "[a][b][c][d]");
    CHECK_WORDS("a 'b c' \"d e\"f", "[a][b c][d ef]");
    CHECK_WORDS("a '' b", "[a][][b]");
    CHECK_WORDS("a\\ b 'c\\d' \"e\\\"f\"", "[a b][c\\d][e\"f]");
    CHECK_WORDS("echo $HOME | cat *", "[echo][$HOME][|][cat][*]");
}

TEST(what_is_no_command_is_said)
{
    CHECK_WORDS("  ", "it is no command: it is empty");
    CHECK_WORDS("a 'b", "it is no command: a quote is not closed");
}
