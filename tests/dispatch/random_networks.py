#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small random networks: `tonnage dispatch` never writes a wrong solution, says that there is none exactly where trying
every order of events finds none, comes near the best order, and does not depend on the number of threads.

usage: random_networks.py TONNAGE [FIRST_SEED [COUNT]]; a network that fails is left as FILE and shrunk by whole trains."""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

STATES = 60000


def network(seed):
    """Trains both ways over stations with few tracks; some stand on the line from the beginning."""
    r = random.Random(seed)
    stations = [r.choice([1, 1, 2, 2, 3]) for _ in range(r.randint(1, 3))]
    release = r.choice([0, 0, 3])
    trains, objective = [], []
    for t in range(r.randint(1, 4)):
        way = []  # groups of alternatives
        for i, tracks in enumerate(stations):
            way += [[f"s{i}"], [f"t{i}.{k}" for k in range(tracks)]]
        way.append([f"s{len(stations)}"])
        if r.random() < 0.5:
            way.reverse()
        stands = r.random() < 0.5
        if stands:
            way = way[r.randrange(len(way)):]
            way[0] = [r.choice(way[0])]
        groups = ([] if stands else [[None]]) + way + [[None]]
        train, index = [], 0
        for i, group in enumerate(groups):
            after = index + len(group)
            following = list(range(after, after + len(groups[i + 1]))) if i + 1 < len(groups) else []
            for name in group:
                op = {"min_duration": r.choice([0, 4, 5, 9]) if name else 0, "successors": following}
                if name:
                    op["resources"] = [{"resource": name, "release_time": release}]
                if i == 0:
                    op["start_ub"] = 0
                    op["min_duration"] = 0 if not name else op["min_duration"]
                elif r.random() < 0.2:
                    op["start_lb"] = r.randint(0, 30)
                train.append(op)
            index = after
        trains.append(train)
        objective.append({"type": "op_delay", "train": t, "operation": index - 1, "threshold": r.randint(0, 40),
                          "coeff": r.choice([1, 2])})
    return {"trains": trains, "objective": objective}


def cost(problem, train, op, time):
    return sum((time - c["threshold"]) * c.get("coeff", 0) + c.get("increment", 0) for c in problem["objective"]
               if c["train"] == train and c["operation"] == op and time >= c["threshold"])


def verdict(problem, solution):
    """None, or what is wrong."""
    trains, at, last, total = problem["trains"], {}, 0, 0
    holds, freed = {}, {}
    for e in solution["events"]:
        time, t, i = e["time"], e["train"], e["operation"]
        op = trains[t][i]
        if time < last or time < op.get("start_lb", 0) or time > op.get("start_ub", time):
            return f"times {e}"
        last = time
        if t in at:
            before, since = at[t]
            if i not in trains[t][before]["successors"] or time < since + trains[t][before]["min_duration"]:
                return f"path {e}"
            for use in trains[t][before].get("resources", []):
                del holds[use["resource"]]
                freed[use["resource"]] = (t, time + use.get("release_time", 0))
        elif i:
            return f"entry {e}"
        for use in op.get("resources", []):
            owner, free = freed.get(use["resource"], (t, 0))
            if use["resource"] in holds or (owner != t and time < free):
                return f"resource {e}"
            holds[use["resource"]] = t
        at[t] = (i, time)
        total += cost(problem, t, i, time)
    if any(at.get(t, (None,))[0] != len(train) - 1 for t, train in enumerate(trains)):
        return "a train does not arrive"
    return None if total == solution["objective_value"] else f"objective {total}"


def best_order(problem):
    """The least cost over all orders of events, each as early as it can be; None = there is no order; False = too many."""
    trains, states, best = problem["trains"], 0, [None]
    seen = {}

    def search(at, clock, holds, freed, so_far):
        nonlocal states
        states += 1
        if states > STATES:
            raise OverflowError
        if best[0] is not None and so_far >= best[0]:
            return
        key = (tuple(at), clock, tuple(sorted(freed.items())))
        if seen.get(key, so_far + 1) <= so_far:
            return
        seen[key] = so_far
        if all(a[0] == len(train) - 1 for a, train in zip(at, trains)):
            best[0] = so_far
            return
        moves = []
        for t, (i, since) in enumerate(at):
            ready = clock if i < 0 else max(clock, since + trains[t][i]["min_duration"])
            for k in [0] if i < 0 else trains[t][i]["successors"]:
                op = trains[t][k]
                time = max(ready, op.get("start_lb", 0))
                for use in op.get("resources", []):
                    if holds.get(use["resource"], t) != t:
                        time = None
                        break
                    owner, free = freed.get(use["resource"], (t, 0))
                    time = max(time, free) if owner != t else time
                if time is not None and time <= op.get("start_ub", time):
                    moves.append((time, t, k))
        for time, t, k in sorted(moves):
            i = at[t][0]
            h, f = dict(holds), dict(freed)
            for use in trains[t][i].get("resources", []) if i >= 0 else []:
                del h[use["resource"]]
                f[use["resource"]] = (t, time + use.get("release_time", 0))
            for use in trains[t][k].get("resources", []):
                h[use["resource"]] = t
            search(at[:t] + [(k, time)] + at[t + 1:], time, h, f, so_far + cost(problem, t, k, time))

    try:
        search([(-1, 0)] * len(trains), 0, {}, {}, 0)
    except OverflowError:
        return False
    return best[0]


def failure(tonnage, folder, problem, threads):
    """None, or what is wrong; and whether the best order was found (None = not known)."""
    given, texts = folder / "problem.json", set()
    given.write_text(json.dumps(problem))
    for count in threads:
        out = folder / "solution.json"
        out.unlink(missing_ok=True)
        done = subprocess.run([tonnage, "dispatch", given, "-o", out, "--iterations", "2000", "--threads", str(count)],
                              capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 1) or (done.returncode == 0) != out.exists():
            return f"exit {done.returncode}: {done.stderr}", None
        texts.add(out.read_text() if out.exists() else "")
    if len(texts) > 1:
        return "depends on the number of threads", None
    text, best = texts.pop(), best_order(problem)
    if not text:
        return ("no solution found, but there is one" if best not in (None, False) else None), None
    solution = json.loads(text)
    wrong = verdict(problem, solution)
    if wrong or best is None:
        return wrong or "solved what has no solution", None
    if best is not False and solution["objective_value"] < best:
        return f"objective {solution['objective_value']}, but the best order has {best}", None
    judged = subprocess.run([tonnage, "dispatch", "--verify", given, folder / "solution.json"], capture_output=True,
                            text=True, timeout=60)
    return (judged.stderr or "verify fails" if judged.returncode else None), \
        None if best is False else solution["objective_value"] == best


def without(problem, train):
    kept = [c for c in problem["objective"] if c["train"] != train]
    return {"trains": problem["trains"][:train] + problem["trains"][train + 1:],
            "objective": [{**c, "train": c["train"] - (c["train"] > train)} for c in kept]}


def main():
    tonnage = Path(sys.argv[1]).resolve()
    first, count = (int(x) for x in (sys.argv[2:] + ["1", "100"][len(sys.argv) - 2:]))
    equal = known = unsolvable = 0
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, first + count):
            problem = network(seed)
            wrong, best = failure(tonnage, Path(name), problem, (1, 2, 3) if seed % 4 == 0 else (2,))
            if wrong:
                train = 0
                while train < len(problem["trains"]):
                    smaller = without(problem, train)
                    if failure(tonnage, Path(name), smaller, (1, 2, 3))[0]:
                        problem = smaller
                    else:
                        train += 1
                kept = Path(tempfile.gettempdir()) / f"tonnage-network-{seed}.json"
                kept.write_text(json.dumps(problem))
                sys.exit(f"seed {seed}: {wrong}; see {kept}")
            known += best is not None
            equal += bool(best)
            unsolvable += not (Path(name) / "solution.json").exists()
    print(f"{count} networks, {unsolvable} without solution; the best order found in {equal} of {known}")
    if equal < 0.9 * known:
        sys.exit("the best order is missed too often")


if __name__ == "__main__":
    main()
