/* Makes a module of C files, each step once for each content. What is kept lies in `<data dir>/modules/`:
 *
 *   <file>.deps             what the object of a file was made of, see project/deps.h
 *   <file>-<content>.o      the object
 *   <module>-<content>.so   the module
 *   ….tmp                   being written by a compiler, or left by one that was killed
 *
 *   file      XXH3 of weir's version and interface, the compiler's command, and the path of the file
 *   module    XXH3 of the same, and the path of the project, or of the file that is a module by itself
 *   content   of an object: XXH3 of the text of the .deps file; of a module: of the names of its objects
 *
 * An object is good while every line of its list holds. Its name follows from the list, and the list is published
 * last: so whichever way runs at the same time overtake each other, no list leads to an object of other content. */
#include "project/build.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/time.h"
#include "pipeline/home.h"
#include "project/compiler.h"
#include "project/deps.h"

#define KEY_MAX ((size_t)1 << 20)

/* Younger files are left alone when old ones are removed: another run may be about to load or to publish them. */
#define KEEP_US (3600 * WR_US_PER_SECOND)

/* A folder of modules. */
typedef struct folder {
    weir_str path;
    int dir; /* -1: not there */
} folder;

typedef struct build {
    wr_arena *arena;
    const wr_c_files *files;
    bool keep;
    wr_compiler compiler;
    const char *runs_in;  /* the compiler: absolute */
    folder kept;          /* of the project */
    folder own;           /* for what is not kept; made when it is needed */
    const char **objects; /* absolute paths, one for each file */
    size_t compiled;
} build;

/* ---- folders ---- */

static weir_status open_kept(weir_ctx *cx, build *b)
{
    weir_str data;
    WEIR_TRY(wr_data_dir(cx, b->arena, &data));
    b->kept.path = wr_arena_printf(b->arena, "%.*s/modules", WR_STR(data));
    bool exists = true;
    if (!b->keep)
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, b->kept.path.ptr, &exists));
    if (!exists)
        return WEIR_OK;
    const weir_status status = wr_open_dir(cx, AT_FDCWD, b->kept.path.ptr, b->keep, &b->kept.dir);
    if (status != WEIR_OK && weir_error_hint(cx)[0] == '\0')
        wr_hint(cx, "weir keeps its files in '%.*s'; WEIR_DATA_DIR names another place",
                WR_STR(data));
    return status;
}

static weir_status open_own(weir_ctx *cx, build *b)
{
    const char *temp = getenv("TMPDIR");
    char *path = wr_arena_alloc(b->arena, PATH_MAX);
    snprintf(path, PATH_MAX, "%s/weir-XXXXXX", temp && *temp ? temp : "/tmp");
    if (!mkdtemp(path))
        return wr_fail_errno(cx, errno, "cannot make a temporary folder as '%s'", path);
    b->own.path = weir_str_of(path);
    return wr_open_dir(cx, AT_FDCWD, path, false, &b->own.dir);
}

/* Where something that is missing is to be made. */
static weir_status folder_for_new(weir_ctx *cx, build *b, const folder **ret)
{
    if (!b->keep && b->own.dir < 0)
        WEIR_TRY(open_own(cx, b));
    *ret = b->keep ? &b->kept : &b->own;
    return WEIR_OK;
}

static const char *path_in(const build *b, const folder *in, const char *name)
{
    return wr_arena_printf(b->arena, "%.*s/%s", WR_STR(in->path), name).ptr;
}

/* ---- names ---- */

static const char *hash_name(const build *b, weir_str text)
{
    return wr_arena_printf(b->arena, "%016" PRIx64, wr_hash64(text.ptr, text.len)).ptr;
}

static weir_status absolute_path(weir_ctx *cx, const build *b, const char *file, weir_str *ret)
{
    char path[PATH_MAX];
    const char *given = wr_arena_printf(b->arena, "%s/%s", b->runs_in, file).ptr;
    if (!realpath(file[0] == '/' ? file : given, path))
        return wr_fail_errno(cx, errno, "the file '%s' cannot be read", file);
    *ret = wr_arena_str(b->arena, weir_str_of(path));
    return WEIR_OK;
}

static weir_status object_key(weir_ctx *cx, const build *b, const wr_c_file *file, const char **ret)
{
    weir_str path;
    WEIR_TRY(absolute_path(cx, b, file->path, &path));
    wr_auto(buf) wr_buf text = wr_buf_max(KEY_MAX);
    wr_compiler_put_object_key(&text, &b->compiler);
    wr_buf_printf(&text, "%s %.*s", file->main, WR_STR(path));
    WEIR_TRY(wr_buf_check(cx, &text, "the compiler's command"));
    *ret = hash_name(b, wr_buf_view(&text));
    return WEIR_OK;
}

static weir_status module_key(weir_ctx *cx, const build *b, const char **ret)
{
    weir_str path = weir_str_of(b->files->folder);
    if (path.len == 0)
        WEIR_TRY(absolute_path(cx, b, b->files->ptr[0].path, &path));
    wr_auto(buf) wr_buf text = wr_buf_max(KEY_MAX);
    wr_compiler_put_module_key(&text, &b->compiler);
    wr_buf_str(&text, path);
    WEIR_TRY(wr_buf_check(cx, &text, "the linker's command"));
    *ret = hash_name(b, wr_buf_view(&text));
    return WEIR_OK;
}

static const char *deps_name(const build *b, const char *key)
{
    return wr_arena_printf(b->arena, "%s.deps", key).ptr;
}

static const char *object_name(const build *b, const char *key, weir_str deps)
{
    return wr_arena_printf(b->arena, "%s-%s.o", key, hash_name(b, deps)).ptr;
}

/* No other process chooses the same. */
static const char *temp_name(weir_ctx *cx, const build *b, const char *key)
{
    uint64_t number;
    wr_random(cx, &number, sizeof(number));
    return wr_arena_printf(b->arena, "%s-%016" PRIx64 ".tmp", key, number).ptr;
}

/* ---- keeping ---- */

/* Remove what older content with the same key has left. */
static void sweep(weir_ctx *cx, const build *b, const folder *in, const char *key, const char *keep)
{
    wr_names names = { 0 };
    if (wr_list_dir(cx, b->arena, in->dir, &names) != WEIR_OK)
        weir_error_clear(cx); /* only tidying up */
    const weir_str prefix = wr_arena_printf(b->arena, "%s-", key);
    for (size_t i = 0; i < names.len; i++) {
        const char *name = names.ptr[i].ptr;
        struct stat st;
        if (!wr_str_starts(names.ptr[i], prefix) || strcmp(name, keep) == 0 ||
            fstatat(in->dir, name, &st, 0) != 0 ||
            wr_now(cx) - st.st_mtim.tv_sec * WR_US_PER_SECOND < KEEP_US)
            continue;
        if (wr_unlink_at(cx, in->dir, name) != WEIR_OK)
            weir_error_clear(cx);
    }
}

/* Give what a compiler has written its name; after a power cut it is there as a whole. */
static weir_status name_product(weir_ctx *cx, const folder *in, const char *temp, const char *name)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, in->dir, temp, O_RDONLY, &fd));
    WEIR_TRY(wr_fsync(cx, fd));
    return wr_rename_at(cx, in->dir, temp, name);
}

/* As wr_file_publish(), but several runs may do it at the same time: each has a temporary file of its own. */
static weir_status publish_deps(weir_ctx *cx, const build *b, const folder *in, const char *temp,
                                const char *key, weir_str deps)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, in->dir, temp, O_WRONLY | O_TRUNC, &fd));
    WEIR_TRY(wr_write_all(cx, fd, deps));
    WEIR_TRY(wr_fsync(cx, fd));
    return wr_rename_at(cx, in->dir, temp, deps_name(b, key));
}

static void unlink_quietly(weir_ctx *cx, int dir, const char *name)
{
    const wr_error error = cx->error;
    (void)!wr_unlink_at(cx, dir, name); /* a later run sweeps it */
    cx->error = error;
}

/* ---- objects ---- */

/* *ret NULL: there is none, or something it was made of has changed. */
static weir_status find_object(weir_ctx *cx, const build *b, const char *key, const char **ret)
{
    weir_str deps = { 0 };
    bool found = false;
    *ret = NULL;
    if (b->kept.dir < 0)
        return WEIR_OK;
    WEIR_TRY(wr_file_read(cx, b->arena, b->kept.dir, deps_name(b, key), &deps, &found));
    if (!found || !wr_deps_hold(cx, deps))
        return WEIR_OK;
    const char *name = object_name(b, key, deps);
    WEIR_TRY(wr_exists_at(cx, b->kept.dir, name, &found));
    if (found)
        *ret = path_in(b, &b->kept, name);
    return WEIR_OK;
}

/* An object on its way. */
typedef struct fresh {
    const folder *in;
    const char *key;
    const char *temp;
    const char *rules; /* the compiler's, and then the list that is made of them */
    weir_time started;
} fresh;

static weir_status keep_object(weir_ctx *cx, const build *b, const fresh *f, const char **ret)
{
    weir_str text = { 0 };
    bool found = false;
    WEIR_TRY(wr_file_read(cx, b->arena, f->in->dir, f->rules, &text, &found));

    wr_auto(buf) wr_buf deps = wr_buf_max(WR_DEPS_MAX);
    const bool known = found && wr_deps_make(cx, text, b->runs_in, f->started, &deps);
    /* what is not known for certain gets a name that no list leads to */
    const char *name = object_name(b, f->key, known ? wr_buf_view(&deps) : weir_str_of(f->temp));

    WEIR_TRY(name_product(cx, f->in, f->temp, name));
    if (known)
        WEIR_TRY(publish_deps(cx, b, f->in, f->rules, f->key, wr_buf_view(&deps)));
    sweep(cx, b, f->in, f->key, name);
    *ret = path_in(b, f->in, name);
    return WEIR_OK;
}

static weir_status compile(weir_ctx *cx, build *b, const wr_c_file *file, const char *key,
                           const char **ret)
{
    fresh f = { .key = key, .temp = temp_name(cx, b, key), .started = wr_now(cx) };
    f.rules = wr_arena_printf(b->arena, "%s.rules.tmp", f.temp).ptr;
    WEIR_TRY(folder_for_new(cx, b, &f.in));
    const wr_object_job job = {
        .file = file->path,
        .main = strcmp(file->main, WR_MAIN) == 0 ? NULL : file->main,
        .object = path_in(b, f.in, f.temp),
        .rules = path_in(b, f.in, f.rules),
    };
    weir_status status = wr_compiler_object(cx, &b->compiler, &job);
    if (status == WEIR_OK)
        status = keep_object(cx, b, &f, ret);
    unlink_quietly(cx, f.in->dir, f.temp);
    unlink_quietly(cx, f.in->dir, f.rules);
    b->compiled++;
    return status;
}

static weir_status find_or_compile(weir_ctx *cx, build *b)
{
    b->objects = wr_arena_new_array(b->arena, b->files->len, const char *);
    for (size_t i = 0; i < b->files->len; i++) {
        const wr_c_file *file = &b->files->ptr[i];
        const char *key = NULL;
        WEIR_TRY(object_key(cx, b, file, &key));
        WEIR_TRY(find_object(cx, b, key, &b->objects[i]));
        if (!b->objects[i])
            WEIR_TRY(compile(cx, b, file, key, &b->objects[i]));
    }
    return WEIR_OK;
}

/* ---- the module ---- */

static weir_status module_name(weir_ctx *cx, const build *b, const char *key, const char **ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max(KEY_MAX);
    for (size_t i = 0; i < b->files->len; i++)
        wr_buf_printf(&text, "%s ", strrchr(b->objects[i], '/') + 1);
    WEIR_TRY(wr_buf_check(cx, &text, "the list of objects"));
    *ret = wr_arena_printf(b->arena, "%s-%s.so", key, hash_name(b, wr_buf_view(&text))).ptr;
    return WEIR_OK;
}

static weir_status link_module(weir_ctx *cx, build *b, const char *key, const char *name,
                               weir_str *ret)
{
    const folder *in = NULL;
    WEIR_TRY(folder_for_new(cx, b, &in));
    const char *temp = temp_name(cx, b, key);
    const wr_module_job job = {
        .name = b->files->name,
        .objects = b->objects,
        .count = b->files->len,
        .module = path_in(b, in, temp),
    };
    weir_status status = wr_compiler_module(cx, &b->compiler, &job);
    if (status == WEIR_OK)
        status = name_product(cx, in, temp, name);
    unlink_quietly(cx, in->dir, temp);
    WEIR_TRY(status);
    sweep(cx, b, in, key, name);
    *ret = weir_str_of(path_in(b, in, name));
    return WEIR_OK;
}

static weir_status find_or_link(weir_ctx *cx, build *b, weir_str *ret)
{
    const char *key = NULL;
    const char *name = NULL;
    bool found = false;
    WEIR_TRY(module_key(cx, b, &key));
    WEIR_TRY(module_name(cx, b, key, &name));
    if (b->kept.dir >= 0)
        WEIR_TRY(wr_exists_at(cx, b->kept.dir, name, &found));
    if (!found)
        return link_module(cx, b, key, name, ret);
    *ret = weir_str_of(path_in(b, &b->kept, name));
    return WEIR_OK;
}

static weir_status begin(weir_ctx *cx, build *b)
{
    char *working = wr_arena_alloc(b->arena, PATH_MAX);
    b->runs_in = b->files->folder;
    if (!b->runs_in && !(b->runs_in = getcwd(working, PATH_MAX)))
        return wr_fail_errno(cx, errno, "the working folder has no path");
    WEIR_TRY(wr_compiler_find(cx, b->arena, b->files->folder, &b->compiler));
    return open_kept(cx, b);
}

weir_status wr_build_module(weir_ctx *cx, wr_arena *arena, const wr_c_files *files, bool keep,
                            wr_built *ret)
{
    build b = { .arena = arena, .files = files, .keep = keep, .kept.dir = -1, .own.dir = -1 };
    wr_built built = { 0 };
    weir_status status = begin(cx, &b);
    if (status == WEIR_OK)
        status = find_or_compile(cx, &b);
    if (status == WEIR_OK)
        status = find_or_link(cx, &b, &built.path);
    wr_cleanup_close(&b.kept.dir);
    wr_cleanup_close(&b.own.dir);
    built.folder = b.own.path;
    built.compiled = b.compiled;
    if (status == WEIR_OK)
        *ret = built;
    else
        wr_built_remove(cx, &built);
    return status;
}

void wr_built_remove(weir_ctx *cx, const wr_built *built)
{
    const wr_error error = cx->error;
    if (built->folder.len > 0)
        (void)!wr_remove_tree(cx, AT_FDCWD, built->folder.ptr); /* it is in the way of nothing */
    cx->error = error;
}
