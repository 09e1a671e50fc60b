/* JSON made of any bytes: a fuzzer need not find the grammar, and all that it changes is a change of the data. Bytes that
 * are used up are zero. */
#ifndef WR_TEST_MADE_H
#define WR_TEST_MADE_H

#include "base/buf.h"
#include "base/str.h"
#include "format/json.h"

typedef struct made {
    const uint8_t *at;
    const uint8_t *end;
    bool own_names; /* keys may be dlt's own */
} made;

#define MADE_DEPTH 5
#define MADE_PICK(m, list) (list)[made_byte(m) % (sizeof(list) / sizeof(*(list)))]

static inline bool made_left(const made *m)
{
    return m->at < m->end;
}

static inline uint8_t made_byte(made *m)
{
    return made_left(m) ? *m->at++ : 0;
}

static inline void made_key(made *m, wr_buf *out)
{
    static const char *const KEYS[] = { "a",         "b",           "c",       "id",   "A",
                                        "a__b",      "a b",         "value",   "list", "é",
                                        "b__v_text", "v_text",      "a_",      "__",   "",
                                        "1a",        "list__value", "a__list", "aB",   "b__v_bool",
                                        "\\u0041",   "a.b",         "x",       "y" };
    static const char *const OWN[] = { "_dlt_id", "_dlt_parent_id", "_dlt_list_idx", "_dlt_load_id",
                                       "_Dlt Id" };
    const uint8_t byte = made_byte(m);
    const bool own = m->own_names && byte > 240;
    wr_buf_printf(out,
                  "\"%s\":", own ? OWN[byte % 5] : KEYS[byte % (sizeof(KEYS) / sizeof(*KEYS))]);
}

/* A text of a kind that is looked into. */
static inline void made_text(made *m, wr_buf *out)
{
    static const char *const TEXTS[] = { "2024-01-02T03:04:05Z",
                                         "2024-01-02",
                                         "03:04:05",
                                         "2024-01-02T03:04:05.5+02:00",
                                         "12",
                                         "1.5",
                                         "true",
                                         "",
                                         "null",
                                         "[1]",
                                         "{}",
                                         "-1e400",
                                         "nan",
                                         "0x1F",
                                         "\xef\x80\xa6"
                                         "1.50",
                                         "\xef\x80\xa7"
                                         "2024-01-02T03:04:05+00:00",
                                         "\xef\x80\xab"
                                         "AGFi",
                                         "\xef\x80\xac"
                                         "7",
                                         "\xef\x80\xad"
                                         "03:04:05",
                                         "\\u0000x",
                                         "é\\n\\\"",
                                         "9999-12-31T23:59:59-14:00",
                                         "99999999999999999999",
                                         "x" };
    wr_buf_printf(out, "\"%s\"", MADE_PICK(m, TEXTS));
}

static inline void made_letters(made *m, wr_buf *out)
{
    char letters[8];
    size_t len = made_byte(m) % sizeof(letters);
    for (size_t i = 0; i < len; i++)
        letters[i] = (char)(made_byte(m) & 0x7F);
    wr_json_quote(out, (weir_str){ letters, len });
}

static inline void made_number(made *m, wr_buf *out)
{
    static const char *const NUMBERS[] = { "9223372036854775807",
                                           "-9223372036854775808",
                                           "9223372036854775808",
                                           "18446744073709551615",
                                           "123456789012345678901234567890",
                                           "1.5",
                                           "-0.0",
                                           "1e300",
                                           "2.0",
                                           "1e-7",
                                           "1700000000",
                                           "1e999",
                                           "-1e40" };
    wr_buf_cstr(out, MADE_PICK(m, NUMBERS));
}

static inline void made_value(made *m, wr_buf *out, int depth);

static inline void made_object(made *m, wr_buf *out, int depth)
{
    wr_buf_char(out, '{');
    for (uint8_t i = 0, count = made_byte(m) % 6; i < count; i++) {
        wr_buf_cstr(out, i > 0 ? "," : "");
        made_key(m, out);
        made_value(m, out, depth + 1);
    }
    wr_buf_char(out, '}');
}

static inline void made_list(made *m, wr_buf *out, int depth)
{
    wr_buf_char(out, '[');
    for (uint8_t i = 0, count = made_byte(m) % 4; i < count; i++) {
        wr_buf_cstr(out, i > 0 ? "," : "");
        made_value(m, out, depth + 1);
    }
    wr_buf_char(out, ']');
}

static inline void made_value(made *m, wr_buf *out, int depth)
{
    const uint8_t byte = made_byte(m) % 16;
    if (byte >= 10 && depth < MADE_DEPTH) {
        if (byte < 13)
            made_object(m, out, depth);
        else
            made_list(m, out, depth);
        return;
    }
    switch (byte) {
    case 0: wr_buf_cstr(out, "null"); break;
    case 1: wr_buf_cstr(out, "true"); break;
    case 2: wr_buf_cstr(out, "false"); break;
    case 3:
    case 4: wr_buf_printf(out, "%d", (int)made_byte(m) - 100); break;
    case 5: made_number(m, out); break;
    case 6: made_letters(m, out); break;
    default: made_text(m, out);
    }
}

/* A row: mostly an object. */
static inline void made_row(made *m, wr_buf *out)
{
    if (made_byte(m) % 8 == 7)
        made_value(m, out, 0);
    else
        made_object(m, out, 0);
}

#endif
