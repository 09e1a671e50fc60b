/* What `weir init` makes: the files of `templates/`, made into a table when weir is built. */
#ifndef WR_TEMPLATES_H
#define WR_TEMPLATES_H

#include <stddef.h>

/* PROJECT_NAME, PIPELINE_NAME and WEIR_VERSION stand in paths and texts for what they say. */
typedef struct wr_template {
    const char *path; /* `project/…`, or `pipeline/<kind of source>/…` */
    const char *text;
    size_t len;
} wr_template;

/* In order of the paths; ends with a zero element. */
extern const wr_template wr_templates[];

#endif
