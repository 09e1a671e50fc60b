/* Any bytes as TOML. What is refused is refused at a place; what is read has all its keys once, and comes back from
 * JSON as it was. */
#include "format/toml.h"

#include "base/ctx.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const wr_toml *value)
{
    size_t count = 0;
    wr_assert(value->place.line > 0 && value->place.column > 0);
    for (const wr_toml *child = value->first; child; child = child->next, count++) {
        wr_assert(child->depth == value->depth + 1);
        wr_assert(value->kind != WR_TOML_TABLE || wr_toml_get(value, child->key) == child);
        check_tree(child);
    }
    wr_assert(count == value->count);
}

static void check_json(weir_ctx *cx, wr_arena *arena, const wr_toml *root)
{
    wr_auto(buf) wr_buf out = wr_buf_max((size_t)64 << 20);
    const wr_node *node = wr_toml_to_node(arena, root);
    wr_node_write(&out, node, WR_JSON_COMPACT);
    wr_node *back;
    wr_assert(wr_node_parse(cx, arena, wr_buf_view(&out), &back) == WEIR_OK);
    wr_assert(wr_node_equal(node, back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    const wr_toml *root;
    if (wr_toml_parse(&cx, &arena, "it.toml", (weir_str){ (const char *)data, size }, &root) ==
        WEIR_OK) {
        check_tree(root);
        check_json(&cx, &arena, root);
    } else {
        wr_assert(wr_str_starts(weir_str_of(weir_error_message(&cx)), wr_lit("it.toml:")));
    }
    return 0;
}
