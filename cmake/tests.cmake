# weir-tests: all C tests in one program, linked with the objects themselves; a module that it loads finds the
# library's symbols in the program.
file(GLOB test_sources CONFIGURE_DEPENDS
    tests/harness/*.c tests/unit/*.c tests/golden/*.c tests/conformance/*.c)

# Each fuzzer is in it, too, its entry under a name of its own: tests/harness/corpus.c runs it on its corpus.
file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*.c)
set(fuzzers "")
foreach(source ${fuzz_sources})
    cmake_path(GET source STEM name)
    add_library(corpus-${name} OBJECT ${source})
    target_compile_definitions(corpus-${name} PRIVATE LLVMFuzzerTestOneInput=fuzz_${name})
    target_link_libraries(corpus-${name} PRIVATE weir_warnings weir_base)
    list(APPEND test_sources $<TARGET_OBJECTS:corpus-${name}>)
    string(APPEND fuzzers "X(${name})")
endforeach()
set_source_files_properties(tests/harness/corpus.c PROPERTIES COMPILE_DEFINITIONS "WEIR_FUZZERS=${fuzzers}")

add_executable(weir-tests ${test_sources}
    $<TARGET_OBJECTS:weir_objects> $<TARGET_OBJECTS:weir_cli> $<TARGET_OBJECTS:yyjson>)
target_compile_definitions(weir-tests PRIVATE
    "WEIR_TESTS_DIR=\"${CMAKE_SOURCE_DIR}/tests\"" "WEIR_DEPS_DIR=\"${WEIR_DEPS_DIR}\"")
target_include_directories(weir-tests PRIVATE tests)
target_link_libraries(weir-tests PRIVATE weir_warnings weir_base)
set_target_properties(weir-tests PROPERTIES ENABLE_EXPORTS ON)
