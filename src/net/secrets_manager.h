/* AWS Secrets Manager: secrets by name, each fetched once per process (spec/connectivity.md 3). See weir/aws.h, too. */
#ifndef WR_SECRETS_MANAGER_H
#define WR_SECRETS_MANAGER_H

#include <weir/aws.h>

/* The whole text of a secret; empty and `*ret_found` false when there is none of this name. Lives until
 * wr_secrets_forget(). An empty region is looked for. */
weir_status wr_secrets_text(weir_ctx *cx, weir_str name, weir_str region, weir_str *ret,
                            bool *ret_found) WEIR_MUST_USE;

/* Wipe and forget all secrets, failures and credentials. Nobody may use one any more: it is done when the process ends,
 * and between tests. */
void wr_secrets_forget(void);

#endif
