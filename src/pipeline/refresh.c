/* Beginning anew: what goes is planned, then taken away in the transaction of the load. */
#include "pipeline/refresh.h"

#include "base/ctx.h"
#include "base/str.h"
#include "pipeline/state.h"

static const char *const MODES[] = {
    [WR_REFRESH_SOURCES] = "drop_sources",
    [WR_REFRESH_RESOURCES] = "drop_resources",
    [WR_REFRESH_DATA] = "drop_data",
};
#define MODE_COUNT (sizeof(MODES) / sizeof(*MODES))

weir_status wr_refresh_mode_read(weir_ctx *cx, weir_str text, wr_refresh_mode *ret)
{
    *ret = WR_REFRESH_NONE;
    if (text.len == 0)
        return WEIR_OK;
    for (size_t i = WR_REFRESH_SOURCES; i < MODE_COUNT; i++) {
        if (wr_str_eq(text, weir_str_of(MODES[i]))) {
            *ret = (wr_refresh_mode)i;
            return WEIR_OK;
        }
    }
    return weir_fail(cx, WEIR_CONFIG,
                     "there is no refresh mode '%.*s'\n"
                     "hint: one of: drop_sources, drop_resources, drop_data",
                     WR_STR(text));
}

/* ---- what is wished for ---- */

static wr_node *list_of(wr_arena *arena, const char *text)
{
    wr_node *list = wr_node_new(arena, WR_NODE_ARRAY);
    wr_node_append(list, wr_node_text(arena, weir_str_of(text)));
    return list;
}

wr_refresh_wish wr_refresh_wish_of(wr_arena *arena, wr_refresh_mode mode,
                                   const wr_resources *resources)
{
    if (mode == WR_REFRESH_SOURCES)
        return (wr_refresh_wish){
            .resources = list_of(arena, "re:.*"),
            .paths = list_of(arena, "*"),
            .fresh = true,
        };
    wr_node *names = wr_node_new(arena, WR_NODE_ARRAY);
    for (size_t i = 0; i < resources->len; i++) {
        const wr_resource *resource = &resources->ptr[i];
        wr_node_append(names, wr_node_text(arena, resource->name));
        if (resource->of_items)
            wr_node_append(names, wr_node_text(arena, wr_resource_items_name(arena, resource)));
    }
    return (wr_refresh_wish){ .resources = names, .keeps_schema = mode == WR_REFRESH_DATA };
}

/* ---- finding what goes ---- */

static void add_name(wr_arena *arena, wr_node *plan, const char *list, weir_str name)
{
    wr_node_append(wr_node_get(plan, list), wr_node_text(arena, name));
}

static bool has_name(const wr_node *plan, const char *list, weir_str name)
{
    const wr_node *names = wr_node_get(plan, list);
    for (const wr_node *item = names ? names->first : NULL; item; item = item->next)
        if (wr_str_eq(item->text, name))
            return true;
    return false;
}

/* Children come behind their parents in a schema. */
static void plan_tables(wr_arena *arena, const wr_refresh_wish *wish, const wr_schema *schema,
                        wr_node *plan)
{
    for (size_t i = schema->tables.len; i-- > 0;) {
        const wr_table *table = schema->tables.ptr[i];
        const weir_str name = table->pub.name;
        const weir_str resource = wr_schema_root(schema, table)->resource;
        if (wr_is_dlt_name(name) || !wr_regexes_match(wish->resources, resource))
            continue;
        if (!has_name(plan, "resources", resource))
            add_name(arena, plan, "resources", resource);
        if (!wish->keeps_schema)
            add_name(arena, plan, "forget", name);
        if (table->seen_data)
            add_name(arena, plan, wish->keeps_schema ? "empty" : "drop", name);
    }
}

static void plan_states(wr_arena *arena, const wr_refresh_wish *wish, wr_node *source,
                        wr_node *plan)
{
    wr_node *resources = wr_node_get(source, "resources");
    const wr_node *next = NULL;
    for (const wr_node *item = resources ? resources->first : NULL; item; item = next) {
        next = item->next;
        if (!wr_regexes_match(wish->resources, item->key))
            continue;
        add_name(arena, plan, "states", item->key);
        wr_node_remove(resources, item->key);
    }
}

/* ---- paths into the state ---- */

typedef struct path_walk {
    wr_arena *arena;
    wr_node *plan;
    weir_str source; /* its name */
} path_walk;

/* Remove what the rest of a path leads to. The resources as a whole stay. */
static void remove_path(const path_walk *w, wr_node *object, weir_str rest, weir_str above)
{
    weir_str step;
    (void)wr_str_split(&rest, '.', &step); /* never empty */
    const bool any = wr_str_eq(step, wr_lit("*"));
    const bool top = wr_str_eq(above, w->source);
    wr_node *next = NULL;
    for (wr_node *item = object->first; item; item = next) {
        next = item->next;
        if (!any && !wr_str_eq(item->key, step))
            continue;
        const weir_str place =
            wr_arena_printf(w->arena, "%.*s.%.*s", WR_STR(above), WR_STR(item->key));
        if (rest.len > 0 && item->kind == WR_NODE_OBJECT) {
            remove_path(w, item, rest, place);
        } else if (rest.len == 0 && !(top && wr_str_eq(item->key, wr_lit("resources")))) {
            add_name(w->arena, w->plan, "paths", place);
            wr_node_remove(object, item->key);
        }
    }
}

static weir_status check_path(weir_ctx *cx, weir_str path)
{
    for (size_t i = 0; i < path.len; i++)
        if (strchr("[]()?'\"", path.ptr[i]) ||
            (path.ptr[i] == '.' && (i == 0 || i + 1 == path.len || path.ptr[i - 1] == '.')))
            return weir_fail(
                cx, WEIR_UNSUPPORTED,
                "'%.*s' is no path that weir knows\n"
                "hint: names with points between them, as in resources.orders.incremental; '*' "
                "stands for any name",
                WR_STR(path));
    return WEIR_OK;
}

static weir_status plan_paths(weir_ctx *cx, wr_arena *arena, const wr_refresh_wish *wish,
                              weir_str name, wr_node *source, wr_node *plan)
{
    const path_walk walk = { arena, plan, name };
    for (const wr_node *path = wish->paths ? wish->paths->first : NULL; path; path = path->next) {
        weir_str text = path->text;
        if (wr_str_starts(text, wr_lit("$.")))
            text = (weir_str){ text.ptr + 2, text.len - 2 };
        WEIR_TRY(check_path(cx, text));
        if (source)
            remove_path(&walk, source, text, name);
    }
    return WEIR_OK;
}

weir_status wr_refresh_plan(weir_ctx *cx, wr_arena *arena, const wr_refresh_wish *wish,
                            const wr_schema *schema, wr_node *state, wr_node **ret)
{
    static const char *const LISTS[] = {
        "drop", "empty", "forget", "resources", "states", "paths"
    };
    wr_node *plan = wr_node_new(arena, WR_NODE_OBJECT);
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(*LISTS); i++)
        wr_node_set(arena, plan, weir_str_of(LISTS[i]), wr_node_new(arena, WR_NODE_ARRAY));
    if (!wish->keeps_tables)
        plan_tables(arena, wish, schema, plan);
    wr_node *source = wr_state_source(arena, state, schema->name);
    if (source)
        plan_states(arena, wish, source, plan);
    WEIR_TRY(plan_paths(cx, arena, wish, schema->name, source, plan));
    wr_node_set(arena, plan, wr_lit("fresh"), wr_node_bool(arena, wish->fresh));
    wr_node_set(arena, plan, wr_lit("store_state"),
                wr_node_bool(arena, wish->stores_state || wr_refresh_drops(plan)));
    *ret = plan;
    return WEIR_OK;
}

/* ---- taking away ---- */

static const wr_node *first_of(const wr_node *plan, const char *list)
{
    const wr_node *names = wr_node_get(plan, list);
    return names ? names->first : NULL;
}

bool wr_refresh_drops(const wr_node *plan)
{
    return first_of(plan, "drop") != NULL;
}

bool wr_refresh_takes(const wr_node *plan)
{
    return wr_refresh_drops(plan) || first_of(plan, "empty");
}

static bool stays(const void *self, const wr_table *table)
{
    return !has_name(self, "forget", table->pub.name);
}

wr_schema *wr_refresh_base(const wr_node *plan, const wr_schema *schema)
{
    if (!schema)
        return NULL;
    wr_schema *ret = wr_schema_clone(schema);
    if (wr_node_get_bool(plan, "fresh", false)) {
        ret->previous.len = 0;
        ret->version = 0; /* the next one is the first */
        wr_schema_set_imported_hash(ret, NULL);
    }
    wr_schema_keep_tables(ret, stays, plan);
    for (const wr_node *item = first_of(plan, "forget"); item; item = item->next)
        wr_schema_forget_root_key(ret, item->text);
    return ret;
}

static weir_status drop_tables(weir_ctx *cx, const wr_node *plan,
                               const weir_destination *destination, void *self,
                               const weir_load_job *job)
{
    wr_auto(arena) wr_arena arena = { 0 };
    size_t count = 0;
    for (const wr_node *item = first_of(plan, "drop"); item; item = item->next)
        count++;
    weir_str *names = wr_arena_new_array(&arena, count, weir_str);
    count = 0;
    for (const wr_node *item = first_of(plan, "drop"); item; item = item->next)
        names[count++] = item->text;
    return destination->drop(cx, self, job, names, count);
}

weir_status wr_refresh_apply(weir_ctx *cx, const wr_node *plan, const wr_schema *schema,
                             const weir_destination *destination, void *self,
                             const weir_load_job *job)
{
    if (wr_refresh_drops(plan))
        WEIR_TRY(drop_tables(cx, plan, destination, self, job));
    for (const wr_node *item = first_of(plan, "empty"); item; item = item->next) {
        const wr_table *table = schema ? wr_schema_table(schema, item->text) : NULL;
        if (table)
            WEIR_TRY(destination->empty(cx, self, &table->pub));
    }
    return WEIR_OK;
}
