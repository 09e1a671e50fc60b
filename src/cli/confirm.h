/* Asking before something is lost. */
#ifndef WR_CONFIRM_H
#define WR_CONFIRM_H

#include "cli/tree.h"

/* Ask on the terminal, unless the command was given --yes. Anything but y or yes is WEIR_CANCELLED; WEIR_INVALID when there is
 * no terminal. */
weir_status wr_confirm(weir_ctx *cx, const wr_call *call, const char *question) WEIR_MUST_USE;

#endif
