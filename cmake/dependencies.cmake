# What the library is built with: zlib, zstd and xxhash of the system, yyjson as tools/deps fetched it. libduckdb,
# libyaml and libcurl are opened when they are first needed: of the last two only the headers are used here.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)

find_path(WEIR_ZSTD_INCLUDE zstd.h)
find_library(WEIR_ZSTD_LIBRARY zstd)
find_path(WEIR_XXHASH_INCLUDE xxhash.h)
find_path(WEIR_YAML_INCLUDE yaml.h)
find_path(WEIR_CURL_INCLUDE curl/curl.h)
foreach(part ZSTD_INCLUDE ZSTD_LIBRARY XXHASH_INCLUDE YAML_INCLUDE CURL_INCLUDE)
    if(NOT WEIR_${part})
        message(FATAL_ERROR "zstd, xxhash, libyaml or libcurl is missing; on Debian: "
            "apt-get install libzstd-dev libxxhash-dev libyaml-dev libcurl4-openssl-dev, or `make demo`")
    endif()
endforeach()

set(WEIR_YYJSON_DIR "${WEIR_DEPS_DIR}/src/yyjson")
if(NOT EXISTS "${WEIR_YYJSON_DIR}/yyjson.c")
    message(FATAL_ERROR "yyjson is missing in ${WEIR_DEPS_DIR}; fetch it with: tools/deps build/deps duckdb yyjson")
endif()

target_include_directories(weir_base SYSTEM INTERFACE
    "${WEIR_YYJSON_DIR}" "${WEIR_ZSTD_INCLUDE}" "${WEIR_XXHASH_INCLUDE}" "${WEIR_YAML_INCLUDE}"
    "${WEIR_CURL_INCLUDE}")
target_link_libraries(weir_base INTERFACE ZLIB::ZLIB "${WEIR_ZSTD_LIBRARY}" Threads::Threads ${CMAKE_DL_LIBS} m)
