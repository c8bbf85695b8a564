# SPDX-License-Identifier: GPL-3.0-or-later
# How every file of the project is compiled.
add_library(tn_flags INTERFACE)
target_compile_options(tn_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wvla -Wstrict-prototypes -pedantic
  $<$<C_COMPILER_ID:GNU>:-Wdouble-promotion> # clang warns of the float in NAN and INFINITY
  -ffp-contract=off # the same bytes with and without FMA
  $<$<BOOL:${TN_WERROR}>:-Werror>)
if(TN_SANITIZE)
  target_compile_options(tn_flags INTERFACE -fsanitize=${TN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tn_flags INTERFACE -fsanitize=${TN_SANITIZE})
endif()
if(TN_FUZZ) # not a link option: with it clang would link no runtime of the sanitizers
  target_compile_options(tn_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TN_COVERAGE)
  target_compile_options(tn_flags INTERFACE --coverage -fprofile-update=atomic) # counts of all threads
  target_link_options(tn_flags INTERFACE --coverage)
endif()

# The objects of one folder: tn_folder(NAME SOURCES ...).
function(tn_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_library(${name} OBJECT ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE tn_flags)
  if(TN_TIDY)
    set_target_properties(${name} PROPERTIES C_CLANG_TIDY "clang-tidy;--quiet;--warnings-as-errors=*")
  endif()
endfunction()
