/* Messages of Singer taps, one a line: https://github.com/singer-io/getting-started, docs/SPEC.md.
 *
 *     {"type": "SCHEMA", "stream": "users", "schema": {…}, "key_properties": ["id"]}
 *     {"type": "RECORD", "stream": "users", "record": {"id": 1, "name": "Ada"}}
 *     {"type": "STATE", "value": {…}}
 *
 * ACTIVATE_VERSION means nothing here; BATCH and other types are refused: what they bring would be lost. */
#ifndef WR_SINGER_H
#define WR_SINGER_H

#include <weir/base.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "format/json.h"

/* More streams than that are a mistake. */
#define WR_SINGER_STREAMS_MAX 10000

/* A stream: a table. */
typedef struct wr_singer_stream {
    weir_str name;
    weir_str table; /* its name, unless the user gives another */
    weir_str hints; /* JSON: those of its schema, then those of the user */
} wr_singer_stream;

/* What was said so far. Zero, with the hints of the user, is a valid one. */
typedef struct wr_singer {
    const wr_node *hints;   /* of the user for all streams, or NULL */
    const wr_node *by_name; /* and for each of some, or NULL */
    wr_arena arena;
    wr_map streams;
    wr_buf state; /* value of the last STATE, as JSON; empty: none came */
} wr_singer;

void wr_singer_init(wr_singer *singer, const wr_node *hints, const wr_node *by_name);
void wr_singer_done(wr_singer *singer);

/* A row that a line has; without a stream it has none. */
typedef struct wr_singer_row {
    const wr_singer_stream *stream;
    weir_str record; /* the text of an object, in the line; only its borders were looked at */
} wr_singer_row;

/* Take one line, without its end. WEIR_PARSE for one that is no JSON, WEIR_INVALID for one that is no message. */
weir_status wr_singer_line(weir_ctx *cx, wr_singer *singer, weir_str line, wr_singer_row *ret)
    WEIR_MUST_USE;

/* The hints of a resource that a SCHEMA message gives: columns with the types of its schema, the key, and that rows with a key
 * are merged, of which the one with the greatest bookmark property counts. In `arena`. */
weir_status wr_singer_hints(weir_ctx *cx, wr_arena *arena, const wr_node *message, wr_node **ret)
    WEIR_MUST_USE;

#endif
