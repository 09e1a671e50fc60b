/* Text in quotes: in double ones, with escapes, and in single ones, as it is; three of them hold several lines. */
#include "base/ctx.h"
#include "base/utf8.h"
#include "format/toml_parts.h"

#define BACKSLASH_HINT                                                                             \
    "write a backslash twice, or put the text in single quotes, which take it as it is: 'C:\\data'"

/* The text that is being read. */
typedef struct quote {
    const char *start; /* of the opening quotes */
    char mark;
    bool lines;
} quote;

static bool has_escapes(const quote *q)
{
    return q->mark == '"';
}

/* How many quotes of this kind stand here. */
static size_t count_marks(const wr_toml_scan *s, const quote *q)
{
    size_t count = 0;
    while ((size_t)(s->end - s->at) > count && s->at[count] == q->mark)
        count++;
    return count;
}

/* What needs no attention is copied in one piece. */
static void take_plain(wr_toml_scan *s, const quote *q)
{
    const char *start = s->at;
    while (s->at < s->end && *s->at != q->mark && !wr_toml_is_control(*s->at) &&
           !(*s->at == '\\' && has_escapes(q)))
        s->at++;
    wr_buf_append(&s->content, start, (size_t)(s->at - start));
}

/* Of up to five quotes in a row the last three are the closing ones. */
static bool take_marks(wr_toml_scan *s, const quote *q)
{
    const size_t closing = q->lines ? 3 : 1;
    const size_t max = q->lines ? 5 : 1;
    size_t count = count_marks(s, q);
    if (count > max)
        count = max;
    const size_t inside = count < closing ? count : count - closing;
    wr_buf_append(&s->content, s->at, inside);
    s->at += count;
    return count >= closing;
}

static bool hex_value(const wr_toml_scan *s, size_t digits, uint32_t *ret)
{
    if ((size_t)(s->end - s->at) < digits)
        return false;
    uint32_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        const char c = s->at[i];
        const char low = (char)(c | 0x20);
        if (wr_toml_is_digit(c))
            value = value << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            value = value << 4 | (uint32_t)(low - 'a' + 10);
        else
            return false;
    }
    *ret = value;
    return true;
}

/* Behind \u or \U. */
static weir_status take_code_point(wr_toml_scan *s, const char *start)
{
    const char letter = s->at[-1];
    const size_t digits = letter == 'u' ? 4 : 8;
    uint32_t code_point;
    if (!hex_value(s, digits, &code_point)) {
        const weir_status status =
            wr_toml_expected(s, s->at, "%zu hexadecimal digits behind '\\%c'", digits, letter);
        wr_hint(s->cx, BACKSLASH_HINT);
        return status;
    }
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        return wr_toml_fail(s->cx, WEIR_PARSE, wr_toml_place_of(s, start),
                            "expected a character, found '%.*s', which is none", (int)digits + 2,
                            start);
    char bytes[4];
    wr_buf_append(&s->content, bytes, wr_utf8_put(bytes, code_point));
    s->at += digits;
    return WEIR_OK;
}

/* A backslash at the end of a line takes away all white space up to the next character. */
static bool skip_line_end(wr_toml_scan *s)
{
    const char *behind = s->at;
    wr_toml_skip_blanks(s);
    if (!wr_toml_at_newline(s)) {
        s->at = behind;
        return false;
    }
    while (wr_toml_skip_newline(s))
        wr_toml_skip_blanks(s);
    return true;
}

static weir_status take_escape(wr_toml_scan *s, const quote *q)
{
    static const char letters[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";

    const char *start = s->at++;
    if (q->lines && skip_line_end(s))
        return WEIR_OK;
    const char *found = s->at < s->end ? strchr(letters, *s->at) : NULL;
    if (found) {
        s->at++;
        wr_buf_char(&s->content, meanings[found - letters]);
        return WEIR_OK;
    }
    if (wr_toml_skip(s, 'u') || wr_toml_skip(s, 'U'))
        return take_code_point(s, start);

    size_t len = 1;
    if (s->at < s->end && !wr_toml_is_control(*s->at))
        len += wr_utf8_prefix((weir_str){ s->at, (size_t)(s->end - s->at) }, 1);
    return wr_toml_fail(
        s->cx, WEIR_PARSE, wr_toml_place_of(s, start),
        "expected an escape as '\\n' or '\\\\', found '%.*s'\nhint: " BACKSLASH_HINT, (int)len,
        start);
}

static weir_status unfinished(wr_toml_scan *s, const quote *q)
{
    static const char *const names[2][2] = { { "\"", "\"\"\"" }, { "'", "'''" } };

    const wr_toml_place start = wr_toml_place_of(s, q->start);
    const weir_status status =
        wr_toml_expected(s, s->at, "the closing %s", names[!has_escapes(q)][q->lines]);
    wr_hint(s->cx, "the text begins in line %u, column %u%s%s", start.line, start.column,
            q->lines ? "" : "; one of several lines stands between ",
            q->lines ? "" : names[!has_escapes(q)][true]);
    return status;
}

/* What is left when text and quotes have been taken: an escape, a line end, or what may not be there. */
static weir_status take_rest(wr_toml_scan *s, const quote *q)
{
    if (s->at == s->end)
        return unfinished(s, q);
    if (*s->at == '\\')
        return take_escape(s, q);
    if (wr_toml_at_newline(s)) {
        if (!q->lines)
            return unfinished(s, q);
        wr_toml_skip_newline(s);
        wr_buf_char(&s->content, '\n');
        return WEIR_OK;
    }
    const unsigned code = (unsigned)*s->at;
    const weir_status status = wr_toml_expected(s, s->at, "a printable character");
    wr_hint(s->cx, has_escapes(q) ? "write it as \\u%04x" : "write it as \\u%04x, in double quotes",
            code);
    return status;
}

static quote open_quote(wr_toml_scan *s, bool lines)
{
    quote q = { .start = s->at, .mark = *s->at };
    q.lines = lines && count_marks(s, &q) >= 3;
    s->at += q.lines ? 3 : 1;
    if (q.lines)
        wr_toml_skip_newline(s);
    return q;
}

weir_status wr_toml_quoted(wr_toml_scan *s, bool lines, weir_str *ret)
{
    const quote q = open_quote(s, lines);
    wr_buf_clear(&s->content);
    for (;;) {
        take_plain(s, &q);
        if (!wr_toml_is_at(s, q.mark))
            WEIR_TRY(take_rest(s, &q));
        else if (take_marks(s, &q))
            break;
    }
    *ret = wr_arena_str(s->arena, wr_buf_view(&s->content));
    return WEIR_OK;
}
