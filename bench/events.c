/* Writes JSON lines to the standard output. What a line holds follows from kind, seed and its number alone.
 *
 *   events   like GitHub's public events: objects in objects, six lists that become tables
 *   flat     15 columns
 *   growing  ever new keys: 600 in all, at most 8 of them in a line
 *
 * usage: bench-events events|flat|growing LINES SEED */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 60000, REPOS = 40000, GROWING_KEYS = 600, KEYS_IN_LINE = 8 };

typedef struct event {
    int share; /* of all lines, in percent */
    const char *name;
    const char *payload;
} event;

/* The line that is being made. */
typedef struct line {
    int64_t number;
    int64_t lines; /* that there will be */
    uint64_t random;
    uint64_t person; /* the last one named */
    uint64_t repo;
    const event *event;
    size_t len;
    char text[1 << 16];
} line;

/* ---- randomness: splitmix64 ---- */

static uint64_t next_random(line *l)
{
    uint64_t x = l->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static uint64_t below(line *l, uint64_t end)
{
    return (uint64_t)((unsigned __int128)next_random(l) * end >> 64);
}

/* Low numbers more often than high ones, as with people and repositories. */
static uint64_t skewed(line *l, uint64_t end)
{
    return below(l, below(l, end) + 1);
}

/* ---- text ---- */

static void put_char(line *l, char c)
{
    if (l->len == sizeof(l->text)) {
        fputs("bench-events: a line is too long\n", stderr);
        exit(1);
    }
    l->text[l->len++] = c;
}

static void put_text(line *l, const char *text)
{
    while (*text)
        put_char(l, *text++);
}

static void put_number(line *l, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    put_text(l, digits);
}

static void put_hex(line *l, int count)
{
    uint64_t bits = 0;
    for (int i = 0; i < count; i++, bits >>= 4) {
        if (i % 16 == 0)
            bits = next_random(l);
        put_char(l, "0123456789abcdef"[bits & 15]);
    }
}

static const char *word(uint64_t number)
{
    static const char *const words[] = {
        "fix",     "add",    "update", "remove",  "docs",    "test",     "build",    "release",
        "merge",   "branch", "issue",  "parser",  "buffer",  "schema",   "loader",   "stream",
        "table",   "column", "types",  "error",   "cache",   "shape",    "when",     "the",
        "is",      "a",      "of",     "and",     "handle",  "missing",  "config",   "value",
        "bump",    "from",   "to",     "version", "support", "for",      "refactor", "request",
        "improve", "in",     "not",    "with",    "empty",   "response", "timeout",  "list",
    };
    return words[number % (sizeof(words) / sizeof(*words))];
}

static void put_words(line *l, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            put_char(l, ' ');
        put_text(l, word(next_random(l)));
    }
}

/* ---- parts that are made, not composed ---- */

static void put_id(line *l)
{
    put_number(l, 1000000 + below(l, 2000000000));
}

static void put_small(line *l)
{
    put_number(l, skewed(l, 200));
}

static void put_bool(line *l)
{
    put_text(l, below(l, 4) ? "false" : "true");
}

static void put_sha(line *l)
{
    put_hex(l, 40);
}

static void put_uuid(line *l)
{
    for (int i = 0; i < 8; i++) {
        if (i >= 2 && i <= 5)
            put_char(l, '-');
        put_hex(l, 4);
    }
}

static void put_color(line *l)
{
    put_hex(l, 6);
}

static void put_amount(line *l)
{
    put_number(l, skewed(l, 5000));
    put_char(l, '.');
    put_number(l, 10 + below(l, 90));
}

static void put_word(line *l)
{
    put_text(l, word(next_random(l)));
}

static void put_title(line *l)
{
    put_words(l, 3 + below(l, 5));
}

/* A few paragraphs; line ends are escapes in JSON. */
static void put_body(line *l)
{
    for (uint64_t i = below(l, 2) + 1; i > 0; i--) {
        put_words(l, 5 + below(l, 8));
        put_text(l, i > 1 ? ".\\r\\n\\r\\n" : ".");
    }
}

static void put_time(line *l, int64_t seconds)
{
    char text[32];
    const int64_t days = seconds / 86400;
    const int clock = (int)(seconds % 86400);
    snprintf(text, sizeof(text), "2024-%02d-%02dT%02d:%02d:%02dZ", (int)(days / 28 % 12) + 1,
             (int)(days % 28) + 1, clock / 3600, clock / 60 % 60, clock % 60);
    put_text(l, text);
}

/* Events come in order, some dozens a second. */
static void put_now(line *l)
{
    put_time(l, l->number / 40);
}

static void put_earlier(line *l)
{
    put_time(l, (int64_t)below(l, 86400 * 300));
}

static void put_earlier_or_null(line *l)
{
    if (below(l, 2)) {
        put_text(l, "null");
        return;
    }
    put_char(l, '"');
    put_earlier(l);
    put_char(l, '"');
}

static void put_line_number(line *l)
{
    put_number(l, (uint64_t)l->number);
}

static void put_event_id(line *l)
{
    put_number(l, UINT64_C(34000000000) + (uint64_t)l->number * 7);
}

static void put_event_name(line *l)
{
    put_text(l, l->event->name);
}

/* ---- people and repositories: the same number gives the same name and id ---- */

static void put_login(line *l)
{
    put_text(l, word(l->person));
    put_char(l, '-');
    put_number(l, l->person * 7919 % 100003);
}

static void put_new_login(line *l)
{
    l->person = skewed(l, PEOPLE);
    put_login(l);
}

static void put_person_id(line *l)
{
    put_number(l, 10000 + l->person * 1237);
}

static void put_owner(line *l)
{
    put_text(l, word(l->repo / 3));
    put_number(l, l->repo / 3);
}

static void put_owner_id(line *l)
{
    put_number(l, 70000 + l->repo / 3 * 911);
}

static void put_repo(line *l)
{
    put_owner(l);
    put_char(l, '/');
    put_text(l, word(l->repo * 31 + 7));
    put_char(l, '-');
    put_number(l, l->repo);
}

static void put_repo_id(line *l)
{
    put_number(l, 500000000 + l->repo * 773);
}

static void put_org(line *l);
static void put_payload(line *l);

/* ---- parts: in templates, $x is the part x, a list of it if it has a `most`; ' is a quote ---- */

typedef struct part {
    void (*put)(line *l);
    const char *template; /* when there is no function */
    int least;
    int most;
    int more; /* percent: that a list has one element more */
} part;

#define API "https://api.github.com/repos/$r"
#define WEB "https://github.com/$r"
#define ISSUE                                                                                      \
    "'number':$n,'state':'open','locked':$b,'title':'$5','created_at':'$T','updated_at':'$T',"     \
    "'closed_at':$z,'author_association':'CONTRIBUTOR','body':'$9','user':$u,'milestone':null,"    \
    "'assignees':$A,'labels':$L"

static const part parts[128] = {
    ['i'] = { put_id },
    ['n'] = { put_small },
    ['b'] = { put_bool },
    ['s'] = { put_sha },
    ['U'] = { put_uuid },
    ['K'] = { put_color },
    ['m'] = { put_amount },
    ['w'] = { put_word },
    ['5'] = { put_title },
    ['9'] = { put_body },
    ['t'] = { put_now },
    ['T'] = { put_earlier },
    ['z'] = { put_earlier_or_null },
    ['#'] = { put_line_number },
    ['e'] = { put_event_id },
    ['y'] = { put_event_name },
    ['p'] = { put_new_login },
    ['P'] = { put_login },
    ['I'] = { put_person_id },
    ['q'] = { put_owner },
    ['Q'] = { put_owner_id },
    ['r'] = { put_repo },
    ['R'] = { put_repo_id },
    ['o'] = { put_org },
    ['x'] = { put_payload },

    ['a'] = { .template = "{'id':$I,'login':'$P','display_login':'$P','gravatar_id':'',"
                          "'url':'https://api.github.com/users/$P',"
                          "'avatar_url':'https://avatars.githubusercontent.com/u/$I?'}" },
    ['u'] = { .template =
                  "{'login':'$p','id':$I,'node_id':'MDQ6VXNlcg$I',"
                  "'avatar_url':'https://avatars.githubusercontent.com/u/$I?v=4',"
                  "'url':'https://api.github.com/users/$P','type':'User','site_admin':false}" },
    ['h'] = { .template = "{'label':'$q:$w','ref':'$w','sha':'$s'}" },

    ['C'] = { .template = "{'sha':'$s','author':{'email':'$p@example.org','name':'$P'},"
                          "'message':'$5','distinct':$b,'url':'" API "/commits/$i'}",
              .least = 1,
              .most = 20,
              .more = 45 },
    ['A'] = { .template = "$u", .most = 4, .more = 25 },
    ['V'] = { .template = "$u", .most = 6, .more = 35 },
    ['L'] = { .template = "{'id':$i,'node_id':'LA_kwDO$i','url':'" API "/labels/$w','name':'$w $w',"
                          "'color':'$K','default':$b,'description':'$5'}",
              .most = 6,
              .more = 58 },
};

static const char event_template[] =
    "{'id':'$e','type':'$y','actor':$a,'repo':{'id':$R,'name':'$r','url':'" API "'},"
    "'payload':$x,'public':true,'created_at':'$t'$o}";

static const char org_template[] =
    ",'org':{'id':$Q,'login':'$q','gravatar_id':'','url':'https://api.github.com/orgs/$q',"
    "'avatar_url':'https://avatars.githubusercontent.com/u/$Q?'}";

static const char flat_template[] =
    "{'id':$#,'uuid':'$U','customer':'$p','email':'$P@example.org','city':'$w','score':$m,"
    "'price':$m,'quantity':$n,'active':$b,'status':'$w','category':'$w $w','created_at':'$T',"
    "'updated_at':'$T','url':'https://shop.example.org/orders/$i','note':'$5'}";

static const event events[] = {
    { 52, "PushEvent",
      "{'repository_id':$R,'push_id':$i,'size':$n,'distinct_size':$n,'ref':'refs/heads/$w',"
      "'head':'$s','before':'$s','commits':$C}" },
    { 9, "PullRequestEvent",
      "{'action':'$w','number':$n,'pull_request':{'url':'" API "/pulls/$n','id':$i,"
      "'node_id':'PR_kwDO$i','html_url':'" WEB "/pull/$n','diff_url':'" WEB "/pull/$n.diff'," ISSUE
      ",'merged_at':$z,'merge_commit_sha':'$s','requested_reviewers':$V,'draft':$b,'head':$h,"
      "'base':$h,'merged':$b,'comments':$n,'commits':$n,'additions':$n,'deletions':$n,"
      "'changed_files':$n}}" },
    { 7, "IssuesEvent",
      "{'action':'$w','issue':{'url':'" API "/issues/$n','id':$i,'node_id':'I_kwDO$i',"
      "'html_url':'" WEB "/issues/$n','comments':$n," ISSUE "}}" },
    { 6, "IssueCommentEvent",
      "{'action':'created','issue':{'url':'" API "/issues/$n','id':$i,'node_id':'I_kwDO$i',"
      "'html_url':'" WEB "/issues/$n','comments':$n," ISSUE "},'comment':{'url':'" API
      "/issues/comments/$i','html_url':'" WEB "/issues/$n','id':$i,'created_at':'$T',"
      "'updated_at':'$T','author_association':'NONE','body':'$9','user':{'login':'$p','id':$I}}}" },
    { 10, "CreateEvent",
      "{'ref':'$w','ref_type':'branch','master_branch':'main','description':'$5',"
      "'pusher_type':'user'}" },
    { 16, "WatchEvent", "{'action':'started'}" },
};

static void put_template(line *l, const char *template);

static void put_list(line *l, const part *p)
{
    put_char(l, '[');
    for (int i = 0; i < p->most && (i < p->least || below(l, 100) < (uint64_t)p->more); i++) {
        if (i > 0)
            put_char(l, ',');
        put_template(l, p->template);
    }
    put_char(l, ']');
}

static void put_part(line *l, const part *p)
{
    if (p->put)
        p->put(l);
    else if (p->most)
        put_list(l, p);
    else
        put_template(l, p->template);
}

static void put_template(line *l, const char *template)
{
    for (const char *at = template; *at; at++) {
        if (*at == '$')
            put_part(l, &parts[(unsigned char)*++at]);
        else
            put_char(l, *at == '\'' ? '"' : *at);
    }
}

/* ---- kinds of lines ---- */

static void put_org(line *l)
{
    if (below(l, 10) < 3)
        put_template(l, org_template);
}

static void put_payload(line *l)
{
    put_template(l, l->event->payload);
}

static void put_event(line *l)
{
    int left = (int)below(l, 100);
    l->event = events;
    while (left >= l->event->share)
        left -= l->event++->share;
    l->repo = skewed(l, REPOS);
    l->person = skewed(l, PEOPLE);
    put_template(l, event_template);
}

static void put_flat(line *l)
{
    put_template(l, flat_template);
}

static void put_growing_value(line *l, uint64_t key)
{
    static const char *const templates[] = { "$i", "$m", "'$5'", "$b" };
    put_template(l, templates[key % 4]);
}

static void put_growing(line *l)
{
    const uint64_t known = (uint64_t)(l->number * GROWING_KEYS / l->lines) + 1;
    const uint64_t step = known / KEYS_IN_LINE + 1;
    const uint64_t first = below(l, known);
    put_template(l, "{'id':$#");
    for (uint64_t i = 0; i < KEYS_IN_LINE && i * step < known; i++) {
        const uint64_t key = (first + i * step) % known;
        put_template(l, ",'key_");
        put_number(l, key);
        put_template(l, "':");
        put_growing_value(l, key);
    }
    put_char(l, '}');
}

static const struct {
    const char *name;
    void (*put)(line *l);
} kinds[] = { { "events", put_event }, { "flat", put_flat }, { "growing", put_growing } };

int main(int argc, char **argv)
{
    size_t kind = 0;
    while (argc == 4 && kind < 3 && strcmp(kinds[kind].name, argv[1]) != 0)
        kind++;
    if (argc != 4 || kind == 3) {
        fputs("usage: bench-events events|flat|growing LINES SEED\n", stderr);
        return 2;
    }
    static line l;
    const uint64_t seed = strtoull(argv[3], NULL, 10) << 40;
    l.lines = strtoll(argv[2], NULL, 10);
    for (; l.number < l.lines; l.number++) {
        l.random = seed + (uint64_t)l.number * UINT64_C(0xD1342543DE82EF95);
        l.len = 0;
        kinds[kind].put(&l);
        put_char(&l, '\n');
        if (fwrite(l.text, 1, l.len, stdout) != l.len)
            return 1;
    }
    return fflush(stdout) != 0;
}
