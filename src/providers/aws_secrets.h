/* dlt's own provider of AWS Secrets Manager, under dlt's own keys: [providers] enable_aws_secrets = true. */
#ifndef WR_AWS_SECRETS_H
#define WR_AWS_SECRETS_H

#include "config/config.h"

extern const wr_config_builtin wr_provider_aws_secrets;

#endif
