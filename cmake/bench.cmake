# bench/NAME.c becomes bin/bench-NAME; the target `bench` builds them all.
add_custom_target(bench DEPENDS weir)
file(GLOB bench_sources CONFIGURE_DEPENDS bench/*.c)
foreach(source ${bench_sources})
    cmake_path(GET source STEM name)
    add_executable(bench-${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(bench-${name} PRIVATE weir_warnings weir_base weir_shared)
    add_dependencies(bench bench-${name})
endforeach()
