/* The least that a program can do to load what the second `weir run test_weir.c` loads: open a copy of the file with
 * weir's settings, append the same rows to the same tables in one transaction, sync as often, commit.
 *
 * usage: bench-bare_append LIBDUCKDB FILE SYNCS */
#include <fcntl.h>
#include <unistd.h>

#include "duck.h"

static const char *const statements[] = {
    "BEGIN",
    "INSERT INTO test_data.test_data VALUES (1, 'test', '1732440000.100000', 'AAAAAAAAAAAAAA'), "
    "(2, 'another test', '1732440000.100000', 'BBBBBBBBBBBBBB')",
    "INSERT INTO test_data._dlt_loads SELECT '1732440000.100000', schema_name, 0, now(), version_hash "
    "FROM test_data._dlt_version",
    "COMMIT",
};

/* What a log costs on this disk. */
static void sync_files(const char *folder, int syncs)
{
    char path[4096];
    for (int i = 0; i < syncs; i++) {
        snprintf(path, sizeof(path), "%s.%d", folder, i);
        const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        duck_check(fd < 0 || write(fd, path, sizeof(path)) < 0 || fsync(fd) != 0 || close(fd) != 0,
                   path);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: bench-bare_append LIBDUCKDB FILE SYNCS\n", stderr);
        return 2;
    }
    duck_load(argv[1]);
    duck_session session = duck_begin(argv[2]);
    sync_files(argv[2], (int)strtol(argv[3], NULL, 10));
    for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
        duck_run(session.connection, statements[i]);
    duck_end(&session);
    return 0;
}
