#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of results files: test_report.py TONNAGE [Page|Every|Browser ...]. Browser opens pages in headless Chromium; 77 if it
cannot be started."""
import collections
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import html5lib
import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command import environment  # noqa: E402

TONNAGE = Path(sys.argv.pop(1)).resolve()
ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
CASES = ROOT / "tests" / "cases"

TITLE = """<script>alert(1)</script> & 'single' "double" `touch pwned` $(touch pwned) <!-- ]]> 若羌 &amp;"""

SCENARIO = r"""tonnage: 1
title: "<script>alert(1)</script> & 'single' \"double\" `touch pwned` $(touch pwned) <!-- ]]> 若羌 &amp;"
include: [lines/golmud-korla.yaml, stock/locomotives.yaml, stock/wagons.yaml]
line: {id: golmud-korla, phase: 2024}
trains:
  - id: loaded
    locomotives: {type: HXD1-25t, count: 2}
    wagons: {type: C70, load: 5200 t}
    limit: 80 km/h
    rotating: 0.06
    adhesion: curve
    brake: {deceleration: 0.3 m/s2}
    notes:
      - {value: "</td><b onclick='alert(2)'>", confidence: assumed, source: "<img src=x onerror=alert(3)>"}
studies:
  - {id: climb, kind: start, train: loaded, grade: 16 permil}
  - {id: hold, kind: descent, train: loaded, grade: -16 permil}
  - {id: trip, kind: run, train: loaded, from: Ruoqiang, to: Huatugou}
  - {id: heaviest, kind: rating, train: loaded, grade: 16 permil}
  - id: day
    kind: timetable
    from: Golmud South
    to: Korla
    loaded: up
    classes: {id: freight, train: loaded, pairs: 6}
    windows: {begin: 12 h, duration: 90 min}
  - id: days
    kind: simulation
    from: Golmud South
    to: Korla
    loaded: up
    classes: {id: freight, train: loaded, pairs: 12}
    days: 3
    disturbances:
      entry: {law: exponential, mean: 20 min}
"""


class Results:
    """Results files, each made once."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        self.environment = environment(HOME=str(self.folder), TONNAGE_PATH=f"{SCENARIOS}:{ROOT / 'tests' / 'data'}")

    def tonnage(self, *words, **environment):
        return subprocess.run([TONNAGE, *words], capture_output=True, text=True, timeout=400, cwd=self.folder,
                              env={**self.environment, **environment})

    def need(self, name):
        path = self.folder / f"{name}.h5"
        if path.exists():
            return path
        if name == "all":
            scenario = self.folder / "all.yaml"
            scenario.write_text(SCENARIO)
            words = "run", scenario
        elif name.startswith("sweep"):
            words = "sweep", SCENARIOS / "sweep-capacity.yaml"
        else:
            words = "run", CASES / name / "scenario.yaml"
        done = self.tonnage(*words, "-o", path.name)
        if done.returncode > 1:  # a study whose answer is no ends with 1
            raise AssertionError(done.stderr)
        return path

    def page(self, name):
        path = self.folder / f"{name}.html"
        if not path.exists():
            done = self.tonnage("report", self.need(name), "-o", path.name)
            if done.returncode or done.stderr:
                raise AssertionError(f"{name}: {done.stderr}")
        return path


results = Results()
KINDS = ["all", "sweep-capacity", "restart-2xhxd1-25t", "replay-coast", "capacity-ru-2", "stop-service", "cycle-map"]


class Page(unittest.TestCase):
    def test_valid(self):
        for name in KINDS:
            with self.subTest(name):
                text = results.page(name).read_text(encoding="utf-8")
                parser = html5lib.HTMLParser()
                parser.parse(text)
                self.assertEqual(parser.errors, [])
                ids = collections.Counter(re.findall(r"\sid=[\"']([^\"']*)", text))
                self.assertEqual([key for key, count in ids.items() if count > 1], [])
                for link in re.findall(r"(?:href|src)=[\"']([^\"']*)", text):
                    self.assertRegex(link, r"^(#|data:,$)")
                    if link.startswith("#"):
                        self.assertIn(link[1:], ids)

    def test_whole(self):
        """Each study has its verdict and its numbers; scenario, inputs and what the results rest on are there."""
        with h5py.File(results.need("all")) as file:
            studies = {name: group.attrs["verdict"].decode() for name, group in file.items() if "study" in group.attrs}
            rests = {text.decode() for name in studies for text in file[name]["assumptions_text"][:]}
            sums = [text.decode() for text in file["provenance/input_sha256"][:]]
            scenario = file["provenance/scenario_text"][()].decode()
        tree = html5lib.parse(results.page("all").read_text(encoding="utf-8"), namespaceHTMLElements=False)
        text = "".join(tree.itertext())
        self.assertEqual(len(studies), 6)
        for name, verdict in studies.items():
            self.assertIn(verdict, text)
            self.assertIn(f"{name} ", text)
        for words in rests:
            self.assertIn(re.sub(r" \((published|derived|estimate|assumed)\)$", "", words), text)
        for words in sums:
            self.assertIn(words, text)
        self.assertEqual(tree.find(".//pre").text, scenario)
        for words in "largest load that would start7,", "assumed", "estimate", "derived", "confidence":
            self.assertIn(words, text)

    def test_hostile(self):
        """Nothing that a user wrote is markup, script or command."""
        text = results.page("all").read_text(encoding="utf-8")
        tree = html5lib.parse(text, namespaceHTMLElements=False)
        self.assertEqual(tree.find(".//h1").text, TITLE)
        self.assertEqual(tree.find(".//title").text, TITLE)
        for tag in "img", "iframe", "object", "b[@onclick]":
            self.assertIsNone(tree.find(f".//{tag}"))
        scripts = [element for element in tree.iter("script") if element.get("type") != "application/json"]
        self.assertEqual(len(scripts), 1)
        for element in tree.iter("script"):
            if element.get("type") == "application/json":
                json.loads(element.text)
        self.assertFalse((results.folder / "pwned").exists())

    def test_crafted(self):
        """A file of other making may hold any text anywhere."""
        crafted = results.folder / "crafted.h5"
        crafted.write_bytes(results.need("all").read_bytes())
        words = "</p><script>alert(1)</script>\x01\x07 \"'`$(touch pwned)` \u202e"
        with h5py.File(crafted, "r+") as file:
            for name in "climb", "trip", "day":
                for key in "id", "verdict", "train", "title":
                    file[name].attrs[key] = numpy.bytes_(words.encode() + b"\xff\xfe")
            for name in "trip/stations_name", "day/stations_name", "day/paths_train", "climb/assumptions_text":
                rows = file[name]
                rows[...] = numpy.array([words] * rows.shape[0], dtype=object)
        done = results.tonnage("report", crafted.name, "-o", "crafted.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (results.folder / "crafted.html").read_text(encoding="utf-8")
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(text)
        self.assertEqual(parser.errors, [])
        self.assertEqual(len([e for e in tree.iter("script") if e.get("type") != "application/json"]), 1)
        self.assertFalse((results.folder / "pwned").exists())

    def test_same_bytes(self):
        results.need("replay-coast")
        pages = []
        for name in "first.html", "again.html":
            done = results.tonnage("report", "replay-coast.h5", "-o", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            pages.append((results.folder / name).read_bytes())
        self.assertEqual(*pages)

    def test_beside_the_file(self):
        results.need("replay-coast")
        done = results.tonnage("report", "replay-coast.h5")
        self.assertEqual((done.returncode, done.stdout), (0, "replay-coast.html\n"))
        (results.folder / "replay-coast.html").unlink()

    def test_odd_names(self):
        data = results.need("replay-coast").read_bytes()
        for name in "a 'b' $(touch pwned) `touch pwned`.h5", "|touch pwned;.h5", "-x<y>.h5":
            (results.folder / name).write_bytes(data)
            done = results.tonnage("report", "--", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            page = (results.folder / name).with_suffix(".html")
            self.assertIn(html.escape(name).replace("&#x27;", "&#39;"), page.read_text(encoding="utf-8"))
            self.assertFalse((results.folder / "pwned").exists())

    def test_without_gnuplot(self):
        results.need("replay-coast")
        done = results.tonnage("report", "replay-coast.h5", "-o", "bare.html", PATH="/nowhere")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("gnuplot is not installed"), 1)
        tree = html5lib.parse((results.folder / "bare.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
        self.assertIsNone(tree.find(".//figure"))
        self.assertIn("Numbers", [element.text for element in tree.iter("h3")])

    def test_refused(self):
        (results.folder / "none.h5").write_text("nothing of ours")
        for words in ["report", "none.h5"], ["report", "missing.h5"], ["report", results.need("replay-coast"), "-o", "no/x.html"]:
            done = results.tonnage(*words)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertTrue(done.stderr)
        self.assertEqual(results.tonnage("report", "x.h5", "-o", "x.h5").returncode, 2)
        self.assertFalse(list(results.folder.glob("*.part")))


class Every(unittest.TestCase):
    """A file of every kind (tests/reading/every_file.py made them, in the folder TONNAGE_FILES)."""

    def test_valid(self):
        chosen = {}
        for path in sorted(Path(os.environ["TONNAGE_FILES"]).glob("*.h5"), key=lambda path: path.stat().st_size):
            with h5py.File(path) as file:
                kinds = {group.attrs.get("study") for group in file.values()} | {file.attrs.get("sweep") and path.stem}
            for kind in kinds - {None}:
                chosen.setdefault(kind, path)
        self.assertGreater(len(chosen), 13)  # the kinds of study, and sweeps
        for path in sorted(set(chosen.values())):
            with self.subTest(path.name):
                done = results.tonnage("report", path, "-o", "every.html")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                text = (results.folder / "every.html").read_text(encoding="utf-8")
                parser = html5lib.HTMLParser()
                parser.parse(text)
                self.assertEqual(parser.errors, [])
                with h5py.File(path) as file:
                    for name, group in file.items():
                        if "study" in group.attrs:
                            self.assertIn(html.escape(group.attrs["verdict"].decode(), quote=False),
                                          text.replace("&#39;", "'").replace("&quot;", '"'))


def browser():
    """Chromium, or the reason why there is none."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        options = webdriver.ChromeOptions()
        for word in "headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1100,900":
            options.add_argument(f"--{word}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options), None
    except Exception as reason:  # whatever it is, the page cannot be opened here
        return None, reason


# Points at a share of a graph's width and height; returns what the page then says, and where in the graph that was.
POINT = """
const figure = [...document.querySelectorAll('figure.plot')].find(f => f.textContent.includes(arguments[0]));
const svg = figure.querySelector('svg'), panel = JSON.parse(figure.querySelector('script').textContent).panels[arguments[1]];
figure.scrollIntoView();
const at = panel.at, x = at[0] + arguments[2] * (at[1] - at[0]), y = at[2] + arguments[3] * (at[3] - at[2]);
const place = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
svg.dispatchEvent(new PointerEvent('pointermove', {clientX: place.x, clientY: place.y, pointerType: 'mouse', bubbles: true}));
const tip = figure.querySelector('.tip');
return tip.hidden ? null : [...tip.children].map(line => [...line.children].map(part => part.textContent));
"""
KEYS = """
const svg = document.querySelector('figure.plot svg'), read = [];
for (const key of ['ArrowRight', 'ArrowRight', 'PageDown', 'ArrowLeft', 'Escape']) {
  svg.dispatchEvent(new KeyboardEvent('keydown', {key: key}));
  const tip = svg.closest('figure').querySelector('.tip');
  read.push(tip.hidden ? null : tip.children[0].children[1].textContent);
}
return read;
"""


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chromium, reason = browser()
        if not cls.chromium:
            print(f"SKIPPED: Chromium cannot be started, no page was opened: {reason}", flush=True)
            os._exit(77)
        cls.addClassCleanup(cls.chromium.quit)

    def open(self, name):
        self.chromium.get(results.page(name).as_uri())
        return self.chromium

    def read(self, *words):
        lines = self.chromium.execute_script(POINT, *words)
        self.assertIsNotNone(lines, words)
        numbers = {line[0]: float(re.sub(r"[^0-9.eE+-].*", "", line[1].replace(",", ""))) for line in lines if len(line) > 1}
        return (lines[0][0] if len(lines[0]) == 1 else None), numbers

    def test_console(self):
        for name in KINDS:
            with self.subTest(name):
                page = self.open(name)
                self.assertEqual(page.get_log("browser"), [])
                self.assertEqual(page.execute_script("return performance.getEntriesByType('resource').length"), 0)
                figures = page.execute_script("return document.querySelectorAll('figure.plot').length")
                readable = page.execute_script("return document.querySelectorAll('figure.plot.read').length")
                self.assertEqual(readable, figures)

    def test_effort(self):
        """What the page reads off a curve is the row of the file."""
        with h5py.File(results.need("all")) as file:
            group = file["climb"]
            speed = group["effort_speed_m_s"][:] * 3.6
            traction, resistance = group["effort_traction_N"][:] / 1e3, group["effort_resistance_N"][:] / 1e3
        self.open("all")
        for share in 0.25, 0.5, 0.8:
            _, numbers = self.read("Effort and resistance", 0, share, 0.5)
            row = numpy.argmin(abs(speed - share * speed[-1]))
            self.assertAlmostEqual(numbers["speed"], speed[row], delta=0.006 * speed[row])
            self.assertAlmostEqual(numbers["traction"], traction[row], delta=0.006 * traction[row])
            self.assertAlmostEqual(numbers["on the grade"], resistance[row], delta=0.006 * resistance[row])

    def test_run(self):
        """Speed, limit, grade and section where the pointer is, whichever graph it is in."""
        with h5py.File(results.need("all")) as file:
            km, distance = file["trip/trace_km_m"][:], file["trip/trace_distance_m"][:]
            speed, limit, elevation = (file[f"trip/trace_{name}"][:] for name in ("speed_m_s", "limit_m_s", "elevation_m"))
        self.open("all")
        for panel in 0, 1, 2:
            note, numbers = self.read("speed, effort and elevation", panel, 0.4, 0.3)
            row = numpy.argmin(abs(km - (km[0] + 0.4 * (km[-1] - km[0]))))
            self.assertIn(" to ", note)
            self.assertAlmostEqual(numbers["km"], km[row] / 1e3, delta=0.02)
            self.assertAlmostEqual(numbers["speed"], speed[row] * 3.6, delta=0.1)
            self.assertAlmostEqual(numbers["limit"], limit[row] * 3.6, delta=0.1)
            self.assertAlmostEqual(numbers["elevation"], elevation[row], delta=1)
            before = numpy.flatnonzero(distance[row] - distance >= 20)[-1]
            grade = 1e3 * (elevation[row] - elevation[before]) / (distance[row] - distance[before])
            self.assertAlmostEqual(numbers["grade"], grade, delta=0.1)

    def test_string_line(self):
        """Train, station and time of the nearest stop."""
        with h5py.File(results.need("all")) as file:
            paths = {name: file[f"day/paths_{name}"][:] for name in ("train", "station", "arrival_s", "km_m")}
        self.open("all")
        note, numbers = self.read("String-line diagram", 0, 0.5, 0.5)
        train, rest = note.split(": ", 1)
        station, clock = rest.split(", ", 1)
        rows = [i for i in range(len(paths["train"]))
                if paths["train"][i].decode() == train and paths["station"][i].decode() == station]
        self.assertEqual(len(rows), 1, note)
        minutes = round(paths["arrival_s"][rows[0]] / 60) % 1440
        self.assertTrue(clock.startswith(f"{minutes // 60}:{minutes % 60:02d}"), f"{note}: {minutes}")
        self.assertAlmostEqual(numbers["km"], paths["km_m"][rows[0]] / 1e3, delta=0.01)

    def test_sweep(self):
        with h5py.File(results.need("sweep-capacity")) as file:
            load = file["load"][:] / 1e3
            net = file["net_asked_per_year_kg"][0] / 1e9
            pairs = file["pairs"][:]
        self.open("sweep-capacity")
        note, numbers = self.read("Million tonnes a year", 0, 0.3, 0.7)
        row = numpy.argmin(abs(load - numbers["load"]))
        line = [float(p) for p in pairs].index(float(note.split(" ")[0]))
        self.assertAlmostEqual(numbers["net load"], net[line][row], delta=0.06)

    def test_keys(self):
        self.open("all")
        first, second, far, back, none = self.chromium.execute_script(KEYS)
        speeds = [float(text.split("\u00a0")[0]) for text in (first, second, far, back)]
        self.assertEqual(sorted(speeds), [speeds[0], speeds[1], speeds[3], speeds[2]])
        self.assertIsNone(none)

    def test_phone_and_paper(self):
        page = self.open("all")
        page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                             {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
        page.refresh()
        wide = page.execute_script("return document.documentElement.scrollWidth")
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.assertLessEqual(wide, 360)  # figures and tables scroll in themselves
        paper = page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
        self.assertTrue(paper["data"].startswith("JVBER"))  # %PDF


if __name__ == "__main__":
    unittest.main()
