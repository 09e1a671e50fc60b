/* Configuration from AWS Secrets Manager: [providers.aws_secrets_manager]. */
#ifndef WR_AWS_SECRETS_MANAGER_H
#define WR_AWS_SECRETS_MANAGER_H

#include "config/config.h"

extern const wr_config_builtin wr_provider_aws_secrets_manager;

#endif
