/** Amazon Web Services, as far as configuration needs them: secrets. */
#ifndef WEIR_AWS_H
#define WEIR_AWS_H

#include <weir/base.h>
#include <weir/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One field of a secret of AWS Secrets Manager. A secret that is a JSON object has its members as fields; any other has
 * one, `value`. `*ret` is absent when there is no such secret, or no such field. Without a field, NULL, it is the whole
 * secret: JSON when it is an object, text otherwise.
 *
 * `secret` is a name or an ARN. `region` may be NULL: then it is looked for where AWS's own tools look (AWS_REGION, the
 * profile, instance metadata), as the credentials are.
 *
 * Each secret is fetched once per process, however many threads ask; what came of it, also a failure, is remembered.
 * WEIR_AUTH when there are no credentials, or they may not read it; WEIR_CONFIG when something is set that cannot be right. The
 * content lives until the program ends; it is kept in memory only, and the log masks it.
 *
 * `if (weir_aws_secret(cx, "dlt/hubspot-api-key", key->name, "eu-west-2", ret) != WEIR_OK) …`
 */
WEIR_API weir_status weir_aws_secret(weir_ctx *cx, const char *secret, const char *field,
                                     const char *region, weir_value *ret) WEIR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
