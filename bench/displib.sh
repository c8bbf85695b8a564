#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# displib.sh TONNAGE [TIME [PATTERN ...]]: objectives of DISPLIB problems against the best known.
# TONNAGE_DISPLIB names the folder of the problems, with displib_best_known.csv (instance first, a column best_known).
set -eu
[ -n "${TONNAGE_DISPLIB:-}" ] || {
    echo "TONNAGE_DISPLIB is not set: name the folder of DISPLIB's problems" >&2
    exit 2
}
tonnage=$1
time=${2:-60 s}
[ $# -gt 2 ] && shift 2 || set -- nor1_critical nor2
best=$(find "$TONNAGE_DISPLIB" -name displib_best_known.csv | head -n 1)
[ -n "$best" ] || {
    echo "$TONNAGE_DISPLIB holds no displib_best_known.csv" >&2
    exit 2
}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for pattern in "$@"; do
    find "$TONNAGE_DISPLIB" -name "${pattern}_*.json" ! -path '*solutions*' | sort | while read -r problem; do
        name=$(basename "$problem" .json)
        known=$(awk -F, -v name="$name" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "best_known") c = i }
            $1 == name { print $c }' "$best")
        "$tonnage" dispatch "$problem" -o "$out/solution.json" --time-limit "$time" >"$out/said" || true
        found=none
        if [ -s "$out/solution.json" ]; then
            verdict=$("$tonnage" dispatch --verify "$problem" "$out/solution.json") || true
            case $verdict in *": feasible, objective "*) found=${verdict##* } ;; esac
        fi
        rm -f "$out/solution.json"
        echo "$name $found $known"
    done | awk -v set="$pattern" '
        $2 == "none" { printf "%-18s no feasible solution; best known %s\n", $1, $3; missing++; next }
        { gap = 100 * ($2 / $3 - 1); sum += gap; n++
          printf "%-18s %8d  best known %8d  %+6.2f %%\n", $1, $2, $3, gap }
        END { printf "%s: %d feasible, %d not, mean gap %.2f %%\n", set, n, missing, n ? sum / n : 0 }'
done
