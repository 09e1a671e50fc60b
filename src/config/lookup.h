/* The order in which the chain is asked: values are found by it, and what is missing is explained by it. */
#ifndef WR_LOOKUP_H
#define WR_LOOKUP_H

#include "config/config.h"

/* The pipeline in front, the parts of the section, its own section: the most sections that a key has. */
#define WR_KEY_MAX (WR_SECTION_MAX + 2)
/* Every prefix of the section, the empty one, and the compact one of sources. */
#define WR_PATHS_MAX (WR_SECTION_MAX + 2)

typedef struct wr_path {
    weir_str parts[WR_KEY_MAX];
    size_t len;
} wr_path;

/* The paths of a section, the most specific first. Returns how many. */
size_t wr_paths_build(const wr_section *section, wr_path ret[WR_PATHS_MAX]);

/* Called for one place after the other, in the order in which they are asked, until it says `*ret_done` or fails. */
typedef weir_status (*wr_visit)(weir_ctx *cx, void *self, const wr_provider *provider,
                                const wr_key *key, bool *ret_done);
weir_status wr_config_visit(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                            wr_visit visit, void *self) WEIR_MUST_USE;

/* The environment, as a provider. */
extern const wr_provider wr_environment;

#endif
