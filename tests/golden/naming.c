/* Naming conventions against dlt: naming.json and naming_shortening.json. */
#include "schema/naming.h"

#include "cases.h"

#include "base/number.h"
#include "base/str.h"
#include "harness/test.h"

#define PARTS_MAX 32

enum { EMPTY_PATH, EMPTY_NAME };

static const golden_rule rules[] = {
    [EMPTY_PATH] = { "ENG 4", "a path of separators only is named '_empty'" },
    [EMPTY_NAME] = { "ENG 5", "sql_* names of which nothing is left are an error" },
};

/* One case: what an operation gave. */
typedef struct attempt {
    golden *g;
    const wr_node *test;
    wr_naming naming;
    size_t max;
    weir_str in;
    weir_str parts[PARTS_MAX]; /* when the input is a list, or the output */
    size_t count;
    weir_str out;
} attempt;

typedef weir_status operation(attempt *a);

static weir_status identifier(attempt *a)
{
    return wr_name_identifier(&a->g->cx, &a->naming, &a->g->arena, a->in, &a->out);
}

static weir_status table_identifier(attempt *a)
{
    return wr_name_table_identifier(&a->g->cx, &a->naming, &a->g->arena, a->in, &a->out);
}

static weir_status path(attempt *a)
{
    return wr_name_path(&a->g->cx, &a->naming, &a->g->arena, a->in, &a->out);
}

static weir_status break_path(attempt *a)
{
    a->count = wr_name_break(&a->naming, a->in, a->parts, PARTS_MAX);
    return WEIR_OK;
}

static weir_status make_path(attempt *a)
{
    a->out = wr_name_make(&a->naming, &a->g->arena, a->parts, a->count);
    return WEIR_OK;
}

static weir_status fragments(attempt *a)
{
    return wr_name_join(&a->g->cx, &a->naming, &a->g->arena, a->parts, a->count, &a->out);
}

static weir_status tag(attempt *a)
{
    char text[6];
    wr_name_tag(text, a->in);
    a->out = wr_arena_str(&a->g->arena, (weir_str){ text, sizeof(text) });
    return WEIR_OK;
}

static weir_status trim_and_tag(attempt *a)
{
    return wr_name_trim_and_tag(&a->g->cx, &a->g->arena, a->in, wr_node_get_text(a->test, "tag"),
                                a->max, &a->out);
}

static weir_status shorten(attempt *a)
{
    return wr_name_shorten(&a->g->cx, &a->g->arena, a->in, wr_node_get_text(a->test, "raw"), a->max,
                           &a->out);
}

static const struct {
    const char *op;
    operation *run;
} operations[] = {
    { "normalize_identifier", identifier },
    { "normalize_table_identifier", table_identifier },
    { "normalize_path", path },
    { "break_path", break_path },
    { "make_path", make_path },
    { "shorten_fragments", fragments },
    { "tag", tag },
    { "trim_and_tag", trim_and_tag },
    { "shorten_identifier", shorten },
};

static weir_status run(attempt *a)
{
    const weir_str op = wr_node_get_text(a->test, "op");
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (wr_str_eq(op, weir_str_of(operations[i].op)))
            return operations[i].run(a);
    }
    return weir_fail(&a->g->cx, WEIR_UNSUPPORTED, "unknown operation '%.*s'", WR_STR(op));
}

static weir_status prepare(attempt *a)
{
    const wr_node *in = wr_node_get(a->test, "in");
    const weir_str convention = wr_node_get_text(a->test, "convention");
    a->in = in->text;
    a->max = (size_t)wr_node_get_int(a->test, "max_length", 0);
    for (const wr_node *part = in->first; part && a->count < PARTS_MAX; part = part->next)
        a->parts[a->count++] = part->text;
    return convention.len > 0 ? wr_naming_find(&a->g->cx, convention, a->max, &a->naming) : WEIR_OK;
}

static bool same_parts(const attempt *a, const wr_node *out)
{
    size_t i = 0;
    for (const wr_node *part = out->first; part; part = part->next, i++) {
        if (i == a->count || !wr_str_eq(part->text, a->parts[i]))
            return false;
    }
    return i == a->count;
}

/* What was decided otherwise shows in the reference as an empty name. */
static bool decided(attempt *a, weir_status status, const wr_node *out)
{
    const weir_str op = wr_node_get_text(a->test, "op");
    if (!out || out->kind != WR_NODE_TEXT || out->text.len > 0)
        return false;
    if (status == WEIR_OK && wr_str_eq(op, wr_lit("normalize_path")) &&
        wr_str_eq(a->out, wr_lit("_empty")))
        golden_decide(a->g, EMPTY_PATH);
    else if (status == WEIR_INVALID && strncmp(wr_naming_name(&a->naming), "sql_", 4) == 0)
        golden_decide(a->g, EMPTY_NAME);
    else
        return false;
    return true;
}

static void check(golden *g, const wr_node *test)
{
    attempt a = { .g = g, .test = test };
    weir_status status = prepare(&a);
    if (status == WEIR_OK)
        status = run(&a);

    const wr_node *out = wr_node_get(test, "out");
    if (decided(&a, status, out))
        return;
    if (status != WEIR_OK && out)
        golden_fail(g, test, "%s", weir_error_message(&g->cx));
    else if (!out)
        golden_check(g, test, status == WEIR_INVALID, a.out);
    else if (out->kind == WR_NODE_ARRAY)
        golden_check(g, test, same_parts(&a, out), wr_lit("other parts"));
    else
        golden_check(g, test, wr_str_eq(a.out, out->text), a.out);
}

static void run_file(const char *file)
{
    golden g;
    golden_open(&g, file, rules);
    for (const wr_node *test = g.cases ? g.cases->first : NULL; test; test = test->next)
        check(&g, test);
    golden_close(&g);
}

TEST(golden_names_are_those_of_dlt)
{
    run_file("naming.json");
}

TEST(golden_names_are_shortened_as_in_dlt)
{
    run_file("naming_shortening.json");
}
