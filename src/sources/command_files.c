/* Placeholders of commands: a file for each, in a folder of their own, in memory where that can be: they may be secrets. */
#include "sources/command_files.h"

#include <sys/stat.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"

extern char **environ;

typedef wr_vec(const char *) text_list;

/* One kind of placeholder. */
typedef struct placeholder {
    const char *word;
    const char *variable;
    const char *file;
    weir_str content;
    bool wanted; /* without a content it is an error: Singer's words have no other meaning */
    const char *path;
} placeholder;

typedef struct builder {
    weir_ctx *cx;
    wr_arena *arena;
    const weir_command *spec;
    placeholder all[3];
    int dir;
    const char *folder;
} builder;

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static weir_status write_file(builder *b, placeholder *p)
{
    wr_auto(close) int fd = -1;
    WEIR_TRY(wr_open_at(b->cx, b->dir, p->file, O_WRONLY | O_CREAT | O_EXCL, &fd));
    if (fchmod(fd, 0600) != 0)
        return weir_fail(b->cx, WEIR_IO, "the mode of '%s/%s' cannot be set", b->folder, p->file);
    WEIR_TRY(wr_write_all(b->cx, fd, p->content));
    p->path = wr_arena_printf(b->arena, "%s/%s", b->folder, p->file).ptr;
    return WEIR_OK;
}

static weir_status write_files(builder *b)
{
    for (size_t i = 0; i < COUNT(b->all); i++) {
        if (b->all[i].content.len == 0)
            continue;
        if (!b->folder) {
            weir_str folder;
            WEIR_TRY(wr_private_dir(b->cx, b->arena, &folder));
            b->folder = folder.ptr;
            WEIR_TRY(wr_open_dir(b->cx, AT_FDCWD, b->folder, false, &b->dir));
        }
        WEIR_TRY(write_file(b, &b->all[i]));
    }
    return WEIR_OK;
}

/* ---- words ---- */

/* The part of a word that the placeholder is, or NULL: all of it, or what is behind a '='. */
static const char *find_placeholder(const char *word, const placeholder *p)
{
    const char *equals = strchr(word, '=');
    if (strcmp(word, p->word) == 0)
        return word;
    return equals && strcmp(equals + 1, p->word) == 0 ? equals + 1 : NULL;
}

static weir_status fill_word(const builder *b, const char *word, const char **ret)
{
    *ret = word;
    for (size_t i = 0; i < COUNT(b->all); i++) {
        const placeholder *p = &b->all[i];
        const char *at = find_placeholder(word, p);
        if (!at || (!p->path && !p->wanted))
            continue;
        if (!p->path)
            return weir_fail(b->cx, WEIR_CONFIG,
                             "the argument '%s' stands for a file, but there is no %s\n"
                             "hint: %s = { … } in the pipeline; what is secret in "
                             ".dlt/secrets.toml",
                             word, p->file, p->file);
        *ret = wr_arena_printf(b->arena, "%.*s%s", (int)(at - word), word, p->path).ptr;
    }
    return WEIR_OK;
}

static weir_status fill_words(const builder *b, const char *const **ret)
{
    size_t count = 0;
    while (b->spec->words[count])
        count++;
    const char **words = wr_arena_new_array(b->arena, count + 1, const char *);
    words[0] = b->spec->words[0];
    for (size_t i = 1; i < count; i++)
        WEIR_TRY(fill_word(b, b->spec->words[i], &words[i]));
    *ret = words;
    return WEIR_OK;
}

/* ---- environment ---- */

static weir_str name_of(const char *entry)
{
    return (weir_str){ entry, strcspn(entry, "=") };
}

/* A later one of the same name counts. */
static void set_entry(text_list *list, const char *entry)
{
    for (size_t i = 0; i < list->len; i++) {
        if (wr_str_eq(name_of(list->ptr[i]), name_of(entry))) {
            list->ptr[i] = entry;
            return;
        }
    }
    *wr_vec_push(list) = entry;
}

static const char *const *make_env(const builder *b)
{
    text_list list = { 0 };
    for (char **entry = environ; entry && *entry; entry++)
        *wr_vec_push(&list) = *entry;
    for (const char *const *entry = b->spec->env; entry && *entry; entry++)
        set_entry(&list, *entry);
    for (size_t i = 0; i < COUNT(b->all); i++)
        if (b->all[i].path)
            set_entry(&list,
                      wr_arena_printf(b->arena, "%s=%s", b->all[i].variable, b->all[i].path).ptr);
    const char **env = wr_arena_new_array(b->arena, list.len + 1, const char *);
    if (list.len > 0)
        memcpy(env, list.ptr, list.len * sizeof(*env));
    wr_vec_done(&list);
    return env;
}

weir_status wr_command_files_begin(weir_ctx *cx, wr_arena *arena, const weir_command *spec,
                                   weir_str state, wr_command_files *ret)
{
    const bool singer = spec->format == WEIR_COMMAND_SINGER;
    if (singer && state.len == 0)
        state = wr_lit("{}");
    builder b = {
        .cx = cx,
        .arena = arena,
        .spec = spec,
        .all = {
            { "{config}", "WEIR_CONFIG", "config", weir_str_of(spec->config), singer, NULL },
            { "{catalog}", "WEIR_CATALOG", "catalog", weir_str_of(spec->catalog), singer, NULL },
            { "{state}", "WEIR_STATE", "state", state, singer, NULL },
        },
        .dir = -1,
    };
    weir_status status = write_files(&b);
    ret->folder = b.folder; /* also after a failure: it goes with the rest */
    if (status == WEIR_OK)
        status = fill_words(&b, &ret->words);
    if (status == WEIR_OK)
        ret->env = make_env(&b);
    wr_cleanup_close(&b.dir);
    return status;
}

void wr_command_files_end(wr_command_files *files)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    if (files->folder && wr_remove_tree(&cx, AT_FDCWD, files->folder) != WEIR_OK)
        weir_error_clear(&cx); /* only we may look into it */
    files->folder = NULL;
}
