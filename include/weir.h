/** weir: loads data into warehouses, once. This header is all that a source or a pipeline needs. */
#ifndef WEIR_H
#define WEIR_H

#include <weir/aws.h>
#include <weir/base.h>
#include <weir/http.h>
#include <weir/pipeline.h>
#include <weir/provider.h>
#include <weir/source.h>
#include <weir/value.h>

/* In definitions of weir what is not named is zero, and zero is the default; a resource need not use all that it is
 * handed. Neither is worth a warning, also under -Wextra. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-parameter"

#endif
