#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a case: run-case.py TONNAGE FOLDER.

In FOLDER, `tonnage run scenario.yaml --json` runs with the arguments that stand in `cmd` (one a line, optional) added, or,
if the first line of `cmd` is `tonnage`, with these alone. `expect.txt` says what must come out, one a line:

    STUDY.RESULT VALUE [TOLERANCE]   climb.runup[2].time_s 61.3 0.5%     (absolute, or % of VALUE; nothing: exactly)
    STUDY.RESULT TEXT                a text that is equal, quotes or not;  ~"TEXT" one that contains TEXT
    STUDY.LIST[] N                   a list of N rows
    exit N                           the exit status (0 if not given)
    stderr TEXT                      a line on stderr contains TEXT
"""
import json
import re
import subprocess
import sys
from pathlib import Path


def lookup(results, path):
    ids = [r["id"] for r in results if path.startswith(r["id"] + ".")]
    if not ids:
        raise KeyError(f"no study of this name among {[r['id'] for r in results]}")
    study = max(ids, key=len)
    value = next(r for r in results if r["id"] == study)
    for part in path[len(study) + 1:].split("."):
        name, *indices = re.findall(r"[^\[\]]+|\[\]", part)
        if name not in value:
            raise KeyError(f"no '{name}' among {sorted(value)}")
        value = value[name]
        for index in indices:
            value = len(value) if index == "[]" else value[int(index)]
    return value


def number_problem(got, want, tolerance):
    if got is None:
        return f"no value, expected {want:g}"
    if isinstance(got, str) or isinstance(got, (list, dict)):
        return f"{got!r} is no number, expected {want:g}"
    allowed = 0.0
    if tolerance:
        percent = tolerance.endswith("%")
        allowed = float(tolerance.rstrip("%")) * (abs(want) / 100 if percent else 1)
    if abs(got - want) <= allowed:
        return None
    return f"{got:.10g}, expected {want:.10g} within {allowed:.3g} (off by {got - want:+.3g})"


def value_problem(got, text):
    if text.startswith(('"', '~"')):
        want = json.loads(text.lstrip("~"))
        good = want in str(got) if text.startswith("~") else got == want
        return None if good else f"{got!r}, expected {text}"
    if isinstance(got, str):
        return None if got == text else f"{got!r}, expected {text!r}"
    want, _, tolerance = text.partition(" ")
    constants = {"true": True, "false": False, "null": None}
    if want in constants:
        return None if got is constants[want] else f"{got!r}, expected {want}"
    return number_problem(got, float(want), tolerance.strip())


def run(tonnage, folder):
    words = []
    if (folder / "cmd").exists():
        words = [line for line in (folder / "cmd").read_text().splitlines() if line]
    if words[:1] == ["tonnage"]:
        words = words[1:]
    else:
        words = ["run", "scenario.yaml", "--json", *words]
    return subprocess.run([tonnage, *words], cwd=folder, capture_output=True, text=True, timeout=300)


def problems_of(done, expectations):
    exit_status, results, problems = 0, None, []
    for line in expectations:
        key, _, rest = line.partition(" ")
        rest = rest.strip()
        if key == "exit":
            exit_status = int(rest)
        elif key == "stderr":
            if rest not in done.stderr:
                problems.append(f"stderr lacks: {rest}")
        else:
            try:
                results = json.loads(done.stdout)["results"] if results is None else results
                problem = value_problem(lookup(results, key), rest)
            except (KeyError, IndexError, ValueError) as error:
                problem = str(error)
            if problem:
                problems.append(f"{key}: {problem}")
    if done.returncode != exit_status:
        problems.append(f"exit status {done.returncode}, expected {exit_status}")
    return problems


def main():
    tonnage, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    lines = (folder / "expect.txt").read_text().splitlines()
    expectations = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not expectations:
        sys.exit("expect.txt expects nothing")
    done = run(tonnage, folder)
    problems = problems_of(done, expectations)
    for problem in problems:
        print(problem)
    if problems:
        print("stderr was:\n" + done.stderr)
        sys.exit(1)
    print(f"{len(expectations)} expectations met")


if __name__ == "__main__":
    main()
