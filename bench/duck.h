/* The few functions of libduckdb that the bare programs use, opened by hand: what weir is measured against has nothing
 * of weir in it. */
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

static int (*duck_open)(const char *path, void **ret);
static int (*duck_connect)(void *database, void **ret);
static int (*duck_query)(void *connection, const char *sql, duck_result *ret);
static const char *(*duck_error)(duck_result *result);
static void (*duck_destroy)(duck_result *result);
static void (*duck_disconnect)(void **connection);
static void (*duck_close)(void **database);
static int (*duck_arrow_scan)(void *connection, const char *view, void *stream);

static inline void duck_load(const char *library)
{
    static const struct {
        const char *name;
        void *function;
    } table[] = {
        { "duckdb_open", &duck_open },
        { "duckdb_connect", &duck_connect },
        { "duckdb_query", &duck_query },
        { "duckdb_result_error", &duck_error },
        { "duckdb_destroy_result", &duck_destroy },
        { "duckdb_disconnect", &duck_disconnect },
        { "duckdb_close", &duck_close },
        { "duckdb_arrow_scan", &duck_arrow_scan },
    };
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; handle && i < sizeof(table) / sizeof(*table); i++)
        *(void **)table[i].function = dlsym(handle, table[i].name);
    if (handle && duck_open)
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
    duck_destroy(&result);
}

#endif
