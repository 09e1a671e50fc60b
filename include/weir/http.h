/** APIs over HTTP: one document, or page after page. */
#ifndef WEIR_HTTP_H
#define WEIR_HTTP_H

#include <weir/base.h>
#include <weir/source.h>
#include <weir/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A name and a value; a list ends with a zero element. A value that is NULL is left out. */
typedef struct weir_pair {
    const char *name;
    const char *value;
} weir_pair;

#define WEIR_PAIRS(...) ((const weir_pair[]){ __VA_ARGS__, { 0 } })

/**
 * How the next page is asked for; all zero: it is found out from the first answer. Paths are dlt's: names with dots,
 * JSONPath. At most one of `cursor`, `link`, `number` and `offset` is given.
 */
typedef struct weir_paging {
    const char *items;  /**< where the rows are; NULL: found out */
    const char *cursor; /**< path of the value that asks for the next page */
    const char *link;   /**< path of its URL; "header": in the header Link */
    const char *number; /**< parameter that counts pages, from `first` on */
    const char *offset; /**< parameter that counts rows; `limit` of them a page */
    const char *into;   /**< parameter that `cursor` goes into */
    const char *total;  /**< path of the number of pages (`number`) or rows (`offset`) */
    const char *more;   /**< path of what says that there is more */
    int first;
    int limit; /**< goes into the parameter `limit` */
    bool once; /**< there is one page */
} weir_paging;

/** What is asked, by name. Zero is the default. */
typedef struct weir_get {
    const char *url;
    const weir_pair *query;
    const weir_pair *headers;
    const char *bearer; /**< a token: `Authorization: Bearer …` */
    const char *body;   /**< JSON: it is posted */
    weir_paging page;
    int retries;      /**< attempts behind the first one; 0: 4, negative: none */
    double timeout_s; /**< of one attempt; 0: 60 */
} weir_get;

/**
 * Ask for a JSON document. 429, 5xx and what breaks on the way are tried again, after 1, 2, 4, 8 seconds or as
 * Retry-After says. A refusal is an error that names method, URL without its values, and the first bytes of the answer.
 * The document lives until the resource, or the WEIR_SCRATCH around the call, ends.
 *
 * `WEIR_TRY(weir_get_json(cx, &names, "https://…/currencies.json", .query = WEIR_PAIRS({ "app_id", key })));`
 */
WEIR_API weir_status weir_get_json_with(weir_ctx *cx, weir_json *ret, const weir_get *get)
    WEIR_MUST_USE;
#define weir_get_json(cx, ret, ...)                                                                \
    weir_get_json_with((cx), (ret), &(const weir_get){ .url = __VA_ARGS__ })

/** Pages, one after the other. `items` is that at hand, a list, until the next step. */
typedef struct weir_pages {
    weir_json items;
    weir_json body; /**< the whole answer */
    weir_status status;
    void *self; /**< private */
} weir_pages;

/**
 * Begin to read pages; the first step asks.
 *
 * `weir_pages pages = weir_get_pages(cx, "https://…", .page = { .items = "results", .cursor = "paging.next.after", .into =
 * "after" }); while (weir_pages_next(&pages)) WEIR_TRY(weir_emit_items(rows, pages.items)); return pages.status;`
 */
WEIR_API weir_pages weir_get_pages_with(weir_ctx *cx, const weir_get *get) WEIR_MUST_USE;
#define weir_get_pages(cx, ...) weir_get_pages_with((cx), &(const weir_get){ .url = __VA_ARGS__ })
/** The next page; false at the end and when it failed: `status` says which. */
WEIR_API bool weir_pages_next(weir_pages *pages);

/** Emit the elements of a list, or one object, as rows. */
WEIR_API weir_status weir_emit_items(weir_rows *rows, weir_json items) WEIR_MUST_USE;

/** The member of an object; absent when there is none, or it is no object. */
WEIR_API weir_json weir_json_get(weir_json object, const char *name);
/** An element of a list from 0; absent beyond its end. */
WEIR_API weir_json weir_json_at(weir_json list, size_t i);
/** Members of an object, elements of a list, bytes of a text; else 0. */
WEIR_API size_t weir_json_len(weir_json json);
/** A scalar as a value; lists and objects stay what they are, to be emitted in a cell; absent for an absent one. */
WEIR_API weir_value weir_json_value(weir_json json);

/** Over the members of an object, or the elements of a list: then `key` is empty. */
typedef struct weir_json_iter {
    weir_str key;
    weir_json value;
    const void *next; /**< private, and what follows */
    size_t left;
    bool keyed;
} weir_json_iter;
WEIR_API weir_json_iter weir_json_members(weir_json json);
WEIR_API bool weir_json_next(weir_json_iter *it);

#ifdef __cplusplus
}
#endif

#endif
