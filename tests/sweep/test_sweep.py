#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps as a shell sees them: test_sweep.py TONNAGE [CLASS ...]. Designs, chunks, what is killed, shards.

The result datasets of a sweep are the same bytes whoever computed them: threads, shards, ranks, killed and resumed."""
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy

from digests import digests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command import environment  # noqa: E402

TONNAGE = Path(sys.argv.pop(1)).resolve()
MPI = TONNAGE.with_name("tonnage-mpi")
ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
KILLS = int(os.environ.get("TONNAGE_KILLS", "5"))  # the nightly run takes 50

TRAIN = """tonnage: 1
title: a train
include: [stock/locomotives.yaml, stock/wagons.yaml]
trains:
  - id: test
    locomotives: {type: HXD1-25t, count: 2}
    wagons: {type: C70, load: 5200 t}
    rotating: 0.06
    notes:
      - {value: resistance_factor, confidence: estimate, low: 0.8, high: 1.2}
studies:
  - {id: climb, kind: start, train: test, grade: 16 permil}
"""
GRID = TRAIN + """sweep:
  study: climb
  over:
    trains.test.locomotives: [{type: HXD1-25t, count: 2}, {type: HXD1C-23t, count: 2}]
    trains.test.load: {from: 4000 t, to: 6000 t, step: 250 t}
"""
# 1,600 points of which some fail: no train can be that heavy
LONG = TRAIN + """sweep:
  study: climb
  over:
    studies.climb.grade: {from: 1 permil, to: 20 permil, count: 40}
    trains.test.load: {from: 4000 t, to: 6000 t, count: 40}
"""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = environment(TONNAGE_PATH=str(SCENARIOS))

    def write(self, text, name="scenario.yaml"):
        (self.folder / name).write_text(text)
        return name

    def tonnage(self, *words, program=(TONNAGE,), **options):
        options = {"capture_output": True, "text": True, "timeout": 300, "cwd": self.folder, "env": self.environment,
                   **options}
        return subprocess.run([*program, *map(str, words)], **options)

    def expect(self, status, *words, err="", out="", **options):
        done = self.tonnage(*words, **options)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        self.assertIn(err, done.stderr or "")
        self.assertIn(out, done.stdout or "")
        return done

    def sweep(self, name, *words, **options):
        self.expect(0, "sweep", "scenario.yaml", "-o", name, *words, **options)
        return digests(self.folder / name)

    def start(self, *words, program=(TONNAGE,), **options):
        return subprocess.Popen([*program, *map(str, words)], cwd=self.folder, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def chunks(self, name="out.h5"):
        return sorted(p.name for p in (self.folder / (name + ".chunks")).glob("*.chunk"))

    def files(self):
        return sorted(p.name for p in self.folder.iterdir())

    def open(self, name):
        file = h5py.File(self.folder / name)
        self.addCleanup(file.close)
        return file


class Designs(Case):
    def points(self, sweep, name="out.h5"):
        self.write(TRAIN + sweep)
        self.expect(0, "sweep", "scenario.yaml", "-o", name)
        return self.open(name)

    def test_latin_hypercube(self):
        file = self.points("""sweep:
  study: climb
  design: {kind: latin-hypercube, samples: 50, seed: 4}
  over:
    trains.test.load: {from: 4000 t, to: 6000 t}
    trains.test.resistance_factor: {values: estimate, label: resistance}
    studies.climb.grade: {distribution: normal, mean: 10 permil, deviation: 2 permil, from: 4 permil, to: 16 permil}
    weather.temperature: {distribution: triangular, from: -30 degC, mode: -10 degC, to: 30 degC}
    trains.test.locomotives: [{type: HXD1-25t, count: 2}, {type: HXD1C-23t, count: 2}]
""")
        load = file["load"][:]
        self.assertEqual(sorted(((load / 1e3 - 4000) / 40).astype(int)), list(range(50)))
        factor = file["resistance_factor"][:]
        self.assertEqual(file["resistance_factor"].attrs["long_name"], b"resistance")
        self.assertEqual(sorted(((factor - 0.8) / 0.4 * 50).astype(int)), list(range(50)))
        grade = file["grade"][:] * 1000
        self.assertTrue(4 <= grade.min() and grade.max() <= 16 and abs(grade.mean() - 10) < 0.1)
        self.assertTrue(243.15 <= file["temperature"][:].min() and file["temperature"][:].max() <= 303.15)
        kinds = file["locomotives"][:]
        self.assertEqual(sorted(set(kinds)), [b"2 x HXD1-25t", b"2 x HXD1C-23t"])
        self.assertEqual((kinds == b"2 x HXD1-25t").sum(), 25)  # a list is sampled evenly
        self.assertEqual(file["force_needed_N"].shape, (50,))
        self.assertEqual(len(set(file["point_id"][:])), 50)

    def test_sobol_begins_at_zero(self):
        file = self.points("""sweep:
  study: climb
  design: {kind: sobol, samples: 16}
  over:
    trains.test.load: {from: 4000 t, to: 5600 t}
    studies.climb.grade: {from: 1 permil, to: 17 permil}
""")
        expected = [[0, 0], [8, 8], [12, 4], [4, 12], [6, 6], [14, 14], [10, 2], [2, 10],
                    [3, 5], [11, 13], [15, 1], [7, 9], [5, 3], [13, 11], [9, 7], [1, 15]]
        numpy.testing.assert_allclose(file["load"][:], [4e6 + 1e5 * row[0] for row in expected], rtol=1e-15)
        numpy.testing.assert_allclose(file["grade"][:], [1e-3 * (1 + row[1]) for row in expected], rtol=1e-14)

    def test_halton_and_shift(self):
        sweep = """sweep:
  study: climb
  design: {kind: halton, samples: 7%s}
  over: {trains.test.load: {from: 4000 t, to: 5000 t}, studies.climb.grade: {from: 1 permil, to: 10 permil}}
"""
        load = self.points(sweep % "")["load"][:]
        numpy.testing.assert_allclose(load, 4e6 + 1e6 * numpy.array([1/2, 1/4, 3/4, 1/8, 5/8, 3/8, 7/8]), rtol=1e-15)
        moved = self.points(sweep % ", shift: true, seed: 9", "moved.h5")["load"][:]
        shift = (moved - load) % 1e6
        self.assertTrue(numpy.allclose(shift, shift[0]) and 1 < shift[0] < 1e6 - 1)

    def test_log_range_table_and_grid_distribution(self):
        self.write("load [t],weight\n4000,1\n5000,0\n6000,3\n", "loads.csv")
        file = self.points("""sweep:
  study: climb
  over:
    studies.climb.grade: {from: 1 permil, to: 16 permil, count: 5, scale: log}
    trains.test.resistance_factor: {distribution: log-normal, median: 1, factor: 1.1, count: 3}
""")
        numpy.testing.assert_allclose(file["grade"][:], [0.001, 0.002, 0.004, 0.008, 0.016], rtol=1e-12)
        numpy.testing.assert_allclose(file["resistance_factor"][1], 1)
        self.assertAlmostEqual(file["resistance_factor"][2], 1.1 ** 0.9674215661017, 9)
        file = self.points("""sweep:
  study: climb
  design: {kind: latin-hypercube, samples: 40}
  over: {trains.test.load: {file: loads.csv}}
""", "table.h5")
        self.assertEqual([(file["load"][:] == load).sum() for load in (4e6, 5e6, 6e6)], [10, 0, 30])

    def test_where(self):
        self.write(TRAIN + """sweep:
  study: climb
  where:
    - trains.test.load <= 5000 t or studies.climb.grade < 5 permil
    - studies.climb.grade >= 2 permil
  over:
    studies.climb.grade: {from: 1 permil, to: 10 permil, step: 1 permil}
    trains.test.load: {from: 4000 t, to: 6000 t, step: 500 t}
""")
        self.expect(0, "sweep", "scenario.yaml", "--plan", out="50 points, 17 of them left out")
        self.sweep("out.h5")
        file = self.open("out.h5")
        grade, load = numpy.meshgrid(file["grade"][:], file["load"][:], indexing="ij")
        inside = ((load <= 5.0001e6) | (grade < 0.00499)) & (grade > 0.00199)
        numpy.testing.assert_array_equal(file["status"][:] == 3, ~inside)
        numpy.testing.assert_array_equal(file["status"][:] == 0, inside)
        numpy.testing.assert_array_equal(numpy.isnan(file["force_needed_N"][:]), ~inside)

    def test_crossed_axis_and_replicates(self):
        file = self.points("""sweep:
  study: climb
  design: {kind: sobol, samples: 8}
  replicates: 3
  over:
    trains.test.load: {from: 4000 t, to: 6000 t, step: 1000 t, grid: true}
    studies.climb.grade: {from: 1 permil, to: 10 permil}
""")
        force = file["force_needed_N"][:]
        self.assertEqual(force.shape, (3, 8, 3))
        self.assertEqual([d[0].name for d in file["force_needed_N"].dims], ["/load", "/sample", "/replicate"])
        self.assertTrue((force[:, :, 0] == force[:, :, 2]).all())  # nothing random in this study
        self.assertEqual(len(numpy.unique(file["point_id"][:])), 72)
        self.assertEqual(file["grade"].shape, (8,))

    def test_refused(self):
        def refused(sweep, err):
            self.write(TRAIN + "sweep:\n  study: climb\n" + sweep)
            self.expect(3, "sweep", "scenario.yaml", "--plan", err=err)

        refused("  over: {trains.test.load: {from: 1 t, to: 2 t, count: 1000000}, studies.climb.grade: {from: 1 permil, "
                "to: 2 permil, count: 1000000}}\n", "1e+12 points, a sweep may have 100000000")
        refused("  design: {kind: sobol, samples: 10}\n  over: {trains.test.load: {from: 1 t, to: 2 t, grid: true, "
                "count: 2}}\n", "no axis is sampled")
        refused("  over: {trains.test.load: {from: 1 t, to: 2 t}}\n", "either 'step' or 'count'")
        refused("  design: {kind: sobol}\n  over: {trains.test.load: {from: 1 t, to: 2 t}}\n", "how many 'samples'?")
        refused("  design: {kind: sobl, samples: 3}\n  over: {trains.test.load: {from: 1 t, to: 2 t}}\n",
                "did you mean 'sobol'?")
        refused("  over: {trains.test.load: {distribution: normal, mean: 5000 t, deviation: 10 t}}\n",
                "a distribution needs a 'count'")
        refused("  over: {trains.test.load: {distribution: normal, median: 5000 t, deviation: 10 t, count: 3}}\n",
                "the normal distribution has no 'median'")
        refused("  over: {trains.test.load: {distribution: uniform, from: 5000 t, to: 4000 t, count: 3}}\n",
                "'from' must be less than 'to'")
        refused("  over: {studies.climb.grade: {distribution: uniform, from: 1 permil, to: 500 permil, count: 3}}\n",
                "'grade' is 500 permil")
        refused("  over: {trains.test.load: [1 t, 2 t]}\n  where: trains.test.laod < 2 t\n", "there is no axis")
        refused("  over: {trains.test.load: [1 t, 2 t]}\n  where: trains.test.load < 2 km\n", "it has no unit 'km'")
        refused("  over: {trains.test.load: [1 t, 2 t]}\n  where: trains.test.load = 2 t\n", "no comparison")
        refused("  over: {trains.test.load: estimate}\n", "no note of its object")
        refused("  over: {trains.test.load: {from: 1 t, to: 2 t, step: 1 t, scale: log}}\n", "not a 'step'")
        refused("  sensitivity: {of: margin_1}\n  over: {trains.test.load: [1 t, 2 t]}\n", "of a saltelli design")


class Chunks(Case):
    def stop(self, number, expected):
        """A signal: the chunk in hand is finished, the rest resumed."""
        self.write(LONG)
        whole = self.sweep("whole.h5", "-j", 1)
        for attempt in range(20):
            child = self.start("sweep", "scenario.yaml", "-o", "out.h5", "-j", 1, "--chunk", 20)
            while child.poll() is None and not self.folder.joinpath("out.h5.chunks").exists():
                time.sleep(0.001)
            while child.poll() is None and not self.chunks():
                time.sleep(0.001)
            child.send_signal(number)
            _, err = child.communicate(timeout=60)
            if child.returncode != 0:
                break
            (self.folder / "out.h5").unlink()  # it was done before
        self.assertEqual(child.returncode, expected, err)
        self.assertIn("--resume", err)
        done = len(self.chunks())
        self.assertTrue(0 < done < 80)
        self.assertFalse((self.folder / "out.h5").exists())
        self.expect(6, "sweep", "status", "out.h5", out=f"{1600 - 20 * done} missing")
        self.expect(2, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, err="--resume")
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume",
                    out=f"{1600 - 20 * done} solved now")
        self.assertEqual(digests(self.folder / "out.h5"), whole)
        self.assertEqual(self.files(), ["out.h5", "scenario.yaml", "whole.h5"])

    def test_sigint(self):
        self.stop(signal.SIGINT, 130)

    def test_sigterm(self):
        self.stop(signal.SIGTERM, 143)

    def test_notice(self):
        self.stop(signal.SIGUSR1, 6)

    def test_killed(self):
        """SIGKILL at random moments: no file under its final name is ever partial, and the end is the same bytes."""
        self.write(LONG)
        whole = self.sweep("whole.h5")
        began = time.monotonic()
        self.sweep("timed.h5", "--chunk", 20)
        longest = time.monotonic() - began
        rand, kills = random.Random(7), 0
        while kills < KILLS:
            child = self.start("sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume")
            try:
                child.communicate(timeout=rand.uniform(0, longest))
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                kills += 1
            if child.returncode == 0:  # all done before the blow: from the start again
                self.assertEqual(digests(self.folder / "out.h5"), whole)
                (self.folder / "out.h5").unlink()
            elif (self.folder / "out.h5").exists():
                self.assertEqual(digests(self.folder / "out.h5"), whole)
            before = len(self.chunks())
            if before:
                there = before == 80 or (self.folder / "out.h5").exists()
                self.assertEqual(self.expect(0 if there else 6, "sweep", "status", "out.h5").stderr, "")
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume")
        self.assertEqual(digests(self.folder / "out.h5"), whole)
        self.assertFalse((self.folder / "out.h5.chunks").exists())

    def test_killed_while_chunks_are_removed(self):
        """The file has its name, its chunks are there still: it is whole, and the next run takes them away."""
        self.write(LONG)
        chunks = self.folder / "out.h5.chunks"
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 100, "--shard", "1/2")
        os.rename(chunks, self.folder / "kept")
        self.write(LONG.replace("20 permil", "21 permil"), "other.yaml")
        self.expect(0, "sweep", "other.yaml", "-o", "out.h5", "--chunk", 100, "--shard", "1/2")
        os.rename(chunks, self.folder / "kept-other")
        os.unlink(self.folder / "out-1of2.h5")
        whole = self.sweep("out.h5", "--chunk", 100)
        again = ("sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 100, "--resume")
        plan = (self.folder / "kept" / "plan").read_text().replace("shards 2", "shards 1")
        for kept, names, left in (("kept", ["plan", "lock"], False), ("kept", ["plan"], False), ("kept", [], False),
                                  ("kept-other", ["plan"], True)):
            chunks.mkdir()
            for name in names:
                shutil.copy(self.folder / kept / name, chunks)
            if kept == "kept" and names:
                (chunks / "plan").write_text(plan)
                self.expect(0, "sweep", "status", "out.h5", out="0 missing")
            self.expect(0, *again, out="nothing to do")
            self.assertEqual(chunks.exists(), left, (kept, names))
        self.assertEqual(digests(self.folder / "out.h5"), whole)

    def test_resume_runs_what_is_missing_and_nothing_else(self):
        self.write(LONG)
        whole = self.sweep("whole.h5")
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 100, "--shard", "1/2")  # 8 of 16 chunks
        os.rename(self.folder / "out-1of2.h5", self.folder / "kept.h5")
        self.expect(0, "sweep", "scenario.yaml", "-o", "whole.h5", "--resume", out="nothing to do")
        self.assertEqual(digests(self.folder / "whole.h5"), whole)

    def test_damaged_chunk(self):
        self.write(LONG)
        child = self.start("sweep", "scenario.yaml", "-o", "out.h5", "-j", 1, "--chunk", 20)
        while child.poll() is None and not (self.folder / "out.h5.chunks").exists() or not self.chunks():
            time.sleep(0.001)
        child.send_signal(signal.SIGTERM)
        child.communicate()
        if child.returncode == 0:
            self.skipTest("too quick to be interrupted")
        chunk = self.folder / "out.h5.chunks" / self.chunks()[0]
        data = bytearray(chunk.read_bytes())
        data[len(data) // 2] ^= 1
        chunk.write_bytes(data)
        self.expect(6, "sweep", "status", "out.h5", out="damaged: ")
        self.expect(4, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume", err="damaged")
        self.assertFalse((self.folder / "out.h5").exists())
        chunk.unlink()
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume")

    def test_changed_scenario_reruns_changed_points(self):
        self.write(GRID)
        self.sweep("out.h5")
        self.write(GRID.replace("to: 6000 t", "to: 7000 t"))
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--resume", out="26 points, 0 failed")
        done = self.tonnage("sweep", "scenario.yaml", "-o", "again.h5")
        self.assertEqual(digests(self.folder / "out.h5"), digests(self.folder / "again.h5"))
        self.write(GRID.replace("to: 6000 t", "to: 8000 t"))
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--resume", out="; 8 solved now")
        # a locomotive that half of the points have: they are new
        self.write(GRID.replace("stock/wagons.yaml]", "stock/wagons.yaml]\nweather: {temperature: 3 degC}"))
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--resume", out="18 points, 0 failed")
        ids = self.open("out.h5")["point_id"][:]
        self.assertEqual(len(set(ids.flat)), 18)

    def test_failed_points_are_rows(self):
        self.write(TRAIN + """sweep:
  study: climb
  over:
    trains.test.wagons: [{type: C70, load: 5000 t}, {type: C70, count: 10}, {type: C70}]
    studies.climb.grade: [1 permil, 2 permil]
""")
        done = self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", err="2 of 6 points failed")
        file = self.open("out.h5")
        self.assertEqual(file["status"][:].tolist(), [[0, 0], [0, 0], [1, 1]])
        reason = file["reason"][2, 0].decode()
        self.assertIn("how many wagons", reason)
        self.expect(0, "sweep", "status", "out.h5", out=f"failed 2 times, first at point 4: {reason}")

    def test_two_at_once(self):
        self.write(LONG)
        first = self.start("sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "-j", 1)
        while first.poll() is None and not (self.folder / "out.h5.chunks/lock").exists():
            time.sleep(0.001)
        second = self.tonnage("sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume")
        alive = first.poll() is None
        first.communicate()
        if second.returncode == 0 and not alive:
            self.skipTest("too quick to meet")
        self.assertEqual(second.returncode, 4)
        self.assertIn("another process is at work", second.stderr)


class Disk(Case):
    def test_read_only_folder(self):
        self.write(GRID)
        out = self.folder / "ro"
        out.mkdir(mode=0o555)
        if os.access(out, os.W_OK):  # root may write anywhere: a file in place of the folder will do
            out.rmdir()
            out.write_text("")
        self.expect(4, "sweep", "scenario.yaml", "-o", "ro/out.h5", err="cannot make the folder 'ro/out.h5.chunks'")

    def test_file_size_limit(self):
        """Writing fails in the middle: earlier chunks stay, and the rest is resumed."""
        self.write(LONG)
        whole = self.sweep("whole.h5")

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))

        done = self.tonnage("sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, preexec_fn=limit)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("File too large", done.stderr)
        self.assertFalse((self.folder / "out.h5").exists())
        self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 20, "--resume")
        self.assertEqual(digests(self.folder / "out.h5"), whole)

    def test_full_disk(self):
        """A file system of 700 kB, where root may mount one."""
        small = self.folder / "small"
        small.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", small], capture_output=True)
        if done.returncode != 0:
            self.skipTest("no file system may be mounted here")
        self.addCleanup(subprocess.run, ["umount", small])
        self.write(LONG)
        whole = self.sweep("whole.h5")
        (small / "ballast").write_bytes(bytes(400000))
        self.expect(4, "sweep", "scenario.yaml", "-o", "small/out.h5", "--chunk", 20, err="No space left")
        chunks = list((small / "out.h5.chunks").glob("*.chunk"))
        self.assertTrue(chunks)
        self.assertFalse(list((small / "out.h5.chunks").glob("*.part")))
        (small / "ballast").unlink()
        done = self.expect(0, "sweep", "scenario.yaml", "-o", "small/out.h5", "--chunk", 20, "--resume")
        self.assertIn(f"{1600 - 20 * len(chunks)} solved now", done.stdout)
        self.assertEqual(digests(small / "out.h5"), whole)

    def test_vanishing_folder(self):
        self.write(LONG)
        out = self.folder / "there"
        out.mkdir()
        child = self.start("sweep", "scenario.yaml", "-o", "there/out.h5", "--chunk", 20, "-j", 1)
        while child.poll() is None and not list(out.glob("out.h5.chunks/*.chunk")):
            time.sleep(0.001)
        os.rename(out, self.folder / "away")
        _, err = child.communicate(timeout=60)
        if child.returncode == 0:
            self.skipTest("too quick to be disturbed")
        self.assertEqual(child.returncode, 4)
        self.assertIn("No such file or directory", err)
        os.rename(self.folder / "away", out)
        self.expect(0, "sweep", "scenario.yaml", "-o", "there/out.h5", "--chunk", 20, "--resume")


class Shards(Case):
    def test_threads_and_shards(self):
        self.write(LONG)
        whole = self.sweep("whole.h5", "-j", 1)
        for threads in 2, 3, 8:
            self.assertEqual(self.sweep(f"{threads}.h5", "-j", threads), whole)
        for shards in 2, 5:
            name = f"cube{shards}.h5"
            for k in random.Random(shards).sample(range(1, shards + 1), shards):  # in any order
                done = self.expect(0, "sweep", "scenario.yaml", "-o", name, "--shard", f"{k}/{shards}")
            self.assertIn(f"all {shards} shards are there", done.stdout)
            self.assertEqual(digests(self.folder / name), whole)
            self.expect(0, "sweep", "verify", name, out="whole")
            self.expect(0, "sweep", "merge", name, "-o", "merged.h5")
            self.assertEqual(digests(self.folder / "merged.h5"), whole)
            with h5py.File(self.folder / "merged.h5") as file:
                self.assertFalse(file["margin_1"].is_virtual)

    def test_the_index_moves_with_its_shards(self):
        self.write(GRID)
        for k in 1, 2:
            self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--shard", f"{k}/2", "--chunk", 4)
        self.assertEqual(self.files(), ["out-1of2.h5", "out-2of2.h5", "out.h5", "scenario.yaml"])
        before = digests(self.folder / "out.h5")
        (self.folder / "moved").mkdir()
        for name in "out-1of2.h5", "out-2of2.h5", "out.h5":
            os.rename(self.folder / name, self.folder / "moved" / name)
        self.assertEqual(digests(self.folder / "moved/out.h5"), before)
        self.expect(0, "sweep", "verify", "moved/out.h5")

    def test_missing_shard(self):
        self.write(GRID)
        for k in 1, 2, 3:
            self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--shard", f"{k}/3", "--chunk", 2)
        os.rename(self.folder / "out-2of3.h5", self.folder / "away.h5")
        self.expect(6, "sweep", "verify", "out.h5", err="the shard 'out-2of3.h5' is missing")
        for words in (["info", "out.h5"], ["plot", "out.h5"], ["sweep", "merge", "out.h5", "-o", "m.h5"]):
            done = self.tonnage(*words)
            self.assertNotEqual(done.returncode, 0, words)
            self.assertIn("out-2of3.h5", done.stderr, words)
        with h5py.File(self.folder / "out.h5") as file:  # and whoever does not ask sees that points are missing
            self.assertEqual((file["status"][:] == 2).sum(), 6)
            self.assertTrue(numpy.isnan(file["margin_1"][:][file["status"][:] == 2]).all())
        os.rename(self.folder / "away.h5", self.folder / "out-2of3.h5")
        self.expect(0, "sweep", "verify", "out.h5")
        data = bytearray((self.folder / "out-2of3.h5").read_bytes())
        data[len(data) // 2] ^= 1
        (self.folder / "out-2of3.h5").write_bytes(data)
        self.expect(4, "sweep", "verify", "out.h5", err="damaged")

    def test_slurm_array(self):
        self.write(GRID)
        whole = self.sweep("whole.h5")
        for task in 10, 12, 14:
            self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--chunk", 2,
                        env={**self.environment, "SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_MIN": "10",
                             "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "3"})
        self.assertEqual(digests(self.folder / "out.h5"), whole)

    def test_bad_shards(self):
        self.write(GRID)
        for shard in "0/2", "3/2", "2", "a/b", "1/0", "/", "-1/2":
            self.expect(2, "sweep", "scenario.yaml", "-o", "out.h5", "--shard", shard, err="shard")

    def test_slurm_script(self):
        self.write(GRID)
        done = self.expect(0, "sweep", "slurm", "scenario.yaml", "-o", "my results/out.h5", "--shards", "4", "--time",
                           "1:00:00", "--threads", "2", "--set", "trains.test.load=5000 t")
        for words in ("#SBATCH --array=1-4", "#SBATCH --time=1:00:00", "#SBATCH --signal=USR1@180", "#SBATCH --requeue",
                      "'my results/out.h5' --resume", '--shard "$SLURM_ARRAY_TASK_ID/4"',
                      "--set 'trains.test.load=5000 t'", "scontrol requeue"):
            self.assertIn(words, done.stdout)
        subprocess.run(["sh", "-n"], input=done.stdout, text=True, check=True)
        self.assertIn("#SBATCH --ntasks=6", self.expect(0, "sweep", "slurm", "scenario.yaml", "-o", "out.h5", "--ranks",
                                                        "6").stdout)
        self.expect(2, "sweep", "slurm", "scenario.yaml", "-o", "out.h5", "--ranks", "6", "--shards", "2")

    def test_index_opens_in_xarray(self):
        try:
            import xarray
        except ImportError:
            self.skipTest("xarray is not installed")
        self.write(GRID)
        for k in 1, 2:
            self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--shard", f"{k}/2", "--chunk", 4)
        whole = self.sweep("whole.h5")
        with xarray.open_dataset(self.folder / "out.h5") as cube, xarray.open_dataset(self.folder / "whole.h5") as one:
            self.assertEqual(cube.margin_1.dims, ("locomotives", "load"))
            numpy.testing.assert_array_equal(cube.margin_1.values, one.margin_1.values)
            self.assertEqual(float(cube["load"][1]), 4.25e6)


class Sensitivity(Case):
    SWEEP = TRAIN + """sweep:
  study: climb
  design: {kind: saltelli, samples: 256}
  sensitivity: {of: force_needed_N, resamples: 200}
  over:
    trains.test.load: {from: 4000 t, to: 6000 t}
    studies.climb.grade: {label: grade, from: 12 permil, to: 14 permil}
    weather.rail: {from: 0.8, to: 1}
"""

    def test_indices(self):
        self.write(self.SWEEP)
        done = self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", out="What moves force_needed_N most")
        file = self.open("out.h5")
        self.assertEqual(file["force_needed_N"].shape, (256, 5))
        self.assertEqual(file["matrix"][:].tolist(), [b"A", b"B", b"trains.test.load", b"studies.climb.grade",
                                                      b"weather.rail"])
        row = file["result"][:].tolist().index(b"force_needed_N")
        self.assertEqual(file["input"][:].tolist(), [b"trains.test.load", b"grade", b"weather.rail"])
        # force = weight x (resistance + grade): nearly a sum of both, rail says nothing
        first, total = file["sensitivity_first"][row], file["sensitivity_total"][row]
        self.assertTrue(0.8 < first[0] < 0.95 and 0.05 < first[1] < 0.2, first)
        self.assertAlmostEqual(first[0] + first[1], 1, delta=0.02)
        self.assertAlmostEqual(total[2], 0, delta=1e-12)
        self.assertLess(abs(first[2]), 1e-12)
        for name in "first", "total":
            low, high = file[f"sensitivity_{name}_low"][row], file[f"sensitivity_{name}_high"][row]
            middle = file[f"sensitivity_{name}"][row]
            self.assertTrue((low <= middle + 1e-12).all() and (middle <= high + 1e-12).all())
        self.assertLess(file["sensitivity_at_low"][row][0], file["sensitivity_at_high"][row][0])
        lines = done.stdout.splitlines()
        self.assertTrue(lines[-3].startswith("trains.test.load") and lines[-2].startswith("grade"))

    def test_tornado(self):
        self.write(self.SWEEP)
        self.sweep("out.h5")
        done = self.expect(0, "plot", "out.h5", "tornado", "-o", "tornado.svg")
        rows = [line.split("\t") for line in (self.folder / "tornado.dat").read_text().splitlines()
                if line and not line.startswith("#")]
        self.assertEqual([row[-1].strip('"') for row in rows], ["trains.test.load", "grade", "weather.rail"])
        file = self.open("out.h5")
        row = file["result"][:].tolist().index(b"force_needed_N")
        self.assertAlmostEqual(float(rows[0][1]), file["sensitivity_at_low"][row][0] / 1e3, 6)  # kN
        self.assertAlmostEqual(float(rows[1][3]), file["sensitivity_total"][row][1], 6)
        if "not installed" not in done.stderr:
            self.assertIn("What moves", (self.folder / "tornado.svg").read_text())
        self.write(GRID)
        self.sweep("grid.h5")
        self.expect(2, "plot", "grid.h5", "tornado", err="cannot give the plot tornado")

    def test_shipped_scenario(self):
        """Capacity by 13 uncertain inputs: those that the formula of pairs and tonnes multiplies must show."""
        done = self.expect(0, "sweep", SCENARIOS / "sensitivity-capacity.yaml", "-o", "out.h5", "--set",
                           "sweep.design.samples=32")
        self.assertIn("What moves net_per_year_kg most", done.stdout)
        file = self.open("out.h5")
        row = file["result"][:].tolist().index(b"net_per_year_kg")
        total = dict(zip(file["input"][:].tolist(), file["sensitivity_total"][row]))
        self.assertGreater(total[b"busiest month over mean"], 0.1)
        self.assertGreater(total[b"meeting interval"], 0.05)
        self.assertLess(total[b"air temperature"], 0.01)
        # net = gross x net ratio / fluctuation, at every point
        net = file["net_ratio_1"][:] / file["fluctuation_1"][:] * file["gross_per_year_kg"][:]
        numpy.testing.assert_allclose(file["net_per_year_kg"][:], net, rtol=1e-12)

    def test_shards_have_the_same_indices(self):
        self.write(self.SWEEP)
        whole = self.sweep("whole.h5", "-j", 1)
        for k in 1, 2, 3:
            self.expect(0, "sweep", "scenario.yaml", "-o", "out.h5", "--shard", f"{k}/3")
        self.assertEqual(digests(self.folder / "out.h5"), whole)
        self.expect(0, "sweep", "merge", "out.h5", "-o", "merged.h5")
        self.assertEqual(digests(self.folder / "merged.h5"), whole)


class Ranks(Case):
    """tonnage-mpi, where it was built and mpirun is there."""

    def setUp(self):
        super().setUp()
        if not MPI.exists() or not shutil.which("mpirun"):
            self.skipTest("tonnage-mpi was not built, or there is no mpirun")
        self.environment.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                                OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_btl_base_warn_component_unused="0",
                                HOME=str(self.folder), OMPI_MCA_btl="self,vader,tcp",
                                OMPI_MCA_btl_vader_single_copy_mechanism="none")

    def mpi(self, ranks):
        return ("mpirun", "-n", str(ranks), MPI)

    def test_same_bytes(self):
        self.write(LONG)
        whole = self.sweep("whole.h5", "-j", 1)
        self.assertEqual(self.sweep("alone.h5", "-j", 1, program=(MPI,)), whole)  # without mpirun
        for ranks in 1, 2, 3:
            name = f"ranks{ranks}.h5"
            self.assertEqual(self.sweep(name, "-j", 1, "--chunk", 20, program=self.mpi(ranks)), whole)
            self.assertFalse((self.folder / (name + ".chunks")).exists())
        self.expect(0, "sweep", "merge", "ranks3.h5", "-o", "merged.h5", program=self.mpi(2))
        self.assertEqual(digests(self.folder / "merged.h5"), whole)

    def test_says_it_once(self):
        program = self.mpi(3)
        self.assertEqual(self.expect(0, "--help", program=program).stdout, self.expect(0, "--help").stdout)
        said = self.expect(2, "sweep", "--rseume", program=program).stderr
        self.assertEqual(said.count("did you mean '--resume'?"), 1, said)

    def test_network_without_one_sided_access(self):
        """Open MPI's osc/rdma fails over TCP: chunks are dealt out in turn."""
        self.write(LONG)
        whole = self.sweep("whole.h5", "-j", 1)
        self.environment.update(OMPI_MCA_osc="rdma", OMPI_MCA_pml="ob1", OMPI_MCA_btl="self,tcp")
        for ranks in 2, 3:
            done = self.expect(0, "sweep", "scenario.yaml", "-o", f"{ranks}.h5", "-j", 1, "--chunk", 20,
                               program=self.mpi(ranks))
            self.assertEqual(digests(self.folder / f"{ranks}.h5"), whole)
            if "dealt out" not in done.stderr:
                self.skipTest("this Open MPI has one-sided access over TCP")

    def test_stopped_and_resumed_with_other_ranks(self):
        self.write(LONG)
        whole = self.sweep("whole.h5")
        child = self.start("sweep", "scenario.yaml", "-o", "out.h5", "-j", 1, "--chunk", 20, program=self.mpi(2))
        while child.poll() is None and not list(self.folder.glob("out.h5.chunks/*.chunk")):
            time.sleep(0.005)
        child.kill()  # its ranks go on until they notice; nobody else may work on the same chunks
        child.communicate()
        for _ in range(60):
            done = self.tonnage("sweep", "scenario.yaml", "-o", "out.h5", "-j", 1, "--chunk", 20, "--resume",
                                program=self.mpi(3))
            if "another process is at work" not in done.stderr:
                break
            time.sleep(0.5)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(digests(self.folder / "out.h5"), whole)

    def test_errors(self):
        self.write(GRID)
        self.assertNotEqual(self.tonnage("sweep", "scenario.yaml", "-o", "nowhere/out.h5", program=self.mpi(2)).returncode, 0)
        done = self.tonnage("sweep", "scenario.yaml", "-o", "out.h5", "--shard", "1/2", program=self.mpi(2))
        self.assertIn("--shard and several ranks", done.stderr)
        self.assertEqual(self.expect(0, "run", "scenario.yaml", program=self.mpi(2)).stdout.count("start under"),
                         self.expect(0, "run", "scenario.yaml").stdout.count("start under"))


if __name__ == "__main__":
    unittest.main()
