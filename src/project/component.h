/* Components: what a project can depend on. The engine is one of them. */
#ifndef WR_COMPONENT_H
#define WR_COMPONENT_H

#include <weir/base.h>

#include "base/arena.h"

typedef struct wr_component {
    const char *name;
    /* The library that it needs: its version, and its file. NULL: it is a part of the engine. WEIR_CONFIG when it is not
     * there. */
    weir_status (*library)(weir_ctx *cx, wr_arena *arena, weir_str *ret_version,
                           weir_str *ret_file);
} wr_component;

/* All but the engine; defined in src/weir.c. Ends with a zero element. */
extern const wr_component wr_builtin_components[];

/* The name of the engine. */
#define WR_ENGINE "weir"

/* What is installed under a name. Texts are in the arena it was asked with. */
typedef struct wr_installed {
    weir_str name;
    weir_str version;
    weir_str file; /* empty: it is a part of the engine */
} wr_installed;

/* WEIR_INVALID with the nearest name when this weir knows no such component, WEIR_CONFIG when its library is not there. */
weir_status wr_component_find(weir_ctx *cx, wr_arena *arena, weir_str name, wr_installed *ret)
    WEIR_MUST_USE;
/* Is it one that this weir knows? */
bool wr_component_known(weir_str name);

/* Order of versions, number by number: 1.9 is before 1.10, and 1.0 is 1. */
int wr_version_cmp(weir_str a, weir_str b);
/* Numbers with dots between them. */
bool wr_version_valid(weir_str version);

#endif
