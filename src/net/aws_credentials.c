/* The chain of places where keys for AWS are looked for, and the renewal of those that expire. */
#include "net/aws_credentials.h"

#include <errno.h>
#include <pthread.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/aws_parts.h"

#define MINUTE_US (60 * WR_US_PER_SECOND)
#define REFRESH_BEFORE_US (15 * MINUTE_US) /* a failure is tolerated from here … */
#define DEAD_BEFORE_US (10 * MINUTE_US)    /* … to here */
#define LATE_MIN_US (17 * MINUTE_US)
#define LATE_RANGE_US (8 * MINUTE_US)
#define WAIT_NS 20000000
#define NS_PER_SECOND 1000000000

struct wr_aws {
    wr_aws_settings settings;
    wr_arena own; /* of the settings */

    pthread_mutex_t lock; /* protects all that follows; not held while somebody looks for keys */
    pthread_cond_t found_some;
    bool searching;
    bool known;
    wr_arena memory; /* of the keys */
    wr_aws_found found;
    weir_time refresh_at;
    weir_time dead_at;
    wr_error failure; /* that will not pass; status WEIR_OK: none */
};

/* ---- providers without a file of their own ---- */

weir_status wr_aws_from_environment(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                    wr_aws_found *ret)
{
    (void)cx;
    (void)search;
    wr_aws_keys keys = { wr_aws_env("AWS_ACCESS_KEY_ID"), wr_aws_env("AWS_SECRET_ACCESS_KEY"),
                         wr_aws_env("AWS_SESSION_TOKEN") };
    if (keys.token.len == 0)
        keys.token = wr_aws_env("AWS_SECURITY_TOKEN");
    if (keys.id.len == 0 || keys.secret.len == 0)
        return WEIR_OK;
    *ret = (wr_aws_found){ .keys = keys };
    *ret_found = true;
    return WEIR_OK;
}

static weir_status from_environment_first(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                          wr_aws_found *ret)
{
    const bool other_profile = search->settings->profile.len > 0 || search->depth > 0;
    return other_profile ? WEIR_OK : wr_aws_from_environment(cx, search, ret_found, ret);
}

static weir_status from_section(weir_ctx *cx, const wr_aws_search *search,
                                weir_str (*get)(const wr_aws_profiles *profiles, weir_str profile,
                                                const char *key),
                                bool *ret_found, wr_aws_found *ret)
{
    const wr_aws_keys keys = {
        get(&search->profiles, search->profile, "aws_access_key_id"),
        get(&search->profiles, search->profile, "aws_secret_access_key"),
        get(&search->profiles, search->profile, "aws_session_token"),
    };
    if (keys.id.len == 0)
        return WEIR_OK;
    if (keys.secret.len == 0)
        return weir_fail(cx, WEIR_CONFIG, "there is no 'aws_secret_access_key'");
    *ret = (wr_aws_found){ .keys = keys };
    *ret_found = true;
    return WEIR_OK;
}

static weir_str get_of_credentials(const wr_aws_profiles *profiles, weir_str profile,
                                   const char *key)
{
    return wr_ini_get(&profiles->credentials, profile, (weir_str){ 0 }, key);
}

static weir_status from_credentials(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                    wr_aws_found *ret)
{
    return from_section(cx, search, get_of_credentials, ret_found, ret);
}

static weir_status from_config(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                               wr_aws_found *ret)
{
    return from_section(cx, search, wr_aws_profile_config, ret_found, ret);
}

weir_status wr_aws_from_files(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                              wr_aws_found *ret)
{
    WEIR_TRY(from_credentials(cx, search, ret_found, ret));
    return *ret_found ? WEIR_OK : from_config(cx, search, ret_found, ret);
}

static weir_status from_sso(weir_ctx *cx, wr_aws_search *search, bool *ret_found, wr_aws_found *ret)
{
    (void)ret_found;
    (void)ret;
    if (wr_aws_setting(search, "sso_account_id").len == 0 ||
        wr_aws_setting(search, "sso_role_name").len == 0)
        return WEIR_OK;
    return weir_fail(cx, WEIR_UNSUPPORTED,
                     "single sign-on is left to AWS's own tool\n"
                     "hint: give another profile the setting 'credential_process = aws configure "
                     "export-credentials --profile %.*s', and use that",
                     WR_STR(search->profile));
}

/* ---- the chain ---- */

static const struct {
    const char *name;
    wr_aws_provider *find;
    bool of_profile; /* part of the profile that a role is assumed with */
} chain[] = {
    { "the environment", from_environment_first, false },
    { "the role of the profile", wr_aws_from_role, true },
    { "the web identity", wr_aws_from_web_identity, true },
    { "single sign-on of the profile", from_sso, true },
    { "the credentials file", from_credentials, true },
    { "credential_process of the profile", wr_aws_from_process, true },
    { "the config file", from_config, true },
    { "the container", wr_aws_from_container, false },
    { "instance metadata", wr_aws_from_metadata, false },
};

static weir_status walk_chain(weir_ctx *cx, wr_aws_search *search, bool only_profile,
                              bool *ret_found, wr_aws_found *ret)
{
    for (size_t i = 0; i < sizeof(chain) / sizeof(*chain) && !*ret_found; i++) {
        if (only_profile && !chain[i].of_profile)
            continue;
        const weir_status status = chain[i].find(cx, search, ret_found, ret);
        if (status != WEIR_OK)
            return wr_context(cx, status, "AWS credentials of %s ('%.*s')", chain[i].name,
                              WR_STR(search->profile));
    }
    return WEIR_OK;
}

weir_status wr_aws_search_profile(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                  wr_aws_found *ret)
{
    return walk_chain(cx, search, true, ret_found, ret);
}

static weir_status begin_search(weir_ctx *cx, const wr_aws *aws, wr_arena *arena,
                                wr_aws_search *ret)
{
    *ret = (wr_aws_search){ .settings = &aws->settings,
                            .arena = arena,
                            .profile = wr_aws_profile_active(aws->settings.profile) };
    return wr_aws_profiles_read(cx, arena, &ret->profiles);
}

/* A profile that somebody named must be there; else a slip of the pen would end at the keys of the machine. */
static weir_status check_profile(weir_ctx *cx, const wr_aws_search *search)
{
    const bool is_default = wr_str_eq(search->profile, wr_lit("default"));
    if (is_default || wr_aws_profile_exists(&search->profiles, search->profile))
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "there is no AWS profile '%.*s'\n"
                     "hint: 'aws configure list-profiles' shows which there are",
                     WR_STR(search->profile));
}

static weir_status search_keys(weir_ctx *cx, const wr_aws *aws, wr_arena *arena, wr_aws_found *ret)
{
    if (aws->settings.keys.id.len > 0) {
        *ret = (wr_aws_found){ .keys = aws->settings.keys };
        return WEIR_OK;
    }
    wr_aws_search search;
    bool found = false;
    WEIR_TRY(begin_search(cx, aws, arena, &search));
    WEIR_TRY(from_environment_first(cx, &search, &found, ret));
    if (found)
        return WEIR_OK;
    WEIR_TRY(check_profile(cx, &search));
    WEIR_TRY(walk_chain(cx, &search, false, &found, ret));
    if (found)
        return WEIR_OK;
    return weir_fail(cx, WEIR_AUTH,
                     "no AWS credentials were found: not in the environment (AWS_ACCESS_KEY_ID), "
                     "not in profile '%.*s' of ~/.aws/credentials and ~/.aws/config, not from a "
                     "container, not from instance metadata\n"
                     "hint: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                     WR_STR(search.profile));
}

/* ---- keys that are kept ---- */

static weir_str copied(wr_arena *arena, weir_str s)
{
    return s.len > 0 ? wr_arena_str(arena, s) : (weir_str){ 0 };
}

static wr_aws_keys copied_keys(wr_arena *arena, const wr_aws_keys *keys)
{
    return (wr_aws_keys){ copied(arena, keys->id), copied(arena, keys->secret),
                          copied(arena, keys->token) };
}

wr_aws *wr_aws_new(const wr_aws_settings *settings)
{
    wr_aws *aws = wr_new(wr_aws);
    aws->own.wipe = aws->memory.wipe = true;
    aws->settings = (wr_aws_settings){
        .profile = copied(&aws->own, settings->profile),
        .region = copied(&aws->own, settings->region),
        .keys = copied_keys(&aws->own, &settings->keys),
    };
    pthread_mutex_init(&aws->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&aws->found_some, &attributes);
    pthread_condattr_destroy(&attributes);
    return aws;
}

bool wr_aws_is(const wr_aws *aws, const wr_aws_settings *settings)
{
    const wr_aws_settings *own = &aws->settings;
    return wr_str_eq(own->profile, settings->profile) && wr_str_eq(own->region, settings->region) &&
           wr_str_eq(own->keys.id, settings->keys.id) &&
           wr_str_eq(own->keys.secret, settings->keys.secret) &&
           wr_str_eq(own->keys.token, settings->keys.token);
}

void wr_aws_free(wr_aws *aws)
{
    if (!aws)
        return;
    pthread_cond_destroy(&aws->found_some);
    pthread_mutex_destroy(&aws->lock);
    wr_arena_done(&aws->memory);
    wr_arena_done(&aws->own);
    wr_free(aws);
}

static weir_time late_refresh(const weir_ctx *cx)
{
    uint32_t random;
    wr_random(cx, &random, sizeof(random));
    return wr_now(cx) + LATE_MIN_US + (int64_t)((double)LATE_RANGE_US * random / UINT32_MAX);
}

/* The lock is held. */
static void keep(const weir_ctx *cx, wr_aws *aws, const wr_aws_found *found)
{
    wr_arena_done(&aws->memory);
    aws->memory = (wr_arena){ .wipe = true };
    aws->found = *found;
    aws->found.keys = copied_keys(&aws->memory, &found->keys);
    aws->known = true;
    aws->refresh_at = aws->dead_at = INT64_MAX;
    if (found->renewable_late) {
        aws->refresh_at = late_refresh(cx);
    } else if (found->expires > 0) {
        aws->refresh_at = found->expires - REFRESH_BEFORE_US;
        aws->dead_at = found->expires - DEAD_BEFORE_US;
    }
    wr_log_add_secret(found->keys.secret);
    wr_log_add_secret(found->keys.token);
}

/* Keys that live for less than the margins are used until they end, or each call would renew them. */
static void allow_short_lives(const weir_ctx *cx, wr_aws *aws)
{
    if (aws->found.expires > 0 && aws->dead_at <= wr_now(cx) && aws->found.expires > wr_now(cx))
        aws->refresh_at = aws->dead_at = aws->found.expires;
}

/* The lock is held, and given up while searching. */
static weir_status renew(weir_ctx *cx, wr_aws *aws)
{
    wr_auto(arena) wr_arena arena = { .wipe = true };
    wr_aws_found found = { 0 };
    aws->searching = true;
    pthread_mutex_unlock(&aws->lock);
    const weir_status status = search_keys(cx, aws, &arena, &found);
    pthread_mutex_lock(&aws->lock);
    aws->searching = false;
    pthread_cond_broadcast(&aws->found_some);
    if (status == WEIR_OK) {
        keep(cx, aws, &found);
        allow_short_lives(cx, aws);
        return WEIR_OK;
    }
    if (aws->known && status != WEIR_CANCELLED && wr_now(cx) < aws->dead_at) {
        weir_error_clear(cx); /* the old ones are still good: try again in a minute */
        aws->refresh_at = wr_now(cx) + MINUTE_US;
        return WEIR_OK;
    }
    if (weir_status_class(status) == WEIR_CLASS_TERMINAL)
        aws->failure = cx->error;
    return status;
}

static void wait_a_little(wr_aws *aws)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= NS_PER_SECOND) {
        until.tv_nsec -= NS_PER_SECOND;
        until.tv_sec++;
    }
    const int error = pthread_cond_timedwait(&aws->found_some, &aws->lock, &until);
    wr_assert(error == 0 || error == ETIMEDOUT);
}

/* One thread looks for new keys; others use the old ones while these are good, and wait otherwise. The lock is held. */
static weir_status have_keys(weir_ctx *cx, wr_aws *aws)
{
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        const weir_time now = wr_now(cx);
        if (aws->known && (now < aws->refresh_at || (aws->searching && now < aws->dead_at)))
            return WEIR_OK;
        if (aws->failure.status != WEIR_OK)
            return wr_error_adopt(cx, &aws->failure);
        if (!aws->searching)
            return renew(cx, aws);
        wait_a_little(aws);
    }
}

weir_status wr_aws_keys_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena, wr_aws_keys *ret)
{
    pthread_mutex_lock(&aws->lock);
    const weir_status status = have_keys(cx, aws);
    if (status == WEIR_OK)
        *ret = copied_keys(arena, &aws->found.keys);
    pthread_mutex_unlock(&aws->lock);
    return status;
}

static weir_status signer_keys(weir_ctx *cx, void *self, wr_arena *arena, wr_aws_keys *ret)
{
    return wr_aws_keys_get(cx, self, arena, ret);
}

static void signer_refuse(void *self, const wr_aws_keys *keys)
{
    wr_aws *aws = self;
    pthread_mutex_lock(&aws->lock);
    const bool same = aws->known && wr_str_eq(aws->found.keys.id, keys->id) &&
                      wr_str_eq(aws->found.keys.token, keys->token);
    if (same && aws->settings.keys.id.len == 0)
        aws->known = false;
    pthread_mutex_unlock(&aws->lock);
}

wr_aws_signer wr_aws_signer_of(wr_aws *aws)
{
    return (wr_aws_signer){ .keys = signer_keys, .refuse = signer_refuse, .self = aws };
}

/* ---- region and endpoint ---- */

static weir_str first_env(const char *const *names)
{
    weir_str ret = { 0 };
    for (; *names && ret.len == 0; names++)
        ret = wr_aws_env(*names);
    return ret;
}

weir_str wr_aws_region_of(const wr_aws_search *search)
{
    static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
    weir_str ret = search->settings->region;
    if (ret.len == 0)
        ret = first_env(variables);
    return ret.len > 0 ? ret : wr_aws_setting(search, "region");
}

/* In the environment, in the services of the profile, in the profile. */
static weir_str configured_endpoint(const wr_aws_search *search, const wr_aws_service *service)
{
    if (wr_aws_env_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
        return (weir_str){ 0 };
    wr_arena *arena = search->arena;
    const char *own = wr_arena_printf(arena, "AWS_ENDPOINT_URL_%s", service->variable).ptr;
    const char *const variables[] = { own, "AWS_ENDPOINT_URL", NULL };
    weir_str ret = first_env(variables);
    const weir_str services = wr_aws_setting(search, "services");
    if (ret.len == 0 && services.len > 0)
        ret = wr_ini_get(&search->profiles.config,
                         wr_arena_printf(arena, "services %.*s", WR_STR(services)),
                         wr_arena_lower(arena, weir_str_of(service->variable)), "endpoint_url");
    return ret.len > 0 ? ret : wr_aws_setting(search, "endpoint_url");
}

weir_str wr_aws_endpoint_of(const wr_aws_search *search, const wr_aws_service *service,
                            weir_str region)
{
    const weir_str configured = configured_endpoint(search, service);
    if (configured.len > 0)
        return configured;
    return wr_arena_printf(search->arena, "https://%s%s.%.*s.amazonaws.com%s", service->host,
                           wr_aws_env_true("AWS_USE_FIPS_ENDPOINT") ? "-fips" : "", WR_STR(region),
                           wr_str_starts(region, wr_lit("cn-")) ? ".cn" : "");
}

weir_status wr_aws_endpoint_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena,
                                const wr_aws_service *service, weir_str region, weir_str *ret)
{
    wr_aws_search search;
    WEIR_TRY(begin_search(cx, aws, arena, &search));
    *ret = wr_aws_endpoint_of(&search, service, region);
    return WEIR_OK;
}

weir_status wr_aws_region_get(weir_ctx *cx, wr_aws *aws, wr_arena *arena, weir_str *ret)
{
    wr_aws_search search;
    WEIR_TRY(begin_search(cx, aws, arena, &search));
    weir_str region = wr_aws_region_of(&search);
    if (region.len == 0)
        WEIR_TRY(wr_aws_metadata_region(cx, arena, &region));
    if (region.len == 0)
        return weir_fail(cx, WEIR_CONFIG,
                         "no AWS region is set: not in AWS_REGION, not in AWS_DEFAULT_REGION, not "
                         "as 'region' of profile '%.*s', not in instance metadata\n"
                         "hint: set AWS_REGION, eu-west-2 for instance",
                         WR_STR(search.profile));
    *ret = region;
    return WEIR_OK;
}
