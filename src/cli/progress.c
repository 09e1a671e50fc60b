/* Draws the progress line on stderr: stdout is for results. Work that is done at once shows nothing. */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"

/* Shorter work shows no progress: it would only flicker. */
#define SHOW_AFTER_S 0.5
#define SHOW_EVERY_S 0.1
#define LINE_MAX_BYTES 160
#define ERASE "\r\033[K"

bool wr_progress_possible(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static void put(const char *text, size_t len)
{
    (void)!write(STDERR_FILENO, text, len); /* a picture of the state: the next one comes soon */
}

void wr_progress_clear(wr_progress_line *line)
{
    if (line->shown)
        put(ERASE, sizeof(ERASE) - 1);
    *line = (wr_progress_line){ 0 }; /* the next run begins at its own zero */
}

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

/* "1,234,567" */
static void grouped(char *ret, size_t size, int64_t number)
{
    char digits[WR_NUMBER_TEXT];
    const size_t len = wr_int_text(digits, number);
    size_t used = 0;
    for (size_t i = 0; i < len && used + 2 < size; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            ret[used++] = ',';
        ret[used++] = digits[i];
    }
    ret[used] = '\0';
}

/* Rows, bytes and rate, of what is counted. */
static size_t describe(char *ret, size_t size, const wr_progress *progress)
{
    char rows[64];
    grouped(rows, sizeof(rows), progress->rows);
    const double mb = (double)progress->bytes / 1e6;
    const int len =
        progress->bytes > 0
            ? snprintf(ret, size, "%s: %s rows, %.1f MB, %.1f MB/s, %.0f s", progress->stage, rows,
                       mb, mb / progress->seconds, progress->seconds)
            : snprintf(ret, size, "%s: %s rows, %.0f rows/s, %.0f s", progress->stage, rows,
                       (double)progress->rows / progress->seconds, progress->seconds);
    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

void wr_progress_show(void *self, const wr_progress *progress)
{
    wr_progress_line *line = self;
    if (!progress->stage) {
        wr_progress_clear(line);
        return;
    }
    if (progress->seconds < line->next_s || progress->seconds < SHOW_AFTER_S)
        return;
    line->next_s = progress->seconds + SHOW_EVERY_S;

    char text[LINE_MAX_BYTES] = ERASE;
    const size_t erase = sizeof(ERASE) - 1;
    const size_t room = terminal_width() - 1;
    size_t len = describe(text + erase, sizeof(text) - erase - 1, progress);
    if (len > room)
        len = room;
    /* Back to the first column: what the user's code prints goes over the line, not behind it. */
    text[erase + len] = '\r';
    put(text, erase + len + 1);
    line->shown = true;
}
