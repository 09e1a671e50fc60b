/* What the kinds of sources have in common that a pipeline in TOML may name: `[source.KIND]`.
 *
 * A kind is a table of its words and two functions. project/toml_pipeline.c reads what every source and every resource
 * may have (nesting, contract, names, hints), and asks the kind for the rest. */
#ifndef WR_TOML_SOURCE_H
#define WR_TOML_SOURCE_H

#include <weir/source.h>

#include "base/arena.h"
#include "config/config.h"
#include "format/toml.h"

typedef struct wr_source_kind wr_source_kind;

/* One source that is being read. What is made is in `arena`. */
typedef struct wr_toml_source {
    weir_ctx *cx;
    wr_arena *arena;
    const wr_config *config;
    const char *file;
    const char *pipeline;
    weir_str folder; /* of relative paths: the project's */
    const wr_source_kind *kind;
    const wr_toml *settings; /* the table [source.KIND] */
} wr_toml_source;

struct wr_source_kind {
    const char *name;
    const char *example; /* of `resources`, for the hint when there are none */
    const char *const
        *keys; /* of the source, besides those that every source has; ends with NULL */
    const char *const *resource_keys; /* of a resource, likewise */
    const weir_option *options; /* what the configuration may say, below sources.KIND; or NULL */
    /* What the source itself has; NULL: nothing. Called first. */
    weir_status (*read)(wr_toml_source *source, weir_source *ret);
    /* All of the source, its resources included, for kinds that read these as a whole; else NULL. */
    weir_status (*read_all)(wr_toml_source *source, weir_source *ret);
    /* The input of a resource, and what else is the kind's. */
    weir_status (*read_resource)(const wr_toml_source *source, const wr_toml *table,
                                 weir_resource *ret);
};

/* All kinds that there are; ends with NULL. */
const wr_source_kind *const *wr_source_kinds(void);
extern const wr_source_kind wr_toml_filesystem; /* toml_filesystem.c */
extern const wr_source_kind wr_toml_command;    /* toml_command.c */
extern const wr_source_kind wr_toml_rest_api;   /* toml_rest_api.c */

/* A text of a table, not empty and without NUL; `*ret` stays as it is when the key is missing. */
weir_status wr_toml_source_text(const wr_toml_source *source, const wr_toml *table, const char *key,
                                const char **ret) WEIR_MUST_USE;
/* A setting of the resource, or else of the source, or else the standard one, which may be NULL. */
weir_status wr_toml_source_setting(const wr_toml_source *source, const wr_toml *table,
                                   const char *key, const char *standard, const char **ret)
    WEIR_MUST_USE;
/* What the configuration says to an option of the kind: `sources.KIND.OPTION`; `*ret` stays as it is when nothing does. */
weir_status wr_toml_source_option(const wr_toml_source *source, const weir_option *option,
                                  const char **ret) WEIR_MUST_USE;
/* The arguments of `incremental` in a table, with the types that the state knows; NULL when it has none. */
weir_status wr_toml_source_incremental(const wr_toml_source *source, const wr_toml *table,
                                       wr_node **ret) WEIR_MUST_USE;
/* A table with the types that cursors know: dates and times are marked texts. */
wr_node *wr_toml_source_typed(const wr_toml_source *source, const wr_toml *table);
/* `on_bad_row` of the resource or the source. */
weir_status wr_toml_source_bad_row(const wr_toml_source *source, const wr_toml *table,
                                   weir_bad_row *ret) WEIR_MUST_USE;
/* A path as the project sees it: relative ones are from its folder. */
const char *wr_toml_source_path(const wr_toml_source *source, weir_str path);
/* Compact JSON of a node. */
const char *wr_toml_source_json(const wr_toml_source *source, const wr_node *node);

#endif
