/* URLs: putting them together as dlt's client does, and references in answers resolved (RFC 3986, section 5). All that
 * is returned is in `arena`. */
#ifndef WR_URL_H
#define WR_URL_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/buf.h"

/* The longest URL that is built. */
#define WR_URL_MAX ((size_t)1 << 20)

/* Does it begin with http:// or https://? */
bool wr_url_is_absolute(weir_str url);
/* `path` below `base` with one slash between them; an absolute path replaces the base, an empty one gives the base. */
weir_str wr_url_join(wr_arena *arena, weir_str base, weir_str path);
/* The URL that `reference`, found in the answer to `base`, means: absolute, `//host/…`, `/path`, `path`, `?query`. */
weir_str wr_url_resolve(wr_arena *arena, weir_str base, weir_str reference);
/* Append a query such as "a=1&b=2" to that which the URL has, in front of a fragment. */
weir_str wr_url_add_query(wr_arena *arena, weir_str url, weir_str query);
/* Has the query a parameter of this name? */
bool wr_url_has_param(weir_str url, weir_str name);
/* Blanks, control characters and bytes beyond ASCII as percent escapes; escapes that are there stay. */
weir_str wr_url_escape(wr_arena *arena, weir_str url);
/* Scheme, host and port are the same. */
bool wr_url_same_host(weir_str a, weir_str b);

/* Form encoding: a blank is "+", all but letters, digits and "_.-~" is escaped. */
void wr_form_text(wr_buf *out, weir_str text);
/* "name=value", with "&" in front unless it is the first. */
void wr_form_pair(wr_buf *out, weir_str name, weir_str value);

#endif
