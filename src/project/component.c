/* What is installed: the engine, and the libraries of its components. */
#include "project/component.h"

#include <dlfcn.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/str.h"

#define NAMES_MAX 64

/* The file that this code is in. */
static weir_status find_engine(weir_ctx *cx, wr_arena *arena, wr_installed *ret)
{
    Dl_info info;
    if (dladdr((const void *)wr_builtin_components, &info) == 0 || !info.dli_fname)
        return weir_fail(cx, WEIR_INTERNAL, "the file of the engine is not known");
    ret->name = wr_lit(WR_ENGINE);
    ret->version = wr_lit(WEIR_VERSION);
    ret->file = wr_arena_str(arena, weir_str_of(info.dli_fname));
    return WEIR_OK;
}

static weir_status fail_unknown(weir_ctx *cx, wr_arena *arena, weir_str name)
{
    const char *names[NAMES_MAX + 1] = { 0 };
    wr_auto(buf) wr_buf known = wr_buf_max(1024);
    for (size_t i = 0; wr_builtin_components[i].name && i < NAMES_MAX; i++) {
        names[i] = wr_builtin_components[i].name;
        wr_buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = wr_str_nearest(wr_arena_str(arena, name).ptr, names);
    if (nearest)
        return weir_fail(cx, WEIR_INVALID,
                         "this weir has nothing called '%.*s'\nhint: did you mean '%s'?",
                         WR_STR(name), nearest);
    return weir_fail(cx, WEIR_INVALID, "this weir has nothing called '%.*s'\nhint: it has: %s",
                     WR_STR(name), wr_buf_text(&known));
}

static const wr_component *find(weir_str name)
{
    for (const wr_component *each = wr_builtin_components; each->name; each++)
        if (wr_str_eq(weir_str_of(each->name), name))
            return each;
    return NULL;
}

bool wr_component_known(weir_str name)
{
    return wr_str_eq(name, wr_lit(WR_ENGINE)) || find(name);
}

weir_status wr_component_find(weir_ctx *cx, wr_arena *arena, weir_str name, wr_installed *ret)
{
    if (wr_str_eq(name, wr_lit(WR_ENGINE)))
        return find_engine(cx, arena, ret);
    const wr_component *component = find(name);
    if (!component)
        return fail_unknown(cx, arena, name);
    wr_installed installed = { .name = weir_str_of(component->name),
                               .version = wr_lit(WEIR_VERSION) };
    if (component->library)
        WEIR_TRY(component->library(cx, arena, &installed.version, &installed.file));
    *ret = installed;
    return WEIR_OK;
}

/* ---- versions ---- */

bool wr_version_valid(weir_str version)
{
    weir_str part;
    if (version.len == 0 || version.ptr[version.len - 1] == '.')
        return false;
    while (wr_str_split(&version, '.', &part)) {
        if (part.len == 0 || part.len > 9)
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (part.ptr[i] < '0' || part.ptr[i] > '9')
                return false;
    }
    return true;
}

/* The next number of a version; 0 behind its end. */
static long next_number(weir_str *rest)
{
    weir_str part = { 0 };
    long number = 0;
    (void)wr_str_split(rest, '.', &part);
    for (size_t i = 0; i < part.len && i < 9 && part.ptr[i] >= '0' && part.ptr[i] <= '9'; i++)
        number = number * 10 + (part.ptr[i] - '0');
    return number;
}

int wr_version_cmp(weir_str a, weir_str b)
{
    while (a.len > 0 || b.len > 0) {
        const long x = next_number(&a);
        const long y = next_number(&b);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}
