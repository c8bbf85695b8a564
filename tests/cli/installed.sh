#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# installed.sh CMAKE BUILD FOLDER: what is installed is whole, and a program of somebody else's finds the library, by CMake
# and by pkg-config.
set -eu
cmake=$1 build=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$folder"
mkdir -p "$folder/user"
"$cmake" --install "$build" --prefix "$folder/prefix" >/dev/null
tonnage=$folder/prefix/bin/tonnage share=$folder/prefix/share

fail()
{
    echo "$*" >&2
    exit 1
}

# The command, and what it takes along.
"$tonnage" --version | grep '^tonnage '
"$tonnage" completion bash | cmp - "$share/bash-completion/completions/tonnage"
"$tonnage" completion zsh | cmp - "$share/zsh/site-functions/_tonnage"
"$tonnage" completion fish | cmp - "$share/fish/vendor_completions.d/tonnage.fish"
"$tonnage" schema --json | cmp - "$share/tonnage/scenarios/scenario.schema.json"
"$tonnage" manual | cmp - "$share/man/man1/tonnage.1"
"$tonnage" manual sweep status | cmp - "$share/man/man1/tonnage-sweep-status.1"
"$tonnage" manual scenario | cmp - "$share/man/man5/tonnage-scenario.5"
"$tonnage" check "$share"/tonnage/scenarios/*.yaml >/dev/null
if [ -e "$folder/prefix/bin/tonnage-mpi" ]; then
    for file in bash-completion/completions/tonnage-mpi fish/vendor_completions.d/tonnage-mpi.fish man/man1/tonnage-mpi.1; do
        [ -s "$share/$file" ] || fail "$file is missing"
    done
fi
if command -v man >/dev/null; then
    for page in "$share"/man/man*/*; do
        name=$(basename "$page")
        said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man -M "$share/man" --warnings=w "${name##*.}" "${name%.*}" 2>&1 >"$folder/page")
        [ -z "$said" ] || fail "man $name: $said"
        [ "$(wc -l <"$folder/page")" -gt 20 ] || fail "man $name is short: $(cat "$folder/page")"
    done
else
    echo "SKIPPED: man (man-db) is not installed, so no page is rendered" >&2
fi

# The library.
cd "$folder/user"
cp "$here/user.c" .
for header in "$folder"/prefix/include/tonnage/*.h; do
    echo "#include <tonnage/$(basename "$header")>"
    echo "extern int this_file_;"
done >headers.c
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(tonnage 0.1 REQUIRED)
add_executable(shared user.c)
target_link_libraries(shared PRIVATE tonnage::tonnage)
add_executable(static user.c)
target_link_libraries(static PRIVATE tonnage::static)
END
"$cmake" -S . -B build -DCMAKE_PREFIX_PATH="$folder/prefix" >/dev/null
"$cmake" --build build >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$folder/prefix" -name tonnage.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # a list of words
cc user.c $(pkg-config --cflags --libs tonnage) -Wl,-rpath,"$(pkg-config --variable=libdir tonnage)" -o user
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$folder/prefix/include" $(pkg-config --cflags tonnage) headers.c
"$tonnage" new run -o mine.yaml >/dev/null
for program in build/shared build/static ./user; do
    $program mine.yaml >told
    grep -q "travel time" told || fail "$program: $(cat told)"
done
