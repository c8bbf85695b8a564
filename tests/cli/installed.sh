#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# installed.sh CMAKE BUILD FOLDER: a program of somebody else's finds the installed library, by CMake and by pkg-config.
set -eu
cmake=$1 build=$2 folder=$3
rm -rf "$folder"
mkdir -p "$folder/user"
"$cmake" --install "$build" --prefix "$folder/prefix" >/dev/null
cd "$folder/user"
cat >user.c <<'EOF'
#include <stdio.h>
#include "results.h"
#include "sweep.h"
int main(void)
{
    puts(tn_version());
    return tn_study_kinds[0] == NULL;
}
EOF
cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(tonnage 0.1 REQUIRED)
add_executable(shared user.c)
target_link_libraries(shared PRIVATE tonnage::tonnage)
add_executable(static user.c)
target_link_libraries(static PRIVATE tonnage::static)
EOF
"$cmake" -S . -B build -DCMAKE_PREFIX_PATH="$folder/prefix" >/dev/null
"$cmake" --build build >/dev/null
build/shared | grep '^tonnage '
build/static | grep '^tonnage '
PKG_CONFIG_PATH=$(dirname "$(find "$folder/prefix" -name tonnage.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # a list of words
cc user.c $(pkg-config --cflags --libs tonnage) -Wl,-rpath,"$(pkg-config --variable=libdir tonnage)" -o user
./user | grep '^tonnage '
"$folder/prefix/bin/tonnage" --version | grep '^tonnage '
