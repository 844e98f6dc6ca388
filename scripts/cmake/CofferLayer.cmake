# coffer_layer(NAME DIR folder LIBS … [PRIVATE_LIBS …] [TEST_HEADERS …])
# One static library per layer from every .cpp below the folder. A file named *_test.cpp is not part
# of it: all of a layer's tests make one doctest program, <name>_test, run by ctest.
function(coffer_layer name)
  cmake_parse_arguments(L "" "DIR" "LIBS;PRIVATE_LIBS;TEST_HEADERS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${L_DIR}/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT sources)
    add_library(coffer_${name} INTERFACE)
    target_link_libraries(coffer_${name} INTERFACE coffer_options ${L_LIBS})
    return()
  endif()

  add_library(coffer_${name} STATIC ${sources})
  target_link_libraries(coffer_${name} PUBLIC coffer_options ${L_LIBS} PRIVATE ${L_PRIVATE_LIBS})
  target_precompile_headers(coffer_${name} PRIVATE
    <algorithm> <atomic> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex>
    <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <vector>)

  if(COFFER_TESTS AND tests)
    if(NOT TARGET coffer_doctest_main)
      set(support "${CMAKE_SOURCE_DIR}/tests/support")
      add_library(coffer_doctest_main OBJECT
        "${support}/doctest_main.cpp" "${support}/source_folder.cpp")
      target_link_libraries(coffer_doctest_main PUBLIC coffer_options)
      set_source_files_properties("${support}/source_folder.cpp" PROPERTIES
        COMPILE_DEFINITIONS "COFFER_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\"")
    endif()
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE coffer_${name} coffer_doctest_main ${L_PRIVATE_LIBS})
    # Tests are most of what a build from nothing costs. What they test is optimized and instrumented;
    # they themselves need it less.
    if(COFFER_SANITIZE)
      target_compile_options(${name}_test PRIVATE -O0)
      if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND COFFER_SANITIZE MATCHES "undefined")
        target_compile_options(${name}_test PRIVATE -fno-sanitize=undefined)
      endif()
    endif()
    target_precompile_headers(${name}_test PRIVATE
      <algorithm> <functional> <map> <memory> <optional> <string> <string_view> <vector>
      <doctest/doctest.h> ${L_TEST_HEADERS})
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
