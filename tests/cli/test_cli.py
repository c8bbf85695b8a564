#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command as a shell sees it: test_cli.py TONNAGE [CLASS ...]."""
import csv
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command import environment  # noqa: E402

TONNAGE = Path(sys.argv.pop(1)).resolve()
ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"

TRAIN = """tonnage: 1
title: a train
include: [stock/locomotives.yaml, stock/wagons.yaml]
trains:
  - id: test
    locomotives: {type: HXD1-25t, count: 2}
    wagons: {type: C70, load: 5200 t}
    rotating: 0.06
studies:
  - {id: climb, kind: start, train: test, grade: 16 permil}
"""


def terminal(test):
    """A pseudo-terminal, as (master, slave)."""
    try:
        return pty.openpty()
    except OSError as missing:  # a chroot without /dev/pts
        test.skipTest(f"no pseudo-terminal here: {missing}")


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = environment(TONNAGE_PATH=str(SCENARIOS))

    def write(self, text, name="scenario.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def tonnage(self, *words, **options):
        options = {"capture_output": True, "text": True, "timeout": 120, "cwd": self.folder, "env": self.environment,
                   **options}
        return subprocess.run([TONNAGE, *words], **options)

    def expect(self, status, *words, err="", **options):
        done = self.tonnage(*words, **options)
        self.assertEqual(done.returncode, status, f"{words}: {done.stderr}")
        self.assertIn(err, done.stderr or "")
        return done


class Usage(Case):
    def test_help_as_a_verb(self):
        for words in ("run",), ("sweep",), ("sweep", "status"):
            self.assertEqual(self.expect(0, "help", *words).stdout, self.expect(0, *words, "--help").stdout)
        self.assertEqual(self.expect(0, "help").stdout, self.expect(0, "--help").stdout)
        self.expect(2, "help", "rnu", err="did you mean 'run'?")
        self.expect(2, "version", err="did you mean '--version'?")

    def test_help(self):
        done = self.expect(0, "--help")
        self.assertTrue(done.stdout.startswith("Examples:"))
        self.assertEqual(done.stderr, "")
        for verb in "check run sweep plot report info diff export schema convert dispatch".split():
            self.assertIn(f"\n  {verb} ", done.stdout)
            helped = self.expect(0, verb, "--help")
            self.assertTrue(helped.stdout.startswith("Examples:"))
            self.assertIn(f"Usage: tonnage {verb}", helped.stdout)
            self.assertEqual(helped.stderr, "")

    def test_version(self):
        lines = self.expect(0, "--version").stdout.splitlines()
        self.assertRegex(lines[0], r"^tonnage \d+\.\d+\.\d+$")
        for library in "GSL", "HDF5", "libyaml":
            self.assertTrue(any(line.startswith(library) for line in lines), library)

    def test_bad(self):
        self.assertTrue(self.expect(2).stderr.startswith("Examples:"))
        self.expect(2, "rnu", err="did you mean 'run'?")
        self.expect(2, "--hlep", err="unknown option '--hlep'")
        self.expect(2, "run", err="no file given")
        self.expect(2, "run", "--jsno", "x.yaml", err="did you mean '--json'?")
        self.expect(2, "run", "-x", "x.yaml", err="unknown option '-x'")
        self.expect(2, "run", "x.yaml", "-o", err="needs a value")
        self.expect(2, "run", "--json=yes", "x.yaml", err="takes no value")
        self.expect(2, "run", "x.yaml", "y.yaml", err="one argument too many: 'y.yaml'")
        self.expect(2, "sweep", "--threads", "two", "x.yaml", err="whole number")
        self.expect(2, "sweep", "--threads=-1", "x.yaml", err="whole number")
        self.expect(2, "plot", "x.h5", "capcity", err="did you mean 'capacity'?")

    def test_unknown_study(self):
        self.write(TRAIN)
        self.expect(2, "run", "scenario.yaml", "--study", "climp", err="did you mean 'climb'?")

    def test_schema(self):
        self.assertIn("wagons", self.expect(0, "schema").stdout)
        self.assertIn("$schema", json.loads(self.expect(0, "schema", "--json").stdout))
        self.expect(2, "schema", "nothing-of-that-name", err="nothing-of-that-name")


class Files(Case):
    def test_missing(self):
        for verb in "check", "run", "info", "plot":
            done = self.expect(4, verb, "missing", err="cannot read missing: No such file or directory")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        done = self.expect(4, "run", "scenarios/rating-16permil.yaml", err="hint: ")
        self.assertRegex(done.stderr, r"hint: (/\S+/rating-16permil.yaml) is there\n")
        self.expect(4, "sweep", "missing", "-o", "x.h5", err="missing")

    def test_directory(self):
        self.expect(4, "run", ".")
        self.expect(4, "check", ".")

    def test_not_results(self):
        self.write("no results", "x.h5")
        self.expect(4, "info", "x.h5", err="not a results file of tonnage")
        self.expect(4, "plot", "x.h5", err="hint: results are written by `tonnage run -o`")
        self.assertEqual(self.expect(4, "sweep", "status", "x.h5").stdout, "")
        self.write(TRAIN)
        self.expect(0, "run", "scenario.yaml", "-o", "a.h5")
        self.expect(3, "run", "a.h5", err="this is a results file")

    def test_output(self):
        self.write(TRAIN)
        done = self.expect(4, "run", "scenario.yaml", "-o", "nowhere/out.h5", err="nowhere")
        self.assertEqual(done.stdout, "", "before anything is solved")
        self.expect(4, "run", "scenario.yaml", "-o", ".")
        self.assertEqual(os.listdir(self.folder), ["scenario.yaml"])

    def test_output_over_no_file(self):
        self.write(TRAIN)
        os.mkfifo(self.folder / "pipe.h5")
        self.expect(4, "run", "scenario.yaml", "-o", "pipe.h5", err="not a file")
        self.assertTrue((self.folder / "pipe.h5").is_fifo())
        self.expect(4, "run", "scenario.yaml", "-o", "", err="no name")
        self.assertEqual(sorted(os.listdir(self.folder)), ["pipe.h5", "scenario.yaml"])

    def test_output_over_input(self):
        self.write(TRAIN)
        self.expect(2, "run", "scenario.yaml", "-o", "./scenario.yaml", err="would be lost")
        os.link(self.folder / "scenario.yaml", self.folder / "link.h5")
        self.expect(2, "run", "scenario.yaml", "-o", "link.h5", err="would be lost")
        self.assertEqual((self.folder / "scenario.yaml").read_text(), TRAIN)

    def test_output_over_older(self):
        self.write(TRAIN)
        self.write("older", "out.h5")
        self.expect(0, "run", "scenario.yaml", "-o", "out.h5")
        with h5py.File(self.folder / "out.h5") as file:
            self.assertTrue(file["climb/starts"][()])
        self.assertEqual(sorted(os.listdir(self.folder)), ["out.h5", "scenario.yaml"])

    def test_odd_names(self):
        for name in "with space.yaml", "quote'\".yaml", "线.yaml", "-dash.yaml", "new\nline.yaml":
            self.write(TRAIN, name)
            out = name + ".h5"
            self.expect(0, "run", "-o", out, "--", name)
            with h5py.File(self.folder / out) as file:
                self.assertIn("provenance", file)

    def test_all_errors(self):
        self.write(TRAIN.replace("5200 t", "5200 km").replace("kind: start", "kind: strat").replace("title", "tilte"))
        done = self.expect(3, "check", "scenario.yaml", err="did you mean 'title'?")
        for place in "scenario.yaml:2:1: error:", "scenario.yaml:7:", "scenario.yaml:10:":
            self.assertIn(place, done.stderr)
        self.assertIn("\n  tilte: a train\n  ^~~~~", done.stderr)
        self.assertNotIn("\033", done.stderr)

    def test_many_errors(self):
        self.write(TRAIN + "".join(f"wrong{i}: 1\n" for i in range(50)))
        done = self.expect(3, "run", "scenario.yaml", err="50 errors, the first 20 shown")
        self.assertEqual(done.stderr.count(": error:"), 20)

    def test_several(self):
        self.write(TRAIN)
        self.write("tonnage: 2\n", "bad.yaml")
        done = self.expect(3, "check", "scenario.yaml", "bad.yaml", "scenario.yaml")
        self.assertEqual(done.stdout.count("ok"), 2)

    def test_caret_after_wide_letters(self):
        self.write(TRAIN.replace("title: a train", "title: 格尔木\ntrians: []"))
        self.write(TRAIN.replace("{id: climb,", "{id: 格尔木, knid: x,"), "wide.yaml")
        lines = self.expect(3, "check", "wide.yaml").stderr.splitlines()
        caret = lines[next(i for i, line in enumerate(lines) if "knid" in line and "格" in line) + 1]
        self.assertEqual(caret.index("^"), len("    - {id: ") + 2 * 3 + len(", "))

    def test_colour(self):
        self.write("tonnage: 1\nwrong: 1\n")
        for extra, coloured in ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False):
            master, slave = terminal(self)
            env = {**self.environment, "TERM": "xterm", **extra}
            self.tonnage("check", "scenario.yaml", env=env, capture_output=False, stdout=subprocess.DEVNULL, stderr=slave)
            os.close(slave)
            text = os.read(master, 65536)
            os.close(master)
            self.assertEqual(b"\033[" in text, coloured, extra)


class Run(Case):
    def results(self, *words, status=0):
        return json.loads(self.expect(status, "run", "scenario.yaml", "--json", *words).stdout)

    def test_json(self):
        self.write(TRAIN)
        got = self.results()
        self.assertEqual(got["scenario"], "scenario.yaml")
        self.assertEqual([r["id"] for r in got["results"]], ["climb"])
        climb = got["results"][0]
        self.assertEqual((climb["study"], climb["train"], climb["starts"]), ("start", "test", True))
        self.assertAlmostEqual(climb["load_kg"], 5.2e6, delta=1e-3)
        self.assertIn("16 permil", climb["verdict"])
        self.assertTrue(climb["assumptions"])

    def test_set(self):
        self.write(TRAIN)
        got = self.results("--set", "trains.test.load=5000 t", "-s", "studies.climb.grade=10 permil")["results"][0]
        self.assertAlmostEqual(got["load_kg"], 5.0e6, delta=1e-3)
        self.assertAlmostEqual(got["grade_1"], 0.010)
        self.expect(3, "run", "scenario.yaml", "--set", "trains.test.laod=5000 t", err="load")
        self.expect(3, "run", "scenario.yaml", "--set", "trains.test.load=5000", err="unit")
        self.expect(3, "run", "scenario.yaml", "--set", "trains.nobody.load=5000 t", err="nobody")
        self.expect(3, "run", "scenario.yaml", "--set", "nonsense")

    def test_study(self):
        self.write(TRAIN + "  - {id: hold, kind: descent, train: test, grade: -16 permil}\n")
        self.assertEqual(len(self.results()["results"]), 2)
        self.assertEqual([r["id"] for r in self.results("--study", "hold")["results"]], ["hold"])

    def test_no(self):
        self.write(TRAIN.replace("HXD1-25t", "HXD1C-23t"))
        self.assertIn("1,052 kN", self.expect(1, "run", "scenario.yaml").stdout)

    def test_require(self):
        met = TRAIN + "require:\n  - {result: climb.margin_1, min: 0.3}\n"
        self.write(met)
        self.expect(0, "run", "scenario.yaml")
        self.write(met + "  - {result: climb.balance_speed_m_s, min: 80 km/h}\n")
        done = self.expect(1, "run", "scenario.yaml", err="climb.balance_speed_m_s is 70.08")
        self.assertIn("at least 80 km/h", done.stderr)
        self.write(met + "  - {result: 'climb.runup[0].time_s', max: 10 s}\n")
        self.expect(1, "run", "scenario.yaml", err="climb.runup[0].time_s")
        self.write(met + "  - {result: 'climb.runup[99].time_s', max: 10 s}\n")
        self.expect(1, "run", "scenario.yaml", err="has no value")

    def test_require_unit(self):
        self.write(TRAIN + "require:\n  - {result: climb.balance_speed_m_s, min: 3 t}\n"
                   "  - {result: climb.load_kg, max: 5 kt}\n  - {result: climb.starts, min: 1 %}\n"
                   "  - {result: climb.margin_1, min: 3 permil}\n")
        for verb in "check", "run":
            done = self.expect(3, verb, "scenario.yaml", err="'min' has the unit 't', but 'climb.balance_speed_m_s' is a speed")
            self.assertRegex(done.stderr, r"scenario.yaml:12:44: error: 'min' has the unit 't'")
            self.assertIn("hint: units: km/h, m/s, mph", done.stderr)
            self.assertIn("'climb.starts' is a number", done.stderr)
            self.assertEqual(done.stderr.count("error:"), 2)

    def test_group_names(self):
        self.write(TRAIN.split("studies")[0] + """line: {id: short}
lines: {id: short, stations: [{km: 0 km, name: a}, {km: 20 km, name: b}]}
studies:
  - {id: time_s, kind: run, train: test, from: a, to: b, trace: true}
  - {id: run, kind: start, train: test, grade: 5 permil}
  - {id: run_, kind: start, train: test, grade: 5 permil}
""")
        self.expect(0, "run", "scenario.yaml", "-o", "out.h5")
        with h5py.File(self.folder / "out.h5") as file:
            self.assertEqual(file["time_s_"].attrs["id"], b"time_s")
            self.assertEqual(file["run__"].attrs["id"], b"run")
            self.assertEqual(file["run_"].attrs["id"], b"run_")
            self.assertEqual(len(file["time_s"].shape), 1)

    def test_trajectories(self):
        self.write(TRAIN.split("studies")[0] + """line: {id: short}
lines: {id: short, stations: [{km: 0 km, name: a}, {km: 5 km, name: b}]}
studies:
  - {id: there, kind: run, train: test, from: a, to: b, trace: true}
  - {id: climb, kind: start, train: test, grade: 5 permil}
  - {id: back, kind: run, train: test, from: b, to: a, trace: true}
""")
        self.expect(0, "run", "scenario.yaml", "-o", "out.h5")
        with h5py.File(self.folder / "out.h5") as file:
            self.assertEqual(file.attrs["featureType"], b"trajectory")
            self.assertEqual(list(file["run_id"][()]), [b"there", b"back"])
            there, back = file["row_size"][()]
            km = file["km_m"][()]
            self.assertEqual(len(km), there + back)
            self.assertEqual((km[0], km[there - 1], km[there], km[-1]), (0, 5000, 5000, 0))
            self.assertTrue((file["there/trace_speed_m_s"][()] == file["speed_m_s"][()][:there]).all())

    def test_check_of_a_swept_study(self):
        bare = TRAIN.replace(", load: 5200 t", "")
        self.write(bare)
        self.expect(3, "check", "scenario.yaml", err="how many wagons")
        self.write(bare + "sweep: {study: climb, over: {trains.test.load: [1000 t, 2000 t]}}\n")
        self.expect(0, "check", "scenario.yaml")
        self.write(bare + "sweep: {study: climb, over: {trains.test.rotating: [0.05, 0.06]}}\n")
        self.expect(3, "check", "scenario.yaml", err="how many wagons")

    def test_output_is_a_file(self):
        self.write(TRAIN + "sweep: {study: climb, over: {trains.test.load: [1000 t, 2000 t]}}\n")
        for verb in "run", "sweep":
            self.expect(2, verb, "scenario.yaml", "-o", "-", err="cannot go to standard output")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["scenario.yaml"])

    def test_no_train_no_word(self):
        given = """tonnage: 1
studies:
  - id: given
    kind: capacity
    sections: {from: a, to: b, time_up: 12 min, time_down: 10 min}
"""
        self.write(given)
        self.assertNotIn("trains can run:", self.expect(0, "run", "scenario.yaml").stdout)
        result = json.loads(self.expect(0, "run", "scenario.yaml", "--json").stdout)["results"][0]
        self.assertIsNone(result["train_feasible"])
        self.write(TRAIN.split("studies")[0] + given[len("tonnage: 1\n"):] + "    train: test\n")
        self.assertRegex(self.expect(0, "run", "scenario.yaml").stdout, r"trains can run: .*yes")

    def test_beyond_the_line(self):
        self.write(TRAIN.split("studies")[0] + """line: {id: short}
lines:
  id: short
  stations: [{km: 0 km, name: a}, {km: 20 km, name: b}]
  profile: [{km: 2 km, elevation: 100 m}, {km: 15 km, elevation: 120 m}]
  limits: [{from: 0 km, to: 5 km, speed: 60 km/h}, {from: 300 km, to: 500 km, speed: 60 km/h}]
  curves: {from: 25 km, to: 26 km, radius: 600 m}
  tunnels: {from: -3 km, to: -2 km}
studies:
  - {id: go, kind: run, train: test, from: a, to: b}
""")
        done = self.expect(0, "check", "scenario.yaml", err="the limit from km 300 to km 500 is outside the line")
        self.assertEqual(done.stderr.count("warning:"), 3)
        result = json.loads(self.expect(0, "run", "scenario.yaml", "--json").stdout)["results"][0]
        texts = [row["text"] for row in result["assumptions"]]
        self.assertIn("level beyond the profile, from km 15 to km 20", texts)
        self.assertIn("level beyond the profile, from km 0 to km 2", texts)

    def test_axis_of_another_study(self):
        self.write(TRAIN + "  - {id: other, kind: start, train: test, grade: 2 permil}\n"
                   "sweep: {study: climb, over: {studies.other.grade: [1 permil, 2 permil]}}\n")
        done = self.expect(0, "check", "scenario.yaml", err="'climb' is swept")
        self.assertIn("scenario.yaml:12:30: warning:", done.stderr)

    def test_require_unknown(self):
        self.write(TRAIN + "require:\n  - {result: climb.margni_1, min: 0.3}\n  - {result: clim.margin_1, min: 0.3}\n")
        done = self.expect(3, "check", "scenario.yaml", err="did you mean 'margin_1'?")
        self.assertIn("did you mean 'climb'?", done.stderr)
        self.assertIn("scenario.yaml:12:", done.stderr)
        self.write(TRAIN + "require:\n  - {result: climb, min: 1}\n")
        self.expect(3, "check", "scenario.yaml", err="STUDY.NAME")

    def test_require_nothing(self):
        self.write(TRAIN + "require:\n  - {result: climb.margin_1}\n")
        self.expect(3, "check", "scenario.yaml", err="nothing is asked")
        self.write(TRAIN + "require:\n  - {result: climb.margin_1, min: 2, max: 1}\n")
        self.expect(3, "check", "scenario.yaml", err="no value of 'climb.margin_1'")

    def test_readme(self):
        text = (ROOT / "README.md").read_text()
        self.write(text.split("```yaml\n")[1].split("```")[0])
        self.assertIn("Ruoqiang to Golmud South", self.expect(0, "run", "scenario.yaml").stdout)

    def test_same_bytes(self):
        self.write(TRAIN)
        for name in "a.h5", "b.h5":
            self.expect(0, "run", "scenario.yaml", "-o", name)
        with h5py.File(self.folder / "a.h5") as a, h5py.File(self.folder / "b.h5") as b:
            self.assertEqual(digests(a), digests(b))

    TRAFFIC = """tonnage: 1
line: {id: line}
lines:
  id: line
  headway: 5 min
  stations:
    - {km: 0 km, name: A, tracks: 4, length: 1000 m}
    - {km: 10 km, name: B, tracks: 2, length: 1000 m}
    - {km: 20 km, name: C, tracks: 3, length: 1000 m}
    - {km: 30 km, name: D, tracks: 2, length: 1000 m}
    - {km: 40 km, name: E, tracks: 4, length: 1000 m}
studies:
  -
    id: day
    kind: timetable
    from: A
    to: E
    iterations: 40
    classes:
      - {id: slow, length: 900 m, direction: both, pairs: 24, time_factor: 1.3}
      - {id: fast, length: 300 m, direction: both, pairs: 4, priority: 1, weight: 3}
    sections:
      - {from: A, to: B, time_up: 12 min, time_down: 14 min}
      - {from: B, to: C, time_up: 16 min, time_down: 11 min}
      - {from: C, to: D, time_up: 13 min, time_down: 13 min}
      - {from: D, to: E, time_up: 9 min, time_down: 15 min}
  - id: days
    kind: simulation
    from: A
    to: E
    days: 20
    disturbances: {entry: {law: exponential, mean: 10 min}, running: {law: exponential, mean: 5 %}}
    classes:
      - {id: slow, length: 900 m, direction: both, pairs: 24, time_factor: 1.3}
      - {id: fast, length: 300 m, direction: both, pairs: 4, priority: 1, weight: 3}
    sections:
      - {from: A, to: B, time_up: 12 min, time_down: 14 min}
      - {from: B, to: C, time_up: 16 min, time_down: 11 min}
      - {from: C, to: D, time_up: 13 min, time_down: 13 min}
      - {from: D, to: E, time_up: 9 min, time_down: 15 min}
"""

    def test_bound_of_trains_whose_number_is_sought(self):
        day = self.TRAFFIC[:self.TRAFFIC.index("  - id: days")]
        self.write(day.replace("direction: both, pairs: 24,", "direction: both,"))
        done = self.expect(0, "run", "scenario.yaml", "--json", "-o", "out.h5")
        rows = json.loads(done.stdout)["results"][0]["classes"]
        self.assertEqual([row["bound"] for row in rows if row["class"] == "fast"], [None, None])
        self.assertTrue(all(row["bound"] >= row["trains"] > 0 for row in rows if row["class"] == "slow"), rows)
        with h5py.File(self.folder / "out.h5") as file:
            bounds = file["day/classes_bound"][()]
            self.assertEqual([None if numpy.isnan(b) else b for b in bounds], [row["bound"] for row in rows])
        table = self.expect(0, "run", "scenario.yaml").stdout
        fast = next(line.split() for line in table.splitlines() if line.split()[:2] == ["fast", "up"])
        slow = next(line.split() for line in table.splitlines() if line.split()[:2] == ["slow", "up"])
        self.assertEqual(fast.count("-"), 2, "no load, no bound")
        self.assertIn(f"{rows[0]['bound']:.0f}", slow)

    def test_threads_of_timetables_and_simulations(self):
        self.write(self.TRAFFIC)
        printed = set()
        for threads in "1", "2", "5":
            done = self.tonnage("run", "scenario.yaml", "--json", env={**self.environment, "OMP_NUM_THREADS": threads})
            self.assertIn(done.returncode, (0, 1))
            self.assertGreater(len(json.loads(done.stdout)["results"][1]["classes"]), 1)
            printed.add(done.stdout)
        self.assertEqual(len(printed), 1)


def digests(file):
    """A digest of the bytes of each dataset but those that tell of the run itself."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            value = item[()]
            data = value.tobytes() if not item.dtype.hasobject else repr(numpy.asarray(value).tolist()).encode()
            found[name] = hashlib.sha256(data).hexdigest()

    file.visititems(visit)
    return found


class Streams(Case):
    def test_broken_pipe(self):
        self.write(TRAIN)
        read, write = os.pipe()
        os.close(read)
        done = self.tonnage("run", "scenario.yaml", "-o", "out.h5", capture_output=False, stdout=write,
                            stderr=subprocess.PIPE)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (4, ""))
        self.assertTrue((self.folder / "out.h5").exists(), "the file is written all the same")

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = self.tonnage("--help", capture_output=False, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 4)
        self.assertIn("No space left", done.stderr)

    def test_closed_output(self):
        self.write(TRAIN)
        done = subprocess.run(["sh", "-c", 'exec "$0" run scenario.yaml -o out.h5 >&-', TONNAGE], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 4, done.stderr)
        with h5py.File(self.folder / "out.h5") as file:
            self.assertIn("climb", file)

    def test_results_and_diagnostics_apart(self):
        self.write(TRAIN)
        done = self.expect(0, "run", "scenario.yaml")
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout)


class Sweep(Case):
    SWEEP = TRAIN + """sweep:
  study: climb
  over:
    trains.test.locomotives: [{type: HXD1-25t, count: 2}, {type: HXD1C-23t, count: 2}]
    trains.test.load: {from: 4000 t, to: 6000 t, step: 250 t}
"""

    def sweep(self, threads, name):
        self.expect(0, "sweep", "scenario.yaml", "-o", name, "--threads", str(threads))
        with h5py.File(self.folder / name) as file:
            return digests(file)

    def test_threads(self):
        self.write(self.SWEEP)
        one = self.sweep(1, "1.h5")
        self.assertGreater(len(one), 5)
        for threads in 2, 3, 8:
            self.assertEqual(self.sweep(threads, f"{threads}.h5"), one)

    def test_shipped_threads(self):
        path = SCENARIOS / "sweep-capacity.yaml"
        found = []
        for threads in "1", "3":
            self.expect(0, "sweep", path, "-o", "out.h5", "-j", threads)
            with h5py.File(self.folder / "out.h5") as file:
                found.append(digests(file))
        self.assertEqual(found[0], found[1])

    def test_cube(self):
        self.write(self.SWEEP)
        self.sweep(2, "out.h5")
        cubes = []
        with h5py.File(self.folder / "out.h5") as file:
            file.visititems(lambda name, item: cubes.append(item[()]) if name.endswith("force_needed_N") else None)
        self.assertEqual(cubes[0].shape, (2, 9))
        self.assertTrue((numpy.diff(cubes[0], axis=1) > 0).all())

    def test_plan(self):
        self.write(self.SWEEP)
        done = self.expect(0, "sweep", "scenario.yaml", "--plan")
        self.assertIn("18 points", done.stdout)
        self.assertIn("trains.test.load", done.stdout)
        self.assertEqual(os.listdir(self.folder), ["scenario.yaml"])

    def test_needs(self):
        self.write(self.SWEEP)
        self.expect(2, "sweep", "scenario.yaml", err="-o OUT.h5")
        self.expect(2, "sweep", "scenario.yaml", "-o", "scenario.yaml", err="would be lost")
        self.expect(2, "sweep", "scenario.yaml", "-o", "out.h5", "-j", "100000", err="at most 1024")
        self.write(TRAIN)
        self.expect(3, "sweep", "scenario.yaml", "-o", "out.h5", err="sweep")
        self.assertEqual(os.listdir(self.folder), ["scenario.yaml"])

    def test_unwritable(self):
        self.write(self.SWEEP)
        self.expect(4, "sweep", "scenario.yaml", "-o", "nowhere/out.h5", err="nowhere")

    def test_failed_points(self):
        self.write(self.SWEEP.replace("from: 4000 t", "from: -250 t"))
        self.assertIn(self.tonnage("sweep", "scenario.yaml", "-o", "out.h5").returncode, (0, 3))

    def test_no_bar_in_a_pipe(self):
        self.write(self.SWEEP)
        self.assertEqual(self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5").stderr, "")


class Results(Case):
    """diff, export, info; equal bytes."""

    def setUp(self):
        super().setUp()
        self.write(TRAIN + "  - {id: hold, kind: descent, train: test, grade: -16 permil}\n")
        self.expect(0, "run", "scenario.yaml", "-o", "a.h5")

    def other(self, *words, name="b.h5"):
        self.expect(0, "run", "scenario.yaml", "-o", name, *words)

    def test_same(self):
        self.other()
        self.assertRegex(self.expect(0, "diff", "a.h5", "b.h5").stdout, r"are the same: \d\d variables")

    def test_differ(self):
        self.other("--set", "trains.test.load=5100 t")
        lines = self.expect(1, "diff", "a.h5", "b.h5").stdout.splitlines()
        self.assertIn("climb/load_kg: 5.2e+06 -> 5.1e+06 kg (1.92 %)", lines)
        self.assertTrue(any(line.startswith("climb: verdict \"starts") for line in lines), lines)
        self.assertTrue(any(line.startswith("climb/effort_resistance_N: ") and " values, most at [" in line for line in lines))
        self.assertRegex(lines[-1], r"^\d+ of \d+ variables differ$")
        some = self.expect(1, "diff", "a.h5", "b.h5", "--tol", "0.03").stdout
        self.assertNotIn("climb/load_kg", some)
        self.assertNotIn("verdict", some)
        self.assertIn("hold/margin_1", some)
        near = ["diff", "a.h5", "b.h5", "--tol", "0.9"]
        self.assertEqual(self.expect(1, *near).stdout.split(":")[0], "hold/margin_1")  # 0 and the last bit of 1
        for more in ("--abs", "1e-12"), ("--skip", "margin_1"), ("--skip", "hold/margin_1"):
            self.assertIn("within a share of 0.9", self.expect(0, *near, *more).stdout)
        self.expect(0, "diff", "a.h5", "b.h5", "--skip", "climb", "--skip", "hold")

    def test_tolerance_is_of_the_largest(self):
        self.other()
        with h5py.File(self.folder / "b.h5", "r+") as file:
            values = file["climb/effort_traction_N"]
            largest, last = values[()].max(), values[-1]
            values[-1] = last + 1e-6 * largest
        self.expect(1, "diff", "a.h5", "b.h5", "--tol", "0.99e-6")
        self.expect(0, "diff", "a.h5", "b.h5", "--tol", "1.01e-6")
        with h5py.File(self.folder / "b.h5", "r+") as file:
            file["climb/effort_traction_N"][-1] = numpy.nan
        self.assertIn("-> nan N", self.expect(1, "diff", "a.h5", "b.h5", "--tol", "0.9").stdout)
        self.expect(0, "diff", "b.h5", "b.h5")

    def test_flags_units_and_shapes(self):
        self.other()
        with h5py.File(self.folder / "b.h5", "r+") as file:
            file["climb/starts"][()] = 0
            file["climb/load_kg"].attrs["units"] = numpy.bytes_("t")
            del file["climb/margin_1"]
            del file["hold"]
        lines = self.expect(1, "diff", "a.h5", "b.h5").stdout.splitlines()
        for line in ("climb/starts: yes -> no", 'climb/load_kg: units "kg" -> "t"', "climb/margin_1: only in a.h5",
                     "hold: only in a.h5"):
            self.assertIn(line, lines)
        self.assertIn("hold: only in a.h5", self.expect(1, "diff", "b.h5", "a.h5").stdout)

    def test_diff_of_no_results(self):
        self.write("no results", "x.h5")
        for words in ("a.h5", "x.h5"), ("x.h5", "a.h5"), ("a.h5", "missing"):
            self.expect(4, "diff", *words, err=words[1] if words[0] == "a.h5" else "x.h5")
        self.expect(2, "diff", "a.h5", err="one file more")
        self.expect(2, "diff", "a.h5", "a.h5", "--tol", "little", err="number")

    def tables(self, folder):
        return {path.name: list(csv.reader(path.read_bytes().decode().splitlines(keepends=True)))
                for path in (self.folder / folder).iterdir()}

    def test_export(self):
        done = self.expect(0, "export", "a.h5", "--csv", "tables")
        tables = self.tables("tables")
        self.assertEqual(sorted(done.stdout.split()), sorted(f"tables/{name}" for name in tables))
        with h5py.File(self.folder / "a.h5") as file:
            names, *rows = tables["climb-effort.csv"]
            for i, name in enumerate(names):
                self.assertEqual([float(row[i]) for row in rows], list(file["climb"][name][()]), name)
            scalars = {row[0]: row[1:] for row in tables["climb.csv"]}
            self.assertEqual(float(scalars["load_kg"][0]), file["climb/load_kg"][()])
            self.assertEqual(scalars["load_kg"][1:], ["kg", "trailing load"])
            self.assertEqual(scalars["starts"][0], "yes")
            self.assertEqual(scalars["verdict"][0], file["climb"].attrs["verdict"].decode())
            scenario = {row[0]: row[1] for row in tables["provenance.csv"]}["scenario_text"]
            self.assertEqual(scenario, (self.folder / "scenario.yaml").read_text())
        told = {(row[0], row[1]): row[2:] for row in tables["variables.csv"]}
        self.assertEqual(told["climb-effort.csv", "effort_traction_N"], ["N", "tractive effort at the rim"])
        for name, rows in tables.items():
            self.assertTrue(all(len(row) == len(rows[0]) for row in rows), name)

    def test_export_of_a_sweep(self):
        self.write(Sweep.SWEEP)
        self.expect(0, "sweep", "scenario.yaml", "-o", "cube.h5")
        self.expect(0, "export", "cube.h5", "--csv", "tables")
        names, *rows = self.tables("tables")["locomotives-load.csv"]
        self.assertEqual(names[:2], ["locomotives", "load"])
        self.assertEqual([row[0] for row in rows], ["2 x HXD1-25t"] * 9 + ["2 x HXD1C-23t"] * 9)
        self.assertEqual([float(row[1]) for row in rows], [4e6 + 0.25e6 * i for i in range(9)] * 2)
        with h5py.File(self.folder / "cube.h5") as file:
            needed = file["force_needed_N"][()].flatten()
        self.assertEqual([float(row[names.index("force_needed_N")]) for row in rows], list(needed))
        self.assertEqual({row[names.index("status")] for row in rows}, {"solved"})

    def test_export_bad(self):
        self.expect(2, "export", "a.h5", err="--csv DIR")
        self.expect(4, "export", "scenario.yaml", "--csv", "tables", err="scenario.yaml")
        self.expect(4, "export", "a.h5", "--csv", "no/where", err="no/where")
        self.write("a file", "file")
        self.expect(4, "export", "a.h5", "--csv", "file", err="file")
        self.assertEqual((self.folder / "file").read_text(), "a file")

    def test_odd_study_names(self):
        self.write(TRAIN.replace("id: climb", "id: ..") + '  - {id: variables, kind: start, train: test, grade: 1 permil}\n')
        self.expect(0, "run", "scenario.yaml", "-o", "odd.h5")
        self.expect(0, "export", "odd.h5", "--csv", "tables")
        self.assertTrue({"...csv", "variables_.csv", "variables.csv"} <= set(os.listdir(self.folder / "tables")))

    def test_equal_bytes(self):
        """In another place, at another time, the same command writes the same bytes if SOURCE_DATE_EPOCH is set."""
        self.write(Sweep.SWEEP)
        found = []
        for name in "one", "two":
            (self.folder / name).mkdir()
            self.write(Sweep.SWEEP, f"{name}/scenario.yaml")
            for verb, out in ("run", "run.h5"), ("sweep", "sweep.h5"):
                self.expect(0, verb, "scenario.yaml", "-o", out, cwd=self.folder / name)
            time.sleep(1.1)
            found.append([(self.folder / name / out).read_bytes() for out in ("run.h5", "sweep.h5")])
        self.assertEqual(found[0], found[1])
        env = {key: value for key, value in self.environment.items() if key != "SOURCE_DATE_EPOCH"}
        self.expect(0, "run", "scenario.yaml", "-o", "now.h5", env=env)
        with h5py.File(self.folder / "now.h5") as file:
            self.assertIn("wall_time_s", file["provenance"].attrs)
            self.assertIn("host", file["provenance"].attrs)
            self.assertNotIn(b"1970", file.attrs["date_created"])

    def test_info(self):
        told = self.expect(0, "info", "a.h5").stdout
        for words in "climb", "starts on 16 permil", "load_kg", "5200000 kg", "trailing load", "scenario.yaml":
            self.assertIn(words, told)


class Plot(Case):
    def setUp(self):
        super().setUp()
        self.expect(0, "sweep", SCENARIOS / "sweep-capacity.yaml", "-o", "out.h5")

    def test_all(self):
        done = self.expect(0, "plot", "out.h5")
        figures = [line for line in done.stdout.splitlines() if line.endswith(".png")]
        self.assertTrue(figures)
        for figure in figures:
            self.assertEqual((self.folder / figure).read_bytes()[:4], b"\x89PNG")

    def test_formats(self):
        for suffix, magic in (".svg", b"<?xml"), (".pdf", b"%PDF"), (".png", b"\x89PNG"):
            self.expect(0, "plot", "out.h5", "capacity", "-o", "fig" + suffix)
            self.assertTrue((self.folder / ("fig" + suffix)).read_bytes().startswith(magic), suffix)

    def test_map(self):
        """A cell a point, at its place, with its value; those that are not feasible are marked as such."""
        done = self.expect(0, "plot", "out.h5", "map", "-o", "fig.svg")
        self.assertEqual(len(done.stdout.splitlines()), 3)  # one a consist
        rows = [line.split("\t") for line in (self.folder / "fig.dat").read_text().splitlines()[1:]]
        with h5py.File(self.folder / "out.h5") as file:
            net, feasible = file["net_asked_per_year_kg"][0], file["feasible"][0]
            pairs, load = file["pairs"][:], file["load"][:]
        self.assertEqual(len(rows), net.size)
        for row in rows:
            x, y, value, left, right, low, high, marked = (float(cell) for cell in row[:8])
            k, i = numpy.argmin(abs(pairs - y)), numpy.argmin(abs(load / 1e3 - x))
            self.assertAlmostEqual(value, net[k][i] / 1e9, places=9)
            self.assertEqual(marked, feasible[k][i] == 0)
            self.assertTrue(left < x < right and low < y < high)
        self.assertIn("hatched", (self.folder / "fig.svg").read_text())

    def test_chinese(self):
        """Chinese names reach the picture, drawn with a font that has them."""
        text = (SCENARIOS / "lines" / "golmud-korla-stations.csv").read_text()
        names = {}
        for line in text.splitlines():
            cells = line.split(",")
            if len(cells) > 3 and cells[0][0].isdigit() and cells[2]:
                names[cells[1]] = cells[2]
        self.assertIn("Ruoqiang", names)
        lines = self.folder / "lines"
        lines.mkdir()
        for source in (SCENARIOS / "lines").iterdir():
            copy = source.read_text()
            if source.name.endswith("stations.csv"):
                copy = "\n".join(",".join([cells[0], names.get(cells[1], cells[1]), *cells[2:]]) if len(cells) > 3 else line
                                 for line in copy.splitlines() for cells in [line.split(",")]) + "\n"
            (lines / source.name).write_text(copy)
        self.write(TRAIN.replace("[stock", "[lines/golmud-korla.yaml, stock").replace("trains:", "line: {id: golmud-korla}\ntrains:")
                   + "  - {id: trip, kind: run, train: test, from: 若羌, to: 格尔木南}\n")
        self.expect(0, "run", "scenario.yaml", "-o", "zh.h5")
        for suffix in ".png", ".svg", ".pdf":
            self.expect(0, "plot", "zh.h5", "speed-distance", "-o", "zh" + suffix)
        for name in "若羌", "格尔木南":
            self.assertIn(f">{name}<", (self.folder / "zh.svg").read_text())
        self.assertIn(b"Droid", (self.folder / "zh.pdf").read_bytes())

    def test_landmarks(self):
        self.expect(0, "plot", "out.h5", "capacity", "-o", "fig.png")
        script = (self.folder / "fig.gp").read_text()
        for words in "33 Mt published (2024)", "5,200 t x 26 pairs a day: 33.5 Mt":
            self.assertIn(words, script)

    def test_replay(self):
        case = Path(__file__).resolve().parent.parent / "cases" / "replay-coast" / "scenario.yaml"
        self.expect(0, "run", case, "-o", "coast.h5")
        self.expect(0, "plot", "coast.h5", "replay", "-o", "fig.png")
        script, data = (self.folder / "fig.gp").read_text(), (self.folder / "fig.dat").read_text()
        for words in "'every second'", "'every 20 s'", "'by the laws of the vehicles'", "adhesion":
            self.assertIn(words, script)
        blocks = [block for block in data.split("\n\n") if block.strip()]
        self.assertEqual(len(blocks), 3)  # the recording, two fits
        samples = sum(line[0].isdigit() for line in (case.parent / "trace.csv").read_text().splitlines())
        self.assertEqual(len(blocks[0].strip().splitlines()), samples + 1)
        row = [float(x) for x in blocks[0].strip().splitlines()[100].split("\t")]
        wheel, forces = row[4] + row[6], row[7:10]
        self.assertAlmostEqual(wheel, sum(forces), delta=1e-3 * sum(map(abs, forces)))

    def test_axis_of_grades(self):
        self.write("tonnage: 1\ninclude: [stock/locomotives.yaml, stock/wagons.yaml]\n"
                   "trains: [{id: t, locomotives: {type: HXD1-25t}, wagons: {type: C70}}]\n"
                   "studies: [{id: rate, kind: rating, train: t, grade: 16 permil}]\n"
                   "sweep: {study: rate, over: {studies.rate.grade: [5 permil, 1 %], trains.t.locomotives.0.count: [1, 2, 3]}}\n")
        self.expect(0, "sweep", "scenario.yaml", "-o", "rate.h5")
        self.expect(0, "plot", "rate.h5", "map", "-o", "fig.png")
        script = (self.folder / "fig.gp").read_text()
        self.assertIn("set ylabel 'grade [permil]'", script)
        self.assertIn("set ytics ('5' 5, '10' 10)", script)
        self.assertIn("set xtics ('1' 1, '2' 2, '3' 3)", script)
        with h5py.File(self.folder / "rate.h5") as file:
            self.assertNotIn("curve_load_kg", file)

    def test_rating(self):
        self.expect(0, "new", "rating", "-o", "rating.yaml")
        result = json.loads(self.expect(0, "run", "rating.yaml", "-o", "rating.h5", "--json").stdout)["results"][0]
        self.expect(0, "plot", "rating.h5", "rating", "-o", "fig.svg")
        rows = [line.split("\t") for line in (self.folder / "fig.dat").read_text().splitlines()[1:]]
        self.assertTrue(numpy.allclose([float(row[1]) for row in rows], [point["load_kg"] / 1e3 for point in result["curve"]],
                                       rtol=1e-12))
        self.assertEqual([row[8].strip('"') for row in rows], [point["binding"] for point in result["curve"]])
        for words in "coupler", "balance speed", "track length", f"10 permil: {result['load_kg'] / 1e3:,.0f} t in whole wagons":
            self.assertIn(f">{words}<", (self.folder / "fig.svg").read_text())

    def test_brake_map(self):
        """Words in cells as large as they fit; none where they would not."""
        self.expect(0, "new", "brake_map", "-o", "map.yaml")
        def drawn(grades):
            self.expect(0, "run", "map.yaml", "-o", "map.h5", "--set", f"studies.brake_map-1.grades=[{grades}]",
                        "--set", "studies.brake_map-1.loads=[2000 t]", "--set", "studies.brake_map-1.step=1 s")
            self.expect(0, "plot", "map.h5", "brake-map", "-o", "map.svg")
            script = (self.folder / "map.gp").read_text()
            return {float(size) for size in re.findall(r"^set label 2\d+ .* font ',([0-9.]+)'$", script, re.M)}, \
                (self.folder / "map.svg").read_text()
        fonts, picture = drawn("-6 permil, -10 permil")
        self.assertEqual(fonts, {16})
        self.assertIn(" kPa<", picture)
        self.assertIn(">a cycle: first reduction [kPa], time of a cycle [s]<", picture)
        fonts, picture = drawn(", ".join(f"-{g / 10} permil" for g in range(1, 64)))
        self.assertEqual(fonts, set())
        self.assertIn(">no air brake needed<", picture)

    def test_kind_that_the_file_cannot_give(self):
        self.expect(2, "plot", "out.h5", "speed-distance")

    def test_without_gnuplot(self):
        done = self.expect(0, "plot", "out.h5", "capacity", err="gnuplot", env={**self.environment, "PATH": "/nowhere"})
        self.assertIn("gnuplot", done.stdout + done.stderr)
        self.assertTrue(list(self.folder.glob("*.gp")))
        self.assertFalse(list(self.folder.glob("*.png")))

    def test_info(self):
        done = self.expect(0, "info", "out.h5")
        self.assertIn("sweep-capacity.yaml", done.stdout)


if __name__ == "__main__":
    unittest.main()
