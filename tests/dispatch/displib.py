#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiny problems of DISPLIB, as their names say: displib.py TONNAGE.

The data carry no licence and are not part of the project: TONNAGE_DISPLIB names the folder in which they lie."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

EXPECTED = {"headway1": 34, "swapping1": 30, "swapping2": 15, "infeasible1": None, "infeasible2": None}


def main():
    folder = os.environ.get("TONNAGE_DISPLIB")
    if not folder:
        print("SKIPPED: TONNAGE_DISPLIB is not set. To check the problems of DISPLIB, name the folder of its JSON files.")
        sys.exit(77)
    tonnage, bad = Path(sys.argv[1]).resolve(), 0
    for name, objective in EXPECTED.items():
        found = sorted(Path(folder).rglob(f"displib_testinstances_{name}.json"))
        if not found:
            sys.exit(f"{folder} holds no displib_testinstances_{name}.json")
        with tempfile.TemporaryDirectory() as out:
            path = Path(out) / "solution.json"
            done = subprocess.run([tonnage, "dispatch", found[0], "-o", path, "-n", "2000"], capture_output=True, text=True,
                                  timeout=120)
            good = done.returncode == (1 if objective is None else 0) and path.exists() == (objective is not None)
            if good and objective is not None:
                judged = subprocess.run([tonnage, "dispatch", "--verify", found[0], path], capture_output=True, text=True)
                good = judged.returncode == 0 and f"feasible, objective {objective}\n" in judged.stdout
            print(f"{name}: {'ok' if good else 'WRONG'}: {done.stdout.strip()}{done.stderr.strip()}")
            bad += not good
        for solution in sorted(Path(folder).rglob(f"displib_solution_testinstances_{name}.json")):
            judged = subprocess.run([tonnage, "dispatch", "--verify", found[0], solution], capture_output=True, text=True)
            print(f"{solution.name}: {judged.stdout.strip()}{judged.stderr.strip()}")
            bad += judged.returncode != 0
    sys.exit(bad)


if __name__ == "__main__":
    main()
