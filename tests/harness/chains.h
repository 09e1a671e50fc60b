/* Chains of tables for tests of merging: users, their pets, and the pets' toys; hints as a test says. */
#ifndef WR_TEST_CHAINS_H
#define WR_TEST_CHAINS_H

#include <weir/destination.h>

/* Columns of users: id, region, note, at (time stamp), deleted (bool), gone (time stamp), _dlt_load_id, _dlt_id; with
 * versions _dlt_valid_from and _dlt_valid_to in front. Of pets and toys: name, _dlt_root_id, _dlt_parent_id, _dlt_id. */
typedef struct test_chain {
    const char *name;
    weir_disposition disposition;
    weir_merge merge;
    /* names of columns, separated by commas */
    const char *primary_key;
    const char *merge_key;
    const char *hard_delete;
    const char *keep_first;  /* dedup_sort asc */
    const char *keep_last;   /* dedup_sort desc */
    const char *row_version; /* with a row key beside it; scd2 takes _dlt_id without */
    size_t levels;           /* of nested tables: 0 to 2 */
    bool no_root_key;
    const char *source_filter;
    const char *destination_scope;
    bool deduplicated;
    bool skip_unchanged;
    bool ends;
} test_chain;

/* Valid until the next call. */
const weir_chain *test_chain_make(const test_chain *what);

#endif
