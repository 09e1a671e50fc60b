/* Who we are for AWS: region, endpoints and keys, found where AWS's own tools find them (spec/connectivity.md 1, 2). Keys
 * that expire are renewed. One object may be used by many threads. */
#ifndef WR_AWS_CREDENTIALS_H
#define WR_AWS_CREDENTIALS_H

#include <weir/base.h>

#include "base/arena.h"
#include "net/aws_call.h"

typedef struct wr_aws wr_aws;

/* What is given explicitly beats all other places; empty: looked for. */
typedef struct wr_aws_settings {
    weir_str profile;
    weir_str region;
    wr_aws_keys keys;
} wr_aws_settings;

/* Copies the settings. Nothing is asked yet. */
wr_aws *wr_aws_new(const wr_aws_settings *settings);
/* Is it the one of these settings? */
bool wr_aws_is(const wr_aws *aws, const wr_aws_settings *settings);
/* Accepts NULL. Keys are wiped. */
void wr_aws_free(wr_aws *aws);

/* Copies into `arena`, which should be wiped. WEIR_AUTH when there are none, with all places that were looked at; this is
 * found out once. WEIR_AUTH or WEIR_CONFIG, with the name of the provider, when one that is configured fails. */
weir_status wr_aws_keys_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena, wr_aws_keys *ret)
    WEIR_MUST_USE;
/* For calls: keys as above; those that a service refuses as expired are renewed. Borrows `aws`. */
wr_aws_signer wr_aws_signer_of(wr_aws *aws);

/* WEIR_CONFIG, with all places that were looked at, when there is none. */
weir_status wr_aws_region_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena, weir_str *ret)
    WEIR_MUST_USE;
/* The URL of a service in a region, as environment and files have it, or the usual one. `host` is the first label of its name
 * ("secretsmanager"), `variable` its name in environment variables ("SECRETS_MANAGER"). */
typedef struct wr_aws_service {
    const char *host;
    const char *variable;
} wr_aws_service;
weir_status wr_aws_endpoint_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena,
                                const wr_aws_service *service, weir_str region, weir_str *ret)
    WEIR_MUST_USE;

#endif
