/* Secrets from AWS, for those who have none in files or in the environment: `.setup = register_aws_secrets`. */
#ifndef VAULT_PROVIDER_H
#define VAULT_PROVIDER_H

#include <weir.h>

weir_status register_aws_secrets(weir_ctx *cx);

#endif
