/* The header Link of an answer (RFC 8288). */
#ifndef WR_LINK_H
#define WR_LINK_H

#include <weir/base.h>

/* The target of the first link that has the relation `rel`: `<https://…?page=2>; rel="next"`. Any text is taken; what
 * is no link is passed over. False when there is none. *ret is part of `header`. */
bool wr_link_find(weir_str header, weir_str rel, weir_str *ret);

#endif
