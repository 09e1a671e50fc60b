/* Runs a command and appends a line to a file: seconds by the clock, seconds of CPU, the most memory in KiB, exit status.
 * A small program of its own, because a process counts what its parent held when it was forked.
 *
 * usage: bench-measure FILE COMMAND [ARGUMENT…] */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: bench-measure FILE COMMAND [ARGUMENT…]\n", stderr);
        return 2;
    }
    const double start = now();
    const pid_t child = vfork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    const double wall = now() - start;

    FILE *file = fopen(argv[1], "a");
    if (!file)
        return 1;
    const double cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    const int exited = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(file, "%.6f %.6f %ld %d\n", wall, cpu, usage.ru_maxrss, exited);
    return fclose(file) != 0;
}
