/* Keeps the last lines that a program wrote, and logs all of them. */
#include "sources/command_said.h"

#include "base/log.h"
#include "base/str.h"

/* Older lines make room. */
static void remember(wr_said *said, weir_str line)
{
    const size_t need = line.len + 1;
    while (said->last_len + need > WR_SAID_LAST) {
        const char *end = memchr(said->last + 1, '\n', said->last_len - 1);
        const size_t gone = end ? (size_t)(end - said->last) : said->last_len;
        said->last_len -= gone;
        memmove(said->last, said->last + gone, said->last_len);
    }
    said->last[said->last_len++] = '\n';
    memcpy(said->last + said->last_len, line.ptr, line.len);
    said->last_len += line.len;
}

static void end_line(weir_ctx *cx, wr_said *said)
{
    const weir_str line = wr_str_trim((weir_str){ said->line, said->line_len });
    said->line_len = 0;
    if (line.len == 0)
        return;
    remember(said, line);
    if (wr_log_on("command", WR_LOG_INFO))
        wr_log(cx, "command", WR_LOG_INFO, "%.*s: %.*s", WR_STR(said->name), WR_STR(line));
}

void wr_said_add(weir_ctx *cx, wr_said *said, weir_str bytes)
{
    while (bytes.len > 0) {
        const char *end = memchr(bytes.ptr, '\n', bytes.len);
        const size_t len = end ? (size_t)(end - bytes.ptr) : bytes.len;
        const size_t room = WR_SAID_LINE - said->line_len;
        memcpy(said->line + said->line_len, bytes.ptr, len < room ? len : room);
        said->line_len += len < room ? len : room;
        if (end)
            end_line(cx, said);
        bytes.ptr += end ? len + 1 : len;
        bytes.len -= end ? len + 1 : len;
    }
}

void wr_said_end(weir_ctx *cx, wr_said *said)
{
    end_line(cx, said);
}

weir_str wr_said_last(const wr_said *said)
{
    return (weir_str){ said->last, said->last_len };
}
