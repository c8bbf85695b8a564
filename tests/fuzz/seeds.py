#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""First inputs for the fuzz targets, from the scenarios and tests of the repository; docs/testing.md tells how the corpus
comes from them.

usage: seeds.py FOLDER [OUT.h5...]   makes FOLDER/csv, FOLDER/displib, FOLDER/import, FOLDER/results, FOLDER/scenario, and a
dictionary for each: FOLDER/csv.dict ..."""
import ast
import json
import re
import string
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SCENARIOS = TESTS.parent / "scenarios"
sys.path.insert(0, str(TESTS / "dispatch"))
import random_networks  # noqa: E402 (beside another test)

NAMED = re.compile(r"[\w./+-]+\.(?:yaml|csv)")
LETTERS = string.ascii_uppercase + string.ascii_lowercase  # the kinds of row of fuzz_csv.c


def flat(name):
    return name.replace("/", "-")


def named_files(text, folder):
    """The files that a text names, where they are."""
    for name in NAMED.findall(text):
        for path in (folder / name, SCENARIOS / name):
            if path.is_file():
                yield name, path
                break


def bundle(path):
    """A scenario and all that it names as one input: no folders, long tables cut."""
    parts, wanted, seen = [], [("", path)], set()
    while wanted:
        name, file = wanted.pop(0)
        if name in seen:
            continue
        seen.add(name)
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        found = list(named_files(text, file.parent))
        for other, _ in found:
            text = text.replace(other, flat(other))
        if file.suffix == ".csv" and len(text) > 4000:
            text = "\n".join(text.split("\n")[:40]) + "\n"
        parts.append((f"%%% {flat(name)}\n" if name else "") + text)
        wanted += found
    return "\n".join(part.rstrip("\n") for part in parts).encode("utf-8", "surrogateescape") + b"\n"


def order(words, files):
    """Files as one input of `import`, behind the words of the command."""
    lines = [*words, *(f"file {name}" for name in files)]
    parts = [f"%%% {name}\n".encode() + data for name, data in files.items()]
    return b"\n".join(["\n".join(lines).encode(), *(part.rstrip(b"\n") for part in parts)]) + b"\n"


def conversions():
    """Inputs of `import` by their names."""
    data = TESTS / "data"
    files = {path.name: path.read_bytes() for folder in ("railjson", "tables", "trainruns") for path in (data / folder).iterdir()}
    for name, text in files.items():
        if name.endswith(".json"):
            files[name] = json.dumps(json.loads(text)).encode()
    for node in ast.parse((TESTS / "convert" / "test_convert.py").read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            files[f"{node.targets[0].id.lower()}.yaml"] = node.value.value.encode()
    for name, words, wanted in (
            ("railtoolkit", [], ["freight.yaml", "slope.yaml"]),
            ("railtoolkit-const", [], ["const.yaml"]),
            ("railtoolkit-made", [], ["path.yaml", "stock.yaml"]),
            ("railjson", ["from West", "to East"], ["infra.json", "stock.json"]),
            ("railjson-via", ["from a:250", "to op.East", "via Middle", "tag GOODS", "mode thermal"], ["infra.json"]),
            ("railjson-back", ["from East", "to South"], ["infra.json"]),
            ("tables", [], ["profile.csv", "stations.csv"]),
            ("day", [], ["day.yaml"]),
            ("run", [], ["run.yaml"])):
        yield name, order(words, {file: files[file] for file in wanted})
    for path in sorted([*SCENARIOS.glob("*.yaml"), *(TESTS / "reader").glob("valid/*.yaml")]):
        yield f"own-{path.stem}", b"file scenario.yaml\n%%% scenario.yaml\n" + bundle(path)
    for path in sorted((TESTS / "reader").glob("valid/**/*.csv")):
        yield f"table-{path.stem}", order([], {path.name: path.read_bytes()})


def put(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def put_dictionary(folder):
    """The words that two inputs have."""
    count = {}
    for path in folder.iterdir():
        for word in set(re.findall(r"[A-Za-z_][\w.-]{2,29}", path.read_text("utf-8", "replace"))):
            count[word] = count.get(word, 0) + 1
    words = sorted(word for word, times in count.items() if times > 1 and word.isascii())
    folder.with_suffix(".dict").write_text("".join(f'"{word}"\n' for word in words))


def groups(path):
    import h5py  # not needed for the other targets
    with h5py.File(path) as file:
        return [name for name, thing in file.items() if isinstance(thing, h5py.Group)] or ["/"]


def main():
    to = Path(sys.argv[1])
    cases = [*(TESTS / "reader").glob("*valid/*.yaml"), *(TESTS / "cases").glob("*/*.yaml")]
    for path in sorted([*SCENARIOS.glob("*.yaml"), *cases]):
        data = bundle(path)
        if len(data) < 60000:
            put(to / "scenario", f"{path.parent.name}-{path.stem}", data)
    for path in sorted([*SCENARIOS.glob("*/*.csv"), *(TESTS / "reader").glob("*valid/**/*.csv")]):
        table = b"\n".join(path.read_bytes().split(b"\n")[:8])
        for letter in LETTERS:
            put(to / "csv", f"{path.stem}-{letter}", letter.encode() + table)
    for name, data in conversions():
        if len(data) < 60000:
            put(to / "import", name, data)
    for seed in range(40):
        problem = random_networks.network(seed)
        events = [{"operation": o, "time": 7 * o, "train": t}
                  for t, train in enumerate(problem["trains"]) for o in range(len(train))]
        solution = {"objective_value": 3, "events": sorted(events, key=lambda e: e["time"])}
        put(to / "displib", f"network-{seed}",
            (json.dumps(problem) + "\n%%% solution.json\n" + json.dumps(solution)).encode())
    for path in sys.argv[2:]:
        for name in groups(path):
            described = subprocess.run([sys.executable, str(TESTS / "fuzz" / "describe.py"), path, name], check=True,
                                       capture_output=True).stdout
            put(to / "results", f"{Path(path).stem}-{name}", described)
    for folder in sorted(path for path in to.iterdir() if path.is_dir()):
        put_dictionary(folder)


if __name__ == "__main__":
    main()
