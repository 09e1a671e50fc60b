# weir-tests: all C tests in one program, linked with the objects themselves; a module that it loads finds the
# library's symbols in the program.
file(GLOB test_sources CONFIGURE_DEPENDS
    tests/harness/*.c tests/unit/*.c tests/golden/*.c tests/conformance/*.c)

add_executable(weir-tests ${test_sources}
    $<TARGET_OBJECTS:weir_objects> $<TARGET_OBJECTS:weir_cli> $<TARGET_OBJECTS:yyjson>)
target_compile_definitions(weir-tests PRIVATE "WEIR_TESTS_DIR=\"${CMAKE_SOURCE_DIR}/tests\"")
target_include_directories(weir-tests PRIVATE tests)
target_link_libraries(weir-tests PRIVATE weir_warnings weir_base)
set_target_properties(weir-tests PROPERTIES ENABLE_EXPORTS ON)
