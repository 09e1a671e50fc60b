/* An API as a source: each resource of a configuration as one of weir's. */
#ifndef WR_REST_API_H
#define WR_REST_API_H

#include <weir/source.h>

#include "sources/rest_client.h"

/* What the functions of a resource of an API are given: their `self`. */
typedef struct wr_rest_job {
    const wr_rest_resource *resource;
    wr_rest_settings settings;
} wr_rest_job;

/* Fill in name, functions and parent of a resource; hints are the caller's. `job` must stay. */
void wr_rest_resource_define(const wr_rest_job *job, weir_resource *ret);
/* The options that auth needs and the configuration does not say: a list in `arena` that ends with a zero element. */
const weir_option *wr_rest_options(wr_arena *arena, const wr_rest_api *api);

#endif
