/* The files that all tools for AWS share: ~/.aws/credentials and ~/.aws/config (spec/connectivity.md 2). */
#ifndef WR_AWS_PROFILE_H
#define WR_AWS_PROFILE_H

#include <weir/base.h>

#include "base/arena.h"

/* `key = value` in a section; an empty key is the section itself. */
typedef struct wr_ini_entry {
    weir_str section;
    weir_str parent; /* of an indented line: the key that it stands under; else empty */
    weir_str key;    /* in lower case */
    weir_str value;
} wr_ini_entry;

typedef struct wr_ini {
    wr_ini_entry *entries;
    size_t len;
} wr_ini;

/* Read the text of such a file; texts are in `arena`. WEIR_CONFIG names `path` and line, and quotes nothing: there are
 * keys in it. */
weir_status wr_ini_parse(weir_ctx *cx, wr_arena *arena, const char *path, weir_str text,
                         wr_ini *ret) WEIR_MUST_USE;
/* The last one that fits; empty when there is none. */
weir_str wr_ini_get(const wr_ini *ini, weir_str section, weir_str parent, const char *key);
bool wr_ini_has(const wr_ini *ini, weir_str section);

typedef struct wr_aws_profiles {
    wr_ini credentials;
    wr_ini config;
} wr_aws_profiles;

/* The files that AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name, or those of the home folder. One that is not there
 * is empty. */
weir_status wr_aws_profiles_read(weir_ctx *cx, wr_arena *arena, wr_aws_profiles *ret) WEIR_MUST_USE;
/* The profile that is named, or AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". */
weir_str wr_aws_profile_active(weir_str named);
bool wr_aws_profile_exists(const wr_aws_profiles *profiles, weir_str profile);
/* A setting of a profile, of the credentials file before the config file; empty when there is none. */
weir_str wr_aws_profile_get(const wr_aws_profiles *profiles, weir_str profile, const char *key);
/* In the config file only. */
weir_str wr_aws_profile_config(const wr_aws_profiles *profiles, weir_str profile, const char *key);

/* An environment variable; one that is empty counts as not set, and gives the empty text. */
weir_str wr_aws_env(const char *name);
bool wr_aws_env_true(const char *name); /* "true", in any case of letters */

#endif
