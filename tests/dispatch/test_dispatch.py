#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb `dispatch` as a shell sees it: test_dispatch.py TONNAGE."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TONNAGE = Path(sys.argv.pop(1)).resolve()

OPERATION = {"min_duration": 5, "resources": [{"resource": "a"}], "successors": [1]}
EXIT = {"min_duration": 0, "successors": []}
DELAY = {"type": "op_delay", "train": 0, "operation": 1, "threshold": 0, "coeff": 1}
PAIR = {"trains": [[OPERATION, EXIT], [OPERATION, EXIT]], "objective": [DELAY, {**DELAY, "train": 1}]}


def one(operation=None, exit=None, delay=None):
    return {"trains": [[{**OPERATION, **(operation or {})}, {**EXIT, **(exit or {})}]],
            "objective": [{**DELAY, **(delay or {})}]}


def less(row, key):
    return {k: v for k, v in row.items() if k != key}


# What is wrong with a file, and what must be said of it.
INVALID = [
    ("", "1:1: error: the file is empty"),
    ("{", "error: not JSON"),
    ('{"trains": [}', "1:13: error: not JSON"),
    ("[]", "1:1: error: a problem must be an object"),
    ("{}", "the problem has no 'trains'"),
    ('{"trains": []}', "the problem has no 'objective'"),
    ('{"trains": {}, "objective": []}', "1:12: error: trains must be a list"),
    ('{"trains": [],\n "trains": [], "objective": []}', "2:2: error: key 'trains' is here twice"),
    ('{"trains": [&t [{"min_duration": 0, "successors": []}], *t, *t, *t, *t, *t, *t, *t, *t, *t, *t, *t, *t, *t, *t],'
     ' "objective": []}', "aliases are not allowed"),
    ({"trains": [{}], "objective": []}, "a train must be a list"),
    ({"trains": [[]], "objective": []}, "train 0 has no operations"),
    ({"trains": [[5]], "objective": []}, "an operation must be an object"),
    ({"trains": [[less(OPERATION, "min_duration"), EXIT]], "objective": []}, "an operation has no 'min_duration'"),
    ({"trains": [[less(OPERATION, "successors"), EXIT]], "objective": []}, "an operation has no 'successors'"),
    (one({"min_duration": -5}), "'min_duration' is -5, but goes from 0 to 1000000000"),
    (one({"min_duration": 2.5}), "'min_duration' must be a whole number"),
    (one({"min_duration": "5"}), "'min_duration' must be a whole number"),
    (one({"min_duration": 10**30}), "'min_duration' is 1000000"),
    (one({"start_lb": 9, "start_ub": 8}), "operation 0: its latest start 8 is before its earliest 9"),
    (one({"successors": [2]}), "successor 2, but the train has operations 0 to 1"),
    (one({"successors": [0]}), "its successor 0 does not come after it"),
    (one({"successors": []}), "no successors, and it is not the last"),
    (one({"resources": [{"release_time": 3}]}), "a use of a resource needs its name"),
    (one({"resources": [{"resource": "a", "relase_time": 3}]}), "did you mean 'release_time'?"),
    (one({"resources": [{"resource": "a", "release_time": -3}]}), "'release_time' is -3"),
    (one(delay={"train": 1}), "delay 0: no train 1; there are 1"),
    (one(delay={"operation": 7}), "delay 0: train 0 has no operation 7"),
    (one(delay={"type": "other"}), "a part of the objective of another type"),
    (one(delay={"coeff": -1}), "'coeff' is -1"),
    ({"trains": [[{**OPERATION, "min_duration": 10**9, "successors": [i + 1]} for i in range(1200)] + [EXIT]],
      "objective": []}, "the times of all operations sum up to too much"),
]


class Dispatch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, what, name="problem.json"):
        (self.folder / name).write_text(what if isinstance(what, str) else json.dumps(what))

    def expect(self, status, *words, err="", out=""):
        done = subprocess.run([TONNAGE, "dispatch", *words], capture_output=True, text=True, timeout=120,
                              cwd=self.folder)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        self.assertIn(err, done.stderr)
        self.assertIn(out, done.stdout)
        return done

    def test_invalid(self):
        for text, said in INVALID:
            with self.subTest(said=said):
                self.write(text)
                done = self.expect(3, "problem.json", "-o", "out.json", "-n", "10", err=said)
                self.assertRegex(done.stderr, r"^problem\.json:\d+:\d+: error: ")
                self.assertEqual([p.name for p in self.folder.iterdir()], ["problem.json"])

    def test_solve_and_verify(self):
        self.write(PAIR)
        self.expect(0, "problem.json", "-o", "out.json", "-n", "100", out="objective 15")
        solution = json.loads((self.folder / "out.json").read_text())
        self.assertEqual(solution["objective_value"], 15)
        self.assertEqual(sorted(e["time"] for e in solution["events"]), [0, 5, 5, 10])
        self.expect(0, "--verify", "problem.json", "out.json", out="feasible, objective 15")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["out.json", "problem.json"])

    def test_wrong_solutions(self):
        self.write(PAIR)
        events = [{"time": 0, "train": 0, "operation": 0}, {"time": 5, "train": 0, "operation": 1},
                  {"time": 5, "train": 1, "operation": 0}, {"time": 10, "train": 1, "operation": 1}]
        self.write({"events": events}, "out.json")
        self.expect(0, "--verify", "problem.json", "out.json", out="feasible, objective 15")
        self.write({"events": events, "objective_value": 14}, "out.json")
        self.expect(1, "--verify", "problem.json", "out.json", err="the objective is 15, not 14")
        self.write({"events": [events[0], events[2], events[1], events[3]]}, "out.json")
        self.expect(1, "--verify", "problem.json", "out.json", out="not feasible",
                    err="train 1, operation 0 takes a at 5, while train 0 has it in operation 0")
        self.write({"events": events[:3]}, "out.json")
        self.expect(1, "--verify", "problem.json", "out.json", err="train 1 ends in operation 0, not in its exit")
        self.write({"events": [{"time": 0, "train": 0}]}, "out.json")
        self.expect(3, "--verify", "problem.json", "out.json", err="out.json:1:13: error: an event has no 'operation'")

    def test_no_solution(self):
        self.write({"trains": [[{**OPERATION, "start_ub": 0}, EXIT]] * 2, "objective": []})
        self.expect(1, "problem.json", "-o", "out.json", "-n", "10", out="there is no solution")
        self.assertFalse((self.folder / "out.json").exists())

    def test_usage(self):
        self.write(PAIR)
        for words, said in [(["problem.json"], "no place for the solution given"),
                            (["--verify", "problem.json"], "--verify needs a problem and a solution"),
                            (["problem.json", "-o", "o", "-t", "0"], "--time-limit needs a time"),
                            (["problem.json", "-o", "o", "-t", "5 miles"], "--time-limit needs a time"),
                            (["problem.json", "-o", "o", "-n", "0"], "--iterations needs a whole number"),
                            (["problem.json", "-o", "o", "-j", "2000"], "--threads goes up to 1024"),
                            (["problem.json", "-o", "problem.json"], "would replace the problem")]:
            self.expect(2, *words, err=said)
        self.assertTrue(self.expect(0, "--help").stdout.startswith("Examples:"))

    def test_files(self):
        self.write(PAIR)
        self.expect(4, "missing", "-o", "out.json", err="cannot read missing")
        self.expect(4, ".", "-o", "out.json", err="cannot read .")
        self.expect(4, "problem.json", "-o", "none/out.json", "-n", "10", err="cannot write 'none/out.json'")
        self.expect(4, "problem.json", "-o", ".", "-n", "10", err="it is a folder")

    def test_time_limit(self):
        self.write(PAIR)
        start = time.monotonic()
        self.expect(0, "problem.json", "-o", "out.json", "--time-limit", "0.5 s")
        self.assertLess(time.monotonic() - start, 20)

    def test_interrupt(self):
        self.write(PAIR)
        run = subprocess.Popen([TONNAGE, "dispatch", "problem.json", "-o", "out.json"], cwd=self.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130)
        self.assertIn("the best solution so far is written", err)
        self.expect(0, "--verify", "problem.json", "out.json", out="objective 15")


if __name__ == "__main__":
    unittest.main()
