/* Reads messages of Singer taps. Rows are the bulk, and are read by whoever makes batches of them: here only the members of
 * the message are told apart. */
#include "sources/singer.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/hints.h"

#define STATE_MAX ((size_t)16 << 20)
#define HINTS_MAX ((size_t)16 << 20)

/* ---- the members of a message ---- */

typedef struct message {
    weir_str type;
    weir_str stream;
    weir_str record;
} message;

typedef struct scan {
    const char *at;
    const char *end;
} scan;

static void skip_blanks(scan *s)
{
    while (s->at < s->end && memchr(" \t\r\n", *s->at, 4))
        s->at++;
}

static bool take(scan *s, char c)
{
    skip_blanks(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* Behind the quote that ends a string; `at` is behind the one that begins it. */
static bool skip_string(scan *s)
{
    for (; s->at < s->end; s->at++) {
        if (*s->at == '"') {
            s->at++;
            return true;
        }
        if (*s->at == '\\' && ++s->at == s->end)
            return false;
    }
    return false;
}

/* Behind the bracket that closes the one at `at`. */
static bool skip_nested(scan *s)
{
    size_t depth = 0;
    while (s->at < s->end) {
        const char c = *s->at++;
        if (c == '"' && !skip_string(s))
            return false;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return true;
    }
    return false;
}

/* The text of a value, of which only the end is looked for. */
static bool take_value(scan *s, weir_str *ret)
{
    skip_blanks(s);
    const char *begin = s->at;
    bool whole = true;
    if (s->at < s->end && (*s->at == '{' || *s->at == '['))
        whole = skip_nested(s);
    else if (take(s, '"'))
        whole = skip_string(s);
    else
        while (s->at < s->end && !memchr(",]} \t\r\n", *s->at, 7))
            s->at++;
    *ret = (weir_str){ begin, (size_t)(s->at - begin) };
    return whole && ret->len > 0;
}

static void keep_member(message *m, weir_str key, weir_str value)
{
    if (wr_str_eq(key, wr_lit("\"type\"")))
        m->type = value;
    else if (wr_str_eq(key, wr_lit("\"stream\"")))
        m->stream = value;
    else if (wr_str_eq(key, wr_lit("\"record\"")))
        m->record = value;
}

/* False when it is no object. */
static bool scan_message(weir_str line, message *ret)
{
    scan s = { line.ptr, line.ptr + line.len };
    bool more = take(&s, '{') && !take(&s, '}');
    while (more) {
        weir_str key;
        weir_str value;
        if (!take_value(&s, &key) || key.ptr[0] != '"' || !take(&s, ':') || !take_value(&s, &value))
            return false;
        keep_member(ret, key, value);
        more = take(&s, ',');
        if (!more && !take(&s, '}'))
            return false;
    }
    skip_blanks(&s);
    return s.at == s.end;
}

/* ---- errors ---- */

/* What is wrong with a line that is no message: no JSON, or another one. */
static weir_status no_message(weir_ctx *cx, weir_str line, const char *why)
{
    wr_jkind kind;
    WEIR_TRY(wr_json_check(cx, line, &kind));
    return weir_fail(
        cx, WEIR_INVALID,
        "it is no Singer message: %s\n"
        "hint: a tap prints {\"type\": \"SCHEMA\"|\"RECORD\"|\"STATE\", …}; what prints "
        "rows as they are has format = \"jsonl\"",
        why);
}

/* The text of a string; `quoted` is that of its JSON. */
static weir_status read_string(weir_ctx *cx, wr_arena *arena, weir_str quoted, weir_str *ret)
{
    wr_node *node = NULL;
    *ret = (weir_str){ 0 };
    if (quoted.len < 2 || quoted.ptr[0] != '"')
        return WEIR_OK;
    if (!memchr(quoted.ptr, '\\', quoted.len)) {
        *ret = (weir_str){ quoted.ptr + 1, quoted.len - 2 };
        return WEIR_OK;
    }
    WEIR_TRY(wr_node_parse(cx, arena, quoted, &node));
    *ret = node->text;
    return WEIR_OK;
}

/* ---- SCHEMA ---- */

/* What the user says beats what the tap says. */
static void apply_user(wr_singer *singer, weir_str stream, wr_node *hints)
{
    const wr_node *own = wr_node_get_str(singer->by_name, stream);
    if (singer->hints)
        wr_hints_apply(&singer->arena, hints, singer->hints);
    if (own)
        wr_hints_apply(&singer->arena, hints, own);
}

static weir_status add_stream(weir_ctx *cx, wr_singer *singer, weir_str name,
                              const wr_node *document)
{
    wr_auto(buf) wr_buf text = wr_buf_max(HINTS_MAX);
    wr_node *hints = NULL;
    WEIR_TRY(wr_singer_hints(cx, &singer->arena, document, &hints));
    apply_user(singer, name, hints);
    const weir_str table = wr_node_get_text(hints, "table_name");
    wr_singer_stream *stream = wr_arena_new(&singer->arena, wr_singer_stream);
    stream->name = wr_arena_str(&singer->arena, name);
    stream->table = wr_arena_str(&singer->arena, table.len ? table : name);
    wr_node_write(&text, hints, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(cx, &text, "the schema of a stream"));
    stream->hints = wr_arena_str(&singer->arena, wr_buf_view(&text));
    wr_map_put(&singer->streams, stream->name, stream);
    return WEIR_OK;
}

/* Taps say it again and again; columns that a later one adds come with their rows. */
static weir_status take_schema(weir_ctx *cx, wr_singer *singer, weir_str line)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    wr_node *document = NULL;
    WEIR_TRY(wr_node_parse(cx, &scratch, line, &document));
    const weir_str name = wr_node_get_text(document, "stream");
    const wr_node *schema = wr_node_get(document, "schema");
    if (name.len == 0 || !schema || schema->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_INVALID, "a SCHEMA message has no 'stream' or no 'schema'");
    if (wr_map_get(&singer->streams, name))
        return WEIR_OK;
    if (singer->streams.len >= WR_SINGER_STREAMS_MAX)
        return weir_fail(cx, WEIR_LIMIT, "there are more than %d streams", WR_SINGER_STREAMS_MAX);
    return wr_context(cx, add_stream(cx, singer, name, document), "stream '%.*s'", WR_STR(name));
}

/* ---- RECORD, STATE ---- */

static weir_status take_record(weir_ctx *cx, wr_singer *singer, const message *m,
                               wr_singer_row *ret)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    weir_str name;
    WEIR_TRY(read_string(cx, &scratch, m->stream, &name));
    if (name.len == 0 || m->record.len == 0 || m->record.ptr[0] != '{')
        return weir_fail(cx, WEIR_INVALID,
                         "a RECORD message has no 'stream', or no object 'record'");
    ret->stream = wr_map_get(&singer->streams, name);
    ret->record = m->record;
    if (ret->stream)
        return WEIR_OK;
    return weir_fail(cx, WEIR_INVALID,
                     "a RECORD of the stream '%.*s' comes before its SCHEMA\n"
                     "hint: the least one is {\"type\": \"SCHEMA\", \"stream\": \"%.*s\", "
                     "\"schema\": {}, \"key_properties\": []}",
                     WR_STR(name), WR_STR(name));
}

static weir_status take_state(weir_ctx *cx, wr_singer *singer, weir_str line)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    wr_node *document = NULL;
    WEIR_TRY(wr_node_parse(cx, &scratch, line, &document));
    const wr_node *value = wr_node_get(document, "value");
    if (!value || value->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_INVALID, "a STATE message has no object 'value'");
    wr_buf_clear(&singer->state);
    wr_node_write(&singer->state, value, WR_JSON_COMPACT);
    return wr_buf_check(cx, &singer->state, "the tap's state");
}

/* ---- messages ---- */

static weir_status refuse(weir_ctx *cx, weir_str type)
{
    const bool batch = wr_str_eq(type, wr_lit("BATCH"));
    return weir_fail(cx, WEIR_UNSUPPORTED, "messages of type '%.*s' cannot be read%s", WR_STR(type),
                     batch ? "\nhint: take 'batch_config' out of the tap's configuration" : "");
}

static weir_status take_message(weir_ctx *cx, wr_singer *singer, weir_str line, const message *m,
                                wr_singer_row *ret)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    weir_str type;
    WEIR_TRY(read_string(cx, &scratch, m->type, &type));
    if (type.len == 0)
        return no_message(cx, line, "it has no 'type'");
    if (wr_str_eq(type, wr_lit("RECORD")))
        return take_record(cx, singer, m, ret);
    if (wr_str_eq(type, wr_lit("SCHEMA")))
        return take_schema(cx, singer, line);
    if (wr_str_eq(type, wr_lit("STATE")))
        return take_state(cx, singer, line);
    return wr_str_eq(type, wr_lit("ACTIVATE_VERSION")) ? WEIR_OK : refuse(cx, type);
}

weir_status wr_singer_line(weir_ctx *cx, wr_singer *singer, weir_str line, wr_singer_row *ret)
{
    message m = { 0 };
    *ret = (wr_singer_row){ 0 };
    line = wr_str_trim(line);
    if (line.len == 0)
        return WEIR_OK;
    if (!scan_message(line, &m))
        return no_message(cx, line, "it is no object");
    return take_message(cx, singer, line, &m, ret);
}

void wr_singer_init(wr_singer *singer, const wr_node *hints, const wr_node *by_name)
{
    *singer = (wr_singer){
        .hints = hints,
        .by_name = by_name,
        .state = wr_buf_max(STATE_MAX),
    };
}

void wr_singer_done(wr_singer *singer)
{
    wr_map_done(&singer->streams);
    wr_buf_done(&singer->state);
    wr_arena_done(&singer->arena);
}
