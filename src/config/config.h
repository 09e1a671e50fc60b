/* Configuration: a chain of providers, asked in dlt's order (spec/dlt-config-pipeline-cli.md 1.5), and the resolution of
 * option tables against it. The chain: values given in code, the environment, secrets.toml, config.toml, then the
 * providers that the project adds. */
#ifndef WR_CONFIG_H
#define WR_CONFIG_H

#include <weir/option.h>
#include <weir/value.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct wr_config wr_config;

/* Where values are looked for: `destination`, `duckdb`. At most WR_SECTION_MAX parts. */
#define WR_SECTION_MAX 8
typedef struct wr_section {
    weir_str parts[WR_SECTION_MAX];
    size_t len;
    size_t embedded; /* how many of the last parts are names of fields descended through */
    weir_str own;    /* the section that is never dropped (`credentials`, `extract`); empty: none */
} wr_section;

/* A section from literals: WR_SECTION("destination", "duckdb"). */
#define WR_SECTION(...) wr_section_of((const char *const[]){ __VA_ARGS__, NULL })
wr_section wr_section_of(const char *const *parts);

/* Everything that one look-up depends on but the key. */
typedef struct wr_scope {
    const wr_config *config;
    weir_str pipeline; /* empty: none */
    wr_section section;
    bool exact; /* in this section only, without the pipeline in front */
    bool
        flat; /* parts of a source's credentials may stand flat in its own table, see wr_config_visit() */
} wr_scope;

/* One place to look at: `parts` are sections, `name` is the key in them. */
typedef struct wr_key {
    const weir_str *parts;
    size_t len;
    weir_str name;
    bool secret;   /* of an option that is declared as one */
    bool in_front; /* the first part is the name of the pipeline */
} wr_key;

/* What a provider answers. */
typedef struct wr_found {
    weir_value value; /* absent: ask the next one. Lists and tables are JSON, times are text */
    const char *file; /* where it stands; NULL: in no file */
    uint32_t line;
} wr_found;

typedef struct wr_answer {
    bool found;
    weir_value value;
    weir_str text;        /* the value as text */
    const char *provider; /* who answered: "Environment Variables" */
    weir_str key;         /* and under which name: "DESTINATION__NAME" */
    weir_str where;       /* the same for people: "environment variable DESTINATION__NAME" */
} wr_answer;

/* A file that a provider reads, or would. */
#define WR_LOCATIONS_MAX 2
typedef struct wr_location {
    const char *path; /* absolute */
    bool present;
} wr_location;

/* One link of the chain. Texts are put into `arena`; called from any thread. */
typedef struct wr_provider {
    const char *name; /* as messages list it: "Environment Variables" */
    const char *kind; /* what one of its entries is called: "environment variable" */
    bool holds_secrets;
    bool empty;    /* has nothing: it is not asked, and not listed */
    bool is_plain; /* has nothing that is of one pipeline: it is asked in the second pass only */
    wr_location locations[WR_LOCATIONS_MAX]; /* those without a path are none */
    weir_status (*get)(weir_ctx *cx, void *self, const wr_key *key, wr_arena *arena, wr_found *ret);
    /* Append why it gave no answer, if it could not; NULL: never. */
    void (*explain)(void *self, wr_buf *out);
    /* How a user spells the key here: `DESTINATION__NAME`. */
    weir_str (*spell)(void *self, const wr_key *key, wr_arena *arena);
    void *self;
} wr_provider;

/* The chain with the environment in it. Frozen when the run starts; then read by all threads. */
wr_config *wr_config_new(void);
void wr_config_free(wr_config *config);
void wr_cleanup_config(wr_config **config);
/* A value given in code or on the command line: "destination.duckdb.lock_wait_s". It beats every provider. */
void wr_config_set(wr_config *config, const char *path, weir_str value);
/* Append a provider; it is asked after those that are there. */
void wr_config_add(wr_config *config, const wr_provider *provider);
/* Append secrets.toml and config.toml of the project's settings folder `<project>/.dlt` and of dlt's global folder;
 * DLT_PROJECT_DIR and DLT_CONFIG_FOLDER name another one. WEIR_PARSE names file, line and column, and quotes nothing of
 * a secrets file. */
weir_status wr_config_read_files(weir_ctx *cx, wr_config *config, weir_str project) WEIR_MUST_USE;

/* Append a provider of the user's, as weir_provider_add() says. */
struct weir_provider;
weir_status wr_config_add_user(weir_ctx *cx, wr_config *config,
                               const struct weir_provider *provider) WEIR_MUST_USE;

/* A provider that is built in and asks for options of its own. */
#define WR_BUILTIN_LISTS 2
typedef struct wr_config_builtin {
    struct {
        const char *section[3]; /* ends with NULL */
        const weir_option *options;
        bool exact; /* in this section only */
    } lists[WR_BUILTIN_LISTS];
    /* What to add to the chain; `ret->get` stays NULL when the options say that it is not wanted. `values` has one of each
     * list. What it points to is put into `arena`, which lives as long as the chain. */
    weir_status (*open)(weir_ctx *cx, wr_arena *arena, const weir_option_values *const *values,
                        struct weir_provider *ret);
    /* How a user spells a key there; NULL: with dots. */
    weir_str (*spell)(void *self, const wr_key *key, wr_arena *arena);
} wr_config_builtin;
/* Append it, if it is wanted. */
weir_status wr_config_add_builtin(weir_ctx *cx, wr_config *config, const wr_config_builtin *builtin)
    WEIR_MUST_USE;

/* Look one option up; what it answers lives in `arena`. A dot in the option's name descends: `credentials.database` is
 * the key `database` in the own section `credentials`. WEIR_CONFIG when a secret stands where none may. */
weir_status wr_config_get(weir_ctx *cx, const wr_scope *scope, const weir_option *option,
                          wr_arena *arena, wr_answer *ret) WEIR_MUST_USE;

/* Resolve all options of a list; values are checked against their kind. WEIR_CONFIG for a value that is not of its kind
 * (names the place), and for missing required ones: all of them in one message, with every place that was asked. The
 * values live in `arena`, which should be wiped if there are secrets among them; those are made known to the log. */
weir_status wr_config_resolve(weir_ctx *cx, const wr_scope *scope, const weir_option *options,
                              wr_arena *arena, const weir_option_values **ret) WEIR_MUST_USE;

#endif
