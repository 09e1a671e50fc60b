/* Text that is only looked at: order, cutting, and the nearest of some names. */
#include "base/str.h"

#include "base/ctx.h"

/* Longer names are not compared for nearness: nobody mistypes them by one letter and reads the hint. */
#define NEAR_MAX 64

int wr_str_cmp(weir_str a, weir_str b)
{
    const size_t shorter = a.len < b.len ? a.len : b.len;
    const int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool wr_str_among(weir_str s, const char *const *list)
{
    for (; *list; list++)
        if (wr_str_eq(s, weir_str_of(*list)))
            return true;
    return false;
}

bool wr_str_starts(weir_str s, weir_str prefix)
{
    return s.len >= prefix.len && wr_str_eq((weir_str){ s.ptr, prefix.len }, prefix);
}

bool wr_str_ends(weir_str s, weir_str suffix)
{
    if (suffix.len == 0)
        return true;
    return s.len >= suffix.len &&
           wr_str_eq((weir_str){ s.ptr + (s.len - suffix.len), suffix.len }, suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

weir_str wr_str_trim(weir_str s)
{
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

bool wr_str_split(weir_str *rest, char separator, weir_str *ret_part)
{
    if (rest->len == 0)
        return false;
    const char *at = memchr(rest->ptr, separator, rest->len);
    const size_t len = at ? (size_t)(at - rest->ptr) : rest->len;
    const size_t used = at ? len + 1 : len;
    *ret_part = (weir_str){ rest->ptr, len };
    *rest = (weir_str){ rest->ptr + used, rest->len - used };
    return true;
}

size_t wr_str_fit(char *ret, size_t size, weir_str s)
{
    static const char mark[] = "…";
    wr_assert(size >= sizeof(mark));
    size_t len = s.len;
    if (len >= size) {
        len = size - sizeof(mark);
        while (len > 0 && ((unsigned char)s.ptr[len] & 0xC0) == 0x80)
            len--; /* not in the middle of a character */
    }
    if (len > 0)
        memmove(ret, s.ptr, len);
    if (len < s.len) {
        memcpy(ret + len, mark, sizeof(mark) - 1);
        len += sizeof(mark) - 1;
    }
    ret[len] = '\0';
    return len;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    const unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Letters to add, drop, change or swap with their neighbour, without regard to case; both are at most NEAR_MAX long. */
static unsigned distance(weir_str a, weir_str b)
{
    unsigned rows[3][NEAR_MAX + 1]; /* of the table for the letters i, i - 1 and i - 2 of `a` */
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;

    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *above2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            const char x = lower(a.ptr[i - 1]);
            const char y = lower(b.ptr[j - 1]);
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.ptr[j - 2]) && y == lower(a.ptr[i - 2]))
                row[j] = smallest(row[j], row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

const char *wr_str_nearest(const char *name, const char *const *names)
{
    const weir_str given = weir_str_of(name);
    if (given.len == 0 || given.len > NEAR_MAX)
        return NULL;

    const char *nearest = NULL;
    /* About one slip in three letters. */
    unsigned best = given.len < 3 ? 1 : (unsigned)(given.len / 3);
    for (; *names; names++) {
        const weir_str known = weir_str_of(*names);
        if (known.len > NEAR_MAX)
            continue;
        const unsigned far = distance(given, known);
        if (far < best || (far == best && !nearest)) {
            best = far;
            nearest = *names;
        }
    }
    return nearest;
}
