/* Text that is only looked at. */
#ifndef WR_STR_H
#define WR_STR_H

#include <weir/base.h>

/* For printf: `"%.*s", WR_STR(s)`. */
#define WR_STR(s) (int)(s).len, (s).ptr ? (s).ptr : ""
/* A text from a literal. */
#define wr_lit(literal) ((weir_str){ "" literal, sizeof(literal) - 1 })

static inline uint64_t wr_word_at(const char *at)
{
    uint64_t ret;
    memcpy(&ret, at, sizeof(ret));
    return ret;
}

static inline uint32_t wr_half_word_at(const char *at)
{
    uint32_t ret;
    memcpy(&ret, at, sizeof(ret));
    return ret;
}

/* Keys are short, and for them the call of memcmp() takes longer than the comparison: two words that overlap hold all bytes
 * of 8 to 16, two halves those of 4 to 8. */
static inline bool wr_str_eq(weir_str a, weir_str b)
{
    if (a.len != b.len)
        return false;
    if (a.len >= 8 && a.len <= 16)
        return wr_word_at(a.ptr) == wr_word_at(b.ptr) &&
               wr_word_at(a.ptr + a.len - 8) == wr_word_at(b.ptr + a.len - 8);
    if (a.len >= 4 && a.len < 8)
        return wr_half_word_at(a.ptr) == wr_half_word_at(b.ptr) &&
               wr_half_word_at(a.ptr + a.len - 4) == wr_half_word_at(b.ptr + a.len - 4);
    return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Order of bytes; a prefix comes first. */
int wr_str_cmp(weir_str a, weir_str b);
bool wr_str_starts(weir_str s, weir_str prefix);
bool wr_str_ends(weir_str s, weir_str suffix);
/* Without white space (ASCII) at both ends. */
weir_str wr_str_trim(weir_str s);
/* Cut off and return the part before `separator`; the whole rest when there is none. False when nothing is left. */
bool wr_str_split(weir_str *rest, char separator, weir_str *ret_part);
/* Copy `s` and a NUL into `size` bytes (at least 4). What does not fit is cut between two characters and ends in "…".
 * Returns the length. */
size_t wr_str_fit(char *ret, size_t size, weir_str s);
/* Is it one of `list`, which ends with NULL? */
bool wr_str_among(weir_str s, const char *const *list);
/* The name in `names` (ending with NULL) that is nearest to `name` and near enough for "did you mean"; else NULL. */
const char *wr_str_nearest(const char *name, const char *const *names);

#endif
