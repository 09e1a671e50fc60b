/* Log lines. Levels and form are set once for the process: `level=info`, masks by area (`duckdb=debug`), text for
 * people or JSON lines for programs. Known secrets are shown as "****". Library code returns errors and does not log
 * them; the edge that decides logs once. */
#ifndef WR_LOG_H
#define WR_LOG_H

#include <weir/base.h>

typedef enum wr_log_level { WR_LOG_ERROR, WR_LOG_WARN, WR_LOG_INFO, WR_LOG_DEBUG } wr_log_level;

/* `levels`: "info", or "info,duckdb=debug,log=warn". WEIR_CONFIG when it cannot be read. NULL sets warn. */
weir_status wr_log_setup(weir_ctx *cx, const char *levels, bool json) WEIR_MUST_USE;
/* Where finished lines go (without the line end); NULL: stderr. Tests capture with it. */
void wr_log_sink(void (*sink)(void *self, wr_log_level level, weir_str line), void *self);
bool wr_log_on(const char *area, wr_log_level level);
/* `area`: "engine", "log", "duckdb", "user", … */
void wr_log(weir_ctx *cx, const char *area, wr_log_level level, const char *format, ...)
    WEIR_PRINTF(4, 5);
/* Log the context's error with its hint, at the edge that decides. */
void wr_log_error(weir_ctx *cx);

/* Make a secret known: it is masked in every later line and in wr_mask(). Copied; shorter than 4 bytes is ignored. */
void wr_log_add_secret(weir_str secret);
/* Append `text` with known secrets masked. */
struct wr_buf;
void wr_mask(struct wr_buf *out, weir_str text);

#endif
