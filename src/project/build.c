/* Compiles a C file of the user into a module, once for each content. What is kept lies in `<data dir>/modules/`:
 *
 *   <key>.deps           what the module was made of
 *   <key>-<content>.so   the module
 *   <key>-….tmp          being written by a compiler, or left by one that was killed
 *
 *   key      XXH3 of weir's version and interface, the compiler's command, and the path of the file
 *   content  XXH3 of the text of the .deps file
 *   .deps    "weir-deps 1", then a line "<XXH3 of the file> <absolute path>" for each file that the compiler read,
 *            system headers apart
 *
 * A module is good while every line of its list holds. Its name follows from the list, and the list is published
 * last: so whichever way runs at the same time overtake each other, no list leads to a module of other content. */
#include "project/build.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"
#include "base/time.h"
#include "base/vec.h"
#include "pipeline/home.h"

#define DEPS_MAGIC "weir-deps 1\n"
#define DEPS_MAX ((size_t)4 << 20)
#define COMMAND_MAX ((size_t)1 << 20)

/* Younger files are left alone when old ones are removed: another run may be about to load or to publish them. */
#define KEEP_US (3600 * WR_US_PER_SECOND)

typedef wr_vec(const char *) word_list;

typedef struct build {
    wr_arena *arena;
    const char *file;    /* as the user named it */
    bool keep;           /* in the project's folder of modules */
    weir_str source;     /* absolute path of it */
    weir_str folder;     /* of the modules */
    int dir;             /* the same, open; -1: not there */
    const char *include; /* folder of weir's headers */
    weir_str project;
    const char *cc;     /* $CC, or NULL */
    const char *ldlibs; /* $LDLIBS, or "" */
    weir_str key;
} build;

static const char *const default_compilers[] = { "cc", "gcc", "clang", NULL };

static const char *const flags[] = {
    "-std=gnu17", "-shared", "-fPIC", "-O2", "-g", "-Wall", "-Werror=implicit-function-declaration",
};

static const char *env_text(const char *name, const char *otherwise)
{
    const char *text = getenv(name);
    return text && wr_str_trim(weir_str_of(text)).len > 0 ? text : otherwise;
}

/* ---- the place of the module ---- */

static weir_status absolute_path(weir_ctx *cx, build *b)
{
    char path[PATH_MAX];
    if (!realpath(b->file, path))
        return wr_fail_errno(cx, errno, "the file '%s' cannot be read", b->file);
    b->source = wr_arena_str(b->arena, weir_str_of(path));
    return WEIR_OK;
}

static weir_status find_headers(weir_ctx *cx, build *b)
{
    b->include = wr_arena_printf(b->arena, "%s/../include", wr_process_dir()).ptr;
    bool found = false;
    const weir_str header = wr_arena_printf(b->arena, "%s/weir.h", b->include);
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, header.ptr, &found));
    if (found)
        return WEIR_OK;
    return weir_fail(cx, WEIR_CONFIG,
                     "the headers of weir were not found: no file '%s'\n"
                     "hint: install weir as a whole, command and headers: make install PREFIX=…",
                     header.ptr);
}

static void put_part(wr_buf *buf, weir_str part)
{
    wr_buf_printf(buf, "%zu:", part.len);
    wr_buf_str(buf, part);
}

/* Another compiler, other flags, another version of weir: another key. The compiler that is found without $CC counts as
 * "cc", so that a machine that has the module needs none. */
static weir_status make_key(weir_ctx *cx, build *b)
{
    wr_auto(buf) wr_buf text = wr_buf_max(COMMAND_MAX);
    wr_buf_printf(&text, "%s %d ", WEIR_VERSION, WEIR_INTERFACE);
    put_part(&text, weir_str_of(b->cc ? b->cc : default_compilers[0]));
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        put_part(&text, weir_str_of(flags[i]));
    put_part(&text, weir_str_of(b->ldlibs));
    put_part(&text, weir_str_of(b->include));
    put_part(&text, b->project);
    put_part(&text, b->source);
    WEIR_TRY(wr_buf_check(cx, &text, "the compiler's command"));

    b->key = wr_arena_printf(b->arena, "%016" PRIx64, wr_hash64(text.ptr, text.len));
    return WEIR_OK;
}

static weir_status open_folder(weir_ctx *cx, build *b)
{
    weir_str data;
    WEIR_TRY(wr_data_dir(cx, b->arena, &data));
    b->folder = wr_arena_printf(b->arena, "%.*s/modules", WR_STR(data));
    bool exists = true;
    if (!b->keep)
        WEIR_TRY(wr_exists_at(cx, AT_FDCWD, b->folder.ptr, &exists));
    if (!exists)
        return WEIR_OK;
    const weir_status status = wr_open_dir(cx, AT_FDCWD, b->folder.ptr, b->keep, &b->dir);
    if (status != WEIR_OK && weir_error_hint(cx)[0] == '\0')
        wr_hint(cx, "weir keeps its files in '%.*s'; WEIR_DATA_DIR names another place",
                WR_STR(data));
    return status;
}

static weir_status build_begin(weir_ctx *cx, build *b)
{
    WEIR_TRY(absolute_path(cx, b));
    WEIR_TRY(find_headers(cx, b));
    WEIR_TRY(wr_project_dir(cx, b->arena, &b->project));
    WEIR_TRY(open_folder(cx, b));

    b->cc = env_text("CC", NULL);
    b->ldlibs = env_text("LDLIBS", "");
    return make_key(cx, b);
}

static const char *deps_name(const build *b)
{
    return wr_arena_printf(b->arena, "%.*s.deps", WR_STR(b->key)).ptr;
}

static const char *module_name(const build *b, weir_str deps)
{
    const uint64_t content = wr_hash64(deps.ptr, deps.len);
    return wr_arena_printf(b->arena, "%.*s-%016" PRIx64 ".so", WR_STR(b->key), content).ptr;
}

/* ---- what an earlier run left ---- */

/* False when the file cannot be read: then it is not what it was, whatever the reason. */
static bool hash_file(weir_ctx *cx, const char *path, uint64_t *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str content;
    bool found = false;
    if (wr_file_read(cx, &arena, AT_FDCWD, path, &content, &found) != WEIR_OK) {
        weir_error_clear(cx);
        return false;
    }
    if (found)
        *ret = wr_hash64(content.ptr, content.len);
    return found;
}

/* A line "<hash> <path>". */
static bool line_holds(weir_ctx *cx, const build *b, weir_str line)
{
    weir_str hash_text;
    if (!wr_str_split(&line, ' ', &hash_text) || line.len == 0)
        return false;
    uint64_t hash;
    if (!hash_file(cx, wr_arena_str(b->arena, line).ptr, &hash))
        return false;
    char expected[17];
    snprintf(expected, sizeof(expected), "%016" PRIx64, hash);
    return wr_str_eq(hash_text, weir_str_of(expected));
}

static bool list_holds(weir_ctx *cx, const build *b, weir_str deps)
{
    if (!wr_str_starts(deps, wr_lit(DEPS_MAGIC)))
        return false;
    deps.ptr += sizeof(DEPS_MAGIC) - 1;
    deps.len -= sizeof(DEPS_MAGIC) - 1;
    for (weir_str line; wr_str_split(&deps, '\n', &line);)
        if (line.len > 0 && !line_holds(cx, b, line))
            return false;
    return true;
}

/* *ret NULL: there is none, or something it was made of has changed. */
static weir_status find_module(weir_ctx *cx, const build *b, const char **ret)
{
    weir_str deps = { 0 };
    bool found = false;
    WEIR_TRY(wr_file_read(cx, b->arena, b->dir, deps_name(b), &deps, &found));
    if (!found || !list_holds(cx, b, deps)) {
        *ret = NULL;
        return WEIR_OK;
    }
    const char *name = module_name(b, deps);
    WEIR_TRY(wr_exists_at(cx, b->dir, name, &found));
    *ret = found ? name : NULL;
    return WEIR_OK;
}

/* ---- the compiler ---- */

static void push_words(const build *b, word_list *words, const char *text)
{
    weir_str rest = weir_str_of(text);
    for (weir_str word; wr_str_split(&rest, ' ', &word);)
        if (word.len > 0)
            *wr_vec_push(words) = wr_arena_str(b->arena, word).ptr;
}

static void push_command(const build *b, word_list *words, const char *compiler, const char *module,
                         const char *rules)
{
    push_words(b, words, compiler);
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        *wr_vec_push(words) = flags[i];
    *wr_vec_push(words) = wr_arena_printf(b->arena, "-I%s", b->include).ptr;
    *wr_vec_push(words) = wr_arena_printf(b->arena, "-I%.*s", WR_STR(b->project)).ptr;
    *wr_vec_push(words) = "-MMD";
    *wr_vec_push(words) = "-MT";
    *wr_vec_push(words) = "module";
    *wr_vec_push(words) = "-MF";
    *wr_vec_push(words) = rules;
    *wr_vec_push(words) = "-o";
    *wr_vec_push(words) = module;
    /* as the user wrote it: so the compiler's messages show it; never an option, whatever its name */
    *wr_vec_push(words) =
        b->file[0] == '-' ? wr_arena_printf(b->arena, "./%s", b->file).ptr : b->file;
    push_words(b, words, b->ldlibs);
    *wr_vec_push(words) = NULL;
}

/* Start a program with its standard output going to stderr: stdout is for results. Returns 0 or an error number. */
static int start_program(const char *const *words, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    if (!failed) /* the words are not changed: the type of argv is older than const */
        failed =
            posix_spawnp(ret, words[0], &actions, NULL, (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static weir_status wait_for(weir_ctx *cx, const build *b, pid_t pid, const char *program)
{
    int ended = 0;
    while (waitpid(pid, &ended, 0) < 0)
        if (errno != EINTR)
            return wr_fail_errno(cx, errno, "waiting for '%s'", program);
    WEIR_TRY(wr_check_cancel(cx));

    if (WIFSIGNALED(ended))
        return weir_fail(cx, WEIR_INTERNAL, "'%s' was not compiled: '%s' was ended by a signal: %s",
                         b->file, program, strsignal(WTERMSIG(ended)));
    if (WEXITSTATUS(ended) != 0)
        return weir_fail(cx, WEIR_INVALID,
                         "'%s' was not compiled: '%s' ended with status %d\n"
                         "hint: the compiler's messages are above; correct the file and run again",
                         b->file, program, WEXITSTATUS(ended));
    return WEIR_OK;
}

static weir_status fail_no_compiler(weir_ctx *cx, const build *b)
{
    if (b->cc)
        return weir_fail(cx, WEIR_CONFIG,
                         "the compiler that CC names was not found: '%s'\n"
                         "hint: correct CC, or unset it: then cc, gcc and clang are tried",
                         b->cc);
    return weir_fail(
        cx, WEIR_CONFIG,
        "no C compiler was found: neither cc nor gcc nor clang\n"
        "hint: install one (on Debian: apt-get install gcc libc6-dev), or name one in CC");
}

/* Run the first compiler that is there. */
static weir_status run_compiler(weir_ctx *cx, const build *b, const char *module, const char *rules)
{
    const char *const only[] = { b->cc, NULL };
    for (const char *const *compiler = b->cc ? only : default_compilers; *compiler; compiler++) {
        word_list words = { 0 };
        push_command(b, &words, *compiler, module, rules);
        const char *program = words.ptr[0];
        pid_t pid = 0;
        const int failed = start_program(words.ptr, &pid);
        wr_vec_done(&words);
        if (failed == ENOENT)
            continue;
        if (failed)
            return wr_fail_errno(cx, failed, "the compiler '%s' could not be started", program);
        return wait_for(cx, b, pid, program);
    }
    return fail_no_compiler(cx, b);
}

/* ---- what the module was made of ---- */

/* Cut the next file name off a rule as compilers write it for make: blanks and '#' behind a backslash, '$' doubled, long
 * rules continued by a backslash at the end of the line. False when there is none left. */
static bool next_file(weir_str *rest, wr_buf *ret)
{
    wr_buf_clear(ret);
    while (rest->len > 0) {
        const char c = rest->ptr[0];
        const char next = rest->len > 1 ? rest->ptr[1] : '\0';
        const bool blank = c == ' ' || c == '\n' || (c == '\\' && next == '\n');
        const bool escaped =
            (c == '\\' && (next == ' ' || next == '#')) || (c == '$' && next == '$');
        if (blank && ret->len > 0)
            return true;
        if (!blank)
            wr_buf_char(ret, escaped ? next : c);
        const size_t used = escaped || (c == '\\' && next == '\n') ? 2 : 1;
        rest->ptr += used;
        rest->len -= used;
    }
    return ret->len > 0;
}

/* Was the file changed behind the back of a compiler that was started at `started`? */
static bool changed_since(const char *path, weir_time started)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return true;
    return st.st_ctim.tv_sec * WR_US_PER_SECOND + st.st_ctim.tv_nsec / 1000 > started;
}

/* Make the .deps text from a compiler's rules. False when it would not be the truth: a file has changed meanwhile. */
static bool make_deps(weir_ctx *cx, weir_str rules, weir_time started, wr_buf *ret)
{
    wr_auto(buf) wr_buf name = wr_buf_max(DEPS_MAX);
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof(folder)) || !next_file(&rules, &name)) /* "module:" */
        return false;

    wr_buf_cstr(ret, DEPS_MAGIC);
    while (next_file(&rules, &name)) {
        const char *path = wr_buf_text(&name);
        uint64_t hash;
        if (changed_since(path, started) || !hash_file(cx, path, &hash))
            return false;
        const bool absolute = path[0] == '/';
        wr_buf_printf(ret, "%016" PRIx64 " %s%s%s\n", hash, absolute ? "" : folder,
                      absolute ? "" : "/", path);
    }
    return !ret->failed;
}

/* Remove what older content of the same file has left. */
static void sweep(weir_ctx *cx, const build *b, const char *keep)
{
    wr_names names = { 0 };
    if (wr_list_dir(cx, b->arena, b->dir, &names) != WEIR_OK)
        weir_error_clear(cx); /* only tidying up */
    const weir_str prefix = wr_arena_printf(b->arena, "%.*s-", WR_STR(b->key));
    for (size_t i = 0; i < names.len; i++) {
        const char *name = names.ptr[i].ptr;
        struct stat st;
        if (!wr_str_starts(names.ptr[i], prefix) || strcmp(name, keep) == 0 ||
            fstatat(b->dir, name, &st, 0) != 0 ||
            wr_now(cx) - st.st_mtim.tv_sec * WR_US_PER_SECOND < KEEP_US)
            continue;
        if (wr_unlink_at(cx, b->dir, name) != WEIR_OK)
            weir_error_clear(cx);
    }
}

static weir_status sync_file(weir_ctx *cx, int dir, const char *name)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, dir, name, O_RDONLY, &fd));
    return wr_fsync(cx, fd);
}

/* As wr_file_publish(), but several runs may do it at the same time: each has a temporary file of its own. */
static weir_status publish_deps(weir_ctx *cx, const build *b, const char *temp, weir_str deps)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(cx, b->dir, temp, O_WRONLY | O_TRUNC, &fd));
    WEIR_TRY(wr_write_all(cx, fd, deps));
    WEIR_TRY(wr_fsync(cx, fd));
    return wr_rename_at(cx, b->dir, temp, deps_name(b));
}

/* Give the compiled module its name, and publish what it was made of, in place of the compiler's rules. */
static weir_status keep_module(weir_ctx *cx, const build *b, const char *temp, const char *rules,
                               weir_time started, const char **ret)
{
    weir_str text = { 0 };
    bool found = false;
    WEIR_TRY(wr_file_read(cx, b->arena, b->dir, rules, &text, &found));

    wr_auto(buf) wr_buf deps = wr_buf_max(DEPS_MAX);
    const bool known = found && make_deps(cx, text, started, &deps);
    /* what is not known for certain gets a name that no list leads to */
    const char *name = module_name(b, known ? wr_buf_view(&deps) : weir_str_of(temp));

    WEIR_TRY(sync_file(cx, b->dir, temp)); /* a list must not outlive its module in a power cut */
    WEIR_TRY(wr_rename_at(cx, b->dir, temp, name));
    if (known)
        WEIR_TRY(publish_deps(cx, b, rules, wr_buf_view(&deps)));
    sweep(cx, b, name);
    *ret = name;
    return WEIR_OK;
}

static void unlink_quietly(weir_ctx *cx, int dir, const char *name)
{
    const wr_error error = cx->error;
    (void)!wr_unlink_at(cx, dir, name); /* a later run sweeps it */
    cx->error = error;
}

static weir_status compile(weir_ctx *cx, const build *b, const char **ret)
{
    uint64_t number;
    wr_random(cx, &number, sizeof(number));
    const char *temp =
        wr_arena_printf(b->arena, "%.*s-%016" PRIx64 ".so.tmp", WR_STR(b->key), number).ptr;
    const char *rules = wr_arena_printf(b->arena, "%s.rules.tmp", temp).ptr;

    const weir_time started = wr_now(cx);
    weir_status status =
        run_compiler(cx, b, wr_arena_printf(b->arena, "%.*s/%s", WR_STR(b->folder), temp).ptr,
                     wr_arena_printf(b->arena, "%.*s/%s", WR_STR(b->folder), rules).ptr);
    if (status == WEIR_OK)
        status = keep_module(cx, b, temp, rules, started, ret);
    unlink_quietly(cx, b->dir, temp);
    unlink_quietly(cx, b->dir, rules);
    return status;
}

/* In place of the project's. */
static weir_status open_own_folder(weir_ctx *cx, build *b)
{
    char *path = wr_arena_alloc(b->arena, PATH_MAX);
    snprintf(path, PATH_MAX, "%s/weir-XXXXXX", env_text("TMPDIR", "/tmp"));
    if (!mkdtemp(path))
        return wr_fail_errno(cx, errno, "cannot make a temporary folder as '%s'", path);
    b->folder = weir_str_of(path);
    wr_cleanup_close(&b->dir);
    return wr_open_dir(cx, AT_FDCWD, path, false, &b->dir);
}

static weir_status find_or_compile(weir_ctx *cx, build *b, wr_built *ret)
{
    const char *name = NULL;
    if (b->dir >= 0)
        WEIR_TRY(find_module(cx, b, &name));
    if (!name && !b->keep) {
        WEIR_TRY(open_own_folder(cx, b));
        ret->folder = b->folder;
    }
    if (!name)
        WEIR_TRY(compile(cx, b, &name));
    ret->path = wr_arena_printf(b->arena, "%.*s/%s", WR_STR(b->folder), name);
    return WEIR_OK;
}

weir_status wr_build_module(weir_ctx *cx, wr_arena *arena, const char *file, bool keep,
                            wr_built *ret)
{
    build b = { .arena = arena, .file = file, .keep = keep, .dir = -1 };
    wr_built built = { 0 };
    weir_status status = build_begin(cx, &b);
    if (status == WEIR_OK)
        status = find_or_compile(cx, &b, &built);
    wr_cleanup_close(&b.dir);
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
