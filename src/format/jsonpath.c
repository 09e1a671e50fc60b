/* Compiles paths into steps, and follows them through parsed values. */
#include "format/jsonpath.h"

#include "base/ctx.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

typedef enum step_kind {
    STEP_NAME,
    STEP_INDEX,
    STEP_SLICE,
    STEP_ANY,
    STEP_FILTER,
    STEP_LEN, /* `len`: how many elements, members or characters */
} step_kind;

typedef enum filter_op { OP_EXISTS, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE } filter_op;

/* One condition of a filter. */
typedef struct path_condition {
    const wr_jsonpath *path; /* from the element on */
    filter_op op;
    wr_jval value;
    struct path_condition *next;
} path_condition;

typedef struct path_step {
    step_kind kind;
    bool below; /* `..` in front: at this level and all levels below */
    weir_str name;
    weir_str *others; /* further names: `a,b` */
    size_t other_count;
    int64_t from; /* INDEX; SLICE: from … to, without the latter */
    int64_t to;
    path_condition *conditions; /* FILTER: all must hold */
    struct path_step *other;    /* behind `|`: what it leads to, too */
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
                     "quoted: \"'Updated At'\"; steps of slices are not known",
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

/* Behind the first of several names: `a,b`. */
static weir_status read_others(path_parser *p, path_step *step)
{
    wr_vec(weir_str) names = { 0 };
    weir_status status = WEIR_OK;
    skip_blanks(p);
    while (status == WEIR_OK && take(p, ',')) {
        skip_blanks(p);
        weir_str *name = wr_vec_push(&names);
        *name = (weir_str){ 0 };
        status = is_quote(peek(p)) ? read_quoted(p, name) : read_plain_name(p, name);
        skip_blanks(p);
    }
    step->others = wr_arena_new_array(p->arena, names.len + 1, weir_str);
    for (size_t i = 0; i < names.len; i++)
        step->others[i] = names.ptr[i];
    step->other_count = names.len;
    wr_vec_done(&names);
    return status;
}

/* `len`, the only function that is known. */
static weir_status read_function(path_parser *p, path_step *step)
{
    static const char LEN[] = "`len`";
    const weir_str rest = { p->text.ptr + p->at, p->text.len - p->at };
    if (!wr_str_starts(rest, weir_str_of(LEN)))
        return refuse(p);
    p->at += strlen(LEN);
    step->kind = STEP_LEN;
    return WEIR_OK;
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
    if (peek(p) == '`')
        return read_function(p, step);
    if (is_number_start(peek(p)))
        return read_number_name(p, &step->name);
    WEIR_TRY(is_quote(peek(p)) ? read_quoted(p, &step->name) : read_plain_name(p, &step->name));
    return read_others(p, step);
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

/* ---- filters ---- */

static weir_status read_step(path_parser *p, bool below);

/* The steps that were read, as a path. */
static wr_jsonpath *keep_steps(path_parser *p)
{
    wr_jsonpath *path = wr_arena_new(p->arena, wr_jsonpath);
    path->count = p->steps.len;
    path->steps = wr_arena_new_array(p->arena, p->steps.len + 1, path_step);
    for (size_t i = 0; i < p->steps.len; i++)
        path->steps[i] = p->steps.ptr[i];
    wr_vec_done(&p->steps);
    return path;
}

/* The path in front of an operator: `@.a.b`, `a.b`, `@`. */
static weir_status read_operand(path_parser *p, const wr_jsonpath **ret)
{
    const step_vec outer = p->steps;
    weir_status status = WEIR_OK;
    p->steps = (step_vec){ 0 };
    if (!take(p, '@') || (peek(p) == '.' && take(p, '.')))
        status = read_step(p, false);
    while (status == WEIR_OK && (peek(p) == '.' || peek(p) == '[')) {
        const bool dotted = take(p, '.');
        status = read_step(p, dotted && take(p, '.'));
    }
    *ret = keep_steps(p);
    p->steps = outer;
    return status;
}

static filter_op read_op(path_parser *p)
{
    static const struct {
        const char *text;
        filter_op op;
    } ops[] = { { "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE },
                { "=", OP_EQ },  { "<", OP_LT },  { ">", OP_GT } };
    const weir_str rest = { p->text.ptr + p->at, p->text.len - p->at };
    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
        if (!wr_str_starts(rest, weir_str_of(ops[i].text)))
            continue;
        p->at += strlen(ops[i].text);
        return ops[i].op;
    }
    return OP_EXISTS;
}

static bool take_word(path_parser *p, const char *word)
{
    const weir_str rest = { p->text.ptr + p->at, p->text.len - p->at };
    if (!wr_str_starts(rest, weir_str_of(word)))
        return false;
    p->at += strlen(word);
    return true;
}

static weir_status read_literal(path_parser *p, wr_jval *ret)
{
    if (is_quote(peek(p))) {
        weir_str text;
        WEIR_TRY(read_quoted(p, &text));
        *ret = (wr_jval){ .tag = WR_JTEXT | (uint64_t)text.len << 8, .as.str = text.ptr };
        return WEIR_OK;
    }
    const bool yes = take_word(p, "true");
    if (yes || take_word(p, "false")) {
        *ret = (wr_jval){ .tag = WR_JBOOL | (uint64_t)yes << 3 };
        return WEIR_OK;
    }
    const size_t begin = p->at;
    while (is_number_start(peek(p)) || (peek(p) && strchr(".eE+", peek(p))))
        p->at++;
    *ret = (wr_jval){ .tag = WR_JNUMBER | (uint64_t)WR_JREAL << 3 };
    if (p->at == begin || !wr_double_parse(since(p, begin), &ret->as.f64))
        return refuse(p);
    return WEIR_OK;
}

/* Behind the `?`: conditions with `&` between them. */
static weir_status read_filter(path_parser *p, path_step *step)
{
    path_condition **last = &step->conditions;
    step->kind = STEP_FILTER;
    skip_blanks(p);
    const bool in_parens = take(p, '(');
    do {
        path_condition *condition = wr_arena_new(p->arena, path_condition);
        skip_blanks(p);
        WEIR_TRY(read_operand(p, &condition->path));
        skip_blanks(p);
        condition->op = read_op(p);
        skip_blanks(p);
        if (condition->op != OP_EXISTS)
            WEIR_TRY(read_literal(p, &condition->value));
        skip_blanks(p);
        *last = condition;
        last = &condition->next;
    } while (take(p, '&'));
    return !in_parens || take(p, ')') ? WEIR_OK : refuse(p);
}

/* Behind the `[`. */
static weir_status read_bracket(path_parser *p, path_step *step)
{
    skip_blanks(p);
    if (take(p, '?'))
        WEIR_TRY(read_filter(p, step));
    else if (is_number_start(peek(p)) || peek(p) == ':')
        WEIR_TRY(read_range(p, step));
    else
        WEIR_TRY(read_dotted(p, step));
    skip_blanks(p);
    return take(p, ']') ? WEIR_OK : refuse(p);
}

static weir_status read_one(path_parser *p, path_step *step)
{
    skip_blanks(p);
    WEIR_TRY(take(p, '[') ? read_bracket(p, step) : read_dotted(p, step));
    skip_blanks(p);
    return WEIR_OK;
}

static weir_status read_step(path_parser *p, bool below)
{
    path_step step = { .below = below };
    WEIR_TRY(read_one(p, &step));
    for (path_step **last = &step.other; take(p, '|'); last = &(*last)->other) {
        *last = wr_arena_new(p->arena, path_step);
        WEIR_TRY(read_one(p, *last));
    }
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
    bool rooted = false;
    const weir_status status = read_path(&p, &rooted);
    wr_jsonpath *path = keep_steps(&p);
    path->rooted = rooted;
    if (status == WEIR_OK)
        *ret = path;
    return status;
}

const weir_str *wr_jsonpath_name(const wr_jsonpath *path)
{
    const bool plain = !path->rooted && path->count == 1 && !path->steps[0].other &&
                       path->steps[0].kind == STEP_NAME && path->steps[0].other_count == 0;
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

/* The path from step number `at` on, and whom to tell what it leads to. */
typedef struct path_rest {
    const wr_jsonpath *path;
    size_t at;
    const path_step *step; /* number `at`, or what stands behind a `|` there */
    const wr_jsonpath_found *found;
} path_rest;

/* All of these are true when `found` has had enough. */
static bool follow(path_rest rest, const wr_jval *value);

static path_rest behind(path_rest rest)
{
    rest.at++;
    return rest;
}

/* An element counted from either end, as one counted from the start. */
static int64_t from_start(int64_t index, int64_t count)
{
    return index < 0 ? index + count : index;
}

static bool follow_elements(path_rest rest, const wr_jval *array, int64_t from, int64_t to)
{
    const wr_jval *element = wr_jfirst(array);
    const int64_t count = (int64_t)wr_jlen(array);
    for (int64_t i = 0; i < count && i < to; i++, element = wr_jnext(element))
        if (i >= from && follow(rest, element))
            return true;
    return false;
}

/* Give each element, or the value of each member, to `next`. */
static bool follow_children(path_rest rest, const wr_jval *value,
                            bool (*next)(path_rest rest, const wr_jval *value))
{
    const wr_jkind kind = wr_jkind_of(value);
    const size_t count = kind >= WR_JARRAY ? wr_jlen(value) : 0;
    const wr_jval *child = value + 1;
    for (size_t i = 0; i < count; i++, child = wr_jnext(child)) {
        if (kind == WR_JOBJECT)
            child++; /* behind the key */
        if (next(rest, child))
            return true;
    }
    return false;
}

static bool follow_name(path_rest rest, const wr_jval *value, weir_str name)
{
    size_t place = 0;
    const wr_jval *member = wr_jval_member(value, name, &place);
    return member && follow(behind(rest), member);
}

static bool follow_names(path_rest rest, const wr_jval *value)
{
    const path_step *step = rest.step;
    if (follow_name(rest, value, step->name))
        return true;
    for (size_t i = 0; i < step->other_count; i++)
        if (follow_name(rest, value, step->others[i]))
            return true;
    return false;
}

static double number_of(const wr_jval *value)
{
    switch (wr_jnumber_of(value)) {
    case WR_JUINT: return (double)value->as.u64;
    case WR_JINT: return (double)value->as.i64;
    case WR_JREAL: break;
    }
    return value->as.f64;
}

/* Values of different kinds have no order, and are not equal. */
static bool compares(const path_condition *condition, const wr_jval *value)
{
    const wr_jval *other = &condition->value;
    int order;
    if (wr_jkind_of(value) != wr_jkind_of(other))
        return condition->op == OP_NE;
    if (wr_jkind_of(value) == WR_JNUMBER)
        order = (number_of(value) > number_of(other)) - (number_of(value) < number_of(other));
    else if (wr_jkind_of(value) == WR_JTEXT)
        order = wr_str_cmp(wr_jtext(value), wr_jtext(other));
    else
        order = (int)wr_jbool(value) - (int)wr_jbool(other);
    switch (condition->op) {
    case OP_EXISTS: return true;
    case OP_EQ: return order == 0;
    case OP_NE: return order != 0;
    case OP_LT: return order < 0;
    case OP_LE: return order <= 0;
    case OP_GT: return order > 0;
    case OP_GE: return order >= 0;
    }
    return false;
}

typedef struct path_test {
    const path_condition *condition;
    bool holds;
} path_test;

static bool test_value(void *self, const wr_jval *value)
{
    path_test *test = self;
    test->holds = test->condition->op == OP_EXISTS || compares(test->condition, value);
    return test->holds;
}

static bool follow_if(path_rest rest, const wr_jval *value)
{
    const path_step *step = rest.step;
    for (const path_condition *c = step->conditions; c; c = c->next) {
        path_test test = { .condition = c };
        wr_jsonpath_each(c->path, value, &(wr_jsonpath_found){ test_value, &test });
        if (!test.holds)
            return false;
    }
    return follow(behind(rest), value);
}

static bool follow_len(path_rest rest, const wr_jval *value)
{
    const wr_jkind kind = wr_jkind_of(value);
    const size_t len = kind == WR_JTEXT ? wr_utf8_len(wr_jtext(value)) : wr_jlen(value);
    const wr_jval number = { .tag = WR_JNUMBER, .as.u64 = len };
    return kind >= WR_JTEXT && follow(behind(rest), &number);
}

static bool follow_one(path_rest rest, const wr_jval *value)
{
    const path_step *step = rest.step;
    const bool is_array = wr_jkind_of(value) == WR_JARRAY;
    const int64_t count = is_array ? (int64_t)wr_jlen(value) : 0;
    const int64_t from = from_start(step->from, count);
    switch (step->kind) {
    case STEP_NAME: return follow_names(rest, value);
    case STEP_INDEX:
        return is_array && from >= 0 && from < count &&
               follow_elements(behind(rest), value, from, from + 1);
    case STEP_SLICE:
        return is_array && follow_elements(behind(rest), value, from, from_start(step->to, count));
    case STEP_FILTER: return follow_children(rest, value, follow_if);
    case STEP_LEN: return follow_len(rest, value);
    case STEP_ANY: break;
    }
    return follow_children(behind(rest), value, follow);
}

static bool follow_step(path_rest rest, const wr_jval *value)
{
    for (rest.step = &rest.path->steps[rest.at]; rest.step; rest.step = rest.step->other)
        if (follow_one(rest, value))
            return true;
    return false;
}

/* Here and below; recursion is limited by WR_JSON_DEPTH. */
static bool follow_below(path_rest rest, const wr_jval *value)
{
    return follow_step(rest, value) || follow_children(rest, value, follow_below);
}

static bool follow(path_rest rest, const wr_jval *value)
{
    if (rest.at == rest.path->count)
        return rest.found->found(rest.found->self, value);
    return rest.path->steps[rest.at].below ? follow_below(rest, value) : follow_step(rest, value);
}

void wr_jsonpath_each(const wr_jsonpath *path, const wr_jval *root, const wr_jsonpath_found *found)
{
    (void)follow((path_rest){ path, 0, NULL, found }, root);
}

static bool keep_first(void *self, const wr_jval *value)
{
    *(const wr_jval **)self = value;
    return true;
}

static bool counts(const wr_jsonpath *path)
{
    for (size_t i = 0; i < path->count; i++)
        for (const path_step *step = &path->steps[i]; step; step = step->other)
            if (step->kind == STEP_LEN)
                return true;
    return false;
}

const wr_jval *wr_jsonpath_first(const wr_jsonpath *path, const wr_jval *root)
{
    const wr_jval *first = NULL;
    if (counts(path))
        return NULL;
    wr_jsonpath_each(path, root, &(wr_jsonpath_found){ keep_first, &first });
    return first;
}
