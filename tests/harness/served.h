/* A scripted HTTP server on a socket of this machine, for answers that no real server gives on demand: it gives one
 * answer after the other, whatever is asked, the last one again and again, and remembers what was asked.
 *
 *     served *s = served_new({ 503, "busy" }, { 200, "{}", "X-Id: 7\r\n" });
 *     … ask served_url(s) …
 *     CHECK_INT(served_count(s), 2);
 *     served_free(s);
 */
#ifndef WR_TEST_SERVED_H
#define WR_TEST_SERVED_H

#include <stddef.h>

#define SERVED_HANG (-1)  /* nothing is answered */
#define SERVED_CLOSE (-2) /* the connection is closed instead */

typedef struct served_answer {
    int status; /* 0 ends a list */
    const char *body;
    const char *headers; /* further ones, each with its line end */
} served_answer;

typedef struct served served;

#define served_new(...) served_new_of((const served_answer[]){ __VA_ARGS__, { 0 } })
/* Answers are borrowed and must stay, but for the list. */
served *served_new_of(const served_answer *answers);
/* Another script, from the next request on. */
#define served_script(s, ...) served_script_of((s), (const served_answer[]){ __VA_ARGS__, { 0 } })
void served_script_of(served *s, const served_answer *answers);
void served_free(served *s);
void wr_cleanup_served(served **s);

/* "http://127.0.0.1:4711" */
const char *served_url(const served *s);
int served_count(served *s);
int served_connections(served *s);
/* Request `i` from 0 with headers and body; "" when there was none. Valid until the server is freed. */
const char *served_request(served *s, int i);

#endif
