/* Text as Python reads it: names and numbers are trimmed and understood the way str.strip(),
 * int() and float() do, since that is what dlt's rules say. */
#ifndef WR_TEXT_H
#define WR_TEXT_H

#include <weir/base.h>

#include "base/buf.h"

/* Without Unicode white space at both ends. */
weir_str wr_text_trim(weir_str s);

/* A number in plain digits: decimal digits of any script become ASCII, `_` between digits goes.
 * *ret is `text` itself when it is plain, else it is made in `made`. False when other characters
 * than ASCII are left. */
bool wr_number_plain(weir_str text, wr_buf *made, weir_str *ret);

/* The most digits that wr_number_hex() takes: a word of 256 bits, the largest integers that data
 * brings. */
#define WR_HEX_DIGITS_MAX 64
/* The decimal digits of the hexadecimal number `digits` (without "0x"), made in `made`. False
 * when it is none, or longer than WR_HEX_DIGITS_MAX. */
bool wr_number_hex(weir_str digits, wr_buf *made, weir_str *ret);

/* The value of a hexadecimal digit, -1 for any other character. */
int wr_hex_value(char c);
/* Bytes from pairs of hexadecimal digits, appended; ASCII white space may stand between pairs.
 * False when that is not what `digits` are. */
bool wr_hex_decode(weir_str digits, wr_buf *out);

#endif
