/* dlt's own provider of AWS Secrets Manager (spec/dlt-1.31.md V25): secrets are named as the sections that they are for, and
 * hold pieces of a settings file.
 *
 *     [providers]
 *     enable_aws_secrets = true
 *
 *     dlt/dlt_secrets_toml                    all of a secrets.toml
 *     dlt/sources, dlt/sources/github         a piece of one, from its root
 *     dlt/destination/snowflake/credentials   a single value; only_toml_fragments = false
 *
 * All that is fetched becomes one document, in which values are looked up; later pieces win. Each secret is asked for once,
 * when the first value that may be in it is wanted. Names have no other punctuation than '-' and '_'. */
#include "providers/aws_secrets.h"

#include <ctype.h>
#include <pthread.h>

#include <weir/provider.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/toml.h"
#include "format/yaml.h"
#include "net/secrets_manager.h"

#define PATH_MAX_PARTS                                                                             \
    (WR_SECTION_MAX + 3) /* the pipeline, the section, its own section, the key */
#define NAME_BYTES_MAX ((size_t)4 << 10)

static const char whole_document[] = "dlt_secrets_toml";

static const weir_option switches[] = {
    { "enable_aws_secrets", WEIR_OPTION_BOOL, .standard = "false",
      .help = "look into AWS Secrets Manager, too: secrets are named as the sections are" },
    { "aws_secrets.secret_name_prefix", .standard = "dlt/",
      .help = "what the names of secrets begin with" },
    { "aws_secrets.only_secrets", WEIR_OPTION_BOOL, .standard = "true",
      .help = "ask for options that are secrets, and for no others" },
    { "aws_secrets.only_toml_fragments", WEIR_OPTION_BOOL, .standard = "true",
      .help = "ask for pieces of secrets.toml, not for single values" },
    { "aws_secrets.list_secrets", WEIR_OPTION_BOOL, .standard = "false",
      .help = "list all secrets first, and ask only for those that are there" },
    { 0 },
};

static const weir_option credentials[] = {
    { "credentials.aws_access_key_id", .help = "without keys they are looked for as AWS does" },
    { "credentials.aws_secret_access_key", .secret = true },
    { "credentials.aws_session_token", .secret = true },
    { "credentials.profile_name", .help = "a profile of ~/.aws" },
    { "credentials.region_name", .help = "where the secrets are" },
    { 0 },
};

typedef struct vault {
    wr_aws_settings who;
    weir_str prefix;
    bool only_secrets;
    bool only_fragments;
    bool lists;

    pthread_mutex_t lock; /* protects all that follows; not held while the service is asked */
    wr_arena *arena;
    wr_node *document;
    wr_node *asked;   /* names, without the prefix */
    wr_node *there;   /* names, with it; NULL: not listed */
    wr_error no_list; /* why there is none */
} vault;

/* The way to a value: sections, then the key. */
typedef struct path {
    weir_str parts[PATH_MAX_PARTS];
    size_t len;
} path;

/* ---- names ---- */

static void add_part(wr_buf *name, weir_str part)
{
    if (name->len > 0)
        wr_buf_char(name, '/');
    for (size_t i = 0; i < part.len; i++) {
        const unsigned char c = (unsigned char)part.ptr[i];
        if ((!ispunct(c) || c == '-' || c == '_') && !isspace(c))
            wr_buf_char(name, part.ptr[i]);
    }
}

static weir_str name_of(wr_arena *arena, const weir_str *parts, size_t len)
{
    wr_auto(buf) wr_buf name = wr_buf_max(NAME_BYTES_MAX);
    for (size_t i = 0; i < len; i++)
        add_part(&name, parts[i]);
    return wr_arena_str(arena, wr_buf_view(&name));
}

static weir_str spell(void *self, const wr_key *key, wr_arena *arena)
{
    (void)self;
    wr_auto(buf) wr_buf name = wr_buf_max(NAME_BYTES_MAX);
    for (size_t i = 0; i < key->len; i++)
        add_part(&name, key->parts[i]);
    add_part(&name, key->name);
    return wr_arena_str(arena, wr_buf_view(&name));
}

/* ---- the document; the lock is held ---- */

static const wr_node *find(const vault *v, const path *p)
{
    const wr_node *node = v->document;
    for (size_t i = 0; i < p->len && node; i++)
        node = wr_node_get_str(node, p->parts[i]);
    return node;
}

static void merge(wr_arena *arena, wr_node *under, const wr_node *over)
{
    for (const wr_node *member = over->first; member; member = member->next) {
        wr_node *there = wr_node_get_str(under, member->key);
        if (there && there->kind == WR_NODE_OBJECT && member->kind == WR_NODE_OBJECT)
            merge(arena, there, member);
        else
            wr_node_set(arena, under, member->key, wr_node_copy(arena, member));
    }
}

/* A text is a piece of a settings file when it is a table in TOML, YAML or JSON; else `*ret` is NULL. What their readers
 * say is not told: it may quote the secret. */
static void read_piece(weir_ctx *cx, wr_arena *arena, weir_str text, wr_node **ret)
{
    const wr_toml *table;
    *ret = NULL;
    if (wr_toml_parse(cx, arena, "a secret", text, &table) == WEIR_OK)
        *ret = wr_toml_to_node(arena, table);
    else if (wr_yaml_read(cx, arena, "a secret", text, ret) != WEIR_OK &&
             wr_node_parse(cx, arena, text, ret) != WEIR_OK)
        *ret = NULL;
    if (*ret && (*ret)->kind != WR_NODE_OBJECT)
        *ret = NULL;
    weir_error_clear(cx);
}

static void set_value(vault *v, const path *p, wr_node *value)
{
    wr_node *table = v->document;
    for (size_t i = 0; i + 1 < p->len; i++)
        table = wr_node_child(v->arena, table, p->parts[i]);
    wr_node_set(v->arena, table, p->parts[p->len - 1], value);
}

static weir_status put(weir_ctx *cx, vault *v, const path *p, weir_str name, weir_str text)
{
    const bool is_whole = wr_str_eq(name, weir_str_of(whole_document));
    wr_node *piece;
    read_piece(cx, v->arena, text, &piece);
    if (piece) {
        wr_secret_mask(piece);
        if (is_whole)
            v->document = piece;
        else
            merge(v->arena, v->document, piece);
        return WEIR_OK;
    }
    if (is_whole)
        return weir_fail(cx, WEIR_CONFIG,
                         "secret '%.*s%s' is no TOML document\n"
                         "hint: it holds what a secrets.toml would",
                         WR_STR(v->prefix), whole_document);
    set_value(v, p, wr_node_text(v->arena, text)); /* its option says what it is */
    return WEIR_OK;
}

/* ---- asking the service ---- */

/* Is there a secret of this name, as far as we know? The names are listed once; the lock is not held meanwhile. */
static weir_status may_be_there(weir_ctx *cx, vault *v, weir_str name, bool *ret)
{
    *ret = true;
    if (!v->lists)
        return WEIR_OK;
    if (v->no_list.status != WEIR_OK)
        return wr_error_adopt(cx, &v->no_list);
    if (!v->there) {
        wr_node *names = NULL;
        pthread_mutex_unlock(&v->lock);
        wr_auto(arena) wr_arena arena = { .wipe = true };
        const weir_status status = wr_secrets_list(cx, &v->who, v->prefix, &arena, &names);
        pthread_mutex_lock(&v->lock);
        if (weir_status_class(status) == WEIR_CLASS_TERMINAL)
            v->no_list = cx->error;
        WEIR_TRY(status);
        v->there = wr_node_copy(v->arena, names);
    }
    const weir_str full = wr_arena_printf(v->arena, "%.*s%.*s", WR_STR(v->prefix), WR_STR(name));
    *ret = wr_node_get_str(v->there, full) != NULL;
    return WEIR_OK;
}

static weir_status fetch(weir_ctx *cx, vault *v, weir_str name, weir_str *ret, bool *ret_found)
{
    const weir_str full = wr_arena_printf(v->arena, "%.*s%.*s", WR_STR(v->prefix), WR_STR(name));
    pthread_mutex_unlock(&v->lock);
    const weir_status status = wr_secrets_text(cx, &v->who, full, ret, ret_found);
    pthread_mutex_lock(&v->lock);
    return status;
}

/* One look-up: the value at `p` may be in the secret of its name. Lock held. */
static weir_status ask(weir_ctx *cx, vault *v, const path *p)
{
    const weir_str name = name_of(v->arena, p->parts, p->len);
    weir_str text;
    bool found;
    if (wr_node_get_str(v->asked, name))
        return WEIR_OK;
    WEIR_TRY(may_be_there(cx, v, name, &found));
    if (found) {
        const weir_status status = fetch(cx, v, name, &text, &found);
        if (status == WEIR_CANCELLED)
            return status;
        if (status != WEIR_OK) {
            wr_node_set(v->arena, v->asked, name, wr_node_bool(v->arena, false));
            return status;
        }
    }
    if (wr_node_get_str(v->asked, name))
        return WEIR_OK; /* somebody else was faster */
    wr_node_set(v->arena, v->asked, name, wr_node_bool(v->arena, found));
    return found ? put(cx, v, p, name, text) : WEIR_OK;
}

/* ---- which secrets may have a value ---- */

/* Why the last one could not be had: another one may have the value. */
typedef struct search {
    vault *v;
    const path *p;
    const weir_key *key;
    wr_error trouble;
} search;

static weir_status look(weir_ctx *cx, search *s, const path *p)
{
    const weir_status status = ask(cx, s->v, p);
    const weir_class class_ = weir_status_class(status);
    if (class_ != WEIR_CLASS_TRANSIENT && class_ != WEIR_CLASS_TERMINAL)
        return status;
    s->trouble = cx->error;
    weir_error_clear(cx);
    return WEIR_OK;
}

static path part_of(const path *p, size_t from, size_t len)
{
    path ret = { .len = len };
    for (size_t i = 0; i < len; i++)
        ret.parts[i] = p->parts[from + i];
    return ret;
}

/* `sources` and `sources.github`, from part `from` on. */
static weir_status look_at_section(weir_ctx *cx, search *s, size_t from, const char *section)
{
    const path *p = s->p;
    size_t at = from;
    while (at < p->len && !wr_str_eq(p->parts[at], weir_str_of(section)))
        at++;
    for (size_t len = at + 1; len <= at + 2 && len <= p->len; len++) {
        const path piece = part_of(p, from, len - from);
        WEIR_TRY(look(cx, s, &piece));
    }
    return WEIR_OK;
}

/* The shortest first: longer ones win. */
static weir_status look_at_pieces(weir_ctx *cx, search *s)
{
    static const char *const sections[] = { "sources", "destination" };
    const size_t front = *s->key->pipeline ? 1 : 0;
    if (front) {
        const path document = { { s->p->parts[0], weir_str_of(whole_document) }, 2 };
        WEIR_TRY(look(cx, s, &document));
    }
    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
        WEIR_TRY(look_at_section(cx, s, front, sections[i]));
        if (front)
            WEIR_TRY(look_at_section(cx, s, 0, sections[i]));
    }
    return WEIR_OK;
}

static weir_status search_value(weir_ctx *cx, search *s, const wr_node **ret)
{
    const vault *v = s->v;
    const path document = { { weir_str_of(whole_document) }, 1 };
    WEIR_TRY(look(cx, s, &document));
    *ret = find(v, s->p);
    if (*ret || (v->only_secrets && !s->key->secret))
        return WEIR_OK;
    WEIR_TRY(look_at_pieces(cx, s));
    *ret = find(v, s->p);
    if (*ret || v->only_fragments)
        return WEIR_OK;
    WEIR_TRY(look(cx, s, s->p));
    *ret = find(v, s->p);
    return WEIR_OK;
}

static path path_of(const weir_key *key)
{
    path ret = { 0 };
    weir_str rest = weir_str_of(key->section);
    for (weir_str part; wr_str_split(&rest, '.', &part);) {
        wr_assert(ret.len < PATH_MAX_PARTS - 1);
        ret.parts[ret.len++] = part;
    }
    ret.parts[ret.len++] = weir_str_of(key->name);
    return ret;
}

static weir_status get(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    vault *const *v = self;
    const path p = path_of(key);
    const wr_node *found = NULL;
    search s = { .v = *v, .p = &p, .key = key };
    pthread_mutex_lock(&(*v)->lock);
    weir_status status = search_value(cx, &s, &found);
    if (status == WEIR_OK && found)
        status = wr_secret_value(cx, found, ret);
    pthread_mutex_unlock(&(*v)->lock);
    if (status == WEIR_OK && !found && s.trouble.status != WEIR_OK)
        return wr_error_adopt(cx, &s.trouble);
    return status;
}

/* ---- opening ---- */

/* Keys count in pairs; with one of them alone they are looked for. */
static wr_aws_settings settings_of(const weir_option_values *values)
{
    wr_aws_settings ret = {
        .profile = weir_option_text(values, "credentials.profile_name"),
        .region = weir_option_text(values, "credentials.region_name"),
        .keys = { weir_option_text(values, "credentials.aws_access_key_id"),
                  weir_option_text(values, "credentials.aws_secret_access_key"),
                  weir_option_text(values, "credentials.aws_session_token") },
    };
    if (ret.keys.id.len == 0 || ret.keys.secret.len == 0)
        ret.keys = (wr_aws_keys){ 0 };
    return ret;
}

static weir_status open_vault(weir_ctx *cx, wr_arena *arena,
                              const weir_option_values *const *values, weir_provider *ret)
{
    (void)cx;
    if (!weir_option_bool(values[0], "enable_aws_secrets"))
        return WEIR_OK;
    vault *v = wr_arena_new(arena, vault);
    *v = (vault){
        .who = settings_of(values[1]),
        .prefix = weir_option_text(values[0], "aws_secrets.secret_name_prefix"),
        .only_secrets = weir_option_bool(values[0], "aws_secrets.only_secrets"),
        .only_fragments = weir_option_bool(values[0], "aws_secrets.only_toml_fragments"),
        .lists = weir_option_bool(values[0], "aws_secrets.list_secrets"),
        .arena = arena,
        .document = wr_node_new(arena, WR_NODE_OBJECT),
        .asked = wr_node_new(arena, WR_NODE_OBJECT),
    };
    pthread_mutex_init(&v->lock, NULL);
    vault **self = wr_arena_new(arena, vault *);
    *self = v;
    *ret = (weir_provider){ .name = "AWS Secrets Manager",
                            .get = get,
                            .self = self,
                            .optional = true,
                            .by_pipeline = true };
    return WEIR_OK;
}

const wr_config_builtin wr_provider_aws_secrets = {
    .lists = { { { "providers" }, switches, .exact = false },
               { { "providers", "aws_secrets" }, credentials, .exact = false } },
    .open = open_vault,
    .spell = spell,
};
