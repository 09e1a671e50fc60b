/* Moving through the text of a TOML file: line ends, blanks, comments, places, and what a message says was found. */
#include "base/ctx.h"
#include "base/utf8.h"
#include "format/toml_parts.h"

/* Longest piece of the text that a message quotes. */
#define CUT_MAX 48

weir_status wr_toml_begin(wr_toml_scan *s)
{
    size_t valid = wr_utf8_valid(s->text);
    const char *nul = memchr(s->text.ptr, '\0', valid); /* UTF-16, as some editors save it */
    if (nul)
        valid = (size_t)(nul - s->text.ptr);
    if (valid < s->text.len) {
        const unsigned byte = (unsigned char)s->text.ptr[valid];
        return wr_toml_fail(s->cx, WEIR_PARSE, wr_toml_place_of(s, s->text.ptr + valid),
                            "expected UTF-8, found the byte 0x%02x\nhint: save the file as UTF-8",
                            byte);
    }
    if (wr_str_starts(s->text, wr_lit("\xEF\xBB\xBF"))) {
        s->at += 3;
        s->counted += 3;
    }
    return WEIR_OK;
}

/* Places are asked for from front to back, so that each character is counted once; only messages go back. */
wr_toml_place wr_toml_place_of(wr_toml_scan *s, const char *at)
{
    if (at < s->counted) {
        s->counted = s->text.ptr;
        s->line = s->column = 1;
    }
    for (; s->counted < at; s->counted++) {
        if (*s->counted == '\n') {
            s->line++;
            s->column = 1;
        } else if ((*s->counted & 0xC0) != 0x80) {
            s->column++;
        }
    }
    return (wr_toml_place){ .file = s->file, .line = s->line, .column = s->column };
}

static bool is_separator(char c)
{
    return strchr("\t ,]}#=", c) || wr_toml_is_control(c);
}

weir_str wr_toml_word(const wr_toml_scan *s, const char *at)
{
    const char *end = at;
    while (end < s->end && !is_separator(*end))
        end++;
    if (end == at && at < s->end && !wr_toml_is_control(*at))
        end++;
    return (weir_str){ at, (size_t)(end - at) };
}

static bool is_newline(const wr_toml_scan *s, const char *at)
{
    if (at < s->end && *at == '\r')
        at++;
    return at < s->end && *at == '\n';
}

const char *wr_toml_cut(const wr_toml_scan *s, weir_str piece)
{
    if (s->arena->wipe)
        return "****";
    char *cut = wr_arena_alloc(s->arena, CUT_MAX);
    wr_str_fit(cut, CUT_MAX, piece);
    return cut;
}

static weir_str describe(const wr_toml_scan *s, const char *at)
{
    if (at == s->end)
        return wr_lit("the end of the file");
    if (is_newline(s, at))
        return wr_lit("the end of the line");
    if (*at == '#')
        return wr_lit("a comment");
    if (*at == '\r')
        return wr_lit("a carriage return without a line feed");
    if (wr_toml_is_control(*at))
        return wr_arena_printf(s->arena, "the control character U+%04X", (unsigned)*at);

    return wr_arena_printf(s->arena, "'%s'", wr_toml_cut(s, wr_toml_word(s, at)));
}

weir_status wr_toml_expected(wr_toml_scan *s, const char *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const weir_str expected = wr_arena_vprintf(s->arena, format, args);
    va_end(args);
    const weir_str found = describe(s, at);
    return wr_toml_fail(s->cx, WEIR_PARSE, wr_toml_place_of(s, at), "expected %.*s, found %.*s",
                        WR_STR(expected), WR_STR(found));
}

bool wr_toml_at_newline(const wr_toml_scan *s)
{
    return is_newline(s, s->at);
}

bool wr_toml_skip_newline(wr_toml_scan *s)
{
    if (!wr_toml_at_newline(s))
        return false;
    s->at += *s->at == '\r' ? 2 : 1;
    return true;
}

void wr_toml_skip_blanks(wr_toml_scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
        s->at++;
}

static weir_status skip_comment(wr_toml_scan *s)
{
    if (!wr_toml_skip(s, '#'))
        return WEIR_OK;
    while (s->at < s->end && !wr_toml_is_control(*s->at))
        s->at++;
    if (s->at == s->end || wr_toml_at_newline(s))
        return WEIR_OK;
    return wr_toml_expected(s, s->at, "the text of a comment");
}

weir_status wr_toml_skip_lines(wr_toml_scan *s)
{
    do {
        wr_toml_skip_blanks(s);
        WEIR_TRY(skip_comment(s));
    } while (wr_toml_skip_newline(s));
    return WEIR_OK;
}

weir_status wr_toml_end_line(wr_toml_scan *s)
{
    wr_toml_skip_blanks(s);
    WEIR_TRY(skip_comment(s));
    if (s->at == s->end || wr_toml_skip_newline(s))
        return WEIR_OK;

    const weir_status status = wr_toml_expected(s, s->at, "the end of the line");
    if (wr_toml_is_at(s, ','))
        wr_hint(s->cx,
                "no comma stands between settings; '_' is what divides the digits of a number");
    else if (!wr_toml_is_control(*s->at))
        wr_hint(s->cx, "each setting has a line of its own, and a text that holds blanks or quotes "
                       "needs quotes around all of it");
    return status;
}
