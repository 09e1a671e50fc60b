/* Schema contracts: what settings say, and announced tables held against them. */
#include "schema/contract.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/schema_parts.h"

static const char *const MODES[] = {
    [WR_EVOLVE] = "evolve",
    [WR_FREEZE] = "freeze",
    [WR_DISCARD_ROW] = "discard_row",
    [WR_DISCARD_VALUE] = "discard_value",
};

#define MODE_COUNT (sizeof(MODES) / sizeof(*MODES))

const char *wr_contract_mode_name(wr_contract_mode mode)
{
    return MODES[mode];
}

/* MODE_COUNT for an unknown one. */
static size_t find_mode(weir_str name)
{
    size_t mode = 0;
    while (mode < MODE_COUNT && !wr_str_eq(name, weir_str_of(MODES[mode])))
        mode++;
    return mode;
}

static wr_contract_mode mode_of(const wr_node *settings, const char *entity)
{
    const weir_str name =
        settings->kind == WR_NODE_TEXT ? settings->text : wr_node_get_text(settings, entity);
    const size_t mode = find_mode(name);
    return mode < MODE_COUNT ? (wr_contract_mode)mode : WR_EVOLVE;
}

wr_contract wr_contract_expand(const wr_node *settings)
{
    if (!settings)
        return (wr_contract){ 0 };
    return (wr_contract){
        .tables = mode_of(settings, "tables"),
        .columns = mode_of(settings, "columns"),
        .data_type = mode_of(settings, "data_type"),
    };
}

static weir_status check_mode(weir_ctx *cx, const wr_node *mode)
{
    if (mode->kind == WR_NODE_TEXT && find_mode(mode->text) < MODE_COUNT)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "the schema contract has the unknown mode '%.*s'\n"
                     "hint: it is one of evolve, freeze, discard_row, discard_value",
                     WR_STR(mode->text));
}

weir_status wr_contract_check(weir_ctx *cx, const wr_node *settings)
{
    static const char *const ENTITIES[] = { "tables", "columns", "data_type", NULL };
    if (!settings || settings->kind == WR_NODE_NULL)
        return WEIR_OK;
    if (settings->kind != WR_NODE_OBJECT)
        return check_mode(cx, settings);
    for (const wr_node *entity = settings->first; entity; entity = entity->next) {
        size_t i = 0;
        while (ENTITIES[i] && !wr_str_eq(entity->key, weir_str_of(ENTITIES[i])))
            i++;
        if (!ENTITIES[i])
            return weir_fail(cx, WEIR_CONFIG,
                             "the schema contract has the unknown entity '%.*s'\n"
                             "hint: it is one of tables, columns, data_type",
                             WR_STR(entity->key));
        WEIR_TRY(check_mode(cx, entity));
    }
    return WEIR_OK;
}

/* Empty settings are none. */
static const wr_node *own_settings(const wr_node *doc)
{
    const wr_node *settings = wr_node_get(doc, "schema_contract");
    return settings && (settings->text.len || settings->count) ? settings : NULL;
}

wr_contract wr_contract_of(const wr_schema *schema, weir_str name, weir_str parent)
{
    if (wr_is_dlt_name(name))
        return (wr_contract){ 0 };
    const wr_table *table = wr_schema_table(schema, name);
    if (!table)
        table = wr_schema_table(schema, parent);
    for (; table; table = wr_schema_table(schema, table->pub.parent))
        if (own_settings(table->doc))
            return wr_contract_expand(own_settings(table->doc));
    return wr_contract_expand(own_settings(schema->settings));
}

bool wr_contract_evolves_once(const wr_table *table)
{
    return wr_node_get_bool(wr_node_get(table->doc, "x-normalizer"), "evolve-columns-once", false);
}

/* ---- violations ---- */

static const char *entity_of(const wr_violation *v)
{
    if (!v->column.len)
        return "tables";
    return v->is_variant ? "data_type" : "columns";
}

static weir_str reason_of(wr_arena *arena, const wr_violation *v)
{
    if (!v->column.len)
        return wr_arena_printf(arena, "Can't add table `%.*s` because `tables` are frozen.",
                               WR_STR(v->table));
    if (v->is_variant)
        return wr_arena_printf(arena,
                               "Can't add variant column `%.*s` for table `%.*s` because "
                               "`data_types` are frozen.",
                               WR_STR(v->column), WR_STR(v->table));
    return wr_arena_printf(arena,
                           "Can't add table column `%.*s` to table `%.*s` because `columns` are "
                           "frozen.",
                           WR_STR(v->column), WR_STR(v->table));
}

static weir_status violated(weir_ctx *cx, const wr_schema *schema, const wr_violation *v,
                            weir_str reason)
{
    const char *before = v->column.len ? "Column: `" : "";
    const char *behind = v->column.len ? "`" : "";
    return weir_fail(cx, WEIR_SCHEMA,
                     "In schema `%.*s`: In Table: `%.*s` %s%.*s%s . Contract on `%s` with "
                     "`contract_mode=freeze` is violated. %.*s%s%.*s",
                     WR_STR(schema->name), WR_STR(v->table), before, WR_STR(v->column), behind,
                     entity_of(v), WR_STR(reason), v->item.len ? " Offending data item: " : "",
                     WR_STR(v->item));
}

weir_status wr_contract_violated(weir_ctx *cx, const wr_schema *schema, const wr_violation *v)
{
    wr_auto(arena) wr_arena arena = { 0 };
    return violated(cx, schema, v, reason_of(&arena, v));
}

/* ---- announced tables ---- */

/* Properties that make the type of a column. */
static const char *const TYPE_PROPERTIES[] = { "data_type", "nullable", "precision", "scale",
                                               "timezone" };

static bool type_changes(const wr_node *old, const wr_node *announced)
{
    for (size_t i = 0; i < sizeof(TYPE_PROPERTIES) / sizeof(*TYPE_PROPERTIES); i++) {
        const wr_node *now = wr_node_get(announced, TYPE_PROPERTIES[i]);
        const wr_node *before = wr_node_get(old, TYPE_PROPERTIES[i]);
        const bool is_null = now && now->kind == WR_NODE_NULL;
        if (now && (before ? !wr_node_equal(now, before) : !is_null))
            return true;
    }
    return false;
}

static weir_status type_frozen(weir_ctx *cx, const wr_schema *schema, const wr_violation *v,
                               const wr_node *old, const wr_node *announced)
{
    wr_auto(buf) wr_buf reason = wr_buf_max(WR_DOC_TEXT_MAX);
    wr_buf_printf(&reason,
                  "Can't evolve column type of `%.*s` in table `%.*s` because `data_types` are "
                  "frozen. Existing column: ",
                  WR_STR(v->column), WR_STR(v->table));
    wr_node_write(&reason, old, WR_JSON_COMPACT);
    wr_buf_cstr(&reason, ". Incoming column: ");
    wr_node_write(&reason, announced, WR_JSON_COMPACT);
    wr_buf_char(&reason, '.');
    return violated(cx, schema, v, wr_buf_view(&reason));
}

/* One column of an announced table; `allowed` loses it when it is discarded. */
static weir_status announce_column(weir_ctx *cx, const wr_schema *schema, const wr_table *old,
                                   const wr_contract *contract, const wr_node *column,
                                   wr_node *allowed)
{
    const wr_node *before =
        old ? wr_node_get_str(wr_node_get(old->doc, "columns"), column->key) : NULL;
    const bool is_variant = wr_node_get_bool(column, "variant", false);
    const bool is_new = !before || !wr_column_is_complete(before);
    wr_violation violation = { .table = wr_node_get_text(allowed, "name"), .column = column->key };
    wr_contract_mode mode = WR_EVOLVE;

    if (is_new && !is_variant) {
        mode = contract->columns;
        if (mode == WR_FREEZE)
            return wr_contract_violated(cx, schema, &violation);
    } else if (is_variant || type_changes(before, column)) {
        mode = contract->data_type;
        violation.is_variant = true;
        if (mode == WR_FREEZE)
            return is_variant ? wr_contract_violated(cx, schema, &violation)
                              : type_frozen(cx, schema, &violation, before, column);
    }
    if (mode != WR_EVOLVE)
        wr_node_remove(wr_node_get(allowed, "columns"), column->key);
    return WEIR_OK;
}

/* The contract that counts for an announced table: what it brings itself, not what is stored for it. */
static wr_contract announced_contract(const wr_schema *schema, const wr_node *table)
{
    if (wr_is_dlt_name(wr_node_get_text(table, "name")))
        return (wr_contract){ 0 };
    if (own_settings(table))
        return wr_contract_expand(own_settings(table));
    return wr_contract_of(schema, (weir_str){ 0 }, wr_node_get_text(table, "parent"));
}

weir_status wr_contract_announce(weir_ctx *cx, const wr_schema *schema, wr_arena *arena,
                                 const wr_node *table, wr_node **ret)
{
    const weir_str name = wr_node_get_text(table, "name");
    const wr_table *old = wr_schema_table(schema, name);
    wr_contract contract = announced_contract(schema, table);
    const bool is_new = wr_table_is_new(old);
    if (is_new && contract.tables == WR_FREEZE)
        return wr_contract_violated(cx, schema, &(wr_violation){ .table = name });
    if (is_new && contract.tables != WR_EVOLVE) {
        *ret = NULL;
        return WEIR_OK;
    }

    wr_node *allowed = wr_node_copy(arena, table);
    if (is_new && contract.columns != WR_EVOLVE)
        wr_node_set(arena, wr_node_child(arena, allowed, wr_lit("x-normalizer")),
                    wr_lit("evolve-columns-once"), wr_node_bool(arena, true));
    if (is_new || wr_contract_evolves_once(old))
        contract.columns = WR_EVOLVE;
    const wr_node *columns = wr_node_get(table, "columns");
    for (const wr_node *column = columns->first; column; column = column->next)
        if (!wr_is_dlt_name(column->key))
            WEIR_TRY(announce_column(cx, schema, old, &contract, column, allowed));
    *ret = allowed;
    return WEIR_OK;
}
