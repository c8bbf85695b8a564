#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command against input that means harm: test_hostile.py TONNAGE [CLASS ...]. Nothing crashes, nothing takes long or much
memory, nothing reaches a shell, no file outside is read."""
import os
import random
import resource
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

import h5py

from test_cli import ROOT, SCENARIOS, TRAIN, Case

SLOW = int(os.environ.get("TONNAGE_TEST_SLOW", "1"))  # so many times slower than as built for use
HARM = "a'b\"c `touch harm` $(touch harm) ${HOME} @x %s%n \\n {/Symbol a}_b^c ~ | > harm ; # ' . system('touch harm') . '"
MEMORY = 3 << 30

LINE = """tonnage: 1
title: {title}
include: [stock/locomotives.yaml, stock/wagons.yaml]
line: {{id: hill}}
lines:
  - id: hill
    name: {title}
    stations:
      - {{name: {first}, km: 0 km, tracks: 3}}
      - {{name: {second}, km: 11 km, tracks: 3}}
      - {{name: East, km: 24 km, tracks: 3}}
    profile: [{{km: 0 km, elevation: 100 m}}, {{km: 12 km, elevation: 130 m}}, {{km: 24 km, elevation: 90 m}}]
    limits: {{from: 0 km, to: 24 km, speed: 80 km/h}}
trains:
  - id: test
    locomotives: {{type: HXD1-25t, count: 2}}
    wagons: {{type: C70, load: 2000 t}}
    limit: 80 km/h
    brake: {{deceleration: 0.3 m/s2}}
studies:
  - {{id: trip, kind: run, train: test, from: East, to: {first}, trace: true}}
  - {{id: many, kind: capacity, train: test, from: East, to: {first}, loaded: up}}
  - {{id: climb, kind: start, train: test, grade: 12 permil}}
  - {{id: hold, kind: descent, train: test, grade: -12 permil}}
"""


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Hostile(Case):
    def hostile(self, *words, statuses=(3,), limit_s=2.0, err=""):
        """Runs with little memory and time; sanitizers take more of both."""
        def bound():
            if SLOW == 1:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        begin = time.monotonic()
        done = self.tonnage(*words, preexec_fn=bound, timeout=limit_s * 4 * SLOW, errors="replace")
        self.assertIn(done.returncode, statuses, f"{words} after {time.monotonic() - begin:.1f} s: {done.stderr[-2000:]}")
        self.assertIn(err, done.stderr)
        self.assertFalse((self.folder / "harm").exists(), "something reached a shell")
        return done


class Text(Hostile):
    def test_deep(self):
        for depth in 33, 1000, 200000 // SLOW:
            for opened, closed in ("[", "]"), ("{a: ", "}"):
                self.write(f"tonnage: 1\ntitle: {opened * depth}{closed * depth}\n")
                self.hostile("check", "scenario.yaml", err="scenario.yaml:2:")
            self.write("tonnage: 1\n" + "".join(" " * i + "a:\n" for i in range(min(depth, 2000))))
            self.hostile("check", "scenario.yaml", err="scenario.yaml:")

    def test_alias_bomb(self):
        bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
        self.write("tonnage: 1\n" + bomb)
        self.hostile("check", "scenario.yaml", err="scenario.yaml:2:")

    def test_huge_numbers(self):
        for number in "1e308", "1e309", "9" * 400, "1e-400", "0." + "0" * 400 + "1", "1" + "0" * 100000:
            self.write(TRAIN.replace("5200 t", number + " t").replace("count: 2", f"count: {number}"))
            self.hostile("check", "scenario.yaml", err="scenario.yaml:")
            self.write(TRAIN.replace("16 permil", number + " permil"))
            tiny = number in ("1e-400", "0." + "0" * 400 + "1")  # a level grade
            self.hostile("check", "scenario.yaml", err="" if tiny else "scenario.yaml:10:", statuses=(0, 3) if tiny else (3,))

    def test_long_words(self):
        done = None
        for text in TRAIN.replace("a train", "x" * (20_000_000 // SLOW)), TRAIN.replace("kind: start", "kind: " + "y" * (3_000_000 // SLOW)):
            self.write(text)
            done = self.hostile("check", "scenario.yaml", statuses=(0, 3))
            self.assertLess(len(done.stderr), 5000, "a message is not as long as the file")
        self.assertIn("scenario.yaml:10:", done.stderr)

    def test_many_stations(self):
        """10^9 of anything: as a count, as points of a sweep, as a table."""
        self.write(LINE.format(title="x", first="A", second="B").replace("km: 11 km, tracks: 3", "km: 11 km, tracks: 1000000000"))
        self.hostile("check", "scenario.yaml", err="scenario.yaml:10:")
        self.write(TRAIN + "sweep: {study: climb, over: {trains.test.load: {from: 0 t, to: 1e9 t, step: 1 t}}}\n")
        self.hostile("check", "scenario.yaml", err="scenario.yaml:11:")
        self.write(TRAIN + "sweep: {study: climb, over: {trains.test.rotating: {from: 0.01, to: 0.99, count: 1000}, "
                   "trains.test.load: {from: 1 t, to: 2 t, count: 999999}}}\n")
        self.hostile("sweep", "scenario.yaml", "--plan", statuses=(2, 3))
        self.write(LINE.format(title="x", first="A", second="B").replace("    profile", "    curves: many.csv\n    profile"))
        with open(self.folder / "many.csv", "wb") as table:  # a table that is 10^11 bytes of nothing
            table.truncate(10**11)
        self.hostile("check", "scenario.yaml", err="larger than 64 MiB")
        rows = "".join(f"S{i},{i / 1000:.3f}\n" for i in range(1_200_000 // SLOW))
        self.write("name,km [km]\n" + rows, "many.csv")
        self.write(f"tonnage: 1\nlines: {{id: far, stations: many.csv, profile: [{{km: 0 km, elevation: 0 m}}, "
                   "{km: 1200 km, elevation: 1 m}]}\n")
        self.hostile("check", "scenario.yaml", err="many.csv:10002:", limit_s=10)

    def test_many_objects(self):
        self.write(TRAIN + "wagons: [" + ", ".join(f"{{id: w{i}}}" for i in range(200_000 // SLOW)) + "]\n")
        self.hostile("check", "scenario.yaml", limit_s=5)
        self.write("tonnage: 1\n" + "".join(f"k{i}: 1\n" for i in range(300_000 // SLOW)))
        self.hostile("check", "scenario.yaml", limit_s=5)
        self.write("tonnage: 1\ntitle: [" + "a, " * (5_000_000 // SLOW) + "]\n")
        self.hostile("check", "scenario.yaml", limit_s=10)

    def test_bytes(self):
        r = random.Random(1)
        for size in 0, 1, 2, 100, 100000:
            (self.folder / "scenario.yaml").write_bytes(r.randbytes(size))
            self.hostile("check", "scenario.yaml", err="scenario.yaml:1:")
        for head in b"\xff\xfe", b"\xfe\xff", b"\x00":
            (self.folder / "scenario.yaml").write_bytes(head + TRAIN.encode("utf-16-le"))
            self.hostile("check", "scenario.yaml", err="scenario.yaml:1:")

    def test_terminal(self):
        """No control character of a file reaches the terminal."""
        self.write(TRAIN.replace("title: a train", 'title: x\n"\\e]0;owned\\a\\e[2J": 1'))
        done = self.hostile("check", "scenario.yaml", err="scenario.yaml:3:1: error")
        self.assertNotIn("\033", done.stderr)
        self.assertNotIn("\a", done.stderr)


class Paths(Hostile):
    def include(self, name):
        self.write(f"tonnage: 1\ninclude: [{quoted(name)}]\n")
        return self.hostile("check", "scenario.yaml", err="scenario.yaml:2:")

    def test_outside(self):
        (self.folder / "in").mkdir()
        secret = self.folder / "secret.yaml"
        secret.write_text("secret-word: 1\n")
        os.chdir(self.folder / "in")
        self.addCleanup(os.chdir, ROOT)
        self.folder = self.folder / "in"
        os.symlink(secret, self.folder / "link.yaml")
        os.symlink("/", self.folder / "root")
        for name in "../secret.yaml", str(secret), "link.yaml", "root/etc/passwd", "/etc/passwd", "in/../../secret.yaml", "/dev/zero":
            self.assertNotIn("secret-word", self.include(name).stderr, name)
        done = self.write("tonnage: 1\nlines: {id: a, stations: /etc/passwd}\n", "inner.yaml")
        self.write("tonnage: 1\ninclude: inner.yaml\n")
        done = self.hostile("check", "scenario.yaml", err="inner.yaml:2:")
        self.assertNotIn("root:", done.stderr)

    def test_not_files(self):
        os.mkfifo(self.folder / "pipe.yaml")
        os.symlink("loop.yaml", self.folder / "loop.yaml")
        (self.folder / "folder.yaml").mkdir()
        for name in "pipe.yaml", "loop.yaml", "folder.yaml", "a" * 5000, "", "\n", "a\0b", HARM:
            self.include(name) if "\0" not in name else None

    def test_include_loops(self):
        for i in range(40):
            self.write(f"tonnage: 1\ninclude: [p{(i + 1) % 40}.yaml, p{(i + 7) % 40}.yaml, p{(i + 13) % 40}.yaml]\n", f"p{i}.yaml")
        self.hostile("check", "p0.yaml", err=":2:")
        for i in range(300):
            self.write(f"tonnage: 1\ninclude: q{i + 1}.yaml\n", f"q{i}.yaml")
        self.hostile("check", "q0.yaml", err=":2:")


class Shell(Hostile):
    """Words of the scenario and of a results file, and paths, in all that is written and drawn."""

    def draw(self, *words):
        before = set(os.listdir(self.folder))
        done = self.hostile("plot", *words, statuses=(0,), limit_s=40)
        self.assertNotIn("gnuplot", done.stderr)
        made = [self.folder / name for name in set(os.listdir(self.folder)) - before if name.endswith((".png", ".svg"))]
        self.assertTrue(made)
        for figure in made:
            self.assertIn(figure.read_bytes()[:4], (b"\x89PNG", b"<?xm"), figure)
        return made

    def test_words(self):
        first, second = HARM, "线\u3000" + "".join(chr(c) for c in range(33, 127))
        self.write(LINE.format(title=quoted(HARM), first=quoted(first), second=quoted(second)))
        done = self.hostile("run", "scenario.yaml", "-o", "out.h5", statuses=(0,), limit_s=10)
        self.assertIn("$(touch harm)", done.stdout)
        self.assertGreater(len(self.draw("out.h5")), 3)
        self.hostile("info", "out.h5", statuses=(0,), limit_s=5)
        self.hostile("run", "scenario.yaml", "--json", statuses=(0,), limit_s=10)

    def test_paths(self):
        self.write(LINE.format(title="x", first="A", second="B"))
        for stem in "a'b\"c", "`touch harm`", "$(touch harm)", "| touch harm", "< touch harm", "-", "~", "-h", "a\nb", "a\\b", "%s":
            self.hostile("run", "-o", stem + ".h5", "--study", "climb", "--", "scenario.yaml", statuses=(0,), limit_s=10)
            made = self.draw("-o", stem + ".svg", "--", stem + ".h5", "effort-speed")
            self.assertEqual([figure.name for figure in made], [stem + ".svg"])
            done = self.hostile("plot", "-o", stem + ".svg", "--", stem + ".h5", "effort-speed", statuses=(0,), limit_s=40)
            command = [line for line in done.stdout.splitlines() if line.startswith("gnuplot")]
            self.assertFalse(command, "drawn already")

    def test_command_to_run_again(self):
        """What is printed where gnuplot is missing can be pasted into a shell."""
        self.write(LINE.format(title="x", first="A", second="B"))
        self.hostile("run", "scenario.yaml", "-o", "out.h5", "--study", "climb", statuses=(0,), limit_s=10)
        figure = "a 'b' `touch harm` $(touch harm).svg"
        path, self.environment["PATH"] = self.environment["PATH"], "/nowhere"
        done = self.hostile("plot", "out.h5", "effort-speed", "-o", figure, statuses=(0,), limit_s=10)
        self.environment["PATH"] = path
        command = next(line[line.index("gnuplot -c"):] for line in (done.stdout + done.stderr).splitlines() if "gnuplot -c" in line)
        subprocess.run(["sh", "-c", command], cwd=self.folder, check=True, env=self.environment)
        self.assertTrue((self.folder / figure).exists())
        self.assertFalse((self.folder / "harm").exists())

    def test_results_of_others(self):
        """Every text of a results file is harm."""
        self.write(LINE.format(title="x", first="A", second="B"))
        self.hostile("run", "scenario.yaml", "-o", "out.h5", statuses=(0,), limit_s=10)
        shutil.copy(self.folder / "out.h5", self.folder / "harmful.h5")
        keep = {"study", "source", "Conventions", "units", "CLASS", "NAME", "_Netcdf4Dimid", "calendar", "featureType"}
        with h5py.File(self.folder / "harmful.h5", "r+") as file:
            def harm(path, thing):
                for name, value in thing.attrs.items():
                    if isinstance(value, (str, bytes)) and name not in keep:
                        del thing.attrs[name]
                        thing.attrs.create(name, HARM.encode(), dtype=f"S{len(HARM.encode()) + 1}")
                if isinstance(thing, h5py.Dataset) and h5py.check_string_dtype(thing.dtype) and path.split("/")[-1] not in keep:
                    thing[...] = HARM
            file.visititems(harm)
            harm("/", file)
        self.draw("harmful.h5")
        self.hostile("info", "harmful.h5", statuses=(0,), limit_s=10)


class Damaged(Hostile):
    """Results files that are cut short or have wrong bytes; where all is slow fewer of them, and others."""
    FEWER = 1 if SLOW == 1 else 3

    def setUp(self):
        super().setUp()
        self.write(LINE.format(title="x", first="A", second="B"))
        self.hostile("run", "scenario.yaml", "-o", "out.h5", statuses=(0,), limit_s=10)
        self.whole = (self.folder / "out.h5").read_bytes()
        self.environment["PATH"] = "/nowhere"  # no gnuplot: the scripts are enough

    def look(self, data):
        (self.folder / "bad.h5").write_bytes(data)
        self.hostile("info", "bad.h5", statuses=(0, 4), limit_s=5)
        self.hostile("plot", "bad.h5", statuses=(0, 2, 4), limit_s=5)

    def test_truncated(self):
        for size in sorted({len(self.whole) * k // 40 for k in range(0, 40, self.FEWER)} | {1, 8, 100, 512, len(self.whole) - 1}):
            self.look(self.whole[:size])

    def test_wrong_bytes(self):
        r = random.Random(7 * SLOW)
        for _ in range(60 // self.FEWER):
            data = bytearray(self.whole)
            for _ in range(r.choice([1, 1, 4, 30])):
                data[r.randrange(r.choice([200, 4000, len(data)]))] = r.choice([0, 1, 0x7f, 0x80, 0xff, r.randrange(256)])
            self.look(bytes(data))

    def test_holes(self):
        r = random.Random(8 * SLOW)
        for _ in range(20 // self.FEWER):
            start = r.randrange(len(self.whole))
            self.look(self.whole[:start] + bytes(4096) + self.whole[start + 4096:])

    def test_heaps(self):
        """Zeros in a heap of texts, over which HDF5 would walk for ever."""
        start = self.whole.find(b"GCOL\1\0\0\0")
        self.assertGreater(start, 0)
        for at in 16, 64, 512:
            (self.folder / "bad.h5").write_bytes(self.whole[:start + at] + bytes(1024) + self.whole[start + at + 1024:])
            self.hostile("info", "bad.h5", statuses=(4,), limit_s=5, err="damaged")


if __name__ == "__main__":
    unittest.main()
