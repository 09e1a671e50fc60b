/* The part of DuckDB's C interface that is used, declared here: the library is opened when it is first needed, and a
 * user's machine needs no header of it. Names and arguments are DuckDB's; a handle is a pointer to a type that is never
 * completed. Stable since DuckDB 1.5.6, but for arrow_scan (duckdb.md says why it is used). */
#ifndef WR_DUCKDB_API_H
#define WR_DUCKDB_API_H

#include <weir/arrow.h>
#include <weir/base.h>

#include "base/arena.h"

typedef struct wr_duckdb_cache wr_duckdb_cache;
typedef struct wr_duckdb_config wr_duckdb_config;
typedef struct wr_duckdb_database wr_duckdb_database;
typedef struct wr_duckdb_connection wr_duckdb_connection;
typedef struct wr_duckdb_statement wr_duckdb_statement;
typedef struct wr_duckdb_type wr_duckdb_type;
typedef struct wr_duckdb_chunk wr_duckdb_chunk;
typedef struct wr_duckdb_vector wr_duckdb_vector;
typedef struct wr_duckdb_appender wr_duckdb_appender;
typedef struct wr_duckdb_error wr_duckdb_error;
typedef struct wr_duckdb_arrow_options wr_duckdb_arrow_options;
typedef struct wr_duckdb_arrow_schema wr_duckdb_arrow_schema;

/* Passed by value to fetch_chunk: the size counts. */
typedef struct wr_duckdb_result {
    uint64_t unused[3];
    void *pointers[3];
} wr_duckdb_result;

/* What functions return: 0 is success. */
typedef int wr_duckdb_state;

/* clang-format off */
/* X(result, name, arguments) */
#define WR_DUCKDB_FUNCTIONS(X)                                                                     \
    X(const char *, library_version, (void))                                                       \
    X(void, free, (void *ptr))                                                                     \
    X(wr_duckdb_cache *, create_instance_cache, (void))                                            \
    X(wr_duckdb_state, get_or_create_from_cache,                                                   \
      (wr_duckdb_cache *cache, const char *path, wr_duckdb_database **ret,                         \
       wr_duckdb_config *config, char **ret_error))                                                \
    X(void, close, (wr_duckdb_database **database))                                                \
    X(wr_duckdb_state, create_config, (wr_duckdb_config **ret))                                    \
    X(wr_duckdb_state, set_config,                                                                 \
      (wr_duckdb_config *config, const char *name, const char *value))                             \
    X(void, destroy_config, (wr_duckdb_config **config))                                           \
    X(wr_duckdb_state, connect, (wr_duckdb_database *database, wr_duckdb_connection **ret))        \
    X(void, disconnect, (wr_duckdb_connection **connection))                                       \
    X(void, interrupt, (wr_duckdb_connection *connection))                                         \
    X(wr_duckdb_state, query,                                                                      \
      (wr_duckdb_connection *connection, const char *sql, wr_duckdb_result *ret))                  \
    X(void, destroy_result, (wr_duckdb_result *result))                                            \
    X(const char *, result_error, (wr_duckdb_result *result))                                      \
    X(int, result_error_type, (wr_duckdb_result *result))                                          \
    X(uint64_t, column_count, (wr_duckdb_result *result))                                          \
    X(const char *, column_name, (wr_duckdb_result *result, uint64_t column))                      \
    X(wr_duckdb_type *, column_logical_type, (wr_duckdb_result *result, uint64_t column))          \
    X(void, destroy_logical_type, (wr_duckdb_type **type))                                         \
    X(wr_duckdb_chunk *, fetch_chunk, (wr_duckdb_result result))                                   \
    X(uint64_t, data_chunk_get_size, (wr_duckdb_chunk *chunk))                                     \
    X(wr_duckdb_vector *, data_chunk_get_vector, (wr_duckdb_chunk *chunk, uint64_t column))        \
    X(wr_duckdb_type *, vector_get_column_type, (wr_duckdb_vector *vector))                        \
    X(void, destroy_data_chunk, (wr_duckdb_chunk **chunk))                                         \
    X(wr_duckdb_state, prepare,                                                                    \
      (wr_duckdb_connection *connection, const char *sql, wr_duckdb_statement **ret))              \
    X(const char *, prepare_error, (wr_duckdb_statement *statement))                               \
    X(uint64_t, prepared_statement_column_count, (wr_duckdb_statement *statement))                 \
    X(const char *, prepared_statement_column_name,                                                \
      (wr_duckdb_statement *statement, uint64_t column))                                           \
    X(int, prepared_statement_column_type, (wr_duckdb_statement *statement, uint64_t column))      \
    X(void, destroy_prepare, (wr_duckdb_statement **statement))                                    \
    X(wr_duckdb_arrow_options *, result_get_arrow_options, (wr_duckdb_result *result))             \
    X(void, destroy_arrow_options, (wr_duckdb_arrow_options **options))                            \
    X(wr_duckdb_error *, to_arrow_schema,                                                          \
      (wr_duckdb_arrow_options *options, wr_duckdb_type **types, const char **names,               \
       uint64_t count, struct ArrowSchema *ret))                                                   \
    X(wr_duckdb_error *, data_chunk_to_arrow,                                                      \
      (wr_duckdb_arrow_options *options, wr_duckdb_chunk *chunk, struct ArrowArray *ret))          \
    X(wr_duckdb_error *, schema_from_arrow,                                                        \
      (wr_duckdb_connection *connection, struct ArrowSchema *schema,                               \
       wr_duckdb_arrow_schema **ret))                                                              \
    X(void, destroy_arrow_converted_schema, (wr_duckdb_arrow_schema **schema))                     \
    X(wr_duckdb_error *, data_chunk_from_arrow,                                                    \
      (wr_duckdb_connection *connection, struct ArrowArray *array,                                 \
       wr_duckdb_arrow_schema *schema, wr_duckdb_chunk **ret))                                     \
    X(bool, error_data_has_error, (wr_duckdb_error *error))                                        \
    X(int, error_data_error_type, (wr_duckdb_error *error))                                        \
    X(const char *, error_data_message, (wr_duckdb_error *error))                                  \
    X(void, destroy_error_data, (wr_duckdb_error **error))                                         \
    X(wr_duckdb_state, appender_create_query,                                                      \
      (wr_duckdb_connection *connection, const char *sql, uint64_t count, wr_duckdb_type **types,  \
       const char *table, const char **names, wr_duckdb_appender **ret))                           \
    X(wr_duckdb_state, append_data_chunk,                                                          \
      (wr_duckdb_appender *appender, wr_duckdb_chunk *chunk))                                      \
    X(wr_duckdb_error *, appender_error_data, (wr_duckdb_appender *appender))                      \
    X(wr_duckdb_state, appender_close, (wr_duckdb_appender *appender))                             \
    X(wr_duckdb_state, appender_destroy, (wr_duckdb_appender **appender))

/* Functions that may be missing: NULL then. */
#define WR_DUCKDB_OPTIONAL(X)                                                                      \
    X(wr_duckdb_state, arrow_scan,                                                                 \
      (wr_duckdb_connection *connection, const char *view, struct ArrowArrayStream *stream))
/* clang-format on */

typedef struct wr_duckdb_api {
    wr_duckdb_cache *cache; /* of the process: two that open one file share it */
#define X(result, name, arguments) result(*name) arguments;
    WR_DUCKDB_FUNCTIONS(X)
    WR_DUCKDB_OPTIONAL(X)
#undef X
} wr_duckdb_api;

/* The library, opened when first asked for; stays until the process ends. WEIR_CONFIG says where it was looked for. */
weir_status wr_duckdb_load(weir_ctx *cx, const wr_duckdb_api **ret) WEIR_MUST_USE;

/* Its version, as "2.0.0", and its file. */
weir_status wr_duckdb_library(weir_ctx *cx, wr_arena *arena, weir_str *ret_version,
                              weir_str *ret_file) WEIR_MUST_USE;

/* Report DuckDB's error: its type (DuckDB's number) becomes a status. `message` may be NULL. */
weir_status wr_duckdb_fail(weir_ctx *cx, int type, const char *message);
/* The same for an error object, which is freed; WEIR_OK when it holds none. */
weir_status wr_duckdb_check(weir_ctx *cx, const wr_duckdb_api *api, wr_duckdb_error *error)
    WEIR_MUST_USE;

/* DuckDB's numbers of kinds of errors, and of types of columns, that anybody asks for. */
enum { WR_DUCKDB_ERROR_CATALOG = 13 };

#endif
