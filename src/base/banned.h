/* Functions that may not be used; included by force into every file of src/. */
#ifndef WR_BANNED_H
#define WR_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy sprintf strtok atoi gets localtime gmtime system rand     \
    tmpnam

#endif
