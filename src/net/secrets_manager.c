/* Secrets of AWS Secrets Manager, in memory only. */
#include "net/secrets_manager.h"

#include <errno.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "base/vec.h"
#include "format/json.h"
#include "net/aws_credentials.h"

#define NAME_MAX_BYTES 2048
#define BODY_MAX ((size_t)16 << 10)
#define NAMES_MAX ((size_t)100 << 10)
#define WAIT_NS 20000000
#define NS_PER_SECOND 1000000000

typedef enum state { FETCHING, FETCHED, MISSING, FAILED } state;

/* A secret of an account, and what came of asking for it. Content is in `memory`, and does not change once it is there. */
typedef struct secret {
    wr_aws *account;
    weir_str name;
    state state;
    weir_str text;         /* may be bytes */
    const wr_node *fields; /* NULL: it is no JSON object */
    wr_error failure;
    wr_arena memory;
} secret;

/* `lock` protects everything in here, but the content of secrets that were fetched; it is not held while one is. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t fetched;
    bool ready; /* `fetched` was made */
    wr_vec(secret *) secrets;
    wr_vec(wr_aws *) accounts;
} store = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Members of a secret that messages need, and that are no secret by themselves. */
static const char *const shown_fields[] = { "host",   "port",     "database", "dbname",
                                            "engine", "username", "user",     "warehouse",
                                            "role",   "schema",   "region" };

/* ---- the answer ---- */

static bool is_shown(weir_str name)
{
    for (size_t i = 0; i < sizeof(shown_fields) / sizeof(*shown_fields); i++)
        if (wr_str_eq(name, weir_str_of(shown_fields[i])))
            return true;
    return false;
}

/* The log masks what it knows. */
void wr_secret_mask(const wr_node *fields)
{
    for (const wr_node *field = fields->first; field; field = field->next)
        if (field->kind == WR_NODE_TEXT && !is_shown(field->key))
            wr_log_add_secret(field->text);
        else
            wr_secret_mask(field); /* at most WR_NODE_DEPTH levels */
}

static void mask(const secret *s)
{
    if (s->fields)
        wr_secret_mask(s->fields);
    else
        wr_log_add_secret(s->text);
}

/* The text, or the bytes, of the answer. */
static weir_status read_text(weir_ctx *cx, secret *s, const wr_node *answer)
{
    const wr_node *binary = wr_node_get(answer, "SecretBinary");
    const wr_node *text = wr_node_get(answer, "SecretString");
    if (text && text->kind == WR_NODE_TEXT) {
        s->text = text->text;
        return WEIR_OK;
    }
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (binary)
        bytes = wr_arena_alloc(&s->memory, binary->text.len / 4 * 3 + 1);
    if (!binary || !wr_base64_decode(bytes, &len, binary->text))
        return weir_fail(cx, WEIR_PARSE, "the answer has neither SecretString nor SecretBinary");
    s->text = (weir_str){ (const char *)bytes, len };
    return WEIR_OK;
}

static weir_status read_answer(weir_ctx *cx, secret *s, weir_str json)
{
    wr_node *answer = NULL;
    wr_node *fields = NULL;
    if (wr_node_parse(cx, &s->memory, json, &answer) != WEIR_OK)
        return weir_fail(cx, WEIR_PARSE,
                         "the answer is no JSON"); /* the parser's words may quote it */
    WEIR_TRY(read_text(cx, s, answer));
    if (!wr_str_starts(wr_str_trim(s->text), wr_lit("{")))
        return WEIR_OK;
    if (wr_node_parse(cx, &s->memory, s->text, &fields) == WEIR_OK)
        s->fields = fields;
    weir_error_clear(cx); /* a secret that is no JSON is one field */
    return WEIR_OK;
}

/* ---- fetching ---- */

typedef struct question {
    wr_aws *account;
    weir_str region;
    const char *what;   /* "GetSecretValue" */
    const char *target; /* "secretsmanager.GetSecretValue" */
    weir_str body;
} question;

/* The answer is in `arena`. */
static weir_status ask(weir_ctx *cx, wr_arena *arena, const question *q, weir_str *ret,
                       wr_aws_refusal *ret_refusal)
{
    static const wr_aws_service service = { "secretsmanager", "SECRETS_MANAGER" };
    const wr_aws_signer signer = wr_aws_signer_of(q->account);
    wr_aws_call call = {
        .what = q->what,
        .service = service.host,
        .region = q->region,
        .content_type = "application/x-amz-json-1.1",
        .target = q->target,
        .body = q->body,
        .signer = &signer,
    };
    WEIR_TRY(wr_aws_endpoint_get(cx, q->account, arena, &service, q->region, &call.endpoint));
    const weir_status status = wr_aws_call_send(cx, arena, &call, ret, ret_refusal);
    if (status == WEIR_NETWORK && !*weir_error_hint(cx))
        wr_hint(cx, "is the region '%.*s' right, and can this machine reach '%.*s'?",
                WR_STR(q->region), WR_STR(call.endpoint));
    return status;
}

/* First of all keys: where there are none, nothing else is asked. */
static weir_status find_region(weir_ctx *cx, wr_aws *account, wr_arena *arena, weir_str *ret)
{
    wr_aws_keys keys;
    WEIR_TRY(wr_aws_keys_get(cx, account, arena, &keys));
    return wr_aws_region_get(cx, account, arena, ret);
}

static weir_status fetch(weir_ctx *cx, secret *s, bool *ret_missing)
{
    weir_str region;
    weir_str answer;
    wr_aws_refusal refusal = { 0 };
    WEIR_TRY(find_region(cx, s->account, &s->memory, &region));
    wr_auto(buf) wr_buf body = wr_buf_max(BODY_MAX);
    wr_buf_cstr(&body, "{\"SecretId\":");
    wr_json_quote(&body, s->name);
    wr_buf_char(&body, '}');
    WEIR_TRY(wr_buf_check(cx, &body, "the call of GetSecretValue"));
    const question q = { s->account, region, "GetSecretValue", "secretsmanager.GetSecretValue",
                         wr_buf_view(&body) };
    const weir_status status = ask(cx, &s->memory, &q, &answer, &refusal);
    *ret_missing = strcmp(refusal.code, "ResourceNotFoundException") == 0;
    if (status == WEIR_OK)
        return read_answer(cx, s, answer);
    if (!*ret_missing)
        return status;
    weir_error_clear(cx); /* "not there" is an answer */
    return WEIR_OK;
}

/* ---- the store ---- */

/* The lock is held. */
static secret *find(const wr_aws *account, weir_str name)
{
    for (size_t i = 0; i < store.secrets.len; i++) {
        secret *s = store.secrets.ptr[i];
        if (s->account == account && wr_str_eq(s->name, name))
            return s;
    }
    return NULL;
}

/* The lock is held. */
static secret *add(wr_aws *account, weir_str name)
{
    if (!store.ready) {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&store.fetched, &attributes);
        pthread_condattr_destroy(&attributes);
        store.ready = true;
    }
    secret *s = wr_new(secret);
    s->memory.wipe = true;
    s->account = account;
    s->name = wr_arena_str(&s->memory, name);
    *wr_vec_push(&store.secrets) = s;
    return s;
}

static void secret_free(secret *s)
{
    wr_arena_done(&s->memory);
    wr_free(s);
}

/* The lock is held: a run that was stopped has learned nothing, and the next one may ask. */
static void drop(secret *s)
{
    for (size_t i = 0; i < store.secrets.len; i++)
        if (store.secrets.ptr[i] == s)
            store.secrets.ptr[i] = store.secrets.ptr[--store.secrets.len];
    secret_free(s);
}

/* The lock is held, and given up while asking. */
static weir_status fetch_into_store(weir_ctx *cx, secret *s)
{
    bool missing = false;
    pthread_mutex_unlock(&store.lock);
    const weir_status status = fetch(cx, s, &missing);
    wr_context(cx, status, "secret '%.*s'", WR_STR(s->name));
    if (status == WEIR_OK && !missing)
        mask(s);
    pthread_mutex_lock(&store.lock);
    pthread_cond_broadcast(&store.fetched);
    if (status == WEIR_CANCELLED) {
        drop(s);
        return status;
    }
    s->failure = cx->error;
    s->state = status != WEIR_OK ? FAILED : missing ? MISSING : FETCHED;
    return status;
}

/* The lock is held. */
static void wait_a_little(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= NS_PER_SECOND) {
        until.tv_nsec -= NS_PER_SECOND;
        until.tv_sec++;
    }
    const int error = pthread_cond_timedwait(&store.fetched, &store.lock, &until);
    wr_assert(error == 0 || error == ETIMEDOUT);
}

/* One thread asks for a secret, the others wait for what comes of it. The lock is held. */
static weir_status get(weir_ctx *cx, wr_aws *account, weir_str name, const secret **ret)
{
    for (;;) {
        WEIR_TRY(wr_check_cancel(cx));
        secret *s = find(account, name);
        if (!s) {
            s = add(account, name);
            WEIR_TRY(fetch_into_store(cx, s));
        }
        if (s->state == FAILED)
            return wr_error_adopt(cx, &s->failure);
        if (s->state != FETCHING) {
            *ret = s;
            return WEIR_OK;
        }
        wait_a_little();
    }
}

/* The lock is held. */
static wr_aws *account_of(const wr_aws_settings *who)
{
    for (size_t i = 0; i < store.accounts.len; i++)
        if (wr_aws_is(store.accounts.ptr[i], who))
            return store.accounts.ptr[i];
    return *wr_vec_push(&store.accounts) = wr_aws_new(who);
}

static weir_status get_secret(weir_ctx *cx, const wr_aws_settings *who, weir_str name,
                              const secret **ret)
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES)
        return weir_fail(cx, WEIR_INVALID, "the name of a secret has 1 to %d bytes, not %zu",
                         NAME_MAX_BYTES, name.len);
    pthread_mutex_lock(&store.lock);
    const weir_status status = get(cx, account_of(who), name, ret);
    pthread_mutex_unlock(&store.lock);
    return status;
}

__attribute__((destructor)) static void forget_at_exit(void)
{
    wr_secrets_forget();
}

void wr_secrets_forget(void)
{
    pthread_mutex_lock(&store.lock);
    size_t kept = 0;
    for (size_t i = 0; i < store.secrets.len; i++)
        if (store.secrets.ptr[i]->state == FETCHING) /* somebody is still at it: leave it to him */
            store.secrets.ptr[kept++] = store.secrets.ptr[i];
        else
            secret_free(store.secrets.ptr[i]);
    store.secrets.len = kept;
    if (kept == 0) {
        wr_vec_done(&store.secrets);
        for (size_t i = 0; i < store.accounts.len; i++)
            wr_aws_free(store.accounts.ptr[i]);
        wr_vec_done(&store.accounts);
    }
    pthread_mutex_unlock(&store.lock);
}

weir_status wr_secrets_text(weir_ctx *cx, const wr_aws_settings *who, weir_str name, weir_str *ret,
                            bool *ret_found)
{
    const secret *s;
    WEIR_TRY(get_secret(cx, who, name, &s));
    *ret = s->text;
    *ret_found = s->state == FETCHED;
    return WEIR_OK;
}

/* ---- names ---- */

/* Names of one answer, and where the next one begins. */
static weir_status read_names(weir_ctx *cx, wr_arena *arena, weir_str json, wr_node *names,
                              weir_str *ret_next)
{
    wr_node *answer = NULL;
    WEIR_TRY(wr_node_parse(cx, arena, json, &answer));
    const wr_node *list = wr_node_get(answer, "SecretList");
    for (const wr_node *item = list ? list->first : NULL; item; item = item->next) {
        wr_node *name = wr_node_bool(arena, true);
        name->key = wr_node_get_text(item, "Name"); /* of an account, each is there once */
        wr_node_append(names, name);
    }
    *ret_next = wr_node_get_text(answer, "NextToken");
    return WEIR_OK;
}

static void write_list_call(wr_buf *body, weir_str prefix, weir_str next)
{
    wr_buf_char(body, '{');
    if (prefix.len > 0) {
        wr_buf_cstr(body, "\"Filters\":[{\"Key\":\"name\",\"Values\":[");
        wr_json_quote(body, prefix);
        wr_buf_cstr(body, "]}]");
    }
    if (next.len > 0) {
        wr_buf_printf(body, "%s\"NextToken\":", prefix.len > 0 ? "," : "");
        wr_json_quote(body, next);
    }
    wr_buf_char(body, '}');
}

static weir_status list(weir_ctx *cx, wr_arena *arena, wr_aws *account, weir_str prefix,
                        wr_node *names)
{
    weir_str region;
    weir_str next = { 0 };
    WEIR_TRY(find_region(cx, account, arena, &region));
    do {
        weir_str answer;
        wr_auto(buf) wr_buf body = wr_buf_max(BODY_MAX);
        write_list_call(&body, prefix, next);
        WEIR_TRY(wr_buf_check(cx, &body, "the call of ListSecrets"));
        const question q = { account, region, "ListSecrets", "secretsmanager.ListSecrets",
                             wr_buf_view(&body) };
        WEIR_TRY(ask(cx, arena, &q, &answer, NULL));
        WEIR_TRY(read_names(cx, arena, answer, names, &next));
    } while (next.len > 0 && names->count < NAMES_MAX);
    return WEIR_OK;
}

weir_status wr_secrets_list(weir_ctx *cx, const wr_aws_settings *who, weir_str prefix,
                            wr_arena *arena, wr_node **ret)
{
    pthread_mutex_lock(&store.lock);
    wr_aws *account = account_of(who);
    pthread_mutex_unlock(&store.lock);
    wr_node *names = wr_node_new(arena, WR_NODE_OBJECT);
    WEIR_TRY(list(cx, arena, account, prefix, names));
    *ret = names;
    return WEIR_OK;
}

/* ---- fields ---- */

static weir_status json_of(weir_ctx *cx, const wr_node *node, weir_value *ret)
{
    wr_auto(buf) wr_buf text = wr_buf_max((size_t)1 << 20);
    void *copy;
    wr_node_write(&text, node, WR_JSON_COMPACT);
    WEIR_TRY(wr_buf_check(cx, &text, "a field of a secret"));
    WEIR_TRY(wr_scratch(cx, text.len + 1, &copy));
    memcpy(copy, text.ptr, text.len);
    *ret = weir_json_text((weir_str){ copy, text.len });
    explicit_bzero(text.ptr, text.cap);
    return WEIR_OK;
}

weir_status wr_secret_value(weir_ctx *cx, const wr_node *node, weir_value *ret)
{
    int64_t integer;
    double number;
    switch (node->kind) {
    case WR_NODE_NULL: *ret = weir_null(); return WEIR_OK;
    case WR_NODE_FALSE:
    case WR_NODE_TRUE: *ret = weir_bool(node->kind == WR_NODE_TRUE); return WEIR_OK;
    case WR_NODE_TEXT: *ret = weir_text(node->text); return WEIR_OK;
    case WR_NODE_NUMBER:
        if (wr_int_parse(node->text, &integer))
            *ret = weir_int(integer);
        else if (wr_double_parse(node->text, &number))
            *ret = weir_float(number);
        return WEIR_OK;
    case WR_NODE_ARRAY:
    case WR_NODE_OBJECT: return json_of(cx, node, ret);
    }
    return WEIR_OK;
}

static weir_value whole(const secret *s)
{
    return s->fields ? weir_json_text(s->text) : weir_text(s->text);
}

weir_status weir_aws_secret(weir_ctx *cx, const char *name, const char *field, const char *region,
                            weir_value *ret)
{
    if (!cx || !name || !ret)
        return weir_fail(cx, WEIR_INVALID, "a secret is asked for without its name");
    const wr_aws_settings who = { .region = weir_str_of(region) };
    const secret *s;
    WEIR_TRY(get_secret(cx, &who, weir_str_of(name), &s));
    *ret = (weir_value){ .kind = WEIR_ABSENT };
    if (s->state == MISSING)
        return WEIR_OK;
    const wr_node *found = s->fields && field ? wr_node_get(s->fields, field) : NULL;
    if (found)
        return wr_secret_value(cx, found, ret);
    if (!field || (!s->fields && strcmp(field, "value") == 0))
        *ret = whole(s);
    return WEIR_OK;
}
