/* Documents as trees: making, searching, changing, comparing. */
#include "format/json.h"

#include "base/ctx.h"
#include "base/number.h"
#include "base/str.h"

wr_node *wr_node_new(wr_arena *arena, wr_node_kind kind)
{
    wr_node *node = wr_arena_new(arena, wr_node);
    node->kind = kind;
    return node;
}

wr_node *wr_node_text(wr_arena *arena, weir_str text)
{
    wr_node *node = wr_node_new(arena, WR_NODE_TEXT);
    node->text = wr_arena_str(arena, text);
    return node;
}

wr_node *wr_node_int(wr_arena *arena, int64_t value)
{
    char digits[WR_NUMBER_TEXT];
    const weir_str text = { digits, wr_int_text(digits, value) };
    wr_node *node = wr_node_new(arena, WR_NODE_NUMBER);
    node->text = wr_arena_str(arena, text);
    return node;
}

wr_node *wr_node_bool(wr_arena *arena, bool value)
{
    return wr_node_new(arena, value ? WR_NODE_TRUE : WR_NODE_FALSE);
}

wr_node *wr_node_copy(wr_arena *arena, const wr_node *node)
{
    wr_node *copy = wr_node_new(arena, node->kind);
    if (node->kind == WR_NODE_NUMBER || node->kind == WR_NODE_TEXT)
        copy->text = wr_arena_str(arena, node->text);
    for (const wr_node *child = node->first; child; child = child->next) {
        wr_node *value = wr_node_copy(arena, child);
        if (node->kind == WR_NODE_OBJECT)
            value->key = wr_arena_str(arena, child->key);
        wr_node_append(copy, value);
    }
    return copy;
}

static bool members_equal(const wr_node *a, const wr_node *b)
{
    for (const wr_node *member = a->first; member; member = member->next) {
        const wr_node *other = wr_node_get_str(b, member->key);
        if (!other || !wr_node_equal(member, other))
            return false;
    }
    return true;
}

static bool elements_equal(const wr_node *a, const wr_node *b)
{
    const wr_node *other = b->first;
    for (const wr_node *element = a->first; element; element = element->next, other = other->next)
        if (!wr_node_equal(element, other))
            return false;
    return true;
}

bool wr_node_equal(const wr_node *a, const wr_node *b)
{
    if (a->kind != b->kind || a->count != b->count || !wr_str_eq(a->text, b->text))
        return false;
    return a->kind == WR_NODE_OBJECT ? members_equal(a, b) : elements_equal(a, b);
}

wr_node *wr_node_get_str(const wr_node *object, weir_str key)
{
    if (!object || object->kind != WR_NODE_OBJECT)
        return NULL;
    wr_node *member = object->first;
    while (member && !wr_str_eq(member->key, key))
        member = member->next;
    return member;
}

bool wr_node_is_given(const wr_node *node)
{
    return node && node->kind != WR_NODE_NULL;
}

wr_node *wr_node_get(const wr_node *object, const char *key)
{
    return wr_node_get_str(object, weir_str_of(key));
}

weir_str wr_node_get_text(const wr_node *object, const char *key)
{
    const wr_node *member = wr_node_get(object, key);
    return member && member->kind == WR_NODE_TEXT ? member->text : (weir_str){ 0 };
}

int64_t wr_node_get_int(const wr_node *object, const char *key, int64_t otherwise)
{
    const wr_node *member = wr_node_get(object, key);
    int64_t value;
    if (member && member->kind == WR_NODE_NUMBER && wr_int_parse(member->text, &value))
        return value;
    return otherwise;
}

bool wr_node_get_bool(const wr_node *object, const char *key, bool otherwise)
{
    const wr_node *member = wr_node_get(object, key);
    if (!member || (member->kind != WR_NODE_TRUE && member->kind != WR_NODE_FALSE))
        return otherwise;
    return member->kind == WR_NODE_TRUE;
}

/* The child in front of the member `key`, or the last child when there is no such member. */
static wr_node *find_before(const wr_node *object, weir_str key)
{
    wr_node *before = NULL;
    for (wr_node *member = object->first; member; member = member->next) {
        if (wr_str_eq(member->key, key))
            return before;
        before = member;
    }
    return before;
}

/* Where the pointer to the child behind `before` is kept. */
static wr_node **link_behind(wr_node *parent, wr_node *before)
{
    return before ? &before->next : &parent->first;
}

void wr_node_set(wr_arena *arena, wr_node *object, weir_str key, wr_node *value)
{
    value->key = wr_arena_str(arena, key);
    wr_node *before = find_before(object, key);
    wr_node **link = link_behind(object, before);
    if (!*link) {
        wr_node_append(object, value);
        return;
    }

    value->next = (*link)->next;
    if (object->last == *link)
        object->last = value;
    *link = value;
}

void wr_node_set_text(wr_arena *arena, wr_node *object, const char *key, weir_str text)
{
    wr_node_set(arena, object, weir_str_of(key), wr_node_text(arena, text));
}

weir_status wr_node_check_keys(weir_ctx *cx, const wr_node *object, const char *what,
                               const char *const *known)
{
    for (const wr_node *member = object->first; member; member = member->next)
        if (!wr_str_among(member->key, known))
            return wr_suggest(cx,
                              weir_fail(cx, WEIR_CONFIG, "%s has the unknown key '%.*s'", what,
                                        WR_STR(member->key)),
                              member->key, known);
    return WEIR_OK;
}

void wr_node_remove(wr_node *object, weir_str key)
{
    wr_node *before = find_before(object, key);
    wr_node **link = link_behind(object, before);
    if (!*link)
        return;

    if (object->last == *link)
        object->last = before;
    *link = (*link)->next;
    object->count--;
}

wr_node *wr_node_child(wr_arena *arena, wr_node *object, weir_str key)
{
    wr_node *child = wr_node_get_str(object, key);
    if (child && child->kind == WR_NODE_OBJECT)
        return child;
    child = wr_node_new(arena, WR_NODE_OBJECT);
    wr_node_set(arena, object, key, child);
    return child;
}

void wr_node_replace(wr_node *node, const wr_node *value)
{
    const weir_str key = node->key;
    wr_node *next = node->next;
    *node = *value;
    node->key = key;
    node->next = next;
}

void wr_node_append(wr_node *parent, wr_node *value)
{
    *link_behind(parent, parent->last) = value;
    value->next = NULL;
    parent->last = value;
    parent->count++;
}

void wr_node_prepend(wr_node *parent, wr_node *value)
{
    value->next = parent->first;
    parent->first = value;
    if (!parent->last)
        parent->last = value;
    parent->count++;
}
