/* Tests of sources/singer.h and of the cutting by stream. */
#include "sources/singer_split.h"

#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_pool pool;
    wr_singer_split split;
    wr_buf shown;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_singer_split_done(&f->split);
    wr_pool_done(&f->pool);
    wr_buf_done(&f->shown);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

static void fixture_begin(fixture *f)
{
    *f = (fixture){ .shown = wr_buf_max(1 << 20) };
    wr_ctx_init(&f->cx, NULL);
    wr_pool_init(&f->pool, 64);
    f->split.pool = &f->pool;
    wr_singer_init(&f->split.singer, NULL, NULL);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f;                                                                    \
    fixture_begin(&(f))

#define SCHEMA(stream, more) "{\"type\":\"SCHEMA\",\"stream\":\"" stream "\"," more "}\n"
#define PLAIN(stream) SCHEMA(stream, "\"schema\":{},\"key_properties\":[]")
#define RECORD(stream, record)                                                                     \
    "{\"type\":\"RECORD\",\"stream\":\"" stream "\",\"record\":" record "}\n"

static weir_status take_line(fixture *f, const char *line)
{
    wr_singer_row row;
    return wr_singer_line(&f->cx, &f->split.singer, weir_str_of(line), &row);
}

/* The hints of the stream after its SCHEMA, or the message. */
static const char *hints_of(fixture *f, const char *schema)
{
    if (take_line(f, schema) != WEIR_OK)
        return weir_error_message(&f->cx);
    const wr_singer_stream *stream = wr_map_get(&f->split.singer.streams, wr_lit("s"));
    return stream->hints.ptr;
}

static weir_status give(fixture *f, const char *text)
{
    wr_buffer *from = wr_pool_take(&f->pool);
    const size_t len = strlen(text);
    if (from->cap < len)
        wr_buffer_grow(from, len);
    memcpy(from->chunk.text, text, len);
    from->chunk.len = len;
    from->chunk.name = wr_lit("tap");
    from->chunk.first_line = 11;
    from->chunk.offset = 1000;
    wr_singer_split_begin(&f->split, from);
    return WEIR_OK;
}

/* Chunks as "table line+rows: texts without blanks at the ends;". */
static weir_status show_chunks(fixture *f, const char *text)
{
    wr_buffer *chunk;
    wr_buf_clear(&f->shown);
    WEIR_TRY(give(f, text));
    for (;;) {
        WEIR_TRY(wr_singer_split_next(&f->cx, &f->split, &chunk));
        if (!chunk)
            return WEIR_OK;
        const weir_chunk *c = &chunk->chunk;
        weir_str rest = { c->text, c->len };
        weir_str line;
        wr_buf_printf(&f->shown, "%.*s %lld+%lld:", c->bad ? 3 : (int)c->table.len,
                      c->bad ? "bad" : c->table.ptr, (long long)c->first_line, (long long)c->rows);
        while (wr_str_split(&rest, '\n', &line))
            wr_buf_printf(&f->shown, " %.*s", WR_STR(wr_str_trim(line)));
        wr_buf_char(&f->shown, ';');
        wr_pool_return(chunk);
    }
}

TEST(types_of_a_schema_become_types_of_columns)
{
    FIXTURE(f);

    const char *hints = hints_of(
        &f,
        SCHEMA("s",
               "\"schema\":{\"properties\":{\"i\":{\"type\":[\"null\",\"integer\"]},"
               "\"n\":{\"type\":\"number\"},\"d\":{\"type\":\"number\",\"multipleOf\":0.01},"
               "\"e\":{\"type\":\"number\",\"multipleOf\":1e-08},\"b\":{\"type\":\"boolean\"},"
               "\"t\":{\"type\":\"string\"},\"w\":{\"type\":\"string\",\"format\":\"date-time\"},"
               "\"y\":{\"type\":\"string\",\"format\":\"date\"},"
               "\"o\":{\"type\":\"object\"},\"l\":{\"type\":\"array\"},"
               "\"u\":{\"type\":[\"string\",\"integer\"]},\"a\":{\"anyOf\":[]}}}"));

    CHECK_STR(hints,
              "{\"columns\":{\"i\":{\"data_type\":\"bigint\"},\"n\":{\"data_type\":\"double\"},"
              "\"d\":{\"data_type\":\"decimal\",\"precision\":38,\"scale\":2},"
              "\"e\":{\"data_type\":\"decimal\",\"precision\":38,\"scale\":8},"
              "\"b\":{\"data_type\":\"bool\"},\"t\":{\"data_type\":\"text\"},"
              "\"w\":{\"data_type\":\"timestamp\"},\"y\":{\"data_type\":\"date\"}}}");
}

TEST(streams_with_a_key_are_merged_by_it)
{
    FIXTURE(f);

    const char *hints = hints_of(&f, SCHEMA("s", "\"schema\":{},\"key_properties\":[\"a\",\"b\"],"
                                                 "\"bookmark_properties\":[\"at\"]"));

    CHECK_STR(hints, "{\"primary_key\":[\"a\",\"b\"],\"write_disposition\":\"merge\","
                     "\"columns\":{\"at\":{\"dedup_sort\":\"desc\"}}}");
}

TEST(what_the_user_says_of_a_stream_beats_its_schema)
{
    FIXTURE(f);
    wr_node *all = NULL;
    wr_node *streams = NULL;
    CHECK_OK(wr_node_parse(&f.cx, &f.arena, wr_lit("{\"write_disposition\":\"append\"}"), &all));
    CHECK_OK(wr_node_parse(&f.cx, &f.arena,
                           wr_lit("{\"s\":{\"table_name\":\"people\",\"columns\":"
                                  "{\"i\":{\"data_type\":\"text\"}}}}"),
                           &streams));
    wr_singer_init(&f.split.singer, all, streams);

    const char *hints = hints_of(&f, SCHEMA("s", "\"key_properties\":[\"i\"],\"schema\":{"
                                                 "\"properties\":{\"i\":{\"type\":\"integer\"}}}"));

    CHECK_STR(hints, "{\"primary_key\":[\"i\"],\"write_disposition\":\"append\","
                     "\"columns\":{\"i\":{\"data_type\":\"text\"}},\"table_name\":\"people\"}");
}

TEST(rows_of_a_stream_that_follow_each_other_are_one_chunk)
{
    FIXTURE(f);

    CHECK_OK(show_chunks(
        &f,
        PLAIN("a") PLAIN("b") RECORD("a", "{\"x\":1}") "{\"type\":\"STATE\",\"value\":{}}\n" RECORD(
            "a", "{\"x\":\"}\\\"{\"}") "\n" RECORD("b", "{}") RECORD("a", "{\"x\":[1]}")));

    CHECK_STR(wr_buf_text(&f.shown), "a 11+6:   {\"x\":1}  {\"x\":\"}\\\"{\"} ;"
                                     "b 17+1: {};a 18+1: {\"x\":[1]};");
}

TEST(the_last_state_is_kept_as_it_is)
{
    FIXTURE(f);

    CHECK_OK(take_line(&f, "{\"type\": \"STATE\", \"value\": {\"at\": 1}}"));
    CHECK_OK(take_line(&f, "{\"value\": {\"n\": 1.50, \"b\": [null]}, \"type\": \"STATE\"}"));

    CHECK_TEXT(wr_buf_view(&f.split.singer.state), "{\"n\":1.50,\"b\":[null]}");
}

TEST(lines_that_are_no_messages_are_refused)
{
    static const struct {
        const char *line;
        weir_status status;
        const char *message;
    } CASES[] = {
        { "42", WEIR_INVALID, "it is no Singer message: it is no object" },
        { "{}", WEIR_INVALID, "it is no Singer message: it has no 'type'" },
        { "{\"type\": 1}", WEIR_INVALID, "it is no Singer message: it has no 'type'" },
        { "{\"type\": \"BATCH\"}", WEIR_UNSUPPORTED, "messages of type 'BATCH' cannot be read" },
        { "{\"type\": \"WHAT\"}", WEIR_UNSUPPORTED, "messages of type 'WHAT' cannot be read" },
        { "{\"type\": \"STATE\"}", WEIR_INVALID, "a STATE message has no object 'value'" },
        { "{\"type\": \"SCHEMA\", \"stream\": \"s\"}", WEIR_INVALID,
          "a SCHEMA message has no 'stream' or no 'schema'" },
        { "{\"type\": \"SCHEMA\", \"stream\": \"s\", \"schema\": {}, \"key_properties\": [1]}",
          WEIR_INVALID, "stream 's': 'key_properties' is no list of names" },
        { "{\"type\": \"RECORD\", \"stream\": \"s\"}", WEIR_INVALID,
          "a RECORD message has no 'stream', or no object 'record'" },
        { "{\"type\": \"RECORD\", \"stream\": \"s\", \"record\": {}}", WEIR_INVALID,
          "a RECORD of the stream 's' comes before its SCHEMA" },
    };
    FIXTURE(f);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        CHECK_INT(take_line(&f, CASES[i].line), CASES[i].status);
        CHECK_STR(weir_error_message(&f.cx), CASES[i].message);
    }
}

TEST(a_line_that_is_no_json_is_named)
{
    FIXTURE(f);

    CHECK_INT(show_chunks(&f, PLAIN("a") "oops\n"), WEIR_PARSE);

    CHECK(wr_str_starts(weir_str_of(weir_error_message(&f.cx)),
                        wr_lit("tap:12: line at byte 1063: ")));
}

TEST(bad_lines_can_be_set_apart)
{
    FIXTURE(f);
    f.split.may_be_bad = true;

    CHECK_OK(show_chunks(&f, PLAIN("a") "oops\n{\n\n" RECORD("a", "{\"x\":1}") RECORD("a", "{x}")));

    CHECK_STR(wr_buf_text(&f.shown),
              "bad 12+2: oops {;a 14+2:  {\"x\":1};"
              "bad 16+1: {\"type\":\"RECORD\",\"stream\":\"a\",\"record\":{x}};");
}

TEST(messages_that_mean_nothing_here_are_passed_over)
{
    FIXTURE(f);

    CHECK_OK(take_line(&f, ""));
    CHECK_OK(take_line(&f, "{\"type\": \"ACTIVATE_VERSION\", \"stream\": \"s\", \"version\": 1}"));
    CHECK_OK(take_line(&f, PLAIN("s")));
    CHECK_OK(take_line(&f, PLAIN("s")));
}
