/* AWS Signature Version 4 in its header form (spec/connectivity.md 1.3). A pure function: time and keys are given. */
#ifndef WR_SIGV4_H
#define WR_SIGV4_H

#include <weir/base.h>

#include "base/arena.h"
#include "net/http.h"

/* Long-lived keys, or temporary ones with a token. */
typedef struct wr_aws_keys {
    weir_str id;
    weir_str secret;
    weir_str token; /* empty: none */
} wr_aws_keys;

typedef struct wr_sigv4 {
    weir_str method;
    weir_str host;                 /* with the port when it is not the default one */
    weir_str path;                 /* as it goes over the wire, percent-encoded once */
    weir_str query;                /* likewise, without '?'; in any order */
    const wr_http_header *headers; /* all are signed but those that proxies and libraries change */
    size_t header_count;
    weir_str payload; /* hexadecimal SHA-256 of the body, or what S3 takes in its place */
    bool path_once;   /* S3: the path is not encoded again, and its dots and slashes stay */

    weir_str service; /* "secretsmanager" */
    weir_str region;
    weir_time time;
    const wr_aws_keys *keys;
} wr_sigv4;

/* What to send along, and the steps on the way, for tests; all in the arena. */
typedef struct wr_sigv4_signed {
    weir_str date;          /* header x-amz-date */
    weir_str authorization; /* header authorization */
    weir_str canonical;
    weir_str to_sign;
    weir_str signature;
} wr_sigv4_signed;

/* The token is signed as header x-amz-security-token, which must be sent as well. */
void wr_sigv4_sign(wr_arena *arena, const wr_sigv4 *request, wr_sigv4_signed *ret);

/* Percent-encode a text for a path ('/' stays) or for a query: all but letters, digits and "-_.~". */
weir_str wr_aws_encode(wr_arena *arena, weir_str text, bool keep_slash);

#endif
