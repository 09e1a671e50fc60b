/* UTF-8 and the few Unicode properties that names need. */
#ifndef WR_UTF8_H
#define WR_UTF8_H

#include <weir/base.h>

/* Offset of the first byte that is not well-formed UTF-8 (surrogates and overlong forms are not); s.len when all is well. */
size_t wr_utf8_valid(weir_str s);
/* The code point at `*at`, which moves behind it; a malformed byte gives itself + 0xDC00 and moves by one. */
uint32_t wr_utf8_next(weir_str s, size_t *at);
/* Writes up to 4 bytes, returns how many. What wr_utf8_next() gave for a malformed byte becomes that byte again; other
 * surrogates and what is beyond U+10FFFF become U+FFFD. */
size_t wr_utf8_put(char *ret, uint32_t code_point);
/* Number of code points; a malformed byte counts as one. */
size_t wr_utf8_len(weir_str s);
/* Bytes of the first `count` code points; all when there are fewer. */
size_t wr_utf8_prefix(weir_str s, size_t count);
/* White_Space and U+001C … U+001F, as Python's str.strip() sees it. */
bool wr_is_space(uint32_t code_point);
/* General category Nd of Unicode 14. */
bool wr_is_digit(uint32_t code_point);

#endif
