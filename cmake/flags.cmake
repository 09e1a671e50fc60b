# Compiler flags, as interfaces to link with: weir_base for everything, weir_warnings for our own files.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

# Exported functions call each other directly, also inside the shared library.
add_library(weir_base INTERFACE)
target_compile_options(weir_base INTERFACE
    -fno-semantic-interposition "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_compile_definitions(weir_base INTERFACE
    _GNU_SOURCE "WEIR_VERSION=\"${PROJECT_VERSION}\"" $<$<BOOL:${WEIR_FAULTS}>:WEIR_FAULTS=1>)
target_include_directories(weir_base INTERFACE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/include")
target_link_options(weir_base INTERFACE LINKER:--as-needed)

if(WEIR_SANITIZE)
    target_compile_options(weir_base INTERFACE
        -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(weir_base INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

add_library(weir_warnings INTERFACE)
target_compile_options(weir_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla
    -Werror -Wno-missing-field-initializers)
