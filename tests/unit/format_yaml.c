/* Tests of format/yaml.h: what a document gives, and what is refused where. How it is written: golden/yaml_dump.c. */
#include "format/yaml.h"

#include "base/ctx.h"
#include "base/str.h"
#include "harness/test.h"

#define JSON_MAX ((size_t)1 << 20)

/* The document as JSON, or the message and the hint. */
typedef struct answer {
    weir_ctx cx;
    wr_arena arena;
    weir_str text;
} answer;

static void wr_cleanup_answer(answer *a)
{
    wr_arena_done(&a->arena);
    wr_ctx_done(&a->cx);
}

static answer read(const char *yaml)
{
    answer a = { 0 };
    wr_auto(buf) wr_buf out = wr_buf_max(JSON_MAX);
    wr_ctx_init(&a.cx, NULL);
    wr_node *node = NULL;
    if (wr_yaml_read(&a.cx, &a.arena, "it.yaml", weir_str_of(yaml), &node) == WEIR_OK)
        wr_node_write(&out, node, WR_JSON_COMPACT);
    else
        wr_buf_printf(&out, "%s (%s)", weir_error_message(&a.cx), weir_error_hint(&a.cx));
    a.text = wr_arena_str(&a.arena, wr_buf_view(&out));
    return a;
}

#define CHECK_READ(yaml, expected)                                                                 \
    do {                                                                                           \
        wr_auto(answer) answer a = read(yaml);                                                     \
        CHECK_TEXT(a.text, expected);                                                              \
    } while (0)

TEST(members_and_elements_keep_their_order)
{
    CHECK_READ("b: 1\na:\n- x\n- {d: 2, c: [3]}\n", "{\"b\":1,\"a\":[\"x\",{\"d\":2,\"c\":[3]}]}");
    CHECK_READ("a: 1\nb: 2\na: 3\n", "{\"a\":3,\"b\":2}");
    CHECK_READ("", "null");
    CHECK_READ("# nothing\n", "null");
}

TEST(words_without_quotes_are_what_yaml_1_1_says)
{
    CHECK_READ("[yes, No, ON, true, ~, null, ]", "[true,false,true,true,null,null]");
    CHECK_READ("[y, n, none, yEs, 'yes', \"no\", !!str on]",
               "[\"y\",\"n\",\"none\",\"yEs\",\"yes\",\"no\",\"on\"]");
    CHECK_READ("a:", "{\"a\":null}");
    CHECK_READ("[12:30:61, 1.2.3, 1e5, 08, 0o17, 2020-1-1]",
               "[\"12:30:61\",\"1.2.3\",\"1e5\",\"08\",\"0o17\",\"2020-1-1\"]");
}

TEST(numbers_are_written_as_json)
{
    CHECK_READ("[0, -0, +12, 1_000, 0x1F, -0b101, 017, 0]", "[0,0,12,1000,31,-5,15,0]");
    CHECK_READ("[1.0, .5, -1., 1.5e+3, 1_0.2_5, 1.e-7]", "[1.0,0.5,-1.0,1500.0,10.25,1e-7]");
    CHECK_READ("[9223372036854775807]", "[9223372036854775807]");
}

TEST(anchors_and_merge_keys_are_resolved)
{
    CHECK_READ("a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}");
    CHECK_READ("a: &x {k: 1, l: 2}\nb: {m: 3, <<: *x, l: 4}\n",
               "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":1,\"l\":4,\"m\":3}}");
    CHECK_READ("- &x {k: 1}\n- &y {k: 2, l: 3}\n- <<: [*x, *y]\n",
               "[{\"k\":1},{\"k\":2,\"l\":3},{\"k\":1,\"l\":3}]");
    CHECK_READ("- &x {l: 1}\n- &y {k: 2}\n- <<: [*x, *y]\n",
               "[{\"l\":1},{\"k\":2},{\"k\":2,\"l\":1}]");
    CHECK_READ("'<<': 1\n", "{\"<<\":1}");
}

TEST(what_json_lacks_is_refused_with_a_hint_to_quote_it)
{
    CHECK_READ(
        "a: 2020-01-01\n",
        "it.yaml:1:4: this is a date or a time, not a text: '2020-01-01' (put it in quotes)");
    CHECK_READ("a:\n  b: .inf\n",
               "it.yaml:2:6: this is a number that JSON lacks: '.inf' (put it in quotes)");
    CHECK_READ("a: 1:30\n",
               "it.yaml:1:4: this is a number that JSON lacks: '1:30' (put it in quotes)");
    CHECK_READ("1: a\n",
               "it.yaml:1:1: this key is no text: '1' (keys are texts: put it in quotes)");
    CHECK_READ("? [a]\n: b\n",
               "it.yaml:1:3: this key is no text (keys are texts: put it in quotes)");
    CHECK_READ("a: 9223372036854775808\n",
               "it.yaml:1:4: this number is beyond 64 bits, or has no digits: "
               "'9223372036854775808' (put it in quotes to make it a text)");
    CHECK_READ("a: !!set {b}\n",
               "it.yaml:1:4: this has a tag that is not used here: 'tag:yaml.org,2002:set' (leave "
               "it out)");
}

TEST(what_is_no_yaml_is_refused_at_its_place)
{
    CHECK_READ("a: [1\nb: 2\n", "it.yaml:2:2: did not find expected ',' or ']' ()");
    CHECK_READ("a: 1\n  b: 2\n", "it.yaml:2:4: mapping values are not allowed in this context ()");
    CHECK_READ("a: b\nc: \x01\n", "it.yaml:2:4: control characters are not allowed ()");
    CHECK_READ("a: \xff\n", "it.yaml:1:4: invalid leading UTF-8 octet ()");
    CHECK_READ("a: *b\n", "it.yaml:1:4: there is no anchor 'b' ()");
    CHECK_READ("a: &b [*b]\n", "it.yaml:1:8: there is no anchor 'b' ()");
    CHECK_READ("<<: 1\n", "it.yaml:1:1: the value of '<<' is no mapping ()");
    CHECK_READ("a: 1\n---\nb: 2\n",
               "it.yaml:2:1: a second document begins (the file must hold one: "
               "remove the line '---')");
}

/* A list in a list in a list …, `count` of them. */
static const char *nested_lists(wr_arena *arena, size_t count)
{
    char *text = wr_arena_alloc(arena, 2 * count + 1);
    memset(text, '[', count);
    memset(text + count, ']', count);
    return text;
}

TEST(a_short_text_makes_no_huge_document)
{
    wr_auto(arena) wr_arena arena = { 0 };
    const weir_str bomb = wr_arena_printf(
        &arena, "a: &a [%s]\nb: &b [%s]\nc: &c [%s]\nd: &d [%s]\ne: &e [%s]\nf: [%s]\n",
        "x,x,x,x,x,x,x,x,x,x", "*a,*a,*a,*a,*a,*a,*a,*a,*a,*a", "*b,*b,*b,*b,*b,*b,*b,*b,*b,*b",
        "*c,*c,*c,*c,*c,*c,*c,*c,*c,*c", "*d,*d,*d,*d,*d,*d,*d,*d,*d,*d",
        "*e,*e,*e,*e,*e,*e,*e,*e,*e,*e");
    CHECK_READ(bomb.ptr, "it.yaml:6:8: the document has too many values ()");
    const char *deep = nested_lists(&arena, WR_NODE_DEPTH + 1);
    const char *deepest = nested_lists(&arena, WR_NODE_DEPTH);
    CHECK_READ(deep, "it.yaml:1:201: the document is too deep ()");
    CHECK_READ(deepest, deepest);
}
