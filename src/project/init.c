/* Makes files from templates. */
#include "project/init.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "pipeline/home.h"
#include "project/templates.h"

#define TEXT_MAX ((size_t)1 << 20)

/* A word of the templates, and what stands for it. */
typedef struct word {
    const char *name;
    const char *value;
} word;

typedef struct maker {
    weir_ctx *cx;
    wr_arena *arena;
    int dir;
    const word *words; /* ends with a zero element */
    wr_init_files *files;
} maker;

/* ---- texts ---- */

/* The word that stands at the beginning of `text`; NULL: none. */
static const word *word_at(const maker *m, weir_str text)
{
    for (const word *each = m->words; each->name; each++)
        if (wr_str_starts(text, weir_str_of(each->name)))
            return each;
    return NULL;
}

static weir_status fill_in(const maker *m, weir_str text, weir_str *ret)
{
    wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
    while (text.len > 0) {
        const word *found = word_at(m, text);
        const size_t used = found ? strlen(found->name) : 1;
        if (found)
            wr_buf_cstr(&out, found->value);
        else
            wr_buf_char(&out, text.ptr[0]);
        text.ptr += used;
        text.len -= used;
    }
    WEIR_TRY(wr_buf_check(m->cx, &out, "a file of the project"));
    *ret = wr_arena_str(m->arena, wr_buf_view(&out));
    return WEIR_OK;
}

/* ---- files ---- */

static weir_status make_folder_of(const maker *m, weir_str path)
{
    const char *slash = strrchr(path.ptr, '/');
    if (!slash)
        return WEIR_OK;
    const weir_str folder = { path.ptr, (size_t)(slash - path.ptr) };
    wr_auto(close) int fd = -1;
    return wr_open_dir(m->cx, m->dir, wr_arena_str(m->arena, folder).ptr, true, &fd);
}

/* *ret_made false: something of this name is there. */
static weir_status make_file(const maker *m, weir_str path, weir_str text, bool *ret_made)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(make_folder_of(m, path));
    const weir_status status =
        wr_open_at(m->cx, m->dir, path.ptr, O_WRONLY | O_CREAT | O_EXCL, &fd);
    if (status == WEIR_IO && m->cx->error.native == EEXIST) {
        weir_error_clear(m->cx);
        *ret_made = false;
        return WEIR_OK;
    }
    WEIR_TRY(status);
    const weir_status written = wr_write_all(m->cx, fd, text);
    if (written != WEIR_OK) {
        const wr_error error = m->cx->error;
        (void)!wr_unlink_at(m->cx, m->dir, path.ptr); /* half a file would be kept the next time */
        m->cx->error = error;
    }
    *ret_made = true;
    return written;
}

static weir_status make_one(const maker *m, const wr_template *template, size_t prefix)
{
    wr_init_file file = { 0 };
    weir_str text;
    WEIR_TRY(fill_in(m, weir_str_of(template->path + prefix), &file.path));
    WEIR_TRY(fill_in(m, (weir_str){ template->text, template->len }, &text));
    WEIR_TRY(make_file(m, file.path, text, &file.made));
    *wr_vec_push(m->files) = file;
    return WEIR_OK;
}

/* All whose path begins with `prefix`. */
static weir_status make_all(const maker *m, weir_str prefix)
{
    for (const wr_template *each = wr_templates; each->path; each++)
        if (wr_str_starts(weir_str_of(each->path), prefix))
            WEIR_TRY(make_one(m, each, prefix.len));
    return WEIR_OK;
}

/* ---- projects ---- */

/* The name stands between quotes, in TOML and in YAML. */
static weir_status check_project_name(weir_ctx *cx, const char *name)
{
    bool good = name[0] != '\0';
    for (const char *at = name; *at; at++)
        good = good && (unsigned char)*at >= ' ' && *at != 0x7F && *at != '"' && *at != '\\';
    return good ? WEIR_OK
                : weir_fail(cx, WEIR_INVALID,
                            "'%s' cannot be the name of a project\n"
                            "hint: a folder without quotes, backslashes and control characters in "
                            "its name",
                            name);
}

weir_status wr_init_project(weir_ctx *cx, wr_arena *arena, int dir, const char *name,
                            wr_init_files *files)
{
    const word words[] = {
        { "PROJECT_NAME", name },
        { "WEIR_VERSION", WEIR_VERSION },
        { 0 },
    };
    const maker m = { .cx = cx, .arena = arena, .dir = dir, .words = words, .files = files };
    WEIR_TRY(check_project_name(cx, name));
    return make_all(&m, wr_lit("project/"));
}

/* ---- pipelines ---- */

/* It stands in names of files, and, between quotes, in C and in TOML; `weir run` takes words with a dot for paths. */
static weir_status check_pipeline_name(weir_ctx *cx, const char *name)
{
    static const char GOOD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    WEIR_TRY(wr_pipeline_check_name(cx, weir_str_of(name)));
    if (name[strspn(name, GOOD)] == '\0' && name[0] != '-')
        return WEIR_OK;
    return weir_fail(cx, WEIR_INVALID,
                     "'%s' cannot be the name of a new pipeline\n"
                     "hint: letters, digits, '_' and '-'",
                     name);
}

static weir_status check_new(weir_ctx *cx, wr_arena *arena, int dir, const char *name)
{
    static const char *const ENDINGS[] = { ".toml", ".c" };
    for (size_t i = 0; i < sizeof(ENDINGS) / sizeof(*ENDINGS); i++) {
        bool found = false;
        const char *path = wr_arena_printf(arena, "pipelines/%s%s", name, ENDINGS[i]).ptr;
        WEIR_TRY(wr_exists_at(cx, dir, path, &found));
        if (found)
            return weir_fail(cx, WEIR_INVALID,
                             "the pipeline '%s' is there already: '%s'\nhint: take another name",
                             name, path);
    }
    return WEIR_OK;
}

/* The kind of source that a template is for; empty: of none. */
static weir_str kind_of(const wr_template *template)
{
    weir_str rest = weir_str_of(template->path);
    weir_str part;
    (void)wr_str_split(&rest, '/', &part);
    if (!wr_str_eq(part, wr_lit("pipeline")) || !wr_str_split(&rest, '/', &part))
        return (weir_str){ 0 };
    return part;
}

/* The templates are in order: those of one kind stand together. */
static weir_status check_kind(weir_ctx *cx, const char *source)
{
    wr_auto(buf) wr_buf known = wr_buf_max(1024);
    weir_str last = { 0 };
    for (const wr_template *each = wr_templates; each->path; each++) {
        const weir_str kind = kind_of(each);
        if (kind.len == 0 || wr_str_eq(kind, last))
            continue;
        if (wr_str_eq(kind, weir_str_of(source)))
            return WEIR_OK;
        wr_buf_printf(&known, "%s%.*s", known.len ? ", " : "", WR_STR(kind));
        last = kind;
    }
    return weir_fail(cx, WEIR_INVALID, "there is no kind of source '%s'\nhint: known are: %s",
                     source, wr_buf_text(&known));
}

weir_status wr_init_pipeline(weir_ctx *cx, wr_arena *arena, int dir, const char *name,
                             const char *source, wr_init_files *files)
{
    const word words[] = { { "PIPELINE_NAME", name }, { 0 } };
    const maker m = { .cx = cx, .arena = arena, .dir = dir, .words = words, .files = files };
    WEIR_TRY(check_pipeline_name(cx, name));
    WEIR_TRY(check_kind(cx, source));
    WEIR_TRY(check_new(cx, arena, dir, name));
    return make_all(&m, wr_arena_printf(arena, "pipeline/%s/", source));
}
