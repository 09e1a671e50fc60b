/* Looking after a pipeline without its source: resources are taken away in a load that has no rows; local copies become
 * those of the destination.
 *
 *   look (read only) ──▶ plan ──▶ agree ──▶ drop: open for writing, plan again, load
 *                                           sync: give up what waits, write copies and a trace
 *
 * Until it is agreed to nothing is made, locked at the destination, or changed. */
#include "base/ctx.h"
#include "base/str.h"
#include "base/time.h"
#include "pipeline/execution.h"

static weir_status fail_unknown(const wr_run *r)
{
    return weir_fail(r->cx, WEIR_INVALID,
                     "the dataset '%s' of %s knows no %s of the pipeline '%.*s'\n"
                     "hint: say where it loads to with --destination and --dataset",
                     r->info.dataset, r->info.location, r->state ? "schema" : "state",
                     WR_STR(r->name));
}

static weir_status ask(wr_run *r)
{
    const wr_upkeep *upkeep = r->settings->upkeep;
    wr_packages packages = { 0 };
    if (r->home.dir >= 0)
        WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, false, &packages));
    const wr_upkeep_plan plan = {
        .where = &r->info,
        .schema = r->schema_name,
        .state_version = wr_node_get_int(r->state, "_state_version", 0),
        .schema_version = r->schema ? r->schema->version : 0,
        .takes = r->refresh,
        .has_home = r->home.dir >= 0,
        .waiting = packages.len,
    };
    return upkeep->agree(r->cx, upkeep->self, &plan);
}

static weir_status make_home(wr_run *r)
{
    return r->home.dir >= 0 ? WEIR_OK : wr_run_open_home(r, true);
}

/* ---- drop ---- */

/* An expression has to fit from the first character on, as in the reference. */
static wr_node *word_of(wr_run *r, weir_str text)
{
    if (!wr_str_starts(text, wr_lit("re:")))
        return wr_node_text(&r->arena, text);
    return wr_node_text(
        &r->arena, wr_arena_printf(&r->arena, "re:^(?:%.*s)", (int)text.len - 3, text.ptr + 3));
}

static bool selects(const wr_node *word, const wr_node *names)
{
    for (const wr_node *name = names->first; name; name = name->next)
        if (wr_regexes_match(word, name->text))
            return true;
    return false;
}

/* "'a', 'b'": what could be named. */
static const char *list_resources(const wr_run *r, wr_buf *out)
{
    for (size_t i = 0; i < r->schema->tables.len; i++) {
        const wr_table *table = r->schema->tables.ptr[i];
        if (table->resource.len > 0 && !table->pub.parent.len && !wr_is_dlt_name(table->pub.name))
            wr_buf_printf(out, "%s'%.*s'", out->len ? ", " : "", WR_STR(table->resource));
    }
    return out->failed ? "many" : wr_buf_text(out);
}

/* A name that selects nothing is a mistake: the rest of the words would be done, and it not. */
static weir_status check_words(wr_run *r, const wr_node *words)
{
    for (const wr_node *word = words->first; word; word = word->next) {
        wr_node *one = wr_node_new(&r->arena, WR_NODE_ARRAY);
        wr_node_append(one, word_of(r, word->text));
        if (selects(one, wr_node_get(r->refresh, "resources")) ||
            selects(one, wr_node_get(r->refresh, "states")))
            continue;
        wr_auto(buf) wr_buf names = wr_buf_max(2048);
        return weir_fail(r->cx, WEIR_INVALID,
                         "the schema '%.*s' has no %s of a resource '%.*s'\n"
                         "hint: its resources are: %s",
                         WR_STR(r->schema_name),
                         r->settings->upkeep->wish.keeps_tables ? "state" : "table or state",
                         WR_STR(word->text), list_resources(r, &names));
    }
    const wr_node *paths = r->settings->upkeep->wish.paths;
    if (words->count == 0 && wr_node_get(r->refresh, "paths")->count == 0)
        return weir_fail(r->cx, WEIR_INVALID, "the state has nothing at '%.*s'",
                         WR_STR(paths && paths->first ? paths->first->text : wr_lit("")));
    return WEIR_OK;
}

static weir_status plan_drop(wr_run *r)
{
    if (!r->state || !r->schema)
        return fail_unknown(r);
    wr_refresh_wish wish = r->settings->upkeep->wish;
    wr_node *words = wr_node_new(&r->arena, WR_NODE_ARRAY);
    for (const wr_node *word = wish.resources->first; word; word = word->next)
        wr_node_append(words, word_of(r, word->text));
    WEIR_TRY(wr_regexes_check(r->cx, words));
    wish.resources = words;
    WEIR_TRY(wr_refresh_plan(r->cx, &r->arena, &wish, r->schema, r->state, &r->refresh));
    return check_words(r, r->settings->upkeep->wish.resources);
}

static weir_status drop(wr_run *r)
{
    if (r->home.dir >= 0)
        WEIR_TRY(wr_run_recover(r));
    WEIR_TRY(plan_drop(r));
    WEIR_TRY(ask(r));
    const wr_node *agreed = r->refresh;
    WEIR_TRY(make_home(r));
    WEIR_TRY(wr_run_open_destination(r, false));
    WEIR_TRY(wr_run_restore(r));
    WEIR_TRY(plan_drop(r));
    if (!wr_node_equal(agreed, r->refresh))
        return weir_fail(r->cx, WEIR_REJECTED,
                         "the destination has changed meanwhile: nothing is dropped\n"
                         "hint: look again");
    return wr_run_direct(r);
}

/* ---- sync ---- */

static bool went_here(const wr_run *r, const wr_node *trace)
{
    return wr_str_eq(wr_node_get_text(trace, "location"), r->destination->location(r->self)) &&
           wr_str_eq(wr_node_get_text(trace, "dataset"), r->dataset);
}

/* Loads into another place are forgotten; *ret_known: is the one that brought the state among the others? */
static weir_status forget_others(wr_run *r, bool *ret_known)
{
    wr_packages packages = { 0 };
    WEIR_TRY(wr_package_list(r->cx, &r->arena, &r->home, true, &packages));
    *ret_known = false;
    for (size_t i = 0; i < packages.len; i++) {
        const wr_package *package = &packages.ptr[i];
        if (!went_here(r, package->manifest))
            WEIR_TRY(wr_package_forget(r->cx, &r->home, package->load_id));
        else
            *ret_known |= wr_str_eq(package->load_id, r->state_load_id);
    }
    return WEIR_OK;
}

/* What is known of a load that was not done here: it tells where the pipeline loads to. */
static weir_status keep_trace(wr_run *r)
{
    char now[WR_TIME_TEXT];
    const struct {
        const char *key;
        weir_str text;
    } facts[] = {
        { "state", weir_str_of(wr_package_state_name(WR_PACKAGE_LOADED)) },
        { "load_id", r->state_load_id },
        { "pipeline", r->name },
        { "schema_name", r->schema_name },
        { "destination", weir_str_of(r->destination->name) },
        { "dataset", r->dataset },
        { "location", r->destination->location(r->self) },
        { "synced_at", { now, wr_time_iso(now, wr_now(r->cx)) } },
    };
    wr_node *trace = wr_node_new(&r->arena, WR_NODE_OBJECT);
    wr_run_set_int(r, trace, "package_version", WR_PACKAGE_VERSION);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        wr_run_set_text(r, trace, facts[i].key, facts[i].text);
    return wr_package_finish(r->cx, &r->home, r->state_load_id, trace, (size_t)r->keep_packages);
}

static weir_status sync(wr_run *r)
{
    if (!r->state)
        return fail_unknown(r);
    WEIR_TRY(ask(r));
    WEIR_TRY(make_home(r));
    WEIR_TRY(wr_run_recover(r));
    WEIR_TRY(wr_remove_tree(r->cx, r->home.dir, "schemas"));
    WEIR_TRY(wr_run_keep_copies(r, r->state, r->schema));
    bool known = false;
    WEIR_TRY(forget_others(r, &known));
    return known ? WEIR_OK : keep_trace(r);
}

weir_status wr_run_upkeep(wr_run *r)
{
    return r->settings->upkeep->syncs ? sync(r) : drop(r);
}
