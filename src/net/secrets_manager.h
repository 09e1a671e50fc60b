/* AWS Secrets Manager: secrets by name, each fetched once per process (spec/connectivity.md 3). See weir/aws.h, too. */
#ifndef WR_SECRETS_MANAGER_H
#define WR_SECRETS_MANAGER_H

#include <weir/aws.h>

#include "format/json.h"
#include "net/aws_credentials.h"

/* The whole text of a secret; empty and `*ret_found` false when there is none of this name. Lives until
 * wr_secrets_forget(). What `who` leaves out is looked for. */
weir_status wr_secrets_text(weir_ctx *cx, const wr_aws_settings *who, weir_str name, weir_str *ret,
                            bool *ret_found) WEIR_MUST_USE;
/* The names of all secrets that begin with `prefix`, as members of an object in `arena`. */
weir_status wr_secrets_list(weir_ctx *cx, const wr_aws_settings *who, weir_str prefix,
                            wr_arena *arena, wr_node **ret) WEIR_MUST_USE;
/* A member of a secret as a value; objects and lists are JSON, in scratch memory. */
weir_status wr_secret_value(weir_ctx *cx, const wr_node *node, weir_value *ret) WEIR_MUST_USE;
/* Make the texts of a document known to the log, but for those that say where something is. */
void wr_secret_mask(const wr_node *fields);

/* Wipe and forget all secrets, failures and credentials. Nobody may use one any more: it is done when the process ends,
 * and between tests. */
void wr_secrets_forget(void);

#endif
