/* Reads resources: all that their definitions say becomes one document of hints. */
#include "pipeline/resource.h"

#include <weir/input.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "schema/hints.h"

const char *const wr_resource_hints[] = {
    "table_name",
    "parent_table_name",
    "write_disposition",
    "columns",
    "primary_key",
    "merge_key",
    "schema_contract",
    "table_format",
    "file_format",
    "references",
    "incremental",
    "max_table_nesting",
    "nested_hints",
    "additional_table_hints",
    NULL,
};

const char *const wr_incremental_arguments[] = {
    "cursor_path", "initial_value", "last_value_func",           "primary_key",
    "end_value",   "row_order",     "on_cursor_value_missing",   "lag",
    "range_start", "range_end",     "allow_external_schedulers", NULL,
};

/* ---- incremental ---- */

/* The number of a word; `words` ends with NULL. */
static weir_status read_word(weir_ctx *cx, const wr_node *given, const char *key,
                             const char *const *words, int *ret)
{
    const wr_node *node = wr_node_get(given, key);
    if (!wr_node_is_given(node))
        return WEIR_OK;
    for (int i = 0; words[i]; i++) {
        if (node->kind == WR_NODE_TEXT && wr_str_eq(node->text, weir_str_of(words[i]))) {
            *ret = i;
            return WEIR_OK;
        }
    }
    wr_auto(buf) wr_buf names = wr_buf_max(256);
    for (size_t i = 0; words[i]; i++)
        wr_buf_printf(&names, "%s%s", i ? ", " : "", words[i]);
    return weir_fail(cx, WEIR_CONFIG, "'%s' of the incremental is '%.*s'\nhint: it is one of %s",
                     key, WR_STR(node->text), wr_buf_text(&names));
}

static weir_status read_words(weir_ctx *cx, const wr_node *given, wr_incremental_settings *ret)
{
    static const char *const FUNCS[] = { "max", "min", NULL };
    static const char *const MISSING[] = { "raise", "include", "exclude", NULL };
    static const char *const ORDERS[] = { "", "asc", "desc", NULL };
    static const char *const RANGES[] = { "closed", "open", NULL };
    int func = WR_CURSOR_MAX;
    int missing = WR_MISSING_RAISE;
    int order = WR_ROW_ORDER_NONE;
    int start = 0; /* closed */
    int end = 1;   /* open */
    WEIR_TRY(read_word(cx, given, "last_value_func", FUNCS, &func));
    WEIR_TRY(read_word(cx, given, "on_cursor_value_missing", MISSING, &missing));
    WEIR_TRY(read_word(cx, given, "row_order", ORDERS, &order));
    WEIR_TRY(read_word(cx, given, "range_start", RANGES, &start));
    WEIR_TRY(read_word(cx, given, "range_end", RANGES, &end));
    ret->last_value_func = (wr_cursor_func)func;
    ret->on_cursor_value_missing = (wr_cursor_missing)missing;
    ret->row_order = (wr_row_order)order;
    ret->range_start_open = start == 1;
    ret->range_end_closed = end == 0;
    return WEIR_OK;
}

/* A name, or a list of names; an empty one says that there is no key. */
static weir_status read_key(weir_ctx *cx, wr_arena *arena, const wr_node *given, wr_dedup_key *ret)
{
    if (!wr_node_is_given(given))
        return WEIR_OK;
    const bool is_list = given->kind == WR_NODE_ARRAY;
    if (!is_list && given->kind != WR_NODE_TEXT)
        return weir_fail(cx, WEIR_CONFIG, "a primary key is a name or a list of names");
    weir_str *names = wr_arena_new_array(arena, given->count + 1, weir_str);
    size_t count = 0;
    if (!is_list && given->text.len)
        names[count++] = given->text;
    for (const wr_node *name = given->first; name; name = name->next)
        names[count++] = name->text;
    *ret = (wr_dedup_key){ names, count, is_list || count == 0 };
    return WEIR_OK;
}

static weir_status read_lag(weir_ctx *cx, const wr_node *given, double *ret)
{
    const wr_node *lag = wr_node_get(given, "lag");
    if (!wr_node_is_given(lag))
        return WEIR_OK;
    if (lag->kind != WR_NODE_NUMBER || !wr_double_parse(lag->text, ret))
        return weir_fail(cx, WEIR_CONFIG, "'lag' of the incremental is no number");
    return WEIR_OK;
}

/* `key`: the resource's primary key, which counts unless the incremental has one of its own. */
static weir_status read_incremental(weir_ctx *cx, wr_arena *arena, const wr_node *given,
                                    const wr_node *key, const wr_incremental_settings **ret)
{
    if (given->kind != WR_NODE_OBJECT || !wr_node_get_text(given, "cursor_path").len)
        return weir_fail(cx, WEIR_CONFIG,
                         "an incremental has no 'cursor_path'\n"
                         "hint: as in incremental = { cursor_path = \"updated_at\" }");
    WEIR_TRY(wr_node_check_keys(cx, given, "the incremental", wr_incremental_arguments));
    if (wr_node_get_bool(given, "allow_external_schedulers", false))
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "'allow_external_schedulers' of an incremental is not built yet");
    wr_incremental_settings *settings = wr_arena_new(arena, wr_incremental_settings);
    *settings = (wr_incremental_settings){
        .cursor_path = wr_node_get_text(given, "cursor_path"),
        .initial_value = wr_node_get(given, "initial_value"),
        .end_value = wr_node_get(given, "end_value"),
    };
    WEIR_TRY(read_words(cx, given, settings));
    WEIR_TRY(read_lag(cx, given, &settings->lag));
    const wr_node *own = wr_node_get(given, "primary_key");
    WEIR_TRY(read_key(cx, arena, wr_node_is_given(own) ? own : key, &settings->primary_key));
    *ret = settings;
    return WEIR_OK;
}

/* Files are told apart by their URLs. */
static weir_status read_of_items(weir_ctx *cx, wr_arena *arena, wr_resource *resource)
{
    const char *text = resource->def->item_incremental;
    wr_node *given = NULL;
    if (!text)
        return WEIR_OK;
    WEIR_TRY(wr_node_parse(cx, arena, weir_str_of(text), &given));
    return read_incremental(cx, arena, given, wr_node_text(arena, wr_lit("file_url")),
                            &resource->of_items);
}

/* ---- hints ---- */

static void set_unless_given(wr_arena *arena, wr_node *hints, const char *key, wr_node *value)
{
    if (!wr_node_is_given(wr_node_get(hints, key)))
        wr_node_set(arena, hints, weir_str_of(key), value);
}

/* Names separated by commas: one alone is a name, several are a list. */
static wr_node *key_node(wr_arena *arena, const char *text)
{
    wr_node *list = wr_node_new(arena, WR_NODE_ARRAY);
    weir_str rest = weir_str_of(text);
    weir_str name;
    while (wr_str_split(&rest, ',', &name))
        wr_node_append(list, wr_node_text(arena, wr_str_trim(name)));
    return list->count == 1 ? list->first : list;
}

static wr_node *write_node(wr_arena *arena, const weir_resource *def)
{
    static const char *const WRITES[] = {
        [WEIR_APPEND] = "append", [WEIR_REPLACE] = "replace", [WEIR_MERGE] = "merge"
    };
    wr_node *write = wr_node_text(arena, weir_str_of(WRITES[def->write]));
    if (!def->merge_strategy)
        return write;
    wr_node *options = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, options, wr_lit("disposition"), write);
    wr_node_set(arena, options, wr_lit("strategy"),
                wr_node_text(arena, weir_str_of(def->merge_strategy)));
    return options;
}

/* What the definition says in words of C, as hints. */
static void add_own_words(wr_arena *arena, const weir_resource *def, wr_node *hints)
{
    set_unless_given(arena, hints, "write_disposition", write_node(arena, def));
    if (def->primary_key)
        set_unless_given(arena, hints, "primary_key", key_node(arena, def->primary_key));
    if (def->merge_key)
        set_unless_given(arena, hints, "merge_key", key_node(arena, def->merge_key));
    if (def->table)
        set_unless_given(arena, hints, "table_name", wr_node_text(arena, weir_str_of(def->table)));
    if (def->max_table_nesting)
        set_unless_given(
            arena, hints, "max_table_nesting",
            wr_node_int(arena, def->max_table_nesting > 0 ? def->max_table_nesting : 0));
}

static weir_str disposition_of(const wr_node *hints)
{
    const wr_node *given = wr_node_get(hints, "write_disposition");
    return given->kind == WR_NODE_OBJECT ? wr_node_get_text(given, "disposition") : given->text;
}

static weir_status read_hints(weir_ctx *cx, wr_arena *arena, wr_resource *resource)
{
    const weir_resource *def = resource->def;
    wr_node *hints = wr_node_new(arena, WR_NODE_OBJECT);
    if (def->hints)
        WEIR_TRY(wr_node_parse(cx, arena, weir_str_of(def->hints), &hints));
    if (hints->kind != WR_NODE_OBJECT)
        return weir_fail(cx, WEIR_CONFIG, "hints are a JSON object");
    WEIR_TRY(wr_node_check_keys(cx, hints, "it", wr_resource_hints));
    add_own_words(arena, def, hints);
    resource->hints = hints;
    resource->replaces = wr_str_eq(disposition_of(hints), wr_lit("replace"));
    const wr_node *incremental = wr_node_get(hints, "incremental");
    if (wr_node_is_given(incremental))
        WEIR_TRY(read_incremental(cx, arena, incremental, wr_node_get(hints, "primary_key"),
                                  &resource->incremental));
    WEIR_TRY(read_of_items(cx, arena, resource));

    wr_node *table = NULL; /* only tried */
    return wr_hints_table(cx, arena, &(wr_hints){ resource->name, hints }, &table);
}

static weir_status read_resource(weir_ctx *cx, wr_arena *arena, const weir_resource *def,
                                 wr_resource *ret)
{
    if (def->parent ? !def->each : !def->run && !def->input)
        return weir_fail(cx, WEIR_INVALID, "it has no function");
    *ret = (wr_resource){
        .def = def,
        .name = weir_str_of(def->name),
        .table_field = weir_str_of(def->table_field),
    };
    return read_hints(cx, arena, ret);
}

static weir_status check_name(weir_ctx *cx, const weir_resource *list, size_t i)
{
    if (!list[i].name || !*list[i].name)
        return weir_fail(cx, WEIR_INVALID, "resource number %zu has no name", i + 1);
    for (size_t k = 0; k < i; k++)
        if (strcmp(list[k].name, list[i].name) == 0)
            return weir_fail(cx, WEIR_INVALID,
                             "two resources are called '%s'\nhint: names of resources are their "
                             "tables and the keys of their state; give one of them another",
                             list[i].name);
    return WEIR_OK;
}

/* The parent of a resource stands in front of it: nobody can depend on himself. */
static weir_status check_parent(weir_ctx *cx, const weir_resource *list, size_t i)
{
    for (size_t k = 0; list[i].parent && k < i; k++)
        if (strcmp(list[k].name, list[i].parent) == 0)
            return list[k].input ? weir_fail(cx, WEIR_UNSUPPORTED,
                                             "resource '%s' cannot depend on an input, '%s'",
                                             list[i].name, list[i].parent)
                                 : WEIR_OK;
    return list[i].parent ? weir_fail(cx, WEIR_INVALID,
                                      "resource '%s' depends on '%s', which is not there\n"
                                      "hint: it stands in front of it in the list",
                                      list[i].name, list[i].parent)
                          : WEIR_OK;
}

weir_status wr_resources_read(weir_ctx *cx, wr_arena *arena, const weir_resource *list,
                              wr_resources *ret)
{
    size_t count = 0;
    for (; list[count].name || list[count].run || list[count].input; count++) {
        WEIR_TRY(check_name(cx, list, count));
        WEIR_TRY(check_parent(cx, list, count));
    }
    wr_resource *read = wr_arena_new_array(arena, count + 1, wr_resource);
    for (size_t i = 0; i < count; i++) {
        const weir_status status = read_resource(cx, arena, &list[i], &read[i]);
        if (status != WEIR_OK)
            return wr_context(cx, status, "resource '%s'", list[i].name);
    }
    *ret = (wr_resources){ read, count };
    return WEIR_OK;
}

bool wr_resource_looks(const wr_resource *resource)
{
    return resource->incremental || resource->table_field.len > 0;
}

weir_str wr_resource_items_name(wr_arena *arena, const wr_resource *resource)
{
    return wr_arena_printf(arena, "%s_%s", resource->def->input->name, resource->def->name);
}
