/* Naming conventions: what the names of the source are called in the destination. Rules: dlt's, see
 * spec/dlt-extract-normalize-schema.md part 4. */
#ifndef WR_NAMING_H
#define WR_NAMING_H

#include <weir/base.h>

#include "base/arena.h"

typedef struct wr_naming_rules wr_naming_rules;

/* A convention under the limit of a destination. */
typedef struct wr_naming {
    const wr_naming_rules *rules;
    size_t max; /* longest name in code points; 0: no limit */
} wr_naming;

/* "snake_case" …; WEIR_CONFIG with the list of known ones for another name, and for a `max` that
 * the convention refuses. A convention that has a limit of its own gives it when `max` is 0. */
weir_status wr_naming_find(weir_ctx *cx, weir_str convention, size_t max, wr_naming *ret)
    WEIR_MUST_USE;
/* "snake_case" */
const char *wr_naming_name(const wr_naming *naming);
/* Text between the parts of a path: "__". */
weir_str wr_naming_separator(const wr_naming *naming);

/* Names are made in `arena`. White space of any script is trimmed. WEIR_INVALID for a name that
 * is empty, or of which the convention leaves nothing; WEIR_LIMIT when a name cannot be
 * shortened, or has more than a MiB. */
weir_status wr_name_identifier(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                               weir_str *ret) WEIR_MUST_USE;
weir_status wr_name_table_identifier(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                                     weir_str raw, weir_str *ret) WEIR_MUST_USE;
/* A path: parts between separators are named one by one. Keys and table names use this. An empty
 * or blank key gives "_empty", and so does one of separators only. */
weir_status wr_name_path(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                         weir_str *ret) WEIR_MUST_USE;
weir_status wr_name_table_path(weir_ctx *cx, const wr_naming *naming, wr_arena *arena, weir_str raw,
                               weir_str *ret) WEIR_MUST_USE;
/* Join parts that are already named, and shorten the whole. */
weir_status wr_name_join(weir_ctx *cx, const wr_naming *naming, wr_arena *arena,
                         const weir_str *parts, size_t count, weir_str *ret) WEIR_MUST_USE;

/* The pieces, as the vectors test them. The tag of a name: six letters and digits from a hash. */
void wr_name_tag(char ret[6], weir_str raw);
/* `tag` in the middle of the first and last characters of `name`, `max` characters in all. */
weir_status wr_name_trim_and_tag(weir_ctx *cx, wr_arena *arena, weir_str name, weir_str tag,
                                 size_t max, weir_str *ret) WEIR_MUST_USE;
/* `name` itself when it is short enough, else cut and with the tag of `raw`. */
weir_status wr_name_shorten(weir_ctx *cx, wr_arena *arena, weir_str name, weir_str raw, size_t max,
                            weir_str *ret) WEIR_MUST_USE;
/* Parts between separators, blank ones dropped: as many as there are, at most `max_parts`; and
 * back. */
size_t wr_name_break(const wr_naming *naming, weir_str path, weir_str *ret, size_t max_parts);
weir_str wr_name_make(const wr_naming *naming, wr_arena *arena, const weir_str *parts,
                      size_t count);

#endif
