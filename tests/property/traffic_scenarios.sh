#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Random traffic as scenarios: traffic_scenarios.sh TONNAGE PROPERTY_TRAFFIC COUNT FOLDER. What `tonnage run` makes of
# the file is what the library made of the case: the file requires it.
tonnage=$1 traffic=$2 count=$3 folder=$4
seed=1
while [ "$seed" -le "$count" ]; do
    file=$folder/random-traffic-$seed.yaml
    "$traffic" scenario "$seed" >"$file" || exit 1
    if ! "$tonnage" run "$file" >"$file.out"; then
        echo "seed $seed: see $file"
        exit 1
    fi
    # the same bytes whatever the number of threads
    for threads in 1 4; do
        OMP_NUM_THREADS=$threads "$tonnage" run "$file" --set studies.traffic.replicates=5 --json \
            >"$file.$threads" 2>"$file.err"
    done
    if ! cmp "$file.1" "$file.4"; then
        exit 1
    fi
    rm "$file" "$file.out" "$file.1" "$file.4" "$file.err"
    seed=$((seed + 1))
done
