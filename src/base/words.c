/* Cuts a command into words. */
#include "base/words.h"

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/vec.h"

#define WORD_MAX ((size_t)1 << 20)

/* Cut one word off. False at the end. */
static bool next_word(weir_str *rest, wr_buf *ret, bool *ret_unclosed)
{
    char quote = 0;
    bool any = false;
    *rest = wr_str_trim(*rest);
    while (rest->len > 0) {
        const char c = *rest->ptr++;
        rest->len--;
        if (!quote && strchr(" \t\r\n", c) && c)
            break;
        any = true;
        if (c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && quote != '\'' && rest->len > 0) {
            wr_buf_char(ret, *rest->ptr++);
            rest->len--;
        } else
            wr_buf_char(ret, c);
    }
    *ret_unclosed = quote != 0;
    return any;
}

static weir_status split(weir_ctx *cx, wr_arena *arena, weir_str text, wr_buf *word,
                         const char *const **ret)
{
    wr_vec(const char *) words = { 0 };
    bool unclosed = false;
    while (!unclosed && next_word(&text, word, &unclosed)) {
        *wr_vec_push(&words) = wr_arena_str(arena, wr_buf_view(word)).ptr;
        wr_buf_clear(word);
    }
    const char **copy = wr_arena_new_array(arena, words.len + 1, const char *);
    if (words.len > 0)
        memcpy(copy, words.ptr, words.len * sizeof(*copy));
    const bool none = words.len == 0;
    wr_vec_done(&words);
    if (none || unclosed)
        return weir_fail(cx, WEIR_CONFIG, "it is no command: %s",
                         unclosed ? "a quote is not closed" : "it is empty");
    *ret = copy;
    return WEIR_OK;
}

weir_status wr_words_split(weir_ctx *cx, wr_arena *arena, weir_str text, const char *const **ret)
{
    wr_auto(buf) wr_buf word = wr_buf_max(WORD_MAX);
    if (text.len > WORD_MAX)
        return weir_fail(cx, WEIR_LIMIT, "a command of %zu bytes, at most %zu", text.len, WORD_MAX);
    return split(cx, arena, text, &word, ret);
}
