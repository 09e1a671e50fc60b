/* The cells of row number `id` of the benchmark's table: made in the same way for weir and for the bare insert. */
#ifndef BENCH_VALUES_H
#define BENCH_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { VALUE_TEXT_MAX = 64 };

typedef struct values {
    char name[VALUE_TEXT_MAX];
    double price;
    bool active;
    int64_t at; /* microseconds since 1970 */
    const char *city;
    int64_t quantity;
    char note[VALUE_TEXT_MAX];
} values;

static inline values values_of(int64_t id)
{
    static const char *const cities[] = { "Oslo",    "Bergen", "Moss",  "Hamar",
                                          "Drammen", "Horten", "Narvik" };
    const uint64_t mixed = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);
    values ret = {
        .price = (double)(mixed >> 44) / 100,
        .active = id % 3 == 0,
        .at = INT64_C(1704067200000000) + id * 1000000,
        .city = cities[mixed % 7],
        .quantity = (int64_t)(mixed >> 50),
    };
    snprintf(ret.name, sizeof(ret.name), "customer %llu", (unsigned long long)(mixed >> 40));
    snprintf(ret.note, sizeof(ret.note), "order %lld, packed %s", (long long)id,
             ret.active ? "well" : "badly");
    return ret;
}

#endif
