/* Keys from the security token service: for a role that other keys may assume, or for a web identity token. */
#include <fcntl.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "net/aws_parts.h"

#define DEPTH_MAX 8
#define FORM_MAX ((size_t)64 << 10)

static const wr_aws_service sts = { "sts", "STS" };

/* ---- the form ---- */

static void add_field(wr_buf *form, wr_arena *arena, const char *name, weir_str value)
{
    if (value.len == 0)
        return;
    wr_buf_printf(form, "%s%s=%.*s", form->len > 0 ? "&" : "", name,
                  WR_STR(wr_aws_encode(arena, value, false)));
}

static weir_str session_name(const weir_ctx *cx, wr_arena *arena, weir_str named)
{
    if (named.len > 0)
        return named;
    return wr_arena_printf(arena, "weir-%lld", (long long)(wr_now(cx) / 1000000));
}

/* ---- the call ---- */

/* The regional endpoint; where no region is known, the global one, which is signed for us-east-1. */
static void set_place(const wr_aws_search *search, wr_aws_call *call)
{
    call->region = wr_aws_region_of(search);
    if (call->region.len == 0)
        call->region = wr_lit("us-east-1");
    call->endpoint = wr_aws_endpoint_of(search, &sts, call->region);
}

static weir_status ask(weir_ctx *cx, wr_aws_search *search, wr_aws_call *call, wr_aws_found *ret)
{
    weir_str answer;
    call->service = "sts";
    call->content_type = "application/x-www-form-urlencoded; charset=utf-8";
    set_place(search, call);
    WEIR_TRY(wr_aws_call_send(cx, search->arena, call, &answer, NULL));
    const wr_aws_found found = {
        .keys = { wr_aws_xml_text(answer, "AccessKeyId"),
                  wr_aws_xml_text(answer, "SecretAccessKey"),
                  wr_aws_xml_text(answer, "SessionToken") },
        .expires = wr_aws_time(wr_aws_xml_text(answer, "Expiration")),
    };
    if (found.keys.id.len == 0 || found.keys.secret.len == 0 || found.expires == 0)
        return weir_fail(cx, WEIR_AUTH, "%s gave no keys", call->what);
    *ret = found;
    return WEIR_OK;
}

/* ---- assume role ---- */

static const struct {
    const char *name;
    wr_aws_provider *find;
} sources[] = {
    { "Environment", wr_aws_from_environment },
    { "Ec2InstanceMetadata", wr_aws_from_metadata },
    { "EcsContainer", wr_aws_from_container },
};

static weir_status keys_of_source(weir_ctx *cx, wr_aws_search *search, weir_str name,
                                  bool *ret_found, wr_aws_found *ret)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
        if (wr_str_eq(name, weir_str_of(sources[i].name)))
            return sources[i].find(cx, search, ret_found, ret);
    return weir_fail(cx, WEIR_CONFIG,
                     "'credential_source' is '%.*s'\n"
                     "hint: it is Environment, Ec2InstanceMetadata or EcsContainer",
                     WR_STR(name));
}

/* A profile that names itself uses its own keys; another one may assume a role, too. */
static weir_status keys_of_profile(weir_ctx *cx, const wr_aws_search *search, weir_str name,
                                   bool *ret_found, wr_aws_found *ret)
{
    wr_aws_search source = *search;
    source.profile = name;
    source.depth++;
    if (wr_str_eq(name, search->profile))
        return wr_aws_from_files(cx, &source, ret_found, ret);
    if (source.depth > DEPTH_MAX)
        return weir_fail(cx, WEIR_CONFIG,
                         "the profiles name each other as 'source_profile' in a circle\n"
                         "hint: one of them needs keys of its own");
    if (!wr_aws_profile_exists(&search->profiles, name))
        return weir_fail(cx, WEIR_CONFIG, "there is no profile '%.*s', its 'source_profile'",
                         WR_STR(name));
    return wr_aws_search_profile(cx, &source, ret_found, ret);
}

static weir_status given_keys(weir_ctx *cx, void *self, wr_arena *arena, wr_aws_keys *ret)
{
    (void)cx;
    (void)arena;
    *ret = *(const wr_aws_keys *)self;
    return WEIR_OK;
}

static weir_status assume(weir_ctx *cx, wr_aws_search *search, wr_aws_keys *keys, wr_aws_found *ret)
{
    wr_auto(buf) wr_buf form = wr_buf_max(FORM_MAX);
    wr_buf_cstr(&form, "Action=AssumeRole&Version=2011-06-15");
    add_field(&form, search->arena, "RoleArn", wr_aws_setting(search, "role_arn"));
    add_field(&form, search->arena, "RoleSessionName",
              session_name(cx, search->arena, wr_aws_setting(search, "role_session_name")));
    add_field(&form, search->arena, "ExternalId", wr_aws_setting(search, "external_id"));
    add_field(&form, search->arena, "DurationSeconds", wr_aws_setting(search, "duration_seconds"));
    WEIR_TRY(wr_buf_check(cx, &form, "the call of AssumeRole"));
    const wr_aws_signer signer = { .keys = given_keys, .self = keys };
    wr_aws_call call = { .what = "AssumeRole", .body = wr_buf_view(&form), .signer = &signer };
    return ask(cx, search, &call, ret);
}

weir_status wr_aws_from_role(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                             wr_aws_found *ret)
{
    const weir_str role = wr_aws_setting(search, "role_arn");
    const weir_str profile = wr_aws_setting(search, "source_profile");
    const weir_str source = wr_aws_setting(search, "credential_source");
    if (role.len == 0 || (profile.len == 0 && source.len == 0) ||
        wr_aws_setting(search, "web_identity_token_file").len > 0)
        return WEIR_OK;
    if (wr_aws_setting(search, "mfa_serial").len > 0)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "'mfa_serial' needs somebody at a terminal\n"
                         "hint: get temporary keys with 'aws configure export-credentials', and "
                         "put them into the environment");
    bool found = false;
    wr_aws_found base;
    WEIR_TRY(profile.len > 0 ? keys_of_profile(cx, search, profile, &found, &base)
                             : keys_of_source(cx, search, source, &found, &base));
    if (!found)
        return weir_fail(cx, WEIR_AUTH, "there are no keys that could assume the role '%.*s'",
                         WR_STR(role));
    WEIR_TRY(assume(cx, search, &base.keys, ret));
    *ret_found = true;
    return WEIR_OK;
}

/* ---- web identity ---- */

typedef struct identity {
    weir_str file;
    weir_str role;
    weir_str session;
} identity;

/* The environment when it has both, else the profile. */
static identity find_identity(const wr_aws_search *search)
{
    identity ret = { wr_aws_env("AWS_WEB_IDENTITY_TOKEN_FILE"), wr_aws_env("AWS_ROLE_ARN"),
                     wr_aws_env("AWS_ROLE_SESSION_NAME") };
    if (ret.file.len == 0 || ret.role.len == 0)
        ret = (identity){ wr_aws_setting(search, "web_identity_token_file"),
                          wr_aws_setting(search, "role_arn"),
                          wr_aws_setting(search, "role_session_name") };
    return ret;
}

weir_status wr_aws_from_web_identity(weir_ctx *cx, wr_aws_search *search, bool *ret_found,
                                     wr_aws_found *ret)
{
    const identity who = find_identity(search);
    if (who.file.len == 0 || who.role.len == 0)
        return WEIR_OK;
    weir_str token;
    bool there;
    WEIR_TRY(wr_file_read(cx, search->arena, AT_FDCWD, wr_arena_str(search->arena, who.file).ptr,
                          &token, &there)); /* read each time: it is replaced now and then */
    if (!there)
        return weir_fail(cx, WEIR_CONFIG, "the file of the web identity token is not there: '%.*s'",
                         WR_STR(who.file));
    wr_auto(buf) wr_buf form = wr_buf_max(FORM_MAX);
    wr_buf_cstr(&form, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    add_field(&form, search->arena, "RoleArn", who.role);
    add_field(&form, search->arena, "RoleSessionName",
              session_name(cx, search->arena, who.session));
    add_field(&form, search->arena, "WebIdentityToken", wr_str_trim(token));
    WEIR_TRY(wr_buf_check(cx, &form, "the call of AssumeRoleWithWebIdentity"));
    wr_aws_call call = { .what = "AssumeRoleWithWebIdentity", .body = wr_buf_view(&form) };
    const weir_status status = ask(cx, search, &call, ret);
    explicit_bzero(form.ptr, form.cap);
    WEIR_TRY(status);
    *ret_found = true;
    return WEIR_OK;
}
