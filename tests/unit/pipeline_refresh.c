#include "pipeline/refresh.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"
#include "pipeline/state.h"

struct fixture {
    weir_ctx cx;
    wr_arena arena;
    wr_schema *schema;
    wr_node *state;
};

static void add_table(struct fixture *f, const char *doc, bool seen)
{
    wr_node *table = NULL;
    CHECK_OK(wr_node_parse(&f->cx, &f->arena, weir_str_of(doc), &table));
    CHECK_OK(wr_schema_merge_table(&f->cx, f->schema, table));
    if (seen)
        wr_schema_set_seen_data(f->schema, wr_node_get_text(table, "name"));
}

static void setup(struct fixture *f)
{
    *f = (struct fixture){ .schema = wr_schema_new(wr_lit("shop")) };
    wr_ctx_init(&f->cx, NULL);
    add_table(f, "{\"name\":\"a\",\"resource\":\"a\",\"columns\":{}}", true);
    add_table(f, "{\"name\":\"a__kids\",\"parent\":\"a\",\"columns\":{}}", true);
    add_table(f, "{\"name\":\"b\",\"resource\":\"b\",\"columns\":{}}", true);
    add_table(f, "{\"name\":\"ab\",\"resource\":\"ab\",\"columns\":{}}", false);
    CHECK_OK(wr_node_parse(
        &f->cx, &f->arena,
        wr_lit(
            "{\"sources\":{\"shop\":{\"resources\":{\"a\":{\"last\":1},\"b\":{\"last\":2,\"x\":3}},"
            "\"key\":7}}}"),
        &f->state));
}

static void done(struct fixture *f)
{
    wr_schema_drop(f->schema);
    wr_arena_done(&f->arena);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    __attribute__((cleanup(done))) struct fixture f;                                               \
    setup(&f)

/* NULL is noticed by whoever looks at it. */
static wr_node *list_of(struct fixture *f, const char *json)
{
    wr_node *list = NULL;
    return wr_node_parse(&f->cx, &f->arena, weir_str_of(json), &list) == WEIR_OK ? list : NULL;
}

static const char *text_of(struct fixture *f, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(4096);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    return wr_arena_str(&f->arena, wr_buf_view(&out)).ptr;
}

static wr_node *plan_of(struct fixture *f, wr_refresh_wish wish)
{
    wr_node *plan = NULL;
    const weir_status status =
        wr_refresh_plan(&f->cx, &f->arena, &wish, f->schema, f->state, &plan);
    return status == WEIR_OK ? plan : NULL;
}

TEST(a_mode_that_is_not_there_is_refused_with_those_that_are)
{
    FIXTURE(f);
    wr_refresh_mode mode;

    CHECK_INT(wr_refresh_mode_read(&f.cx, wr_lit("drop"), &mode), WEIR_CONFIG);

    CHECK_STR(weir_error_hint(&f.cx), "one of: drop_sources, drop_resources, drop_data");
}

TEST(tables_of_a_resource_go_children_first_and_its_state_with_them)
{
    FIXTURE(f);

    wr_node *plan = plan_of(&f, (wr_refresh_wish){ .resources = list_of(&f, "[\"a\"]") });

    CHECK_STR(text_of(&f, wr_node_get(plan, "drop")), "[\"a__kids\",\"a\"]");
    CHECK_STR(text_of(&f, wr_node_get(plan, "states")), "[\"a\"]");
    CHECK_STR(text_of(&f, f.state),
              "{\"sources\":{\"shop\":{\"resources\":{\"b\":{\"last\":2,\"x\":3}},\"key\":7}}}");
    CHECK(wr_node_get_bool(plan, "store_state", false));
    wr_auto(schema) wr_schema *base = wr_refresh_base(plan, f.schema);
    CHECK(!wr_schema_table(base, wr_lit("a__kids")));
    CHECK(wr_schema_table(base, wr_lit("b")) != NULL);
}

TEST(a_table_that_never_had_rows_leaves_only_the_schema)
{
    FIXTURE(f);

    wr_node *plan = plan_of(&f, (wr_refresh_wish){ .resources = list_of(&f, "[\"re:^(?:ab)\"]") });

    CHECK_STR(text_of(&f, wr_node_get(plan, "forget")), "[\"ab\"]");
    CHECK(!wr_refresh_drops(plan));
}

TEST(tables_that_are_emptied_stay_in_the_schema)
{
    FIXTURE(f);

    wr_node *plan = plan_of(
        &f, (wr_refresh_wish){ .resources = list_of(&f, "[\"a\",\"b\"]"), .keeps_schema = true });

    CHECK_STR(text_of(&f, wr_node_get(plan, "empty")), "[\"b\",\"a__kids\",\"a\"]");
    CHECK_STR(text_of(&f, wr_node_get(plan, "forget")), "[]");
    CHECK(wr_refresh_takes(plan));
    CHECK(!wr_refresh_drops(plan));
}

TEST(paths_reset_parts_of_the_state_but_never_all_resources)
{
    FIXTURE(f);
    const wr_node *none = list_of(&f, "[]");

    wr_node *plan = plan_of(&f, (wr_refresh_wish){
                                    .resources = none,
                                    .paths = list_of(&f, "[\"*\",\"$.resources.*.last\"]"),
                                });

    CHECK_STR(text_of(&f, wr_node_get(plan, "paths")),
              "[\"shop.key\",\"shop.resources.a.last\",\"shop.resources.b.last\"]");
    CHECK_STR(text_of(&f, f.state),
              "{\"sources\":{\"shop\":{\"resources\":{\"a\":{},\"b\":{\"x\":3}}}}}");
}

TEST(a_schema_that_begins_again_has_forgotten_what_it_was_imported_from)
{
    FIXTURE(f);
    wr_schema_set_imported_hash(f.schema, "hash");
    wr_schema_bump(f.schema);

    wr_node *plan =
        plan_of(&f, wr_refresh_wish_of(&f.arena, WR_REFRESH_SOURCES, &(wr_resources){ 0 }));
    wr_auto(schema) wr_schema *base = wr_refresh_base(plan, f.schema);

    CHECK_STR(wr_schema_imported_hash(f.schema).ptr, "hash");
    CHECK_INT((int)wr_schema_imported_hash(base).len, 0);
    CHECK_INT((int)base->version, 0);
    CHECK(!wr_schema_table(base, wr_lit("a")));
}

TEST(a_path_that_is_none_is_refused)
{
    FIXTURE(f);
    const wr_refresh_wish wish = { .resources = list_of(&f, "[]"),
                                   .paths = list_of(&f, "[\"a[0]\"]") };
    wr_node *plan = NULL;

    CHECK_INT(wr_refresh_plan(&f.cx, &f.arena, &wish, f.schema, f.state, &plan), WEIR_UNSUPPORTED);
}
