#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenario files with mistakes, made from the shipped ones and from those of the tests: `tonnage check` takes under 2 s (of
its own; others may share the machine), never crashes, and says of each bad one at least one FILE:LINE:COL: error with exit status 3. What it calls good is also run.

usage: mutated.py TONNAGE [FIRST_SEED [COUNT [KEEP]]]; a file that breaks this is left in the folder KEEP (.) as mutated-SEED/"""
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SCENARIOS = TESTS.parent / "scenarios"
SLOW = int(os.environ.get("TONNAGE_TEST_SLOW", "1"))  # so many times slower than as built for use
CHECK_S, RUN_S, WAIT = 2 * SLOW, 20 * SLOW, 20  # seconds of processor; the wait for them may be so many times as long
PLACE = re.compile(rb"^\S[^\n]*?:[1-9]\d*:[1-9]\d*: error: \S", re.M)
NUMBERS = ["0", "-1", "1e308", "1e-320", "nan", "inf", "999999999999999999999", "0x10", "1,5", "1e", "-0", ".", "1000000000"]
UNITS = ["t", "kg", "kN", "km/h", "permil", "m", "km", "min", "s", "degC", "K", "kPa", "1", "mm", "", "furlong", "%"]
TEXTS = ["", "~", "null", "true", "[]", "{}", "[[[[", "}", "&a b", "*a", "!!int 3", "<<: *a", "'", '"', "|", ">", "- -", "? a", "#",
         "$(touch x)", "`touch x`", "%s%n", "\\", "\t", "\r", "\0", "\ufeff", "\u2028", "é", "青藏", "a" * 5000]


def with_named(path):
    """{file: bytes} of a scenario, then of the smaller files that it and they name; paths from the scenario's folder."""
    files, wanted = {}, [path]
    while wanted:
        file = wanted.pop(0)
        files[str(file.relative_to(path.parent))] = data = file.read_bytes()
        for name in re.findall(r"[\w./+-]+\.(?:csv|yaml)", data.decode("utf-8", "replace")):
            near = file.parent / name
            if ".." not in name and near.is_file() and near.stat().st_size < 20000 and \
                    near not in wanted and str(near.relative_to(path.parent)) not in files:
                wanted.append(near)
    return files


def bases():
    """Scenarios in which nothing is wrong, each with the files beside it: [(path, {file: bytes})]."""
    paths = [*SCENARIOS.glob("*.yaml"), *(TESTS / "cases").glob("*/*.yaml"), *(TESTS / "reader" / "valid").glob("*.yaml")]
    return [(path, with_named(path)) for path in sorted(paths) if not path.parent.name.endswith("refused")]


def other_number(r, match):
    return r.choice([r.choice(NUMBERS), match.group() + r.choice("0123456789"), "-" + match.group(), match.group()[:-1] or "7",
                     str(r.uniform(-1e6, 1e6))])


def at(r, text, pattern, make):
    """One match of the pattern made into something else."""
    matches = list(re.finditer(pattern, text))
    if not matches:
        return text
    match = r.choice(matches)
    return text[:match.start()] + make(match) + text[match.end():]


def typo(r, word):
    i = r.randrange(len(word))
    return r.choice([word[:i] + word[i + 1:], word[:i] + word[i] + word[i:], word[:i] + r.choice("abcxyz_-9") + word[i + 1:],
                     word.upper(), word[::-1]])


def lines_changed(r, text):
    lines = text.split("\n")
    i, j = sorted((r.randrange(len(lines)), min(len(lines) - 1, r.randrange(len(lines)))))
    return "\n".join(r.choice([
        lines[:i] + lines[i + 1:],
        lines[:i] + [lines[i]] + lines[i:],
        lines[:i] + lines[j:j + 1] + lines[i + 1:j] + lines[i:i + 1] + lines[j + 1:],
        lines[:i] + lines[j:],
        lines[:i] + [r.choice(["  ", " ", "\t"]) + lines[i]] + lines[i + 1:],
        lines[:i] + [lines[i].lstrip()] + lines[i + 1:],
        lines[:i] + [lines[i] * r.choice([2, 3, 50])] + lines[i + 1:],
    ]))


def cut(r, text):
    i = r.randrange(len(text) + 1)
    return r.choice([text[:i], text[i:], text[:i] + r.choice(TEXTS) + text[i:], text[:i] + text[i + 1:],
                     text[:i] + chr(r.randrange(1, 0x2fff)) + text[i:]])


def nested(r, text):
    depth = r.choice([5, 31, 32, 33, 100, 5000])
    return at(r, text, r"(?<=: )[^\n,{}\[\]]+", lambda m: r.choice(["[" * depth, "[" * depth + "]" * depth, "{a: " * depth + "}" * depth]))


MUTATIONS = [
    lines_changed, cut, nested,
    lambda r, text: at(r, text, r"-?\d+\.?\d*", lambda m: other_number(r, m)),
    lambda r, text: at(r, text, r"-?\d+\.?\d*", lambda m: other_number(r, m)),
    lambda r, text: at(r, text, r"(?<=\d )[a-zA-Z/0-9]+", lambda m: r.choice(UNITS)),
    lambda r, text: at(r, text, r"[a-z_]{2,}(?=:)", lambda m: typo(r, m.group())),
    lambda r, text: at(r, text, r"[A-Za-z_][\w.-]+", lambda m: typo(r, m.group())),
    lambda r, text: at(r, text, r"(?<=: )[^\n,{}\[\]]+", lambda m: r.choice(TEXTS)),
    lambda r, text: at(r, text, r"(?<=: )[^\n,{}\[\]]+", lambda m: r.choice(re.findall(r"(?<=: )[^\n,{}\[\]]+", text))),
]


def mutate(r, data):
    text = data.decode("utf-8", "surrogateescape")
    for _ in range(r.choice([1, 1, 1, 2, 3, 8])):
        text = r.choice(MUTATIONS)(r, text)[:400000] or "\n"
    data = text.encode("utf-8", "surrogatepass" if r.random() < 0.02 else "replace")
    if r.random() < 0.05:
        i = r.randrange(len(data) + 1)
        data = data[:i] + r.randbytes(r.choice([1, 2, 8])) + data[i:]
    return data


def command(words, folder, limit_s):
    """(what is wrong or None, exit status, stderr)"""
    def bound():
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=limit_s * WAIT, preexec_fn=bound,
                              env={"TONNAGE_PATH": f"{SCENARIOS}:{TESTS / 'data'}", "PATH": "/nonexistent", "LC_ALL": "C.UTF-8"})
    except subprocess.TimeoutExpired:
        return f"over {limit_s * WAIT} s", None, b""
    if done.returncode == -signal.SIGXCPU:
        return f"over {limit_s} s", None, done.stderr
    if done.returncode < 0 or done.returncode >= 70:
        return f"status {done.returncode}", done.returncode, done.stderr
    return None, done.returncode, done.stderr


def try_one(tonnage, seed, found, folder):
    """(what is wrong or None, what came of it)"""
    r = random.Random(seed)
    path, files = r.choice(found)
    victim = r.choice([path.name, path.name, *files])
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(mutate(r, data) if name == victim else data)
    wrong, status, words = command([tonnage, "check", path.name], folder, CHECK_S)
    if wrong:
        return f"check: {wrong}: {words[:300]!r}", "broken"
    if status == 3:
        return (None, "bad") if PLACE.search(words) else (f"no FILE:LINE:COL: error: {words[:300]!r}", "bad")
    if status != 0:
        return f"check: status {status}: {words[:300]!r}", "broken"
    if seed % 4:
        return None, "good"
    wrong, status, words = command([tonnage, "run", path.name], folder, RUN_S)
    if status not in (0, 1, 3, 5, None):
        return f"run: {wrong or f'status {status}'}: {words[:300]!r}", "broken"
    return None, "unfinished" if wrong else "run"


def main():
    tonnage = str(Path(sys.argv[1]).resolve())
    first, count = (int(word) for word in (sys.argv[2:4] + ["1", "300"][len(sys.argv[2:4]):]))
    keep = Path(sys.argv[4] if len(sys.argv) > 4 else ".")
    found, failures, came = bases(), 0, {}
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory(prefix="tonnage-mutated-") as folder:
            wrong, what = try_one(tonnage, seed, found, Path(folder))
            came[what] = came.get(what, 0) + 1
            if wrong:
                failures += 1
                print(f"seed {seed}: {wrong}", flush=True)
                shutil.copytree(folder, keep / f"mutated-{seed}", dirs_exist_ok=True)
    print(f"{count} files:", ", ".join(f"{n} {what}" for what, n in sorted(came.items())), f"; {failures} failures")
    return failures > 0 or came.get("bad", 0) < count // 2


if __name__ == "__main__":
    sys.exit(main())
