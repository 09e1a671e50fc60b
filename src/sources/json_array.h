/* The elements of one JSON array, each brought onto a line of its own. */
#ifndef WR_JSON_ARRAY_H
#define WR_JSON_ARRAY_H

#include <weir/base.h>

struct wr_window;

typedef enum wr_json_place {
    WR_JSON_BEFORE,  /* the opening bracket */
    WR_JSON_FIRST,   /* behind it: a value or the closing bracket comes */
    WR_JSON_NEXT,    /* behind a comma: a value comes */
    WR_JSON_VALUE,   /* in an element, outside of strings */
    WR_JSON_STRING,  /* in a string */
    WR_JSON_ESCAPED, /* in a string, behind a backslash */
    WR_JSON_BEHIND,  /* the closing bracket: only blanks come */
} wr_json_place;

/* Where reading stands. Zero is the beginning of a file. */
typedef struct wr_json_array {
    wr_json_place place;
    size_t depth; /* open brackets of the element */
} wr_json_array;

/* Look at the new bytes of the window, and move its border behind the last whole element; stops behind a border past
 * the target. The text is changed in place, length kept, so that elements stand one per line: the array's own brackets
 * and commas become blanks and line ends, line ends in elements become blanks. Elements are not parsed: what is between
 * two commas of the array is one. WEIR_PARSE, with line and byte, for what makes it unclear where an element ends. */
weir_status wr_json_array_scan(weir_ctx *cx, wr_json_array *array, struct wr_window *window)
    WEIR_MUST_USE;
/* WEIR_PARSE when the file may not end here. */
weir_status wr_json_array_end(weir_ctx *cx, const wr_json_array *array,
                              const struct wr_window *window) WEIR_MUST_USE;

#endif
