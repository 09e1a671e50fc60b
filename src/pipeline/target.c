/* Destinations by name, and opening one with its options. */
#include "base/ctx.h"
#include "base/str.h"
#include "pipeline/run.h"

const weir_destination *wr_destination_find(weir_str name)
{
    for (size_t i = 0; wr_builtin_destinations[i]; i++)
        if (wr_str_eq(name, weir_str_of(wr_builtin_destinations[i]->name)))
            return wr_builtin_destinations[i];
    return NULL;
}

weir_status wr_destination_get(weir_ctx *cx, weir_str name, const weir_destination **ret)
{
    *ret = wr_destination_find(name);
    if (*ret)
        return WEIR_OK;
    const char *names[16] = { 0 };
    wr_auto(buf) wr_buf list = wr_buf_max(1024);
    for (size_t i = 0; wr_builtin_destinations[i] && i < 15; i++) {
        names[i] = wr_builtin_destinations[i]->name;
        wr_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%.*s", WR_STR(name));
    const char *nearest = wr_str_nearest(wanted, names);
    return weir_fail(cx, WEIR_CONFIG, "there is no destination '%s'\nhint: %s%s%sthis weir has: %s",
                     wanted, nearest ? "did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'? " : "", wr_buf_text(&list));
}

const char *wr_destination_locator(const weir_destination *destination)
{
    return destination->locator ? destination->locator : "credentials";
}

weir_status wr_destination_open(weir_ctx *cx, wr_config *config, wr_arena *arena,
                                const weir_destination *destination, weir_target target, void *self)
{
    if (target.name.len == 0)
        target.name = weir_str_of(destination->name);
    const wr_scope scope = {
        .config = config,
        .pipeline = target.pipeline,
        .section = WR_SECTION("destination", wr_arena_str(arena, target.name).ptr),
    };
    WEIR_TRY(wr_config_resolve(cx, &scope, destination->options, arena, &target.options));
    return destination->open(cx, self, &target);
}
