/* Maps from text to a pointer that keep the order of insertion. Keys are borrowed and must outlive the map. */
#ifndef WR_MAP_H
#define WR_MAP_H

#include <weir/base.h>

typedef struct wr_map_entry {
    weir_str key;
    void *value;
    uint64_t hash;
} wr_map_entry;

/* Zero is a valid, empty map. Iterate over entries[0 … len - 1]. */
typedef struct wr_map {
    wr_map_entry *entries;
    size_t len;
    size_t cap;
    uint32_t *slots; /* open addressing: entry number + 1, 0 = free */
    size_t slot_count;
} wr_map;

/* NULL when the key is not there. */
void *wr_map_get(const wr_map *map, weir_str key);
/* Number of the entry, or -1. */
ptrdiff_t wr_map_find(const wr_map *map, weir_str key);
/* Add the key, or replace its value in place. */
void wr_map_put(wr_map *map, weir_str key, void *value);
void wr_map_clear(wr_map *map);
void wr_map_done(wr_map *map);

#endif
