# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the Python of the README on the file that ./demo makes: readme.py TONNAGE. Exit 77: xarray or matplotlib is missing."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    try:
        import matplotlib
        import xarray  # noqa: F401
    except ImportError as error:
        print(f"SKIPPED: {error.name} is not installed, so the README's Python is not run", file=sys.stderr)
        return 77
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    assert len(code.strip().splitlines()) <= 5, "the README says it in five lines"
    printed = []
    tonnage = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir("out")
        subprocess.run([tonnage, "sweep", ROOT / "scenarios" / "sweep-capacity.yaml", "-o", "out/sweep-capacity.h5"],
                       check=True)
        exec(compile(code, "README.md", "exec"), {"print": printed.append})
        axes = plt.gca()
        plt.savefig("capacity.png")
        assert os.path.getsize("capacity.png") > 10000
    lines = axes.get_lines()
    assert len(lines) == 7 + bool(axes.get_legend() is None), f"a line for each number of pairs, not {len(lines)}"
    assert "load" in axes.get_xlabel().lower() or "trains.loaded" in axes.get_xlabel(), axes.get_xlabel()
    five, fifty_two = printed[-1]
    assert 31 < five < 34 and 33 < fifty_two < 34, printed
    print("README: Mt a year of 26 pairs with 5,000 and 5,200 t:", five, fifty_two)
    return 0


if __name__ == "__main__":
    sys.exit(main())
