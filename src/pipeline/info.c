/* What a run came to, in dlt's words. */
#include <stdio.h>

#include <weir/pipeline.h>

#include "base/time.h"

void weir_print(const weir_load_info *info)
{
    char duration[128];
    (void)wr_duration_text(duration, sizeof duration, info->seconds);
    printf("Pipeline %s completed in %s\n", info->pipeline, duration);
    printf("%d load package(s) were loaded to destination %s and target schema %s\n",
           info->load_count, info->destination, info->dataset);
    printf("The %s destination used %s location to store data\n", info->destination,
           info->location);
    for (int i = 0; i < info->load_count; i++) {
        const weir_load *load = &info->loads[i];
        printf("Load package %s is LOADED and contains no failed jobs\n", load->load_id);
        if (load->bad_rows > 0)
            printf("%lld bad rows are in quarantine: weir package show %s %s\n",
                   (long long)load->bad_rows, info->pipeline, load->load_id);
    }
    fflush(stdout);
}
