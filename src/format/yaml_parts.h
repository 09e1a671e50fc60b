/* What reading and writing of YAML share; nobody else includes it. */
#ifndef WR_YAML_PARTS_H
#define WR_YAML_PARTS_H

#include "format/yaml.h"

/* What a plain scalar, one without quotes, stands for. */
typedef enum wr_yaml_type {
    WR_YAML_TEXT,
    WR_YAML_NULL,
    WR_YAML_TRUE,
    WR_YAML_FALSE,
    WR_YAML_INT,
    WR_YAML_FLOAT,
    WR_YAML_MERGE, /* << */
    WR_YAML_VALUE, /* = */
    WR_YAML_TIMESTAMP,
    WR_YAML_UNLIKE_JSON, /* a number that JSON lacks */
} wr_yaml_type;

wr_yaml_type wr_yaml_type_of(weir_str plain);

#endif
