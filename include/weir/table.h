/** Tables and columns, as destinations see them. */
#ifndef WEIR_TABLE_H
#define WEIR_TABLE_H

#include <weir/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The types of columns; names and meaning are dlt's. */
#define WEIR_TYPES(X)                                                                              \
    X(NO_TYPE, "")                                                                                 \
    X(TYPE_TEXT, "text")                                                                           \
    X(TYPE_BIGINT, "bigint")                                                                       \
    X(TYPE_DOUBLE, "double")                                                                       \
    X(TYPE_BOOL, "bool")                                                                           \
    X(TYPE_TIMESTAMP, "timestamp")                                                                 \
    X(TYPE_DATE, "date")                                                                           \
    X(TYPE_TIME, "time")                                                                           \
    X(TYPE_DECIMAL, "decimal")                                                                     \
    X(TYPE_WEI, "wei")                                                                             \
    X(TYPE_BINARY, "binary")                                                                       \
    X(TYPE_JSON, "json")

typedef enum weir_type {
#define X(name, text) WEIR_##name,
    WEIR_TYPES(X)
#undef X
} weir_type;

/** The name of a type as schemas show it; "" for none. */
WEIR_API const char *weir_type_name(weir_type type);

/** Hints of a column: bits of `weir_column.hints`. */
enum {
    WEIR_HINT_NOT_NULL = 1 << 0,
    WEIR_HINT_PRIMARY_KEY = 1 << 1,
    WEIR_HINT_MERGE_KEY = 1 << 2,
    WEIR_HINT_UNIQUE = 1 << 3,
    WEIR_HINT_ROW_KEY = 1 << 4,
    WEIR_HINT_PARENT_KEY = 1 << 5,
    WEIR_HINT_ROOT_KEY = 1 << 6,
    WEIR_HINT_VARIANT = 1 << 7,
    WEIR_HINT_NO_TIMEZONE = 1 << 8, /**< a timestamp that keeps wall clock time */
    WEIR_HINT_HARD_DELETE = 1 << 9, /**< a merged row that has it, or has it true, is a deletion */
    WEIR_HINT_DEDUP_ASC = 1 << 10,  /**< of merged rows with one key the one with the least value */
    WEIR_HINT_DEDUP_DESC = 1 << 11, /**< … with the greatest value */
    WEIR_HINT_VALID_FROM = 1 << 12, /**< since when a version of a row holds */
    WEIR_HINT_VALID_TO = 1 << 13,   /**< until when */
    WEIR_HINT_ROW_VERSION = 1 << 14, /**< what tells one version of a row from the next */
};

typedef struct weir_column {
    weir_str name;  /**< already in the destination's naming */
    weir_type type; /**< WEIR_NO_TYPE: declared, and no value has come yet */
    int precision;  /**< 0: the destination's default */
    int scale;      /**< 0: none, or the default */
    unsigned hints;
} weir_column;

/** A table under one schema snapshot. Immutable; shared by threads as long as its snapshot is held. */
typedef struct weir_table {
    weir_str name;
    weir_str parent; /**< empty for a root table */
    const weir_column *columns;
    size_t column_count;
    weir_str
        file_format; /**< in which its rows are to be stored, where there is a choice; empty: any */
} weir_table;

#ifdef __cplusplus
}
#endif

#endif
