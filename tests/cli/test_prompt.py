#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command at the prompt: help, manual, completion, how it speaks. test_prompt.py TONNAGE [CLASS ...]."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from test_cli import ROOT, SCENARIOS, TONNAGE, TRAIN, Case, Sweep, terminal

PROBLEM = """{"trains": [[{"start_ub": 0, "min_duration": 5, "resources": [{"resource": "a"}], "successors": [1]},
  {"min_duration": 0, "successors": []}], [{"min_duration": 3, "resources": [{"resource": "a"}], "successors": [1]},
  {"min_duration": 0, "successors": []}]],
 "objective": [{"type": "op_delay", "train": 1, "operation": 1, "threshold": 3, "increment": 0, "coeff": 1}]}
"""


def need(test, program):
    """Skips loudly."""
    if not shutil.which(program):
        test.skipTest(f"{program} is not installed")


class Prompt(Case):
    def verbs(self):
        text = self.expect(0, "--help").stdout.split("Verbs:\n")[1].split("\n\n")[0]
        return re.findall(r"^  ([a-z]+) ", text, re.M)

    def parts(self, verb):
        """The verbs behind a verb, as words of a command line."""
        text = self.expect(0, verb, "--help").stdout.partition(f"Behind `tonnage {verb}`")[2]
        return [(verb, part) for part in re.findall(r"^  ([a-z]+) ", text.split("\n\n")[0], re.M)]

    def all_verbs(self):
        """Each verb, and each of its parts, as words of a command line."""
        verbs = Prompt.verbs(self)
        return [(verb,) for verb in verbs] + [part for verb in verbs for part in Prompt.parts(self, verb)]

    def rows(self, verb, heading):
        """The first words of the rows under a heading of the verb's help."""
        text = self.expect(0, verb, "--help").stdout.split(f"\n{heading}:\n")[1].split("\n\n")[0]
        return re.findall(r"^  (\S+) ", text, re.M)

    def test_common_options(self):
        self.write("tonnage: 1\nwrong: 1\n")
        for words in (["--color", "always", "check", "scenario.yaml"], ["check", "--color=always", "scenario.yaml"]):
            self.assertIn("\033[31m", self.expect(3, *words).stderr)
        env = {**self.environment, "NO_COLOR": "1"}
        self.assertIn("\033[31m", self.expect(3, "check", "--color=always", "scenario.yaml", env=env).stderr)
        self.expect(2, "--color=alwys", "check", "x", err="did you mean 'always'?")
        self.expect(2, "check", "x", "--color", "blue", err="unknown choice of --color 'blue'")
        self.expect(2, "--quite", "check", "x", err="did you mean '--quiet'?")
        self.expect(2, "sweep", "statsu", "out.h5", err="did you mean 'status'?")
        self.expect(2, "sweep", "statsu", err="did you mean 'status'?")
        self.expect(4, "sweep", "missing.yaml", "--plan", err="missing.yaml")
        self.write("tonnage: 1\n", "statsu")
        self.expect(3, "sweep", "statsu", "--plan", err="statsu")
        self.expect(2, "sweep", "status", "out.h5", "--quite", err="did you mean '--quiet'?")
        self.expect(2, "swep", "scenario.yaml", err="did you mean 'sweep'?")
        self.assertTrue(self.expect(0, "-q", "--help").stdout.startswith("Examples:"))

    def test_colour_never(self):
        self.write("tonnage: 1\nwrong: 1\n")
        master, slave = terminal(self)
        self.tonnage("check", "--color", "never", "scenario.yaml", env={**self.environment, "TERM": "xterm"},
                     capture_output=False, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        self.assertNotIn(b"\033", os.read(master, 65536))
        os.close(master)

    def test_quiet(self):
        self.write(Sweep.SWEEP + "lines: {id: l, stations: [{km: 0 km, name: a}, {km: 9 km, name: b}],\n"
                   "  limits: [{from: 90 km, to: 95 km, speed: 60 km/h}]}\n")
        self.assertIn("warning", self.expect(0, "check", "scenario.yaml").stderr)
        for words in (["check", "scenario.yaml"], ["run", "scenario.yaml", "-o", "a.h5"],
                      ["sweep", "scenario.yaml", "-o", "s.h5"], ["export", "a.h5", "--csv", "t"],
                      ["plot", "a.h5"], ["diff", "a.h5", "a.h5"], ["new", "-o", "n.yaml"]):
            done = self.expect(0, *words, "--quiet")
            self.assertEqual((done.stdout, done.stderr), ("", ""), words)
        self.assertEqual(self.expect(1, "diff", "a.h5", "s.h5", "-q").stdout, "")
        self.assertTrue(self.expect(0, "-q", "run", "scenario.yaml").stdout, "without a file the tables are the point")
        self.assertTrue(json.loads(self.expect(0, "-q", "run", "scenario.yaml", "--json", "-o", "b.h5").stdout))
        self.expect(3, "-q", "check", "s.h5", err="error")

    def test_verbose(self):
        self.write(TRAIN)
        done = self.expect(0, "run", "scenario.yaml", "-o", "a.h5", "-v")
        for words in "tonnage: read scenario.yaml, ", "stock/wagons.yaml", "study 'climb' took ", "wrote a.h5":
            self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, self.expect(0, "run", "scenario.yaml").stdout)

    def frames(self, *words, seconds=60, **environment):
        master, slave = terminal(self)
        start = time.monotonic()
        child = subprocess.Popen([TONNAGE, *words], cwd=self.folder, env={**self.environment, "TERM": "xterm", **environment},
                                 stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        text = b""
        while True:
            try:
                got = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not got:
                break
            text += got
        os.close(master)
        self.assertEqual(child.wait(seconds), 0)
        return text.decode(), time.monotonic() - start

    def test_progress(self):
        self.write(Sweep.SWEEP.replace("step: 250 t", "step: 0.5 t"))
        words = "sweep", "scenario.yaml", "-o", "out.h5", "-j", "1"
        text, took = self.frames(*words)
        shown = [frame for frame in text.split("\r\033[K") if frame]
        self.assertTrue(shown)
        self.assertLessEqual(len(shown), 10 * took + 4, "at most ten times a second")
        self.assertRegex(shown[0], r"^\[#* *\]  +\d+ %  \d+ of 8002 points")
        self.assertTrue(any(re.match(r"\[#+\] 100 %  8002 of 8002 points, \d+ a second, 0 s left$", f) for f in shown), shown)
        self.assertRegex(shown[-1], r"^\[#+\] 100 %  (\d+) of \1 chunks written, ")
        self.assertTrue(text.endswith("\r\033[K"), "and the bar goes")
        self.assertEqual(self.frames(*words, TERM="dumb")[0], "")
        self.assertEqual(self.frames(*words, "-q")[0], "")

    def test_progress_of_a_study(self):
        self.expect(0, "new", "brake_map", "-o", "map.yaml")
        grades = ", ".join(f"-{g} permil" for g in range(9, 15))
        words = "run", "map.yaml", "--set", f"studies.brake_map-1.grades=[{grades}]", "--set", "studies.brake_map-1.loads=[4000 t, 5000 t]"
        text, took = self.frames(*words)
        shown = [frame for frame in text.split("\r\033[K") if frame]
        self.assertTrue(shown)
        self.assertLessEqual(len(shown), 10 * took, "at most ten times a second")
        for frame in shown:
            self.assertRegex(frame, r"^\[#* *\] +\d+ %  \d+ of 24 descents")
        counts = [int(re.search(r"(\d+) of", frame)[1]) for frame in shown]
        self.assertEqual(counts, sorted(set(counts)))
        self.assertTrue(text.endswith("\r\033[K"), "and the bar goes")
        self.assertEqual(self.frames(*words, TERM="dumb")[0], "")
        self.assertEqual(self.frames(*words, "-q")[0], "")
        printed = {self.expect(0, "run", "map.yaml", "--json", env={**self.environment, "OMP_NUM_THREADS": n}).stdout for n in "14"}
        self.assertEqual(len(printed), 1, "whatever the number of threads")

    def test_new(self):
        kinds = self.rows("new", "KIND")
        self.assertEqual(kinds, re.findall(r"^  ([a-z_]+) ", self.expect(0, "run", "--help").stdout
                                           .split("Studies that a file may ask for:")[1], re.M))
        for kind in kinds:
            name = f"{kind}.yaml"
            self.assertIn(f"tonnage run {name}", self.expect(0, "new", kind, "-o", name).stdout)
            text = (self.folder / name).read_text()
            self.assertEqual(text, self.expect(0, "new", kind).stdout)
            self.expect(0, "check", name)
            done = self.tonnage("run", name, "--json")
            self.assertIn(done.returncode, (0, 1), f"{kind}: {done.stderr}")
            self.assertEqual(json.loads(done.stdout)["results"][0]["study"], kind)
        self.assertEqual(self.expect(0, "new").stdout, (self.folder / "run.yaml").read_text())
        self.expect(2, "new", "run", "-o", "run.yaml", err="there already")
        self.expect(2, "new", "brake-map", err="did you mean 'brake_map'?")
        self.expect(4, "new", "-o", "no/where.yaml", err="no/where.yaml")

    def test_what_a_starter_tells_is_true(self):
        """Each field that stands in a comment is one that may be said there."""
        text = self.expect(0, "new", "stop").stdout
        known = self.expect(0, "schema", "stop").stdout
        for name in re.findall(r"^    # ([a-z_]+): ", text.split("kind: stop")[1], re.M):
            self.assertRegex(known, rf"(?m)^  {name} ")
        head, tail = text.split("kind: stop")
        self.write(head + "kind: stop" + tail.replace("    # brake: ", "    brake: service # "))
        self.expect(0, "check", "scenario.yaml")

    def test_examples(self):
        """The examples of every verb, in the order in which they make what the others need."""
        (self.folder / "scenarios").symlink_to(SCENARIOS)
        self.write(PROBLEM, "problem.json")
        self.write(TRAIN)
        for name in "before.h5", "after.h5":
            self.expect(0, "run", "scenario.yaml", "-o", name)
        data = ROOT / "tests" / "data" / "trainruns"
        for path in [*data.glob("*.yaml"), *(ROOT / "tests" / "data" / "railjson").glob("*.json"),
                     *(ROOT / "tests" / "data" / "tables").glob("*.csv")]:
            shutil.copy(path, self.folder)
        for folder in ".local/share/bash-completion/completions", ".config/fish/completions":
            os.makedirs(self.folder / folder)
        env = {**self.environment, "HOME": str(self.folder), "PATH": f"{TONNAGE.parent}:{os.environ['PATH']}"}
        verbs = self.all_verbs()
        texts = {verb: self.expect(0, *verb, "--help").stdout for verb in verbs}
        first = [("run",), ("sweep",), *self.parts("sweep")]
        count = 0
        for text in [self.expect(0, "--help").stdout] + [texts[v] for v in first + [v for v in verbs if v not in first]]:
            lines = re.findall(r"^  (tonnage .*)$", text.split("\n\n")[0], re.M)
            self.assertTrue(lines, text)
            for line in lines:
                if "| man " in line and not shutil.which("man"):
                    continue
                done = subprocess.run(["sh", "-c", line], cwd=self.folder, env=env, capture_output=True, text=True,
                                      timeout=300)
                self.assertIn(done.returncode, (0, 1), f"{line}\n{done.stderr}")
                count += 1
        self.assertGreater(count, 2 * len(verbs) - 6)

    def test_schema_of_scenarios(self):
        try:
            import jsonschema
            import yaml
        except ImportError as error:
            self.skipTest(f"python3-{error.name} is not installed")
        schema = json.loads(self.expect(0, "schema", "--json").stdout)
        jsonschema.Draft7Validator.check_schema(schema)
        judge = jsonschema.Draft7Validator(schema)
        paths = [*SCENARIOS.glob("*.yaml"), *SCENARIOS.glob("*/*.yaml")]
        self.assertGreater(len(paths), 5)
        for path in paths:
            text = path.read_text()
            where = "../" if path.parent != SCENARIOS else ""
            self.assertEqual(text.split("\n")[0], f"# yaml-language-server: $schema={where}scenario.schema.json", path)
            self.assertEqual([e.message[:200] for e in judge.iter_errors(yaml.safe_load(text))], [], path)
        for kind in self.rows("new", "KIND"):
            starter = yaml.safe_load(self.expect(0, "new", kind).stdout)
            self.assertEqual([e.message[:200] for e in judge.iter_errors(starter)], [], kind)
        for wrong in {"trians": []}, {"trains": [{"id": "a", "limit": 80}]}, {"studies": [{"id": "a", "kind": "strat"}]}:
            self.assertTrue(list(judge.iter_errors(wrong)), wrong)


class Manual(Case):
    def pages(self):
        self.expect(0, "manual", "-o", "man")
        return sorted((self.folder / "man").iterdir())

    def test_pages(self):
        verbs = Prompt.all_verbs(self)
        self.assertIn(("sweep", "status"), verbs)
        names = [page.name for page in self.pages()]
        self.assertEqual(names, sorted([f"tonnage-{'-'.join(verb)}.1" for verb in verbs] + ["tonnage.1", "tonnage-scenario.5"]))
        for verb in verbs:
            text = (self.folder / "man" / f"tonnage-{'-'.join(verb)}.1").read_text()
            self.assertEqual(text, self.expect(0, "manual", *verb).stdout)
            helped = self.expect(0, *verb, "--help").stdout
            for option in re.findall(r"--([a-z-]+)", helped.split("Options:\n")[1].split("\n\n")[0]):
                self.assertIn("\\-\\-" + option.replace("-", "\\-"), text)
        self.expect(2, "manual", "rnu", err="did you mean 'run'?")
        self.expect(2, "manual", "sweep", "statsu", err="did you mean 'status'?")
        self.expect(2, "manual", "run", "status", err="'run' has no part 'status'")

    def test_groff(self):
        need(self, "groff")
        for page in self.pages():
            done = subprocess.run(["groff", "-man", "-ww", "-b", "-z", "-Tutf8", page], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)

    def test_mandoc(self):
        need(self, "mandoc")
        for page in self.pages():
            done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], capture_output=True, text=True)
            said = [line for line in done.stdout.splitlines() if "missing date" not in line]  # equal sources, equal pages
            self.assertEqual(said, [], page.name)


class Completion(Case):
    def setUp(self):
        super().setUp()
        for name in "a.h5", "b c.h5", "s.yaml", "p.json", "other.txt":
            self.write("", name)
        (self.folder / "folder").mkdir()

    def script(self, shell):
        return self.write(self.expect(0, "completion", shell).stdout, f".{shell}")

    def check_all(self, complete):
        """complete(*words) gives what may stand for the last of them."""
        self.assertTrue(set(Prompt.verbs(self)) <= set(complete("tonnage", "")))
        self.assertEqual(complete("tonnage", "sw"), ["sweep"])
        for verb in Prompt.all_verbs(self):
            options = set(re.findall(r"--([a-z-]+)", self.expect(0, *verb, "--help").stdout.split("Options:\n")[1]
                                     .split("\n\n")[0]))
            self.assertEqual(set(complete("tonnage", *verb, "--")), {f"--{option}" for option in options}, verb)
        self.assertTrue({"status", "verify", "merge", "slurm", "s.yaml"} <= set(complete("tonnage", "sweep", "")))
        self.assertNotIn("s.yaml", complete("tonnage", "sweep", "status", ""))
        self.assertIn("a.h5", complete("tonnage", "sweep", "status", ""))
        kinds = Prompt.rows(self, "plot", "KIND")
        self.assertEqual(sorted(complete("tonnage", "plot", "a.h5", "")), sorted(kinds))
        self.assertEqual(sorted(complete("tonnage", "new", "brake_")), ["brake_cycle", "brake_map", "brake_test"])
        self.assertEqual(sorted(complete("tonnage", "run", "s.yaml", "--color", "a")), ["always", "auto"])
        self.assertEqual(complete("tonnage", "-q", "completion", "fi"), ["fish"])
        files = complete("tonnage", "plot", "")
        self.assertIn("a.h5", files)
        self.assertNotIn("other.txt", files)
        self.assertEqual([name for name in complete("tonnage", "check", "s.yaml", "") if "." in name and "/" not in name],
                         sorted(["p.json", "s.yaml"]))
        self.assertEqual([name.rstrip("/") for name in complete("tonnage", "export", "a.h5", "--csv", "")], ["folder"])

    def test_bash(self):
        need(self, "bash")
        script = self.script("bash")

        def complete(*words):
            done = subprocess.run(["bash", "--norc", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tonnage;'
                                   'printf "%s\\n" "${COMPREPLY[@]}"', script, *words], cwd=self.folder, env=self.environment,
                                  capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            return sorted(filter(None, done.stdout.split("\n")))

        self.check_all(complete)
        self.assertIn("b c.h5", complete("tonnage", "info", "b"))
        self.assertEqual(complete("tonnage", "run", "--color", "=", "al"), ["always"])
        done = subprocess.run(["bash", "--norc", "-c", 'source "$0"; complete -p tonnage', script], capture_output=True, text=True)
        self.assertIn("_tonnage", done.stdout)

    def test_fish(self):
        need(self, "fish")
        script = self.script("fish")

        def complete(*words):
            line = " ".join(words)
            done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], cwd=self.folder,
                                  env={**self.environment, "HOME": str(self.folder)}, capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            return sorted(line.split("\t")[0] for line in done.stdout.splitlines())

        self.check_all(complete)

    def test_zsh(self):
        need(self, "zsh")
        script = self.script("zsh")
        captured = self.write("", ".captured")
        # What compsys adds, in a terminal with a line editor; a widget tells when all is there.
        self.write("PS1=; autoload -Uz compinit; compinit -u -D; source $SCRIPT\n"
                   "compadd() {\n"
                   "    local hits=() given=\" ${(j: :)@[1,(i)(-|--)]} \"\n"
                   "    [[ $given == *' -'[OAD]* ]] || builtin compadd -A hits \"$@\"\n"
                   "    (($#hits)) && print -rl -- $hits >>$CAPTURED\n"
                   "    builtin compadd \"$@\"\n"
                   "}\n"
                   "captured() { zle list-choices; print -r -- END >>$CAPTURED }\n"
                   "zle -N captured; bindkey '^I' captured; LISTMAX=9999; print -r -- END >>$CAPTURED\n", ".zshrc")
        child, master = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-d", "-i"], {**self.environment, "TERM": "dumb", "ZDOTDIR": str(self.folder),
                                                    "SCRIPT": str(script), "CAPTURED": str(captured)})
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.close, master)

        def wait():
            end = time.monotonic() + 30
            while not (text := captured.read_text()).endswith("END\n"):
                self.assertLess(time.monotonic(), end, text)
                if select.select([master], [], [], 0.01)[0]:
                    os.read(master, 65536)
            captured.write_text("")
            return text.split("\n")[:-2]

        def complete(*words):
            os.write(master, b"\025" + " ".join(words).encode() + b"\t")
            return sorted(set(wait()))

        wait()
        self.check_all(complete)


if __name__ == "__main__":
    unittest.main()
