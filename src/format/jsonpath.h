/* Paths to a value inside of a parsed row: one name, or dlt's dialect of JSONPath:
 *
 *     path    = [ "$" ] steps { [ "." | ".." ] steps }   one in brackets needs no dot
 *     steps   = step { "|" step }                        what any of them leads to
 *     step    = names | number | "*" | "`len`" | "[" ( number | slice | names | "*" | filter ) "]"
 *     slice   = [ number ] ":" [ number ]              numbers below zero count from the end
 *     filter  = "?" [ "(" ] test { "&" test } [ ")" ]
 *     test    = [ "@" [ "." ] ] path [ op value ]      op is one of = == != < <= > >=
 *     names   = name { "," name }
 *     name    = letters, digits, "_", "-", "@"; other characters in single or double quotes, "\" in front of a quote
 *
 * `..` looks at all levels below, the outer ones first. A number without brackets is a name. */
#ifndef WR_JSONPATH_H
#define WR_JSONPATH_H

#include "format/json.h"

typedef struct wr_jsonpath wr_jsonpath;

/* Read a path; the result is in `arena`. WEIR_CONFIG says where it is wrong. */
weir_status wr_jsonpath_compile(weir_ctx *cx, wr_arena *arena, weir_str text,
                                const wr_jsonpath **ret) WEIR_MUST_USE;
/* The name, when the path is nothing but one name; else NULL. */
const weir_str *wr_jsonpath_name(const wr_jsonpath *path);
/* Called for each value that a path leads to; true: it is enough. The value of a `len` lives as long as the call. */
typedef struct wr_jsonpath_found {
    bool (*found)(void *self, const wr_jval *value);
    void *self;
} wr_jsonpath_found;
void wr_jsonpath_each(const wr_jsonpath *path, const wr_jval *root, const wr_jsonpath_found *found);
/* The first value that the path leads to, NULL when there is none. What is null, missing or a scalar on the way leads
 * nowhere; a null at the end is a value. A length
 * is none of the row. */
const wr_jval *wr_jsonpath_first(const wr_jsonpath *path, const wr_jval *root);

/* The member of this name, the last one of several; NULL when there is none or `object` is no object. `place` is where
 * it was found in the row before, and is set: rows look alike. */
const wr_jval *wr_jval_member(const wr_jval *object, weir_str name, size_t *place);

#endif
