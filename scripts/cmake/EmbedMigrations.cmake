# coffer_embed_migrations(TARGET target DIR folder)
# Compiles the folder's NNNN_name.sql files into the target, as storage/database/migrate.h's
# builtInMigrations(). Run with -P it writes that source file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files "${DIR}/*.sql")
  list(SORT files)
  set(entries "")
  set(expected 0)
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    math(EXPR expected "${expected} + 1")
    if(NOT name MATCHES "^0*([1-9][0-9]*)_[a-z0-9_]+$" OR NOT name MATCHES "^[0-9][0-9][0-9][0-9]_")
      message(FATAL_ERROR "${file}: the name must be NNNN_name.sql")
    endif()
    string(REGEX REPLACE "^0*([1-9][0-9]*)_.*$" "\\1" version "${name}")
    if(NOT version EQUAL expected)
      message(FATAL_ERROR "${file}: the next number is ${expected}")
    endif()
    file(READ "${file}" sql)
    string(APPEND entries "    {${version}, \"${name}\", R\"coffer_sql(${sql})coffer_sql\"},\n")
  endforeach()
  file(WRITE "${OUT}.new" "// SPDX-License-Identifier: BSD-2-Clause
// Made from storage/migrations by scripts/cmake/EmbedMigrations.cmake.
#include \"storage/database/migrate.h\"

namespace coffer::storage {
namespace {

constexpr Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const Migration> builtInMigrations() { return kMigrations; }

}  // namespace coffer::storage
")
  file(RENAME "${OUT}.new" "${OUT}")
  return()
endif()

function(coffer_embed_migrations)
  cmake_parse_arguments(M "" "TARGET;DIR" "" ${ARGN})
  set(folder "${CMAKE_SOURCE_DIR}/${M_DIR}")
  set(out "${CMAKE_BINARY_DIR}/generated/${M_DIR}.cpp")
  set(script "${CMAKE_SOURCE_DIR}/scripts/cmake/EmbedMigrations.cmake")
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.sql")
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} -DDIR=${folder} -DOUT=${out} -P "${script}"
    DEPENDS ${files} "${script}" VERBATIM)
  target_sources(${M_TARGET} PRIVATE "${out}")
endfunction()
