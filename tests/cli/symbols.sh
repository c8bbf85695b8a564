#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# symbols.sh NM LIBRARY: every symbol that the library defines for others begins with tn_.
set -eu
case $2 in
*.a) others=$("$1" -g --defined-only "$2" | awk 'NF == 3 { print $3 }') ;;
*) others=$("$1" -D --defined-only "$2" | awk 'NF == 3 { print $3 }') ;;
esac
echo "$others" | grep -c '^tn_' >/dev/null || { echo "no symbols in $2" >&2; exit 1; }
if echo "$others" | grep -Ev '^(tn_|[.]gomp_critical_user_tn_)'; then
    echo "these symbols of $2 do not begin with tn_" >&2
    exit 1
fi
