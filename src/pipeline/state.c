/* States: reading, changing, hashing, the row that is loaded. */
#include "pipeline/state.h"

#include "base/compress.h"
#include "base/ctx.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/str.h"
#include "schema/coerce.h"

/* Members that are not content: they do not count in the hash. */
static const char *const NOT_HASHED[] = { "_local", "_state_version", "_state_engine_version",
                                          "_version_hash" };

wr_node *wr_state_new(wr_arena *arena)
{
    wr_node *ret = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, ret, wr_lit("_state_version"), wr_node_int(arena, 0));
    wr_node_set(arena, ret, wr_lit("_state_engine_version"), wr_node_int(arena, WR_STATE_ENGINE));
    return ret;
}

weir_status wr_state_read(weir_ctx *cx, wr_arena *arena, weir_str json, wr_node **ret)
{
    wr_node *state = NULL;
    weir_status status = wr_node_parse(cx, arena, json, &state);
    if (status == WEIR_OK && state->kind != WR_NODE_OBJECT)
        status = weir_fail(cx, WEIR_PARSE, "it is no object");
    if (status != WEIR_OK)
        return wr_context(cx, status, "reading the pipeline's state");
    const int64_t engine = wr_node_get_int(state, "_state_engine_version", 0);
    if (engine != WR_STATE_ENGINE)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "the pipeline's state has engine version %lld, this weir knows %d\n"
                         "hint: run the pipeline once with a current dlt, or update weir",
                         (long long)engine, WR_STATE_ENGINE);
    *ret = state;
    return WEIR_OK;
}

static void set_text(wr_arena *arena, wr_node *state, const char *key, weir_str text)
{
    wr_node *value = text.len ? wr_node_text(arena, text) : wr_node_new(arena, WR_NODE_NULL);
    wr_node_set(arena, state, weir_str_of(key), value);
}

/* Schema names are kept sorted. */
static void add_schema_name(wr_arena *arena, wr_node *state, weir_str name)
{
    const wr_node *old = wr_node_get(state, "schema_names");
    wr_node *names = wr_node_new(arena, WR_NODE_ARRAY);
    bool placed = false;
    for (const wr_node *item = old ? old->first : NULL; item; item = item->next) {
        const int order = wr_str_cmp(item->text, name);
        if (order >= 0 && !placed) {
            wr_node_append(names, wr_node_text(arena, name));
            placed = true;
        }
        if (order != 0)
            wr_node_append(names, wr_node_text(arena, item->text));
    }
    if (!placed)
        wr_node_append(names, wr_node_text(arena, name));
    wr_node_set(arena, state, wr_lit("schema_names"), names);
}

void wr_state_set_owner(wr_arena *arena, wr_node *state, const wr_state_owner *owner)
{
    set_text(arena, state, "pipeline_name", owner->pipeline);
    if (!wr_node_get_text(state, "default_schema_name").len)
        set_text(arena, state, "default_schema_name", owner->schema);
    set_text(arena, state, "dataset_name", owner->dataset);
    add_schema_name(arena, state, owner->schema);
    set_text(arena, state, "destination_type", owner->destination_type);
    set_text(arena, state, "destination_name", owner->destination_name);
}

/* ---- what resources keep ---- */

static wr_node *member(wr_arena *arena, wr_node *object, weir_str key, bool make)
{
    wr_node *found = wr_node_get_str(object, key);
    if (found || !make || !object)
        return found;
    found = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, object, key, found);
    return found;
}

wr_node *wr_state_resource(wr_arena *arena, wr_node *state, weir_str schema, weir_str resource,
                           bool make)
{
    wr_node *at = member(arena, state, wr_lit("sources"), make);
    at = member(arena, at, schema, make);
    at = member(arena, at, wr_lit("resources"), make);
    return member(arena, at, resource, make);
}

wr_node *wr_state_source(wr_arena *arena, wr_node *state, weir_str schema)
{
    return member(arena, member(arena, state, wr_lit("sources"), true), schema, false);
}

void wr_state_reset_resource(wr_arena *arena, wr_node *state, weir_str schema, weir_str resource)
{
    wr_node *sources = member(arena, state, wr_lit("sources"), true);
    wr_node *resources = wr_node_get(member(arena, sources, schema, true), "resources");
    if (resources)
        wr_node_remove(resources, resource);
}

weir_value wr_state_value(wr_arena *arena, const wr_node *node)
{
    wr_buf out = wr_buf_max(WR_STATE_MAX);
    weir_value ret = { 0 };
    int64_t whole = 0;
    double number = 0;
    if (!node)
        return ret;
    switch (node->kind) {
    case WR_NODE_NULL: return weir_null();
    case WR_NODE_TRUE:
    case WR_NODE_FALSE: return weir_bool(node->kind == WR_NODE_TRUE);
    case WR_NODE_NUMBER:
        if (wr_int_parse(node->text, &whole))
            return weir_int(whole);
        return wr_double_parse(node->text, &number) ? weir_float(number) : weir_null();
    case WR_NODE_TEXT:
        if (!wr_typed_decode(node->text, &out, &ret))
            ret = weir_text(node->text);
        break;
    default: wr_node_write(&out, node, WR_JSON_COMPACT); ret = weir_json_text(wr_buf_view(&out));
    }
    if (ret.kind == WEIR_TEXT || ret.kind == WEIR_DECIMAL || ret.kind == WEIR_BYTES ||
        ret.kind == WEIR_JSON)
        ret.as.s = wr_arena_str(arena, ret.as.s);
    wr_buf_done(&out);
    return ret;
}

weir_status wr_state_put(weir_ctx *cx, wr_arena *arena, wr_node *resource, weir_str key,
                         weir_value value)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_STATE_MAX);
    wr_typed_encode(&out, value);
    WEIR_TRY(wr_buf_check(cx, &out, "a value of the state"));
    wr_node *node = NULL;
    WEIR_TRY(wr_node_parse(cx, arena, wr_arena_str(arena, wr_buf_view(&out)), &node));
    wr_node_set(arena, resource, key, node);
    return WEIR_OK;
}

/* ---- versions ---- */

/* The state without some members; shares their values. */
static void write_without(wr_buf *out, const wr_node *state, const char *const *keys, size_t count,
                          wr_json_form form)
{
    wr_arena arena = { 0 };
    wr_node *rest = wr_node_copy(&arena, state);
    for (size_t i = 0; i < count; i++)
        wr_node_remove(rest, weir_str_of(keys[i]));
    wr_node_write(out, rest, form);
    wr_arena_done(&arena);
}

weir_status wr_state_hash(weir_ctx *cx, const wr_node *state, char *ret)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_STATE_MAX);
    write_without(&out, state, NOT_HASHED, sizeof NOT_HASHED / sizeof *NOT_HASHED, WR_JSON_SORTED);
    WEIR_TRY(wr_buf_check(cx, &out, "the pipeline's state"));
    wr_digest256(ret, wr_buf_view(&out));
    return WEIR_OK;
}

weir_status wr_state_bump(weir_ctx *cx, wr_arena *arena, wr_node *state, bool *ret_changed)
{
    char hash[WR_DIGEST256_TEXT];
    WEIR_TRY(wr_state_hash(cx, state, hash));
    const weir_str text = weir_str_of(hash);
    *ret_changed = !wr_str_eq(wr_node_get_text(state, "_version_hash"), text);
    if (*ret_changed) {
        const int64_t version = wr_node_get_int(state, "_state_version", 0);
        wr_node_set(arena, state, wr_lit("_state_version"), wr_node_int(arena, version + 1));
        wr_node_set(arena, state, wr_lit("_version_hash"), wr_node_text(arena, text));
    }
    return WEIR_OK;
}

static void put_cell(wr_buf *out, const char *name, weir_value value)
{
    wr_buf_char(out, out->len && out->ptr[out->len - 1] != '\n' ? ',' : '{');
    wr_json_quote(out, weir_str_of(name));
    wr_buf_char(out, ':');
    wr_typed_encode(out, value);
}

weir_status wr_state_row(weir_ctx *cx, const wr_node *state, weir_str load_id, wr_buf *ret)
{
    wr_auto(buf) wr_buf json = wr_buf_max(WR_STATE_MAX);
    wr_auto(buf) wr_buf packed = wr_buf_max(WR_STATE_MAX);
    write_without(&json, state, NOT_HASHED, 1, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(cx, &json, "the pipeline's state"));
    WEIR_TRY(wr_deflate_base64(cx, &packed, wr_buf_view(&json)));

    put_cell(ret, "version", weir_int(wr_node_get_int(state, "_state_version", 0)));
    put_cell(ret, "engine_version", weir_int(WR_STATE_ENGINE));
    put_cell(ret, "pipeline_name", weir_text(wr_node_get_text(state, "pipeline_name")));
    put_cell(ret, "state", weir_text(wr_buf_view(&packed)));
    put_cell(ret, "created_at", weir_timestamp(wr_now(cx)));
    put_cell(ret, "version_hash", weir_text(wr_node_get_text(state, "_version_hash")));
    put_cell(ret, "_dlt_load_id", weir_text(load_id));
    wr_buf_cstr(ret, "}\n");
    return wr_buf_check(cx, ret, "the pipeline's state");
}
