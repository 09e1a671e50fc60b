/** Values: one cell of a row, as a resource emits it. */
#ifndef WEIR_VALUE_H
#define WEIR_VALUE_H

#include <weir/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weir_kind {
    WEIR_ABSENT, /**< not there at all; zero, so that an unset value is one */
    WEIR_NULL,
    WEIR_BOOL,
    WEIR_INT,
    WEIR_FLOAT,
    WEIR_TEXT,      /**< UTF-8 */
    WEIR_DECIMAL,   /**< text of an exact decimal number: `1.50`, `-1E+3` */
    WEIR_BYTES,     /**< any bytes */
    WEIR_TIMESTAMP, /**< `i`: microseconds since 1970 in UTC */
    WEIR_DATE,      /**< `i`: days since 1970-01-01 */
    WEIR_TIME,      /**< `i`: microseconds since midnight */
    WEIR_JSON,      /**< text of one JSON value: objects and lists become columns and tables */
    WEIR_PARSED,    /**< a JSON value that weir has read, see weir/http.h: likewise */
} weir_kind;

/** A JSON value that was read; `{0}` is absent. Borrowed. */
typedef struct weir_json {
    const void *node;
} weir_json;

/** One cell. Content is borrowed: whoever receives a value and keeps it copies it. */
typedef struct weir_value {
    weir_kind kind;
    union {
        bool b;
        int64_t i;
        double f;
        weir_str s;
        weir_json j;
    } as;
} weir_value;

/** One named cell of a row. */
typedef struct weir_field {
    weir_str name;
    weir_value value;
} weir_field;

/* Members are set one by one: values are made millions of times, and zeroing what is not used costs. */

static inline weir_value weir_int_of(weir_kind kind, int64_t i)
{
    weir_value ret;
    ret.kind = kind;
    ret.as.i = i;
    return ret;
}

static inline weir_value weir_text_of(weir_kind kind, weir_str s)
{
    weir_value ret;
    ret.kind = kind;
    ret.as.s = s;
    return ret;
}

static inline weir_value weir_null(void)
{
    return weir_int_of(WEIR_NULL, 0);
}

static inline weir_value weir_bool(bool b)
{
    weir_value ret;
    ret.kind = WEIR_BOOL;
    ret.as.b = b;
    return ret;
}

static inline weir_value weir_int(int64_t i)
{
    return weir_int_of(WEIR_INT, i);
}

static inline weir_value weir_float(double f)
{
    weir_value ret;
    ret.kind = WEIR_FLOAT;
    ret.as.f = f;
    return ret;
}

static inline weir_value weir_text(weir_str s)
{
    return weir_text_of(WEIR_TEXT, s);
}

/** NULL gives the null value. */
static inline weir_value weir_cstr(const char *s)
{
    return s ? weir_text(weir_str_of(s)) : weir_null();
}

/** An exact decimal number from its text. */
static inline weir_value weir_decimal(const char *text)
{
    return weir_text_of(WEIR_DECIMAL, weir_str_of(text));
}

static inline weir_value weir_bytes(const void *bytes, size_t len)
{
    weir_str s = { (const char *)bytes, len };
    return weir_text_of(WEIR_BYTES, s);
}

static inline weir_value weir_timestamp(weir_time us)
{
    return weir_int_of(WEIR_TIMESTAMP, us);
}

/** `days` since 1970-01-01. */
static inline weir_value weir_date(int64_t days)
{
    return weir_int_of(WEIR_DATE, days);
}

/** `us` microseconds since midnight. */
static inline weir_value weir_time_of_day(int64_t us)
{
    return weir_int_of(WEIR_TIME, us);
}

/** One JSON value given as text. */
static inline weir_value weir_json_text(weir_str text)
{
    return weir_text_of(WEIR_JSON, text);
}

static inline weir_value weir_parsed(weir_json json)
{
    weir_value ret;
    ret.kind = json.node ? WEIR_PARSED : WEIR_ABSENT;
    ret.as.j = json;
    return ret;
}

static inline weir_value weir_same(weir_value value)
{
    return value;
}

static inline weir_field weir_field_of(const char *name, weir_value value)
{
    weir_field ret = { weir_str_of(name), value };
    return ret;
}

#ifndef __cplusplus
/** The value of a C expression by its type. Unsigned 64-bit integers beyond INT64_MAX are not values of weir. */
/* clang-format off */
#define weir_value_of(...) _Generic((__VA_ARGS__),                                                 \
        bool: weir_bool, float: weir_float, double: weir_float,                                    \
        char *: weir_cstr, const char *: weir_cstr, weir_str: weir_text, weir_value: weir_same,    \
        weir_json: weir_parsed, default: weir_int)(__VA_ARGS__)
/* clang-format on */

/** A named cell: `weir_kv("id", 1)`. `name` is a C string. */
#define weir_kv(name, ...) weir_field_of((name), weir_value_of(__VA_ARGS__))
#endif

#ifdef __cplusplus
}
#endif

#endif
