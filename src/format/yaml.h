/* YAML 1.1 as PyYAML, and so dlt, reads and writes it: documents only, as the trees of format/json.h. Reading needs libyaml,
 * which is opened when it is first needed; writing does not. */
#ifndef WR_YAML_H
#define WR_YAML_H

#include "format/json.h"

/* Most bytes of a file, and most values of a document, those that aliases repeat included; more is WEIR_LIMIT. The depth is
 * that of documents: WR_NODE_DEPTH. */
#define WR_YAML_BYTES_MAX ((size_t)16 << 20)
#define WR_YAML_VALUES_MAX ((size_t)1 << 18)

/* Read one document; `file` is for messages, which begin with "file:line:column: ". Anchors, aliases and merge keys
 * ("<<") are resolved; of duplicate keys the last wins, at the place of the first. What JSON lacks is refused with a hint
 * to quote it: dates and times, .inf and .nan, numbers to the base 60, keys that are no text, other tags than those of
 * JSON's kinds. */
weir_status wr_yaml_read(weir_ctx *cx, wr_arena *arena, const char *file, weir_str text,
                         wr_node **ret) WEIR_MUST_USE;

/* Append a document, an object or an array: block style, members in their order, Unicode as it is, lines folded at 80
 * columns. The bytes are those of PyYAML's yaml.dump(…, allow_unicode=True, default_flow_style=False, sort_keys=False). */
void wr_yaml_write(wr_buf *out, const wr_node *node);

#endif
