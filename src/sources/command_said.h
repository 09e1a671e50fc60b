/* What a program writes to its standard error: lines for the log, and the last ones for a message. */
#ifndef WR_COMMAND_SAID_H
#define WR_COMMAND_SAID_H

#include <weir/base.h>

/* Of a line; what is longer is cut. */
#define WR_SAID_LINE 1024
/* Of the last lines. */
#define WR_SAID_LAST 2048

/* Zero with a name is a valid one. */
typedef struct wr_said {
    weir_str name; /* of the program */
    char line[WR_SAID_LINE];
    size_t line_len;
    char last[WR_SAID_LAST];
    size_t last_len;
} wr_said;

void wr_said_add(weir_ctx *cx, wr_said *said, weir_str bytes);
/* What is left is a line, too. */
void wr_said_end(weir_ctx *cx, wr_said *said);
/* The last lines, each indented on a line of its own. */
weir_str wr_said_last(const wr_said *said);

#endif
