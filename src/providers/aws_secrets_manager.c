/* The provider of AWS Secrets Manager: a table says which secret has the values of which section.
 *
 *     [providers.aws_secrets_manager]
 *     region = "eu-west-2"
 *
 *     [providers.aws_secrets_manager.secrets]
 *     "destination.snowflake.credentials" = "dlt/snowflake-credentials"
 */
#include "providers/aws_secrets_manager.h"

#include <weir/provider.h>

#include "base/ctx.h"
#include "base/str.h"
#include "format/json.h"
#include "net/secrets_manager.h"

typedef struct vault {
    const char *region;     /* NULL: where AWS's own tools look */
    const wr_node *secrets; /* section path to the name of a secret */
} vault;

static const weir_option options[] = {
    { "region", .help = "where the secrets are; without it AWS_REGION and the profile are asked" },
    { "secrets", WEIR_OPTION_MAP,
      .help = "which secret has the values of a section: \"sources.hubspot\" = \"dlt/hubspot\"" },
    { 0 },
};

/* "destination.snowflake" as one key, or as tables in tables: both come to the same. */
static weir_status add_secrets(weir_ctx *cx, wr_arena *arena, wr_node *map, const wr_node *table,
                               weir_str section)
{
    for (const wr_node *entry = table->first; entry; entry = entry->next) {
        const weir_str path = wr_arena_printf(arena, "%.*s%s%.*s", WR_STR(section),
                                              section.len > 0 ? "." : "", WR_STR(entry->key));
        if (entry->kind == WR_NODE_TEXT)
            wr_node_set(arena, map, path, wr_node_text(arena, entry->text));
        else if (entry->kind == WR_NODE_OBJECT)
            WEIR_TRY(add_secrets(cx, arena, map, entry, path));
        else
            return weir_fail(cx, WEIR_CONFIG,
                             "providers.aws_secrets_manager.secrets has no name for '%.*s'\n"
                             "hint: write the section and the name of the secret as texts",
                             WR_STR(path));
    }
    return WEIR_OK;
}

/* A secret without this field is an answer; one that has no fields at all is not what the table means. */
static weir_status check_fields(weir_ctx *cx, weir_str name, const weir_key *key, weir_str text)
{
    wr_jkind kind = WR_JNONE;
    const bool is_json = wr_json_check(cx, text, &kind) == WEIR_OK;
    weir_error_clear(cx); /* it may quote the secret */
    if (is_json && kind == WR_JOBJECT)
        return WEIR_OK;
    return weir_fail(cx, WEIR_REJECTED,
                     "secret '%.*s' is no JSON object: it has the field 'value', and no '%s'\n"
                     "hint: store it as {\"%s\": \"…\"}",
                     WR_STR(name), key->name, key->name);
}

static weir_status get(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    const vault *v = self;
    const weir_str name = wr_node_get_text(v->secrets, key->section);
    if (name.len == 0)
        return WEIR_OK;
    weir_str text;
    bool found;
    const wr_aws_settings who = { .region = weir_str_of(v->region) };
    WEIR_TRY(wr_secrets_text(cx, &who, name, &text, &found));
    if (!found) /* a secret that the table names should be there */
        return weir_fail(cx, WEIR_REJECTED,
                         "there is no secret '%.*s' in '%s'\nhint: is the name right, and the "
                         "region? Names are per region",
                         WR_STR(name), v->region ? v->region : "the region of the environment");
    WEIR_TRY(weir_aws_secret(cx, name.ptr, key->name, v->region, ret));
    return ret->kind == WEIR_ABSENT ? check_fields(cx, name, key, text) : WEIR_OK;
}

static weir_status open_vault(weir_ctx *cx, wr_arena *arena, const weir_option_values *const *lists,
                              weir_provider *ret)
{
    const weir_option_values *values = lists[0];
    if (!weir_option_given(values, "secrets"))
        return WEIR_OK;
    wr_node *table;
    wr_node *map = wr_node_new(arena, WR_NODE_OBJECT);
    WEIR_TRY(wr_node_parse(cx, arena, weir_option_text(values, "secrets"), &table));
    WEIR_TRY(add_secrets(cx, arena, map, table, (weir_str){ 0 }));
    const weir_str region = weir_option_text(values, "region");
    vault *v = wr_arena_new(arena, vault);
    v->secrets = map;
    v->region = region.len > 0 ? wr_arena_str(arena, region).ptr : NULL;
    *ret =
        (weir_provider){ .name = "AWS Secrets Manager", .get = get, .self = v, .optional = true };
    return WEIR_OK;
}

const wr_config_builtin wr_provider_aws_secrets_manager = {
    .lists = { { { "providers", "aws_secrets_manager" }, options, .exact = true } },
    .open = open_vault,
};
