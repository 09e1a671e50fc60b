/* Schema files that a pipeline exchanges with people and with dlt: `<folder>/<schema>.schema.yaml`, or .json.
 *
 *   import   what a person wrote or changed takes the place of the stored schema, once per change of the file's content;
 *            where there is no file, the first load leaves one to begin with, and it is never written again
 *   export   the schema as it was committed, after each load
 *
 * The stored schema carries the hash of the file that it was imported from (wr_schema_imported_hash()). Both files are
 * written after the commit: a run that dies in between leaves it to the next load. */
#ifndef WR_EXCHANGE_H
#define WR_EXCHANGE_H

#include "config/config.h"
#include "schema/schema.h"

/* Zero: nothing is exchanged. */
typedef struct wr_exchange {
    weir_str import_dir; /* empty: none; in the working folder unless absolute */
    weir_str export_dir;
    bool json;
    bool remove_defaults;
} wr_exchange;

/* Of section `schema`. */
extern const weir_option wr_exchange_options[];
weir_status wr_exchange_configure(weir_ctx *cx, const wr_scope *scope, wr_arena *arena,
                                  wr_exchange *ret) WEIR_MUST_USE;

/* Put the file's schema in place of `*schema` (NULL: there is none yet) unless it was imported from this very content. */
weir_status wr_exchange_import(weir_ctx *cx, const wr_exchange *exchange, weir_str name,
                               wr_schema **schema) WEIR_MUST_USE;
/* When there is no file to import yet: append the one to begin with to `ret`; the schema notes its hash. */
weir_status wr_exchange_begin(weir_ctx *cx, const wr_exchange *exchange, wr_schema *schema,
                              wr_buf *ret) WEIR_MUST_USE;
/* After the commit. `begun`: what wr_exchange_begin() gave. */
weir_status wr_exchange_finish(weir_ctx *cx, const wr_exchange *exchange, const wr_schema *schema,
                               weir_str begun) WEIR_MUST_USE;

#endif
