/* JSON in three forms: a view over parsed text for rows (fast, in place), a tree for documents (schemas, states,
 * manifests: small, changeable, order and unknown keys kept), and writing. yyjson stays behind json.c. */
#ifndef WR_JSON_H
#define WR_JSON_H

#include <weir/value.h>

#include "base/arena.h"
#include "base/buf.h"

/* ---- rows: a view of parsed text ---- */

/* One parsed value. The layout is that of yyjson's values (checked in json.c): the containers' content follows them in
 * memory, so that walking needs no call. They are written as yyjson_val and read as wr_jval: hence `may_alias`. */
typedef struct __attribute__((may_alias)) wr_jval {
    uint64_t
        tag; /* type in 3 bits, subtype in 2; from bit 8 length of text, or count of children */
    union {
        uint64_t u64;
        int64_t i64;
        double f64;
        const char *str;
        size_t ofs; /* containers: bytes to the value behind them */
    } as;
} wr_jval;

typedef enum wr_jkind {
    WR_JNONE = 0,
    WR_JRAW = 1, /* a number beyond 64 bits or beyond the range of doubles: its text */
    WR_JNULL = 2,
    WR_JBOOL = 3,
    WR_JNUMBER = 4,
    WR_JTEXT = 5,
    WR_JARRAY = 6,
    WR_JOBJECT = 7,
} wr_jkind;

typedef enum wr_jnumber { WR_JUINT = 0, WR_JINT = 1, WR_JREAL = 2 } wr_jnumber;

static inline wr_jkind wr_jkind_of(const wr_jval *v)
{
    return (wr_jkind)(v->tag & 7);
}
static inline wr_jnumber wr_jnumber_of(const wr_jval *v)
{
    return (wr_jnumber)(v->tag >> 3 & 3);
}
static inline bool wr_jbool(const wr_jval *v)
{
    return (v->tag >> 3 & 3) != 0;
}
/* Bytes of a text, elements of an array, members of an object. */
static inline size_t wr_jlen(const wr_jval *v)
{
    return (size_t)(v->tag >> 8);
}
static inline weir_str wr_jtext(const wr_jval *v)
{
    weir_str ret = { v->as.str, wr_jlen(v) };
    return ret;
}
/* First element, or first key (its value follows it). Only when wr_jlen() > 0. */
static inline const wr_jval *wr_jfirst(const wr_jval *v)
{
    return v + 1;
}
/* The value behind this one. */
static inline const wr_jval *wr_jnext(const wr_jval *v)
{
    const size_t step = (v->tag & 7) >= WR_JARRAY ? v->as.ofs : sizeof(wr_jval);
    return (const wr_jval *)(const void *)((const char *)v + step);
}

/* Reads one JSON value after the other into the same memory. Zero is a valid one. Belongs to one thread. */
typedef struct wr_json_reader {
    void *pool;
    size_t pool_size;
} wr_json_reader;

/* Bytes that must be writable behind the text; reading sets them to zero. */
#define WR_JSON_PADDING 8
/* Levels of arrays and objects that a row may have (dlt's own limit); a document has fewer, see wr_node_parse(). */
#define WR_JSON_DEPTH 1024

/* Read the value at `text`, of which `len` bytes and the padding are there, and stop behind it; white space in front is
 * skipped, line ends inside are white space too. The text is changed, also when this fails. Integers of 64 bits and
 * doubles are numbers, all else beyond is WR_JRAW. *ret lives until the next call and needs the text. *ret_used: bytes up
 * to the end of the value. WEIR_PARSE names the byte (counted from `text`) and what is wrong there. */
weir_status wr_json_read(weir_ctx *cx, wr_json_reader *reader, char *text, size_t len,
                         const wr_jval **ret, size_t *ret_used) WEIR_MUST_USE;
void wr_json_reader_done(wr_json_reader *reader);
void wr_cleanup_json_reader(wr_json_reader *reader);

/* Is this text exactly one well-formed JSON value? Sets its kind. WEIR_PARSE says where it is not. */
weir_status wr_json_check(weir_ctx *cx, weir_str text, wr_jkind *ret_kind) WEIR_MUST_USE;

/* ---- documents: a tree ---- */

typedef enum wr_node_kind {
    WR_NODE_NULL,
    WR_NODE_FALSE,
    WR_NODE_TRUE,
    WR_NODE_NUMBER, /* as text */
    WR_NODE_TEXT,
    WR_NODE_ARRAY,
    WR_NODE_OBJECT,
} wr_node_kind;

typedef struct wr_node {
    wr_node_kind kind;
    weir_str key;  /* in an object */
    weir_str text; /* of NUMBER and TEXT */
    struct wr_node *first;
    struct wr_node *last;
    struct wr_node *next;
    size_t count;
} wr_node;

/* Levels that a document may have. */
#define WR_NODE_DEPTH 200

/* Parse a document; numbers keep their text; of duplicate keys the last wins, at the place of the first. Nodes and texts
 * are in `arena`. */
weir_status wr_node_parse(weir_ctx *cx, wr_arena *arena, weir_str text, wr_node **ret)
    WEIR_MUST_USE;

wr_node *wr_node_new(wr_arena *arena, wr_node_kind kind);
wr_node *wr_node_text(wr_arena *arena, weir_str text); /* copied */
wr_node *wr_node_int(wr_arena *arena, int64_t value);
wr_node *wr_node_bool(wr_arena *arena, bool value);
wr_node *wr_node_copy(wr_arena *arena, const wr_node *node); /* deep; the copy has no key */
bool wr_node_equal(const wr_node *a, const wr_node *b);      /* members in any order */

/* NULL for a missing key, and for a NULL or other node than an object. */
wr_node *wr_node_get(const wr_node *object, const char *key);
/* Is it there, and not null? */
bool wr_node_is_given(const wr_node *node);
wr_node *wr_node_get_str(const wr_node *object, weir_str key);
/* Text of a member; empty when it is missing or no text. */
weir_str wr_node_get_text(const wr_node *object, const char *key);
/* Integer of a member; `otherwise` when it is missing or none. */
int64_t wr_node_get_int(const wr_node *object, const char *key, int64_t otherwise);
bool wr_node_get_bool(const wr_node *object, const char *key, bool otherwise);

/* Add a member, or put `value` in its place; it belongs to the object afterwards. The key is copied. */
void wr_node_set(wr_arena *arena, wr_node *object, weir_str key, wr_node *value);
/* The same with a text, which is copied. */
void wr_node_set_text(wr_arena *arena, wr_node *object, const char *key, weir_str text);
/* Are all keys of an object among `known`, which ends with NULL? WEIR_CONFIG names the first that is not, and the nearest
 * known one; `what` has it: "a resource". */
weir_status wr_node_check_keys(weir_ctx *cx, const wr_node *object, const char *what,
                               const char *const *known) WEIR_MUST_USE;
void wr_node_remove(wr_node *object, weir_str key);
/* The object that is a member of this name; added, or put in place of another value, when there is none. */
wr_node *wr_node_child(wr_arena *arena, wr_node *object, weir_str key);
/* Give `node` the content of `value`; its key and its place stay. */
void wr_node_replace(wr_node *node, const wr_node *value);
/* A new last element, or member: then its key must be set, and new in the object. */
void wr_node_append(wr_node *parent, wr_node *value);
void wr_node_prepend(wr_node *parent, wr_node *value);

/* ---- writing ---- */

typedef enum wr_json_form {
    WR_JSON_COMPACT, /* no blanks, UTF-8 not escaped: dlt's own form */
    WR_JSON_SORTED,  /* compact, keys sorted by bytes at all levels: what hashes are taken of */
    WR_JSON_PRETTY,  /* indented by two */
} wr_json_form;

void wr_node_write(wr_buf *out, const wr_node *node, wr_json_form form);
/* A text with quotes: \" \\ \b \f \n \r \t and \u00xx below U+0020; all else literal. */
void wr_json_quote(wr_buf *out, weir_str text);
/* A parsed value in dlt's plain form: compact; doubles as wr_double_json() writes them. Numbers too long for 64 bits keep
 * their digits, where dlt would make doubles of them: nothing is rounded here. */
void wr_json_write(wr_buf *out, const wr_jval *value);

#endif
