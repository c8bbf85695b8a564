#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines, trains, limits, stops and weather: every run ends in an answer, its books balance, its error estimate is
small, no limit is passed where the brakes hold, and the line seen in a mirror gives the same run within that estimate.

usage: random_runs.py TONNAGE [FIRST_SEED [COUNT [pneumatic]]]; a scenario that fails is printed whole. With `pneumatic`
the air brake is simulated in steps of time, which a mirror shifts: running times then agree to 0.1 %."""
import json
import random
import subprocess
import sys
import tempfile

LOCOMOTIVES = ["HXD1-25t", "HXD1C-23t", "HXD1D", "HXD2B", "HXD3-25t", "HXN3-plateau", "HXN5", "SS4G", "DF4B", "DF8B-25t"]
WAGONS = ["C64K", "C70", "C80", "NX70", "GQ70", "25G"]


class Line:
    """A line of positions in m from its origin."""

    def __init__(self, r):
        self.length = r.randint(2000, 60000)
        inner = sorted(r.sample(range(1, self.length), r.randint(0, 40)))
        steepest, elevation, before = r.choice([2, 6, 12, 20, 30]), r.randint(1900, 3500), 0
        self.profile = []
        for x in [0] + inner + [self.length]:
            elevation += (x - before) * r.uniform(-steepest, steepest) / 1000
            before = x
            self.profile.append((x, elevation))
        names = [f"S{i}" for i in range(r.randint(0, 5))]
        between = sorted(r.sample(range(self.length // 20, self.length * 19 // 20), len(names)))
        self.stations = [(0, "A"), *zip(between, names), (self.length, "B")]
        self.limits = []
        for _ in range(r.randint(0, 8)):
            a, b = sorted((r.randint(0, self.length), r.randint(0, self.length)))
            if b > a:
                self.limits.append((a, b, r.choice([15, 30, 45, 60, 80, 100])))
        self.speed = r.choice([60, 80, 120])

    def text(self, mirrored):
        def at(x):
            return self.length - x if mirrored else x

        def rows(items):
            return ", ".join(sorted(items, key=lambda row: float(row.split()[1])))

        stations = rows(f"{{km: {at(x)} m, name: {n}, lat: {38 + x / 150e3} deg, lon: {90 + x / 200e3} deg}}"
                        for x, n in self.stations)
        profile = rows(f"{{km: {at(x)} m, elevation: {z!r} m}}" for x, z in self.profile)
        limits = ", ".join(f"{{from: {min(at(a), at(b))} m, to: {max(at(a), at(b))} m, speed: {v} km/h}}"
                           for a, b, v in self.limits)
        return (f"lines:\n  id: random\n  up_is_decreasing: {str(mirrored).lower()}\n  speed: {self.speed} km/h\n"
                f"  stations: [{stations}]\n  profile: [{profile}]\n" + (f"  limits: [{limits}]\n" if limits else ""))


def scenario(seed, mirrored, air):
    r = random.Random(seed)
    line = Line(r)
    stops = "".join(f"{{station: {n}, dwell: 60 s}}, " for _, n in line.stations[1:-1] if r.random() < 0.4)
    second = f", {{type: {r.choice(LOCOMOTIVES)}, count: 1}}" if r.random() < 0.4 else ""
    return f"""tonnage: 1
title: random line {seed}
include: [stock/locomotives.yaml, stock/wagons.yaml]
line: {{id: random}}
weather:
  temperature: {r.uniform(-40, 40):.1f} degC
  wind: {{speed: {r.choice([0, 0, 5, 20])} m/s, from: {r.randint(0, 359)} deg, yaw_gain: {r.choice([0, 0.75])}}}
  rail: {r.choice([1, 1, 0.8])}
{line.text(mirrored)}trains:
  id: train
  locomotives: [{{type: {r.choice(LOCOMOTIVES)}, count: {r.randint(1, 3)}}}{second}]
  wagons: {{type: {r.choice(WAGONS)}, load: {r.randint(300, 7000)} t}}
  adhesion: {r.choice(["curve", "type", "curtius-kniffler", "electric-dc", "braking-wet"])}
  brake:
    deceleration: {r.choice([0.1, 0.3, 0.5, 1.0])} m/s2
    resistance_adds: {r.choice(["true", "false"])}
    distance: {r.choice([0, 800, 1400])} m
studies:
  - {{id: run, kind: run, train: train, from: A, to: B, depth: {"pneumatic" if air else r.choice(["point", "strap"])}, stops: [{stops}]}}
"""


def solve(tonnage, text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([tonnage, "run", file.name, "--json"], capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise AssertionError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)["results"][0]


def judge(run, mirror, air):
    assert run["energy_residual_1"] < 1e-6, f"energy residual {run['energy_residual_1']}"
    assert run["error_estimate_s"] < (1e-3 if air else 1e-5) * max(run["running_time_s"], 1), f"error estimate {run['error_estimate_s']} s"
    finished = run["verdict"].startswith("A to B")
    if finished:
        over = max((p["speed_m_s"] / p["limit_m_s"] for p in run["trace"]), default=0)
        assert over < 1 + 1e-8, f"{over} times the limit"
    apart = abs(mirror["running_time_s"] - run["running_time_s"])
    allowed = run["error_estimate_s"] + mirror["error_estimate_s"] + (1e-3 if air else 1e-9) * run["running_time_s"]
    allowed += 0 if finished else 1e-6 * run["running_time_s"]  # the moment of standstill of a train that stalls
    assert apart <= allowed, f"mirrored {mirror['running_time_s']} s, not {run['running_time_s']} s"
    return finished


def main():
    tonnage = sys.argv[1]
    first, count = (int(x) for x in (sys.argv[2:4] + ["1", "60"][len(sys.argv) - 2:])[:2])
    air = sys.argv[4:] == ["pneumatic"]
    finished = 0
    for seed in range(first, first + count):
        text = scenario(seed, False, air)
        try:
            finished += judge(solve(tonnage, text), solve(tonnage, scenario(seed, True, air)), air)
        except (AssertionError, subprocess.TimeoutExpired) as failure:
            print(text)
            sys.exit(f"seed {seed}: {failure}")
    print(f"{count} random runs, {finished} of them to the end of the line")
    if finished < count // 2:
        sys.exit("too few trains reach the end to say much")


main()
