/* The text of statements is dlt's, blanks included. */
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "destinations/sql.h"
#include "harness/test.h"

static const wr_sql_type types[] = {
    { WEIR_TYPE_TEXT, .text = "VARCHAR" },
    { WEIR_TYPE_BIGINT, .up_to = 32, .text = "INTEGER" },
    { WEIR_TYPE_BIGINT, .up_to = 64, .text = "BIGINT" },
    { WEIR_TYPE_DECIMAL, .text = "NUMERIC({p},{s})" },
    { WEIR_TYPE_TIMESTAMP, .text = "timestamp ({p}) with time zone" },
    { WEIR_TYPE_TIMESTAMP, .wall_clock = true, .text = "timestamp ({p}) without time zone" },
    { 0 },
};

static const wr_sql_driver driver = {
    .dialect = { .types = types,
                 .standard = { [WEIR_TYPE_BIGINT] = { 64, 0 },
                               [WEIR_TYPE_DECIMAL] = { 38, 9 },
                               [WEIR_TYPE_TIMESTAMP] = { 6, 0 } } },
};

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define PATH wr_lit("\"d\".\"users\"")

struct fixture {
    weir_ctx cx;
    wr_sql sql;
    wr_buf out;
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){ .sql.driver = &driver, .out = wr_buf_max(4096) };
    wr_ctx_init(&f->cx, NULL);
}

static void done(struct fixture *f)
{
    wr_buf_done(&f->out);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f)

TEST(a_new_table_is_created_with_its_complete_columns)
{
    static const weir_column columns[] = {
        { NAME("id"), WEIR_TYPE_BIGINT, .hints = WEIR_HINT_NOT_NULL },
        { NAME("name"), WEIR_TYPE_TEXT },
        { NAME("later"), WEIR_NO_TYPE },
        { NAME("_dlt_id"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE },
    };
    const weir_table table = { NAME("users"), .columns = columns, .column_count = 4 };
    FIXTURE(f);

    CHECK_OK(wr_sql_create_table(&f.cx, &f.sql, &f.out, PATH, &table));

    CHECK_STR(wr_buf_text(&f.out), "CREATE TABLE \"d\".\"users\" (\n"
                                   "\"id\" BIGINT  NOT NULL,\n"
                                   "\"name\" VARCHAR  ,\n"
                                   "\"_dlt_id\" VARCHAR  NOT NULL)");
}

TEST(unique_columns_are_so_only_where_indexes_are_wanted)
{
    static const weir_column columns[] = {
        { NAME("_dlt_id"), WEIR_TYPE_TEXT, .hints = WEIR_HINT_NOT_NULL | WEIR_HINT_UNIQUE },
    };
    const weir_table table = { NAME("_dlt_x"), .columns = columns, .column_count = 1 };
    FIXTURE(f);
    f.sql.create_indexes = true;

    CHECK_OK(wr_sql_create_table(&f.cx, &f.sql, &f.out, PATH, &table));

    CHECK_STR(wr_buf_text(&f.out), "CREATE TABLE IF NOT EXISTS \"d\".\"users\" (\n"
                                   "\"_dlt_id\" VARCHAR UNIQUE NOT NULL)");
}

TEST(a_column_is_added_as_one_that_may_be_null)
{
    static const weir_column column = { NAME("email"), WEIR_TYPE_TEXT,
                                        .hints = WEIR_HINT_NOT_NULL };
    FIXTURE(f);

    CHECK_OK(wr_sql_add_column(&f.cx, &f.sql, &f.out, PATH, &column));

    CHECK_STR(wr_buf_text(&f.out), "ALTER TABLE \"d\".\"users\"\nADD COLUMN \"email\" VARCHAR  ");
}

TEST(types_follow_precision_and_time_zone)
{
    static const struct {
        weir_column column;
        const char *expected;
    } vectors[] = {
        { { NAME("c"), WEIR_TYPE_BIGINT }, "BIGINT" },
        { { NAME("c"), WEIR_TYPE_BIGINT, .precision = 8 }, "INTEGER" },
        { { NAME("c"), WEIR_TYPE_BIGINT, .precision = 33 }, "BIGINT" },
        { { NAME("c"), WEIR_TYPE_DECIMAL }, "NUMERIC(38,9)" },
        { { NAME("c"), WEIR_TYPE_DECIMAL, .precision = 10, .scale = 2 }, "NUMERIC(10,2)" },
        { { NAME("c"), WEIR_TYPE_TIMESTAMP }, "timestamp (6) with time zone" },
        { { NAME("c"), WEIR_TYPE_TIMESTAMP, .precision = 3, .hints = WEIR_HINT_NO_TIMEZONE },
          "timestamp (3) without time zone" },
    };
    const size_t count = sizeof(vectors) / sizeof(vectors[0]);
    for (size_t i = 0; i < count; i++) {
        FIXTURE(f);
        char expected[128];
        snprintf(expected, sizeof(expected), "ALTER TABLE \"d\".\"users\"\nADD COLUMN \"c\" %s  ",
                 vectors[i].expected);
        CHECK_OK(wr_sql_add_column(&f.cx, &f.sql, &f.out, PATH, &vectors[i].column));
        CHECK_STR(wr_buf_text(&f.out), expected);
    }
}

TEST(a_type_that_the_database_does_not_have_is_refused)
{
    static const weir_column column = { NAME("big"), WEIR_TYPE_BIGINT, .precision = 128 };
    FIXTURE(f);

    CHECK_INT(wr_sql_add_column(&f.cx, &f.sql, &f.out, PATH, &column), WEIR_UNSUPPORTED);

    CHECK_STR(weir_error_message(&f.cx),
              "column 'big': the destination has no type for bigint of precision 128");
}

TEST(names_and_texts_cannot_leave_their_quotes)
{
    FIXTURE(f);

    wr_sql_ident(&f.out, wr_lit("a\"b\\c"));
    wr_buf_char(&f.out, ' ');
    wr_sql_text(&f.out, wr_lit("it's \\ \0 \"x\""));

    CHECK_STR(wr_buf_text(&f.out), "\"a\"\"b\\c\" 'it''s \\  \"x\"'");
}

TEST(a_table_is_emptied_in_the_words_of_the_database)
{
    static const wr_sql_driver truncating = { .dialect = { .truncates = true } };
    FIXTURE(f);

    wr_sql_empty_table(&f.sql, &f.out, PATH);
    CHECK_STR(wr_buf_text(&f.out), "DELETE FROM \"d\".\"users\" WHERE 1=1");

    wr_buf_clear(&f.out);
    f.sql.driver = &truncating;
    wr_sql_empty_table(&f.sql, &f.out, PATH);
    CHECK_STR(wr_buf_text(&f.out), "TRUNCATE TABLE \"d\".\"users\"");
}
