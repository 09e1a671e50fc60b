# What the library is built with: zlib, zstd and xxhash of the system, yyjson as tools/deps fetched it. libduckdb is
# opened when it is first needed, and needs nothing here.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)

find_path(WEIR_ZSTD_INCLUDE zstd.h)
find_library(WEIR_ZSTD_LIBRARY zstd)
find_path(WEIR_XXHASH_INCLUDE xxhash.h)
foreach(part ZSTD_INCLUDE ZSTD_LIBRARY XXHASH_INCLUDE)
    if(NOT WEIR_${part})
        message(FATAL_ERROR "zstd or xxhash is missing; on Debian: apt-get install libzstd-dev libxxhash-dev, or `make demo`")
    endif()
endforeach()

set(WEIR_YYJSON_DIR "${WEIR_DEPS_DIR}/src/yyjson")
if(NOT EXISTS "${WEIR_YYJSON_DIR}/yyjson.c")
    message(FATAL_ERROR "yyjson is missing in ${WEIR_DEPS_DIR}; fetch it with: tools/deps build/deps duckdb yyjson")
endif()

target_include_directories(weir_base SYSTEM INTERFACE
    "${WEIR_YYJSON_DIR}" "${WEIR_ZSTD_INCLUDE}" "${WEIR_XXHASH_INCLUDE}")
target_link_libraries(weir_base INTERFACE ZLIB::ZLIB "${WEIR_ZSTD_LIBRARY}" Threads::Threads ${CMAKE_DL_LIBS} m)
