/** One more link of the chain in which configuration is looked for: a vault, a service, a file of your own. */
#ifndef WEIR_PROVIDER_H
#define WEIR_PROVIDER_H

#include <weir/base.h>
#include <weir/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is looked for: `name` in the section path `section`. C strings that live as long as the call. */
typedef struct weir_key {
    const char *section; /**< `destination.snowflake.credentials`; "": at the top */
    const char *name;    /**< `password` */
    bool secret;         /**< the option is declared as a secret */
    /** The pipeline whose name `section` begins with; "": asked for all pipelines. */
    const char *pipeline;
} weir_key;

/**
 * A provider is one function. It is asked after the environment and the project's files: what these have always wins.
 * For each option several sections are tried, the most special one first; see the guide to configuration.
 */
typedef struct weir_provider {
    const char *name; /**< as messages list it: "AWS Secrets Manager" */
    /**
     * Set `*ret`, or leave it absent: then the next place is asked. A text, a number, a boolean, or JSON for tables and
     * lists. Its content is copied when the function returns. A failure ends the run, unless the
     * provider is `optional`. Called from any thread, the same key more than once.
     */
    weir_status (*get)(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret);
    const void *self;
    /**
     * May fail, as a place that is not there everywhere: then the next place is asked. The failure is logged at debug
     * level, and told where a value is missing.
     */
    bool optional;
    bool no_secrets; /**< must not hold secrets: one that it has is an error */
    bool
        by_pipeline; /**< is asked with the pipeline's name in front of the section, too, before places without it */
} weir_provider;

/**
 * Append a provider to the chain; what it points to must stay. Called from a pipeline's `setup`, or in `weir_main` before
 * the run; afterwards the chain is frozen, and WEIR_INVALID comes back. Adding the same one again does nothing;
 * another one of the same name is WEIR_INVALID.
 */
WEIR_API weir_status weir_provider_add(weir_ctx *cx, const weir_provider *provider) WEIR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
