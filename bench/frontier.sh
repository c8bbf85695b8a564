#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The frontier of speed and accuracy of a train run as a picture: frontier.sh BENCH-RUN SCENARIO STUDY OUT.png
set -eu
table=$("$1" "$2" "$3")
printf '%s\n' "$table"
rows() {
    printf '%s\n' "$table" | awk -v method="$1," '$1 == method {
        at = $3 == "s" ? 4 : 3
        print $at, ($(at + 2) > 1e-16 ? $(at + 2) : 1e-16), "\"" $2 ($3 == "s" ? " s" : "") "\""
    }'
}
gnuplot <<END
set terminal pngcairo size 1000,620 font 'DejaVu Sans,13'
set output '$4'
set logscale xy
set format y '10^{%T}'
set xlabel 'processor time of a run, ms'
set ylabel 'relative error of the running time'
set grid lc rgb '#dddddd'
set border 3
set tics nomirror
set key top right
set offsets graph 0.1, graph 0.1, graph 0.05, graph 0.05
\$Euler << EOD
$(rows Euler)
EOD
\$Taylor << EOD
$(rows Taylor)
EOD
set arrow from graph 0, first 1e-6 to graph 1, first 1e-6 nohead dt 2 lc rgb '#888888'
set label 'one millionth' at graph 0.99, first 1e-6 right offset 0, 0.6 tc rgb '#666666'
plot \$Euler using 1:2 with linespoints pt 7 lw 2 lc rgb '#d55e00' title 'Euler, clamped, by step', \\
     '' using 1:2:3 with labels offset 0, 0.9 tc rgb '#d55e00' notitle, \\
     \$Taylor using 1:2 with linespoints pt 5 lw 2 lc rgb '#0072b2' title 'tonnage, by tolerance', \\
     '' using 1:2:3 with labels left offset 1, 0 tc rgb '#0072b2' notitle
END
