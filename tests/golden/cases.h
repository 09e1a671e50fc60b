/* What the runners of golden vectors share: reading a file, typed values (`$t`), and counting. A
 * case that weir decides otherwise on purpose belongs to a rule with a name; it is counted and
 * printed, never passed over. */
#ifndef WR_GOLDEN_CASES_H
#define WR_GOLDEN_CASES_H

#include <weir/value.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "format/json.h"

#define GOLDEN_RULES_MAX 8

/* Where weir differs from the reference, and what says so. */
typedef struct golden_rule {
    const char *name; /* "ENG 7", "weir/value.h" */
    const char *why;
} golden_rule;

typedef struct golden {
    weir_ctx cx;
    wr_arena arena;
    const char *file;
    const wr_node *root; /* of the file */
    const wr_node
        *cases; /* an array; NULL when the file could not be read, which has failed the test */
    const golden_rule *rules;
    int ran;
    int failed;
    int decided[GOLDEN_RULES_MAX];
} golden;

/* Open `file` of tests/golden/vectors. `rules` may be NULL. */
void golden_open(golden *g, const char *file, const golden_rule *rules);
/* Count a case that gave what it should. */
void golden_pass(golden *g);
/* Count a case that rule number `rule` decides. */
void golden_decide(golden *g, size_t rule);
/* Count and print a case that failed. */
void golden_fail(golden *g, const wr_node *test, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Pass or fail by a condition. */
void golden_check(golden *g, const wr_node *test, bool passed, weir_str actual);
/* Tell the harness, print what was decided otherwise, release. */
void golden_close(golden *g);

/* "$t" of a typed value; empty for plain JSON. */
weir_str golden_type(const wr_node *node);
/* The value of weir that a vector shows, its text in `arena`. Integers beyond 64 bits and wei
 * are decimals, time zones are applied, enumerations are their value, containers are JSON in
 * which typed values are marked. False for what weir has no value for. */
bool golden_value(wr_arena *arena, const wr_node *node, weir_value *ret);
/* The plain JSON of a vector: compact, typed values as their texts. */
weir_str golden_json(wr_arena *arena, const wr_node *node);
/* The JSON that dlt writes while a run lasts: typed values are marked, their texts as in the vector,
 * so that zones stay. */
weir_str golden_marked(wr_arena *arena, const wr_node *node);
/* Same kind and content; NaN is the same as NaN. */
bool golden_same(weir_value a, weir_value b);
/* For messages. */
weir_str golden_show(wr_arena *arena, weir_value value);

#endif
