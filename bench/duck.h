/* The few functions of libduckdb that the bare programs use, opened by hand, and weir's settings: what weir is measured
 * against has nothing else of weir in it. */
#ifndef BENCH_DUCK_H
#define BENCH_DUCK_H

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct duck_result {
    uint64_t unused[3];
    void *columns;
    char *error;
    void *internal;
} duck_result;

static int (*duck_create_config)(void **ret);
static int (*duck_set_config)(void *config, const char *name, const char *value);
static void (*duck_destroy_config)(void **config);
static int (*duck_open_ext)(const char *path, void **ret, void *config, char **ret_error);
static int (*duck_connect)(void *database, void **ret);
static int (*duck_query)(void *connection, const char *sql, duck_result *ret);
static const char *(*duck_error)(duck_result *result);
static void (*duck_destroy_result)(duck_result *result);
static void (*duck_disconnect)(void **connection);
static void (*duck_close)(void **database);
static int (*duck_arrow_scan)(void *connection, const char *view, void *stream);

static inline void duck_load(const char *library)
{
    static const struct {
        const char *name;
        void *function;
    } table[] = {
        { "duckdb_create_config", &duck_create_config },
        { "duckdb_set_config", &duck_set_config },
        { "duckdb_destroy_config", &duck_destroy_config },
        { "duckdb_open_ext", &duck_open_ext },
        { "duckdb_connect", &duck_connect },
        { "duckdb_query", &duck_query },
        { "duckdb_result_error", &duck_error },
        { "duckdb_destroy_result", &duck_destroy_result },
        { "duckdb_disconnect", &duck_disconnect },
        { "duckdb_close", &duck_close },
        { "duckdb_arrow_scan", &duck_arrow_scan },
    };
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; handle && i < sizeof(table) / sizeof(*table); i++)
        *(void **)table[i].function = dlsym(handle, table[i].name);
    if (handle && duck_open_ext)
        return;
    fprintf(stderr, "cannot open '%s': %s\n", library, dlerror());
    exit(1);
}

static inline void duck_check(int failed, const char *what)
{
    if (!failed)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static inline void duck_run(void *connection, const char *sql)
{
    duck_result result;
    if (duck_query(connection, sql, &result) != 0) {
        fprintf(stderr, "%s: %s\n", sql, duck_error(&result));
        exit(1);
    }
    duck_destroy_result(&result);
}

typedef struct duck_session {
    void *database;
    void *connection;
} duck_session;

/* A file opened with the settings of src/destinations/duckdb.c. */
static inline duck_session duck_begin(const char *path)
{
    duck_session ret;
    void *config;
    duck_check(duck_create_config(&config), "create config");
    duck_check(duck_set_config(config, "autoinstall_known_extensions", "false"), "set config");
    duck_check(duck_set_config(config, "autoload_known_extensions", "false"), "set config");
    duck_check(duck_set_config(config, "threads", "1"), "set config");
    duck_check(duck_open_ext(path, &ret.database, config, NULL), "open");
    duck_destroy_config(&config);
    duck_check(duck_connect(ret.database, &ret.connection), "connect");
    duck_run(ret.connection, "SET TimeZone = 'UTC'; SET checkpoint_threshold = '1gb'");
    duck_run(ret.connection,
             "SET write_buffer_row_group_count = 1; SET catalog_error_max_schemas = 0");
    return ret;
}

static inline void duck_end(duck_session *session)
{
    duck_disconnect(&session->connection);
    duck_close(&session->database);
}

#endif
