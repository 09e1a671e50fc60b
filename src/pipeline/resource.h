/* Resources as a pipeline runs them: what the user wrote, in C or in TOML, read and checked before anything starts. */
#ifndef WR_RESOURCE_H
#define WR_RESOURCE_H

#include <weir/source.h>

#include "pipeline/incremental.h"

typedef struct wr_resource {
    const weir_resource *def;
    weir_str name;
    const wr_node
        *hints; /* dlt's arguments of a resource, see schema/hints.h: all that `def` says */
    weir_str table_field; /* member of each row that names its table; empty: all go to one */
    bool replaces;        /* the rows of earlier loads go away */
    const wr_incremental_settings *incremental; /* over the rows; NULL: none */
    const wr_incremental_settings *of_items;    /* over the items of its input: files; NULL: none */
} wr_resource;

typedef struct wr_resources {
    wr_resource *ptr;
    size_t len;
} wr_resources;

/* Read a list that ends with a zero element; what is made is in `arena`. WEIR_INVALID for names that are missing or come
 * twice, WEIR_CONFIG for hints that are wrong, WEIR_UNSUPPORTED for those that are not built. */
weir_status wr_resources_read(weir_ctx *cx, wr_arena *arena, const weir_resource *list,
                              wr_resources *ret) WEIR_MUST_USE;

/* Must its rows be looked at one by one before it is known which of them go on, and where? */
bool wr_resource_looks(const wr_resource *resource);

/* Under which name the increment over its items keeps its values: `filesystem_events`, as dlt calls the lister of files that
 * are read as "events". */
weir_str wr_resource_items_name(wr_arena *arena, const wr_resource *resource);

/* Names of hints, and of dlt's arguments of an incremental: lists that end with NULL. */
extern const char *const wr_resource_hints[];
extern const char *const wr_incremental_arguments[];

#endif
