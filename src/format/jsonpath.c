/* Compiles paths into steps, and follows them through parsed values. */
#include "format/jsonpath.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

typedef enum step_kind { STEP_NAME, STEP_INDEX, STEP_SLICE, STEP_ANY } step_kind;

typedef struct path_step {
    step_kind kind;
    bool below; /* `..` in front: at this level and all levels below */
    weir_str name;
    int64_t from; /* INDEX; SLICE: from … to, without the latter */
    int64_t to;
} path_step;

struct wr_jsonpath {
    path_step *steps;
    size_t count;
    bool rooted; /* began with `$` */
};

/* ---- compiling ---- */

typedef wr_vec(path_step) step_vec;

typedef struct path_parser {
    weir_ctx *cx;
    wr_arena *arena;
    weir_str text;
    size_t at;
    step_vec steps;
} path_parser;

/* Words of the dialect that are no names. */
static const char *const RESERVED[] = { "where", "wherenot" };

static bool at_end(const path_parser *p)
{
    return p->at == p->text.len;
}

static char peek(const path_parser *p)
{
    return at_end(p) ? '\0' : p->text.ptr[p->at];
}

static bool take(path_parser *p, char expected)
{
    if (at_end(p) || peek(p) != expected)
        return false;
    p->at++;
    return true;
}

static void skip_blanks(path_parser *p)
{
    while (take(p, ' ') || take(p, '\t') || take(p, '\n')) {
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static weir_status refuse(const path_parser *p)
{
    if (at_end(p))
        return weir_fail(p->cx, WEIR_CONFIG, "JSON path '%.*s' ends too early", WR_STR(p->text));
    const weir_str rest = { p->text.ptr + p->at, p->text.len - p->at };
    const weir_str found = { rest.ptr, wr_utf8_prefix(rest, 1) };
    return weir_fail(p->cx, WEIR_CONFIG,
                     "JSON path '%.*s' has an unexpected '%.*s' at byte %zu\n"
                     "hint: names with other characters than letters, digits, '_', '-' and '@' are "
                     "quoted: \"'Updated At'\"; filters, unions and steps of slices are not known",
                     WR_STR(p->text), WR_STR(found), p->at + 1);
}

static weir_str since(const path_parser *p, size_t begin)
{
    return (weir_str){ p->text.ptr + begin, p->at - begin };
}

static weir_status read_number(path_parser *p, int64_t *ret)
{
    const size_t begin = p->at;
    (void)take(p, '-'); /* may be there */
    while (is_digit(peek(p)))
        p->at++;
    return wr_int_parse(since(p, begin), ret) ? WEIR_OK : refuse(p);
}

/* A number is a name too, in its shortest form; with a point and more digits it would be a fraction. */
static weir_status read_number_name(path_parser *p, weir_str *ret)
{
    int64_t number;
    char digits[WR_NUMBER_TEXT];
    WEIR_TRY(read_number(p, &number));
    if (peek(p) == '.' && p->at + 1 < p->text.len && is_digit(p->text.ptr[p->at + 1]))
        return refuse(p);
    *ret = wr_arena_str(p->arena, (weir_str){ digits, wr_int_text(digits, number) });
    return WEIR_OK;
}

static weir_status read_quoted(path_parser *p, weir_str *ret)
{
    const char quote = p->text.ptr[p->at++];
    char *name = wr_arena_alloc(p->arena, p->text.len);
    size_t len = 0;
    while (!take(p, quote)) {
        (void)take(p, '\\'); /* the next one stands for itself */
        if (at_end(p))
            return refuse(p);
        name[len++] = p->text.ptr[p->at++];
    }
    *ret = (weir_str){ name, len };
    return WEIR_OK;
}

static weir_status read_plain_name(path_parser *p, weir_str *ret)
{
    const size_t begin = p->at;
    (void)take(p, '@'); /* may be there */
    if (!is_letter(peek(p)))
        return refuse(p);
    while (is_letter(peek(p)) || is_digit(peek(p)) || peek(p) == '-' || peek(p) == '@')
        p->at++;
    *ret = wr_arena_str(p->arena, since(p, begin));
    for (size_t i = 0; i < sizeof(RESERVED) / sizeof(RESERVED[0]); i++) {
        if (wr_str_eq(*ret, weir_str_of(RESERVED[i]))) {
            p->at = begin;
            return refuse(p);
        }
    }
    return WEIR_OK;
}

static bool is_quote(char c)
{
    return c == '\'' || c == '"';
}

static bool is_number_start(char c)
{
    return is_digit(c) || c == '-';
}

/* A step without brackets. */
static weir_status read_dotted(path_parser *p, path_step *step)
{
    if (take(p, '*')) {
        step->kind = STEP_ANY;
        return WEIR_OK;
    }
    if (is_number_start(peek(p)))
        return read_number_name(p, &step->name);
    return is_quote(peek(p)) ? read_quoted(p, &step->name) : read_plain_name(p, &step->name);
}

/* A number, or a slice: both ends may be left out. */
static weir_status read_range(path_parser *p, path_step *step)
{
    step->kind = STEP_INDEX;
    step->to = INT64_MAX;
    if (peek(p) != ':')
        WEIR_TRY(read_number(p, &step->from));
    skip_blanks(p);
    if (!take(p, ':'))
        return WEIR_OK;

    step->kind = STEP_SLICE;
    skip_blanks(p);
    return is_number_start(peek(p)) ? read_number(p, &step->to) : WEIR_OK;
}

/* Behind the `[`. */
static weir_status read_bracket(path_parser *p, path_step *step)
{
    skip_blanks(p);
    if (is_number_start(peek(p)) || peek(p) == ':')
        WEIR_TRY(read_range(p, step));
    else
        WEIR_TRY(read_dotted(p, step));
    skip_blanks(p);
    return take(p, ']') ? WEIR_OK : refuse(p);
}

static weir_status read_step(path_parser *p, bool below)
{
    path_step step = { .below = below };
    skip_blanks(p);
    WEIR_TRY(take(p, '[') ? read_bracket(p, &step) : read_dotted(p, &step));
    skip_blanks(p);
    *wr_vec_push(&p->steps) = step;
    return WEIR_OK;
}

static weir_status read_path(path_parser *p, bool *ret_rooted)
{
    skip_blanks(p);
    *ret_rooted = take(p, '$');
    if (!*ret_rooted)
        WEIR_TRY(read_step(p, false));
    skip_blanks(p);
    while (!at_end(p)) {
        const bool dotted = take(p, '.');
        if (!dotted && peek(p) != '[')
            return refuse(p);
        WEIR_TRY(read_step(p, dotted && take(p, '.')));
    }
    return WEIR_OK;
}

weir_status wr_jsonpath_compile(weir_ctx *cx, wr_arena *arena, weir_str text,
                                const wr_jsonpath **ret)
{
    path_parser p = { .cx = cx, .arena = arena, .text = text };
    wr_jsonpath *path = wr_arena_new(arena, wr_jsonpath);
    const weir_status status = read_path(&p, &path->rooted);
    path->count = p.steps.len;
    path->steps = wr_arena_new_array(arena, p.steps.len, path_step);
    for (size_t i = 0; i < p.steps.len; i++)
        path->steps[i] = p.steps.ptr[i];
    wr_vec_done(&p.steps);
    if (status == WEIR_OK)
        *ret = path;
    return status;
}

const weir_str *wr_jsonpath_name(const wr_jsonpath *path)
{
    const bool plain = !path->rooted && path->count == 1 && path->steps[0].kind == STEP_NAME;
    return plain ? &path->steps[0].name : NULL;
}

/* ---- following ---- */

/* The last one at or behind member number `from`; sets its number. */
static const wr_jval *find_member(const wr_jval *object, weir_str name, size_t from,
                                  size_t *ret_place)
{
    const size_t count = wr_jlen(object);
    const wr_jval *found = NULL;
    const wr_jval *key = wr_jfirst(object);
    for (size_t i = 0; i < count; i++, key = wr_jnext(key + 1)) {
        if (i < from || wr_jlen(key) != name.len || !wr_str_eq(wr_jtext(key), name))
            continue;
        found = key + 1;
        *ret_place = i;
    }
    return found;
}

const wr_jval *wr_jval_member(const wr_jval *object, weir_str name, size_t *place)
{
    if (wr_jkind_of(object) != WR_JOBJECT)
        return NULL;
    /* What stands in front does not count when the name is found: the last one wins. */
    const wr_jval *found = find_member(object, name, *place, place);
    return found || *place == 0 ? found : find_member(object, name, 0, place);
}

/* The path from step number `at` on. */
typedef struct path_rest {
    const wr_jsonpath *path;
    size_t at;
} path_rest;

static const wr_jval *follow(path_rest rest, const wr_jval *value);

static path_rest behind(path_rest rest)
{
    return (path_rest){ rest.path, rest.at + 1 };
}

/* An element counted from either end, as one counted from the start. */
static int64_t from_start(int64_t index, int64_t count)
{
    return index < 0 ? index + count : index;
}

static const wr_jval *follow_elements(path_rest rest, const wr_jval *array, int64_t from,
                                      int64_t to)
{
    const wr_jval *element = wr_jfirst(array);
    const int64_t count = (int64_t)wr_jlen(array);
    for (int64_t i = 0; i < count && i < to; i++, element = wr_jnext(element)) {
        const wr_jval *found = i < from ? NULL : follow(rest, element);
        if (found)
            return found;
    }
    return NULL;
}

/* Give each element, or the value of each member, to `next`, until it finds something. */
static const wr_jval *follow_children(path_rest rest, const wr_jval *value,
                                      const wr_jval *(*next)(path_rest rest, const wr_jval *value))
{
    const wr_jkind kind = wr_jkind_of(value);
    const size_t count = kind >= WR_JARRAY ? wr_jlen(value) : 0;
    const wr_jval *child = value + 1;
    for (size_t i = 0; i < count; i++, child = wr_jnext(child)) {
        if (kind == WR_JOBJECT)
            child++; /* behind the key */
        const wr_jval *found = next(rest, child);
        if (found)
            return found;
    }
    return NULL;
}

static const wr_jval *follow_step(path_rest rest, const wr_jval *value)
{
    const path_step *step = &rest.path->steps[rest.at];
    const bool is_array = wr_jkind_of(value) == WR_JARRAY;
    const int64_t count = is_array ? (int64_t)wr_jlen(value) : 0;
    const int64_t from = from_start(step->from, count);
    size_t place = 0;
    const wr_jval *member;
    switch (step->kind) {
    case STEP_NAME:
        member = wr_jval_member(value, step->name, &place);
        return member ? follow(behind(rest), member) : NULL;
    case STEP_INDEX:
        return is_array && from >= 0 && from < count
                   ? follow_elements(behind(rest), value, from, from + 1)
                   : NULL;
    case STEP_SLICE:
        return is_array ? follow_elements(behind(rest), value, from, from_start(step->to, count))
                        : NULL;
    case STEP_ANY: break;
    }
    return follow_children(behind(rest), value, follow);
}

/* Here and below; recursion is limited by WR_JSON_DEPTH. */
static const wr_jval *follow_below(path_rest rest, const wr_jval *value)
{
    const wr_jval *found = follow_step(rest, value);
    return found ? found : follow_children(rest, value, follow_below);
}

static const wr_jval *follow(path_rest rest, const wr_jval *value)
{
    if (rest.at == rest.path->count)
        return value;
    return rest.path->steps[rest.at].below ? follow_below(rest, value) : follow_step(rest, value);
}

const wr_jval *wr_jsonpath_first(const wr_jsonpath *path, const wr_jval *root)
{
    return follow((path_rest){ path, 0 }, root);
}
