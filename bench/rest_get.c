/* Fetches the pages of bench-rest_server over one connection and throws them away: what the server alone gives.
 *
 * usage: bench-rest_get PORT COUNT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

static char bytes[BUFFER + 1];

/* Read one reply to its end; the number of its bytes, 0 when the connection broke. */
static size_t read_reply(int fd)
{
    size_t all = 0;
    for (size_t len = 0; all == 0 || len < all;) {
        const ssize_t n = read(fd, bytes + len, BUFFER - len);
        if (n <= 0)
            return 0;
        len += (size_t)n;
        bytes[len] = '\0';
        const char *const end = all ? NULL : strstr(bytes, "\r\n\r\n");
        const char *const length = end ? strstr(bytes, "Content-Length: ") : NULL;
        if (length)
            all =
                (size_t)(end + 4 - bytes) + strtoul(length + strlen("Content-Length: "), NULL, 10);
    }
    return all;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return 1;

    size_t total = 0;
    for (int page = 1; page <= atoi(argv[2]); page++) {
        char request[128];
        const int len = snprintf(request, sizeof(request),
                                 "GET /items?page=%d HTTP/1.1\r\nHost: me\r\n\r\n", page);
        if (write(fd, request, (size_t)len) != len)
            return 1;
        const size_t size = read_reply(fd);
        if (size == 0)
            return 1;
        total += size;
    }
    printf("%zu\n", total);
    return 0;
}
