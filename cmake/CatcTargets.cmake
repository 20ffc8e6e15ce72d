# The project's target helpers: every library is declared through add_catc_library, so that warnings, sanitizers, include
# roots and link rules are stated once.

include(CheckLinkerFlag)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM NAMES mold)
find_program(LLD_PROGRAM NAMES ld.lld ld.lld-22 PATHS /usr/lib/llvm-22/bin)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
elseif(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

separate_arguments(CATC_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# Flags shared by every target of the project.
add_library(catc_options INTERFACE)
target_include_directories(catc_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/lib>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/dialects>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/dialects>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/lib>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/catc>)
target_compile_options(catc_options INTERFACE
  $<BUILD_INTERFACE:-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers>)
# Figures must not depend on whether a compiler contracts a*b+c.
target_compile_options(catc_options INTERFACE -ffp-contract=off)
if(CATC_WERROR)
  target_compile_options(catc_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
# LLVM has no run-time type information, which the check of virtual tables needs.
if(CATC_SANITIZE)
  target_compile_options(catc_options INTERFACE
    $<BUILD_INTERFACE:-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
              -fno-omit-frame-pointer>)
  target_link_options(catc_options INTERFACE $<BUILD_INTERFACE:-fsanitize=address,undefined>)
endif()

# MLIR and LLVM as shared libraries: one TypeID universe, quick links. NDEBUG always: Debian's MLIR is built with it, and
# some of its class layouts depend on it.
add_library(catc_mlir INTERFACE)
target_include_directories(catc_mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_definitions(catc_mlir INTERFACE ${CATC_LLVM_DEFINITIONS} NDEBUG)
target_link_libraries(catc_mlir INTERFACE MLIR LLVM)

# LLVM alone (ADT, JSON, CommandLine, raw_ostream), for layers that must not see MLIR.
add_library(catc_llvm INTERFACE)
target_include_directories(catc_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(catc_llvm INTERFACE ${CATC_LLVM_DEFINITIONS} NDEBUG)
target_link_libraries(catc_llvm INTERFACE LLVM)

install(TARGETS catc_options catc_mlir catc_llvm EXPORT catcTargets)

# mlir_tablegen reads the directory property, not the target.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
include_directories(${PROJECT_SOURCE_DIR}/dialects)

# add_catc_library(NAME SOURCES... [DEPENDS tablegen targets] [LINK public] [PRIVATE_LINK private])
function(add_catc_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC catc_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  install(TARGETS ${name} EXPORT catcTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# add_catc_tool(NAME SOURCES... [LINK libraries]): a program that is installed; the target `tools` builds them all.
add_custom_target(tools)
function(add_catc_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE catc_options ${ARG_LINK})
  add_dependencies(tools ${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# add_catc_unittest(NAME SOURCES... [LINK libraries]): a GoogleTest executable, discovered by ctest. CATC_REFS, when unset,
# is the sibling folder shared/refs of the source tree; tests that need it skip visibly where it is absent.
function(add_catc_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE catc_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    CATC_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CATC_DEFAULT_REFS="${PROJECT_SOURCE_DIR}/../shared/refs")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120)
endfunction()
