/* Log lines, for people and as JSON: which are shown, how they look, and what must not be seen in them.
 *
 *     weir: error: cannot open 'x.duckdb': it is locked
 *       hint: another process uses it
 *     weir: warning: resource 'orders' gave no rows
 *     weir: 10:24:00.118 info: engine: extracted 'orders', 120 rows
 *     {"time":"2026-11-24T10:24:00.118000+00:00","level":"info","area":"engine","message":"extracted …"}
 */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"

#define MESSAGE_MAX ((size_t)1 << 20)
#define LINE_MAX_BYTES (8 * MESSAGE_MAX) /* room for a message of escapes */
#define AREAS_MAX 16
#define AREA_SIZE 24
#define SECRET_MIN 4

static const char cut_mark[] = "…"; /* of wr_str_fit() */

static const struct {
    const char *name;
    const char *colour;
} shown_levels[] = {
    [WR_LOG_ERROR] = { "error", "\033[31m" },
    [WR_LOG_WARN] = { "warning", "\033[33m" },
    [WR_LOG_INFO] = { "info", "\033[32m" },
    [WR_LOG_DEBUG] = { "debug", "\033[34m" },
};

/* With dlt's names of levels: its `[runtime] log_level` goes on working. */
static const struct {
    const char *name;
    wr_log_level level;
} known_levels[] = {
    { "error", WR_LOG_ERROR }, { "warn", WR_LOG_WARN },   { "warning", WR_LOG_WARN },
    { "info", WR_LOG_INFO },   { "debug", WR_LOG_DEBUG }, { "critical", WR_LOG_ERROR },
};

typedef struct area_level {
    char area[AREA_SIZE];
    wr_log_level level;
} area_level;

typedef struct settings {
    wr_log_level level; /* of the areas that are not named */
    area_level areas[AREAS_MAX];
    size_t area_count;
    bool json;
} settings;

typedef struct line {
    weir_time time;
    wr_log_scope scope;
    const char *area;
    wr_log_level level;
    const char *status; /* of an error, or NULL */
    weir_str message;
    weir_str hint;
} line;

/* `lock` protects everything in here. It is held while a line is written, so that lines do not mix and a sink that was
 * taken back is not called any more; so a sink must not log. */
static struct {
    pthread_mutex_t lock;
    settings set;
    void (*sink)(void *self, wr_log_level level, weir_str line);
    void *sink_self;
    wr_vec(weir_str) secrets; /* longest first: a secret may hold another one */
} logger = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .set = { .level = WR_LOG_WARN },
};

/* The most talkative level of any area: what is beyond it needs no lock to stay quiet. */
static atomic_int highest = WR_LOG_WARN;

/* Length of the secret that `rest` begins with, or 0. At the mark of a cut text, the part of a secret that is left
 * counts as well. */
static size_t secret_at(weir_str rest, bool cut)
{
    for (size_t i = 0; i < logger.secrets.len; i++) {
        const weir_str secret = logger.secrets.ptr[i];
        if (wr_str_starts(rest, secret))
            return secret.len;
        if (cut && rest.len >= SECRET_MIN && wr_str_starts(secret, rest))
            return rest.len;
    }
    return 0;
}

static void append_masked(wr_buf *out, weir_str text)
{
    if (text.len == 0)
        return;
    const weir_str mark = weir_str_of(cut_mark);
    const bool cut = wr_str_ends(text, mark);
    const size_t end = cut ? text.len - mark.len : text.len;
    size_t shown = 0;
    for (size_t i = 0; i < end && logger.secrets.len > 0;) {
        const size_t len = secret_at((weir_str){ text.ptr + i, end - i }, cut);
        if (len == 0) {
            i++;
            continue;
        }
        wr_buf_append(out, text.ptr + shown, i - shown);
        wr_buf_cstr(out, "****");
        shown = i += len;
    }
    wr_buf_append(out, text.ptr + shown, text.len - shown);
}

/* What comes from outside must not steer the terminal: control characters and malformed bytes are shown as escapes.
 * Further lines are indented. */
static void append_plain(wr_buf *out, weir_str s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == '\n')
        s.len--;
    for (size_t at = 0; at < s.len;) {
        const size_t from = at;
        const uint32_t c = wr_utf8_next(s, &at);
        const bool malformed = c >= 0xDC80 && c <= 0xDCFF;
        if (c == '\n')
            wr_buf_cstr(out, "\n  ");
        else if ((c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0) || malformed)
            wr_buf_printf(out, "\\x%02x", (unsigned)(c & 0xFF));
        else
            wr_buf_append(out, s.ptr + from, at - from);
    }
}

static void append_quoted(wr_buf *out, weir_str s)
{
    wr_buf_char(out, '"');
    for (size_t at = 0; at < s.len;) {
        const size_t from = at;
        const uint32_t c = wr_utf8_next(s, &at);
        if (c == '"' || c == '\\')
            wr_buf_printf(out, "\\%c", (char)c);
        else if (c == '\n')
            wr_buf_cstr(out, "\\n");
        else if (c < 0x20)
            wr_buf_printf(out, "\\u%04x", (unsigned)c);
        else if (c >= 0xDC80 && c <= 0xDCFF)
            wr_buf_cstr(out, "\xEF\xBF\xBD"); /* U+FFFD for a malformed byte */
        else
            wr_buf_append(out, s.ptr + from, at - from);
    }
    wr_buf_char(out, '"');
}

static void append_with(void (*append)(wr_buf *out, weir_str s), wr_buf *out, weir_str text)
{
    wr_auto(buf) wr_buf masked = wr_buf_max(LINE_MAX_BYTES);
    append_masked(&masked, text);
    append(out, wr_buf_view(&masked));
}

static void append_member(wr_buf *out, const char *name, weir_str value)
{
    if (value.len == 0)
        return;
    wr_buf_printf(out, "%s\"%s\":", out->len == 0 ? "{" : ",", name);
    append_with(append_quoted, out, value);
}

static void append_json(wr_buf *out, const line *l)
{
    char time[WR_TIME_TEXT];
    append_member(out, "time", (weir_str){ time, wr_time_iso(time, l->time) });
    append_member(out, "level", weir_str_of(shown_levels[l->level].name));
    append_member(out, "area", weir_str_of(l->area));
    append_member(out, "message", l->message);
    append_member(out, "hint", l->hint);
    append_member(out, "status", weir_str_of(l->status));
    append_member(out, "pipeline", l->scope.pipeline);
    append_member(out, "load_id", l->scope.load_id);
    append_member(out, "table", l->scope.table);
    wr_buf_char(out, '}');
}

static void append_clock(wr_buf *out, weir_time time)
{
    const int64_t ms = (time / 1000 % 86400000 + 86400000) % 86400000;
    wr_buf_printf(out, "%02d:%02d:%02d.%03d ", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                  (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void append_text(wr_buf *out, const line *l, bool coloured)
{
    const bool detailed = l->level >= WR_LOG_INFO;
    wr_buf_cstr(out, "weir: ");
    if (detailed)
        append_clock(out, l->time);
    wr_buf_printf(out, "%s%s:%s ", coloured ? shown_levels[l->level].colour : "",
                  shown_levels[l->level].name, coloured ? "\033[0m" : "");
    if (detailed)
        wr_buf_printf(out, "%s: ", l->area);
    append_with(append_plain, out, l->message);
    if (l->hint.len > 0) {
        wr_buf_cstr(out, "\n  hint: ");
        append_with(append_plain, out, l->hint);
    }
}

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && !(no_colour && *no_colour);
}

/* If stderr cannot be written there is nobody to tell. */
static void write_stderr(wr_buf *out)
{
    wr_buf_char(out, '\n');
    weir_str rest = wr_buf_view(out);
    while (rest.len > 0) {
        const ssize_t n = write(STDERR_FILENO, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        rest = (weir_str){ rest.ptr + n, rest.len - (size_t)n };
    }
}

static void emit(const line *l)
{
    wr_auto(buf) wr_buf out = wr_buf_max(LINE_MAX_BYTES);
    pthread_mutex_lock(&logger.lock);
    if (logger.set.json)
        append_json(&out, l);
    else
        append_text(&out, l, !logger.sink && wants_colour());

    if (logger.sink)
        logger.sink(logger.sink_self, l->level, wr_buf_view(&out));
    else
        write_stderr(&out);
    pthread_mutex_unlock(&logger.lock);
}

static void log_formatted(weir_ctx *cx, const char *area, wr_log_level level, const char *format,
                          va_list args)
{
    if (!wr_log_on(area, level))
        return;
    wr_auto(buf) wr_buf text = wr_buf_max(MESSAGE_MAX);
    wr_buf_vprintf(&text, format, args);
    const line l = {
        .time = cx ? wr_now(cx) : wr_env_system()->now(NULL),
        .scope = cx ? cx->scope : (wr_log_scope){ 0 },
        .area = area,
        .level = level,
        .message = text.failed ? wr_lit("(a message of more than 1 MiB)") : wr_buf_view(&text),
    };
    emit(&l);
}

static bool read_level(weir_str text, wr_log_level *ret)
{
    for (size_t i = 0; i < sizeof(known_levels) / sizeof(*known_levels); i++) {
        const weir_str name = weir_str_of(known_levels[i].name);
        if (name.len != text.len || strncasecmp(name.ptr, text.ptr, text.len) != 0)
            continue;
        *ret = known_levels[i].level;
        return true;
    }
    return false;
}

/* "info" or "duckdb=debug" */
static weir_status read_setting(weir_ctx *cx, weir_str part, settings *ret)
{
    weir_str area;
    weir_str name = part;
    const bool named = memchr(part.ptr, '=', part.len) && wr_str_split(&name, '=', &area);
    wr_log_level level;
    if (!read_level(wr_str_trim(name), &level))
        return weir_fail(cx, WEIR_CONFIG,
                         "unknown log level '%.*s'\n"
                         "hint: levels are error, warn, info and debug; "
                         "'info,duckdb=debug' sets another one for an area",
                         WR_STR(name));
    if (!named) {
        ret->level = level;
        return WEIR_OK;
    }

    area = wr_str_trim(area);
    if (area.len == 0 || area.len >= AREA_SIZE || ret->area_count == AREAS_MAX)
        return weir_fail(cx, WEIR_CONFIG, "log levels: no place for the area '%.*s'", WR_STR(area));
    area_level *added = &ret->areas[ret->area_count++];
    wr_str_fit(added->area, sizeof(added->area), area);
    added->level = level;
    return WEIR_OK;
}

static wr_log_level highest_of(const settings *set)
{
    wr_log_level level = set->level;
    for (size_t i = 0; i < set->area_count; i++)
        if (set->areas[i].level > level)
            level = set->areas[i].level;
    return level;
}

static wr_log_level level_of(const settings *set, const char *area)
{
    for (size_t i = 0; i < set->area_count; i++)
        if (strcmp(set->areas[i].area, area) == 0)
            return set->areas[i].level;
    return set->level;
}

weir_status wr_log_setup(weir_ctx *cx, const char *levels, bool json)
{
    settings set = { .level = WR_LOG_WARN, .json = json };
    weir_str rest = weir_str_of(levels);
    for (weir_str part; wr_str_split(&rest, ',', &part);)
        WEIR_TRY(read_setting(cx, wr_str_trim(part), &set));

    pthread_mutex_lock(&logger.lock);
    logger.set = set;
    atomic_store(&highest, (int)highest_of(&set));
    pthread_mutex_unlock(&logger.lock);
    return WEIR_OK;
}

void wr_log_sink(void (*sink)(void *self, wr_log_level level, weir_str line), void *self)
{
    pthread_mutex_lock(&logger.lock);
    logger.sink = sink;
    logger.sink_self = self;
    pthread_mutex_unlock(&logger.lock);
}

bool wr_log_on(const char *area, wr_log_level level)
{
    if ((int)level > atomic_load_explicit(&highest, memory_order_relaxed))
        return false;
    pthread_mutex_lock(&logger.lock);
    const bool on = level <= level_of(&logger.set, area);
    pthread_mutex_unlock(&logger.lock);
    return on;
}

void wr_log(weir_ctx *cx, const char *area, wr_log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_formatted(cx, area, level, format, args);
    va_end(args);
}

void wr_log_error(weir_ctx *cx)
{
    const line l = {
        .time = wr_now(cx),
        .scope = cx->scope,
        .area = "engine",
        .level = WR_LOG_ERROR,
        .status = weir_status_name(cx->error.status),
        .message = weir_str_of(cx->error.message),
        .hint = weir_str_of(cx->error.hint),
    };
    emit(&l);
}

void weir_warn(weir_ctx *cx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_formatted(cx, "user", WR_LOG_WARN, format, args);
    va_end(args);
}

void weir_info(weir_ctx *cx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_formatted(cx, "user", WR_LOG_INFO, format, args);
    va_end(args);
}

void weir_debug(weir_ctx *cx, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_formatted(cx, "user", WR_LOG_DEBUG, format, args);
    va_end(args);
}

void wr_log_add_secret(weir_str secret)
{
    if (secret.len < SECRET_MIN)
        return;
    pthread_mutex_lock(&logger.lock);
    size_t at = 0;
    while (at < logger.secrets.len && logger.secrets.ptr[at].len > secret.len)
        at++;
    bool known = false;
    for (size_t i = at; i < logger.secrets.len && logger.secrets.ptr[i].len == secret.len; i++)
        known = known || wr_str_eq(logger.secrets.ptr[i], secret);
    if (!known) {
        wr_vec_push(&logger.secrets);
        weir_str *place = &logger.secrets.ptr[at];
        memmove(place + 1, place, (logger.secrets.len - 1 - at) * sizeof(*place));
        *place = (weir_str){ wr_copy(secret.ptr, secret.len), secret.len };
    }
    pthread_mutex_unlock(&logger.lock);
}

void wr_mask(wr_buf *out, weir_str text)
{
    pthread_mutex_lock(&logger.lock);
    append_masked(out, text);
    pthread_mutex_unlock(&logger.lock);
}
