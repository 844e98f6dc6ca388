# Compiler, warnings, hardening, sanitizers, and the libraries of DESIGN.md section 7.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(Poco 1.11 REQUIRED COMPONENTS Foundation Net)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

# These come without a package file that CMake reads.
foreach(pair IN ITEMS "Fido2;fido.h;fido2" "Oath;liboath/oath.h;oath" "Archive;archive.h;archive")
  list(GET pair 0 name)
  list(GET pair 1 header)
  list(GET pair 2 library)
  find_path(${name}_INCLUDE ${header} REQUIRED)
  find_library(${name}_LIBRARY ${library} REQUIRED)
  add_library(Coffer::${name} UNKNOWN IMPORTED)
  set_target_properties(Coffer::${name} PROPERTIES
    IMPORTED_LOCATION "${${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE}")
endforeach()
find_path(MUSTACHE_INCLUDE kainjow/mustache.hpp REQUIRED)
find_package(ZLIB REQUIRED)

# prometheus-cpp's own package file looks for curl and zlib, which only its pull and push parts
# need; the core library is all that is used here.
find_path(PROMETHEUS_CPP_INCLUDE prometheus/registry.h REQUIRED)
find_library(PROMETHEUS_CPP_CORE prometheus-cpp-core REQUIRED)
add_library(Prometheus::Core UNKNOWN IMPORTED)
set_target_properties(Prometheus::Core PROPERTIES
  IMPORTED_LOCATION "${PROMETHEUS_CPP_CORE}"
  INTERFACE_INCLUDE_DIRECTORIES "${PROMETHEUS_CPP_INCLUDE}")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    add_compile_options(-Xclang -fno-pch-timestamp)
  else()
    add_compile_options(-fpch-preprocess)
  endif()
endif()

add_library(coffer_options INTERFACE)
target_include_directories(coffer_options INTERFACE
  "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
target_link_libraries(coffer_options INTERFACE Threads::Threads)
target_compile_options(coffer_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -fstack-protector-strong -fvisibility=hidden -ffunction-sections -fdata-sections
  $<$<BOOL:${COFFER_WERROR}>:-Werror>)
# g++ 12 sees overflows inside its own std::string when it optimizes, and under the thread sanitizer
# (GCC bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(bogus_warnings -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  if(COFFER_SANITIZE STREQUAL thread)
    target_compile_options(coffer_options INTERFACE ${bogus_warnings})
  else()
    target_compile_options(coffer_options INTERFACE
      "$<$<CONFIG:Release,RelWithDebInfo>:${bogus_warnings}>")
  endif()
endif()
target_compile_definitions(coffer_options INTERFACE
  _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64 "COFFER_VERSION=\"${PROJECT_VERSION}\""
  $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
target_link_options(coffer_options INTERFACE
  -Wl,--as-needed,-z,relro,-z,now $<$<CONFIG:Release,RelWithDebInfo>:-Wl,--gc-sections>)

if(COFFER_SANITIZE)
  target_compile_options(coffer_options INTERFACE
    -fsanitize=${COFFER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(coffer_options INTERFACE -fsanitize=${COFFER_SANITIZE})
endif()
