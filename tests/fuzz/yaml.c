/* Any bytes as YAML. What is refused is refused at a place; what is read comes back from YAML, and from JSON, as it was. */
#include "format/yaml.h"

#include "base/ctx.h"
#include "base/str.h"

#define OUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(weir_ctx *cx, wr_arena *arena, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(OUT_MAX);
    wr_node *back;
    wr_node_write(&out, node, WR_JSON_COMPACT);
    wr_assert(!out.failed);
    wr_assert(wr_node_parse(cx, arena, wr_buf_view(&out), &back) == WEIR_OK);
    wr_assert(wr_node_equal(node, back));
}

/* A text with another line end than \n is written as dlt writes it, and PyYAML reads it back with \n or a space. */
static bool has_other_line_end(weir_str text)
{
    return memmem(text.ptr, text.len, "\xC2\x85", 2) ||
           memmem(text.ptr, text.len, "\xE2\x80\xA8", 3) ||
           memmem(text.ptr, text.len, "\xE2\x80\xA9", 3);
}

static void check_yaml(weir_ctx *cx, wr_arena *arena, const wr_node *node)
{
    wr_auto(buf) wr_buf out = wr_buf_max(OUT_MAX);
    wr_auto(buf) wr_buf again = wr_buf_max(OUT_MAX);
    wr_node *back;
    wr_yaml_write(&out, node);
    if (out.failed || out.len > WR_YAML_BYTES_MAX || has_other_line_end(wr_buf_view(&out)))
        return;
    wr_assert(wr_yaml_read(cx, arena, "out.yaml", wr_buf_view(&out), &back) == WEIR_OK);
    wr_assert(wr_node_equal(node, back));
    wr_yaml_write(&again, back);
    wr_assert(wr_str_eq(wr_buf_view(&out), wr_buf_view(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    wr_node *node = NULL;
    if (wr_yaml_read(&cx, &arena, "it.yaml", (weir_str){ (const char *)data, size }, &node) !=
        WEIR_OK) {
        wr_assert(wr_str_starts(weir_str_of(weir_error_message(&cx)), wr_lit("it.yaml:")));
        return 0;
    }
    check_json(&cx, &arena, node);
    if (node->kind == WR_NODE_OBJECT || node->kind == WR_NODE_ARRAY)
        check_yaml(&cx, &arena, node);
    return 0;
}
