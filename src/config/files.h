/* The settings files of a project as providers. */
#ifndef WR_FILES_H
#define WR_FILES_H

#include "config/config.h"
#include "format/toml.h"

#define WR_FILES_MAX WR_LOCATIONS_MAX

/* One name, `secrets.toml` or `config.toml`, in the folders that it is looked for in. */
typedef struct wr_files {
    bool secrets;
    wr_arena *arena;                    /* wiped, if these are secrets */
    const wr_toml *roots[WR_FILES_MAX]; /* of those that there are; the first one wins */
    size_t len;
} wr_files;

/* Called for each key of a file; `*ret_inside`: go on below it, if it is a table. */
typedef weir_status (*wr_key_visit)(weir_ctx *cx, void *self, weir_str dotted, const wr_toml *value,
                                    bool *ret_inside);
/* Visit all keys of the files of a configuration, tables before what is in them. */
weir_status wr_config_visit_keys(weir_ctx *cx, const wr_config *config, wr_arena *arena,
                                 wr_key_visit visit, void *self) WEIR_MUST_USE;
/* Those of one name. */
weir_status wr_files_visit(weir_ctx *cx, const wr_files *files, wr_arena *arena, wr_key_visit visit,
                           void *self) WEIR_MUST_USE;

/* The provider of files that are read. */
void wr_files_provider(wr_files *files, wr_provider *ret);
/* Read them; `files` stays as long as the provider is used. */
weir_status wr_files_open(weir_ctx *cx, wr_files *files, weir_str project, wr_provider *ret)
    WEIR_MUST_USE;

#endif
