# SPDX-License-Identifier: GPL-3.0-or-later
# What goes into output/build.c.in.
set(TN_VERSION ${PROJECT_VERSION})
set(TN_COMPILER "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
set(TN_YAML_VERSION ${yaml_VERSION})
set(TN_NETTLE_VERSION ${nettle_VERSION})
set(TN_REVISION "unknown")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-parse --show-toplevel
    OUTPUT_VARIABLE tn_top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(tn_top STREQUAL PROJECT_SOURCE_DIR) # not another project's repository around a copy of ours
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} describe --always --dirty --abbrev=12
      OUTPUT_VARIABLE TN_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    # Configure again when another commit is checked out.
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-parse --git-path logs/HEAD
      OUTPUT_VARIABLE tn_head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    cmake_path(ABSOLUTE_PATH tn_head BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    if(EXISTS ${tn_head})
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${tn_head})
    endif()
  endif()
endif()
