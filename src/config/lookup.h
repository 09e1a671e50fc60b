/* The order in which the chain is asked: values are found by it, and what is missing is explained by it. */
#ifndef WR_LOOKUP_H
#define WR_LOOKUP_H

#include "config/config.h"

/* The pipeline in front, the parts of the section, its own section: the most sections that a key has. */
#define WR_KEY_MAX (WR_SECTION_MAX + 2)
/* Every prefix of the section, the empty one, and the compact one of sources. */
#define WR_PATHS_MAX (WR_SECTION_MAX + 2)

typedef struct wr_key_path {
    weir_str parts[WR_KEY_MAX];
    size_t len;
} wr_key_path;

/* The paths of a section, the most specific first. Returns how many. */
size_t wr_paths_build(const wr_section *section, wr_key_path ret[WR_PATHS_MAX]);

/* Called for one place after the other, in the order in which they are asked, until it says `*ret_done` or fails. */
typedef weir_status (*wr_visit)(weir_ctx *cx, void *self, const wr_provider *provider,
                                const wr_key *key, bool *ret_done);
weir_status wr_config_visit(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                            wr_visit visit, void *self) WEIR_MUST_USE;
/* The scope of one option of a list: parts of a source's connection string may also stand flat in the source's own table,
 * `sources.clever_cloud.host` for `sources.clever_cloud.credentials.host`, after all other places. */
wr_scope wr_option_scope(const wr_scope *scope, const weir_option *options,
                         const weir_option *option);

/* `destination.duckdb.threads`: how most providers spell a key. */
weir_str wr_key_dotted(void *self, const wr_key *key, wr_arena *arena);

/* The environment, as a provider; `self` is the folder where containers mount secrets. */
extern const wr_provider wr_environment;
/* Memory that lives as long as the configuration. */
wr_arena *wr_config_arena(wr_config *config);
/* All of the chain, in the order in which they are asked. */
const wr_provider *wr_config_providers(const wr_config *config, size_t *ret_count);

#endif
