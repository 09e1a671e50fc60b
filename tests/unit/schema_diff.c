/* Tests of schema/schema_diff.h: each shows the changes as lines "kind table.column property before after". */
#include "schema/schema_diff.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define TEXT_MAX ((size_t)1 << 20)

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_buf out;
    wr_schema *before;
    wr_schema *after; /* begins as a clone of `before` */
} fixture;

static weir_status merge(fixture *f, wr_schema *schema, const char *table)
{
    wr_node *doc;
    WEIR_TRY(wr_node_parse(&f->cx, &f->arena, weir_str_of(table), &doc));
    return wr_schema_merge_table(&f->cx, schema, doc);
}

static fixture fixture_new(void)
{
    fixture f = { .out = wr_buf_max(TEXT_MAX), .before = wr_schema_new(wr_lit("s")) };
    const wr_new_column a = { .name = wr_lit("a"), .type = WEIR_TYPE_BIGINT };
    wr_ctx_init(&f.cx, NULL);
    const weir_status status =
        wr_schema_add_columns(&f.cx, f.before, wr_lit("t"), wr_lit(""), &a, 1);
    wr_assert(status == WEIR_OK);
    f.after = wr_schema_clone(f.before);
    return f;
}

static void wr_cleanup_fixture(fixture *f)
{
    wr_schema_drop(f->before);
    wr_schema_drop(f->after);
    wr_arena_done(&f->arena);
    wr_buf_done(&f->out);
    wr_ctx_done(&f->cx);
}

/* Values of properties as JSON; of whole tables and columns only whether they are there. */
static void put_side(wr_buf *out, const wr_schema_change *change, const wr_node *side)
{
    wr_buf_char(out, ' ');
    if (side && change->kind == WR_CHANGE_CHANGED)
        wr_node_write(out, side, WR_JSON_COMPACT);
    else
        wr_buf_cstr(out, side ? "there" : "none");
}

static const char *changes(fixture *f, const wr_schema *before, const wr_schema *after)
{
    wr_auto(schema_diff) wr_schema_diff diff;
    wr_schema_diff_init(&diff, before, after);
    wr_buf_clear(&f->out);
    for (size_t i = 0; i < diff.changes.len; i++) {
        const wr_schema_change *change = &diff.changes.ptr[i];
        wr_buf_printf(&f->out, "%s %.*s.%.*s %.*s", wr_change_kind_name(change->kind),
                      WR_STR(change->table), WR_STR(change->column), WR_STR(change->property));
        put_side(&f->out, change, change->before);
        put_side(&f->out, change, change->after);
        wr_buf_char(&f->out, '\n');
    }
    return wr_buf_text(&f->out);
}

TEST(equal_schemas_have_no_changes)
{
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(changes(&f, f.before, f.after), "");
}

TEST(a_new_table_comes_with_its_columns)
{
    wr_auto(fixture) fixture f = fixture_new();
    const wr_new_column columns[] = { { .name = wr_lit("x"), .type = WEIR_TYPE_TEXT },
                                      { .name = wr_lit("y"), .type = WEIR_TYPE_BOOL } };
    CHECK_OK(wr_schema_add_columns(&f.cx, f.after, wr_lit("t__l"), wr_lit("t"), columns, 2));

    CHECK_STR(changes(&f, f.before, f.after), "added t__l.  none there\n"
                                              "added t__l.x  none there\n"
                                              "added t__l.y  none there\n");
}

TEST(what_is_gone_is_removed_and_comes_behind_what_is_there)
{
    wr_auto(fixture) fixture f = fixture_new();
    const wr_new_column column = { .name = wr_lit("x"), .type = WEIR_TYPE_TEXT };
    CHECK_OK(wr_schema_add_columns(&f.cx, f.after, wr_lit("t__l"), wr_lit("t"), &column, 1));
    CHECK_OK(wr_schema_add_columns(&f.cx, f.after, wr_lit("t"), wr_lit(""), &column, 1));

    CHECK_STR(changes(&f, f.after, f.before), "removed t.x  there none\n"
                                              "removed t__l.  there none\n"
                                              "removed t__l.x  there none\n");
}

TEST(types_and_hints_of_a_column_change_one_by_one)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_OK(merge(&f, f.after,
                   "{\"name\":\"t\",\"columns\":{\"a\":{\"name\":\"a\",\"data_type\":\"decimal\","
                   "\"precision\":18,\"primary_key\":true,\"nullable\":false}}}"));

    CHECK_STR(changes(&f, f.before, f.after), "changed t.a data_type \"bigint\" \"decimal\"\n"
                                              "changed t.a nullable true false\n"
                                              "changed t.a precision none 18\n"
                                              "changed t.a primary_key none true\n");
}

TEST(a_default_says_the_same_as_a_missing_property)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_OK(merge(&f, f.after,
                   "{\"name\":\"t\",\"columns\":{\"a\":{\"name\":\"a\",\"data_type\":\"bigint\","
                   "\"nullable\":true,\"unique\":false}}}"));

    CHECK_STR(changes(&f, f.before, f.after), "");
    CHECK_STR(changes(&f, f.after, f.before), "");
}

TEST(members_of_settings_change_by_their_path)
{
    wr_auto(fixture) fixture f = fixture_new();
    CHECK_OK(merge(&f, f.after,
                   "{\"name\":\"t\",\"schema_contract\":{\"columns\":\"freeze\"},"
                   "\"columns\":{}}"));
    wr_schema_set_seen_data(f.after, wr_lit("t"));

    CHECK_STR(changes(&f, f.before, f.after), "changed t. schema_contract.columns none \"freeze\"\n"
                                              "changed t. x-normalizer.seen-data none true\n");
}

TEST(settings_of_the_schema_come_first)
{
    wr_auto(fixture) fixture f = fixture_new();
    const wr_naming naming = { 0 };
    wr_node *config;
    CHECK_OK(wr_node_parse(&f.cx, &f.arena, wr_lit("{\"max_nesting\":2}"), &config));
    CHECK_OK(wr_schema_set_json_config(&f.cx, f.after, &naming, config));
    wr_schema_set_seen_data(f.after, wr_lit("t"));

    CHECK_STR(changes(&f, f.before, f.after),
              "changed . normalizers.json.config.max_nesting none 2\n"
              "changed t. x-normalizer.seen-data none true\n");
}

TEST(against_nothing_all_tables_are_added)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_auto(schema_diff) wr_schema_diff diff;

    wr_schema_diff_init(&diff, NULL, f.before);

    size_t tables = 0;
    for (size_t i = 0; i < diff.changes.len; i++) {
        CHECK(diff.changes.ptr[i].kind == WR_CHANGE_ADDED);
        tables += diff.changes.ptr[i].column.len == 0;
    }
    CHECK_INT(tables, f.before->tables.len);
}
