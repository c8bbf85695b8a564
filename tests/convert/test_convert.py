#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb `convert` as a shell sees it: test_convert.py TONNAGE [CLASS ...]."""
import copy
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command import environment  # noqa: E402

TONNAGE = Path(sys.argv.pop(1)).resolve()
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
TRAINRUNS = DATA / "trainruns"
LINES = ROOT / "scenarios" / "lines"

# --- inputs, written for these tests in the formats of others ---

STOCK = """%YAML 1.2
---
schema: https://railtoolkit.org/schema/rolling-stock.json
schema_version: "2022.05"
trains:
  - name: pusher and coaches
    id: "T 1"
    UUID: 6a5b1f8e-0000-4000-8000-000000000001
    formation: [coach, coach, box, engine, box]
vehicles:
  - name: engine
    id: engine
    vehicle_type: traction unit
    power_type: steam
    length: 20
    mass: 100
    mass_traction: 60
    a_braking: -0.4
    base_resistance: 3.0
    rolling_resistance: 1.0
    air_resistance: 8
    tractive_effort:
      - [0, 200000]
      - [50, 100000]
      - [90, 50000]
  - name: a coach
    id: coach
    vehicle_type: passenger
    length: 26
    mass: 40.5
    load_limit: 8
    speed_limit: 120
    rotation_mass: 1.05
    base_resistance: 1.6
    rolling_resistance: 0.3
    air_resistance: 2.9
  - name: a box
    id: box
    vehicle_type: freight
    length: 14
    mass: 12
    load_limit: 28
    base_resistance: 1.4
    rolling_resistance: 0.3
    air_resistance: 5.1
    colour: brown
"""

PATH = """schema: https://railtoolkit.org/schema/running-path.json
schema_version: "2024.07"
paths:
  - id: hill
    description: over a hill
    points_of_interest:
      - {position: 2500, label: crest, measure: front}
      - {position: 2500, label: also the crest, measure: front}
      - {position: 4000, label: end, measure: rear}
      - {position: 9000, label: beyond, measure: front}
    characteristic_sections:
      - {position: 0, speed: 100, resistance: 0}
      - {position: 1000, resistance: 8.5}
      - {position: 2500, speed: 80, resistance: -6}
      - {position: 5000, speed: 80, resistance: 0}
"""

STOCK_OSRD = json.loads((DATA / "railjson" / "stock.json").read_text())

# West and South meet at a point switch; b is run from its end to its beginning.
#   West --a--> S1 --b (backward)--> L1 --c--> East,   South --d--> S1,   and a siding apart
INFRA = json.loads((DATA / "railjson" / "infra.json").read_text())


def track(name, length, **more):
    return {"id": name, "length": length, "slopes": [], "curves": [],
            "geo": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, **more}


def point(name, *parts):
    return {"id": "op." + name, "parts": [{"track": t, "position": p} for t, p in parts],
            "extensions": {"identifier": {"name": name, "uic": 7}}}


DAY = """tonnage: 1
title: a day, with "quotes"
line: {id: l}
lines:
  - id: l
    stations:
      - {km: 0 km, name: A, lat: 10 deg, lon: 20 deg}
      - {km: 20 km, name: "B, the second", lat: 10.1 deg, lon: 20.1 deg}
      - {km: 45 km, name: C, lat: 10.2 deg, lon: 20.2 deg}
      - {km: 70 km, name: D, lat: 10.3 deg, lon: 20.3 deg}
studies:
  - id: day
    kind: timetable
    from: A
    to: D
    classes: [{id: f, pairs: 8, length: 500 m}]
    sections:
      - {from: A, to: "B, the second", time_up: 20 min, time_down: 21 min}
      - {from: "B, the second", to: C, time_up: 30 min, time_down: 31 min}
      - {from: C, to: D, time_up: 30 min, time_down: 31 min}
"""

RUN = """tonnage: 1
line: {id: l}
lines:
  - id: l
    up_is_decreasing: false
    stations:
      - {km: 0 km, name: A, lat: 10 deg, lon: 20 deg}
      - {km: 5 km, name: B, lat: 10.1 deg, lon: 20.1 deg}
      - {km: 8 km, name: pass, lat: 10.15 deg, lon: 20.15 deg}
      - {km: 10 km, name: C, lat: 10.2 deg, lon: 20.2 deg}
locomotives:
  id: l
  mass: 80 t
  length: 20 m
  speed_max: 80 km/h
  effort: [{speed: 0 km/h, traction: 100 kN}, {speed: 80 km/h, traction: 50 kN}]
  resistance: {law: tbt-hxd}
trains: {id: t, locomotives: {type: l}}
studies:
  - {id: trip, kind: run, train: t, from: A, to: C, stops: {station: B, dwell: 2 min}}
  - {id: go, kind: start, train: t, grade: 5 permil}
"""


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.environment = environment()

    def write(self, name, content):
        (self.folder / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        return name

    def tonnage(self, *words):
        return subprocess.run([TONNAGE, *words], capture_output=True, text=True, timeout=120, cwd=self.folder,
                              env=self.environment)

    def expect(self, status, *words, err=""):
        done = self.tonnage(*words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stderr}")
        self.assertIn(err, done.stderr)
        return done

    def convert(self, *words, out="out"):
        done = self.expect(0, "convert", *words, "-o", out)
        if (self.folder / out / "scenario.yaml").exists():
            self.expect(0, "check", f"{out}/scenario.yaml")
        return done

    def run_scenario(self, path="out/scenario.yaml", *words):
        return json.loads(self.expect(0, "run", path, "--json", *words).stdout)["results"]

    def losses(self, out="out"):
        return rows(self.folder / out / "losses.csv")

    def lost(self, kind, out="out"):
        return [row for row in self.losses(out) if row["kind"] == kind]

    def read(self, name):
        return (self.folder / name).read_text()


class Railtoolkit(Case):
    def test_reference(self):
        """TrainRuns.jl prints 745.070 s and 840.817 s with steps of 20 m; Runge-Kutta integration, converged, gives
        748.428 s and, with the density of the air at each altitude, 844.054 s."""
        for path, time_s in ("const", 748.428), ("slope", 844.054):
            self.convert(TRAINRUNS / "freight.yaml", TRAINRUNS / f"{path}.yaml", out=path)
            result = self.run_scenario(f"{path}/scenario.yaml")[0]
            self.assertAlmostEqual(result["running_time_s"] / time_s, 1, delta=1e-5)
        self.assertEqual([row["name"] for row in self.lost("UUID of vehicle", "const")], ["Facs124", "DB_V90"])
        self.assertEqual(len(self.lost("picture of vehicle", "const")), 2)

    def test_vehicles(self):
        self.write("stock.yaml", STOCK)
        self.write("path.yaml", PATH)
        self.convert("stock.yaml", "path.yaml")
        stock = self.read("out/stock.yaml")
        for text in ("mass: 100 t", "adhesive_mass: 60 t", "energy: diesel", "speed_max: 90 km/h", "rotating: 0.09",
                     # 3.0 on 60 of 100 t, 1.0 on the rest
                     "resistance: {law: strahl, f0: 2.2 permil, f2: 8 permil, headwind: 15 km/h}",
                     "tare: 40.5 t", "gross: 48.5 t", "rotating_loaded: 0.05", "rotating_loaded: 0.06",
                     "resistance: {law: sauthoff, f0: 1.6 permil, f1: 0.3 permil, f2: 2.9 permil, headwind: 15 km/h}",
                     "resistance: {law: strahl, f0: 1.4 permil, f2: 5.1 permil, headwind: 0 km/h}"):
            self.assertIn(text, stock)
        scenario = self.read("out/scenario.yaml")
        for text in ("id: T-1", "{type: coach, count: 2}", "{type: box, count: 2}", "{type: engine, count: 1}",
                     "deceleration: 0.4 m/s2", "gravity: 9.80665 m/s2"):
            self.assertIn(text, scenario)
        # (100 x 1.09 + 81 x 1.05 + 24 x 1.06) / 205 - 1
        self.assertAlmostEqual(float(re.search(r"rotating: ([\d.]+)", scenario)[1]), 0.070682927, delta=1e-9)
        self.assertGreater(self.run_scenario()[0]["running_time_s"], 0)

    def test_losses(self):
        self.write("stock.yaml", STOCK)
        self.write("path.yaml", PATH)
        out = self.convert("stock.yaml", "path.yaml").stdout
        for text in ("UUID of train: tonnage has no place for it\n    stock.yaml:8:5 T 1\n",
                     "order of formation: locomotives stand at the head",
                     "stock.yaml:14:17 engine", "colour of vehicle: not a key of the format\n    stock.yaml:46:5 box\n",
                     "rolling_resistance of freight vehicle", "'crest' stands at the same place\n    path.yaml:8:9",
                     "it is outside the path\n    path.yaml:10:9 beyond", "measure: times are those of the train's head",
                     "assumed:", "rotation_mass: not given: 1.09, as TrainRuns takes it"):
            self.assertIn(text, out)
        for row in self.losses():
            if int(row["line"]):
                line = self.read(row["file"]).splitlines()[int(row["line"]) - 1]
                self.assertGreater(len(line), int(row["column"]) - 1, row)

    def test_path(self):
        self.write("path.yaml", PATH)
        self.convert("path.yaml")
        self.assertEqual(self.read("out/profile.csv"),
                         "km [m],elevation [m]\n0,0\n1000,0\n2500,12.75\n5000,-2.25\n")
        self.assertEqual(self.read("out/limits.csv"), "from [m],to [m],speed [km/h]\n0,2500,100\n2500,5000,80\n")
        self.assertEqual(self.read("out/stations.csv"),
                         "km [m],name,tracks,kind\n0,start,1,\n2500,crest,1,point of interest\n"
                         "4000,end,1,point of interest\n5000,end (2),1,\n")

    def test_backward(self):
        """A path of falling positions is the same way seen from its other end."""
        self.write("stock.yaml", STOCK)
        self.write("path.yaml", PATH)
        head, sections = PATH.split("    points_of_interest:")[0], PATH.split("characteristic_sections:\n")[1]
        turned = re.sub(r"position: (\d+)", lambda m: f"position: {5000 - int(m[1])}", sections)
        self.write("turned.yaml", head + "    characteristic_sections:\n" + turned)
        self.convert("stock.yaml", "path.yaml", out="forward")
        self.convert("stock.yaml", "turned.yaml", out="backward")
        times = [self.run_scenario(f"{out}/scenario.yaml")[0]["running_time_s"] for out in ("forward", "backward")]
        self.assertAlmostEqual(*times, delta=1e-5)
        self.assertIn("up_is_decreasing: true", self.read("backward/line.yaml"))

    def test_json(self):
        """The same in JSON, which TrainRuns reads too."""
        self.write("path.yaml", PATH)
        rows = re.findall(r"- ({position: .*})", PATH)
        as_json = [json.loads(re.sub(r"(\w[\w ]*)(?=[,:}])", lambda m: m[1] if re.fullmatch(r"[\d.]+", m[1]) else
                                     f'"{m[1]}"', row.replace(": -", ":-"))) for row in rows]
        self.write("path.json", {"schema": "https://railtoolkit.org/schema/running-path.json",
                                 "schema_version": "2024.07",
                                 "paths": [{"id": "hill", "description": "over a hill", "points_of_interest":
                                            as_json[:4], "characteristic_sections": as_json[4:]}]})
        self.convert("path.yaml", out="yaml")
        self.convert("path.json", out="json")
        for name in "profile.csv", "limits.csv", "stations.csv", "line.yaml":
            self.assertEqual(self.read(f"yaml/{name}"), self.read(f"json/{name}"))

    def test_errors(self):
        for change, said in (
                (("mass: 100\n", "mass: heavy\n"), "stock.yaml:16:11: error: 'mass' must be a plain number"),
                (("    mass: 100\n", ""), "stock.yaml:11:5: error: the vehicle has no 'mass'"),
                (("length: 20", "length: 20 m"), "stock.yaml:15:13: error: 'length' must be a plain number"),
                (("length: 20", "length: -20"), "stock.yaml:15:13: error: 'length' is -20 m"),
                (("power_type: steam", "power_type: stem"), "14:17: error: unknown power_type 'stem'"),
                (("traction unit", "tractor"), "13:19: error: unknown vehicle_type 'tractor'"),
                (("[coach, coach", "[couch, coach"), "9:17: error: the formation names a vehicle 'couch'"),
                (("- [50, 100000]", "- [50]"), "error: a pair of 'tractive_effort' must be [km/h, N]"),
                (("- [50, 100000]", "- [95, 100000]"), "error: 'speed' must rise: 90 km/h after 95 km/h"),
                (("mass_traction: 60", "mass_traction: 160"), "17:20: error: adhesive mass of 160 t is more"),
                (("load_limit: 8\n", "load_limit: many\n"), "31:17: error: 'load_limit' must be a plain number"),
                (("    id: box", "    id: [box]"), "error: 'id' must be a text"),
                (("trains:\n", "trains: 5\nmore:\n"), "error: 'trains' must be a list"),
                (('schema_version: "2022.05"\n', ""), "error: the file has no 'schema_version'"),
                (("rolling-stock.json", "something-else.json"), "error: no format that is known")):
            self.assertIn(change[0], STOCK)
            self.write("stock.yaml", STOCK.replace(*change, 1))
            self.expect(3, "convert", "stock.yaml", "-o", "out", err=said)
            self.assertFalse((self.folder / "out").exists())
        for change, said in (
                (("position: 1000", "position: 3000"), "error: position 2500 follows 3000"),
                (("position: 1000", "position: here"), "path.yaml:13:20: error: 'position' must be a plain number"),
                (("resistance: 8.5", "resistance: 850"), "path.yaml:13:38: error: a grade of 850 permil"),
                (("{position: 1000, resistance: 8.5}", "[1000, 80]"), "must be [position, speed, resistance]"),
                (("label: crest, ", ""), "error: a point of interest needs its position and its label"),
                (("speed: 100", "speed: 0"), "path.yaml:12:30: error: 'speed' is 0 km/h, must be more than 0")):
            self.assertIn(change[0], PATH)
            self.write("path.yaml", PATH.replace(*change, 1))
            self.expect(3, "convert", "path.yaml", "-o", "out", err=said)


class Osrd(Case):
    def test_envelope(self):
        """OSRD's MaxEffortEnvelopeTest, its train on the flat with a cap of 44.4 m/s: the cap is reached at 2,726.30 m,
        and braking at 0.5 m/s2 begins 44.4^2 / (2 x 0.5) = 1,971.36 m before the stop."""
        places = {"start": 0, "before": 2726.2, "after": 2726.4, "brake": 8028.6, "end": 10000}
        infra = {"version": "3.4.12", "track_sections": [track("t", 10000)], "switches": [],
                 "operational_points": [point(name, ("t", at)) for name, at in places.items()],
                 "speed_sections": [{"id": "cap", "speed_limit": 44.4, "speed_limit_by_tag": {}, "track_ranges": [
                     {"track": "t", "begin": 0, "end": 10000, "applicable_directions": "BOTH"}]}]}
        self.write("infra.json", infra)
        self.write("stock.json", STOCK_OSRD)
        self.convert("infra.json", "stock.json", "--from", "start", "--to", "end")
        sections = self.run_scenario()[0]["sections"]
        self.assertLess(sections[0]["speed_to_m_s"], 44.4 - 1e-4)
        self.assertAlmostEqual(sections[1]["speed_to_m_s"], 44.4, delta=1e-6)
        self.assertAlmostEqual(sections[2]["speed_to_m_s"], 44.4, delta=1e-6)
        self.assertAlmostEqual(sections[3]["running_time_s"], 0.0355 / 44.4 + 44.4 / 0.5, delta=2e-3)

    def test_same_as_by_hand(self):
        """The converted train runs as the scenario written by hand after the same test of OSRD."""
        infra = {"version": "3.4.12", "track_sections": [track("t", 10000)], "switches": [],
                 "operational_points": [point("s0", ("t", 0)), point("s10000", ("t", 10000))],
                 "speed_sections": [{"id": "cap", "speed_limit": 44.4, "speed_limit_by_tag": {}, "track_ranges": [
                     {"track": "t", "begin": 0, "end": 10000, "applicable_directions": "BOTH"}]}]}
        self.write("infra.json", infra)
        self.write("stock.json", {**STOCK_OSRD, "gamma": {"type": "MAX", "value": 0.95}})
        self.convert("infra.json", "stock.json")
        hand = (ROOT / "tests/cases/osrd-brake-force/scenario.yaml").read_text()
        self.write("hand.yaml", hand.replace(", stops: [{station: s6000, dwell: 0 s}]", ""))
        self.assertAlmostEqual(self.run_scenario()[0]["running_time_s"],
                               self.run_scenario("hand.yaml")[0]["running_time_s"], delta=1e-4)

    def test_line(self):
        self.write("infra.json", INFRA)
        self.convert("infra.json", "--from", "West", "--to", "East")
        # a from 100 to 1000, b from 2000 down to 0, c from 0 to 450
        self.assertEqual(self.read("out/stations.csv").splitlines()[0], "km [km],name,tracks,lat [deg],lon [deg]")
        self.assertEqual([(r["km [km]"], r["name"], r["tracks"]) for r in rows(self.folder / "out/stations.csv")],
                         [("0", "West", "2"), ("1.7", "Middle", "1"), ("3.35", "East", "1")])
        # 100 m of 1000 m along a line of 0.1 + 0.3 degrees
        west = rows(self.folder / "out/stations.csv")[0]
        self.assertEqual((west["lat [deg]"], west["lon [deg]"]), ("50", "10.04"))
        self.assertEqual(self.read("out/profile.csv"),
                         "km [km],elevation [m]\n0,0\n0.1,0\n0.6,5\n1.4,5\n2.4,1\n3.35,1\n")
        self.assertEqual(self.read("out/curves.csv"),
                         "from [km],to [km],radius [m]\n2.5,2.9,800\n3,3.2,500\n")
        self.assertEqual(self.read("out/limits.csv"),
                         "from [km],to [km],speed [m/s],direction\n0,1.4,25,\n2.8,2.9,12.5,up\n")
        self.assertEqual(self.read("out/neutral_sections.csv"), "from [km],to [km]\n2.2,2.3\n")
        self.assertIn("curve_coefficient: 0.8 m", self.read("out/line.yaml"))

    def test_losses(self):
        self.write("infra.json", INFRA)
        out = self.convert("infra.json", "--from", "West", "--to", "East").stdout
        self.assertEqual(out.count("not carried: "), 1)
        found = {(row["kind"], row["name"]) for row in self.losses() if row["what"] == "not carried"}
        for kind, name in (("switch", "S1"), ("switch", "L1"), ("signal", "sig1"), ("electrification", "e1"),
                           ("track section", "d"), ("operational point", "South"), ("speed section", "elsewhere"),
                           ("speed limit by tag", "GOODS"), ("neutral section", "n2"),
                           ("lower_pantograph of neutral section", "n1"),
                           ("loading_gauge_limits of track section", "b"), ("geo of track section", "c"),
                           ("uic of operational point", "West")):
            self.assertIn((kind, name), found)
        self.assertNotIn(("track section", "b"), found)
        for row in self.losses():
            line = self.read("infra.json").splitlines()[int(row["line"]) - 1]
            self.assertIn(line[int(row["column"]) - 1], '{["')

    def test_other_way(self):
        """East to West: the profile turned over, the one-way limit gone to the other direction."""
        self.write("infra.json", INFRA)
        self.convert("infra.json", "--from", "East", "--to", "West")
        self.assertEqual(self.read("out/profile.csv"),
                         "km [km],elevation [m]\n0,0\n0.95,0\n1.95,4\n2.75,4\n3.25,-1\n3.35,-1\n")
        self.assertIn("0.45,0.55,12.5,down", self.read("out/limits.csv"))
        self.assertEqual(len(self.lost("neutral section")), 2 - len(rows(self.folder / "out/neutral_sections.csv")) + 1)

    def test_tag_mode_via(self):
        self.write("infra.json", INFRA)
        self.write("stock.json", STOCK_OSRD)
        self.convert("infra.json", "--from", "West", "--to", "op.East", "--via", "Middle", "--tag", "GOODS", out="tag")
        self.assertIn("0,1.4,15,", self.read("tag/limits.csv"))
        self.convert("stock.json", "--mode", "25kV", out="mode")
        effort = self.read("mode/whole-train-effort.csv")
        self.assertEqual(effort, "speed [m/s],traction [N]\n0,300000\n5,300000\n40,200000\n83.33,200000\n")
        self.assertIn("energy: electric", self.read("mode/stock.yaml"))
        self.assertEqual([row["name"] for row in self.lost("traction mode", "mode")], ["thermal"])
        self.convert("infra.json", "--from", "a:250", "--to", "c:500", out="spots")
        self.assertEqual([r["name"] for r in rows(self.folder / "spots/stations.csv")],
                         ["a:250", "Middle", "East", "c:500"])

    def test_large_and_towed(self):
        towed = {k: v for k, v in STOCK_OSRD.items() if k not in ("effort_curves", "max_speed")}
        towed.update(name="wagons", mass=2400000, length=700, inertia_coefficient=1.04)
        self.write("infra.json", INFRA)
        self.write("stock.json", STOCK_OSRD)
        self.write("towed.json", towed)
        self.convert("towed.json", "infra.json", "stock.json", "--from", "West", "--to", "East")
        stock = self.read("out/stock.yaml")
        for text in ("mass: 425000 kg", "length: 200 m", "tare: 600000 kg", "length: 175 m", "force_a: 1381.25 N"):
            self.assertIn(text, stock)
        self.assertIn("{type: wagons, count: 4}", self.read("out/scenario.yaml"))
        self.assertGreater(self.run_scenario()[0]["running_time_s"], 0)

    def test_own_switch_type(self):
        infra = copy.deepcopy(INFRA)
        infra["switches"][0]["switch_type"] = "fork"
        infra["extended_switch_types"] = [{"id": "fork", "ports": ["A", "B1", "B2"], "groups": {
            "left": [{"src": "A", "dst": "B1"}], "right": [{"src": "A", "dst": "B2"}]}}]
        self.write("infra.json", infra)
        self.convert("infra.json", "--from", "West", "--to", "East")
        self.assertEqual(rows(self.folder / "out/stations.csv")[-1]["km [km]"], "3.35")

    def test_errors(self):
        def broken(change):
            infra = copy.deepcopy(INFRA)
            change(infra)
            self.write("infra.json", infra)

        for change, said in (
                (lambda i: i["track_sections"][0].pop("length"), "error: the track section has no 'length'"),
                (lambda i: i["track_sections"][0].update(length="long"), "error: 'length' must be a plain number"),
                (lambda i: i["track_sections"][0].update(length=0), "error: a track section must be longer than 0 m"),
                (lambda i: i["track_sections"][1].update(id="a"), "error: a track section 'a' is there already"),
                (lambda i: i["track_sections"][0]["slopes"][0].update(end=2000), "does not fit its track section of 1000 m"),
                (lambda i: i["track_sections"][0]["slopes"][0].update(gradient=300), "error: a grade of 300 permil"),
                (lambda i: i["switches"][0].update(switch_type="fork"), "error: there is no type of switch 'fork'"),
                (lambda i: i["switches"][0]["ports"]["A"].update(track="bb"), "error: there is no track section 'bb'"),
                (lambda i: i["switches"][0]["ports"].pop("B2"), "error: the switch has no port 'B2'"),
                (lambda i: i["switches"][0]["ports"]["A"].update(endpoint="MIDDLE"), "error: unknown endpoint 'MIDDLE'"),
                (lambda i: i["operational_points"][0]["parts"][0].update(position=5000), "the track section is 1000 m long"),
                (lambda i: i["speed_sections"][0].update(speed_limit=-5), "'speed' is -5 m/s, must be more than 0 m/s"),
                (lambda i: i["speed_sections"][0]["track_ranges"][0].update(applicable_directions="UP"),
                 "error: unknown direction 'UP'"),
                (lambda i: i.update(switches=[]), "error: there is no way from 'West' to 'East'"),
                (lambda i: i.update(track_sections=[]), "the infrastructure has no track sections")):
            broken(change)
            done = self.expect(3, "convert", "infra.json", "--from", "West", "--to", "East", "-o", "out", err=said)
            self.assertRegex(done.stderr, r"infra\.json:\d+:\d+: error: ")
            self.assertFalse((self.folder / "out").exists())
        self.write("infra.json", INFRA)
        self.expect(3, "convert", "infra.json", "-o", "out", err="name both ends of the line: --from and --to")
        self.expect(3, "convert", "infra.json", "--from", "Wast", "--to", "East", "-o", "out", err="did you mean 'West'?")
        self.expect(3, "convert", "infra.json", "--from", "West", "--to", "op.West", "-o", "out", err="has no length")
        self.expect(3, "convert", "infra.json", "--from", "West", "--to", "South", "-o", "out",
                    err="there is no way from 'West' to 'South'")
        self.write("stock.json", STOCK_OSRD)
        self.expect(3, "convert", "stock.json", "--mode", "15kV", "-o", "out", err="its modes: thermal, 25kV")


class Tables(Case):
    def test_round_trip(self):
        for name in "stations", "profile":
            text = (LINES / f"golmud-korla-{name}.csv").read_text()
            self.write(f"golmud-korla-{name}.csv", re.sub(r"^#.*\n", "", text, flags=re.M))
        self.convert("golmud-korla-stations.csv", "golmud-korla-profile.csv")
        self.assertIn("id: golmud-korla", self.read("out/line.yaml"))
        self.convert("out/scenario.yaml", "--as", "csv", out="back")
        for name in "stations", "profile":
            self.assertEqual(self.read(f"back/{name}.csv"), self.read(f"golmud-korla-{name}.csv"))

    def test_whole_line(self):
        """All tables of the shipped line, and what they cannot hold."""
        out = self.convert(LINES / "golmud-korla.yaml", "--as", "csv").stdout
        self.assertEqual({p.name for p in (self.folder / "out").iterdir()},
                         {"stations.csv", "profile.csv", "tunnels.csv", "double_track.csv", "loops.csv"})
        self.assertRegex(out, r"golmud-korla\.yaml:\d+:3 block\n")
        self.convert(*sorted(p for p in (self.folder / "out").iterdir()), out="again")
        self.convert("again/scenario.yaml", "--as", "csv", out="back")
        for path in (self.folder / "out").iterdir():
            self.assertEqual(self.read(f"back/{path.name}"), path.read_text())

    def test_grades(self):
        self.write("p.csv", "# made up\nkm [km],grade [permil],colour\n0,5,red\n2,-3.5,\n4.5,0,\n")
        out = self.convert("p.csv").stdout
        self.assertEqual(self.read("out/profile.csv"), "km [km],elevation [m]\n0,0\n2,10\n4.5,1.25\n")
        self.assertIn("column: a line has no value of that name\n    p.csv:2:24 colour\n", out)
        self.assertIn("comments: they are not data\n    p.csv:1:1 lines: 1\n", out)
        self.assertIn("elevation: not known where the line begins: taken as 0 m\n    p.csv:3:1\n", out)
        self.write("p.csv", "km [mi],elevation [ft],grade [%]\n0,100,0.5\n2,200,1\n")
        self.convert("p.csv", out="both")
        self.assertEqual(self.read("both/profile.csv"), "km [mi],elevation [ft]\n0,100\n2,200\n")
        self.assertEqual(len(self.lost("grade", "both")), 2)

    def test_example(self):
        self.convert(DATA / "tables/profile.csv", DATA / "tables/stations.csv")
        self.convert("out/scenario.yaml", "--as", "csv", out="back")
        for name in "profile.csv", "stations.csv":
            self.assertEqual(self.read(f"back/{name}"), (DATA / "tables" / name).read_text())

    def test_with_stock(self):
        """A line from tables, a train from another program: a run from end to end."""
        self.write("line-profile.csv", "km [km],elevation [m]\n0,0\n10,0\n")
        self.write("line-stations.csv", "km [km],name\n0,here\n10,there\n")
        self.write("line-limits.csv", "from [km],to [km],speed [km/h]\n0,10,160\n")
        self.convert("line-profile.csv", "line-stations.csv", "line-limits.csv", TRAINRUNS / "freight.yaml")
        result = self.run_scenario()[0]
        self.assertAlmostEqual(result["running_time_s"] / 748.428, 1, delta=1e-5)

    def test_errors(self):
        for text, said in (("km,elevation [m]\n0,5\n", "t.csv:1:1: error: column 'km' is a length and needs a unit"),
                           ("km [km],elevation [m]\n0,5\n2,x\n", "t.csv:3:3: error: 'elevation' must be a number"),
                           ("km [km],elevation [m]\n0,5\n0,6\n", "t.csv:3:1: error: 'km' must rise"),
                           ("km [km],name\n0\n", "t.csv:2:1: error: a row of 1 cells in a table of 2 columns"),
                           ("from [km],to [km]\n0,5\n", "t.csv:1:1: error: these columns are of no table of a line"),
                           ("a,b\n1,2\n", "error: these columns are of no table of a line"),
                           ("", "error: these columns are of no table of a line"),
                           ("km [km],grade [permil]\n0,\n1,5\n", "t.csv:2:1: error: a point of the profile needs"),
                           ("km [km],elevation [m]\n0,0\n1,500\n", "t.csv:3:3: error: a grade of 500 permil")):
            self.write("t.csv", text)
            self.expect(3, "convert", "t.csv", "-o", "out", err=said)
        self.write("t.csv", "km [km],name\n0,a\n1,b\n")
        self.expect(3, "convert", "t.csv", "t.csv", "-o", "out", err="a table of stations is given by t.csv already")


class Results(Case):
    def solve(self, scenario, name):
        self.write("scenario.yaml", scenario)
        self.expect(0, "run", "scenario.yaml", "-o", name)

    def feed(self, out):
        """Reads a feed and checks it against the reference: files, keys, types, references, order of times."""
        tables = {p.name: rows(p) for p in (self.folder / out).iterdir()}
        self.assertEqual(set(tables), {"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt",
                                       "calendar.txt", "shapes.txt", "feed_info.txt"})
        ids = {}
        for name, key in (("agency", "agency_id"), ("stops", "stop_id"), ("routes", "route_id"), ("trips", "trip_id"),
                          ("calendar", "service_id")):
            values = [row[key] for row in tables[name + ".txt"]]
            self.assertEqual(len(values), len(set(values)), name)
            self.assertGreater(len(values), 0)
            ids[name] = set(values)
        agency, service = tables["agency.txt"][0], tables["calendar.txt"][0]
        self.assertRegex(agency["agency_url"], r"^https?://\S+$")
        self.assertTrue(agency["agency_name"] and agency["agency_timezone"])
        for date in "start_date", "end_date":
            self.assertRegex(service[date], r"^\d{4}(0[1-9]|1[0-2])([0-2]\d|3[01])$")
        self.assertLessEqual(service["start_date"], service["end_date"])
        for row in tables["stops.txt"]:
            self.assertTrue(row["stop_name"])
            self.assertTrue(-90 <= float(row["stop_lat"]) <= 90 and -180 <= float(row["stop_lon"]) <= 180)
        for row in tables["routes.txt"]:
            self.assertIn(row["agency_id"], ids["agency"])
            self.assertEqual(row["route_type"], "2")
            self.assertTrue(row["route_short_name"] or row["route_long_name"])
        for row in tables["trips.txt"]:
            self.assertIn(row["route_id"], ids["routes"])
            self.assertIn(row["service_id"], ids["calendar"])
            self.assertIn(row["direction_id"], "01")
        shapes = {}
        for row in tables["shapes.txt"]:
            shapes.setdefault(row["shape_id"], []).append(row)
        for shape in shapes.values():
            self.assertEqual([int(row["shape_pt_sequence"]) for row in shape], list(range(1, len(shape) + 1)))
        self.assertEqual({row["shape_id"] for row in tables["trips.txt"]}, set(shapes))
        places = {row["stop_id"]: (row["stop_lat"], row["stop_lon"]) for row in tables["stops.txt"]}
        shape_of = {row["trip_id"]: shapes[row["shape_id"]] for row in tables["trips.txt"]}
        trips = {}
        for row in tables["stop_times.txt"]:
            self.assertIn(row["stop_id"], ids["stops"])
            for key in "arrival_time", "departure_time":
                self.assertRegex(row[key], r"^\d{2,}:[0-5]\d:[0-5]\d$")
            self.assertIn(row["pickup_type"], "01")
            trips.setdefault(row["trip_id"], []).append(row)
        self.assertEqual(set(trips), ids["trips"])
        self.assertEqual({row["stop_id"] for row in tables["stop_times.txt"]}, ids["stops"])
        for trip in trips.values():
            self.assertGreaterEqual(len(trip), 2)
            self.assertEqual([int(row["stop_sequence"]) for row in trip], list(range(1, len(trip) + 1)))
            times = [self.seconds(row[key]) for row in trip for key in ("arrival_time", "departure_time")]
            self.assertEqual(times, sorted(times))
            self.assertLess(times[0], 86400)
            points = shape_of[trip[0]["trip_id"]]
            self.assertEqual([places[row["stop_id"]] for row in trip],
                             [(row["shape_pt_lat"], row["shape_pt_lon"]) for row in points])
            along = [float(row["shape_dist_traveled"]) for row in trip]
            self.assertEqual(along, [float(row["shape_dist_traveled"]) for row in points])
            self.assertEqual(along, sorted(set(along)))
        return tables, trips

    @staticmethod
    def seconds(text):
        hours, minutes, seconds = map(int, text.split(":"))
        return 3600 * hours + 60 * minutes + seconds

    def test_timetable(self):
        self.solve(DAY, "day.h5")
        self.convert("day.h5", "--as", "csv", out="csv")
        self.convert("day.h5", "--as", "gtfs", "--timezone", "Asia/Shanghai", "--dates", "20250101-20251231",
                     out="feed")
        tables, trips = self.feed("feed")
        self.assertEqual(len(trips), 16)
        self.assertEqual(tables["agency.txt"][0]["agency_name"], 'a day, with "quotes"')
        self.assertEqual(tables["agency.txt"][0]["agency_timezone"], "Asia/Shanghai")
        self.assertEqual(tables["calendar.txt"][0]["end_date"], "20251231")
        self.assertIn("B, the second", {row["stop_name"] for row in tables["stops.txt"]})
        table = rows(self.folder / "csv/stop-times.csv")
        self.assertEqual(len(table), sum(map(len, trips.values())))
        stops = {row["stop_id"]: row["stop_name"] for row in tables["stops.txt"]}
        for ours, theirs in zip(table, tables["stop_times.txt"]):
            self.assertEqual(ours["station"], stops[theirs["stop_id"]])
            self.assertAlmostEqual(float(ours["departure [s]"]) % 86400,
                                   self.seconds(theirs["departure_time"]) % 86400, delta=0.5001)
            self.assertEqual(theirs["pickup_type"], "0" if ours["stops"] == "true" else "1")
        self.assertEqual({t[-1]["shape_dist_traveled"] for t in trips.values()}, {"70.0000"})
        self.assertEqual(len({row["shape_id"] for row in tables["trips.txt"]}), 2)
        # trains that leave before midnight arrive after 24:00:00
        late = [t for t in trips.values() if self.seconds(t[-1]["arrival_time"]) >= 86400]
        crossing = [row for row in table if float(row["arrival [s]"]) >= 86400]
        self.assertEqual(bool(late), bool(crossing))

    def test_midnight(self):
        self.solve(RUN, "run.h5")
        out = self.convert("run.h5", "--as", "gtfs", "--study", "trip", "--start", "23:58", out="feed").stdout
        trip = self.feed("feed")[1]["1"]
        result = [r for r in self.run_scenario("scenario.yaml") if r["id"] == "trip"][0]
        first = result["sections"][0]["running_time_s"]
        self.assertEqual(trip[0]["departure_time"], "23:58:00")
        self.assertEqual(self.seconds(trip[1]["arrival_time"]), round(86280 + first))
        self.assertEqual(self.seconds(trip[1]["departure_time"]), round(86280 + first + 120))
        self.assertGreaterEqual(trip[1]["arrival_time"], "24:00:00")
        self.assertEqual([row["pickup_type"] for row in trip], ["0", "0", "1", "0"])
        self.assertEqual(self.seconds(trip[3]["arrival_time"]), round(86280 + result["travel_time_s"]))
        for text in "times: a feed has whole seconds", "start of runs", "timezone: ":
            self.assertIn(text, out)

    def test_simulation(self):
        """A simulated day as it went; trains of the days before and after are no part of the feed."""
        day = DAY.replace("kind: timetable", "kind: simulation").replace("id: day", "id: sim")
        self.solve(day + "    days: 3\n    warm_up: 2\n    show_from: 2\n", "sim.h5")
        out = self.convert("sim.h5", "--as", "gtfs", out="feed").stdout
        trips = self.feed("feed")[1]
        self.convert("sim.h5", "--as", "csv", out="csv")
        starts = {}
        for row in rows(self.folder / "csv/stop-times.csv"):
            starts.setdefault((row["train"], row["direction"]), float(row["departure [s]"]))
        that_day = [s for s in starts.values() if 0 <= s < 86400]
        self.assertEqual(len(trips), len(that_day))
        self.assertEqual(len(starts) - len(that_day), out.count("sim.h5 f "))
        self.assertIn("a simulated day, delays and all, stands for every day", out)

    def test_study_without_times(self):
        self.solve(RUN, "run.h5")
        out = self.convert("run.h5", "--as", "csv", out="csv").stdout
        self.assertIn("study: it does not say when which train is where\n    run.h5:/go start\n", out)
        self.expect(3, "convert", "run.h5", "--as", "csv", "--study", "go", "-o", "x", err="no timetable, simulation or run named 'go'")

    def test_errors(self):
        self.solve(RUN.replace(", lat: 10.1 deg, lon: 20.1 deg", ""), "run.h5")
        self.expect(3, "convert", "run.h5", "--as", "gtfs", "-o", "x", err="1 station has none: 'B'")
        self.convert("run.h5", "--as", "csv")
        self.expect(2, "convert", "run.h5", "-o", "x", err="--as csv or --as gtfs")
        self.expect(2, "convert", "run.h5", "run.h5", "--as", "csv", "-o", "x", err="one results file")
        self.expect(2, "convert", "scenario.yaml", "--as", "gtfs", "-o", "x", err="a feed is made of results")
        self.expect(2, "convert", "run.h5", "--as", "gtsf", "-o", "x", err="did you mean 'gtfs'?")
        for dates in "2025", "20251301-20251302", "20250102-20250101", "2025010a-20250102":
            self.expect(2, "convert", "run.h5", "--as", "gtfs", "--dates", dates, "-o", "x", err="--dates takes")
        for start in "25:00", "6", "6:60", "6:30x":
            self.expect(2, "convert", "run.h5", "--as", "gtfs", "--start", start, "-o", "x", err="--start takes")
        data = (self.folder / "run.h5").read_bytes()
        (self.folder / "cut.h5").write_bytes(data[:len(data) // 2])
        self.expect(4, "convert", "cut.h5", "--as", "csv", "-o", "x")
        self.assertFalse((self.folder / "x").exists())


class Writing(Case):
    def test_whole_or_nothing(self):
        self.write("path.yaml", PATH)
        self.expect(2, "convert", "path.yaml", err="-o FOLDER is needed")
        self.expect(4, "convert", "missing.yaml", "-o", "out", err="missing.yaml")
        self.expect(4, "convert", "path.yaml", "-o", "nowhere/out", err="nowhere/out")
        self.expect(4, "convert", "path.yaml", "-o", "path.yaml", err="not a folder")
        self.assertEqual(self.read("path.yaml"), PATH)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["path.yaml"])

    def test_folder_that_is_there(self):
        self.write("path.yaml", PATH)
        (self.folder / "out").mkdir()
        self.convert("path.yaml")  # an empty one is filled
        self.write("out/line.yaml", "mine")
        self.write("out/other", "mine too")
        self.expect(4, "convert", "path.yaml", "-o", "out", err="it holds files")
        self.assertEqual(self.read("out/line.yaml"), "mine")
        self.convert("path.yaml", "--replace")
        self.assertIn("id: hill", self.read("out/line.yaml"))
        self.assertEqual(self.read("out/other"), "mine too")
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"path.yaml", "out"})
        self.expect(2, "convert", "out/scenario.yaml", "-o", "out", "--replace", err="would replace out/scenario.yaml")
        self.convert("path.yaml", out="again/")
        self.assertTrue((self.folder / "again/scenario.yaml").exists())

    def test_same_bytes(self):
        self.write("infra.json", INFRA)
        self.write("stock.json", STOCK_OSRD)
        for out in "one", "two":
            self.convert("infra.json", "stock.json", "--from", "West", "--to", "East", out=out)
        for path in (self.folder / "one").iterdir():
            self.assertEqual(path.read_bytes(), (self.folder / "two" / path.name).read_bytes())

    def test_scenario_stays(self):
        """A scenario written out again gives the same results."""
        self.write("scenario.yaml", RUN)
        self.convert("scenario.yaml")
        self.assertEqual(self.run_scenario("scenario.yaml"), self.run_scenario("out/scenario.yaml"))

    def test_parts_join(self):
        """Lists of several files become one, however long they are."""
        for first, more in (0, 1), (1, 1), (3, 1), (3, 4), (5, 3):
            names = [f"w{i}" for i in range(first + more)]
            for file, part in ("a.yaml", names[:first]), ("b.yaml", names[first:]):
                wagons = [f"  - {{id: {name}, tare: 20 t, gross: 80 t, length: 14 m, resistance: {{law: tbt-wagon-loaded}}}}\n"
                          for name in part]
                self.write(file, "wagons:\n" + "".join(wagons) if wagons else "wagons: []\n")
            self.convert("a.yaml", "b.yaml", out=f"out-{first}-{more}")
            written = self.read(f"out-{first}-{more}/stock.yaml") + "".join(
                path.read_text() for path in (self.folder / f"out-{first}-{more}").glob("*.csv"))
            self.assertEqual(sorted(re.findall(r"\bw\d\b", written)), names)

    def test_odd_texts(self):
        path = PATH.replace("label: crest", 'label: "a, \\"b\\": #c d $(e) `f` ~"').replace("over a hill", "'null'")
        self.write("path.yaml", path)
        self.convert("path.yaml")
        self.assertEqual(rows(self.folder / "out/stations.csv")[1]["name"], 'a, "b": #c d $(e) `f` ~')
        self.assertIn('name: "null"', self.read("out/line.yaml"))

    def test_line_ends_in_names(self):
        """A table has one row a line: names of several lines stand elsewhere, and mean the same in all places."""
        for number, end in enumerate(("\\n", "\\r\\n", "\\N", "\\L", "\\P")):
            scenario = RUN.replace("name: A,", f'name: "A{end}a",').replace(
                "from: A,", f'from: "A{end}a",')
            self.assertNotEqual(scenario, RUN)
            self.write("scenario.yaml", scenario)
            self.convert("scenario.yaml", out=f"out{number}")
            self.assertEqual(self.run_scenario("scenario.yaml"), self.run_scenario(f"out{number}/scenario.yaml"))
            self.assertFalse((self.folder / f"out{number}" / "stations.csv").exists())
            self.convert("scenario.yaml", "--as", "csv", out=f"tables{number}")
            self.assertFalse((self.folder / f"tables{number}" / "stations.csv").exists())


class Mutations(Case):
    """Files with small damage: read, or refused with a place; never a crash, and nothing half written."""

    def damage(self, text, chance):
        kind = chance.randrange(6)
        at, size = chance.randrange(len(text)), chance.randrange(1, 12)
        if kind == 0:
            return text[:at] + text[at + size:]
        if kind == 1:
            return text[:at] + chance.choice("{}[]:,\"'#-0123456789.eE \n&*!|>%@`~") + text[at:]
        if kind == 2:
            return text[:at] + text[at:at + 10 * size] + text[at:]
        if kind == 3:
            return re.sub(r"\d+", lambda m: chance.choice([m[0]] * 9 + ["-1", "0", "1e308", "1e999", "nan", "x"]), text)
        if kind == 4:
            return text[:at]
        lines = text.splitlines(keepends=True)
        chance.shuffle(lines)
        return "".join(lines)

    def try_all(self, name, text, count, *words):
        chance = random.Random(name)
        for i in range(count):
            self.write(name, self.damage(text, chance))
            out = self.folder / f"{name}-{i}"
            done = self.tonnage("convert", name, *words, "-o", out)
            self.assertIn(done.returncode, (0, 3), f"{done.returncode} {done.stderr}\n{self.read(name)}")
            if done.returncode == 3:
                self.assertRegex(done.stderr, r"(?m)^\S+:\d+:\d+: error: ", self.read(name))
                self.assertFalse(out.exists())
            else:
                self.expect(0, "check", out / "scenario.yaml")
        self.assertEqual([p for p in self.folder.iterdir() if ".part" in p.name], [])

    def test_stock(self):
        self.try_all("stock.yaml", STOCK, 100)

    def test_path(self):
        self.try_all("path.yaml", PATH, 100)

    def test_infra(self):
        self.try_all("infra.json", json.dumps(INFRA, indent=1), 100, "--from", "West", "--to", "East")

    def test_osrd_stock(self):
        self.try_all("stock.json", json.dumps(STOCK_OSRD, indent=1), 100)

    def test_tables(self):
        self.try_all("t.csv", "km [km],name,lat [deg],lon [deg]\n0,a,1,2\n5,b,2,3\n9,\"c, d\",3,4\n", 100)
        self.try_all("g.csv", "km [km],grade [permil]\n0,5\n2,-3.5\n4.5,0\n", 100)


if __name__ == "__main__":
    unittest.main(verbosity=1)
