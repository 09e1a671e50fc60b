/* Opens libduckdb with dlopen(): a process that does not need it does not pay for it. */
#include "destinations/duckdb_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/process.h"
#include "base/str.h"

/* A function of the table: its name, and its place in wr_duckdb_api. */
typedef struct symbol {
    const char *name;
    size_t place;
    bool optional;
} symbol;

static const symbol symbols[] = {
#define X(result, name, arguments) { "duckdb_" #name, offsetof(wr_duckdb_api, name), false },
    WR_DUCKDB_FUNCTIONS(X)
#undef X
#define X(result, name, arguments) { "duckdb_" #name, offsetof(wr_duckdb_api, name), true },
        WR_DUCKDB_OPTIONAL(X)
#undef X
};

/* `lock` protects `api` until `loaded`; afterwards it never changes. */
static struct {
    pthread_mutex_t lock;
    bool loaded;
    wr_duckdb_api api;
} library = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Where the library is: beside the program as it is built and as it is installed, or where the system has it. */
static void *open_library(wr_arena *arena)
{
    const char *chosen = getenv("DUCKDB_LIBRARY");
    if (chosen && *chosen)
        return dlopen(chosen, RTLD_LAZY | RTLD_LOCAL);

    static const char *const beside[] = { "../lib/libduckdb.so", "../lib/weir/libduckdb.so" };
    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        const weir_str path = wr_arena_printf(arena, "%s/%s", wr_process_dir(), beside[i]);
        void *handle = dlopen(path.ptr, RTLD_LAZY | RTLD_LOCAL);
        if (handle)
            return handle;
    }
    return dlopen("libduckdb.so", RTLD_LAZY | RTLD_LOCAL);
}

static weir_status fill_table(weir_ctx *cx, void *handle, wr_duckdb_api *api)
{
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *function = dlsym(handle, symbols[i].name);
        if (!function && !symbols[i].optional)
            return weir_fail(cx, WEIR_CONFIG,
                             "the library of DuckDB has no function '%s'\n"
                             "hint: DuckDB 1.5.6 or newer is needed",
                             symbols[i].name);
        memcpy((char *)api + symbols[i].place, &function, sizeof(function));
    }
    api->cache = api->create_instance_cache();
    return WEIR_OK;
}

static weir_status load(weir_ctx *cx)
{
    wr_auto(arena) wr_arena arena = { 0 };
    void *handle = open_library(&arena);
    if (!handle)
        return weir_fail(cx, WEIR_CONFIG,
                         "the library of DuckDB cannot be opened: %s\n"
                         "hint: put libduckdb.so beside the program, in ../lib, or name it in the "
                         "environment variable DUCKDB_LIBRARY",
                         dlerror());
    wr_duckdb_api api = { 0 };
    const weir_status status = fill_table(cx, handle, &api);
    if (status != WEIR_OK) {
        dlclose(handle);
        return status;
    }
    library.api = api;
    library.loaded = true;
    return WEIR_OK;
}

weir_status wr_duckdb_load(weir_ctx *cx, const wr_duckdb_api **ret)
{
    pthread_mutex_lock(&library.lock);
    const weir_status status = library.loaded ? WEIR_OK : load(cx);
    pthread_mutex_unlock(&library.lock);
    if (status == WEIR_OK)
        *ret = &library.api;
    return status;
}

weir_status wr_duckdb_library(weir_ctx *cx, wr_arena *arena, weir_str *ret_version,
                              weir_str *ret_file)
{
    const wr_duckdb_api *api = NULL;
    Dl_info info;
    WEIR_TRY(wr_duckdb_load(cx, &api));
    const char *version = api->library_version();
    if (dladdr((const void *)(uintptr_t)api->library_version, &info) == 0 || !info.dli_fname)
        return weir_fail(cx, WEIR_INTERNAL, "the file of DuckDB's library is not known");
    *ret_version = wr_arena_str(arena, weir_str_of(version + (version[0] == 'v')));
    *ret_file = wr_arena_str(arena, weir_str_of(info.dli_fname));
    return WEIR_OK;
}

/* DuckDB's kinds of errors, where they are not a fault of ours. */
static const struct {
    int type;
    weir_status status;
    const char *hint;
} errors[] = {
    { 1, WEIR_REJECTED, NULL },     /* out of range */
    { 2, WEIR_REJECTED, NULL },     /* conversion */
    { 4, WEIR_REJECTED, NULL },     /* decimal */
    { 5, WEIR_REJECTED, NULL },     /* mismatch of types */
    { 7, WEIR_LIMIT, NULL },        /* size of an object */
    { 10, WEIR_LOCKED, NULL },      /* conflict of transactions */
    { 11, WEIR_UNSUPPORTED, NULL }, /* not implemented */
    { WR_DUCKDB_ERROR_CATALOG, WEIR_INVALID, NULL },
    { 14, WEIR_INVALID, NULL },   /* parser */
    { 18, WEIR_REJECTED, NULL },  /* constraint */
    { 22, WEIR_INVALID, NULL },   /* syntax */
    { 23, WEIR_CONFIG, NULL },    /* settings */
    { 24, WEIR_INVALID, NULL },   /* binder */
    { 25, WEIR_NETWORK, NULL },   /* network */
    { 28, WEIR_IO, NULL },        /* input, output */
    { 29, WEIR_CANCELLED, NULL }, /* interrupted */
    { 32, WEIR_REJECTED, NULL },  /* invalid input */
    { 33, WEIR_NOMEM, "raise destination.duckdb.memory_limit, or give the machine more memory" },
    { 34, WEIR_INVALID, NULL }, /* permission */
    { 38, WEIR_NETWORK, NULL }, /* HTTP */
    { 43, WEIR_CORRUPT, NULL }, /* corruption of data */
};

weir_status wr_duckdb_fail(weir_ctx *cx, int type, const char *message)
{
    weir_status status = WEIR_INTERNAL;
    const char *hint = NULL;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].type == type) {
            status = errors[i].status;
            hint = errors[i].hint;
        }
    }
    if (message &&
        strstr(message, strerror(ENOSPC))) { /* DuckDB tells the system's reason in its text only */
        status = WEIR_IO;
        hint = "the disk of the database is full: make room, and run again";
    }
    (void)weir_fail(cx, status, "%s", message ? message : "DuckDB gave no reason");
    if (hint)
        wr_hint(cx, "%s", hint);
    return status;
}

weir_status wr_duckdb_check(weir_ctx *cx, const wr_duckdb_api *api, wr_duckdb_error *error)
{
    weir_status status = WEIR_OK;
    if (error && api->error_data_has_error(error))
        status =
            wr_duckdb_fail(cx, api->error_data_error_type(error), api->error_data_message(error));
    api->destroy_error_data(&error);
    return status;
}
