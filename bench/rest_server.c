/* A web API on a port of this machine: prints its address, and ends when its standard input does.
 *
 *   pages COUNT RECORDS   `/items?page=N` gives page N from 1 of COUNT, with RECORDS records; made once, in memory
 *   folder DIRECTORY      recorded replies: `/a/b` is the file a/b.json or a/b; where `a/b@NAME=VALUE.json` is there, it
 *                         answers a request with that parameter, or with `"NAME": "VALUE"` in its body
 *
 * usage: bench-rest_server pages COUNT RECORDS | folder DIRECTORY */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 16, RECORD_MAX = 512, PATH_SIZE = 1024 };

typedef struct text {
    char *ptr;
    size_t len;
} text;

static text *pages;
static int page_count;
static const char *folder;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void *checked(void *p)
{
    if (!p)
        fail("bench-rest_server: memory");
    return p;
}

/* ---- made pages ---- */

static text make_page(int page, int records)
{
    static const char *const CITIES[] = { "Lisbon", "Oslo", "Wien", "Łódź" };
    char *const made = checked(malloc((size_t)(records + 1) * RECORD_MAX));
    size_t len = (size_t)sprintf(made, "{\"page\":%d,\"pages\":%d,\"data\":[", page, page_count);
    for (int i = 0; i < records; i++) {
        const int64_t id = (int64_t)(page - 1) * records + i + 1;
        len += (size_t)snprintf(
            made + len, RECORD_MAX,
            "%s{\"id\":%" PRId64 ",\"name\":\"Customer %" PRId64 "\",\"email\":\"c%" PRId64
            "@example.org\",\"active\":%s,\"balance\":%" PRId64
            ".%02d,\"created_at\":\"2024-%02d-%02dT%02d:%02d:00Z\","
            "\"address\":{\"city\":\"%s\",\"zip\":\"%05d\"}}",
            i ? "," : "", id, id, id, id % 3 ? "true" : "false", id * 7919 % 100000,
            (int)(id % 99) + 1, (int)(id % 12) + 1, (int)(id % 28) + 1, (int)(id % 24),
            (int)(id % 60), CITIES[id % 4], (int)(id % 100000));
    }
    len += (size_t)sprintf(made + len, "]}");
    return (text){ .ptr = checked(realloc(made, len)), .len = len };
}

static void make_pages(int records)
{
    pages = checked(calloc((size_t)page_count, sizeof(*pages)));
    for (int i = 0; i < page_count; i++)
        pages[i] = make_page(i + 1, records);
}

/* ---- recorded replies ---- */

/* Read a file; `ptr` is NULL when it is not there. The caller frees it. */
static text read_file(const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return (text){ 0 };
    }
    text file = { .ptr = checked(malloc((size_t)st.st_size + 1)) };
    for (ssize_t n; file.len < (size_t)st.st_size; file.len += (size_t)n)
        if ((n = read(fd, file.ptr + file.len, (size_t)st.st_size - file.len)) <= 0)
            break;
    close(fd);
    return file;
}

__attribute__((format(printf, 1, 2))) static text read_named(const char *format, ...)
{
    char path[PATH_SIZE];
    va_list arguments;
    va_start(arguments, format);
    const int len = vsnprintf(path, sizeof(path), format, arguments);
    va_end(arguments);
    return len < PATH_SIZE ? read_file(path) : (text){ 0 };
}

/* The reply for one of the parameters of a query, `a=1&b=2`. */
static text reply_of_query(const char *path, char *query)
{
    char *next = NULL;
    for (char *pair = strtok_r(query, "&", &next); pair; pair = strtok_r(NULL, "&", &next)) {
        const text found = read_named("%s%s@%s.json", folder, path, pair);
        if (found.ptr)
            return found;
    }
    return (text){ 0 };
}

/* The reply for a member of a JSON body, `"after": "2"`: those that page by their body do so at its top. */
static text reply_of_body(const char *path, const char *body)
{
    for (const char *at = body; (at = strchr(at, '"')); at++) {
        char name[64];
        char value[64];
        if (sscanf(at, "\"%63[^\"]\" : \"%63[^\"]\"", name, value) != 2)
            continue;
        const text found = read_named("%s%s@%s=%s.json", folder, path, name, value);
        if (found.ptr)
            return found;
    }
    return (text){ 0 };
}

static text recorded(char *target, const char *body)
{
    char *const query = strchr(target, '?');
    if (query)
        *query = '\0';
    if (strstr(target, ".."))
        return (text){ 0 };
    text reply = query ? reply_of_query(target, query + 1) : (text){ 0 };
    if (!reply.ptr)
        reply = reply_of_body(target, body);
    if (!reply.ptr)
        reply = read_named("%s%s.json", folder, target);
    return reply.ptr ? reply : read_named("%s%s", folder, target);
}

/* ---- HTTP ---- */

static bool send_all(int fd, struct iovec *parts, int count)
{
    while (count > 0) {
        ssize_t n = writev(fd, parts, count);
        if (n < 0)
            return false;
        for (; count > 0 && (size_t)n >= parts->iov_len; parts++, count--)
            n -= (ssize_t)parts->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
    return true;
}

static bool reply(int fd, text body)
{
    static char missing[] = "{\"error\": true, \"status\": 404, \"message\": \"not_found\"}";
    const char *const status = body.ptr ? "200 OK" : "404 Not Found";
    if (!body.ptr)
        body = (text){ .ptr = missing, .len = sizeof(missing) - 1 };
    char head[256];
    const int len =
        snprintf(head, sizeof(head),
                 "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 status, body.len);
    struct iovec parts[] = { { .iov_base = head, .iov_len = (size_t)len },
                             { .iov_base = body.ptr, .iov_len = body.len } };
    return send_all(fd, parts, 2);
}

static bool answer(int fd, char *target, const char *body)
{
    if (pages) {
        const char *const page = strstr(target, "page=");
        const int number = page ? atoi(page + strlen("page=")) : 1;
        return reply(fd, number >= 1 && number <= page_count ? pages[number - 1] : (text){ 0 });
    }
    const text found = recorded(target, body);
    const bool sent = reply(fd, found);
    free(found.ptr);
    return sent;
}

/* The length of the first request in `bytes`, headers and body; 0 while it is not whole. */
static size_t whole_request(char *bytes, size_t len, const char **ret_body)
{
    bytes[len] = '\0';
    const char *const end = strstr(bytes, "\r\n\r\n");
    if (!end)
        return 0;
    const char *const length = strcasestr(bytes, "\r\nContent-Length:");
    const size_t body =
        length && length < end ? strtoul(length + strlen("\r\nContent-Length:"), NULL, 10) : 0;
    *ret_body = end + 4;
    const size_t all = (size_t)(*ret_body - bytes) + body;
    return all <= len ? all : 0;
}

/* Answer the requests that are whole, and keep the rest. */
static bool answer_whole(int fd, char *bytes, size_t *len)
{
    const char *body = NULL;
    for (size_t all; (all = whole_request(bytes, *len, &body));) {
        char *const target = strchr(bytes, ' ');
        char *const end = target ? strchr(target + 1, ' ') : NULL;
        if (!end || end > body)
            return false;
        *end = '\0';
        if (!answer(fd, target + 1, body))
            return false;
        *len -= all;
        memmove(bytes, bytes + all, *len);
    }
    return true;
}

/* One connection, until it is closed. */
static void *serve(void *self)
{
    const int fd = (int)(intptr_t)self;
    char *const bytes = checked(malloc(REQUEST_MAX + 1));
    size_t len = 0;
    for (ssize_t n; len < REQUEST_MAX && (n = read(fd, bytes + len, REQUEST_MAX - len)) > 0;) {
        len += (size_t)n;
        if (!answer_whole(fd, bytes, &len))
            break;
    }
    free(bytes);
    close(fd);
    return NULL;
}

static void *accept_all(void *self)
{
    const int listener = (int)(intptr_t)self;
    for (;;) {
        const int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
        else
            close(fd);
    }
    return NULL;
}

static int open_listener(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        fail("bench-rest_server: socket");
    printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "pages") == 0) {
        page_count = atoi(argv[2]);
        make_pages(atoi(argv[3]));
    } else if (argc == 3 && strcmp(argv[1], "folder") == 0) {
        folder = argv[2];
    } else {
        fputs("usage: bench-rest_server pages COUNT RECORDS | folder DIRECTORY\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    pthread_t thread;
    if (pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)open_listener()) != 0)
        fail("bench-rest_server: thread");
    while (getchar() != EOF)
        continue;
    return 0;
}
