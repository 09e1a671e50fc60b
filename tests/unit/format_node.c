/* Tests of format/json.h: documents. */
#include "format/json.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/fixture.h"
#include "harness/test.h"

/* The document, which must be one. */
static wr_node *parse(fixture *f, const char *text)
{
    wr_node *node = NULL;
    const weir_status status = wr_node_parse(&f->cx, &f->arena, weir_str_of(text), &node);
    wr_assert(status == WEIR_OK);
    return node;
}

static const char *write(fixture *f, const wr_node *node, wr_json_form form)
{
    wr_buf_clear(&f->out);
    wr_node_write(&f->out, node, form);
    return wr_buf_text(&f->out);
}

TEST(a_document_goes_back_as_it_came)
{
    wr_auto(fixture) fixture f = fixture_new();
    const char *text =
        "{\"z\":1.50,\"a\":[1e5,{\"k\":\"\\u0001é\"},[]],\"m\":{},\"n\":null,\"t\":true}";

    CHECK_STR(write(&f, parse(&f, text), WR_JSON_COMPACT), text);
}

TEST(numbers_keep_their_text)
{
    wr_auto(fixture) fixture f = fixture_new();
    const char *text = "[1.0,1E400,-0,123456789012345678901234567890]";

    CHECK_STR(write(&f, parse(&f, text), WR_JSON_COMPACT), text);
}

TEST(of_duplicate_keys_the_last_wins_at_the_place_of_the_first)
{
    wr_auto(fixture) fixture f = fixture_new();

    const wr_node *node = parse(&f, "{\"a\":1,\"b\":2,\"a\":{\"x\":3},\"c\":4}");

    CHECK_STR(write(&f, node, WR_JSON_COMPACT), "{\"a\":{\"x\":3},\"b\":2,\"c\":4}");
    CHECK_INT(node->count, 3);
}

TEST(a_document_that_is_too_deep_is_refused)
{
    wr_auto(fixture) fixture f = fixture_new();
    char text[2 * (WR_NODE_DEPTH + 1)];
    memset(text, '[', WR_NODE_DEPTH + 1);
    memset(text + WR_NODE_DEPTH + 1, ']', WR_NODE_DEPTH + 1);
    wr_node *node = NULL;

    CHECK_INT(wr_node_parse(&f.cx, &f.arena, (weir_str){ text, sizeof(text) }, &node), WEIR_LIMIT);

    CHECK(node == NULL);
    CHECK_OK(wr_node_parse(&f.cx, &f.arena, (weir_str){ text + 1, sizeof(text) - 2 }, &node));
}

TEST(a_document_with_something_behind_is_refused)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_node *node = NULL;

    CHECK_INT(wr_node_parse(&f.cx, &f.arena, wr_lit("{} x"), &node), WEIR_PARSE);

    CHECK(node == NULL);
    CHECK_STR(weir_error_message(&f.cx),
              "invalid JSON at byte 3: unexpected content after document");
}

TEST(members_are_looked_up_by_name)
{
    wr_auto(fixture) fixture f = fixture_new();
    const wr_node *node = parse(&f, "{\"t\":\"x\",\"i\":-7,\"b\":true,\"f\":1.5,\"n\":null}");

    CHECK_TEXT(wr_node_get_text(node, "t"), "x");
    CHECK_TEXT(wr_node_get_text(node, "i"), "");
    CHECK_INT(wr_node_get_int(node, "i", 0), -7);
    CHECK_INT(wr_node_get_int(node, "f", 3), 3);
    CHECK(wr_node_get_bool(node, "b", false));
    CHECK(wr_node_get_bool(node, "n", true));
    CHECK(wr_node_get(node, "missing") == NULL);
    CHECK(wr_node_get(NULL, "t") == NULL);
    CHECK(wr_node_get(wr_node_get(node, "t"), "t") == NULL);
}

TEST(a_member_is_replaced_where_it_stands)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_node *node = parse(&f, "{\"a\":1,\"b\":2,\"c\":3}");

    wr_node_set(&f.arena, node, wr_lit("b"), wr_node_text(&f.arena, wr_lit("x")));
    wr_node_set(&f.arena, node, wr_lit("c"), wr_node_bool(&f.arena, false));
    wr_node_set(&f.arena, node, wr_lit("d"), wr_node_int(&f.arena, INT64_MIN));

    CHECK_STR(write(&f, node, WR_JSON_COMPACT),
              "{\"a\":1,\"b\":\"x\",\"c\":false,\"d\":-9223372036854775808}");
    CHECK_INT(node->count, 4);
}

TEST(members_are_removed_from_front_middle_and_end)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_node *node = parse(&f, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}");

    wr_node_remove(node, wr_lit("c"));
    wr_node_remove(node, wr_lit("a"));
    wr_node_remove(node, wr_lit("d"));
    wr_node_remove(node, wr_lit("missing"));
    wr_node_set(&f.arena, node, wr_lit("e"), wr_node_int(&f.arena, 5));

    CHECK_STR(write(&f, node, WR_JSON_COMPACT), "{\"b\":2,\"e\":5}");
    CHECK_INT(node->count, 2);
}

TEST(elements_are_put_at_both_ends)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_node *array = wr_node_new(&f.arena, WR_NODE_ARRAY);

    wr_node_prepend(array, wr_node_int(&f.arena, 2));
    wr_node_append(array, wr_node_int(&f.arena, 3));
    wr_node_prepend(array, wr_node_int(&f.arena, 1));

    CHECK_STR(write(&f, array, WR_JSON_COMPACT), "[1,2,3]");
}

TEST(a_child_object_is_made_when_it_is_missing)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_node *node = parse(&f, "{\"a\":{\"k\":1},\"b\":2}");

    wr_node_set(&f.arena, wr_node_child(&f.arena, node, wr_lit("a")), wr_lit("l"),
                wr_node_int(&f.arena, 2));
    wr_node_child(&f.arena, node, wr_lit("b"));
    wr_node_child(&f.arena, node, wr_lit("c"));

    CHECK_STR(write(&f, node, WR_JSON_COMPACT), "{\"a\":{\"k\":1,\"l\":2},\"b\":{},\"c\":{}}");
}

TEST(a_copy_lives_on_its_own)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_arena other = { 0 };
    wr_node *node = NULL;
    CHECK_OK(wr_node_parse(&f.cx, &other, wr_lit("{\"a\":{\"b\":[\"x\",1.50]}}"), &node));

    const wr_node *copy = wr_node_copy(&f.arena, node);
    wr_arena_done(&other);

    CHECK_STR(write(&f, copy, WR_JSON_COMPACT), "{\"a\":{\"b\":[\"x\",1.50]}}");
}

TEST(documents_are_equal_whatever_the_order_of_members)
{
    wr_auto(fixture) fixture f = fixture_new();
    const wr_node *node = parse(&f, "{\"a\":[1,2],\"b\":{\"c\":null}}");

    CHECK(wr_node_equal(node, parse(&f, "{\"b\":{\"c\":null},\"a\":[1,2]}")));
    CHECK(!wr_node_equal(node, parse(&f, "{\"b\":{\"c\":null},\"a\":[2,1]}")));
    CHECK(!wr_node_equal(node, parse(&f, "{\"b\":{\"d\":null},\"a\":[1,2]}")));
    CHECK(!wr_node_equal(node, parse(&f, "{\"a\":[1,2]}")));
    CHECK(!wr_node_equal(parse(&f, "1"), parse(&f, "1.0")));
}
