/* Maps: entries in order of insertion, and beside them open addressing with linear probing. Half of the slots stay
 * free, which keeps the probes short; entries are never removed one by one, so there are no tombstones. */
#include "base/map.h"

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

#define SLOTS_MIN 16

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *slot_of(const wr_map *map, weir_str key, uint64_t hash)
{
    const size_t mask = map->slot_count - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &map->slots[i];
        if (*slot == 0)
            return slot;
        const wr_map_entry *entry = &map->entries[*slot - 1];
        if (entry->hash == hash && wr_str_eq(entry->key, key))
            return slot;
    }
}

static void grow_slots(wr_map *map)
{
    map->slot_count = map->slot_count ? map->slot_count * 2 : SLOTS_MIN;
    wr_free(map->slots);
    map->slots = wr_new_array(map->slot_count, uint32_t);
    for (size_t i = 0; i < map->len; i++)
        *slot_of(map, map->entries[i].key, map->entries[i].hash) = (uint32_t)i + 1;
}

static wr_map_entry *push_entry(wr_map *map)
{
    wr_assert(map->len < UINT32_MAX);
    if (map->len == map->cap)
        map->entries = wr_vec_grow(map->entries, &map->cap, map->len + 1, sizeof(wr_map_entry));
    return &map->entries[map->len++];
}

ptrdiff_t wr_map_find(const wr_map *map, weir_str key)
{
    if (map->len == 0)
        return -1;
    return (ptrdiff_t)*slot_of(map, key, wr_hash64(key.ptr, key.len)) - 1;
}

void *wr_map_get(const wr_map *map, weir_str key)
{
    const ptrdiff_t found = wr_map_find(map, key);
    return found < 0 ? NULL : map->entries[found].value;
}

void wr_map_put(wr_map *map, weir_str key, void *value)
{
    if (map->len >= map->slot_count / 2)
        grow_slots(map);

    const uint64_t hash = wr_hash64(key.ptr, key.len);
    uint32_t *slot = slot_of(map, key, hash);
    if (*slot != 0) {
        map->entries[*slot - 1].value = value;
        return;
    }
    *push_entry(map) = (wr_map_entry){ .key = key, .value = value, .hash = hash };
    *slot = (uint32_t)map->len;
}

void wr_map_clear(wr_map *map)
{
    map->len = 0;
    if (map->slots)
        memset(map->slots, 0, map->slot_count * sizeof(*map->slots));
}

void wr_map_done(wr_map *map)
{
    wr_free(map->entries);
    wr_free(map->slots);
    *map = (wr_map){ 0 };
}
