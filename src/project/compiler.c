/* Runs the C compiler: with which words, where, and what its failures mean. */
#include "project/compiler.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/process.h"
#include "base/str.h"
#include "base/vec.h"
#include "pipeline/home.h"

typedef wr_vec(const char *) word_list;

static const char *const default_compilers[] = { "cc", "gcc", "clang", NULL };

static const char *const object_flags[] = {
    "-std=gnu17", "-c", "-fPIC", "-O2", "-g", "-Wall", "-Werror=implicit-function-declaration",
    NULL,
};

/* A function of the user's is the one that his files mean, also when it is called as one of the C library. */
static const char *const module_flags[] = { "-shared", "-g", "-Wl,-Bsymbolic", NULL };

/* One call of the compiler. */
typedef struct call {
    const wr_compiler *compiler;
    const char *name; /* what it is about */
    const char *done; /* "compiled" */
    const char *hint;
    word_list words; /* behind those of the compiler */
} call;

/* ---- what there is ---- */

static const char *env_text(const char *name, const char *otherwise)
{
    const char *text = getenv(name);
    return text && wr_str_trim(weir_str_of(text)).len > 0 ? text : otherwise;
}

static weir_status find_headers(weir_ctx *cx, wr_arena *arena, const char **ret)
{
    const char *include = wr_arena_printf(arena, "%s/../include", wr_process_dir()).ptr;
    const weir_str header = wr_arena_printf(arena, "%s/weir.h", include);
    bool found = false;
    WEIR_TRY(wr_exists_at(cx, AT_FDCWD, header.ptr, &found));
    if (!found)
        return weir_fail(
            cx, WEIR_CONFIG,
            "the headers of weir were not found: no file '%s'\n"
            "hint: install weir as a whole, command and headers: make install PREFIX=…",
            header.ptr);
    *ret = include;
    return WEIR_OK;
}

weir_status wr_compiler_find(weir_ctx *cx, wr_arena *arena, const char *folder, wr_compiler *ret)
{
    wr_compiler compiler = {
        .arena = arena,
        .cc = env_text("CC", NULL),
        .ldlibs = env_text("LDLIBS", ""),
        .folder = folder,
    };
    WEIR_TRY(find_headers(cx, arena, &compiler.include));
    WEIR_TRY(wr_project_dir(cx, arena, &compiler.project));
    *ret = compiler;
    return WEIR_OK;
}

/* ---- keys ---- */

static void put_part(wr_buf *out, weir_str part)
{
    wr_buf_printf(out, "%zu:", part.len);
    wr_buf_str(out, part);
}

static void put_command(wr_buf *out, const wr_compiler *compiler, const char *const *flags)
{
    wr_buf_printf(out, "%s %d ", WEIR_VERSION, WEIR_INTERFACE);
    put_part(out, weir_str_of(compiler->cc ? compiler->cc : default_compilers[0]));
    for (; *flags; flags++)
        put_part(out, weir_str_of(*flags));
}

void wr_compiler_put_object_key(wr_buf *out, const wr_compiler *compiler)
{
    put_command(out, compiler, object_flags);
    put_part(out, weir_str_of(compiler->include));
    put_part(out, compiler->project);
}

void wr_compiler_put_module_key(wr_buf *out, const wr_compiler *compiler)
{
    put_command(out, compiler, module_flags);
    put_part(out, weir_str_of(compiler->ldlibs));
}

/* ---- running ---- */

static void push(call *c, const char *word)
{
    *wr_vec_push(&c->words) = word;
}

static void push_all(call *c, const char *const *words)
{
    for (; *words; words++)
        push(c, *words);
}

static void push_words(word_list *words, wr_arena *arena, const char *text)
{
    weir_str rest = weir_str_of(text);
    for (weir_str word; wr_str_split(&rest, ' ', &word);)
        if (word.len > 0)
            *wr_vec_push(words) = wr_arena_str(arena, word).ptr;
}

/* Start a program with its standard output going to stderr: stdout is for results. Returns 0 or an error number. */
static int start_program(const char *const *words, const char *folder, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    if (!failed && folder)
        failed = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (!failed) /* the words are not changed: the type of argv is older than const */
        failed =
            posix_spawnp(ret, words[0], &actions, NULL, (char *const *)(uintptr_t)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static weir_status wait_for(weir_ctx *cx, const call *c, pid_t pid, const char *program)
{
    int ended = 0;
    while (waitpid(pid, &ended, 0) < 0)
        if (errno != EINTR)
            return wr_fail_errno(cx, errno, "waiting for '%s'", program);
    WEIR_TRY(wr_check_cancel(cx));

    if (WIFSIGNALED(ended))
        return weir_fail(cx, WEIR_INTERNAL, "'%s' was not %s: '%s' was ended by a signal: %s",
                         c->name, c->done, program, strsignal(WTERMSIG(ended)));
    if (WEXITSTATUS(ended) != 0)
        return weir_fail(cx, WEIR_INVALID, "'%s' was not %s: '%s' ended with status %d\nhint: %s",
                         c->name, c->done, program, WEXITSTATUS(ended), c->hint);
    return WEIR_OK;
}

static weir_status fail_no_compiler(weir_ctx *cx, const wr_compiler *compiler)
{
    if (compiler->cc)
        return weir_fail(cx, WEIR_CONFIG,
                         "the compiler that CC names was not found: '%s'\n"
                         "hint: correct CC, or unset it: then cc, gcc and clang are tried",
                         compiler->cc);
    return weir_fail(
        cx, WEIR_CONFIG,
        "no C compiler was found: neither cc nor gcc nor clang\n"
        "hint: install one (on Debian: apt-get install gcc libc6-dev), or name one in CC");
}

/* *ret_there false: there is no such program. */
static weir_status run_as(weir_ctx *cx, const call *c, const char *compiler, bool *ret_there)
{
    word_list words = { 0 };
    push_words(&words, c->compiler->arena, compiler);
    for (size_t i = 0; i < c->words.len; i++)
        *wr_vec_push(&words) = c->words.ptr[i];
    *wr_vec_push(&words) = NULL;
    const char *program = words.ptr[0];
    pid_t pid = 0;
    const int failed = start_program(words.ptr, c->compiler->folder, &pid);
    wr_vec_done(&words);
    *ret_there = failed != ENOENT;
    if (failed == ENOENT)
        return WEIR_OK;
    if (failed)
        return wr_fail_errno(cx, failed, "the compiler '%s' could not be started", program);
    return wait_for(cx, c, pid, program);
}

/* Run the first compiler that is there. */
static weir_status run(weir_ctx *cx, const call *c)
{
    const char *const only[] = { c->compiler->cc, NULL };
    bool there = false;
    for (const char *const *each = only[0] ? only : default_compilers; *each && !there; each++)
        WEIR_TRY(run_as(cx, c, *each, &there));
    return there ? WEIR_OK : fail_no_compiler(cx, c->compiler);
}

weir_status wr_compiler_object(weir_ctx *cx, const wr_compiler *compiler, const wr_object_job *job)
{
    wr_arena *arena = compiler->arena;
    call c = {
        .compiler = compiler,
        .name = job->file,
        .done = "compiled",
        .hint = "the compiler's messages are above; correct the file and run again",
    };
    push_all(&c, object_flags);
    push(&c, wr_arena_printf(arena, "-I%s", compiler->include).ptr);
    push(&c, wr_arena_printf(arena, "-I%.*s", WR_STR(compiler->project)).ptr);
    if (job->main)
        push(&c, wr_arena_printf(arena, "-Dweir_main=%s", job->main).ptr);
    push_all(&c, (const char *const[]){ "-MMD", "-MT", "module", "-MF", job->rules, "-o",
                                        job->object, NULL });
    /* as the user wrote it: so the compiler's messages show it; never an option, whatever its name */
    push(&c, job->file[0] == '-' ? wr_arena_printf(arena, "./%s", job->file).ptr : job->file);
    const weir_status status = run(cx, &c);
    wr_vec_done(&c.words);
    return status;
}

weir_status wr_compiler_module(weir_ctx *cx, const wr_compiler *compiler, const wr_module_job *job)
{
    call c = {
        .compiler = compiler,
        .name = job->name,
        .done = "linked",
        .hint = "the linker's messages are above; a function that two files define is for one of "
                "them: make it static",
    };
    push_all(&c, module_flags);
    push(&c, "-o");
    push(&c, job->module);
    for (size_t i = 0; i < job->count; i++)
        push(&c, job->objects[i]);
    push_words(&c.words, compiler->arena, compiler->ldlibs);
    const weir_status status = run(cx, &c);
    wr_vec_done(&c.words);
    return status;
}
