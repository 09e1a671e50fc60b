/* Placeholders of a rest_api configuration: `posts/{resources.posts.id}/{{literal}}`, in the dialect of Python's
 * str.format() that dlt uses (spec/dlt-sources.md 1.8). A template is any JSON value: texts in it, keys too, are expanded. */
#ifndef WR_REST_TEMPLATE_H
#define WR_REST_TEMPLATE_H

#include "format/json.h"

/* Longest text of an expansion. */
#define WR_REST_TEXT_MAX ((size_t)16 << 20)

/* One placeholder, or the text up to it. */
typedef struct wr_rest_field {
    weir_str name;       /* in front of "!" and ":"; without `ptr`: `literal` is the end */
    weir_str conversion; /* behind "!" */
    weir_str spec;       /* behind ":" */
    bool plain;          /* it has neither */
} wr_rest_field;

/* Cut the next placeholder off *rest; the text in front of it, doubled braces made single, is appended to `literal`.
 * *ret_found false: there was only text. WEIR_CONFIG for a lone brace. */
weir_status wr_rest_template_next(weir_ctx *cx, weir_str *rest, wr_buf *literal, wr_rest_field *ret,
                                  bool *ret_found) WEIR_MUST_USE;
/* Call `visit` for each placeholder of a template, in keys and values at all levels. */
weir_status wr_rest_template_each(weir_ctx *cx, const wr_node *template,
                                  weir_status (*visit)(weir_ctx *cx, void *self, weir_str name),
                                  void *self) WEIR_MUST_USE;
/* Fill in: `values` is an object; a name is one of its keys, or leads from key to key by its dots. With `keep_type` a text
 * that is one placeholder becomes the value itself, else all texts stay texts. WEIR_CONFIG for a name that is not there. */
weir_status wr_rest_expand(weir_ctx *cx, wr_arena *arena, const wr_node *template,
                           const wr_node *values, bool keep_type, wr_node **ret) WEIR_MUST_USE;
/* Likewise for one text. */
weir_status wr_rest_expand_text(weir_ctx *cx, wr_arena *arena, weir_str template,
                                const wr_node *values, weir_str *ret) WEIR_MUST_USE;

/* A value as Python's str() shows it: True, None, 1.0, ['a', 1]. */
void wr_rest_put_text(wr_buf *out, const wr_node *value);
/* A value as Python's repr() shows it. */
void wr_rest_put_repr(wr_buf *out, const wr_node *value);

#endif
