#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a sweep is: sweep.py TONNAGE [MOST]. Full-line runs over loads and weather, 10^3 points and more up to MOST
(10^5 if not given): points per second, train-km per second, share of the time spent writing, peak memory, bytes a
point; then the same number of points over lines of growing length, and the efficiency of two threads and of two
processes side by side, medians of five taken in turn."""
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TO, LINE_KM = "Golmud South", 1207
SHORTER = {"Qunkeer": 95, "Tieganlike": 199, "Yangshidake": 439, "Youshashan": 796}  # km to Korla
SCENARIO = """tonnage: 1
title: full-line runs
include: [lines/golmud-korla.yaml, stock/locomotives.yaml, stock/wagons.yaml]
line: {{id: golmud-korla, phase: 2024}}
trains:
  - id: test
    locomotives: {{type: HXD1-25t, count: 2}}
    wagons: {{type: C70, load: 5200 t}}
    limit: 80 km/h
    rotating: 0.06
studies:
  - {{id: trip, kind: run, train: test, from: Korla, to: {to}, trace: false, temperatures: false}}
sweep:
  study: trip
  over:
    trains.test.load: {{from: 4000 t, to: 6000 t, count: {loads}}}
    weather.temperature: {{from: -25 degC, to: 35 degC, count: {temperatures}}}
"""


def start(tonnage, folder, loads, temperatures, threads, to=TO):
    """Begins a sweep in the folder; returns its process and when it began."""
    (folder / "s.yaml").write_text(SCENARIO.format(loads=loads, temperatures=temperatures, to=to))
    out = folder / "out.h5"
    out.unlink(missing_ok=True)
    log = os.open(folder / "log", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    began = time.monotonic()
    child = os.posix_spawn(tonnage, [str(tonnage), "sweep", str(folder / "s.yaml"), "-o", str(out), "-j", str(threads)],
                           {**os.environ, "TONNAGE_PATH": str(ROOT / "scenarios")},
                           file_actions=[(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)])
    os.close(log)
    return child, began


def finish(folder, child, began):
    """Wall time, share of writing, peak memory in bytes, size of the file."""
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - began
    said = (folder / "log").read_text()
    if status != 0:
        sys.exit(said)
    writing = int(re.search(r"(\d+) % of it writing", said)[1])
    return wall, writing, usage.ru_maxrss * 1024, (folder / "out.h5").stat().st_size


def solve(tonnage, folder, *words):
    return finish(folder, *start(tonnage, folder, *words))


def side_by_side(tonnage, folders, *words):
    """Wall time of the same sweep by two processes at once."""
    children = [(folder, *start(tonnage, folder, *words)) for folder in folders]
    return max(finish(*child)[0] for child in children)


def efficiency(tonnage, folders):
    """Of two threads against one, and of two processes of a thread each: more than that the machine does not give."""
    threads, processes = [], []
    for _ in range(5):
        one = solve(tonnage, folders[0], 1000, 100, 1)[0]
        threads.append(one / 2 / solve(tonnage, folders[0], 1000, 100, 2)[0])
        processes.append(one / side_by_side(tonnage, folders, 1000, 100, 1))
    for name, found in (("two threads", threads), ("two processes of one thread, side by side", processes)):
        print(f"efficiency of {name}: {100 * statistics.median(found):.0f} % "
              f"(of {', '.join(f'{100 * f:.0f}' for f in sorted(found))})")


def main():
    tonnage, most = Path(sys.argv[1]).resolve(), int(float(sys.argv[2])) if len(sys.argv) > 2 else 100000
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"| points | s on {cores} threads | points/s | train-km/s | writing, % | peak memory, MB | bytes a point |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        loads, temperatures = 10, 100
        while loads * temperatures <= most:
            points = loads * temperatures
            wall, writing, memory, size = solve(tonnage, folder, loads, temperatures, cores)
            print(f"| {points:,} | {wall:.2f} | {points / wall:,.0f} | {points / wall * LINE_KM:,.3g} | {writing} | "
                  f"{memory / 1e6:.0f} | {size / points:.0f} |", flush=True)
            loads, temperatures = (loads * 10, temperatures) if loads < temperatures else (loads, temperatures * 10)
        print("\n| km | microseconds a point | train-km/s |\n| --- | --- | --- |")
        for to, km in {**SHORTER, TO: LINE_KM}.items():
            wall = solve(tonnage, folder, 40, 100, cores, to)[0]
            print(f"| {km:,} | {1e6 * wall / 4000:.0f} | {4000 * km / wall:,.3g} |", flush=True)
        print()
        (folder / "other").mkdir()
        efficiency(tonnage, (folder, folder / "other"))


main()
