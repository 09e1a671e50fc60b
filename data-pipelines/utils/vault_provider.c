/* AWS Secrets Manager as one more place where configuration is looked for. It is asked last: the environment and the
 * project's files always win, and where they have everything, nothing of AWS is needed. */
#include "utils/vault_provider.h"

#define REGION "eu-west-2"

/* Which secret has the values of which section. */
static const struct {
    const char *section;
    const char *secret;
} secrets[] = {
    { "destination.snowflake.credentials", "dlt/snowflake-credentials" },
    { "destination.filesystem.credentials", "dlt/s3-credentials" },
    { "sources.open_exchange_rates", "dlt/open-exchange-rates" },
    { "sources.clever_cloud", "dlt/clever-cloud-postgres" },
    { "sources.hubspot", "dlt/hubspot-api-key" },
};

/* What is left absent is "not here": the next place is asked. */
static weir_status get(weir_ctx *cx, const void *region, const weir_key *key, weir_value *ret)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
        if (strcmp(secrets[i].section, key->section) == 0)
            return weir_aws_secret(cx, secrets[i].secret, key->name, region, ret);

    return WEIR_OK;
}

weir_status register_aws_secrets(weir_ctx *cx)
{
    static const weir_provider vault = {
        .name = "AWS Secrets Manager",
        .get = get,
        .self = REGION,
        .optional = true,
    };
    return weir_provider_add(cx, &vault);
}
