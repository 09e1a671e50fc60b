/* What the files of the credential chain share: each provider is one function of a table in aws_credentials.c. */
#ifndef WR_AWS_PARTS_H
#define WR_AWS_PARTS_H

#include "net/aws_credentials.h"
#include "net/aws_profile.h"

/* One walk along the chain. */
typedef struct wr_aws_search {
    const wr_aws_settings *settings;
    wr_aws_profiles profiles;
    weir_str profile;
    wr_arena *arena; /* wiped */
    int depth;       /* of profiles that assume the role of one another */
} wr_aws_search;

typedef struct wr_aws_found {
    wr_aws_keys keys;
    weir_time expires;   /* 0: never */
    bool renewable_late; /* the service has trouble renewing: go on with them past their time */
} wr_aws_found;

/* Set `*ret_found` when the provider is configured and gave keys, in the arena of the search. A provider that is not
 * configured leaves it false. */
typedef weir_status wr_aws_provider(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                    wr_aws_found *ret);

wr_aws_provider wr_aws_from_role;         /* aws_sts.c */
wr_aws_provider wr_aws_from_web_identity; /* aws_sts.c */
wr_aws_provider wr_aws_from_process;      /* aws_process.c */
wr_aws_provider wr_aws_from_container;    /* aws_hosts.c */
wr_aws_provider wr_aws_from_metadata;     /* aws_hosts.c */
wr_aws_provider wr_aws_from_environment;  /* aws_credentials.c */
wr_aws_provider wr_aws_from_files;        /* aws_credentials.c: keys of a profile, in either file */
/* The chain for the profile of the search. */
weir_status wr_aws_search_profile(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                  wr_aws_found *ret) WEIR_MUST_USE;

/* A setting of the active profile. */
static inline weir_str wr_aws_setting(const wr_aws_search *search, const char *key)
{
    return wr_aws_profile_get(&search->profiles, search->profile, key);
}

/* Region and endpoint from explicit settings, environment and files; an empty region when there is none. */
weir_str wr_aws_region_of(const wr_aws_search *search);
weir_str wr_aws_endpoint_of(const wr_aws_search *search, const wr_aws_service *service,
                            weir_str region);

/* The keys of the answer of a container, of instance metadata, or of a process, in JSON; `token` names the member of the
 * session token. WEIR_AUTH when they are not there; quotes nothing. */
weir_status wr_aws_read_keys(weir_ctx *cx, wr_aws_search *search, weir_str json, const char *token,
                             wr_aws_found *ret) WEIR_MUST_USE;
/* A time like "2026-01-02T03:04:05Z"; 0 for what is none. */
weir_time wr_aws_time(weir_str text);
/* The region that instance metadata tells; empty when it does not answer. */
weir_status wr_aws_metadata_region(weir_ctx *cx, wr_arena *arena, weir_str *ret) WEIR_MUST_USE;

#endif
