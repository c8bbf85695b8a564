#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# map.sh ROOT: docs/MAP.md names every source file, and no file that is gone.
set -eu
cd "$1"
bad=0
for file in cmake/* models/*.c sim/*.c scenarios/reader/*.c output/*.c cli/*.c bench/*.c scripts/*; do
    name=$(basename "$file")
    grep -q "[\`/]$name\`" docs/MAP.md || { echo "docs/MAP.md lacks $file"; bad=1; }
done
for name in $(grep -o '`[a-z_0-9/-][a-z_0-9/-]*\.[a-z]*`' docs/MAP.md | tr -d '\140'); do
    found=$(find . -path ./build -prune -o -path "*/$name" -print -quit)
    [ -n "$found" ] || { echo "docs/MAP.md names $name, which is not there"; bad=1; }
done
exit $bad
