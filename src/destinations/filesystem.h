/* The destination `filesystem`: datasets as folders of files, as dlt has them. */
#ifndef WR_DESTINATION_FILESYSTEM_H
#define WR_DESTINATION_FILESYSTEM_H

#include <weir/destination.h>

extern const weir_destination wr_destination_filesystem;

#endif
