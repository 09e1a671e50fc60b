/* Documents of vectors through the normaliser: a schema as a vector sets it up, its batches as frames, and what came of
 * them held against the vector's rows and tables. */
#ifndef WR_GOLDEN_DOCUMENTS_H
#define WR_GOLDEN_DOCUMENTS_H

#include "cases.h"
#include "pipeline/normalize.h"

/* One row that came out; its cells are in the arena. */
typedef struct document_row {
    weir_str table;
    size_t count;
    const weir_column *columns;
    const weir_value *cells; /* null ones are missing */
} document_row;

typedef struct documents {
    golden *g;
    wr_naming naming;
    wr_schema *schema;
    wr_normalizer *normalizer;
    wr_normalized result;
    uint64_t frames;
    weir_str load_id; /* of the normaliser that is started next */
    bool strips_nul;
    wr_vec(document_row) rows;
    wr_vec(wr_null_column) nulls;
    wr_vec(weir_str) ids; /* pairs: expected, actual */
    weir_str mismatch;    /* the first one */
} documents;

/* An empty schema of this name. */
void documents_begin(documents *d, golden *g, const char *schema);
/* How columns and tables are named; snake_case otherwise. */
weir_status documents_name(documents *d, weir_str convention, size_t max);
/* Make a normaliser, once the schema is set up; rows of an earlier one are forgotten. */
void documents_start(documents *d, int max_nesting);
void documents_end(documents *d);
/* Put a setting of the schema in place. */
void documents_set(documents *d, const char *name, const wr_node *value);
/* A table as vectors show it, its columns in a list or by name, merged into the schema as it is. */
weir_status documents_announce(documents *d, const wr_node *table);
/* Normalise a list of documents as one frame of the table, and let the schema follow. */
weir_status documents_feed(documents *d, weir_str table, const wr_node *items);
/* All batches of a case, one after the other; each must add the columns that it should. */
weir_status documents_feed_all(documents *d, const wr_node *test);
/* Are these the rows that came, table by table in order? `some`: more may be expected. Random ids are matched. */
bool documents_have_rows(documents *d, const wr_node *expected, bool some);
/* Has the schema these tables: columns in order, all properties? */
bool documents_have_tables(documents *d, const wr_node *expected);
/* Are these the columns that the last frame added? By table lists of lists, which may repeat. */
bool documents_have_additions(documents *d, const wr_node *expected);
/* Are these the names that only nulls came with? NULL: none. */
bool documents_have_nulls(documents *d, const wr_node *expected);

#endif
