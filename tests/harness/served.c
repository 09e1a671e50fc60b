/* One thread that waits for connections and requests at once. */
#include "harness/served.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 80
#define REQUEST_MAX 65536
#define ANSWERS_MAX 32
#define REQUESTS_MAX 512

typedef struct client {
    int fd;
    size_t len;
    char text[REQUEST_MAX];
} client;

struct served {
    pthread_t thread;
    int listener;
    int stop[2];
    char url[64];
    client *clients[CLIENTS_MAX];
    size_t client_count;

    pthread_mutex_t lock; /* protects what follows */
    served_answer answers[ANSWERS_MAX];
    size_t answer_count;
    size_t next;
    char *requests[REQUESTS_MAX];
    int count;
    int connections;
};

/* Bytes of the request at the start of the text; 0 while it is not all there. */
static size_t request_len(const client *c)
{
    const char *end = memmem(c->text, c->len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t len = (size_t)(end - c->text) + 4;
    for (const char *at = c->text; at < end; at = strstr(at, "\r\n") + 2)
        if (strncasecmp(at, "content-length:", 15) == 0)
            len += strtoul(at + 15, NULL, 10);
    return len <= c->len ? len : 0;
}

static served_answer remember(served *s, const char *text, size_t len)
{
    pthread_mutex_lock(&s->lock);
    if (s->count < REQUESTS_MAX)
        s->requests[s->count++] = strndup(text, len);
    const served_answer ret = s->answers[s->next];
    if (s->next + 1 < s->answer_count)
        s->next++;
    pthread_mutex_unlock(&s->lock);
    return ret;
}

/* False: the connection is to be closed. */
static bool give_answer(int fd, served_answer answer)
{
    if (answer.status == SERVED_CLOSE)
        return false;
    if (answer.status == SERVED_HANG)
        return true;
    const char *body = answer.body ? answer.body : "";
    char *text;
    const int len =
        asprintf(&text, "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\n%s\r\n%s", answer.status,
                 strlen(body), answer.headers ? answer.headers : "", body);
    const bool sent = len > 0 && send(fd, text, (size_t)len, MSG_NOSIGNAL) == len;
    free(text);
    return sent;
}

/* False: the other side, or the script, has closed. */
static bool serve_client(served *s, client *c)
{
    const ssize_t got = read(c->fd, c->text + c->len, sizeof(c->text) - 1 - c->len);
    if (got <= 0)
        return false;
    c->len += (size_t)got;
    c->text[c->len] = '\0';
    const size_t len = request_len(c);
    if (len == 0)
        return true;
    const served_answer answer = remember(s, c->text, len);
    c->len -= len;
    memmove(c->text, c->text + len, c->len + 1);
    return give_answer(c->fd, answer);
}

static void accept_client(served *s)
{
    const int fd = accept(s->listener, NULL, NULL);
    if (fd < 0)
        return;
    if (s->client_count == CLIENTS_MAX) {
        close(fd);
        return;
    }
    client *c = calloc(1, sizeof(*c));
    c->fd = fd;
    s->clients[s->client_count++] = c;
    pthread_mutex_lock(&s->lock);
    s->connections++;
    pthread_mutex_unlock(&s->lock);
}

static void drop_client(served *s, size_t i)
{
    close(s->clients[i]->fd);
    free(s->clients[i]);
    s->clients[i] = s->clients[--s->client_count];
}

static void *serve(void *self)
{
    served *s = self;
    for (;;) {
        struct pollfd fds[CLIENTS_MAX + 2] = { { s->stop[0], POLLIN, 0 },
                                               { s->listener, POLLIN, 0 } };
        const size_t count = s->client_count;
        for (size_t i = 0; i < count; i++)
            fds[i + 2] = (struct pollfd){ s->clients[i]->fd, POLLIN, 0 };
        if (poll(fds, count + 2, -1) < 0 || fds[0].revents)
            return NULL;
        for (size_t i = count; i-- > 0;)
            if (fds[i + 2].revents && !serve_client(s, s->clients[i]))
                drop_client(s, i);
        if (fds[1].revents)
            accept_client(s);
    }
}

served *served_new_of(const served_answer *answers)
{
    served *s = calloc(1, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    served_script_of(s, answers);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(s->listener, CLIENTS_MAX) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) != 0 || pipe(s->stop) != 0 ||
        pthread_create(&s->thread, NULL, serve, s) != 0) {
        perror("served_new");
        abort();
    }
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    return s;
}

void served_script_of(served *s, const served_answer *answers)
{
    pthread_mutex_lock(&s->lock);
    s->next = s->answer_count = 0;
    while (answers[s->answer_count].status != 0 && s->answer_count < ANSWERS_MAX) {
        s->answers[s->answer_count] = answers[s->answer_count];
        s->answer_count++;
    }
    pthread_mutex_unlock(&s->lock);
}

void served_free(served *s)
{
    if (!s)
        return;
    close(s->stop[1]);
    pthread_join(s->thread, NULL);
    while (s->client_count > 0)
        drop_client(s, 0);
    close(s->stop[0]);
    close(s->listener);
    for (int i = 0; i < s->count; i++)
        free(s->requests[i]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void wr_cleanup_served(served **s)
{
    served_free(*s);
    *s = NULL;
}

const char *served_url(const served *s)
{
    return s->url;
}

int served_count(served *s)
{
    pthread_mutex_lock(&s->lock);
    const int ret = s->count;
    pthread_mutex_unlock(&s->lock);
    return ret;
}

int served_connections(served *s)
{
    pthread_mutex_lock(&s->lock);
    const int ret = s->connections;
    pthread_mutex_unlock(&s->lock);
    return ret;
}

const char *served_request(served *s, int i)
{
    pthread_mutex_lock(&s->lock);
    const char *ret = i < s->count ? s->requests[i] : "";
    pthread_mutex_unlock(&s->lock);
    return ret;
}
