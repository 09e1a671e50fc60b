/* Resolved options, from the inside. */
#ifndef WR_VALUES_H
#define WR_VALUES_H

#include <weir/option.h>

typedef struct wr_option_value {
    bool given; /* a provider answered; else it is the default, or nothing */
    weir_str text;
    int64_t number;
    double seconds;
    bool yes;
} wr_option_value;

struct weir_option_values {
    const weir_option *options;
    wr_option_value *values; /* one for each option */
};

/* Fill in what `text` means for the option's kind; false when it is not of that kind. */
bool wr_option_parse(const weir_option *option, weir_str text, wr_option_value *ret);
/* "an integer" */
const char *wr_option_kind_name(weir_option_kind kind);

#endif
