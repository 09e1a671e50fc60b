# `make install`: command, libraries, headers, weir.pc, manual page. A DuckDB that was fetched goes along, in a folder
# of ours; one of the system, or of DUCKDB_HOME, stays where it is.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Folder of the libraries; the command looks for them in ../lib")
include(GNUInstallDirs)

install(TARGETS weir weir_shared weir_static
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

configure_file(cmake/weir.pc.in "${CMAKE_BINARY_DIR}/weir.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/weir.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES docs/man/weir.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY "${WEIR_DEPS_DIR}/licences" DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

if(EXISTS "${WEIR_DUCKDB_LIBRARY}" AND NOT IS_SYMLINK "${WEIR_DUCKDB_LIBRARY}")
    install(FILES "${WEIR_DUCKDB_LIBRARY}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/weir)
endif()
