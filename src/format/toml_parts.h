/* What the files that read TOML share: a place in the text that moves forward, and the messages about it. */
#ifndef WR_TOML_PARTS_H
#define WR_TOML_PARTS_H

#include "base/buf.h"
#include "base/str.h"
#include "format/toml.h"

typedef struct wr_toml_scan {
    weir_ctx *cx;
    wr_arena *arena;
    const char *file;
    weir_str text;
    const char *at;
    const char *end;
    const char *counted; /* lines and columns are counted up to here */
    uint32_t line;
    uint32_t column;
    wr_buf content; /* of the text that is being read */
} wr_toml_scan;

static inline bool wr_toml_is_at(const wr_toml_scan *s, char c)
{
    return s->at < s->end && *s->at == c;
}

static inline bool wr_toml_skip(wr_toml_scan *s, char c)
{
    if (!wr_toml_is_at(s, c))
        return false;
    s->at++;
    return true;
}

static inline bool wr_toml_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Is this byte one that may stand nowhere, unless it is part of a line end? */
static inline bool wr_toml_is_control(char c)
{
    const unsigned char byte = (unsigned char)c;
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

/* ---- toml_scan.c ---- */

/* Check that the text is UTF-8 without NUL, skip the byte order mark. */
weir_status wr_toml_begin(wr_toml_scan *s) WEIR_MUST_USE;
wr_toml_place wr_toml_place_of(wr_toml_scan *s, const char *at);
/* What stands at `at` up to a blank, a separator or a comment; one character at least, unless the line ends there. */
weir_str wr_toml_word(const wr_toml_scan *s, const char *at);
/* A piece of the text for a message: what is long is cut, and what may be a secret is not shown. */
const char *wr_toml_cut(const wr_toml_scan *s, weir_str piece);
/* WEIR_PARSE: "expected …, found …" with what stands at `at`. */
weir_status wr_toml_expected(wr_toml_scan *s, const char *at, const char *format, ...)
    WEIR_PRINTF(3, 4);

bool wr_toml_at_newline(const wr_toml_scan *s);
bool wr_toml_skip_newline(wr_toml_scan *s);
void wr_toml_skip_blanks(wr_toml_scan *s);
/* Blanks, comments and line ends. */
weir_status wr_toml_skip_lines(wr_toml_scan *s) WEIR_MUST_USE;
/* Blanks and a comment, up to the end of the line; nothing else may be there. */
weir_status wr_toml_end_line(wr_toml_scan *s) WEIR_MUST_USE;

/* ---- toml_text.c ---- */

/* The text in quotes at s->at; `lines`: three quotes begin one of several lines. */
weir_status wr_toml_quoted(wr_toml_scan *s, bool lines, weir_str *ret) WEIR_MUST_USE;

/* ---- toml_number.c, toml_time.c ---- */

/* A boolean, a number, a date or a time at s->at: its kind and content. */
weir_status wr_toml_scalar(wr_toml_scan *s, wr_toml *value) WEIR_MUST_USE;
bool wr_toml_looks_like_time(weir_str word);
weir_status wr_toml_time(wr_toml_scan *s, wr_toml *value) WEIR_MUST_USE;

#endif
