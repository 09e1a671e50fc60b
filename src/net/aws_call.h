/* One call of a web service of AWS: POST / with a body, signed, answered in JSON or XML, repeated while that helps. */
#ifndef WR_AWS_CALL_H
#define WR_AWS_CALL_H

#include <weir/base.h>

#include "base/arena.h"
#include "net/http.h"
#include "net/sigv4.h"

/* Something that hands out keys, and may have newer ones. */
typedef struct wr_aws_signer {
    weir_status (*keys)(weir_ctx *cx, void *self, wr_arena *arena, wr_aws_keys *ret);
    /* These were refused as expired: get others for the next time. NULL: there are no others. */
    void (*refuse)(void *self, const wr_aws_keys *keys);
    void *self;
} wr_aws_signer;

typedef struct wr_aws_call {
    const char *what;    /* for messages: "GetSecretValue" */
    const char *service; /* as it is signed: "secretsmanager" */
    weir_str region;
    weir_str endpoint; /* "https://secretsmanager.eu-west-2.amazonaws.com", may have a path */
    const char *content_type;
    const char *target; /* header X-Amz-Target; NULL: none */
    weir_str body;
    const wr_aws_signer *signer; /* NULL: the call is not signed */
} wr_aws_call;

#define WR_AWS_CODE_MAX 80

/* What a service said when it refused: its own code decides, not the HTTP status. */
typedef struct wr_aws_refusal {
    char code
        [WR_AWS_CODE_MAX]; /* "AccessDeniedException"; empty when it said none, or was not reached */
    int status;
} wr_aws_refusal;

/* The body of a good answer, in `arena`, which should be wiped. A failure tells what was called, where, code and message
 * of the service, and a hint; `ret_refusal` may be NULL. */
weir_status wr_aws_call_send(weir_ctx *cx, wr_arena *arena, const wr_aws_call *call, weir_str *ret,
                             wr_aws_refusal *ret_refusal) WEIR_MUST_USE;

/* The content of the first element of this name; empty when there is none. Enough for the flat answers of STS. */
weir_str wr_aws_xml_text(weir_str xml, const char *name);

#endif
